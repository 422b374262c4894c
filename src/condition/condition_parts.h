/* condition_parts.h - the parts of a condition: "a > 1 AND (b OR c)" has "a > 1" and "(b OR c)".  Pure. */
#ifndef CONDITION_CONDITION_PARTS_H
#define CONDITION_CONDITION_PARTS_H

#include "base/text.h"

#include <stdbool.h>

enum { CONDITION_PARTS_MOST = 32 };

/* Split at its outermost ORs, *ret_is_or, else at its outermost ANDs; what stands within quotes, brackets, CASE ... END
 * or behind BETWEEN is not looked into.  One part where there is nothing to split, or more than CONDITION_PARTS_MOST.
 * ret_parts [CONDITION_PARTS_MOST] are views into sql.  Of what is no condition the parts are none either. */
size_t condition_parts(struct text sql, struct text *ret_parts, bool *ret_is_or);

#endif
