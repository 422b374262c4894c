/* observed.c - weighting by propensity, with a model of the outcome beside it; see observed.h. */
#include "experiment/observed.h"

#include "base/rng.h"
#include "math/numerics.h"

#include <math.h>
#include <string.h>

enum { FOLDS = 5, ARM_LEAST = 20, STEPS_MOST = 25 };
#define WORK_MOST 4e7           /* rows x terms x terms of one pass */
#define RIDGE 1.
#define PROPENSITY_LEAST .01    /* further out weights are cut */
#define THIN_BEYOND .02
#define THIN_SHARE .05
#define THIN_ESS .1

/* ---- terms: columns, then squares and products as far as the work allows ---- */

struct term { uint16_t a, b; };         /* a product of standardised columns; b UINT16_MAX: a alone */

struct fit {
    const struct observed_rows *rows;
    double      *z;                     /* [n x p] standardised */
    bool        *varies;                /* [p] */
    struct term *terms;
    size_t       k;                     /* terms and the intercept */
    double      *row;                   /* [k] scratch */
};

static double least_of_two(double a, double b) { return a < b ? a : b; }

static bool standardise(struct fit *fit, struct arena *arena)
{
    const struct observed_rows *rows = fit->rows;
    size_t n = rows->n, p = rows->p;
    bool any = false;
    fit->z = ARENA_ARRAY(arena, double, n * p + 1), fit->varies = ARENA_ARRAY(arena, bool, p + 1);
    for (size_t c = 0; c < p; c++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++) mean += rows->x[i * p + c] / (double)n;
        for (size_t i = 0; i < n; i++) squares += pow(rows->x[i * p + c] - mean, 2) / (double)n;
        any |= fit->varies[c] = squares > 1e-24 * (1 + mean * mean);
        for (size_t i = 0; i < n && fit->varies[c]; i++)
            fit->z[i * p + c] = (rows->x[i * p + c] - mean) / sqrt(squares);
    }
    return any;
}

/* Whether a column has more than two values, so that its square says something new. */
static bool has_square(const struct fit *fit, size_t c)
{
    size_t p = fit->rows->p;
    double first = fit->z[c], second = NAN;
    for (size_t i = 1; i < fit->rows->n; i++) {
        double z = fit->z[i * p + c];
        if (z == first || z == second) continue;
        if (!isnan(second)) return true;
        second = z;
    }
    return false;
}

static void choose_terms(struct fit *fit, struct arena *arena)
{
    size_t p = fit->rows->p, n_terms = 0,
           most = (size_t)least_of_two(sqrt(WORK_MOST / (double)fit->rows->n), (double)fit->rows->n / 50);
    if (most > 80) most = 80;
    fit->terms = ARENA_ARRAY(arena, struct term, p + 81);
    for (size_t c = 0; c < p; c++)
        if (fit->varies[c]) fit->terms[n_terms++] = (struct term){ (uint16_t)c, UINT16_MAX };
    for (size_t c = 0; c < p && n_terms + 1 < most; c++)
        if (fit->varies[c] && has_square(fit, c))
            fit->terms[n_terms++] = (struct term){ (uint16_t)c, (uint16_t)c };
    for (size_t a = 0; a < p; a++)
        for (size_t b = a + 1; b < p && n_terms + 1 < most; b++)
            if (fit->varies[a] && fit->varies[b])
                fit->terms[n_terms++] = (struct term){ (uint16_t)a, (uint16_t)b };
    fit->k = n_terms + 1;
    fit->row = ARENA_ARRAY(arena, double, fit->k);
}

static const double *terms_of(const struct fit *fit, size_t i)
{
    const double *z = &fit->z[i * fit->rows->p];
    fit->row[0] = 1;
    for (size_t t = 0; t + 1 < fit->k; t++)
        fit->row[t + 1] = z[fit->terms[t].a] * (fit->terms[t].b == UINT16_MAX ? 1 : z[fit->terms[t].b]);
    return fit->row;
}

static double dot(const double *a, const double *b, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += a[i] * b[i];
    return sum;
}

/* ---- regressions on all folds but one ---- */

