/* live_support.c - see live_support.h. */
#include "live/live_support.h"

#include <stdlib.h>

void world_open(struct world *world, unsigned n_threads)
{
    struct err err;
    *world = (struct world){ .diary = diary_open(), .now_ms = BEGIN_DAY * MS_PER_DAY, .n_threads = n_threads };
    ASSERT_OK(identities_open(world->diary.store, world->diary.log, &world->identities, &err), &err);
    ASSERT_OK(live_open(world->diary.store, world->diary.log, world->identities, world->now_ms, n_threads,
                        &world->live, &err), &err);
}

void world_close(struct world *world)
{
    live_close(world->live);
    identities_close(world->identities);
    diary_close(&world->diary);
}

void world_restart(struct world *world)
{
    struct err err;
    live_close(world->live);
    identities_close(world->identities);
    log_close(world->diary.log);
    ASSERT_OK(log_open(world->diary.store, &world->diary.log, &err), &err);
    ASSERT_OK(identities_open(world->diary.store, world->diary.log, &world->identities, &err), &err);
    ASSERT_OK(live_open(world->diary.store, world->diary.log, world->identities, world->now_ms, world->n_threads,
                        &world->live, &err), &err);
}

void world_reload(struct world *world)
{
    struct err err;
    ASSERT_OK(live_reload(world->live, world->diary.store, world->now_ms, world->n_threads, NULL, &err), &err);
}

/* As the server does: committed, then folded in slices, then what is due. */
void world_receive(struct world *world, const struct noted *noted, size_t n)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events = diary_events(&world->diary, noted, n, arena);
    diary_append(&world->diary, noted, n);
    for (size_t from = 0; from < n; from += 7)
        live_apply(world->live, &events, from, from + 7 < n ? from + 7 : n, world->now_ms);
    live_due(world->live, world->now_ms);
    arena_free(arena);
}

/* Some events received now, late or not; one may be there twice; one may be dated ahead, as files have them. */
void world_receive_random(struct world *world, unsigned n_customers, struct rng *rng)
{
    struct noted noted[40];
    size_t n = 1 + rng_below(rng, 30);
    world->now_ms += (int64_t)rng_below(rng, (uint64_t)MS_PER_DAY / (rng_below(rng, 5) ? 2000 : 1));
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && rng_below(rng, 10) == 0) { noted[i] = noted[i - 1]; continue; }
        noted[i] = diary_random(&world->diary, rng, n_customers, world->now_ms + 1,
                                rng_below(rng, 10) ? 3 : 900, false);
        noted[i].received_ms = world->now_ms;
    }
    if (rng_below(rng, 6) == 0)
        noted[0].time_ms = noted[0].received_ms = world->now_ms + support_between(rng, 0, 4 * MS_PER_DAY);
    world_receive(world, noted, n);
}

void world_link_random(struct world *world, struct rng *rng)
{
    struct err err;
    enum link_result result;
    const char *why;
    uint32_t a = diary_customer(&world->diary, 1 + (unsigned)rng_below(rng, CUSTOMERS));
    uint32_t b = diary_customer(&world->diary, 1 + (unsigned)rng_below(rng, CUSTOMERS));
    ASSERT_OK(store_begin(world->diary.store, &err), &err);
    if (rng_below(rng, 2))
        ASSERT_OK(identities_link(world->identities, world->diary.store, a, b, LINK_MERGE, world->now_ms, &result,
                                  &why, &err), &err);
    else if (!identities_unlink(world->identities, world->diary.store, a, b, world->now_ms, &err))
        cr_assert_eq(err.code, ERR_MISSING, "%s", err.text);
    ASSERT_OK(store_commit(world->diary.store, &err), &err);
    live_touch(world->live, a);
    live_touch(world->live, b);
}

/* ---- the replay ---- */

struct replayed { struct fold_event event; size_t number; };

