/* erasing.h - erasures carry themselves out: what was asked for is written down with the message that asked, a timer
 * brings each request to "done", and the file is scrubbed.
 *
 * Of the commit it is a participant, of the timers a kind; it keeps nothing in memory but that a scrub is wanted. */
#ifndef GOVERN_ERASING_H
#define GOVERN_ERASING_H

#include "govern/privacy.h"
#include "hub/participant.h"
#include "hub/timers.h"

struct erasing;

struct erasing_options {
    struct privacy    privacy;              /* its store is the writer's */
    struct scheduler *scheduler;
    struct timers    *timers;
};

struct erasing *erasing_new(const struct erasing_options *options);
void            erasing_free(struct erasing *erasing);      /* after the ingest has stopped; NULL is fine */

struct participant erasing_participant(struct erasing *erasing);
struct timer_kind  erasing_timer(struct erasing *erasing);

/* Takes up what an earlier process left waiting; before the timers start. */
bool erasing_start(struct erasing *erasing, struct ingest *ingest, struct err *err) MUST_CHECK;

/* In a job: privacy_request_put, and an erasure is done by itself in jobs that follow. */
bool erasing_request(struct erasing *erasing, struct store *store, enum privacy_kind kind, struct text name,
                     int64_t now_ms, const char *source, struct err *err) MUST_CHECK;
/* In a job: somebody is to be erased, as source says; it is done by itself in jobs that follow. */
bool erasing_ask(struct erasing *erasing, struct store *store, uint32_t identity, int64_t now_ms, const char *source,
                 struct err *err) MUST_CHECK;
/* In a job: what it takes away is not to be found in the file either, once it is committed. */
void erasing_scrub(struct erasing *erasing);

/* As privacy_erase, in a job: and the rest follows by itself. */
bool erasing_erase(struct erasing *erasing, struct store *store, uint32_t identity, int64_t now_ms,
                   struct erased *ret_erased, struct err *err) MUST_CHECK;

#endif
