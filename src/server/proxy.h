/* proxy.h - who stands before the server and is believed when it says whom it speaks for.
 *
 * A proxy appends the address it was asked from to X-Forwarded-For.  Read from the end, what trusted ones appended
 * is true, up to the first address that is none of them: the client's.  What stands before that anybody may have
 * made up. */
#ifndef SERVER_PROXY_H
#define SERVER_PROXY_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

struct proxies;

/* list: addresses and networks, "127.0.0.1,10.0.0.0/8,::1"; NULL: nobody is trusted.  Lives in the arena.
 * Errors: ERR_INVALID one of them is none (says which). */
bool proxies_read(const char *list, struct arena *arena, struct proxies **ret_proxies, struct err *err) MUST_CHECK;
bool proxies_trust(const struct proxies *proxies, const char *address);

/* The client's address behind `peer`: peer itself unless it is trusted and forwarded_for (NULL: absent) says more.
 * In the arena, or peer. */
const char *proxies_client(const struct proxies *proxies, const char *peer, const char *forwarded_for,
                           struct arena *arena);

#endif
