/* version.c - see version.h. */
#include "hub/version.h"

#include "base/calendar.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "customer/order_number.h"
#include "feature/fold_events.h"
#include "feature/properties.h"
#include "intake/commerce.h"
#include "log/correction.h"

#include <stdlib.h>

struct versions {
    const struct log  *log;
    struct log_reader *reader;
    struct arena      *arena;
    struct hash_map    lines;       /* a line's hash -> 1 + its event */
};

struct versions *versions_new(const struct log *log)
{
    struct versions *versions = memory_new(1, sizeof *versions);
    versions->log = log;
    versions->arena = arena_new(ARENA_NO_LIMIT);
    return versions;
}

void versions_free(struct versions *versions)
{
    if (!versions) return;
    log_reader_close(versions->reader);
    arena_free(versions->arena);
    hash_map_free(&versions->lines);
    free(versions);
}

/* When the version was so that an event tells of; 0: it does not say. */
static int64_t version_ms_of(const struct events *events, size_t i)
{
    struct properties properties;
    struct property member;
    int64_t time_ms;
    properties_begin(&properties, fold_properties_at(events, i));
    while (properties_next(&properties, &member))
        if (text_equal(member.name, text_of("updated_at")))
            return calendar_parse_iso(member.value.at, member.value.length, &time_ms) ? time_ms : 0;
    return 0;
}

static bool is_among(uint32_t identity, const uint32_t *members, size_t n_members)
{
    for (size_t i = 0; i < n_members; i++)
        if (members[i] == identity) return true;
    return false;
}

/* The group's events of the customer behind those of the log. */
static void add_group(const struct events *group, const uint32_t *members, size_t n_members, struct arena *arena,
                      struct events *events)
{
    struct events all = { .n = events->n };
    size_t room = events->n + group->n;
    size_t n_bytes = events->n ? events->properties_end[events->n - 1] : 0;
    size_t n_group = group->n ? group->properties_end[group->n - 1] : 0;
    char *bytes = arena_alloc(arena, n_bytes + n_group + 1, 1);
#define TAKE(column)                                                                                             \
    all.column = arena_alloc(arena, room + 1, sizeof *all.column);                                               \
    if (events->n) memcpy(all.column, events->column, events->n * sizeof *all.column)
    TAKE(received_ms);
    TAKE(time_ms);
    TAKE(identity);
    TAKE(kind);
    TAKE(source);
    TAKE(message_hash);
    TAKE(amount_cents);
    TAKE(properties_end);
#undef TAKE
    if (n_bytes) memcpy(bytes, events->properties_bytes, n_bytes);
    for (size_t i = 0; i < group->n; i++) {
        if (!is_among(group->identity[i], members, n_members)) continue;
        uint32_t begin = i ? group->properties_end[i - 1] : 0, length = group->properties_end[i] - begin;
        size_t to = all.n++;
        all.received_ms[to] = group->received_ms[i], all.time_ms[to] = group->time_ms[i];
        all.identity[to] = group->identity[i], all.kind[to] = group->kind[i], all.source[to] = group->source[i];
        all.message_hash[to] = group->message_hash[i], all.amount_cents[to] = group->amount_cents[i];
        if (length) memcpy(bytes + n_bytes, group->properties_bytes + begin, length);
        all.properties_end[to] = (uint32_t)(n_bytes += length);
    }
    all.properties_bytes = bytes;
    *events = all;
}

static bool read_known(struct versions *versions, const uint32_t *members, size_t n_members, uint16_t correction_kind,
                       const struct event_batch *batch, struct events *ret_events, struct err *err)
{
    const unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_SOURCE | LOG_MESSAGE | LOG_AMOUNT | LOG_PROPERTIES;
    if (!versions->reader && !log_reader_open(versions->log, &versions->reader, err)) return false;
    arena_reset(versions->arena);
    if (!log_read_identities(versions->reader, members, n_members, columns, versions->arena, ret_events, err))
        return false;
    add_group(&batch->events, members, n_members, versions->arena, ret_events);
    int64_t *replaced_ms = corrections_find(ret_events, correction_kind, versions->arena);
    if (replaced_ms) corrections_apply(ret_events, replaced_ms);
    return true;
}

