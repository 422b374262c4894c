/* list_metrics.h - how good lists of items are: against what customers then did, and as a whole.
 *
 * Whatever a customer did counts once (binary relevance).  Sources: Jarvelin & Kekalainen 2002 (nDCG); the
 * definitions of gorse and of Microsoft's Recommenders, whose test values tests/recommend/list_metrics_test.c
 * holds. */
#ifndef RECOMMEND_LIST_METRICS_H
#define RECOMMEND_LIST_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum list_metric { LIST_NDCG, LIST_PRECISION, LIST_RECALL, LIST_HIT, LIST_MAP, LIST_METRICS };
const char *list_metric_word(enum list_metric metric);      /* "ndcg_10" and so on, as leaderboards say it */

/* Of one customer's list [n], best first, cut at k, against the items [n_truth > 0, ascending] that they had:
 * precision is hits / k; recall hits / n_truth; MAP the sum of precisions at each hit / n_truth; nDCG's ideal has
 * min(k, n_truth) hits. */
void list_judge(const uint32_t *list, size_t n, size_t k, const uint32_t *truth, size_t n_truth,
                double ret_values[LIST_METRICS]);

/* Of all lists together: shown [n_items] is how often each item is in one. */
double lists_coverage(const uint32_t *shown, size_t n_items);       /* share of the items that are in some list */
double lists_gini(const uint32_t *shown, size_t n_items);           /* 0 all alike .. 1 one item only */
/* The mean of -log2(share of the interactions that an item has) over what is shown; had [n_items] interactions of
 * each.  Items without any count as if they had one. */
double lists_novelty(const uint32_t *shown, const uint32_t *had, size_t n_items);

#endif
