/* A new operator needs nothing but its own file: what it says it looks at comes to it from the log, from the kept
 * events of a customer and from a packed state. */
#include "base/calendar.h"
#include "base/hash.h"
#include "feature/feature_support.h"
#include "live/live_internal.h"

#include <stdlib.h>

enum { END_DAY = 15600, CUSTOMERS = 20, EVENTS = 3000 };

/* A sum, in any order, of a hash of everything that an event is. */
struct everything { uint64_t n, sum; };

static void everything_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    struct everything *everything = state;
    const uint64_t parts[] = { (uint64_t)event->time_ms, (uint64_t)event->known_ms, (uint64_t)event->amount_cents,
                               (uint64_t)event->quantity_milli, event->item_hash, event->kind,
                               hash_xxh64(event->properties.at, event->properties.length) };
    (void)use;
    everything->n++;
    everything->sum += hash_xxh64(parts, sizeof parts);
}

static void everything_merge(void *state, const void *other, const struct operator_use *use)
{
    (void)use;
    ((struct everything *)state)->n += ((const struct everything *)other)->n;
    ((struct everything *)state)->sum += ((const struct everything *)other)->sum;
}

static void everything_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                            uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    operator_put(use, 0, ret_row, (double)(((const struct everything *)state)->sum >> 12));
}

static const struct operator_output outputs[] = {
    { .suffix = "everything", .unit = "number", .meaning = "a number made of all of {many}", .sql = "0" },
};
static const struct operator operator_everything = {
    .name = "everything", .state_bytes = sizeof(struct everything), .outputs = outputs, .n_outputs = 1,
    .parts = PARTS_ALL, .update = everything_update, .merge = everything_merge, .read = everything_read,
};

static struct feature_set *set_with_it(struct diary *diary)
{
    const struct feature_plan plans[] = {
        { .kind_name = "", .operator = &operator_times }, { .kind_name = "", .operator = &operator_everything },
        { .kind_name = "order", .operator = &operator_everything },
    };
    struct feature_set *set = ARENA_NEW(diary->arena, struct feature_set);
    set->landmark_day = 15000;
    set->not_counted = ARENA_ARRAY(diary->arena, const char *, 1);
    feature_set_compile(set, plans, 3, diary->log, diary->arena);
    return set;
}

/* The row of a customer, folded from their events as they were noted. */
static void fold_noted(const struct diary *diary, struct fold_state *state, uint32_t identity)
{
    fold_begin(state);
    for (size_t i = 0; i < diary->n; i++) {
        if (diary->noted[i].identity != identity) continue;
        const struct fold_event event = diary_fold_event(diary, &diary->noted[i]);
        fold_update(state, &event, 1);
    }
}

Test(operator_new, one_that_looks_at_everything_gets_everything_wherever_events_come_from)
{
    struct diary diary = diary_open();
    struct rng rng = rng_new(support_seed());
    struct noted *noted = ARENA_ARRAY(diary.arena, struct noted, EVENTS);
    struct err err;
    for (size_t i = 0; i < EVENTS; i++)     /* of some customers a few, of some many */
        noted[i] = diary_random(&diary, &rng, 1 + (unsigned)rng_below(&rng, CUSTOMERS), END_DAY * MS_PER_DAY, 700,
                                true);
    diary_append(&diary, noted, EVENTS);
    struct feature_set *set = set_with_it(&diary);
    cr_assert_eq(feature_set_columns(set) & (LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM | LOG_PROPERTIES),
                 LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM | LOG_PROPERTIES);
    struct states *states = states_new(diary.log);
    states->set = set;
    ASSERT_OK(states_replay(states, (END_DAY + 100) * MS_PER_DAY, 2, &err), &err);
    struct fold_state *live = fold_new(set), *straight = fold_new(set);
    const struct fold_moment moment = fold_moment_at(set, (END_DAY + 100) * MS_PER_DAY);
    size_t n_few = 0, n_states = 0, n_bytes = feature_set_size(set) * sizeof(double);
    double *row = malloc(n_bytes), *wanted = malloc(n_bytes);
    for (unsigned i = 1; i <= CUSTOMERS; i++) {
        uint32_t identity = diary_customer(&diary, i);
        const struct slot *slot = states_slot(states, identity);
        cr_assert(slot && slot->state);
        *(*slab_at(states->slabs[log_partition(diary.log, identity)], slot->state) ? &n_few : &n_states) += 1;
        states_unpack(states, identity, live);
        fold_noted(&diary, straight, identity);
        fold_read_exact(live, &moment, row);
        fold_read_exact(straight, &moment, wanted);
        cr_assert(memcmp(row, wanted, n_bytes) == 0, "customer %u, seed %llu", i,
                  (unsigned long long)support_seed());
    }
    cr_assert(n_few > 0 && n_states > 0, "both ways of keeping are tried: %zu, %zu", n_few, n_states);
    free(row);
    free(wanted);
    fold_free(live);
    fold_free(straight);
    states_free(states);
    diary_close(&diary);
}
