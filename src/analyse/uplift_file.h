/* uplift_file.h - a file of people, treated and left alone, and the flags that say what is in it. */
#ifndef ANALYSE_UPLIFT_FILE_H
#define ANALYSE_UPLIFT_FILE_H

#include "cli/command.h"
#include "uplift/uplift_study.h"

#include <jansson.h>

/* Studies each treatment of the file.  Errors: those of frame_open; ERR_INVALID a flag is missing or names nothing
 * in the file, a propensity that is none (says where). */
bool uplift_file_study(struct invocation *invocation, const char *path, json_t **ret_json,
                       struct err *err) MUST_CHECK;

/* The learners of --learners; ret_asked [EFFECT_LEARNERS]. */
bool uplift_learners_asked(struct invocation *invocation, bool *ret_asked, struct err *err) MUST_CHECK;

/* A study as JSON; dropped is taken. */
json_t *uplift_study_json(const struct uplift_study *study, const char *treated, json_t *dropped);

/* The treatment to take where there are several: the one that brings most a person. */
bool uplift_study_is_better(const struct uplift_study *a, const struct uplift_study *b);

#endif
