/* journeys_walk.c - the world of journey/walk.h that is real: what is sent leaves, what is set stays; see
 * journeys.h. */
#include "engine/journeys_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/secret.h"
#include "engine/composing.h"
#include "engine/recommend.h"
#include "hub/coupon.h"
#include "hub/links.h"
#include "journey/habit.h"
#include "live/membership.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 10 * 60 * 1000, FLAG_TIMED = 1,
       FLAG_ANSWER = 2 };

struct walking {
    struct journeys   *journeys;
    struct store      *store;
    struct way        *way;
    json_t            *known, *facts;
    json_t            *set;             /* traits given on this walk, which the log has not taken yet; NULL: none */
    const struct zone *zone;
    struct contacted   sent[JOURNEYS_SENT_MOST];
};

/* ---- asked about ---- */

static bool holds(void *context, const struct condition *condition, bool *ret_holds, struct err *err)
{
    struct walking *w = context;
    return journeys_hold(w->journeys, w->store, w->way->customer, condition->sql, w->way->event, w->set, w->facts,
                         ret_holds, err);
}

static bool is_member(void *context, const char *segment, bool *ret_is, struct err *err)
{
    struct walking *w = context;
    (void)err;
    *ret_is = journeys_is_member(w->journeys, w->way->customer, segment);
    return true;
}

/* Whether an event came after they entered.  Of what was received together with what let them in that is what happened
 * later; told of the same instant, what is of another kind. */
static bool is_after(const struct walking *w, const struct events *events, size_t i, int64_t since_ms)
{
    const struct way *way = w->way;
    if (events->received_ms[i] != since_ms) return events->received_ms[i] > since_ms;
    if (way->event_ms == 0 || events->time_ms[i] != way->event_ms) return way->event_ms && events->time_ms[i] > way->event_ms;
    const struct trigger *trigger = &way->definition->is->trigger;
    struct text kind = log_name(w->journeys->service->log, DICTIONARY_KIND, events->kind[i]);
    return trigger->kind == TRIGGER_EVENT && !text_equal(kind, text_of(trigger->name));
}

/* Whether an event is such a one. */
static bool is_such(struct walking *w, const struct happening *what, const struct events *events, size_t i,
                    uint32_t kind, bool *ret_is, struct err *err)
{
    *ret_is = events->kind[i] == kind &&
              identities_customer(w->journeys->service->identities, events->identity[i]) == w->way->customer;
    if (!*ret_is || !what->where.sql) return true;
    json_t *event = journeys_event_json(w->journeys, events, i);
    bool ok = journeys_hold(w->journeys, w->store, w->way->customer, what->where.sql, event, w->set, NULL, ret_is, err);
    json_decref(event);
    return ok;
}

static bool look_through(struct walking *w, const struct happening *what, const struct events *events,
                         uint32_t kind, int64_t since_ms, bool *ret_has, struct err *err)
{
    for (size_t i = 0; i < events->n && !*ret_has; i++)
        if (is_after(w, events, i, since_ms) && !is_such(w, what, events, i, kind, ret_has, err)) return false;
    return true;
}

/* What is committed is read from the log, what is being written from the group: the event that moves them now has come
 * after whatever let them in. */
static bool has_happened(void *context, const struct happening *what, int64_t since_ms, bool *ret_has,
                         struct err *err)
{
    struct walking *w = context;
    struct service *service = w->journeys->service;
    const struct taken *taken = w->journeys->taken;
    struct log_reader *reader;
    struct store *beside;
    struct events events;
    uint32_t kind;
    size_t n;
    *ret_has = false;
    if (!log_find(service->log, DICTIONARY_KIND, text_of(what->event), &kind)) return true;
    if (taken && w->journeys->is_moving &&
        !is_such(w, what, taken->events, w->journeys->taken_at, kind, ret_has, err))
        return false;
    if (taken && !*ret_has && !look_through(w, what, taken->events, kind, since_ms, ret_has, err)) return false;
    if (*ret_has || since_ms >= journeys_now_ms(w->journeys)) return true;
    const uint32_t *members = identities_members(service->identities, w->way->customer, &n);
    if (!service_read(service, &beside, err)) return false;
    bool ok = log_reader_open_through(service->log, beside, &reader, err);
    if (ok) {
        ok = log_read_identities(reader, members, n,
                                 LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT | LOG_QUANTITY |
                                     LOG_ITEM | LOG_PROPERTIES,
                                 w->journeys->scratch, &events, err);
        log_reader_close(reader);
    }
    service_read_done(service, beside);
    return ok && look_through(w, what, &events, kind, since_ms, ret_has, err);
}

