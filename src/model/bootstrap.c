/* bootstrap.c - see bootstrap.h. */
#include "model/bootstrap.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "math/numerics.h"
#include "model/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { TABLE = 1 << 16 };

struct job {
    const struct ranking *const *rankings;
    const uint32_t  *member;        /* [n] index of the row's group */
    size_t           n, n_groups;
    uint64_t         seed;
    const uint8_t   *poisson;       /* [TABLE] a 16-bit random number -> a Poisson(1) one */
    struct bootstrap *result;
    uint8_t         *weights;       /* per thread [n_groups + n] */
    double          *scratch;       /* per thread [2 n] */
};

static void poisson_table(uint8_t *table)
{
    double probability = exp(-1), below = probability;
    uint8_t count = 0;
    for (size_t i = 0; i < TABLE; i++) {
        while (((double)i + 0.5) / TABLE > below && count < 20) {
            probability /= ++count;
            below += probability;
        }
        table[i] = count;
    }
}

static void replicate(void *context, size_t item, unsigned thread)
{
    const struct job *job = context;
    double *values = job->result->values + item * job->result->n_models * METRICS;
    if (parallel_is_stopped()) {        /* who asked will not look at them */
        memset(values, 0, job->result->n_models * METRICS * sizeof *values);
        return;
    }
    uint8_t *of_group = job->weights + thread * (job->n_groups + job->n), *weights = of_group + job->n_groups;
    struct rng rng = rng_stream(job->seed, item);
    uint64_t bits = 0;
    for (size_t g = 0; g < job->n_groups; g++) {
        if (g % 4 == 0) bits = rng_uint64(&rng);
        of_group[g] = job->poisson[bits & (TABLE - 1)];
        bits >>= 16;
    }
    for (size_t i = 0; i < job->n; i++) weights[i] = of_group[job->member[i]];
    for (size_t m = 0; m < job->result->n_models; m++)
        ranking_metrics(job->rankings[m], weights, job->scratch + thread * 2 * job->n,
                        values + m * METRICS);
}

struct tagged { uint32_t group, row; };

static int by_group(const void *a, const void *b)
{
    const struct tagged *x = a, *y = b;
    return x->group != y->group ? (x->group < y->group ? -1 : 1) : 0;
}

/* member [n]: groups numbered in the order of their numbers; returns how many. */
static size_t number_groups(const uint32_t *group, size_t n, uint32_t *member)
{
    struct tagged *rows = malloc((n + 1) * sizeof *rows);
    assert(rows);
    for (size_t i = 0; i < n; i++) rows[i] = (struct tagged){ group ? group[i] : (uint32_t)i, (uint32_t)i };
    qsort(rows, n, sizeof *rows, by_group);
    size_t n_groups = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && rows[i].group != rows[i - 1].group) n_groups++;
        member[rows[i].row] = (uint32_t)n_groups;
    }
    free(rows);
    return n > 0 ? n_groups + 1 : 0;
}

struct bootstrap bootstrap_run(const struct ranking *const *rankings, size_t n_models, const uint32_t *group,
                               size_t n_replicates, uint64_t seed, unsigned n_threads, struct arena *arena)
{
    assert(n_models > 0);
    if (n_threads < 1) n_threads = 1;
    struct bootstrap result = { n_models, n_replicates,
                                ARENA_ARRAY(arena, double, n_replicates * n_models * METRICS),
                                ARENA_ARRAY(arena, double, n_models * METRICS) };
    size_t n = rankings[0]->n;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    uint32_t *member = ARENA_ARRAY(scratch, uint32_t, n);
    uint8_t *poisson = ARENA_ARRAY(scratch, uint8_t, TABLE);
    size_t n_groups = number_groups(group, n, member);
    poisson_table(poisson);
    struct job job = { rankings, member, n, n_groups, seed, poisson, &result,
                       arena_alloc(scratch, n_threads, n_groups + n),
                       arena_alloc(scratch, (size_t)n_threads * 2 * n, sizeof(double)) };
    for (size_t m = 0; m < n_models; m++)
        ranking_metrics(rankings[m], NULL, job.scratch, result.full + m * METRICS);
    parallel_for(n_threads, n_replicates, replicate, &job);
    arena_free(scratch);
    return result;
}

void bootstrap_put(struct bootstrap *bootstrap, size_t model, const struct bootstrap *alone)
{
    size_t n_models = bootstrap->n_models;
    assert(alone->n_models == 1 && alone->n_replicates == bootstrap->n_replicates);
    for (size_t r = 0; r < alone->n_replicates; r++)
        memcpy(bootstrap->values + (r * n_models + model) * METRICS, alone->values + r * METRICS,
               METRICS * sizeof *alone->values);
    memcpy(bootstrap->full + model * METRICS, alone->full, METRICS * sizeof *alone->full);
}

/* Linear interpolation between order statistics (Hyndman & Fan's type 7). */
static double quantile(const double *sorted, size_t n, double share)
{
    double at = share * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

/* Replicates of one model's metric, or of the difference to another; NaN left out.  Sorted; returns how many. */
static size_t collect(const struct bootstrap *b, size_t model, size_t other, enum metric metric,
                      double *ret_values)
{
    size_t n = 0;
    for (size_t r = 0; r < b->n_replicates; r++) {
        double value = b->values[(r * b->n_models + model) * METRICS + metric];
        if (other < b->n_models) value -= b->values[(r * b->n_models + other) * METRICS + metric];
        if (!isnan(value)) ret_values[n++] = value;
    }
    sort_doubles(ret_values, n);
    return n;
}

struct interval bootstrap_interval(const struct bootstrap *bootstrap, size_t model, enum metric metric)
{
    struct interval interval = { bootstrap->full[model * METRICS + metric], (double)NAN, (double)NAN };
    double *values = malloc((bootstrap->n_replicates + 1) * sizeof *values);
    assert(values);
    size_t n = collect(bootstrap, model, SIZE_MAX, metric, values);
    if (n > 1 && !isnan(interval.value)) {
        interval.low = quantile(values, n, 0.025);
        interval.high = quantile(values, n, 0.975);
        if (metric == METRIC_ECE) {
            double low = fmax(0, 2 * interval.value - interval.high);
            interval.high = fmax(interval.value, 2 * interval.value - interval.low);
            interval.low = low;
        }
    }
    free(values);
    return interval;
}

struct interval bootstrap_difference(const struct bootstrap *bootstrap, size_t a, size_t b, enum metric metric,
                                     double *ret_error)
{
    double sign = metric_is_better(metric, 1, 0) ? 1 : -1;
    double full = bootstrap->full[a * METRICS + metric] - bootstrap->full[b * METRICS + metric];
    struct interval interval = { sign * full, (double)NAN, (double)NAN };
    double *values = malloc((bootstrap->n_replicates + 1) * sizeof *values), mean = 0, square = 0;
    assert(values);
    size_t n = collect(bootstrap, a, b, metric, values);
    for (size_t i = 0; i < n; i++) mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += (values[i] - mean) * (values[i] - mean);
    if (n > 1) {
        double low = quantile(values, n, 0.025), high = quantile(values, n, 0.975);
        interval.low = sign > 0 ? low : -high;
        interval.high = sign > 0 ? high : -low;
    }
    if (ret_error) *ret_error = n > 1 ? sqrt(square / (double)(n - 1)) : (double)NAN;
    free(values);
    return interval;
}