/* Least squares on rows of one arm (weights NULL), or a step of the logistic one on both arms. */
static bool regress(const struct fit *fit, const uint8_t *fold, unsigned left_out, int arm, const double *beta,
                    double *ret_beta, struct arena *arena)
{
    size_t k = fit->k;
    double *matrix = ARENA_ARRAY(arena, double, k * k), *right = ARENA_ARRAY(arena, double, k);
    for (size_t i = 0; i < fit->rows->n; i++) {
        if (fold[i] == left_out || (arm >= 0 && fit->rows->is_treated[i] != arm)) continue;
        const double *row = terms_of(fit, i);
        double weight = 1, target = fit->rows->outcome[i];
        if (arm < 0) {
            double p = 1 / (1 + exp(-dot(row, beta, k)));
            weight = fmax(p * (1 - p), 1e-9);
            target = (double)fit->rows->is_treated[i] - p;
        }
        for (size_t a = 0; a < k; a++) {
            right[a] += row[a] * target;
            for (size_t b = 0; b <= a; b++) matrix[a * k + b] += weight * row[a] * row[b];
        }
    }
    for (size_t a = 0; a < k; a++) {
        if (a) matrix[a * k + a] += RIDGE;
        if (a && arm < 0) right[a] -= RIDGE * beta[a];
    }
    for (size_t a = 0; a < k; a++)
        for (size_t b = a + 1; b < k; b++) matrix[a * k + b] = matrix[b * k + a];
    return linear_solve(matrix, right, k, ret_beta);
}

static bool propensity_fit(const struct fit *fit, const uint8_t *fold, unsigned left_out, double *beta,
                           struct arena *arena)
{
    double *step = ARENA_ARRAY(arena, double, fit->k);
    for (int steps = 0; steps < STEPS_MOST; steps++) {
        double largest = 0;
        if (!regress(fit, fold, left_out, -1, beta, step, arena)) return false;
        for (size_t a = 0; a < fit->k; a++) {
            step[a] = fmax(-4, fmin(4, step[a]));
            beta[a] += step[a], largest = fmax(largest, fabs(step[a]));
        }
        if (largest < 1e-8) break;
    }
    return true;
}

struct predicted { double *propensity, *if_treated, *if_not; };

static bool cross_fit(const struct fit *fit, struct predicted *out, struct arena *arena, struct err *err)
{
    size_t n = fit->rows->n, k = fit->k;
    uint8_t *fold = ARENA_ARRAY(arena, uint8_t, n + 1);
    struct rng rng = rng_stream(fit->rows->seed, 1);
    for (size_t i = 0; i < n; i++) fold[i] = (uint8_t)rng_below(&rng, FOLDS);
    out->propensity = ARENA_ARRAY(arena, double, n + 1);
    out->if_treated = ARENA_ARRAY(arena, double, n + 1), out->if_not = ARENA_ARRAY(arena, double, n + 1);
    for (unsigned f = 0; f < FOLDS; f++) {
        double *lots = ARENA_ARRAY(arena, double, k), *treated = ARENA_ARRAY(arena, double, k),
               *control = ARENA_ARRAY(arena, double, k);
        if (!propensity_fit(fit, fold, f, lots, arena) || !regress(fit, fold, f, 1, NULL, treated, arena) ||
            !regress(fit, fold, f, 0, NULL, control, arena))
            return err_set(err, ERR_REFUSED, "the covariates follow from each other: leave one out");
        for (size_t i = 0; i < n; i++) {
            if (fold[i] != f) continue;
            const double *row = terms_of(fit, i);
            out->propensity[i] = 1 / (1 + exp(-dot(row, lots, k)));
            out->if_treated[i] = dot(row, treated, k), out->if_not[i] = dot(row, control, k);
        }
    }
    return true;
}

/* ---- the estimate ---- */

static struct estimate estimate_of(double value, double se, double alpha)
{
    double half = normal_quantile(1 - alpha / 2) * se;
    return (struct estimate){ value, se, value - half, value + half };
}

double e_value_of(double ratio)
{
    double r = ratio < 1 ? 1 / ratio : ratio;
    return r + sqrt(r * (r - 1));
}

static bool is_yes_or_no(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] != 0 && values[i] != 1) return false;
    return true;
}

