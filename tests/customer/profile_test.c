/* profile_test.c - sealed members, their keys and look-ups. */
#include "customer/profile.h"
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

struct desk { struct store *store; struct profiles *profiles; struct arena *arena; };

static struct desk desk_open(const char *path)
{
    struct err err;
    struct desk desk = { .arena = arena_new(ARENA_NO_LIMIT) };
    ASSERT_OK(store_open(path, STORE_CREATE, &desk.store, &err), &err);
    ASSERT_OK(profiles_open(desk.store, true, &desk.profiles, &err), &err);
    return desk;
}

static void desk_close(struct desk *desk)
{
    profiles_close(desk->profiles);
    store_close(desk->store);
    arena_free(desk->arena);
}

static void put(struct desk *desk, uint32_t identity, const char *json, int64_t received_ms)
{
    struct err err;
    ASSERT_OK(profiles_put(desk->profiles, desk->store, identity, text_of(json), received_ms, &err), &err);
}

static const char *get(struct desk *desk, const uint32_t *members, size_t n)
{
    struct err err;
    struct text json;
    ASSERT_OK(profiles_get(desk->profiles, desk->store, members, n, desk->arena, &json, &err), &err);
    return json.at;
}

static size_t find(struct desk *desk, const char *address, uint32_t *ret_first)
{
    struct err err;
    uint32_t *identities;
    size_t n;
    ASSERT_OK(profiles_find(desk->profiles, desk->store, text_of(address), desk->arena, &identities, &n, &err),
              &err);
    if (n) *ret_first = identities[0];
    return n;
}

Test(profile, of_each_member_of_all_identities_what_was_said_last_counts)
{
    struct desk desk = desk_open(":memory:");
    const uint32_t members[] = { 3, 7 };
    put(&desk, 3, "{\"email\": \"a@x.org\", \"name\": \"Ada\", \"age\": 36}", 1000);
    put(&desk, 7, "{\"email\": \"b@x.org\"}", 900);
    cr_assert_str_eq(get(&desk, members, 2), "{\"age\":36,\"email\":\"a@x.org\",\"name\":\"Ada\"}");
    put(&desk, 7, "{\"email\": \"c@x.org\", \"phone\": \"+44 20 7946 0000\"}", 2000);
    put(&desk, 7, "{\"phone\": \"1\"}", 1500);
    cr_assert_str_eq(get(&desk, members, 2),
                     "{\"age\":36,\"email\":\"c@x.org\",\"name\":\"Ada\",\"phone\":\"+44 20 7946 0000\"}");
    cr_assert_str_eq(get(&desk, members, 1), "{\"age\":36,\"email\":\"a@x.org\",\"name\":\"Ada\"}");
    put(&desk, 3, "{\"name\": null}", 3000);
    put(&desk, 3, "{\"name\": \"late\"}", 2900);
    cr_assert_str_eq(get(&desk, members, 1), "{\"age\":36,\"email\":\"a@x.org\"}");
    desk_close(&desk);
}

Test(profile, what_is_said_once_is_kept_from_the_first_until_it_is_set)
{
    struct desk desk = desk_open(":memory:");
    const uint32_t members[] = { 3, 7 };
    put(&desk, 3, "{\"$set_once.name\": \"Ada\", \"$set_once.phone\": null}", 1000);
    put(&desk, 3, "{\"$set_once.name\": \"Eve\", \"$set_once.phone\": \"1\"}", 2000);
    put(&desk, 7, "{\"$set_once.name\": \"Old\", \"phone\": \"2\"}", 500);
    cr_assert_str_eq(get(&desk, members, 1), "{\"name\":\"Ada\",\"phone\":\"1\"}");
    cr_assert_str_eq(get(&desk, members, 2), "{\"name\":\"Old\",\"phone\":\"2\"}");
    put(&desk, 3, "{\"name\": \"Ada\"}", 3000);
    put(&desk, 3, "{\"$set_once.name\": \"Eve\"}", 4000);
    cr_assert_str_eq(get(&desk, members, 2), "{\"name\":\"Ada\",\"phone\":\"2\"}");
    desk_close(&desk);
}

