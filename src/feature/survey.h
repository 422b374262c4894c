/* survey.h - what a log holds, as far as it decides which features make sense. */
#ifndef FEATURE_SURVEY_H
#define FEATURE_SURVEY_H

#include "base/arena.h"
#include "base/err.h"
#include "log/log.h"

enum { SURVEY_VALUES_MAX = 256, SURVEY_TRAITS_MAX = 1000 };

struct kind_survey {
    uint64_t n_events, n_customers;
    uint64_t n_amounts, n_quantities, n_items;      /* events that have one */
    uint64_t n_negative;                            /* events with an amount below zero */
    uint64_t n_clock;                               /* events not at midnight */
    uint64_t n_quarter[4], n_weekend;               /* events in each quarter of the day; on Saturday or Sunday */
};

/* signature adds up a hash of each customer who has the value: equal for values of the same customers. */
struct trait_value { const char *text; uint64_t n, signature; };

struct trait_survey {
    const char         *name;
    uint64_t            n_customers;        /* who ever had a value */
    uint64_t            n_values;           /* values seen, blank ones left out */
    uint64_t            n_numbers;          /* of them numbers, or text that is one */
    uint64_t            n_integers;
    double              min, max;           /* of the numbers */
    struct trait_value *values;             /* [n_distinct] those met first, each with how often */
    uint16_t           *places;             /* where each value is, by its hash; survey.c's own */
    size_t              n_distinct;
    uint64_t            n_beyond;           /* values that had no more room among them */
    uint64_t            signature;          /* of all values */
    int64_t             first_known_ms;     /* when the first of them was received */
};

struct survey {
    struct kind_survey  *kinds;             /* [n_kinds] of the log's dictionary */
    size_t               n_kinds;
    struct trait_survey *traits;            /* [n_traits] */
    size_t               n_traits;
    uint64_t             n_customers, n_events;     /* in the partitions read */
    int64_t              mean_day, span_days;       /* of the events that are not traits */
    int64_t              last_known_ms;             /* when the last of those was received; INT64_MIN: there is none */
};

/* Reads the log: all of it up to some millions of events, else as many whole partitions, which are a
 * random sample of customers.  Same result for any number of threads.  Errors: those of log_read. */
bool survey_log(const struct log *log, unsigned n_threads, struct arena *arena, struct survey *ret_survey,
                struct err *err) MUST_CHECK;

#endif
