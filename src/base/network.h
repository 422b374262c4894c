/* network.h - addresses of the Internet and networks of them: who is within which. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include "base/text.h"

#include <stdbool.h>

enum { NETWORK_ADDRESS_BYTES = 16 };

/* A network, or an address as the network of itself; one of IPv4 is ::ffff:a.b.c.d. */
struct network { unsigned char bytes[NETWORK_ADDRESS_BYTES]; unsigned n_bits; };

/* "10.0.0.0/8", "127.0.0.1", "::1".  False: it is none. */
bool network_read(struct text text, struct network *ret_network);
bool network_holds(const struct network *network, const struct network *address);

/* An address as a socket has it: 4 bytes of IPv4 or 16 of IPv6, in the order of the wire. */
struct network network_of_bytes(const void *bytes, size_t n_bytes);

/* Whether an address leads anywhere but into the public Internet: this machine, a private network, a link, a group,
 * what documentation uses; also wrapped into IPv6 (mapped, NAT64, 6to4). */
bool network_is_private(const struct network *address);

#endif
