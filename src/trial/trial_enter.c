/* trial_enter.c - who enters a journey in a trial: by an event, a segment, a score, a date or a schedule; see
 * trial_internal.h. */
#include "trial/trial_internal.h"

#include "base/hash.h"
#include "base/memory.h"
#include "live/membership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_of(const struct journey *journey, const json_t *event)
{
    const json_t *value = journey->trigger.key ? json_object_get(event, journey->trigger.key) : NULL;
    if (!value) return 0;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    uint64_t key = hash_bytes(text, strlen(text), 0) | 1;
    free(text);
    return key;
}

static uint64_t *last_of(struct trial *trial, uint32_t person, uint32_t journey, uint64_t key)
{
    const uint64_t parts[] = { person, journey, key };
    return hash_map_put(&trial->last_entry, hash_bytes(parts, sizeof parts, 0));
}

static void tell_not_entered(struct trial *trial, const struct trial_person *person, size_t journey,
                             enum contact_rule rule)
{
    trial->counts.n_not_entered++;
    if (!trial->options->told) return;
    const struct trial_line told = { trial->options->journeys[journey], person->customer, SIZE_MAX, trial->now_ms,
                                     person->zone, NULL, trial->facts, rule, WALK_OPEN, trial->now_ms, 0 };
    trial->options->told(trial->options->context, &told);
}

/* Whether they match; a preview takes a score that it does not know for high enough. */
static bool matches(struct trial *trial, const struct trial_person *person, const char *sql, const json_t *event,
                    bool *ret_matches, struct err *err)
{
    bool lacks_score = false;
    *ret_matches = true;
    if (!sql) return true;
    json_object_clear(trial->facts);
    if (!trial_holds(trial, person, sql, event, trial->facts, ret_matches, &lacks_score, err)) return false;
    if (lacks_score && trial_is_preview(trial)) *ret_matches = true;
    return true;
}

static size_t add_entry(struct trial *trial, const struct trial_entry *entry)
{
    if (trial->n_entries == trial->room_entries)
        trial->entries = memory_grow(trial->entries, trial->room_entries = 2 * trial->room_entries + 64,
                                     sizeof *trial->entries);
    trial->entries[trial->n_entries++] = *entry;
    struct trial_person *person = &trial->people[entry->person];
    if (person->last_entry) trial->entries[person->last_entry - 1].next_of_person = (uint32_t)trial->n_entries;
    if (!person->first_open) person->first_open = (uint32_t)trial->n_entries;
    person->last_entry = (uint32_t)trial->n_entries;
    return trial->n_entries - 1;
}

static enum contact_rule full_of(struct trial *trial, size_t journey)
{
    struct trial_journey *of = &trial->journeys[journey];
    int64_t today = trial_shop_day(trial, trial->now_ms);
    if (of->counted_day != today) of->counted_day = today, of->n_today = 0;
    return entering_full(trial->options->journeys[journey], of->n_today, &of->spending, today);
}

bool trial_begin(struct trial *trial, size_t at, struct err *err)
{
    struct trial_entry *entry = &trial->entries[at];
    struct trial_person *person = &trial->people[entry->person];
    const struct journey *journey = trial->options->journeys[entry->journey];
    if (!trial_person_know(trial, person, err)) return false;
    uint64_t *last = last_of(trial, entry->person, entry->journey, entry->key);
    const struct trial_entry *before = *last ? &trial->entries[*last - 1] : NULL;
    const struct entering_facts facts = { before && before->place.end == WALK_OPEN, before != NULL,
                                          before ? before->entered_ms : 0 };
    bool is_meant = entering_is_allowed(journey, &facts, person->zone, trial->now_ms);
    if (is_meant && journey->trigger.audience.sql &&
        !matches(trial, person, journey->trigger.audience.sql, NULL, &is_meant, err))
        return false;
    bool does_match = is_meant;
    if (is_meant && !matches(trial, person, journey->filter.sql, entry->event, &does_match, err)) return false;
    entry = &trial->entries[at];
    entry->is_pending = false;
    enum contact_rule rule = !is_meant ? RULE_NONE : !does_match ? RULE_FILTER : full_of(trial, entry->journey);
    if (!is_meant || rule != RULE_NONE) {
        if (rule != RULE_NONE) tell_not_entered(trial, person, entry->journey, rule);
        entry->place.end = WALK_CANCELLED;
        json_decref(entry->event);
        entry->event = NULL;
        return true;
    }
    trial->journeys[entry->journey].n_today++;
    entry->before = (uint32_t)*last;
    *last = at + 1;
    entry->entered_ms = trial->now_ms;
    entry->place = walk_start(journey, trial->now_ms);
    trial->counts.n_entered++;
    trial->counts.ended[WALK_OPEN]++;
    return trial_walk_on(trial, at, err);
}

