/* input.c - see input.h. */
#include "base/input.h"

#include "base/code_page.h"
#include "base/compress.h"
#include "base/memory.h"
#include "base/spool.h"
#include "base/utf16.h"
#include "base/xlsx.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST      /* what is unpacked is not changed */
#include <zlib.h>

enum { COPY_BYTES = 256 * 1024, LOOK_BYTES = 64 * 1024 };

struct input {
    int      file;
    uint64_t n_bytes;
    char     encoding[40];
    char     sheet[64];
    char     name[512];
};

static const unsigned char zstd_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

const char *input_name(const struct input *input)  { return input->name; }
uint64_t    input_bytes(const struct input *input) { return input->n_bytes; }
const char *input_sheet(const struct input *input) { return *input->sheet ? input->sheet : NULL; }
const char *input_encoding(const struct input *input) { return *input->encoding ? input->encoding : NULL; }

void input_close(struct input *input)
{
    if (!input) return;
    if (input->file >= 0) close(input->file);
    free(input);
}

static ssize_t read_some(int file, void *bytes, size_t length)
{
    ssize_t n;
    do n = read(file, bytes, length); while (n < 0 && errno == EINTR);
    return n;
}

/* What is being copied: compressed bytes in, text out. */
struct copy {
    int           from;
    uint64_t      n_in, n_total;
    struct spool *into;
    struct progress *progress;
    unsigned char in[COPY_BYTES], out[COPY_BYTES];
};

static bool fill(struct copy *copy, size_t *ret_n, struct err *err)
{
    ssize_t n = read_some(copy->from, copy->in, sizeof copy->in);
    if (n < 0) return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    copy->n_in += (uint64_t)n;
    progress_report(copy->progress, "unpacking", copy->n_in, copy->n_total, "bytes");
    *ret_n = (size_t)n;
    return true;
}

static bool copy_plain(struct copy *copy, size_t n, struct err *err)
{
    while (n > 0)
        if (!spool_write(copy->into, copy->in, n, err) || !fill(copy, &n, err)) return false;
    return true;
}

