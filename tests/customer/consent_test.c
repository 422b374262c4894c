/* consent_test.c - who is let in at the door. */
#include "customer/consent.h"
#include "base/secret.h"
#include "support.h"
#include "store/sql.h"

struct door {
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct consents   *consents;
    struct vault       vault;
    struct arena      *arena;
};

static struct door door_open(void)
{
    struct err err;
    struct door door = { .arena = arena_new(ARENA_NO_LIMIT) };
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &door.store, &err), &err);
    ASSERT_OK(log_open(door.store, &door.log, &err), &err);
    ASSERT_OK(identities_open(door.store, door.log, &door.identities, &err), &err);
    ASSERT_OK(vault_open(door.store, true, &door.vault, &err), &err);
    ASSERT_OK(consents_open(door.store, door.log, door.identities, &door.vault, &door.consents, &err), &err);
    return door;
}

static void door_close(struct door *door)
{
    consents_close(door->consents);
    identities_close(door->identities);
    log_close(door->log);
    store_close(door->store);
    arena_free(door->arena);
}

static enum consent_verdict ask(struct door *door, const char *name)
{
    return consents_check(door->consents, text_of(name));
}

static void state(struct door *door, const char *name, const char *json, int64_t received_ms)
{
    struct err err;
    ASSERT_OK(consents_put(door->consents, door->store, text_of(name), text_of(json), received_ms, text_of("form"),
                           text_of("m1"), &err), &err);
}

static void reload(struct door *door)
{
    struct err err;
    ASSERT_OK(consents_reload(door->consents, door->store, &err), &err);
}

Test(consent, who_is_suppressed_is_not_heard_until_the_end_of_it)
{
    struct door door = door_open();
    struct err err;
    int64_t since_ms;
    const char *source;
    cr_assert_eq(ask(&door, "ada"), CONSENT_ALLOWED);
    ASSERT_OK(consents_suppress(door.consents, door.store, text_of("ada"), 7, text_of("api"), &err), &err);
    ASSERT_OK(consents_suppress(door.consents, door.store, text_of("ada"), 9, text_of("desk"), &err), &err);
    cr_assert_eq(ask(&door, "ada"), CONSENT_SUPPRESSED);
    cr_assert_eq(ask(&door, "bob"), CONSENT_ALLOWED);
    reload(&door);
    cr_assert_eq(ask(&door, "ada"), CONSENT_SUPPRESSED);
    ASSERT_OK(consents_suppressed(door.consents, door.store, text_of("ada"), door.arena, &since_ms, &source, &err),
              &err);
    cr_assert_eq(since_ms, 7);
    cr_assert_str_eq(source, "api");
    ASSERT_OK(consents_unsuppress(door.consents, door.store, text_of("ada"), 9, text_of("api"), &err), &err);
    cr_assert_eq(ask(&door, "ada"), CONSENT_ALLOWED);
    reload(&door);
    cr_assert_eq(ask(&door, "ada"), CONSENT_ALLOWED);
    door_close(&door);
}

Test(consent, refusing_to_be_measured_closes_the_door_and_other_purposes_do_not)
{
    struct door door = door_open();
    state(&door, "ada", "{\"email\": false, \"analytics\": true}", 1);
    cr_assert_eq(ask(&door, "ada"), CONSENT_ALLOWED);
    state(&door, "ada", "{\"Analytics\": false}", 2);
    cr_assert_eq(ask(&door, "ada"), CONSENT_REFUSED);
    state(&door, "bob", "{\"tracking\": false, \"analytics\": false}", 2);
    state(&door, "bob", "{\"tracking\": true}", 3);
    cr_assert_eq(ask(&door, "bob"), CONSENT_REFUSED, "one of the two still stands");
    reload(&door);
    cr_assert_eq(ask(&door, "ada"), CONSENT_REFUSED);
    cr_assert_eq(ask(&door, "bob"), CONSENT_REFUSED);
    state(&door, "bob", "{\"analytics\": true}", 4);
    cr_assert_eq(ask(&door, "bob"), CONSENT_ALLOWED);
    reload(&door);
    cr_assert_eq(ask(&door, "bob"), CONSENT_ALLOWED);
    door_close(&door);
}

