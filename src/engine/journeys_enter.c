/* journeys_enter.c - what an event, a change of segment or a link starts and moves, in its own commit; see
 * journeys.h. */
#include "engine/journeys_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/memory.h"
#include "live/membership.h"
#include "log/correction.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_EVENTS_AT_ONCE = 1000 };

/* ---- who is inside ---- */

static uint64_t hash_of(uint32_t customer) { return hash_bytes(&customer, sizeof customer, 0); }

void journeys_count_inside(struct journeys *journeys, uint32_t customer, int by)
{
    uint64_t *n = hash_map_put(&journeys->inside, hash_of(customer));
    if (by > 0 || *n > 0) *n += (uint64_t)by;
}

uint64_t journeys_n_inside(const struct journeys *journeys, uint32_t customer)
{
    const uint64_t *n = hash_map_find(&journeys->inside, hash_of(customer));
    return n ? *n : 0;
}

/* What somebody is inside of, however much it is: journeys that begin by a key are entered once for each order. */
struct open_way { int64_t id, journey, key; };

/* The list is the caller's. */
static bool open_ways(struct store *store, uint32_t customer, struct open_way **ret_open, size_t *ret_n, struct err *err)
{
    struct sql_entries_open row;
    struct open_way *open = NULL;
    size_t n = 0, room = 0;
    enum step step;
    if (!sql_entries_open(store, customer, &row, err)) return false;
    while ((step = sql_entries_open_step(&row, err)) == STEP_ROW) {
        if (n == room) open = memory_grow(open, room = 2 * room + 16, sizeof *open);
        open[n++] = (struct open_way){ row.id, row.journey, row.key };
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) { free(open); return false; }
    *ret_open = open;
    *ret_n = n;
    return true;
}

/* ---- entering ---- */

bool journeys_miss(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                   enum contact_rule rule, const json_t *facts, struct err *err)
{
    char *text = json_dumps(facts, JSON_COMPACT);
    bool ok = sql_missed_put(store, at->id, customer, journeys_now_ms(journeys), text_of(contact_rule_word(rule)),
                             text_of(text ? text : "{}"), err);
    free(text);
    return ok;
}

static uint64_t key_of(const struct journey *journey, const json_t *event)
{
    const json_t *value = journey->trigger.key ? json_object_get(event, journey->trigger.key) : NULL;
    if (!value) return 0;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    uint64_t key = hash_bytes(text, strlen(text), 0) >> 1 | 1;
    free(text);
    return key;
}