/* Unpacks what stream holds.  *ret_ended: a member is complete. */
static bool inflate_some(struct copy *copy, z_stream *stream, bool *ret_ended, struct err *err)
{
    *ret_ended = false;
    do {
        stream->next_out = copy->out;
        stream->avail_out = sizeof copy->out;
        int status = inflate(stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return err_set(
                err, ERR_INVALID, "the gzip data is damaged at byte %llu (%s); copy or download it again",
                (unsigned long long)(copy->n_in - stream->avail_in), stream->msg ? stream->msg : "unknown");
        if (!spool_write(copy->into, copy->out, sizeof copy->out - stream->avail_out, err)) return false;
        *ret_ended = status == Z_STREAM_END;
    } while (!*ret_ended && (stream->avail_in > 0 || stream->avail_out == 0));
    return true;
}

/* Gzip members one after another are one file, as gzip -d has it. */
static bool copy_gzip(struct copy *copy, size_t n, struct err *err)
{
    z_stream stream = { 0 };
    bool ok = false, is_ended = false;
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return err_set(err, ERR_IO, "no memory to unpack it");
    stream.next_in = copy->in;
    stream.avail_in = (unsigned)n;
    for (;;) {
        if (stream.avail_in == 0) {
            if (!fill(copy, &n, err)) goto done;
            if (n == 0) break;
            stream.next_in = copy->in;
            stream.avail_in = (unsigned)n;
        }
        if (is_ended) {
            if (*stream.next_in == 0) { stream.next_in++, stream.avail_in--; continue; }    /* padding */
            if (inflateReset(&stream) != Z_OK) {
                err_set(err, ERR_IO, "no memory to unpack it");
                goto done;
            }
        }
        if (!inflate_some(copy, &stream, &is_ended, err)) goto done;
    }
    ok = is_ended ||
         err_set(err, ERR_INVALID, "the gzip data ends too early, at byte %llu; copy or download it again",
                 (unsigned long long)copy->n_in);
done:
    inflateEnd(&stream);
    return ok;
}

/* Frames one after another are one file, as zstd -d has it. */
static bool copy_zstd(struct copy *copy, size_t n, struct err *err)
{
    struct decompressor *decompressor = decompressor_new();
    bool ok = false, is_whole = false;
    if (!decompressor) return err_set(err, ERR_IO, "no memory to unpack it");
    while (n > 0) {
        size_t at = 0, n_out = sizeof copy->out;
        while (at < n || n_out == sizeof copy->out) {       /* a full buffer may not have been all */
            const char *fault =
                decompress_some(decompressor, copy->in, n, &at, copy->out, sizeof copy->out, &n_out, &is_whole);
            if (fault) {
                err_set(err, ERR_INVALID,
                        "the zstd data is damaged near byte %llu (%s); copy or download it again",
                        (unsigned long long)(copy->n_in - n + at), fault);
                goto done;
            }
            if (!spool_write(copy->into, copy->out, n_out, err)) goto done;
            if (is_whole && at == n) break;
        }
        if (!fill(copy, &n, err)) goto done;
    }
    ok = is_whole ||
         err_set(err, ERR_INVALID, "the zstd data ends too early, at byte %llu; copy or download it again",
                 (unsigned long long)copy->n_in);
done:
    decompressor_free(decompressor);
    return ok;
}

/* The input's text is what was spooled. */
static bool take_spool(struct input *input, struct spool *spool, struct err *err)
{
    if (!spool_flush(spool, err)) return false;
    close(input->file);
    input->file = spool->file;
    input->n_bytes = spool->n_bytes;
    spool->file = -1;
    return true;
}

/* Replaces input's file by an unnamed one with the text. */
static bool unpack(struct input *input, uint64_t n_total, struct progress *progress, struct err *err)
{
    struct copy *copy = memory_new(1, sizeof *copy);
    size_t n = 0;
    copy->from = input->file;
    copy->n_total = n_total;
    copy->progress = progress;
    bool ok = spool_open(&copy->into, err) && fill(copy, &n, err);
    if (ok && n >= 2 && copy->in[0] == 0x1f && copy->in[1] == 0x8b) ok = copy_gzip(copy, n, err);
    else if (ok && n >= 4 && memcmp(copy->in, zstd_magic, 4) == 0) ok = copy_zstd(copy, n, err);
    else if (ok) ok = copy_plain(copy, n, err);
    ok = ok && take_spool(input, copy->into, err);
    spool_close(copy->into);
    free(copy);
    return ok;
}

/* A sheet of a workbook, or UTF-16, becomes text that the rest can read. */
static bool convert(struct input *input, const char *sheet, struct progress *progress, struct err *err)
{
    unsigned char look[1024];
    bool is_big_endian, is_utf16;
    size_t n = input->n_bytes < sizeof look ? (size_t)input->n_bytes : sizeof look;
    if (!input_read(input, 0, (char *)look, n, err)) return false;
    bool is_book = n >= 4 && memcmp(look, "PK\3\4", 4) == 0;
    if (sheet && !is_book) return err_set(err, ERR_INVALID, "--sheet %s: it is no workbook", sheet);
    if (is_book && !xlsx_is_workbook(input->file)) return true;
    is_utf16 = !is_book && utf16_begins(look, n, &is_big_endian);
    if (!is_book && !is_utf16) return true;
    struct spool *spool;
    bool ok = spool_open(&spool, err);
    if (ok && is_book) ok = xlsx_write_csv(input->file, sheet, progress, spool, input->sheet, err);
    else if (ok) ok = utf16_write_utf8(input->file, input->n_bytes, is_big_endian, spool, err);
    if (is_utf16) snprintf(input->encoding, sizeof input->encoding, "UTF-16");
    ok = ok && take_spool(input, spool, err);
    spool_close(spool);
    return ok;
}

bool input_convert(struct input *input, const char *code_page, struct err *err)
{
    struct spool *spool;
    bool ok = spool_open(&spool, err) &&
              code_page_write_utf8(input->file, input->n_bytes, code_page, spool, err) && take_spool(input, spool, err);
    spool_close(spool);
    snprintf(input->encoding, sizeof input->encoding, "%s", code_page);
    return ok || err_context(err, "%s", input->name);
}

static bool starts_with(const char *bytes, size_t length, const char *magic, size_t n)
{
    return length >= n && memcmp(bytes, magic, n) == 0;
}

static bool is_called(const struct input *input, const char *ending)
{
    size_t length = strlen(input->name), n = strlen(ending);
    return length > n && text_equal_ignoring_case(text_of(input->name + length - n), text_of(ending));
}

/* What programs call .xls and is none; NULL: it is neither. */
static const char *markup_of(struct text look)
{
    look = text_trim(look);
    if (starts_with(look.at, look.length, "\xef\xbb\xbf", 3)) look.at += 3, look.length -= 3;
    static const char *const pages[] = { "<html", "<!doctype html", "<table", "<head", "<body", "<meta" };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        size_t n = strlen(pages[i]);
        if (look.length >= n && text_equal_ignoring_case((struct text){ look.at, n }, text_of(pages[i])))
            return "a web page (HTML), whatever it is called";
    }
    return starts_with(look.at, look.length, "<?xml", 5) ? "XML" : NULL;
}

