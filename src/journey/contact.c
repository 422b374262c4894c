/* contact.c - see contact.h. */
#include "journey/contact.h"

#include "base/calendar.h"
#include "base/zones.h"
#include "decide/holdout.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *contact_rule_word(enum contact_rule rule)
{
    static const char *const words[CONTACT_RULES] = {
        NULL,          "consent",  "suppressed", "no_address", "cap",    "holdout", "duplicate",
        "quiet_hours", "approval", "stopped",    "template",   "filter", "goal",    "too_old",
    };
    return words[rule];
}

/* ---- settings ---- */

static bool read_clock(const struct yaml_node *node, const char *key, int64_t *ret_ms, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    const char *text = value && value->kind == YAML_SCALAR ? value->text : "";
    if (!strchr(text, ':') || !calendar_parse_clock(text, strlen(text), ret_ms) || *ret_ms < 0 ||
        *ret_ms >= MS_PER_DAY)
        return yaml_fail(value ? value : node, err, "'%s' must be a time of the day such as \"21:00\"", key);
    return true;
}

static bool read_quiet(const struct yaml_node *node, struct contact_rules *rules, struct err *err)
{
    static const char *const keys[] = { "from", "to" };
    if (!node) return true;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !read_clock(node, "from", &rules->quiet.from_ms, err) ||
        !read_clock(node, "to", &rules->quiet.to_ms, err))
        return false;
    rules->is_quiet_set = true;
    return rules->quiet.from_ms != rules->quiet.to_ms ||
           yaml_fail(node, err, "quiet hours that end when they begin would last for ever");
}

static bool read_cap(const struct yaml_node *node, struct cap *cap, struct err *err)
{
    static const char *const keys[] = { "channel", "topic", "most", "per", "over" };
    const struct yaml_node *most = yaml_find(node, "most");
    const char *per = "day", *over = "skip";
    int64_t number = 0;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "channel", &cap->channel, err) ||
        !yaml_text(node, "topic", &cap->topic, err) || !yaml_text(node, "per", &per, err) ||
        !yaml_text(node, "over", &over, err))
        return false;
    if (!most || most->kind != YAML_SCALAR || !text_int64(text_of(most->text), &number) || number < 0 ||
        number > 1000)
        return yaml_fail(most ? most : node, err, "'most' must be a number of messages from 0 to 1000");
    cap->most = (uint32_t)number;
    cap->is_week = strcmp(per, "week") == 0;
    cap->waits = strcmp(over, "wait") == 0;
    if (!cap->is_week && strcmp(per, "day") != 0)
        return yaml_fail(yaml_find(node, "per"), err, "'per' is day or week");
    if (!cap->waits && strcmp(over, "skip") != 0)
        return yaml_fail(yaml_find(node, "over"), err, "'over' is skip or wait");
    return true;
}

