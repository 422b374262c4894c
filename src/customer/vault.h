/* vault.h - the master key of a database, in the file <database>.key beside it, readable by its owner only.
 *
 * Without the file nothing personal in the database can be read, so it belongs in a safe place of its own, not in
 * the same back-up.  Two keys come from it: one that seals, one for hashes by which people are looked up. */
#ifndef CUSTOMER_VAULT_H
#define CUSTOMER_VAULT_H

#include "base/text.h"
#include "store/store.h"

enum { VAULT_KEY_BYTES = 32, VAULT_HASH_BYTES = 16 };

struct vault { uint8_t seal_key[VAULT_KEY_BYTES], hash_key[VAULT_KEY_BYTES]; };

/* Reads the key file, or makes one where the database has never had one and may be written; a database in memory
 * gets a key that nobody keeps.
 * Errors: ERR_MISSING the file is gone, or there never was one and is_made is false; ERR_INVALID
 * it is another database's, or others may read it; ERR_IO. */
bool vault_open(struct store *store, bool is_made, struct vault *ret_vault, struct err *err) MUST_CHECK;

/* The hash by which a text is looked up; `what` keeps hashes of different uses apart. */
void vault_hash(const struct vault *vault, const char *what, struct text text, uint8_t ret_hash[VAULT_HASH_BYTES]);

#endif