/* Text has no NUL bytes and next to no other control codes; says what it is instead, where that is known. */
static bool check_is_text(const struct input *input, struct err *err)
{
    static const struct { const char *magic; size_t n; const char *what;
    } known[] = {
        { "PK\3\4", 4,
          "a ZIP archive, or a workbook that is damaged or none of Excel's; unpack it, or save the sheet as "
          "CSV" },
        { "\xd0\xcf\x11\xe0", 4, "an old Excel workbook (.xls); save it as .xlsx or the sheet as CSV" },
        { "PAR1", 4,
          "a Parquet file; export it as CSV or JSON Lines (in DuckDB: COPY 'file.parquet' TO 'file.csv')" },
        { "Obj\1", 4, "an Avro file; export it as CSV or JSON Lines" },
        { "ORC", 3, "an ORC file; export it as CSV or JSON Lines" },
        { "SQLite format 3", 15, "an SQLite database; export the table as CSV" },
        { "%PDF", 4, "a PDF" },
        { "BZh", 3, "compressed with bzip2; unpack it first (gzip and zstd are read directly)" },
        { "\xfd"
          "7zXZ",
          5, "compressed with xz; unpack it first (gzip and zstd are read directly)" },
    };
    char look[LOOK_BYTES];
    size_t n = input->n_bytes < sizeof look ? (size_t)input->n_bytes : sizeof look;
    if (!input_read(input, 0, look, n, err)) return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (starts_with(look, n, known[i].magic, known[i].n))
            return err_set(err, ERR_INVALID, "it is %s", known[i].what);
    const char *markup = markup_of((struct text){ look, n });
    if (markup) return err_set(err, ERR_INVALID, "it is %s; open it in a spreadsheet program and save it as .xlsx or CSV", markup);
    size_t n_binary = 0;
    for (size_t i = 0; i < n; i++)
        n_binary += (unsigned char)look[i] < 0x20 && !memchr("\t\n\v\f\r\x1a\x1b", look[i], 7);
    if (n_binary * 100 <= n) return true;       /* a stray one spoils its row only */
    if (is_called(input, ".xlsx") || is_called(input, ".xlsm") || is_called(input, ".xls"))
        return err_set(err, ERR_INVALID,
                       "it is called a workbook and is none: open it in the program that wrote it and save the sheet as "
                       ".xlsx or CSV");
    return err_set(err, ERR_INVALID, "it is binary, not text (%zu of its first %zu bytes are no signs of a text)",
                   n_binary, n);
}

/* path NULL: what comes from a stream. */
static bool open_file(struct input *input, const char *path, int stream, const char *sheet,
                      struct progress *progress, struct err *err)
{
    struct stat status;
    bool is_standard = !path;
    input->file = is_standard ? fcntl(stream, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0)
        return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_IO, "cannot open it: %s",
                       strerror(errno));
    if (fstat(input->file, &status) != 0) return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    if (S_ISDIR(status.st_mode))
        return err_set(err, ERR_INVALID, "it is a folder; name one of the files in it");
    unsigned char magic[4] = { 0 };
    bool is_plain = S_ISREG(status.st_mode) && !is_standard;
    if (is_plain && pread(input->file, magic, sizeof magic, 0) < 0)
        return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    input->n_bytes = (uint64_t)status.st_size;
    bool is_packed = (magic[0] == 0x1f && magic[1] == 0x8b) || memcmp(magic, zstd_magic, sizeof magic) == 0;
    if ((!is_plain || is_packed) && !unpack(input, is_plain ? input->n_bytes : 0, progress, err)) return false;
    if (input->n_bytes > 0 && !convert(input, sheet, progress, err)) return false;
    if (input->n_bytes == 0)
        return err_set(err, ERR_INVALID, "it is empty: a header line and rows were expected");
    return check_is_text(input, err);
}

bool input_open(const char *path, struct progress *progress, struct input **ret_input, struct err *err)
{
    return input_open_sheet(path, NULL, progress, ret_input, err);
}