/* The ratio of risks; of an amount, what a difference in standard deviations is worth as one (Chinn 2000). */
static void add_e_values(const struct observed_rows *rows, const double *treated, const double *control,
                         struct observed *o)
{
    size_t n = rows->n;
    double m1 = 0, m0 = 0, mean = 0, squares = 0, sum = 0, ratio, low, high;
    for (size_t i = 0; i < n; i++) m1 += treated[i] / (double)n, m0 += control[i] / (double)n;
    for (size_t i = 0; i < n; i++) mean += rows->outcome[i] / (double)n;
    for (size_t i = 0; i < n; i++) squares += pow(rows->outcome[i] - mean, 2) / (double)n;
    if (is_yes_or_no(rows->outcome, n) && m1 > 0 && m0 > 0) {
        for (size_t i = 0; i < n; i++) sum += pow((treated[i] - m1) / m1 - (control[i] - m0) / m0, 2);
        double half = normal_quantile(1 - rows->alpha / 2) * sqrt(sum) / (double)n;
        ratio = m1 / m0, low = ratio * exp(-half), high = ratio * exp(half);
    } else {
        double scale = .91 / sqrt(squares);
        ratio = exp(scale * o->effect.value), low = exp(scale * o->effect.low), high = exp(scale * o->effect.high);
    }
    o->e_value = e_value_of(ratio);
    o->e_limit = low <= 1 && high >= 1 ? 1 : e_value_of(low > 1 ? low : high);
}

static void estimate_effect(const struct observed_rows *rows, const struct predicted *p, bool has_e_value,
                            struct arena *arena, struct observed *o)
{
    size_t n = rows->n;
    double *treated = ARENA_ARRAY(arena, double, n + 1), *control = ARENA_ARRAY(arena, double, n + 1), mean = 0,
           squares = 0;
    for (size_t i = 0; i < n; i++) {
        double e = fmax(PROPENSITY_LEAST, fmin(1 - PROPENSITY_LEAST, p->propensity[i])), y = rows->outcome[i];
        treated[i] = p->if_treated[i] + (rows->is_treated[i] ? (y - p->if_treated[i]) / e : 0);
        control[i] = p->if_not[i] + (rows->is_treated[i] ? 0 : (y - p->if_not[i]) / (1 - e));
        mean += (treated[i] - control[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) squares += pow(treated[i] - control[i] - mean, 2);
    o->effect = estimate_of(mean, sqrt(squares / (double)(n - 1) / (double)n), rows->alpha);
    if (has_e_value) add_e_values(rows, treated, control, o);
}

/* ---- whether the arms can be compared ---- */

static double weight_of(const struct predicted *p, size_t i, bool is_treated)
{
    double e = fmax(PROPENSITY_LEAST, fmin(1 - PROPENSITY_LEAST, p->propensity[i]));
    return is_treated ? 1 / e : 1 / (1 - e);
}

static void judge_overlap(const struct observed_rows *rows, const struct predicted *p, struct arena *arena,
                          struct observed *o)
{
    double sum[2] = { 0 }, squares[2] = { 0 }, n[2] = { 0 }, n_beyond = 0;
    o->least = 1, o->greatest = 0;
    for (size_t i = 0; i < rows->n; i++) {
        bool arm = rows->is_treated[i];
        double e = p->propensity[i], w = weight_of(p, i, arm);
        o->least = fmin(o->least, e), o->greatest = fmax(o->greatest, e);
        n_beyond += e < THIN_BEYOND || e > 1 - THIN_BEYOND;
        n[arm]++, sum[arm] += w, squares[arm] += w * w;
    }
    o->ess = pow(sum[0] + sum[1], 2) / (squares[0] + squares[1]);
    double worth = fmin(sum[0] * sum[0] / squares[0] / n[0], sum[1] * sum[1] / squares[1] / n[1]);
    if (n_beyond > THIN_SHARE * (double)rows->n || worth < THIN_ESS)
        o->refusal = arena_format(arena,
                                  "Nothing is said: the covariates tell of too many who was treated (%.0f of %zu "
                                  "have a chance below %g or above %g), so nobody is there to compare them with. "
                                  "Leave those out with --where, or run an experiment.",
                                  n_beyond, rows->n, THIN_BEYOND, 1 - THIN_BEYOND);
}

static double difference(const struct observed_rows *rows, const struct predicted *p, size_t c, double *ret_sd)
{
    double sum[2] = { 0 }, all[2] = { 0 }, mean[2] = { 0 }, n[2] = { 0 }, squares[2] = { 0 };
    for (size_t i = 0; i < rows->n; i++) {
        bool arm = rows->is_treated[i];
        double x = rows->x[i * rows->p + c], w = p ? weight_of(p, i, arm) : 1, d = x - mean[arm];
        sum[arm] += w * x, all[arm] += w;
        n[arm]++, mean[arm] += d / n[arm], squares[arm] += d * (x - mean[arm]);
    }
    *ret_sd = sqrt((squares[0] / (n[0] - 1) + squares[1] / (n[1] - 1)) / 2);
    return sum[1] / all[1] - sum[0] / all[0];
}

static void measure_balance(const struct observed_rows *rows, const struct predicted *p, struct arena *arena,
                            struct observed *o)
{
    o->before = ARENA_ARRAY(arena, double, rows->p + 1), o->after = ARENA_ARRAY(arena, double, rows->p + 1);
    for (size_t c = 0; c < rows->p; c++) {
        double sd;
        o->before[c] = difference(rows, NULL, c, &sd), o->after[c] = difference(rows, p, c, &sd);
        o->before[c] = sd > 0 ? o->before[c] / sd : 0, o->after[c] = sd > 0 ? o->after[c] / sd : 0;
    }
}

/* ---- the whole ---- */

static struct arm_sample arm_of(const struct observed_rows *rows, bool is_treated)
{
    double n = 0, mean = 0, squares = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->is_treated[i] != is_treated) continue;
        double d = rows->outcome[i] - mean;
        n++, mean += d / n, squares += d * (rows->outcome[i] - mean);
    }
    return (struct arm_sample){ n, mean, squares / (n - 1), false };
}