/* What is known of the order that a message tells of. */
struct told {
    struct versions      *versions;
    const struct message *message;
    uint64_t              message_hash;
    struct events         events;
    struct hash_map       keys;         /* of the order in files, by each number and each name of the customer */
    uint32_t              order, item, refund, cancelled;       /* kinds; 0: nobody has had one */
};

static bool is_kind(uint32_t kind, uint16_t of) { return kind && kind == of; }

static void find_kinds(struct told *told)
{
    const struct log *log = told->versions->log;
    (void)log_find(log, DICTIONARY_KIND, text_of("order"), &told->order);
    (void)log_find(log, DICTIONARY_KIND, text_of("order_item"), &told->item);
    (void)log_find(log, DICTIONARY_KIND, text_of("refund"), &told->refund);
    (void)log_find(log, DICTIONARY_KIND, text_of("order_cancelled"), &told->cancelled);
}

static void find_keys(struct told *told, const uint32_t *members, size_t n_members)
{
    const struct message *message = told->message;
    hash_map_clear(&told->keys, message->n_orders * n_members * ORDER_SPELLINGS);
    for (size_t m = 0; m < n_members; m++) {
        uint64_t customer = order_customer_hash(log_name(told->versions->log, DICTIONARY_IDENTITY, members[m]));
        for (size_t n = 0; n < message->n_orders; n++) {
            struct order_spellings spellings;
            order_number_spell(message->orders[n], &spellings);
            for (size_t s = 0; s < ORDER_SPELLINGS; s++)
                *hash_map_put(&told->keys, order_key(order_number_hash(spellings.of[s], customer))) = 1;
        }
    }
}

static bool is_of_file(const struct told *told, size_t i)
{
    return hash_map_find(&told->keys, order_key(told->events.message_hash[i])) != NULL;
}

/* Whether a client's event has one of the message's numbers. */
static bool has_number(const struct told *told, size_t i)
{
    struct properties properties;
    struct property member;
    if (told->message->n_orders == 0) return false;
    properties_begin(&properties, fold_properties_at(&told->events, i));
    while (properties_next(&properties, &member))
        for (size_t n = 0; order_number_is_name(member.name) && n < told->message->n_orders; n++)
            if (order_number_equal(member.value, told->message->orders[n])) return true;
    return false;
}

/* Whether event i is a version of the same client's order, by its message. */
static bool is_version(const struct told *told, size_t i)
{
    uint64_t hash = told->events.message_hash[i];
    return told->message->is_version && !(hash & 1) && event_version_of(hash) == event_version_of(told->message_hash);
}

static bool is_told_elsewhere(const struct told *told, size_t i)
{
    uint16_t kind = told->events.kind[i];
    bool tells = is_kind(told->order, kind) || is_kind(told->cancelled, kind) || is_kind(told->refund, kind);
    return tells && (is_of_file(told, i) || (!(told->events.message_hash[i] & 1) && has_number(told, i)));
}

static bool correct(const struct events *events, size_t i, struct event_batch *batch, uint16_t correction_kind,
                    int64_t received_ms, struct err *err)
{
    const struct event_corrected corrected = { .identity = events->identity[i], .source = events->source[i],
                                               .time_ms = events->time_ms[i], .message_hash = events->message_hash[i] };
    return event_correct(batch, &corrected, correction_kind, received_ms, err);
}

/* An order's event and its lines'. */
static bool correct_order(struct told *told, size_t i, struct event_batch *batch, uint16_t correction_kind,
                          int64_t received_ms, struct err *err)
{
    const struct events *events = &told->events;
    struct hash_map *lines = &told->versions->lines;
    const uint64_t *at;
    if (!correct(events, i, batch, correction_kind, received_ms, err)) return false;
    if (is_of_file(told, i)) {
        for (size_t k = 0; k < events->n; k++)
            if (told->item && events->kind[k] == told->item &&
                order_key(events->message_hash[k]) == order_key(events->message_hash[i]) &&
                !correct(events, k, batch, correction_kind, received_ms, err))
                return false;
        return true;
    }
    hash_map_clear(lines, events->n);
    for (size_t k = 0; k < events->n; k++)
        if (events->message_hash[k] & 1) *hash_map_put(lines, events->message_hash[k]) = k + 1;
    for (size_t line = 0; (at = hash_map_find(lines, event_line_hash(events->message_hash[i], line))); line++)
        if (!correct(events, *at - 1, batch, correction_kind, received_ms, err)) return false;
    return true;
}

