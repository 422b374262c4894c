/* handover_socket.c - see handover_socket.h. */
#include "cli/handover_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address has 108 bytes, a path may have more: so it begins at the folder's descriptor. */
bool handover_address(const char *database, struct sockaddr_un *ret_address, int *ret_folder)
{
    char folder[4096];
    const char *slash = strrchr(database, '/'), *name = slash ? slash + 1 : database;
    size_t length = slash ? (size_t)(slash - database) + 1 : 0;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (length >= sizeof folder) return false;
    memcpy(folder, database, length);
    folder[length] = '\0';
    int file = open(length ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return false;
    int n = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s.sock", file, name);
    if (n < 0 || (size_t)n >= sizeof address.sun_path) {
        (void)close(file);
        return false;
    }
    *ret_address = address;
    *ret_folder = file;
    return true;
}

bool handover_send(int socket, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(socket, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent, n -= (size_t)sent;
    }
    return true;
}

bool handover_receive(int socket, void *ret_bytes, size_t n)
{
    char *at = ret_bytes;
    while (n > 0) {
        ssize_t got = recv(socket, at, n, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got, n -= (size_t)got;
    }
    return true;
}
