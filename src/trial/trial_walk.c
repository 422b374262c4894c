/* trial_walk.c - how the people of a trial walk: the world of journey/walk.h that only thinks; see
 * trial_internal.h. */
#include "trial/trial_internal.h"

#include "base/hash.h"
#include "base/memory.h"
#include "decide/policy.h"
#include "engine/composing.h"
#include "journey/best_channel.h"
#include "journey/habit.h"
#include "live/membership.h"

#include <string.h>

static const struct journey *journey_of(const struct trial *trial, const struct trial_entry *entry)
{
    return trial->options->journeys[entry->journey];
}

/* ---- conditions ---- */

/* Scores as the models in force give them of what was known: once an hour is often enough. */
static void work_out_scores(struct trial *trial, struct trial_person *person)
{
    size_t n = live_n_models(trial->live);
    if (n == 0 || !live_set(trial->live) || (person->scored_ms && trial->now_ms - person->scored_ms < 3600000))
        return;
    float *row = ARENA_ARRAY(trial->scratch, float, feature_set_size(live_set(trial->live)) + 1);
    person->scored_ms = trial->now_ms;
    if (!live_row(trial->live, person->customer, trial->now_ms, row)) return;
    for (size_t model = 0; model < n; model++) {
        struct live_score score = { 0, trial->now_ms };
        if (live_is_asked(trial->live, model, row)) score.prediction = live_predict_of(trial->live, model, person->customer, row);
        live_score_put(trial->live, model, person->customer, &score);
    }
}

bool trial_holds(struct trial *trial, const struct trial_person *person, const char *sql, const json_t *event,
                 json_t *facts, bool *ret_holds, bool *ret_lacks_score, struct err *err)
{
    const json_t *told = person->set ? person->set : json_object_get(trial->options->person, "traits");
    struct situation about = { person->customer, trial->now_ms, event, told, trial_is_unprofiled(person), facts };
    work_out_scores(trial, trial_person_of(trial, person->customer));
    return situation_holds(trial->situations, sql, &about, ret_holds, ret_lacks_score, err);
}

static struct trial_person *walker(struct trial *trial) { return &trial->people[trial->walking->person]; }

/* A preview of one person knows no score: what asks for one to enter or go on is taken to hold. */
static bool holds(void *context, const struct condition *condition, bool *ret_holds, struct err *err)
{
    struct trial *trial = context;
    bool lacks_score = false, is_filter = condition->sql == journey_of(trial, trial->walking)->filter.sql;
    if (!trial_holds(trial, walker(trial), condition->sql, trial->walking->event, trial->facts, ret_holds,
                     &lacks_score, err))
        return false;
    if (is_filter && lacks_score && trial_is_preview(trial)) *ret_holds = true;
    return true;
}

const char *trial_segment_sql(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->n_segments; i++)
        if (strcmp(trial->segments[i].name, name) == 0) return trial->segments[i].expression;
    return NULL;
}

static bool is_member(void *context, const char *segment, bool *ret_is, struct err *err)
{
    struct trial *trial = context;
    const char *sql = trial_segment_sql(trial, segment);
    *ret_is = false;
    return !sql || trial_holds(trial, walker(trial), sql, NULL, NULL, ret_is, NULL, err);
}

static bool has_happened(void *context, const struct happening *what, int64_t since_ms, bool *ret_has,
                         struct err *err)
{
    struct trial *trial = context;
    uint32_t kind;
    *ret_has = false;
    for (size_t i = 0; i < trial->next_happening && !*ret_has; i++) {
        const struct trial_happening *thought = &trial->options->happenings[i];
        if (thought->at_ms <= since_ms || strcmp(thought->kind, what->event) != 0) continue;
        *ret_has = true;
        if (what->where.sql && !trial_holds(trial, walker(trial), what->where.sql, thought->event, NULL, ret_has,
                                            NULL, err))
            return false;
    }
    if (*ret_has) return true;
    if (!log_find(trial->options->log, DICTIONARY_KIND, text_of(what->event), &kind)) return true;
    for (uint32_t at = walker(trial)->last_event; at != 0 && !*ret_has; at = trial->event_before[at - 1]) {
        const struct trial_event *event = &trial->events[at - 1];
        if (event->time_ms <= since_ms) break;
        if (trial->parts[event->part].kind[event->index] != kind) continue;
        *ret_has = true;
        if (!what->where.sql) break;
        json_t *json = trial_event_json(trial, at - 1);
        bool ok = trial_holds(trial, walker(trial), what->where.sql, json, NULL, ret_has, NULL, err);
        json_decref(json);
        if (!ok) return false;
    }
    return true;
}

