/* listen.c - see listen.h. */
#include "server/listen.h"

#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static bool refuse(const char *address, struct err *err)
{
    if (errno == EADDRINUSE)
        return err_set(err, ERR_BUSY, "%s: another program listens there; choose another port with --listen",
                       address);
    if (errno == EACCES || errno == EPERM)
        return err_set(err, ERR_REFUSED, "%s: this port may not be used; ports from 1024 on may", address);
    if (errno == EADDRNOTAVAIL)
        return err_set(err, ERR_INVALID, "%s: this machine does not have that address", address);
    return err_set(err, ERR_IO, "%s: %s", address, strerror(errno));
}

/* "[::1]:80" as "::1" and "80"; host "" for all addresses. */
static bool split(const char *address, char ret_host[256], char ret_port[8])
{
    const char *colon = strrchr(address, ':');
    size_t length = colon ? (size_t)(colon - address) : 0, port_length = colon ? strlen(colon + 1) : 0;
    int64_t port;
    if (!colon || length > 255 || port_length == 0 || port_length > 5) return false;
    if (!text_int64(text_of(colon + 1), &port) || port < 0 || port > 65535) return false;
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']') { address++; length -= 2; }
    else if (memchr(address, ':', length)) return false;
    memcpy(ret_host, address, length);
    ret_host[length] = '\0';
    memcpy(ret_port, colon + 1, port_length + 1);
    return true;
}

static int bind_one(const struct addrinfo *info, bool is_everywhere)
{
    const int yes = 1, no = 0;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, is_everywhere ? &no : &yes, sizeof no);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

void listen_name(const struct sockaddr *address, socklen_t length, char ret_name[LISTEN_ADDRESS_BYTES])
{
    char name[LISTEN_ADDRESS_BYTES];
    if (!address || getnameinfo(address, length, name, sizeof name, NULL, 0, NI_NUMERICHOST) != 0)
        memcpy(name, "?", 2);
    const char *shown = strncmp(name, "::ffff:", 7) == 0 && strchr(name, '.') ? name + 7 : name;
    memmove(ret_name, shown, strlen(shown) + 1);
}

static void real_address(int fd, char ret_host[LISTEN_ADDRESS_BYTES], unsigned *ret_port)
{
    struct sockaddr_storage bound = { 0 };
    socklen_t length = sizeof bound;
    char name[LISTEN_ADDRESS_BYTES], port[8] = "0";
    int64_t number = 0;
    (void)getsockname(fd, (struct sockaddr *)&bound, &length);
    listen_name((struct sockaddr *)&bound, length, name);
    (void)getnameinfo((struct sockaddr *)&bound, length, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    (void)text_int64(text_of(port), &number);
    snprintf(ret_host, LISTEN_ADDRESS_BYTES, strchr(name, ':') ? "[%.61s]" : "%.63s", name);
    *ret_port = (unsigned)number;
}

bool listen_open(const char *address, int *ret_socket, char ret_host[LISTEN_ADDRESS_BYTES], unsigned *ret_port,
                 struct err *err)
{
    char host[256], port[8];
    if (!split(address, host, port))
        return err_set(err, ERR_INVALID, "'%s': give an address such as 127.0.0.1:8080, [::1]:8080 or :8080",
                       address);
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int why = getaddrinfo(*host ? host : NULL, port, &hints, &found), fd = -1;
    if (why != 0) return err_set(err, ERR_INVALID, "'%s': %s", address, gai_strerror(why));
    /* All addresses are one socket for both families, where there is IPv6. */
    for (int family = *host ? AF_UNSPEC : AF_INET6; fd < 0; family = AF_UNSPEC) {
        for (struct addrinfo *info = found; info && fd < 0; info = info->ai_next)
            if (family == AF_UNSPEC || info->ai_family == family) fd = bind_one(info, !*host);
        if (family == AF_UNSPEC) break;
    }
    bool ok = fd >= 0 || refuse(address, err);
    freeaddrinfo(found);
    if (!ok) return false;
    real_address(fd, ret_host, ret_port);
    *ret_socket = fd;
    return true;
}

size_t listen_raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024;
    if (files.rlim_cur < files.rlim_max) {
        struct rlimit more = { files.rlim_max, files.rlim_max };
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) files = more;
    }
    return files.rlim_cur == RLIM_INFINITY ? (size_t)1 << 20 : (size_t)files.rlim_cur;
}

bool listen_check(const char *address, struct err *err)
{
    char host[LISTEN_ADDRESS_BYTES];
    unsigned port;
    int fd;
    if (!listen_open(address, &fd, host, &port, err)) return false;
    close(fd);
    return true;
}
