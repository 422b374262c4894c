/* trial.c - see trial.h. */
#include "trial/trial_internal.h"

#include "base/hash.h"
#include "base/memory.h"
#include "live/membership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the events that happen again ---- */

static int by_time(const void *a, const void *b)
{
    const struct trial_event *x = a, *y = b;
    if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* An event counts from when it was known. */
static int64_t known_ms(const struct events *events, size_t i)
{
    return events->received_ms[i] > events->time_ms[i] ? events->received_ms[i] : events->time_ms[i];
}

static bool read_events(struct trial *trial, struct err *err)
{
    const struct trial_options *o = trial->options;
    enum {
        COLUMNS = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM |
                  LOG_PROPERTIES
    };
    struct log_reader *reader;
    size_t room = 0;
    if (!log_reader_open(o->log, &reader, err)) return false;
    bool ok = true;
    for (unsigned part = 0; ok && part < LOG_PARTITIONS; part++) {
        struct events *events = &trial->parts[part];
        ok = log_read(reader, part, COLUMNS, trial->arena, events, err);
        for (size_t i = 0; ok && i < events->n; i++) {
            int64_t at_ms = known_ms(events, i);
            if (at_ms < o->from_ms || at_ms > o->to_ms) continue;
            if (trial->n_events == room)
                trial->events = memory_grow(trial->events, room = 2 * room + 1024, sizeof *trial->events);
            trial->events[trial->n_events++] = (struct trial_event){ at_ms, part, (uint32_t)i };
        }
    }
    log_reader_close(reader);
    if (!ok) return false;
    if (trial->n_events) qsort(trial->events, trial->n_events, sizeof *trial->events, by_time);
    trial->event_before = memory_new(trial->n_events + 1, sizeof *trial->event_before);
    return true;
}

json_t *trial_event_json(const struct trial *trial, size_t event)
{
    const struct trial_event *at = &trial->events[event];
    return known_event(trial->options->log, &trial->parts[at->part], at->index);
}

/* ---- what an event does ---- */

static bool is_goal(struct trial *trial, const struct trial_entry *entry, const char *kind, const json_t *event,
                    bool *ret_is, struct err *err)
{
    const struct goal *goal = &trial->options->journeys[entry->journey]->goal;
    const struct trial_person *person = &trial->people[entry->person];
    *ret_is = false;
    if (!goal->is_set || entry->goal_met || trial->now_ms <= entry->entered_ms) return true;
    if (goal->within.ms || goal->within.days)
        if (moment_after(person->zone, entry->entered_ms, goal->within) < trial->now_ms) return true;
    if (goal->what.event && strcmp(goal->what.event, kind) != 0) return true;
    *ret_is = true;
    if (goal->what.segment) {
        const char *sql = trial_segment_sql(trial, goal->what.segment);
        *ret_is = false;
        return !sql || trial_holds(trial, person, sql, NULL, NULL, ret_is, NULL, err);
    }
    return !goal->what.where.sql ||
           trial_holds(trial, person, goal->what.where.sql, event, NULL, ret_is, NULL, err);
}

static bool waits_for_something(const struct trial *trial, const struct trial_entry *entry)
{
    const struct journey *journey = trial->options->journeys[entry->journey];
    return entry->place.step != JOURNEY_END && journey->steps[entry->place.step].kind == STEP_WAIT;
}

static bool move_on(struct trial *trial, size_t at, const char *kind, const json_t *event, struct err *err)
{
    struct trial_entry *entry = &trial->entries[at];
    bool is;
    if (entry->is_pending || entry->place.end != WALK_OPEN) return true;
    if (!is_goal(trial, entry, kind, event, &is, err)) return false;
    if (is) {
        entry->goal_met = true;
        if (!trial_leave(trial, at, WALK_GOAL, err)) return false;
    }
    entry = &trial->entries[at];
    if (strcmp(kind, "traits") == 0 && walk_is_retimed(trial->options->journeys[entry->journey], &entry->place))
        return trial_retime(trial, at, err);
    return entry->place.end != WALK_OPEN || !waits_for_something(trial, entry) || trial_walk_on(trial, at, err);
}

static bool start_ways(struct trial *trial, struct trial_person *person, const char *kind, uint32_t event_number,
                       const json_t *event, struct err *err)
{
    for (size_t j = 0; j < trial->options->n_journeys; j++) {
        const struct trigger *trigger = &trial->options->journeys[j]->trigger;
        bool holds = true;
        if (trigger->kind != TRIGGER_EVENT || strcmp(trigger->name, kind) != 0) continue;
        if (trigger->where.sql && !trial_holds(trial, person, trigger->where.sql, event, NULL, &holds, NULL, err))
            return false;
        if (holds && !trial_enter(trial, person, j, event_number, event, trial->now_ms, err)) return false;
    }
    return true;
}

/* An event of somebody has come: ways begin, go on, reach their goal.  event_number: 1 + index, 0 of a raised one. */
static bool trial_happened(struct trial *trial, struct trial_person *person, const char *kind,
                           uint32_t event_number, const json_t *event, struct err *err)
{
    if (strcmp(kind, "traits") == 0) trial_person_forget(person);
    if (!trial_person_know(trial, person, err)) return false;
    while (person->first_open && trial->entries[person->first_open - 1].place.end != WALK_OPEN)
        person->first_open = trial->entries[person->first_open - 1].next_of_person;
    uint32_t last = person->last_entry;
    for (uint32_t at = person->first_open; at != 0;) {
        uint32_t next = at == last ? 0 : trial->entries[at - 1].next_of_person;
        if (!move_on(trial, at - 1, kind, event, err)) return false;
        at = next;
    }
    return start_ways(trial, person, kind, event_number, event, err) && trial_look(trial, person, false, err);
}

static bool take_event(struct trial *trial, size_t number, struct err *err)
{
    const struct trial_event *at = &trial->events[number];
    const struct events *events = &trial->parts[at->part];
    uint32_t customer = identities_customer(trial->options->identities, events->identity[at->index]);
    struct trial_person *person = trial_person_of(trial, customer);
    struct text kind = log_name(trial->options->log, DICTIONARY_KIND, events->kind[at->index]);
    if (!person || kind.length == 0) return true;
    trial->event_before[number] = person->last_event;
    person->last_event = (uint32_t)number + 1;
    json_t *json = trial_event_json(trial, number);
    bool ok = trial_happened(trial, person, arena_format(trial->scratch, "%.*s", (int)kind.length, kind.at),
                             (uint32_t)number + 1, json, err);
    json_decref(json);
    return ok;
}

/* ---- time ---- */

static bool take_raised(struct trial *trial, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; i < trial->n_raised; i++) {
        struct trial_raised raised = trial->raised[i];
        ok = ok && trial_happened(trial, &trial->people[raised.person], raised.kind, 0, raised.event, err);
        json_decref(raised.event);
    }
    trial->n_raised = 0;
    return ok;
}

