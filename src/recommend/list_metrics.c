/* list_metrics.c - see list_metrics.h. */
#include "recommend/list_metrics.h"

#include "base/memory.h"
#include "recommend/interactions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *list_metric_word(enum list_metric metric)
{
    static const char *const words[LIST_METRICS] = { "ndcg_10", "precision_10", "recall_10", "hit_10", "map_10" };
    return words[metric];
}

void list_judge(const uint32_t *list, size_t n, size_t k, const uint32_t *truth, size_t n_truth,
                double ret_values[LIST_METRICS])
{
    double gain = 0, ideal = 0, precisions = 0;
    size_t n_hits = 0;
    for (size_t i = 0; i < n && i < k; i++) {
        if (!items_have(truth, n_truth, list[i])) continue;
        n_hits++;
        gain += 1 / log2((double)i + 2);
        precisions += (double)n_hits / (double)(i + 1);
    }
    for (size_t i = 0; i < k && i < n_truth; i++) ideal += 1 / log2((double)i + 2);
    ret_values[LIST_NDCG] = ideal > 0 ? gain / ideal : 0;
    ret_values[LIST_PRECISION] = k > 0 ? (double)n_hits / (double)k : 0;
    ret_values[LIST_RECALL] = n_truth > 0 ? (double)n_hits / (double)n_truth : 0;
    ret_values[LIST_HIT] = n_hits > 0;
    ret_values[LIST_MAP] = n_truth > 0 ? precisions / (double)n_truth : 0;
}

double lists_coverage(const uint32_t *shown, size_t n_items)
{
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++) n += shown[i] > 0;
    return n_items > 0 ? (double)n / (double)n_items : 0;
}

static double total_of(const uint32_t *counts, size_t n_items)
{
    double total = 0;
    for (size_t i = 0; i < n_items; i++) total += counts[i];
    return total;
}

static int compare_counts(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

double lists_gini(const uint32_t *shown, size_t n_items)
{
    double total = total_of(shown, n_items), sum = 0;
    if (n_items == 0 || total <= 0) return 0;
    uint32_t *sorted = memory_new(n_items, sizeof *sorted);
    memcpy(sorted, shown, n_items * sizeof *sorted);
    qsort(sorted, n_items, sizeof *sorted, compare_counts);
    for (size_t i = 0; i < n_items; i++) sum += (2 * ((double)i + 1) - (double)n_items - 1) * sorted[i];
    free(sorted);
    return sum / ((double)n_items * total);
}

double lists_novelty(const uint32_t *shown, const uint32_t *had, size_t n_items)
{
    double total = total_of(had, n_items), n_shown = total_of(shown, n_items), sum = 0;
    for (size_t i = 0; i < n_items; i++)
        if (shown[i] > 0) sum += shown[i] * log2((total > 0 ? total : 1) / (had[i] > 0 ? had[i] : 1));
    return n_shown > 0 ? sum / n_shown : 0;
}
