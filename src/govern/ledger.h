/* ledger.h - what was decided and done, as one chain that only grows: a change or a gap in it is found.
 *
 * Each row holds a digest of what it is about (a row of table decision or audit) and a hash of the hash before and
 * of itself.  Digests of decisions are under the vault's key, so that they say nothing once the person is erased:
 * the decision goes, its row stays, and a row of kind erasure says why the decision is gone.  Number of rows and
 * last hash stand apart, sealed under the vault's key, so that a chain cut short or written anew is found too. */
#ifndef GOVERN_LEDGER_H
#define GOVERN_LEDGER_H

#include "base/arena.h"
#include "customer/vault.h"

/* Each in the transaction of what it is about, after it.  vault NULL: the database's own, where it has one. */
bool ledger_put_decision(struct store *store, const struct vault *vault, struct text id,
                         struct err *err) MUST_CHECK;
bool ledger_put_act(struct store *store, const struct vault *vault, int64_t id, struct err *err) MUST_CHECK;
bool ledger_put_erasure(struct store *store, const struct vault *vault, uint32_t identity, int64_t at_ms,
                        struct err *err) MUST_CHECK;

/* first_bad 0: all is as it was; else the first row that is not, and why, in the arena. */
struct ledger_check { int64_t n_rows, first_bad; const char *why; };

/* Errors: those of the store and of vault_open; a broken chain is no error. */
bool ledger_verify(struct store *store, struct arena *arena, struct ledger_check *ret_check,
                   struct err *err) MUST_CHECK;

#endif
