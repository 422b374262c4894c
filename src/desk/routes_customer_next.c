/* routes_customer_next.c - what to do about one customer: what the last plan weighed for them, when and by which
 * way they are reached, and by which part of its condition they are in each segment: GET /v1/customers/{id}/next.
 */
#include "server/route.h"
#include "base/calendar.h"
#include "condition/condition_parts.h"
#include "engine/eligibility.h"
#include "engine/experiments.h"
#include "engine/journeys.h"
#include "engine/known.h"
#include "engine/service.h"
#include "feature/history.h"
#include "channel/channel.h"
#include "customer/consent.h"
#include "journey/habit.h"
#include "learn/score.h"
#include "live/membership.h"
#include "model/bgnbd.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { SEGMENTS_OF_MOST = 64, CHANNELS_MOST = 32, HOUR_MS = 3600 * 1000 };

struct next {
    struct request *request;
    struct service *service;
    struct store   *store;
    uint32_t        customer;
    uint32_t        members[IDENTITY_MEMBERS_MOST];
    size_t          n_members;
    int64_t         now_ms;
};

/* ---- segments ---- */

/* Which parts hold; null where that cannot be said by itself. */
static json_t *parts_json(const struct next *next, const char *expression, bool *ret_is_or)
{
    struct arena *arena = next->request->arena;
    struct text parts[CONDITION_PARTS_MOST];
    size_t n = condition_parts(text_of(expression), parts, ret_is_or);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        const char *sql = arena_format(arena, "%.*s", (int)parts[i].length, parts[i].at);
        struct err ignored;
        size_t index;
        bool holds = false,
             ok = conditions_hold(next->service, next->customer, next->now_ms, &sql, 1, &holds, &index, &ignored);
        json_array_append_new(list, json_pack("{s:s, s:o}", "expression", sql, "holds",
                                              ok ? json_boolean(holds) : json_null()));
    }
    return list;
}

static json_t *segments_json(const struct next *next)
{
    struct segment_since of[SEGMENTS_OF_MOST];
    struct memberships *memberships = next->service->memberships;
    size_t n = memberships_of(memberships, next->customer, of, SEGMENTS_OF_MOST);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct segment segment;
        struct err ignored;
        bool is_or;
        if (!memberships_get(memberships, of[i].segment, next->request->arena, &segment, &ignored)) continue;
        json_t *parts = parts_json(next, segment.expression, &is_or);
        json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:b, s:o}", "id", (json_int_t)segment.id, "name",
                                              segment.name, "since_ms", (json_int_t)of[i].since_ms, "is_any",
                                              is_or, "parts", parts));
    }
    return list;
}

/* ---- the plan ---- */

static json_t *planned_json(const struct sql_decision_planned *row)
{
    json_t *answer = json_loadb(row->answer.at, row->answer.length, 0, NULL), *out;
    json_t *weighed = json_object_get(answer, "alternatives"), *reason = json_object_get(answer, "reason");
    out = json_pack("{s:s, s:I, s:s, s:s, s:O?, s:O}", "decision_id", row->id.at, "at_ms", (json_int_t)row->at_ms,
                    "action", row->action.at, "policy", row->policy.at, "reason", reason, "weighed",
                    weighed ? weighed : json_null());
    json_decref(answer);
    return out;
}