static bool open_input(const char *path, int stream, const char *sheet, struct progress *progress,
                       struct input **ret_input, struct err *err)
{
    struct input *input = memory_new(1, sizeof *input);
    input->file = -1;
    snprintf(input->name, sizeof input->name, "%s", path ? path : "standard input");
    if (!open_file(input, path, stream, sheet, progress, err)) {
        err_context(err, "%s", input->name);
        input_close(input);
        return false;
    }
    *ret_input = input;
    return true;
}

bool input_open_sheet(const char *path, const char *sheet, struct progress *progress, struct input **ret_input,
                      struct err *err)
{
    return strcmp(path, "-") == 0 ? input_open_stream(STDIN_FILENO, sheet, progress, ret_input, err)
                                  : open_input(path, -1, sheet, progress, ret_input, err);
}

bool input_open_stream(int file, const char *sheet, struct progress *progress, struct input **ret_input,
                       struct err *err)
{
    return open_input(NULL, file, sheet, progress, ret_input, err);
}

bool input_read(const struct input *input, uint64_t offset, char *ret_bytes, size_t length, struct err *err)
{
    while (length > 0) {
        ssize_t n = pread(input->file, ret_bytes, length, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(err, ERR_IO, "%s: cannot be read at byte %llu: %s", input->name,
                                  (unsigned long long)offset, strerror(errno));
        if (n == 0) return err_set(err, ERR_INVALID, "%s: became shorter while it was read", input->name);
        ret_bytes += n;
        offset += (uint64_t)n;
        length -= (size_t)n;
    }
    return true;
}

bool input_is_gzip(struct text bytes)
{
    return bytes.length >= 2 && (unsigned char)bytes.at[0] == 0x1f && (unsigned char)bytes.at[1] == 0x8b;
}

/* Text being unpacked in memory: as much room as is needed is taken by and by, never more than the limit and a
 * byte, which tells text that just fits from text that does not. */
struct unpacked { unsigned char *bytes; size_t n, room, most; };

static void more_room(struct unpacked *text, struct arena *arena)
{
    size_t room = text->room < text->most / 2 ? 2 * text->room : text->most + 1;
    unsigned char *bytes = arena_alloc(arena, room, 1);
    memcpy(bytes, text->bytes, text->n);
    text->bytes = bytes;
    text->room = room;
}

/* True: all members are unpacked, or the limit is passed (text->n > text->most). */
static bool gunzip_all(z_stream *stream, struct unpacked *text, struct arena *arena, size_t n_packed,
                       struct err *err)
{
    for (;;) {
        if (text->n == text->room) more_room(text, arena);
        stream->next_out = text->bytes + text->n;
        stream->avail_out = (unsigned)(text->room - text->n);
        int status = inflate(stream, Z_NO_FLUSH);
        text->n = text->room - stream->avail_out;
        if (text->n > text->most) return true;
        if (status == Z_STREAM_END) {
            if (stream->avail_in == 0) return true;
            if (inflateReset(stream) != Z_OK) return err_set(err, ERR_IO, "no memory to unpack it");
        } else if (status == Z_BUF_ERROR && stream->avail_in == 0 && stream->avail_out > 0) {
            return err_set(err, ERR_INVALID, "the gzip data ends too early, at byte %zu", n_packed);
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return err_set(err, ERR_INVALID, "the gzip data is damaged at byte %zu (%s)",
                           n_packed - stream->avail_in, stream->msg ? stream->msg : "unknown");
        }
    }
}

bool input_gunzip(struct text packed, size_t most_bytes, struct arena *arena, struct text *ret_text,
                  bool *ret_is_too_large, struct err *err)
{
    z_stream stream = { 0 };
    struct unpacked text = { .most = most_bytes, .room = 4 * packed.length + 64 };
    *ret_is_too_large = false;
    if (packed.length > UINT32_MAX / 8 || most_bytes > UINT32_MAX / 8)
        return err_set(err, ERR_INVALID, "over 512 MB of gzip in memory");
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return err_set(err, ERR_IO, "no memory to unpack it");
    if (text.room > most_bytes + 1) text.room = most_bytes + 1;
    text.bytes = arena_alloc(arena, text.room, 1);
    stream.next_in = (const unsigned char *)packed.at;
    stream.avail_in = (unsigned)packed.length;
    bool ok = gunzip_all(&stream, &text, arena, packed.length, err);
    inflateEnd(&stream);
    if (!ok) return false;
    if (text.n > most_bytes) {
        *ret_is_too_large = true;
        return err_set(err, ERR_INVALID, "it unpacks to over %zu bytes, which is the most that is taken",
                       most_bytes);
    }
    *ret_text = (struct text){ (const char *)text.bytes, text.n };
    return true;
}
