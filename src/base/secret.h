/* secret.h - chance that nobody can guess, hashes nobody can undo, and sealed bytes: libsodium.
 *
 * secret_start comes first, once, before other threads.  What the rest returns depends on the arguments only, but
 * for the functions that draw: secret_random, secret_token, secret_password_hash, secret_seal. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SECRET_KEY_BYTES      = 32,     /* of secret_keyed_hash, secret_seal */
    SECRET_MAC_BYTES      = 32,
    SECRET_SIGNING_BYTES  = 64,     /* of a private key of Ed25519 as it signs */
    SECRET_SIGNATURE_BYTES = 64,
    SECRET_PASSWORD_BYTES = 128     /* room for a password's hash, with its NUL */
};

/* Calling it again does nothing.  Errors: ERR_IO the machine has no source of chance. */
bool secret_start(struct err *err) MUST_CHECK;

void secret_random(void *bytes, size_t n);

/* n_bytes of chance as URL-safe base64 without padding, NUL-terminated: (n_bytes * 4 + 2) / 3 letters.
 * room, of ret_text, holds those and the NUL; n_bytes is at most 96. */
void secret_token(char *ret_text, size_t room, size_t n_bytes);

/* HMAC-SHA-256 (RFC 2104); a key of any length. */
void secret_hmac_sha256(struct text key, struct text message, uint8_t ret_mac[SECRET_MAC_BYTES]);

/* BLAKE2b (RFC 7693) under a key, n 16..64 bytes: equal for equal texts, and to whoever has no key says nothing
 * else. */
void secret_keyed_hash(const uint8_t key[SECRET_KEY_BYTES], struct text text, uint8_t *ret_hash, size_t n);
/* The same without a key: for what is itself chance, such as a token that is stored hashed. */
void secret_hash(struct text text, uint8_t *ret_hash, size_t n);

/* SipHash-2-4 (Aumasson and Bernstein, 2012) under a key of zeros, which keeps nothing secret: the same as ClickHouse's
 * sipHash64. */
uint64_t secret_siphash64(struct text text);

/* Ed25519 (RFC 8032): the key that a seed makes, and a signature by it. */
void secret_signing_key(const uint8_t seed[SECRET_KEY_BYTES], uint8_t ret_key[SECRET_SIGNING_BYTES]);
void secret_sign(const uint8_t key[SECRET_SIGNING_BYTES], struct text bytes,
                 uint8_t ret_signature[SECRET_SIGNATURE_BYTES]);

/* Whether n bytes are equal, in a time that does not tell where they differ. */
bool secret_equal(const void *a, const void *b, size_t n);
void secret_forget(void *bytes, size_t n);      /* overwrites them with zeros */

/* Lower-case hexadecimal: 2n letters and a NUL.  secret_unhex wants exactly 2n letters of either case. */
void secret_hex(const void *bytes, size_t n, char *ret_text);
bool secret_unhex(struct text text, uint8_t *ret_bytes, size_t n);

/* Base64 (RFC 4648), standard with padding or URL-safe without; NUL-terminated, from the arena. */
enum secret_alphabet { SECRET_BASE64, SECRET_BASE64_URL };
char *secret_base64(struct arena *arena, const void *bytes, size_t n, enum secret_alphabet alphabet);
/* Reads either alphabet, padded or not; bytes are in the arena, with a NUL after them that length does not count.
 * False: a letter that does not belong, or a length that cannot be. */
bool secret_unbase64(struct text text, struct arena *arena, struct text *ret_bytes);

/* Argon2id, two passes over 19 MiB (the least that OWASP's Password Storage Cheat Sheet names): some tens of
 * milliseconds.  The text holds the salt and the settings.  Errors: ERR_BUSY no memory. */
bool secret_password_hash(const char *password, char ret_text[SECRET_PASSWORD_BYTES], struct err *err) MUST_CHECK;
bool secret_password_verify(const char *text, const char *password);

/* Sealed bytes: XSalsa20 and Poly1305 (crypto_secretbox) under a random nonce that goes with them.
 * secret_seal writes secret_sealed_bytes(n) bytes; secret_unseal writes n = sealed_bytes - secret_sealed_bytes(0)
 * bytes. secret_unseal false: another key, or the bytes were changed or cut; nothing is written. */
size_t secret_sealed_bytes(size_t n);
void   secret_seal(const uint8_t key[SECRET_KEY_BYTES], const void *bytes, size_t n, uint8_t *ret_sealed);
bool secret_unseal(const uint8_t key[SECRET_KEY_BYTES], const void *sealed, size_t sealed_bytes,
                   uint8_t *ret_bytes);

#endif
