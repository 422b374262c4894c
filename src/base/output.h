/* output.h - a file that appears whole or not at all.
 *
 * Bytes go to a neighbour file first; output_commit makes them durable and gives them their name,
 * replacing what was there.  Path "-" is standard output, which cannot be taken back. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include "base/err.h"

#include <stddef.h>
#include <stdio.h>

struct output;

/* Errors: ERR_IO the folder is missing or read-only; ERR_INVALID path is a folder. */
bool output_open(const char *path, struct output **ret_output, struct err *err) MUST_CHECK;

/* Whether output_open would succeed now: asked before work that takes long.  Errors: those of output_open. */
bool output_check(const char *path, struct err *err) MUST_CHECK;

/* To a stream that stays the caller's, which cannot be taken back. */
struct output *output_to(FILE *stream);

/* Writing reports nothing: the first failure is kept and told by output_commit. */
void output_bytes(struct output *output, const char *bytes, size_t length);
void output_text(struct output *output, const char *terminated);
void output_format(struct output *output, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Closes in any case.  Errors: ERR_IO no space, write failed; then the old file is as it was. */
bool output_commit(struct output *output, struct err *err) MUST_CHECK;
void output_abandon(struct output *output);     /* NULL is fine */

/* One CSV field, quoted where needed.  A text that a spreadsheet would run as a formula (it begins
 * with =, +, -, @, tab or CR and is not a number) gets an apostrophe in front. */
void output_csv_field(struct output *output, const char *text);
/* The same into memory, which has room for twice the text and OUTPUT_CSV_MARKS; how many bytes, without a zero behind
 * them. */
enum { OUTPUT_CSV_MARKS = 3 };
size_t output_csv_put(char *to, const char *text);

#endif
