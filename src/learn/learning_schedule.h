/* learning_schedule.h - when a model learns again by itself: once a week, and sooner once there is enough that is new, or
 * once it has become worse or sees another world than it learned from.
 *
 * Pure: what is known of a model and of the log, and when that says to train. */
#ifndef LEARN_LEARNING_SCHEDULE_H
#define LEARN_LEARNING_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* Enough for a week's training; and to train within the week: so many, and this share of what was learned from. */
enum { LEARNING_WEEK_EVENTS = 100, LEARNING_LEAST_EVENTS = 1000, LEARNING_SHARE_PERCENT = 20, LEARNING_FIRST_EVENTS = 1000 };

struct learning_facts {
    int64_t  now_ms, learned_ms;    /* the end of what the model learned from; 0: there is no model yet */
    uint64_t n_learned, n_events;   /* events it learned from, 0 not known; and that there are */
    int64_t  tried_ms;              /* when it was last tried by itself; 0: never */
    uint64_t n_tried;               /* events that there were then */
    bool     is_by_itself;          /* the server trains at all without being told */
    bool     is_worse, has_moved;       /* it ranks worse than it did; what it says has moved (learn/decay.h) */
    bool     is_table, stands;      /* its customers do not move with time; time stands at the last event */
};

struct learning_plan {
    bool    is_due;
    int64_t at_ms;                  /* the earliest next; 0: not known, why says what must come first */
    char    why[240];               /* a sentence */
};

struct learning_plan learning_plan_of(const struct learning_facts *facts);
bool learning_is_before(const struct learning_plan *a, const struct learning_plan *b);

/* Whether so long has passed since; an instant to come is one before the clock was set back. */
bool learning_has_passed(int64_t since_ms, int64_t now_ms, int64_t span_ms);

#endif
