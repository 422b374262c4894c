/* ingest_internal.h - what the queue (ingest.c) and the writing of a group (ingest_group.c, ingest_message.c)
 * share. */
#ifndef ENGINE_INGEST_INTERNAL_H
#define ENGINE_INGEST_INTERNAL_H

#include "engine/dedupe.h"
#include "engine/event_build.h"
#include "engine/ingest.h"

/* What stands in the queue: a request's messages, or a job. */
struct submission {
    struct submission *next;
    struct arena      *arena;           /* owned; NULL for a job somebody waits for */
    struct intake      intake;
    struct text        source;
    const int64_t     *letters;         /* [n_letters] dead letters that this mends */
    size_t             n_letters;
    ingest_done       *done;
    ingest_job        *job;             /* NULL: messages */
    void             (*job_done)(void *context, const struct err *result);
    void              *context;         /* of done, or of job and job_done */
    size_t             n_bytes, n_events;       /* as counted against the queue's limits */
    struct ingest_outcome outcome;
};

/* Pairs that need not be looked at again, by their hash: what a message says about links, consent, an account or a
 * person is mostly what the one before said.  A lost entry costs only time; an entry too many would cost the
 * statement, so all go when anybody else changes what they are about. */
enum { RECENT_SLOTS = 1 << 16 };

/* The lock, taken by the first message that changes what it guards and held for a few more. */
struct slice { pthread_rwlock_t *lock; bool is_held; unsigned n_messages; };

/* What one transaction gathers; kept from group to group. */
struct group {
    int64_t             received_ms;
    struct event_batch  batch;
    struct link_change *links;          /* [n_links] */
    size_t              n_links, links_room;
    uint64_t           *messages;       /* [n_messages] put into the dedupe */
    size_t              n_messages, messages_room, n_letters, n_requests;
    struct arena       *arena;          /* reset with the group */
    struct log_mark     mark;           /* of the log before it */
    struct slice        slice;
    bool                is_memory_changed;      /* identities or consents are not as they were before it */
};

struct ingest {
    struct ingest_options options;
    struct dedupe  *dedupe;
    struct group    group;              /* the writer's own from here ... */
    uint64_t       *recent;             /* [RECENT_SLOTS] */
    uint64_t        n_numbered;         /* messages without an id so far */
    int64_t         last_received_ms;
    bool            must_reload;        /* an earlier reload failed */
    size_t          n_untrimmed;
    size_t          n_groups_waiting, n_events_waiting;     /* to be compacted ... to here */

    pthread_t       thread;
    pthread_mutex_t mutex;              /* guards what follows */
    pthread_cond_t  came, answered;
    struct submission *first, *last;
    bool            is_stopping;
    struct ingest_counts counts;
};

/* Writes submissions from first to the end of the chain in one transaction and fills their outcomes; jobs come
 * before messages.  After an error nothing of them stays and the outcomes say nothing. */
bool group_write(struct ingest *ingest, struct submission *first, struct err *err) MUST_CHECK;

/* Takes one message into the group.  Errors: those of the store; then the whole group is to be undone. */
bool message_take(struct ingest *ingest, struct submission *submission, const struct message *message,
                  struct err *err) MUST_CHECK;

/* Keeps a refusal of the submission's request, in the group's transaction. */
bool letter_put(struct ingest *ingest, struct submission *submission, const struct refusal *refusal,
                struct err *err) MUST_CHECK;

/* Holds the lock for writing until slice_leave; slice_next, between messages, lets others in now and then. */
void slice_enter(struct slice *slice);
void slice_next(struct slice *slice);
void slice_leave(struct slice *slice);

void recent_clear(struct ingest *ingest);

#endif
