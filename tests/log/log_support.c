/* log_support.c - see log_support.h. */
#include "log/log_support.h"
#include "base/calendar.h"

#include <string.h>

struct trial trial_open(const char *path)
{
    struct err err;
    struct trial trial = { .arena = arena_new(ARENA_NO_LIMIT) };
    trial.model.arena = trial.arena;
    ASSERT_OK(store_open(path, STORE_CREATE, &trial.store, &err), &err);
    ASSERT_OK(log_open(trial.store, &trial.log, &err), &err);
    return trial;
}

void trial_detach(struct trial *trial)
{
    log_close(trial->log);
    store_close(trial->store);
    trial->log = NULL, trial->store = NULL;
}

void trial_close(struct trial *trial)
{
    trial_detach(trial);
    arena_free(trial->arena);
}

void trial_reopen(struct trial *trial)
{
    struct err err;
    const char *path = arena_copy(trial->arena, store_path(trial->store));
    log_close(trial->log);
    store_close(trial->store);
    ASSERT_OK(store_open(path, STORE_WRITE, &trial->store, &err), &err);
    ASSERT_OK(log_open(trial->store, &trial->log, &err), &err);
}

static uint32_t random_name(struct trial *trial, struct rng *rng, enum dictionary dictionary, const char *word,
                            size_t bound)
{
    struct err err;
    uint32_t index, number = (uint32_t)rng_below(rng, bound);
    char text[64] = "";
    if (number > 0) snprintf(text, sizeof text, "%s%u", word, number);
    ASSERT_OK(log_intern(trial->log, dictionary, text_of(text), &index, &err), &err);
    return index;
}

/* A number that is constant, small, round, or anything, as style says. */
static int64_t random_number(struct rng *rng, uint64_t style)
{
    switch (style % 5) {
    case 0:  return 0;
    case 1:  return -7;
    case 2:  return support_between(rng, -200, 200);
    case 3:  return 1000 * support_between(rng, 0, 1 << 20);
    default: return (int64_t)rng_uint64(rng);
    }
}

struct events trial_random_events(struct trial *trial, struct rng *rng, size_t n, size_t n_identities)
{
    struct arena *arena = trial->arena;
    uint64_t style = rng_uint64(rng), times = rng_below(rng, 3);
    bool is_history = rng_below(rng, 2);
    struct events events = { .n = n,
                             .received_ms = ARENA_ARRAY(arena, int64_t, n),
                             .time_ms = ARENA_ARRAY(arena, int64_t, n),
                             .identity = ARENA_ARRAY(arena, uint32_t, n),
                             .kind = ARENA_ARRAY(arena, uint16_t, n) };
    if (style & 1 << 8) events.amount_cents = ARENA_ARRAY(arena, int64_t, n);
    if (style & 1 << 9) events.quantity_milli = ARENA_ARRAY(arena, int64_t, n);
    if (style & 1 << 10) events.item = ARENA_ARRAY(arena, uint32_t, n);
    if (style & 1 << 11) events.source = ARENA_ARRAY(arena, uint16_t, n);
    if (style & 1 << 12) events.message_hash = ARENA_ARRAY(arena, uint64_t, n);
    if (style & 1 << 13) events.properties_end = ARENA_ARRAY(arena, uint32_t, n);
    char *bytes = events.properties_end ? arena_alloc(arena, 16 * n + 1, 1) : NULL;
    uint32_t end = 0;
    for (size_t i = 0; i < n; i++) {
        events.time_ms[i] = times == 0
                                ? INT64_C(1300000000000) + (int64_t)i * 1000 + support_between(rng, 0, 9) * 1000
                            : times == 1 ? MS_PER_DAY * support_between(rng, 15000, 16000)
                                         : (int64_t)rng_uint64(rng);
        events.received_ms[i] = is_history ? events.time_ms[i]
                                           : (int64_t)((uint64_t)events.time_ms[i] + rng_below(rng, 5000));
        events.identity[i] = random_name(trial, rng, DICTIONARY_IDENTITY, "customer ", n_identities);
        events.kind[i] = (uint16_t)random_name(trial, rng, DICTIONARY_KIND, "kind", 5);
        if (events.amount_cents) events.amount_cents[i] = random_number(rng, style >> 16);
        if (events.quantity_milli) events.quantity_milli[i] = random_number(rng, style >> 24);
        if (events.item)
            events.item[i] = random_name(trial, rng, DICTIONARY_ITEM, "item ", 1 + (style >> 32) % 300);
        if (events.source) events.source[i] = (uint16_t)random_name(trial, rng, DICTIONARY_SOURCE, "file", 2);
        if (events.message_hash) events.message_hash[i] = rng_uint64(rng);
        if (!events.properties_end) continue;
        if (rng_below(rng, 3)) end += (uint32_t)snprintf(bytes + end, 17, "{\"a\":%d}", (int)rng_below(rng, 1000));
        events.properties_end[i] = end;
    }
    events.properties_bytes = bytes;
    return events;
}