static bool date(void *context, const char *trait, int64_t *ret_day, bool *ret_has, struct err *err)
{
    struct trial *trial = context;
    if (!trial_person_know(trial, walker(trial), err)) return false;
    *ret_has = known_day(walker(trial)->known, trait, ret_day);
    return true;
}

/* From what has happened by now (journey/habit.h). */
static bool learned(void *context, int64_t *ret_clock_ms, bool *ret_has, struct err *err)
{
    struct trial *trial = context;
    const struct trial_person *person = walker(trial);
    struct habit habit = { 0 };
    (void)err;
    for (uint32_t at = person->last_event; at != 0; at = trial->event_before[at - 1]) {
        const struct trial_event *event = &trial->events[at - 1];
        uint16_t kind = trial->parts[event->part].kind[event->index];
        if (habit_is_told_by(log_name(trial->options->log, DICTIONARY_KIND, kind)))
            habit_add(&habit, person->zone, event->time_ms);
    }
    *ret_has = habit_hour(&habit, ret_clock_ms);
    return true;
}

/* ---- contacts ---- */

static const struct zone *shop_of(const struct trial *trial)
{
    return known_shop_zone(trial->options->rules, trial->options->zones);
}

int64_t trial_shop_day(const struct trial *trial, int64_t at_ms) { return moment_day(shop_of(trial), at_ms); }

static uint64_t address_hash(const char *address)
{
    return address ? hash_bytes(address, strlen(address), 5) | 1 : 0;
}

static uint64_t *addressed_at(struct trial *trial, const struct journey_step *step, uint64_t address)
{
    const uint64_t parts[] = { trial->walking->journey,
                               step->index, address };
    return hash_map_put(&trial->addressed, hash_bytes(parts, sizeof parts, 6));
}

static bool contact(void *context, const struct journey_step *step, struct contact_facts *ret_facts,
                    struct err *err)
{
    struct trial *trial = context;
    struct trial_person *person = walker(trial);
    if (!trial_person_know(trial, person, err)) return false;
    const char *address = known_address(person->known, trial->options->rules, step->channel);
    struct contact_facts facts = {
        .heard = person->heard,
        .said = contact_said(step->channel, journey_of(trial, trial->walking)->topic, trial_said, person),
        .is_held_out = person->is_held_out,
        .has_address = address != NULL,
        .sent = person->sent,
        .n_sent = person->n_sent,
    };
    double cost = contact_cost(trial->options->rules, step->channel, trial->now_ms);
    int64_t today = trial_shop_day(trial, trial->now_ms);
    facts.budget = budget_asked(&journey_of(trial, trial->walking)->budget,
                                &trial->journeys[trial->walking->journey].spending, today, cost);
    facts.budget_until_ms = moment_of(shop_of(trial), today + 1, 0);
    if (cost == 0) facts.budget = BUDGET_LEFT;
    if (address) {
        uint64_t place = *addressed_at(trial, step, address_hash(address));
        const struct trial_contact *before = place ? &trial->contacts[place - 1] : NULL;
        facts.is_duplicate =
            before && contact_is_duplicate(before->person != trial->walking->person, before->at_ms, trial->now_ms);
    }
    *ret_facts = facts;
    return true;
}

/* Nothing was measured of what is only tried. */
static bool best(void *context, const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                 const char **ret_because, struct err *err)
{
    struct trial *trial = context;
    const char *stated = stated_channel(step->channels, step->n_channels, journey_of(trial, trial->walking)->topic,
                                        known_channel(walker(trial)->known), trial_said, walker(trial));
    const struct channel_choice choice = { step->channels, is_open, step->n_channels, stated, NULL };
    (void)err;
    *ret_channel = best_channel(&choice, trial->scratch, ret_because);
    return true;
}

static double chance(void *context, const struct journey_step *step)
{
    struct trial *trial = context;
    return entering_chance(journey_of(trial, trial->walking)->name, step->id, walker(trial)->name,
                           trial->options->salt);
}

static bool decide(void *context, const struct journey_step *step, size_t *ret_branch, const char **ret_sentence,
                   struct err *err)
{
    struct trial *trial = context;
    if (!trial_choose(trial, walker(trial), step, chance(context, step), journey_of(trial, trial->walking)->topic,
                      ret_branch, ret_sentence, err))
        return false;
    if (step->kind == STEP_DECIDE)
        trial->walking->decided_at = step,
        trial->walking->decided = *ret_branch < step->n_branches ? step->branches[*ret_branch].name : ACTION_NOTHING;
    return true;
}

static void count_sent(struct trial *trial, const char *channel)
{
    struct trial_counts *counts = &trial->counts;
    size_t i = 0, most = sizeof counts->sent / sizeof *counts->sent;
    while (i < counts->n_sent && strcmp(counts->sent[i].channel, channel) != 0) i++;
    if (i == most) return;
    if (i == counts->n_sent) counts->sent[counts->n_sent++].channel = channel;
    counts->sent[i].n++;
}