/* Of all identities of theirs: whoever was inside before the program knew who they are, was. */
bool journeys_last_entry(struct journeys *journeys, struct store *store, const struct at_work *at, uint32_t customer,
                         uint64_t key, struct entering_facts *ret_facts, struct err *err)
{
    struct entering_facts facts = { 0 };
    size_t n;
    const uint32_t *members = identities_members(journeys->service->identities, customer, &n);
    for (size_t i = 0; i < n; i++) {
        struct sql_entry_last row;
        if (!sql_entry_last(store, members[i], at->id, (int64_t)key, &row, err)) return false;
        enum step step = sql_entry_last_step(&row, err);
        if (step == STEP_ROW) {
            facts.is_inside |= row.end.length == 0;
            if (!facts.has_entered || row.entered_ms > facts.last_ms) facts.last_ms = row.entered_ms;
            facts.has_entered = true;
        }
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    *ret_facts = facts;
    return true;
}

static bool may_enter(struct journeys *journeys, struct store *store, const struct at_work *at, const struct way *way,
                      bool *ret_may, struct err *err)
{
    struct entering_facts facts;
    if (!journeys_last_entry(journeys, store, at, way->customer, way->key, &facts, err)) return false;
    *ret_may = entering_is_allowed(at->is, &facts, way->zone, way->entered_ms);
    return true;
}

/* What keeps others from entering today: as many as may have, or the budget is spent; else one more has. */
static bool find_full(struct journeys *journeys, struct store *store, struct at_work *at,
                      enum contact_rule *ret_rule, struct err *err)
{
    const struct zone *shop = known_shop_zone(&journeys->rules.is, journeys->service->zones);
    int64_t today = journeys_shop_day(journeys, journeys_now_ms(journeys)),
            most_approved = (int64_t)ceil((double)at->approved_daily * (1 + journeys->rules.growth));
    if (!journeys_read_spending(journeys, store, at, err)) return false;
    bool is_counted = at->is->most_per_day > 0 || most_approved > 0;
    if (is_counted && at->counted_day != today) {
        if (!sql_journey_entered_since(store, at->id, moment_of(shop, today, 0), &at->n_today, err)) return false;
        at->counted_day = today;
    }
    *ret_rule = entering_full(at->is, at->n_today, &at->spending, today);
    if (*ret_rule == RULE_NONE && most_approved && at->n_today >= most_approved) *ret_rule = RULE_APPROVAL;
    at->n_today += *ret_rule == RULE_NONE;
    return true;
}

static bool start(struct journeys *journeys, struct store *store, struct way *way, struct err *err)
{
    char *text = way->event ? json_dumps(way->event, JSON_COMPACT) : NULL;
    bool ok = sql_entry_put(store, way->at_work->id, way->at_work->version, way->customer, (int64_t)way->key,
                            way->entered_ms, text_of(text ? text : ""), way->event_ms, &way->id, err);
    free(text);
    if (!ok) return false;
    journeys_count_inside(journeys, way->customer, 1);
    return way_start(journeys, store, way, err);
}

/* Says why not, where something is in the way. */
static bool may_begin(struct journeys *journeys, struct store *store, struct at_work *at, struct way *way,
                      bool *ret_may, struct err *err)
{
    bool matches = true;
    enum contact_rule full = RULE_NONE;
    if (!may_enter(journeys, store, at, way, ret_may, err)) return false;
    if (!*ret_may) return true;
    json_t *facts = json_object();
    bool ok = !at->is->filter.sql || journeys_hold(journeys, store, way->customer, at->is->filter.sql, way->event, NULL,
                                                   facts, &matches, err);
    enum contact_rule rule = !matches ? RULE_FILTER : !at->is_approved ? RULE_APPROVAL : RULE_NONE;
    if (ok && rule == RULE_NONE) ok = find_full(journeys, store, at, &full, err), rule = full;
    if (ok && rule != RULE_NONE) ok = journeys_miss(journeys, store, at, way->customer, rule, facts, err);
    json_decref(facts);
    *ret_may = rule == RULE_NONE;
    return ok;
}

bool journeys_begin(struct journeys *journeys, struct store *store, struct at_work *at, uint32_t customer,
                    const json_t *event, int64_t event_ms, int64_t *ret_entry, struct err *err)
{
    bool may = false;
    *ret_entry = 0;
    if (at->state != JOURNEY_ACTIVE) return true;
    struct way way = { .at_work = at, .definition = at->definition, .customer = customer,
                       .key = key_of(at->is, event), .entered_ms = journeys_now_ms(journeys), .event_ms = event_ms,
                       .event = event ? json_deep_copy(event) : NULL };
    bool ok = way_know(journeys, store, &way, err) && may_begin(journeys, store, at, &way, &may, err) &&
              (!may || start(journeys, store, &way, err));
    *ret_entry = way.id;
    way_free(&way);
    return ok;
}

/* ---- moving those inside ---- */

static bool is_goal(struct journeys *journeys, struct store *store, const struct way *way, const char *kind,
                    const json_t *event, const struct zone *zone, bool *ret_is, struct err *err)
{
    const struct goal *goal = &way->definition->is->goal;
    int64_t now_ms = journeys_now_ms(journeys);
    *ret_is = false;
    /* An event moves whom it did not let in; a segment they are in from the beginning is no goal that was met. */
    if (!goal->is_set || way->goal_ms || (goal->what.segment && now_ms <= way->entered_ms)) return true;
    if ((goal->within.ms || goal->within.days) && moment_after(zone, way->entered_ms, goal->within) < now_ms)
        return true;
    if (goal->what.segment) {
        *ret_is = journeys_is_member(journeys, way->customer, goal->what.segment);
        return true;
    }
    if (strcmp(goal->what.event, kind) != 0) return true;
    *ret_is = true;
    return !goal->what.where.sql ||
           journeys_hold(journeys, store, way->customer, goal->what.where.sql, event, NULL, NULL, ret_is, err);
}

static bool move_one(struct journeys *journeys, struct store *store, struct way *way, const char *kind,
                     const json_t *event, struct err *err)
{
    bool is;
    if (!way_know(journeys, store, way, err) || !is_goal(journeys, store, way, kind, event, way->zone, &is, err))
        return false;
    if (is && (!sql_entry_goal(store, way->id, journeys_now_ms(journeys), err) ||
               !way_leave(journeys, store, way, WALK_GOAL, err)))
        return false;
    if (way->place.end != WALK_OPEN || way->place.step == JOURNEY_END) return true;
    enum step_kind at = way->definition->is->steps[way->place.step].kind;
    if (at == STEP_WAIT) return way_walk(journeys, store, way, err);
    return strcmp(kind, "traits") != 0 || !walk_is_retimed(way->definition->is, &way->place) ||
           way_retime(journeys, store, way, err);
}

static bool move_all(struct journeys *journeys, struct store *store, uint32_t customer, const char *kind,
                     const json_t *event, struct err *err)
{
    struct open_way *open;
    size_t n;
    bool ok = true;
    if (!journeys_n_inside(journeys, customer)) return true;
    if (!open_ways(store, customer, &open, &n, err)) return false;
    for (size_t i = 0; ok && i < n; i++) {
        struct way way;
        bool is_open;
        ok = way_load(journeys, store, open[i].id, &way, &is_open, err);
        if (!ok || !is_open) continue;
        ok = move_one(journeys, store, &way, kind, event, err);
        way_free(&way);
    }
    free(open);
    return ok;
}

/* ---- what is of interest ---- */

static void interest_in(struct journeys *journeys, const char *kind, uint8_t what)
{
    uint32_t index;
    if (kind && log_find(journeys->service->log, DICTIONARY_KIND, text_of(kind), &index) &&
        index < journeys->n_kinds)
        journeys->interest[index] |= what;
}

/* Of every version that people may be in. */
static void find_interest(struct journeys *journeys)
{
    journeys->n_kinds = log_n_names(journeys->service->log, DICTIONARY_KIND);
    free(journeys->interest);
    journeys->interest = memory_new(journeys->n_kinds + 1, sizeof *journeys->interest);
    journeys->is_any_interesting = false;
    for (size_t i = 0; i < journeys->n_definitions; i++) {
        const struct journey *journey = journeys->definitions[i]->is;
        interest_in(journeys, journey->goal.what.event, MOVES_WAYS);
        journeys->is_any_interesting |= journey->goal.what.segment != NULL;
        for (size_t k = 0; k < journey->n_steps; k++) {
            const struct journey_step *step = &journey->steps[k];
            if (step->kind == STEP_COUPON) interest_in(journeys, "order", REDEEMS);
            if (step->kind != STEP_WAIT) continue;
            interest_in(journeys, step->what.event, MOVES_WAYS);
            journeys->is_any_interesting |= !step->what.event;
        }
    }
    if (journeys->n_definitions) interest_in(journeys, "traits", MOVES_WAYS);
    for (size_t i = 0; i < journeys->n; i++)
        if (journeys->all[i].is->trigger.kind == TRIGGER_EVENT)
            interest_in(journeys, journeys->all[i].is->trigger.name, STARTS_WAYS);
}

/* ---- coupons: an order that redeems one is an event of whom it was issued to ---- */

static const char *coupon_in(const json_t *event)
{
    static const char *const names[] = { "coupon", "coupon_code", "discount_code", "promo_code" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *code = json_string_value(json_object_get(event, names[i]));
        if (code && *code) return code;
    }
    return NULL;
}

static bool redeem(struct journeys *journeys, struct store *store, uint32_t by, const json_t *event,
                   struct err *err)
{
    struct sql_coupon_get row;
    const char *code = coupon_in(event);
    int64_t now_ms = journeys_now_ms(journeys);
    if (!code) return true;
    if (!sql_coupon_get(store, text_of(code), &row, err)) return false;
    enum step step = sql_coupon_get_step(&row, err);
    bool is_good = step == STEP_ROW && row.redeemed_ms == 0 && (row.expires_ms == 0 || row.expires_ms >= now_ms);
    uint32_t to =
        step == STEP_ROW ? identities_customer(journeys->service->identities, (uint32_t)row.identity) : 0;
    json_t *message = !is_good ? NULL
                               : json_pack("{s:s, s:s+, s:s, s:{s:s, s:s%, s:s%, s:b}}", "type", "track",
                                           "messageId", "coupon:", code, "event", "Coupon Redeemed", "properties",
                                           "coupon", code, "name", row.name.at, row.name.length, "journey",
                                           row.journey.at, row.journey.length, "by_another", to != by);
    struct at_work *at =
        is_good ? journeys_named(journeys, arena_format(journeys->scratch, "%.*s", (int)row.journey.length,
                                                        row.journey.at)) : NULL;
    double paid = json_number_value(json_object_get(event, "amount")),
           took_off = is_good ? budget_coupon(paid, row.percent) : 0;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (at && !journeys_read_spending(journeys, store, at, err)) return json_decref(message), false;
    bool ok = !message ||
              (sql_coupon_redeem(store, text_of(code), now_ms, by, (int64_t)llround(100 * took_off), err) &&
               journeys_say(journeys, store, to, message, err));
    if (ok && at) journeys_spend(journeys, at, took_off);
    json_decref(message);
    return ok;
}

/* ---- events ---- */

static bool start_by_event(struct journeys *journeys, struct store *store, uint32_t customer, const char *kind,
                           const json_t *event, int64_t event_ms, bool is_old, struct err *err)
{
    for (size_t i = 0; i < journeys->n; i++) {
        struct at_work *at = &journeys->all[i];
        const struct trigger *trigger = &at->is->trigger;
        int64_t entry;
        bool holds = true;
        if (trigger->kind != TRIGGER_EVENT || at->state != JOURNEY_ACTIVE || strcmp(trigger->name, kind) != 0)
            continue;
        if (trigger->where.sql &&
            !journeys_hold(journeys, store, customer, trigger->where.sql, event, NULL, NULL, &holds, err))
            return false;
        if (!holds) continue;
        if (is_old ? !journeys_miss(journeys, store, at, customer, RULE_TOO_OLD, event, err)
                   : !journeys_begin(journeys, store, at, customer, event, event_ms, &entry, err))
            return false;
    }
    return true;
}

static bool take_event(struct journeys *journeys, struct store *store, const struct taken *taken, size_t i,
                       uint8_t interest, struct err *err)
{
    const struct events *events = taken->events;
    uint32_t customer = identities_customer(journeys->service->identities, events->identity[i]);
    struct text name = log_name(journeys->service->log, DICTIONARY_KIND, events->kind[i]);
    char kind[256];
    if (customer == 0 || name.length >= sizeof kind) return true;
    bool is_traits = text_equal(name, text_of("traits"));
    if (!(interest & (STARTS_WAYS | REDEEMS)) && !is_traits && !journeys_n_inside(journeys, customer)) return true;
    if (is_traits && !journeys_plan_person(journeys, store, customer, err)) return false;
    snprintf(kind, sizeof kind, "%.*s", (int)name.length, name.at);
    arena_reset(journeys->scratch);
    json_t *event = journeys_event_json(journeys, events, i);
    int64_t time_ms = events->time_ms[i];
    bool is_old = taken->received_ms - time_ms > ENTERING_OLDEST_MS;
    journeys->taken_at = i, journeys->is_moving = true;
    bool ok = (!(interest & REDEEMS) || redeem(journeys, store, customer, event, err)) &&
              move_all(journeys, store, customer, kind, event, err);
    journeys->is_moving = false;
    ok = ok && (!(interest & STARTS_WAYS) ||
                start_by_event(journeys, store, customer, kind, event, time_ms, is_old, err));
    json_decref(event);
    return ok;
}

/* ---- segments ---- */

static bool start_by_segment(struct journeys *journeys, struct store *store, uint32_t customer,
                             const char *segment, bool entered, struct err *err)
{
    for (size_t i = 0; i < journeys->n; i++) {
        struct at_work *at = &journeys->all[i];
        const struct trigger *trigger = &at->is->trigger;
        char *own = NULL;
        int64_t entry;
        if (trigger->kind == TRIGGER_SCORE) own = journeys_score_segment(at->is);
        bool is_it = trigger->kind == TRIGGER_SEGMENT
                         ? trigger->is_leaving != entered && strcmp(trigger->name, segment) == 0
                         : own && entered && strcmp(own, segment) == 0;
        free(own);
        bool is_refused = false;
        if (is_it && trigger->kind == TRIGGER_SCORE &&
            !journeys_refuse_profiling(journeys, store, customer, &is_refused, err))
            return false;
        if (is_it && !is_refused && !journeys_begin(journeys, store, at, customer, NULL, 0, &entry, err))
            return false;
    }
    return true;
}

/* A definition that changed, a merge and the start move people for other reasons than what they did. */
static bool is_their_own(struct text cause)
{
    return text_equal(cause, text_of(segment_cause_word(CAUSE_EVENTS))) ||
           text_equal(cause, text_of(segment_cause_word(CAUSE_TIME)));
}

struct segment_move { int64_t segment; uint32_t identity; bool entered, is_their_own; };

static bool take_moves(struct journeys *journeys, struct store *store, const struct segment_move *moves, size_t n,
                       struct err *err)
{
    struct segment *segments;
    arena_reset(journeys->scratch);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_segments = memberships_list(journeys->service->memberships, arena, &segments);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        size_t s = 0;
        while (s < n_segments && segments[s].id != moves[i].segment) s++;
        if (s == n_segments || moves[i].identity == 0) continue;
        uint32_t customer = identities_customer(journeys->service->identities, moves[i].identity);
        arena_reset(journeys->scratch);
        if (moves[i].is_their_own)
            ok = start_by_segment(journeys, store, customer, segments[s].name, moves[i].entered, err);
        ok = ok && move_all(journeys, store, customer, "", NULL, err);
    }
    arena_free(arena);
    return ok;
}

