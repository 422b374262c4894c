/* E-mails as bytes: exact ones in tests/golden, and that nobody can put a line in between. */
#include "channel/mime.h"
#include "support.h"

static struct mail mail_of(const char *subject, const char *text, const char *html)
{
    return (struct mail){ .from = { "Käse & Co", "news@example.com" },
                          .to = "ada@example.net",
                          .subject = text_of(subject),
                          .text = text_of(text),
                          .html = text_of(html),
                          .message_id = "m_1.x@example.com",
                          .unsubscribe = "https://news.example.com/u/abc",
                          .unsubscribe_mail = "b+abc@example.com",
                          .sent_ms = INT64_C(1806145200000) };
}

Test(email, a_message_has_exactly_these_bytes)
{
    struct arena *arena = arena_new(1 << 24);
    struct mail mail =
        mail_of("Ada, 10 % für dich – nur heute, nur hier, und nur für alle die das lesen 🧀",
                "Hallo Ada,\n\n.\n..zwei Punkte\nFrom here on =20 \nTrailing tab\t\nüber\n",
                "<p>Hallo Ada,</p>\n<p>\xE3\x81\x93\xE3\x82\x93\xE3\x81\xAB\xE3\x81\xA1\xE3\x81\xAF</p>");
    struct text bytes;
    struct err err;
    ASSERT_OK(mime_write(&mail, arena, &bytes, &err), &err);
    support_golden(arena_format(arena, "%.*s", (int)bytes.length, bytes.at), "mime_message.eml");
    arena_free(arena);
}

Test(email, no_line_is_longer_than_76_and_none_ends_bare)
{
    EACH_CASE(c, 200) {
        struct arena *arena = arena_new(1 << 24);
        char subject[400] = "", *text = arena_alloc(arena, 3000, 1);
        static const char *const pieces[] = { "a", " ",  "word ", "ü",     "漢字", "🧀",
                                              ".", "\n", "=",     "From ", "  ",   "https://x.example/a/b/c/d" };
        size_t n = 0, m = 0, most = (size_t)rng_below(&c.rng, 300);
        while (n < most) {
            const char *piece = pieces[rng_below(&c.rng, 12)];
            if (*piece != '\n') n += (size_t)snprintf(subject + n, sizeof subject - n, "%s", piece);
            m += (size_t)snprintf(text + m, 3000 - m, "%s%s", piece, pieces[rng_below(&c.rng, 12)]);
        }
        struct mail mail = mail_of(subject, *text ? text : "x", text);
        struct text bytes;
        struct err err;
        ASSERT_OK(mime_write(&mail, arena, &bytes, &err), &err);
        size_t column = 0;
        for (size_t i = 0; i < bytes.length; i++) {
            unsigned char b = (unsigned char)bytes.at[i];
            cr_assert(b < 0x80 && (b >= 0x20 || b == '\t' || b == '\r' || b == '\n'));
            if (b == '\n') cr_assert(i > 0 && bytes.at[i - 1] == '\r');
            if (b == '\r') cr_assert(i + 1 < bytes.length && bytes.at[i + 1] == '\n');
            column = b == '\n' ? 0 : column + 1;
            cr_assert_leq(column, 79, "%.*s", 80, bytes.at + i - column);
        }
        cr_assert(bytes.length > 2 && memcmp(bytes.at + bytes.length - 2, "\r\n", 2) == 0);
        arena_free(arena);
    }
}

Test(email, a_subject_with_a_line_break_is_refused)
{
    struct arena *arena = arena_new(1 << 24);
    struct text bytes;
    struct err err;
    struct mail mail = mail_of("Hello\r\nBcc: x@y.z", "x", "");
    ASSERT_FAILS(mime_write(&mail, arena, &bytes, &err), &err, ERR_INVALID, "a line break");
    mail = mail_of("Hello", "", "");
    ASSERT_FAILS(mime_write(&mail, arena, &bytes, &err), &err, ERR_INVALID, "says nothing");
    mail = mail_of("caf\xE9", "x", "");
    ASSERT_FAILS(mime_write(&mail, arena, &bytes, &err), &err, ERR_INVALID, "not UTF-8");
    mail = mail_of("x", "y", ""), mail.text = (struct text){ "a\0b", 3 };
    ASSERT_FAILS(mime_write(&mail, arena, &bytes, &err), &err, ERR_INVALID, "not UTF-8");
    char *large = arena_alloc(arena, 65537, 1);
    memset(large, 'a', 65536);
    mail = mail_of(large, "x", "");
    ASSERT_FAILS(mime_write(&mail, arena, &bytes, &err), &err, ERR_INVALID, "1000 are the most");
    arena_free(arena);
}
