/* survival_regression.c - Cox's and Weibull's regressions, by Newton's steps; see survival.h. */
#include "model/survival_internal.h"

#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 100, TRIES_MOST = 20 };

/* A log likelihood with its gradient [m] and the negative of its second derivatives [m x m] at parameters [m]. */
struct problem {
    size_t m;
    double (*value)(const void *context, const double *at, double *gradient, double *information);
    const void *context;
};

/* One of Newton's steps with the second derivatives enlarged on their diagonal by mu, so that far from the maximum, where
 * they may point anywhere, it still leads uphill. */
static bool damped_step(const double *information, const double *gradient, size_t m, double mu, double *damped,
                        double *ret_step)
{
    memcpy(damped, information, m * m * sizeof *damped);
    for (size_t i = 0; i < m; i++) damped[i * m + i] += mu * (fabs(information[i * m + i]) + 1e-12);
    return linear_solve(damped, gradient, m, ret_step);
}

/* Climbs from `at` to the maximum, in place; information is that at the maximum. */
static bool climb(const struct problem *problem, double *at, double *information, double *ret_value,
                  struct arena *arena, struct err *err)
{
    size_t m = problem->m;
    double *gradient = ARENA_ARRAY(arena, double, m + 1), *step = ARENA_ARRAY(arena, double, m + 1),
           *tried = ARENA_ARRAY(arena, double, m + 1), *next_gradient = ARENA_ARRAY(arena, double, m + 1),
           *next_information = ARENA_ARRAY(arena, double, m * m + 1), *damped = ARENA_ARRAY(arena, double, m * m + 1);
    double value = problem->value(problem->context, at, gradient, information);
    for (int steps = 0; steps < STEPS_MOST; steps++) {
        double gain = 0, next = -INFINITY, mu = 0;
        for (int tries = 0; tries < TRIES_MOST; tries++, mu = mu > 0 ? 10 * mu : 1e-4) {
            bool is_solved = damped_step(information, gradient, m, mu, damped, step);
            if (!is_solved && mu == 0)
                return err_set(err, ERR_REFUSED,
                               "a covariate follows from the others, or does not vary: leave one out");
            if (!is_solved) continue;
            for (size_t i = 0; i < m; i++) tried[i] = at[i] + step[i];
            next = problem->value(problem->context, tried, next_gradient, next_information);
            if (isfinite(next) && next >= value - 1e-12 * fabs(value)) break;
            next = -INFINITY;
        }
        if (!isfinite(next)) break;
        for (size_t i = 0; i < m; i++) gain += step[i] * gradient[i];
        memcpy(at, tried, m * sizeof *at);
        memcpy(gradient, next_gradient, m * sizeof *gradient);
        memcpy(information, next_information, m * m * sizeof *information);
        value = next;
        if (fabs(gain) < 1e-12 * (1 + fabs(value)) && mu < 1) {
            *ret_value = value;
            return true;
        }
    }
    return err_set(err, ERR_REFUSED,
                   "the likelihood has no maximum: a covariate tells every event, or too few events "
                   "are there");
}

static bool enough_events(const struct durations *durations, size_t p, const char *const *names, const double *x,
                          struct err *err)
{
    size_t n_events = 0;
    for (size_t i = 0; i < durations->n; i++) n_events += durations->is_event[i];
    if (n_events < 2 * p || n_events < 2)
        return err_set(err, ERR_REFUSED, "%zu events are too few for %zu covariates", n_events, p);
    for (size_t c = 0; c < p; c++) {
        bool varies = false;
        for (size_t i = 1; i < durations->n; i++) varies |= x[i * p + c] != x[c];
        if (!varies) return err_set(err, ERR_REFUSED, "%s does not vary, so nothing can be said of it", names[c]);
    }
    return true;
}

