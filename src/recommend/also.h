/* also.h - what is had together with an item: how many customers have both, and how many times more often than by
 * chance. */
#ifndef RECOMMEND_ALSO_H
#define RECOMMEND_ALSO_H

#include "recommend/interactions.h"

enum { ALSO_CUSTOMERS_LEAST = 5, ALSO_KEPT = 20 };

/* lift = n_both n_customers / (n_item n_other), its 95 % interval by the logarithm's standard error
 * sqrt(1 / n_both - 1 / n_item + 1 / n_other - 1 / n_customers) (relative risk, Katz 1978).  forward is the share
 * of the item's customers who have the other, backward that of the other's who have the item. */
struct also { uint32_t item, n_both; double lift, low, high, forward, backward; };

/* What n_both of n_customers having both items says, of whom n_item have the first and n_other the other. */
struct also also_describe(uint32_t other, uint32_t n_both, size_t n_item, size_t n_other, size_t n_customers);

size_t also_customers(const struct sparse *matrix);     /* those who have anything: n_customers of the above */

/* For all items, those that at least ALSO_CUSTOMERS_LEAST customers have with it, by falling low end of the lift:
 * [n_items x ALSO_KEPT], those that are not there with n_both 0; in the arena.  turned is items x customers. */
struct also *also_find_all(const struct sparse *matrix, const struct sparse *turned, unsigned n_threads,
                           struct arena *arena);

#endif
