/* identity.h - raw identities (a user id, a browser's anonymous id, a hashed e-mail) and whom they make up.
 *
 * A link says that two identities are one person.  A customer is all that links join, directly or over others.
 * Links are rows of table identity_link, kept in memory too; events are never touched by them, so a link that is
 * removed never was.  An identity without a link is a customer by itself and costs nothing here.
 * Not for several threads at once unless all of them only read. */
#ifndef CUSTOMER_IDENTITY_H
#define CUSTOMER_IDENTITY_H

#include "log/log.h"

enum identity_kind { IDENTITY_USER, IDENTITY_ANONYMOUS, IDENTITY_EMAIL };

enum { IDENTITY_KEY_BYTES = 32, IDENTITY_EMAIL_BYTES_MOST = 254, IDENTITY_MEMBERS_MOST = 1000 };

/* The text by which DICTIONARY_IDENTITY knows an id: a user id as it is ("user:" goes before one that begins as
 * another kind would), "anonymous:<id>", "email:<32 hexadecimal digits>" of the lower-cased address under the key
 * (profile.h).  In the arena.  key is read for an e-mail only. */
struct text identity_text(enum identity_kind kind, struct text id, const uint8_t key[IDENTITY_KEY_BYTES],
                          struct arena *arena);
enum identity_kind identity_kind_of(struct text name);      /* of such a text */

/* Whether an id stands for nobody: empty, of spaces and marks only, "null", "undefined", "anonymous", "0", "-1",
 * "none", "nan", "unknown", "[object Object]", a UUID of one digit ... in any case.  What programs send that
 * have no id; joining customers over it would make one of strangers. */
bool identity_is_blocked(struct text id);

/* Whom somebody means by an id: the identity of this name, or of this e-mail address in any case where there is a key
 * (NULL: none).  False: nobody is known by it. */
bool identity_find(const struct log *log, struct text id, const uint8_t *key, uint32_t *ret_identity);

struct identities;

/* Reads the links and the settings identity_most (identities a customer may have, 50), identity_blocked and
 * identity_allowed (ids, one a line, that are blocked too or not blocked after all).  Borrows the log, which may
 * know fewer identities than the links name.  Errors: ERR_CORRUPT a link is damaged; those of the store. */
bool identities_open(struct store *store, const struct log *log, struct identities **ret_identities,
                     struct err *err) MUST_CHECK;
void identities_close(struct identities *identities);       /* NULL is fine */

/* Reads everything again: after a rollback, or when another process has written.  False leaves what there was. */
bool identities_reload(struct identities *identities, struct store *store, struct err *err) MUST_CHECK;

/* As identity_is_blocked, with the settings. */
bool identities_is_blocked(const struct identities *identities, struct text id);

/* identify is implicit: the program noticed both ids together.  The others were asked for. */
enum link_how { LINK_IDENTIFY, LINK_ALIAS, LINK_MERGE, LINK_MANUAL };
enum link_result { LINK_MADE, LINK_WAS_THERE, LINK_REFUSED };

/* Says that a and b are one person, in the store's transaction and in memory.
 * *ret_why is NULL unless refused, else a sentence that lives as long as the program; refusals are counted in
 * table identity_refused.  Refused: an identity with itself or with 0; more than identity_most identities; and of
 * LINK_IDENTIFY two customers who both have a user id (a shared device) and a link that a person has removed.
 * Errors: those of the store. */
bool identities_link(struct identities *identities, struct store *store, uint32_t a, uint32_t b, enum link_how how,
                     int64_t received_ms, enum link_result *ret_result, const char **ret_why,
                     struct err *err) MUST_CHECK;

/* Removes the link between a and b; its row stays, with the time.
 * Errors: ERR_MISSING none joins them directly. */
bool identities_unlink(struct identities *identities, struct store *store, uint32_t a, uint32_t b,
                       int64_t received_ms, struct err *err) MUST_CHECK;

/* Forgets that these identities, all of a customer, were ever linked or refused a link: rows and memory. */
bool identities_forget(struct identities *identities, struct store *store, const uint32_t *members, size_t n,
                       struct err *err) MUST_CHECK;

/* Who an identity is: of the user ids among those linked the one linked earliest, else the least index.
 * An identity without links is its own. */
uint32_t identities_customer(const struct identities *identities, uint32_t identity);

/* All identities of the customer, ascending, the identity itself among them.  Valid until the next link, unlink or
 * reload, and for an identity without links until the next call of this function in the same thread. */
const uint32_t *identities_members(const struct identities *identities, uint32_t identity, size_t *ret_n);

/* The same as a JSON list, for statements that ask about all of them; in the arena. */
struct text identities_list(const struct identities *identities, uint32_t identity, struct arena *arena);

/* The same as of an instant: by the links received before it that have not been removed since.  Writes at most
 * room members; returns how many there are, at most IDENTITY_MEMBERS_MOST. */
size_t   identities_members_at(const struct identities *identities, uint32_t identity, int64_t as_of_ms,
                               uint32_t *ret_members, size_t room);
uint32_t identities_customer_at(const struct identities *identities, uint32_t identity, int64_t as_of_ms);

size_t identities_n_links(const struct identities *identities);     /* in force */

/* The links of a customer, in the order made: a row of identity_link, a < b. */
struct link { int64_t id, received_ms; uint32_t a, b; enum link_how how; };
const struct link *identities_links(const struct identities *identities, uint32_t identity, size_t *ret_n);

/* Customers of more than one identity, in no order: slot 0 .. identities_n_linked - 1; NULL where a slot is
 * empty. */
size_t          identities_n_linked(const struct identities *identities);
const uint32_t *identities_linked(const struct identities *identities, size_t slot, size_t *ret_n);

/* What a committed group of events did to links. */
struct link_change { uint32_t a, b; bool is_removed; };

const char *link_how_name(enum link_how how);       /* "identify" */

#endif
