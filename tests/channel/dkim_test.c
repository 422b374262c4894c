/* DKIM over bodies of any blanks and line ends, beside the rule of RFC 6376 written down once more. */
#include "base/secret.h"
#include "channel/mime.h"
#include "support.h"

#include <string.h>

/* The example of RFC 8410. */
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                              "-----END PRIVATE KEY-----\n";

/* 3.4.4: blanks at a line's end go, runs of them are one, and empty lines at the end go. */
static size_t relax(const char *body, size_t n, char *to)
{
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_end = body[i] == '\r' && i + 1 < n && body[i + 1] == '\n';
        bool is_blank = body[i] == ' ' || body[i] == '\t';
        if (is_end && length > 0 && to[length - 1] == ' ') length--;
        if (is_blank && length > 0 && to[length - 1] == ' ') continue;
        to[length++] = is_blank ? ' ' : body[i];
        if (is_end) to[length++] = '\n', i++;
    }
    if (length > 0 && to[length - 1] == ' ') length--;
    if (length > 0 && !(length >= 2 && to[length - 2] == '\r' && to[length - 1] == '\n'))
        to[length++] = '\r', to[length++] = '\n';
    while (length >= 4 && memcmp(to + length - 4, "\r\n\r\n", 4) == 0) length -= 2;
    return length == 2 && memcmp(to, "\r\n", 2) == 0 ? 0 : length;
}

Test(email, a_body_is_hashed_as_its_relaxed_form_whatever_blanks_and_empty_lines_it_has)
{
    static const char *const pieces[] = { "a", "word", " ", "  ", "\t", "\r\n", "\r\n\r\n", "\r", "=20", "." };
    struct err err;
    const char *path = support_path("dkim.pem");
    support_write(path, key_pem, sizeof key_pem - 1);
    struct dkim_key key = { .domain = "example.com", .selector = "e" };
    ASSERT_OK(signing_key_read(path, &key.key, &err), &err);
    EACH_CASE(c, 2000) {
        struct arena *arena = arena_new(1 << 20);
        static const char head[] = "From: a@example.com\r\nTo: b@example.com\r\n\r\n";
        char bytes[1024], relaxed[1024];
        size_t n = sizeof head - 1, n_pieces = rng_below(&c.rng, 40), most = 1 + rng_below(&c.rng, 10);
        memcpy(bytes, head, n);
        for (size_t i = 0; i < n_pieces; i++)
            n += (size_t)snprintf(bytes + n, sizeof bytes - n, "%s", pieces[rng_below(&c.rng, most)]);
        size_t n_relaxed = relax(bytes + sizeof head - 1, n - (sizeof head - 1), relaxed);
        uint8_t hash[SIGNING_SHA256_BYTES];
        struct text header;
        signing_sha256((struct text){ relaxed, n_relaxed }, hash);
        ASSERT_OK(dkim_sign(&key, (struct text){ bytes, n }, 0, arena, &header, &err), &err);
        const char *coded = secret_base64(arena, hash, sizeof hash, SECRET_BASE64);
        const char *expected = arena_format(arena, "bh=%s;", coded);
        cr_assert(strstr(header.at, expected), "%s\nof %.*s is not %s", header.at, (int)n, bytes, expected);
        arena_free(arena);
    }
    signing_key_free(key.key);
}
