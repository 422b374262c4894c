/* correction.h - events that take back others.
 *
 * A correction is an event of the kind LOG_CORRECTION of the same identity.  Its message is the complement of the
 * message that it replaces: of the events appended before it.  From the instant it was received on, what it
 * replaces is left out by whoever replays the log; as of an earlier instant everything stays what it was. */
#ifndef LOG_CORRECTION_H
#define LOG_CORRECTION_H

#include "log/log.h"

#define LOG_CORRECTION "correction"

static inline uint64_t log_correction_of(uint64_t message_hash) { return ~message_hash; }

/* When each event was replaced: [n] received_ms of its correction, INT64_MAX where there is none, INT64_MIN of
 * the corrections themselves, which are never events of the customer; NULL where no correction is among them.
 * Needs message_hash, kind and received_ms. */
int64_t *corrections_find(const struct events *events, uint16_t correction_kind, struct arena *arena);

/* Whether event i of a batch, or the event that it is a line of, follows corrections: it is then another version of what
 * was there, and nothing new. */
bool correction_precedes(const struct events *events, size_t i, uint16_t correction_kind);

/* Takes what is replaced and the corrections themselves out of the arrays. */
void corrections_apply(struct events *events, const int64_t *replaced_ms);

#endif
