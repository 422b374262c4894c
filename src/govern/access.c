/* access.c - who may, as asked at each request, from memory; see access.h.
 *
 * Secrets are found by the hash of what is shown, in a list in order of hashes: comparing hashes tells whoever
 * tries nothing about a secret. */
#include "govern/access.h"

#include "base/memory.h"
#include "base/secret.h"
#include "govern/access_internal.h"
#include "store/store.h"
#include "store/sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint8_t  hash[ACCESS_HASH_BYTES];
    int64_t  expires_ms;            /* 0: never */
    struct access_grant grant;
};

struct login { int64_t id; enum access_role role; char name[ACCESS_NAME_BYTES], password[SECRET_PASSWORD_BYTES]; };

struct access {
    const struct clock *clock;
    pthread_rwlock_t    lock;       /* what follows */
    struct entry       *entries;    /* [n_entries], ascending by hash */
    size_t              n_entries;
    struct login       *people;     /* [n_people] */
    size_t              n_people;
    pthread_mutex_t     hashing;    /* one password at a time: each takes memory */
    char                nobody[SECRET_PASSWORD_BYTES];      /* a password's hash that nobody has */
};

static const struct { const char *name; unsigned rights;
} roles[ROLES] = {
    [ROLE_NONE] = { "none", 0 },
    [ROLE_VIEWER] = { "viewer", ACCESS_VIEW },
    [ROLE_MARKETER] = { "marketer", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_SEGMENT | ACCESS_JOURNEY },
    [ROLE_SUCCESS] = { "success", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_TASK },
    [ROLE_ANALYST] = { "analyst", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_SEGMENT | ACCESS_MODEL },
    [ROLE_ENGINEER] = { "engineer",
                        ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_IDENTITY | ACCESS_OPERATE },
    [ROLE_PRIVACY] = { "privacy", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_IDENTITY | ACCESS_PRIVACY },
    [ROLE_LEAD] = { "lead", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_SEGMENT | ACCESS_JOURNEY | ACCESS_TASK |
                                ACCESS_APPROVE },
    [ROLE_ADMIN] = { "admin", ACCESS_VIEW | ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_SEGMENT | ACCESS_MODEL |
                                  ACCESS_IDENTITY | ACCESS_PRIVACY | ACCESS_OPERATE | ACCESS_ADMIN | ACCESS_JOURNEY |
                                  ACCESS_TASK | ACCESS_APPROVE },
};

const char *access_role_name(enum access_role role)   { return roles[role].name; }

unsigned access_role_rights(enum access_role role)
{
    return role == ROLE_NONE ? 0 : roles[role].rights | ACCESS_SESSION;
}

bool access_role_named(struct text name, enum access_role *ret_role)
{
    for (unsigned role = ROLE_VIEWER; role < ROLES; role++)
        if (text_equal(name, text_of(roles[role].name))) { *ret_role = (enum access_role)role; return true; }
    return false;
}

const char *access_right_name(enum access_right right)
{
    switch (right) {
    case ACCESS_OPEN:     return "open";
    case ACCESS_INGEST:   return "ingest";
    case ACCESS_VIEW:     return "view";
    case ACCESS_CUSTOMER: return "customer";
    case ACCESS_DECIDE:   return "decide";
    case ACCESS_SEGMENT:  return "segment";
    case ACCESS_MODEL:    return "model";
    case ACCESS_IDENTITY: return "identity";
    case ACCESS_PRIVACY:  return "privacy";
    case ACCESS_OPERATE:  return "operate";
    case ACCESS_ADMIN:    return "admin";
    case ACCESS_SESSION:  return "session";
    case ACCESS_SERVER:   return "server";
    case ACCESS_JOURNEY:  return "journey";
    case ACCESS_TASK:     return "task";
    case ACCESS_APPROVE:  return "approve";
    default:              return "?";
    }
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct entry *)a)->hash, ((const struct entry *)b)->hash, ACCESS_HASH_BYTES);
}

