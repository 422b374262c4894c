/* dense.c - see dense.h.  OpenBLAS. */
#include "math/dense.h"

#include <cblas.h>
#include <limits.h>
#include <pthread.h>

/* LAPACK's routines, which the header of BLAS does not declare; LAPACK is column-major, so that its upper triangle
 * is our lower one. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void spotrs_(const char *uplo, const int *n, const int *n_right, const float *a, const int *lda, float *b,
                    const int *ldb, int *info);

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void use_one_thread(void)
{
    openblas_set_num_threads(1);
}

static int size_of(size_t n)
{
    (void)pthread_once(&once, use_one_thread);
    return n > INT_MAX ? INT_MAX : (int)n;
}

void dense_products(const float *a, size_t n, const float *b, size_t m, size_t f, float *ret)
{
    if (n == 0 || m == 0) return;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size_of(n), size_of(m), size_of(f), 1, a, size_of(f), b,
                size_of(f), 0, ret, size_of(m));
}

void dense_add_gram(const float *rows, size_t n, size_t f, float scale, float *gram)
{
    if (n == 0) return;
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, size_of(f), size_of(n), scale, rows, size_of(f), 1, gram,
                size_of(f));
}

void dense_add_products(const double *rows, size_t n, size_t f, double *products)
{
    if (n == 0) return;
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, size_of(f), size_of(n), 1, rows, size_of(f), 1, products,
                size_of(f));
}

void dense_apply(const float *matrix, size_t n, size_t f, const float *vector, float *ret)
{
    if (n == 0) return;
    cblas_sgemv(CblasRowMajor, CblasNoTrans, size_of(n), size_of(f), 1, matrix, size_of(f), vector, 1, 0, ret, 1);
}

bool dense_solve(float *matrix, size_t n, float *right)
{
    int size = size_of(n), one = 1, info = 0;
    spotrf_("U", &size, matrix, &size, &info);
    if (info != 0) return false;
    spotrs_("U", &size, &one, matrix, &size, right, &size, &info);
    return info == 0;
}

bool dense_invert(float *matrix, size_t n)
{
    int size = size_of(n), info = 0;
    if (n == 0) return true;
    spotrf_("U", &size, matrix, &size, &info);
    if (info == 0) spotri_("U", &size, matrix, &size, &info);
    return info == 0;
}
