/* expression_range.h - arithmetic on ranges (Moore 1966): what an operator of SQLite can make of operands of which
 * it is known between which numbers they are.
 *
 * Rounding goes in the same direction for larger operands, so the ends of a range, computed as SQLite computes,
 * are ends of all that it would compute between them. */
#ifndef CONDITION_EXPRESSION_RANGE_H
#define CONDITION_EXPRESSION_RANGE_H

#include "condition/expression_tree.h"

#include <math.h>

/* Numbers from low to high, none if low > high; and NULL.  is_any: or texts.  is_real: certainly no integers. */
struct range { double low, high; bool has_null, is_any, is_real; };

extern const struct range range_anything, range_nothing;    /* range_nothing: NULL */

static inline struct range range_point(double a) { return (struct range){ a, a, false, false, true }; }
static inline bool range_is_empty(struct range a) { return a.low > a.high; }
static inline bool range_can_be_false(struct range a) { return a.is_any || (a.low <= 0 && a.high >= 0); }
static inline bool range_can_be_true(struct range a)
{
    return a.is_any || (!range_is_empty(a) && (a.low != 0 || a.high != 0));
}

/* What is in one or the other; and a range wider by what functions of mathematical libraries differ. */
struct range range_hull(struct range a, struct range b);
struct range range_widened(struct range a);

/* What a node of a kind with one child, or two, can be. */
struct range range_of_one(enum node_kind kind, struct range a);
struct range range_of_two(enum node_kind kind, struct range a, struct range b);

#endif
