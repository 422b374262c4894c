/* mime.c - see mime.h. */
#include "channel/mime.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/secret.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MOST = 76, WORD_FRAME = 12, LONG_WORD = 200, CHUNK = 57, HEADER_USUAL_BYTES = 2048 };

/* Bytes that grow in the arena. */
struct bytes { struct arena *arena; char *at; size_t n, room; };

/* Room for n more: they are written from what is returned on, and counted afterwards. */
static char *reserve(struct bytes *out, size_t n)
{
    if (!out->at || out->n + n > out->room) {
        size_t room = 2 * (out->n + n) + 256;
        char *more = arena_alloc(out->arena, room, 1);
        if (out->at) memcpy(more, out->at, out->n);
        out->at = more, out->room = room;
    }
    return out->at + out->n;
}

static void put(struct bytes *out, const char *at, size_t n)
{
    char *to = reserve(out, n);
    if (n) memcpy(to, at, n);
    out->n += n;
}

static void put_text(struct bytes *out, const char *text) { put(out, text, strlen(text)); }
static void put_line(struct bytes *out, const char *name, const char *value)
{
    put_text(out, name), put_text(out, ": "), put_text(out, value), put_text(out, "\r\n");
}

/* ---- header fields (RFC 5322 and 2047) ---- */

/* Whether a text may stand in a header field as it is: ASCII that no reader would take for encoded or trim. */
static bool is_plain(struct text text)
{
    size_t word = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c >= 0x7f) return false;
        word = c == ' ' ? 0 : word + 1;
        if (word > LONG_WORD) return false;
    }
    return !(text.length && (text.at[0] == ' ' || text.at[text.length - 1] == ' ')) &&
           !(text.length > 1 && memmem(text.at, text.length, "=?", 2));
}

/* column: where on the line it begins; folds in front of blanks that are there anyway. */
static void put_folded(struct bytes *out, size_t column, struct text text)
{
    for (size_t i = 0; i < text.length;) {
        size_t end = i + 1;
        while (end < text.length && text.at[end] != ' ') end++;
        if (column + (end - i) > LINE_MOST && text.at[i] == ' ' && i > 0) {
            put_text(out, "\r\n");
            column = 0;
        }
        put(out, text.at + i, end - i);
        column += end - i;
        i = end;
    }
}

/* As encoded words, each of whole characters, one a line.  Returns the column behind the last. */
static size_t put_words(struct bytes *out, size_t column, struct text text)
{
    for (size_t i = 0; i < text.length;) {
        size_t most = (LINE_MOST - WORD_FRAME - column) / 4 * 3, n = text.length - i;
        if (n > most) n = most;
        while (n > 1 && i + n < text.length && ((unsigned char)text.at[i + n] & 0xc0) == 0x80) n--;
        put_text(out, "=?UTF-8?B?");
        const char *word = secret_base64(out->arena, text.at + i, n, SECRET_BASE64);
        put_text(out, word), put_text(out, "?=");
        column += WORD_FRAME + strlen(word);
        i += n;
        if (i == text.length) break;
        put_text(out, "\r\n ");
        column = 1;
    }
    return column;
}

static void put_subject(struct bytes *out, struct text subject)
{
    static const char name[] = "Subject: ";
    put_text(out, name);
    if (is_plain(subject)) put_folded(out, sizeof name - 1, subject);
    else (void)put_words(out, sizeof name - 1, subject);
    put_text(out, "\r\n");
}

static void put_quoted(struct bytes *out, const char *name)
{
    put_text(out, "\"");
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') put_text(out, "\\");
        put(out, name, 1);
    }
    put_text(out, "\"");
}

static void put_from(struct bytes *out, const struct mailbox *from)
{
    static const char field[] = "From: ";
    struct text name = text_of(from->name);
    bool is_atoms = true;
    for (size_t i = 0; i < name.length; i++)
        is_atoms &=
            isalnum((unsigned char)name.at[i]) || (name.at[i] && strchr(" !#$%&'*+-/=?^_`{|}~", name.at[i]));
    put_text(out, field);
    if (name.length == 0) put_text(out, from->email);
    size_t column = sizeof field - 1 + name.length;
    if (name.length && !is_plain(name)) column = put_words(out, sizeof field - 1, name);
    else if (is_atoms) put(out, name.at, name.length);
    else put_quoted(out, from->name), column += 2;
    if (name.length) {
        put_text(out, column + strlen(from->email) + 3 > LINE_MOST ? "\r\n <" : " <");
        put_text(out, from->email), put_text(out, ">");
    }
    put_text(out, "\r\n");
}

