/* segment_check.c - see segment_check.h. */
#include "live/segment_check.h"

#include "hub/stream.h"
#include "live/live.h"
#include "log/log.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct segment_check {
    struct segment_check_options options;
    pthread_mutex_t        entered;
    struct segment_source *source;          /* NULL until somebody enters */
    uint64_t               n_others;
    _Atomic uint64_t       n_changes;
    /* The writer's own, of the group at hand. */
    size_t                 n_before;        /* changes that waited when it began ... */
    size_t                 n_written;       /* ... and that it has written */
    uint32_t              *customers;       /* [n_customers] */
    size_t                 n_customers, room;
};

struct segment_check *segment_check_new(const struct segment_check_options *options)
{
    struct segment_check *check = calloc(1, sizeof *check);
    if (!check) abort();        /* as an arena does */
    check->options = *options;
    pthread_mutex_init(&check->entered, NULL);
    return check;
}

void segment_check_free(struct segment_check *check)
{
    if (!check) return;
    live_source_free(check->source);
    free(check->customers);
    pthread_mutex_destroy(&check->entered);
    free(check);
}

/* Names that are there now. */
static void renew_source(struct segment_check *check)
{
    const struct segment_check_options *options = &check->options;
    bool is_other = !check->source;
    if (check->source) {
        if (!live_source_is_stale(check->source)) return;
        check->source->lock(check->source->context);
        is_other = !check->source->is_current(check->source->context);
        check->source->unlock(check->source->context);
    }
    live_source_free(check->source);
    check->source = live_source_new(options->live, options->log, options->identities, options->lock);
    memberships_forget_names(options->memberships);
    check->n_others += is_other;
}

const struct segment_source *segment_check_enter(struct segment_check *check, uint64_t *ret_n_others)
{
    pthread_mutex_lock(&check->entered);
    renew_source(check);
    if (ret_n_others) *ret_n_others = check->n_others;
    return check->source;
}

void segment_check_leave(struct segment_check *check) { pthread_mutex_unlock(&check->entered); }

/* ---- the writer ---- */

static int by_number(const void *a, const void *b)
{
    const uint32_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

static void add_customer(struct segment_check *check, uint32_t identity)
{
    if (check->n_customers == check->room) {
        check->room = check->room ? 2 * check->room : 1024;
        check->customers = realloc(check->customers, check->room * sizeof *check->customers);
        if (!check->customers) abort();     /* as an arena does */
    }
    check->customers[check->n_customers++] = identities_customer(check->options.identities, identity);
}

/* Whom the group is about, each once. */
static void find_customers(struct segment_check *check, const struct taken *taken)
{
    size_t n = 0;
    check->n_customers = 0;
    for (size_t i = 0; i < taken->events->n; i++)
        if (taken->events->identity[i] != 0) add_customer(check, taken->events->identity[i]);
    for (size_t i = 0; i < taken->n_links; i++) add_customer(check, taken->links[i].a);
    if (check->n_customers == 0) return;
    qsort(check->customers, check->n_customers, sizeof *check->customers, by_number);
    for (size_t i = 0; i < check->n_customers; i++)
        if (n == 0 || check->customers[i] != check->customers[n - 1]) check->customers[n++] = check->customers[i];
    check->n_customers = n;
}

/* The lock is held for reading, a slice at a time, so that whoever waits for it to write is let in. */
static void check_customers(struct segment_check *check, int64_t now_ms)
{
    enum { SLICE = 32 };
    renew_source(check);        /* the events may have brought names */
    const struct segment_source *source = check->source;
    for (size_t from = 0; from < check->n_customers; from += SLICE) {
        source->lock(source->context);
        bool is_current = source->is_current(source->context);
        for (size_t i = from; is_current && i < from + SLICE && i < check->n_customers; i++)
            memberships_check_now(check->options.memberships, source, check->customers[i], now_ms, CAUSE_EVENTS);
        source->unlock(source->context);
    }
}

bool segment_check_take(struct segment_check *check, struct store *store, const struct taken *taken,
                        struct err *err)
{
    struct memberships *memberships = check->options.memberships;
    check->n_before = memberships_n_changes(memberships);
    check->n_written = 0;
    if (memberships_any(memberships)) {
        find_customers(check, taken);
        if (check->n_customers > 0) check_customers(check, taken->received_ms);
    }
    return memberships_write(memberships, store, &check->n_written, err);
}

void segment_check_undo(struct segment_check *check)
{
    memberships_undo(check->options.memberships, check->n_before);
}

static void tell(const struct segment_check_options *options, const struct segment_change *change)
{
    pthread_rwlock_rdlock(options->lock);
    struct text name = log_name(options->log, DICTIONARY_IDENTITY, change->identity);
    json_t *line = json_pack("{s:I, s:s%, s:b, s:I, s:s}", "segment", (json_int_t)change->segment, "customer",
                             name.at, name.length, "entered", change->entered, "at_ms", (json_int_t)change->at_ms,
                             "cause", segment_cause_word(change->cause));
    pthread_rwlock_unlock(options->lock);
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text) stream_put(options->stream, "segment", text_of(text));
    free(text);
    json_decref(line);
}

void segment_check_committed(struct segment_check *check)
{
    const struct segment_check_options *options = &check->options;
    if (check->n_written == 0) return;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    memberships_take_changes(options->memberships, check->n_written, arena, &changes);
    for (size_t i = 0; options->stream && i < check->n_written; i++)
        if (changes[i].identity != 0) tell(options, &changes[i]);
    atomic_fetch_add(&check->n_changes, check->n_written);
    arena_free(arena);
}

uint64_t segment_check_n_changes(struct segment_check *check) { return atomic_load(&check->n_changes); }