static bool read_planned(const struct next *next, json_t **ret_json, struct err *err)
{
    struct sql_decision_planned row;
    struct text whom = service_identities(next->service, next->customer, next->request->arena);
    if (!sql_decision_planned(next->store, whom, &row, err)) return false;
    enum step step = sql_decision_planned_step(&row, err);
    *ret_json = step == STEP_ROW ? planned_json(&row) : json_null();
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* ---- what they are worth, and between what ---- */

/* On how many days they had ordered when they were valued, as the models count. */
static bool count_order_days(const struct next *next, int64_t valued_ms, size_t *ret_n, struct err *err)
{
    struct service *service = next->service;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct log_reader *reader;
    struct events events = { 0 };
    struct history history;
    const char *goal = experiments_goal(service, arena);
    uint32_t kind = 0;
    size_t n = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = log_find(service->log, DICTIONARY_KIND, text_of(goal), &kind);
    (void)pthread_rwlock_unlock(&service->lock);
    bool ok = log_reader_open_through(service->log, next->store, &reader, err);
    if (ok) {
        log_reader_share_names(reader, &service->lock);
        ok = log_read_identities(reader, next->members, next->n_members,
                                 LOG_TIME | LOG_RECEIVED | LOG_KIND | LOG_AMOUNT | LOG_REPLACED, arena, &events,
                                 err);
        log_reader_close(reader);
    }
    uint32_t *one = ARENA_ARRAY(arena, uint32_t, events.n + 1);
    int32_t *days = ARENA_ARRAY(arena, int32_t, events.n + 1);
    int64_t *cents = ARENA_ARRAY(arena, int64_t, events.n + 1);
    for (size_t i = 0; ok && is_known && i < events.n; i++) {
        if (events.kind[i] != kind) continue;
        if (events.time_ms[i] >= valued_ms || events.received_ms[i] >= valued_ms) continue;
        if (events.replaced_ms && events.replaced_ms[i] < valued_ms) continue;
        one[n] = 1, days[n] = (int32_t)calendar_day_of_ms(events.time_ms[i]), cents[n++] = events.amount_cents[i];
    }
    history_build(one, days, cents, n, arena, &history);
    *ret_n = history.first[history.n_customers];
    arena_free(arena);
    return ok;
}

/* What is kept of their valuation; false in *ret_is_there: nothing that has an interval. */
struct worth { int64_t valued_ms, cents; double alive, orders; struct value if_stays_cents; };

static bool read_worth(const struct next *next, struct worth *ret_worth, bool *ret_is_there, struct err *err)
{
    struct sql_privacy_valuations row;
    if (!sql_privacy_valuations(next->store, next->customer, &row, err)) return false;
    enum step step = sql_privacy_valuations_step(&row, err);
    *ret_is_there = step == STEP_ROW && row.expected_orders.kind == VALUE_REAL && row.expected_orders.r > 0;
    if (*ret_is_there) {
        double alive = row.p_alive.kind == VALUE_REAL ? row.p_alive.r : 1; /* of a model that knows no leaving */
        *ret_worth = (struct worth){ row.valued_ms, row.expected_value_cents, alive, row.expected_orders.r,
                                      row.value_if_stays_cents };
        *ret_is_there = alive > 0;
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* Orders are uncertain by the model that values; an order counts as what one of theirs is expected to be worth. */
static bool read_value(const struct next *next, json_t **ret_json, struct err *err)
{
    static const double share = .8;
    struct worth worth;
    double shape;
    bool is_there;
    size_t n_days;
    *ret_json = NULL;
    if (!scores_rate_shape(next->store, &shape, err) || !read_worth(next, &worth, &is_there, err)) return false;
    if (!is_there || shape <= 0) return *ret_json = json_null(), true;
    if (!count_order_days(next, worth.valued_ms, &n_days, err)) return false;
    double an_order = (double)worth.cents / worth.orders, repeats = n_days > 0 ? (double)(n_days - 1) : 0;
    struct purchases_range range = bgnbd_range(shape + repeats, worth.orders / worth.alive, worth.alive, share);
    *ret_json = json_pack("{s:I, s:o, s:I, s:I, s:f, s:I, s:I, s:f, s:I}", "cents", (json_int_t)worth.cents,
                          "if_stays_cents",
                          worth.if_stays_cents.kind == VALUE_NULL ? json_null()
                                                                  : json_integer(value_as_int(worth.if_stays_cents)),
                          "low_cents", (json_int_t)llround(range.low * an_order), "high_cents",
                          (json_int_t)llround(range.high * an_order), "orders", worth.orders, "low_orders",
                          (json_int_t)range.low, "high_orders", (json_int_t)range.high, "share", share,
                          "valued_ms", (json_int_t)worth.valued_ms);
    return true;
}

/* ---- when and by which way ---- */

static bool read_habit(const struct next *next, const struct zone *zone, struct habit *ret_habit, struct err *err)
{
    struct service *service = next->service;
    struct log_reader *reader;
    struct events events = { 0 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = log_reader_open_through(service->log, next->store, &reader, err);
    if (ok) {
        log_reader_share_names(reader, &service->lock);
        ok = log_read_identities(reader, next->members, next->n_members, LOG_TIME | LOG_KIND, arena, &events, err);
        log_reader_close(reader);
    }
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; ok && i < events.n; i++)
        if (habit_is_told_by(log_name(service->log, DICTIONARY_KIND, events.kind[i])))
            habit_add(ret_habit, zone, events.time_ms[i]);
    (void)pthread_rwlock_unlock(&service->lock);
    arena_free(arena);
    return ok;
}

static bool add_channel(const struct next *next, const struct channel *channel, const json_t *known, json_t *list,
                        struct err *err)
{
    static const char *const words[] = {
        [CONSENT_SAID_NOTHING] = "nothing", [CONSENT_SAID_NO] = "no", [CONSENT_SAID_YES] = "yes",
    };
    struct service *service = next->service;
    const struct contact_rules *rules = journeys_rules_of(service->journeys);
    enum consent_said said;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool ok = consents_said(service->consents, next->store, next->members, next->n_members, channel->name, &said,
                            err);
    (void)pthread_rwlock_unlock(&service->lock);
    if (!ok) return false;
    const char *preferred = known_channel(known);
    bool is_personal = contact_is_personal(contact_channel_kind(rules, channel->name));
    bool has_address = !is_personal || known_address(known, rules, channel->name) != NULL,
         is_preferred = preferred && strcmp(preferred, channel->name) == 0;
    json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:b}", "channel", channel->name, "has_address",
                                          has_address, "said", words[said], "is_preferred", is_preferred));
    return true;
}

