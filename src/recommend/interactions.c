/* interactions.c - see interactions.h. */
#include "recommend/interactions.h"

#include "base/memory.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- in order ---- */

static int compare_rows(const void *a_pointer, const void *b_pointer)
{
    const struct interaction *a = a_pointer, *b = b_pointer;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    if (a->item != b->item) return a->item < b->item ? -1 : 1;
    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return (a->quantity > b->quantity) - (a->quantity < b->quantity);
}

static bool is_in_order(const struct interaction *rows, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (compare_rows(&rows[i - 1], &rows[i]) > 0) return false;
    return true;
}

/* Strikes out what the rows below 0 take back, themselves too; returns how many are left. */
static size_t take_back(struct interaction *rows, size_t n)
{
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].weight > 0 || rows[i].weight == 0) continue;
        float left = -rows[i].weight;
        for (size_t k = i; k > 0 && left > 0 && rows[k - 1].customer == rows[i].customer; k--)
            if (rows[k - 1].item == rows[i].item && rows[k - 1].weight > 0) {
                left -= 1;
                rows[k - 1].weight = 0;
            }
    }
    for (size_t i = 0; i < n; i++)
        if (rows[i].weight > 0) rows[n_left++] = rows[i];
    return n_left;
}

size_t interactions_settle(struct interaction *rows, size_t n)
{
    qsort(rows, n, sizeof *rows, compare_rows);
    return take_back(rows, n);
}

/* Everything that follows from rows in order. */
static void describe(struct interactions *interactions, struct arena *arena)
{
    interactions->first = ARENA_ARRAY(arena, size_t, interactions->n_customers + 2);
    for (size_t i = 0; i < interactions->n; i++) {
        const struct interaction *row = &interactions->rows[i];
        interactions->first[row->customer + 1]++;
        if (i == 0 || row->time_ms < interactions->first_ms) interactions->first_ms = row->time_ms;
        if (i == 0 || row->time_ms > interactions->last_ms) interactions->last_ms = row->time_ms;
    }
    for (size_t c = 0; c < interactions->n_customers; c++) interactions->first[c + 1] += interactions->first[c];
}

void interactions_build(struct interaction *rows, size_t n, size_t n_customers, size_t n_items,
                        struct arena *arena, struct interactions *ret_interactions)
{
    if (!is_in_order(rows, n)) qsort(rows, n, sizeof *rows, compare_rows);
    struct interactions built = { .n_customers = n_customers, .n_items = n_items, .rows = rows };
    built.n = take_back(rows, n);
    describe(&built, arena);
    *ret_interactions = built;
}

void interactions_between(const struct interactions *all, int64_t from_ms, int64_t to_ms, struct arena *arena,
                          struct interactions *ret_interactions)
{
    struct interactions part = { .n_customers = all->n_customers, .n_items = all->n_items };
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) n += all->rows[i].time_ms >= from_ms && all->rows[i].time_ms < to_ms;
    part.rows = ARENA_ARRAY(arena, struct interaction, n + 1);
    for (size_t i = 0; i < all->n; i++)
        if (all->rows[i].time_ms >= from_ms && all->rows[i].time_ms < to_ms) part.rows[part.n++] = all->rows[i];
    describe(&part, arena);
    *ret_interactions = part;
}

static int compare_items(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* The different items of one customer's rows, ascending. */
static size_t different_items(const struct interaction *rows, size_t n, uint32_t *ret_items)
{
    size_t n_different = 0;
    for (size_t i = 0; i < n; i++) ret_items[i] = rows[i].item;
    qsort(ret_items, n, sizeof *ret_items, compare_items);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ret_items[i] != ret_items[i - 1]) ret_items[n_different++] = ret_items[i];
    return n_different;
}

void interactions_draw(const struct interactions *all, double share, uint64_t seed, struct arena *arena,
                       struct interactions *ret_drawn, struct interactions *ret_rest)
{
    struct interactions parts[2];
    uint32_t *items = ARENA_ARRAY(arena, uint32_t, all->n + 1);
    for (int p = 0; p < 2; p++) {
        parts[p] = (struct interactions){ .n_customers = all->n_customers, .n_items = all->n_items };
        parts[p].rows = ARENA_ARRAY(arena, struct interaction, all->n + 1);
    }
    for (size_t c = 0; c < all->n_customers; c++) {
        const struct interaction *rows = all->rows + all->first[c];
        size_t n = all->first[c + 1] - all->first[c], n_items = different_items(rows, n, items);
        struct rng rng = rng_stream(seed, c);
        rng_shuffle(&rng, items, n_items);
        size_t n_drawn = (size_t)(share * (double)n_items + 0.5);
        qsort(items, n_drawn, sizeof *items, compare_items);
        for (size_t i = 0; i < n; i++) {
            bool is_drawn = n_drawn > 0 && bsearch(&rows[i].item, items, n_drawn, sizeof *items, compare_items);
            struct interactions *part = &parts[!is_drawn];
            part->rows[part->n++] = rows[i];
        }
    }
    for (int p = 0; p < 2; p++) describe(&parts[p], arena);
    *ret_drawn = parts[0];
    *ret_rest = parts[1];
}

