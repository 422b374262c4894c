/* feature_support.h - what the tests of features share: a log to fill, random events, and each
 * feature computed the slow and obvious way. */
#ifndef TESTS_FEATURE_FEATURE_SUPPORT_H
#define TESTS_FEATURE_FEATURE_SUPPORT_H

#include "feature/feature_set_internal.h"
#include "feature/fold.h"
#include "feature/matrix.h"
#include "log/log.h"
#include "support.h"

/* One event in words, as the slow way sees it. */
struct noted {
    int64_t     time_ms, received_ms, amount_cents, quantity_milli;
    uint32_t    identity;
    const char *kind, *item, *properties;       /* item, properties "" for none */
};

/* A store with a log, and what went into it. */
struct diary {
    struct arena *arena;
    struct store *store;
    struct log   *log;
    struct noted *noted;        /* [n] in the order appended */
    size_t        n, room;
};

struct diary diary_open(void);
void         diary_close(struct diary *diary);

/* The identity of customer number; interned the first time. */
uint32_t diary_customer(struct diary *diary, unsigned number);

/* The noted events as columns, in the arena; their texts are interned. */
struct events diary_events(struct diary *diary, const struct noted *noted, size_t n, struct arena *arena);

/* Appends events in one commit and remembers them. */
void diary_append(struct diary *diary, const struct noted *noted, size_t n);

/* A random event of customers 1..n_customers within n_days before end_ms: "order", "view", "order_item" and
 * "traits"; lateness up to 40 days for one in five if is_late. */
struct noted diary_random(struct diary *diary, struct rng *rng, unsigned n_customers, int64_t end_ms,
                          int64_t n_days, bool is_late);

/* The set with every output of every operator, for order, view, order_item and all events, and two traits. */
struct feature_set *diary_full_set(struct diary *diary);
/* The same, and those of one more kind of event. */
struct feature_set *diary_set_with(struct diary *diary, const char *kind);

/* A noted event as the fold takes it. */
struct fold_event diary_fold_event(const struct diary *diary, const struct noted *noted);

/* The feature computed from all the noted events of a customer, as of an instant. */
double slow_feature(const struct feature_set *set, size_t index, const struct noted *noted, size_t n,
                    uint32_t identity, int64_t as_of_ms);

/* Whether two values agree: both missing, or near relative to their size. */
bool is_close(double a, double b, double tolerance);

#endif
