/* secret.c - see secret.h; the only file that includes libsodium. */
#include "base/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { PASSWORD_PASSES = 2, PASSWORD_MEMORY_BYTES = 19 << 20, TOKEN_MOST_BYTES = 96 };

_Static_assert((int)SECRET_KEY_BYTES == crypto_secretbox_KEYBYTES, "a key seals");
_Static_assert((int)SECRET_MAC_BYTES == crypto_auth_hmacsha256_BYTES, "a MAC fits");
_Static_assert((int)SECRET_PASSWORD_BYTES >= crypto_pwhash_STRBYTES, "a password's hash fits");

bool secret_start(struct err *err)
{
    if (sodium_init() < 0) return err_set(err, ERR_IO, "the machine has no source of random numbers");
    return true;
}

void secret_random(void *bytes, size_t n) { randombytes_buf(bytes, n); }

void secret_token(char *ret_text, size_t room, size_t n_bytes)
{
    uint8_t bytes[TOKEN_MOST_BYTES];
    assert(n_bytes <= sizeof bytes);
    assert(room >= sodium_base64_ENCODED_LEN(n_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    randombytes_buf(bytes, n_bytes);
    sodium_bin2base64(ret_text, room, bytes, n_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

void secret_hmac_sha256(struct text key, struct text message, uint8_t ret_mac[SECRET_MAC_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)(key.at ? key.at : ""), key.length);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)(message.at ? message.at : ""), message.length);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    sodium_memzero(&state, sizeof state);
}

static void blake2b(const uint8_t *key, struct text text, uint8_t *ret_hash, size_t n)
{
    assert(n >= crypto_generichash_BYTES_MIN && n <= crypto_generichash_BYTES_MAX);
    int status = crypto_generichash(ret_hash, n, (const uint8_t *)(text.at ? text.at : ""), text.length, key,
                                    key ? SECRET_KEY_BYTES : 0);
    assert(status == 0);
    (void)status;
}

void secret_keyed_hash(const uint8_t key[SECRET_KEY_BYTES], struct text text, uint8_t *ret_hash, size_t n)
{
    assert(key);
    blake2b(key, text, ret_hash, n);
}

void secret_hash(struct text text, uint8_t *ret_hash, size_t n) { blake2b(NULL, text, ret_hash, n); }

_Static_assert(crypto_shorthash_siphash24_BYTES == sizeof(uint64_t), "SipHash fits");
uint64_t secret_siphash64(struct text text)
{
    static const uint8_t zeros[crypto_shorthash_siphash24_KEYBYTES];
    uint64_t hash;
    (void)crypto_shorthash_siphash24((uint8_t *)&hash, (const uint8_t *)(text.at ? text.at : ""), text.length, zeros);
    return hash;
}

bool secret_equal(const void *a, const void *b, size_t n) { return sodium_memcmp(a, b, n) == 0; }
void secret_forget(void *bytes, size_t n)                 { sodium_memzero(bytes, n); }

void secret_hex(const void *bytes, size_t n, char *ret_text) { sodium_bin2hex(ret_text, 2 * n + 1, bytes, n); }

bool secret_unhex(struct text text, uint8_t *ret_bytes, size_t n)
{
    size_t length = 0;
    const char *end;
    if (text.length != 2 * n) return false;
    if (n == 0) return true;
    return sodium_hex2bin(ret_bytes, n, text.at, text.length, NULL, &length, &end) == 0 && length == n &&
           end == text.at + text.length;
}

void secret_signing_key(const uint8_t seed[SECRET_KEY_BYTES], uint8_t ret_key[SECRET_SIGNING_BYTES])
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
    (void)crypto_sign_seed_keypair(public, ret_key, seed);
}

void secret_sign(const uint8_t key[SECRET_SIGNING_BYTES], struct text bytes,
                 uint8_t ret_signature[SECRET_SIGNATURE_BYTES])
{
    (void)crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.at, bytes.length, key);
}

char *secret_base64(struct arena *arena, const void *bytes, size_t n, enum secret_alphabet alphabet)
{
    int variant = alphabet == SECRET_BASE64 ? sodium_base64_VARIANT_ORIGINAL
                                            : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t room = sodium_base64_encoded_len(n, variant);
    char *text = arena_alloc(arena, room, 1);
    return sodium_bin2base64(text, room, bytes, n, variant);
}

bool secret_unbase64(struct text text, struct arena *arena, struct text *ret_bytes)
{
    while (text.length > 0 && text.at[text.length - 1] == '=') text.length--;
    bool is_url = text.length > 0 && (memchr(text.at, '-', text.length) || memchr(text.at, '_', text.length));
    int variant = is_url ? sodium_base64_VARIANT_URLSAFE_NO_PADDING : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    size_t room = text.length / 4 * 3 + 3, length = 0;
    uint8_t *bytes = arena_alloc(arena, room, 1);
    const char *end = text.at;
    if (text.length > 0 &&
        (sodium_base642bin(bytes, room - 1, text.at, text.length, NULL, &length, &end, variant) != 0 ||
         end != text.at + text.length))
        return false;
    *ret_bytes = (struct text){ (const char *)bytes, length };
    return true;
}

bool secret_password_hash(const char *password, char ret_text[SECRET_PASSWORD_BYTES], struct err *err)
{
    if (crypto_pwhash_str_alg(ret_text, password, strlen(password), PASSWORD_PASSES, PASSWORD_MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(err, ERR_BUSY, "hashing a password needs %d MiB of memory, which the machine did not give",
                       PASSWORD_MEMORY_BYTES >> 20);
    return true;
}

bool secret_password_verify(const char *text, const char *password)
{
    return crypto_pwhash_str_verify(text, password, strlen(password)) == 0;
}

size_t secret_sealed_bytes(size_t n) { return crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n; }

void secret_seal(const uint8_t key[SECRET_KEY_BYTES], const void *bytes, size_t n, uint8_t *ret_sealed)
{
    randombytes_buf(ret_sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(ret_sealed + crypto_secretbox_NONCEBYTES, bytes, n, ret_sealed, key);
}

bool secret_unseal(const uint8_t key[SECRET_KEY_BYTES], const void *sealed, size_t sealed_bytes,
                   uint8_t *ret_bytes)
{
    const uint8_t *nonce = sealed;
    if (sealed_bytes < secret_sealed_bytes(0)) return false;
    return crypto_secretbox_open_easy(ret_bytes, nonce + crypto_secretbox_NONCEBYTES,
                                      sealed_bytes - crypto_secretbox_NONCEBYTES, nonce, key) == 0;
}
