/* The log: what was appended is what is read, in order, whatever the mix of ways to append. */
#include "store/faulty_vfs.h"
#include "store/log_support.h"

#include <string.h>

TestSuite(log, .init = faulty_vfs_install);

Test(log, random_events_in_any_mix_of_appends_read_back_in_order)
{
    EACH_CASE(c, 6) {
        struct trial trial = trial_open(support_path("mix"));
        for (int step = 0; step < 12; step++) {
            size_t n = 1 + rng_below(&c.rng, rng_below(&c.rng, 4) ? 40 : 600);
            struct events events = trial_random_events(&trial, &c.rng, n, 1 + rng_below(&c.rng, 60));
            struct err err;
            switch (rng_below(&c.rng, 5)) {
            case 0:  trial_append_by_partition(&trial, &events); break;
            case 1:  ASSERT_OK(log_compact(trial.log, &err), &err); break;
            case 2:  trial_append(&trial, &events); trial_reopen(&trial); break;
            default: trial_append(&trial, &events); break;
            }
        }
        trial_check(&trial, LOG_ALL);
        trial_check(&trial, LOG_RECEIVED | LOG_KIND);
        trial_check(&trial, (unsigned)rng_below(&c.rng, LOG_ALL + 1));
        trial_close(&trial);
        remove(support_path("mix"));
    }
}
