/* plan_contact.c - see plan_contact.h. */
#include "campaign/plan_contact.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "engine/known.h"
#include "feature/properties.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { SENT_MOST = 1000, SENT_DAYS = 9 };

/* ---- what plans did before ---- */

static size_t base_of(const struct plan_contact *c, struct text action)
{
    for (size_t w = 0; w < c->n_ways; w++) {
        const char *base = c->ways[w].base;
        size_t length = strlen(base);
        if (text_equal(action, text_of(base)) ||
            (action.length > length && memcmp(action.at, base, length) == 0 && action.at[length] == ' '))
            return w;
    }
    return SIZE_MAX;
}

static int by_customer(const void *a, const void *b)
{
    const struct past_contact *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static bool read_past(struct plan_contact *c, struct err *err)
{
    struct sql_plan_contacts row = { 0 };
    enum step step = STEP_FAIL;
    size_t room = 0;
    int64_t days = 0;
    for (size_t w = 0; w < c->n_ways; w++) {
        if (c->ways[w].cooldown_days > days) days = c->ways[w].cooldown_days;
        if (c->ways[w].cap_days > days) days = c->ways[w].cap_days;
    }
    if (days == 0) return true;
    if (sql_plan_contacts(c->store, c->as_of_ms - days * MS_PER_DAY, c->as_of_ms, &row, err))
        while ((step = sql_plan_contacts_step(&row, err)) == STEP_ROW) {
            size_t base = base_of(c, row.action);
            if (base == SIZE_MAX) continue;
            if (c->n_past == room) c->past = memory_grow(c->past, room = 2 * room + 256, sizeof *c->past);
            c->past[c->n_past++] =
                (struct past_contact){ identities_customer(c->identities, (uint32_t)row.identity), row.at_ms,
                                       base };
        }
    cursor_close(row.cursor);
    if (c->n_past > 0) qsort(c->past, c->n_past, sizeof *c->past, by_customer);
    return step == STEP_END;
}

static enum plan_rule judge_past(const struct plan_contact *c, uint32_t customer, const struct plan_way *way)
{
    size_t low = 0, high = c->n_past, n_in_cap = 0;
    bool is_cooling = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->past[middle].customer < customer) low = middle + 1;
        else high = middle;
    }
    for (; low < c->n_past && c->past[low].customer == customer; low++) {
        const struct past_contact *past = &c->past[low];
        if (strcmp(c->ways[past->base].base, way->base) != 0) continue;
        is_cooling |= past->at_ms > c->as_of_ms - way->cooldown_days * MS_PER_DAY;
        n_in_cap += past->at_ms > c->as_of_ms - way->cap_days * MS_PER_DAY;
    }
    if (way->cooldown_days > 0 && is_cooling) return PLAN_COOLDOWN;
    return way->cap_days > 0 && n_in_cap >= way->cap_most ? PLAN_CAP : PLAN_OPEN;
}

/* ---- the rules of contact ---- */

bool plan_contact_has_channel(const struct plan_contact *c, const char *channel)
{
    for (size_t i = 0; channel && i < c->rules.n_channels; i++)
        if (strcmp(c->rules.channels[i].name, channel) == 0) return true;
    return false;
}

/* Traits as the log tells them last. */
static bool add_traits(const struct plan_contact *c, const uint32_t *members, size_t n, struct arena *scratch,
                       json_t *known, struct err *err)
{
    struct log_reader *reader;
    struct events events;
    struct properties properties;
    struct property property;
    if (!log_reader_open(c->log, &reader, err)) return false;
    bool ok =
        log_read_identities(reader, members, n, LOG_TIME | LOG_IDENTITY | LOG_PROPERTIES, scratch, &events, err);
    log_reader_close(reader);
    for (size_t i = 0; ok && i < events.n; i++) {
        uint32_t begin = i ? events.properties_end[i - 1] : 0;
        properties_begin(&properties,
                         (struct text){ events.properties_bytes + begin, events.properties_end[i] - begin });
        while (properties_next(&properties, &property))
            if (property.value.length > 0)
                json_object_set_new(known,
                                    arena_format(scratch, "%.*s", (int)property.name.length, property.name.at),
                                    json_stringn(property.value.at, property.value.length));
    }
    return ok;
}

static bool personal(const struct plan_contact *c, const uint32_t *members, size_t n, struct arena *scratch,
                     json_t *known, struct err *err)
{
    struct text text;
    if (!c->profiles) return true;
    if (!profiles_get(c->profiles, c->store, members, n, scratch, &text, err)) return false;
    json_t *json = json_loadb(text.at, text.length, 0, NULL);
    json_object_update(known, json);
    json_decref(json);
    return true;
}

bool plan_contact_known(const struct plan_contact *c, uint32_t customer, struct arena *scratch, json_t **ret_known,
                        struct err *err)
{
    size_t n;
    const uint32_t *members = identities_members(c->identities, customer, &n);
    json_t *known = json_object();
    if (add_traits(c, members, n, scratch, known, err) && personal(c, members, n, scratch, known, err)) {
        *ret_known = known;
        return true;
    }
    json_decref(known);
    return false;
}

