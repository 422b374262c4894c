/* channel_file.c - lists for people who call or print, and hashed audiences for advertisers; see channel.h.
 *
 * A row is there whole once deliver returns, behind the rows of before; a file that is new begins with its header.
 */
#include "channel/channel.h"

#include "base/calendar.h"
#include "base/secret.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const calls[] = { "customer", "name", "phone", "reason", NULL };
static const char *const post[] = {
    "customer", "name", "street", "zip", "city", "region", "country", "text", NULL
};
static const char *const audience[] = { "email", "phone", "first_name", "last_name", "zip", "country", NULL };
static const char *const *const columns_of[] = {
    [FILE_CALLS] = calls, [FILE_POST] = post, [FILE_AUDIENCE] = audience
};

static const char *path_of(const struct channel *channel, int64_t now_ms, struct arena *arena)
{
    char day[11];
    const char *at = strstr(channel->path, "{date}");
    calendar_format_day(calendar_day_of_ms(now_ms), day);
    if (!at) return channel->path;
    return arena_format(arena, "%.*s%s%s", (int)(at - channel->path), channel->path, day, at + strlen("{date}"));
}

/* As customer-match lists of advertisers want it: trimmed, lower case (numbers: + and digits), SHA-256 in
 * hexadecimal. */
static const char *hashed(const char *column, const char *value, struct arena *arena)
{
    uint8_t hash[SIGNING_SHA256_BYTES];
    char *normal = arena_alloc(arena, strlen(value) + 2, 1), *hex = arena_alloc(arena, 2 * sizeof hash + 1, 1);
    bool is_number = strcmp(column, "phone") == 0;
    size_t n = 0;
    for (struct text text = text_trim(text_of(value)); text.length > 0; text.at++, text.length--) {
        unsigned char c = (unsigned char)*text.at;
        if (is_number ? isdigit(c) || (c == '+' && n == 0) : !(strcmp(column, "email") == 0 && isspace(c)))
            normal[n++] = (char)tolower(c);
    }
    if (n == 0) return "";
    signing_sha256((struct text){ normal, n }, hash);
    secret_hex(hash, sizeof hash, hex);
    return hex;
}

static const char *quoted(const char *value, struct arena *arena)
{
    if (strchr("=+-@\t\r", *value) && *value &&
        !(value[0] == '+' && strspn(value + 1, "0123456789 ") == strlen(value + 1)))
        value = arena_format(arena, "'%s", value);      /* no formula for a spreadsheet */
    if (!strpbrk(value, ",\"\r\n")) return value;
    char *out = arena_alloc(arena, 2 * strlen(value) + 3, 1), *to = out;
    *to++ = '"';
    for (; *value; value++) {
        if (*value == '"') *to++ = '"';
        *to++ = *value;
    }
    *to = '"';
    return out;
}

static const char *row_of(const struct channel *channel, const json_t *row, struct arena *arena)
{
    const char *line = "";
    for (const char *const *column = columns_of[channel->format]; *column; column++) {
        const char *value = json_string_value(json_object_get(row, *column));
        if (!value) value = "";
        bool is_hashed =
            channel->format == FILE_AUDIENCE && strcmp(*column, "zip") != 0 && strcmp(*column, "country") != 0;
        line = arena_format(arena, "%s%s%s", line, *line || column != columns_of[channel->format] ? "," : "",
                            is_hashed ? hashed(*column, value, arena) : quoted(value, arena));
    }
    return arena_format(arena, "%s\r\n", line);
}

static const char *header_of(const struct channel *channel, struct arena *arena)
{
    const char *line = NULL;
    for (const char *const *column = columns_of[channel->format]; *column; column++)
        line = line ? arena_format(arena, "%s,%s", line, *column) : *column;
    return arena_format(arena, "%s\r\n", line);
}

/* One write of all, so that nobody reads half a row; a rest that a full disk cut off is taken back. */
static bool append(const char *path, const struct channel *channel, const char *row, struct arena *arena)
{
    struct stat before;
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return false;
    bool ok = fstat(file, &before) == 0;
    if (ok && before.st_size == 0) row = arena_format(arena, "%s%s", header_of(channel, arena), row);
    size_t n = strlen(row);
    if (ok && write(file, row, n) != (ssize_t)n) {
        int why = errno;
        (void)!ftruncate(file, before.st_size);
        errno = why;
        ok = false;
    }
    ok = ok && fsync(file) == 0;
    int why = errno;
    (void)close(file);
    errno = why;
    return ok;
}

static void deliver(const struct channel *channel, const struct consignment *consignment,
                    struct delivered *ret_delivered)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    json_t *row = json_loadb(consignment->bytes.at, consignment->bytes.length, 0, NULL);
    const char *path = path_of(channel, consignment->now_ms, arena), *slash = strrchr(path, '/');
    if (!json_is_object(row)) {
        ret_delivered->delivery = DELIVERY_REFUSED;
        snprintf(ret_delivered->reply, sizeof ret_delivered->reply, "the row is no JSON object of columns");
    } else {
        if (slash) (void)mkdir(arena_format(arena, "%.*s", (int)(slash - path), path), 0700);
        bool ok = append(path, channel, row_of(channel, row, arena), arena);
        ret_delivered->delivery = ok ? DELIVERY_SENT : DELIVERY_LATER;
        ret_delivered->is_of_relay = !ok;
        snprintf(ret_delivered->reply, sizeof ret_delivered->reply, "%s: %s", path, strerror(errno));
        if (ok)
            snprintf(ret_delivered->reply, sizeof ret_delivered->reply, "written to %s", slash ? slash + 1 : path);
    }
    json_decref(row);
    arena_free(arena);
}

const struct channel_ops file_ops = { .word = "file", .deliver = deliver };
