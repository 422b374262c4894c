/* kmeans.h - who belongs together: k-means, k by silhouette, stability by resampling.
 *
 * k-means++ seeding (Arthur & Vassilvitskii 2007, greedy over a few candidates), Lloyd's
 * iterations, several restarts, of very many rows told apart by a part of them.  The same result for any number of
 * threads. */
#ifndef MODEL_KMEANS_H
#define MODEL_KMEANS_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

struct kmeans {
    unsigned  k;
    size_t    n_columns;
    double   *centres;          /* [k x n_columns] */
    uint8_t  *label;            /* [n_rows] 0..k-1, clusters ordered by size, largest first */
    size_t   *size;             /* [k] */
    double    inertia;          /* sum of squared distances to the own centre */
};

enum { KMEANS_CLUSTERS_MAX = 32, SILHOUETTES_MAX = 16 };

/* values [n_rows x n_columns], row-major, finite, scaled by the caller; 1 <= k <= KMEANS_CLUSTERS_MAX.
 * Errors: ERR_INVALID fewer distinct rows than k. */
bool kmeans_fit(const float *values, size_t n_rows, size_t n_columns, unsigned k, unsigned n_restarts,
                uint64_t seed, unsigned n_threads, struct arena *arena, struct kmeans *ret_kmeans,
                struct err *err) MUST_CHECK;

/* The cluster whose centre is nearest to a row. */
unsigned kmeans_nearest(const struct kmeans *kmeans, const float *row);

/* Mean silhouette in [-1, 1], exact up to 3,000 rows, of a sample of 3,000 beyond
 * (Rousseeuw 1987; clusters of one row count 0). */
double silhouette(const float *values, size_t n_rows, size_t n_columns, const uint8_t *label, unsigned k,
                  uint64_t seed, unsigned n_threads);

/* The same of several labelings of the rows, SILHOUETTES_MAX at most, with little more work than of one. */
struct labeling { const uint8_t *label; unsigned k; };
void silhouettes(const float *values, size_t n_rows, size_t n_columns, const struct labeling *labelings,
                 size_t n_labelings, uint64_t seed, unsigned n_threads, double *ret_silhouettes);

/* Agreement of two labelings of the same n rows: 1 the same, about 0 by chance (Hubert & Arabie 1985). */
double adjusted_rand_index(const uint8_t *label_a, const uint8_t *label_b, size_t n);

#endif
