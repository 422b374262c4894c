/* dense.h - products, inverses and solutions of dense matrices of floats: BLAS and LAPACK.
 *
 * Matrices are row-major.  The library runs on the calling thread only, because its sums come out otherwise with
 * another number of threads: work in parallel is for the caller to cut, and the same input gives the same bytes
 * however many pieces run side by side. */
#ifndef MATH_DENSE_H
#define MATH_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* ret [n x m] = a [n x f] b' with b [m x f]. */
void dense_products(const float *a, size_t n, const float *b, size_t m, size_t f, float *ret);

/* gram [f x f] += scale * rows' rows with rows [n x f]; only its lower triangle is looked at and changed. */
void dense_add_gram(const float *rows, size_t n, size_t f, float scale, float *gram);

/* products [f x f] += rows' rows of doubles with rows [n x f]; only its lower triangle is looked at and changed. */
void dense_add_products(const double *rows, size_t n, size_t f, double *products);

enum { DENSE_SOLVE_MOST = 64 };

/* Solves for a symmetric positive definite matrix [n x n], n at most DENSE_SOLVE_MOST, of which the lower
 * triangle is given: right [n] becomes the solution.  False: it is not positive definite. */
bool dense_solve(const float *matrix, size_t n, float *right);

/* Of a symmetric matrix [n x n], of which the lower triangle is given, the eigenvalues, ascending, and of each its
 * eigenvector as a row in place of the matrix.  False: they are not found. */
bool dense_eigen(double *matrix, size_t n, double *ret_values);

/* Inverts a symmetric positive definite matrix [n x n], of which the lower triangle is given, in place; of the
 * result the lower triangle stands there too.  False: it is not positive definite. */
bool dense_invert(float *matrix, size_t n);

#endif
