/* What a correction replaced: as of before it everything is as it was, as of after it as if it had never been. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "feature/history.h"
#include "log/correction.h"

#include <string.h>

enum { END_DAY = 15600, N_CUSTOMERS = 12, N_EVENTS = 300, N_REPLACED = 60 };

/* Events with messages of their own, and corrections of some of them, received on the correction day. */
struct corrected {
    struct noted noted[N_EVENTS];
    bool         is_replaced[N_EVENTS];
    int64_t      corrected_ms;
};

static void append_all(struct diary *diary, const struct corrected *all, bool is_replaced_left_out,
                       bool has_corrections)
{
    struct err err;
    struct noted noted[N_EVENTS + N_REPLACED];
    uint64_t messages[N_EVENTS + N_REPLACED];
    size_t n = 0;
    for (size_t i = 0; i < N_EVENTS; i++) {
        if (is_replaced_left_out && all->is_replaced[i]) continue;
        messages[n] = 1000 + i;
        noted[n++] = all->noted[i];
    }
    for (size_t i = 0; has_corrections && i < N_EVENTS; i++) {
        if (!all->is_replaced[i]) continue;
        noted[n] = (struct noted){ .kind = LOG_CORRECTION, .item = "", .properties = "",
                                   .identity = all->noted[i].identity, .time_ms = all->noted[i].time_ms,
                                   .received_ms = all->corrected_ms };
        messages[n++] = log_correction_of(1000 + i);
    }
    struct events events = diary_events(diary, noted, n, diary->arena);
    memcpy(events.message_hash, messages, n * sizeof *messages);
    ASSERT_OK(store_begin(diary->store, &err), &err);
    ASSERT_OK(log_append(diary->log, &events, &err), &err);
    ASSERT_OK(store_commit(diary->store, &err), &err);
}

static struct corrected make(struct diary *diary, struct rng *rng)
{
    struct corrected all = { .corrected_ms = (END_DAY - 100) * MS_PER_DAY };
    size_t n_replaced = 0;
    for (size_t i = 0; i < N_EVENTS; i++) {
        all.noted[i] = diary_random(diary, rng, N_CUSTOMERS, END_DAY * MS_PER_DAY, 400, true);
        all.is_replaced[i] = n_replaced < N_REPLACED && all.noted[i].received_ms < all.corrected_ms &&
                             rng_below(rng, 3) == 0;
        n_replaced += all.is_replaced[i];
    }
    return all;
}

static struct matrix build(const struct diary *diary, const struct feature_set *set, const int64_t *cutoffs_ms,
                           size_t n)
{
    struct err err;
    struct matrix matrix = { 0 };
    ASSERT_OK(matrix_build(diary->log, set, NULL, cutoffs_ms, n, 1, 2, diary->arena, &matrix, &err), &err);
    return matrix;
}

/* The rows of one cutoff of a matrix of several are those of another matrix. */
static void assert_rows(const struct matrix *all, uint16_t cutoff, const struct matrix *wanted)
{
    size_t at = 0;
    while (at < all->n_rows && all->cutoff[at] != cutoff) at++;
    for (size_t row = 0; row < wanted->n_rows; row++) {
        cr_assert(at + row < all->n_rows && all->cutoff[at + row] == cutoff);
        cr_assert_eq(all->identity[at + row], wanted->identity[row]);
        cr_assert(memcmp(all->values + (at + row) * all->n_columns, wanted->values + row * wanted->n_columns,
                         wanted->n_columns * sizeof(float)) == 0,
                  "row %zu of cutoff %u (seed %llu)", row, cutoff, (unsigned long long)support_seed());
    }
}

Test(corrected, rows_are_as_they_were_before_the_correction_and_as_if_it_had_never_been_after_it)
{
    EACH_CASE(c, 4) {
        struct diary with = diary_open(), before = diary_open(), after = diary_open();
        struct feature_set *set = diary_full_set(&with), *set_before = diary_full_set(&before),
                           *set_after = diary_full_set(&after);
        for (unsigned i = 1; i <= N_CUSTOMERS; i++)
            (void)diary_customer(&before, i), (void)diary_customer(&after, i), (void)diary_customer(&with, i);
        struct corrected all = make(&with, &c.rng);
        append_all(&with, &all, false, true);
        append_all(&before, &all, false, false);
        append_all(&after, &all, true, false);
        const int64_t cutoffs_ms[] = { (END_DAY - 200) * MS_PER_DAY, all.corrected_ms, all.corrected_ms + 1,
                                       END_DAY * MS_PER_DAY };
        struct matrix matrix = build(&with, set, cutoffs_ms, 4);
        for (uint16_t i = 0; i < 4; i++) {
            bool is_after = cutoffs_ms[i] > all.corrected_ms;
            struct matrix wanted = is_after ? build(&after, set_after, &cutoffs_ms[i], 1)
                                            : build(&before, set_before, &cutoffs_ms[i], 1);
            assert_rows(&matrix, i, &wanted);
        }
        diary_close(&with), diary_close(&before), diary_close(&after);
    }
}

Test(corrected, orders_count_in_the_history_until_they_are_replaced)
{
    struct err err;
    struct diary diary = diary_open();
    struct corrected all = { .corrected_ms = 15100 * MS_PER_DAY };
    for (size_t i = 0; i < N_EVENTS; i++)
        all.noted[i] = (struct noted){ .kind = "order", .item = "", .properties = "", .amount_cents = 100,
                                       .identity = diary_customer(&diary, 1 + (unsigned)(i % 3)),
                                       .time_ms = 15000 * MS_PER_DAY, .received_ms = 15000 * MS_PER_DAY };
    for (size_t i = 0; i < N_REPLACED; i++) all.is_replaced[i] = true;
    append_all(&diary, &all, false, true);
    uint32_t kind = 0;
    cr_assert(log_find(diary.log, DICTIONARY_KIND, text_of("order"), &kind));
    const int64_t instants_ms[] = { all.corrected_ms, all.corrected_ms + 1 };
    for (size_t i = 0; i < 2; i++) {
        struct history history;
        struct history_options options = { .goal_kind = (uint16_t)kind, .as_of_ms = instants_ms[i], .n_threads = 1 };
        ASSERT_OK(history_read(diary.log, &options, diary.arena, &history, &err), &err);
        uint32_t n = 0;
        for (size_t entry = 0; entry < history.first[history.n_customers]; entry++) n += history.orders[entry];
        cr_assert_eq(n, i == 0 ? N_EVENTS : N_EVENTS - N_REPLACED);
    }
    diary_close(&diary);
}
