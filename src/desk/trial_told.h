/* trial_told.h - what a trial of one person tells, as JSON: each way through with its steps, and when they did not
 * enter. */
#ifndef DESK_TRIAL_TOLD_H
#define DESK_TRIAL_TOLD_H

#include "trial/trial.h"

/* Lists: {"entered_ms", "end", "steps": [{"step", "at_ms", "local", "outcome", "rule", "sentence"}]} and
 * {"at_ms", "rule", "facts"}. */
struct trial_told { json_t *entries, *not_entered; };

struct trial_told trial_told_new(void);
void trial_told_free(struct trial_told *told);
void trial_told_hear(void *told, const struct trial_line *line);    /* trial_options.told */
void trial_told_end(struct trial_told *told);                       /* all is heard */

#endif
