/* network.c - see network.h.  Ranges: the registries of RFC 6890 (special purpose) and RFC 5771, 4291 (groups). */
#include "base/network.h"

#include <arpa/inet.h>
#include <string.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool read_address(struct text text, struct network *ret_network, unsigned *ret_n_bits)
{
    char address[INET6_ADDRSTRLEN];
    if (text.length == 0 || text.length >= sizeof address) return false;
    memcpy(address, text.at, text.length);
    address[text.length] = '\0';
    *ret_n_bits = 32;
    memcpy(ret_network->bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, address, ret_network->bytes + sizeof mapped) == 1) return true;
    *ret_n_bits = 128;
    return inet_pton(AF_INET6, address, ret_network->bytes) == 1;
}

bool network_read(struct text text, struct network *ret_network)
{
    const char *slash = text.length ? memchr(text.at, '/', text.length) : NULL;
    struct text address = { text.at, slash ? (size_t)(slash - text.at) : text.length };
    unsigned n_bits;
    int64_t wanted;
    if (!read_address(address, ret_network, &n_bits)) return false;
    wanted = n_bits;
    if (slash && (!text_int64((struct text){ slash + 1, text.length - address.length - 1 }, &wanted) ||
                  wanted < 0 || wanted > n_bits))
        return false;
    ret_network->n_bits = (unsigned)wanted + 128 - n_bits;
    return true;
}

bool network_holds(const struct network *network, const struct network *address)
{
    unsigned n_bytes = network->n_bits / 8, rest = network->n_bits % 8;
    if (memcmp(network->bytes, address->bytes, n_bytes) != 0) return false;
    return rest == 0 || (network->bytes[n_bytes] ^ address->bytes[n_bytes]) >> (8 - rest) == 0;
}

struct network network_of_bytes(const void *bytes, size_t n_bytes)
{
    struct network network = { .n_bits = 128 };
    if (n_bytes == 4) memcpy(network.bytes, mapped, sizeof mapped);
    memcpy(network.bytes + NETWORK_ADDRESS_BYTES - n_bytes, bytes, n_bytes);
    return network;
}

/* The address of IPv4 within one of IPv6, at a place of its bytes. */
static struct network inner(const struct network *address, size_t at)
{
    return network_of_bytes(address->bytes + at, 4);
}

bool network_is_private(const struct network *address)
{
    static const char *const ranges[] = {
        "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/3",  "::/96",          "64:ff9b:1::/48", "100::/64",       "2001::/23",
        "2001:db8::/32",  "fc00::/7",     "fe80::/10",      "fec0::/10",      "ff00::/8",
    };
    static const struct {
        const char *range;
        size_t at;
    } wrappers[] = { { "64:ff9b::/96", 12 }, { "2002::/16", 2 } };
    struct network range;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (network_read(text_of(ranges[i]), &range) && network_holds(&range, address)) return true;
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        struct network within = inner(address, wrappers[i].at);
        if (network_read(text_of(wrappers[i].range), &range) && network_holds(&range, address) &&
            network_is_private(&within))
            return true;
    }
    return false;
}
