/* refresh_internal.h - what the files of the refresh thread share: refresh.c decides what to look at when,
 * refresh_score.c scores a slice of customers, refresh_write.c hands what changed to the writer. */
#ifndef LIVE_REFRESH_INTERNAL_H
#define LIVE_REFRESH_INTERNAL_H

#include "live/live.h"
#include "live/refresh.h"
#include "log/log.h"

enum { SLICE_CUSTOMERS = 32,        /* rows read, and memberships checked, while the lock is held once */
       SCORES_A_WRITE = 16 };       /* rows of scores written at once: a decision may wait for them */

/* A batch on its way to the tables. */
struct batch {
    struct refresh        *refresh;
    struct arena          *arena;
    struct score_row {
        uint32_t    identity;
        int64_t     scored_ms;
        double      prediction;
        const char *question;               /* in the arena; NULL: all that is known of the identity goes */
    }                     *scores;          /* [n_scores] */
    size_t                 n_scores;
};

/* A sweep over everybody. */
struct pass {
    bool               is_running, is_paced;
    enum segment_cause cause;
    uint32_t           at;                  /* the next identity */
    size_t             n_identities;        /* when it began */
    uint64_t           version;             /* of the memberships when it began */
    int64_t            began_ms, busy_us;
};

struct refresh {
    struct refresh_options options;
    struct writer          writer;
    struct alarm          *alarm;           /* rings when the next of what is due by time is due */
    pthread_t              thread;

    /* Under the mutex. */
    pthread_mutex_t        mutex;
    pthread_cond_t         changed;         /* something to do, or something done */
    bool                   is_stopping, is_awake, is_anew;
    uint32_t              *moved;           /* [n_moved] identities whose links changed */
    size_t                 n_moved, room_moved;
    int64_t                woken_ms;        /* the first wake that has not been looked after; INT64_MAX none */
    uint64_t               n_asked, n_settled;      /* refresh_settle */
    bool                   is_writing;      /* a batch is with the writer */
    bool                   is_failed;       /* it came back; it is still in `batch` */
    struct refresh_counts  counts;

    /* The thread's own. */
    uint64_t               n_others;        /* how often the features had become others at the last look */
    struct expression     *who[LIVE_MODELS_MOST];   /* the questions', or NULL */
    uint64_t               generation;      /* that who and row are for */
    float                 *row;             /* one row of features */
    struct batch          *batch;           /* with the writer, or failed */
    struct batch          *filling;         /* what will be written next */
    size_t                 room_scores;
    int64_t                filled_ms;       /* when its first score came */
    double                 n_allowed;       /* scores that may be written, as of ... */
    int64_t                allowed_ms;
    int64_t                retry_ms;        /* a failed batch is not written before */
    struct pass            pass;
    int64_t                window_ms;       /* in force */
    uint64_t               n_passes;
};

/* Answers every question for customers, or any identities of theirs, [n <= SLICE_CUSTOMERS] and puts the answers in
 * memory; those to be kept go into the batch that is filling.  is_told: the stream hears of them.  Nothing without a
 * model. */
void refresh_score(struct refresh *refresh, const uint32_t *identities, size_t n, int64_t now_ms, bool is_told);
void refresh_score_forget(struct refresh *refresh);         /* the models are others */

/* Hands what waits to the writer if nothing is with it and there is enough or it waited long enough; returns
 * when to call again, INT64_MAX: when something changes. */
int64_t refresh_write(struct refresh *refresh, int64_t now_ms, bool is_urgent);
void    refresh_write_rest(struct refresh *refresh);        /* at the end: waits until it is written or fails */
struct score_row *refresh_add_score(struct refresh *refresh, int64_t now_ms);   /* a row to be filled */
bool    refresh_is_written(struct refresh *refresh);        /* nothing waits or is under way */

#endif