static bool date(void *context, const char *trait, int64_t *ret_day, bool *ret_has, struct err *err)
{
    struct walking *w = context;
    (void)err;
    *ret_has = known_day(w->known, trait, ret_day);
    return true;
}

/* From the log, of all that is known of them (journey/habit.h). */
static bool learned(void *context, int64_t *ret_clock_ms, bool *ret_has, struct err *err)
{
    struct walking *w = context;
    struct service *service = w->journeys->service;
    struct log_reader *reader;
    struct store *beside;
    struct events events = { 0 };
    struct habit habit = { 0 };
    size_t n;
    const uint32_t *members = identities_members(service->identities, w->way->customer, &n);
    if (!service_read(service, &beside, err)) return false;
    bool ok = log_reader_open_through(service->log, beside, &reader, err);
    if (ok) {
        ok = log_read_identities(reader, members, n, LOG_TIME | LOG_KIND, w->journeys->scratch, &events, err);
        log_reader_close(reader);
    }
    service_read_done(service, beside);
    for (size_t i = 0; ok && i < events.n; i++)
        if (habit_is_told_by(log_name(service->log, DICTIONARY_KIND, events.kind[i])))
            habit_add(&habit, w->zone, events.time_ms[i]);
    *ret_has = habit_hour(&habit, ret_clock_ms);
    return ok;
}

static bool best(void *context, const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                 const char **ret_because, struct err *err)
{
    struct walking *w = context;
    return way_best_channel(w->journeys, w->store, w->way, w->known, step, is_open, ret_channel, ret_because, err);
}

static double chance(void *context, const struct journey_step *step)
{
    struct walking *w = context;
    return way_chance(w->journeys, w->way, step);
}

static bool decide(void *context, const struct journey_step *step, size_t *ret_branch, const char **ret_sentence,
                   struct err *err)
{
    struct walking *w = context;
    return (step->kind == STEP_EXPERIMENT ? way_take_arm : way_decide)(w->journeys, w->store, w->way, step,
                                                                       ret_branch, ret_sentence, err);
}

/* ---- contacts ---- */

static int64_t address_hash(const struct journeys *journeys, const char *address)
{
    uint8_t key[IDENTITY_KEY_BYTES];
    uint64_t seed;
    memcpy(key, profiles_key(journeys->service->profiles), sizeof key);
    memcpy(&seed, key, sizeof seed);
    return (int64_t)(hash_bytes(address, strlen(address), seed) >> 1);
}

static bool is_duplicate(struct walking *w, const struct journey_step *step, const char *address, bool *ret_is,
                         struct err *err)
{
    struct sql_journey_address_get row;
    *ret_is = false;
    if (!address) return true;
    if (!sql_journey_address_get(w->store, w->way->at_work->id, text_of(step->id),
                                 address_hash(w->journeys, address), &row, err))
        return false;
    enum step got = sql_journey_address_get_step(&row, err);
    *ret_is = got == STEP_ROW &&
              contact_is_duplicate(row.identity != w->way->customer, row.at_ms, journeys_now_ms(w->journeys));
    cursor_close(row.cursor);
    return got != STEP_FAIL;
}

static bool find_stopped(struct walking *w, const char *channel, bool *ret_is, struct err *err)
{
    struct outbox_stopped stops;
    if (!outbox_read_stops(w->store, &stops, err)) return false;
    *ret_is = w->way->at_work->state == JOURNEY_PAUSED ||
              outbox_is_stopped(&stops, text_of(channel), text_of(w->way->definition->is->name));
    return true;
}

