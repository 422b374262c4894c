/* profile.c - personal members, sealed; see profile.h.  Sealed is JSON: {"<member>": [<value>, <said_ms>], ...},
 * value null where a member was forgotten, so that a late message does not bring it back; behind said_ms stands
 * true where it was said once (once.h). */
#include "customer/profile.h"
#include "base/memory.h"
#include "base/calendar.h"
#include "base/secret.h"
#include "customer/once.h"
#include "store/sql.h"

#include <assert.h>
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PROFILE_MOST_BYTES = 64 * 1024, ADDRESS_MOST_BYTES = 1024 };

struct profiles { struct vault vault; };

/* What is stored of one identity, unsealed. */
struct profile { uint8_t key[SECRET_KEY_BYTES]; json_t *members; bool is_stored; };

bool profiles_open(struct store *store, bool is_made, struct profiles **ret_profiles, struct err *err)
{
    struct profiles *profiles = memory_new(1, sizeof *profiles);
    if (!vault_open(store, is_made, &profiles->vault, err)) {
        profiles_close(profiles);
        return false;
    }
    *ret_profiles = profiles;
    return true;
}

void profiles_close(struct profiles *profiles)
{
    if (!profiles) return;
    secret_forget(profiles, sizeof *profiles);
    free(profiles);
}

const struct vault *profiles_vault(const struct profiles *profiles) { return &profiles->vault; }
const uint8_t *profiles_key(const struct profiles *profiles) { return profiles->vault.hash_key; }

/* ---- sealing ---- */

static bool unseal(const struct profiles *profiles, struct text key, struct text members,
                   struct profile *ret_profile)
{
    size_t extra = secret_sealed_bytes(0);
    if (members.length < extra || key.length != secret_sealed_bytes(SECRET_KEY_BYTES) ||
        !secret_unseal(profiles->vault.seal_key, key.at, key.length, ret_profile->key))
        return false;
    size_t n = members.length - extra;
    char *text = malloc(n + 1);
    bool ok = text && secret_unseal(ret_profile->key, members.at, members.length, (uint8_t *)text);
    ret_profile->members = ok ? json_loadb(text, n, 0, NULL) : NULL;
    if (text) secret_forget(text, n);
    free(text);
    return json_is_object(ret_profile->members);
}

/* An empty profile with no key where the identity has none yet.  members is to be freed with json_decref. */
static bool load(const struct profiles *profiles, struct store *store, uint32_t identity,
                 struct profile *ret_profile, struct err *err)
{
    struct sql_profile_get row;
    *ret_profile = (struct profile){ 0 };
    if (!sql_profile_get(store, identity, &row, err)) return false;
    enum step step = sql_profile_get_step(&row, err);
    bool ok = step != STEP_FAIL;
    if (step == STEP_ROW && !unseal(profiles, row.key, row.members, ret_profile)) {
        json_decref(ret_profile->members);
        ok = err_set(err, ERR_CORRUPT, "the profile of customer number %u cannot be unsealed: it was changed, or "
                                       "sealed under another key file", identity);
    }
    ret_profile->is_stored = step == STEP_ROW;
    cursor_close(row.cursor);
    if (ok && step == STEP_END) ret_profile->members = json_object();
    return ok;
}

static bool keep(const struct profiles *profiles, struct store *store, uint32_t identity, struct profile *profile,
                 int64_t received_ms, struct err *err)
{
    if (!profile->is_stored) secret_random(profile->key, sizeof profile->key);
    char *text = json_dumps(profile->members, JSON_COMPACT);
    size_t n = text ? strlen(text) : 0, key_bytes = secret_sealed_bytes(SECRET_KEY_BYTES);
    uint8_t *key = malloc(key_bytes), *members = malloc(secret_sealed_bytes(n));
    bool ok = text && key && members;
    if (!ok) err_set(err, ERR_IO, "out of memory");
    if (ok && n > PROFILE_MOST_BYTES)
        ok = err_set(err, ERR_INVALID, "personal members of %zu bytes are too long (most %d)", n,
                     PROFILE_MOST_BYTES);
    if (ok) {
        secret_seal(profiles->vault.seal_key, profile->key, SECRET_KEY_BYTES, key);
        secret_seal(profile->key, text, n, members);
        ok = sql_profile_put(store, identity, bytes_of(key, key_bytes), bytes_of(members, secret_sealed_bytes(n)),
                             received_ms, err);
    }
    if (text) secret_forget(text, n);
    free(text);
    free(key);
    free(members);
    return ok;
}

/* ---- addresses ---- */

