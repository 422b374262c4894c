/* learning_schedule.c - see learning_schedule.h. */
#include "learn/learning_schedule.h"

#include "base/calendar.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

enum { WEEK_DAYS = 7, LEAST_DAYS = 1, RETRY_MINUTES = 10 };

static PRINTF_LIKE(3, 4) struct learning_plan plan(bool is_due, int64_t at_ms, const char *form, ...)
{
    struct learning_plan made = { .is_due = is_due, .at_ms = at_ms };
    va_list args;
    va_start(args, form);
    (void)vsnprintf(made.why, sizeof made.why, form, args);
    va_end(args);
    return made;
}

/* How many more must come before there are n beyond those of then. */
static unsigned long long missing(uint64_t n_events, uint64_t n_then, uint64_t n)
{
    uint64_t n_new = n_events > n_then ? n_events - n_then : 0;
    return n_new < n ? n - n_new : 0;
}

bool learning_has_passed(int64_t since_ms, int64_t now_ms, int64_t span_ms)
{
    return now_ms - since_ms >= span_ms || since_ms > now_ms;
}

static struct learning_plan plan_first(const struct learning_facts *facts)
{
    int64_t retry_ms = RETRY_MINUTES * INT64_C(60000);
    if (facts->tried_ms == 0) return plan(true, facts->now_ms, "There is no model yet: it is tried now.");
    unsigned long long n = missing(facts->n_events, facts->n_tried, LEARNING_FIRST_EVENTS);
    if (n > 0)
        return plan(false, 0, "No model could be trained from what there was: it is tried again once %llu more events have come.",
                    n);
    return plan(learning_has_passed(facts->tried_ms, facts->now_ms, retry_ms), facts->tried_ms + retry_ms,
                "No model could be trained from what there was: it is tried again, since enough has come.");
}

static struct learning_plan plan_again(const struct learning_facts *facts)
{
    int64_t learned_ms = facts->learned_ms, now_ms = facts->now_ms;
    int64_t week_ms = learned_ms + WEEK_DAYS * MS_PER_DAY, sooner_ms = learned_ms + LEAST_DAYS * MS_PER_DAY;
    uint64_t enough = facts->n_learned * LEARNING_SHARE_PERCENT / 100;
    if (enough < LEARNING_LEAST_EVENTS) enough = LEARNING_LEAST_EVENTS;
    unsigned long long n_sooner = missing(facts->n_events, facts->n_learned, enough),
                       n_week = missing(facts->n_events, facts->n_learned, LEARNING_WEEK_EVENTS);
    bool is_known = facts->n_learned > 0;
    if ((facts->is_worse || facts->has_moved) && n_week == 0)
        return plan(now_ms >= sooner_ms, sooner_ms > now_ms ? sooner_ms : now_ms,
                    facts->is_worse ? "The model ranks worse than when it was made."
                                    : "What the model says has moved since it learned.");
    if (is_known && n_sooner == 0)
        return plan(now_ms >= sooner_ms, sooner_ms > now_ms ? sooner_ms : now_ms,
                    "There is a fifth more, or more, than the model learned from.");
    if (n_week == 0 || !is_known)
        return plan(now_ms >= week_ms, week_ms > now_ms ? week_ms : now_ms,
                    "A week has passed by then since the end of what the model learned from%s.",
                    is_known ? "; sooner once there is a fifth more" : "");
    return plan(false, 0, "A week after what the model learned from, once %llu more events have come; sooner once there is a "
                "fifth more.", n_week);
}

struct learning_plan learning_plan_of(const struct learning_facts *facts)
{
    if (!facts->is_by_itself) return plan(false, 0, "Only when told.");
    if (facts->stands && facts->learned_ms)
        return plan(false, 0, "Not while time stands at the end of the history: there is nothing new to learn from.");
    if (facts->is_table)
        return plan(false, 0, "Not by itself: the customers of a table do not move with time. Import a newer one, then train.");
    if (facts->learned_ms == 0) return plan_first(facts);
    /* One that failed is tried again a day later. */
    struct learning_plan made = plan_again(facts);
    int64_t again_ms = facts->tried_ms + MS_PER_DAY;
    if (made.is_due && facts->tried_ms && !learning_has_passed(facts->tried_ms, facts->now_ms, MS_PER_DAY)) {
        made.is_due = false;
        made.at_ms = again_ms;
    }
    return made;
}

bool learning_is_before(const struct learning_plan *a, const struct learning_plan *b)
{
    if (a->is_due != b->is_due) return a->is_due;
    return a->at_ms && (!b->at_ms || a->at_ms < b->at_ms);
}
