/* journeys_message.c - by which channel a message goes, that somebody was given a variant of it, the links that it
 * may have, what asks for a confirmation, what it costs; see journeys_internal.h. */
#include "engine/journeys_internal.h"

#include "base/memory.h"
#include "customer/closed_address.h"
#include "decide/holdout.h"
#include "engine/composing.h"
#include "hub/links.h"
#include "journey/best_channel.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTED_FOR_MS = 60 * 60 * 1000, CHANNELS_MOST = 8 };

/* What the channels of a step brought, counted within the last hour. */
struct step_worth {
    const struct definition *definition;
    uint32_t                 step;
    int64_t                  counted_ms;
    struct channel_worth     of[CHANNELS_MOST];
};

static bool count_worth(struct store *store, const struct journey *journey, const struct journey_step *step,
                        struct step_worth *worth, struct err *err)
{
    struct sql_journey_worth row;
    enum step got;
    memset(worth->of, 0, sizeof worth->of);
    if (!sql_journey_worth(store, text_of(journey->name), text_of(step->id), &row, err)) return false;
    while ((got = sql_journey_worth_step(&row, err)) == STEP_ROW)
        for (size_t i = 0; i < step->n_channels && i < CHANNELS_MOST; i++)
            if (text_equal(row.channel, text_of(step->channels[i])))
                worth->of[i] = (struct channel_worth){ row.n_sent, row.n_goals };
    cursor_close(row.cursor);
    return got == STEP_END;
}

/* *ret_worth NULL: the journey has no goal, so nothing is measured. */
static bool worth_of(struct journeys *journeys, struct store *store, const struct definition *definition,
                     const struct journey_step *step, const struct channel_worth **ret_worth, struct err *err)
{
    size_t i = 0;
    int64_t now_ms = journeys_now_ms(journeys);
    *ret_worth = NULL;
    if (!definition->is->goal.is_set) return true;
    while (i < journeys->n_worths &&
           (journeys->worths[i].definition != definition || journeys->worths[i].step != step->index))
        i++;
    if (i == journeys->n_worths) {
        journeys->worths = memory_grow(journeys->worths, i + 1, sizeof *journeys->worths);
        journeys->worths[journeys->n_worths++] = (struct step_worth){ definition, step->index, 0, { { 0, 0 } } };
    }
    struct step_worth *worth = &journeys->worths[i];
    if (now_ms - worth->counted_ms >= COUNTED_FOR_MS) {
        if (!count_worth(store, definition->is, step, worth, err)) return false;
        worth->counted_ms = now_ms;
    }
    *ret_worth = worth->of;
    return true;
}

struct saying_of {
    struct journeys *journeys;
    struct store *store;
    uint32_t customer;
    bool is_ok;
    struct err *err;
};

static enum consent_said said(void *context, const char *name)
{
    struct saying_of *of = context;
    struct service *service = of->journeys->service;
    enum consent_said answer = CONSENT_SAID_NOTHING;
    size_t n;
    const uint32_t *members = identities_members(service->identities, of->customer, &n);
    of->is_ok = of->is_ok && consents_said(service->consents, of->store, members, n, name, &answer, of->err);
    return answer;
}

bool way_best_channel(struct journeys *journeys, struct store *store, const struct way *way, const json_t *known,
                      const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                      const char **ret_because, struct err *err)
{
    const struct channel_worth *worth;
    struct saying_of of = { journeys, store, way->customer, true, err };
    const char *stated = stated_channel(step->channels, step->n_channels, way->definition->is->topic,
                                        known_channel(known), said, &of);
    if (!of.is_ok || !worth_of(journeys, store, way->definition, step, &worth, err)) return false;
    const struct channel_choice choice = { step->channels, is_open, step->n_channels, stated, worth };
    *ret_channel = best_channel(&choice, journeys->scratch, ret_because);
    return true;
}

