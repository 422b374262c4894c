/* uplift_curve.c - see uplift_curve.h. */
#include "uplift/uplift_curve.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double UPLIFT_SHARE[UPLIFT_SHARES] = { .1, .3, .5 };

enum { MEASURES = 2 + UPLIFT_SHARES };

/* ---- sorting ---- */

struct ranked { double score; uint32_t row; };

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The rows by falling score, and where a group of equal scores ends. */
struct ranking_of { uint32_t *order; bool *is_last; };

static struct ranking_of rank_by(const double *score, size_t n)
{
    struct ranking_of r = { memory_new(n + 1, sizeof *r.order), memory_new(n + 1, sizeof *r.is_last) };
    struct ranked *ranked = memory_new(n + 1, sizeof *ranked);
    for (size_t i = 0; i < n; i++) ranked[i] = (struct ranked){ score[i], (uint32_t)i };
    qsort(ranked, n, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < n; i++) {
        r.order[i] = ranked[i].row;
        r.is_last[i] = i + 1 == n || !(ranked[i].score <= ranked[i + 1].score);
    }
    free(ranked);
    return r;
}

/* ---- one walk down the ranking ---- */

/* Rows in the order of a ranking, so that a walk reads memory from front to back. */
struct walk {
    size_t   n;
    double  *outcome, *weight;      /* [n] */
    uint8_t *is_treated;            /* [n] */
    bool    *is_last;               /* [n] of its group of equal scores */
    bool     is_weighted;
};

static struct walk walk_new(const struct uplift_rows *rows, const double *score)
{
    struct ranking_of r = rank_by(score, rows->n);
    struct walk w = { rows->n, memory_new(rows->n + 1, sizeof(double)), memory_new(rows->n + 1, sizeof(double)),
                      memory_new(rows->n + 1, 1), r.is_last, rows->weight != NULL };
    for (size_t i = 0; i < rows->n; i++) {
        w.outcome[i] = rows->outcome[r.order[i]], w.is_treated[i] = rows->is_treated[r.order[i]];
        w.weight[i] = rows->weight ? rows->weight[r.order[i]] : 1;
    }
    free(r.order);
    return w;
}

static void walk_free(struct walk *w)
{
    free(w->outcome), free(w->weight), free(w->is_treated), free(w->is_last);
}

struct sums { double n[2], y[2]; };     /* by arm: control, treated */

static double share_of(double a, double b) { return b > 0 ? a / b : 0; }

static double uplift_at_sums(const struct sums *s)
{
    return (share_of(s->y[1], s->n[1]) - share_of(s->y[0], s->n[0])) * (s->n[0] + s->n[1]);
}

static double qini_at_sums(const struct sums *s)
{
    return s->n[0] > 0 ? s->y[1] - s->y[0] * s->n[1] / s->n[0] : s->y[1];
}

/* The difference of means among the first most rows, which end between two groups. */
static double difference_between(const struct sums *before, const struct sums *after, double most)
{
    double x = after->n[0] + after->n[1], had = before->n[0] + before->n[1],
           part = x > had ? (most - had) / (x - had) : 1, mean[2];
    for (int arm = 0; arm < 2; arm++) {
        double n = before->n[arm] + part * (after->n[arm] - before->n[arm]);
        mean[arm] = n > 0 ? (before->y[arm] + part * (after->y[arm] - before->y[arm])) / n : (double)NAN;
    }
    return mean[1] - mean[0];
}

struct areas { double uplift, qini, uplift_end, qini_end, x_end, at[UPLIFT_SHARES]; };

