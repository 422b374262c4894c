/* journey_loop.c - journeys that would start one another for ever without time passing; see journey.h.
 *
 * A step that raises an event is at once reached where no step before it lets time pass.  Journeys are joined
 * where one so raises what another, or itself, begins by; a ring of these is a loop.  What is sent and what is set
 * are events too; by one of a certain kind only ('where') they may well begin something. */
#include "journey/journey_internal.h"

#include "intake/commerce.h"
#include "journey/contact.h"

#include <string.h>

static bool lets_time_pass(const struct journey_step *step)
{
    switch (step->kind) {
    case STEP_DELAY: return step->span.ms > 0 || step->span.days > 0;
    case STEP_UNTIL_CLOCK: case STEP_UNTIL_DATE: case STEP_WINDOW: case STEP_WAIT:
        return false;       /* may pass at once */
    case STEP_SPLIT: case STEP_RANDOM: case STEP_DECIDE: case STEP_EXPERIMENT: case STEP_SEND: case STEP_TASK:
    case STEP_COUPON: case STEP_SET: case STEP_RAISE: case STEP_EXIT: break;
    }
    return false;
}

/* Whether nobody passes by a step's branches. */
static bool all_branch(const struct journey_step *step)
{
    return step->n_branches > 0 && step->kind != STEP_EXPERIMENT &&
           (step->kind != STEP_SPLIT || !step->branches[step->n_branches - 1].when.sql);
}

/* Marks what is reached from a step without a delay. */
static void reach(const struct journey *journey, uint32_t at, bool *is_reached)
{
    while (at != JOURNEY_END && !is_reached[at]) {
        const struct journey_step *step = &journey->steps[at];
        is_reached[at] = true;
        if (lets_time_pass(step) || step->kind == STEP_EXIT) return;
        for (size_t i = 0; i < step->n_branches; i++) reach(journey, step->branches[i].first, is_reached);
        if (step->kind == STEP_WAIT) reach(journey, step->otherwise, is_reached);
        if (all_branch(step)) return;
        at = step->next;
    }
}

struct chase {
    const struct journey *const *journeys;
    size_t                       n;
    bool                       **is_reached;    /* [n] of each journey's steps */
    enum { NEW, OPEN, DONE }    *state;         /* [n] */
};

/* The event that is known once the step is done; NULL: none. */
static const char *raised_by(const struct journey_step *step)
{
    static const struct contact_rules by_name = { 0 };
    if (step->kind == STEP_RAISE) return commerce_meant(step->name);
    if (step->kind == STEP_SET) return "traits";
    if (step->kind != STEP_SEND) return NULL;
    if (step->subject || step->html) return "Email Sent";
    return contact_channel_kind(&by_name, step->channel) == CHANNEL_TWILIO ? "SMS Sent" : NULL;
}

static bool starts(const struct journey *journey, const struct journey_step *step)
{
    const char *event = raised_by(step);
    return event && journey->trigger.kind == TRIGGER_EVENT && journey->again == AGAIN_ALWAYS &&
           (step->kind == STEP_RAISE || !journey->trigger.where.sql) && strcmp(journey->trigger.name, event) == 0;
}

/* False: a ring, which ends at *ret_journey by *ret_step. */
static bool chase(struct chase *c, size_t at, size_t *ret_journey, const struct journey_step **ret_step)
{
    const struct journey *journey = c->journeys[at];
    c->state[at] = OPEN;
    for (size_t i = 0; i < journey->n_steps; i++)
        for (size_t j = 0; c->is_reached[at][i] && j < c->n; j++) {
            if (!starts(c->journeys[j], &journey->steps[i])) continue;
            if (c->state[j] == OPEN) {
                *ret_journey = at;
                *ret_step = &journey->steps[i];
                return false;
            }
            if (c->state[j] == NEW && !chase(c, j, ret_journey, ret_step)) return false;
        }
    c->state[at] = DONE;
    return true;
}

bool journeys_check_loops(const struct journey *const *journeys, const char *const *sources, size_t n,
                          struct arena *arena, struct err *err)
{
    struct chase c = { .journeys = journeys, .n = n, .is_reached = ARENA_ARRAY(arena, bool *, n + 1) };
    c.state = arena_alloc(arena, n + 1, sizeof *c.state);
    for (size_t i = 0; i < n; i++) {
        c.is_reached[i] = ARENA_ARRAY(arena, bool, journeys[i]->n_steps + 1);
        reach(journeys[i], journeys[i]->first, c.is_reached[i]);
    }
    for (size_t i = 0; i < n; i++) {
        size_t where;
        const struct journey_step *step;
        if (c.state[i] == NEW && !chase(&c, i, &where, &step))
            return err_set(
                err, ERR_INVALID,
                "%s:%u:%u: a loop without delay: the step '%s' raises '%s', which starts the same ways again at "
                "once and for ever; put a delay before it, or 'again: never'",
                sources[where], step->line, step->column, step->id, raised_by(step));
    }
    return true;
}
