/* err.c - see err.h. */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct { int exit_status; const char *word; } outcomes[ERR_CODES] = {
    [ERR_NONE]    = { 0, "none" },
    [ERR_INVALID] = { 2, "invalid" },
    [ERR_MISSING] = { 3, "missing" },
    [ERR_REFUSED] = { 4, "refused" },
    [ERR_BUSY]    = { 5, "busy" },
    [ERR_IO]      = { 6, "io" },
    [ERR_CORRUPT] = { 7, "corrupt" },
};

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    assert(code != ERR_NONE);
    va_list args;
    va_start(args, fmt);
    err->code = code;
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return false;
}

bool err_context(struct err *err, const char *fmt, ...)
{
    assert(err->code != ERR_NONE);
    char outer[321], inner[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(outer, sizeof outer, fmt, args);
    va_end(args);
    memcpy(inner, err->text, sizeof inner);
    snprintf(err->text, sizeof err->text, "%s: %.701s", outer, inner);  /* 320 + 2 + 701 + NUL */
    return false;
}

int         err_exit_status(enum err_code code) { return outcomes[code].exit_status; }
const char *err_word(enum err_code code)        { return outcomes[code].word; }
