/* matrix_linked_test.c - customers of several identities against folding each by itself and merging them. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "customer/identity.h"
#include "feature/history.h"

#include <stdlib.h>
#include <string.h>

enum { END_DAY = 15600, N_CUSTOMERS = 20, N_CUTOFFS = 4 };

struct shop {
    struct diary        diary;
    struct feature_set *set;
    struct identities  *identities;
    int64_t             cutoffs_ms[N_CUTOFFS];
};

static struct shop shop_open(struct rng *rng)
{
    struct err err;
    struct shop shop = { .diary = diary_open() };
    struct noted *noted = ARENA_ARRAY(shop.diary.arena, struct noted, 500);
    for (size_t i = 0; i < 500; i++)
        noted[i] = diary_random(&shop.diary, rng, N_CUSTOMERS, END_DAY * MS_PER_DAY, 500, true);
    diary_append(&shop.diary, noted, 500);
    shop.set = diary_full_set(&shop.diary);
    ASSERT_OK(identities_open(shop.diary.store, shop.diary.log, &shop.identities, &err), &err);
    for (int i = 0; i < N_CUTOFFS; i++)
        shop.cutoffs_ms[i] = (END_DAY - 300 + 80 * i) * MS_PER_DAY + (int64_t)rng_below(rng, 5000);
    return shop;
}

static void shop_close(struct shop *shop)
{
    identities_close(shop->identities);
    diary_close(&shop->diary);
}

static bool link_two(struct shop *shop, uint32_t a, uint32_t b, int64_t received_ms)
{
    struct err err;
    enum link_result result;
    const char *why;
    ASSERT_OK(identities_link(shop->identities, shop->diary.store, a, b, LINK_MERGE, received_ms, &result, &why,
                              &err), &err);
    return result == LINK_MADE;
}

static void link_some(struct shop *shop, struct rng *rng, size_t n)
{
    int64_t received_ms = (END_DAY - 400) * MS_PER_DAY;
    for (size_t i = 0; i < n; i++) {
        received_ms += support_between(rng, 0, 60) * MS_PER_DAY;
        link_two(shop, diary_customer(&shop->diary, 1 + (unsigned)rng_below(rng, N_CUSTOMERS)),
                 diary_customer(&shop->diary, 1 + (unsigned)rng_below(rng, N_CUSTOMERS)), received_ms);
    }
}

static int64_t known_of(const struct noted *noted)
{
    return noted->received_ms > noted->time_ms ? noted->received_ms : noted->time_ms;
}

/* One identity's events known before the instant, folded in order; how many there are. */
static size_t fold_one(const struct shop *shop, uint32_t identity, int64_t as_of_ms, struct fold_state *state)
{
    const struct diary *diary = &shop->diary;
    size_t n = 0;
    int64_t known_ms = INT64_MIN;
    for (;;) {      /* all of one instant, in the order appended; then the next instant */
        int64_t next_ms = INT64_MAX;
        for (size_t i = 0; i < diary->n; i++)
            if (diary->noted[i].identity == identity && known_of(&diary->noted[i]) > known_ms &&
                known_of(&diary->noted[i]) < next_ms)
                next_ms = known_of(&diary->noted[i]);
        if (next_ms >= as_of_ms) return n;
        known_ms = next_ms;
        for (size_t i = 0; i < diary->n; i++) {
            if (diary->noted[i].identity != identity || known_of(&diary->noted[i]) != known_ms) continue;
            struct fold_event event = diary_fold_event(diary, &diary->noted[i]);
            fold_update(state, &event, 1);
            n++;
        }
    }
}

