/* numerics.h - special functions, distributions, quantiles and small linear algebra.
 *
 * All of it is GSL's or the C library's, behind this one file; GSL's habit of ending the process
 * on an error is turned off, and what has no value is NaN.  Safe from several threads. */
#ifndef MATH_NUMERICS_H
#define MATH_NUMERICS_H

#include "base/err.h"

#include <stddef.h>

void numerics_quiet(void);      /* turns GSL's error handler off, once; optimise.c needs it too */

double log_gamma(double x);             /* x > 0 */
double digamma(double x);               /* x > 0 */
double log_beta(double a, double b);    /* a, b > 0 */

double tricomi(double a, double b, double x);   /* the confluent hypergeometric function U(a, b, x), x > 0 */

double normal_cdf(double x);
double normal_quantile(double p);                       /* p in (0, 1) */
double beta_cdf(double x, double a, double b);          /* regularised incomplete beta */
double beta_quantile(double p, double a, double b);
double gamma_cdf(double x, double shape, double scale);
double gamma_quantile(double p, double shape, double scale);
double chi_squared_tail(double x, double degrees);      /* P(X > x) */
double student_quantile(double p, double degrees);

/* The expectations of n functions of x ~ beta(a, b), n <= 64: function fills ret_values [n] at x
 * (0 and 1 included; complement is 1 - x without rounding).  About 1e-10 relative for smooth
 * positive functions, however peaked or spread the distribution. */
void beta_expectation(double a, double b, size_t n,
                      void (*function)(const void *context, double x, double complement, double *ret_values),
                      const void *context, double *ret_expectation);

/* Nodes and weights of the n-point Gauss-Legendre rule over low..high: ret_x, ret_weight [n]; n <= 64. */
void legendre_nodes(double low, double high, size_t n, double *ret_x, double *ret_weight);

/* Interpolation of a smooth function from low to high by its values at n + 1 points, n even: Chebyshev's of the second kind, of
 * which every second is one of the rule with n / 2.  What each value counts for at x: ret_share [n / every + 1], of every point or, with every 2, of every second.
 * Source: Berrut & Trefethen (2004), Barycentric Lagrange Interpolation. */
void chebyshev_points(double low, double high, size_t n, double *ret_x);
void chebyshev_shares(const double *points, size_t n, size_t every, double x, double *ret_share);

/* The p-quantile of ascending values [n], n > 0, linear between neighbours (R's type 7). */
double quantile_sorted(const double *values, size_t n, double p);
double median_of(double *values, size_t n);                /* the same of p 0.5, in any order, which it changes */
void   sort_doubles(double *values, size_t n);          /* ascending; no NaN */
void   sort_floats(float *values, size_t n);            /* the same, in time that grows no faster than n */

/* Pearson's correlation; NaN if n < 2 or one of them does not vary. */
double correlation(const double *a, const double *b, size_t n);

/* Inverts a symmetric positive definite matrix [n x n] in place, n <= 16; false if it is not
 * (then it is unchanged).  ret_condition, if not NULL, gets an estimate of its
 * condition number in the 1-norm. */
bool symmetric_inverse(double *matrix, size_t n, double *ret_condition) MUST_CHECK;

/* Solves matrix [n x n] x = right [n] by LU, n <= LINEAR_SOLVE_MOST; false if it is singular. */
enum { LINEAR_SOLVE_MOST = 128 };
bool linear_solve(const double *matrix, const double *right, size_t n, double *ret_x) MUST_CHECK;

#endif