static bool take_segments(struct journeys *journeys, struct store *store, struct err *err)
{
    int64_t before = journeys->segment_event;
    size_t n = SEGMENT_EVENTS_AT_ONCE;
    while (n == SEGMENT_EVENTS_AT_ONCE) {
        struct sql_segment_event_after row;
        struct segment_move moves[SEGMENT_EVENTS_AT_ONCE];
        enum step step;
        n = 0;
        if (!sql_segment_event_after(store, journeys->segment_event, SEGMENT_EVENTS_AT_ONCE, &row, err))
            return false;
        while ((step = sql_segment_event_after_step(&row, err)) == STEP_ROW) {
            moves[n++] = (struct segment_move){ row.segment, (uint32_t)row.identity, row.entered != 0,
                                                is_their_own(row.cause) };
            journeys->segment_event = row.id;
        }
        cursor_close(row.cursor);
        if (step == STEP_FAIL || !take_moves(journeys, store, moves, n, err)) return false;
    }
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)journeys->segment_event);
    return journeys->segment_event == before || setting_put(store, "journey_segment_event", text, err);
}

/* ---- links: after a merge one way goes on ---- */

static bool hand_one_over(struct journeys *journeys, struct store *store, const struct open_way *open, uint32_t from,
                          uint32_t to, struct err *err)
{
    struct sql_entry_last last;
    struct way way;
    if (!sql_entry_last(store, to, open->journey, open->key, &last, err)) return false;
    enum step step = sql_entry_last_step(&last, err);
    bool is_there = step == STEP_ROW && last.end.length == 0, is_open;
    cursor_close(last.cursor);
    if (step == STEP_FAIL) return false;
    if (!is_there) {
        if (!sql_entry_identity(store, open->id, to, err)) return false;
        journeys_count_inside(journeys, from, -1);
        journeys_count_inside(journeys, to, 1);
        return true;
    }
    if (!way_load(journeys, store, open->id, &way, &is_open, err)) return false;
    bool ok = !is_open ||
              (way_leave(journeys, store, &way, WALK_MERGED, err) && sql_entry_identity(store, way.id, to, err));
    if (is_open) way_free(&way);
    return ok;
}

