/* csv.h - records of separated text (RFC 4180 and its relatives) or of JSON, one at a time from a buffer.
 *
 * A file is read in buffers of whole records: csv_split says where the last whole record of a
 * buffer ends, so that buffers can be parsed on several threads with the same result as one.
 * A quote counts only where a field begins; inside, "" is a quote, and separators and newlines are
 * data.  A record that breaks a rule is one CSV_BAD, and reading goes on at the line after the one
 * where it began. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/csv_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts reading bytes[length], which CSV_PADDING more readable bytes follow. */
void csv_start(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes, size_t length,
               bool is_last, uint64_t line);
/* Empty lines are passed over. */
enum csv_step csv_next(struct csv_reader *reader);

/* The length of the whole records at the start of bytes[length].  *is_skipping, in and out, is as in
 * the reader: the whole buffer may be part of a line that is too long.  reader is scratch.  To read
 * them, start with the same bytes[length] and set stop: whether a quote is closed may show behind it. */
size_t csv_split(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes, size_t length,
                 bool is_last, bool *is_skipping);

#endif
