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

union room { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; };

bool handover_send_first(int socket, uint32_t n, int file)
{
    union room room = { 0 };
    struct iovec part = { &n, sizeof n };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (file >= 0) {
        message.msg_control = room.bytes, message.msg_controllen = sizeof room.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof file);
        memcpy(CMSG_DATA(header), &file, sizeof file);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof n;
}

bool handover_receive_first(int socket, uint32_t *ret_n, int *ret_file)
{
    union room room = { 0 };
    struct iovec part = { ret_n, sizeof *ret_n };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes,
                              .msg_controllen = sizeof room.bytes };
    ssize_t got;
    do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (got < 0 && errno == EINTR);
    const struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    *ret_file = -1;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof *ret_file))
        memcpy(ret_file, CMSG_DATA(header), sizeof *ret_file);
    return got == (ssize_t)sizeof *ret_n;
}
