/* journeys.c - see journeys.h: opening and closing, what conditions ask, what is said back to the log. */
#include "engine/journeys_internal.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/secret.h"
#include "engine/experiments.h"
#include "live/membership.h"
#include "store/setting.h"
#include "store/sql.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_GROWTH 0.25

enum { SAYINGS_AT_ONCE = 200, SAY_AGAIN_MS = 1000, SEGMENTS_OF_MOST = 256 };

/* ---- conditions ---- */

/* Names come and go with features, traits and models. */
static void make_source(struct journeys *journeys)
{
    struct service *service = journeys->service;
    situations_free(journeys->situations);
    live_source_free(journeys->source);
    journeys->source = live_source_new(service->live, service->log, service->identities, &service->lock);
    journeys->situations = situations_new(journeys->source, service->live);
}

bool journeys_refuse_profiling(struct journeys *journeys, struct store *store, uint32_t customer, bool *ret_do,
                               struct err *err)
{
    struct service *service = journeys->service;
    enum consent_said said;
    size_t n;
    const uint32_t *members = identities_members(service->identities, customer, &n);
    if (!consents_said(service->consents, store, members, n, "profiling", &said, err)) return false;
    *ret_do = said == CONSENT_SAID_NO;
    return true;
}

/* What cannot be evaluated does not hold: one wrong condition must not keep others' events from being taken. */
bool journeys_hold(struct journeys *journeys, struct store *store, uint32_t customer, const char *sql,
                   const json_t *event, const json_t *set, json_t *facts, bool *ret_holds, struct err *err)
{
    struct situation about = {
        .customer = customer, .now_ms = journeys_now_ms(journeys), .event = event, .person = set, .facts = facts
    };
    struct err why;
    if (!journeys_refuse_profiling(journeys, store, customer, &about.is_unprofiled, err)) return false;
    if (!journeys->source || live_source_is_stale(journeys->source)) make_source(journeys);
    for (int tries = 0; tries < 2; tries++) {
        if (situation_holds(journeys->situations, sql, &about, ret_holds, NULL, &why)) return true;
        make_source(journeys);
    }
    *ret_holds = false;
    return true;
}

bool journeys_is_member(struct journeys *journeys, uint32_t customer, const char *segment)
{
    struct memberships *memberships = journeys->service->memberships;
    struct segment_since of[SEGMENTS_OF_MOST];
    struct segment *all;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = memberships_list(memberships, arena, &all),
           n_of = memberships_of_group(memberships, customer, of, SEGMENTS_OF_MOST);
    bool is = false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_of && strcmp(all[i].name, segment) == 0; k++) is |= of[k].segment == all[i].id;
    arena_free(arena);
    return is;
}

json_t *journeys_event_json(struct journeys *journeys, const struct events *events, size_t i)
{
    return known_event(journeys->service->log, events, i);
}

bool journeys_known(struct journeys *journeys, struct store *store, uint32_t customer, json_t **ret_known,
                    const struct zone **ret_zone, struct err *err)
{
    struct service *service = journeys->service;
    bool is_known;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool ok = known_read(service->live, service->profiles, service->identities, store, customer, journeys->scratch,
                         ret_known, err);
    (void)pthread_rwlock_unlock(&service->lock);
    if (ok) *ret_zone = known_zone(*ret_known, &journeys->rules.is, service->zones, &is_known);
    return ok;
}

char *journeys_score_segment(const struct journey *journey)
{
    const struct trigger *trigger = &journey->trigger;
    char *name = NULL;
    if (asprintf(&name, "journey %s: %s %s %g", journey->name, trigger->name,
                 trigger->is_falling ? "<" : ">=", trigger->crosses) < 0)
        abort();
    return name;
}

/* ---- what is said back to the log, as a client would ---- */

bool journeys_say(struct journeys *journeys, struct store *store, uint32_t customer, json_t *message,
                  struct err *err)
{
    struct text name = log_name(journeys->service->log, DICTIONARY_IDENTITY, customer);
    enum identity_kind kind = identity_kind_of(name);
    const char *prefix = "anonymous:";
    if (kind == IDENTITY_EMAIL) return true;        /* whose id is a hash nobody can speak of */
    if (kind == IDENTITY_ANONYMOUS)
        json_object_set_new(message, "anonymousId",
                            json_stringn(name.at + strlen(prefix), name.length - strlen(prefix)));
    else
        json_object_set_new(message, "userId", json_stringn(name.at, name.length));
    char *body = json_dumps(message, JSON_COMPACT);
    bool ok = sql_saying_put(store, customer, text_of(body), err);
    free(body);
    journeys->is_saying_wanted = true;
    return ok;
}

