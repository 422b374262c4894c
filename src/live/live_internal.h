/* live_internal.h - what the files of live/live share: the states of all identities, and their traits. */
#ifndef LIVE_LIVE_INTERNAL_H
#define LIVE_LIVE_INTERNAL_H

#include "base/slab.h"
#include "hub/contest.h"
#include "live/live.h"
#include "feature/fold.h"
#include "feature/fold_events.h"

enum { SLOTS_PER_PAGE = 4096, TRAIT_PLACES = 4096 };

/* The first events of an identity are kept instead of a state, which takes more room; it is made from them when
 * there are more, or whenever it is to be read.  Of each event the parts are kept that operators of its kind say
 * they look at (feature/operator.h). */
enum { FEW_EVENTS_MOST = 160, FEW_BYTES_MOST = 640, FEW_SHAPES_MOST = 15, FEW_BEYOND = 8 };

/* What the next event's bytes depend on. */
struct few_place {
    unsigned unit;                  /* of times */
    unsigned n_shapes;
    int64_t  last;                  /* when the last event happened, in units */
    uint32_t shapes[FEW_SHAPES_MOST];       /* [n_shapes] kinds of event, with what their events have */
};

struct few {
    size_t           n, n_bytes;
    struct few_place place;
    unsigned char    bytes[FEW_BYTES_MOST + FEW_BEYOND];
};

/* False if there is no room for one more.  parts: of the event, that are kept (enum event_part). */
bool few_add(struct few *few, const struct fold_event *event, unsigned parts);
/* As it was with its n > 0 events. */
void few_load(struct few *few, const unsigned char *bytes, size_t n);
/* ret_events [n], whose properties point into bytes.  Returns the end of the n events, beyond which up to
 * FEW_BEYOND bytes are read. */
const unsigned char *few_events(const unsigned char *bytes, size_t n, struct fold_event *ret_events);

/* One identity.  state and traits are pieces of its partition's slab; 0: none.  The first byte of a state is 0
 * before a packed state, else the number of events of which it is made. */
struct slot {
    uint32_t state, traits;
    int64_t  last_known_ms;         /* INT64_MIN: no event yet */
};

/* Names of traits, found by hash.  Taken in under `lock` where several threads replay. */
struct trait_names {
    pthread_mutex_t lock;
    struct arena   *arena;
    const char     *names[LIVE_TRAIT_NAMES_MOST];
    _Atomic bool    is_text[LIVE_TRAIT_NAMES_MOST];     /* some value was no number */
    _Atomic size_t  n;
    _Atomic uint16_t places[TRAIT_PLACES];      /* 1 + index; open addressing */
    _Atomic uint64_t n_left_out;    /* values whose name had no more room */
};

/* An event that happens after it was received, waiting for its time. */
struct waiting {
    struct fold_event event;        /* its properties are a heap block of its own */
    uint32_t          identity;
    uint64_t          number;       /* in the order they came */
};

/* The newest model of a question. */
struct model {
    struct trained trained;
    uint32_t      *column;          /* [its columns] in the set */
    uint32_t      *recency;         /* [n_recency] columns of the set: days since the last goal event */
    size_t         n_recency;
    uint32_t      *arm_column[DESIGN_ARMS_MOST];    /* the same of each version that acts beside it */
};

/* All that a reload makes anew. */
struct states {
    const struct log    *log;
    struct arena        *arena;     /* of set, model and names */
    struct feature_set  *set;       /* NULL: none yet; all that the models read */
    struct model        *models;    /* [n_models] the newest first */
    size_t               n_models;

    struct slot        **pages;     /* [n_pages]; a page that nobody is on is NULL */
    size_t               n_pages;
    struct slab         *slabs[LOG_PARTITIONS];
    _Atomic size_t       n_identities;      /* with events */
    _Atomic uint64_t     n_events;
    struct trait_names   names;