struct due_now { uint32_t entry; int64_t priority; };

static int by_priority(const void *a, const void *b)
{
    const struct due_now *x = a, *y = b;
    if (x->priority != y->priority) return x->priority > y->priority ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

/* Of those who are due at one instant the more important journeys go first. */
static bool take_due(struct trial *trial, struct err *err)
{
    uint32_t who;
    int64_t at_ms;
    size_t n = 0, room = 64;
    struct due_now *due = memory_new(room, sizeof *due);
    while (due_take(&trial->due, trial->now_ms, &who, &at_ms)) {
        if (n == room) due = memory_grow(due, room *= 2, sizeof *due);
        due[n++] = (struct due_now){ who, trial->options->journeys[trial->entries[who].journey]->priority };
    }
    qsort(due, n, sizeof *due, by_priority);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct trial_entry *entry = &trial->entries[due[i].entry];
        arena_reset(trial->scratch);
        if (entry->is_pending) ok = trial_begin(trial, due[i].entry, err);
        else if (entry->place.end == WALK_OPEN) ok = trial_walk_on(trial, due[i].entry, err);
    }
    free(due);
    return ok && take_raised(trial, err);
}

/* A preview begins at once what no event begins. */
static bool begin_preview(struct trial *trial, struct err *err)
{
    for (size_t j = 0; trial_is_preview(trial) && j < trial->options->n_journeys; j++)
        if (trial->options->journeys[j]->trigger.kind != TRIGGER_EVENT &&
            !trial_enter(trial, &trial->people[0], j, 0, NULL, trial->now_ms, err))
            return false;
    return take_raised(trial, err);
}

