/* input.h - the bytes of a text file, wherever they come from.
 *
 * A plain file is read in place.  gzip and zstd, UTF-16, a sheet of an Excel workbook (all recognised by
 * their bytes), standard input and pipes first become text in UTF-8 in an unnamed file under $TMPDIR or
 * /tmp, so that every input can be read at any offset by several threads and memory stays small. */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

struct input;

/* path "-" is standard input.
 * Errors: ERR_MISSING no such file; ERR_INVALID empty, a folder, not text (says what it looks like),
 * or packed and damaged or cut off (says where); ERR_IO cannot be read, or no room to unpack. */
bool input_open(const char *path, struct progress *progress, struct input **ret_input, struct err *err) MUST_CHECK;
/* The same; sheet: of a workbook, which it then has to be; NULL the first. */
bool input_open_sheet(const char *path, const char *sheet, struct progress *progress, struct input **ret_input,
                      struct err *err) MUST_CHECK;
/* What comes from a descriptor, to its end, as standard input; it stays the caller's. */
bool input_open_stream(int file, const char *sheet, struct progress *progress, struct input **ret_input,
                       struct err *err) MUST_CHECK;
void input_close(struct input *input);      /* NULL is fine */

const char *input_name(const struct input *input);      /* path, or "standard input" */
uint64_t    input_bytes(const struct input *input);     /* of text, at least 1 */
/* The name of the sheet that the text, separated by commas, was; NULL: it was none. */
const char *input_sheet(const struct input *input);
/* The encoding that the text had before it became UTF-8 ("UTF-16", "windows-1250"); NULL: it is as it was. */
const char *input_encoding(const struct input *input);
/* The text is of a code page (code_page.h), and becomes UTF-8.  Errors: those of code_page_write_utf8, naming it. */
bool input_convert(struct input *input, const char *code_page, struct err *err) MUST_CHECK;

/* Reads length bytes at offset, all within input_bytes.  Safe from several threads at once.
 * Errors: ERR_IO; ERR_INVALID the file became shorter meanwhile. */
bool input_read(const struct input *input, uint64_t offset, char *ret_bytes, size_t length, struct err *err) MUST_CHECK;

/* Whether bytes begin as gzip does. */
bool input_is_gzip(struct text bytes);

/* Unpacks gzip in memory, all its members, to at most most_bytes of text in the arena.
 * Errors: ERR_INVALID damaged, cut off, followed by something else, or more than most_bytes; *ret_is_too_large says
 * whether it was the last. */
bool input_gunzip(struct text packed, size_t most_bytes, struct arena *arena, struct text *ret_text,
                  bool *ret_is_too_large, struct err *err) MUST_CHECK;

#endif
