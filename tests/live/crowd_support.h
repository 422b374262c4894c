/* crowd_support.h - customers made of orders, a country and a score, as a source of conditions whose truth is
 * also known without SQL; a writer that commits each job at once; a loop that keeps memberships current as a
 * fake clock goes on. */
#ifndef TESTS_ENGINE_CROWD_SUPPORT_H
#define TESTS_ENGINE_CROWD_SUPPORT_H

#include "live/membership.h"
#include "support.h"

enum { CROWD = 48, CROWD_ORDERS = 4000, CROWD_CONDITIONS = 6 };

struct crowd {
    struct store         *store;
    struct memberships   *memberships;
    struct segment_source source;
    struct writer         writer;
    struct { uint32_t identity; int64_t at_ms; } orders[CROWD_ORDERS];
    size_t                n_orders;
    const char           *country[CROWD];
    double                churn[CROWD];
    uint32_t              customer_of[CROWD];
    int64_t               now_ms, window_ms, swept_ms;
    bool                  is_full;          /* the writer fails */

    uint32_t              customer;         /* what begin made current */
    int64_t               as_of_ms;
    uint32_t              members[CROWD];
};

/* On an empty store, at a noon; window_ms: between two sweeps. */
void crowd_open(struct crowd *crowd, int64_t window_ms);
void crowd_close(struct crowd *crowd);

/* The conditions, and their truth computed without SQL. */
extern const char *const crowd_conditions[CROWD_CONDITIONS];
bool crowd_truth(struct crowd *crowd, int condition, uint32_t customer, int64_t as_of_ms);

void crowd_define(struct crowd *crowd, int condition);              /* its id is condition + 1 on an empty store */
void crowd_order(struct crowd *crowd, uint32_t identity);           /* now; looks at them */
void crowd_look_at_all(struct crowd *crowd, enum segment_cause cause);
/* Goes on to to_ms with all timers at their instants and sweeps between them. */
void crowd_go_on(struct crowd *crowd, int64_t to_ms);
/* Goes to to_ms at once, as after a pause of the process, then catches up. */
void crowd_jump(struct crowd *crowd, int64_t to_ms);
void crowd_write(struct crowd *crowd);                              /* the changes, to the store */
void crowd_restart(struct crowd *crowd);                            /* what was not written is lost */
bool crowd_is_member(struct crowd *crowd, int64_t segment, uint32_t customer);

/* Asserts that memberships are what the truths are, for everybody. */
void crowd_check(struct crowd *crowd);

#endif