static void take_errors(const double *information, size_t m, struct survival_fit *fit, struct arena *arena)
{
    double *unit = ARENA_ARRAY(arena, double, m + 1), *column = ARENA_ARRAY(arena, double, m + 1);
    for (size_t i = 0; i < m; i++) {
        memset(unit, 0, m * sizeof *unit);
        unit[i] = 1;
        fit->se[i] = linear_solve(information, unit, m, column) ? sqrt(column[i]) : (double)NAN;
    }
}

/* Where a covariate tells who has the event, the likelihood rises without end, ever more slowly: the climb stops at some
 * large number that says nothing.  Between the covariate's least and most the hazard would differ e^BOUND times, and
 * the error is larger still.  coefficient, se [p] of x [n x p]. */
static bool are_bounded(const struct durations *durations, const double *x, size_t p, const char *const *names,
                        const double *coefficient, const double *se, struct err *err)
{
    static const double BOUND = 10;
    for (size_t c = 0; c < p; c++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < durations->n; i++) low = fmin(low, x[i * p + c]), high = fmax(high, x[i * p + c]);
        if (fabs(coefficient[c]) * (high - low) > BOUND && !(se[c] < fabs(coefficient[c])))
            return err_set(err, ERR_REFUSED,
                           "%s separates those with the event from those without, so that its effect has no bound: "
                           "leave it out, or put its rare values together with others",
                           names[c]);
    }
    return true;
}

/* v' M v, or v' M^-1 v; NaN where it cannot be told. */
static double quadratic(const double *matrix, const double *v, size_t m, bool is_inverse, struct arena *arena)
{
    double sum = 0, *product = ARENA_ARRAY(arena, double, m + 1);
    if (is_inverse && !linear_solve(matrix, v, m, product)) return (double)NAN;
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; !is_inverse && k < m; k++) product[i] += matrix[i * m + k] * v[k];
        sum += v[i] * product[i];
    }
    return sum;
}

/* ---- Cox ---- */

/* Of one stratum; they are gone through from the end. */
struct cox_part { size_t n; const struct ranked *by_time, *by_start; };     /* [n] ascending */

struct cox {
    const struct durations *durations;
    const double           *x;          /* [n x p] centred */
    size_t                  p;
    bool                    is_efron;
    struct cox_part        *parts;
    size_t                  n_parts;
    double                 *score, *sums, *tied;    /* scratch: [n], and 1 + p + p * p each */
};

static void add_row(const struct cox *cox, size_t row, double sign, double *sums)
{
    size_t p = cox->p;
    double w = sign * cox->score[row];
    const double *x = &cox->x[row * p];
    sums[0] += w;
    for (size_t a = 0; a < p; a++) {
        sums[1 + a] += w * x[a];
        for (size_t b = 0; b <= a; b++) sums[1 + p + a * p + b] += w * x[a] * x[b];
    }
}

/* The events of one time, with who is at risk (sums) and who of them has the event (tied). */
static double add_events(const struct cox *cox, double n_events, double *gradient, double *information)
{
    size_t p = cox->p, n_parts = cox->is_efron ? (size_t)n_events : 1;
    double value = 0;
    for (size_t part = 0; part < n_parts; part++) {
        double share = cox->is_efron ? (double)part / n_events : 0, weight = cox->is_efron ? 1 : n_events;
        double s0 = cox->sums[0] - share * cox->tied[0];
        value -= weight * log(s0);
        for (size_t a = 0; a < p; a++) {
            double mean_a = (cox->sums[1 + a] - share * cox->tied[1 + a]) / s0;
            gradient[a] -= weight * mean_a;
            for (size_t b = 0; b <= a; b++) {
                double mean_b = (cox->sums[1 + b] - share * cox->tied[1 + b]) / s0;
                size_t at = 1 + p + a * p + b;
                double both = (cox->sums[at] - share * cox->tied[at]) / s0 - mean_a * mean_b;
                information[a * p + b] += weight * both;
                if (a != b) information[b * p + a] += weight * both;
            }
        }
    }
    return value;
}

