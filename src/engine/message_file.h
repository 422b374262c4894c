/* message_file.h - a file of clients' messages, as an archive keeps them, becomes history by the rules that live
 * messages have: the same kinds, people, consents and sealed members.
 *
 * A JSON object a line, or a list of them: Segment's messages ("type", and who), or PostHog's events ("event" and
 * "distinct_id").  A message was received when the archive says it was, else when it happened, so that a model can
 * be judged on that past.  One that the log has is not taken again, however old. */
#ifndef ENGINE_MESSAGE_FILE_H
#define ENGINE_MESSAGE_FILE_H

#include "base/input.h"
#include "intake/intake.h"

struct service;

/* Whether most of a file's first objects are messages of one protocol; false also of what cannot be read. */
bool message_file_find(const struct input *input, enum protocol *ret_protocol);

struct message_file_counts {
    uint64_t n_messages, n_accepted, n_repeated, n_suppressed;
    uint64_t n_refused;         /* dead letters now */
    int64_t  first_ms, last_ms; /* when they happened; first > last if there are none */
};

/* Reads the whole file before anything of it is taken, then hands it to the service's ingest, thousands at a time:
 * what a crash leaves out is taken when the file comes again.
 * Errors: those of input_read; ERR_INVALID a record is no JSON or too long (with its line), or a third of the
 * messages cannot be taken (says why the first cannot); those of ingest_put and of its commits. */
bool message_file_take(struct service *service, const struct input *input, enum protocol protocol,
                       struct text source, int64_t now_ms, struct progress *progress,
                       struct message_file_counts *ret_counts, struct err *err) MUST_CHECK;

#endif
