/* connections.h - who is connected, how many from where, and who takes too long.
 *
 * Each connection is in one phase at a time with a deadline; one thread looks about once a second and shuts down
 * those that are past theirs, however busily they trickle. */
#ifndef SERVER_CONNECTIONS_H
#define SERVER_CONNECTIONS_H

#include "server/listen.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum connection_phase {
    CONNECTION_IDLE,        /* between requests, or in the request line */
    CONNECTION_HEADERS,
    CONNECTION_BODY,        /* longer with every byte */
    CONNECTION_OURS         /* we work, or we send: the library watches that bytes move */
};

struct connections;
struct exchange;

struct connection {
    char     address[LISTEN_ADDRESS_BYTES];
    uint64_t n_requests;
    struct exchange *exchange;      /* http.c's: the request that is under way, NULL between two */
    /* The rest belongs to connections.c. */
    struct connection *before, *after;
    int                socket;
    unsigned           slot;
    _Atomic int64_t    deadline_ms;
};

struct connections_options {
    unsigned most_of_address;       /* not for addresses of this machine */
    int64_t  idle_ms, headers_ms, body_ms, body_bytes_per_ms;
    struct scheduler *scheduler;    /* has deadlines looked at once a second */
    void   (*tick)(void *context);  /* after each look; must not wait; NULL is fine */
    void    *context;
};

struct connections *connections_start(const struct connections_options *options);
void connections_stop(struct connections *connections);     /* no more ticks; NULL is fine */
void connections_free(struct connections *connections);     /* after stop, when all have left */

/* Whether one more from this address may come. */
bool connections_admit(struct connections *connections, const struct sockaddr *address, socklen_t length);
struct connection *connection_join(struct connections *connections, const struct sockaddr *address,
                                   socklen_t length, int socket);
void connection_leave(struct connections *connections, struct connection *connection);      /* before its socket is closed */

void connection_enter(struct connections *connections, struct connection *connection, enum connection_phase phase);
void connection_got_bytes(struct connections *connections, struct connection *connection, size_t n);   /* of a body */

unsigned connections_n(const struct connections *connections);
uint64_t connections_n_late(const struct connections *connections);    /* shut down, ever */

#endif
