/* Choosing clusters that hold; see clusters.h. */
#include "model/clusters.h"
#include "model/clusters_internal.h"

#include "base/rng.h"
#include "math/numerics.h"
#include "model/kmeans.h"

#include <assert.h>
#include <math.h>

enum { LEAST_ROWS = 50, LEAST_SAMPLE = 1000, K_MOST = 8, RESTARTS = 10, RESAMPLES = 10 };
static const double least_stability = 0.8, least_silhouette = 0.1, cut_at = 3, skewed_from = 1,
                    nearly_best = 0.9;

/* ---- scaling ----------------------------------------------------------------------------------- */

float scale_value(const struct scale *scale, float value)
{
    double x = isnan(value) ? scale->median : (double)value;
    if (scale->is_log) x = log1p(fmax(x, 0));
    x = (x - scale->mean) / scale->spread;
    return (float)(scale->is_yes_no ? x : fmax(-cut_at, fmin(cut_at, x)));
}

static void mean_and_spread(const double *values, size_t n, double *ret_mean, double *ret_spread,
                            double *ret_skew)
{
    double mean = 0, squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double gap = values[i] - mean;
        squares += gap * gap / (double)n;
        cubes += gap * gap * gap / (double)n;
    }
    *ret_mean = mean;
    *ret_spread = sqrt(squares);
    *ret_skew = squares > 0 ? cubes / (squares * sqrt(squares)) : 0;
}

/* False if the column does not vary. */
static bool scale_column(const struct cluster_request *request, size_t column, double *scratch,
                         struct scale *ret)
{
    size_t n = 0;
    double least = (double)INFINITY, most = -(double)INFINITY;
    for (size_t i = 0; i < request->n_rows; i++) {
        float value = request->values[i * request->n_columns + column];
        if (!isfinite(value)) continue;
        scratch[n++] = (double)value;
        least = fmin(least, (double)value);
        most = fmax(most, (double)value);
    }
    if (!(most > least)) return false;
    struct scale scale = { .column = column, .median = median_of(scratch, n), .spread = 1 };
    double spread, skew;
    scale.is_yes_no = least == 0 && most == 1;
    for (size_t i = 0; i < n && scale.is_yes_no; i++) scale.is_yes_no = scratch[i] == 0 || scratch[i] == 1;
    mean_and_spread(scratch, n, &scale.mean, &spread, &skew);
    if (!scale.is_yes_no) {
        scale.is_log = least >= 0 && skew > skewed_from;
        for (size_t i = 0; i < n && scale.is_log; i++) scratch[i] = log1p(scratch[i]);
        if (scale.is_log) mean_and_spread(scratch, n, &scale.mean, &spread, &skew);
        scale.spread = spread;
    }
    *ret = scale;
    return spread > 0;
}

/* ---- choice of k ------------------------------------------------------------------------------- */

struct search {
    const struct cluster_request *request;
    const float  *sample;       /* [n x d] scaled */
    size_t        n, d;
    struct kmeans fits[K_MOST + 1];
    double        silhouettes[K_MOST + 1];
};

/* How alike the clusters are, over halves of the sample drawn anew: every row joins the nearest
 * centre of the half's fit, and the labels are compared with those of the whole fit. */
static double stability(const struct search *search, unsigned k, struct arena *scratch)
{
    size_t half = search->n / 2, n_compared = 0;
    double sum = 0;
    uint32_t *order = ARENA_ARRAY(scratch, uint32_t, search->n);
    float *values = ARENA_ARRAY(scratch, float, half * search->d);
    uint8_t *label = ARENA_ARRAY(scratch, uint8_t, search->n);
    for (unsigned r = 0; r < RESAMPLES; r++) {
        struct rng rng = rng_stream(search->request->seed, 1000 + r);
        struct kmeans fit;
        struct err err;
        for (uint32_t i = 0; i < search->n; i++) order[i] = i;
        rng_shuffle(&rng, order, search->n);
        for (size_t i = 0; i < half; i++)
            memcpy(values + i * search->d, search->sample + order[i] * search->d, search->d * sizeof *values);
        n_compared++;
        if (!kmeans_fit(values, half, search->d, k, RESTARTS, search->request->seed + r,
                        search->request->n_threads, scratch, &fit, &err))
            continue;       /* the half does not even have k different rows: agreement 0 */
        for (size_t i = 0; i < search->n; i++)
            label[i] = (uint8_t)kmeans_nearest(&fit, search->sample + i * search->d);
        sum += adjusted_rand_index(label, search->fits[k].label, search->n);
    }
    return sum / (double)n_compared;
}

/* Of the k whose silhouette is nearly the best the largest, for it says most, if it is stable; else
 * the next; 0 if none is. */