static bool contact(void *context, const struct journey_step *step, struct contact_facts *ret_facts,
                    struct err *err)
{
    struct walking *w = context;
    const struct at_work *at = w->way->at_work;
    const char *address = known_address(w->known, &w->journeys->rules.is, step->channel);
    struct contact_facts facts;
    if (!journeys_contact_facts(w->journeys, w->store, w->way->customer, w->known, step->channel,
                                w->way->definition->is->topic, w->sent, &facts, err))
        return false;
    facts.is_unapproved = w->way->definition->version == at->version && !at->is_approved;
    if (!is_duplicate(w, step, address, &facts.is_duplicate, err) ||
        !find_stopped(w, step->channel, &facts.is_stopped, err) ||
        !way_ask_budget(w->journeys, w->store, w->way, step->channel, &facts, err))
        return false;
    *ret_facts = facts;
    return true;
}

/* ---- acts ---- */

/* The links by which somebody says what they want no more; without an address of ours there are none. */
static const char *link_of(struct walking *w, const struct journey_step *step, enum link_kind kind)
{
    const char *url = w->journeys->rules.public_url, *topic = w->way->definition->is->topic;
    struct arena *arena = w->journeys->scratch;
    const char *about = arena_format(arena, "%s/%s", step->channel ? step->channel : "", topic ? topic : "");
    const struct link_token token = { w->way->customer, 0, text_of(about) };
    return url ? link_url(profiles_vault(w->journeys->service->profiles), url, kind, &token, arena) : "";
}

static bool has_decide(const struct journey *journey)
{
    for (size_t i = 0; i < journey->n_steps; i++)
        if (journey->steps[i].kind == STEP_DECIDE) return true;
    return false;
}

static struct composing composing_of(struct walking *w, const struct journey_step *step, json_t **ret_data)
{
    struct text name = log_name(w->journeys->service->log, DICTIONARY_IDENTITY, w->way->customer);
    *ret_data = composing_data(name, w->known, w->way->event, w->way->coupon, link_of(w, step, LINK_UNSUBSCRIBE),
                               link_of(w, step, LINK_PREFERENCES));
    way_add_confirms(w->journeys, w->way, *ret_data);
    if (has_decide(w->way->definition->is)) way_add_decision(w->journeys, w->store, w->way, *ret_data);
    const char *templates = w->journeys->rules.templates;
    if (composing_mentions(templates, step, "recommendation.", w->journeys->scratch))
        recommend_tell(w->journeys->service->recommend, w->store, w->way->customer, step->id,
                       journeys_now_ms(w->journeys), w->journeys->scratch, *ret_data);
    return (struct composing){ templates, *ret_data, w->zone, journeys_now_ms(w->journeys) };
}

static struct text text_or_empty(const char *text) { return text_of(text ? text : ""); }

static bool put_message(struct walking *w, const struct journey_step *step, const struct composed *composed,
                        int64_t *ret_id, struct err *err)
{
    const struct journey *journey = w->way->definition->is;
    struct arena *arena = w->journeys->scratch;
    int64_t now_ms = journeys_now_ms(w->journeys);
    const char *address = known_address(w->known, &w->journeys->rules.is, step->channel),
               *language = json_string_value(json_object_get(w->known, "language"));
    enum channel_kind kind = contact_channel_kind(&w->journeys->rules.is, step->channel);
    bool is_webhook = kind == CHANNEL_WEBHOOK;
    /* Of a step for the best of several channels body is for those without HTML. */
    bool is_beside = step->n_channels > 0 && kind == CHANNEL_SMTP && composed->html;
    const struct outbox_message message = {
        .key =
            text_of(arena_format(arena, "journey:%s:%lld:%s:1", journey->name, (long long)w->way->id, step->id)),
        .journey = text_of(journey->name),
        .step = text_of(step->id),
        .version = (uint32_t)w->way->definition->version,
        .entry = w->way->id,
        .identity = w->way->customer,
        .channel = text_of(step->channel),
        .topic = text_or_empty(journey->topic),
        .address = text_or_empty(is_webhook ? NULL : address),
        .subject = text_or_empty(composed->subject),
        .html = text_or_empty(composed->html),
        .text = text_or_empty(composed->text ? composed->text : is_beside ? NULL : composed->body),
        .language = text_or_empty(language),
    };
    if (!outbox_put(w->journeys->service->outbox, w->store, &message, now_ms, ret_id, err)) return false;
    journeys_spend(w->journeys, journeys_at_work(w->journeys, w->way->at_work->id),
                   contact_cost(&w->journeys->rules.is, step->channel, now_ms));
    return !address || is_webhook ||
           sql_journey_address_put(w->store, w->way->at_work->id, text_of(step->id),
                                   address_hash(w->journeys, address), w->way->customer, now_ms, err);
}

