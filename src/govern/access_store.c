/* access_store.c - keys, people and sessions as they are stored; see access.h. */
#include "govern/access.h"

#include "base/arena_list.h"
#include "base/calendar.h"
#include "base/secret.h"
#include "govern/access_internal.h"
#include "store/sql.h"

#include <assert.h>
#include <string.h>

enum { SECRET_RANDOM_BYTES = 24, HINT_LETTERS = 8 };

static bool name_check(struct text name, struct err *err)
{
    if (name.length == 0 || name.length >= ACCESS_NAME_BYTES)
        return err_set(err, ERR_INVALID, "a name has 1 to %d letters", ACCESS_NAME_BYTES - 1);
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        bool is_fine =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(" ._@+-", c);
        if (!is_fine || c == '\0')
            return err_set(err, ERR_INVALID, "a name has letters, digits, spaces and . _ @ + - only");
    }
    return true;
}

/* A page key's role is "page" in the table; that of a write key "none", as of all keys before others. */
static const struct { const char *word, *prefix, *role; unsigned rights; } kinds[ACCESS_KINDS] = {
    [ACCESS_PAGE_KEY] = { "page_key", "pk", "page", ACCESS_INGEST },
    [ACCESS_WRITE_KEY] = { "write_key", "wk", "none", ACCESS_INGEST | ACCESS_SERVER },
    [ACCESS_TOKEN] = { "token", "hf", NULL, 0 },
};

const char *access_kind_word(enum access_kind kind)   { return kinds[kind].word; }
unsigned    access_kind_rights(enum access_kind kind) { return kinds[kind].rights; }

bool access_kind_named(struct text word, enum access_kind *ret_kind)
{
    for (unsigned kind = 0; kind < ACCESS_KINDS; kind++)
        if (text_equal(word, text_of(kinds[kind].word))) { *ret_kind = (enum access_kind)kind; return true; }
    return false;
}

bool access_looks_like(struct text secret, enum access_kind kind)
{
    size_t length = strlen(kinds[kind].prefix);
    return secret.length > length && memcmp(secret.at, kinds[kind].prefix, length) == 0 &&
           secret.at[length] == '_';
}

enum access_kind access_kind_of(bool is_token, const char *role)
{
    if (is_token) return ACCESS_TOKEN;
    return strcmp(role, kinds[ACCESS_PAGE_KEY].role) == 0 ? ACCESS_PAGE_KEY : ACCESS_WRITE_KEY;
}

static void hash_of(struct text secret, uint8_t ret_hash[ACCESS_HASH_BYTES])
{
    secret_hash(secret, ret_hash, ACCESS_HASH_BYTES);
}

bool access_keys(struct store *store, struct arena *arena, struct access_key **ret_keys, size_t *ret_n,
                 struct err *err)
{
    struct sql_access_keys row;
    struct access_key *keys = NULL;
    size_t n = 0, room = 0;
    enum step step;
    if (!sql_access_keys(store, &row, err)) return false;
    while ((step = sql_access_keys_step(&row, err)) == STEP_ROW) {
        keys = arena_list_grow(arena, keys, n, &room, sizeof *keys);
        struct access_key *key = &keys[n++];
        key->id = row.id;
        key->kind = access_kind_of(row.is_token != 0, row.role.at);
        if (!access_role_named(row.role, &key->role)) key->role = ROLE_NONE;
        snprintf(key->name, sizeof key->name, "%s", row.name.at);
        snprintf(key->hint, sizeof key->hint, "%s", row.hint.at);
        key->made_ms = row.made_ms;
        key->expires_ms = row.expires_ms;
    }
    cursor_close(row.cursor);
    if (step != STEP_END) return false;
    *ret_keys = keys;
    *ret_n = n;
    return true;
}

static bool key_find(struct store *store, int64_t id, struct access_key *ret_key, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct access_key *keys;
    size_t n;
    bool ok = access_keys(store, arena, &keys, &n, err), is_found = false;
    for (size_t i = 0; ok && i < n; i++)
        if (keys[i].id == id) { *ret_key = keys[i]; is_found = true; }
    arena_free(arena);
    if (ok && !is_found) return err_set(err, ERR_MISSING, "there is no key or token %lld", (long long)id);
    return ok;
}

bool access_key_make(struct store *store, enum access_kind kind, struct text name, enum access_role role,
                     int64_t now_ms, int64_t expires_ms, char ret_secret[ACCESS_SECRET_BYTES], int64_t *ret_id,
                     struct err *err)
{
    char chance[36], secret[ACCESS_SECRET_BYTES];
    uint8_t hash[ACCESS_HASH_BYTES];
    if (!name_check(name, err)) return false;
    secret_token(chance, sizeof chance, SECRET_RANDOM_BYTES);
    snprintf(secret, sizeof secret, "%s_%s", kinds[kind].prefix, chance);
    hash_of(text_of(secret), hash);
    const char *role_word = kind == ACCESS_TOKEN ? access_role_name(role) : kinds[kind].role;
    if (!sql_access_key_put(store, kind == ACCESS_TOKEN, text_of(role_word), name,
                            (struct text){ secret, HINT_LETTERS }, now_ms, expires_ms, bytes_of(hash, sizeof hash),
                            ret_id, err))
        return false;
    memcpy(ret_secret, secret, sizeof secret);
    return true;
}

