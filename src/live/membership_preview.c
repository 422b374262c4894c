/* membership_preview.c - what a condition would select, counted in a random order of the customers so that a
 * part of them stands for all; see membership.h. */
#include "live/membership_internal.h"

#include "base/parallel.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { SLICE = 32 };        /* identities looked at while the source is locked: well under a millisecond */

/* What all threads share. */
struct preview {
    struct memberships *memberships;
    const struct clock *clock;
    int64_t             now_ms, limit_ms;
    size_t              n_identities, stride;
    size_t              n_columns;          /* that occur in it */
    atomic_size_t       n_taken;            /* visits that somebody has made or makes */
    atomic_bool         is_over;            /* the time is, or one failed */
    struct segment_overlap *overlaps;       /* [n_overlaps] */
    size_t              n_overlaps;
};

/* One thread's, with sums over those it visited. */
struct looking {
    struct preview        *preview;
    struct segment_source *source;
    struct expression     *expression;
    const uint32_t        *columns;         /* [preview->n_columns] that occur in it */
    bool                  *is_seen;         /* [preview->n_columns] somebody has a value of it */
    size_t                *n_both;          /* [preview->n_overlaps] */
    size_t                 n_visited, n_seen, n_members, n_sample;
    struct { size_t visit; uint32_t customer; } sample[SEGMENT_SAMPLE];      /* [n_sample] */
    bool                   ok;
    struct err             err;
};

static size_t common_divisor(size_t a, size_t b) { return b == 0 ? a : common_divisor(b, a % b); }

/* A step that visits each of 0 .. n - 1 once and, a golden section long, spreads them evenly. */
static size_t stride_for(size_t n)
{
    size_t stride = (size_t)((double)n * 0.6180339887498949) | 1;
    while (n > 1 && common_divisor(stride, n) != 1) stride++;
    return stride;
}

static void list_overlaps(struct preview *preview, struct arena *arena)
{
    struct memberships *memberships = preview->memberships;
    pthread_mutex_lock(&memberships->mutex);
    preview->overlaps = ARENA_ARRAY(arena, struct segment_overlap, memberships->n + 1);
    preview->n_overlaps = memberships->n;
    for (size_t i = 0; i < memberships->n; i++) {
        const struct definition *definition = memberships->definitions[i];
        preview->overlaps[i] = (struct segment_overlap){ .segment = definition->id,
                                                         .name = arena_copy(arena, definition->name),
                                                         .n_members = definition->since.n };
    }
    pthread_mutex_unlock(&memberships->mutex);
}

static void count_overlaps(struct looking *looking, const uint32_t *members, size_t n)
{
    struct memberships *memberships = looking->preview->memberships;
    if (n == 0 || looking->preview->n_overlaps == 0) return;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < looking->preview->n_overlaps; i++) {
        const struct definition *definition = definition_of(memberships, looking->preview->overlaps[i].segment);
        for (size_t m = 0; definition && m < n; m++)
            looking->n_both[i] += instant_map_get(&definition->since, members[m]) != INSTANT_ABSENT;
    }
    pthread_mutex_unlock(&memberships->mutex);
}

static void note_values(struct looking *looking)
{
    const struct segment_source *source = looking->source;
    for (size_t i = 0; i < looking->preview->n_columns; i++) {
        if (looking->is_seen[i]) continue;
        struct expression_value value = source->value(source->context, looking->columns[i]);
        looking->is_seen[i] = value.kind == EXPRESSION_IS_TEXT ||
                              (value.kind == EXPRESSION_IS_NUMBER && !isnan(value.number));
    }
}

static void look_at(struct looking *looking, uint32_t identity, bool *ret_is_member)
{
    const struct segment_source *source = looking->source;
    *ret_is_member = false;
    if (source->customer_of(source->context, identity) != identity ||
        !source->begin(source->context, identity, looking->preview->now_ms))
        return;
    looking->n_seen++;
    note_values(looking);
    looking->ok = expression_holds(looking->expression, source->value, source->context, ret_is_member, &looking->err);
}

static void look_at_slice(struct looking *looking, size_t first)
{
    const struct segment_source *source = looking->source;
    const struct preview *preview = looking->preview;
    uint32_t identities[SLICE], members[SLICE];
    size_t n = 0, end = first + SLICE < preview->n_identities ? first + SLICE : preview->n_identities;
    for (size_t visit = first; visit < end; visit++)
        identities[visit - first] = (uint32_t)((uint64_t)visit * preview->stride % preview->n_identities);
    source->lock(source->context);
    if (!source->is_current(source->context))
        looking->ok = err_set(&looking->err, ERR_BUSY, "the features are others now: try again");
    else source->expect(source->context, identities, end - first);
    for (size_t visit = first; looking->ok && visit < end; visit++) {
        uint32_t identity = identities[visit - first];
        bool is_member;
        look_at(looking, identity, &is_member);
        looking->n_visited++;
        if (!is_member) continue;
        members[n++] = identity;
        if (looking->n_sample == SEGMENT_SAMPLE) continue;
        looking->sample[looking->n_sample].visit = visit;
        looking->sample[looking->n_sample++].customer = identity;
    }
    source->unlock(source->context);
    looking->n_members += n;
    count_overlaps(looking, members, n);
}

