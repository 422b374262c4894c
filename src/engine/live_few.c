/* live_few.c - the first events of an identity, kept as they are; see live_internal.h.
 *
 * An event is a byte of flags, its kind, how much later than the one before it happened, and then what the flags
 * name: how much later it became known, amount, quantity, item, properties. */
#include "engine/live_internal.h"
#include "feature/packing.h"

#include <string.h>

enum { HAS_DELAY = 1, HAS_AMOUNT = 2, HAS_QUANTITY = 4, HAS_ITEM = 8, HAS_PROPERTIES = 16 };
enum { EVENT_MOST_BYTES = 1 + 6 * NUMBER_MOST_BYTES + 8 };      /* without its properties */

bool few_add(struct few *few, const struct fold_event *event, bool has_traits)
{
    size_t length = has_traits ? event->properties.length : 0;
    unsigned char bytes[EVENT_MOST_BYTES], *to = bytes + 1;
    if (few->n == FEW_EVENTS_MOST || length > FEW_BYTES_MOST) return false;
    bytes[0] = (unsigned char)((event->known_ms != event->time_ms ? HAS_DELAY : 0) |
                               (event->amount_cents ? HAS_AMOUNT : 0) |
                               (event->quantity_milli ? HAS_QUANTITY : 0) | (event->item_hash ? HAS_ITEM : 0) |
                               (length ? HAS_PROPERTIES : 0));
    to = number_pack(to, event->kind);
    to = number_pack(to, number_zigzag((int64_t)((uint64_t)event->time_ms - (uint64_t)few->last_ms)));
    if (bytes[0] & HAS_DELAY) to = number_pack(to, (uint64_t)event->known_ms - (uint64_t)event->time_ms);
    if (bytes[0] & HAS_AMOUNT) to = number_pack(to, number_zigzag(event->amount_cents));
    if (bytes[0] & HAS_QUANTITY) to = number_pack(to, number_zigzag(event->quantity_milli));
    if (bytes[0] & HAS_ITEM) memcpy(to, &event->item_hash, 8), to += 8;
    if (bytes[0] & HAS_PROPERTIES) to = number_pack(to, length);
    size_t n_bytes = (size_t)(to - bytes);
    if (few->n_bytes + n_bytes + length > FEW_BYTES_MOST) return false;
    memcpy(few->bytes + few->n_bytes, bytes, n_bytes);
    if (length) memcpy(few->bytes + few->n_bytes + n_bytes, event->properties.at, length);
    few->n_bytes += n_bytes + length;
    few->last_ms = event->time_ms;
    few->n++;
    return true;
}

static const unsigned char *take_event(const unsigned char *from, int64_t last_ms, struct fold_event *ret_event)
{
    unsigned flags = *from++;
    uint64_t number = 0;
    struct fold_event event = { .properties = { "", 0 } };
    from = number_unpack(from, &number);
    event.kind = (uint16_t)number;
    from = number_unpack(from, &number);
    event.time_ms = event.known_ms = (int64_t)((uint64_t)last_ms + (uint64_t)number_unzigzag(number));
    if (flags & HAS_DELAY) {
        from = number_unpack(from, &number);
        event.known_ms = (int64_t)((uint64_t)event.time_ms + number);
    }
    if (flags & HAS_AMOUNT) from = number_unpack(from, &number), event.amount_cents = number_unzigzag(number);
    if (flags & HAS_QUANTITY) from = number_unpack(from, &number), event.quantity_milli = number_unzigzag(number);
    if (flags & HAS_ITEM) memcpy(&event.item_hash, from, 8), from += 8;
    if (flags & HAS_PROPERTIES) {
        from = number_unpack(from, &number);
        event.properties = (struct text){ (const char *)from, number };
        from += number;
    }
    *ret_event = event;
    return from;
}

const unsigned char *few_events(const unsigned char *bytes, size_t n, struct fold_event *ret_events)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < n; i++) {
        bytes = take_event(bytes, last_ms, &ret_events[i]);
        last_ms = ret_events[i].time_ms;
    }
    return bytes;
}

void few_load(struct few *few, const unsigned char *bytes, size_t n)
{
    struct fold_event events[FEW_EVENTS_MOST];
    few->n = n;
    few->n_bytes = (size_t)(few_events(bytes, n, events) - bytes);
    few->last_ms = n ? events[n - 1].time_ms : 0;
    memcpy(few->bytes, bytes, few->n_bytes);
}
