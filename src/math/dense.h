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

/* ret [n] = matrix [n x f] vector [f]. */
void dense_apply(const float *matrix, size_t n, size_t f, const float *vector, float *ret);

/* Solves for a symmetric positive definite matrix [n x n], of which the lower triangle is given, in place: right
 * [n] becomes the solution, matrix its Cholesky factor.  False: it is not positive definite. */
bool dense_solve(float *matrix, size_t n, float *right);

/* Inverts a symmetric positive definite matrix [n x n], of which the lower triangle is given, in place; of the
 * result the lower triangle stands there too.  False: it is not positive definite. */
bool dense_invert(float *matrix, size_t n);

#endif
