/* The one file that includes GSL's special functions and linear algebra; see numerics.h. */
#include "math/numerics.h"

#include "base/memory.h"

#include <assert.h>
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sf_hyperg.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MATRIX_MAX = 16 };

static void silence(void)
{
    gsl_set_error_handler_off();
}

void numerics_quiet(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, silence);
}

double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

double digamma(double x)
{
    numerics_quiet();
    return gsl_sf_psi(x);
}

/* For b far above a the difference of two large log-gammas loses digits: Stirling's difference
 * log gamma(b) - log gamma(a + b) is then taken by its expansion in 1 / b. */
double log_beta(double a, double b)
{
    double small = fmin(a, b), large = fmax(a, b), sum = a + b;
    if (large < 1e4) return log_gamma(a) + log_gamma(b) - log_gamma(sum);
    double correction =
        (1 / large - 1 / sum) / 12 - (1 / (large * large * large) - 1 / (sum * sum * sum)) / 360;
    return log_gamma(small) - small * log(sum) + small - (large - 0.5) * log1p(small / large) + correction;
}

double tricomi(double a, double b, double x)
{
    numerics_quiet();
    gsl_sf_result result;
    return gsl_sf_hyperg_U_e(a, b, x, &result) == GSL_SUCCESS ? result.val : (double)NAN;
}

double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0));
}

double normal_quantile(double p)
{
    numerics_quiet();
    return gsl_cdf_ugaussian_Pinv(p);
}

double beta_cdf(double x, double a, double b)
{
    numerics_quiet();
    return gsl_cdf_beta_P(x, a, b);
}

double beta_quantile(double p, double a, double b)
{
    double low = 0, high = 1;       /* GSL's own inverse finds none for some, such as .7 of (30, 970) */
    for (double middle = .5; middle > low && middle < high; middle = (low + high) / 2)
        if (beta_cdf(middle, a, b) < p) low = middle;
        else high = middle;
    return high;
}

double gamma_cdf(double x, double shape, double scale)
{
    numerics_quiet();
    return gsl_cdf_gamma_P(x, shape, scale);
}

double gamma_quantile(double p, double shape, double scale)
{
    numerics_quiet();
    return gsl_cdf_gamma_Pinv(p, shape, scale);
}

double chi_squared_tail(double x, double degrees)
{
    numerics_quiet();
    return gsl_cdf_chisq_Q(x, degrees);
}

double student_quantile(double p, double degrees)
{
    numerics_quiet();
    return gsl_cdf_tdist_Pinv(p, degrees);
}

/* ---- expectation over a beta distribution ------------------------------------------------------ */

enum { EXPECTATIONS_MAX = 64, HALVINGS_MAX = 14 };
static const double negligible_log = 60;      /* exp(-60) of the peak adds nothing */

struct beta_grid { double a, b, centre, width, peak; };

/* log of the density of logit(x) at u, without its constant; ret_x and ret_complement by the way */
static double logit_density(const struct beta_grid *grid, double u, double *ret_x, double *ret_complement)
{
    double tail = exp(-fabs(u)), inner = 1 / (1 + tail), log_inner = -log1p(tail);
    *ret_x = u < 0 ? tail * inner : inner;
    *ret_complement = u < 0 ? inner : tail * inner;
    double log_x = u < 0 ? u + log_inner : log_inner, log_complement = u < 0 ? log_inner : -u + log_inner;
    return grid->a * log_x + grid->b * log_complement;
}

static double grid_logit(const struct beta_grid *grid, double s)
{
    return grid->centre + grid->width * sinh(s);
}

/* Where the density has become negligible, in steps of 0.5 away from the centre. */
static double grid_end(const struct beta_grid *grid, double step)
{
    double s = 0, x, complement;
    while (fabs(s) < 40) {
        s += step;
        if (logit_density(grid, grid_logit(grid, s), &x, &complement) + fabs(s) < grid->peak - negligible_log)
            break;
    }
    return s;
}

