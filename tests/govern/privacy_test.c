/* privacy_test.c - one person's data: all of it comes out, none of it stays.  That requests are carried out by
 * themselves is tested where they are, in tests/engine/service_test.c. */
#include "govern/privacy.h"
#include "base/calendar.h"
#include "support.h"
#include "store/sql.h"

#include <stdlib.h>

enum { OTHERS = 40 };

/* A shop with one person, Ada, of three identities, among others. */
struct shop {
    struct arena  *arena;
    struct privacy privacy;
    uint32_t       ada[3];          /* user id, browser, e-mail */
    size_t         n_events;
};

#define ADA_ID "customer-lovelace-1815"
#define ADA_BROWSER "c0ffee00-browser-of-ada"
#define ADA_EMAIL "ada.lovelace@analytical.example"
#define ADA_WORDS "the-engine-weaves-algebraic-patterns"
static const char *const ada_texts[] = { "lovelace",   "Lovelace",         "browser-of-ada",
                                         "analytical", "weaves-algebraic", "0044-1815" };

static struct shop shop_open(const char *path)
{
    struct err err;
    struct shop shop = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct privacy *privacy = &shop.privacy;
    ASSERT_OK(store_open(path, STORE_CREATE, &privacy->store, &err), &err);
    ASSERT_OK(log_open(privacy->store, &privacy->log, &err), &err);
    ASSERT_OK(identities_open(privacy->store, privacy->log, &privacy->identities, &err), &err);
    ASSERT_OK(profiles_open(privacy->store, true, &privacy->profiles, &err), &err);
    ASSERT_OK(consents_open(privacy->store, privacy->log, privacy->identities, profiles_vault(privacy->profiles),
                            &privacy->consents, &err), &err);
    return shop;
}

static void shop_close(struct shop *shop)
{
    consents_close(shop->privacy.consents);
    profiles_close(shop->privacy.profiles);
    identities_close(shop->privacy.identities);
    log_close(shop->privacy.log);
    store_close(shop->privacy.store);
    arena_free(shop->arena);
}

static uint32_t intern(struct shop *shop, enum dictionary dictionary, struct text text)
{
    struct err err;
    uint32_t index;
    ASSERT_OK(log_intern(shop->privacy.log, dictionary, text, &index, &err), &err);
    return index;
}

/* One event with properties, in a commit of its own. */
static void append(struct shop *shop, uint32_t identity, int64_t time_ms, const char *properties)
{
    struct err err;
    uint16_t kind = (uint16_t)intern(shop, DICTIONARY_KIND, text_of("search")), source = 0;
    uint32_t end = (uint32_t)strlen(properties), item = intern(shop, DICTIONARY_ITEM, text_of("loom"));
    uint64_t hash = 7;
    int64_t amount_cents = 250, quantity_milli = 0;
    const struct events events = { .n = 1, .received_ms = &time_ms, .time_ms = &time_ms, .identity = &identity,
                                   .kind = &kind, .amount_cents = &amount_cents, .quantity_milli = &quantity_milli,
                                   .item = &item, .source = &source, .message_hash = &hash, .properties_end = &end,
                                   .properties_bytes = properties };
    ASSERT_OK(store_begin(shop->privacy.store, &err), &err);
    ASSERT_OK(log_append(shop->privacy.log, &events, &err), &err);
    ASSERT_OK(store_commit(shop->privacy.store, &err), &err);
    shop->n_events++;
}

