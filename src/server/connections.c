/* connections.c - see connections.h.
 *
 * Addresses are counted in slots by a hash with a random seed (of IPv6 the first 64 bits, which one customer of a
 * provider has to itself); two that fall into one slot share its limit, and memory is the same for any number. */
#include "server/connections.h"

#include "base/deadline.h"
#include "base/memory.h"
#include "base/hash.h"
#include "base/secret.h"
#include "hub/scheduler.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 65536, NO_SLOT = SLOTS, LOOK_MS = 1000 };

struct connections {
    struct connections_options options;
    uint64_t           seed;
    struct alarm      *alarm;
    pthread_mutex_t    mutex;       /* list, slots */
    struct connection *first;
    _Atomic unsigned   n;
    _Atomic uint64_t   n_late;
    uint16_t           of_slot[SLOTS];
};

static bool is_this_machine(const struct sockaddr *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
    if (address->sa_family != AF_INET6) return true;
    const uint8_t *bytes = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr;
    if (memcmp(bytes, mapped, 12) == 0) return bytes[12] == 127;
    return memcmp(bytes, &in6addr_loopback, 16) == 0;
}

static unsigned slot_of(const struct connections *connections, const struct sockaddr *address)
{
    if (is_this_machine(address)) return NO_SLOT;
    if (address->sa_family == AF_INET) {
        const struct in_addr *four = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
        return hash_bytes(four, 4, connections->seed) % SLOTS;
    }
    const uint8_t *bytes = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr;
    bool is_four = memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    return hash_bytes(is_four ? bytes + 12 : bytes, is_four ? 4 : 8, connections->seed) % SLOTS;
}

/* Deadlines are of the clock that only goes on, since setting the other one is no reason to cut anybody off. */
static void look(void *argument)
{
    struct connections *connections = argument;
    int64_t now_ms = monotonic_ms();
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *c = connections->first; c; c = c->after) {
        if (atomic_load(&c->deadline_ms) > now_ms) continue;
        atomic_store(&c->deadline_ms, NEVER_MS);
        shutdown(c->socket, SHUT_RDWR);     /* its own thread then sees the end and closes it */
        connections->n_late++;
    }
    pthread_mutex_unlock(&connections->mutex);
    if (connections->options.tick) connections->options.tick(connections->options.context);
    alarm_set(connections->alarm, scheduler_now_ms(connections->options.scheduler) + LOOK_MS);
}

struct connections *connections_start(const struct connections_options *options)
{
    struct connections *connections = memory_new(1, sizeof *connections);
    connections->options = *options;
    secret_random(&connections->seed, sizeof connections->seed);
    pthread_mutex_init(&connections->mutex, NULL);
    connections->alarm = alarm_new(options->scheduler, "connections", look, connections);
    alarm_set(connections->alarm, scheduler_now_ms(options->scheduler) + LOOK_MS);
    return connections;
}

void connections_stop(struct connections *connections)
{
    if (!connections) return;
    alarm_free(connections->alarm);
    connections->alarm = NULL;
}

void connections_free(struct connections *connections)
{
    if (!connections) return;
    pthread_mutex_destroy(&connections->mutex);
    free(connections);
}

bool connections_admit(struct connections *connections, const struct sockaddr *address, socklen_t length)
{
    (void)length;
    unsigned slot = slot_of(connections, address);
    if (slot == NO_SLOT) return true;
    pthread_mutex_lock(&connections->mutex);
    bool may = connections->of_slot[slot] < connections->options.most_of_address;
    pthread_mutex_unlock(&connections->mutex);
    return may;
}

struct connection *connection_join(struct connections *connections, const struct sockaddr *address,
                                   socklen_t length, int socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    listen_name(address, length, connection->address);
    connection->socket = socket;
    connection->slot = slot_of(connections, address);
    connection_enter(connections, connection, CONNECTION_IDLE);
    pthread_mutex_lock(&connections->mutex);
    connection->after = connections->first;
    if (connection->after) connection->after->before = connection;
    connections->first = connection;
    if (connection->slot != NO_SLOT) connections->of_slot[connection->slot]++;
    connections->n++;
    pthread_mutex_unlock(&connections->mutex);
    return connection;
}

void connection_leave(struct connections *connections, struct connection *connection)
{
    if (!connection) return;
    pthread_mutex_lock(&connections->mutex);
    if (connection->after) connection->after->before = connection->before;
    if (connection->before) connection->before->after = connection->after;
    else connections->first = connection->after;
    if (connection->slot != NO_SLOT) connections->of_slot[connection->slot]--;
    connections->n--;
    pthread_mutex_unlock(&connections->mutex);
    free(connection);
}

void connection_enter(struct connections *connections, struct connection *connection, enum connection_phase phase)
{
    const struct connections_options *options = &connections->options;
    int64_t deadline_ms = NEVER_MS;
    switch (phase) {
    case CONNECTION_IDLE:    deadline_ms = monotonic_ms() + options->idle_ms; break;
    case CONNECTION_HEADERS: deadline_ms = monotonic_ms() + options->headers_ms; break;
    case CONNECTION_BODY:    deadline_ms = monotonic_ms() + options->body_ms; break;
    case CONNECTION_OURS:    break;
    default:                 break;
    }
    atomic_store(&connection->deadline_ms, deadline_ms);
}

void connection_got_bytes(struct connections *connections, struct connection *connection, size_t n)
{
    atomic_fetch_add(&connection->deadline_ms, (int64_t)n / connections->options.body_bytes_per_ms);
}

unsigned connections_n(const struct connections *connections)      { return connections->n; }
uint64_t connections_n_late(const struct connections *connections) { return connections->n_late; }
