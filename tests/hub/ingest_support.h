/* ingest_support.h - what the tests of the writer share: a database with everything open, messages, answers. */
#ifndef TESTS_ENGINE_INGEST_SUPPORT_H
#define TESTS_ENGINE_INGEST_SUPPORT_H

#include "hub/ingest.h"
#include "support.h"

#include <stdatomic.h>

/* A database as the server has it, without what is live.  now_ms is its clock. */
struct fixture {
    struct store      *store;
    struct log        *log;
    struct profiles   *profiles;
    struct identities *identities;
    struct consents   *consents;
    struct ingest     *ingest;
    struct scheduler  *scheduler;
    pthread_rwlock_t   lock;
    _Atomic int64_t    now_ms;
    struct ingest_options options;
};

enum { FIXTURE_NOON_MS = 1700000000 };     /* times 1000: the clock begins here */

void fixture_open(struct fixture *fixture, const char *path); /* starts the writer too, with fixture->options */
void fixture_close(struct fixture *fixture);
void fixture_reopen(struct fixture *fixture);

/* One request: messages in an arena of its own. */
struct parcel { struct arena *arena; struct intake intake; size_t room; };
struct parcel   parcel_new(size_t n_messages);
/* A "page"; user may be NULL. */
struct message *parcel_add(struct parcel *parcel, const char *user, const char *message_id);
void            parcel_refuse(struct parcel *parcel, const char *raw, const char *reason);

/* Puts it and waits for the answer. */
struct ingest_outcome fixture_put(struct fixture *fixture, struct parcel *parcel);

/* Puts it, to be waited for later. */
struct answer { pthread_mutex_t mutex; pthread_cond_t came; bool is_there; struct ingest_outcome outcome; };
void                  answer_init(struct answer *answer);
void                  answer_came(void *context, const struct ingest_outcome *outcome);     /* an ingest_done */
struct ingest_outcome answer_wait(struct answer *answer);

/* All events of the log, in the arena. */
struct seen { struct events events[LOG_PARTITIONS]; size_t n; };
struct seen fixture_read(struct fixture *fixture, struct arena *arena);
size_t      fixture_count(struct fixture *fixture);

#endif