static bool run(struct trial *trial, struct err *err)
{
    const struct trial_options *o = trial->options;
    const int64_t tick_ms = TRIAL_TICK_HOURS * INT64_C(3600000);
    int64_t next_tick_ms = o->from_ms + tick_ms;
    bool ok = (trial_is_preview(trial) || trial_tick(trial, true, next_tick_ms, err)) && begin_preview(trial, err);
    while (ok) {
        int64_t due_ms = due_next_ms(&trial->due);
        int64_t event_ms =
            trial->next_event < trial->n_events ? trial->events[trial->next_event].time_ms : MOMENT_NEVER;
        int64_t tick_at_ms = trial_is_preview(trial) ? MOMENT_NEVER : next_tick_ms;
        int64_t thought_ms =
            trial->next_happening < o->n_happenings ? o->happenings[trial->next_happening].at_ms : MOMENT_NEVER;
        int64_t now_ms = due_ms < event_ms ? due_ms : event_ms;
        if (tick_at_ms < now_ms) now_ms = tick_at_ms;
        if (thought_ms < now_ms) now_ms = thought_ms;
        if (now_ms > o->to_ms) break;
        if (now_ms > trial->now_ms) trial->now_ms = now_ms;
        arena_reset(trial->scratch);
        (void)pthread_rwlock_wrlock(&trial->lock);
        live_due(trial->live, trial->now_ms);
        (void)pthread_rwlock_unlock(&trial->lock);
        if (event_ms <= trial->now_ms) {
            ok = take_event(trial, trial->next_event++, err) && take_raised(trial, err);
        } else if (thought_ms <= trial->now_ms) {
            const struct trial_happening *thought = &o->happenings[trial->next_happening++];
            ok = trial_happened(trial, &trial->people[0], thought->kind, 0, thought->event, err) &&
                 take_raised(trial, err);
        } else if (tick_at_ms <= trial->now_ms) {
            next_tick_ms += tick_ms;
            ok = trial_tick(trial, false, next_tick_ms, err) && take_raised(trial, err);
        } else {
            ok = take_due(trial, err);
        }
    }
    trial->now_ms = o->to_ms;
    return ok;
}

/* ---- opening and closing ---- */

static bool open_segments(struct trial *trial, struct err *err)
{
    struct memberships *memberships;
    struct segment *segments;
    if (!memberships_open(trial->options->store, &memberships, err)) return false;
    trial->n_segments = memberships_list(memberships, trial->arena, &segments);
    trial->segments = segments;
    memberships_close(memberships);
    return true;
}

static bool open_trial(struct trial *trial, struct err *err)
{
    const struct trial_options *o = trial->options;
    if (!live_open(o->store, o->log, o->identities, o->from_ms, o->n_threads, &trial->live, err)) return false;
    trial->source = live_source_new(trial->live, o->log, o->identities, &trial->lock);
    trial->situations = situations_new(trial->source, trial->live);
    trial->now_ms = o->from_ms;
    trial->journeys = ARENA_ARRAY(trial->arena, struct trial_journey, o->n_journeys + 1);
    return open_segments(trial, err) && read_events(trial, err) && trial_people_find(trial, err) &&
           trial_choices_find(trial, err);
}

bool trial_run(const struct trial_options *options, struct arena *arena, struct trial_counts *ret_counts,
               struct err *err)
{
    struct trial trial = { .options = options,
                           .arena = arena_new(ARENA_NO_LIMIT),
                           .scratch = arena_new(ARENA_NO_LIMIT) };
    (void)pthread_rwlock_init(&trial.lock, NULL);
    trial.facts = json_object();
    bool ok = open_trial(&trial, err) && run(&trial, err);
    if (ok) {
        trial_audit(&trial);
        *ret_counts = trial.counts;
        if (trial.counts.violation) ret_counts->violation = arena_copy(arena, trial.counts.violation);
    }
    for (size_t i = 0; i < trial.n_entries; i++)
        json_decref(trial.entries[i].event), json_decref(trial.entries[i].coupon);
    free(trial.entries);
    free(trial.events);
    free(trial.event_before);
    free(trial.contacts);
    free(trial.raised);
    json_decref(trial.facts);
    hash_map_free(&trial.last_entry);
    hash_map_free(&trial.addressed);
    due_clear(&trial.due);
    trial_people_free(&trial);
    situations_free(trial.situations);
    live_source_free(trial.source);
    live_close(trial.live);
    (void)pthread_rwlock_destroy(&trial.lock);
    arena_free(trial.scratch);
    arena_free(trial.arena);
    return ok;
}
