/* trained.h - the models in force, each with the versions that act beside it. */
#ifndef HUB_TRAINED_H
#define HUB_TRAINED_H

#include "hub/trained_version.h"

/* The model in force of the question, or of any with question NULL: of several the one put in force last; with the
 * versions that act beside it (hub/contest.h).
 * Errors: those of trained_get_version and of contest_find. */
bool trained_get(struct store *store, const struct log *log, const char *question, struct arena *arena,
                 struct trained *ret_trained, struct err *err) MUST_CHECK;

/* Of trained_get's or trained_get_version's: evidence and contest; all else lives in the arena. */
void trained_release(struct trained *trained);

#endif