static void put_date(struct bytes *out, int64_t time_ms)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t day = calendar_day_of_ms(time_ms), second = (time_ms - day * MS_PER_DAY) / 1000;
    struct civil date = calendar_civil(day);
    put_line(out, "Date",
             arena_format(out->arena, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[calendar_weekday(day)],
                          date.day, months[date.month - 1], date.year, (int)(second / 3600),
                          (int)(second / 60 % 60), (int)(second % 60)));
}

/* ---- bodies (RFC 2045) ---- */

/* How many of the first n bytes quoted-printable shows as they are: from a blank to a tilde but for "=", and
 * tabs.  Eight at a time: of a byte x, x - c borrows from its top bit where x < c, and x + 1 reaches it after a
 * tilde. */
static size_t n_shown_of(const char *at, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    size_t i = 0;
    for (uint64_t eight; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, at + i, sizeof eight);
        uint64_t equals = eight ^ (ones * '='), low = eight - ones * ' ', high = eight + ones;
        if ((eight | low | high | ((equals - ones) & ~equals)) & tops) break;
    }
    for (; i < n; i++) {
        unsigned char c = (unsigned char)at[i];
        if (!((c >= ' ' && c <= '~' && c != '=') || c == '\t')) break;
    }
    return i;
}

/* One line without its break; *ret_column is where its last row ends.  Encoded is what is not shown, blanks at its
 * end, and at the beginning of a row a dot and "From ", which relays and mailboxes are known to change. */
static char *put_quoted_line(char *to, struct text line, size_t *ret_column)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t column = 0, n_shown = line.length;
    if (n_shown > 0 && (line.at[n_shown - 1] == ' ' || line.at[n_shown - 1] == '\t')) n_shown--;
    for (size_t i = 0; i < line.length;) {
        size_t n = 0, most = LINE_MOST - 1 - column < n_shown - i ? LINE_MOST - 1 - column : n_shown - i;
        unsigned char c = (unsigned char)line.at[i];
        if (column > 0 || (c != '.' && c != 'F')) n = n_shown_of(line.at + i, most);
        if (n > 0) {
            memcpy(to, line.at + i, n);
            to += n, i += n, column += n;
        } else if (column + 3 > LINE_MOST - 1) {
            *to++ = '=', *to++ = '\r', *to++ = '\n';
            column = 0;
        } else {
            *to++ = '=', *to++ = digits[c >> 4], *to++ = digits[c & 15];
            i++, column += 3;
        }
    }
    *ret_column = column;
    return to;
}

/* is_within: a boundary follows, to which the last line break belongs. */
static void put_quoted_printable(struct bytes *out, struct text text, bool is_within)
{
    size_t column = 0;
    for (size_t i = 0; i < text.length;) {
        const char *end = memchr(text.at + i, '\n', text.length - i);
        struct text line = { text.at + i, end ? (size_t)(end - text.at) - i : text.length - i };
        i += line.length + (end != NULL);
        if (end && line.length > 0 && line.at[line.length - 1] == '\r') line.length--;
        /* Three for each byte, and as many for a break after 73 of them at the soonest. */
        char *began = reserve(out, 3 * line.length + line.length / 8 + 16);
        char *to = put_quoted_line(began, line, &column);
        if (end) *to++ = '\r', *to++ = '\n', column = 0;
        out->n += (size_t)(to - began);
    }
    if (is_within || column > 0) put_text(out, is_within ? "\r\n" : "=\r\n");
}

static void put_base64(struct bytes *out, struct text text)
{
    struct bytes lines = { .arena = out->arena };
    char *began = reserve(&lines, 2 * text.length), *to = began;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r')) *to++ = '\r';
        *to++ = text.at[i];
    }
    lines.n = (size_t)(to - began);
    for (size_t i = 0; i < lines.n; i += CHUNK) {
        size_t n = lines.n - i < CHUNK ? lines.n - i : CHUNK;
        put_text(out, secret_base64(out->arena, lines.at + i, n, SECRET_BASE64));
        put_text(out, "\r\n");
    }
}

static size_t n_beyond_ascii(struct text text)
{
    size_t n = 0, i = 0;
    for (uint64_t eight; text.length - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, text.at + i, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            n += (size_t)__builtin_popcountll(eight & UINT64_C(0x8080808080808080));
    }
    for (; i < text.length; i++) n += (unsigned char)text.at[i] >= 0x80;
    return n;
}

/* The shorter of the two for what is mostly not ASCII. */
static bool is_for_base64(struct text text)
{
    return n_beyond_ascii(text) * 6 > text.length;
}

static void put_part(struct bytes *out, const char *type, struct text text, bool is_within)
{
    bool is_base64 = is_for_base64(text);
    put_line(out, "Content-Type", type);
    put_line(out, "Content-Transfer-Encoding", is_base64 ? "base64" : "quoted-printable");
    put_text(out, "\r\n");
    if (is_base64) put_base64(out, text);
    else put_quoted_printable(out, text, is_within);
}

