/* closed_address.c - see closed_address.h. */
#include "customer/closed_address.h"

#include "store/sql.h"

#include <ctype.h>

enum { ADDRESS_ROOM = 512 };

/* Case and blanks do not matter. */
static void hash_of(const struct vault *vault, struct text address, uint8_t ret_hash[VAULT_HASH_BYTES])
{
    char normal[ADDRESS_ROOM];
    size_t n = 0;
    for (size_t i = 0; i < address.length && n < sizeof normal; i++)
        if (!isspace((unsigned char)address.at[i])) normal[n++] = (char)tolower((unsigned char)address.at[i]);
    vault_hash(vault, "closed address", (struct text){ normal, n }, ret_hash);
}

bool closed_address_put(struct store *store, const struct vault *vault, struct text address, struct text channel,
                        const char *reason, int64_t now_ms, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    hash_of(vault, address, hash);
    return sql_closed_address_put(store, bytes_of(hash, sizeof hash), channel, text_of(reason), now_ms, err);
}

bool closed_address_remove(struct store *store, const struct vault *vault, struct text address, struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    hash_of(vault, address, hash);
    return sql_closed_address_remove(store, bytes_of(hash, sizeof hash), err);
}

bool closed_address_find(struct store *store, const struct vault *vault, struct text address, bool *ret_is_closed,
                         struct err *err)
{
    uint8_t hash[VAULT_HASH_BYTES];
    struct sql_closed_address_get row;
    hash_of(vault, address, hash);
    if (!sql_closed_address_get(store, bytes_of(hash, sizeof hash), &row, err)) return false;
    enum step step = sql_closed_address_get_step(&row, err);
    *ret_is_closed = step == STEP_ROW;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}