/* ---- as a matrix ---- */

static float saturation_value(enum saturation saturation, float weight, float quantity)
{
    float much = saturation == SATURATION_QUANTITY ? quantity : weight;
    if (saturation == SATURATION_ONCE || !(much > 0)) return 1;
    return 1 + logf((1 + much) / 2);
}

struct tally { uint32_t item; float weight, quantity; };

static int compare_tallies(const void *a_pointer, const void *b_pointer)
{
    const struct tally *a = a_pointer, *b = b_pointer;
    return (a->item > b->item) - (a->item < b->item);
}

size_t interactions_items(const struct interaction *rows, size_t n, enum saturation saturation, uint32_t *ret_item,
                          float *ret_value)
{
    struct tally few[64], *tallies = n <= 64 ? few : memory_new(n, sizeof *tallies);
    size_t n_items = 0;
    for (size_t i = 0; i < n; i++) tallies[i] = (struct tally){ rows[i].item, rows[i].weight, rows[i].quantity };
    qsort(tallies, n, sizeof *tallies, compare_tallies);
    for (size_t i = 0; i < n;) {
        struct tally sum = { tallies[i].item, 0, 0 };
        for (; i < n && tallies[i].item == sum.item; i++) {
            sum.weight += tallies[i].weight;
            sum.quantity += tallies[i].quantity > 0 ? tallies[i].quantity : 0;
        }
        ret_item[n_items] = sum.item;
        ret_value[n_items++] = saturation_value(saturation, sum.weight, sum.quantity);
    }
    if (tallies != few) free(tallies);
    return n_items;
}

bool items_have(const uint32_t *items, size_t n, uint32_t item)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle] < item) low = middle + 1;
        else high = middle;
    }
    return low < n && items[low] == item;
}

/* How many of a customer's last rows hold at most as many items as count; items is scratch. */
static size_t rows_that_count(const struct interaction *rows, size_t n, uint32_t *items)
{
    if (n <= INTERACTIONS_ITEMS_MOST || different_items(rows, n, items) <= INTERACTIONS_ITEMS_MOST) return n;
    size_t low = INTERACTIONS_ITEMS_MOST, high = n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (different_items(rows + n - middle, middle, items) <= INTERACTIONS_ITEMS_MOST) low = middle;
        else high = middle;
    }
    return low;
}

struct sparse interactions_matrix(const struct interactions *interactions, enum saturation saturation,
                                  struct arena *arena)
{
    struct sparse matrix = { .n_rows = interactions->n_customers, .n_columns = interactions->n_items };
    matrix.first = ARENA_ARRAY(arena, size_t, matrix.n_rows + 1);
    matrix.column = ARENA_ARRAY(arena, uint32_t, interactions->n + 1);
    matrix.value = ARENA_ARRAY(arena, float, interactions->n + 1);
    size_t n_most = 0;
    for (size_t c = 0; c < matrix.n_rows; c++) {
        size_t n = interactions->first[c + 1] - interactions->first[c];
        if (n > n_most) n_most = n;
    }
    uint32_t *items = memory_new(n_most + 1, sizeof *items);
    for (size_t c = 0; c < matrix.n_rows; c++) {
        const struct interaction *rows = interactions->rows + interactions->first[c];
        size_t n = interactions->first[c + 1] - interactions->first[c], to = matrix.first[c];
        size_t n_counted = rows_that_count(rows, n, items);
        matrix.first[c + 1] = to + interactions_items(rows + n - n_counted, n_counted, saturation,
                                                      matrix.column + to, matrix.value + to);
    }
    free(items);
    return matrix;
}

struct sparse sparse_turn(const struct sparse *matrix, struct arena *arena)
{
    size_t n = matrix->first[matrix->n_rows];
    struct sparse turned = { .n_rows = matrix->n_columns, .n_columns = matrix->n_rows };
    turned.first = ARENA_ARRAY(arena, size_t, turned.n_rows + 2);
    turned.column = ARENA_ARRAY(arena, uint32_t, n + 1);
    turned.value = ARENA_ARRAY(arena, float, n + 1);
    /* Counted two places on, so that after the scatter first[r] is where row r begins. */
    for (size_t i = 0; i < n; i++)
        if (matrix->column[i] + 2 <= turned.n_rows) turned.first[matrix->column[i] + 2]++;
    for (size_t r = 2; r <= turned.n_rows; r++) turned.first[r] += turned.first[r - 1];
    for (size_t r = 0; r < matrix->n_rows; r++)
        for (size_t i = matrix->first[r]; i < matrix->first[r + 1]; i++) {
            size_t to = turned.first[matrix->column[i] + 1]++;
            turned.column[to] = (uint32_t)r;
            turned.value[to] = matrix->value[i];
        }
    return turned;
}