/* Rows that name Ada in tables of others. */
static void fill_tables(struct shop *shop)
{
    struct store *store = shop->privacy.store;
    struct err err;
    int64_t id;
    ASSERT_OK(sql_import_put(store, text_of("a.csv"), text_of("events"), value_null(), text_of("EUR"), 0, 0, 2,
                             text_of("{}"), &id, &err),
              &err);
    ASSERT_OK(sql_reject_put(store, id, 1, 4, text_of("time"), text_of("no date"),
                             text_of(ADA_ID ",yesterday,Ada Lovelace"), &err),
              &err);
    ASSERT_OK(sql_reject_put(store, id, 2, 5, text_of("time"), text_of("no date"), text_of("bob,today"), &err), &err);
    ASSERT_OK(sql_decision_put(store, text_of("d1"), shop->ada[0], 5, text_of("home"), text_of("nothing"), 1,
                               text_of("none"), text_of("{\"customer\":\"" ADA_ID "\"}"), value_null(),
                               value_null(), value_null(), value_null(), value_text("consent"), &err),
              &err);
}

static void fill(struct shop *shop)
{
    struct err err;
    enum link_result result;
    const char *why;
    struct privacy *privacy = &shop->privacy;
    const uint8_t *key = profiles_key(privacy->profiles);
    shop->ada[0] =
        intern(shop, DICTIONARY_IDENTITY, identity_text(IDENTITY_USER, text_of(ADA_ID), key, shop->arena));
    shop->ada[1] = intern(shop, DICTIONARY_IDENTITY,
                          identity_text(IDENTITY_ANONYMOUS, text_of(ADA_BROWSER), key, shop->arena));
    shop->ada[2] =
        intern(shop, DICTIONARY_IDENTITY, identity_text(IDENTITY_EMAIL, text_of(ADA_EMAIL), key, shop->arena));
    for (int i = 0; i < OTHERS; i++) {
        uint32_t other = intern(shop, DICTIONARY_IDENTITY, text_of(arena_format(shop->arena, "other %d", i)));
        append(shop, other, 1000 + i, "{\"words\":\"weaving for beginners\"}");
        if (i % 10 == 0) append(shop, shop->ada[(i / 10) % 3], 1500 + i, "{\"words\":\"" ADA_WORDS "\"}");
    }
    ASSERT_OK(identities_link(privacy->identities, privacy->store, shop->ada[0], shop->ada[1], LINK_IDENTIFY, 1600,
                              &result, &why, &err), &err);
    ASSERT_OK(identities_link(privacy->identities, privacy->store, shop->ada[0], shop->ada[2], LINK_IDENTIFY, 1601,
                              &result, &why, &err), &err);
    ASSERT_OK(
        profiles_put(privacy->profiles, privacy->store, shop->ada[0],
                     text_of("{\"email\":\"" ADA_EMAIL "\",\"name\":\"Ada Lovelace\",\"phone\":\"0044-1815\"}"),
                     1700, &err),
        &err);
    ASSERT_OK(consents_put(privacy->consents, privacy->store, text_of(ADA_ID), text_of("{\"email\":true}"), 1700,
                           text_of("form"), text_of("m7"), &err), &err);
    fill_tables(shop);
}

static size_t count_in_file(struct arena *arena, const char *path, const char *text)
{
    size_t length = 0, n = 0;
    char *bytes = support_read(arena, path, &length);
    for (char *at = bytes; at && (at = memmem(at, length - (size_t)(at - bytes), text, strlen(text))); at++) n++;
    return n;
}

/* All that can be read of the log, as one text. */
static const char *everything_in_log(struct shop *shop)
{
    struct err err;
    struct log_reader *reader;
    const char *all = "";
    ASSERT_OK(log_reader_open(shop->privacy.log, &reader, &err), &err);
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        struct events events;
        ASSERT_OK(log_read(reader, partition, LOG_ALL, shop->arena, &events, &err), &err);
        if (events.n == 0) continue;
        all = arena_format(shop->arena, "%s%.*s", all, (int)events.properties_end[events.n - 1],
                           events.properties_bytes);
        for (size_t i = 0; i < events.n; i++) {
            struct text name = log_name(shop->privacy.log, DICTIONARY_IDENTITY, events.identity[i]);
            all = arena_format(shop->arena, "%s|%.*s", all, (int)name.length, name.at);
        }
    }
    log_reader_close(reader);
    return all;
}