bool trial_enter(struct trial *trial, struct trial_person *person, size_t journey, uint32_t event_number,
                 const json_t *event, int64_t at_ms, struct err *err)
{
    const struct journey *of = trial->options->journeys[journey];
    const struct trial_entry entry = {
        .person = (uint32_t)(person - trial->people), .journey = (uint32_t)journey, .entered_ms = at_ms,
        .event = event ? json_deep_copy(event) : NULL, .event_number = event_number, .key = key_of(of, event),
        .is_pending = true,
    };
    if (at_ms > trial->now_ms) {
        due_set(&trial->due, (uint32_t)add_entry(trial, &entry), at_ms);
        return true;
    }
    return trial_begin(trial, add_entry(trial, &entry), err);
}

/* ---- segments and scores ---- */

/* What must begin to hold; NULL: the trial does not know. */
static const char *trigger_sql(struct trial *trial, const struct trigger *trigger)
{
    if (trigger->kind == TRIGGER_SEGMENT) return trial_segment_sql(trial, trigger->name);
    return arena_format(trial->scratch, "\"%s\" %s %.15g", trigger->name,
                        trigger->is_falling ? "<" : ">=", trigger->crosses);
}

static bool look_at(struct trial *trial, struct trial_person *person, size_t j, bool is_first, struct err *err)
{
    const struct trigger *trigger = &trial->options->journeys[j]->trigger;
    const char *sql = trigger_sql(trial, trigger);
    uint64_t *word = &person->matched[j / 64], bit = UINT64_C(1) << j % 64;
    bool holds = false, did = *word & bit;
    if (!sql) return true;
    if (!trial_holds(trial, person, sql, NULL, NULL, &holds, NULL, err))
        return err_context(err, "journey '%s': %s", trial->options->journeys[j]->name, sql);
    if (holds != did) *word ^= bit;
    if (holds == did || is_first || holds == trigger->is_leaving) return true;
    return trial_enter(trial, person, j, 0, NULL, trial->now_ms, err);
}

bool trial_look(struct trial *trial, struct trial_person *person, bool is_first, struct err *err)
{
    for (size_t j = 0; j < trial->options->n_journeys; j++) {
        enum trigger_kind kind = trial->options->journeys[j]->trigger.kind;
        if ((kind == TRIGGER_SEGMENT || kind == TRIGGER_SCORE) && !look_at(trial, person, j, is_first, err))
            return false;
    }
    return true;
}

/* ---- dates and schedules ---- */

/* The instant that a trigger names after `from`; MOMENT_NEVER: none before `to`. */
static int64_t coming(struct trial *trial, struct trial_person *person, const struct trigger *trigger,
                      int64_t from_ms, int64_t to_ms)
{
    int64_t day, at_ms = MOMENT_NEVER;
    if (trigger->kind == TRIGGER_DATE) {
        if (!known_day(person->known, trigger->name, &day)) return MOMENT_NEVER;
        if (trigger->every == EVERY_YEAR)
            at_ms = moment_yearly(person->zone, from_ms + 1, day, trigger->shift_days, trigger->clock_ms);
        else at_ms = moment_of(person->zone, day + trigger->shift_days, trigger->clock_ms);
    } else {
        const struct zone *zone =
            strcmp(trigger->zone, "person") == 0 ? person->zone
            : strcmp(trigger->zone, "shop") == 0 ? known_shop_zone(trial->options->rules, trial->options->zones)
                                                 : zones_get(trial->options->zones, text_of(trigger->zone));
        at_ms = moment_scheduled(zone, from_ms, trigger);
    }
    return at_ms > from_ms && at_ms <= to_ms ? at_ms : MOMENT_NEVER;
}

static bool schedule(struct trial *trial, struct trial_person *person, int64_t next_ms, struct err *err)
{
    for (size_t j = 0; j < trial->options->n_journeys; j++) {
        const struct trigger *trigger = &trial->options->journeys[j]->trigger;
        if (trigger->kind != TRIGGER_DATE && trigger->kind != TRIGGER_SCHEDULE) continue;
        if (!trial_person_know(trial, person, err)) return false;
        int64_t at_ms = coming(trial, person, trigger, trial->now_ms, next_ms);
        if (at_ms != MOMENT_NEVER && !trial_enter(trial, person, j, 0, NULL, at_ms, err)) return false;
    }
    return true;
}

bool trial_tick(struct trial *trial, bool is_first, int64_t next_ms, struct err *err)
{
    for (size_t i = 0; i < trial->n_people; i++) {
        arena_reset(trial->scratch);
        if (!trial_look(trial, &trial->people[i], is_first, err) ||
            !schedule(trial, &trial->people[i], next_ms, err))
            return false;
    }
    return true;
}
