/* output.c - see output.h. */
#include "base/memory.h"
#include "base/output.h"

#include "base/crash_point.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    FILE *file;
    char *path, *unfinished_path;       /* NULL for a stream of the caller's, as standard output */
    int   first_errno;
    size_t n_bytes, n_begun;            /* written; and told to the disk */
};

/* A long file goes to the disk while the rest of it is still made: else committing it waits for all of it. */
enum { BEGUN_AT_ONCE = 8 << 20 };

static void note_failure(struct output *output)
{
    if (output->first_errno == 0) output->first_errno = errno ? errno : EIO;
}

static void release(struct output *output)
{
    free(output->path);
    free(output->unfinished_path);
    free(output);
}

struct output *output_to(FILE *stream)
{
    struct output *output = memory_new(1, sizeof *output);
    output->file = stream;
    return output;
}

bool output_open(const char *path, struct output **ret_output, struct err *err)
{
    struct stat there;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return err_set(err, ERR_INVALID, "%s is a folder: name a file in it", path);
    if (strcmp(path, "-") == 0) {
        *ret_output = output_to(stdout);
        return true;
    }
    struct output *output = memory_new(1, sizeof *output);
    output->path = strdup(path);
    if (asprintf(&output->unfinished_path, "%s.%ld.unfinished", path, (long)getpid()) < 0) abort();
    output->file = fopen(output->unfinished_path, "wbx");
    if (!output->file) {
        err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
        release(output);
        return false;
    }
    *ret_output = output;
    return true;
}

bool output_check(const char *path, struct err *err)
{
    struct output *output;
    if (!output_open(path, &output, err)) return false;
    output_abandon(output);
    return true;
}

void output_bytes(struct output *output, const char *bytes, size_t length)
{
    if (fwrite(bytes, 1, length, output->file) != length) note_failure(output);
    output->n_bytes += length;
    if (!output->path || output->n_bytes - output->n_begun < BEGUN_AT_ONCE) return;
    (void)sync_file_range(fileno(output->file), (off_t)output->n_begun, BEGUN_AT_ONCE, SYNC_FILE_RANGE_WRITE);
    output->n_begun += BEGUN_AT_ONCE;
}

void output_text(struct output *output, const char *terminated)
{
    output_bytes(output, terminated, strlen(terminated));
}

void output_format(struct output *output, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (vfprintf(output->file, fmt, args) < 0) note_failure(output);
    va_end(args);
}

bool output_commit(struct output *output, struct err *err)
{
    bool is_stdout = !output->path;
    if (fflush(output->file) != 0) note_failure(output);
    if (!is_stdout) {
        if (output->first_errno == 0 && fsync(fileno(output->file)) != 0) note_failure(output);
        if (fclose(output->file) != 0) note_failure(output);
        crash_point();
        if (output->first_errno == 0 && rename(output->unfinished_path, output->path) != 0) note_failure(output);
        crash_point();
        if (output->first_errno != 0) unlink(output->unfinished_path);
    }
    bool ok = output->first_errno == 0;
    if (!ok)
        err_set(err, ERR_IO, "%s could not be written: %s; nothing was changed",
                is_stdout ? "standard output" : output->path, strerror(output->first_errno));
    release(output);
    return ok;
}

void output_abandon(struct output *output)
{
    if (!output) return;
    if (output->path) {
        fclose(output->file);
        unlink(output->unfinished_path);
    }
    release(output);
}

size_t output_csv_put(char *to, const char *text)
{
    double number;
    size_t n = 0;
    bool is_formula = *text && strchr("=+-@\t\r", *text) && !text_double(text_of(text), '.', &number);
    bool needs_quotes = is_formula || strpbrk(text, ",\"\r\n") != NULL;
    if (needs_quotes) to[n++] = '"';
    if (is_formula) to[n++] = '\'';
    for (; *text; text++) {
        if (*text == '"') to[n++] = '"';
        to[n++] = *text;
    }
    if (needs_quotes) to[n++] = '"';
    return n;
}

void output_csv_field(struct output *output, const char *text)
{
    char short_one[256];
    size_t room = 2 * strlen(text) + OUTPUT_CSV_MARKS;
    char *to = room <= sizeof short_one ? short_one : memory_new(room, 1);
    output_bytes(output, to, output_csv_put(to, text));
    if (to != short_one) free(to);
}