static bool find_sent(struct plan_contact *c, uint32_t customer, struct contact_facts *facts, struct err *err)
{
    struct sql_messages_since row;
    struct contacted *sent = ARENA_ARRAY(c->scratch, struct contacted, SENT_MOST);
    int64_t since_ms = c->as_of_ms - SENT_DAYS * MS_PER_DAY;
    size_t n;
    const uint32_t *members = identities_members(c->identities, customer, &n);
    for (size_t i = 0; c->rules.n_caps > 0 && i < n; i++) {
        enum step step = STEP_END;
        if (!sql_messages_since(c->store, members[i], since_ms, &row, err)) return false;
        while (facts->n_sent < SENT_MOST && (step = sql_messages_since_step(&row, err)) == STEP_ROW)
            sent[facts->n_sent++] = (struct contacted){
                row.at_ms, arena_format(c->scratch, "%.*s", (int)row.channel.length, row.channel.at),
                row.topic.length ? arena_format(c->scratch, "%.*s", (int)row.topic.length, row.topic.at) : NULL };
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    facts->sent = sent;
    return true;
}

static enum plan_rule rule_of(enum contact_rule rule)
{
    switch (rule) {
    case RULE_NONE: case RULE_QUIET_HOURS: case RULE_HOLDOUT: return PLAN_OPEN;
    case RULE_SUPPRESSED: return PLAN_SUPPRESSED;
    case RULE_NO_ADDRESS: return PLAN_NO_ADDRESS;
    case RULE_CAP: return PLAN_CAP;
    case RULE_CONSENT: case RULE_DUPLICATE: case RULE_APPROVAL: case RULE_STOPPED: case RULE_TEMPLATE:
    case RULE_FILTER: case RULE_GOAL: case RULE_TOO_OLD: case CONTACT_RULES: break;
    }
    return PLAN_CONSENT;
}

/* Where a channel of the settings sends, or would; other actions go to a file and need no address. */
static bool has_address(struct plan_contact *c, const uint32_t *members, size_t n, const char *channel,
                        bool *ret_has, struct err *err)
{
    *ret_has = !plan_contact_has_channel(c, channel);
    if (*ret_has) return true;
    json_t *known = json_object();
    bool ok = personal(c, members, n, c->scratch, known, err);
    *ret_has = ok && known_address(known, &c->rules, channel) != NULL;
    json_decref(known);
    return ok;
}

static bool judge_consent(struct plan_contact *c, uint32_t customer, const struct plan_way *way,
                          enum plan_rule *ret_rule, struct err *err)
{
    static const char *const automated[] = { "automated_decisions", "profiling" };
    struct consent_statement said[2];
    size_t n;
    const uint32_t *members = identities_members(c->identities, customer, &n);
    struct contact_facts facts = {
        .heard = consents_check(c->consents, log_name(c->log, DICTIONARY_IDENTITY, customer)) };
    if (!consents_statements(c->consents, c->store, members, n, automated, 2, said, err)) return false;
    if (said[0].said == CONSENT_SAID_NO || said[1].said == CONSENT_SAID_NO) {
        *ret_rule = PLAN_AUTOMATED;
        return true;
    }
    if (!topic_said(&c->topics, c->consents, c->store, members, n, text_of(way->channel),
                    text_of(way->topic ? way->topic : ""), &facts.said, err) ||
        !has_address(c, members, n, way->channel, &facts.has_address, err) || !find_sent(c, customer, &facts, err))
        return false;
    *ret_rule = rule_of(contact_judge(&c->rules, &facts, way->channel, way->topic, zone_utc, c->as_of_ms).rule);
    if (!plan_contact_has_channel(c, way->channel) && *ret_rule == PLAN_NO_ADDRESS) *ret_rule = PLAN_OPEN;
    return true;
}

bool plan_contact_allows(void *context, uint32_t identity, size_t action, enum plan_rule *ret_rule,
                         struct err *err)
{
    struct plan_contact *c = context;
    const struct plan_way *way = &c->ways[action];
    uint32_t customer = identities_customer(c->identities, identity);
    *ret_rule = judge_past(c, customer, way);
    if (*ret_rule != PLAN_OPEN || !c->consents) return true;
    arena_reset(c->scratch);
    return judge_consent(c, customer, way, ret_rule, err);
}

bool plan_contact_open(struct plan_contact *c, const struct settings *settings, struct arena *arena,
                       struct err *err)
{
    c->scratch = arena_new(ARENA_NO_LIMIT), c->zones = zones_new(ZONES_FOLDER);
    return contact_rules_read(settings, arena, &c->rules, err) && topics_read(settings, arena, &c->topics, err) &&
           (!c->profiles ||
            consents_open(c->store, c->log, c->identities, profiles_vault(c->profiles), &c->consents, err)) &&
           read_past(c, err);
}

void plan_contact_close(struct plan_contact *c)
{
    consents_close(c->consents);
    zones_free(c->zones);
    free(c->past);
    if (c->scratch) arena_free(c->scratch);
}
