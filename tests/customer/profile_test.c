/* profile_test.c - sealed members, their keys and look-ups. */
#include "customer/profile.h"
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

struct fixture { struct store *store; struct profiles *profiles; struct arena *arena; };

static struct fixture fixture_open(const char *path)
{
    struct err err;
    struct fixture fixture = { .arena = arena_new(ARENA_NO_LIMIT) };
    ASSERT_OK(store_open(path, STORE_CREATE, &fixture.store, &err), &err);
    ASSERT_OK(profiles_open(fixture.store, true, &fixture.profiles, &err), &err);
    return fixture;
}

static void fixture_close(struct fixture *fixture)
{
    profiles_close(fixture->profiles);
    store_close(fixture->store);
    arena_free(fixture->arena);
}

static void put(struct fixture *fixture, uint32_t identity, const char *json, int64_t received_ms)
{
    struct err err;
    ASSERT_OK(profiles_put(fixture->profiles, fixture->store, identity, text_of(json), received_ms, &err), &err);
}

static const char *get(struct fixture *fixture, const uint32_t *members, size_t n)
{
    struct err err;
    struct text json;
    ASSERT_OK(profiles_get(fixture->profiles, fixture->store, members, n, fixture->arena, &json, &err), &err);
    return json.at;
}

static size_t find(struct fixture *fixture, const char *address, uint32_t *ret_first)
{
    struct err err;
    uint32_t *identities;
    size_t n;
    ASSERT_OK(
        profiles_find(fixture->profiles, fixture->store, text_of(address), fixture->arena, &identities, &n, &err),
        &err);
    if (n) *ret_first = identities[0];
    return n;
}

Test(profile, of_each_member_of_all_identities_what_was_said_last_counts)
{
    struct fixture fixture = fixture_open(":memory:");
    const uint32_t members[] = { 3, 7 };
    put(&fixture, 3, "{\"email\": \"a@x.org\", \"name\": \"Ada\", \"age\": 36}", 1000);
    put(&fixture, 7, "{\"email\": \"b@x.org\"}", 900);
    cr_assert_str_eq(get(&fixture, members, 2), "{\"age\":36,\"email\":\"a@x.org\",\"name\":\"Ada\"}");
    put(&fixture, 7, "{\"email\": \"c@x.org\", \"phone\": \"+44 20 7946 0000\"}", 2000);
    put(&fixture, 7, "{\"phone\": \"1\"}", 1500);
    cr_assert_str_eq(get(&fixture, members, 2),
                     "{\"age\":36,\"email\":\"c@x.org\",\"name\":\"Ada\",\"phone\":\"+44 20 7946 0000\"}");
    cr_assert_str_eq(get(&fixture, members, 1), "{\"age\":36,\"email\":\"a@x.org\",\"name\":\"Ada\"}");
    put(&fixture, 3, "{\"name\": null}", 3000);
    put(&fixture, 3, "{\"name\": \"late\"}", 2900);
    cr_assert_str_eq(get(&fixture, members, 1), "{\"age\":36,\"email\":\"a@x.org\"}");
    fixture_close(&fixture);
}

Test(profile, what_is_said_once_is_kept_from_the_first_until_it_is_set)
{
    struct fixture fixture = fixture_open(":memory:");
    const uint32_t members[] = { 3, 7 };
    put(&fixture, 3, "{\"$set_once.name\": \"Ada\", \"$set_once.phone\": null}", 1000);
    put(&fixture, 3, "{\"$set_once.name\": \"Eve\", \"$set_once.phone\": \"1\"}", 2000);
    put(&fixture, 7, "{\"$set_once.name\": \"Old\", \"phone\": \"2\"}", 500);
    cr_assert_str_eq(get(&fixture, members, 1), "{\"name\":\"Ada\",\"phone\":\"1\"}");
    cr_assert_str_eq(get(&fixture, members, 2), "{\"name\":\"Old\",\"phone\":\"2\"}");
    put(&fixture, 3, "{\"name\": \"Ada\"}", 3000);
    put(&fixture, 3, "{\"$set_once.name\": \"Eve\"}", 4000);
    cr_assert_str_eq(get(&fixture, members, 2), "{\"name\":\"Ada\",\"phone\":\"2\"}");
    fixture_close(&fixture);
}

Test(profile, addresses_are_found_however_they_are_written)
{
    struct fixture fixture = fixture_open(":memory:");
    uint32_t first = 0;
    put(&fixture, 9, "{\"email\": \"Ada.L@Example.com\", \"phone\": \"+44 (20) 7946-0000\"}", 1);
    put(&fixture, 4, "{\"email\": \"ada.l@example.com\"}", 1);
    cr_assert_eq(find(&fixture, " ada.l@EXAMPLE.com", &first), 2);
    cr_assert_eq(first, 4);
    cr_assert_eq(find(&fixture, "+442079460000", &first), 1);
    cr_assert_eq(first, 9);
    cr_assert_eq(find(&fixture, "ada.m@example.com", &first), 0);
    cr_assert_eq(find(&fixture, "", &first), 0);
    cr_assert_eq(find(&fixture, "--", &first), 0);
    fixture_close(&fixture);
}

