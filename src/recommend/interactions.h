/* interactions.h - what customers did with items, as arrays: the ground of all recommendations.
 *
 * Customers and items are numbers from 0.  Items are numbered by their names in ascending order, so that a tie
 * between two items broken by number is broken by name. */
#ifndef RECOMMEND_INTERACTIONS_H
#define RECOMMEND_INTERACTIONS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One event with an item.  A weight below 0 takes back the customer's latest earlier ones of the item, one for
 * each whole weight; a row's own weight says how much its kind counts. */
struct interaction {
    uint32_t customer, item;
    float    weight, quantity;
    int64_t  time_ms;
};

struct interactions {
    size_t              n_customers, n_items, n;
    size_t *first; /* [n_customers + 1] customer c's are rows[first[c]] .. rows[first[c + 1] - 1] */
    struct interaction *rows;       /* [n] by customer, time and item; weights above 0 */
    int64_t             first_ms, last_ms;      /* 0 if there are none; equal where nothing has a time */
};

/* Puts rows in order, in place, which then belong to the result; what was taken back is left out. */
void interactions_build(struct interaction *rows, size_t n, size_t n_customers, size_t n_items,
                        struct arena *arena, struct interactions *ret_interactions);

/* The same for the rows of one customer alone: returns how many are left. */
size_t interactions_settle(struct interaction *rows, size_t n);

/* Those that happened in [from_ms, to_ms). */
void interactions_between(const struct interactions *all, int64_t from_ms, int64_t to_ms, struct arena *arena,
                          struct interactions *ret_interactions);

/* A share (0 to 1) of each customer's items, drawn at random, with all that was done with them, and the rest. */
void interactions_draw(const struct interactions *all, double share, uint64_t seed, struct arena *arena,
                       struct interactions *ret_drawn, struct interactions *ret_rest);

/* Customers x items, or turned round, by rows; columns ascend within a row. */
struct sparse {
    size_t    n_rows, n_columns;
    size_t   *first;        /* [n_rows + 1] */
    uint32_t *column;
    float    *value;
};

struct sparse sparse_turn(const struct sparse *matrix, struct arena *arena);

/* How a customer's weight w and quantity q of an item become its value. */
enum saturation {
    SATURATION_ONCE,            /* 1 */
    SATURATION_REPEATS,         /* 1 + ln(1 + w) - ln 2, which is 1 for w = 1 */
    SATURATION_QUANTITY,        /* the same of q */
    SATURATIONS
};

/* Customers x items.  Of a customer with more items than this only the latest count, so that pairs of items stay
 * few: somebody with 100,000 items would make 10,000 million pairs, and say nothing about taste. */
enum { INTERACTIONS_ITEMS_MOST = 1000 };
struct sparse interactions_matrix(const struct interactions *interactions, enum saturation saturation,
                                  struct arena *arena);

/* The items of one customer, ascending, from their rows [n] by time: ret_item and ret_value have room for n.
 * Returns how many. */
size_t interactions_items(const struct interaction *rows, size_t n, enum saturation saturation, uint32_t *ret_item,
                          float *ret_value);

bool items_have(const uint32_t *items, size_t n, uint32_t item);       /* items [n] ascending */

#endif