    pthread_mutex_t      waiting_lock;      /* while several threads replay */
    struct waiting      *waiting;   /* [n_waiting] a heap, the first due on top */
    size_t               n_waiting, waiting_room;
    uint64_t             n_ever_waiting;

    uint16_t             traits_kind, correction_kind;      /* 0: the log has none */
    size_t               n_kinds;           /* of the log, as far as they are followed */
    uint64_t             n_events_at_start; /* of the log, when the set was made */
    uint64_t             n_events_replayed;
    size_t               n_kinds_at_start, n_names_at_start;
    bool                 is_disordered;     /* an event came that replay would have put before another */
};

/* What one thread needs to fold into states. */
struct folding {
    struct states     *states;
    struct fold_state *state;       /* NULL while there is no set */
    unsigned char     *packed;      /* a piece: 1 byte and a state or few events */
    struct few         few;         /* its events, while is_few: state is yet to be made */
    bool               is_few;
    struct trait_edit *edit;
    uint32_t           identity;    /* whose state `state` is; 0 nobody's */
    uint32_t          *corrected;   /* [n_corrected] of whom the group at hand corrects something */
    size_t             n_corrected, corrected_room;
    struct err         err;         /* of a replay */
    struct log_reader *reader;      /* of the log as it was before the group at hand */
    struct arena      *arena;
};

struct states *states_new(const struct log *log);
void           states_free(struct states *states);
struct slot   *states_slot(const struct states *states, uint32_t identity);      /* NULL: none */
/* An identity's event is about to be folded: first its slot, when that has come its state, are fetched beside what is
 * done meanwhile. */
void           states_expect_slot(const struct states *states, uint32_t identity);
void           states_expect_piece(const struct states *states, uint32_t identity);
struct slab   *states_slab(const struct states *states, uint32_t identity);
/* A state and traits, NULL for none, in place of those there are; last_known_ms INT64_MIN: as if never met. */
void           states_restore(struct states *states, struct slab *slab, uint32_t identity, int64_t last_known_ms,
                              const unsigned char *state, size_t n_state, const unsigned char *traits,
                              size_t n_traits);
void           states_reserve(struct states *states, size_t n_identities);
size_t         states_bytes(const struct states *states);
/* The state of an identity that has one. */
void           states_unpack(const struct states *states, uint32_t identity, struct fold_state *ret_state);

struct folding *folding_new(struct states *states);
void           folding_free(struct folding *folding);
/* Folds events of one identity, in the order of replay.  The state goes back to the slab with folding_close, or
 * when the next is of another identity. */
void           folding_fold(struct folding *folding, uint32_t identity, const struct fold_event *events, size_t n);
void           folding_close(struct folding *folding);

/* live_apply.c: events from .. to - 1 of a group, and after all of it those of whom it corrects something, anew.
 * `change` (NULL: nobody wants to know) is told whose state is about to change. */
typedef void state_change(void *context, uint32_t identity);
void folding_apply(struct folding *folding, const struct events *events, size_t from, size_t to, int64_t now_ms,
                   state_change *change, void *context);
bool folding_correct(struct folding *folding, const struct events *events, int64_t now_ms, state_change *change,
                     void *context, struct err *err) MUST_CHECK;

/* Kinds that came with events up to `kind` get their place in the set. */
void    states_follow_kinds(struct states *states, uint16_t kind);
void    states_wait(struct states *states, uint32_t identity, const struct fold_event *event);
int64_t states_next_due_ms(const struct states *states);
/* Folds what is due by known_ms and tells whose it was. */
void states_fold_due(struct states *states, struct folding *folding, int64_t known_ms,
                     state_change *folded, void *context);
/* Events of the identity that wait keep their time and lose their properties. */
void states_blank_waiting(struct states *states, uint32_t identity);

/* live_replay.c: chooses set and model, and folds the log as of now. */
bool states_choose(struct states *states, struct store *store, unsigned n_threads, struct err *err) MUST_CHECK;
bool states_replay(struct states *states, int64_t now_ms, unsigned n_threads, struct err *err) MUST_CHECK;