/* The logit of x is taken as centre + width * sinh(s), so that both the peak and the exponential
 * tails become double-exponential in s, where the trapezoid rule converges geometrically; the step
 * is halved until nothing changes.  Dividing by the same sum of the density removes its constant. */
void beta_expectation(double a, double b, size_t n,
                      void (*function)(const void *context, double x, double complement, double *ret_values),
                      const void *context, double *ret_expectation)
{
    assert(a > 0 && b > 0 && n > 0 && n <= EXPECTATIONS_MAX);
    struct beta_grid grid = { a, b, log(a / b), sqrt((a + b) / a / b), 0 };
    double x, complement, sums[EXPECTATIONS_MAX] = { 0 }, values[EXPECTATIONS_MAX], total = 0;
    grid.peak = logit_density(&grid, grid.centre, &x, &complement);
    double low = grid_end(&grid, -0.5), high = grid_end(&grid, 0.5);
    size_t n_points = 32;
    for (unsigned level = 0; level < HALVINGS_MAX; level++, n_points *= 2) {
        double step = (high - low) / (double)n_points;
        for (size_t i = level == 0 ? 0 : 1; i <= n_points; i += level == 0 ? 1 : 2) {
            double s = low + step * (double)i;
            double weight =
                exp(logit_density(&grid, grid_logit(&grid, s), &x, &complement) - grid.peak) * cosh(s);
            function(context, x, complement, values);
            for (size_t j = 0; j < n; j++) sums[j] += weight * values[j];
            total += weight;
        }
        bool has_settled = level > 0;
        for (size_t j = 0; j < n; j++) {
            double now = sums[j] / total;
            has_settled &= level > 0 && fabs(now - ret_expectation[j]) <= 1e-11 * fabs(now);
            ret_expectation[j] = now;
        }
        if (has_settled) return;
    }
}

void legendre_nodes(double low, double high, size_t n, double *ret_x, double *ret_weight)
{
    assert(n > 0 && n <= 64);
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(n);
    assert(table);
    for (size_t i = 0; i < n; i++) gsl_integration_glfixed_point(low, high, i, ret_x + i, ret_weight + i, table);
    gsl_integration_glfixed_table_free(table);
}

/* ---- interpolation ----------------------------------------------------------------------------- */

void chebyshev_points(double low, double high, size_t n, double *ret_x)
{
    for (size_t i = 0; i <= n; i++)
        ret_x[i] = (low + high) / 2 - (high - low) / 2 * cos((double)i * acos(-1.0) / (double)n);
}

void chebyshev_shares(const double *points, size_t n, size_t every, double x, double *ret_share)
{
    double sum = 0;
    for (size_t i = 0, k = 0; i <= n; i += every, k++) {
        double gap = x - points[i], sign = k % 2 ? -1 : 1;
        if (fabs(gap) < DBL_MIN) {
            for (size_t other = 0; other <= n / every; other++) ret_share[other] = other == k;
            return;
        }
        sum += ret_share[k] = (i == 0 || i == n ? sign / 2 : sign) / gap;
    }
    for (size_t k = 0; k <= n / every; k++) ret_share[k] /= sum;
}

/* ---- samples ----------------------------------------------------------------------------------- */

double quantile_sorted(const double *values, size_t n, double p)
{
    assert(n > 0);
    return gsl_stats_quantile_from_sorted_data(values, 1, n, p);
}

double median_of(double *values, size_t n)
{
    assert(n > 0);
    return gsl_stats_median(values, 1, n);
}

void sort_doubles(double *values, size_t n)
{
    gsl_sort(values, 1, n);
}

/* Floats as unsigned numbers of the same order, and back. */
static uint32_t float_to_key(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((0 - (bits >> 31)) | 0x80000000u);
}