/* The same machinery where there can be no effect: on an outcome that it cannot have moved, or with a treatment
 * drawn by the propensities, which moves nothing. */
static bool placebo(const struct observed_rows *rows, const struct predicted *p, struct arena *arena,
                    struct estimate *ret_placebo, struct err *err)
{
    struct observed_rows other = *rows;
    struct fit fit = { .rows = &other };
    struct predicted predicted = *p;
    struct observed o;
    if (rows->placebo) {
        other.outcome = rows->placebo;
    } else {
        struct rng rng = rng_stream(rows->seed, 2);
        bool *drawn = ARENA_ARRAY(arena, bool, rows->n + 1);
        for (size_t i = 0; i < rows->n; i++) drawn[i] = rng_uniform(&rng) < p->propensity[i];
        other.is_treated = drawn;
    }
    (void)standardise(&fit, arena);
    choose_terms(&fit, arena);
    if (!cross_fit(&fit, &predicted, arena, err)) return false;
    estimate_effect(&other, &predicted, false, arena, &o);
    *ret_placebo = o.effect;
    return true;
}

bool observed_weighted(const struct observed_rows *rows, struct arena *arena, struct observed *ret_observed,
                       struct err *err)
{
    struct observed o = { .effect = { NAN, NAN, NAN, NAN }, .placebo = { NAN, NAN, NAN, NAN }, .e_value = NAN,
                          .e_limit = NAN };
    struct arm_sample control = arm_of(rows, false), treated = arm_of(rows, true);
    struct predicted predicted;
    struct fit fit = { .rows = rows };
    double p;
    if (control.n < ARM_LEAST || treated.n < ARM_LEAST)
        return err_set(err, ERR_REFUSED, "%.0f are treated and %.0f are not: at least %d of each are needed",
                       treated.n, control.n, ARM_LEAST);
    o.naive = welch(control, treated, rows->alpha, &p);
    if (!standardise(&fit, arena))
        return err_set(err, ERR_REFUSED, "none of the covariates varies, so there is nothing to take out");
    choose_terms(&fit, arena);
    if (!cross_fit(&fit, &predicted, arena, err)) return false;
    judge_overlap(rows, &predicted, arena, &o);
    measure_balance(rows, &predicted, arena, &o);
    if (!o.refusal) {
        estimate_effect(rows, &predicted, true, arena, &o);
        if (!placebo(rows, &predicted, arena, &o.placebo, err)) return false;
    }
    *ret_observed = o;
    return true;
}
