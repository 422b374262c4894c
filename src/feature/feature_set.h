/* feature_set.h - which features there are, what each means, and where each is kept in a customer's state.
 *
 * Made from the log: every frequent kind of event x every operator that makes sense for it, and
 * the traits.  A feature's name is the same in C, SQL and JSON and does not depend on the order of
 * the log.  Amounts are in units of the currency (cents / 100), times in days. */
#ifndef FEATURE_FEATURE_SET_H
#define FEATURE_FEATURE_SET_H

#include "base/err.h"
#include "feature/operator.h"
#include "log/log.h"

struct feature {
    const char *name;           /* "order_recency_days", "Contract = Month-to-month" */
    const char *meaning;        /* "days since the last order" */
    const char *unit;           /* "days", "events", "currency", "share", "ratio", "number", "yes/no" */
    const char *sql;            /* the ClickHouse expression that computes it; as_of_ms stands for the instant */
    const char *warning;        /* why it may know the answer, or NULL */
    double      coverage;       /* share of customers with a value when the set was made, 0..1 */
    const char *group;          /* the kind of event ("order"), the trait ("Contract"), or "" for all events */
    uint32_t    use;            /* the operator_use and the output of it that this is */
    uint32_t    output;
};

/* A property that customers have, as of an instant its last value received before. */
struct trait {
    const char        *name;            /* as in the data */
    bool               is_number;
    const char *const *values;          /* [n_values] frequent values, a column each; none for a number */
    size_t             n_values;
    const char        *other;           /* the only value without a column when the set was made; NULL: several, none */
};

/* What was in the data but is no feature, with the reason in words. */
struct left_out { const char *name, *reason; };

struct feature_options {
    const char *excluded_trait;         /* the label's column, or NULL */
    const char *ignored, *only; /* lists "A,B" of traits: left out; of all traits the only ones.  NULL: none */
    const char *goal;                   /* kind of event that always gets the full set, or NULL: the one that most
                                         * customers have */
    const char *const *kinds;           /* [n_kinds] of event that are taken however few have one */
    size_t      n_kinds;
    size_t      n_kinds_max;            /* 0: 12 */
    bool        decays_only;            /* decayed counts and sums of each kind, recency and tenure over all
                                         * events, and no more: the set that is benchmarked */
    unsigned    n_threads;              /* 0: 1 */
};

struct feature_set;

/* The set, its texts and tables live in the arena; the log may close.
 * Errors: ERR_REFUSED the log has no event of a known customer; those of log_read. */
bool feature_set_generate(const struct log *log, const struct feature_options *options, struct arena *arena,
                          struct feature_set **ret_set, struct err *err) MUST_CHECK;

size_t                 feature_set_size(const struct feature_set *set);             /* columns of a row */
const struct feature  *feature_at(const struct feature_set *set, size_t index);     /* until the arena goes */
bool                   feature_find(const struct feature_set *set, const char *name, size_t *ret_index);
const char *const     *feature_names(const struct feature_set *set);                /* [size] */
/* What of its kind's events it says, "recency_days"; "" of a trait. */
const char            *feature_suffix(const struct feature_set *set, size_t index);
/* The feature that says it of a kind of event as the log names it ("Order Completed"); false: there is none. */
bool feature_of_kind(const struct feature_set *set, const char *kind_name, const char *suffix, size_t *ret_index);
/* The feature that says another thing of the same kind of event as one does. */
bool feature_beside(const struct feature_set *set, size_t index, const char *suffix, size_t *ret_index);
size_t                 feature_set_left_out(const struct feature_set *set, const struct left_out **ret_left_out);
/* The parts (operator.h) that the set looks at: of events of a kind, of all; and the log's columns that hold
 * these. */
unsigned               feature_set_parts_of(const struct feature_set *set, uint16_t kind);
unsigned               feature_set_columns(const struct feature_set *set);
/* One customer's state, without the lists of days. */
size_t                 feature_set_state_bytes(const struct feature_set *set);

/* Gives a place to kinds of event below n_kinds that the log has got since the set was made.  States stay good:
 * they have seen no such event.  The arena is the set's; not while another thread uses the set. */
void feature_set_follow(struct feature_set *set, const struct log *log, size_t n_kinds, struct arena *arena);

/* The set as JSON text in the arena, and back.  Kinds are named, so the log that it is loaded for may be
 * another one; kinds that it lacks never occur.  log NULL: no kind occurs (for names and sentences).
 * Errors: ERR_CORRUPT not such a text, says where. */
const char *feature_set_save(const struct feature_set *set, struct arena *arena);
bool        feature_set_load(const char *json, const struct log *log, struct arena *arena,
                             struct feature_set **ret_set, struct err *err) MUST_CHECK;

/* A set of all features of n sets, the first's before others', by the first's days and what it counts as an event:
 * so several models can be asked from one row.  ret_columns [n]: of each set, where its features are in the union.
 * Errors: as feature_set_load. */
bool feature_set_union(const struct feature_set *const *sets, size_t n, const struct log *log, struct arena *arena,
                       struct feature_set **ret_set, uint32_t **ret_columns, struct err *err) MUST_CHECK;

/* What one customer's value of feature index says, in plain words: "has not ordered for 143 days;
 * usually orders every 31", "contract is Month-to-month", "only 1 order so far".
 * row [feature_set_size].  False, and an empty text, where there is nothing to say (no value). */
bool feature_sentence(const struct feature_set *set, size_t index, const float *row, char *ret_text, size_t room);

/* What more of a feature speaks for: SENSE_ACTIVE that a customer stays, SENSE_SILENT and SENSE_TROUBLE that they
 * leave; SENSE_NONE neither, as of traits.  SENSE_MUTE is no reason that a person would give, as the smallest
 * order, which is the smaller the more there are. */
enum sense { SENSE_NONE, SENSE_ACTIVE, SENSE_SILENT, SENSE_TROUBLE, SENSE_MUTE };
enum sense feature_sense(const struct feature_set *set, size_t index);

/* Whether a number that fades is of something so long ago that the sentence tells that instead. */
bool feature_is_long_ago(const struct feature_set *set, size_t index, const float *row);

/* The feature whose number the sentence tells: of one that fades the window as long as its half-life;
 * feature_set_size: the set has none. */
size_t feature_told(const struct feature_set *set, size_t index);

/* The number to stand beside the sentence, of usual [feature_set_size]: "1,240", "60 days".  False where the
 * sentence compares by itself, or there is nothing to compare with. */
bool feature_usual(const struct feature_set *set, size_t index, const float *row, const double *usual,
                   struct arena *arena, const char **ret_text);

/* Adds to a set that each customer's last RECENT_MOST items of these kinds are kept, besides what it has; kinds
 * that the log lacks are followed once they come.  Before there is any state of the set; the arena is the set's. */
void feature_set_keep_recent(struct feature_set *set, const char *const *kinds, size_t n_kinds,
                             const struct log *log, struct arena *arena);

#endif
