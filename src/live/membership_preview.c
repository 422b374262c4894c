/* membership_preview.c - what a condition would select, counted in a random order of the customers so that a
 * part of them stands for all; see membership.h. */
#include "live/membership_internal.h"

#include <math.h>
#include <string.h>

enum { SLICE = 32 };        /* identities looked at while the source is locked: well under a millisecond */

/* Sums over the identities visited so far. */
struct preview {
    struct memberships          *memberships;
    const struct segment_source *source;
    struct expression           *expression;
    size_t                       n_identities, n_visited, stride;
    const uint32_t              *columns;       /* [n_columns] that occur in it */
    size_t                       n_columns;
    bool                        *is_seen;       /* [n_columns] somebody has a value of it */
    struct segment_preview       result;
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
    struct segment_preview *result = &preview->result;
    pthread_mutex_lock(&memberships->mutex);
    result->overlaps = ARENA_ARRAY(arena, struct segment_overlap, memberships->n + 1);
    result->n_overlaps = memberships->n;
    for (size_t i = 0; i < memberships->n; i++) {
        const struct definition *definition = memberships->definitions[i];
        result->overlaps[i] = (struct segment_overlap){ .segment = definition->id,
                                                        .name = arena_copy(arena, definition->name),
                                                        .n_members = definition->since.n };
    }
    pthread_mutex_unlock(&memberships->mutex);
}

static void count_member(struct preview *preview, uint32_t customer)
{
    struct memberships *memberships = preview->memberships;
    struct segment_preview *result = &preview->result;
    result->n_members++;
    if (result->n_sample < SEGMENT_SAMPLE) result->sample[result->n_sample++] = customer;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < result->n_overlaps; i++) {
        const struct definition *definition = definition_of(memberships, result->overlaps[i].segment);
        if (definition && instant_map_get(&definition->since, customer) != INSTANT_ABSENT)
            result->overlaps[i].n_both++;
    }
    pthread_mutex_unlock(&memberships->mutex);
}

static void note_values(struct preview *preview)
{
    const struct segment_source *source = preview->source;
    for (size_t i = 0; i < preview->n_columns; i++) {
        if (preview->is_seen[i]) continue;
        struct expression_value value = source->value(source->context, preview->columns[i]);
        preview->is_seen[i] = value.kind == EXPRESSION_IS_TEXT ||
                              (value.kind == EXPRESSION_IS_NUMBER && !isnan(value.number));
    }
}

static void list_absent(struct preview *preview, struct arena *arena)
{
    struct segment_preview *result = &preview->result;
    result->absent = ARENA_ARRAY(arena, const char *, preview->n_columns + 1);
    for (size_t i = 0; i < preview->n_columns && result->n_seen > 0; i++)
        if (!preview->is_seen[i])
            result->absent[result->n_absent++] =
                arena_copy(arena, preview->source->columns[preview->columns[i]].name);
}

static bool visit(struct preview *preview, uint32_t identity, int64_t now_ms, struct err *err)
{
    const struct segment_source *source = preview->source;
    bool is_member = false;
    if (source->customer_of(source->context, identity) != identity ||
        !source->begin(source->context, identity, now_ms))
        return true;
    preview->result.n_seen++;
    note_values(preview);
    if (!expression_holds(preview->expression, source->value, source->context, &is_member, err)) return false;
    if (is_member) count_member(preview, identity);
    return true;
}

static bool visit_all(struct preview *preview, const struct clock *clock, int64_t now_ms, int64_t limit_ms,
                      struct err *err)
{
    const struct segment_source *source = preview->source;
    bool ok = true;
    size_t at = 0;
    while (ok && preview->n_visited < preview->n_identities) {
        source->lock(source->context);
        if (!source->is_current(source->context))
            ok = err_set(err, ERR_BUSY, "the features are others now: try again");
        for (int i = 0; ok && i < SLICE && preview->n_visited < preview->n_identities; i++) {
            ok = visit(preview, (uint32_t)at, now_ms, err);
            preview->n_visited++;
            at = (at + preview->stride) % preview->n_identities;
        }
        source->unlock(source->context);
        if (clock_now_ms(clock) - now_ms >= limit_ms) break;
    }
    return ok;
}

static size_t scaled(size_t n, double factor) { return (size_t)llround((double)n * factor); }

/* What was counted among those visited, for all. */
static void extrapolate(struct preview *preview)
{
    struct segment_preview *result = &preview->result;
    double factor = preview->n_visited ? (double)preview->n_identities / (double)preview->n_visited : 1;
    result->is_exact = preview->n_visited == preview->n_identities;
    result->n_customers = scaled(result->n_seen, factor);
    result->n_members = scaled(result->n_members, factor);
    for (size_t i = 0; i < result->n_overlaps; i++)
        result->overlaps[i].n_both = scaled(result->overlaps[i].n_both, factor);
}

bool memberships_preview(struct memberships *memberships, const struct segment_source *source,
                         const char *expression, const struct clock *clock, int64_t limit_ms, struct arena *arena,
                         struct segment_preview *ret_preview, struct err *err)
{
    struct preview preview = { .memberships = memberships, .source = source };
    int64_t now_ms = clock_now_ms(clock);
    if (!expression_compile_columns(expression, source->columns, source->n_columns, false, &preview.expression,
                                    err))
        return false;
    list_overlaps(&preview, arena);
    preview.columns = expression_columns(preview.expression, &preview.n_columns);
    preview.is_seen = ARENA_ARRAY(arena, bool, preview.n_columns + 1);
    source->lock(source->context);
    preview.n_identities = source->n_identities(source->context);
    source->unlock(source->context);
    preview.stride = stride_for(preview.n_identities);
    bool ok = visit_all(&preview, clock, now_ms, limit_ms, err);
    list_absent(&preview, arena);
    expression_free(preview.expression);
    if (!ok) return false;
    extrapolate(&preview);
    preview.result.seconds = (double)(clock_now_ms(clock) - now_ms) / 1000;
    *ret_preview = preview.result;
    return true;
}
