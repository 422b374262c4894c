/* drivers.c - see drivers.h. */
#include "model/drivers.h"

#include "base/parallel.h"
#include "model/split.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS_MAX = 2000, CURVE_BINS = 12, ROWS_PER_ITEM = 64 };

const char *direction_word(enum direction direction)
{
    static const char *const words[] = { [DIRECTION_RAISES] = "raises", [DIRECTION_LOWERS] = "lowers",
                                         [DIRECTION_MIXED] = "mixed", [DIRECTION_BESIDE] = "beside" };
    return words[direction];
}

struct explaining {
    const struct predictor *predictor;
    const struct sample *sample;
    size_t n, n_columns;
    double *contributions;
};

static void explain_item(void *context, size_t item, unsigned thread)
{
    (void)thread;
    const struct explaining *job = context;
    double base;
    for (size_t i = item * ROWS_PER_ITEM; i < job->n && i < (item + 1) * ROWS_PER_ITEM; i++)
        predictor_explain(job->predictor, sample_row(job->sample, i),
                          job->contributions + i * job->n_columns, &base);
}

struct pair { double value, effect; };

static int by_value(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->effect < y->effect ? -1 : x->effect > y->effect;
}

static int by_effect(const void *a, const void *b)
{
    double x = ((const struct pair *)a)->effect, y = ((const struct pair *)b)->effect;
    return x < y ? -1 : x > y;
}

static struct effect_point point_of(struct pair *pairs, size_t n)
{
    double value = pairs[n / 2].value;
    qsort(pairs, n, sizeof *pairs, by_effect);
    return (struct effect_point){ value, pairs[n / 2].effect, pairs[n / 4].effect, pairs[(3 * n) / 4].effect, n };
}

/* Bins of about equal count; equal values stay together. */
static size_t curve_of(struct pair *pairs, size_t n, struct effect_point *curve)
{
    size_t used = 0, at = 0;
    qsort(pairs, n, sizeof *pairs, by_value);
    for (size_t bin = 0; bin < CURVE_BINS && at < n; bin++) {
        size_t end = (bin + 1) * n / CURVE_BINS;
        while (end > at && end < n && pairs[end].value == pairs[end - 1].value) end++;
        if (end <= at) continue;
        curve[used++] = point_of(pairs + at, end - at);
        at = end;
    }
    return used;
}

/* By the correlation of value ranks (bins) and effects along the curve: clear, or mixed. */
static enum direction direction_of(const struct effect_point *curve, size_t n)
{
    double up = 0, down = 0;
    for (size_t i = 1; i < n; i++) {
        double step = curve[i].effect - curve[i - 1].effect;
        if (step > 0) up += step;
        else down -= step;
    }
    if (up + down <= 0) return DIRECTION_MIXED;
    return up > 3 * down ? DIRECTION_RAISES : down > 3 * up ? DIRECTION_LOWERS : DIRECTION_MIXED;
}

static struct driver driver_of(const struct explaining *job, size_t column, struct pair *pairs,
                               struct arena *arena)
{
    struct driver driver = { .column = column, .missing_effect = (double)NAN };
    struct pair *missing = pairs + job->n;
    size_t n_known = 0, n_missing = 0;
    for (size_t i = 0; i < job->n; i++) {
        float value = sample_row(job->sample, i)[column];
        double effect = job->contributions[i * job->n_columns + column];
        driver.importance += fabs(effect) / (double)job->n;
        if (isnan(value)) missing[n_missing++] = (struct pair){ 0, effect };
        else pairs[n_known++] = (struct pair){ (double)value, effect };
    }
    driver.curve = ARENA_ARRAY(arena, struct effect_point, CURVE_BINS);
    driver.n_curve = curve_of(pairs, n_known, driver.curve);
    driver.direction = direction_of(driver.curve, driver.n_curve);
    if (n_missing > 0) driver.missing_effect = point_of(missing, n_missing).effect;
    return driver;
}

static int by_importance(const void *a, const void *b)
{
    const struct driver *x = a, *y = b;
    if (x->importance != y->importance) return x->importance > y->importance ? -1 : 1;
    return x->column < y->column ? -1 : 1;
}

void drivers_compute(const struct predictor *predictor, const struct sample *sample, uint64_t seed,
                     unsigned n_threads, struct arena *arena, struct driver **ret_drivers, size_t *ret_n)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    uint32_t *rows = ARENA_ARRAY(scratch, uint32_t, sample->n_rows);
    size_t n = 0, n_columns = predictor_columns(predictor);
    double share = (double)ROWS_MAX / ((double)sample->n_rows + 1);
    for (size_t i = 0; i < sample->n_rows && n < ROWS_MAX; i++)
        if (share >= 1 || split_uniform(seed, SPLIT_DRIVERS, (uint32_t)i) < share) rows[n++] = (uint32_t)i;
    struct sample used = split_take(sample, rows, n, scratch);
    struct explaining job = { predictor, &used, n, n_columns, ARENA_ARRAY(scratch, double, n * n_columns) };
    parallel_for(n_threads ? n_threads : 1, (n + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, explain_item, &job);

    struct pair *pairs = ARENA_ARRAY(scratch, struct pair, 2 * n + 1);
    struct driver *drivers = ARENA_ARRAY(arena, struct driver, n_columns);
    size_t used_columns = 0;
    double total = 0;
    for (size_t c = 0; c < n_columns && n > 0; c++) {
        struct driver driver = driver_of(&job, c, pairs, arena);
        if (driver.importance > 0) drivers[used_columns++] = driver;
        total += driver.importance;
    }
    for (size_t d = 0; d < used_columns; d++) drivers[d].share = drivers[d].importance / total;
    qsort(drivers, used_columns, sizeof *drivers, by_importance);
    *ret_drivers = drivers;
    *ret_n = used_columns;
    arena_free(scratch);
}