static void put_body(struct bytes *out, const struct mail *mail)
{
    static const char plain[] = "text/plain; charset=utf-8", html[] = "text/html; charset=utf-8";
    put_line(out, "MIME-Version", "1.0");
    if (mail->html.length == 0) { put_part(out, plain, mail->text, false); return; }
    if (mail->text.length == 0) { put_part(out, html, mail->html, false); return; }
    char boundary[24];      /* "=_" stands in neither of the encodings */
    snprintf(boundary, sizeof boundary, "=_%016llx",
             (unsigned long long)hash_bytes(mail->message_id, strlen(mail->message_id), 0));
    put_line(out, "Content-Type", arena_format(out->arena, "multipart/alternative; boundary=\"%s\"", boundary));
    put_text(out, "\r\n");
    const struct { const char *type; struct text text; } parts[] = { { plain, mail->text }, { html, mail->html } };
    for (size_t i = 0; i < 2; i++) {
        put_text(out, "--"), put_text(out, boundary), put_text(out, "\r\n");
        put_part(out, parts[i].type, parts[i].text, true);
    }
    put_text(out, "--"), put_text(out, boundary), put_text(out, "--\r\n");
}

/* ---- the whole ---- */

static bool is_utf8(struct text text)
{
    if (text.length == 0) return true;
    if (memchr(text.at, '\0', text.length)) return false;
    if (n_beyond_ascii(text) == 0) return true;
    json_t *string = json_stringn(text.at, text.length);
    json_decref(string);
    return string != NULL;
}

static bool check(const struct mail *mail, struct err *err)
{
    if (mail->subject.length > MIME_SUBJECT_MOST_BYTES)
        return err_set(err, ERR_INVALID, "the subject has %zu bytes; %d are the most", mail->subject.length,
                       MIME_SUBJECT_MOST_BYTES);
    for (size_t i = 0; i < mail->subject.length; i++)
        if ((unsigned char)mail->subject.at[i] < 0x20 || mail->subject.at[i] == 0x7f)
            return err_set(err, ERR_INVALID, "the subject holds a line break or another control character");
    if (!is_utf8(mail->subject) || !is_utf8(mail->text) || !is_utf8(mail->html))
        return err_set(err, ERR_INVALID, "the message holds bytes that are not UTF-8");
    if (mail->text.length == 0 && mail->html.length == 0)
        return err_set(err, ERR_INVALID, "the message says nothing");
    return true;
}

static void put_unsubscribe(struct bytes *out, const struct mail *mail)
{
    if (!mail->unsubscribe && !mail->unsubscribe_mail) return;
    const char *url = mail->unsubscribe ? arena_format(out->arena, "<%s>", mail->unsubscribe) : "";
    const char *address = mail->unsubscribe_mail
                              ? arena_format(out->arena, "<mailto:%s?subject=unsubscribe>", mail->unsubscribe_mail)
                              : "";
    put_line(out, "List-Unsubscribe",
             arena_format(out->arena, "%s%s%s", url, *url && *address ? ",\r\n " : "", address));
    if (mail->unsubscribe) put_line(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

bool mime_write(const struct mail *mail, struct arena *arena, struct text *ret_bytes, struct err *err)
{
    struct bytes out = { .arena = arena }, whole = { .arena = arena };
    if (!check(mail, err)) return false;
    size_t n_texts = mail->text.length + mail->html.length;
    (void)reserve(&out, HEADER_USUAL_BYTES / 2 + n_texts / 2 + n_texts / 16);   /* doubled: one piece for most */
    put_from(&out, &mail->from);
    put_line(&out, "To", mail->to);
    put_subject(&out, mail->subject);
    put_date(&out, mail->sent_ms);
    put_line(&out, "Message-ID", arena_format(arena, "<%s>", mail->message_id));
    put_unsubscribe(&out, mail);
    if (mail->feedback_id) put_line(&out, "Feedback-ID", mail->feedback_id);
    put_body(&out, mail);
    struct text bytes = { out.at, out.n }, header;
    if (mail->n_keys > 0) (void)reserve(&whole, (bytes.length + HEADER_USUAL_BYTES) / 2);
    for (size_t i = 0; i < mail->n_keys; i++) {
        if (!dkim_sign(&mail->keys[i], bytes, mail->sent_ms, arena, &header, err)) return false;
        put(&whole, header.at, header.length);
    }
    if (mail->n_keys == 0) { *ret_bytes = bytes; return true; }
    put(&whole, bytes.at, bytes.length);
    *ret_bytes = (struct text){ whole.at, whole.n };
    return true;
}
