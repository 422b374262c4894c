/* event_build.c - see event_build.h. */
#include "hub/event_build.h"

#include "base/hash.h"
#include "log/correction.h"

#include <stdlib.h>
#include <string.h>

enum { SEED_OF_IDS = 1, SEED_OF_CONTENT = 2, SEED_OF_LINES = 3 };

/* What a version of an order says, in the last bits. */
static uint64_t with_content(const struct message *message, uint64_t hash)
{
    const uint64_t own[] = { (uint64_t)message->amount_cents, (uint64_t)message->quantity_milli, message->n_lines };
    uint64_t content = hash_bytes(message->kind.at, message->kind.length, SEED_OF_CONTENT);
    content = hash_bytes(own, sizeof own, content);
    for (size_t i = 0; i < message->n_lines; i++) {
        const struct message_line *line = &message->lines[i];
        const uint64_t of_line[] = { (uint64_t)line->amount_cents, (uint64_t)line->quantity_milli };
        content = hash_bytes(line->item.at, line->item.length, content);
        content = hash_bytes(of_line, sizeof of_line, content);
    }
    return hash >> EVENT_VERSION_BITS << EVENT_VERSION_BITS | content >> (64 - EVENT_VERSION_BITS);
}

uint64_t event_message_hash(const struct message *message, int64_t received_ms, uint64_t number)
{
    uint64_t hash;
    if (message->message_id.length > 0) {
        hash = hash_bytes(message->message_id.at, message->message_id.length, SEED_OF_IDS);
        if (message->is_version) hash = with_content(message, hash);
    } else {
        const uint64_t all[] = { hash_bytes(message->raw.at, message->raw.length, SEED_OF_CONTENT),
                                 (uint64_t)received_ms, number };
        hash = hash_bytes(all, sizeof all, SEED_OF_CONTENT);
    }
    hash &= ~UINT64_C(1);
    return hash ? hash : 2;
}

uint64_t event_line_hash(uint64_t message_hash, size_t line)
{
    const uint64_t both[] = { message_hash, line };
    return hash_bytes(both, sizeof both, SEED_OF_LINES) | 1;
}

struct text event_line_kind(struct text kind)
{
    if (text_equal(kind, text_of("order"))) return text_of("order_item");
    if (text_equal(kind, text_of("refund"))) return text_of("refund_item");
    return text_of("");
}

void event_batch_clear(struct event_batch *batch) { batch->events.n = 0; }

void event_batch_free(struct event_batch *batch)
{
    struct events *events = &batch->events;
    free(events->received_ms), free(events->time_ms), free(events->identity), free(events->kind);
    free(events->amount_cents), free(events->quantity_milli), free(events->item), free(events->source);
    free(events->message_hash), free(events->properties_end), free(batch->properties);
    *batch = (struct event_batch){ 0 };
}

static size_t properties_used(const struct event_batch *batch)
{
    return batch->events.n ? batch->events.properties_end[batch->events.n - 1] : 0;
}

/* Grows one column; the others may be larger already if memory ran out before. */
static bool grow(void *column, size_t room, size_t size)
{
    void *old, *larger;
    memcpy(&old, column, sizeof old);
    larger = realloc(old, room * size);
    if (larger) memcpy(column, &larger, sizeof larger);
    return larger != NULL;
}

