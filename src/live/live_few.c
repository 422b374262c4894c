/* live_few.c - the first events of an identity as few bytes; see live_internal.h.
 *
 * The first byte is the unit of all their times: the longest of which each is a multiple, as imported history has
 * seconds, minutes or days.  Then each event: a byte, how much later than the one before it happened, and what its
 * shape names: how much later it became known, amount, quantity, item, properties, if the event has them and some
 * operator looks at them.  The byte's lower half is the
 * number of the shape (its kind, and which of these it has) among those seen so far, its upper half the sign and
 * the length of the difference.  A shape not seen before follows its byte. */
#include "live/live_internal.h"
#include "feature/packing.h"
#include "base/calendar.h"

#include <string.h>

enum { FLAG_BITS = 6 };             /* of a shape: the parts that its events have; the rest is their kind */
enum { SHAPE_BITS = 4, SHAPE_NEW = FEW_SHAPES_MOST, IS_EARLIER = 1 << 7, DIFFERENCE_SHIFT = 4,
       DIFFERENCE_MOST_BYTES = 7 };
enum { EVENT_MOST_BYTES = 3 + 8 + 6 * NUMBER_MOST_BYTES };      /* without its properties */
_Static_assert(PARTS_ALL < 1 << FLAG_BITS, "a shape has room for each part");

static const int64_t unit_ms[] = { MS_PER_DAY, 60000, 1000, 1 };

/* *unit: the one they have, made shorter where the time is no multiple of it. */
static int64_t in_units(int64_t time_ms, unsigned *unit)
{
    int64_t time = time_ms / unit_ms[*unit];
    while (time * unit_ms[*unit] != time_ms) time = time_ms / unit_ms[++*unit];
    return time;
}

static uint32_t shape_of(const struct fold_event *event, unsigned parts)
{
    bool is_long = parts & PART_ITEM && event->item_hash != item_hash_short(event->item_hash);
    uint32_t flags = 0;
    if (parts & PART_KNOWN && event->known_ms != event->time_ms) flags |= PART_KNOWN;
    if (parts & PART_AMOUNT && event->amount_cents) flags |= PART_AMOUNT;
    if (parts & PART_QUANTITY && event->quantity_milli) flags |= PART_QUANTITY;
    if (parts & (PART_ITEM | PART_ITEM_SHORT) && event->item_hash) flags |= is_long ? PART_ITEM : PART_ITEM_SHORT;
    if (parts & PART_PROPERTIES && event->properties.length) flags |= PART_PROPERTIES;
    return (uint32_t)event->kind << FLAG_BITS | flags;
}

static unsigned char *put_shape(unsigned char *to, struct few_place *place, uint32_t shape)
{
    unsigned at = 0;
    while (at < place->n_shapes && place->shapes[at] != shape) at++;
    *to++ = (unsigned char)(at < place->n_shapes ? at : SHAPE_NEW);
    if (at < place->n_shapes) return to;
    if (place->n_shapes < FEW_SHAPES_MOST) place->shapes[place->n_shapes++] = shape;
    return number_pack(to, shape);
}

/* The difference to the instant before goes into the event's first byte and behind its shape; NULL: too long. */
static unsigned char *put_time(unsigned char *to, unsigned char *first, int64_t last, int64_t time)
{
    bool is_earlier = time < last;
    uint64_t later = (uint64_t)time - (uint64_t)last, difference = is_earlier ? -later : later;
    unsigned n_bytes = difference ? (71u - (unsigned)__builtin_clzll(difference)) / 8 : 0;
    if (n_bytes > DIFFERENCE_MOST_BYTES) return NULL;
    *first |= (unsigned char)((is_earlier ? IS_EARLIER : 0) | n_bytes << DIFFERENCE_SHIFT);
    memcpy(to, &difference, sizeof difference);
    return to + n_bytes;
}

static const unsigned char *take_rest(const unsigned char *from, uint32_t shape, struct fold_event *event)
{
    uint64_t number;
    if (shape & PART_KNOWN) {
        from = number_unpack(from, &number);
        event->known_ms = (int64_t)((uint64_t)event->time_ms + number);
    }
    if (shape & PART_AMOUNT) from = number_unpack(from, &number), event->amount_cents = number_unzigzag(number);
    if (shape & PART_QUANTITY) from = number_unpack(from, &number), event->quantity_milli = number_unzigzag(number);
    if (shape & PART_ITEM_SHORT) {
        uint16_t item;
        memcpy(&item, from, sizeof item);
        event->item_hash = item;
        from += sizeof item;
    }
    if (shape & PART_ITEM) {
        memcpy(&event->item_hash, from, sizeof event->item_hash);
        from += sizeof event->item_hash;
    }
    if (shape & PART_PROPERTIES) {
        from = number_unpack(from, &number);
        event->properties = (struct text){ (const char *)from, number };
        from += number;
    }
    return from;
}

