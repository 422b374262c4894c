/* question.h - what is asked of the future: of whom, what counts as yes, within how long. */
#ifndef FEATURE_QUESTION_H
#define FEATURE_QUESTION_H

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

#endif
