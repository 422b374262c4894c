/* sender.h - sends what is due: a thread for each channel of the settings, at its rate, and no faster than whoever
 * takes it likes.
 *
 * A message is on the disk as "sending" before anything is said of it (hub/outbox_sending.h).  Whoever refused
 * meanwhile, or whose address was closed, is not written to.  A destination that hangs keeps its own places only:
 * what has waited for two seconds no longer counts among those under way, and of its destination no more than two
 * are. */
#ifndef SEND_SENDER_H
#define SEND_SENDER_H

#include "base/clock.h"
#include "base/settings.h"
#include "customer/topic.h"
#include "hub/ingest.h"
#include "hub/outbox.h"
#include "hub/reading_pool.h"

struct sender;

struct sender_options {
    struct outbox         *outbox;      /* all borrowed */
    struct ingest         *ingest;
    struct reading_pool   *readers;
    const struct profiles *profiles;
    const struct consents *consents;
    const struct identities *identities;
    const struct log      *log;
    pthread_rwlock_t      *lock;        /* of what of these is in memory */
    struct clock           clock;
    uint64_t               seed;        /* of the jitter of back-offs */
    /* Of a message that has waited, in a job of the writer: until when it is not to go now, 0: it may; NULL: always. */
    bool (*quiet_until)(void *context, struct store *store, uint32_t customer, struct text channel,
                        struct text topic, int64_t *ret_until_ms, struct err *err);
    bool (*may_send)(void *context);    /* asked each time before something is taken; NULL: always */
    void                  *context;
};

/* Settles what an earlier process left under way, and starts.  settings may go after.
 * Errors: those of channels_read, topics_read and of the store. */
bool sender_start(const struct sender_options *options, const struct settings *settings,
                  struct sender **ret_sender, struct err *err) MUST_CHECK;
/* Ends the threads: what is under way is given a second, and is in doubt then.  NULL is fine; frees. */
void sender_stop(struct sender *sender);

/* Channels and topics anew; what is under way is brought to its end before.  Errors: those of the settings, and
 * all stays. */
bool sender_reload(struct sender *sender, const struct settings *settings, struct err *err) MUST_CHECK;

struct sender_counts { uint64_t n_sent, n_refused, n_later, n_unknown; };
struct sender_counts sender_counts(struct sender *sender);

#endif