bool way_expose(struct journeys *journeys, struct store *store, const struct way *way,
                const struct journey_step *step, struct err *err)
{
    size_t n;
    const uint32_t *members = identities_members(journeys->service->identities, way->customer, &n);
    uint32_t first = way->customer;
    if (!step->variant) return true;
    for (size_t i = 0; i < n; i++)
        if (members[i] < first) first = members[i];
    const char *name = arena_format(journeys->scratch, "%s.%s", way->definition->is->name, step->id);
    return sql_exposure_put(store, text_of(name), first, text_of(step->variant), journeys_now_ms(journeys),
                            text_of("message"), err);
}

void way_add_confirms(const struct journeys *journeys, const struct way *way, json_t *data)
{
    const struct topics *topics = &journeys->rules.topics;
    const char *url = journeys->rules.public_url;
    const struct vault *vault = profiles_vault(journeys->service->profiles);
    for (size_t i = 0; url && i < topics->n; i++) {
        const struct link_token token = { way->customer, 0, text_of(topics->list[i].name) };
        if (topics->list[i].is_double_opt_in)
            composing_add_confirm(data, topics->list[i].name,
                                  link_url(vault, url, LINK_CONFIRM, &token, journeys->scratch));
    }
}

/* ---- what the rules of contact ask ---- */