static void keep_contact(struct trial *trial, const struct journey_step *step, const char *address)
{
    const struct trial_entry *entry = trial->walking;
    const struct contacted contacted = { trial->now_ms, step->channel, journey_of(trial, entry)->topic };
    if (trial->n_contacts == trial->room_contacts)
        trial->contacts = memory_grow(trial->contacts, trial->room_contacts = 2 * trial->room_contacts + 64,
                                      sizeof *trial->contacts);
    trial->contacts[trial->n_contacts++] = (struct trial_contact){
        trial->now_ms, entry->person, (uint32_t)(entry - trial->entries), step->index, step->channel,
        address_hash(address) };
    if (address) *addressed_at(trial, step, address_hash(address)) = trial->n_contacts;
    trial_person_contacted(walker(trial), &contacted);
    double cost = contact_cost(trial->options->rules, step->channel, trial->now_ms);
    spending_add(&trial->journeys[entry->journey].spending, trial_shop_day(trial, trial->now_ms), cost);
    trial->counts.spent += cost, trial->spent += cost;
    count_sent(trial, step->channel);
}

/* ---- acts ---- */

static struct composing composing_of(struct trial *trial, json_t **ret_data)
{
    const struct trial_person *person = walker(trial);
    const char *url = trial->options->public_url ? trial->options->public_url : "https://shop.example";
    json_t *data = composing_data(person->name, person->known, trial->walking->event, trial->walking->coupon,
                                  arena_format(trial->scratch, "%s/u/preview", url),
                                  arena_format(trial->scratch, "%s/p/preview", url));
    for (size_t i = 0; i < trial->options->rules->n_topics; i++)
        composing_add_confirm(data, trial->options->rules->topics[i].name,
                              arena_format(trial->scratch, "%s/c/preview", url));
    if (trial->walking->decided_at)
        json_object_set_new(data, "decision", json_pack("{s:s, s:s}", "placement", trial->walking->decided_at->name,
                                                        "action", trial->walking->decided));
    *ret_data = data;
    return (struct composing){ trial->options->templates, data, person->zone, trial->now_ms };
}

static void fail_act(struct trial *trial, const struct err *why, struct walk_act *act)
{
    *act = (struct walk_act){ OUTCOME_FAILED, RULE_TEMPLATE, arena_copy(trial->scratch, why->text), NULL, false };
}

static void send(struct trial *trial, const struct journey_step *step, struct walk_act *act)
{
    struct err why;
    struct composed composed;
    json_t *data;
    const char *address = known_address(walker(trial)->known, trial->options->rules, step->channel);
    const struct composing composing = composing_of(trial, &data);
    bool ok = composing_make(&composing, step, trial->scratch, &composed, &why);
    json_decref(data);
    if (!ok) { fail_act(trial, &why, act); return; }
    keep_contact(trial, step, address);
    act->sentence = arena_format(trial->scratch, "sent by %s", step->channel);
}

static void give_task(struct trial *trial, const struct journey_step *step, struct walk_act *act)
{
    struct err why;
    json_t *data;
    const char *words;
    const struct composing composing = composing_of(trial, &data);
    bool ok = composing_task(&composing, step, trial->scratch, &words, &why);
    json_decref(data);
    if (!ok) fail_act(trial, &why, act);
    else act->sentence = "a task for a person";
}

static void set_or_raise(struct trial *trial, const struct journey_step *step, struct walk_act *act)
{
    struct err why;
    json_t *data, *members;
    const struct composing composing = composing_of(trial, &data);
    bool ok = composing_members(&composing, step, trial->scratch, &members, &why);
    json_decref(data);
    if (!ok) { fail_act(trial, &why, act); return; }
    if (step->kind == STEP_SET) {
        json_t *told = json_object_get(trial->options->person, "traits");
        struct trial_person *person = walker(trial);
        if (!person->set) person->set = told ? json_deep_copy(told) : json_object();
        json_object_update(person->set, members);
        json_object_update(person->known, members);
        json_decref(members);
        act->sentence = arena_format(trial->scratch, "set '%s'", step->sets[0].name);
        return;
    }
    if (trial->n_raised == trial->room_raised)
        trial->raised =
            memory_grow(trial->raised, trial->room_raised = 2 * trial->room_raised + 8, sizeof *trial->raised);
    trial->raised[trial->n_raised++] = (struct trial_raised){ trial->walking->person, members, step->name };
    act->sentence = arena_format(trial->scratch, "raised '%s'", step->name);
}