/* What the events of an identity that a group corrects come to: those of the log and, behind them, the group's, without
 * what was replaced.  The state and traits are made anew; events yet to happen wait as they did. */
bool states_replay_one(struct states *states, struct folding *folding, uint32_t identity, const struct events *group,
                       int64_t now_ms, struct err *err) MUST_CHECK;

/* live_traits.c: a piece of traits with one event's taken in. */
struct trait_edit *trait_edit_new(void);
void               trait_edit_free(struct trait_edit *edit);
/* old: the piece, NULL: none.  The new one's bytes are in the edit until the next call. */
const unsigned char *traits_take(struct trait_edit *edit, struct trait_names *names, const unsigned char *old,
                                 const struct fold_event *event, size_t *ret_n_bytes);

void trait_names_init(struct trait_names *names);
void trait_names_free(struct trait_names *names);

/* Customers whose last events nobody has taken yet; scores.  They outlive a reload. */
struct touched {
    uint64_t *bits;                 /* [n_words] by identity */
    uint32_t *list;                 /* [first .. end) */
    size_t    n_words, first, end, room;
};

enum { SCORES_PER_PAGE = 1024, SCRATCH_MOST = 64, GROUP_NAMES_MOST = 1000, GROUPINGS = 3 };

/* Rows of row_bytes by customer, a page of SCORES_PER_PAGE at a time; NULL: a page without any. */
struct customer_table { unsigned char **pages; size_t n_pages, row_bytes; };

/* Names of groups, clusters and stages are few: an index instead of the name; 0 is "". */
struct value_row { double value_cents, p_alive; int64_t valued_ms; uint16_t group[GROUPINGS]; };

struct score_tables {
    struct customer_table scores[LIVE_MODELS_MOST];     /* of struct live_score, by number of the model */
    struct customer_table values;                       /* of struct value_row */
    char                 *names[GROUP_NAMES_MOST];      /* [n_names] of groups; beyond, a group is "" */
    size_t                n_names;
};

struct live {
    const struct log        *log;
    const struct identities *identities;
    struct states           *states;
    struct folding           *folding;        /* the writer's */
    uint64_t                 generation;
    struct touched           touched;
    struct score_tables      scores;
    pthread_mutex_t          scratch_lock;
    struct fold_state       *scratch[SCRATCH_MOST];     /* [n_scratch] of the set, nobody's at the moment */
    size_t                   n_scratch;
    struct live_undo        *undo;          /* NULL until live_begin */
    enum live_stands         stands;        /* at stands_ms */
    int64_t                  stands_ms;
};

/* live.c: states of all that the store and the log hold, and what else is to be there with them before they can take the
 * place of those that live has. */
struct fresh { struct states *states; struct score_tables scores; };
bool fresh_make(const struct live *live, struct store *store, const struct log *log, int64_t now_ms, unsigned n_threads,
                pthread_rwlock_t *lock, struct fresh *ret_fresh, struct err *err) MUST_CHECK;
void fresh_free(struct fresh *fresh);
/* Takes the lock for microseconds; what was there before is in fresh afterwards. */
void live_exchange(struct live *live, struct fresh *fresh, pthread_rwlock_t *lock);

/* live_undo.c: before an identity's state changes; false: nobody wants to undo it, nor to touch it at the end. */
bool live_undo_save(struct live *live, uint32_t identity);
void live_undo_free(struct live_undo *undo);

/* live_scores.c: the answers that the store has to the models' questions where is_wanted [n_models], and with
 * has_values what everybody is worth. */
bool   scores_load(struct score_tables *tables, struct store *store, const struct states *states,
                   const bool *is_wanted, bool has_values, size_t n_identities, struct err *err) MUST_CHECK;
void   scores_free(struct score_tables *tables);
size_t scores_bytes(const struct score_tables *tables);

#endif