Test(profile, addresses_are_found_however_they_are_written)
{
    struct desk desk = desk_open(":memory:");
    uint32_t first = 0;
    put(&desk, 9, "{\"email\": \"Ada.L@Example.com\", \"phone\": \"+44 (20) 7946-0000\"}", 1);
    put(&desk, 4, "{\"email\": \"ada.l@example.com\"}", 1);
    cr_assert_eq(find(&desk, " ada.l@EXAMPLE.com", &first), 2);
    cr_assert_eq(first, 4);
    cr_assert_eq(find(&desk, "+442079460000", &first), 1);
    cr_assert_eq(first, 9);
    cr_assert_eq(find(&desk, "ada.m@example.com", &first), 0);
    cr_assert_eq(find(&desk, "", &first), 0);
    cr_assert_eq(find(&desk, "--", &first), 0);
    desk_close(&desk);
}

Test(profile, an_erased_identity_has_no_members_and_no_addresses)
{
    struct desk desk = desk_open(":memory:");
    struct err err;
    const uint32_t member = 5;
    uint32_t first;
    put(&desk, 5, "{\"email\": \"a@x.org\"}", 1);
    ASSERT_OK(profiles_erase(desk.profiles, desk.store, 5, &err), &err);
    cr_assert_str_eq(get(&desk, &member, 1), "{}");
    cr_assert_eq(find(&desk, "a@x.org", &first), 0);
    desk_close(&desk);
}

Test(profile, what_is_not_a_flat_object_is_refused)
{
    struct desk desk = desk_open(":memory:");
    struct err err;
    static const char *const bad[] = { "", "[]", "{\"a\": {}}", "{\"a\": [1]}", "{", "7" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(profiles_put(desk.profiles, desk.store, 1, text_of(bad[i]), 1, &err), &err, ERR_INVALID,
                     "personal");
    char *long_text = arena_alloc(desk.arena, 1, 70000);
    memset(long_text, 'x', 69999);
    const char *json = arena_format(desk.arena, "{\"name\": \"%s\"}", long_text);
    ASSERT_FAILS(profiles_put(desk.profiles, desk.store, 1, text_of(json), 1, &err), &err, ERR_INVALID,
                 "too long");
    desk_close(&desk);
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
    struct desk desk = desk_open(path);
    put(&desk, 2, "{\"email\": \"lovelace@example.com\", \"name\": \"Lovelace\"}", 1);
    cr_assert(stat(key, &status) == 0 && (status.st_mode & 0777) == 0600);
    profiles_close(desk.profiles);
    ASSERT_OK(profiles_open(desk.store, false, &desk.profiles, &err), &err);
    cr_assert(strstr(get(&desk, &member, 1), "Lovelace"));
    cr_assert_not(file_has(desk.arena, path, "ovelace"));
    cr_assert_not(file_has(desk.arena, support_path("shop.holdfast-wal"), "ovelace"));

    cr_assert(rename(key, away) == 0);
    ASSERT_FAILS(profiles_open(desk.store, true, &other, &err), &err, ERR_MISSING, "gone");
    support_write(key, "holdfast-key-1 nonsense\n", 24);
    cr_assert(chmod(key, 0600) == 0);
    ASSERT_FAILS(profiles_open(desk.store, true, &other, &err), &err, ERR_INVALID, "no key file");
    static const char wrong[] = "holdfast-key-1 "
                                "00000000000000000000000000000000000000000000000000000000000000ff\n";
    support_write(key, wrong, sizeof wrong - 1);
    ASSERT_FAILS(profiles_open(desk.store, true, &other, &err), &err, ERR_INVALID, "another database");
    cr_assert(rename(away, key) == 0 && chmod(key, 0644) == 0);
    ASSERT_FAILS(profiles_open(desk.store, true, &other, &err), &err, ERR_INVALID, "others may read");
    cr_assert(chmod(key, 0600) == 0);
    ASSERT_OK(profiles_open(desk.store, true, &other, &err), &err);
    profiles_close(other);
    desk_close(&desk);
}

Test(profile, a_changed_profile_is_found_not_read)
{
    struct desk desk = desk_open(":memory:"), other = desk_open(":memory:");
    struct err err;
    struct text json;
    const uint32_t member = 2;
    put(&desk, 2, "{\"name\": \"Ada\"}", 1);
    struct profiles *profiles = desk.profiles;      /* another key, the same rows */
    desk.profiles = other.profiles, other.profiles = profiles;
    ASSERT_FAILS(profiles_get(desk.profiles, desk.store, &member, 1, desk.arena, &json, &err), &err, ERR_CORRUPT,
                 "unsealed");
    desk_close(&desk);
    desk_close(&other);
}
