/* proxy.c - see proxy.h. */
#include "server/proxy.h"
#include "base/network.h"

#include <string.h>

enum { MOST_PROXIES = 64 };

struct proxies { size_t n; struct network networks[MOST_PROXIES]; };

bool proxies_read(const char *list, struct arena *arena, struct proxies **ret_proxies, struct err *err)
{
    struct proxies *proxies = ARENA_NEW(arena, struct proxies);
    while (list && *list) {
        size_t length = strcspn(list, ",");
        struct text one = text_trim((struct text){ list, length });
        if (proxies->n == MOST_PROXIES)
            return err_set(err, ERR_INVALID, "--trusted-proxy: at most %d addresses", MOST_PROXIES);
        if (!network_read(one, &proxies->networks[proxies->n++]))
            return err_set(err, ERR_INVALID,
                           "--trusted-proxy: '%.*s' is no address or network, such as 127.0.0.1, 10.0.0.0/8 or ::1",
                           (int)one.length, one.at);
        list += length + (list[length] == ',');
    }
    *ret_proxies = proxies;
    return true;
}

static bool read_address(struct text text, struct network *ret_network)
{
    return !(text.length && memchr(text.at, '/', text.length)) && network_read(text, ret_network);
}

static bool is_trusted(const struct proxies *proxies, struct text address)
{
    struct network network;
    if (!read_address(address, &network)) return false;
    for (size_t i = 0; i < proxies->n; i++)
        if (network_holds(&proxies->networks[i], &network)) return true;
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
    if (!proxies_trust(proxies, peer)) return peer;
    while (rest.length > 0 && is_trusted(proxies, client)) {
        size_t begin = rest.length;
        while (begin > 0 && rest.at[begin - 1] != ',') begin--;
        struct text last = text_trim((struct text){ rest.at + begin, rest.length - begin });
        if (!read_address(last, &network)) break;      /* no address: the proxy before is as far as we know */
        client = last;
        rest.length = begin > 0 ? begin - 1 : 0;
    }
    return client.at == peer ? peer : arena_format(arena, "%.*s", (int)client.length, client.at);
}
