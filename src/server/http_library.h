/* http_library.h - two functions of other libraries that are ours in the whole process: epoll_wait and
 * MHD_create_response_from_buffer, because libmicrohttpd 0.9 calls them by these names and offers no other way to
 * mend what is said beside each.  A program finds its own functions before those of shared libraries; whether the
 * library does so too is tried at the start. */
#ifndef SERVER_HTTP_LIBRARY_H
#define SERVER_HTTP_LIBRARY_H

#include "base/err.h"

/* Lets the library refuse what is no request on socket pairs: it must wait by our function, answer with our words, and
 * leave a Content-Length that is no number to us, for which it would answer twice: it then ends the connection
 * without saying that the request is completed.  A millisecond.  Errors: ERR_IO this library does not (says which
 * version it is). */
bool http_library_check(struct err *err) MUST_CHECK;

/* Whether a connection of this thread is about to end because its request was left to us; then say that it is
 * answered. */
bool http_library_left(void);
void http_library_answered(void);

#endif
