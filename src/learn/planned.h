/* planned.h - what the last plan that was committed says of a customer, as long as its horizon is not over. */
#ifndef LEARN_PLANNED_H
#define LEARN_PLANNED_H

#include "base/err.h"
#include "decide/policy.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdint.h>

/* Whether any plan was ever committed.  Errors: those of the store. */
bool planned_any(struct store *store, atomic_bool *ret_any, struct err *err) MUST_CHECK;

/* members [n_members]: all identities of the customer.  *ret_policy lives in the arena; NULL: there is no plan that
 * stands, or none of the actions [n] is one that it weighed.  Errors: those of the store. */
bool planned_find(struct store *store, const uint32_t *members, size_t n_members, const struct text *actions,
                  size_t n, int64_t now_ms, struct arena *arena, const struct policy **ret_policy,
                  struct err *err) MUST_CHECK;

#endif
