/* webhook.c - see webhook.h. */
#include "govern/webhook.h"

#include "base/secret.h"
#include "store/sql.h"

#include <string.h>

static bool webhook_is_source(struct text source)
{
    return text_equal(source, text_of("stripe")) || text_equal(source, text_of("shopify"));
}

bool webhook_secret_put(struct store *store, const struct vault *vault, struct text source, struct text secret,
                        struct err *err)
{
    uint8_t sealed[WEBHOOK_SECRET_MOST_BYTES + 64];
    size_t n = secret_sealed_bytes(secret.length);
    if (!webhook_is_source(source)) return err_set(err, ERR_INVALID, "webhooks come from stripe or shopify");
    if (secret.length == 0 || secret.length > WEBHOOK_SECRET_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a webhook's secret has 1 to %d bytes", WEBHOOK_SECRET_MOST_BYTES);
    secret_seal(vault->seal_key, secret.at, secret.length, sealed);
    return sql_webhook_put(store, source, bytes_of(sealed, n), err);
}

bool webhook_secret_get(struct store *store, const struct vault *vault, struct text source, struct arena *arena,
                        struct text *ret_secret, struct err *err)
{
    struct sql_webhook_get row;
    if (!sql_webhook_get(store, source, &row, err)) return false;
    enum step step = sql_webhook_get_step(&row, err);
    bool ok = step == STEP_ROW;
    if (ok) {
        size_t least = secret_sealed_bytes(0), n = row.secret.length > least ? row.secret.length - least : 0;
        char *secret = arena_alloc(arena, n + 1, 1);
        ok = (n > 0 && secret_unseal(vault->seal_key, row.secret.at, row.secret.length, (uint8_t *)secret)) ||
             err_set(err, ERR_CORRUPT, "the secret of %.*s cannot be unsealed", (int)source.length, source.at);
        *ret_secret = (struct text){ secret, n };
    } else if (step == STEP_END) {
        err_set(err, ERR_MISSING, "no secret of %.*s is known; PUT /v1/webhooks/%.*s/secret first",
                (int)source.length, source.at, (int)source.length, source.at);
    }
    cursor_close(row.cursor);
    return ok;
}
