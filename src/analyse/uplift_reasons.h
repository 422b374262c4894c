/* uplift_reasons.h - why each person is in the group that an uplift study put them in, and what sets the groups apart. */
#ifndef ANALYSE_UPLIFT_REASONS_H
#define ANALYSE_UPLIFT_REASONS_H

#include "base/output.h"
#include "uplift/effect_reasons.h"
#include "uplift/uplift_study.h"

#include <jansson.h>

/* data: whom the study judged on.  names [data->n_columns]. */
struct uplift_told {
    const struct uplift_study *study;
    const struct effect_data  *data;
    const char *const         *names;
    const char                *treated;
};

/* {"explained", "persuadable": [{"column", "mean", "others", "effect"}], ...}; null where nothing is said of
 * anybody. */
json_t *uplift_reasons_json(const struct uplift_told *told, const struct effect_reasons *reasons);

/* A line for each: id, treatment, effect, group, up to three reasons.  ids [data->n]. */
void uplift_people_head(struct output *out, const char *id);
void uplift_people_write(struct output *out, const struct uplift_told *told, const struct effect_reasons *reasons,
                         const char *const *ids, struct arena *arena);

#endif
