/* The last items of a customer: the same whatever the order, packed, merged. */
#include "feature/feature_support.h"
#include "feature/recent.h"

#include <stdlib.h>

struct told { struct seen seen[2 * RECENT_MOST]; size_t n; };

static void tell(void *context, const char *kind, const struct seen *seen, size_t n)
{
    struct told *told = context;
    (void)kind;
    for (size_t i = 0; i < n; i++) told->seen[told->n++] = seen[i];
}

static struct told recent_of(const struct fold_state *state)
{
    struct told told = { .n = 0 };
    fold_recent(state, tell, &told);
    return told;
}

static int compare_seen(const void *a_pointer, const void *b_pointer)
{
    const struct seen *a = a_pointer, *b = b_pointer;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return (a->item_hash > b->item_hash) - (a->item_hash < b->item_hash);
}

static void assert_same(const struct told *told, const struct seen *sorted, size_t n)
{
    size_t n_kept = n < RECENT_MOST ? n : RECENT_MOST;
    cr_assert_eq(told->n, n_kept);
    for (size_t i = 0; i < n_kept; i++) {
        cr_assert_eq(told->seen[i].time_ms, sorted[n - n_kept + i].time_ms);
        cr_assert_eq(told->seen[i].item_hash, sorted[n - n_kept + i].item_hash);
    }
}

Test(recent, the_last_64_items_stay_whatever_the_order_and_however_they_are_merged_and_packed)
{
    EACH_CASE(c, 60) {
        struct diary diary = diary_open();
        struct noted noted = { 1, 1, 0, 0, diary_customer(&diary, 1), "order_item", "cup", "" };
        uint32_t kind = 0;
        diary_append(&diary, &noted, 1);
        cr_assert(log_find(diary.log, DICTIONARY_KIND, text_of("order_item"), &kind));
        struct feature_set *set = diary_full_set(&diary);
        const char *const kinds[] = { "order_item" };
        feature_set_keep_recent(set, kinds, 1, diary.log, diary.arena);
        struct fold_state *all = fold_new(set), *one = fold_new(set), *other = fold_new(set);
        struct seen seen[200];
        size_t n = rng_below(&c.rng, 200);
        fold_begin(all), fold_begin(one), fold_begin(other);
        for (size_t i = 0; i < n; i++) {
            struct fold_event event = { .kind = (uint16_t)kind, .item_hash = 1 + rng_below(&c.rng, 1000000),
                                        .time_ms = (int64_t)rng_below(&c.rng, 150) * 1000, .quantity_milli = 1000 };
            event.known_ms = event.time_ms;
            seen[i] = (struct seen){ event.item_hash, event.time_ms, 1000 };
            fold_update(all, &event, 1);
            fold_update(rng_below(&c.rng, 2) ? one : other, &event, 1);
        }
        qsort(seen, n, sizeof *seen, compare_seen);
        fold_merge(one, other);
        unsigned char *bytes = malloc(fold_packed_most(set) + 8);
        fold_pack(all, bytes);
        fold_unpack(other, bytes);
        const struct told told[] = { recent_of(all), recent_of(one), recent_of(other) };
        for (size_t t = 0; t < 3; t++) assert_same(&told[t], seen, n);
        free(bytes);
        fold_free(all), fold_free(one), fold_free(other);
        diary_close(&diary);
    }
}
