/* spool.h - text that is made while a file is opened, in a file without a name under $TMPDIR or /tmp: gone when it
 * is closed, however the program ends. */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { SPOOL_BYTES = 256 * 1024 };

struct spool { int file; uint64_t n_bytes; size_t n_waiting; unsigned char waiting[SPOOL_BYTES]; };

/* Errors: ERR_IO it cannot be made (*ret_spool is NULL), or there is no more room. */
bool spool_open(struct spool **ret_spool, struct err *err) MUST_CHECK;
bool spool_write(struct spool *spool, const void *bytes, size_t length, struct err *err) MUST_CHECK;
bool spool_flush(struct spool *spool, struct err *err) MUST_CHECK;
/* Closes its file unless that was taken (and set to -1).  NULL is fine. */
void spool_close(struct spool *spool);

#endif