static bool hand_over(struct journeys *journeys, struct store *store, uint32_t from, uint32_t to, struct err *err)
{
    struct open_way *open;
    size_t n;
    bool ok = true;
    if (from == to || !journeys_n_inside(journeys, from)) return true;
    if (!open_ways(store, from, &open, &n, err)) return false;
    for (size_t i = 0; ok && i < n; i++) ok = hand_one_over(journeys, store, &open[i], from, to, err);
    free(open);
    return ok;
}

bool journeys_merged(struct journeys *journeys, struct store *store, uint32_t identity, struct err *err)
{
    uint32_t customer = identities_customer(journeys->service->identities, identity),
             members[IDENTITY_MEMBERS_MOST];
    size_t n;
    const uint32_t *all = identities_members(journeys->service->identities, customer, &n);
    if (n > IDENTITY_MEMBERS_MOST) n = IDENTITY_MEMBERS_MOST;
    memcpy(members, all, n * sizeof *members);
    for (size_t k = 0; k < n; k++)
        if (!hand_over(journeys, store, members[k], customer, err)) return false;
    return true;
}

static bool take_links(struct journeys *journeys, struct store *store, const struct taken *taken, struct err *err)
{
    for (size_t i = 0; i < taken->n_links; i++)
        if (!taken->links[i].is_removed && !journeys_merged(journeys, store, taken->links[i].a, err)) return false;
    return true;
}