/* What cannot be said fails that step, for that person: the events of others are taken all the same. */
static void fail_act(struct walking *w, const struct err *why, struct walk_act *act)
{
    *act = (struct walk_act){ OUTCOME_FAILED, RULE_TEMPLATE, arena_copy(w->journeys->scratch, why->text), NULL, false };
}

static bool send(struct walking *w, const struct journey_step *step, struct walk_act *act, struct err *err)
{
    struct arena *arena = w->journeys->scratch;
    struct composed composed;
    struct err why;
    json_t *data;
    int64_t id;
    const struct composing composing = composing_of(w, step, &data);
    bool is_made = composing_make(&composing, step, arena, &composed, &why);
    json_decref(data);
    if (!is_made) return fail_act(w, &why, act), true;
    if (!put_message(w, step, &composed, &id, &why)) {
        if (why.code != ERR_INVALID) { *err = why; return false; }
        return fail_act(w, &why, act), true;
    }
    if (!way_expose(w->journeys, w->store, w->way, step, err)) return false;
    act->message = arena_format(arena, "m_%lld", (long long)id);
    act->sentence = arena_format(arena, "given to %s", step->channel);
    act->is_answer_awaited = step->n_sets > 0;
    return true;
}

static bool set_or_raise(struct walking *w, const struct journey_step *step, struct walk_act *act, struct err *err)
{
    struct arena *arena = w->journeys->scratch;
    struct err why;
    json_t *data, *members;
    const struct composing composing = composing_of(w, step, &data);
    bool is_made = composing_members(&composing, step, arena, &members, &why);
    json_decref(data);
    if (!is_made) return fail_act(w, &why, act), true;
    bool is_set = step->kind == STEP_SET;
    if (is_set) {
        json_object_update(w->known, members);
        if (!w->set) w->set = json_object();
        json_object_update(w->set, members);
    }
    const char *id =
        arena_format(arena, "journey:%s:%lld:%s", w->way->definition->is->name, (long long)w->way->id, step->id);
    json_t *message = is_set ? json_pack("{s:s, s:s, s:o}", "type", "identify", "messageId", id, "traits", members)
                             : json_pack("{s:s, s:s, s:s, s:o}", "type", "track", "messageId", id, "event",
                                         step->name, "properties", members);
    bool ok = journeys_say(w->journeys, w->store, w->way->customer, message, err);
    json_decref(message);
    act->sentence = is_set ? arena_format(arena, "set '%s'", step->sets[0].name)
                           : arena_format(arena, "raised '%s'", step->name);
    return ok;
}

static bool give_task(struct walking *w, const struct journey_step *step, struct walk_act *act, struct err *err)
{
    json_t *data;
    const char *words = "";
    struct err why;
    const struct composing composing = composing_of(w, step, &data);
    bool is_made = composing_task(&composing, step, w->journeys->scratch, &words, &why);
    json_decref(data);
    if (!is_made) return fail_act(w, &why, act), true;
    char *reasons = json_dumps(w->facts, JSON_COMPACT);
    bool ok = sql_task_put(w->store, w->way->customer, text_of(w->way->definition->is->name), text_of(step->id),
                           w->way->id, text_of(words), text_of(reasons), journeys_now_ms(w->journeys), err);
    free(reasons);
    act->sentence = "a task for a person";
    return ok;
}

