/* topic_test.c - who agrees to be written to about what, and addresses that nothing is sent to. */
#include "customer/closed_address.h"
#include "customer/topic.h"
#include "base/secret.h"
#include "support.h"

struct room {
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct consents   *consents;
    struct vault       vault;
    struct topics      topics;
    struct arena      *arena;
    uint32_t           ada;
};

static struct room room_open(void)
{
    struct err err;
    struct settings settings;
    struct room room = { .arena = arena_new(ARENA_NO_LIMIT) };
    static const char yaml[] =
        "topics: {offers: {basis: consent}, news: {basis: consent, double_opt_in: true}, tips: {basis: interest}, "
        "receipts: {basis: contract}}\n";
    support_write(support_path("t.yaml"), yaml, strlen(yaml));
    ASSERT_OK(secret_start(&err), &err);
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &room.store, &err), &err);
    ASSERT_OK(log_open(room.store, &room.log, &err), &err);
    ASSERT_OK(identities_open(room.store, room.log, &room.identities, &err), &err);
    ASSERT_OK(vault_open(room.store, true, &room.vault, &err), &err);
    ASSERT_OK(consents_open(room.store, room.log, room.identities, &room.vault, &room.consents, &err), &err);
    ASSERT_OK(settings_read(support_path("t.yaml"), room.arena, &settings, &err), &err);
    ASSERT_OK(topics_read(&settings, room.arena, &room.topics, &err), &err);
    ASSERT_OK(log_intern(room.log, DICTIONARY_IDENTITY, text_of("ada"), &room.ada, &err), &err);
    return room;
}

static void room_close(struct room *room)
{
    consents_close(room->consents);
    identities_close(room->identities);
    log_close(room->log);
    store_close(room->store);
    arena_free(room->arena);
}

static void state(struct room *room, const char *json, int64_t at_ms)
{
    struct err err;
    ASSERT_OK(consents_put(room->consents, room->store, text_of("ada"), text_of(json), at_ms, text_of("test"),
                           text_of(""), &err),
              &err);
}

static enum consent_said said(struct room *room, const char *channel, const char *topic)
{
    struct err err;
    enum consent_said is = CONSENT_SAID_NOTHING;
    ASSERT_OK(topic_said(&room->topics, room->consents, room->store, &room->ada, 1, text_of(channel),
                         text_of(topic), &is, &err),
              &err);
    return is;
}

Test(topic, a_refusal_at_any_level_wins_and_silence_is_no_consent)
{
    struct room room = room_open();
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_NO);
    cr_assert_eq(said(&room, "email", "tips"), CONSENT_SAID_NOTHING);
    cr_assert_eq(said(&room, "email", "unknown"), CONSENT_SAID_NOTHING);
    cr_assert_eq(said(&room, "email", "receipts"), CONSENT_SAID_NOTHING);
    state(&room, "{\"email\": true}", 1);
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_NO, "a yes to the way is none to the topic");
    state(&room, "{\"offers\": true}", 2);
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_YES);
    cr_assert_eq(said(&room, "sms", "offers"), CONSENT_SAID_YES);
    state(&room, "{\"sms.offers\": false}", 3);
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_YES);
    cr_assert_eq(said(&room, "sms", "offers"), CONSENT_SAID_NO);
    state(&room, "{\"email\": false}", 4);
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_NO);
    cr_assert_eq(said(&room, "email", "tips"), CONSENT_SAID_NO);
    cr_assert_eq(said(&room, "email", "receipts"), CONSENT_SAID_NOTHING, "a contract asks nobody");
    state(&room, "{\"email\": true, \"email.offers\": true}", 5);
    cr_assert_eq(said(&room, "email", "offers"), CONSENT_SAID_YES);
    room_close(&room);
}

Test(topic, of_double_opt_in_a_yes_counts_once_it_was_confirmed_and_until_the_next_no)
{
    struct room room = room_open();
    struct err err;
    state(&room, "{\"news\": true}", 1);
    cr_assert_eq(said(&room, "email", "news"), CONSENT_SAID_NO);
    ASSERT_OK(
        consents_confirm(room.consents, room.store, text_of("ada"), text_of("news"), 2, text_of("m_1"), &err),
        &err);
    cr_assert_eq(said(&room, "email", "news"), CONSENT_SAID_YES);
    state(&room, "{\"news\": true, \"x\": true}", 3);
    cr_assert_eq(said(&room, "email", "news"), CONSENT_SAID_YES);
    state(&room, "{\"news\": false}", 4);
    cr_assert_eq(said(&room, "email", "news"), CONSENT_SAID_NO);
    state(&room, "{\"news\": true}", 5);
    cr_assert_eq(said(&room, "email", "news"), CONSENT_SAID_NO, "the confirmation was of the yes before");
    room_close(&room);
}

Test(topic, what_is_wrong_in_the_settings_is_told_with_its_line)
{
    static const struct { const char *yaml, *told; } cases[] = {
        { "topics:\n  offers: {}\n", "t.yaml:2:11: topic 'offers' needs a basis" },
        { "topics:\n  offers: {basis: hope}\n", "t.yaml:2:19: topic 'offers' needs a basis" },
        { "topics:\n  offers: {basis: consent, double_opt_in: perhaps}\n", "true or false" },
        { "topics:\n  offers: {basis: consent, colour: red}\n", "'colour' is not known here" },
        { "topics:\n  'a b': {basis: consent}\n", "is no name of a topic" },
    };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct settings settings;
    struct topics topics;
    struct err err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        support_write(support_path("t.yaml"), cases[i].yaml, strlen(cases[i].yaml));
        ASSERT_OK(settings_read(support_path("t.yaml"), arena, &settings, &err), &err);
        ASSERT_FAILS(topics_read(&settings, arena, &topics, &err), &err, ERR_INVALID, cases[i].told);
    }
    arena_free(arena);
}

Test(closed_address, is_closed_whatever_its_case_and_names_nobody)
{
    struct room room = room_open();
    struct err err;
    bool is_closed = true;
    ASSERT_OK(closed_address_find(room.store, &room.vault, text_of("ada@example.net"), &is_closed, &err), &err);
    cr_assert_not(is_closed);
    ASSERT_OK(closed_address_put(room.store, &room.vault, text_of("Ada@Example.net"), text_of("email"), "bounce",
                                 5, &err),
              &err);
    ASSERT_OK(closed_address_put(room.store, &room.vault, text_of("ada@example.net"), text_of("email"),
                                 "complaint", 6, &err),
              &err);
    ASSERT_OK(closed_address_find(room.store, &room.vault, text_of("ada@example.NET"), &is_closed, &err), &err);
    cr_assert(is_closed);
    ASSERT_OK(closed_address_find(room.store, &room.vault, text_of("bob@example.net"), &is_closed, &err), &err);
    cr_assert_not(is_closed);
    ASSERT_OK(closed_address_remove(room.store, &room.vault, text_of("ada@example.net"), &err), &err);
    ASSERT_OK(closed_address_find(room.store, &room.vault, text_of("ada@example.net"), &is_closed, &err), &err);
    cr_assert_not(is_closed);
    room_close(&room);
}
