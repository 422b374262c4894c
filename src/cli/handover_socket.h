/* handover_socket.h - the socket beside a database, and what goes over it; see handover.h.
 *
 * There: n_bytes, with it the file that is standard input, if the command reads any; then so many bytes: each
 * word, ended by a NUL.  Back: status, n_out, n_err, then so many bytes for standard output and for standard
 * error.  Numbers are 32 bits of this machine. */
#ifndef CLI_HANDOVER_SOCKET_H
#define CLI_HANDOVER_SOCKET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

enum { HANDOVER_MOST_BYTES = 2 << 20, HANDOVER_WORDS_MOST = 256 };

struct handover_reply { uint32_t status, n_out, n_err; };

/* The address of a database's socket, however deep its folder lies; *ret_folder is to be closed when it was used.
 * False: there is no such folder, or the name is too long. */
bool handover_address(const char *database, struct sockaddr_un *ret_address, int *ret_folder);

/* n, and a file with it; -1: none. */
bool handover_send_first(int socket, uint32_t n, int file);
bool handover_receive_first(int socket, uint32_t *ret_n, int *ret_file); /* the file is the caller's to close */

bool handover_send(int socket, const void *bytes, size_t n);        /* all of it */
bool handover_receive(int socket, void *ret_bytes, size_t n);       /* exactly so much */

#endif
