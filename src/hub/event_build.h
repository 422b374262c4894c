/* event_build.h - a client's message as events of the log.
 *
 * Every message gives one event of its kind; an order or refund gives one more for each of its lines.  An event's
 * message_hash is even for the message itself and odd for its lines, so that the two are told apart later. */
#ifndef HUB_EVENT_BUILD_H
#define HUB_EVENT_BUILD_H

#include "intake/message.h"
#include "log/log.h"

/* The hash by which the message is known again, never 0: of its id, or where it has none of its content, its
 * time of arrival and number, which no other message has. */
uint64_t event_message_hash(const struct message *message, int64_t received_ms, uint64_t number);
uint64_t event_line_hash(uint64_t message_hash, size_t line);

/* Of versions of one order the hashes have all but the last bits in common; the same content has the same hash. */
enum { EVENT_VERSION_BITS = 20 };
static inline uint64_t event_version_of(uint64_t message_hash) { return message_hash >> EVENT_VERSION_BITS; }

/* Events under construction, one array per column; kept from group to group. */
struct event_batch {
    struct events events;
    char         *properties;       /* what events.properties_bytes shows */
    size_t        room, properties_room;
};

void event_batch_clear(struct event_batch *batch);
void event_batch_free(struct event_batch *batch);

/* Indexes of what the events of a message name, once they are in the dictionaries. */
struct event_names { uint32_t identity; uint16_t kind, line_kind, source; };

/* "order_item" for "order", "refund_item" for "refund", else empty: the kind of a message's lines. */
struct text event_line_kind(struct text kind);

/* Adds a correction of an event (log/correction.h).  Errors: ERR_IO out of memory. */
struct event_corrected { uint32_t identity; uint16_t source; int64_t time_ms; uint64_t message_hash; };
bool event_correct(struct event_batch *batch, const struct event_corrected *corrected, uint16_t correction_kind,
                   int64_t received_ms, struct err *err) MUST_CHECK;

/* Adds the events of a message; items [1 + n_lines] are the indexes of the message's own item and its lines'.
 * Errors: ERR_IO out of memory. */
bool event_build(struct event_batch *batch, const struct message *message, const struct event_names *names,
                 const uint32_t *items, int64_t received_ms, uint64_t message_hash, struct err *err) MUST_CHECK;

#endif
