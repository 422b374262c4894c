/* uplift_reasons.h - why each person is in the group that an uplift study put them in, and what sets the groups apart. */
#ifndef ANALYSE_UPLIFT_REASONS_H
#define ANALYSE_UPLIFT_REASONS_H

#include "base/output.h"
#include "cli/command.h"
#include "uplift/uplift_study.h"

#include <jansson.h>

/* data: whom the study judged on.  names [data->n_columns]; ids [data->n], only asked for where people are written. */
struct uplift_told {
    const struct uplift_study *study;
    const struct effect_data  *data;
    const char *const         *names, *const *ids;
    const char                *treated;
};

/* The file of --people, its first column called id; *ret_people NULL: nobody asked for one. */
bool uplift_people_open(const struct invocation *invocation, const char *id, struct output **ret_people,
                        struct err *err) MUST_CHECK;

/* Into json "reasons": {"explained", "persuadable": [{"column", "mean", "others", "effect"}], ...}, null where nothing is
 * said of anybody; into people, unless NULL, a line for each: id, treatment, effect, group, up to three reasons. */
void uplift_tell(const struct uplift_told *told, struct output *people, json_t *json);

/* Keeps the file of what went well, which then is said to have done so; else there is none.  NULL is fine. */
bool uplift_people_close(struct output *people, bool is_well, json_t **json, struct err *err) MUST_CHECK;

#endif
