/* by_customer.h - the events of a partition, customer by customer, in the order they became known.
 *
 * The order of replay: per identity by known_ms, the later of received and happened; ties in the
 * order appended. */
#ifndef FEATURE_BY_CUSTOMER_H
#define FEATURE_BY_CUSTOMER_H

#include "base/arena.h"
#include "log/log.h"

struct by_customer {
    size_t         n_customers;
    uint32_t      *identity;    /* [n_customers] ascending, never 0 */
    uint32_t      *start;       /* [n_customers + 1] customer i's events are order[start[i]] ..
                                 * order[start[i + 1] - 1] */
    uint32_t      *order;       /* indexes into the events */
    const int64_t *known_ms;    /* [events->n] */
};

/* events needs received_ms, time_ms and identity (below n_identities); the result lives in the arena and
 * borrows from events. */
void by_customer_group(const struct events *events, size_t n_identities, struct arena *arena,
                       struct by_customer *ret_by_customer);

#endif