/* counts [n]: how often a row counts in this replicate; NULL: once. */
static struct areas walk_down(const struct walk *w, const uint8_t *counts)
{
    struct sums sums = { 0 }, before = { 0 };
    struct areas a = { .at = { (double)NAN, (double)NAN, (double)NAN } };
    double all = 0;
    size_t shares = 0;
    for (size_t i = 0; i < w->n; i++) all += counts ? w->weight[i] * counts[i] : w->weight[i];
    for (size_t i = 0; i < w->n; i++) {
        double weight = counts ? w->weight[i] * counts[i] : w->weight[i];
        sums.n[w->is_treated[i]] += weight;
        sums.y[w->is_treated[i]] += weight * w->outcome[i];
        if (!w->is_last[i]) continue;
        double x = sums.n[0] + sums.n[1], uplift = uplift_at_sums(&sums), qini = qini_at_sums(&sums);
        a.uplift += (x - a.x_end) * (uplift + a.uplift_end) / 2;
        a.qini += (x - a.x_end) * (qini + a.qini_end) / 2;
        for (; shares < UPLIFT_SHARES; shares++) {
            double most = UPLIFT_SHARE[shares] * all;
            if (!counts && !w->is_weighted) most = floor(most + 1e-9);      /* whole people */
            if (x < most) break;
            a.at[shares] = difference_between(&before, &sums, most);
        }
        a.x_end = x, a.uplift_end = uplift, a.qini_end = qini, before = sums;
    }
    return a;
}

static double score_of(double area, double end, double x_end, double best)
{
    return best > 0 ? (area - end * x_end / 2) / best : (double)NAN;
}

/* What a replicate's area is divided by is that of all rows, for as many rows as it has. */
struct metering {
    struct walk  model;
    double       best_uplift, best_qini, x_end;     /* perfect less random, and the rows, of all */
    double      *values;        /* [n_replicates x MEASURES] */
    uint64_t     seed;
    uint8_t    **counts;        /* [threads] of [n] */
};

static void measure(const struct metering *m, const uint8_t *counts, double *ret)
{
    struct areas model = walk_down(&m->model, counts);
    double grown = model.x_end * model.x_end / (m->x_end * m->x_end);
    ret[0] = score_of(model.uplift, model.uplift_end, model.x_end, m->best_uplift * grown);
    ret[1] = score_of(model.qini, model.qini_end, model.x_end, m->best_qini * grown);
    memcpy(ret + 2, model.at, sizeof model.at);
}

/* ---- the two perfect rankings ---- */

/* For yes/no the uplift curve's is twice the agreement of outcome and treatment and, among those, first the arm
 * that is rarer; a money outcome has the Qini curve's. */
static void perfect_scores(const struct uplift_rows *rows, double *ret_uplift, double *ret_qini)
{
    double yes_control = 0, no_treated = 0;
    bool is_yes_no = true;
    for (size_t i = 0; i < rows->n; i++) {
        double y = rows->outcome[i], weight = rows->weight ? rows->weight[i] : 1;
        is_yes_no &= y == 0 || y == 1;
        if (y == 1 && !rows->is_treated[i]) yes_control += weight;
        if (y == 0 && rows->is_treated[i]) no_treated += weight;
        ret_qini[i] = rows->is_treated[i] ? y : -y;
    }
    for (size_t i = 0; i < rows->n; i++) {
        double w = rows->is_treated[i], y = rows->outcome[i];
        ret_uplift[i] = is_yes_no ? 2 * (y == w) + (yes_control > no_treated ? y : w) : ret_qini[i];
    }
}

static double best_over_lot(const struct uplift_rows *rows, const double *score, bool is_qini)
{
    struct walk walk = walk_new(rows, score);
    struct areas a = walk_down(&walk, NULL);
    walk_free(&walk);
    return is_qini ? a.qini - a.qini_end * a.x_end / 2 : a.uplift - a.uplift_end * a.x_end / 2;
}

/* ---- the bootstrap ---- */

/* How often each row counts, Poisson of mean 1; four draws of 16 bits from each number. */
static void draw_counts(struct rng *rng, uint8_t *counts, size_t n)
{
    static const uint32_t most[] = { 24109, 48218, 60273, 64291, 65296, 65497, 65530, 65535 };
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++, bits >>= 16) {
        if (i % 4 == 0) bits = rng_uint64(rng);
        uint32_t draw = bits & 0xffff;
        uint8_t k = 0;
        while (k < 8 && draw >= most[k]) k++;
        counts[i] = k;
    }
}

