/* Whom a proxy speaks for is believed of those that are trusted, and of nobody else. */
#include "server/proxy.h"
#include "support.h"

static struct arena *arena;
static struct proxies *proxies;

static void start(void)
{
    struct err err;
    arena = arena_new(1 << 20);
    ASSERT_OK(proxies_read("127.0.0.1, 10.0.0.0/8,2001:db8::/33", arena, &proxies, &err), &err);
}
static void finish(void) { arena_free(arena); }

TestSuite(proxy, .init = start, .fini = finish);

Test(proxy, the_last_address_that_no_trusted_one_appended_is_the_client)
{
    static const struct { const char *peer, *said, *client; } cases[] = {
        { "127.0.0.1", "203.0.113.7", "203.0.113.7" },
        { "127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7" },     /* the first was made up by the client */
        { "127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7" },    /* two of ours, one behind the other */
        { "10.255.0.1", "2001:db9::1", "2001:db9::1" },
        { "2001:db8:7fff::1", "203.0.113.7", "203.0.113.7" },
        { "2001:db8:8000::1", "203.0.113.7", "2001:db8:8000::1" },  /* beside the network of 33 bits */
        { "203.0.113.9", "203.0.113.7", "203.0.113.9" },            /* nobody whom we trust says so */
        { "127.0.0.1", NULL, "127.0.0.1" },     { "127.0.0.1", "", "127.0.0.1" },
        { "127.0.0.1", "unknown", "127.0.0.1" }, { "127.0.0.1", "unknown, 10.0.0.2", "10.0.0.2" },
        { "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1" },          /* all are trusted: the farthest */
        { "::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(proxies_client(proxies, cases[i].peer, cases[i].said, arena), cases[i].client, "case %zu", i);
}

Test(proxy, nobody_is_trusted_who_is_not_named_and_what_is_no_address_is_refused)
{
    static const char *const bad[] = { "localhost", "10.0.0.0/33", "10.0.0.0/", "::1/129", "1.2.3", ",", "10.0.0.1/-1" };
    struct proxies *none;
    struct err err;
    ASSERT_OK(proxies_read(NULL, arena, &none, &err), &err);
    cr_assert(!proxies_trust(none, "127.0.0.1"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(proxies_read(bad[i], arena, &none, &err), &err, ERR_INVALID, "such as 127.0.0.1");
}
