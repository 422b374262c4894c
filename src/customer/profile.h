/* profile.h - what a person is called and how they are reached: sealed, and nowhere else in the database.
 *
 * Each identity has a key of its own, kept sealed under the master key (vault.h), and its personal members sealed
 * under that; destroying the key forgets them.  E-mail addresses and telephone numbers are found by keyed hash.
 * A customer's profile is that of all identities linked to it: of each member what was said last, unless it was
 * said once and for all (once.h). */
#ifndef CUSTOMER_PROFILE_H
#define CUSTOMER_PROFILE_H

#include "customer/identity.h"
#include "customer/vault.h"

struct profiles;

/* Opens the vault, making the key file if is_made and there is none. */
bool profiles_open(struct store *store, bool is_made, struct profiles **ret_profiles, struct err *err) MUST_CHECK;
void profiles_close(struct profiles *profiles);     /* NULL is fine */

const struct vault *profiles_vault(const struct profiles *profiles);
const uint8_t      *profiles_key(const struct profiles *profiles);      /* for identity_text */

/* Adds the members of a flat JSON object to what is known of the identity; null forgets a member.  An older
 * received_ms than a member's own leaves it.  In the store's transaction (writer).
 * Errors: ERR_INVALID not a flat JSON object, or over 64 KiB in all; ERR_CORRUPT it cannot be unsealed. */
bool profiles_put(const struct profiles *profiles, struct store *store, uint32_t identity, struct text personal,
                  int64_t received_ms, struct err *err) MUST_CHECK;

/* The personal members of n identities (identities_members) as one flat JSON object in the arena, "{}" if there
 * are none.  Any connection will do. */
bool profiles_get(const struct profiles *profiles, struct store *store, const uint32_t *members, size_t n,
                  struct arena *arena, struct text *ret_json, struct err *err) MUST_CHECK;

/* The identities that have, or had, this e-mail address or telephone number, ascending; found by its exact text
 * but for case and spaces (numbers: by their digits and a leading +).  In the arena. */
bool profiles_find(const struct profiles *profiles, struct store *store, struct text address, struct arena *arena,
                   uint32_t **ret_identities, size_t *ret_n, struct err *err) MUST_CHECK;

/* The same for the text of an identity of kind IDENTITY_EMAIL, which is the address under the key. */
bool profiles_find_name(const struct profiles *profiles, struct store *store, struct text name,
                        struct arena *arena, uint32_t **ret_identities, size_t *ret_n, struct err *err) MUST_CHECK;

/* Seals bytes under the identity's own key, which is made where there is none (then in the store's transaction,
 * writer), so that they are noise once the person is erased; in the arena. */
bool profiles_seal(const struct profiles *profiles, struct store *store, uint32_t identity, struct text plain,
                   struct arena *arena, struct text *ret_sealed, struct err *err) MUST_CHECK;
/* key: as table profile keeps it.  A NUL follows the text, in the arena.  False: the key is gone, or bytes were changed. */
bool profiles_unseal(const struct profiles *profiles, struct text key, struct text sealed, struct arena *arena,
                     struct text *ret_plain);

/* Destroys an identity's key, members and look-ups. */
bool profiles_erase(const struct profiles *profiles, struct store *store, uint32_t identity,
                    struct err *err) MUST_CHECK;

#endif