static double part_value(const struct cox *cox, const struct cox_part *part, double *gradient, double *information)
{
    const struct durations *d = cox->durations;
    size_t p = cox->p, n_left = part->n, room = 1 + p + p * p;
    double value = 0;
    memset(cox->sums, 0, room * sizeof *cox->sums);
    for (size_t i = part->n; i > 0;) {
        double time = part->by_time[i - 1].time, n_events = 0;
        memset(cox->tied, 0, room * sizeof *cox->tied);
        for (; d->start && n_left > 0 && part->by_start[n_left - 1].time >= time; n_left--)
            add_row(cox, part->by_start[n_left - 1].row, -1, cox->sums);
        for (; i > 0 && part->by_time[i - 1].time == time; i--) {
            size_t row = part->by_time[i - 1].row;
            add_row(cox, row, 1, cox->sums);
            if (!d->is_event[row]) continue;
            add_row(cox, row, 1, cox->tied);
            value += log(cox->score[row]);
            for (size_t a = 0; a < p; a++) gradient[a] += cox->x[row * p + a];
            n_events++;
        }
        if (n_events > 0) value += add_events(cox, n_events, gradient, information);
    }
    return value;
}

static double cox_value(const void *context, const double *at, double *gradient, double *information)
{
    const struct cox *cox = context;
    size_t p = cox->p;
    double value = 0;
    memset(gradient, 0, p * sizeof *gradient);
    memset(information, 0, p * p * sizeof *information);
    for (size_t i = 0; i < cox->durations->n; i++) {
        double linear = 0;
        for (size_t a = 0; a < p; a++) linear += at[a] * cox->x[i * p + a];
        cox->score[i] = exp(linear);
    }
    for (size_t s = 0; s < cox->n_parts; s++) value += part_value(cox, &cox->parts[s], gradient, information);
    return value;
}

static void divide(struct cox *cox, struct arena *arena)
{
    const struct durations *d = cox->durations;
    uint32_t *rows;
    size_t *first;
    cox->n_parts = rows_by_stratum(d, NULL, d->n, arena, &rows, &first);
    cox->parts = ARENA_ARRAY(arena, struct cox_part, cox->n_parts);
    for (size_t s = 0; s < cox->n_parts; s++) {
        size_t n = first[s + 1] - first[s];
        cox->parts[s] = (struct cox_part){ n, ranked_by(d->time, rows + first[s], n, arena),
                                           ranked_by(d->start, rows + first[s], n, arena) };
    }
}

bool survival_cox(const struct durations *durations, const double *x, size_t p, const char *const *names,
                  bool is_efron, struct arena *arena, struct survival_fit *ret_fit, struct err *err)
{
    size_t n = durations->n, room = 1 + p + p * p;
    if (!enough_events(durations, p, names, x, err)) return false;
    double *centred = ARENA_ARRAY(arena, double, n * p + 1), *information = ARENA_ARRAY(arena, double, p * p + 1);
    for (size_t a = 0; a < p; a++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * p + a] / (double)n;
        for (size_t i = 0; i < n; i++) centred[i * p + a] = x[i * p + a] - mean;
    }
    struct cox cox = { .durations = durations, .x = centred, .p = p, .is_efron = is_efron,
                       .score = ARENA_ARRAY(arena, double, n + 1), .sums = ARENA_ARRAY(arena, double, room),
                       .tied = ARENA_ARRAY(arena, double, room) };
    divide(&cox, arena);
    struct survival_fit fit = { .n_coefficients = p, .coefficient = ARENA_ARRAY(arena, double, p + 1),
                                .se = ARENA_ARRAY(arena, double, p + 1), .scale = NAN };
    double *gradient = ARENA_ARRAY(arena, double, p + 1);
    fit.null_log_likelihood = cox_value(&cox, fit.coefficient, gradient, information);
    fit.score_chi2 = quadratic(information, gradient, p, true, arena);
    const struct problem problem = { p, cox_value, &cox };
    if (!climb(&problem, fit.coefficient, information, &fit.log_likelihood, arena, err)) return false;
    take_errors(information, p, &fit, arena);
    if (!are_bounded(durations, x, p, names, fit.coefficient, fit.se, err)) return false;
    fit.wald_chi2 = quadratic(information, fit.coefficient, p, false, arena);
    fit.concordance = survival_concordance(durations, cox.score, arena);
    *ret_fit = fit;
    return true;
}

