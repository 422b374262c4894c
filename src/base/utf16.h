/* utf16.h - text in UTF-16, as spreadsheets save "Unicode text", becomes UTF-8. */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include "base/spool.h"

/* Whether bytes, a file's beginning, are UTF-16: by its mark, or because every other byte is NUL. */
bool utf16_begins(const unsigned char *bytes, size_t length, bool *ret_is_big_endian);

/* Writes all of file's text, n_bytes of UTF-16, without its mark.  Half of a pair becomes U+FFFD.
 * Errors: ERR_INVALID an odd number of bytes; ERR_IO. */
bool utf16_write_utf8(int file, uint64_t n_bytes, bool is_big_endian, struct spool *spool,
                      struct err *err) MUST_CHECK;

#endif
