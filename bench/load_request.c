/* load_request.c - requests made once and filled often, answers read; see load_internal.h. */
#include "load_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MESSAGE, NEXT, CUSTOMER, SAME, TIME, MARKS };

static const struct { const char *mark; size_t width; } marks[MARKS] = {
    [MESSAGE] = { "<message>", 12 }, [NEXT] = { "<next>", 12 }, [CUSTOMER] = { "<customer>", 7 },
    [SAME] = { "<same>", 7 }, [TIME] = { "<time>", 24 },
};

/* Which mark the text begins with; MARKS if none. */
static uint32_t mark_at(const char *at, const char *end)
{
    uint32_t what = 0;
    while (what < MARKS && ((size_t)(end - at) < strlen(marks[what].mark) ||
                            memcmp(at, marks[what].mark, strlen(marks[what].mark)) != 0))
        what++;
    return what;
}

/* Appends text with each mark replaced by as many letters as it will take; returns false at "<name>" that is
 * none. */
static bool append(struct load_request *request, struct text text)
{
    const char *at = text.at, *end = text.at + text.length;
    while (at < end) {
        const char *next = memchr(at, '<', (size_t)(end - at));
        size_t plain = (size_t)((next ? next : end) - at);
        memcpy(request->bytes + request->n, at, plain);
        request->n += plain;
        if (!next) return true;
        uint32_t what = mark_at(next, end);
        if (what == MARKS) {
            if (next + 1 < end && next[1] >= 'a' && next[1] <= 'z') return false;
            request->bytes[request->n++] = '<';
            at = next + 1;
            continue;
        }
        request->places[request->n_places++] = (struct load_place){ (uint32_t)request->n, what };
        request->n_messages += what == MESSAGE;
        memset(request->bytes + request->n, '0', marks[what].width);
        request->n += marks[what].width;
        at = next + strlen(marks[what].mark);
    }
    return true;
}

static size_t n_marks(struct text text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) n += text.at[i] == '<';
    return n;
}

/* How many bytes the text has once its marks are replaced. */
static size_t length_filled(struct text text)
{
    size_t n = text.length;
    for (size_t what = 0; what < MARKS; what++) {
        size_t length = strlen(marks[what].mark);
        for (const char *at = text.at, *end = text.at + text.length; at;) {
            at = memmem(at, (size_t)(end - at), marks[what].mark, length);
            if (at) n += marks[what].width - length, at += length;
        }
    }
    return n;
}

bool load_request_make(struct arena *arena, const struct load_step *step, size_t connection,
                       struct load_request *ret_request, struct err *err)
{
    struct text body = step->bodies ? step->bodies[connection % step->n_bodies] : text_of("");
    char *head = arena_format(arena,
                              "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s%sContent-Type: application/json\r\n"
                              "Content-Length: %zu\r\n\r\n",
                              step->method, step->path, step->authorization ? "Authorization: " : "",
                              step->authorization ? step->authorization : "", step->authorization ? "\r\n" : "",
                              body.at ? length_filled(body) : 0);
    size_t n = n_marks(text_of(head)) + n_marks(body);
    struct load_request request = { .places = ARENA_ARRAY(arena, struct load_place, n + 1) };
    request.bytes = arena_alloc(arena, strlen(head) + body.length + n * 24 + 1, 1);
    if (!append(&request, text_of(head)) || !append(&request, body))
        return err_set(err, ERR_INVALID, "a request to %s has a mark that is none", step->path);
    *ret_request = request;
    return true;
}

static void put_digits(char *at, uint64_t number, size_t width)
{
    while (width-- > 0) at[width] = (char)('0' + number % 10), number /= 10;
}

void load_request_fill(struct load_request *request, struct load_source *source, const char *time)
{
    for (size_t i = 0; i < request->n_places; i++) {
        char *at = request->bytes + request->places[i].at;
        switch (request->places[i].what) {
        case MESSAGE: put_digits(at, source->next_message++, 12); break;
        case NEXT: put_digits(at, source->next_message, 12); break;
        case TIME: memcpy(at, time, 24); break;
        case CUSTOMER:
            source->customer = (uint32_t)rng_below(&source->rng, source->n_customers); /* fall through */
        default: put_digits(at, source->customer, 7); break;
        }
    }
}

static const char *header(const char *head, const char *end, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = head; line < end;) {
        if ((size_t)(end - line) > length && strncasecmp(line, name, length) == 0 && line[length] == ':')
            return line + length + 1 + strspn(line + length + 1, " ");
        const char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
        line = next ? next + 2 : end;
    }
    return NULL;
}

ptrdiff_t load_answer_read(const char *bytes, size_t n, struct load_answer *ret_answer)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4);
    if (!end) return n > 32 * 1024 ? -1 : 0;
    if (n < 12 || memcmp(bytes, "HTTP/1.1 ", 9) != 0) return -1;
    const char *length = header(bytes, end, "content-length");
    size_t head = (size_t)(end + 4 - bytes), body = length ? strtoul(length, NULL, 10) : 0;
    int status = (int)strtol(bytes + 9, NULL, 10);
    if (!length && header(bytes, end, "transfer-encoding")) {       /* chunks, whose last is empty */
        const char *last = memmem(end, n - (size_t)(end - bytes), "\r\n0\r\n\r\n", 7);
        if (!last) return 0;
        body = (size_t)(last + 7 - bytes) - head;
    } else if (!length && status != 204 && status != 304) {
        return -1;
    }
    if (n < head + body) return 0;
    const char *connection = header(bytes, end, "connection"), *after = header(bytes, end, "retry-after");
    char *after_end = NULL;
    double seconds = after ? strtod(after, &after_end) : 0;
    *ret_answer = (struct load_answer){
        .status = status,
        .is_last = connection && strncasecmp(connection, "close", 5) == 0,
        .has_retry_after = after && after_end > after,
        .retry_after_seconds = seconds,
        .body = { bytes + head, body },
    };
    return (ptrdiff_t)(head + body);
}
