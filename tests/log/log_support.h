/* log_support.h - what the tests of the log share: a trivial model of it, and random events. */
#ifndef TESTS_STORE_LOG_SUPPORT_H
#define TESTS_STORE_LOG_SUPPORT_H

#include "log/log.h"
#include "support.h"

/* One event as the model keeps it: everything appended, in order. */
struct model_event {
    int64_t     received_ms, time_ms, amount_cents, quantity_milli;
    uint32_t    identity, item;
    uint16_t    kind, source;
    uint64_t    message_hash;
    const char *properties;
};

struct model { struct model_event *events; size_t n, room; struct arena *arena; };

struct trial { struct store *store; struct log *log; struct model model; struct arena *arena; };

struct trial trial_open(const char *path);
void        trial_close(struct trial *trial);
void        trial_detach(struct trial *trial);      /* closes the file, keeps the model */
void        trial_reopen(struct trial *trial);

/* n random events of up to n_identities customers; some columns NULL, some constant, some wild. */
struct events trial_random_events(struct trial *trial, struct rng *rng, size_t n, size_t n_identities);
void          trial_remember(struct trial *trial, const struct events *events);
void trial_append(struct trial *trial, const struct events *events); /* begin, append, commit, remember */
void          trial_append_by_partition(struct trial *trial, const struct events *events);

/* Every partition reads as the model's events of that partition, those of each identity in order; columns as
 * asked. */
void          trial_check(struct trial *trial, unsigned columns);
/* The same for the events of n different identities alone. */
void          trial_check_identities(struct trial *trial, const uint32_t *identities, size_t n, unsigned columns);

/* Whoever reads along: from where, and how many events of the model it has seen. */
struct trial_follower { uint64_t sequence; size_t n; };
/* Reads on to the end, `most` at a time: the model's events in the order of arrival. */
void          trial_check_arrivals(struct trial *trial, struct trial_follower *follower, size_t most);

/* One step of compaction in a transaction of its own, names included; *ret_n is what it rewrote, 0 nothing. */
bool trial_compact_step(struct trial *trial, struct log_compactor *compactor, size_t budget, size_t *ret_n,
                        struct err *err) MUST_CHECK;

#endif