/* ---- Weibull ---- */

struct weibull { const struct durations *durations; const double *x; size_t p; };

/* log time = intercept + x b + scale w, w the logarithm of an exponential; parameters: intercept, b, log scale. */
static double weibull_value(const void *context, const double *at, double *gradient, double *information)
{
    const struct weibull *w = context;
    size_t p = w->p, m = p + 2;
    double scale = exp(at[p + 1]), value = 0;
    memset(gradient, 0, m * sizeof *gradient);
    memset(information, 0, m * m * sizeof *information);
    for (size_t i = 0; i < w->durations->n; i++) {
        const double *x = &w->x[i * p];
        double linear = at[0], log_time = log(w->durations->time[i]), d = w->durations->is_event[i];
        for (size_t a = 0; a < p; a++) linear += at[1 + a] * x[a];
        double z = (log_time - linear) / scale, e = exp(z);
        value += d * (z - at[p + 1] - log_time) - e;
        double by_z = d - e;
        for (size_t a = 0; a <= p; a++) {
            double xa = a ? x[a - 1] : 1;
            gradient[a] -= by_z * xa / scale;
            for (size_t b = 0; b <= p; b++)
                information[a * m + b] += e * xa * (b ? x[b - 1] : 1) / (scale * scale);
            double cross = (e * z - by_z) * xa / scale;
            information[a * m + p + 1] += cross;
            information[(p + 1) * m + a] += cross;
        }
        gradient[p + 1] -= by_z * z + d;
        information[(p + 1) * m + p + 1] += e * z * z - by_z * z;
    }
    return value;
}

static bool weibull_climb(const struct durations *durations, const double *x, size_t p, double *at,
                          double *information, double *ret_value, struct arena *arena, struct err *err)
{
    double mean = 0, squares = 0, n = (double)durations->n;
    for (size_t i = 0; i < durations->n; i++) mean += log(durations->time[i]) / n;
    for (size_t i = 0; i < durations->n; i++) squares += pow(log(durations->time[i]) - mean, 2) / n;
    memset(at, 0, (p + 2) * sizeof *at);
    at[0] = mean + .5;
    at[p + 1] = log(fmax(1e-3, sqrt(squares) * sqrt(6) / M_PI));
    const struct weibull weibull = { durations, x, p };
    const struct problem problem = { p + 2, weibull_value, &weibull };
    return climb(&problem, at, information, ret_value, arena, err);
}

bool survival_weibull(const struct durations *durations, const double *x, size_t p, const char *const *names,
                      struct arena *arena, struct survival_fit *ret_fit, struct err *err)
{
    size_t m = p + 2;
    double *information = ARENA_ARRAY(arena, double, m * m + 1);
    struct survival_fit fit = { .n_coefficients = m, .coefficient = ARENA_ARRAY(arena, double, m + 1),
                                .se = ARENA_ARRAY(arena, double, m + 1), .mean = NAN };
    if (durations->start) return err_set(err, ERR_INVALID, "Weibull's regression takes no time of entry");
    if (!enough_events(durations, p, names, x, err) ||
        !weibull_climb(durations, NULL, 0, fit.coefficient, information, &fit.null_log_likelihood, arena, err) ||
        !weibull_climb(durations, x, p, fit.coefficient, information, &fit.log_likelihood, arena, err))
        return false;
    take_errors(information, m, &fit, arena);
    if (!are_bounded(durations, x, p, names, fit.coefficient + 1, fit.se + 1, err)) return false;
    fit.scale = exp(fit.coefficient[p + 1]);
    if (p == 0) fit.mean = exp(fit.coefficient[0]) * tgamma(1 + fit.scale);
    *ret_fit = fit;
    return true;
}
