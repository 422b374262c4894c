/* Any bytes are the subject, text and HTML of a mail, its links are followed: the mail is refused with a sentence,
 * or every line of it is of ASCII, ends with CRLF, is short, and no header field was put in by what it says. */
#include "channel/mime.h"
#include "channel/tracked_html.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *detour(void *context, struct text url)
{
    (void)context;
    return url.length % 2 ? "https://n.example/l/\"&<>" : NULL;
}

static void check_lines(struct text mail)
{
    size_t column = 0;
    for (size_t i = 0; i < mail.length; i++) {
        unsigned char c = (unsigned char)mail.at[i];
        assert(c < 0x80 && c != 0);
        if (c == '\n') assert(i > 0 && mail.at[i - 1] == '\r');
        if (c == '\r') assert(i + 1 < mail.length && mail.at[i + 1] == '\n');
        column = c == '\n' ? 0 : column + 1;
        assert(column <= 998);
    }
}

/* Which fields the head has does not hang on what the message says. */
static void check_head(struct text mail)
{
    static const char *const fields[] = { "From:",       "To:",           "Subject:", "Date:",
                                          "Message-ID:", "MIME-Version:", "Content-" };
    const char *at = mail.at, *end = memmem(mail.at, mail.length, "\r\n\r\n", 4);
    assert(end);
    while (at < end) {
        bool is_known = *at == ' ' || *at == '\t';
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            is_known |= strncmp(at, fields[i], strlen(fields[i])) == 0;
        assert(is_known);
        const char *next = memmem(at, (size_t)(end + 2 - at), "\r\n", 2);
        at = next ? next + 2 : end;
    }
}

/* The parts are divided by a byte that stands in no UTF-8. */
static struct text part(struct text *rest)
{
    const char *stop = rest->length ? memchr(rest->at, 0xff, rest->length) : NULL;
    struct text taken = { rest->at, stop ? (size_t)(stop - rest->at) : rest->length };
    size_t used = taken.length + (stop != NULL);
    *rest = (struct text){ rest->at + used, rest->length - used };
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text rest = { (const char *)bytes, length }, written;
    struct err err = { 0 };
    struct mail mail = { .from = { "Käse & Co", "news@example.com" },
                         .to = "ada@example.net",
                         .message_id = "m_1@example.com" };
    const struct tracking tracking = { detour, NULL, "https://n.example/o/1" }, none = { NULL, NULL, NULL };
    mail.subject = part(&rest), mail.text = part(&rest), mail.html = part(&rest);
    struct text same = tracked_html(mail.html, &none, arena);
    assert(same.length == mail.html.length &&
           (same.length == 0 || memcmp(same.at, mail.html.at, same.length) == 0));
    if (mail.html.length) mail.html = tracked_html(mail.html, &tracking, arena);
    if (mime_write(&mail, arena, &written, &err)) check_lines(written), check_head(written);
    else assert(err.code == ERR_INVALID && *err.text);
    arena_free(arena);
    return 0;
}