void trial_remember(struct trial *trial, const struct events *events)
{
    struct model *model = &trial->model;
    if (model->n + events->n > model->room) {
        size_t room = 2 * (model->n + events->n);
        struct model_event *larger = ARENA_ARRAY(model->arena, struct model_event, room);
        if (model->n) memcpy(larger, model->events, model->n * sizeof *larger);
        model->events = larger, model->room = room;
    }
    for (size_t i = 0; i < events->n; i++) {
        uint32_t begin = events->properties_end && i ? events->properties_end[i - 1] : 0;
        model->events[model->n++] = (struct model_event){
            .received_ms = events->received_ms[i],
            .time_ms = events->time_ms[i],
            .identity = events->identity[i],
            .kind = events->kind[i],
            .amount_cents = events->amount_cents ? events->amount_cents[i] : 0,
            .quantity_milli = events->quantity_milli ? events->quantity_milli[i] : 0,
            .item = events->item ? events->item[i] : 0,
            .source = events->source ? events->source[i] : 0,
            .message_hash = events->message_hash ? events->message_hash[i] : 0,
            .properties = !events->properties_end
                              ? ""
                              : arena_format(model->arena, "%.*s", (int)(events->properties_end[i] - begin),
                                             events->properties_bytes + begin)
        };
    }
}

void trial_append(struct trial *trial, const struct events *events)
{
    struct err err;
    ASSERT_OK(store_begin(trial->store, &err), &err);
    ASSERT_OK(log_append(trial->log, events, &err), &err);
    ASSERT_OK(store_commit(trial->store, &err), &err);
    trial_remember(trial, events);
}

/* The events of one partition, in order. */
static struct events part_of(struct trial *trial, const struct events *events, unsigned partition)
{
    struct arena *arena = trial->arena;
    struct events part = { .received_ms = ARENA_ARRAY(arena, int64_t, events->n),
                           .time_ms = ARENA_ARRAY(arena, int64_t, events->n),
                           .identity = ARENA_ARRAY(arena, uint32_t, events->n),
                           .kind = ARENA_ARRAY(arena, uint16_t, events->n) };
    for (size_t i = 0; i < events->n; i++) {
        if (log_partition(trial->log, events->identity[i]) != partition) continue;
        part.received_ms[part.n] = events->received_ms[i], part.time_ms[part.n] = events->time_ms[i];
        part.identity[part.n] = events->identity[i], part.kind[part.n++] = events->kind[i];
    }
    return part;
}

void trial_append_by_partition(struct trial *trial, const struct events *events)
{
    struct err err;
    ASSERT_OK(store_begin(trial->store, &err), &err);
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        struct events part = part_of(trial, events, partition);
        ASSERT_OK(log_append_partition(trial->log, partition, &part, &err), &err);
        trial_remember(trial, &part);
    }
    ASSERT_OK(store_commit(trial->store, &err), &err);
}

static void check_event(const struct events *got, size_t i, const struct model_event *want)
{
    if (got->received_ms) cr_assert_eq(got->received_ms[i], want->received_ms);
    if (got->time_ms) cr_assert_eq(got->time_ms[i], want->time_ms);
    if (got->identity) cr_assert_eq(got->identity[i], want->identity);
    if (got->kind) cr_assert_eq(got->kind[i], want->kind);
    if (got->amount_cents) cr_assert_eq(got->amount_cents[i], want->amount_cents);
    if (got->quantity_milli) cr_assert_eq(got->quantity_milli[i], want->quantity_milli);
    if (got->item) cr_assert_eq(got->item[i], want->item);
    if (got->source) cr_assert_eq(got->source[i], want->source);
    if (got->message_hash) cr_assert_eq(got->message_hash[i], want->message_hash);
    if (!got->properties_end) return;
    uint32_t begin = i ? got->properties_end[i - 1] : 0, length = got->properties_end[i] - begin;
    cr_assert_eq(length, strlen(want->properties));
    cr_assert_eq(memcmp(got->properties_bytes + begin, want->properties, length), 0);
}

static void check_columns(const struct events *got, unsigned columns)
{
    cr_assert_eq(got->received_ms != NULL, (columns & LOG_RECEIVED) != 0);
    cr_assert_eq(got->time_ms != NULL, (columns & LOG_TIME) != 0);
    cr_assert_eq(got->identity != NULL, (columns & LOG_IDENTITY) != 0);
    cr_assert_eq(got->kind != NULL, (columns & LOG_KIND) != 0);
    cr_assert_eq(got->amount_cents != NULL, (columns & LOG_AMOUNT) != 0);
    cr_assert_eq(got->quantity_milli != NULL, (columns & LOG_QUANTITY) != 0);
    cr_assert_eq(got->item != NULL, (columns & LOG_ITEM) != 0);
    cr_assert_eq(got->source != NULL, (columns & LOG_SOURCE) != 0);
    cr_assert_eq(got->message_hash != NULL, (columns & LOG_MESSAGE) != 0);
    cr_assert_eq(got->properties_end != NULL, (columns & LOG_PROPERTIES) != 0);
}