static bool reserve(struct event_batch *batch, size_t n_more, size_t bytes_more)
{
    struct events *e = &batch->events;
    if (e->n + n_more > batch->room) {
        size_t room = 2 * (e->n + n_more) + 64;
        if (!grow(&e->received_ms, room, sizeof *e->received_ms) || !grow(&e->time_ms, room, sizeof *e->time_ms) ||
            !grow(&e->identity, room, sizeof *e->identity) || !grow(&e->kind, room, sizeof *e->kind) ||
            !grow(&e->amount_cents, room, sizeof *e->amount_cents) ||
            !grow(&e->quantity_milli, room, sizeof *e->quantity_milli) ||
            !grow(&e->item, room, sizeof *e->item) || !grow(&e->source, room, sizeof *e->source) ||
            !grow(&e->message_hash, room, sizeof *e->message_hash) ||
            !grow(&e->properties_end, room, sizeof *e->properties_end))
            return false;
        batch->room = room;
    }
    if (properties_used(batch) + bytes_more > batch->properties_room || !batch->properties) {
        size_t room = 2 * (properties_used(batch) + bytes_more) + 4096;
        if (!grow(&batch->properties, room, 1)) return false;
        batch->properties_room = room;
    }
    e->properties_bytes = batch->properties;
    return true;
}

/* The traits of a group are the group's own, kept in table account: the customer only belongs to it. */
static size_t write_account(const struct text group_id, char *to)
{
    static const char begin[] = "{\"account\":\"", end[] = "\"}";
    size_t n = sizeof begin - 1;
    memcpy(to, begin, n);
    for (size_t i = 0; i < group_id.length; i++) {
        unsigned char c = (unsigned char)group_id.at[i];
        if (c == '"' || c == '\\') to[n++] = '\\';
        to[n++] = (char)(c < 0x20 ? ' ' : c);
    }
    memcpy(to + n, end, sizeof end - 1);
    return n + sizeof end - 1;
}

static size_t properties_room(const struct message *message)
{
    return message->type == MESSAGE_GROUP ? 2 * message->group_id.length + 16 : message->properties.length;
}

static size_t write_properties(const struct message *message, char *to)
{
    if (message->type == MESSAGE_GROUP) return write_account(message->group_id, to);
    if (message->properties.length) memcpy(to, message->properties.at, message->properties.length);
    return message->properties.length;
}

bool event_build(struct event_batch *batch, const struct message *message, const struct event_names *names,
                 const uint32_t *items, int64_t received_ms, uint64_t message_hash, struct err *err)
{
    struct events *e = &batch->events;
    size_t n_lines = names->line_kind ? message->n_lines : 0;
    if (!reserve(batch, 1 + n_lines, properties_room(message)))
        return err_set(err, ERR_IO, "out of memory for %zu events", e->n + 1 + n_lines);
    size_t used = properties_used(batch);
    used += write_properties(message, batch->properties + used);
    for (size_t line = 0; line <= n_lines; line++) {
        size_t i = e->n++;
        const struct message_line *of = line ? &message->lines[line - 1] : NULL;
        e->received_ms[i] = received_ms;
        e->time_ms[i] = message->time_ms < received_ms ? message->time_ms : received_ms;
        e->identity[i] = names->identity;
        e->kind[i] = of ? names->line_kind : names->kind;
        e->amount_cents[i] = of ? of->amount_cents : message->amount_cents;
        e->quantity_milli[i] = of ? of->quantity_milli : message->quantity_milli;
        e->item[i] = items[line];
        e->source[i] = names->source;
        e->message_hash[i] = of ? event_line_hash(message_hash, line - 1) : message_hash;
        e->properties_end[i] = (uint32_t)used;
    }
    return true;
}

bool event_correct(struct event_batch *batch, const struct event_corrected *corrected, uint16_t correction_kind,
                   int64_t received_ms, struct err *err)
{
    struct events *e = &batch->events;
    if (!reserve(batch, 1, 0)) return err_set(err, ERR_IO, "out of memory for %zu events", e->n + 1);
    size_t i = e->n, used = properties_used(batch);
    e->n++;
    e->received_ms[i] = received_ms;
    e->time_ms[i] = corrected->time_ms;
    e->identity[i] = corrected->identity;
    e->kind[i] = correction_kind;
    e->amount_cents[i] = e->quantity_milli[i] = 0;
    e->item[i] = 0;
    e->source[i] = corrected->source;
    e->message_hash[i] = log_correction_of(corrected->message_hash);
    e->properties_end[i] = (uint32_t)used;
    return true;
}
