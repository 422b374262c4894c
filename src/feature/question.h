/* question.h - what is asked of the future: of whom, what counts as yes, within how long. */
#ifndef FEATURE_QUESTION_H
#define FEATURE_QUESTION_H

#include "base/arena.h"
#include "base/err.h"
#include "store/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum question_kind {
    QUESTION_CHURN,         /* yes = no goal event in the horizon */
    QUESTION_EVENT,         /* yes = at least one goal event in the horizon */
    QUESTION_SPEND,         /* the amount of goal events in the horizon */
    QUESTION_TRAIT          /* the label column of a table */
};

struct question {
    const char        *name;
    enum question_kind kind;
    const char        *goal;            /* kind of event, and its index in the log's dictionary */
    uint16_t           goal_kind;
    int64_t            horizon_days;
    int64_t            active_days;     /* asked are those with a goal event in so many days before; 0: everyone */
    const char        *who;             /* SQL predicate over features, or NULL */
    const char        *target, *yes;    /* QUESTION_TRAIT: the trait and its value that counts as yes */
    double             value_cents;     /* what a yes is worth */
    const char        *why;             /* how goal and horizon were chosen */
};

/* What a person gave; NULL or 0: chosen from the data. */
struct question_options {
    const char *name;           /* "churn" (NULL), "spend", or a name in a YAML file */
    const char *goal;           /* kind of event */
    int64_t     horizon_days, active_days;
    const char *target, *yes;   /* for a table: the label and the value that counts as yes */
    bool        is_table;       /* one row per customer: the question is QUESTION_TRAIT */
    int64_t     first_ms, last_ms;      /* what the history spans; last_ms is exclusive */
};

/* Makes the question whole from the options and the data, and says how in why.
 * Errors: ERR_MISSING no such goal or target (names close ones); ERR_REFUSED too short a history (says how
 * much is needed); ERR_INVALID a name it does not know, or a label of more than two values without yes. */
bool question_choose(const struct log *log, const struct question_options *options, struct arena *arena,
                     struct question *ret_question, struct err *err) MUST_CHECK;

/* The question options->name of a YAML file; what the file leaves open is taken from options, then
 * chosen.  Errors: those of question_choose; ERR_INVALID with file, line and column. */
bool question_read_yaml(const char *path, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err) MUST_CHECK;

/* The instants, ascending; the last is the held-out one: test_at_ms, or with INT64_MIN one horizon before
 * last_ms.  The label windows of all others end at or before it.
 * Errors: ERR_REFUSED the history is too short; ERR_INVALID test_at_ms lies outside. */
bool question_cutoffs(const struct question *question, int64_t first_ms, int64_t last_ms, int64_t test_at_ms,
                      struct arena *arena, int64_t **ret_cutoffs_ms, size_t *ret_n_cutoffs, struct err *err) MUST_CHECK;

#endif
