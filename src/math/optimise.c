/* Maximum of a smooth function of positive parameters: GSL's BFGS inside bounds, then Newton; see
 * optimise.h. */
#include "math/optimise.h"
#include "math/numerics.h"

#include <assert.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>

enum { N_MAX = OPTIMISE_PARAMETERS_MAX, BFGS_MAX = 400, NEWTON_MAX = 30 };
static const double difference_step = 1e-4;     /* of a log-parameter, for the Hessian */
static const double edge = 1e-3;                /* of the range in logs: nearer to a bound is at it */
static const double condition_most = 1e12;

/* BFGS sees parameters without bounds: log x = log low + (log high - log low) * logistic(free), so
 * the function is never asked outside its bounds.  The last answer is kept, because GSL asks for
 * value and gradient of the same point in separate calls. */
struct search {
    const struct objective *objective;
    double   last_free[N_MAX], last_value, last_gradient[N_MAX];
    bool     has_last;
    unsigned n_evaluations;
};

static double log_low(const struct objective *o, size_t i) { return log(o->low[i]); }
static double log_range(const struct objective *o, size_t i) { return log(o->high[i] / o->low[i]); }

/* The value at log-parameters, its gradient by them. */
static double value_at_logs(const struct objective *objective, const double *logs, double *ret_gradient)
{
    double x[N_MAX];
    for (size_t i = 0; i < objective->n; i++) x[i] = exp(logs[i]);
    double value = objective->value(objective->context, x, ret_gradient);
    for (size_t i = 0; i < objective->n; i++) ret_gradient[i] *= x[i];
    return value;
}

static void search_evaluate(struct search *search, const gsl_vector *free)
{
    const struct objective *o = search->objective;
    double logs[N_MAX], slope[N_MAX];
    bool is_same = search->has_last;
    for (size_t i = 0; i < o->n; i++) {
        double u = gsl_vector_get(free, i), s = 1 / (1 + exp(-u));
        is_same &= u == search->last_free[i];
        search->last_free[i] = u;
        logs[i] = log_low(o, i) + log_range(o, i) * s;
        slope[i] = log_range(o, i) * s * (1 - s);
    }
    if (is_same) return;
    search->last_value = value_at_logs(o, logs, search->last_gradient);
    for (size_t i = 0; i < o->n; i++) search->last_gradient[i] *= slope[i];
    search->has_last = true;
    search->n_evaluations++;
}

/* GSL minimises, so signs turn. */
static double minus_value(const gsl_vector *free, void *context)
{
    struct search *search = context;
    search_evaluate(search, free);
    return isfinite(search->last_value) ? -search->last_value : (double)INFINITY;
}

static void minus_gradient(const gsl_vector *free, void *context, gsl_vector *ret_gradient)
{
    struct search *search = context;
    search_evaluate(search, free);
    for (size_t i = 0; i < search->objective->n; i++)
        gsl_vector_set(ret_gradient, i, -search->last_gradient[i]);
}

static void minus_both(const gsl_vector *free, void *context, double *ret_value, gsl_vector *ret_gradient)
{
    *ret_value = minus_value(free, context);
    minus_gradient(free, context, ret_gradient);
}

/* From start to a point near a maximum: ret_logs. */
static bool climb(const struct objective *objective, const double *start, double *ret_logs,
                  unsigned *n_iterations)
{
    struct search search = { .objective = objective };
    double free[N_MAX];
    for (size_t i = 0; i < objective->n; i++) {
        double s = (log(start[i]) - log_low(objective, i)) / log_range(objective, i);
        s = fmin(fmax(s, 0.01), 0.99);
        free[i] = log(s / (1 - s));
    }
    gsl_vector_view view = gsl_vector_view_array(free, objective->n);
    gsl_multimin_function_fdf function = { minus_value, minus_gradient, minus_both, objective->n, &search };
    gsl_multimin_fdfminimizer *minimizer =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, objective->n);
    if (!minimizer) return false;
    bool ok = gsl_multimin_fdfminimizer_set(minimizer, &function, &view.vector, 0.1, 0.1) == GSL_SUCCESS;
    double before = (double)INFINITY;
    unsigned n_still = 0;
    for (unsigned i = 0; ok && i < BFGS_MAX && n_still < 3; i++) {
        if (gsl_multimin_fdfminimizer_iterate(minimizer) != GSL_SUCCESS) break;     /* no more progress */
        double now = gsl_multimin_fdfminimizer_minimum(minimizer);
        n_still = before - now <= 1e-10 * fabs(now) ? n_still + 1 : 0;
        before = now;
        ++*n_iterations;
    }
    for (size_t i = 0; ok && i < objective->n; i++) {
        double u = gsl_vector_get(gsl_multimin_fdfminimizer_x(minimizer), i);
        ok = isfinite(u);
        ret_logs[i] = log_low(objective, i) + log_range(objective, i) / (1 + exp(-u));
    }
    gsl_multimin_fdfminimizer_free(minimizer);
    return ok;
}

/* The parameter that is at a bound, or n. */
static size_t runaway(const struct objective *objective, const double *logs)
{
    for (size_t i = 0; i < objective->n; i++) {
        double s = (logs[i] - log_low(objective, i)) / log_range(objective, i);
        if (!(s > edge && s < 1 - edge)) return i;
    }
    return objective->n;
}

