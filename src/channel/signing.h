/* signing.h - signatures with keys from files, and the hashes that mail and providers ask for: OpenSSL's
 * libcrypto. */
#ifndef CHANNEL_SIGNING_H
#define CHANNEL_SIGNING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

struct signing_key;

enum { SIGNING_SHA256_BYTES = 32, SIGNING_SHA1_BYTES = 20 };

/* A private key in PEM: RSA of 1024 bits and more, or Ed25519.
 * Errors: ERR_MISSING no such file, ERR_INVALID it holds no such key. */
bool signing_key_read(const char *path, struct signing_key **ret_key, struct err *err) MUST_CHECK;
void signing_key_free(struct signing_key *key);     /* NULL is fine */
bool signing_key_is_rsa(const struct signing_key *key);

/* The public key as DNS wants it (RFC 6376, 8463): DER of RSA, the 32 bytes of Ed25519; base64, in the arena. */
const char *signing_public_text(const struct signing_key *key, struct arena *arena);

/* Of RSA: RSASSA-PKCS1-v1_5 with SHA-256 over the bytes; of Ed25519: pure, over the SHA-256 of the bytes (RFC
 * 8463). In the arena.  Any thread. */
bool signing_sign(const struct signing_key *key, struct text bytes, struct arena *arena,
                  struct text *ret_signature, struct err *err) MUST_CHECK;

void signing_sha256(struct text bytes, uint8_t ret_hash[SIGNING_SHA256_BYTES]);
void signing_hmac_sha1(struct text key, struct text bytes, uint8_t ret_mac[SIGNING_SHA1_BYTES]);

#endif
