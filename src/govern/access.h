/* access.h - who may do what: write keys, API tokens, people and their sessions.
 *
 * Two kinds of key send events.  A page key stands in web pages and apps, where everybody can read it: it may send
 * what a page sends.  A write key stays on servers: it may also import the past, join customers who have ids of
 * their own, suppress and erase.
 *
 * Only hashes of keys, tokens, sessions and passwords are stored: a secret is shown once, when it is made.
 * What is stored is in the tables access_key, person and session; everything that is asked at each request is in
 * memory.  Functions that take a store write and belong in a transaction (ingest_run while serving); afterwards
 * access_load makes them count. */
#ifndef GOVERN_ACCESS_H
#define GOVERN_ACCESS_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access;
struct store;

/* What a route needs; each is a bit of a role's rights. */
enum access_right {
    ACCESS_OPEN     = 0,
    ACCESS_INGEST   = 1 << 0,   /* send events: page keys and write keys */
    ACCESS_VIEW     = 1 << 1,   /* figures, segments, models: nothing about one customer */
    ACCESS_CUSTOMER = 1 << 2,   /* look at single customers, and at the live stream */
    ACCESS_DECIDE   = 1 << 3,   /* ask what to do with a customer */
    ACCESS_SEGMENT  = 1 << 4,   /* define and remove segments */
    ACCESS_MODEL    = 1 << 5,   /* train and choose models */
    ACCESS_IDENTITY = 1 << 6,   /* merge and unmerge customers */
    ACCESS_PRIVACY  = 1 << 7,   /* export, erase, suppress, consent, personal fields in clear */
    ACCESS_OPERATE  = 1 << 8,   /* metrics, dead letters, webhooks' secrets */
    ACCESS_ADMIN    = 1 << 9,   /* keys, tokens, people */
    ACCESS_SESSION  = 1 << 10,  /* whoever is known: its own session */
    ACCESS_SERVER   = 1 << 11,  /* import the past, join, suppress, erase by what is sent: write keys */
    ACCESS_JOURNEY  = 1 << 12,  /* write, pause, resume and enter journeys */
    ACCESS_TASK     = 1 << 13,  /* the queue of tasks for people */
    ACCESS_APPROVE  = 1 << 14   /* approve what another wrote, stop all sending, commit a plan */
};

enum access_role {
    ROLE_NONE,
    ROLE_VIEWER,
    ROLE_MARKETER,
    ROLE_SUCCESS,
    ROLE_ANALYST,
    ROLE_ENGINEER,
    ROLE_PRIVACY,
    ROLE_LEAD,
    ROLE_ADMIN,
    ROLES
};
/* Those that somebody can have, as a person is told them. */
#define ACCESS_ROLES "viewer, marketer, success, analyst, engineer, privacy, lead, admin"
const char *access_role_name(enum access_role role);            /* "viewer" */
bool        access_role_named(struct text name, enum access_role *ret_role);
unsigned    access_role_rights(enum access_role role);
const char *access_right_name(enum access_right right);         /* "view" */

enum access_how { ACCESS_BY_NOBODY, ACCESS_BY_KEY, ACCESS_BY_TOKEN, ACCESS_BY_SESSION };

enum { ACCESS_NAME_BYTES = 65, ACCESS_SECRET_BYTES = 48 };

struct access_grant {
    enum access_how  how;
    enum access_role role;
    unsigned         rights;
    int64_t          id;                        /* of the key, token or person */
    char             name[ACCESS_NAME_BYTES];   /* what it is called */
};

/* Errors: those of the store. */
bool access_open(struct store *store, const struct clock *clock, struct access **ret_access,
                 struct err *err) MUST_CHECK;
void access_close(struct access *access);       /* NULL is fine */
/* Reads keys, people and sessions again.  Any thread; store is the caller's to read. */
bool access_load(struct access *access, struct store *store, struct err *err) MUST_CHECK;

