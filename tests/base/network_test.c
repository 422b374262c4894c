/* Networks, and which addresses lead into somebody's house. */
#include "base/network.h"
#include "support.h"

static bool is_private(const char *text)
{
    struct network address;
    cr_assert(network_read(text_of(text), &address), "%s", text);
    return network_is_private(&address);
}

Test(network, private_addresses_are_known_in_every_dress)
{
    static const char *const inside[] = { "127.0.0.1",       "10.1.2.3",      "172.31.255.1", "192.168.0.9",
                                          "169.254.169.254", "0.0.0.0",       "100.64.0.1",   "224.0.0.1",
                                          "255.255.255.255", "::1",           "::",           "::ffff:127.0.0.1",
                                          "::ffff:10.0.0.1", "fc00::1",       "fe80::1",      "ff02::1",
                                          "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",  "::7f00:1" };
    static const char *const outside[] = { "8.8.8.8", "172.32.0.1", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8",
                                           "64:ff9b::808:808", "100.128.0.1", "11.0.0.1" };
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) cr_assert(is_private(inside[i]), "%s", inside[i]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        cr_assert_not(is_private(outside[i]), "%s", outside[i]);
}

Test(network, a_network_holds_its_addresses_and_no_others)
{
    struct network network, address;
    cr_assert(network_read(text_of("10.0.0.0/9"), &network));
    cr_assert(network_read(text_of("10.127.0.1"), &address) && network_holds(&network, &address));
    cr_assert(network_read(text_of("10.128.0.1"), &address) && !network_holds(&network, &address));
    static const char *const wrong[] = { "",           "10.0.0.0/33", "10.0.0/8",  "10.0.0.0/",
                                         "10.0.0.0/x", "::1/129",     "2130706433" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(network_read(text_of(wrong[i]), &network), "%s", wrong[i]);
}
