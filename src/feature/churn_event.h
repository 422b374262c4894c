/* churn_event.h - the events by which customers leave, such as a cancellation: whoever has had one since their last goal
 * event has left already, and is not asked whether they will.
 *
 * An event of such a name is one if hardly anybody came back after it, where others do come back. */
#ifndef FEATURE_CHURN_EVENT_H
#define FEATURE_CHURN_EVENT_H

#include "feature/feature_set.h"
#include "feature/question.h"
#include "feature/survey.h"

/* One of a name that says it, or one that nobody names so but after which hardly anybody came back. */
struct churn_event {
    const char *name;
    uint16_t    kind;
    bool        is_named;
    size_t      n_had, n_back;      /* customers who had one at least a horizon before the end; of them with a goal later */
    double      n_daily;            /* customers who left by it, of late */
};

struct churn_events {
    struct churn_event event[CHURN_EVENTS_MOST];
    size_t             n;
};

struct churn_event_request {
    const struct survey *survey;
    uint16_t             goal_kind;
    int64_t              horizon_days, last_ms;     /* as a question's */
    const char          *only;                      /* the one that is asked for, whoever came back; NULL: found */
    unsigned             n_threads;
};

/* Those that are named before those that are not, each the most frequent first.  Texts live in the arena.  Errors: those of
 * log_read. */
bool churn_events_find(const struct log *log, const struct churn_event_request *request, struct arena *arena,
                       struct churn_events *ret_events, struct err *err) MUST_CHECK;

/* Whether the name of an event or a trait tells of leaving. */
bool churn_event_is_named(const char *name, struct arena *arena);

/* "who" of a question (question.h), over the features of a set: customers without any of the kinds [n] since their last goal
 * event.  Kinds that the set does not know of never happened; NULL if it knows of none, or not of the goal. */
const char *churn_events_none_since(const struct feature_set *set, const char *goal, const char *const *kinds,
                                    size_t n, struct arena *arena);

#endif
