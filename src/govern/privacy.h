/* privacy.h - the rights of one person: everything held about them as JSON, and its erasure.
 *
 * Erasure destroys the key of the sealed members, replaces the person's ids in the dictionary by tombstones
 * ("erased:<number>"), blanks the properties of their events, and removes links, scores, decisions and refused
 * messages that name them.  What stays is that somebody did something at some time for some amount, which sums
 * and models need.  The file itself is clean once privacy_scrub has run after the commit. */
#ifndef GOVERN_PRIVACY_H
#define GOVERN_PRIVACY_H

#include "customer/consent.h"
#include "customer/profile.h"

#include <jansson.h>
#include <pthread.h>

/* What it works on.  lock guards what is in memory while a server runs; NULL: nobody else reads. */
struct privacy {
    struct store      *store;       /* of the writer */
    struct log        *log;
    struct identities *identities;
    struct consents   *consents;
    struct profiles   *profiles;
    pthread_rwlock_t  *lock;
    /* Called for whose events were blanked, in the store's transaction: what is folded of them must go.  NULL: nothing is. */
    void             (*blanked)(void *context, uint32_t identity);
    void              *context;
};

/* ---- requests: they must be answered within a month ---- */

enum privacy_kind { PRIVACY_EXPORT, PRIVACY_ERASE };
enum { PRIVACY_DUE_DAYS = 30 };

struct privacy_request {
    int64_t     id, requested_ms, due_ms, done_ms;      /* done_ms 0: not yet */
    uint32_t    identity;                               /* whom it is about; 0: nobody known by the id */
    const char *kind, *state, *source, *detail;         /* "erase"; "waiting", "done"; JSON of counts or "" */
};

/* Writes down a request about an identity by its text, in the store's transaction (writer); by that of an e-mail
 * address, about everybody who has it.  An empty text stands for all customers of the source: that request waits
 * for a person.  *ret_id is the first of them. */
bool privacy_request_put(const struct privacy *privacy, enum privacy_kind kind, struct text name,
                         int64_t received_ms, struct text source, int64_t *ret_id, struct err *err) MUST_CHECK;

/* The same about one identity, whoever else has its text as an address. */
bool privacy_request_put_of(const struct privacy *privacy, enum privacy_kind kind, uint32_t identity,
                            int64_t received_ms, struct text source, int64_t *ret_id, struct err *err) MUST_CHECK;

/* The requests that are open and the newest `most` of all but those that retention made and are done; newest first. */
enum { PRIVACY_REQUESTS_USUAL = 1000, PRIVACY_REQUESTS_MOST = 10000 };
bool privacy_requests(struct store *store, size_t most, struct arena *arena,
                      struct privacy_request **ret_requests, size_t *ret_n, struct err *err) MUST_CHECK;

/* Carries out an erasure, in the store's transaction (writer), and brings its state from "waiting" to "erased", then
 * to "done"; any other request stays as it is.  *ret_is_left: it erased somebody now; events that were received before
 * and are written at the end of the same transaction are not seen, and a second call, in a later transaction, blanks
 * these too.
 * After a rollback the log, the identities and the consents must be reloaded. */
bool privacy_carry_out(const struct privacy *privacy, int64_t id, int64_t now_ms, bool *ret_is_left,
                       struct err *err) MUST_CHECK;

/* Marks as done, in the store's transaction, what a person does: an export that was handed over, a request about nobody
 * known that was looked into.  Errors: ERR_MISSING no such request; ERR_REFUSED it is done, or it is an erasure of
 * somebody known, which carries itself out. */
bool privacy_request_done(struct store *store, int64_t id, int64_t now_ms, struct err *err) MUST_CHECK;

/* ---- what they ask for ---- */

/* Everything held about the customer of an identity: ids, links, personal members, consents, events, scores,
 * memberships, decisions, requests.  On a connection for reading while a server runs: names are read from it, not
 * from what the writer changes.  Reads the whole partitions of their events: seconds where there are very many
 * customers.  Errors: ERR_MISSING no such identity; those of the log and the store. */
bool privacy_export_beside(struct store *store, struct profiles *profiles, uint32_t identity, json_t **ret_json,
                           struct err *err) MUST_CHECK;

/* What an erasure found and took away. */
struct erased { size_t n_identities, n_events, n_links, n_rows; };

/* Erases the customer of an identity, all linked identities, and writes it down as a request that
 * privacy_carry_out has to look at once more; transaction and rollback as there. */
bool privacy_erase(const struct privacy *privacy, uint32_t identity, int64_t now_ms, struct erased *ret_erased,
                   struct err *err) MUST_CHECK;

/* After the commit, outside a transaction, on any connection: no byte of what was erased stays in the -wal file.
 * Errors: ERR_BUSY a reader still looks at the past: try again. */
bool privacy_scrub(struct store *store, struct err *err) MUST_CHECK;

#endif