/* Minus the second derivatives by the log-parameters, symmetric. */
static void information(const struct objective *objective, const double *logs, double *ret_matrix)
{
    size_t n = objective->n;
    double above[N_MAX], below[N_MAX], moved[N_MAX], raw[N_MAX * N_MAX] = { 0 };
    for (size_t i = 0; i < n; i++) {
        memcpy(moved, logs, n * sizeof *logs);
        moved[i] = logs[i] + difference_step;
        (void)value_at_logs(objective, moved, above);       /* only the gradients are wanted */
        moved[i] = logs[i] - difference_step;
        (void)value_at_logs(objective, moved, below);
        for (size_t j = 0; j < n; j++) raw[i * n + j] = -(above[j] - below[j]) / (2 * difference_step);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) ret_matrix[i * n + j] = (raw[i * n + j] + raw[j * n + i]) / 2;
}

/* Newton steps, halved while they lead down; true if it ends at a point with no slope.  ret_inverse
 * is the inverse information there. */
static bool polish(const struct objective *objective, double *logs, double *ret_value, double *ret_inverse,
                   double *ret_condition, unsigned *n_iterations)
{
    size_t n = objective->n;
    double gradient[N_MAX];
    *ret_value = value_at_logs(objective, logs, gradient);
    for (unsigned round = 0; round < NEWTON_MAX; round++, ++*n_iterations) {
        double step[N_MAX] = { 0 }, gain = 0;
        information(objective, logs, ret_inverse);
        if (!symmetric_inverse(ret_inverse, n, ret_condition)) return false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) step[i] += ret_inverse[i * n + j] * gradient[j];
        for (size_t i = 0; i < n; i++) gain += step[i] * gradient[i];
        if (gain < 1e-9) return true;
        double moved[N_MAX], slope[N_MAX], value = -(double)INFINITY;
        for (double share = 1; share > 1e-3; share /= 2) {
            for (size_t i = 0; i < n; i++) moved[i] = logs[i] + share * step[i];
            if (runaway(objective, moved) < n) continue;
            value = value_at_logs(objective, moved, slope);
            if (value > *ret_value - 1e-12 * fabs(*ret_value)) break;
            value = -(double)INFINITY;
        }
        if (!isfinite(value)) return gain < 1e-5;       /* as far as rounding lets us go */
        memcpy(logs, moved, n * sizeof *logs);
        memcpy(gradient, slope, n * sizeof *gradient);
        *ret_value = value;
    }
    return false;
}

static void fill_errors(struct optimum *optimum, const double *inverse, double condition, size_t n)
{
    bool is_known = condition < condition_most;
    optimum->se_missing =
        is_known ? NULL : "the likelihood is almost flat around its maximum, so standard errors mean nothing";
    for (size_t i = 0; i < n; i++)
        optimum->se[i] = is_known ? optimum->x[i] * sqrt(inverse[i * n + i]) : (double)NAN;
}

bool optimise(const struct objective *objective, const double *starts, size_t n_starts,
              struct optimum *ret_optimum, struct err *err)
{
    size_t n = objective->n;
    assert(n > 0 && n <= N_MAX && n_starts > 0);
    numerics_quiet();
    struct optimum best = { .value = -(double)INFINITY };
    double best_logs[N_MAX] = { 0 }, best_value = -(double)INFINITY;
    bool is_maximum = false;
    for (size_t start = 0; start < n_starts; start++) {
        struct optimum found = { 0 };
        double logs[N_MAX], inverse[N_MAX * N_MAX], condition = 0, slope[N_MAX];
        for (size_t i = 0; i < n; i++) logs[i] = log(starts[start * n + i]);
        /* Newton alone is enough from a start near the maximum. */
        bool is_inside = polish(objective, logs, &found.value, inverse, &condition, &found.n_iterations);
        if (!is_inside) {
            if (!climb(objective, starts + start * n, logs, &found.n_iterations)) continue;
            is_inside = runaway(objective, logs) == n
                        && polish(objective, logs, &found.value, inverse, &condition, &found.n_iterations);
        }
        if (!is_inside) found.value = value_at_logs(objective, logs, slope);
        if (!isfinite(found.value) || found.value <= best_value + 1e-7 * fabs(best_value) * !is_inside)
            continue;
        best_value = found.value;
        memcpy(best_logs, logs, sizeof logs);
        is_maximum = is_inside;
        if (!is_inside) continue;
        for (size_t i = 0; i < n; i++) found.x[i] = exp(logs[i]);
        fill_errors(&found, inverse, condition, n);
        best = found;
    }
    if (is_maximum) {
        *ret_optimum = best;
        return true;
    }
    if (!isfinite(best_value))
        return err_set(err, ERR_REFUSED, "the likelihood has no value at any starting point");
    size_t i = runaway(objective, best_logs);
    if (i == n) return err_set(err, ERR_REFUSED, "the likelihood is flat: no single maximum was found");
    bool is_high = best_logs[i] > log_low(objective, i) + log_range(objective, i) / 2;
    return err_set(err, ERR_REFUSED, "the likelihood has no maximum within bounds: %s wants to %s %.3g",
                   objective->names[i], is_high ? "grow beyond" : "shrink below",
                   is_high ? objective->high[i] : objective->low[i]);
}