static bool read_caps(const struct yaml_node *list, struct arena *arena, struct contact_rules *rules,
                      struct err *err)
{
    if (!list) return true;
    struct cap *caps = ARENA_ARRAY(arena, struct cap, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        if (!read_cap(list->items[i], &caps[i], err)) return false;
    rules->caps = caps;
    rules->n_caps = list->n;
    return true;
}

static bool read_topics(const struct yaml_node *map, struct arena *arena, struct contact_rules *rules,
                        struct err *err)
{
    static const char *const words[] = { "consent", "legitimate_interest", "contract" };
    static const enum topic_basis bases[] = { BASIS_CONSENT, BASIS_INTEREST, BASIS_CONTRACT };
    if (!map) return true;
    struct contact_topic *topics = ARENA_ARRAY(arena, struct contact_topic, map->n + 1);
    for (size_t i = 0; i < map->n; i++) {
        const char *word = "consent";
        if (map->items[i]->kind == YAML_MAP && !yaml_text(map->items[i], "basis", &word, err)) return false;
        topics[i] = (struct contact_topic){ map->keys[i], BASIS_INTEREST };
        for (size_t j = 0; j < COUNT(words); j++)
            if (strcmp(word, words[j]) == 0) topics[i].basis = bases[j];
    }
    rules->topics = topics;
    rules->n_topics = map->n;
    return true;
}

static enum channel_kind kind_of_word(const char *kind, const char *format)
{
    if (strcmp(kind, "smtp") == 0 || strcmp(kind, "email") == 0) return CHANNEL_SMTP;
    if (strcmp(kind, "twilio") == 0 || strcmp(kind, "sms") == 0) return CHANNEL_TWILIO;
    if (strcmp(format, "calls") == 0) return CHANNEL_CALLS;
    if (strcmp(format, "audience") == 0) return CHANNEL_AUDIENCE;
    return strcmp(format, "post") == 0 ? CHANNEL_POST : CHANNEL_WEBHOOK;
}

static bool read_channels(const struct yaml_node *map, struct arena *arena, struct contact_rules *rules,
                          struct err *err)
{
    if (!map) return true;
    struct contact_channel *channels = ARENA_ARRAY(arena, struct contact_channel, map->n + 1);
    for (size_t i = 0; i < map->n; i++) {
        const char *kind = "", *format = "";
        if (!yaml_text(map->items[i], "kind", &kind, err) || !yaml_text(map->items[i], "format", &format, err))
            return false;
        channels[i] =
            (struct contact_channel){ map->keys[i], kind_of_word(kind, strcmp(kind, "file") == 0 ? format : "") };
    }
    rules->channels = channels;
    rules->n_channels = map->n;
    return true;
}

static bool read_zone(const struct settings *settings, struct arena *arena, struct contact_rules *rules,
                      struct err *err)
{
    const struct zone *zone;
    struct err none;
    if (!settings_text(settings, "zone", &rules->zone, err)) return false;
    if (!rules->zone || zone_open(ZONES_FOLDER, text_of(rules->zone), arena, &zone, &none)) return true;
    return yaml_fail(settings_section(settings, "zone"), err,
                     "'%.60s' is no zone of the system's: a name such as Europe/Berlin", rules->zone);
}

bool contact_rules_read(const struct settings *settings, struct arena *arena, struct contact_rules *ret_rules,
                        struct err *err)
{
    struct contact_rules rules = { .holdout_share = HOLDOUT_USUAL_SHARE };
    if (!read_quiet(settings_section(settings, "quiet_hours"), &rules, err) ||
        !read_caps(settings_section(settings, "caps"), arena, &rules, err) ||
        !read_topics(settings_section(settings, "topics"), arena, &rules, err) ||
        !read_channels(settings_section(settings, "channels"), arena, &rules, err) ||
        !settings_share(settings, "holdout_share", &rules.holdout_share, err) ||
        !read_zone(settings, arena, &rules, err) || !costs_read(settings, NULL, arena, &rules.costs, err))
        return false;
    *ret_rules = rules;
    return true;
}

/* ---- what the rules say of names ---- */

enum channel_kind contact_channel_kind(const struct contact_rules *rules, const char *channel)
{
    for (size_t i = 0; i < rules->n_channels; i++)
        if (strcmp(rules->channels[i].name, channel) == 0) return rules->channels[i].kind;
    return kind_of_word(channel, channel);
}

bool contact_has_channel(const struct contact_rules *rules, const char *channel)
{
    for (size_t i = 0; i < rules->n_channels; i++)
        if (strcmp(rules->channels[i].name, channel) == 0) return true;
    return rules->n_channels == 0;
}

enum topic_basis contact_basis(const struct contact_rules *rules, const char *topic)
{
    for (size_t i = 0; topic && i < rules->n_topics; i++)
        if (strcmp(rules->topics[i].name, topic) == 0) return rules->topics[i].basis;
    return BASIS_NONE;
}

double contact_cost(const struct contact_rules *rules, const char *channel, int64_t at_ms)
{
    return costs_contact(&rules->costs, channel, calendar_day_of_ms(at_ms));
}

bool contact_is_personal(enum channel_kind kind) { return kind != CHANNEL_WEBHOOK; }

enum consent_said contact_said(const char *channel, const char *topic,
                               enum consent_said (*said)(void *context, const char *name), void *context)
{
    char both[256];
    enum consent_said of_channel = said(context, channel);
    if (!topic) return of_channel;
    snprintf(both, sizeof both, "%s.%s", channel, topic);
    enum consent_said of_topic = said(context, topic), of_both = said(context, both);
    if (of_channel == CONSENT_SAID_NO || of_topic == CONSENT_SAID_NO || of_both == CONSENT_SAID_NO)
        return CONSENT_SAID_NO;
    return of_topic == CONSENT_SAID_YES || of_both == CONSENT_SAID_YES ? CONSENT_SAID_YES : CONSENT_SAID_NOTHING;
}

/* ---- judging ---- */

static bool is_over(const struct cap *cap, const struct contact_facts *facts, const char *channel,
                    const char *topic, const struct zone *zone, int64_t now_ms)
{
    if (cap->channel && strcmp(cap->channel, channel) != 0) return false;
    if (cap->topic && (!topic || strcmp(cap->topic, topic) != 0)) return false;
    uint32_t n = 0;
    int64_t now = cap->is_week ? moment_week(zone, now_ms) : moment_day(zone, now_ms);
    for (size_t i = 0; i < facts->n_sent; i++) {
        const struct contacted *sent = &facts->sent[i];
        if (cap->channel && strcmp(cap->channel, sent->channel) != 0) continue;
        if (cap->topic && (!sent->topic || strcmp(cap->topic, sent->topic) != 0)) continue;
        n += now == (cap->is_week ? moment_week(zone, sent->at_ms) : moment_day(zone, sent->at_ms));
    }
    return n >= cap->most;
}

static struct contact_answer answer(enum contact_verdict verdict, enum contact_rule rule, int64_t until_ms)
{
    return (struct contact_answer){ verdict, rule, until_ms, false };
}

static struct contact_answer of_budget(enum contact_verdict verdict, enum contact_rule rule, int64_t until_ms)
{
    return (struct contact_answer){ verdict, rule, until_ms, true };
}

static enum contact_rule rule_of_reach(const struct contact_facts *facts, bool is_transactional,
                                       bool needs_consent)
{
    struct reach_facts reach = { .heard = facts->heard, .said = facts->said, .is_held_out = facts->is_held_out };
    if (is_transactional) {
        reach.said = CONSENT_SAID_YES;
        reach.is_held_out = false;
        if (reach.heard == CONSENT_REFUSED) reach.heard = CONSENT_ALLOWED;
    }
    switch (reach_rule_of(&reach)) {
    case REACH_SUPPRESSED: return RULE_SUPPRESSED;
    case REACH_CONSENT: return RULE_CONSENT;
    case REACH_HOLDOUT: return needs_consent && reach.said == CONSENT_SAID_NOTHING ? RULE_CONSENT : RULE_HOLDOUT;
    case REACH_OPEN: case REACH_CAP: break;
    }
    return needs_consent && reach.said != CONSENT_SAID_YES ? RULE_CONSENT : RULE_NONE;
}

enum { SAME_ADDRESS_DAYS = 7 };

bool contact_is_duplicate(bool by_another, int64_t before_ms, int64_t now_ms)
{
    return by_another && before_ms > now_ms - SAME_ADDRESS_DAYS * MS_PER_DAY;
}

struct contact_answer contact_judge(const struct contact_rules *rules, const struct contact_facts *facts,
                                    const char *channel, const char *topic, const struct zone *zone,
                                    int64_t now_ms)
{
    enum topic_basis basis = contact_basis(rules, topic);
    bool is_transactional = basis == BASIS_CONTRACT;
    bool is_personal = contact_is_personal(contact_channel_kind(rules, channel));
    if (facts->is_stopped) return answer(CONTACT_HOLD, RULE_STOPPED, MOMENT_NEVER);
    if (facts->is_unapproved) return answer(CONTACT_HOLD, RULE_APPROVAL, MOMENT_NEVER);
    struct contact_facts asked = *facts;
    if (!is_personal) asked.said = CONSENT_SAID_YES;        /* our own programs may know what was not agreed to */
    enum contact_rule rule = rule_of_reach(&asked, is_transactional, basis == BASIS_CONSENT && is_personal);
    if (rule != RULE_NONE) return answer(CONTACT_SKIP, rule, 0);
    if (is_personal && !facts->has_address) return answer(CONTACT_SKIP, RULE_NO_ADDRESS, 0);
    if (is_personal && facts->is_refused_address) return answer(CONTACT_SKIP, RULE_SUPPRESSED, 0);
    if (facts->is_duplicate) return answer(CONTACT_SKIP, RULE_DUPLICATE, 0);
    switch (facts->budget) {
    case BUDGET_LEFT: break;
    case BUDGET_NEVER: return of_budget(CONTACT_SKIP, RULE_CAP, 0);
    case BUDGET_SPENT: return of_budget(CONTACT_HOLD, RULE_CAP, facts->budget_until_ms);
    case BUDGET_UNAPPROVED: return of_budget(CONTACT_HOLD, RULE_APPROVAL, facts->budget_until_ms);
    }
    if (!is_personal || is_transactional) return answer(CONTACT_GO, RULE_NONE, 0);
    if (rules->is_quiet_set && moment_is_inside(zone, now_ms, &rules->quiet))
        return answer(CONTACT_HOLD, RULE_QUIET_HOURS, moment_outside(zone, now_ms, &rules->quiet));
    for (size_t i = 0; i < rules->n_caps; i++) {
        if (!is_over(&rules->caps[i], facts, channel, topic, zone, now_ms)) continue;
        if (!rules->caps[i].waits || rules->caps[i].most == 0) return answer(CONTACT_SKIP, RULE_CAP, 0);
        return answer(CONTACT_HOLD, RULE_CAP, rules->caps[i].is_week ? moment_next_week(zone, now_ms)
                                                                     : moment_next_day(zone, now_ms));
    }
    return answer(CONTACT_GO, RULE_NONE, 0);
}
