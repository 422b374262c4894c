/* refresh.h - one thread that keeps scores and segments current.
 *
 * It takes customers with new events from what is live, reads their rows, predicts, stores their
 * scores in memory and checks their segments; between them it looks after timers (a membership that changes
 * by time alone) and sweeps everybody else once in a window, because scores and segments move with time.
 * Scores and changes are written through the writer in batches.  What is due by time alone it is woken for by the
 * scheduler.
 *
 * After another model or other features (live_generation) everybody is swept anew, as after the start: at once
 * if there are segments. */
#ifndef LIVE_REFRESH_H
#define LIVE_REFRESH_H

#include "hub/scheduler.h"
#include "live/segment_check.h"

#include <pthread.h>

struct live;
struct refresh;
struct stream;

struct refresh_options {
    struct live             *live;
    const struct log        *log;
    const struct identities *identities;
    struct memberships      *memberships;
    struct segment_check    *check;
    pthread_rwlock_t        *lock;          /* the service's */
    const struct writer     *writer;        /* copied */
    struct scheduler        *scheduler;     /* whose clock counts */
    int64_t                  window_ms;     /* everybody is swept once in so long; 0: 10 minutes; longer if a pass
                                             * would take more than a fifth of one core */
    struct stream           *stream;        /* gets each new score of a touched customer ("score"); NULL: nobody is told */
};

bool refresh_start(const struct refresh_options *options, struct refresh **ret_refresh,
                   struct err *err) MUST_CHECK;
void refresh_stop(struct refresh *refresh);     /* writes what waits, within seconds; NULL is fine */

/* New events, or a segment was made or changed: look again.  Cheap; any thread. */
void refresh_wake(struct refresh *refresh);

/* Everybody is looked at anew, at once: as of another instant.  Any thread. */
void refresh_anew(struct refresh *refresh);

/* These identities changed hands (links made or removed): they are checked soon.  Any thread. */
void refresh_touch(struct refresh *refresh, const uint32_t *identities, size_t n);

/* Waits until everything touched before the call has been scored and checked, the sweep has done what is due by
 * now (after the start, and for a new segment, everybody), and what changed is durable.  False after
 * timeout_ms. */
bool refresh_settle(struct refresh *refresh, int64_t timeout_ms);

struct refresh_counts {
    uint64_t n_scored, n_checked, n_changes, n_timers_fired, n_passes, n_write_failures;
    size_t   n_waiting;             /* touched and not looked at yet */
    int64_t  lag_ms;                /* how long the oldest of them has waited */
    int64_t  pass_ms, window_ms;    /* the last whole pass took; the window in force */
    int64_t  timer_late_ms;         /* how late the last timer was looked at */
    int64_t  swept_ms;              /* when the last whole pass began: no score is older; 0 none yet */
    double   pass_share;            /* of the pass that is running, 0 .. 1; 1 none is */
};
struct refresh_counts refresh_counts(struct refresh *refresh);

#endif
