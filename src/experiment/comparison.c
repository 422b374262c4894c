/* comparison.c - see comparison.h. */
#include "experiment/comparison.h"

#include "base/memory.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double two_sided_p(double t, double degrees)
{
    if (isnan(t) || isnan(degrees)) return NAN;
    if (isinf(degrees)) return 2 * normal_cdf(-fabs(t));
    return beta_cdf(degrees / (degrees + t * t), degrees / 2, .5);
}

static double quantile_of(double alpha, double degrees)
{
    return isinf(degrees) ? normal_quantile(1 - alpha / 2) : student_quantile(1 - alpha / 2, degrees);
}

static double spread(struct arm_sample arm) { return arm.variance / arm.n; }

/* Welch and Satterthwaite's degrees of freedom. */
static double degrees_of(struct arm_sample a, struct arm_sample b)
{
    double x = spread(a), y = spread(b);
    if (a.is_asymptotic) return INFINITY;
    return (x + y) * (x + y) / (x * x / (a.n - 1) + y * y / (b.n - 1));
}

struct estimate welch(struct arm_sample control, struct arm_sample treated, double alpha, double *ret_p)
{
    struct estimate e = { .value = treated.mean - control.mean, .se = sqrt(spread(control) + spread(treated)) };
    double degrees = degrees_of(control, treated), half = quantile_of(alpha, degrees) * e.se;
    e.low = e.value - half, e.high = e.value + half;
    *ret_p = two_sided_p(e.value / e.se, degrees);
    if (e.se == 0) {        /* nobody differs from anybody else in an arm */
        *ret_p = e.value == 0 ? 1 : 0;
        e.low = e.high = e.value;
    }
    return e;
}

struct estimate relative_fieller(struct arm_sample control, struct arm_sample treated, double alpha)
{
    double degrees = degrees_of(control, treated), ratio = treated.mean / control.mean;
    double q = quantile_of(alpha, degrees), a = spread(treated), c = spread(control);
    double g = q * q * c / (control.mean * control.mean);
    struct estimate e = { .value = ratio - 1, .se = NAN, .low = -INFINITY, .high = INFINITY };
    if (control.mean == 0) e.value = NAN;
    if (a + c == 0 && control.mean != 0) e.low = e.high = e.value;
    if (!(g < 1) || a + c == 0) return e;
    double half = q / fabs(control.mean) * sqrt(a * (1 - g) + ratio * ratio * c);
    e.low = (ratio - half) / (1 - g) - 1;
    e.high = (ratio + half) / (1 - g) - 1;
    return e;
}

struct estimate relative_delta(struct arm_sample control, struct arm_sample treated, double alpha)
{
    double m = control.mean, q = quantile_of(alpha, degrees_of(control, treated));
    struct estimate e = { .value = treated.mean / m - 1 };
    e.se = sqrt(spread(treated) / (m * m) + spread(control) * treated.mean * treated.mean / (m * m * m * m));
    e.low = e.value - q * e.se, e.high = e.value + q * e.se;
    return e;
}

static double rho_squared(double alpha, double tuning)
{
    double l = -2 * log(alpha);
    return (l + log(l + 1)) / tuning;
}

double always_valid_p(double value, double se, double n, double alpha, double tuning)
{
    double rho2 = rho_squared(alpha, tuning), v = n * rho2 + 1;
    if (!(se > 0)) return isnan(value) ? (double)NAN : value == 0;
    return fmin(1, sqrt(v) * exp(-value * value * n * rho2 / (2 * v * se * se)));
}

void always_valid(double value, double se, double n, double alpha, double tuning, double *ret_low,
                  double *ret_high)
{
    double rho2 = rho_squared(alpha, tuning), v = n * rho2 + 1;
    double half = sqrt(se * se * n * 2 * v * log(sqrt(v) / alpha) / (n * n * rho2));
    *ret_low = value - half, *ret_high = value + half;
}

double chance_to_win(double mean, double se) { return normal_cdf(mean / se); }

double expected_loss(double mean, double se)
{
    double z = mean / se;
    return se * exp(-z * z / 2) / sqrt(2 * M_PI) - mean * normal_cdf(-z);
}

/* ---- planned looks ---- */

/* Between looks, the density of the sum of evidence among those not stopped, at POINTS between the bounds; the sum
 * has variance t at share t, and mean drift x t. */
