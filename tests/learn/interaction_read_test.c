/* What customers did with items, from a log: nothing of the future, refunds, kinds. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "learn/interaction_read.h"
#include "recommend/recommender.h"

enum { END_DAY = 15600, N_CUSTOMERS = 25 };

static struct interaction_log read_log(const struct diary *diary, int64_t as_of_ms, int64_t until_ms,
                                       unsigned n_threads)
{
    struct err err;
    struct interaction_log read = { 0 };
    struct interaction_options options = { .as_of_ms = as_of_ms, .until_ms = until_ms, .n_threads = n_threads };
    ASSERT_OK(interaction_read(diary->log, &options, diary->arena, &read, &err), &err);
    return read;
}

static void fill(struct diary *diary, struct rng *rng, size_t n, int64_t from_ms)
{
    struct noted *noted = ARENA_ARRAY(diary->arena, struct noted, n);
    for (size_t i = 0; i < n; i++) {
        do noted[i] = diary_random(diary, rng, N_CUSTOMERS, (END_DAY + 60) * MS_PER_DAY, 300, true);
        while (noted[i].received_ms < from_ms);
    }
    diary_append(diary, noted, n);
}

static void assert_same(const struct interactions *a, const struct interactions *b)
{
    cr_assert_eq(a->n, b->n);
    cr_assert_eq(a->n_items, b->n_items);
    cr_assert_eq(a->n_customers, b->n_customers);
    cr_assert(memcmp(a->rows, b->rows, a->n * sizeof *a->rows) == 0);
}

Test(interaction_read, an_event_received_at_or_after_an_instant_changes_nothing_as_of_it)
{
    EACH_CASE(c, 6) {
        struct diary diary = diary_open();
        fill(&diary, &c.rng, 400, 0);
        int64_t as_of_ms = END_DAY * MS_PER_DAY;
        struct interaction_log before = read_log(&diary, as_of_ms, as_of_ms, 1);
        fill(&diary, &c.rng, 300, as_of_ms);
        struct interaction_log after = read_log(&diary, as_of_ms, as_of_ms, 2);
        cr_assert_gt(before.had.n, 0);
        assert_same(&before.had, &after.had);
        for (size_t i = 0; i < before.had.n_items; i++)
            cr_assert(text_equal(before.item_names[i], after.item_names[i]));
        struct recommender_source sources[2] = { { &before.had, NULL, as_of_ms, 7, 1, 0 },
                                                  { &after.had, NULL, as_of_ms, 7, 3, 0 } };
        struct recommender fitted[2];
        size_t n_scores = before.had.n_items;
        for (int s = 0; s < 2; s++) cosine_fit(&sources[s], SATURATION_REPEATS, 10, 200, diary.arena, &fitted[s]);
        float *scores = ARENA_ARRAY(diary.arena, float, 2 * n_scores);
        for (size_t k = 0; k < before.had.n_customers; k++) {
            struct own own = { before.had.rows + before.had.first[k],
                               before.had.first[k + 1] - before.had.first[k], as_of_ms };
            for (int s = 0; s < 2; s++) recommender_score(&fitted[s], &own, 1, scores + (size_t)s * n_scores);
            cr_assert(memcmp(scores, scores + n_scores, n_scores * sizeof *scores) == 0);
        }
        diary_close(&diary);
    }
}

Test(interaction_read, what_comes_later_is_what_happened_in_the_window_whenever_it_was_received)
{
    struct diary diary = diary_open();
    uint32_t ada = diary_customer(&diary, 1);
    const int64_t day_ms = MS_PER_DAY;
    const struct noted noted[] = {
        { 10 * day_ms, 10 * day_ms, 0, 1000, ada, "order_item", "cup", "" },
        { 11 * day_ms, 25 * day_ms, 0, 1000, ada, "order_item", "late", "" },
        { 20 * day_ms, 20 * day_ms, 0, 1000, ada, "order_item", "pot", "" },
        { 21 * day_ms, 40 * day_ms, 0, 1000, ada, "order_item", "tea", "" },
        { 30 * day_ms, 30 * day_ms, 0, 1000, ada, "order_item", "too late", "" },
    };
    diary_append(&diary, noted, 5);
    struct interaction_log read = read_log(&diary, 20 * day_ms, 30 * day_ms, 1);
    cr_assert_eq(read.had.n, 1);
    cr_assert_eq(read.later.n, 2);
    cr_assert_eq(read.had.n_items, 3);
    uint32_t item;
    cr_assert(interaction_find_item(&read, text_of("cup"), &item) && read.had.rows[0].item == item);
    cr_assert(interaction_find_item(&read, text_of("tea"), &item) && read.later.rows[1].item == item);
    cr_assert_not(interaction_find_item(&read, text_of("too late"), &item));
    diary_close(&diary);
}

Test(interaction_read, without_orders_the_strongest_kind_of_most_customers_counts_and_refunds_take_back)
{
    struct diary diary = diary_open();
    struct noted noted[24];
    size_t n = 0;
    for (unsigned customer = 1; customer <= 8; customer++) {
        uint32_t who = diary_customer(&diary, customer);
        noted[n++] = (struct noted){ 1000, 1000, 0, 0, who, "page_view", "cup", "" };
        if (customer <= 6) noted[n++] = (struct noted){ 1000, 1000, 0, 0, who, "cart", "cup", "" };
        if (customer <= 2) noted[n++] = (struct noted){ 1000, 1000, 0, 0, who, "purchase", "cup", "" };
    }
    diary_append(&diary, noted, n);
    struct interaction_log read = read_log(&diary, 2000, 2000, 1);
    cr_assert_eq(read.n_kinds, 1);
    cr_assert_str_eq(read.kinds[0].kind, "cart");
    cr_assert_eq(read.had.n, 6);
    const struct noted orders[] = {
        { 1000, 1000, 0, 1000, diary_customer(&diary, 1), "order_item", "pot", "" },
        { 1000, 1000, 0, 1000, diary_customer(&diary, 1), "order_item", "tea", "" },
        { 1500, 1500, 0, -1000, diary_customer(&diary, 1), "refund_item", "pot", "" },
    };
    diary_append(&diary, orders, 3);
    read = read_log(&diary, 2000, 2000, 1);
    cr_assert_str_eq(read.kinds[0].kind, "order_item");
    cr_assert_eq(read.had.n, 1);
    cr_assert(text_equal(read.item_names[read.had.rows[0].item], text_of("tea")));
    diary_close(&diary);
}