static bool act(void *context, const struct journey_step *step, int64_t now_ms, struct walk_act *ret_act,
                struct err *err)
{
    struct trial *trial = context;
    if (!trial_person_know(trial, walker(trial), err)) return false;
    switch (step->kind) {
    case STEP_SEND: send(trial, step, ret_act); break;
    case STEP_TASK: give_task(trial, step, ret_act); break;
    case STEP_SET: case STEP_RAISE: set_or_raise(trial, step, ret_act); break;
    case STEP_COUPON:
        json_decref(trial->walking->coupon);
        trial->walking->coupon = json_pack("{s:s+}", "code", step->name, "-PREVIEW");
        if (step->expires.ms || step->expires.days) {
            char until[MOMENT_TEXT_BYTES];
            moment_format(walker(trial)->zone, moment_after(walker(trial)->zone, now_ms, step->expires), until);
            json_object_set_new(trial->walking->coupon, "expires", json_string(until));
        }
        ret_act->sentence = arena_format(trial->scratch, "a coupon of '%s'", step->name);
        break;
    case STEP_DELAY:
    case STEP_UNTIL_CLOCK:
    case STEP_UNTIL_DATE:
    case STEP_WINDOW:
    case STEP_WAIT:
    case STEP_SPLIT:
    case STEP_RANDOM: case STEP_DECIDE: case STEP_EXPERIMENT: case STEP_EXIT: break;
    }
    return true;
}

/* ---- telling ---- */

static void tell(struct trial *trial, const struct trial_entry *entry, const struct walk_line *line,
                 enum walk_end end)
{
    if (!trial->options->told) return;
    const struct trial_person *person = &trial->people[entry->person];
    const struct trial_line told = { journey_of(trial, entry),
                                     person->customer,
                                     (size_t)(entry - trial->entries),
                                     entry->entered_ms,
                                     person->zone,
                                     line,
                                     trial->facts,
                                     RULE_NONE,
                                     end,
                                     trial->now_ms,
                                     line ? trial->spent : 0 };
    trial->options->told(trial->options->context, &told);
}

static bool note(void *context, const struct walk_line *line, struct err *err)
{
    struct trial *trial = context;
    (void)err;
    if (line->outcome == OUTCOME_HELD) trial->counts.held[line->rule]++;
    if (line->outcome == OUTCOME_SKIPPED) trial->counts.skipped[line->rule]++;
    trial->counts.failed += line->outcome == OUTCOME_FAILED;
    tell(trial, trial->walking, line, WALK_OPEN);
    trial->spent = 0;
    json_object_clear(trial->facts);
    return true;
}

static struct walk_world world_of(struct trial *trial)
{
    return (struct walk_world){ .context = trial,
                                .zone = walker(trial)->zone,
                                .rules = trial->options->rules,
                                .holds = holds,
                                .is_member = is_member,
                                .has_happened = has_happened,
                                .date = date,
                                .learned = learned,
                                .contact = contact,
                                .best = best,
                                .chance = chance,
                                .decide = decide,
                                .act = act,
                                .note = note };
}

static bool walk(struct trial *trial, size_t at, bool is_retimed, enum walk_end end, struct err *err)
{
    struct trial_entry *entry = &trial->entries[at];
    trial->walking = entry;
    if (!trial_person_know(trial, walker(trial), err)) return false;
    const struct walk_world world = world_of(trial);
    const struct walk way = { journey_of(trial, entry), &world, trial->scratch, entry->entered_ms };
    json_object_clear(trial->facts);
    if (is_retimed && !walk_retime(&way, &entry->place, trial->now_ms, err)) return false;
    bool ok = end == WALK_OPEN ? walk_on(&way, &entry->place, trial->now_ms, err)
                               : walk_leave(&way, &entry->place, end, trial->now_ms, err);
    if (!ok) return err_context(err, "journey '%s'", journey_of(trial, entry)->name);
    if (entry->place.end != WALK_OPEN) {
        due_unset(&trial->due, (uint32_t)at);
        trial->counts.ended[entry->place.end]++;
        trial->counts.ended[WALK_OPEN]--;
        tell(trial, entry, NULL, entry->place.end);
        json_decref(entry->event);
        json_decref(entry->coupon);
        entry->event = entry->coupon = NULL;
    } else if (entry->place.due_ms != MOMENT_NEVER) {
        due_set(&trial->due, (uint32_t)at, entry->place.due_ms);
    }
    return true;
}

bool trial_walk_on(struct trial *trial, size_t entry, struct err *err)
{
    return walk(trial, entry, false, WALK_OPEN, err);
}

bool trial_leave(struct trial *trial, size_t entry, enum walk_end end, struct err *err)
{
    return walk(trial, entry, false, end, err);
}

bool trial_retime(struct trial *trial, size_t entry, struct err *err)
{
    return walk(trial, entry, true, WALK_OPEN, err);
}