/* The row of an identity's customer as of an instant; false if nothing is known of them. */
static bool slow_row(const struct shop *shop, uint32_t identity, int64_t as_of_ms, float *ret_row)
{
    uint32_t members[N_CUSTOMERS + 1];
    size_t n = identities_members_at(shop->identities, identity, as_of_ms, members, N_CUSTOMERS), n_events = 0;
    struct fold_state *merged = fold_new(shop->set), *state = fold_new(shop->set);
    for (size_t m = 0; m < n; m++) {
        fold_begin(state);
        n_events += fold_one(shop, members[m], as_of_ms, state);
        fold_merge(merged, state);
    }
    struct fold_moment moment = fold_moment_at(shop->set, as_of_ms);
    fold_read(merged, &moment, ret_row);
    fold_free(state);
    fold_free(merged);
    return n_events > 0;
}

static struct matrix build(const struct shop *shop, const struct question *question, unsigned n_threads)
{
    struct err err;
    struct matrix matrix = { 0 };
    ASSERT_OK(matrix_build(shop->diary.log, shop->set, question, shop->cutoffs_ms, N_CUTOFFS, 1, n_threads,
                           shop->diary.arena, &matrix, &err), &err);
    return matrix;
}

static void assert_same(const struct matrix *a, const struct matrix *b)
{
    cr_assert_eq(a->n_rows, b->n_rows, "%zu rows, not %zu (seed %llu)", a->n_rows, b->n_rows,
                 (unsigned long long)support_seed());
    cr_assert_arr_eq(a->identity, b->identity, a->n_rows * sizeof(uint32_t));
    cr_assert_arr_eq(a->cutoff, b->cutoff, a->n_rows * sizeof(uint16_t));
    cr_assert(memcmp(a->values, b->values, a->n_rows * a->n_columns * sizeof(float)) == 0);
    cr_assert(memcmp(a->labels, b->labels, a->n_rows * sizeof(float)) == 0);
    cr_assert(memcmp(a->amounts, b->amounts, a->n_rows * sizeof(float)) == 0);
}

Test(matrix_linked, rows_are_the_merged_folds_of_what_was_linked_by_then_bit_for_bit)
{
    EACH_CASE(c, 6) {
        struct shop shop = shop_open(&c.rng);
        link_some(&shop, &c.rng, 1 + rng_below(&c.rng, 12));
        struct matrix one = build(&shop, NULL, 1), two = build(&shop, NULL, 2);
        assert_same(&one, &two);
        float *row = ARENA_ARRAY(shop.diary.arena, float, one.n_columns + 1);
        size_t at = 0;
        for (uint16_t cutoff = 0; cutoff < N_CUTOFFS; cutoff++)
            for (uint32_t identity = 1; identity < log_n_names(shop.diary.log, DICTIONARY_IDENTITY); identity++) {
                int64_t as_of_ms = shop.cutoffs_ms[cutoff];
                if (identities_customer_at(shop.identities, identity, as_of_ms) != identity) continue;
                if (!slow_row(&shop, identity, as_of_ms, row)) continue;
                cr_assert(at < one.n_rows);
                cr_assert_eq(one.identity[at], identity);
                cr_assert_eq(one.cutoff[at], cutoff);
                cr_assert(memcmp(one.values + at * one.n_columns, row, one.n_columns * sizeof *row) == 0,
                          "customer %u at cutoff %d (seed %llu)", identity, cutoff,
                          (unsigned long long)support_seed());
                at++;
            }
        cr_assert_eq(at, one.n_rows);
        shop_close(&shop);
    }
}

Test(matrix_linked, any_identity_names_its_customer)
{
    EACH_CASE(c, 4) {
        struct shop shop = shop_open(&c.rng);
        struct err err;
        link_some(&shop, &c.rng, 8);
        float *row, *wanted = ARENA_ARRAY(shop.diary.arena, float, shop.set->n_features + 1);
        for (uint32_t identity = 1; identity < log_n_names(shop.diary.log, DICTIONARY_IDENTITY); identity++) {
            int64_t as_of_ms = shop.cutoffs_ms[rng_below(&c.rng, N_CUTOFFS)];
            bool is_known = slow_row(&shop, identity, as_of_ms, wanted);
            bool ok = matrix_customer(shop.diary.log, shop.set, identity, as_of_ms, shop.diary.arena, &row, &err);
            cr_assert_eq(ok, is_known);
            if (ok) cr_assert(memcmp(row, wanted, shop.set->n_features * sizeof *row) == 0);
        }
        shop_close(&shop);
    }
}