/* Somebody must be able to administer without token or person of this id (0: none). */
static bool others_administer(struct store *store, int64_t now_ms, int64_t token, int64_t person, struct err *err)
{
    int64_t n;
    if (!sql_access_administrators(store, now_ms, token, person, &n, err)) return false;
    return n > 0 || err_set(err, ERR_REFUSED, "nobody would be left to administer; make another admin first");
}

bool access_key_rotate(struct store *store, int64_t id, int64_t now_ms, int64_t grace_ms,
                       char ret_secret[ACCESS_SECRET_BYTES], int64_t *ret_id, struct err *err)
{
    struct access_key key;
    if (!key_find(store, id, &key, err)) return false;
    if (key.expires_ms != 0 && key.expires_ms <= now_ms + grace_ms) {
        char end[21];
        calendar_format_ms(key.expires_ms, end);
        return err_set(err, ERR_REFUSED, "'%s', number %lld, %s on %s: make another one instead", key.name,
                       (long long)id, key.expires_ms <= now_ms ? "ended" : "ends", end);
    }
    return sql_access_key_expire(store, id, now_ms + grace_ms, err) &&
           access_key_make(store, key.kind, text_of(key.name), key.role, now_ms, key.expires_ms, ret_secret,
                           ret_id, err);
}

bool access_key_remove(struct store *store, int64_t id, int64_t now_ms, struct err *err)
{
    struct access_key key;
    if (!key_find(store, id, &key, err)) return false;
    if (key.role == ROLE_ADMIN && !others_administer(store, now_ms, id, 0, err)) return false;
    return sql_access_key_remove(store, id, err);
}

bool access_people(struct store *store, struct arena *arena, struct access_person **ret_people, size_t *ret_n,
                   struct err *err)
{
    struct sql_people row;
    struct access_person *people = NULL;
    size_t n = 0, room = 0;
    enum step step;
    if (!sql_people(store, &row, err)) return false;
    while ((step = sql_people_step(&row, err)) == STEP_ROW) {
        people = arena_list_grow(arena, people, n, &room, sizeof *people);
        struct access_person *person = &people[n++];
        person->id = row.id;
        snprintf(person->name, sizeof person->name, "%s", row.name.at);
        if (!access_role_named(row.role, &person->role)) person->role = ROLE_NONE;
        person->made_ms = row.made_ms;
    }
    cursor_close(row.cursor);
    if (step != STEP_END) return false;
    *ret_people = people;
    *ret_n = n;
    return true;
}

bool access_password_check(struct text name, struct text password, struct err *err)
{
    if (password.length < ACCESS_PASSWORD_LEAST_BYTES || password.length > ACCESS_PASSWORD_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a password has %d to %d bytes", ACCESS_PASSWORD_LEAST_BYTES,
                       ACCESS_PASSWORD_MOST_BYTES);
    if (memchr(password.at, 0, password.length)) return err_set(err, ERR_INVALID, "a password has no NUL in it");
    if (text_equal_ignoring_case(name, password)) return err_set(err, ERR_INVALID, "the password is the name");
    return true;
}

static bool person_find(struct store *store, struct text name, int64_t id, struct access_person *ret_person,
                        struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct access_person *people;
    size_t n;
    bool ok = access_people(store, arena, &people, &n, err);
    *ret_person = (struct access_person){ .id = 0 };
    for (size_t i = 0; ok && i < n; i++)
        if (people[i].id == id || text_equal(name, text_of(people[i].name))) *ret_person = people[i];
    arena_free(arena);
    return ok;
}

bool access_person_put(struct store *store, struct text name, enum access_role role, const char *hash,
                       int64_t now_ms, int64_t *ret_id, struct err *err)
{
    struct access_person before;
    assert(role != ROLE_NONE);
    if (!name_check(name, err) || !person_find(store, name, 0, &before, err)) return false;
    if (before.role == ROLE_ADMIN && role != ROLE_ADMIN && !others_administer(store, now_ms, 0, before.id, err))
        return false;
    int64_t id;
    if (!sql_person_put(store, name, text_of(access_role_name(role)), text_of(hash), now_ms, &id, err))
        return false;
    if (!sql_sessions_end(store, id, err)) return false;
    *ret_id = id;
    return true;
}

bool access_person_remove(struct store *store, int64_t id, int64_t now_ms, struct err *err)
{
    struct access_person person;
    if (!person_find(store, (struct text){ "", 0 }, id, &person, err)) return false;
    if (person.id == 0) return err_set(err, ERR_MISSING, "there is no person %lld", (long long)id);
    if (person.role == ROLE_ADMIN && !others_administer(store, now_ms, 0, id, err)) return false;
    return sql_sessions_end(store, id, err) && sql_person_remove(store, id, err);
}

bool access_session_make(struct store *store, int64_t person, int64_t now_ms, char ret_secret[ACCESS_SECRET_BYTES],
                         struct err *err)
{
    char secret[ACCESS_SECRET_BYTES];
    uint8_t hash[ACCESS_HASH_BYTES];
    secret_token(secret, sizeof secret, SECRET_RANDOM_BYTES);
    hash_of(text_of(secret), hash);
    if (!sql_sessions_tidy(store, now_ms, person, err) ||
        !sql_session_put(store, bytes_of(hash, sizeof hash), person, now_ms + ACCESS_SESSION_MS, err))
        return false;
    memcpy(ret_secret, secret, sizeof secret);
    return true;
}

bool access_session_end(struct store *store, struct text session, struct err *err)
{
    uint8_t hash[ACCESS_HASH_BYTES];
    hash_of(session, hash);
    return sql_session_end(store, bytes_of(hash, sizeof hash), err);
}