/* An e-mail address in lower case, or a telephone number's digits with its leading +; length 0: neither. */
static struct text normal_address(struct text address, char room[ADDRESS_MOST_BYTES])
{
    size_t n = 0;
    bool is_email = address.length && memchr(address.at, '@', address.length);
    address = text_trim(address);
    for (size_t i = 0; i < address.length && n < ADDRESS_MOST_BYTES; i++) {
        unsigned char c = (unsigned char)address.at[i];
        if (is_email ? !isspace(c) : isdigit(c) || (c == '+' && n == 0)) room[n++] = (char)tolower(c);
    }
    return (struct text){ room, n };
}

static bool is_address(const char *member)
{
    static const char *const endings[] = { "email", "phone", "mobile" };
    size_t length = strlen(member);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (length >= n && text_equal_ignoring_case((struct text){ member + length - n, n }, text_of(endings[i])))
            return true;
    }
    return false;
}

/* As in the text of an identity of kind IDENTITY_EMAIL, so that one finds the other. */
static void hash_address(const struct profiles *profiles, struct text normal, uint8_t ret_hash[VAULT_HASH_BYTES])
{
    secret_keyed_hash(profiles->vault.hash_key, normal, ret_hash, VAULT_HASH_BYTES);
}

static bool keep_address(const struct profiles *profiles, struct store *store, uint32_t identity,
                         const json_t *value, struct err *err)
{
    char room[ADDRESS_MOST_BYTES];
    uint8_t hash[VAULT_HASH_BYTES];
    if (!json_is_string(value)) return true;
    struct text address = normal_address(text_of(json_string_value(value)), room);
    if (address.length == 0) return true;
    hash_address(profiles, address, hash);
    return sql_profile_address_put(store, identity, bytes_of(hash, sizeof hash), err);
}

static bool find_hash(struct store *store, const uint8_t hash[VAULT_HASH_BYTES], struct arena *arena,
                      uint32_t **ret_identities, size_t *ret_n, struct err *err)
{
    struct sql_profile_address_find row;
    enum step step;
    size_t n = 0, room = 16;
    uint32_t *identities = ARENA_ARRAY(arena, uint32_t, room);
    if (!sql_profile_address_find(store, bytes_of(hash, VAULT_HASH_BYTES), &row, err)) return false;
    while ((step = sql_profile_address_find_step(&row, err)) == STEP_ROW) {
        if (n == room) {
            uint32_t *more = ARENA_ARRAY(arena, uint32_t, 2 * room);
            memcpy(more, identities, n * sizeof *more);
            identities = more, room *= 2;
        }
        identities[n++] = (uint32_t)row.identity;
    }
    cursor_close(row.cursor);
    *ret_identities = identities;
    *ret_n = n;
    return step == STEP_END;
}

bool profiles_find(const struct profiles *profiles, struct store *store, struct text address, struct arena *arena,
                   uint32_t **ret_identities, size_t *ret_n, struct err *err)
{
    char room[ADDRESS_MOST_BYTES];
    uint8_t hash[VAULT_HASH_BYTES];
    struct text normal = normal_address(address, room);
    *ret_n = 0;
    if (normal.length == 0) return true;
    hash_address(profiles, normal, hash);
    return find_hash(store, hash, arena, ret_identities, ret_n, err);
}

bool profiles_find_name(const struct profiles *profiles, struct store *store, struct text name,
                        struct arena *arena, uint32_t **ret_identities, size_t *ret_n, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    size_t digits = 2 * sizeof hash;
    (void)profiles;
    *ret_n = 0;
    if (identity_kind_of(name) != IDENTITY_EMAIL || name.length < digits) return true;
    return !secret_unhex((struct text){ name.at + name.length - digits, digits }, hash, sizeof hash) ||
           find_hash(store, hash, arena, ret_identities, ret_n, err);
}

/* ---- members ---- */

static bool outweighs(const json_t *said, const json_t *other)
{
    return once_outweighs(json_is_true(json_array_get(said, 2)), json_integer_value(json_array_get(said, 1)),
                          json_is_true(json_array_get(other, 2)), json_integer_value(json_array_get(other, 1)));
}

/* Whether it is more than what was said within a day, again. */
static bool is_news(const json_t *said, const json_t *had)
{
    return !json_equal(json_array_get(had, 0), json_array_get(said, 0)) ||
           json_is_true(json_array_get(had, 2)) != json_is_true(json_array_get(said, 2)) ||
           json_integer_value(json_array_get(said, 1)) - json_integer_value(json_array_get(had, 1)) >= MS_PER_DAY;
}