enum { POINTS = 401 };
struct walk { double low, step, density[POINTS], share; bool is_begun; };

static double simpson(size_t i) { return i == 0 || i == POINTS - 1 ? 1 : i % 2 ? 4 : 2; }

/* The chance that the sum at the next look is above (is_above) or below a bound. */
static double chance_beyond(const struct walk *walk, double share, double bound, double drift, bool is_above)
{
    double sd = sqrt(share - walk->share), moved = drift * (share - walk->share), sum = 0;
    if (!walk->is_begun) return normal_cdf(is_above ? (moved - bound) / sd : (bound - moved) / sd);
    for (size_t i = 0; i < POINTS; i++) {
        double at = walk->low + (double)i * walk->step + moved;
        sum += simpson(i) * walk->density[i] * normal_cdf(is_above ? (at - bound) / sd : (bound - at) / sd);
    }
    return sum * walk->step / 3;
}

/* Goes on to the next look with what stays between -bound and bound. */
static void walk_on(struct walk *walk, double share, double bound, double drift)
{
    struct walk next = { .low = -bound, .step = 2 * bound / (POINTS - 1), .share = share, .is_begun = true };
    double sd = sqrt(share - walk->share), moved = drift * (share - walk->share);
    for (size_t k = 0; k < POINTS; k++) {
        double to = next.low + (double)k * next.step, sum = 0;
        for (size_t i = 0; i < POINTS && walk->is_begun; i++) {
            double z = (to - walk->low - (double)i * walk->step - moved) / sd;
            sum += simpson(i) * walk->density[i] * exp(-z * z / 2);
        }
        if (!walk->is_begun) sum = exp(-(to - moved) * (to - moved) / (2 * sd * sd));
        else sum *= walk->step / 3;
        next.density[k] = sum / (sd * sqrt(2 * M_PI));
    }
    *walk = next;
}

/* What one side may have spent by a share, as O'Brien and Fleming's bounds would. */
static double spent(double share, double alpha)
{
    return 2 * normal_cdf(normal_quantile(alpha / 4) / sqrt(share));
}

void group_sequential_bounds(const double *looks, size_t n, double alpha, double *ret_bounds)
{
    struct walk walk = { 0 };
    for (size_t i = 0; i < n; i++) {
        double wanted = spent(looks[i], alpha) - (i ? spent(looks[i - 1], alpha) : 0), low = 0, high = 12;
        for (int step = 0; step < 60; step++) {
            double middle = (low + high) / 2;
            if (chance_beyond(&walk, looks[i], middle * sqrt(looks[i]), 0, true) > wanted) low = middle;
            else high = middle;
        }
        ret_bounds[i] = (low + high) / 2;
        walk_on(&walk, looks[i], ret_bounds[i] * sqrt(looks[i]), 0);
    }
}

double group_sequential_power(const double *looks, const double *bounds, size_t n, double drift)
{
    struct walk walk = { 0 };
    double power = 0;
    for (size_t i = 0; i < n; i++) {
        double bound = bounds[i] * sqrt(looks[i]);
        power += chance_beyond(&walk, looks[i], bound, drift, true) +
                 chance_beyond(&walk, looks[i], -bound, drift, false);
        walk_on(&walk, looks[i], bound, drift);
    }
    return power;
}

/* ---- several tests at once ---- */

static int compare_p(const void *a, const void *b)
{
    double x = **(const double *const *)a, y = **(const double *const *)b;
    return (x > y) - (x < y);
}

void p_adjust(const double *p, size_t n, enum correction correction, double *ret_adjusted)
{
    const double **sorted = memory_new(n + 1, sizeof *sorted);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        ret_adjusted[i] = p[i];
        if (!isnan(p[i])) sorted[m++] = &p[i];
    }
    if (correction != CORRECTION_NONE) {
        qsort(sorted, m, sizeof *sorted, compare_p);
        double last = correction == CORRECTION_HOLM ? 0 : 1;
        for (size_t k = 0; k < m; k++) {
            size_t rank = correction == CORRECTION_HOLM ? k : m - 1 - k;
            double scale = correction == CORRECTION_HOLM ? (double)(m - rank) : (double)m / (double)(rank + 1);
            double adjusted = fmin(1, *sorted[rank] * scale);
            last = correction == CORRECTION_HOLM ? fmax(last, adjusted) : fmin(last, adjusted);
            ret_adjusted[sorted[rank] - p] = last;
        }
    }
    free(sorted);
}

