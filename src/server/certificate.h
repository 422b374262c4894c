/* certificate.h - the server's certificate and its key, in PEM; see http.h. */
#ifndef SERVER_CERTIFICATE_H
#define SERVER_CERTIFICATE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

/* The file's text.  Errors: ERR_MISSING, ERR_IO, ERR_INVALID it is too large to be one. */
bool certificate_read(const char *path, struct arena *arena, char **ret_pem, struct err *err) MUST_CHECK;

/* When the first certificate of a PEM text, the server's own, ends; INT64_MAX if it is none. */
int64_t certificate_ends_ms(char *pem);

#endif
