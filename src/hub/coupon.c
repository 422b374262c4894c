/* coupon.c - see coupon.h. */
#include "hub/coupon.h"

#include "base/secret.h"

enum { CODE_BYTES = 6 };

const char *coupon_code(const char *name, struct arena *arena)
{
    static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    char drawn[CODE_BYTES + 1] = { 0 };
    uint8_t bytes[CODE_BYTES];
    secret_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) drawn[i] = letters[bytes[i] % 32];
    return arena_format(arena, "%s-%s", name, drawn);
}