static bool read_contact(const struct next *next, json_t **ret_json, struct err *err)
{
    struct service *service = next->service;
    struct settings settings;
    struct channels channels = { 0 };
    struct habit habit = { 0 };
    const char *zone_name;
    json_t *known = NULL, *list = json_array();
    int64_t clock_ms;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool ok = known_read(service->live, service->profiles, service->identities, next->store, next->customer,
                         next->request->arena, &known, err);
    const struct zone *zone =
        ok ? known_zone_named(known, journeys_rules_of(service->journeys), service->zones, &zone_name) : NULL;
    (void)pthread_rwlock_unlock(&service->lock);
    ok = ok && read_habit(next, zone, &habit, err) &&
         setting_file(next->store, service->options.settings_path, next->request->arena, &settings, err) &&
         channels_read(&settings, next->request->arena, &channels, err);
    for (size_t i = 0; ok && i < channels.n && i < CHANNELS_MOST; i++)
        ok = add_channel(next, &channels.list[i], known, list, err);
    channels_forget(&channels);
    if (ok) {
        json_t *hour = habit_hour(&habit, &clock_ms) ? json_integer(clock_ms / HOUR_MS) : json_null();
        *ret_json = json_pack("{s:o, s:I, s:s, s:O}", "hour", hour, "n_seen", (json_int_t)habit.n, "zone",
                              zone_name, "channels", list);
    }
    json_decref(list);
    json_decref(known);
    return ok;
}

/* ---- the answer ---- */

static bool next_json(struct next *next, json_t **ret_json, struct err *err)
{
    json_t *planned = NULL, *contact = NULL, *value = NULL;
    (void)pthread_rwlock_rdlock(&next->service->lock);
    next->n_members = identities_members_at(next->service->identities, next->customer, INT64_MAX, next->members,
                                            IDENTITY_MEMBERS_MOST);
    (void)pthread_rwlock_unlock(&next->service->lock);
    if (!service_read(next->service, &next->store, err)) return false;
    bool ok =
        read_planned(next, &planned, err) && read_contact(next, &contact, err) && read_value(next, &value, err);
    service_read_done(next->service, next->store);
    if (ok)
        *ret_json = json_pack("{s:O, s:O, s:O, s:o}", "planned", planned, "contact", contact, "value", value,
                              "segments", segments_json(next));
    json_decref(planned);
    json_decref(contact);
    json_decref(value);
    return ok;
}

static enum handling handle_next(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *out;
    struct next next = { .request = request, .service = request->service,
                         .now_ms = service_instant_ms(request->service) };
    if (!service_customer(request->service, request_param(request, "id"), &next.customer, &err))
        return reply_error(request, reply, &err, "id");
    if (!next_json(&next, &out, &err)) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, out);
    return HANDLED;
}