/* A list of entries that grows; NULL bytes on allocation failure end the program as an arena's would. */
static struct entry *add(struct entry **entries, size_t *n)
{
    if ((*n & (*n - 1)) == 0) {
        struct entry *grown = memory_grow(*entries, *n ? 2 * *n : 1, sizeof **entries);
        *entries = grown;
    }
    struct entry *entry = &(*entries)[(*n)++];
    memset(entry, 0, sizeof *entry);
    return entry;
}

static bool load_keys(struct store *store, struct entry **entries, size_t *n, struct err *err)
{
    struct sql_access_keys row;
    enum step step;
    if (!sql_access_keys(store, &row, err)) return false;
    while ((step = sql_access_keys_step(&row, err)) == STEP_ROW) {
        enum access_kind kind = access_kind_of(row.is_token != 0, row.role.at);
        if (row.hash.length != ACCESS_HASH_BYTES) continue;
        struct entry *entry = add(entries, n);
        memcpy(entry->hash, row.hash.at, ACCESS_HASH_BYTES);
        entry->expires_ms = row.expires_ms;
        struct access_grant *grant = &entry->grant;
        grant->how = kind == ACCESS_TOKEN ? ACCESS_BY_TOKEN : ACCESS_BY_KEY;
        grant->id = row.id;
        snprintf(grant->name, sizeof grant->name, "%s", row.name.at);
        if (!access_role_named(row.role, &grant->role)) grant->role = ROLE_NONE;
        grant->rights = access_kind_rights(kind) | access_role_rights(grant->role);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool load_people(struct store *store, struct login **people, size_t *n, struct err *err)
{
    struct sql_people row;
    enum step step;
    if (!sql_people(store, &row, err)) return false;
    while ((step = sql_people_step(&row, err)) == STEP_ROW) {
        struct login *grown = memory_grow(*people, *n + 1, sizeof **people), *person;
        *people = grown;
        person = &grown[(*n)++];
        memset(person, 0, sizeof *person);
        person->id = row.id;
        snprintf(person->name, sizeof person->name, "%s", row.name.at);
        if (!access_role_named(row.role, &person->role)) person->role = ROLE_NONE;
        snprintf(person->password, sizeof person->password, "%s", row.password.at);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static struct access_grant grant_of(const struct login *person)
{
    struct access_grant grant = { .how = ACCESS_BY_SESSION, .role = person->role, .id = person->id,
                                  .rights = access_role_rights(person->role) };
    memcpy(grant.name, person->name, sizeof grant.name);
    return grant;
}

static bool load_sessions(struct store *store, int64_t now_ms, const struct login *people, size_t n_people,
                          struct entry **entries, size_t *n, struct err *err)
{
    struct sql_sessions row;
    enum step step;
    if (!sql_sessions(store, now_ms, &row, err)) return false;
    while ((step = sql_sessions_step(&row, err)) == STEP_ROW) {
        for (size_t i = 0; i < n_people; i++) {
            if (people[i].id != row.person_id || row.hash.length != ACCESS_HASH_BYTES) continue;
            struct entry *entry = add(entries, n);
            memcpy(entry->hash, row.hash.at, ACCESS_HASH_BYTES);
            entry->expires_ms = row.expires_ms;
            entry->grant = grant_of(&people[i]);
        }
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

bool access_load(struct access *access, struct store *store, struct err *err)
{
    struct entry *entries = NULL;
    struct login *people = NULL;
    size_t n_entries = 0, n_people = 0;
    bool ok = load_keys(store, &entries, &n_entries, err) && load_people(store, &people, &n_people, err) &&
              load_sessions(store, clock_now_ms(access->clock), people, n_people, &entries, &n_entries, err);
    if (ok) {
        if (n_entries) qsort(entries, n_entries, sizeof *entries, by_hash);
        pthread_rwlock_wrlock(&access->lock);
        struct entry *old_entries = access->entries;
        struct login *old_people = access->people;
        access->entries = entries;
        access->n_entries = n_entries;
        access->people = people;
        access->n_people = n_people;
        pthread_rwlock_unlock(&access->lock);
        entries = old_entries;
        people = old_people;
    }
    free(entries);
    free(people);
    return ok;
}

bool access_open(struct store *store, const struct clock *clock, struct access **ret_access, struct err *err)
{
    struct access *access = memory_new(1, sizeof *access);
    char nothing[ACCESS_SECRET_BYTES];
    access->clock = clock;
    pthread_rwlock_init(&access->lock, NULL);
    pthread_mutex_init(&access->hashing, NULL);
    secret_token(nothing, sizeof nothing, 24);
    if (!secret_password_hash(nothing, access->nobody, err) || !access_load(access, store, err)) {
        access_close(access);
        return err_context(err, "reading who may do what");
    }
    *ret_access = access;
    return true;
}

void access_close(struct access *access)
{
    if (!access) return;
    pthread_mutex_destroy(&access->hashing);
    pthread_rwlock_destroy(&access->lock);
    free(access->entries);
    free(access->people);
    free(access);
}

static bool find(struct access *access, struct text secret, enum access_how how, struct access_grant *ret_grant)
{
    struct entry wanted;
    if (secret.length == 0 || secret.length >= ACCESS_SECRET_BYTES) return false;
    secret_hash(secret, wanted.hash, ACCESS_HASH_BYTES);
    pthread_rwlock_rdlock(&access->lock);
    const struct entry *entry =
        access->n_entries ? bsearch(&wanted, access->entries, access->n_entries, sizeof wanted, by_hash) : NULL;
    bool is_known = entry && entry->grant.how == how &&
                    (entry->expires_ms == 0 || entry->expires_ms > clock_now_ms(access->clock));
    if (is_known) *ret_grant = entry->grant;
    pthread_rwlock_unlock(&access->lock);
    return is_known;
}

bool access_by_key(struct access *access, struct text key, struct access_grant *ret_grant)
{
    return find(access, key, ACCESS_BY_KEY, ret_grant);
}

bool access_by_token(struct access *access, struct text token, struct access_grant *ret_grant)
{
    return find(access, token, ACCESS_BY_TOKEN, ret_grant);
}

bool access_by_session(struct access *access, struct text session, struct access_grant *ret_grant)
{
    return find(access, session, ACCESS_BY_SESSION, ret_grant);
}

bool access_still_has(struct access *access, const struct access_grant *grant, enum access_right right)
{
    int64_t now_ms = clock_now_ms(access->clock);
    bool has = false;
    pthread_rwlock_rdlock(&access->lock);
    for (size_t i = 0; i < access->n_entries && !has; i++) {
        const struct entry *entry = &access->entries[i];
        has = entry->grant.how == grant->how && entry->grant.id == grant->id &&
              (entry->expires_ms == 0 || entry->expires_ms > now_ms) && (entry->grant.rights & right);
    }
    pthread_rwlock_unlock(&access->lock);
    return has;
}

bool access_by_password(struct access *access, struct text name, struct text password,
                        struct access_grant *ret_grant)
{
    char hash[SECRET_PASSWORD_BYTES], typed[ACCESS_PASSWORD_MOST_BYTES + 1];
    struct access_grant grant = { 0 };
    if (password.length >= sizeof typed || (password.length && memchr(password.at, 0, password.length)))
        return false;
    memcpy(typed, password.length ? password.at : "", password.length);
    typed[password.length] = '\0';
    memcpy(hash, access->nobody, sizeof hash);
    pthread_rwlock_rdlock(&access->lock);
    for (size_t i = 0; i < access->n_people; i++)
        if (text_equal(name, text_of(access->people[i].name))) {
            grant = grant_of(&access->people[i]);
            memcpy(hash, access->people[i].password, sizeof hash);
        }
    pthread_rwlock_unlock(&access->lock);
    pthread_mutex_lock(&access->hashing);
    bool is_right = secret_password_verify(hash, typed);
    pthread_mutex_unlock(&access->hashing);
    secret_forget(typed, sizeof typed);
    if (!is_right || grant.how == ACCESS_BY_NOBODY) return false;
    *ret_grant = grant;
    return true;
}
