/* The log: what was appended is what is read, in order, whatever the mix of ways to append. */
#include "store/log_support.h"

#include <string.h>

Test(log, random_events_in_any_mix_of_appends_read_back_in_order)
{
    EACH_CASE(c, 12) {
        struct shop shop = shop_open(support_path("mix"));
        for (int step = 0; step < 12; step++) {
            size_t n = 1 + rng_below(&c.rng, rng_below(&c.rng, 4) ? 40 : 600);
            struct events events = shop_random_events(&shop, &c.rng, n, 1 + rng_below(&c.rng, 60));
            struct err err;
            switch (rng_below(&c.rng, 5)) {
            case 0:  shop_append_by_partition(&shop, &events); break;
            case 1:  ASSERT_OK(log_compact(shop.log, &err), &err); break;
            case 2:  shop_append(&shop, &events); shop_reopen(&shop); break;
            default: shop_append(&shop, &events); break;
            }
        }
        shop_check(&shop, LOG_ALL);
        shop_check(&shop, LOG_RECEIVED | LOG_KIND);
        shop_check(&shop, (unsigned)rng_below(&c.rng, LOG_ALL + 1));
        shop_close(&shop);
        remove(support_path("mix"));
    }
}
