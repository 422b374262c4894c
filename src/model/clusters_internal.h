/* clusters_internal.h - shared by clusters.c and clusters_words.c. */
#ifndef MODEL_CLUSTERS_INTERNAL_H
#define MODEL_CLUSTERS_INTERNAL_H

#include "model/clusters.h"

/* How one column of the request becomes one of the scaled matrix. */
struct scale {
    size_t column;              /* of the request */
    bool   is_yes_no, is_log;
    double median, mean, spread;    /* the last two after the logarithm */
};

float scale_value(const struct scale *scale, float value);

/* Fills names and descriptions of clusters->rows from what sets each apart. */
void clusters_describe(const struct cluster_request *request, const struct scale *scales, size_t n_scales,
                       struct arena *arena, struct clusters *clusters);

#endif