Test(consent, a_refusal_holds_for_every_identity_of_the_customer)
{
    struct door door = door_open();
    struct err err;
    uint32_t user, device;
    enum link_result result;
    const char *why;
    ASSERT_OK(log_intern(door.log, DICTIONARY_IDENTITY, text_of("ada"), &user, &err), &err);
    ASSERT_OK(log_intern(door.log, DICTIONARY_IDENTITY, text_of("anonymous:x"), &device, &err), &err);
    state(&door, "ada", "{\"analytics\": false}", 1);
    cr_assert_eq(ask(&door, "anonymous:x"), CONSENT_ALLOWED);
    ASSERT_OK(identities_link(door.identities, door.store, user, device, LINK_IDENTIFY, 2, &result, &why, &err),
              &err);
    cr_assert_eq(ask(&door, "anonymous:x"), CONSENT_REFUSED);
    ASSERT_OK(identities_unlink(door.identities, door.store, user, device, 2, &err), &err);
    cr_assert_eq(ask(&door, "anonymous:x"), CONSENT_ALLOWED);
    door_close(&door);
}

static size_t n_statements(struct door *door, const char *name)
{
    struct err err;
    struct sql_consent_of row;
    uint8_t key[VAULT_KEY_BYTES], hash[VAULT_HASH_BYTES];
    size_t n = 0;
    secret_keyed_hash(door->vault.hash_key, text_of("consent"), key, sizeof key);
    secret_keyed_hash(key, text_of(name), hash, sizeof hash);
    ASSERT_OK(sql_consent_of(door->store, bytes_of(hash, sizeof hash), &row, &err), &err);
    while (sql_consent_of_step(&row, &err) == STEP_ROW) n++;
    cursor_close(row.cursor);
    return n;
}

Test(consent, statements_are_kept_with_source_and_proof_and_repetitions_are_not)
{
    struct door door = door_open();
    struct err err;
    uint32_t members[2];
    struct text json;
    enum consent_said said;
    ASSERT_OK(log_intern(door.log, DICTIONARY_IDENTITY, text_of("ada"), &members[0], &err), &err);
    ASSERT_OK(log_intern(door.log, DICTIONARY_IDENTITY, text_of("anonymous:x"), &members[1], &err), &err);
    state(&door, "ada", "{\"email\": true}", 1);
    state(&door, "ada", "{\"email\": true}", 2);
    reload(&door);
    state(&door, "ada", "{\"email\": true}", 3);
    cr_assert_eq(n_statements(&door, "ada"), 1);
    state(&door, "ada", "{\"email\": false}", 4);
    state(&door, "ada", "{\"email\": true}", 5);
    cr_assert_eq(n_statements(&door, "ada"), 3);
    state(&door, "anonymous:x", "{\"email\": false}", 6);
    ASSERT_OK(consents_get(door.consents, door.store, members, 1, door.arena, &json, &err), &err);
    cr_assert_str_eq(json.at,
                     "{\"email\":{\"given\":true,\"proof\":\"m1\",\"since_ms\":5,\"source\":\"form\"}}");
    ASSERT_OK(consents_said(door.consents, door.store, members, 1, "email", &said, &err), &err);
    cr_assert_eq(said, CONSENT_SAID_YES);
    ASSERT_OK(consents_said(door.consents, door.store, members, 2, "email", &said, &err), &err);
    cr_assert_eq(said, CONSENT_SAID_NO);
    ASSERT_OK(consents_said(door.consents, door.store, members, 2, "sms", &said, &err), &err);
    cr_assert_eq(said, CONSENT_SAID_NOTHING);
    door_close(&door);
}

Test(consent, what_is_no_statement_is_refused)
{
    struct door door = door_open();
    struct err err;
    static const char *const bad[] = { "", "[]", "{\"email\": 1}", "{\"email\": null}", "{\"\": true}", "{" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(consents_put(door.consents, door.store, text_of("ada"), text_of(bad[i]), 1, text_of(""),
                                  text_of(""), &err), &err, ERR_INVALID, "consent");
    cr_assert_eq(n_statements(&door, "ada"), 0);
    door_close(&door);
}

Test(consent, many_suppressed_are_all_found)
{
    struct door door = door_open();
    struct err err;
    for (int i = 0; i < 500; i++)
        ASSERT_OK(consents_suppress(door.consents, door.store, text_of(arena_format(door.arena, "u%d", 2 * i)), 1,
                                    text_of("api"), &err), &err);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(ask(&door, arena_format(door.arena, "u%d", i)), i % 2 ? CONSENT_ALLOWED : CONSENT_SUPPRESSED);
    door_close(&door);
}
