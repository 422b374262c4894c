/* send_internal.h - a lane: what one channel's thread works on. */
#ifndef SEND_SEND_INTERNAL_H
#define SEND_SEND_INTERNAL_H

#include "send/sender.h"
#include "base/hash_map.h"
#include "channel/channel.h"
#include "hub/outbox_sending.h"

#include <stdatomic.h>

/* LANE_MOST: taken and under way.  FLYING_MOST: under way with those that hang. */
enum { LANE_MOST = 256, FLYING_MOST = 128, RETRIES_MOST = 12, STUCK_MS = 2000, OF_STUCK_MOST = 2 };

/* What is set, for all lanes. */
struct sending_setup {
    struct arena   *arena;
    struct channels channels;
    struct topics   topics;
    const char     *public_url;     /* "" where there is none */
    bool            tracks_links, tracks_opens;
};

/* How a destination (a recipient's domain) fares. */
struct destination {
    unsigned n_under_way, n_failures;
    int64_t  closed_until_ms;       /* after failures in a row */
    int64_t  stuck_until_ms;        /* something hung there lately */
    double   tokens;                /* of its rate */
    int64_t  filled_ms, slots_until_ms;
};

/* A message under way. */
struct flight {
    struct arena        *arena;     /* the parcel's texts, the content, the bytes */
    struct outbox_parcel parcel;
    struct outbox_settled settled;
    int64_t              started_ms;
    bool                 is_stuck;
    bool                 closes_address;
    bool                 is_put_back;   /* it was never tried */
    struct text          address;
    struct flight       *next;
};

struct lane {
    struct sender              *sender;
    const struct channel       *channel;
    const struct sending_setup *setup;
    struct carrier             *carrier;
    pthread_t                   thread;
    bool                        is_started;
    atomic_bool                 is_stopping, is_due;
    pthread_mutex_t             mutex;      /* destinations, which the writer asks for */
    struct hash_map             places;     /* index + 1 in destinations, by hash */
    struct destination         *destinations;       /* [n_destinations] */
    size_t                      n_destinations;
    /* Of the lane's thread. */
    struct flight              *ready, **ready_end; /* on the disk as sending, for who has a connection next */
    struct flight              *flying, *settling, *idle;
    size_t                      n_ready, n_flying, n_fresh;
    size_t                      n_ahead;        /* how many are taken beside one for every connection */
    unsigned                    n_failures;     /* of whoever takes all of it, in a row */
    int64_t                     closed_until_ms, next_look_ms, settling_since_ms;
    double                      tokens;
    int64_t                     filled_ms;
    /* The job at the writer: settles what has ended and takes what is due. */
    atomic_bool                 is_job_done;
    bool                        is_job_out;
    struct arena               *job_arena;
    struct flight              *job_settling;
    struct outbox_parcel        taken[LANE_MOST];
    size_t                      n_taken, most_to_take;
    int64_t                     job_now_ms, job_next_ms;
    struct err                  job_result;
};

/* Makes what goes over the wire of a parcel: fills flight's content.
 * False: it cannot be sent; *ret_rule says why ("suppressed", "no_address", "template", "erased"), err a sentence.
 */
bool compose(struct lane *lane, struct flight *flight, struct consignment *ret_consignment, const char **ret_rule,
             struct err *err) MUST_CHECK;

/* An outbox_judge: context is the lane. */
bool lane_judge(void *context, struct store *store, const struct outbox_parcel *parcel,
                struct outbox_verdict *ret_verdict, struct err *err) MUST_CHECK;
struct destination *lane_destination(struct lane *lane, int64_t hash); /* under the mutex; until the next call */

bool lane_start(struct lane *lane, struct err *err) MUST_CHECK;
void lane_stop(struct lane *lane);
void lane_wake(struct lane *lane);

/* How long to wait before attempt n + 1, with jitter. */
int64_t backoff_ms(uint64_t seed, int64_t message, unsigned n_attempts);

struct sender {
    struct sender_options options;
    struct sending_setup  setup;
    struct lane          *lanes;        /* [n_lanes] */
    size_t                n_lanes;
    pthread_mutex_t       mutex;        /* lanes, against ringing while they are exchanged */
    atomic_ullong         n_sent, n_refused, n_later, n_unknown;
};

#endif
