/* webhook.h - the secrets that shops' and payment providers' webhooks are signed with, sealed in the store. */
#ifndef GOVERN_WEBHOOK_H
#define GOVERN_WEBHOOK_H

#include "base/arena.h"
#include "customer/vault.h"

enum { WEBHOOK_SECRET_MOST_BYTES = 256 };

/* In the caller's transaction.  Errors: ERR_INVALID no such source, or a secret that is empty or too long. */
bool webhook_secret_put(struct store *store, const struct vault *vault, struct text source, struct text secret,
                        struct err *err) MUST_CHECK;
/* Errors: ERR_MISSING none was given yet (says how); ERR_CORRUPT it cannot be unsealed. */
bool webhook_secret_get(struct store *store, const struct vault *vault, struct text source, struct arena *arena,
                        struct text *ret_secret, struct err *err) MUST_CHECK;

#endif
