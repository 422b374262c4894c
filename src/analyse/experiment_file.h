/* experiment_file.h - a file with the outcome of an experiment, and the flags that say what is in it. */
#ifndef ANALYSE_EXPERIMENT_FILE_H
#define ANALYSE_EXPERIMENT_FILE_H

#include "cli/command.h"
#include "experiment/analysis.h"
#include "table/frame.h"

/* Analyses a file by the flags arm, control, metrics and their like.
 * Errors: those of frame_open and analysis_run; ERR_INVALID a flag is missing or names nothing in the file. */
bool experiment_file_analyse(struct invocation *invocation, const char *path, json_t **ret_json,
                             struct err *err) MUST_CHECK;

/* The arm of this name.  Errors: ERR_INVALID there is none (names similar ones); flag says who asked. */
bool experiment_arm(const struct frame_levels *levels, const char *name, const char *flag, struct arena *arena,
                    size_t *ret_arm, struct err *err) MUST_CHECK;

/* What the flags alpha, winsor, correction, sequential-n and looks say, and the seed.  Errors: ERR_INVALID. */
bool experiment_analysis_flags(const struct invocation *invocation, struct analysis *ret_analysis,
                               struct err *err) MUST_CHECK;

/* ".25,.5,1": shares ascending to at most 1; NULL none.  Errors: ERR_INVALID. */
bool experiment_looks(const char *list, double ret_looks[ANALYSIS_LOOKS_MOST], size_t *ret_n,
                      struct err *err) MUST_CHECK;

#endif