static bool carry_out(struct shop *shop, int64_t id)
{
    struct err err;
    bool is_left;
    ASSERT_OK(store_begin(shop->privacy.store, &err), &err);
    ASSERT_OK(privacy_carry_out(&shop->privacy, id, 5000, &is_left, &err), &err);
    ASSERT_OK(store_commit(shop->privacy.store, &err), &err);
    return is_left;
}

Test(privacy, no_byte_of_an_erased_person_stays_in_the_files)
{
    struct err err;
    const char *path = support_path("shop.holdfast"), *wal = support_path("shop.holdfast-wal");
    struct shop shop = shop_open(path);
    int64_t id;
    size_t n;
    fill(&shop);
    size_t n_before = 0;
    for (size_t i = 0; i < sizeof ada_texts / sizeof *ada_texts; i++)
        n_before += count_in_file(shop.arena, path, ada_texts[i]) + count_in_file(shop.arena, wal, ada_texts[i]);
    cr_assert(n_before > 4, "%zu: the files show who is in them", n_before);
    cr_assert(strstr(everything_in_log(&shop), ADA_WORDS));

    struct text name =
        identity_text(IDENTITY_EMAIL, text_of(ADA_EMAIL), profiles_key(shop.privacy.profiles), shop.arena);
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_ERASE, name, 4000, text_of("shopify"), &id, &err), &err);
    cr_assert(carry_out(&shop, id), "events on their way want a second pass");
    append(&shop, shop.ada[0], 4500, "{\"words\":\"" ADA_WORDS "\"}");     /* on its way at the time */
    cr_assert_not(carry_out(&shop, id));
    ASSERT_OK(privacy_scrub(shop.privacy.store, &err), &err);

    for (size_t i = 0; i < sizeof ada_texts / sizeof *ada_texts; i++) {
        cr_expect_eq(count_in_file(shop.arena, path, ada_texts[i]), 0, "%s", ada_texts[i]);
        cr_expect_eq(count_in_file(shop.arena, wal, ada_texts[i]), 0, "%s", ada_texts[i]);
    }
    ASSERT_OK(log_reload(shop.privacy.log, &err), &err);
    const char *all = everything_in_log(&shop);
    for (size_t i = 0; i < sizeof ada_texts / sizeof *ada_texts; i++)
        cr_expect_not(strstr(all, ada_texts[i]), "%s", ada_texts[i]);
    cr_assert(strstr(all, "weaving for beginners") && strstr(all, "other 7"));
    cr_assert(count_in_file(shop.arena, path, "bob,today") == 1);

    struct log_totals totals;
    struct privacy_request *requests;
    ASSERT_OK(log_totals(shop.privacy.log, &totals, &err), &err);
    cr_assert_eq(totals.n_events, shop.n_events, "what happened stays");
    ASSERT_OK(privacy_requests(shop.privacy.store, PRIVACY_REQUESTS_USUAL, shop.arena, &requests, &n, &err), &err);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(requests[0].state, "done");
    cr_assert_eq(requests[0].due_ms, 4000 + 30 * MS_PER_DAY);
    cr_assert(strstr(requests[0].detail, "\"events\":4,\"links\":2"), "%s", requests[0].detail);
    shop_close(&shop);
}