static struct question churn_question(const struct shop *shop)
{
    uint32_t goal = 0;
    cr_assert(log_find(shop->diary.log, DICTIONARY_KIND, text_of("order"), &goal));
    return (struct question){ .name = "churn", .kind = QUESTION_CHURN, .goal = "order",
                              .goal_kind = (uint16_t)goal, .horizon_days = 40, .active_days = 60 };
}

/* Orders of the customer, as links join them now or as of an instant, that happened between two others. */
static size_t count_orders(const struct shop *shop, uint32_t identity, int64_t linked_ms, int64_t from_ms,
                           int64_t to_ms, int64_t known_before_ms, int64_t *ret_cents)
{
    uint32_t members[N_CUSTOMERS + 1];
    size_t n_members = identities_members_at(shop->identities, identity, linked_ms, members, N_CUSTOMERS), n = 0;
    *ret_cents = 0;
    for (size_t i = 0; i < shop->diary.n; i++)
        for (size_t m = 0; m < n_members; m++) {
            const struct noted *noted = &shop->diary.noted[i];
            if (noted->identity != members[m] || strcmp(noted->kind, "order") != 0) continue;
            if (noted->time_ms < from_ms || noted->time_ms >= to_ms || known_of(noted) >= known_before_ms)
                continue;
            n++;
            *ret_cents += noted->amount_cents;
        }
    return n;
}

Test(matrix_linked, who_is_asked_and_what_they_did_is_of_the_whole_customer)
{
    EACH_CASE(c, 6) {
        struct shop shop = shop_open(&c.rng);
        struct question question = churn_question(&shop);
        link_some(&shop, &c.rng, 8);
        struct matrix matrix = build(&shop, &question, 2);
        size_t n_asked = 0;
        for (uint16_t cutoff = 0; cutoff < N_CUTOFFS; cutoff++)
            for (uint32_t identity = 1; identity < log_n_names(shop.diary.log, DICTIONARY_IDENTITY); identity++) {
                int64_t as_of_ms = shop.cutoffs_ms[cutoff], cents;
                if (identities_customer_at(shop.identities, identity, as_of_ms) != identity) continue;
                n_asked += count_orders(&shop, identity, as_of_ms, as_of_ms - 60 * MS_PER_DAY, INT64_MAX, as_of_ms,
                                        &cents) > 0;
            }
        cr_assert_eq(matrix.n_rows, n_asked);
        for (size_t row = 0; row < matrix.n_rows; row++) {
            int64_t from_ms = shop.cutoffs_ms[matrix.cutoff[row]], cents;
            size_t n = count_orders(&shop, matrix.identity[row], INT64_MAX, from_ms, from_ms + 40 * MS_PER_DAY,
                                    INT64_MAX, &cents);
            if (isnan(matrix.labels[row])) continue;
            cr_assert_eq(matrix.labels[row], (float)(n == 0));
            cr_assert_eq(matrix.amounts[row], (float)((double)cents / 100));
        }
        shop_close(&shop);
    }
}

static struct history history_of(const struct shop *shop, int64_t as_of_ms, unsigned n_threads)
{
    struct err err;
    struct history history;
    uint32_t goal = 0;
    cr_assert(log_find(shop->diary.log, DICTIONARY_KIND, text_of("order"), &goal));
    const struct history_options options = { .goal_kind = (uint16_t)goal, .as_of_ms = as_of_ms,
                                             .n_threads = n_threads };
    ASSERT_OK(history_read(shop->diary.log, &options, shop->diary.arena, &history, &err), &err);
    return history;
}

