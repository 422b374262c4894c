/* access_test.c - keys, tokens, people and sessions: who is known, until when, and what is never stored. */
#include "base/secret.h"
#include "govern/access.h"
#include "store/store.h"
#include "support.h"
#include "store/sql.h"

static struct arena *arena;
static struct store *store;
static struct access *access_now;
static struct err err;
static int64_t now_ms = 1700000000000;

static int64_t read_clock(void *context) { (void)context; return now_ms; }
static const struct clock fake_clock = { read_clock, NULL };

static void start(void)
{
    arena = arena_new(1 << 24);
    ASSERT_OK(secret_start(&err), &err);
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &store, &err), &err);
    ASSERT_OK(access_open(store, &fake_clock, &access_now, &err), &err);
}
static void finish(void)
{
    access_close(access_now);
    store_close(store);
    arena_free(arena);
}

TestSuite(access, .init = start, .fini = finish);

static int64_t make_kind(enum access_kind kind, const char *name, enum access_role role, int64_t expires_ms,
                         char secret[ACCESS_SECRET_BYTES])
{
    int64_t id;
    ASSERT_OK(access_key_make(store, kind, text_of(name), role, now_ms, expires_ms, secret, &id, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    return id;
}

/* A token of a role; a write key of none. */
static int64_t make(const char *name, enum access_role role, int64_t expires_ms, char secret[ACCESS_SECRET_BYTES])
{
    return make_kind(role == ROLE_NONE ? ACCESS_WRITE_KEY : ACCESS_TOKEN, name, role, expires_ms, secret);
}

Test(access, a_page_key_may_only_send_and_so_may_its_successor)
{
    char key[ACCESS_SECRET_BYTES], next[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t id = make_kind(ACCESS_PAGE_KEY, "shop window", ROLE_NONE, 0, key), successor;
    cr_assert(strncmp(key, "pk_", 3) == 0);
    cr_assert(access_by_key(access_now, text_of(key), &grant));
    cr_assert(grant.id == id && grant.rights == ACCESS_INGEST && grant.how == ACCESS_BY_KEY);
    cr_assert(!access_by_token(access_now, text_of(key), &grant));
    ASSERT_OK(access_key_rotate(store, id, now_ms, 0, next, &successor, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(access_by_key(access_now, text_of(next), &grant) && grant.rights == ACCESS_INGEST);
    cr_assert(strncmp(next, "pk_", 3) == 0);
}

/* Keys that are older than page keys have the role "none" in the table. */
Test(access, a_key_made_before_there_were_page_keys_stays_a_write_key)
{
    char key[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    struct access_key *keys;
    size_t n;
    (void)make("old", ROLE_NONE, 0, key);
    ASSERT_OK(access_keys(store, arena, &keys, &n, &err), &err);
    cr_assert(n == 1 && keys[0].kind == ACCESS_WRITE_KEY && keys[0].role == ROLE_NONE);
    cr_assert(access_by_key(access_now, text_of(key), &grant) && (grant.rights & ACCESS_SERVER));
}

Test(access, a_write_key_may_ingest_and_nothing_else)
{
    char key[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t id = make("shop", ROLE_NONE, 0, key);
    cr_assert(strncmp(key, "wk_", 3) == 0);
    cr_assert(access_by_key(access_now, text_of(key), &grant));
    cr_assert(grant.id == id && grant.rights == (ACCESS_INGEST | ACCESS_SERVER));
    cr_assert_eq(grant.how, ACCESS_BY_KEY);
    cr_assert_str_eq(grant.name, "shop");
    cr_assert(!access_by_token(access_now, text_of(key), &grant) &&
              !access_by_session(access_now, text_of(key), &grant));
    key[10] ^= 1;
    cr_assert(!access_by_key(access_now, text_of(key), &grant));
    cr_assert(!access_by_key(access_now, text_of(""), &grant));
}

Test(access, what_a_role_may_is_one_table)
{
    static const struct { const char *name; unsigned may, may_not;
    } wanted[] = {
        { "viewer", ACCESS_VIEW, ACCESS_CUSTOMER | ACCESS_DECIDE | ACCESS_SEGMENT | ACCESS_OPERATE },
        { "marketer", ACCESS_SEGMENT | ACCESS_DECIDE,
          ACCESS_PRIVACY | ACCESS_MODEL | ACCESS_OPERATE | ACCESS_IDENTITY },
        { "success", ACCESS_CUSTOMER | ACCESS_DECIDE, ACCESS_SEGMENT | ACCESS_PRIVACY },
        { "analyst", ACCESS_MODEL | ACCESS_SEGMENT, ACCESS_DECIDE | ACCESS_PRIVACY | ACCESS_OPERATE },
        { "engineer", ACCESS_OPERATE | ACCESS_IDENTITY, ACCESS_PRIVACY | ACCESS_SEGMENT },
        { "privacy", ACCESS_PRIVACY | ACCESS_IDENTITY, ACCESS_DECIDE | ACCESS_OPERATE },
        { "admin", ACCESS_ADMIN | ACCESS_PRIVACY | ACCESS_OPERATE, ACCESS_INGEST },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        enum access_role role;
        cr_assert(access_role_named(text_of(wanted[i].name), &role));
        cr_assert_str_eq(access_role_name(role), wanted[i].name);
        unsigned rights = access_role_rights(role);
        cr_assert_eq(rights & wanted[i].may, wanted[i].may, "%s", wanted[i].name);
        cr_assert_eq(rights & (wanted[i].may_not | ACCESS_INGEST), 0, "%s", wanted[i].name);
        cr_assert(rights & ACCESS_SESSION);
        if (role != ROLE_ADMIN) cr_assert_eq(rights & ACCESS_ADMIN, 0);
    }
    enum access_role role;
    cr_assert(!access_role_named(text_of("none"), &role) && !access_role_named(text_of("root"), &role));
}

Test(access, people_are_told_of_every_role_that_they_can_have)
{
    char told[256] = "";
    for (unsigned role = ROLE_NONE + 1; role < ROLES; role++) {
        size_t n = strlen(told);
        (void)snprintf(told + n, sizeof told - n, "%s%s", n ? ", " : "", access_role_name(role));
    }
    cr_assert_str_eq(ACCESS_ROLES, told);
}

Test(access, a_key_ends_at_its_instant)
{
    char key[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    (void)make("short", ROLE_VIEWER, now_ms + 1000, key);
    cr_assert(access_by_token(access_now, text_of(key), &grant));
    cr_assert_eq(grant.role, ROLE_VIEWER);
    now_ms += 999;
    cr_assert(access_by_token(access_now, text_of(key), &grant));
    now_ms += 1;
    cr_assert(!access_by_token(access_now, text_of(key), &grant));
}

Test(access, rotating_lets_the_old_secret_count_for_its_grace)
{
    char old[ACCESS_SECRET_BYTES], new[ACCESS_SECRET_BYTES], third[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t id = make("shop", ROLE_NONE, 0, old), successor, last;
    ASSERT_OK(access_key_rotate(store, id, now_ms, 5000, new, &successor, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(successor != id && strcmp(old, new) != 0);
    cr_assert(access_by_key(access_now, text_of(old), &grant) && access_by_key(access_now, text_of(new), &grant));
    cr_assert_str_eq(grant.name, "shop");
    now_ms += 5000;
    cr_assert(!access_by_key(access_now, text_of(old), &grant) && access_by_key(access_now, text_of(new), &grant));
    ASSERT_OK(access_key_rotate(store, successor, now_ms, 0, third, &last, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(!access_by_key(access_now, text_of(new), &grant) &&
              access_by_key(access_now, text_of(third), &grant));
    ASSERT_FAILS(access_key_rotate(store, 999, now_ms, 0, third, &last, &err), &err, ERR_MISSING, "999");
}

Test(access, rotating_what_ends_ends_at_the_same_instant_and_is_refused_when_that_is_near)
{
    char old[ACCESS_SECRET_BYTES], new[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t id = make("guest", ROLE_VIEWER, now_ms + 10000, old), successor;
    ASSERT_FAILS(access_key_rotate(store, id, now_ms, 10000, new, &successor, &err), &err, ERR_REFUSED,
                 "make another one instead");
    ASSERT_OK(access_key_rotate(store, id, now_ms, 5000, new, &successor, &err), &err);
    ASSERT_FAILS(access_key_rotate(store, id, now_ms, 5000, new, &successor, &err), &err, ERR_REFUSED, "guest");
    ASSERT_OK(access_load(access_now, store, &err), &err);
    now_ms += 9999;
    cr_assert(!access_by_token(access_now, text_of(old), &grant) && access_by_token(access_now, text_of(new), &grant));
    now_ms++;
    cr_assert(!access_by_token(access_now, text_of(new), &grant));
}

Test(access, what_goes_on_ends_with_the_token_or_the_session_or_the_right)
{
    char token[ACCESS_SECRET_BYTES], session[ACCESS_SECRET_BYTES];
    struct access_grant by_token, by_session;
    int64_t id = make("stream", ROLE_SUCCESS, now_ms + 1000, token), person;
    ASSERT_OK(access_person_put(store, text_of("eve"), ROLE_ANALYST, "none", now_ms, &person, &err), &err);
    ASSERT_OK(access_session_make(store, person, now_ms, session, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(access_by_token(access_now, text_of(token), &by_token));
    cr_assert(access_by_session(access_now, text_of(session), &by_session));
    cr_assert(access_still_has(access_now, &by_token, ACCESS_CUSTOMER));
    cr_assert(!access_still_has(access_now, &by_token, ACCESS_PRIVACY));
    cr_assert(access_still_has(access_now, &by_session, ACCESS_CUSTOMER));
    now_ms += 1000;
    cr_assert(!access_still_has(access_now, &by_token, ACCESS_CUSTOMER), "it has expired");
    now_ms -= 1000;
    ASSERT_OK(access_key_remove(store, id, now_ms, &err), &err);
    ASSERT_OK(access_session_end(store, text_of(session), &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(!access_still_has(access_now, &by_token, ACCESS_CUSTOMER), "it is gone");
    cr_assert(!access_still_has(access_now, &by_session, ACCESS_CUSTOMER), "signed out");
}

Test(access, the_last_who_may_administer_stays)
{
    char first[ACCESS_SECRET_BYTES], other[ACCESS_SECRET_BYTES], hash[SECRET_PASSWORD_BYTES];
    int64_t admin = make("first", ROLE_ADMIN, 0, first), viewer = make("other", ROLE_VIEWER, 0, other), person;
    ASSERT_FAILS(access_key_remove(store, admin, now_ms, &err), &err, ERR_REFUSED, "administer");
    ASSERT_OK(access_key_remove(store, viewer, now_ms, &err), &err);
    ASSERT_FAILS(access_key_remove(store, viewer, now_ms, &err), &err, ERR_MISSING, "no key");
    ASSERT_OK(secret_password_hash("correct horse", hash, &err), &err);
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_ADMIN, hash, now_ms, &person, &err), &err);
    ASSERT_OK(access_key_remove(store, admin, now_ms, &err), &err);
    ASSERT_FAILS(access_person_remove(store, person, now_ms, &err), &err, ERR_REFUSED, "administer");
    ASSERT_FAILS(access_person_put(store, text_of("ada"), ROLE_VIEWER, hash, now_ms, &person, &err), &err,
                 ERR_REFUSED, "administer");
}

Test(access, people_sign_in_with_their_password_and_sessions_end)
{
    char hash[SECRET_PASSWORD_BYTES], session[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t person;
    ASSERT_OK(secret_password_hash("correct horse", hash, &err), &err);
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_ANALYST, hash, now_ms, &person, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(access_by_password(access_now, text_of("ada"), text_of("correct horse"), &grant));
    cr_assert(grant.id == person && grant.role == ROLE_ANALYST);
    cr_assert(!access_by_password(access_now, text_of("ada"), text_of("correct hors"), &grant));
    cr_assert(!access_by_password(access_now, text_of("bob"), text_of("correct horse"), &grant));
    cr_assert(!access_by_password(access_now, text_of("ada"), (struct text){ "correct horse\0", 14 }, &grant));
    ASSERT_OK(access_session_make(store, person, now_ms, session, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(access_by_session(access_now, text_of(session), &grant));
    cr_assert(grant.role == ROLE_ANALYST && grant.how == ACCESS_BY_SESSION);
    now_ms += ACCESS_SESSION_MS;
    cr_assert(!access_by_session(access_now, text_of(session), &grant));
}

Test(access, a_new_password_and_signing_out_end_sessions)
{
    char hash[SECRET_PASSWORD_BYTES], one[ACCESS_SECRET_BYTES], two[ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t person;
    ASSERT_OK(secret_password_hash("correct horse", hash, &err), &err);
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_VIEWER, hash, now_ms, &person, &err), &err);
    ASSERT_OK(access_session_make(store, person, now_ms, one, &err), &err);
    ASSERT_OK(access_session_make(store, person, now_ms, two, &err), &err);
    ASSERT_OK(access_session_end(store, text_of(one), &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(!access_by_session(access_now, text_of(one), &grant) &&
              access_by_session(access_now, text_of(two), &grant));
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_VIEWER, hash, now_ms, &person, &err), &err);
    ASSERT_OK(access_load(access_now, store, &err), &err);
    cr_assert(!access_by_session(access_now, text_of(two), &grant));
}

Test(access, one_person_has_at_most_ten_sessions)
{
    char hash[SECRET_PASSWORD_BYTES], sessions[12][ACCESS_SECRET_BYTES];
    struct access_grant grant;
    int64_t person;
    ASSERT_OK(secret_password_hash("correct horse", hash, &err), &err);
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_VIEWER, hash, now_ms, &person, &err), &err);
    for (int i = 0; i < 12; i++) {
        now_ms++;
        ASSERT_OK(access_session_make(store, person, now_ms, sessions[i], &err), &err);
    }
    ASSERT_OK(access_load(access_now, store, &err), &err);
    int n = 0;
    for (int i = 0; i < 12; i++) n += access_by_session(access_now, text_of(sessions[i]), &grant);
    cr_assert_eq(n, 10);
    cr_assert(!access_by_session(access_now, text_of(sessions[0]), &grant));
}

Test(access, names_and_passwords_are_checked)
{
    char secret[ACCESS_SECRET_BYTES];
    int64_t id;
    static const char *const bad[] = { "", "a\nb", "<script>", "a\"b" };
    for (size_t i = 0; i < 4; i++)
        ASSERT_FAILS(access_key_make(store, ACCESS_WRITE_KEY, text_of(bad[i]), ROLE_NONE, now_ms, 0, secret, &id,
                                     &err), &err, ERR_INVALID, "name");
    ASSERT_FAILS(access_password_check(text_of("ada"), text_of("short"), &err), &err, ERR_INVALID, "10");
    ASSERT_FAILS(access_password_check(text_of("adalovelace"), text_of("AdaLovelace"), &err), &err, ERR_INVALID,
                 "name");
    ASSERT_OK(access_password_check(text_of("ada"), text_of("ten letters"), &err), &err);
}

/* Nothing that is stored is a secret: neither the key, nor the session, nor the password is among the columns. */
Test(access, only_hashes_are_stored)
{
    char key[ACCESS_SECRET_BYTES], hash[SECRET_PASSWORD_BYTES], session[ACCESS_SECRET_BYTES];
    int64_t person;
    (void)make("shop", ROLE_NONE, 0, key);
    ASSERT_OK(secret_password_hash("correct horse", hash, &err), &err);
    ASSERT_OK(access_person_put(store, text_of("ada"), ROLE_VIEWER, hash, now_ms, &person, &err), &err);
    ASSERT_OK(access_session_make(store, person, now_ms, session, &err), &err);
    struct sql_access_keys keys;
    struct sql_people people;
    struct sql_sessions sessions;
    ASSERT_OK(sql_access_keys(store, &keys, &err), &err);
    ASSERT_OK(sql_people(store, &people, &err), &err);
    ASSERT_OK(sql_sessions(store, 0, &sessions, &err), &err);
    for (size_t q = 0; q < 3; q++) {
        struct cursor *cursor = (struct cursor *[]){ keys.cursor, people.cursor, sessions.cursor }[q];
        size_t n_columns = (size_t[]){ 8, 5, 3 }[q], n_rows = 0;
        while (cursor_step(cursor, &err) == STEP_ROW) {
            n_rows++;
            for (size_t i = 0; i < n_columns; i++) {
                struct value value = cursor_column(cursor, i);
                if (value.kind != VALUE_TEXT && value.kind != VALUE_BLOB) continue;
                cr_assert(!memmem(value.bytes, value.length, key + 8, strlen(key) - 8));
                cr_assert(!memmem(value.bytes, value.length, session, strlen(session)));
                cr_assert(!memmem(value.bytes, value.length, "correct horse", 13));
            }
        }
        cursor_close(cursor);
        cr_assert_eq(n_rows, 1);
    }
}
