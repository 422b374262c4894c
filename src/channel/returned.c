/* returned.c - see returned.h. */
#include "channel/returned.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PARTS_MOST = 20, VALUE_MOST = 1000 };

const char *returned_word(enum returned_kind kind)
{
    static const char *const words[] = { [RETURNED_DELAYED] = "delayed",
                                         [RETURNED_HARD] = "hard",
                                         [RETURNED_SOFT] = "soft",
                                         [RETURNED_COMPLAINT] = "complaint",
                                         [RETURNED_UNSUBSCRIBE] = "unsubscribe" };
    return words[kind];
}

static const char *first(const char *text, size_t n, struct arena *arena)
{
    char *copy = arena_alloc(arena, n + 1, 1);
    if (n) memcpy(copy, text, n);
    return copy;
}

/* The end of the line at `at`; *ret_next is where the next begins. */
static size_t line_end(struct text text, size_t at, size_t *ret_next)
{
    const char *end = memchr(text.at + at, '\n', text.length - at);
    size_t stop = end ? (size_t)(end - text.at) : text.length;
    *ret_next = end ? stop + 1 : text.length;
    return stop > at && text.at[stop - 1] == '\r' ? stop - 1 : stop;
}

/* The value of a field in a header, unfolded, in the arena; "" where there is none. */
static const char *field_of(struct text header, const char *name, struct arena *arena)
{
    size_t n = strlen(name), next;
    for (size_t at = 0; at < header.length; at = next) {
        size_t end = line_end(header, at, &next);
        bool is_it = end - at > n && header.at[at + n] == ':' && strncasecmp(header.at + at, name, n) == 0;
        if (!is_it) continue;
        char *value = arena_alloc(arena, VALUE_MOST + 1, 1);
        size_t length = 0;
        for (size_t from = at + n + 1;;) {
            while (from < end && isspace((unsigned char)header.at[from])) from++;
            if (length > 0 && length < VALUE_MOST) value[length++] = ' ';
            for (; from < end && length < VALUE_MOST; from++) {
                unsigned char c = (unsigned char)header.at[from];
                value[length++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
            }
            if (next >= header.length || !strchr(" \t", header.at[next]) || !header.at[next]) break;
            from = next;
            end = line_end(header, from, &next);
        }
        while (length > 0 && value[length - 1] == ' ') length--;
        value[length] = '\0';
        return value;
    }
    return "";
}

/* Header and body, apart at the first empty line. */
static void split(struct text text, struct text *ret_header, struct text *ret_body)
{
    size_t next;
    for (size_t at = 0; at < text.length; at = next)
        if (line_end(text, at, &next) == at) {
            *ret_header = (struct text){ text.at, at };
            *ret_body = (struct text){ text.at + next, text.length - next };
            return;
        }
    *ret_header = text;
    *ret_body = (struct text){ "", 0 };
}

/* "boundary=" of a content type. */
static const char *boundary_of(const char *type, struct arena *arena)
{
    const char *at = strcasestr(type, "boundary=");
    if (!at) return "";
    at += strlen("boundary=");
    bool is_quoted = *at == '"';
    at += is_quoted;
    return first(at, strcspn(at, is_quoted ? "\"" : "; "), arena);
}

static bool is_boundary(struct text text, size_t at, size_t end, const char *boundary)
{
    size_t n = strlen(boundary);
    if (n == 0 || end - at < n + 2 || memcmp(text.at + at, "--", 2) != 0 ||
        memcmp(text.at + at + 2, boundary, n) != 0)
        return false;
    at += n + 2;        /* one that goes on is another's, of a part within */
    if (end - at >= 2 && memcmp(text.at + at, "--", 2) == 0) at += 2;
    while (at < end && (text.at[at] == ' ' || text.at[at] == '\t')) at++;
    return at == end;
}

static size_t split_parts(struct text body, const char *boundary, struct text parts[PARTS_MOST])
{
    size_t n = 0, next, from = SIZE_MAX;
    for (size_t at = 0; at < body.length; at = next) {
        size_t end = line_end(body, at, &next);
        if (!is_boundary(body, at, end, boundary)) continue;
        if (from != SIZE_MAX && n < PARTS_MOST) parts[n++] = (struct text){ body.at + from, at - from };
        from = next;
    }
    if (from != SIZE_MAX && from < body.length && n < PARTS_MOST)       /* cut off before its end */
        parts[n++] = (struct text){ body.at + from, body.length - from };
    return n;
}

/* "rfc822; <ada@example.net>" as the address. */
static const char *address_in(const char *value, struct arena *arena)
{
    size_t before = strcspn(value, "<");
    if (!value[before]) before = strcspn(value, ";");
    const char *from = value[before] ? value + before + 1 : value;
    while (*from == ' ') from++;
    size_t n = strcspn(from, "> ,;");
    return memchr(from, '@', n) ? first(from, n, arena) : "";
}

/* "5.1.1" of RFC 3463 in what a relay said, in the arena; "" where it says none. */
static const char *status_in(const char *text, struct arena *arena)
{
    for (const char *at = text; (at = strpbrk(at, "245")); at++) {
        size_t subject = at[1] == '.' ? strspn(at + 2, "0123456789") : 0;
        size_t detail = subject > 0 && at[2 + subject] == '.' ? strspn(at + 3 + subject, "0123456789") : 0;
        bool is_apart = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.');
        if (!is_apart || detail == 0 || subject > 3 || detail > 3) continue;
        const char *behind = at + 3 + subject + detail;
        if (isalnum((unsigned char)*behind) || (*behind == '.' && isdigit((unsigned char)behind[1]))) continue;
        return first(at, 3 + subject + detail, arena);
    }
    return "";
}

static enum returned_kind kind_of_status(const char *status)
{
    bool is_of_mailbox = strncmp(status, "5.1.", 4) == 0 || strcmp(status, "5.2.1") == 0 ||
                         strcmp(status, "5.0.0") == 0 || strcmp(status, "5.4.4") == 0;
    bool is_of_sender = strcmp(status, "5.1.7") == 0 || strcmp(status, "5.1.8") == 0;
    return is_of_mailbox && !is_of_sender ? RETURNED_HARD : RETURNED_SOFT;
}

/* Blocks of fields: of the message first, then of each recipient; the first that has failed counts, else the
 * first. */
static bool read_status(struct text body, struct arena *arena, struct returned *returned)
{
    bool is_found = false, has_failed = false;
    for (struct text rest = body, block; rest.length > 0;) {
        split(rest, &block, &rest);
        const char *action = field_of(block, "Action", arena), *status = field_of(block, "Status", arena);
        const char *address = address_in(field_of(block, "Original-Recipient", arena), arena);
        if (!*address) address = address_in(field_of(block, "Final-Recipient", arena), arena);
        if (!*action && !*address) continue;
        bool is_failed = strncasecmp(action, "failed", 6) == 0 && !isalnum((unsigned char)action[6]);
        if (is_found && (has_failed || !is_failed)) continue;
        is_found = true, has_failed = is_failed;
        returned->address = address;
        returned->status = first(status, strcspn(status, " ("), arena);
        returned->diagnostic = field_of(block, "Diagnostic-Code", arena);
        /* Some write 5.0.0 of everything, and the reason only into what the relay said. */
        const char *said = status_in(returned->diagnostic, arena);
        bool says_little = !*returned->status || strcmp(returned->status, "5.0.0") == 0;
        if (says_little && *said) returned->status = said;
        returned->kind = is_failed ? kind_of_status(returned->status) : RETURNED_DELAYED;
    }
    return is_found;
}

static bool read_feedback(struct text body, struct arena *arena, struct returned *returned)
{
    const char *type = field_of(body, "Feedback-Type", arena);
    if (!*type) return false;
    const char *address = address_in(field_of(body, "Original-Rcpt-To", arena), arena);
    if (*address) returned->address = address;
    returned->kind = RETURNED_COMPLAINT;
    returned->diagnostic = type;
    return strcasecmp(type, "abuse") == 0 || strcasecmp(type, "fraud") == 0 || strcasecmp(type, "other") == 0;
}

static void read_original(struct text original, struct arena *arena, struct returned *returned)
{
    struct text header, body;
    split(original, &header, &body);
    const char *id = field_of(header, "Message-ID", arena);
    if (*id == '<') id++;
    returned->message_id = first(id, strcspn(id, "> "), arena);
    if (!*returned->address) returned->address = address_in(field_of(header, "To", arena), arena);
}

/* What qmail writes: no report of parts but words, a paragraph "<ada@example.net>:" with the reason, and the
 * message behind a line that says so (Bernstein's QSBMF). */
static bool read_words(struct text body, struct arena *arena, struct returned *returned)
{
    static const char greeting[] = "Hi. This is the ", below[] = "--- Below this line is a copy of the message.";
    const char *hi = memmem(body.at, body.length, greeting, sizeof greeting - 1), *copy;
    if (!hi) return false;
    struct text said = { hi, (size_t)(body.at + body.length - hi) };
    copy = memmem(said.at, said.length, below, sizeof below - 1);
    if (copy) said.length = (size_t)(copy - said.at);
    for (size_t at = 0, next; at < said.length; at = next) {
        size_t end = line_end(said, at, &next);
        if (end - at < 4 || said.at[at] != '<' || said.at[end - 1] != ':' || said.at[end - 2] != '>') continue;
        struct text reason, rest;
        split((struct text){ said.at + next, said.length - next }, &reason, &rest);
        returned->address = address_in(first(said.at + at, end - at, arena), arena);
        char *words = arena_alloc(arena, VALUE_MOST + 1, 1);
        size_t n = reason.length < VALUE_MOST ? reason.length : VALUE_MOST;
        for (size_t i = 0; i < n; i++) words[i] = (unsigned char)reason.at[i] < 0x20 ? ' ' : reason.at[i];
        returned->diagnostic = words;
        returned->status = status_in(words, arena);
        returned->kind = kind_of_status(returned->status);
        break;
    }
    if (copy) {
        struct text original = { copy, (size_t)(body.at + body.length - copy) }, line;
        split(original, &line, &original);
        while (original.length > 0 && strchr("\r\n", *original.at)) original.at++, original.length--;
        read_original(original, arena, returned);
    }
    return *returned->address != '\0';
}

bool returned_read(struct text bytes, struct arena *arena, struct returned *ret_returned, struct err *err)
{
    struct returned returned = {
        .address = "", .status = "", .diagnostic = "", .message_id = "", .recipient = ""
    };
    struct text header, body, parts[PARTS_MOST], of_part, within;
    split(bytes, &header, &body);
    const char *type = field_of(header, "Content-Type", arena);
    bool is_report = strncasecmp(type, "multipart/report", strlen("multipart/report")) == 0;
    if (!is_report && strcasecmp(field_of(header, "Subject", arena), "unsubscribe") == 0) {
        returned.kind = RETURNED_UNSUBSCRIBE;
        returned.recipient = address_in(field_of(header, "To", arena), arena);
        *ret_returned = returned;
        return true;
    }
    returned.recipient = address_in(field_of(header, "To", arena), arena);
    if (!is_report && read_words(body, arena, &returned)) {
        *ret_returned = returned;
        return true;
    }
    if (!is_report)
        return err_set(err, ERR_INVALID,
                       "this is no bounce and no complaint: its Content-Type is %s%.60s, not multipart/report",
                       *type ? "" : "missing", type);
    size_t n = split_parts(body, boundary_of(type, arena), parts);
    bool is_found = false, is_complaint = false;
    for (size_t i = 0; i < n; i++) {
        split(parts[i], &of_part, &within);
        const char *kind = field_of(of_part, "Content-Type", arena);
        if (strncasecmp(kind, "message/delivery-status", 23) == 0 ||
            strncasecmp(kind, "message/global-delivery-status", 30) == 0)
            is_found |= read_status(within, arena, &returned);
        else if (strncasecmp(kind, "message/feedback-report", 23) == 0)
            is_found |= is_complaint = read_feedback(within, arena, &returned);
        else if (strncasecmp(kind, "message/rfc822", 14) == 0 ||
                 strncasecmp(kind, "text/rfc822-headers", 19) == 0 ||
                 strncasecmp(kind, "message/rfc822-headers", 22) == 0 ||
                 strncasecmp(kind, "message/global", 14) == 0)
            read_original(within, arena, &returned);
    }
    if (!is_found)
        return err_set(err, ERR_INVALID,
                       "this report says nothing of a recipient (RFC 3464) and is no complaint (RFC 5965)");
    *ret_returned = returned;
    return true;
}