static const unsigned char *take_event(const unsigned char *from, struct few_place *place,
                                       struct fold_event *ret_event)
{
    static const uint64_t mask[DIFFERENCE_MOST_BYTES + 1] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
    };
    unsigned first = *from++, at = first & ((1 << SHAPE_BITS) - 1);
    unsigned n_bytes = first >> DIFFERENCE_SHIFT & DIFFERENCE_MOST_BYTES;
    uint64_t shape, number;
    if (at < SHAPE_NEW) {
        shape = place->shapes[at];
    } else {
        from = number_unpack(from, &shape);
        if (place->n_shapes < FEW_SHAPES_MOST) place->shapes[place->n_shapes++] = (uint32_t)shape;
    }
    memcpy(&number, from, sizeof number);
    number &= mask[n_bytes];
    from += n_bytes;
    place->last = (int64_t)((uint64_t)place->last + (first & IS_EARLIER ? -number : number));
    int64_t time_ms = place->last * unit_ms[place->unit];
    *ret_event = (struct fold_event){ .time_ms = time_ms, .known_ms = time_ms, .properties = { "", 0 },
                                      .kind = (uint16_t)(shape >> FLAG_BITS) };
    return take_rest(from, (uint32_t)shape, ret_event);
}

/* All of them again, in a unit that the next one's time is a multiple of too. */
static bool change_unit(struct few *few, unsigned unit)
{
    const struct few old = *few;
    struct fold_event events[FEW_EVENTS_MOST];
    (void)few_events(old.bytes, old.n, events);
    *few = (struct few){ .place.unit = unit, .n_bytes = 1, .bytes[0] = (unsigned char)unit };
    for (size_t i = 0; i < old.n; i++)
        if (!few_add(few, &events[i], PARTS_ALL)) { *few = old; return false; }
    return true;
}

static unsigned char *put_rest(unsigned char *to, uint32_t shape, const struct fold_event *event)
{
    if (shape & PART_KNOWN) to = number_pack(to, (uint64_t)event->known_ms - (uint64_t)event->time_ms);
    if (shape & PART_AMOUNT) to = number_pack(to, number_zigzag(event->amount_cents));
    if (shape & PART_QUANTITY) to = number_pack(to, number_zigzag(event->quantity_milli));
    if (shape & PART_ITEM_SHORT) {
        uint16_t item = item_hash_short(event->item_hash);
        memcpy(to, &item, sizeof item);
        to += sizeof item;
    }
    if (shape & PART_ITEM) {
        memcpy(to, &event->item_hash, sizeof event->item_hash);
        to += sizeof event->item_hash;
    }
    if (shape & PART_PROPERTIES) to = number_pack(to, event->properties.length);
    return to;
}

bool few_add(struct few *few, const struct fold_event *event, unsigned parts)
{
    unsigned char bytes[EVENT_MOST_BYTES], *to;
    uint32_t shape = shape_of(event, parts);
    size_t length = shape & PART_PROPERTIES ? event->properties.length : 0;
    if (few->n == FEW_EVENTS_MOST || length > FEW_BYTES_MOST) return false;
    unsigned unit = few->place.unit;
    int64_t time = in_units(event->time_ms, &unit);
    if ((unit > few->place.unit || few->n_bytes == 0) && !change_unit(few, unit)) return false;
    unsigned n_shapes = few->place.n_shapes;
    to = put_shape(bytes, &few->place, shape);
    to = put_time(to, bytes, few->place.last, time);
    if (to) to = put_rest(to, shape, event);
    size_t n_bytes = to ? (size_t)(to - bytes) : FEW_BYTES_MOST;
    if (few->n_bytes + n_bytes + length > FEW_BYTES_MOST) {
        few->place.n_shapes = n_shapes;
        return false;
    }
    memcpy(few->bytes + few->n_bytes, bytes, n_bytes);
    if (length) memcpy(few->bytes + few->n_bytes + n_bytes, event->properties.at, length);
    few->n_bytes += n_bytes + length;
    few->place.last = time;
    few->n++;
    return true;
}

const unsigned char *few_events(const unsigned char *bytes, size_t n, struct fold_event *ret_events)
{
    if (n == 0) return bytes;
    struct few_place place = { .unit = *bytes++ };
    for (size_t i = 0; i < n; i++) bytes = take_event(bytes, &place, &ret_events[i]);
    return bytes;
}

void few_load(struct few *few, const unsigned char *bytes, size_t n)
{
    const unsigned char *end = bytes + 1;
    struct fold_event event;
    few->n = n;
    few->place = (struct few_place){ .unit = *bytes };
    for (size_t i = 0; i < n; i++) end = take_event(end, &few->place, &event);
    few->n_bytes = (size_t)(end - bytes);
    memcpy(few->bytes, bytes, few->n_bytes);
}
