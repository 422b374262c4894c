/* dedupe.h - which messages were taken in lately: 64-bit hashes in two generations.
 *
 * A message sent again within the window is known; one older than two windows is forgotten.  Two different
 * messages are taken for one with a chance of n / 2^64, n being the messages of the window.  Eight to sixteen
 * bytes a message.  Growing never moves more than a 256th at once. */
#ifndef HUB_DEDUPE_H
#define HUB_DEDUPE_H

#include "log/log.h"

struct dedupe;

#define DEDUPE_WINDOW_MS (30 * INT64_C(86400000))

/* now_ms begins the newer generation. */
struct dedupe *dedupe_new(int64_t now_ms);
void dedupe_free(struct dedupe *dedupe);        /* NULL is fine */

/* Takes in the messages received within the window before now_ms; hashes with the lowest bit set are lines of a
 * message (event_build.h) and left out.  Reads with n_threads.  Errors: those of log_read. */
bool dedupe_load(struct dedupe *dedupe, const struct log *log, int64_t now_ms, unsigned n_threads,
                 struct err *err) MUST_CHECK;

bool dedupe_has(const struct dedupe *dedupe, uint64_t message);
void dedupe_expect(const struct dedupe *dedupe, uint64_t message);      /* it will be asked for: begins to fetch it */

/* Remembers a message; forgets what has become too old at received_ms, which never goes back. */
void dedupe_put(struct dedupe *dedupe, uint64_t message, int64_t received_ms);

/* Forgets a message that was put and is not in the log after all: its commit failed. */
void dedupe_take_back(struct dedupe *dedupe, uint64_t message);

size_t dedupe_n(const struct dedupe *dedupe);

/* The same number for the same messages, in whatever order they came; for tests. */
uint64_t dedupe_digest(const struct dedupe *dedupe);

#endif