static int compare_replayed(const void *a_pointer, const void *b_pointer)
{
    const struct replayed *a = a_pointer, *b = b_pointer;
    if (a->event.known_ms != b->event.known_ms) return a->event.known_ms < b->event.known_ms ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Folds what is noted of an identity and known before the instant. */
static size_t replay_one(struct world *world, uint32_t identity, int64_t as_of_ms, struct fold_state *state)
{
    struct diary *diary = &world->diary;
    struct replayed *events = calloc(diary->n + 1, sizeof *events);
    size_t n = 0;
    for (size_t i = 0; i < diary->n; i++) {
        if (diary->noted[i].identity != identity) continue;
        events[n].event = diary_fold_event(diary, &diary->noted[i]);
        events[n].number = i;
        n += events[n].event.known_ms < as_of_ms;
    }
    qsort(events, n, sizeof *events, compare_replayed);
    for (size_t i = 0; i < n; i++) fold_update(state, &events[i].event, 1);
    free(events);
    return n;
}

static bool replay_row(struct world *world, uint32_t customer, int64_t as_of_ms, float *ret_row)
{
    const struct feature_set *set = live_set(world->live);
    size_t n_members, n = 0;
    const uint32_t *members = identities_members(world->identities, customer, &n_members);
    struct fold_state *sum = fold_new(set), *one = fold_new(set);
    for (size_t m = 0; m < n_members; m++) {
        fold_begin(one);
        n += replay_one(world, members[m], as_of_ms, one);
        fold_merge(sum, one);
    }
    struct fold_moment moment = fold_moment_at(set, as_of_ms);
    fold_read(sum, &moment, ret_row);
    fold_free(sum);
    fold_free(one);
    return n > 0;
}

static void assert_bits(const struct feature_set *set, const float *got, const float *want, const char *whose)
{
    for (size_t i = 0; i < feature_set_size(set); i++)
        cr_assert(memcmp(&got[i], &want[i], sizeof(float)) == 0, "%s of %s is %.9g live, by replay %.9g (%llu)",
                  feature_at(set, i)->name, whose, (double)got[i], (double)want[i],
                  (unsigned long long)support_seed());
}

/* Some columns of rows, read alone: others stay as they are. */
static void check_narrow(struct world *world, int64_t as_of_ms)
{
    uint32_t n = (uint32_t)feature_set_size(live_set(world->live));
    const uint32_t columns[] = { (uint32_t)world->now_ms % n, (uint32_t)(world->now_ms / 1000 * 7) % n, n / 2 };
    struct live_reader *reader = live_reader_new(world->live, columns, 3);
    double *whole = calloc(n, sizeof *whole), *narrow = calloc(n, sizeof *narrow);
    for (unsigned number = 1; number <= CUSTOMERS; number++) {
        uint32_t identity = diary_customer(&world->diary, number);
        bool is_known = live_row_exact(world->live, identity, as_of_ms, whole);
        cr_assert_eq(live_reader_row(reader, identity, as_of_ms, narrow), is_known);
        for (int c = 0; is_known && c < 3; c++)
            cr_assert(memcmp(&narrow[columns[c]], &whole[columns[c]], sizeof *whole) == 0, "%s alone is %.17g, else %.17g",
                      feature_at(live_set(world->live), columns[c])->name, narrow[columns[c]], whole[columns[c]]);
    }
    live_reader_free(reader);
    free(whole);
    free(narrow);
}

void world_check(struct world *world)
{
    const struct feature_set *set = live_set(world->live);
    struct err err;
    if (!set) return;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    float *live = ARENA_ARRAY(arena, float, feature_set_size(set)), *want;
    float *replayed = ARENA_ARRAY(arena, float, feature_set_size(set));
    int64_t as_of_ms = world->now_ms + 1;
    for (unsigned number = 1; number <= CUSTOMERS; number++) {
        uint32_t identity = diary_customer(&world->diary, number);
        const char *whose = arena_format(arena, "customer %u", number);
        bool is_known = replay_row(world, identity, as_of_ms, replayed);
        cr_assert_eq(live_row(world->live, identity, as_of_ms, live), is_known, "%s (seed %llu)", whose,
                     (unsigned long long)support_seed());
        if (!is_known) continue;
        assert_bits(set, live, replayed, whose);
        ASSERT_OK(matrix_customer(world->diary.log, set, identity, as_of_ms, arena, &want, &err), &err);
        assert_bits(set, live, want, whose);
    }
    check_narrow(world, as_of_ms);
    arena_free(arena);
}


struct noted world_note(struct world *world, unsigned number, const char *kind, const char *properties)
{
    world->now_ms += 1000;
    return (struct noted){ .time_ms = world->now_ms, .received_ms = world->now_ms, .amount_cents = 1200,
                           .identity = diary_customer(&world->diary, number), .kind = kind, .item = "",
                           .properties = properties };
}

void world_receive_one(struct world *world, unsigned number, const char *kind, const char *properties)
{
    struct noted noted = world_note(world, number, kind, properties);
    world_receive(world, &noted, 1);
}