static bool find_sent(struct journeys *journeys, struct store *store, uint32_t customer, struct contacted *room,
                      struct contact_facts *facts, struct err *err)
{
    struct sql_messages_since row;
    struct arena *arena = journeys->scratch;
    int64_t since_ms = journeys_now_ms(journeys) - 9 * MS_PER_DAY;
    size_t n;
    const uint32_t *members = identities_members(journeys->service->identities, customer, &n);
    for (size_t i = 0; i < n; i++) {
        enum step step = STEP_END;
        if (!sql_messages_since(store, members[i], since_ms, &row, err)) return false;
        while (facts->n_sent < JOURNEYS_SENT_MOST && (step = sql_messages_since_step(&row, err)) == STEP_ROW)
            room[facts->n_sent++] = (struct contacted){
                row.at_ms, arena_format(arena, "%.*s", (int)row.channel.length, row.channel.at),
                row.topic.length ? arena_format(arena, "%.*s", (int)row.topic.length, row.topic.at) : NULL };
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    facts->sent = room;
    return true;
}

bool journeys_contact_facts(struct journeys *journeys, struct store *store, uint32_t customer, const json_t *known,
                            const char *channel, const char *topic, struct contacted *room,
                            struct contact_facts *ret_facts, struct err *err)
{
    struct service *service = journeys->service;
    const struct holdout holdout = { service->holdout_share, service->decision_salt };
    size_t n;
    const uint32_t *members = identities_members(service->identities, customer, &n);
    const char *address = known_address(known, &journeys->rules.is, channel);
    struct contact_facts facts = {
        .heard = consents_check(service->consents, log_name(service->log, DICTIONARY_IDENTITY, customer)),
        .is_held_out = holdout_place(&holdout, service->identities, customer).is_held_out,
        .has_address = address != NULL,
    };
    if (!topic_said(&journeys->rules.topics, service->consents, store, members, n, text_of(channel),
                    text_of(topic ? topic : ""), &facts.said, err) ||
        (address && !closed_address_find(store, profiles_vault(service->profiles), text_of(address),
                                         &facts.is_refused_address, err)) ||
        !find_sent(journeys, store, customer, room, &facts, err))
        return false;
    *ret_facts = facts;
    return true;
}

/* ---- what left late ---- */

bool journeys_quiet_until(void *context, struct store *store, uint32_t customer, struct text channel,
                          struct text topic, int64_t *ret_until_ms, struct err *err)
{
    struct journeys *journeys = ((const struct service *)context)->journeys;
    const struct contact_rules *rules = &journeys->rules.is;
    const struct contact_facts open = { .heard = CONSENT_ALLOWED, .said = CONSENT_SAID_YES, .has_address = true };
    const struct zone *zone;
    json_t *known;
    *ret_until_ms = 0;
    if (!rules->is_quiet_set) return true;
    arena_reset(journeys->scratch);
    if (!journeys_known(journeys, store, customer, &known, &zone, err)) return false;
    json_decref(known);
    struct arena *arena = journeys->scratch;
    const char *by = arena_format(arena, "%.*s", (int)channel.length, channel.at),
               *about = topic.length ? arena_format(arena, "%.*s", (int)topic.length, topic.at) : NULL;
    struct contact_answer answer = contact_judge(rules, &open, by, about, zone, journeys_now_ms(journeys));
    if (answer.rule == RULE_QUIET_HOURS) *ret_until_ms = answer.until_ms;
    return true;
}

/* ---- a yes that is to be confirmed ---- */

enum { STATED_MOST = 10000 };

void journeys_forget_stated(struct journeys *journeys)
{
    for (size_t i = 0; i < journeys->n_stated; i++) free(journeys->stated[i]);
    free(journeys->stated);
    journeys->stated = NULL, journeys->n_stated = 0;
}

/* History that is taken in asks nobody. */
void journeys_hear_consent(void *context, struct text name, int64_t received_ms)
{
    struct journeys *journeys = context;
    if (received_ms < journeys_now_ms(journeys) - MS_PER_DAY || journeys->n_stated == STATED_MOST) return;
    if ((journeys->n_stated & (journeys->n_stated - 1)) == 0)
        journeys->stated = memory_grow(journeys->stated, journeys->n_stated ? 2 * journeys->n_stated : 1,
                                       sizeof *journeys->stated);
    char *copy = memory_new(name.length + 1, 1);
    memcpy(copy, name.at, name.length);
    journeys->stated[journeys->n_stated++] = copy;
}

/* A journey whose words hold the link asks in its own way. */
static bool asks_itself(struct journeys *journeys)
{
    if (journeys->asks_itself >= 0) return journeys->asks_itself;
    journeys->asks_itself = false;
    for (size_t i = 0; i < journeys->n && !journeys->asks_itself; i++)
        for (size_t k = 0; k < journeys->all[i].is->n_steps && journeys->all[i].state == JOURNEY_ACTIVE; k++)
            if (journeys->all[i].is->steps[k].kind == STEP_SEND &&
                composing_mentions(journeys->rules.templates, &journeys->all[i].is->steps[k], "confirm.",
                                   journeys->scratch))
                journeys->asks_itself = true;
    return journeys->asks_itself;
}

static const char *mail_channel(const struct journeys *journeys)
{
    const struct contact_rules *rules = &journeys->rules.is;
    for (size_t i = 0; i < rules->n_channels; i++)
        if (rules->channels[i].kind == CHANNEL_SMTP) return rules->channels[i].name;
    return NULL;
}

static const char *url_of(struct journeys *journeys, enum link_kind kind, uint32_t customer, const char *about)
{
    const struct link_token token = { customer, 0, text_of(about) };
    return link_url(profiles_vault(journeys->service->profiles), journeys->rules.public_url, kind, &token,
                    journeys->scratch);
}

/* By the shop's own template confirm.html, where there is one that can say it, else in plain words. */
static bool word_confirmation(struct journeys *journeys, uint32_t customer, const json_t *known,
                              const struct zone *zone, const struct topic *topic, const char *channel,
                              struct composed *ret_composed, struct err *err)
{
    struct text name = log_name(journeys->service->log, DICTIONARY_IDENTITY, customer);
    const char *about = arena_format(journeys->scratch, "%s/%s", channel, topic->name);
    json_t *data = composing_data(name, known, NULL, NULL, url_of(journeys, LINK_UNSUBSCRIBE, customer, about),
                                  url_of(journeys, LINK_PREFERENCES, customer, about));
    const char *title = *topic->title ? topic->title : topic->name;
    const char *url = url_of(journeys, LINK_CONFIRM, customer, topic->name);
    struct err none;
    composing_add_confirm(data, topic->name, url);
    json_object_set_new(data, "topic", json_pack("{s:s, s:s}", "name", topic->name, "title", title));
    json_object_set_new(data, "confirmation", json_string(url));
    const struct composing composing = { journeys->rules.templates, data, zone, journeys_now_ms(journeys) };
    const struct journey_step own = { .kind = STEP_SEND,
                                      .subject = "Please confirm: {{ topic.title }}",
                                      .html = "confirm.html" },
                              plain = {
                                  .kind = STEP_SEND,
                                  .subject = own.subject,
                                  .body = "Somebody, you we hope, asked for '{{ topic.title }}' at this address. "
                                          "It comes once you say yes:\n\n{{ confirmation }}\n\n"
                                          "If you did not ask for it, do nothing: nothing more comes.\n"
                              };
    bool ok = (composing.templates && composing_make(&composing, &own, journeys->scratch, ret_composed, &none)) ||
              composing_make(&composing, &plain, journeys->scratch, ret_composed, err);
    json_decref(data);
    return ok;
}

static bool put_confirmation(struct journeys *journeys, struct store *store, uint32_t customer,
                             const struct topic *topic, const char *channel, struct err *err)
{
    struct arena *arena = journeys->scratch;
    struct composed composed;
    const struct zone *zone;
    json_t *known;
    int64_t now_ms = journeys_now_ms(journeys), id;
    if (!journeys_known(journeys, store, customer, &known, &zone, err)) return false;
    const char *address = known_address(known, &journeys->rules.is, channel),
               *language = json_string_value(json_object_get(known, "language"));
    bool ok = !address || word_confirmation(journeys, customer, known, zone, topic, channel, &composed, err);
    if (ok && address) {
        const struct outbox_message message = {
            .key = text_of(arena_format(arena, "confirm:%u:%s:%lld", customer, topic->name,
                                        (long long)moment_day(zone, now_ms))),
            .journey = text_of(""), .step = text_of("confirm"), .identity = customer, .channel = text_of(channel),
            .topic = text_of(""), .address = text_of(address),
            .subject = text_of(composed.subject ? composed.subject : ""),
            .html = text_of(composed.html ? composed.html : ""),
            .text = text_of(composed.html ? "" : composed.body), .language = text_of(language ? language : ""),
        };
        ok = outbox_put(journeys->service->outbox, store, &message, now_ms, &id, err);
    }
    json_decref(known);
    return ok;
}

static bool ask_one(struct journeys *journeys, struct store *store, uint32_t customer, const char *channel,
                    struct err *err)
{
    struct service *service = journeys->service;
    const struct topics *topics = &journeys->rules.topics;
    struct consent_statement said;
    size_t n;
    const uint32_t *members = identities_members(service->identities, customer, &n);
    for (size_t i = 0; i < topics->n; i++) {
        const struct topic *topic = &topics->list[i];
        if (!topic->is_double_opt_in) continue;
        if (!consents_statements(service->consents, store, members, n, &topic->name, 1, &said, err)) return false;
        if (said.said == CONSENT_SAID_YES && !said.is_confirmed &&
            !put_confirmation(journeys, store, customer, topic, channel, err))
            return false;
    }
    return true;
}

bool journeys_ask_to_confirm(struct journeys *journeys, struct store *store, struct err *err)
{
    bool ok = true, is_asked = false;
    const char *channel = mail_channel(journeys);
    for (size_t i = 0; i < journeys->rules.topics.n; i++)
        is_asked |= journeys->rules.topics.list[i].is_double_opt_in;
    is_asked =
        is_asked && channel && journeys->rules.public_url && journeys->n_stated > 0 && !asks_itself(journeys);
    for (size_t i = 0; is_asked && ok && i < journeys->n_stated; i++) {
        uint32_t identity;
        arena_reset(journeys->scratch);
        if (log_find(journeys->service->log, DICTIONARY_IDENTITY, text_of(journeys->stated[i]), &identity))
            ok = ask_one(journeys, store, identities_customer(journeys->service->identities, identity), channel,
                         err);
    }
    journeys_forget_stated(journeys);
    return ok;
}

/* ---- one message, written by hand ---- */

static bool judge_writing(struct journeys *journeys, struct store *store, const struct contact_asked *asked,
                          const json_t *known, const struct zone *zone, struct contact_answer *ret_answer,
                          struct err *err)
{
    struct contacted *room = ARENA_ARRAY(journeys->scratch, struct contacted, JOURNEYS_SENT_MOST);
    struct contact_facts facts;
    struct outbox_stopped stops;
    if (!journeys_contact_facts(journeys, store, asked->customer, known, asked->channel, asked->topic, room,
                                &facts, err) ||
        !outbox_read_stops(store, &stops, err))
        return false;
    facts.is_stopped = outbox_is_stopped(&stops, text_of(asked->channel), text_of(""));
    *ret_answer = contact_judge(&journeys->rules.is, &facts, asked->channel, asked->topic, zone,
                                journeys_now_ms(journeys));
    return true;
}

static bool word_writing(struct journeys *journeys, const struct contact_asked *asked, const json_t *known,
                         const struct zone *zone, struct composed *ret_composed, struct err *err)
{
    struct text name = log_name(journeys->service->log, DICTIONARY_IDENTITY, asked->customer);
    const char *about = arena_format(journeys->scratch, "%s/%s", asked->channel, asked->topic ? asked->topic : "");
    bool has_url = journeys->rules.public_url != NULL;
    json_t *data = composing_data(name, known, NULL, NULL,
                                  has_url ? url_of(journeys, LINK_UNSUBSCRIBE, asked->customer, about) : "",
                                  has_url ? url_of(journeys, LINK_PREFERENCES, asked->customer, about) : "");
    const struct composing composing = { journeys->rules.templates, data, zone, journeys_now_ms(journeys) };
    const struct journey_step step = { .kind = STEP_SEND, .channel = asked->channel, .subject = asked->subject,
                                       .body = asked->text };
    bool ok = composing_make(&composing, &step, journeys->scratch, ret_composed, err);
    json_decref(data);
    return ok;
}

static bool put_writing(struct journeys *journeys, struct store *store, const struct contact_asked *asked,
                        const json_t *known, struct contact_told *told, struct err *err)
{
    const char *language = json_string_value(json_object_get(known, "language"));
    int64_t now_ms = journeys_now_ms(journeys);
    const struct outbox_message message = {
        .key = text_of(asked->key), .step = text_of("by hand"), .identity = asked->customer,
        .channel = text_of(asked->channel), .topic = text_of(asked->topic ? asked->topic : ""),
        .due_ms = told->answer.verdict == CONTACT_HOLD ? told->answer.until_ms : 0,
        .address = text_of(told->address), .subject = text_of(told->subject), .text = text_of(told->text),
        .language = text_of(language ? language : ""),
    };
    return outbox_put(journeys->service->outbox, store, &message, now_ms, &told->id, err);
}

bool journeys_write_to(struct journeys *journeys, struct store *store, const struct contact_asked *asked,
                       struct arena *arena, struct contact_told *ret_told, struct err *err)
{
    struct contact_told told = { 0 };
    struct composed composed = { 0 };
    const struct zone *zone;
    json_t *known;
    arena_reset(journeys->scratch);
    if (!journeys_known(journeys, store, asked->customer, &known, &zone, err)) return false;
    const char *address = known_address(known, &journeys->rules.is, asked->channel);
    bool ok = judge_writing(journeys, store, asked, known, zone, &told.answer, err) &&
              word_writing(journeys, asked, known, zone, &composed, err);
    if (ok) {
        told.address = arena_copy(arena, address ? address : "");
        told.subject = arena_copy(arena, composed.subject ? composed.subject : "");
        told.text = arena_copy(arena, composed.body ? composed.body : "");
        bool goes = told.answer.verdict == CONTACT_GO ||
                    (told.answer.verdict == CONTACT_HOLD && told.answer.until_ms != MOMENT_NEVER);
        if (goes && !asked->is_tried) ok = put_writing(journeys, store, asked, known, &told, err);
    }
    json_decref(known);
    if (ok) *ret_told = told;
    return ok;
}

/* ---- what it costs ---- */

static const struct zone *shop_of(const struct journeys *journeys)
{
    return known_shop_zone(&journeys->rules.is, journeys->service->zones);
}

int64_t journeys_shop_day(const struct journeys *journeys, int64_t at_ms)
{
    return moment_day(shop_of(journeys), at_ms);
}

static bool is_limited(const struct at_work *at) { return at->is->budget.amount > 0 || at->approved_budget > 0; }

void journeys_spend(struct journeys *journeys, struct at_work *at, double amount)
{
    if (at && amount > 0 && is_limited(at) && at->is_spending_read)
        spending_add(&at->spending, journeys_shop_day(journeys, journeys_now_ms(journeys)), amount);
}

bool journeys_read_spending(struct journeys *journeys, struct store *store, struct at_work *at, struct err *err)
{
    enum { QUARTER_MS = 900000 };
    struct sql_messages_of_journey message;
    struct sql_coupon_discounts coupon;
    enum step step;
    int64_t days = at->is->budget.days > 0 ? at->is->budget.days : 1, now_ms = journeys_now_ms(journeys),
            since_ms = moment_of(shop_of(journeys), journeys_shop_day(journeys, now_ms) - days + 1, 0);
    if (!is_limited(at) || at->is_spending_read) return true;
    at->spending = (struct spending){ 0 };
    if (!sql_messages_of_journey(store, text_of(at->is->name), since_ms, &message, err)) return false;
    while ((step = sql_messages_of_journey_step(&message, err)) == STEP_ROW) {
        int64_t at_ms = message.quarter * QUARTER_MS;
        const char *channel =
            arena_format(journeys->scratch, "%.*s", (int)message.channel.length, message.channel.at);
        spending_add(&at->spending, journeys_shop_day(journeys, at_ms),
                     (double)message.n * contact_cost(&journeys->rules.is, channel, at_ms));
    }
    cursor_close(message.cursor);
    if (step == STEP_FAIL || !sql_coupon_discounts(store, text_of(at->is->name), since_ms, &coupon, err))
        return false;
    while ((step = sql_coupon_discounts_step(&coupon, err)) == STEP_ROW)
        spending_add(&at->spending, journeys_shop_day(journeys, coupon.quarter * QUARTER_MS),
                     (double)coupon.cents / 100);
    cursor_close(coupon.cursor);
    at->is_spending_read = step != STEP_FAIL;
    return at->is_spending_read;
}

bool way_ask_budget(struct journeys *journeys, struct store *store, const struct way *way, const char *channel,
                    struct contact_facts *facts, struct err *err)
{
    struct at_work *at = journeys_at_work(journeys, way->at_work->id);
    int64_t now_ms = journeys_now_ms(journeys), today = journeys_shop_day(journeys, now_ms);
    double cost = contact_cost(&journeys->rules.is, channel, now_ms);
    if (cost == 0 || !is_limited(at)) return true;
    if (!journeys_read_spending(journeys, store, at, err)) return false;
    facts->budget = budget_asked(&at->is->budget, &at->spending, today, cost);
    facts->budget_until_ms = moment_of(shop_of(journeys), today + 1, 0);
    const struct budget approved = { at->approved_budget * (1 + journeys->rules.growth), 1 };
    if (facts->budget == BUDGET_LEFT && budget_asked(&approved, &at->spending, today, cost) != BUDGET_LEFT)
        facts->budget = BUDGET_UNAPPROVED;
    return true;
}
