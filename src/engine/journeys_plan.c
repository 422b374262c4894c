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

bool journeys_plan(struct journeys *journeys, struct store *store, struct at_work *at, int64_t from_ms, struct err *err)
{
    int64_t now_ms = journeys_now_ms(journeys);
    const struct plan plan = { .version = at->version, .from_ms = from_ms, .to_ms = now_ms + AHEAD_MS };
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

/* How far a move to another zone may shift one and the same occurrence. */
static int64_t shift_of(const struct trigger *trigger)
{
    bool is_shop = trigger->kind == TRIGGER_SCHEDULE && strcmp(trigger->zone, "person") != 0;
    return is_shop ? 0 : trigger->every == EVERY_DAY ? MS_PER_DAY / 4 : MS_PER_DAY + MS_PER_DAY / 12;
}

/* Whether they have entered for this occurrence: one who was planned for twice, perhaps in two zones, enters once. */
static bool has_entered(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                        int64_t due_ms, bool *ret_has, struct err *err)
{
    struct entering_facts facts;
    int64_t shift_ms = at->is->trigger.kind == TRIGGER_SCHEDULE ? shift_of(&at->is->trigger) : 0;
    if (!journeys_last_entry(journeys, store, at, customer, 0, &facts, err)) return false;
    *ret_has = facts.has_entered && facts.last_ms >= due_ms - shift_ms;
    return true;
}

/* Whether the instant that was planned for is theirs still: a date or a zone may have changed since.  One that is past
 * by their new clock means now; one to come is planned for as such. */
static bool is_due_still(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                         int64_t due_ms, bool *ret_is, struct err *err)
{
    json_t *known;
    const struct zone *zone;
    const struct plan around = { .from_ms = due_ms - shift_of(&at->is->trigger) - 1, .to_ms = due_ms };
    if (!journeys_known(journeys, store, customer, &known, &zone, err)) return false;
    *ret_is = instant_of(journeys, &at->is->trigger, known, zone, &around) != MOMENT_NEVER;
    json_decref(known);
    return true;
}

static bool start_one(struct journeys *journeys, struct store *store, struct at_work *at, uint32_t customer,
                      int64_t due_ms, json_t *facts, struct err *err)
{
    const char *audience = at->is->trigger.audience.sql;
    bool is_so = false;
    int64_t entry;
    if (!has_entered(journeys, store, at, customer, due_ms, &is_so, err)) return false;
    if (is_so) return true;
    if (!is_due_still(journeys, store, at, customer, due_ms, &is_so, err)) return false;
    if (is_so && audience && !journeys_hold(journeys, store, customer, audience, NULL, NULL, facts, &is_so, err)) return false;
    if (!is_so) return true;
    return journeys_now_ms(journeys) - due_ms > ENTERING_OLDEST_MS
               ? journeys_miss(journeys, store, at, customer, RULE_TOO_OLD, facts, err)
               : journeys_begin(journeys, store, at, customer, NULL, 0, &entry, err);
}

static bool fire_start(void *context, struct store *store, const struct timer *timer, int64_t now_ms,
                       struct err *err)
{
    struct journeys *journeys = context;
    int64_t id;
    (void)now_ms;
    if (timer->data.length != sizeof id) return true;
    memcpy(&id, timer->data.at, sizeof id);
    struct at_work *at = journeys_at_work(journeys, id);
    if (!is_planned(at) || at->state != JOURNEY_ACTIVE) return true;
    arena_reset(journeys->scratch);
    json_t *facts = json_object();
    bool ok = start_one(journeys, store, at, identities_customer(journeys->service->identities, timer->who),
                        timer->due_ms, facts, err);
    json_decref(facts);
    return ok;
}

void journeys_plan_timers(struct journeys *journeys, struct timers *timers)
{
    const struct timer_kind plan = { .name = "journey_plan", .fire = fire_plan, .context = journeys },
                            start = { .name = "journey_start", .fire = fire_start, .context = journeys };
    timers_add(timers, &plan);
    timers_add(timers, &start);
}
