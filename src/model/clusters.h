/* clusters.h - k-means clusters of customers or of the rows of a table, in words.
 *
 * Columns are brought to a common scale: skewed ones that are never negative in logarithms, then
 * centred, divided by their spread and cut at 3 spreads; yes/no columns are only centred; missing
 * values become the median.  The clusters are found on a sample of at most CLUSTER_CELLS numbers
 * and every row then joins the nearest.  k is the largest whose silhouette is within a tenth of the
 * best and which comes out alike when half of the sample is drawn again.  No such k: no clusters. */
#ifndef MODEL_CLUSTERS_H
#define MODEL_CLUSTERS_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

enum { CLUSTER_CELLS = 100000 };

struct cluster_request {
    const float       *values;      /* [n_rows x n_columns], row-major; NaN missing */
    size_t             n_rows, n_columns;
    const char *const *names;       /* [n_columns] as a person says them: "orders", "Contract = Two year" */
    /* [n_columns] what rows high or low in a column are: "order often", "order rarely"; NULL: "high
     * orders", "low orders". */
    const char *const *high_words, *const *low_words;
    unsigned           k_most;      /* 2..k_most are tried; 0: 8 */
    uint64_t           seed;
    unsigned           n_threads;
};

struct cluster_row {
    const char *name;               /* "high spend, recent" */
    const char *description;        /* what sets it apart, with numbers */
    size_t      customers;
};

struct clusters {
    unsigned           k;           /* 0: none stable enough; refusal says so */
    double             silhouette, stability;       /* mean adjusted Rand index over resamples */
    uint8_t           *label;       /* [n_rows] index into rows */
    struct cluster_row *rows;       /* [k], largest first */
    size_t             n_rows;
    const char        *refusal;     /* NULL if k > 0 */
};

/* Errors: ERR_REFUSED fewer than 50 rows, or no column that varies. */
bool clusters_fit(const struct cluster_request *request, struct arena *arena, struct clusters *ret_clusters,
                  struct err *err) MUST_CHECK;

/* The report's "clusters" object, a new reference.  churn [n_rows] probabilities, NaN unknown, and
 * value_cents [n_rows] give each cluster's means; either may be NULL. */
json_t *clusters_json(const struct clusters *clusters, const double *churn, const int64_t *value_cents);

#endif