static void look(void *context, size_t item, unsigned thread)
{
    struct looking *looking = (struct looking *)context + item;
    struct preview *preview = looking->preview;
    (void)thread;
    while (looking->ok && !atomic_load(&preview->is_over)) {
        size_t first = atomic_fetch_add(&preview->n_taken, SLICE);
        if (first >= preview->n_identities) break;
        look_at_slice(looking, first);
        if (!looking->ok || clock_now_ms(preview->clock) - preview->now_ms >= preview->limit_ms)
            atomic_store(&preview->is_over, true);
    }
}

static bool begin_looking(struct looking *looking, struct preview *preview, struct segment_source *source,
                          const char *expression, struct arena *arena, struct err *err)
{
    *looking = (struct looking){ .preview = preview, .source = source, .ok = true };
    if (!expression_compile_columns(expression, source->columns, source->n_columns, false, &looking->expression, err))
        return false;
    looking->columns = expression_columns(looking->expression, &preview->n_columns);
    looking->is_seen = ARENA_ARRAY(arena, bool, preview->n_columns + 1);
    looking->n_both = ARENA_ARRAY(arena, size_t, preview->n_overlaps + 1);
    source->lock(source->context);
    source->narrow(source->context, looking->columns, preview->n_columns);
    preview->n_identities = source->n_identities(source->context);
    source->unlock(source->context);
    return true;
}

static bool begin_all(struct preview *preview, struct looking *lookings, struct segment_source *const *sources,
                      unsigned n, const char *expression, struct arena *arena, struct err *err)
{
    for (unsigned i = 0; i < n; i++)
        if (!begin_looking(&lookings[i], preview, sources[i], expression, arena, err)) return false;
    preview->stride = stride_for(preview->n_identities);
    return true;
}

/* ---- put together ---- */

/* The first in the order of visits. */
static void take_sample(const struct looking *lookings, unsigned n, struct segment_preview *result)
{
    size_t taken[PREVIEW_SOURCES_MOST] = { 0 };
    while (result->n_sample < SEGMENT_SAMPLE) {
        unsigned best = n;
        for (unsigned i = 0; i < n; i++)
            if (taken[i] < lookings[i].n_sample &&
                (best == n || lookings[i].sample[taken[i]].visit < lookings[best].sample[taken[best]].visit))
                best = i;
        if (best == n) return;
        result->sample[result->n_sample++] = lookings[best].sample[taken[best]++].customer;
    }
}

static void list_absent(const struct looking *lookings, unsigned n, struct segment_preview *result, struct arena *arena)
{
    size_t n_columns = lookings[0].preview->n_columns;
    result->absent = ARENA_ARRAY(arena, const char *, n_columns + 1);
    for (size_t c = 0; c < n_columns && result->n_seen > 0; c++) {
        bool is_seen = false;
        for (unsigned i = 0; i < n; i++) is_seen |= lookings[i].is_seen[c];
        if (!is_seen)
            result->absent[result->n_absent++] =
                arena_copy(arena, lookings[0].source->columns[lookings[0].columns[c]].name);
    }
}

static size_t scaled(size_t n, double factor) { return (size_t)llround((double)n * factor); }

/* What was counted among those visited, for all. */
static void extrapolate(const struct preview *preview, const struct looking *lookings, unsigned n,
                        struct segment_preview *result)
{
    size_t n_visited = 0;
    for (unsigned i = 0; i < n; i++) {
        n_visited += lookings[i].n_visited;
        result->n_seen += lookings[i].n_seen;
        result->n_members += lookings[i].n_members;
        for (size_t o = 0; o < preview->n_overlaps; o++) preview->overlaps[o].n_both += lookings[i].n_both[o];
    }
    double factor = n_visited ? (double)preview->n_identities / (double)n_visited : 1;
    result->is_exact = n_visited == preview->n_identities;
    result->n_customers = scaled(result->n_seen, factor);
    result->n_members = scaled(result->n_members, factor);
    result->overlaps = preview->overlaps;
    result->n_overlaps = preview->n_overlaps;
    for (size_t o = 0; o < preview->n_overlaps; o++)
        preview->overlaps[o].n_both = scaled(preview->overlaps[o].n_both, factor);
}

bool memberships_preview(struct memberships *memberships, struct segment_source *const *sources, unsigned n_sources,
                         const char *expression, const struct clock *clock, int64_t limit_ms, struct arena *arena,
                         struct segment_preview *ret_preview, struct err *err)
{
    struct preview preview = { .memberships = memberships, .clock = clock, .now_ms = clock_now_ms(clock),
                               .limit_ms = limit_ms };
    struct segment_preview result = { 0 };
    struct looking *lookings = ARENA_ARRAY(arena, struct looking, n_sources);
    assert(n_sources > 0 && n_sources <= PREVIEW_SOURCES_MOST);
    list_overlaps(&preview, arena);
    bool ok = begin_all(&preview, lookings, sources, n_sources, expression, arena, err);
    if (ok) parallel_for(n_sources, n_sources, look, lookings);
    for (unsigned i = 0; ok && i < n_sources; i++)
        if (!lookings[i].ok) *err = lookings[i].err, ok = false;
    if (ok) {
        extrapolate(&preview, lookings, n_sources, &result);
        take_sample(lookings, n_sources, &result);
        list_absent(lookings, n_sources, &result, arena);
        result.seconds = (double)(clock_now_ms(clock) - preview.now_ms) / 1000;
        *ret_preview = result;
    }
    for (unsigned i = 0; i < n_sources; i++) expression_free(lookings[i].expression);
    return ok;
}
