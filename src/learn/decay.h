/* decay.h - whether a model in force is to learn again before its time: what it says has moved, or it ranks worse
 * than when it was made, now that answers are known. */
#ifndef LEARN_DECAY_H
#define LEARN_DECAY_H

#include "hub/trained.h"
#include "log/log.h"

struct decay { bool is_worse, has_moved; };

/* Of a table's model neither: its customers do not move with time.  Errors: those of the log. */
bool decay_look(const struct log *log, const struct trained *trained, int64_t end_ms, unsigned n_threads,
                struct decay *ret_decay, struct err *err) MUST_CHECK;

#endif