/* Each identity's events are those of the model, in its order; which identity comes first is left open. */
static void check_order(struct trial *trial, unsigned partition, const struct events *got, struct arena *arena)
{
    size_t n_names = log_n_names(trial->log, DICTIONARY_IDENTITY), n = 0;
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, got->n + 1), *first = ARENA_ARRAY(arena, uint32_t, n_names);
    uint32_t *last = ARENA_ARRAY(arena, uint32_t, n_names);
    for (uint32_t i = 0; i < got->n; i++) {     /* a chain of each identity's, positions from 1 */
        uint32_t identity = got->identity[i];
        if (last[identity]) next[last[identity] - 1] = i + 1;
        else first[identity] = i + 1;
        last[identity] = i + 1;
    }
    for (size_t i = 0; i < trial->model.n; i++) {
        uint32_t identity = trial->model.events[i].identity, at = first[identity];
        if (log_partition(trial->log, identity) != partition) continue;
        cr_assert(at > 0, "partition %u lacks an event of %u", partition, identity);
        check_event(got, at - 1, &trial->model.events[i]);
        first[identity] = next[at - 1];
        n++;
    }
    cr_assert_eq(n, got->n, "partition %u has %zu events, wanted %zu", partition, got->n, n);
}

void trial_check_identities(struct trial *trial, const uint32_t *identities, size_t n, unsigned columns)
{
    struct err err;
    struct log_reader *reader;
    struct events got;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_wanted = 0;
    ASSERT_OK(log_reader_open(trial->log, &reader, &err), &err);
    ASSERT_OK(log_read_identities(reader, identities, n, columns | LOG_IDENTITY, arena, &got, &err), &err);
    check_columns(&got, columns | LOG_IDENTITY);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0, at = 0; i < trial->model.n; i++) {
            if (trial->model.events[i].identity != identities[k]) continue;
            while (at < got.n && got.identity[at] != identities[k]) at++;
            cr_assert(at < got.n, "an event of %u is missing", identities[k]);
            check_event(&got, at++, &trial->model.events[i]);
            n_wanted++;
        }
    cr_assert_eq(got.n, n_wanted);
    log_reader_close(reader);
    arena_free(arena);
}

void trial_check_arrivals(struct trial *trial, struct trial_follower *follower, size_t most)
{
    struct err err;
    struct log_reader *reader;
    ASSERT_OK(log_reader_open(trial->log, &reader, &err), &err);
    for (bool is_end = false; !is_end;) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct events got;
        uint64_t before = follower->sequence;
        ASSERT_OK(log_read_after(reader, before, most, LOG_ALL, arena, &got, &follower->sequence, &err), &err);
        cr_assert(got.n <= most && follower->n + got.n <= trial->model.n);
        is_end = got.n == 0;
        cr_assert(is_end ? follower->sequence == before : follower->sequence == got.sequence[got.n - 1]);
        for (size_t i = 0; i < got.n; i++) {
            cr_assert(got.sequence[i] > before, "a sequence does not rise");
            before = got.sequence[i];
            check_event(&got, i, &trial->model.events[follower->n++]);
        }
        arena_free(arena);
    }
    cr_assert_eq(follower->n, trial->model.n);
    log_reader_close(reader);
}

void trial_check(struct trial *trial, unsigned columns)
{
    struct err err;
    struct log_reader *reader;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_read = 0;
    ASSERT_OK(log_reader_open(trial->log, &reader, &err), &err);
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        struct events got;
        ASSERT_OK(log_read(reader, partition, columns | LOG_IDENTITY, arena, &got, &err), &err);
        check_columns(&got, columns | LOG_IDENTITY);
        check_order(trial, partition, &got, arena);
        n_read += got.n;
    }
    cr_assert_eq(n_read, trial->model.n);
    log_reader_close(reader);
    arena_free(arena);
}

bool trial_compact_step(struct trial *trial, struct log_compactor *compactor, size_t budget, size_t *ret_n,
                        struct err *err)
{
    bool is_changed;
    if (!log_compactor_prepare(compactor, NULL, budget, ret_n, err)) return false;
    bool ok = store_begin(trial->store, err) && log_compactor_write(compactor, err) &&
              log_compact_names_some(trial->log, &is_changed, err) && store_commit(trial->store, err);
    store_rollback(trial->store);
    if (ok) *ret_n += is_changed;
    return ok;
}
