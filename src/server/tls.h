/* tls.h - the server's certificate and its key, and what is sent past the library; see http.h. */
#ifndef SERVER_TLS_H
#define SERVER_TLS_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* The file's text.  Errors: ERR_MISSING, ERR_IO, ERR_INVALID it is too large to be one. */
bool tls_read_pem(const char *path, struct arena *arena, char **ret_pem, struct err *err) MUST_CHECK;

/* When the first certificate of a PEM text, the server's own, ends; INT64_MAX if it is none. */
int64_t tls_ends_ms(char *pem);

/* Sends what the socket takes at once: through a session of GnuTLS, or in clear where that is NULL. */
void tls_send(int socket, void *session, const char *bytes, size_t n);

/* The library ends a session before it says that its connection is closed; where it has left a request on this thread
 * to us (http_library.h), the session is kept until then.  tls_kept: the one of the connection that is now said to be
 * closed; NULL none.  tls_end_kept ends it, at the end of every connection. */
void *tls_kept(void);
void  tls_end_kept(void);

#endif