static bool issue_coupon(struct walking *w, const struct journey_step *step, struct walk_act *act, struct err *err)
{
    struct arena *arena = w->journeys->scratch;
    char until[MOMENT_TEXT_BYTES] = "";
    int64_t now_ms = journeys_now_ms(w->journeys), expires_ms = 0;
    const char *code = coupon_code(step->name, arena);
    if (step->expires.ms || step->expires.days) expires_ms = moment_after(w->zone, now_ms, step->expires);
    if (!sql_coupon_put(w->store, text_of(code), text_of(step->name), w->way->customer,
                        text_of(w->way->definition->is->name), w->way->id, now_ms, expires_ms, step->percent, err))
        return false;
    json_decref(w->way->coupon);
    w->way->coupon = json_pack("{s:s}", "code", code);
    if (step->percent > 0) json_object_set_new(w->way->coupon, "percent", json_real(step->percent));
    if (expires_ms) {
        moment_format(w->zone, expires_ms, until);
        json_object_set_new(w->way->coupon, "expires", json_string(until));
    }
    char *json = json_dumps(w->way->coupon, JSON_COMPACT);
    bool ok = sql_entry_coupon(w->store, w->way->id, text_of(json), err);
    free(json);
    act->sentence = arena_format(arena, "a coupon of '%s'", step->name);
    return ok;
}