static unsigned choose_k(struct search *search, struct arena *scratch, double *ret_stability)
{
    unsigned k_most = search->request->k_most ? search->request->k_most : K_MOST;
    struct err err;
    if (k_most > K_MOST) k_most = K_MOST;
    struct labeling labelings[K_MOST + 1];
    size_t n = 0;
    for (unsigned k = 2; k <= k_most; k++) search->silhouettes[k] = -1;
    for (unsigned k = 2; k <= k_most; k++) {
        if (!kmeans_fit(search->sample, search->n, search->d, k, RESTARTS, search->request->seed,
                        search->request->n_threads, scratch, &search->fits[k], &err))
            break;          /* fewer different rows than k */
        labelings[n++] = (struct labeling){ search->fits[k].label, k };
    }
    silhouettes(search->sample, search->n, search->d, labelings, n, search->request->seed,
                search->request->n_threads, search->silhouettes + 2);
    for (;;) {
        double best = least_silhouette;
        unsigned most = 0;
        for (unsigned k = 2; k <= k_most; k++) best = fmax(best, search->silhouettes[k]);
        for (unsigned k = 2; k <= k_most; k++)
            if (search->silhouettes[k] >= fmax(least_silhouette, nearly_best * best)) most = k;
        if (most == 0) return 0;
        *ret_stability = stability(search, most, scratch);
        if (*ret_stability >= least_stability) return most;
        search->silhouettes[most] = -1;
    }
}

/* ---- all together ------------------------------------------------------------------------------ */

/* A random part of the rows, scaled, in the order of the rows. */
static float *draw_sample(const struct cluster_request *request, const struct scale *scales, size_t d,
                          struct arena *scratch, size_t *ret_n)
{
    size_t n = request->n_rows, most = CLUSTER_CELLS / d > LEAST_SAMPLE ? CLUSTER_CELLS / d : LEAST_SAMPLE;
    size_t wanted = n < most ? n : most, taken = 0;
    struct rng rng = rng_stream(request->seed, 7);
    float *sample = ARENA_ARRAY(scratch, float, wanted * d);
    for (size_t i = 0; i < n && taken < wanted; i++) {
        if (rng_below(&rng, n - i) >= wanted - taken) continue;
        for (size_t j = 0; j < d; j++)
            sample[taken * d + j] =
                scale_value(&scales[j], request->values[i * request->n_columns + scales[j].column]);
        taken++;
    }
    *ret_n = taken;
    return sample;
}

static void label_rows(const struct cluster_request *request, const struct kmeans *fit,
                       const struct scale *scales, struct arena *scratch, uint8_t *ret_label)
{
    float *row = ARENA_ARRAY(scratch, float, fit->n_columns);
    for (size_t i = 0; i < request->n_rows; i++) {
        for (size_t j = 0; j < fit->n_columns; j++)
            row[j] = scale_value(&scales[j], request->values[i * request->n_columns + scales[j].column]);
        ret_label[i] = (uint8_t)kmeans_nearest(fit, row);
    }
}

bool clusters_fit(const struct cluster_request *request, struct arena *arena, struct clusters *ret_clusters,
                  struct err *err)
{
    if (request->n_rows < LEAST_ROWS)
        return err_set(err, ERR_REFUSED, "%zu rows are too few to look for clusters; %d are needed",
                       request->n_rows, (int)LEAST_ROWS);
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct scale *scales = ARENA_ARRAY(scratch, struct scale, request->n_columns + 1);
    double *values = ARENA_ARRAY(scratch, double, request->n_rows);
    size_t d = 0;
    for (size_t j = 0; j < request->n_columns; j++) d += scale_column(request, j, values, &scales[d]);
    bool ok = d > 0 || err_set(err, ERR_REFUSED, "no column varies, so there is nothing to tell rows apart by");
    if (ok) {
        struct search search = { .request = request, .d = d };
        struct clusters clusters = { .n_rows = request->n_rows,
                                     .label = ARENA_ARRAY(arena, uint8_t, request->n_rows) };
        search.sample = draw_sample(request, scales, d, scratch, &search.n);
        clusters.k = choose_k(&search, scratch, &clusters.stability);
        if (clusters.k > 0) {
            clusters.silhouette = search.silhouettes[clusters.k];
            clusters.rows = ARENA_ARRAY(arena, struct cluster_row, clusters.k);
            label_rows(request, &search.fits[clusters.k], scales, scratch, clusters.label);
            for (size_t i = 0; i < request->n_rows; i++) clusters.rows[clusters.label[i]].customers++;
            clusters_describe(request, scales, d, arena, &clusters);
        } else
            clusters.refusal =
                "No grouping came out alike when half of the customers were drawn again, so none is shown.";
        *ret_clusters = clusters;
    }
    arena_free(scratch);
    return ok;
}
