/* journeys_plan.c - who enters at an instant: dates of people, and schedules; see journeys.h.
 *
 * A timer of kind "journey_plan" a journey looks through everybody, some at a time, for whom an instant lies in
 * the half day ahead, and puts a timer of kind "journey_start" for each; that one asks again whether they are
 * meant. */
#include "engine/journeys_internal.h"

#include "base/calendar.h"
#include "store/sql.h"

#include <stdio.h>
#include <string.h>

enum { PEOPLE_AT_ONCE = 500 };
#define AHEAD_MS INT64_C(3600000)

/* What a plan's timer carries. */
struct plan { int64_t version, from_ms, to_ms; uint32_t after; };

static const struct zone *schedule_zone(const struct journeys *journeys, const struct trigger *trigger,
                                        const struct zone *person)
{
    if (strcmp(trigger->zone, "person") == 0) return person;
    if (strcmp(trigger->zone, "shop") == 0) return known_shop_zone(&journeys->rules.is, journeys->service->zones);
    return zones_get(journeys->service->zones, text_of(trigger->zone));
}

/* The instant after from_ms, up to to_ms, at which somebody enters; MOMENT_NEVER: none. */
static int64_t instant_of(const struct journeys *journeys, const struct trigger *trigger, const json_t *known,
                          const struct zone *zone, const struct plan *plan)
{
    int64_t day, at_ms;
    if (trigger->kind == TRIGGER_SCHEDULE) {
        at_ms = moment_scheduled(schedule_zone(journeys, trigger, zone), plan->from_ms, trigger);
    } else {
        if (!known_day(known, trigger->name, &day)) return MOMENT_NEVER;
        at_ms = trigger->every == EVERY_YEAR
                    ? moment_yearly(zone, plan->from_ms + 1, day, trigger->shift_days, trigger->clock_ms)
                    : moment_of(zone, day + trigger->shift_days, trigger->clock_ms);
    }
    return at_ms > plan->from_ms && at_ms <= plan->to_ms ? at_ms : MOMENT_NEVER;
}

static bool plan_one(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                     const struct plan *plan, struct err *err)
{
    json_t *known;
    const struct zone *zone;
    arena_reset(journeys->scratch);
    if (!journeys_known(journeys, store, customer, &known, &zone, err)) return false;
    int64_t at_ms = instant_of(journeys, &at->is->trigger, known, zone, plan);
    json_decref(known);
    const struct timer timer = { .due_ms = at_ms,
                                 .who = customer,
                                 .data = { (const char *)&at->id, sizeof at->id } };
    return at_ms == MOMENT_NEVER || timer_put(journeys->timers, store, "journey_start", &timer, err);
}

static bool put_plan(struct journeys *journeys, struct store *store, const struct at_work *at, int64_t due_ms,
                     const struct plan *plan, struct err *err)
{
    const struct timer timer = { .due_ms = due_ms,
                                 .who = (uint32_t)at->id,
                                 .data = { (const char *)plan, sizeof *plan } };
    return timer_put(journeys->timers, store, "journey_plan", &timer, err);
}

static bool is_planned(const struct at_work *at)
{
    return at && (at->is->trigger.kind == TRIGGER_DATE || at->is->trigger.kind == TRIGGER_SCHEDULE);
}

bool journeys_plan(struct journeys *journeys, struct store *store, struct at_work *at, struct err *err)
{
    int64_t now_ms = journeys_now_ms(journeys);
    const struct plan plan = { .version = at->version, .from_ms = now_ms, .to_ms = now_ms + AHEAD_MS };
    if (!timers_cancel(store, "journey_plan", (uint32_t)at->id, err)) return false;
    return !is_planned(at) || at->state != JOURNEY_ACTIVE || put_plan(journeys, store, at, now_ms, &plan, err);
}

static bool fire_plan(void *context, struct store *store, const struct timer *timer, int64_t now_ms,
                      struct err *err)
{
    struct journeys *journeys = context;
    struct service *service = journeys->service;
    struct at_work *at = journeys_at_work(journeys, timer->who);
    struct plan plan;
    if (!is_planned(at) || timer->data.length != sizeof plan || at->state != JOURNEY_ACTIVE) return true;
    memcpy(&plan, timer->data.at, sizeof plan);
    if (plan.version != at->version) return true;
    at->planned_ms = plan.to_ms;
    (void)now_ms;
    for (size_t n = 0; n < PEOPLE_AT_ONCE; n++) {
        (void)pthread_rwlock_rdlock(&service->lock);
        uint32_t customer = live_next(service->live, plan.after);
        (void)pthread_rwlock_unlock(&service->lock);
        if (customer == 0) {
            const struct plan next = { at->version, plan.to_ms, plan.to_ms + AHEAD_MS, 0 };
            return put_plan(journeys, store, at, plan.to_ms - AHEAD_MS / 2, &next, err);
        }
        if (!plan_one(journeys, store, at, customer, &plan, err)) return false;
        plan.after = customer;
    }
    return put_plan(journeys, store, at, timer->due_ms, &plan, err);
}

bool journeys_plan_person(struct journeys *journeys, struct store *store, uint32_t customer, struct err *err)
{
    int64_t now_ms = journeys_now_ms(journeys);
    for (size_t i = 0; i < journeys->n; i++) {
        const struct at_work *at = &journeys->all[i];
        const struct plan plan = { at->version, now_ms, at->planned_ms, 0 };
        if (is_planned(at) && at->state == JOURNEY_ACTIVE && at->planned_ms > now_ms &&
            !plan_one(journeys, store, at, customer, &plan, err))
            return false;
    }
    return true;
}

/* Whether they have entered at this instant or since: one who was planned for twice enters once. */
static bool has_entered(struct store *store, const struct at_work *at, uint32_t customer, int64_t due_ms,
                        bool *ret_has, struct err *err)
{
    struct sql_entry_last row;
    if (!sql_entry_last(store, customer, at->id, 0, &row, err)) return false;
    enum step step = sql_entry_last_step(&row, err);
    *ret_has = step == STEP_ROW && row.entered_ms >= due_ms;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool fire_start(void *context, struct store *store, const struct timer *timer, int64_t now_ms,
                       struct err *err)
{
    struct journeys *journeys = context;
    int64_t id, entry;
    bool is_meant = true;
    if (timer->data.length != sizeof id) return true;
    memcpy(&id, timer->data.at, sizeof id);
    struct at_work *at = journeys_at_work(journeys, id);
    if (!at || now_ms - timer->due_ms > ENTERING_OLDEST_MS) return true;
    uint32_t customer = identities_customer(journeys->service->identities, timer->who);
    const char *audience = at->is->trigger.audience.sql;
    bool has;
    if (!has_entered(store, at, customer, timer->due_ms, &has, err)) return false;
    if (has) return true;
    arena_reset(journeys->scratch);
    if (audience && !journeys_hold(journeys, store, customer, audience, NULL, NULL, &is_meant, err)) return false;
    return !is_meant || journeys_begin(journeys, store, at, customer, NULL, &entry, err);
}

void journeys_plan_timers(struct journeys *journeys, struct timers *timers)
{
    const struct timer_kind plan = { .name = "journey_plan", .fire = fire_plan, .context = journeys },
                            start = { .name = "journey_start", .fire = fire_start, .context = journeys };
    timers_add(timers, &plan);
    timers_add(timers, &start);
}