static void assert_same_history(const struct history *a, const struct history *b)
{
    size_t n = a->n_customers, n_entries = a->first[n];
    cr_assert_eq(n, b->n_customers);
    cr_assert_arr_eq(a->identity, b->identity, n * sizeof *a->identity);
    cr_assert_arr_eq(a->first, b->first, (n + 1) * sizeof *a->first);
    cr_assert_arr_eq(a->day, b->day, n_entries * sizeof *a->day);
    cr_assert_arr_eq(a->orders, b->orders, n_entries * sizeof *a->orders);
    cr_assert_arr_eq(a->amount_cents, b->amount_cents, n_entries * sizeof *a->amount_cents);
    cr_assert_eq(a->refunded_cents, b->refunded_cents);
    cr_assert_eq(a->refund_left_cents, b->refund_left_cents);
}

Test(matrix_linked, the_order_history_is_of_customers_as_they_were_linked_by_then)
{
    EACH_CASE(c, 6) {
        struct shop shop = shop_open(&c.rng);
        link_some(&shop, &c.rng, 8);
        struct diary *diary = &shop.diary;
        int64_t as_of_ms = shop.cutoffs_ms[rng_below(&c.rng, N_CUTOFFS)];
        struct history got = history_of(&shop, as_of_ms, 2), wanted;
        uint32_t *identity = ARENA_ARRAY(diary->arena, uint32_t, diary->n);
        int32_t *day = ARENA_ARRAY(diary->arena, int32_t, diary->n);
        int64_t *cents = ARENA_ARRAY(diary->arena, int64_t, diary->n);
        size_t n = 0;
        for (size_t i = 0; i < diary->n; i++) {
            const struct noted *noted = &diary->noted[i];
            if (strcmp(noted->kind, "order") != 0 || known_of(noted) >= as_of_ms) continue;
            identity[n] = identities_customer_at(shop.identities, noted->identity, as_of_ms);
            day[n] = (int32_t)calendar_day_of_ms(noted->time_ms);
            cents[n++] = noted->amount_cents;
        }
        history_build(identity, day, cents, n, diary->arena, &wanted);
        assert_same_history(&got, &wanted);
        shop_close(&shop);
    }
}

Test(matrix_linked, a_merge_taken_apart_leaves_no_bit_that_differs_from_a_log_without_it)
{
    EACH_CASE(c, 6) {
        struct rng rng = c.rng, same = c.rng;
        struct shop merged = shop_open(&rng), never = shop_open(&same);
        struct err err;
        link_some(&merged, &rng, 4);
        link_some(&never, &same, 4);
        uint32_t a, b;
        do {
            a = diary_customer(&merged.diary, 1 + (unsigned)rng_below(&rng, N_CUSTOMERS));
            b = diary_customer(&merged.diary, 1 + (unsigned)rng_below(&rng, N_CUSTOMERS));
        } while (!link_two(&merged, a, b, (END_DAY - 390) * MS_PER_DAY));
        struct question question = churn_question(&merged);
        struct matrix during = build(&merged, NULL, 2), without = build(&never, NULL, 2);
        bool is_other = during.n_rows != without.n_rows ||
                        memcmp(during.values, without.values, during.n_rows * during.n_columns * sizeof(float));
        ASSERT_OK(identities_unlink(merged.identities, merged.diary.store, b, a, END_DAY * MS_PER_DAY, &err),
                  &err);
        struct matrix after = build(&merged, &question, 2), wanted = build(&never, &question, 2);
        assert_same(&after, &wanted);
        after = build(&merged, NULL, 2);
        assert_same(&after, &without);
        size_t n;
        (void)identities_members(never.identities, a, &n);
        if (n == 1) cr_assert(is_other, "the merge made no difference");
        struct history got = history_of(&merged, INT64_MAX, 2), plain = history_of(&never, INT64_MAX, 1);
        assert_same_history(&got, &plain);
        shop_close(&merged);
        shop_close(&never);
    }
}