static float float_of_key(uint32_t key)
{
    uint32_t bits = key ^ (((key >> 31) - 1) | 0x80000000u);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Radix sort: by the lowest eleven bits, by the next, by the highest, each time keeping the order there was. */
void sort_floats(float *values, size_t n)
{
    enum { PASSES = 3, BITS = 11, DIGITS = 1 << BITS };
    uint32_t *room = memory_new(2 * n + 1, sizeof *room), *from = room, *to = room + n, at[DIGITS];
    for (size_t i = 0; i < n; i++) from[i] = float_to_key(values[i]);
    for (unsigned shift = 0; shift < PASSES * BITS; shift += BITS) {
        uint32_t before = 0;
        memset(at, 0, sizeof at);
        for (size_t i = 0; i < n; i++) at[from[i] >> shift & (DIGITS - 1)]++;
        for (size_t digit = 0; digit < DIGITS; digit++) {
            uint32_t count = at[digit];
            at[digit] = before;
            before += count;
        }
        for (size_t i = 0; i < n; i++) to[at[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        uint32_t *sorted = to;
        to = from, from = sorted;
    }
    for (size_t i = 0; i < n; i++) values[i] = float_of_key(from[i]);
    free(room);
}

double correlation(const double *a, const double *b, size_t n)
{
    if (n < 2) return (double)NAN;
    double sd_a = gsl_stats_sd(a, 1, n), sd_b = gsl_stats_sd(b, 1, n);
    return sd_a > 0 && sd_b > 0 ? gsl_stats_correlation(a, 1, b, 1, n) : (double)NAN;
}

/* ---- small matrices ---------------------------------------------------------------------------- */

bool symmetric_inverse(double *matrix, size_t n, double *ret_condition)
{
    assert(n > 0 && n <= MATRIX_MAX);
    numerics_quiet();
    double work[MATRIX_MAX * MATRIX_MAX], scratch[3 * MATRIX_MAX], reciprocal;
    for (size_t i = 0; i < n * n; i++)
        if (!isfinite(matrix[i])) return false;
    memcpy(work, matrix, n * n * sizeof *matrix);
    gsl_matrix_view view = gsl_matrix_view_array(work, n, n);
    gsl_vector_view spare = gsl_vector_view_array(scratch, 3 * n);
    if (gsl_linalg_cholesky_decomp1(&view.matrix) != GSL_SUCCESS) return false;
    if (gsl_linalg_cholesky_rcond(&view.matrix, &reciprocal, &spare.vector) != GSL_SUCCESS) return false;
    if (gsl_linalg_cholesky_invert(&view.matrix) != GSL_SUCCESS) return false;
    memcpy(matrix, work, n * n * sizeof *matrix);
    if (ret_condition) *ret_condition = 1 / reciprocal;
    return true;
}

bool linear_solve(const double *matrix, const double *right, size_t n, double *ret_x)
{
    assert(n > 0 && n <= LINEAR_SOLVE_MOST);
    numerics_quiet();
    double work[LINEAR_SOLVE_MOST * LINEAR_SOLVE_MOST], x[LINEAR_SOLVE_MOST];
    size_t order[LINEAR_SOLVE_MOST];
    int sign;
    memcpy(work, matrix, n * n * sizeof *matrix);
    memcpy(x, right, n * sizeof *right);
    gsl_matrix_view view = gsl_matrix_view_array(work, n, n);
    gsl_vector_view solution = gsl_vector_view_array(x, n);
    gsl_permutation permutation = { n, order };
    if (gsl_linalg_LU_decomp(&view.matrix, &permutation, &sign) != GSL_SUCCESS) return false;
    for (size_t i = 0; i < n; i++)
        if (work[i * n + i] == 0) return false;
    if (gsl_linalg_LU_svx(&view.matrix, &permutation, &solution.vector) != GSL_SUCCESS) return false;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    memcpy(ret_x, x, n * sizeof *x);
    return true;
}