bool journeys_tell(struct journeys *journeys, struct store *store, uint32_t customer, const char *event,
                   json_t *properties, struct err *err)
{
    char id[48];
    secret_token(id, sizeof id, 16);
    json_t *message = json_pack("{s:s, s:s, s:s, s:o}", "type", "track", "event", event, "messageId", id,
                                "properties", properties);
    bool ok = journeys_say(journeys, store, customer, message, err);
    json_decref(message);
    return ok;
}

struct said { struct journeys *journeys; int64_t id; };

static bool forget_saying(struct store *store, void *context, struct err *err)
{
    return sql_saying_remove(store, ((struct said *)context)->id, err);
}

static void is_forgotten(void *context, const struct err *result) { (void)result, free(context); }

static void is_taken(void *context, const struct ingest_outcome *outcome)
{
    struct said *said = context;
    struct err err;
    struct journeys *journeys = said->journeys;
    bool is_done = outcome->err.code == ERR_NONE;
    if (!is_done || !ingest_run_later(journeys->service->ingest, forget_saying, said, is_forgotten, &err)) {
        alarm_by(journeys->saying, scheduler_now_ms(journeys->service->scheduler) + SAY_AGAIN_MS);
        free(said);
    }
}

static bool say_one(struct journeys *journeys, int64_t id, struct text body, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake;
    struct said *said = memory_new(1, sizeof *said);
    *said = (struct said){ journeys, id };
    struct text copy = text_of(arena_format(arena, "{\"batch\":[%.*s]}", (int)body.length, body.at));
    const struct intake_request request = { .protocol = PROTOCOL_SEGMENT, .type = "batch", .body = copy,
                                            .received_ms = scheduler_now_ms(journeys->service->scheduler) };
    if (intake_read(&request, arena, &intake, err) &&
        ingest_put(journeys->service->ingest, arena, &intake, text_of("journey"), is_taken, said, err))
        return true;
    free(said);
    arena_free(arena);
    return false;
}

/* Message ids keep what is said again from being taken again. */
static void say_all(void *context)
{
    struct journeys *journeys = context;
    struct service *service = journeys->service;
    if (!service->ingest) return;       /* it is asked for once more when all has started */
    struct store *store;
    struct sql_sayings row;
    struct err err;
    int64_t next_ms = NEVER_MS, now_ms = scheduler_now_ms(service->scheduler);
    size_t n = 0;
    if (!service_read(service, &store, &err)) {
        alarm_set(journeys->saying, now_ms + SAY_AGAIN_MS);
        return;
    }
    if (sql_sayings(store, 0, SAYINGS_AT_ONCE, &row, &err)) {
        while (sql_sayings_step(&row, &err) == STEP_ROW && say_one(journeys, row.id, row.body, &err)) n++;
        cursor_close(row.cursor);
    }
    if (n == SAYINGS_AT_ONCE) next_ms = now_ms + SAY_AGAIN_MS / 4;
    service_read_done(service, store);
    alarm_set(journeys->saying, next_ms);
}

/* ---- the participant ---- */

