/* dense.c - see dense.h.  OpenBLAS. */
#include "math/dense.h"

#include "base/memory.h"

#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* LAPACK's routines, which the header of BLAS does not declare; LAPACK is column-major, so that its upper triangle
 * is our lower one. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void dsyev_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *values,
                   double *work, const int *n_work, int *info);

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

/* ---- small systems: LAPACK takes longer to set out than to solve one ---- */

enum { LANES = 8 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), may_alias));

/* Cholesky's upper factor by rows of whole lanes, and right solved for along with it; what lies below the diagonal
 * is never looked at. */
struct small {
    lanes  row[DENSE_SOLVE_MOST][DENSE_SOLVE_MOST / LANES];
    float  right[DENSE_SOLVE_MOST];
    size_t n, n_lanes;
};

static inline float *entries(struct small *small, size_t i) { return (float *)(void *)small->row[i]; }

/* Row i without what rows [k, k + 4) explain of it. */
static inline void subtract_four(struct small *small, size_t i, size_t k)
{
    float a = entries(small, k)[i], b = entries(small, k + 1)[i], c = entries(small, k + 2)[i],
          d = entries(small, k + 3)[i];
    for (size_t l = i / LANES; l < small->n_lanes; l++)
        small->row[i][l] -= (a * small->row[k][l] + b * small->row[k + 1][l]) +
                            (c * small->row[k + 2][l] + d * small->row[k + 3][l]);
    small->right[i] -= (a * small->right[k] + b * small->right[k + 1]) +
                       (c * small->right[k + 2] + d * small->right[k + 3]);
}

static inline bool factor_rows(struct small *small, size_t k, size_t end)
{
    for (size_t p = k; p < end; p++) {
        float pivot = entries(small, p)[p], root = 1 / sqrtf(pivot);
        if (!(pivot > 0)) return false;
        for (size_t l = p / LANES; l < small->n_lanes; l++) small->row[p][l] *= root;
        small->right[p] *= root;
        for (size_t i = p + 1; i < end; i++) {
            float factor = entries(small, p)[i];
            for (size_t l = i / LANES; l < small->n_lanes; l++) small->row[i][l] -= factor * small->row[p][l];
            small->right[i] -= factor * small->right[p];
        }
    }
    return true;
}

/* From the last row up; what is not solved for yet counts as 0. */
static inline void solve_back(struct small *small, float *ret)
{
    lanes solved[DENSE_SOLVE_MOST / LANES] = { { 0 } };
    for (size_t k = small->n; k-- > 0;) {
        lanes sums = { 0 };
        for (size_t l = k / LANES; l < small->n_lanes; l++) sums += small->row[k][l] * solved[l];
        float sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
        ret[k] = solved[k / LANES][k % LANES] = (small->right[k] - sum) / entries(small, k)[k];
    }
}

#ifndef __SANITIZE_THREAD__       /* its choice at load time runs before that sanitizer is ready */
__attribute__((target_clones("avx2", "default")))
#endif
static bool solve(const float *matrix, size_t n, float *right)
{
    struct small small;
    small.n = n, small.n_lanes = (n + LANES - 1) / LANES;
    for (size_t i = 0; i < n; i++) {
        memset(small.row[i], 0, small.n_lanes * sizeof(lanes));
        small.right[i] = right[i];
        for (size_t k = 0; k <= i; k++) entries(&small, k)[i] = matrix[i * n + k];
    }
    for (size_t k = 0; k < n; k += 4) {
        size_t end = k + 4 < n ? k + 4 : n;
        if (!factor_rows(&small, k, end)) return false;
        for (size_t i = end; i < n; i++) subtract_four(&small, i, k);
    }
    solve_back(&small, right);
    return true;
}

/* Clang names a cloned function otherwise than other files call it, so what they call is not cloned. */
bool dense_solve(const float *matrix, size_t n, float *right) { return solve(matrix, n, right); }

bool dense_eigen(double *matrix, size_t n, double *ret_values)
{
    enum { WORK_EACH = 34 };        /* 2 + a block of 32 columns, more than LAPACK uses */
    int size = size_of(n), n_work = size_of(WORK_EACH * n + 1), info = 0;
    if (n == 0) return true;
    double *work = memory_new((size_t)n_work, sizeof *work);
    dsyev_("V", "U", &size, matrix, &size, ret_values, work, &n_work, &info);
    free(work);
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