/* Who shows this secret; false: nobody we know, or it has expired.  From any thread. */
bool access_by_key(struct access *access, struct text key, struct access_grant *ret_grant);
bool access_by_token(struct access *access, struct text token, struct access_grant *ret_grant);
bool access_by_session(struct access *access, struct text session, struct access_grant *ret_grant);
/* Whether who was known a while ago still is, with this right: their key or token is there, or a session of theirs.
 * For what goes on long after it was asked for. */
bool access_still_has(struct access *access, const struct access_grant *grant, enum access_right right);
/* Some tens of milliseconds, one at a time; as long for a name that is not there. */
bool access_by_password(struct access *access, struct text name, struct text password,
                        struct access_grant *ret_grant);

/* Keys and tokens: their secrets begin with "pk_", "wk_", "hf_". */
enum access_kind { ACCESS_PAGE_KEY, ACCESS_WRITE_KEY, ACCESS_TOKEN, ACCESS_KINDS };
const char *access_kind_word(enum access_kind kind);            /* "page_key" */
bool        access_kind_named(struct text word, enum access_kind *ret_kind);
unsigned    access_kind_rights(enum access_kind kind);          /* of a token none: those of its role */
bool        access_looks_like(struct text secret, enum access_kind kind);       /* it begins so */

struct access_key {
    int64_t          id;
    enum access_kind kind;
    enum access_role role;              /* of a token, else ROLE_NONE */
    char             name[ACCESS_NAME_BYTES];
    char             hint[9];           /* the first letters */
    int64_t          made_ms, expires_ms;       /* 0: never */
};
bool access_keys(struct store *store, struct arena *arena, struct access_key **ret_keys, size_t *ret_n,
                 struct err *err) MUST_CHECK;
/* role: of a token, else ROLE_NONE.  expires_ms 0: never.  Errors: ERR_INVALID the name is empty, long, or has
 * signs. */
bool access_key_make(struct store *store, enum access_kind kind, struct text name, enum access_role role,
                     int64_t now_ms, int64_t expires_ms, char ret_secret[ACCESS_SECRET_BYTES], int64_t *ret_id,
                     struct err *err) MUST_CHECK;
/* A new secret of the same kind, name, role and end; the old one counts for grace_ms more.
 * Errors: ERR_MISSING no such key; ERR_REFUSED it ends within its grace, as one does that was rotated already. */
bool access_key_rotate(struct store *store, int64_t id, int64_t now_ms, int64_t grace_ms,
                       char ret_secret[ACCESS_SECRET_BYTES], int64_t *ret_id, struct err *err) MUST_CHECK;
/* Errors: ERR_MISSING; ERR_REFUSED it is the last that may administer. */
bool access_key_remove(struct store *store, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;

/* People. */
struct access_person {
    int64_t          id;
    enum access_role role;
    char             name[ACCESS_NAME_BYTES];
    int64_t          made_ms;
};
bool access_people(struct store *store, struct arena *arena, struct access_person **ret_people, size_t *ret_n,
                   struct err *err) MUST_CHECK;
/* Makes a person, or gives one there is another password and role and ends their sessions.  hash is
 * secret_password_hash's, made before the transaction.  Errors: ERR_INVALID the name. */
bool access_person_put(struct store *store, struct text name, enum access_role role, const char *hash,
                       int64_t now_ms, int64_t *ret_id, struct err *err) MUST_CHECK;
bool access_person_remove(struct store *store, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;
/* Errors: ERR_INVALID shorter than 10 letters, longer than 256, or the name itself. */
bool access_password_check(struct text name, struct text password, struct err *err) MUST_CHECK;

/* Sessions last ACCESS_SESSION_MS from their beginning. */
#define ACCESS_SESSION_MS ((int64_t)12 * 3600 * 1000)
bool access_session_make(struct store *store, int64_t person, int64_t now_ms, char ret_secret[ACCESS_SECRET_BYTES],
                         struct err *err) MUST_CHECK;
bool access_session_end(struct store *store, struct text session, struct err *err) MUST_CHECK;

#endif