static bool act(void *context, const struct journey_step *step, int64_t now_ms, struct walk_act *ret_act,
                struct err *err)
{
    struct walking *w = context;
    (void)now_ms;
    switch (step->kind) {
    case STEP_SEND: return send(w, step, ret_act, err);
    case STEP_TASK: return give_task(w, step, ret_act, err);
    case STEP_COUPON: return issue_coupon(w, step, ret_act, err);
    case STEP_SET: case STEP_RAISE: return set_or_raise(w, step, ret_act, err);
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

static bool note(void *context, const struct walk_line *line, struct err *err)
{
    struct walking *w = context;
    char *facts = json_dumps(w->facts, JSON_COMPACT);
    const char *rule = contact_rule_word(line->rule);
    int64_t message = line->message ? strtoll(line->message + 2, NULL, 10) : 0;
    bool ok = sql_line_put(w->store, w->way->id, w->way->customer, line->at_ms, text_of(line->step->id),
                           text_of(walk_outcome_word(line->outcome)), text_of(rule ? rule : ""),
                           text_of(line->sentence), text_of(facts), message, err);
    free(facts);
    json_object_clear(w->facts);
    return ok;
}

/* ---- ways and their rows ---- */

static json_t *json_or_null(struct text text)
{
    return text.length ? json_loadb(text.at, text.length, 0, NULL) : NULL;
}

static enum contact_rule rule_of(struct text word)
{
    for (int rule = 1; rule < CONTACT_RULES; rule++)
        if (text_equal(word, text_of(contact_rule_word((enum contact_rule)rule)))) return (enum contact_rule)rule;
    return RULE_NONE;
}

static void fill(struct way *way, const struct sql_entry_get *row)
{
    const struct journey *journey = way->definition->is;
    char step[JOURNEY_NAME_MOST + 1];
    snprintf(step, sizeof step, "%.*s", (int)row->step.length, row->step.at);
    way->place = (struct walk_place){
        .step = *step ? journey_find_step(journey, step) : JOURNEY_END,
        .since_ms = row->since_ms,
        .due_ms = row->due_ms.kind == VALUE_NULL ? MOMENT_NEVER : value_as_int(row->due_ms),
        .held = rule_of(row->held),
        .is_timed = row->flags & FLAG_TIMED,
        .is_answer_awaited = row->flags & FLAG_ANSWER,
    };
}

bool way_load(struct journeys *journeys, struct store *store, int64_t id, struct way *ret_way, bool *ret_is_open,
              struct err *err)
{
    struct sql_entry_get row;
    struct way way = { .id = id };
    *ret_is_open = false;
    if (!sql_entry_get(store, id, &row, err)) return false;
    enum step step = sql_entry_get_step(&row, err);
    bool ok = step != STEP_FAIL;
    if (step == STEP_ROW && row.end.length == 0) {
        way.at_work = journeys_at_work(journeys, row.journey);
        way.customer = (uint32_t)row.identity;
        way.key = (uint64_t)row.key;
        way.entered_ms = row.entered_ms;
        way.goal_ms = row.goal_ms;
        way.event_ms = row.event_ms;
        way.event = json_or_null(row.event);
        way.coupon = json_or_null(row.coupon);
        ok = way.at_work && journeys_definition(journeys, store, row.journey, row.version, &way.definition, err);
        if (ok) fill(&way, &row);
        *ret_is_open = ok;
    }
    cursor_close(row.cursor);
    if (*ret_is_open) *ret_way = way;
    else way_free(&way);
    return ok;
}

void way_free(struct way *way)
{
    json_decref(way->event);
    json_decref(way->coupon);
    json_decref(way->known);
}

bool way_know(struct journeys *journeys, struct store *store, struct way *way, struct err *err)
{
    return way->known || journeys_known(journeys, store, way->customer, &way->known, &way->zone, err);
}

static bool keep(struct journeys *journeys, struct store *store, const struct way *way, struct err *err)
{
    const struct walk_place *place = &way->place;
    int64_t now_ms = journeys_now_ms(journeys), due_ms = place->due_ms;
    bool is_over = place->end != WALK_OPEN, is_forever = place->due_ms == MOMENT_NEVER;
    if (is_forever && place->held != RULE_NONE) due_ms = now_ms + LOOK_AGAIN_MS, is_forever = false;
    const char *held = contact_rule_word(place->held), *end = walk_end_word(place->end);
    const char *step = place->step == JOURNEY_END ? "" : way->definition->is->steps[place->step].id;
    struct value due = is_over || is_forever ? value_null() : value_int(due_ms);
    if (!sql_entry_place(store, way->id, text_of(step), place->since_ms, due, text_of(held ? held : ""),
                         (place->is_timed ? FLAG_TIMED : 0) | (place->is_answer_awaited ? FLAG_ANSWER : 0),
                         text_of(end ? end : ""), is_over ? now_ms : 0, err) ||
        (!way->is_new && !timers_cancel(store, "journey", (uint32_t)way->id, err)))
        return false;
    if (is_over) journeys_count_inside(journeys, way->customer, -1);
    if (is_over && place->end != WALK_FINISHED && place->end != WALK_EXITED)
        return outbox_cancel_entry(store, text_of(way->definition->is->name), way->id, end, err);
    const struct timer timer = { .due_ms = due_ms, .who = (uint32_t)way->id };
    return is_over || is_forever || timer_put(journeys->timers, store, "journey", &timer, err);
}

enum walking_how { WALK_ON, WALK_LEAVE, WALK_RETIME };

static bool walk_so(struct journeys *journeys, struct store *store, struct way *way, enum walking_how how,
                    enum walk_end end, struct err *err)
{
    struct walking *w = ARENA_NEW(journeys->scratch, struct walking);
    int64_t now_ms = journeys_now_ms(journeys);
    if (!way_know(journeys, store, way, err)) return false;
    *w = (struct walking){ .journeys = journeys, .store = store, .way = way, .known = way->known,
                           .facts = json_object(), .zone = way->zone };
    const struct walk_world world = { .context = w,
                                      .zone = w->zone,
                                      .rules = &journeys->rules.is,
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
    const struct walk walk = { way->definition->is, &world, journeys->scratch, way->entered_ms };
    bool ok = true;
    if (how == WALK_LEAVE) ok = walk_leave(&walk, &way->place, end, now_ms, err);
    if (how == WALK_RETIME) ok = walk_retime(&walk, &way->place, now_ms, err);
    if (ok && how != WALK_LEAVE) ok = walk_on(&walk, &way->place, now_ms, err);
    json_decref(w->facts);
    json_decref(w->set);
    return ok && keep(journeys, store, way, err);
}

bool way_walk(struct journeys *journeys, struct store *store, struct way *way, struct err *err)
{
    return walk_so(journeys, store, way, WALK_ON, WALK_OPEN, err);
}

bool way_leave(struct journeys *journeys, struct store *store, struct way *way, enum walk_end end, struct err *err)
{
    if (end == WALK_MERGED || end == WALK_CANCELLED) {
        way->place.end = end;
        return keep(journeys, store, way, err);
    }
    return walk_so(journeys, store, way, WALK_LEAVE, end, err);
}

bool way_retime(struct journeys *journeys, struct store *store, struct way *way, struct err *err)
{
    return walk_so(journeys, store, way, WALK_RETIME, WALK_OPEN, err);
}

bool way_start(struct journeys *journeys, struct store *store, struct way *way, struct err *err)
{
    way->place = walk_start(way->definition->is, journeys_now_ms(journeys));
    way->is_new = true;
    bool ok = way_walk(journeys, store, way, err);
    way->is_new = false;
    return ok;
}