static int compare_falling(const void *a, const void *b)
{
    double x = **(const double *const *)a, y = **(const double *const *)b;
    return (x < y) - (x > y);
}

/* The p of the procedures stands against alpha / k just when z stands against the bound of alpha / k. */
void group_sequential_crossed(const double *z, size_t n, const double *looks, size_t n_looks, double alpha,
                              enum correction correction, bool *ret_crossed)
{
    const double **sorted = memory_new(n + 1, sizeof *sorted);
    double *sizes = memory_new(n + 1, sizeof *sizes), bounds[20], bound = NAN, of = NAN;
    size_t m = 0, n_crossed = 0;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = fabs(z[i]), ret_crossed[i] = false;
        if (!isnan(z[i])) sorted[m++] = &sizes[i];
    }
    qsort(sorted, m, sizeof *sorted, compare_falling);
    for (size_t k = 0; k < m; k++) {
        double share = correction == CORRECTION_HOLM ? 1 / (double)(m - k)
                       : correction == CORRECTION_BH ? (double)(k + 1) / (double)m : 1;
        if (share != of) {
            group_sequential_bounds(looks, n_looks, alpha * share, bounds);
            of = share, bound = bounds[n_looks - 1];
        }
        if (*sorted[k] > bound) n_crossed = k + 1;
        else if (correction != CORRECTION_BH) break;
    }
    for (size_t k = 0; k < n_crossed; k++) ret_crossed[sorted[k] - sizes] = true;
    free(sizes);
    free(sorted);
}

double sample_ratio_p(const double *observed, const double *shares, size_t n, double *ret_chi2)
{
    double all = 0, chi2 = 0;
    size_t arms = 0;
    for (size_t i = 0; i < n; i++) all += observed[i], arms += shares[i] > 0;
    for (size_t i = 0; i < n; i++) {
        double expected = all * shares[i];
        if (expected > 0) chi2 += (observed[i] - expected) * (observed[i] - expected) / expected;
    }
    *ret_chi2 = chi2;
    return all > 0 && arms > 1 ? chi_squared_tail(chi2, (double)arms - 1) : 1;
}

/* ---- before an experiment ---- */

/* The mean that z must have at the end so that it is found with the wished chance. */
static double drift_for(double alpha, const double *looks, size_t n_looks, double power)
{
    double bounds[20], low = 0, high = 20;
    if (n_looks == 0) return normal_quantile(1 - alpha / 2) + normal_quantile(power);
    group_sequential_bounds(looks, n_looks, alpha, bounds);
    for (int step = 0; step < 30; step++) {
        double middle = (low + high) / 2;
        if (group_sequential_power(looks, bounds, n_looks, middle) < power) low = middle;
        else high = middle;
    }
    return high;
}

double people_needed(double difference, double control_variance, double treated_variance, double alpha,
                     const double *looks, size_t n_looks, double power)
{
    double drift = drift_for(alpha, looks, n_looks, power);
    return ceil(drift * drift * (control_variance + treated_variance) / (difference * difference));
}

double detectable(double se, double alpha, double power)
{
    return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * se;
}

double chance_to_find(double difference, double se, double alpha)
{
    double z = normal_quantile(1 - alpha / 2);
    return normal_cdf(difference / se - z) + normal_cdf(-difference / se - z);
}

double people_needed_hazard(double hazard_ratio, double control_share, double treated_share, double alpha,
                            double power)
{
    double z = normal_quantile(1 - alpha / 2) + normal_quantile(power),
           apart = (hazard_ratio + 1) / (hazard_ratio - 1);
    return ceil(z * z * apart * apart / (control_share + treated_share));
}

double chance_to_find_hazard(double hazard_ratio, double n_control, double n_treated, double control_share,
                             double treated_share, double alpha)
{
    double events = n_control * control_share + n_treated * treated_share, times = n_treated / n_control;
    return normal_cdf(sqrt(times * events) * fabs(hazard_ratio - 1) / (times * hazard_ratio + 1) -
                      normal_quantile(1 - alpha / 2));
}
