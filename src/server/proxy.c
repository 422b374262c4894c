/* proxy.c - see proxy.h. */
#include "server/proxy.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_BYTES = 16, MOST_PROXIES = 64 };

/* An address of either kind as 16 bytes: one of IPv4 as ::ffff:a.b.c.d. */
struct network { unsigned char bytes[ADDRESS_BYTES]; unsigned n_bits; };

struct proxies { size_t n; struct network networks[MOST_PROXIES]; };

static bool read_address(struct text text, struct network *ret_network, unsigned *ret_n_bits)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
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

static bool read_network(struct text text, struct network *ret_network)
{
    const char *slash = text.length ? memchr(text.at, '/', text.length) : NULL;
    struct text address = { text.at, slash ? (size_t)(slash - text.at) : text.length };
    unsigned n_bits;
    int64_t wanted;
    if (!read_address(address, ret_network, &n_bits)) return false;
    wanted = n_bits;
    if (slash && (!text_int64((struct text){ slash + 1, text.length - address.length - 1 }, &wanted) || wanted < 0 ||
                  wanted > n_bits))
        return false;
    ret_network->n_bits = (unsigned)wanted + 128 - n_bits;
    return true;
}

bool proxies_read(const char *list, struct arena *arena, struct proxies **ret_proxies, struct err *err)
{
    struct proxies *proxies = ARENA_NEW(arena, struct proxies);
    while (list && *list) {
        size_t length = strcspn(list, ",");
        struct text one = text_trim((struct text){ list, length });
        if (proxies->n == MOST_PROXIES)
            return err_set(err, ERR_INVALID, "--trusted-proxy: at most %d addresses", MOST_PROXIES);
        if (!read_network(one, &proxies->networks[proxies->n++]))
            return err_set(err, ERR_INVALID,
                           "--trusted-proxy: '%.*s' is no address or network, such as 127.0.0.1, 10.0.0.0/8 or ::1",
                           (int)one.length, one.at);
        list += length + (list[length] == ',');
    }
    *ret_proxies = proxies;
    return true;
}

static bool is_within(const struct network *network, const struct network *address)
{
    unsigned n_bytes = network->n_bits / 8, rest = network->n_bits % 8;
    if (memcmp(network->bytes, address->bytes, n_bytes) != 0) return false;
    return rest == 0 || (network->bytes[n_bytes] ^ address->bytes[n_bytes]) >> (8 - rest) == 0;
}

static bool is_trusted(const struct proxies *proxies, struct text address)
{
    struct network network;
    unsigned n_bits;
    if (!read_address(address, &network, &n_bits)) return false;
    for (size_t i = 0; i < proxies->n; i++)
        if (is_within(&proxies->networks[i], &network)) return true;
    return false;
}

bool proxies_trust(const struct proxies *proxies, const char *address)
{
    return proxies->n > 0 && is_trusted(proxies, text_of(address));
}

const char *proxies_client(const struct proxies *proxies, const char *peer, const char *forwarded_for,
                           struct arena *arena)
{
    struct text client = text_of(peer), rest = text_of(forwarded_for ? forwarded_for : "");
    struct network network;
    unsigned n_bits;
    if (!proxies_trust(proxies, peer)) return peer;
    while (rest.length > 0 && is_trusted(proxies, client)) {
        size_t begin = rest.length;
        while (begin > 0 && rest.at[begin - 1] != ',') begin--;
        struct text last = text_trim((struct text){ rest.at + begin, rest.length - begin });
        if (!read_address(last, &network, &n_bits)) break;      /* no address: the proxy before is as far as we know */
        client = last;
        rest.length = begin > 0 ? begin - 1 : 0;
    }
    return client.at == peer ? peer : arena_format(arena, "%.*s", (int)client.length, client.at);
}
