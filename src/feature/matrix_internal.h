/* matrix_internal.h - what the files of the matrix share: a build, its workers, and one customer's rows. */
#ifndef FEATURE_MATRIX_INTERNAL_H
#define FEATURE_MATRIX_INTERNAL_H

#include "customer/identity.h"
#include "feature/feature_set_internal.h"
#include "feature/fold.h"
#include "feature/matrix.h"
#include "condition/expression.h"

enum { BLOCK_ROWS = 64, CUTOFFS_MAX = 64, THREADS_MAX = 64, BATCH_EVENTS = 256 };

struct row_block {
    struct row_block *next;
    size_t            n;
    float            *values;       /* [BLOCK_ROWS x n_columns] */
    uint32_t          identity[BLOCK_ROWS];
    float             label[BLOCK_ROWS], amount[BLOCK_ROWS];
};

/* Rows that one job makes, by cutoff: of a partition's customers, or of a share of the linked ones. */
struct share {
    struct worker    *worker;
    struct row_block *first[CUTOFFS_MAX], *last[CUTOFFS_MAX];
};

/* What one thread keeps from share to share. */
struct worker {
    struct log_reader  *reader;
    struct fold_state  *state;
    struct fold_state **members;            /* [n_members] states of a linked customer's identities */
    size_t              n_members;
    struct expression  *who;                /* NULL: everybody who is active is asked */
    struct arena       *events;             /* of the share at hand */
    struct arena       *aside;              /* events of linked customers, until all partitions have been read */
    struct arena       *rows[CUTOFFS_MAX];  /* blocks of all its shares */
    struct err          err;                /* code ERR_NONE while all is well */
};

/* Events of one customer, or of one identity, in the order of replay. */
struct customer {
    const struct events *events;
    const uint32_t      *order;             /* [n] indexes into the events */
    const int64_t       *known_ms;
    size_t               n;
    uint32_t             identity;
};

struct build {
    const struct log         *log;
    const struct feature_set *set;
    const struct question    *question;     /* NULL: everybody, no labels */
    const int64_t            *cutoffs_ms;
    size_t                    n_cutoffs, n_identities;
    double                    share;        /* of the customers that are looked at */
    struct fold_moment        moments[CUTOFFS_MAX];
    const uint64_t           *item_hash;    /* [items] NULL unless the set needs it */
    int64_t                   last_ms;      /* labels are unknown where the horizon ends after it */
    bool                      wants_labels;
    struct identities        *identities;   /* NULL: nobody is linked */
    struct customer         **aside;        /* [n_identities] events of linked ones; NULL where there are none */
    struct share              shares[2 * LOG_PARTITIONS];   /* the second half is of linked customers */
    struct worker             workers[THREADS_MAX];
};

/* Readies a thread's worker for a share; empties the arena of the share before.  False: see worker->err. */
bool matrix_worker_begin(const struct build *build, struct worker *worker);

void matrix_fold_events(const struct build *build, const struct customer *customer, size_t from, size_t to,
                        struct fold_state *state);

/* Whether the customer is of the share that is looked at: decided by its name alone. */
bool matrix_is_of_share(const struct build *build, uint32_t identity);

/* Whether the customer, of whose events the first n_known are known at T, may be asked then. */
bool matrix_is_active(const struct build *build, const struct customer *customer, size_t n_known,
                      int64_t cutoff_ms);

/* A new row of a share as of cutoff c, labelled by what all the customer's events say. */
void matrix_add_row(const struct build *build, const struct fold_state *state, uint32_t identity, size_t c,
                    const struct customer *customer, struct share *share);

/* Keeps the rows of a share of which the question's predicate is true. */
bool matrix_keep_asked(const struct build *build, struct worker *worker, struct share *share);

/* ---- linked customers (matrix_linked.c) ---- */

bool matrix_is_linked(const struct build *build, uint32_t identity);

/* Keeps a linked identity's events for later, in the arena. */
void matrix_put_aside(struct build *build, const struct customer *customer, struct arena *arena);

/* Makes the rows of every n-th linked customer, after all partitions have been read: a job of parallel_for over
 * LOG_PARTITIONS shares; context is the build. */
void matrix_fold_linked(void *context, size_t share, unsigned thread);

#endif
