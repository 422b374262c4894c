/* signing.c - see signing.h; the only file that includes OpenSSL. */
#include "channel/signing.h"

#include "base/memory.h"
#include "base/secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_LEAST_BITS = 1024, ED25519_BYTES = 32 };

struct signing_key { EVP_PKEY *key; bool is_rsa; uint8_t ed25519[SECRET_SIGNING_BYTES]; };

bool signing_key_read(const char *path, struct signing_key **ret_key, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return err_set(err, ERR_MISSING, "%s: %s", path, strerror(errno));
    EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, NULL, (void *)(uintptr_t) "");
    fclose(file);
    int kind = pkey ? EVP_PKEY_base_id(pkey) : EVP_PKEY_NONE;
    bool is_fit = kind == EVP_PKEY_ED25519 || (kind == EVP_PKEY_RSA && EVP_PKEY_bits(pkey) >= RSA_LEAST_BITS);
    if (!is_fit) {
        EVP_PKEY_free(pkey);
        return err_set(err, ERR_INVALID, "%s holds no private key in PEM of RSA (1024 bits and more) or Ed25519",
                       path);
    }
    struct signing_key *key = memory_new(1, sizeof *key);
    uint8_t seed[ED25519_BYTES];
    size_t n_seed = sizeof seed;
    *key = (struct signing_key){ .key = pkey, .is_rsa = kind == EVP_PKEY_RSA };
    if (!key->is_rsa && EVP_PKEY_get_raw_private_key(pkey, seed, &n_seed) != 1) {
        signing_key_free(key);
        return err_set(err, ERR_INVALID, "%s: its key cannot be read out", path);
    }
    if (!key->is_rsa) secret_signing_key(seed, key->ed25519);
    secret_forget(seed, sizeof seed);
    *ret_key = key;
    return true;
}

void signing_key_free(struct signing_key *key)
{
    if (!key) return;
    EVP_PKEY_free(key->key);
    secret_forget(key->ed25519, sizeof key->ed25519);
    free(key);
}

bool signing_key_is_rsa(const struct signing_key *key) { return key->is_rsa; }

const char *signing_public_text(const struct signing_key *key, struct arena *arena)
{
    unsigned char *der = NULL, raw[ED25519_BYTES];
    size_t n_raw = sizeof raw;
    if (!key->is_rsa) {
        if (EVP_PKEY_get_raw_public_key(key->key, raw, &n_raw) != 1) return "";
        return secret_base64(arena, raw, n_raw, SECRET_BASE64);
    }
    int n = i2d_PUBKEY(key->key, &der);
    const char *text = n > 0 ? secret_base64(arena, der, (size_t)n, SECRET_BASE64) : "";
    OPENSSL_free(der);
    return text;
}

bool signing_sign(const struct signing_key *key, struct text bytes, struct arena *arena,
                  struct text *ret_signature, struct err *err)
{
    size_t n = (size_t)EVP_PKEY_size(key->key);
    uint8_t *signature = arena_alloc(arena, n, 1);
    if (!key->is_rsa) {     /* libsodium takes half as long as libcrypto for the same 64 bytes */
        uint8_t hash[SIGNING_SHA256_BYTES];
        signing_sha256(bytes, hash);
        secret_sign(key->ed25519, (struct text){ (const char *)hash, sizeof hash }, signature);
        *ret_signature = (struct text){ (const char *)signature, SECRET_SIGNATURE_BYTES };
        return true;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->key) == 1 &&
              EVP_DigestSign(context, signature, &n, (const unsigned char *)bytes.at, bytes.length) == 1;
    EVP_MD_CTX_free(context);
    if (!ok) return err_set(err, ERR_IO, "libcrypto could not sign");
    *ret_signature = (struct text){ (const char *)signature, n };
    return true;
}

void signing_sha256(struct text bytes, uint8_t ret_hash[SIGNING_SHA256_BYTES])
{
    (void)EVP_Digest(bytes.at, bytes.length, ret_hash, NULL, EVP_sha256(), NULL);
}

void signing_hmac_sha1(struct text key, struct text bytes, uint8_t ret_mac[SIGNING_SHA1_BYTES])
{
    unsigned n = SIGNING_SHA1_BYTES;
    (void)HMAC(EVP_sha1(), key.at, (int)key.length, (const unsigned char *)bytes.at, bytes.length, ret_mac, &n);
}
