/* also.c - see also.h. */
#include "recommend/also.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct counting { uint32_t *n_both, *touched; struct also *found; size_t n_customers; };

size_t also_customers(const struct sparse *matrix)
{
    size_t n = 0;
    for (size_t r = 0; r < matrix->n_rows; r++) n += matrix->first[r + 1] > matrix->first[r];
    return n;
}

static void counting_open(struct counting *counting, const struct sparse *matrix)
{
    size_t n_items = matrix->n_columns;
    counting->n_customers = also_customers(matrix);
    counting->n_both = memory_new(n_items + 1, sizeof *counting->n_both);
    counting->touched = memory_new(n_items + 1, sizeof *counting->touched);
    counting->found = memory_new(n_items + 1, sizeof *counting->found);
}

static void counting_close(struct counting *counting)
{
    free(counting->n_both);
    free(counting->touched);
    free(counting->found);
}

static int compare_also(const void *a_pointer, const void *b_pointer)
{
    const struct also *a = a_pointer, *b = b_pointer;
    if (a->low < b->low || a->low > b->low) return a->low > b->low ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

struct also also_describe(uint32_t other, uint32_t n_both, size_t n_item, size_t n_other, size_t n_customers)
{
    double both = n_both, item = (double)n_item, others = (double)n_other, all = (double)n_customers;
    double lift = both * all / (item * others);
    double error = sqrt(fmax(1 / both - 1 / item + 1 / others - 1 / all, 0));
    return (struct also){ other,       n_both,       lift, lift * exp(-1.96 * error), lift * exp(1.96 * error),
                          both / item, both / others };
}

static size_t customers_of(const struct sparse *turned, uint32_t item)
{
    return turned->first[item + 1] - turned->first[item];
}

static size_t find(struct counting *counting, const struct sparse *matrix, const struct sparse *turned,
                   uint32_t item, size_t k, struct also *ret_also)
{
    size_t n_touched = 0, n = 0, n_item = customers_of(turned, item);
    for (size_t a = turned->first[item]; a < turned->first[item + 1]; a++)
        for (size_t b = matrix->first[turned->column[a]]; b < matrix->first[turned->column[a] + 1]; b++)
            if (counting->n_both[matrix->column[b]]++ == 0) counting->touched[n_touched++] = matrix->column[b];
    for (size_t t = 0; t < n_touched; t++) {
        uint32_t other = counting->touched[t], n_both = counting->n_both[other];
        counting->n_both[other] = 0;
        if (other != item && n_both >= ALSO_CUSTOMERS_LEAST)
            counting->found[n++] =
                also_describe(other, n_both, n_item, customers_of(turned, other), counting->n_customers);
    }
    qsort(counting->found, n, sizeof *counting->found, compare_also);
    if (n > k) n = k;
    if (n) memcpy(ret_also, counting->found, n * sizeof *ret_also);
    return n;
}

/* ---- all ---- */

enum { ITEMS_EACH = 64 };

struct finding {
    const struct sparse *matrix, *turned;
    struct counting     *countings;
    struct also         *found;
};

static void find_piece(void *context, size_t piece, unsigned thread)
{
    const struct finding *finding = context;
    size_t end = (piece + 1) * ITEMS_EACH;
    for (size_t item = piece * ITEMS_EACH; item < end && item < finding->turned->n_rows; item++)
        (void)find(&finding->countings[thread], finding->matrix, finding->turned, (uint32_t)item, ALSO_KEPT,
                   finding->found + item * ALSO_KEPT);
}

struct also *also_find_all(const struct sparse *matrix, const struct sparse *turned, unsigned n_threads,
                           struct arena *arena)
{
    size_t n_items = turned->n_rows;
    struct counting *countings = memory_new(n_threads, sizeof *countings);
    struct finding finding = { matrix, turned, countings,
                               ARENA_ARRAY(arena, struct also, n_items * ALSO_KEPT + 1) };
    for (unsigned t = 0; t < n_threads; t++) counting_open(&countings[t], matrix);
    parallel_for(n_threads, (n_items + ITEMS_EACH - 1) / ITEMS_EACH, find_piece, &finding);
    for (unsigned t = 0; t < n_threads; t++) counting_close(&countings[t]);
    free(countings);
    return finding.found;
}