static const struct route_field next_answer[] = {
    { "planned", "object, null", "what the plan that spoke of them last decided; null: none did", true },
    { "planned.decision_id", "string", "its number", true },
    { "planned.at_ms", "integer", "when", true },
    { "planned.action", "string", "the action, or nothing", true },
    { "planned.policy", "string", "plan, or by lot: pilot, explore", true },
    { "planned.reason", "string", "why, in words", false },
    { "planned.weighed", "array", "each action that was open to them", true },
    { "planned.weighed[].action", "string", "its name, or nothing", true },
    { "planned.weighed[].propensity", "number", "the chance with which it was drawn", true },
    { "planned.weighed[].incremental_profit_cents", "number, null",
      "profit over leaving them alone that is expected; null: not learned yet", true },
    { "planned.weighed[].low_cents", "number, null", "where its interval begins", true },
    { "planned.weighed[].high_cents", "number, null", "and ends", true },
    { "contact", "object", "when and by which way they are reached", true },
    { "contact.hour", "integer, null", "the hour of their day with most orders, visits and clicks; null: too few",
      true },
    { "contact.n_seen", "integer", "how many of these were seen", true },
    { "contact.zone", "string", "by whose clock", true },
    { "contact.channels", "array", "as the settings name them", true },
    { "contact.channels[].channel", "string", "its name", true },
    { "contact.channels[].has_address", "boolean", "it reaches them", true },
    { "contact.channels[].said", "string", "yes, no or nothing: what they said of it by name", true },
    { "contact.channels[].is_preferred", "boolean", "they said that they want it", true },
    { "value", "object, null",
      "what they are expected to bring in twelve months, and between what; null: no model says it", true },
    { "value.cents", "integer", "expected", true },
    { "value.if_stays_cents", "integer, null", "expected of a customer who stays; null: not known", true },
    { "value.low_cents", "integer", "the fewest orders, each worth what one of theirs is", true },
    { "value.high_cents", "integer", "the most", true },
    { "value.orders", "number", "days with an order that are expected", true },
    { "value.low_orders", "integer", "the fewest", true },
    { "value.high_orders", "integer", "and the most", true },
    { "value.share", "number", "the probability to lie in between", true },
    { "value.valued_ms", "integer", "as of when", true },
    { "segments", "array", "those they are in", true },
    { "segments[].id", "integer", "its number", true },
    { "segments[].name", "string", "its name", true },
    { "segments[].since_ms", "integer", "since when", true },
    { "segments[].is_any", "boolean", "one part is enough; false: all have to hold", true },
    { "segments[].parts", "array", "of its condition, as written", true },
    { "segments[].parts[].expression", "string", "one of them", true },
    { "segments[].parts[].holds", "boolean, null", "of this customer now; null: it cannot be said by itself",
      true },
    { 0 },
};

const struct route routes_customer_next[] = {
    { .method = "GET",
      .path = "/v1/customers/{id}/next",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_next,
      .is_slow = true,
      .summary = "What the last plan weighed for a customer, how they are reached, and why they are in segments",
      .answer = next_answer,
      .answer_example =
          "{\"planned\": {\"decision_id\": \"d_1\", \"at_ms\": 1790000000000, \"action\": \"call\", "
          "\"policy\": \"plan\", \"reason\": \"the plan's choice within its budget\", \"weighed\": "
          "[{\"action\": \"call\", \"propensity\": 0.9, \"incremental_profit_cents\": 640, \"low_cents\": 120, "
          "\"high_cents\": 1160}]}, \"contact\": {\"hour\": 19, \"n_seen\": 23, \"zone\": \"Europe/Berlin\", "
          "\"channels\": [{\"channel\": \"email\", \"has_address\": true, \"said\": \"yes\", \"is_preferred\": "
          "false}]}, \"value\": {\"cents\": 21400, \"if_stays_cents\": 26100, \"low_cents\": 0, "
          "\"high_cents\": 42800, \"orders\": 5.1, \"low_orders\": 0, "
          "\"high_orders\": 10, \"share\": 0.8, \"valued_ms\": 1790000000000}, \"segments\": [{\"id\": 1, "
          "\"name\": \"At risk\", \"since_ms\": 1789990000000, \"is_any\": "
          "false, \"parts\": [{\"expression\": \"churn > 0.6\", \"holds\": true}]}]}" },
    { 0 },
};
