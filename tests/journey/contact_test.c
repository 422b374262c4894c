/* The rules of contact, one by one and in their order. */
#include "journey/contact.h"
#include "support.h"

#include <string.h>

static const char settings_text_of_all[] =
    "zone: Europe/Berlin\n"
    "topics: {offers: {basis: consent}, news: {basis: legitimate_interest}, receipts: {basis: contract}}\n"
    "quiet_hours: {from: \"21:00\", to: \"08:00\"}\n"
    "caps: [{channel: email, most: 1, per: day, over: skip}, {topic: news, most: 2, per: week, over: wait}]\n"
    "channels: {email: {kind: smtp}, crm: {kind: webhook}, lines: {kind: file, format: calls}}\n";

static struct contact_rules rules;
static struct arena *arena;

static int64_t ms(const char *iso)
{
    int64_t time_ms;
    cr_assert(calendar_parse_iso(iso, strlen(iso), &time_ms), "%s", iso);
    return time_ms;
}

static void open_rules(void)
{
    struct settings settings = { .path = "holdfast.yaml" };
    struct err err;
    arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(yaml_parse(settings_text_of_all, strlen(settings_text_of_all), "holdfast.yaml", arena,
                         &settings.root, &err),
              &err);
    ASSERT_OK(contact_rules_read(&settings, arena, &rules, &err), &err);
}

static void close_rules(void) { arena_free(arena); }

static const struct contact_facts open_facts = { .heard = CONSENT_ALLOWED,
                                                 .said = CONSENT_SAID_YES,
                                                 .has_address = true };
#define NOON "2027-03-01T12:00:00Z"

static struct contact_answer ask(const struct contact_facts *facts, const char *channel, const char *topic,
                                 const char *at)
{
    return contact_judge(&rules, facts, channel, topic, zone_utc, ms(at));
}

#define ASSERT_ANSWER(answer, wanted_verdict, wanted_rule)                                   \
    do {                                                                                     \
        struct contact_answer got = (answer);                                                \
        cr_assert_eq(got.verdict, wanted_verdict);                                           \
        cr_assert_eq(got.rule, wanted_rule, "%s", contact_rule_word(got.rule));              \
    } while (0)

Test(journey, a_message_goes_where_nothing_stands_in_the_way, .init = open_rules, .fini = close_rules)
{
    ASSERT_ANSWER(ask(&open_facts, "email", "offers", NOON), CONTACT_GO, RULE_NONE);
}

Test(journey, a_topic_by_consent_needs_a_yes_and_one_by_interest_only_no_refusal, .init = open_rules,
     .fini = close_rules)
{
    struct contact_facts facts = open_facts;
    facts.said = CONSENT_SAID_NOTHING;
    ASSERT_ANSWER(ask(&facts, "email", "offers", NOON), CONTACT_SKIP, RULE_CONSENT);
    ASSERT_ANSWER(ask(&facts, "email", "news", NOON), CONTACT_GO, RULE_NONE);
    facts.said = CONSENT_SAID_NO;
    ASSERT_ANSWER(ask(&facts, "email", "news", NOON), CONTACT_SKIP, RULE_CONSENT);
}

Test(journey, what_a_contract_asks_for_goes_past_refusals_caps_quiet_hours_and_holdout_but_never_to_the_suppressed,
     .init = open_rules, .fini = close_rules)
{
    const struct contacted today = { ms("2027-03-01T10:00:00Z"), "email", NULL };
    struct contact_facts facts = open_facts;
    facts.said = CONSENT_SAID_NO;
    facts.is_held_out = true;
    facts.sent = &today;
    facts.n_sent = 1;
    ASSERT_ANSWER(ask(&facts, "email", "receipts", "2027-03-01T23:00:00Z"), CONTACT_GO, RULE_NONE);
    facts.heard = CONSENT_SUPPRESSED;
    ASSERT_ANSWER(ask(&facts, "email", "receipts", NOON), CONTACT_SKIP, RULE_SUPPRESSED);
    facts.heard = CONSENT_ALLOWED;
    facts.is_refused_address = true;
    ASSERT_ANSWER(ask(&facts, "email", "receipts", NOON), CONTACT_SKIP, RULE_SUPPRESSED);
}

Test(journey, quiet_hours_hold_a_message_until_the_clock_reads_their_end, .init = open_rules, .fini = close_rules)
{
    struct contact_answer answer = ask(&open_facts, "email", "offers", "2027-03-01T22:30:00Z");
    ASSERT_ANSWER(answer, CONTACT_HOLD, RULE_QUIET_HOURS);
    cr_assert_eq(answer.until_ms, ms("2027-03-02T08:00:00Z"));
}

