/* consent.h - who must not be heard: the suppressed, and those who said no to being measured.
 *
 * Suppression is by keyed hash of the identity's text (identity_text), so that the list names nobody and holds for
 * ids that have never been seen or were erased.  Consent is per purpose; each statement is a row with its time,
 * source and proof, the latest counts, and those of linked identities count for the customer. */
#ifndef CUSTOMER_CONSENT_H
#define CUSTOMER_CONSENT_H

#include "customer/identity.h"
#include "customer/vault.h"

struct consents;

/* Borrows all but the store, which is read. */
bool consents_open(struct store *store, const struct log *log, const struct identities *identities,
                   const struct vault *vault, struct consents **ret_consents, struct err *err) MUST_CHECK;
void consents_close(struct consents *consents);     /* NULL is fine */
/* Reads all again: after a rollback. */
bool consents_reload(struct consents *consents, struct store *store, struct err *err) MUST_CHECK;

/* The same number for the same people not to be heard, however it came to that; for tests. */
uint64_t consents_digest(const struct consents *consents);

/* Whether events of this identity may be taken in.  name is its text (identity_text), which need not be in the
 * dictionary; of a message with several ids all must be allowed.  What a message states (consents_put) is recorded
 * before its own events are checked. */
enum consent_verdict { CONSENT_ALLOWED, CONSENT_SUPPRESSED, CONSENT_REFUSED };
enum consent_verdict consents_check(const struct consents *consents, struct text name);

/* Writer, in the store's transaction; both in the store and in memory.  source: who says so ("api", "shopify",
 * "person@desk"), without personal data. */
bool consents_suppress(struct consents *consents, struct store *store, struct text name, int64_t received_ms,
                       struct text source, struct err *err) MUST_CHECK;
bool consents_unsuppress(struct consents *consents, struct store *store, struct text name, int64_t received_ms,
                         struct text source, struct err *err) MUST_CHECK;

/* Records statements: a flat JSON object of booleans by purpose ({"analytics": true, "email": false}), as
 * message.consent is.  What repeats the last statement is not recorded again, and costs next to nothing.
 * Refusing "analytics" or "tracking" closes the door.  proof: where it can be checked (a message id, a form), or
 * empty.
 * Errors: ERR_INVALID not such an object, or a purpose over 100 bytes. */
bool consents_put(struct consents *consents, struct store *store, struct text name, struct text statements,
                  int64_t received_ms, struct text source, struct text proof, struct err *err) MUST_CHECK;

/* told is called, in the writer's transaction, of everybody who says yes to something they had not said yes to before;
 * the name is theirs until it returns.  At most one listens. */
typedef void consents_told(void *context, struct text name, int64_t received_ms);
void consents_listen(struct consents *consents, consents_told *told, void *context);

/* What n identities (identities_members) have stated, the latest of each purpose, as JSON in the arena:
 * {"email": {"given": false, "since_ms": ..., "source": "...", "proof": "..."}, ...}; "confirmed": true where a yes was. */
bool consents_get(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                  struct arena *arena, struct text *ret_json, struct err *err) MUST_CHECK;

/* A yes that its maker confirmed by a link that only they were sent: source "confirmation". */
bool consents_confirm(struct consents *consents, struct store *store, struct text name, struct text purpose,
                      int64_t received_ms, struct text proof, struct err *err) MUST_CHECK;

/* The latest statement of n identities on a purpose. */
enum consent_said { CONSENT_SAID_NOTHING, CONSENT_SAID_NO, CONSENT_SAID_YES };
bool consents_said(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                   const char *purpose, enum consent_said *ret_said, struct err *err) MUST_CHECK;

/* The same of n_purposes, "" for none: ret_statements [n_purposes].  is_confirmed: it is a yes, and was confirmed since
 * the last no. */
struct consent_statement { enum consent_said said; bool is_confirmed; };
bool consents_statements(const struct consents *consents, struct store *store, const uint32_t *members, size_t n,
                         const char *const *purposes, size_t n_purposes, struct consent_statement *ret_statements,
                         struct err *err) MUST_CHECK;

/* Since when an identity is suppressed, and on whose word; 0 and "" if it is not.  source is in the arena. */
bool consents_suppressed(const struct consents *consents, struct store *store, struct text name,
                         struct arena *arena, int64_t *ret_since_ms, const char **ret_source,
                         struct err *err) MUST_CHECK;

/* Forgets the statements of an identity; a suppression stays. */
bool consents_erase(struct consents *consents, struct store *store, struct text name, struct err *err) MUST_CHECK;

#endif
