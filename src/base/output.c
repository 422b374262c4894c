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
};

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

void output_csv_field(struct output *output, const char *text)
{
    double number;
    bool is_formula = *text && strchr("=+-@\t\r", *text) && !text_double(text_of(text), '.', &number);
    bool needs_quotes = is_formula || strpbrk(text, ",\"\r\n") != NULL;
    if (!needs_quotes) { output_text(output, text); return; }
    output_text(output, is_formula ? "\"'" : "\"");
    for (; *text; text++) {
        if (*text == '"') output_bytes(output, "\"", 1);
        output_bytes(output, text, 1);
    }
    output_text(output, "\"");
}