static bool find_inside(struct journeys *journeys, struct store *store, struct err *err)
{
    struct sql_entries_inside row;
    enum step step;
    hash_map_clear(&journeys->inside, 0);
    if (!sql_entries_inside(store, &row, err)) return false;
    while ((step = sql_entries_inside_step(&row, err)) == STEP_ROW)
        journeys_count_inside(journeys, (uint32_t)row.identity, 1);
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool find_seen(struct journeys *journeys, struct store *store, struct err *err)
{
    char *text;
    if (!setting_get(store, "journey_segment_event", &text, err)) return false;
    if (text) journeys->segment_event = strtoll(text, NULL, 10);
    bool has = text != NULL;
    free(text);
    return has || journeys_skip_segments(journeys, store, err);
}

static bool read_again(struct journeys *journeys, struct store *store, struct err *err)
{
    return journeys_read_all(journeys, store, err) && find_inside(journeys, store, err) &&
           find_seen(journeys, store, err);
}

static bool undo(void *context, bool is_all, struct err *err)
{
    struct journeys *journeys = context;
    (void)is_all;
    journeys->is_saying_wanted = false;
    journeys_forget_stated(journeys);
    return read_again(journeys, journeys->service->store, err);
}

static void committed(void *context, const struct taken *taken)
{
    struct journeys *journeys = context;
    (void)taken;
    if (journeys->is_saying_wanted) alarm_by(journeys->saying, scheduler_now_ms(journeys->service->scheduler));
    journeys->is_saying_wanted = false;
}

static uint64_t digest(void *context)
{
    const struct journeys *journeys = context;
    uint64_t sum = (uint64_t)journeys->segment_event;
    const struct hash_entry *entry;
    for (size_t at = 0; (entry = hash_map_next(&journeys->inside, &at));)
        if (entry->value) sum += hash_bytes(entry, sizeof *entry, 0);
    return sum;
}

struct participant journeys_participant(struct journeys *journeys)
{
    return (struct participant){ .name = "journeys", .take = journeys_take, .undo = undo, .committed = committed,
                                 .digest = digest, .context = journeys };
}

static bool go_on(struct journeys *journeys, struct store *store, int64_t id, struct err *err)
{
    struct way way;
    bool is_open;
    if (!way_load(journeys, store, id, &way, &is_open, err)) return false;
    if (!is_open) return true;
    bool ok = way_walk(journeys, store, &way, err);
    way_free(&way);
    return ok;
}

/* Which of somebody's ways that are due belongs to the most important journey, more so than this one; 0: none. */
static bool find_more_important(struct journeys *journeys, struct store *store, const struct way *than,
                                int64_t *ret_id, struct err *err)
{
    struct sql_entries_open row;
    enum step step;
    int64_t most = than->at_work->is->priority;
    *ret_id = 0;
    if (!sql_entries_open(store, than->customer, &row, err)) return false;
    while ((step = sql_entries_open_step(&row, err)) == STEP_ROW) {
        const struct at_work *at = journeys_at_work(journeys, row.journey);
        bool is_due = row.due_ms.kind == VALUE_INT && row.due_ms.i <= journeys_now_ms(journeys);
        if (is_due && at && at->is->priority > most) *ret_id = row.id, most = at->is->priority;
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* Of what is due at one time for one person the more important goes first, whose message may fill a cap.  Each turn
 * takes a way on, so that it is not due any more. */
static bool fire(void *context, struct store *store, const struct timer *timer, int64_t now_ms, struct err *err)
{
    enum { TURNS_MOST = 100 };
    struct journeys *journeys = context;
    struct way way;
    bool is_open, ok = true;
    (void)now_ms;
    arena_reset(journeys->scratch);
    if (!way_load(journeys, store, timer->who, &way, &is_open, err)) return false;
    if (!is_open) return true;
    for (int turn = 0; ok && turn < TURNS_MOST && journeys_n_inside(journeys, way.customer) > 1; turn++) {
        int64_t other;
        ok = find_more_important(journeys, store, &way, &other, err);
        if (!ok || other == 0) break;
        ok = go_on(journeys, store, other, err);
    }
    way_free(&way);
    return ok && go_on(journeys, store, timer->who, err);
}

/* What was sent to somebody is an event of theirs; what went to a program or into a list is not. */
static bool tell_sent(struct journeys *journeys, struct store *store, const struct outbox_outcome *outcome,
                      struct err *err)
{
    char channel[64];
    snprintf(channel, sizeof channel, "%.*s", (int)outcome->channel.length, outcome->channel.at);
    enum channel_kind kind = contact_channel_kind(&journeys->rules.is, channel);
    if (!outcome->identity || (kind != CHANNEL_SMTP && kind != CHANNEL_TWILIO)) return true;
    return journeys_tell(journeys, store, outcome->identity, kind == CHANNEL_SMTP ? "Email Sent" : "SMS Sent",
                         json_pack("{s:s, s:s%, s:s%, s:s%, s:s%}", "channel", channel, "topic", outcome->topic.at,
                                   outcome->topic.length, "journey", outcome->journey.at, outcome->journey.length,
                                   "step", outcome->step.at, outcome->step.length, "message", outcome->key.at,
                                   outcome->key.length),
                         err);
}

/* An answer lets its step go on, and what it says becomes traits. */
static bool hear(void *context, struct store *store, const struct outbox_outcome *outcome, struct err *err)
{
    struct journeys *journeys = context;
    struct way way;
    bool is_open;
    if (outcome->status == OUTBOX_SENT &&
        (!tell_sent(journeys, store, outcome, err) ||
         !experiments_message(journeys->service->experiments, store, outcome->identity, outcome->at_ms, err)))
        return false;
    if (outcome->entry == 0 || outcome->status == OUTBOX_RETRYING) return true;
    arena_reset(journeys->scratch);
    if (!way_load(journeys, store, outcome->entry, &way, &is_open, err)) return false;
    if (!is_open) return true;
    const struct journey_step *step =
        way.place.step == JOURNEY_END ? NULL : &way.definition->is->steps[way.place.step];
    bool ok = true;
    if (step && way.place.is_answer_awaited && text_equal(outcome->step, text_of(step->id))) {
        ok = journeys_map_answer(journeys, store, &way, step, outcome->answer, err);
        walk_answered(&way.place, journeys_now_ms(journeys));
        ok = ok && way_walk(journeys, store, &way, err);
    }
    way_free(&way);
    return ok;
}

void journeys_add_timers(struct journeys *journeys, struct timers *timers)
{
    const struct timer_kind kind = { .name = "journey", .fire = fire, .context = journeys };
    journeys->timers = timers;
    journeys->saying = alarm_new(journeys->service->scheduler, "journeys' sayings", say_all, journeys);
    outbox_listen(journeys->service->outbox, hear, journeys);
    consents_listen(journeys->service->consents, journeys_hear_consent, journeys);
    timers_add(timers, &kind);
    journeys_plan_timers(journeys, timers);
}

const struct contact_rules *journeys_rules_of(const struct journeys *journeys) { return &journeys->rules.is; }

/* ---- opening ---- */

/* approve: {growth: 0.25}; the other keys are of plans. */
static bool read_growth(const struct yaml_node *approve, double *ret_growth, struct err *err)
{
    const struct yaml_node *value = approve ? yaml_find(approve, "growth") : NULL;
    *ret_growth = USUAL_GROWTH;
    if (!value) return true;
    return (value->kind == YAML_SCALAR && text_double(text_of(value->text), '.', ret_growth) && *ret_growth >= 0 &&
            *ret_growth <= 100) ||
           yaml_fail(value, err, "'growth' is the share by which more may enter than were approved, such as 0.25");
}

bool journeys_read_rules(const struct settings *settings, struct journeys_rules *ret_rules, struct err *err)
{
    struct journeys_rules rules = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct settings own;
    const char *url = NULL;
    if (!settings_read(settings->path, rules.arena, &own, err) ||
        !contact_rules_read(&own, rules.arena, &rules.is, err) ||
        !topics_read(&own, rules.arena, &rules.topics, err) || !settings_text(&own, "public_url", &url, err) ||
        !read_growth(settings_section(&own, "approve"), &rules.growth, err)) {
        arena_free(rules.arena);
        return false;
    }
    rules.public_url = url;
    *ret_rules = rules;
    return true;
}

bool journeys_open(struct service *service, const struct settings *settings, struct journeys **ret_journeys,
                   struct err *err)
{
    struct journeys *journeys = memory_new(1, sizeof *journeys);
    journeys->service = service;
    journeys->scratch = arena_new(ARENA_NO_LIMIT);
    if (!journeys_read_rules(settings, &journeys->rules, err) || !read_again(journeys, service->store, err)) {
        journeys_close(journeys);
        return false;
    }
    if (service->options.campaigns)
        journeys->rules.templates =
            arena_format(journeys->rules.arena, "%s/templates", service->options.campaigns);
    *ret_journeys = journeys;
    return true;
}

bool journeys_start(struct journeys *journeys, struct err *err)
{
    struct service *service = journeys->service;
    alarm_by(journeys->saying, scheduler_now_ms(service->scheduler));
    size_t n;
    return !service->options.campaigns || journeys_load_folder(journeys, service->options.campaigns, &n, err);
}

void journeys_close(struct journeys *journeys)
{
    if (!journeys) return;
    alarm_free(journeys->saying);
    journeys_forget_all(journeys);
    situations_free(journeys->situations);
    live_source_free(journeys->source);
    hash_map_free(&journeys->inside);
    arena_free(journeys->rules.arena);
    arena_free(journeys->scratch);
    free(journeys);
}
