/* page_edge.h - rows that stand twice because an export was made page by page and each page began with the last rows of
 * the one before, as where orders come in meanwhile.
 *
 * Such rows follow at once those that they repeat: A B C, B C, D.  The same item twice in an order looks alike where only
 * one order is repeated, so that more than one order, or a place where pages of one length end, has to show it. */
#ifndef TABLE_PAGE_EDGE_H
#define TABLE_PAGE_EDGE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct page_edge {
    uint64_t first;             /* of the rows that are repeated once more, counted from 0 */
    uint32_t n;                 /* how many follow */
    bool     has_orders;        /* they are of more than one order */
    bool     is_one;            /* judged to be a page's edge */
};

/* Runs of rows that repeat those just before them, in the arena.
 * message [n] what each row says, order [n] whose line it is.  Returns how many there are. */
size_t page_edges_find(const uint64_t *message, const uint64_t *order, size_t n, struct arena *arena,
                       struct page_edge **ret_edges);

/* Which of the runs of a whole file are edges, by all of them; first is then counted over the file. */
void page_edges_judge(struct page_edge *const *edges, size_t n);

#endif
