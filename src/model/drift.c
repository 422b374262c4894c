/* drift.c - see drift.h. */
#include "model/drift.h"

#include "base/memory.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 10, EXACT_CELLS = 10000 };

static const double EMPTY_SHARE = 1e-4, DRIFTED = .1, CHANCE_P = .01;

static double drift_psi(const double *before, const double *now, size_t n)
{
    double psi = 0;
    for (size_t i = 0; i < n; i++) {
        double p = before[i] > 0 ? before[i] : EMPTY_SHARE, q = now[i] > 0 ? now[i] : EMPTY_SHARE;
        psi += (q - p) * log(q / p);
    }
    return psi;
}

static double drift_hellinger(const double *before, const double *now, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += pow(sqrt(before[i]) - sqrt(now[i]), 2);
    return sqrt(sum / 2);
}

static double ks_distance(const double *a, size_t n_a, const double *b, size_t n_b)
{
    double largest = 0;
    for (size_t i = 0, j = 0; i < n_a && j < n_b;) {
        double x = a[i] < b[j] ? a[i] : b[j];
        while (i < n_a && a[i] <= x) i++;
        while (j < n_b && b[j] <= x) j++;
        largest = fmax(largest, fabs((double)i / (double)n_a - (double)j / (double)n_b));
    }
    return largest;
}

/* The share of the ways from (0, 0) to (n_a, n_b) that ever reach the distance: rows one after another, each cell
 * the share of ways to it that never did. */
static double exact_p(double distance, size_t n_a, size_t n_b)
{
    double *within = memory_new(n_b + 1, sizeof *within);
    for (size_t i = 0; i <= n_a; i++)
        for (size_t j = 0; j <= n_b; j++) {
            bool is_out = fabs((double)i / (double)n_a - (double)j / (double)n_b) > distance - 1e-9;
            double up = i > 0 ? within[j] * (double)i / (double)(i + j) : 0,
                   left = j > 0 ? within[j - 1] * (double)j / (double)(i + j) : 0;
            within[j] = is_out ? 0 : i + j == 0 ? 1 : up + left;
        }
    double p = 1 - within[n_b];
    free(within);
    return p;
}

static double ks_p(double distance, size_t n_a, size_t n_b)
{
    if (n_a * n_b <= EXACT_CELLS) return distance > 0 ? exact_p(distance, n_a, n_b) : 1;
    double lambda2 = distance * distance * ((double)n_a / ((double)n_a + (double)n_b) * (double)n_b), p = 0;
    if (lambda2 < .04) return 1;
    for (int k = 1; k <= 100; k++) p += (k % 2 ? 2 : -2) * exp(-2 * k * k * lambda2);
    return fmin(fmax(p, 0), 1);
}

static void shares_of(const double *counts, size_t n, double *ret_shares)
{
    double all = 0;
    for (size_t i = 0; i < n; i++) all += counts[i];
    for (size_t i = 0; i < n; i++) ret_shares[i] = counts[i] / all;
}

static double psi_by_chance(size_t n, double before, double now)
{
    return ((double)n - 1) * (1 / before + 1 / now);
}

/* How many of sorted values lie in each part: from the cut before to below its own. */
static size_t counts_between(const double *sorted, size_t n, const double *cuts, size_t n_cuts, double *ret_counts)
{
    size_t at = 0;
    for (size_t c = 0; c <= n_cuts; c++) {
        size_t from = at;
        while (at < n && (c == n_cuts || sorted[at] < cuts[c])) at++;
        ret_counts[c] = (double)(at - from);
    }
    return n_cuts + 1;
}

struct drift drift_numbers(double *before, size_t n_before, double *now, size_t n_now)
{
    double cuts[PARTS], a[PARTS], b[PARTS];
    size_t n_cuts = 0;
    sort_doubles(before, n_before), sort_doubles(now, n_now);
    for (size_t k = 1; k < PARTS; k++) {
        double cut = quantile_sorted(before, n_before, (double)k / PARTS);
        if (n_cuts == 0 || cut > cuts[n_cuts - 1]) cuts[n_cuts++] = cut;
    }
    size_t parts = counts_between(before, n_before, cuts, n_cuts, a);
    counts_between(now, n_now, cuts, n_cuts, b);
    shares_of(a, parts, a), shares_of(b, parts, b);
    struct drift drift = { .psi = drift_psi(a, b, parts), .ks = ks_distance(before, n_before, now, n_now),
                           .chi2 = (double)NAN, .hellinger = (double)NAN, .chi2_fit = (double)NAN,
                           .p_fit = (double)NAN };
    drift.p = ks_p(drift.ks, n_before, n_now);
    double chance = psi_by_chance(parts, (double)n_before, (double)n_now);
    drift.is_drifted = drift.psi - chance >= DRIFTED || (drift.ks >= DRIFTED && drift.p < CHANCE_P);
    return drift;
}

struct drift drift_counts(const double *before, const double *now, size_t n)
{
    double *a = memory_new(n, sizeof *a), *b = memory_new(n, sizeof *b), n_before = 0, n_now = 0;
    for (size_t i = 0; i < n; i++) n_before += before[i], n_now += now[i];
    shares_of(before, n, a), shares_of(now, n, b);
    struct drift drift = { .psi = drift_psi(a, b, n), .ks = (double)NAN, .hellinger = drift_hellinger(a, b, n) };
    for (size_t i = 0; i < n; i++) {
        double all = before[i] + now[i], expected = n_now * (a[i] > 0 ? a[i] : EMPTY_SHARE);
        drift.chi2_fit += pow(now[i] - expected, 2) / expected;
        if (all > 0)
            drift.chi2 +=
                pow(now[i] - all * n_now / (n_before + n_now), 2) * (n_before + n_now) / (all * n_now) +
                pow(before[i] - all * n_before / (n_before + n_now), 2) * (n_before + n_now) / (all * n_before);
    }
    drift.p = n > 1 ? chi_squared_tail(drift.chi2, (double)n - 1) : 1;
    drift.p_fit = n > 1 ? chi_squared_tail(drift.chi2_fit, (double)n - 1) : 1;
    drift.is_drifted = drift.psi - psi_by_chance(n, n_before, n_now) >= DRIFTED;
    free(a), free(b);
    return drift;
}