Test(profile, an_erased_identity_has_no_members_and_no_addresses)
{
    struct fixture fixture = fixture_open(":memory:");
    struct err err;
    const uint32_t member = 5;
    uint32_t first;
    put(&fixture, 5, "{\"email\": \"a@x.org\"}", 1);
    ASSERT_OK(profiles_erase(fixture.profiles, fixture.store, 5, &err), &err);
    cr_assert_str_eq(get(&fixture, &member, 1), "{}");
    cr_assert_eq(find(&fixture, "a@x.org", &first), 0);
    fixture_close(&fixture);
}

Test(profile, what_is_not_a_flat_object_is_refused)
{
    struct fixture fixture = fixture_open(":memory:");
    struct err err;
    static const char *const bad[] = { "", "[]", "{\"a\": {}}", "{\"a\": [1]}", "{", "7" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(profiles_put(fixture.profiles, fixture.store, 1, text_of(bad[i]), 1, &err), &err, ERR_INVALID,
                     "personal");
    char *long_text = arena_alloc(fixture.arena, 1, 70000);
    memset(long_text, 'x', 69999);
    const char *json = arena_format(fixture.arena, "{\"name\": \"%s\"}", long_text);
    ASSERT_FAILS(profiles_put(fixture.profiles, fixture.store, 1, text_of(json), 1, &err), &err, ERR_INVALID,
                 "too long");
    fixture_close(&fixture);
}

static bool file_has(struct arena *arena, const char *path, const char *text)
{
    size_t length = 0;
    char *bytes = support_read(arena, path, &length);
    return bytes && memmem(bytes, length, text, strlen(text));
}

Test(profile, the_file_shows_nothing_and_opens_with_its_own_key_only)
{
    struct err err;
    const char *path = support_path("shop.holdfast"), *key = support_path("shop.holdfast.key");
    const char *away = support_path("away.key");
    const uint32_t member = 2;
    struct stat status;
    struct profiles *other;
    struct fixture fixture = fixture_open(path);
    put(&fixture, 2, "{\"email\": \"lovelace@example.com\", \"name\": \"Lovelace\"}", 1);
    cr_assert(stat(key, &status) == 0 && (status.st_mode & 0777) == 0600);
    profiles_close(fixture.profiles);
    ASSERT_OK(profiles_open(fixture.store, false, &fixture.profiles, &err), &err);
    cr_assert(strstr(get(&fixture, &member, 1), "Lovelace"));
    cr_assert_not(file_has(fixture.arena, path, "ovelace"));
    cr_assert_not(file_has(fixture.arena, support_path("shop.holdfast-wal"), "ovelace"));

    cr_assert(rename(key, away) == 0);
    ASSERT_FAILS(profiles_open(fixture.store, true, &other, &err), &err, ERR_MISSING, "gone");
    support_write(key, "holdfast-key-1 nonsense\n", 24);
    cr_assert(chmod(key, 0600) == 0);
    ASSERT_FAILS(profiles_open(fixture.store, true, &other, &err), &err, ERR_INVALID, "no key file");
    static const char wrong[] = "holdfast-key-1 "
                                "00000000000000000000000000000000000000000000000000000000000000ff\n";
    support_write(key, wrong, sizeof wrong - 1);
    ASSERT_FAILS(profiles_open(fixture.store, true, &other, &err), &err, ERR_INVALID, "another database");
    cr_assert(rename(away, key) == 0 && chmod(key, 0644) == 0);
    ASSERT_FAILS(profiles_open(fixture.store, true, &other, &err), &err, ERR_INVALID, "others may read");
    cr_assert(chmod(key, 0600) == 0);
    ASSERT_OK(profiles_open(fixture.store, true, &other, &err), &err);
    profiles_close(other);
    fixture_close(&fixture);
}

Test(profile, a_changed_profile_is_found_not_read)
{
    struct fixture fixture = fixture_open(":memory:"), other = fixture_open(":memory:");
    struct err err;
    struct text json;
    const uint32_t member = 2;
    put(&fixture, 2, "{\"name\": \"Ada\"}", 1);
    struct profiles *profiles = fixture.profiles;      /* another key, the same rows */
    fixture.profiles = other.profiles, other.profiles = profiles;
    ASSERT_FAILS(profiles_get(fixture.profiles, fixture.store, &member, 1, fixture.arena, &json, &err), &err,
                 ERR_CORRUPT, "unsealed");
    fixture_close(&fixture);
    fixture_close(&other);
}
