/* identity_name.c - the texts of raw identities, and ids that stand for nobody; see identity.h. */
#include "customer/identity.h"
#include "base/secret.h"

#include <ctype.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char anonymous_prefix[] = "anonymous:", email_prefix[] = "email:", user_prefix[] = "user:";
static const char *const prefixes[] = { anonymous_prefix, email_prefix, user_prefix, LOG_ERASED_PREFIX };

static bool begins_with(struct text text, const char *prefix)
{
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.at, prefix, length) == 0;
}

static struct text with_prefix(const char *prefix, struct text id, struct arena *arena)
{
    size_t length = strlen(prefix);
    char *text = arena_alloc(arena, 1, length + id.length + 1);
    memcpy(text, prefix, length);
    if (id.length) memcpy(text + length, id.at, id.length);
    return (struct text){ text, length + id.length };
}

static struct text email_text(struct text address, const uint8_t *key, struct arena *arena)
{
    uint8_t hash[16];
    char *lower = arena_alloc(arena, 1, address.length + 1), *hex = arena_alloc(arena, 1, 2 * sizeof hash + 1);
    address = text_trim(address);
    for (size_t i = 0; i < address.length; i++) lower[i] = (char)tolower((unsigned char)address.at[i]);
    secret_keyed_hash(key, (struct text){ lower, address.length }, hash, sizeof hash);
    secret_hex(hash, sizeof hash, hex);
    return with_prefix(email_prefix, text_of(hex), arena);
}

struct text identity_text(enum identity_kind kind, struct text id, const uint8_t key[IDENTITY_KEY_BYTES],
                          struct arena *arena)
{
    switch (kind) {
    case IDENTITY_ANONYMOUS: return with_prefix(anonymous_prefix, id, arena);
    case IDENTITY_EMAIL:     return email_text(id, key, arena);
    case IDENTITY_USER:      break;
    }
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (begins_with(id, prefixes[i])) return with_prefix(user_prefix, id, arena);
    return with_prefix("", id, arena);
}

enum identity_kind identity_kind_of(struct text name)
{
    if (begins_with(name, anonymous_prefix)) return IDENTITY_ANONYMOUS;
    return begins_with(name, email_prefix) ? IDENTITY_EMAIL : IDENTITY_USER;
}

bool identity_find(const struct log *log, struct text id, const uint8_t *key, uint32_t *ret_identity)
{
    if (log_find(log, DICTIONARY_IDENTITY, id, ret_identity) && *ret_identity != 0) return true;
    if (!key || id.length == 0 || id.length > IDENTITY_EMAIL_BYTES_MOST || !memchr(id.at, '@', id.length))
        return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool is_known =
        log_find(log, DICTIONARY_IDENTITY, email_text(id, key, arena), ret_identity) && *ret_identity != 0;
    arena_free(arena);
    return is_known;
}

/* Lower case, by length.  Programs send these where they have no id; most are on every product's list, and tills write the
 * long ones of whom nobody asked. */
static const char *const blocked[][12] = {
    [2] = { "na", "id", "''", "\"\"", "-1" },
    [3] = { "nil", "nan", "n/a", "uid" },
    [4] = { "null", "none", "true", "anon", "user" },
    [5] = { "false", "guest", "email", "empty" },
    [6] = { "(null)", "<null>", "userid", "walkin" },
    [7] = { "unknown", "not set", "not_set", "visitor", "user_id", "default", "walk-in", "walk in" },
    [8] = { "customer" },
    [9] = { "undefined", "(not set)", "anonymous", "cash sale",
            "cash-sale", "laufkunde", "gastkunde", "barzahler" },
    [10] = { "distinctid", "barverkauf", "cash sales" },
    [11] = { "anonymousid", "distinct_id", "losse klant", "no customer" },
    [12] = { "anonymous_id", "counter sale" },
    [13] = { "counter sales", "cash customer", "client divers" },
    [14] = { "clients divers", "laufkundschaft", "cliente varios",
             "guest customer", "guest checkout", "contante klant" },
    [15] = { "unauthenticated", "[object object]", "client comptoir", "clientes varios",
             "publico general", "walkin customer", "cliente contado", "retail customer" },
    [16] = { "consumidor final", "walk-in customer", "walk in customer",
             "cliente generico", "cliente generale", "público general" },
    [17] = { "not_authenticated", "walk-in customers", "client de passage", "one-time customer" },
    [18] = { "consommateur final" },
};

/* Nothing but marks and spaces, nothing but zeros, or a UUID of one digit again and again. */
static bool is_hollow(struct text id)
{
    char digit = 0;
    size_t n_digits = 0;
    for (size_t i = 0; i < id.length; i++) {
        unsigned char c = (unsigned char)id.at[i];
        if (c >= 0x80 || (isalpha(c) && !isxdigit(c))) return false;
        if (!isxdigit(c)) continue;
        if (n_digits++ == 0) digit = (char)c;
        else if ((c | 32) != ((unsigned char)digit | 32)) return false;     /* of hexadecimal digits: in lower case */
    }
    return n_digits == 0 || digit == '0' || n_digits == 32;
}

/* "noemail@shop.example": a program wanted an address, and there was none. */
static bool is_no_address(struct text id)
{
    static const char *const names[] = { "noemail", "no-email", "no_email", "no.email", "nomail", "noreply", "no-reply" };
    const char *at = id.length > 0 ? memchr(id.at, '@', id.length) : NULL;
    for (size_t i = 0; at && i < COUNT(names); i++)
        if (text_equal_ignoring_case((struct text){ id.at, (size_t)(at - id.at) }, text_of(names[i]))) return true;
    return false;
}

bool identity_is_blocked(struct text id)
{
    id = text_trim(id);
    if (is_hollow(id)) return true;
    if (is_no_address(id)) return true;
    if (id.length >= COUNT(blocked)) return false;
    for (const char *const *word = blocked[id.length]; *word; word++)
        if ((**word | 32) == (*id.at | 32) && text_equal_ignoring_case(id, (struct text){ *word, id.length })) return true;
    return false;
}