Test(journey, over_a_cap_a_message_is_skipped_or_waits_as_the_cap_says, .init = open_rules, .fini = close_rules)
{
    const struct contacted sent[] = { { ms("2027-03-01T09:00:00Z"), "lines", "news" },
                                      { ms("2027-03-02T09:00:00Z"), "email", "news" } };
    struct contact_facts facts = open_facts;
    facts.sent = sent;
    facts.n_sent = 2;
    ASSERT_ANSWER(ask(&facts, "email", "offers", "2027-03-02T12:00:00Z"), CONTACT_SKIP, RULE_CAP);
    ASSERT_ANSWER(ask(&facts, "email", "offers", "2027-03-03T12:00:00Z"), CONTACT_GO, RULE_NONE);
    struct contact_answer answer = ask(&facts, "lines", "news", "2027-03-03T12:00:00Z");
    ASSERT_ANSWER(answer, CONTACT_HOLD, RULE_CAP);
    cr_assert_eq(answer.until_ms, ms("2027-03-08"));
}

Test(journey, a_webhook_to_our_own_programs_waits_for_nobody_to_wake, .init = open_rules, .fini = close_rules)
{
    struct contact_facts facts = open_facts;
    facts.has_address = false;
    ASSERT_ANSWER(ask(&facts, "crm", "offers", "2027-03-01T23:00:00Z"), CONTACT_GO, RULE_NONE);
    ASSERT_ANSWER(ask(&facts, "email", "offers", NOON), CONTACT_SKIP, RULE_NO_ADDRESS);
}

Test(journey, what_is_stopped_or_not_approved_is_held_until_somebody_lets_it_go, .init = open_rules,
     .fini = close_rules)
{
    struct contact_facts facts = open_facts;
    facts.is_stopped = true;
    ASSERT_ANSWER(ask(&facts, "email", "offers", NOON), CONTACT_HOLD, RULE_STOPPED);
    facts.is_stopped = false;
    facts.is_unapproved = true;
    struct contact_answer answer = ask(&facts, "email", "offers", NOON);
    ASSERT_ANSWER(answer, CONTACT_HOLD, RULE_APPROVAL);
    cr_assert_eq(answer.until_ms, MOMENT_NEVER);
}

static enum consent_said said_of(void *context, const char *name)
{
    const char *const *said = context;      /* name, word, name, word, NULL */
    for (size_t i = 0; said[i]; i += 2)
        if (strcmp(said[i], name) == 0)
            return strcmp(said[i + 1], "yes") == 0 ? CONSENT_SAID_YES : CONSENT_SAID_NO;
    return CONSENT_SAID_NOTHING;
}

Test(journey, a_refusal_at_any_level_wins_over_a_consent_at_another)
{
    const char *topic_only[] = { "offers", "yes", NULL }, *channel_no[] = { "offers", "yes", "email", "no", NULL },
               *both_no[] = { "offers", "yes", "email.offers", "no", NULL },
               *both_yes[] = { "email.offers", "yes", NULL }, *channel_yes[] = { "email", "yes", NULL };
    cr_assert_eq(contact_said("email", "offers", said_of, topic_only), CONSENT_SAID_YES);
    cr_assert_eq(contact_said("email", "offers", said_of, channel_no), CONSENT_SAID_NO);
    cr_assert_eq(contact_said("email", "offers", said_of, both_no), CONSENT_SAID_NO);
    cr_assert_eq(contact_said("email", "offers", said_of, both_yes), CONSENT_SAID_YES);
    cr_assert_eq(contact_said("email", "offers", said_of, channel_yes), CONSENT_SAID_NOTHING);
    cr_assert_eq(contact_said("email", NULL, said_of, channel_yes), CONSENT_SAID_YES);
}

Test(journey, settings_that_are_wrong_are_refused_with_their_line)
{
    static const struct { const char *yaml, *sentence; } wrong[] = {
        { "zone: Mars/Base\n", "holdfast.yaml:1:7: 'Mars/Base' is no zone" },
        { "zone: ../../etc/passwd\n", "holdfast.yaml:1:7: '../../etc/passwd' is no zone" },
        { "quiet_hours: {from: \"21:00\", to: \"21:00\"}\n", "would last for ever" },
        { "quiet_hours: {from: \"25:00\", to: \"08:00\"}\n", "holdfast.yaml:1:" },
        { "caps: [{channel: email, per: day}]\n", "'most' must be a number" },
        { "caps: [{most: 1, per: year}]\n", "'per' is day or week" },
    };
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct settings settings = { .path = "holdfast.yaml" };
        struct contact_rules none;
        struct err err;
        ASSERT_OK(yaml_parse(wrong[i].yaml, strlen(wrong[i].yaml), "holdfast.yaml", scratch, &settings.root, &err),
                  &err);
        ASSERT_FAILS(contact_rules_read(&settings, scratch, &none, &err), &err, ERR_INVALID, wrong[i].sentence);
    }
    arena_free(scratch);
}
