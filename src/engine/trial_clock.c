/* trial_clock.c - who enters by a segment, a score, a date or a schedule; see trial_internal.h. */
#include "engine/trial_internal.h"

#include "live/membership.h"

#include <stdio.h>
#include <string.h>

/* ---- segments and scores ---- */

/* What must begin to hold; NULL: the trial does not know. */
static const char *trigger_sql(struct trial *trial, const struct trigger *trigger)
{
    if (trigger->kind == TRIGGER_SEGMENT) return trial_segment_sql(trial, trigger->name);
    return arena_format(trial->scratch, "\"%s\" %s %.17g", trigger->name,
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
        const char *shop = trial->options->rules->zone;
        const struct zone *zone = strcmp(trigger->zone, "person") == 0 ? person->zone
                                  : strcmp(trigger->zone, "shop") != 0
                                      ? zones_get(trial->options->zones, text_of(trigger->zone))
                                  : shop ? zones_get(trial->options->zones, text_of(shop))
                                         : zone_utc;
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