/* Takes in what was said of one member; *is_changed where that is news, or a day old. */
static void say(json_t *members, const char *name, json_t *value, int64_t received_ms, bool *is_changed)
{
    struct text plain = text_of(name);
    bool is_once = once_take(&plain);
    const json_t *had = json_object_get(members, plain.at);
    if (is_once && json_is_null(value)) return;
    json_t *said = is_once ? json_pack("[O, I, b]", value, (json_int_t)received_ms, 1)
                           : json_pack("[O, I]", value, (json_int_t)received_ms);
    if (had && (!outweighs(said, had) || !is_news(said, had))) {
        json_decref(said);
        return;
    }
    json_object_set_new(members, plain.at, said);
    *is_changed = true;
}

bool profiles_put(const struct profiles *profiles, struct store *store, uint32_t identity, struct text personal,
                  int64_t received_ms, struct err *err)
{
    struct profile profile = { 0 };
    const char *name;
    json_t *value, *said = json_loadb(personal.at, personal.length, 0, NULL);
    bool ok = json_is_object(said), is_changed = false;
    if (!ok) err_set(err, ERR_INVALID, "personal members must be a JSON object");
    json_object_foreach(said, name, value)
        if (ok && (json_is_object(value) || json_is_array(value)))
            ok = err_set(err, ERR_INVALID, "the personal member '%.100s' must be a text, a number, true or false",
                         name);
    ok = ok && load(profiles, store, identity, &profile, err);
    if (ok)
        json_object_foreach(said, name, value) say(profile.members, name, value, received_ms, &is_changed);
    ok = ok && (!is_changed || keep(profiles, store, identity, &profile, received_ms, err));
    if (is_changed)
        json_object_foreach(said, name, value)
            if (ok && is_address(name)) ok = keep_address(profiles, store, identity, value, err);
    json_decref(said);
    json_decref(profile.members);
    secret_forget(profile.key, sizeof profile.key);
    return ok || err_context(err, "personal members");
}

/* Of each member what counts (once.h); of two that were set at the same instant the later identity's. */
static void overlay(json_t *all, json_t *members)
{
    const char *name;
    json_t *member;
    json_object_foreach(members, name, member) {
        const json_t *had = json_object_get(all, name);
        if (!had || outweighs(member, had)) json_object_set(all, name, member);
    }
}

bool profiles_get(const struct profiles *profiles, struct store *store, const uint32_t *members, size_t n,
                  struct arena *arena, struct text *ret_json, struct err *err)
{
    json_t *all = json_object(), *plain = json_object(), *member;
    const char *name;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct profile profile;
        ok = load(profiles, store, members[i], &profile, err);
        if (ok) overlay(all, profile.members), json_decref(profile.members);
        secret_forget(profile.key, sizeof profile.key);
    }
    json_object_foreach(all, name, member)
        if (!json_is_null(json_array_get(member, 0))) json_object_set(plain, name, json_array_get(member, 0));
    char *text = ok ? json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text) *ret_json = text_of(arena_copy(arena, text));
    if (text) secret_forget(text, strlen(text));
    free(text);
    json_decref(all);
    json_decref(plain);
    return ok;
}

bool profiles_seal(const struct profiles *profiles, struct store *store, uint32_t identity, struct text plain,
                   struct arena *arena, struct text *ret_sealed, struct err *err)
{
    struct profile profile = { 0 };
    if (!load(profiles, store, identity, &profile, err)) return false;
    bool ok = profile.is_stored || keep(profiles, store, identity, &profile, 0, err);
    if (ok) {
        size_t n = secret_sealed_bytes(plain.length);
        uint8_t *sealed = arena_alloc(arena, n, 1);
        secret_seal(profile.key, plain.at, plain.length, sealed);
        *ret_sealed = (struct text){ (const char *)sealed, n };
    }
    json_decref(profile.members);
    secret_forget(profile.key, sizeof profile.key);
    return ok;
}

bool profiles_unseal(const struct profiles *profiles, struct text key, struct text sealed, struct arena *arena,
                     struct text *ret_plain)
{
    uint8_t own[SECRET_KEY_BYTES];
    size_t extra = secret_sealed_bytes(0);
    if (sealed.length < extra || key.length != secret_sealed_bytes(SECRET_KEY_BYTES) ||
        !secret_unseal(profiles->vault.seal_key, key.at, key.length, own))
        return false;
    char *plain = arena_alloc(arena, sealed.length - extra + 1, 1);
    bool ok = secret_unseal(own, sealed.at, sealed.length, (uint8_t *)plain);
    secret_forget(own, sizeof own);
    if (ok) *ret_plain = (struct text){ plain, sealed.length - extra };
    return ok;
}

bool profiles_erase(const struct profiles *profiles, struct store *store, uint32_t identity, struct err *err)
{
    (void)profiles;
    return sql_profile_remove(store, identity, err) && sql_profile_address_remove(store, identity, err);
}
