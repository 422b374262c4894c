/* ingest.h - the one thread that writes: takes what has queued up and commits it once; another waits for the disk
 * and then answers all of it, so that the next group is written meanwhile.
 *
 * Submissions (what a request brought) and jobs (anything else that must be written) stand in one queue and are
 * done in its order, many in one transaction.  Nobody is answered before it is durable.  A message that was
 * taken before is not taken again (dedupe.h); one that cannot be taken goes to the dead letters.
 *
 * After a failed commit nothing of the group stays, in the store or in memory, and everybody in it is told why;
 * the next group tries again, so a disk that has room again needs no restart.  Only when the disk does not confirm
 * what it took is everything refused until the next start, which reads what is really there. */
#ifndef HUB_INGEST_H
#define HUB_INGEST_H

#include "base/clock.h"
#include "customer/consent.h"
#include "intake/intake.h"
#include "customer/profile.h"
#include "hub/participant.h"
#include "hub/scheduler.h"
#include "hub/writer.h"

#include <pthread.h>

struct ingest_options {
    struct store      *store;           /* all borrowed; the writer's alone from start to stop */
    struct log        *log;
    struct identities *identities;
    struct consents   *consents;
    struct profiles   *profiles;
    /* Guards what of these is in memory.  The writer takes it for writing while it changes that, for at most
     * 256 messages at a time, and never while it waits for the disk. */
    pthread_rwlock_t  *lock;
    struct clock       clock;
    struct scheduler  *scheduler;
    /* [n_participants] beside the ingest's own, in the order they are asked; copied.  Its own are the log, the
     * identities, the consents, what was taken before, and the dead letters. */
    const struct participant *participants;
    size_t             n_participants;
    size_t             most_waiting_bytes, most_waiting_events, most_group_events;  /* 0: 64 MiB, 262,144, 8,192 */
};

struct ingest;

/* Reads the recent log for what was taken before, and starts the thread.  Errors: those of log_read. */
bool ingest_start(const struct ingest_options *options, struct ingest **ret_ingest, struct err *err) MUST_CHECK;

/* Refuses what comes now, commits and answers what is queued, ends the thread.  NULL is fine. */
void ingest_stop(struct ingest *ingest);

/* What became of a submission. */
struct ingest_outcome {
    struct err err;             /* code ERR_NONE: all of it is durable; else nothing of it is there */
    uint32_t   n_accepted;      /* messages that are in the log now */
    uint32_t   n_repeated;      /* that were there before */
    uint32_t   n_refused;       /* that are dead letters now */
    uint32_t   n_nobody;        /* of those: whose ids are "guest", "null" and the like */
    uint32_t   n_suppressed;    /* of people who are not to be heard: dropped */
};
typedef void ingest_done(void *context, const struct ingest_outcome *outcome);

/* Queues what a request brought.  arena holds the intake and everything it points to, and on success belongs to
 * the queue; source is copied.  done is called once, on a thread of the ingest, and must not wait.
 * Errors: ERR_BUSY the queue is full, try in a second; ERR_REFUSED it is stopping. */
bool ingest_put(struct ingest *ingest, struct arena *arena, const struct intake *intake, struct text source,
                ingest_done *done, void *context, struct err *err) MUST_CHECK;

/* As ingest_put, for dead letters that were mended: those of the ids are removed in the same transaction. */
bool ingest_replay(struct ingest *ingest, struct arena *arena, const struct intake *intake, struct text source,
                   const int64_t *letters, size_t n_letters, ingest_done *done, void *context,
                   struct err *err) MUST_CHECK;

/* Runs a job within a group's transaction; what it wrote is undone if it fails, and only that.  It may change what
 * options name, and must take the lock for writing where readers could see it half done.
 * ingest_run waits until it is durable; not from the writer's thread.  Errors: the job's, those of the commit. */
typedef bool ingest_job(struct store *store, void *context, struct err *err);
bool ingest_run(struct ingest *ingest, ingest_job *job, void *context, struct err *err) MUST_CHECK;
bool ingest_run_later(struct ingest *ingest, ingest_job *job, void *context,
                      void (*done)(void *context, const struct err *result), struct err *err) MUST_CHECK;

/* As ingest_run_later, for a job that changes the store alone, nothing else that options name; and done is called as
 * soon as it is committed: what the job wrote outlives this process, and follows to the disk within milliseconds; the
 * end of the machine in between takes it along. */
bool ingest_run_soon(struct ingest *ingest, ingest_job *job, void *context,
                     void (*done)(void *context, const struct err *result), struct err *err) MUST_CHECK;

/* The same as an argument for who needs no more, and whose jobs change the store alone; lives as long as the ingest. */
struct writer ingest_writer(struct ingest *ingest);

/* Asks, as a job, the digest of each participant that has one, its own and those of options: ret_names and ret_digests
 * [INGEST_PARTICIPANTS_MOST].  For tests. */
enum { INGEST_PARTICIPANTS_MOST = 16 };
bool ingest_digests(struct ingest *ingest, const char **ret_names, uint64_t *ret_digests, size_t *ret_n,
                    struct err *err) MUST_CHECK;

/* The instant of the group that is being written: for jobs, on the writer's thread.  Never goes back. */
int64_t ingest_received_ms(const struct ingest *ingest);

enum { INGEST_BUCKETS = 16 };
extern const uint32_t ingest_bucket_us[INGEST_BUCKETS];     /* upper bounds; the last is the greatest there is */

/* Sums since the start, and what waits now.  Any thread. */
struct ingest_counts {
    uint64_t n_accepted, n_repeated, n_refused, n_suppressed;       /* messages */
    uint64_t n_events;                                              /* rows of the log */
    uint64_t n_groups, n_failed_groups, n_jobs, n_failed_jobs, n_turned_away;
    uint64_t n_compacted_events;
    size_t   n_waiting, waiting_bytes, waiting_events;
    uint64_t commit_us_sum, commit_us[INGEST_BUCKETS];              /* groups by how long they took, begin to durable */
};
struct ingest_counts ingest_counts(struct ingest *ingest);

#endif
