/* live.h - every customer's features, traits and scores in memory, current with the last committed event.
 *
 * One fold state per raw identity, kept in slabs: its first events themselves, beyond them packed (fold_pack in
 * feature/fold.h); a customer's row is read from the states of its identities, merged in the order of their
 * indexes.  The same fold as a replay of the log, fed with the same events in the same order: a row equals the
 * replay's bit for bit.
 *
 * Opening replays the log on all cores.  There are no checkpoints, which could disagree with the log: 10 million
 * events of a million customers take two seconds of one core's work, shared by all cores (bench/live_bench.c).
 *
 * One lock, the service's.  Functions of the writer thread want it held for writing unless they say otherwise;
 * everything that only reads wants it held for reading, and what is pointed to is valid until it is released. */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include "customer/identity.h"
#include "hub/trained.h"
#include "feature/feature_set.h"

#include <pthread.h>

struct live;

/* Takes the features of the models in force, the newest of each question, else makes a set from the log (none yet
 * while the log is empty), and replays every event known by now_ms.  Borrows log and identities.
 * Errors: those of trained_get other than ERR_MISSING, of log_read. */
bool live_open(struct store *store, const struct log *log, const struct identities *identities, int64_t now_ms,
               unsigned n_threads, struct live **ret_live, struct err *err) MUST_CHECK;
void live_close(struct live *live);     /* NULL is fine */

/* ---- the writer thread ---- */

/* Around the slices of a group that may come to nothing: from live_begin until live_end live_undo brings everybody back
 * to before it.  False: only live_reload can, after the log has been brought back.  Customers are touched at the end. */
void live_begin(struct live *live);
void live_end(struct live *live);
bool live_undo(struct live *live) MUST_CHECK;

/* The same number for the same states, to be compared within one process; for tests. */
uint64_t live_digest(const struct live *live);

/* Folds events from .. to - 1 of a group; all columns but source and message_hash are looked at.  Slices
 * of at most 256 keep readers waiting for less than a millisecond.  Events that happen after now_ms wait until
 * live_due. */
void live_apply(struct live *live, const struct events *events, size_t from, size_t to, int64_t now_ms);

/* After the slices of a group, with all of it: folds anew those of whom it corrects something, since a state cannot
 * forget.  Errors: those of log_read_identities. */
bool live_correct(struct live *live, const struct events *events, int64_t now_ms, struct err *err) MUST_CHECK;

/* Folds an identity anew from what the log has of them now, and what of theirs waits loses its properties: after
 * log_blank, once it is committed.  Errors: those of log_read_identities. */
bool live_blank(struct live *live, uint32_t identity, int64_t now_ms, struct err *err) MUST_CHECK;

/* Folds what waits and is due by now_ms: after the slices of a group, and when live_next_due_ms has come
 * (INT64_MAX: nothing waits). */
void    live_due(struct live *live, int64_t now_ms);
int64_t live_next_due_ms(const struct live *live);

/* Marks an identity's customer as touched: after a link or its removal, for both ends. */
void live_touch(struct live *live, uint32_t identity);

/* Whether live_reload would be worth its time: a set made from the log lacks kinds of event or traits that came
 * since, and the log has grown by half since it was made; or events came in an order that only a replay can mend,
 * and it has grown by a 64th.  A few loads of memory.  Not after a new model: who trained calls live_reload. */
bool live_is_stale(const struct live *live);

/* Chooses the set anew and replays beside the old states, which readers keep using; then takes the lock for
 * writing, for microseconds, to put the new ones in their place.  Called without the lock, on the writer thread,
 * outside a transaction.  Scores of the same models and values stay.  False leaves everything as it was.  It is for when
 * there is nothing to be kept up meanwhile, as after a failed undo; else renewal.h does it beside the writer. */
bool live_reload(struct live *live, struct store *store, int64_t now_ms, unsigned n_threads,
                 pthread_rwlock_t *lock, struct err *err) MUST_CHECK;

/* ---- features ---- */

const struct feature_set *live_set(const struct live *live);            /* NULL: the log was empty */
uint64_t                  live_generation(const struct live *live);     /* changes whenever set or models do */

/* The models in force, the newest of each question, by falling age: number 0 is of the question asked last.  All
 * read columns of the set. */
enum { LIVE_MODELS_MOST = 64 };
size_t                live_n_models(const struct live *live);
const struct trained *live_model(const struct live *live, size_t model);
const struct trained *live_trained(const struct live *live);            /* number 0; NULL: nothing is trained */
/* What lists and pages show where no question is named: "churn", else the newest that asks who leaves, else the
 * newest. */
size_t                live_main_model(const struct live *live);
/* The number of a question's model; false: it has none. */
bool                  live_model_of(const struct live *live, const char *question, size_t *ret_model);

/* The customer's features: ret_row [feature_set_size(live_set)], as of as_of_ms or the instant just after the last
 * event of theirs that has been folded, whichever is later.  customer may be any identity of theirs.
 * False: nothing is known of them, or there is no set yet. */
bool live_row(const struct live *live, uint32_t customer, int64_t as_of_ms, float *ret_row);

/* The same before it is rounded to floats. */
bool live_row_exact(const struct live *live, uint32_t customer, int64_t as_of_ms, double *ret_row);

/* ---- over a history that has ended ---- */