static void replicate(void *context, size_t item, unsigned thread)
{
    struct metering *m = context;
    struct rng rng = rng_stream(m->seed, item);
    draw_counts(&rng, m->counts[thread], m->model.n);
    measure(m, m->counts[thread], m->values + item * MEASURES);
}

static struct uplift_interval interval_of(double value, const double *values, size_t n, size_t measure_at,
                                          double *scratch)
{
    struct uplift_interval interval = { value, (double)NAN, (double)NAN, (double)NAN };
    size_t known = 0;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i * MEASURES + measure_at])) scratch[known++] = values[i * MEASURES + measure_at];
    if (known < 20) return interval;
    for (size_t i = 0; i < known; i++) sum += scratch[i];
    for (size_t i = 0; i < known; i++)
        squares += (scratch[i] - sum / (double)known) * (scratch[i] - sum / (double)known);
    sort_doubles(scratch, known);
    interval.se = sqrt(squares / (double)(known - 1));
    interval.low = quantile_sorted(scratch, known, .025), interval.high = quantile_sorted(scratch, known, .975);
    return interval;
}

struct uplift_metrics uplift_metrics_of(const struct uplift_rows *rows, size_t n_replicates, uint64_t seed,
                                        unsigned n_threads)
{
    struct metering m = { .seed = seed, .values = memory_new(n_replicates * MEASURES + 1, sizeof(double)) };
    struct uplift_metrics metrics;
    double full[MEASURES], *uplift = memory_new(rows->n + 1, sizeof *uplift),
           *qini = memory_new(rows->n + 1, sizeof *qini), *scratch = memory_new(n_replicates + 1, sizeof *scratch);
    if (n_threads < 1) n_threads = 1;
    perfect_scores(rows, uplift, qini);
    m.model = walk_new(rows, rows->score);
    m.best_uplift = best_over_lot(rows, uplift, false), m.best_qini = best_over_lot(rows, qini, true);
    m.x_end = walk_down(&m.model, NULL).x_end;
    m.counts = memory_new(n_threads, sizeof *m.counts);
    for (unsigned t = 0; t < n_threads; t++) m.counts[t] = memory_new(rows->n + 1, 1);
    measure(&m, NULL, full);
    parallel_for(n_threads, n_replicates, replicate, &m);
    metrics.uplift_auc = interval_of(full[0], m.values, n_replicates, 0, scratch);
    metrics.qini_auc = interval_of(full[1], m.values, n_replicates, 1, scratch);
    for (size_t k = 0; k < UPLIFT_SHARES; k++)
        metrics.uplift_at[k] = interval_of(full[2 + k], m.values, n_replicates, 2 + k, scratch);
    for (unsigned t = 0; t < n_threads; t++) free(m.counts[t]);
    free(m.counts);
    walk_free(&m.model);
    free(uplift), free(qini), free(scratch), free(m.values);
    return metrics;
}

size_t uplift_points(const struct uplift_rows *rows, struct arena *arena, struct uplift_point **ret_points)
{
    struct walk walk = walk_new(rows, rows->score);
    struct uplift_point *points = *ret_points = ARENA_ARRAY(arena, struct uplift_point, rows->n + 1);
    struct sums sums = { 0 };
    size_t n = 1;
    for (size_t i = 0; i < rows->n; i++) {
        sums.n[walk.is_treated[i]] += walk.weight[i];
        sums.y[walk.is_treated[i]] += walk.weight[i] * walk.outcome[i];
        if (walk.is_last[i])
            points[n++] =
                (struct uplift_point){ sums.n[0] + sums.n[1], uplift_at_sums(&sums), qini_at_sums(&sums) };
    }
    walk_free(&walk);
    return n;
}
