/* probe.h - rows taken from all over a file, to recognise it by.
 *
 * The start of the file and slices spread over the rest, up to PROBE_ROWS rows; a small file is
 * taken whole.  Also decides what has to be known before rows can be read: separator, quote,
 * encoding and whether there is a header line. */
#ifndef TABLE_PROBE_H
#define TABLE_PROBE_H

#include "base/err.h"
#include "base/input.h"
#include "table/probe_cells.h"

enum { PROBE_ROWS = 20000 };

struct probe_options {      /* NULL: recognised */
    const char *separator;  /* one character, "tab", "space" */
    const char *encoding;   /* "utf-8", "latin-1", or one of code_page.h */
    bool        has_no_header;
    uint64_t    header_line;    /* of the file, from 1; 0: found */
};

/* Everything lives in the arena; text in another encoding becomes UTF-8 in the input itself.
 * Errors: ERR_INVALID an option is not known, or no line can be read as a record; ERR_IO. */
bool probe_take(struct input *input, const struct probe_options *options, struct arena *arena,
                struct probe *ret_probe, struct err *err) MUST_CHECK;

#endif
