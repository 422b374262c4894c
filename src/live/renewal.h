/* renewal.h - everybody's states anew beside the writer: after a new model, an import, or when they have become stale.
 *
 * A thread of its own replays the log through a connection of its own, as the log was when it began; what came
 * meanwhile follows, at last on the writer's thread, which exchanges the states when nothing is missing any more.  So
 * writes wait for a few thousand events to be folded, never for a replay, and readers have the old states until then. */
#ifndef LIVE_RENEWAL_H
#define LIVE_RENEWAL_H

#include "hub/ingest.h"
#include "live/live.h"

struct renewal;

struct renewal_options {
    struct live        *live;           /* all borrowed */
    const struct store *store;          /* the database: connections are opened beside it */
    const struct log   *log;            /* the writer's */
    pthread_rwlock_t   *lock;           /* the service's */
    struct clock        clock;
    unsigned            n_threads;
};

struct renewal *renewal_new(const struct renewal_options *options);     /* before the ingest, whose thread may ask */
bool renewal_start(struct renewal *renewal, struct ingest *ingest, struct err *err) MUST_CHECK;
void renewal_stop(struct renewal *renewal);     /* while the ingest runs; nothing is renewed any more.  NULL is fine */
void renewal_free(struct renewal *renewal);     /* after the ingest has stopped; NULL is fine */

/* Wants what is committed by now to be seen, some time.  Any thread; does not wait. */
void renewal_ask(struct renewal *renewal);

/* The same, unless a renewal is asked for or under way: false; what that one lacks is seen when it is done.  For who
 * would ask with every group while states are stale, each time for another replay. */
bool renewal_ask_if_idle(struct renewal *renewal);

/* The same, and waits until it is so.  Not from the writer's thread.  Errors: those of live_open, of ingest_run. */
bool renewal_run(struct renewal *renewal, struct err *err) MUST_CHECK;

/* What was read so far is of a history that was changed: a renewal under way begins once more.  The writer's thread. */
void renewal_spoil(struct renewal *renewal);

#endif
