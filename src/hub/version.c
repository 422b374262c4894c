/* version.c - see version.h. */
#include "hub/version.h"

#include "base/calendar.h"
#include "base/hash_map.h"
#include "base/memory.h"
#include "feature/fold_events.h"
#include "feature/properties.h"
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
    TAKE(properties_end);
#undef TAKE
    if (n_bytes) memcpy(bytes, events->properties_bytes, n_bytes);
    for (size_t i = 0; i < group->n; i++) {
        if (!is_among(group->identity[i], members, n_members)) continue;
        uint32_t begin = i ? group->properties_end[i - 1] : 0, length = group->properties_end[i] - begin;
        size_t to = all.n++;
        all.received_ms[to] = group->received_ms[i], all.time_ms[to] = group->time_ms[i];
        all.identity[to] = group->identity[i], all.kind[to] = group->kind[i], all.source[to] = group->source[i];
        all.message_hash[to] = group->message_hash[i];
        if (length) memcpy(bytes + n_bytes, group->properties_bytes + begin, length);
        all.properties_end[to] = (uint32_t)(n_bytes += length);
    }
    all.properties_bytes = bytes;
    *events = all;
}

static bool read_known(struct versions *versions, const uint32_t *members, size_t n_members, uint16_t correction_kind,
                       const struct event_batch *batch, struct events *ret_events, struct err *err)
{
    const unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_SOURCE | LOG_MESSAGE | LOG_PROPERTIES;
    if (!versions->reader && !log_reader_open(versions->log, &versions->reader, err)) return false;
    arena_reset(versions->arena);
    if (!log_read_identities(versions->reader, members, n_members, columns, versions->arena, ret_events, err))
        return false;
    add_group(&batch->events, members, n_members, versions->arena, ret_events);
    int64_t *replaced_ms = corrections_find(ret_events, correction_kind, versions->arena);
    if (replaced_ms) corrections_apply(ret_events, replaced_ms);
    return true;
}

static bool correct(const struct events *events, size_t i, struct event_batch *batch, uint16_t correction_kind,
                    int64_t received_ms, struct err *err)
{
    const struct event_corrected corrected = { .identity = events->identity[i], .source = events->source[i],
                                               .time_ms = events->time_ms[i], .message_hash = events->message_hash[i] };
    return event_correct(batch, &corrected, correction_kind, received_ms, err);
}

/* An order's event and its lines'. */
static bool correct_order(struct versions *versions, const struct events *events, size_t i, struct event_batch *batch,
                          uint16_t correction_kind, int64_t received_ms, struct err *err)
{
    const uint64_t *at;
    hash_map_clear(&versions->lines, events->n);
    for (size_t k = 0; k < events->n; k++)
        if (events->message_hash[k] & 1) *hash_map_put(&versions->lines, events->message_hash[k]) = k + 1;
    if (!correct(events, i, batch, correction_kind, received_ms, err)) return false;
    for (size_t line = 0; (at = hash_map_find(&versions->lines, event_line_hash(events->message_hash[i], line))); line++)
        if (!correct(events, *at - 1, batch, correction_kind, received_ms, err)) return false;
    return true;
}

/* Whether event i is an order of which the message tells too. */
static bool is_version(const struct events *events, size_t i, uint64_t message_hash)
{
    return event_version_of(events->message_hash[i]) == event_version_of(message_hash) && !(events->message_hash[i] & 1);
}

bool versions_replace(struct versions *versions, const struct message *message, uint64_t message_hash,
                      const uint32_t *members, size_t n_members, uint16_t correction_kind, int64_t received_ms,
                      struct event_batch *batch, enum version *ret, struct err *err)
{
    struct events events;
    uint32_t order = 0;
    *ret = VERSION_NEW;
    (void)log_find(versions->log, DICTIONARY_KIND, text_of("order"), &order);
    if (!read_known(versions, members, n_members, correction_kind, batch, &events, err)) return false;
    for (size_t i = 0; i < events.n; i++) {
        if (!is_version(&events, i, message_hash)) continue;
        if (message->version_ms && version_ms_of(&events, i) > message->version_ms) *ret = VERSION_OLDER;
        else if (*ret != VERSION_OLDER)         /* the last decides: what was no sale stays told, and counts nowhere */
            *ret = events.message_hash[i] == message_hash ? VERSION_KNOWN : VERSION_NEW;
    }
    for (size_t i = 0; i < events.n && *ret == VERSION_NEW; i++)
        if (is_version(&events, i, message_hash) && order && events.kind[i] == order &&
            !correct_order(versions, &events, i, batch, correction_kind, received_ms, err))
            return false;
    return true;
}
