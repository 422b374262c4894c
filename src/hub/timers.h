/* timers.h - what is to happen at an instant and must not be forgotten: rows of table timer, millions of them.
 *
 * A timer is put in the transaction of whatever wants it and fires in one of its own with all that it causes: it is
 * gone exactly when that is there, whatever is killed when.  Those of a kind fire in the order of their instants,
 * up to a thousand in a transaction; kinds take turns, so that a million that are due of one delay no other.
 *
 * One that fails is put off, by a second at first and at most by an hour, and all others fire meanwhile. */
#ifndef HUB_TIMERS_H
#define HUB_TIMERS_H

#include "hub/ingest.h"
#include "hub/scheduler.h"

enum { TIMER_MOST_DATA_BYTES = 64 };

struct timer {
    int64_t     due_ms;
    uint32_t    who;            /* an identity, or what else the kind counts by */
    int64_t     n;              /* among those of one instant and who; its own when it is put */
    unsigned    n_tries;        /* that failed before */
    struct text data;           /* of the kind's own; at most TIMER_MOST_DATA_BYTES */
};

struct timer_kind {
    const char *name;           /* "privacy": as it stands in the table */
    /* As a job of the ingest that may change anything.  It is late rather than early, and must not take long: what
     * waits for others is handed on.  now_ms: the instant of the group. */
    bool      (*fire)(void *context, struct store *store, const struct timer *timer, int64_t now_ms, struct err *err);
    void       *context;
    bool        is_always;      /* fires also while timers are held: the kind is a duty, not an act towards a person */
};

struct timers;

enum { TIMER_KINDS_MOST = 16 };

struct timers *timers_new(struct scheduler *scheduler);
void timers_add(struct timers *timers, const struct timer_kind *kind);     /* copied; before the start */
void timers_start(struct timers *timers, struct ingest *ingest);    /* from now on they fire; of no other kinds */
/* Held: what is due waits until it is let go.  From the start on, any thread. */
void timers_hold(struct timers *timers, bool is_held);
void timers_free(struct timers *timers);        /* after the scheduler and the ingest have stopped; NULL is fine */

/* In the store's transaction, on the writer's thread. */
bool timer_put(struct timers *timers, struct store *store, const char *kind, const struct timer *timer,
               struct err *err) MUST_CHECK;
/* All of a kind that are about somebody, those too that are due in this very moment; none is fine. */
bool timers_cancel(struct store *store, const char *kind, uint32_t who, struct err *err) MUST_CHECK;

/* Sums since the start. */
struct timer_counts { uint64_t n_fired, n_failed; int64_t late_ms; };       /* late_ms: the last that fired */
struct timer_counts timer_counts(struct timers *timers);

#endif