/* What stands still at the instant that the history ended. */
enum live_stands {
    STANDS_NOTHING,
    STANDS_ANSWERS,         /* what the models said of whom they do not ask any more: until they do something */
    STANDS_SILENT,          /* all of whom nothing became known since */
    STANDS_EVERYBODY        /* all; of whom something became known since, at that */
};
/* With the lock held for writing.  Rows asked as of a later instant are then of end_ms. */
void live_stand(struct live *live, enum live_stands stands, int64_t end_ms);
/* The instant that the customer's row is of, where it is asked as of as_of_ms. */
int64_t live_instant_ms(const struct live *live, uint32_t customer, int64_t as_of_ms);
/* Whether the customer's answer to a model's question stays as it is instead of a new one. */
bool live_answer_stays(const struct live *live, size_t model, uint32_t customer, double prediction);

/* What a model reads of a row of live_row: ret_own [feature_set_size(its set)]. */
void live_own_row(const struct live *live, size_t model, const float *row, float *ret_own);

/* The model's answer for a row of live_row. */
double live_predict(const struct live *live, size_t model, const float *row);
/* The same for a customer, whom another version may be tried on (hub/contest.h). */
double live_predict_of(const struct live *live, size_t model, uint32_t customer, const float *row);

/* Whether a goal event lies within the active days of the model's question before the instant of a row of live_row, to a
 * float's precision. */
bool live_is_active(const struct live *live, size_t model, const float *row);

/* Whether its question is asked of them: they are active, and its predicate `who`, if any, is true.  Compiles it; whoever asks of many
 * keeps it compiled. */
bool live_is_asked(const struct live *live, size_t model, const float *row);

/* Rows as live_row_exact gives them of one customer after the other, for one thread, of which only some columns
 * [n_columns] are computed and written.  Made while there is a set, with the lock held; its rows are read until
 * live_generation changes. */
struct live_reader;
struct live_reader *live_reader_new(const struct live *live, const uint32_t *columns, size_t n_columns);
void                live_reader_free(struct live_reader *reader);       /* NULL is fine; at any time */
bool live_reader_row(struct live_reader *reader, uint32_t customer, int64_t as_of_ms, double *ret_row);

/* Has the memory that rows of these are read from fetched, which takes longer than a narrow row. */
void live_expect(const struct live *live, const uint32_t *identities, size_t n);

/* The customer's last items, as fold_recent tells them, while something recommends (table recommender).  False: nothing
 * is known of them. */
struct seen;
bool live_recent(const struct live *live, uint32_t customer,
                 void (*tell)(void *context, const char *kind, const struct seen *seen, size_t n), void *context);

/* ---- customers ---- */

size_t live_n_identities(const struct live *live);      /* with events */
size_t live_n_customers(const struct live *live);       /* the same, linked ones counted once */
uint64_t live_n_events(const struct live *live);        /* folded */

/* The first customer after `after` (0: the first of all) that has events, 0 at the end.  A customer is given once,
 * as identities_customer names it. */
uint32_t live_next(const struct live *live, uint32_t after);

/* Between which instants the customer's folded events became known. */
bool live_known(const struct live *live, uint32_t customer, int64_t *ret_last_known_ms);

/* Takes customers with new events since they were last taken, at most room; in no order.  For one thread, which
 * holds the lock for reading. */
size_t live_touched(struct live *live, uint32_t *ret_customers, size_t room);

/* ---- traits ---- */

enum { LIVE_TRAIT_NAMES_MOST = 1000, LIVE_TRAIT_BYTES_MOST = 256, LIVE_TRAITS_BYTES_MOST = 16 * 1024 };

/* A trait's last value that is not blank: of all traits events by the order of replay the last, or, where it was
 * never set but once and for all, the first (customer/once.h). */
struct live_trait {
    uint32_t    name;           /* live_trait_name */
    struct text text;           /* cut at LIVE_TRAIT_BYTES_MOST */
    double      number;         /* NaN unless the whole text is a number */
    int64_t     time_ms;         /* when what it says happened */
    bool        is_once;
};

/* All traits of a customer, by name index; texts and the array in the arena.  Traits beyond LIVE_TRAIT_NAMES_MOST
 * names or LIVE_TRAITS_BYTES_MOST bytes of one identity are not kept. */
size_t live_traits(const struct live *live, uint32_t customer, struct arena *arena,
                   struct live_trait **ret_traits);

/* Names seen so far; an index keeps its name until live_generation changes. */
size_t      live_n_trait_names(const struct live *live);
const char *live_trait_name(const struct live *live, size_t index);
/* Whether every value it was seen to have is a number as programs write it, or true or false: "42", not "007". */
bool        live_trait_is_number(const struct live *live, size_t index);

/* ---- scores ---- */

/* The answer to one question: NaN where unknown, 0 where never. */
struct live_score { double prediction; int64_t scored_ms; };

/* What a customer is worth and the groups they are in, whatever is asked; group names are "" where unknown, and
 * live as long as live does. */
struct live_value {
    double      value_cents, p_alive;
    int64_t     valued_ms;
    const char *rfm_group, *cluster, *stage;
};

/* The last put, at first what the store has.  model is a number in force. */
struct live_score live_score(const struct live *live, size_t model, uint32_t customer);
struct live_value live_value(const struct live *live, uint32_t customer);
/* With the lock held for writing, by any thread; names are copied, NULL is "". */
void live_score_put(struct live *live, size_t model, uint32_t customer, const struct live_score *score);
void live_value_put(struct live *live, uint32_t customer, const struct live_value *value);

size_t live_bytes(const struct live *live);     /* of memory held */

#endif
