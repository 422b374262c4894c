/* secret_test.c - published vectors, what must not open, and that chance is chance. */
#include "base/secret.h"
#include "support.h"

static struct arena *arena;
static struct err err;

static void start(void)
{
    arena = arena_new(1 << 20);
    ASSERT_OK(secret_start(&err), &err);
}
static void finish(void) { arena_free(arena); }

TestSuite(secret, .init = start, .fini = finish);

static const char *mac_hex(const char *key, const char *message)
{
    static char hex[2 * SECRET_MAC_BYTES + 1];
    uint8_t mac[SECRET_MAC_BYTES];
    secret_hmac_sha256(text_of(key), text_of(message), mac);
    secret_hex(mac, sizeof mac, hex);
    return hex;
}

Test(secret, hmac_gives_the_published_macs)
{
    /* RFC 4231, test case 2; then a key longer than a block (test case 6). */
    cr_assert_str_eq(mac_hex("Jefe", "what do ya want for nothing?"),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[132];
    memset(key, 0xaa, 131);
    key[131] = '\0';
    cr_assert_str_eq(mac_hex(key, "Test Using Larger Than Block-Size Key - Hash Key First"),
                     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    cr_assert_str_eq(mac_hex("", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

Test(secret, hash_is_blake2b)
{
    /* RFC 7693, appendix A. */
    uint8_t hash[64];
    char hex[129];
    secret_hash(text_of("abc"), hash, 64);
    secret_hex(hash, 64, hex);
    cr_assert_str_eq(hex, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                          "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

Test(secret, keyed_hash_depends_on_the_key_and_the_text)
{
    uint8_t keys[2][SECRET_KEY_BYTES] = { { 1 }, { 2 } }, a[16], b[16], c[16], again[16];
    secret_keyed_hash(keys[0], text_of("a@b.c"), a, 16);
    secret_keyed_hash(keys[0], text_of("a@b.c"), again, 16);
    secret_keyed_hash(keys[1], text_of("a@b.c"), b, 16);
    secret_keyed_hash(keys[0], text_of("a@b.d"), c, 16);
    cr_assert(secret_equal(a, again, 16));
    cr_assert(!secret_equal(a, b, 16) && !secret_equal(a, c, 16));
}

Test(secret, base64_reads_both_alphabets_with_and_without_padding)
{
    static const char *const spellings[] = { "+/+/YQ==", "+/+/YQ", "-_-_YQ", "-_-_YQ==" };
    struct text bytes;
    for (size_t i = 0; i < 4; i++) {
        cr_assert(secret_unbase64(text_of(spellings[i]), arena, &bytes), "%s", spellings[i]);
        cr_assert(bytes.length == 4 && memcmp(bytes.at, "\xfb\xff\xbf" "a", 4) == 0, "%s", spellings[i]);
    }
    cr_assert(secret_unbase64(text_of(""), arena, &bytes) && bytes.length == 0);
    cr_assert(!secret_unbase64(text_of("a"), arena, &bytes));
    cr_assert(!secret_unbase64(text_of("YQ!="), arena, &bytes));
    cr_assert(!secret_unbase64(text_of("Y Q="), arena, &bytes));
    cr_assert_str_eq(secret_base64(arena, "\xfb\xff\xbf" "a", 4, SECRET_BASE64), "+/+/YQ==");
    cr_assert_str_eq(secret_base64(arena, "\xfb\xff\xbf" "a", 4, SECRET_BASE64_URL), "-_-_YQ");
}

Test(secret, hexadecimal_is_read_whole_or_not_at_all)
{
    uint8_t bytes[2];
    cr_assert(secret_unhex(text_of("fF01"), bytes, 2) && bytes[0] == 255 && bytes[1] == 1);
    cr_assert(!secret_unhex(text_of("ff0"), bytes, 2) && !secret_unhex(text_of("ff0102"), bytes, 2));
    cr_assert(!secret_unhex(text_of("fg01"), bytes, 2));
}

Test(secret, sealed_bytes_open_with_their_key_only)
{
    EACH_CASE(c, 50) {
        uint8_t key[SECRET_KEY_BYTES], bytes[300], opened[300];
        size_t n = rng_below(&c.rng, sizeof bytes);
        secret_random(key, sizeof key);
        secret_random(bytes, n);
        size_t sealed_bytes = secret_sealed_bytes(n);
        uint8_t *sealed = arena_alloc(arena, sealed_bytes, 1);
        secret_seal(key, bytes, n, sealed);
        cr_assert(secret_unseal(key, sealed, sealed_bytes, opened));
        cr_assert(memcmp(bytes, opened, n) == 0);
        cr_assert(!secret_unseal(key, sealed, sealed_bytes - 1, opened));
        cr_assert(!secret_unseal(key, sealed, secret_sealed_bytes(0) - 1, opened));
        sealed[rng_below(&c.rng, sealed_bytes)] ^= 1;
        cr_assert(!secret_unseal(key, sealed, sealed_bytes, opened));
        sealed[0] ^= 1;
        key[5] ^= 1;
        cr_assert(!secret_unseal(key, sealed, sealed_bytes, opened));
    }
}

Test(secret, a_password_is_known_by_its_hash_and_no_two_hashes_are_alike)
{
    char first[SECRET_PASSWORD_BYTES], second[SECRET_PASSWORD_BYTES];
    ASSERT_OK(secret_password_hash("correct horse", first, &err), &err);
    ASSERT_OK(secret_password_hash("correct horse", second, &err), &err);
    cr_assert(strncmp(first, "$argon2id$", 10) == 0);
    cr_assert(strcmp(first, second) != 0);
    cr_assert(secret_password_verify(first, "correct horse"));
    cr_assert(!secret_password_verify(first, "correct hors"));
    cr_assert(!secret_password_verify("nothing", "correct horse"));
}

Test(secret, tokens_are_letters_of_a_url_and_never_repeat)
{
    char tokens[64][33];
    for (size_t i = 0; i < 64; i++) {
        secret_token(tokens[i], sizeof tokens[i], 24);
        cr_assert_eq(strlen(tokens[i]), 32);
        cr_assert_eq(strspn(tokens[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 32);
        for (size_t j = 0; j < i; j++) cr_assert_str_neq(tokens[i], tokens[j]);
    }
}
