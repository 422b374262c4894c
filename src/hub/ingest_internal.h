/* ingest_internal.h - what the queue (ingest.c) and the writing of a group (ingest_group.c, ingest_message.c)
 * share. */
#ifndef HUB_INGEST_INTERNAL_H
#define HUB_INGEST_INTERNAL_H

#include "hub/dedupe.h"
#include "hub/event_build.h"
#include "hub/ingest.h"
#include "hub/version.h"

/* What a job may change besides its own: anything that the ingest's options name; the store alone; or so much of it
 * that it is done in a transaction of its own. */
enum job_changes { JOB_ANYTHING, JOB_STORE, JOB_MUCH };

/* What of a message needs nobody's state, worked out before it is the writer's turn. */
struct prepared {
    uint64_t    hash;                       /* 0: it has no id of its own */
    struct text user, anonymous, email;     /* as the dictionary spells them; "" none */
};

/* Everybody a message names, as the dictionary spells them; the first is whom its events belong to. */
enum { WHO_MOST = 3 };
struct who { struct text names[WHO_MOST]; uint32_t identities[WHO_MOST]; size_t n; };      /* identities: 0 not yet met */

/* What stands in the queue: a request's messages, or a job. */
struct submission {
    struct submission *next;
    struct arena      *arena;           /* owned; NULL for a job somebody waits for */
    struct intake      intake;
    struct prepared   *prepared;        /* [intake.n_messages] */
    struct text        source;
    const int64_t     *letters;         /* [n_letters] dead letters that this mends */
    size_t             n_letters;
    ingest_done       *done;
    ingest_job        *job;             /* NULL: messages */
    enum job_changes   changes;
    bool               is_urgent;       /* a job that is answered once committed, before it is durable ... */
    bool               is_answered;     /* ... and was */
    void             (*job_done)(void *context, const struct err *result);
    void              *context;         /* of done, or of job and job_done */
    size_t             n_bytes, n_events;       /* as counted against the queue's limits */
    struct ingest_outcome outcome;
};

/* A committed group on its way to the disk; in the arena of its first submission. */
struct written { struct written *next; struct submission *first; uint64_t began_us; size_t n_events; };

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
    size_t              n_messages, messages_room, n_letters;
    struct asked       *asked;          /* [n_asked] in the arena, or of the submissions */
    size_t              n_asked, asked_room;
    struct arena       *arena;          /* reset with the group */
    struct log_mark     mark;           /* of the log before it */
    struct slice        slice;
    bool                is_memory_changed;      /* identities or consents are not as they were before it */
};

struct ingest {
    struct ingest_options options;
    struct participant participants[INGEST_PARTICIPANTS_MOST];      /* [n_participants] its own first */
    size_t          n_participants;
    struct dedupe  *dedupe;
    struct group    group;              /* the writer's own from here ... */
    uint64_t       *recent;             /* [RECENT_SLOTS] */
    uint64_t        n_numbered;         /* messages without an id so far */
    int64_t         last_received_ms;
    bool            must_undo;          /* an earlier undo failed, or another process has written */
    size_t          n_untrimmed;        /* ... to here */

    pthread_t       writer, syncer, keeper;
    struct versions *versions;          /* what orders that come again replace */
    struct store   *beside;             /* the keeper's: a connection for checkpoints ... */
    struct log_compactor *compactor;    /* ... and what prepares larger blocks */
    struct alarm   *quiet;              /* rings when nothing has been written for a while */
    pthread_mutex_t mutex;              /* guards what follows */
    pthread_cond_t  came, committed, answered, wake_keeper;
    struct submission *first, *last;    /* the queue ... */
    size_t          n_queued_events, n_urgent;      /* ... and what is in it ... */
    uint64_t        queued_us;          /* ... since when, at the latest */
    struct written *first_written, *last_written;   /* committed, not yet durable */
    bool            is_keeper_idle;     /* and wants to hear of the next group */
    bool            is_quiet_over;      /* the keeper's alarm rang */
    bool            is_syncing;         /* the syncer waits for the disk */
    bool            is_stopping, is_written;        /* nothing more comes; nothing more will be committed */
    bool            wants_checkpoint;   /* the -wal file is to be emptied between two groups */
    size_t          n_wal_pages;        /* as the last commit left them */
    struct err      sync_failure;       /* after one nothing is taken any more */
    struct ingest_counts counts;
};

/* Fills the table of participants: the ingest's own, then those of its options. */
void participants_init(struct ingest *ingest);

/* What the group holds, for participants. */
struct taken group_taken(const struct ingest *ingest);

/* Writes submissions from first to the end of the chain in one transaction and fills their outcomes; jobs come
 * before messages.  After an error nothing of them stays and the outcomes say nothing. */
bool group_write(struct ingest *ingest, struct submission *first, struct err *err) MUST_CHECK;

/* Works out what can be on the thread that brings the submission. */
void messages_prepare(const struct ingest *ingest, struct submission *submission);

/* Takes the submission's messages into the group.  Errors: those of the store; then the whole group is to be undone. */
bool messages_take(struct ingest *ingest, struct submission *submission, struct err *err) MUST_CHECK;

/* Keeps a refusal of the submission's request, in the group's transaction. */
bool letter_put(struct ingest *ingest, struct submission *submission, const struct refusal *refusal,
                struct err *err) MUST_CHECK;

void slice_leave(struct slice *slice);      /* lets go of the lock that messages_take may hold for writing */

void recent_clear(struct ingest *ingest);

/* As ingest_run, for a job of the keeper. */
bool ingest_run_alone(struct ingest *ingest, ingest_job *job, void *context, struct err *err) MUST_CHECK;

/* The keeper's alarm. */
void ingest_keep_ring(void *ingest);

/* The keeper's thread, of the ingest: ends when it is stopping. */
void *ingest_keep(void *ingest);

#endif