/* Of versions of one client the newest holds. */
static void compare_own(const struct told *told, size_t i, struct version *version)
{
    int64_t newest_ms = told->message->version_ms;
    if (newest_ms && version_ms_of(&told->events, i) > newest_ms) version->as = VERSION_OLDER;
    else if (version->as != VERSION_OLDER)      /* the last decides: what was no sale stays told, and counts nowhere */
        version->as = told->events.message_hash[i] == told->message_hash ? VERSION_KNOWN : VERSION_NEW;
}

/* Of what others tell: the same worth is the same order, or the same refund where a file has told of it, which tells of
 * all there were; what was cancelled is not made again, and nothing is left to be given back of it. */
static void compare(const struct told *told, struct version *version)
{
    const struct message *message = told->message;
    const struct events *events = &told->events;
    bool is_order = text_equal(message->kind, text_of("order")), is_refund = commerce_is_refund(message->kind);
    bool is_cancelled = false;
    int64_t sale_cents = 0, refunded_cents = 0;
    for (size_t i = 0; i < events->n; i++) {
        bool is_own = is_version(told, i), is_sale = is_kind(told->order, events->kind[i]);
        if (!is_own && !is_told_elsewhere(told, i)) continue;
        bool is_same = events->amount_cents[i] == message->amount_cents;
        if (is_sale) version->has_sale = true, version->time_ms = events->time_ms[i], sale_cents = events->amount_cents[i];
        if (is_kind(told->refund, events->kind[i])) refunded_cents += events->amount_cents[i];
        is_cancelled |= is_kind(told->cancelled, events->kind[i]) && !is_own &&
                        (is_refund || events->time_ms[i] >= message->time_ms);
        if (is_own) compare_own(told, i, version);
        else if (version->as == VERSION_NEW && is_same && is_order && is_sale) version->as = VERSION_KNOWN;
        else if (is_refund && is_same && is_kind(told->refund, events->kind[i]) && is_of_file(told, i))
            version->as = VERSION_KNOWN;
    }
    version->left_cents = sale_cents + refunded_cents;
    if (is_cancelled && (is_order || (is_refund && !version->has_sale))) version->as = VERSION_OLDER;
}

/* Whether the message takes event i's place: of the order, and where it was cancelled what was given back of it too. */
static bool is_replaced(const struct told *told, size_t i)
{
    uint16_t kind = told->events.kind[i];
    bool is_cancellation = text_equal(told->message->kind, text_of("order_cancelled"));
    if (!is_kind(told->order, kind) && !(is_cancellation && is_kind(told->refund, kind))) return false;
    return is_version(told, i) || is_told_elsewhere(told, i);
}

bool versions_replace(struct versions *versions, const struct message *message, uint64_t message_hash,
                      const uint32_t *members, size_t n_members, uint16_t correction_kind, int64_t received_ms,
                      struct event_batch *batch, struct version *ret, struct err *err)
{
    struct told told = { .versions = versions, .message = message, .message_hash = message_hash };
    *ret = (struct version){ .as = VERSION_NEW };
    find_kinds(&told);
    if (!read_known(versions, members, n_members, correction_kind, batch, &told.events, err)) return false;
    find_keys(&told, members, n_members);
    compare(&told, ret);
    bool ok = true, replaces = ret->as == VERSION_NEW && !commerce_is_refund(message->kind);
    for (size_t i = 0; ok && replaces && i < told.events.n; i++)
        if (is_replaced(&told, i))
            ok = correct_order(&told, i, batch, correction_kind, received_ms, err);
    hash_map_free(&told.keys);
    return ok;
}