Test(privacy, an_erased_identity_keeps_its_events_and_its_number_under_another_name)
{
    struct err err;
    struct erased erased;
    struct shop shop = shop_open(support_path("shop.holdfast"));
    uint32_t again;
    size_t n;
    fill(&shop);
    unsigned partition[3];
    for (int i = 0; i < 3; i++) partition[i] = log_partition(shop.privacy.log, shop.ada[i]);
    ASSERT_OK(store_begin(shop.privacy.store, &err), &err);
    ASSERT_OK(privacy_erase(&shop.privacy, shop.ada[1], 5000, &erased, &err), &err);
    ASSERT_OK(store_commit(shop.privacy.store, &err), &err);
    cr_assert_eq(erased.n_identities, 3);
    cr_assert_not(log_find(shop.privacy.log, DICTIONARY_IDENTITY, text_of(ADA_ID), &again));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            struct text name = log_name(shop.privacy.log, DICTIONARY_IDENTITY, shop.ada[i]);
            cr_assert(name.length > 7 && memcmp(name.at, "erased:", 7) == 0, "%.*s", (int)name.length, name.at);
            cr_assert_eq(log_partition(shop.privacy.log, shop.ada[i]), partition[i]);
            cr_assert(log_find(shop.privacy.log, DICTIONARY_IDENTITY, name, &again) && again == shop.ada[i]);
            identities_members(shop.privacy.identities, shop.ada[i], &n);
            cr_assert_eq(n, 1);
        }
        for (int i = 0; i < OTHERS; i++)
            cr_assert(log_find(shop.privacy.log, DICTIONARY_IDENTITY,
                               text_of(arena_format(shop.arena, "other %d", i)), &again));
        ASSERT_OK(log_reload(shop.privacy.log, &err), &err);
        ASSERT_OK(identities_reload(shop.privacy.identities, shop.privacy.store, &err), &err);
    }
    shop_close(&shop);
}

Test(privacy, an_erasure_that_is_rolled_back_never_was)
{
    struct err err;
    struct erased erased;
    struct shop shop = shop_open(support_path("shop.holdfast"));
    struct text json;
    uint32_t again;
    size_t n;
    fill(&shop);
    struct log_mark mark = log_mark(shop.privacy.log);
    ASSERT_OK(store_begin(shop.privacy.store, &err), &err);
    ASSERT_OK(privacy_erase(&shop.privacy, shop.ada[0], 5000, &erased, &err), &err);
    store_rollback(shop.privacy.store);
    cr_assert_not(log_rollback_to(shop.privacy.log, &mark), "only reading again brings the name back");
    ASSERT_OK(log_reload(shop.privacy.log, &err), &err);
    ASSERT_OK(identities_reload(shop.privacy.identities, shop.privacy.store, &err), &err);
    cr_assert(log_find(shop.privacy.log, DICTIONARY_IDENTITY, text_of(ADA_ID), &again) && again == shop.ada[0]);
    identities_members(shop.privacy.identities, again, &n);
    cr_assert_eq(n, 3);
    cr_assert(strstr(everything_in_log(&shop), ADA_WORDS));
    ASSERT_OK(profiles_get(shop.privacy.profiles, shop.privacy.store, shop.ada, 1, shop.arena, &json, &err), &err);
    cr_assert(strstr(json.at, "Ada Lovelace"));
    shop_close(&shop);
}

static json_t *export_of(struct shop *shop, uint32_t identity)
{
    struct err err;
    json_t *json;
    ASSERT_OK(privacy_export_beside(shop->privacy.store, shop->privacy.profiles, identity, &json, &err), &err);
    return json;
}