/* An order that was put right, and the correction itself, are no news: what they start or move is done. */
static bool is_known_already(const struct journeys *journeys, const struct events *events, size_t i)
{
    uint32_t kind = 0;
    if (!log_find(journeys->service->log, DICTIONARY_KIND, text_of(LOG_CORRECTION), &kind)) return false;
    return events->kind[i] == kind || correction_precedes(events, i, (uint16_t)kind);
}

bool journeys_take(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct journeys *journeys = context;
    const struct events *events = taken->events;
    bool ok = true;
    if (journeys->is_stale && !journeys_read_all(journeys, store, err)) return false;
    journeys->is_stale = false;
    if (!journeys_ask_to_confirm(journeys, store, err)) return false;
    if (journeys->n_definitions == 0 && journeys->n == 0) return take_segments(journeys, store, err);
    if (journeys->n_kinds != log_n_names(journeys->service->log, DICTIONARY_KIND)) find_interest(journeys);
    journeys->taken = taken;
    ok = take_links(journeys, store, taken, err);
    for (size_t i = 0; ok && i < events->n; i++) {
        uint8_t interest = journeys->interest[events->kind[i]];
        /* What was received before this group is history that is taken in now: it starts and moves nothing. */
        bool is_now = events->received_ms[i] == taken->received_ms && !is_known_already(journeys, events, i);
        if (is_now && (interest || journeys->is_any_interesting))
            ok = take_event(journeys, store, taken, i, interest, err);
    }
    journeys->taken = NULL;
    return ok && take_segments(journeys, store, err);
}

bool journeys_take_out(struct journeys *journeys, struct store *store, const char *name, uint32_t customer, size_t *ret_n,
                       struct err *err)
{
    const struct at_work *at = journeys_named(journeys, name);
    struct open_way *open;
    size_t n;
    bool ok = true;
    *ret_n = 0;
    if (!at) return err_set(err, ERR_MISSING, "there is no journey '%s'", name);
    if (!open_ways(store, customer, &open, &n, err)) return false;
    for (size_t i = 0; ok && i < n; i++) {
        struct way way;
        bool is_open;
        if (open[i].journey != at->id) continue;
        ok = way_load(journeys, store, open[i].id, &way, &is_open, err);
        if (!ok || !is_open) continue;
        ok = way_leave(journeys, store, &way, WALK_CANCELLED, err) &&
             outbox_cancel_entry(store, text_of(name), way.id, "cancelled", err);
        way_free(&way);
        *ret_n += ok;
    }
    free(open);
    return ok;
}
