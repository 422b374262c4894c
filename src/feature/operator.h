/* operator.h - how an event changes what is known of a customer, and what is read from it.
 *
 * An operator is one const struct: a small state, and the features read from it (its outputs).
 * The same update runs when history is replayed and when one event arrives, so that training and
 * serving cannot differ.  Every state is exact whatever the order of arrival (sums of doubles: up
 * to rounding), and merging two states equals folding the events of both. */
#ifndef FEATURE_OPERATOR_H
#define FEATURE_OPERATOR_H

#include "base/arena.h"
#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One event as operators see it. */
struct fold_event {
    int64_t     time_ms;            /* when it happened */
    int64_t     known_ms;           /* when it counts: received, and happened */
    int64_t     amount_cents;
    int64_t     quantity_milli;
    uint64_t    item_hash;          /* item_hash_of(its item's text), 0 none */
    struct text properties;         /* a JSON object or the empty text; borrowed for the call */
    uint16_t    kind;
};

uint64_t item_hash_of(struct text item);    /* XXH64, as ClickHouse's xxHash64; 0 for the empty text */

/* The parts of an event that an operator may look at, beside its kind and when it happened, which are always there.
 * What no operator of a set says that it looks at is not read from the log, nor kept of the first events of a
 * customer, and looks as if the event had not had it. */
enum event_part {
    PART_KNOWN = 1 << 0,            /* without it known_ms is time_ms */
    PART_AMOUNT = 1 << 1, PART_QUANTITY = 1 << 2,
    PART_ITEM_SHORT = 1 << 3,       /* of item_hash what item_hash_short leaves */
    PART_ITEM = 1 << 4,             /* all of item_hash */
    PART_PROPERTIES = 1 << 5,
    PARTS_ALL = (1 << 6) - 1
};

/* A hash's lowest 15 bits, and whether it is 0, as a hash. */
static inline uint16_t item_hash_short(uint64_t item_hash)
{
    return item_hash ? (uint16_t)(item_hash & 0x7fff) | 0x8000 : 0;
}

enum { DECAYS = 4, DECAY_TABLE_DAYS = 4096 };

extern const double decay_days[DECAYS];     /* half-lives: 7, 30, 90, 365 days */

/* Decayed sums are kept as of a landmark L, as the sum of w 2^((t - L) / half-life), so that adding an event
 * costs one addition, in any order, and merging is adding.  Exact for times within 19 years of L
 * (Cormode et al. 2009, "Forward decay").  day[i] holds 2^((i - DECAY_TABLE_DAYS / 2) / half-life),
 * hour[i] 2^((i + 1/2) hours / half-life). */
struct decay_table {
    int64_t landmark_ms;            /* a midnight */
    double  day[DECAY_TABLE_DAYS][DECAYS];
    double  hour[24][DECAYS];
};

void decay_table_fill(struct decay_table *table, int64_t landmark_day);
void decay_factors(const struct decay_table *table, int64_t time_ms, double ret_factor[DECAYS]);

/* The instant features are read for, and what all customers share at it. */
struct fold_moment {
    int64_t  as_of_ms;
    int64_t  end_day;               /* the day after the last instant before as_of */
    double   scale[DECAYS];         /* 2^((L - as_of) / half-life) */
};

struct trait;

/* One operator at work on one kind of event in a feature set. */
struct operator_use {
    const struct operator    *operator;
    const char               *kind_name;    /* "" for all counted kinds */
    uint16_t                  kind;         /* of the log's dictionary; KIND_ANY, KIND_ABSENT */
    uint32_t                  offset_bytes; /* of its state within the customer's */
    int32_t                  *column;       /* [n_outputs] in the row, -1 for an output not asked for */
    const struct decay_table *decay;
    const struct trait       *traits;       /* [n_traits] of operator_traits, else NULL */
    size_t                    n_traits;
};

enum { KIND_ANY = 65535, KIND_ABSENT = 65534 };     /* absent: the log has no such kind */

enum operator_needs {               /* what events must have for the operator to say anything */
    NEEDS_AMOUNT = 1 << 0, NEEDS_ITEM = 1 << 1, NEEDS_CLOCK = 1 << 2, NEEDS_QUANTITY = 1 << 3,
    NEEDS_OTHERS = 1 << 4
};

struct operator_output {
    const char *suffix;             /* "recency_days": the feature is <kind>_<suffix> */
    const char *unit;               /* "days", "events", "currency", "share", "ratio" */
    const char *meaning;            /* {one} order, {many} orders, {kind} the kind's own text */
    const char *sql;                /* ClickHouse, over the rows of one customer received and happened before
                                     * as_of_ms; {is} stands for the condition on the kind, {counted} for
                                     * that on all that count */
    unsigned    needs;
};

struct operator {
    const char                   *name;
    size_t                        state_bytes;      /* multiple of 8; zero bytes are the empty state; of
                                                     * traits: each */
    const struct operator_output *outputs;
    size_t                        n_outputs;
    unsigned                      parts;    /* of an event, that update looks at: enum event_part */
    /* Adds one event of the kind. */
    void (*update)(void *state, const struct fold_event *event, const struct operator_use *use);
    /* Adds to state what other has seen; other stays. */
    void (*merge)(void *state, const void *other, const struct operator_use *use);
    /* Writes its columns of the row, NaN where nothing can be said.  n_events: all counted events. */
    void (*read)(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                 uint64_t n_events, double *ret_row);
    /* For a state that holds memory: forgets everything but keeps the memory, or frees it if is_final.  NULL: it
     * holds none. */
    void   (*clear)(void *state, bool is_final);
    /* For such a state: all of it as at most packed_most bytes, and back into a cleared state.  Both return the
     * end of those bytes; up to 8 bytes beyond it are read or written.  Bytes of this process only.  NULL: the
     * state is packed as the words it consists of. */
    size_t               packed_most;
    bool                 (*is_empty)(const void *state);
    unsigned char       *(*pack)(const void *state, unsigned char *to);
    const unsigned char *(*unpack)(void *state, const unsigned char *from);
};

#define MISSING ((double)NAN)

static inline void operator_put(const struct operator_use *use, size_t output, double *row, double value)
{
    if (use->column[output] >= 0) row[use->column[output]] = value;
}

extern const struct operator operator_times, operator_days, operator_decayed, operator_amount, operator_extremes,
                             operator_quantity, operator_distinct, operator_profile, operator_traits,
                             operator_recent;

extern const struct operator *const operators[];     /* all but operator_traits, whose outputs are the
                                                      * set's own, and operator_recent, which has none */
extern const size_t                 n_operators;

#endif