Test(privacy, an_export_holds_all_there_is_whichever_identity_it_is_asked_by)
{
    struct shop shop = shop_open(support_path("shop.holdfast"));
    fill(&shop);
    json_t *json = export_of(&shop, shop.ada[1]), *other = export_of(&shop, shop.ada[2]);
    cr_assert(json_equal(json, other));
    cr_assert_str_eq(json_string_value(json_object_get(json, "customer")), ADA_ID);
    cr_assert_eq(json_array_size(json_object_get(json, "identities")), 3);
    cr_assert_eq(json_array_size(json_object_get(json, "links")), 2);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(json, "personal"), "name")),
                     "Ada Lovelace");
    cr_assert(json_is_true(json_object_get(json_object_get(json_object_get(json, "consent"), "email"), "given")));
    cr_assert_eq(json_array_size(json_object_get(json, "decisions")), 1);
    const json_t *events = json_object_get(json, "events");
    cr_assert_eq(json_array_size(events), 4);
    for (size_t i = 0; i < 4; i++) {
        const json_t *event = json_array_get(events, i);
        cr_assert_str_eq(json_string_value(json_object_get(event, "kind")), "search");
        cr_assert_str_eq(json_string_value(json_object_get(event, "item")), "loom");
        cr_assert_eq(json_integer_value(json_object_get(event, "amount_cents")), 250);
        cr_assert_str_eq(json_string_value(json_object_get(json_object_get(event, "properties"), "words")),
                         ADA_WORDS);
        static const char *const times[] = { "1970-01-01T00:00:01.500Z", "1970-01-01T00:00:01.510Z",
                                             "1970-01-01T00:00:01.520Z", "1970-01-01T00:00:01.530Z" };
        cr_assert_str_eq(json_string_value(json_object_get(event, "time")), times[i]);
    }
    json_decref(json);
    json_decref(other);

    struct err err;
    struct erased erased;
    ASSERT_OK(store_begin(shop.privacy.store, &err), &err);
    ASSERT_OK(privacy_erase(&shop.privacy, shop.ada[0], 5000, &erased, &err), &err);
    ASSERT_OK(store_commit(shop.privacy.store, &err), &err);
    json = export_of(&shop, shop.ada[0]);
    cr_assert_eq(json_object_size(json_object_get(json, "personal")), 0);
    cr_assert_eq(json_object_size(json_object_get(json, "consent")), 0);
    cr_assert_eq(json_array_size(json_object_get(json, "decisions")), 0);
    cr_assert_eq(json_array_size(json_object_get(json, "identities")), 1);
    json_decref(json);
    shop_close(&shop);
}

Test(privacy, a_request_about_nobody_known_is_written_down_too)
{
    struct err err;
    struct shop shop = shop_open(support_path("shop.holdfast"));
    struct privacy_request *requests;
    int64_t id, same;
    size_t n;
    fill(&shop);
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_EXPORT, text_of("nobody"), 1, text_of("api"), &id, &err),
              &err);
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_ERASE, text_of(""), 1, text_of("shopify"), &id, &err),
              &err);
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_EXPORT, text_of(ADA_ID), 2, text_of("api"), &id, &err),
              &err);
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_EXPORT, text_of(ADA_ID), 3, text_of("api"), &same, &err),
              &err);
    cr_assert_eq(id, same, "asked twice is one request");
    ASSERT_OK(privacy_requests(shop.privacy.store, PRIVACY_REQUESTS_USUAL, shop.arena, &requests, &n, &err), &err);
    cr_assert_eq(n, 3);
    cr_assert_str_eq(requests[2].state, "unknown");
    cr_assert_str_eq(requests[1].state, "waiting");
    cr_assert_str_eq(requests[0].kind, "export");
    ASSERT_OK(privacy_request_done(shop.privacy.store, id, 9, &err), &err);
    ASSERT_FAILS(privacy_request_done(shop.privacy.store, id, 9, &err), &err, ERR_REFUSED, "is done already");
    ASSERT_FAILS(privacy_request_done(shop.privacy.store, 999, 9, &err), &err, ERR_MISSING, "there is no request 999");
    ASSERT_OK(privacy_request_put(&shop.privacy, PRIVACY_ERASE, text_of(ADA_ID), 4, text_of("api"), &id, &err), &err);
    ASSERT_FAILS(privacy_request_done(shop.privacy.store, id, 9, &err), &err, ERR_REFUSED, "carried out by itself");
    ASSERT_OK(privacy_requests(shop.privacy.store, 0, shop.arena, &requests, &n, &err), &err);
    cr_assert_eq(n, 2);
    cr_assert_eq(requests[1].identity, 0, "the shop's waits for a person");
    ASSERT_OK(privacy_request_done(shop.privacy.store, requests[1].id, 9, &err), &err);
    ASSERT_OK(privacy_requests(shop.privacy.store, 0, shop.arena, &requests, &n, &err), &err);
    cr_assert_eq(n, 1);
    shop_close(&shop);
}
