/* load.h - many clients in one thread: requests to a server at a pace, and how long their answers took.
 *
 * A connection is kept alive, carries one request at a time and has its bytes ready: from one request to the next
 * only digits change in place (message ids, customers, instants), so that the generator leaves the machine to the
 * server it measures.  What is not answered by 2xx is sent again, the same bytes with the same message ids, until
 * it is: after a lost connection, after 429 when its Retry-After has passed, after 5xx.  That is what clients do.
 *
 * Latency counts from the instant at which a request was due.  At a fixed pace that instant comes from the clock,
 * not from when a connection was free, so a server that stalls is charged for everybody who had to wait; without
 * a pace it is the instant of the first sending. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "latency.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One request.  In path and body stand marks that every sending of a new request replaces:
 *   <message>   12 digits, the next message's number; <next>: the same ahead of it
 *   <customer>  7 digits, a customer drawn at random; <same>: the one drawn last, also by the step before
 *   <time>      now, "2026-11-22T21:00:00.123Z" */
struct load_step {
    const char  *method;            /* "POST"; NULL: there is no such step */
    const char  *path;              /* "/v1/customers/C<customer>" */
    const char  *authorization;     /* "Bearer hf_..."; NULL: none */
    const struct text *bodies; /* [n_bodies] connection i sends number i modulo n_bodies; NULL: without body */
    size_t       n_bodies;
};

struct load_stream {
    struct load_step steps[2];      /* the second goes out when the first is answered; both count as one */
    unsigned n_connections;
    double   per_second;            /* requests due; 0: each connection sends when it was answered */
    uint64_t n_requests;            /* at most; 0: until the time is over */
    uint64_t first_message;         /* the number of the first message */
    uint32_t n_customers;           /* at most 10,000,000 */
    uint64_t seed;
    /* Whether the answer to the last step is as it must be; NULL: any 2xx is. */
    bool   (*check)(void *context, uint32_t customer, struct text answer);
    void    *context;
};

/* n_answered and latency are of requests due after the warm seconds, the rest of all. */
struct load_result {
    uint64_t n_answered;            /* by 2xx */
    uint64_t n_sent_again;          /* sendings after the first */
    uint64_t n_lost, n_busy, n_failed;      /* sendings that ended so: connection lost, 429, 5xx */
    uint64_t n_refused;             /* by any other status: not sent again */
    uint64_t n_unexpected;          /* answered, and check said no */
    uint64_t n_without_retry_after; /* of n_busy */
    uint64_t next_message;          /* the number after the last message sent */
    int      refusal_status;        /* of the first that was refused */
    char     refusal[256];          /* its body's beginning, or what check refused */
    double   seconds;               /* that n_answered took */
    struct latency latency;
};

struct load_options {
    const atomic_uint *port;        /* of 127.0.0.1; may change, 0 while nobody listens there */
    double   seconds;               /* for new requests; 0: until all streams are through */
    double   warm_seconds;          /* at the beginning that do not count */
    double   stall_seconds;         /* without a request that came through, after which load_run gives up; 0: 60 */
    double pause_seconds; /* before sending again; 0: 0.02 after a lost connection, else what the answer says */
    /* About ten times a second, on the thread of load_run; false: no new requests.  NULL: nobody watches. */
    bool   (*watch)(void *context, const struct load_result *so_far);    /* [n_streams] */
    void    *context;
};

/* Errors: ERR_INVALID a mark that is none, a stream without connections; ERR_IO the system refuses a socket;
 * ERR_BUSY the server stopped answering. */
bool load_run(const struct load_options *options, const struct load_stream *streams, size_t n_streams,
              struct load_result *ret_results, struct err *err) MUST_CHECK;

/* What to send: events of a shop, in the shape of @segment/analytics-node 3.1.0, about 400 bytes each.  One in
 * fourteen is an order of one to three products, one in fifty an identify.  run tells one load's message ids from
 * another's.  The arrays and texts live in the arena. */
struct text *load_batches(struct arena *arena, size_t n_bodies, unsigned n_events, uint32_t run,
                          const char *write_key, uint64_t seed);
struct text *load_events(struct arena *arena, size_t n_bodies, uint32_t run, const char *write_key, uint64_t seed);

/* The id of a message, for finding it again: what stands for <message> in load_batches. */
enum { LOAD_MESSAGE_ID_BYTES = 64 };
void load_message_id(uint32_t run, uint64_t number, char ret_id[LOAD_MESSAGE_ID_BYTES]);

#endif
