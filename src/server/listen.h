/* listen.h - the socket that connections come to. */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include "base/err.h"

#include <stddef.h>
#include <sys/socket.h>

enum { LISTEN_ADDRESS_BYTES = 64 };

/* address: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" for all addresses; port 0: any that is free.
 * ret_host and *ret_port are what it really listens on; host is written as in a URL.
 * Errors: ERR_INVALID not an address; ERR_BUSY somebody listens there; ERR_REFUSED the port may not be used;
 * ERR_IO. */
bool listen_open(const char *address, int *ret_socket, char ret_host[LISTEN_ADDRESS_BYTES], unsigned *ret_port,
                 struct err *err) MUST_CHECK;

/* Whether listen_open would find the port free now.  Errors: its. */
bool listen_check(const char *address, struct err *err) MUST_CHECK;

/* "203.0.113.7", "2001:db8::1"; "?" for what is no internet address. */
void listen_name(const struct sockaddr *address, socklen_t length, char ret_name[LISTEN_ADDRESS_BYTES]);

/* Raises the limit of open files as far as is allowed; the limit then. */
size_t listen_raise_files(void);

#endif
