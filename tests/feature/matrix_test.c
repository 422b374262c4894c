/* The matrix: as of an instant, nothing of the future, the same for any number of threads. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <string.h>

enum { END_DAY = 15600, N_CUSTOMERS = 25 };

static void fill(struct diary *diary, struct rng *rng, size_t n, int64_t end_ms, int64_t n_days)
{
    struct noted *noted = ARENA_ARRAY(diary->arena, struct noted, n);
    for (size_t i = 0; i < n; i++) noted[i] = diary_random(diary, rng, N_CUSTOMERS, end_ms, n_days, true);
    diary_append(diary, noted, n);
}

static struct matrix build(const struct diary *diary, const struct feature_set *set,
                           const struct question *question, const int64_t *cutoffs_ms, size_t n_cutoffs,
                           unsigned n_threads)
{
    struct err err;
    struct matrix matrix = { 0 };
    ASSERT_OK(matrix_build(diary->log, set, question, cutoffs_ms, n_cutoffs, 1, n_threads, diary->arena,
                           &matrix, &err), &err);
    return matrix;
}

static void assert_same(const struct matrix *a, const struct matrix *b)
{
    cr_assert_eq(a->n_rows, b->n_rows);
    cr_assert(memcmp(a->values, b->values, a->n_rows * a->n_columns * sizeof(float)) == 0);
    cr_assert(memcmp(a->labels, b->labels, a->n_rows * sizeof(float)) == 0);
    cr_assert(memcmp(a->amounts, b->amounts, a->n_rows * sizeof(float)) == 0);
    cr_assert(memcmp(a->identity, b->identity, a->n_rows * sizeof(uint32_t)) == 0);
    cr_assert(memcmp(a->cutoff, b->cutoff, a->n_rows * sizeof(uint16_t)) == 0);
}

static struct question churn_question(const struct diary *diary, enum question_kind kind)
{
    uint32_t goal = 0;
    cr_assert(log_find(diary->log, DICTIONARY_KIND, text_of("order"), &goal));
    return (struct question){ .name = "churn", .kind = kind, .goal = "order", .goal_kind = (uint16_t)goal,
                              .horizon_days = 40,
                              .active_days = 60 };
}

Test(matrix, every_row_equals_its_definition_at_every_cutoff)
{
    EACH_CASE(c, 6) {
        struct diary diary = diary_open();
        struct feature_set *set = diary_full_set(&diary);
        fill(&diary, &c.rng, 600, END_DAY * MS_PER_DAY, 500);
        fill(&diary, &c.rng, 200, END_DAY * MS_PER_DAY, 400);
        int64_t cutoffs_ms[4];
        for (int i = 0; i < 4; i++)
            cutoffs_ms[i] = (END_DAY - 300 + 80 * i) * MS_PER_DAY + (int64_t)rng_below(&c.rng, 5000);
        struct matrix matrix = build(&diary, set, NULL, cutoffs_ms, 4, 2);
        for (size_t row = 0; row < matrix.n_rows; row++) {
            if (row > 0)
                cr_assert(matrix.cutoff[row - 1] < matrix.cutoff[row] ||
                          matrix.identity[row - 1] < matrix.identity[row]);
            for (size_t i = 0; i < matrix.n_columns; i++) {
                double slow = slow_feature(set, i, diary.noted, diary.n, matrix.identity[row],
                                           cutoffs_ms[matrix.cutoff[row]]);
                double got = (double)matrix.values[row * matrix.n_columns + i];
                cr_assert(is_close(got, slow, 2e-6), "%s is %.9g, by its definition %.9g (seed %llu)",
                          set->names[i], got, slow, (unsigned long long)support_seed());
            }
        }
        diary_close(&diary);
    }
}

Test(matrix, events_received_or_happened_at_or_after_an_instant_never_change_features_at_it)
{
    EACH_CASE(c, 8) {
        struct diary diary = diary_open();
        struct feature_set *set = diary_full_set(&diary);
        int64_t cutoff_ms = (END_DAY - 200) * MS_PER_DAY;
        fill(&diary, &c.rng, 300, END_DAY * MS_PER_DAY, 500);
        struct matrix before = build(&diary, set, NULL, &cutoff_ms, 1, 1);
        struct noted *later = ARENA_ARRAY(diary.arena, struct noted, 200);
        for (size_t i = 0; i < 200; i++) {
            later[i] = diary_random(&diary, &c.rng, N_CUSTOMERS, END_DAY * MS_PER_DAY, 500, false);
            later[i].received_ms = i == 0 ? cutoff_ms : cutoff_ms
                + (int64_t)rng_below(&c.rng, 100 * (uint64_t)MS_PER_DAY);
            if (i % 3 == 0)
                later[i].time_ms = later[i].received_ms, later[i].received_ms -= rng_below(&c.rng, 2) ? 5 : 0;
            if (later[i].time_ms < cutoff_ms && later[i].received_ms < cutoff_ms)
                later[i].received_ms = cutoff_ms;
        }
        diary_append(&diary, later, 200);
        struct matrix after = build(&diary, set, NULL, &cutoff_ms, 1, 1);
        assert_same(&before, &after);
        diary_close(&diary);
    }
}

Test(matrix, it_is_the_same_for_any_number_of_threads_and_after_compaction)
{
    struct err err;
    struct rng rng = rng_new(3);
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    for (int i = 0; i < 5; i++) fill(&diary, &rng, 100, END_DAY * MS_PER_DAY, 500);
    int64_t cutoffs_ms[2] = { (END_DAY - 200) * MS_PER_DAY, (END_DAY - 60) * MS_PER_DAY };
    struct question question = churn_question(&diary, QUESTION_CHURN);
    struct matrix one = build(&diary, set, &question, cutoffs_ms, 2, 1),
        many = build(&diary, set, &question, cutoffs_ms, 2, 7);
    assert_same(&one, &many);
    ASSERT_OK(log_compact(diary.log, &err), &err);
    many = build(&diary, set, &question, cutoffs_ms, 2, 2);
    assert_same(&one, &many);
    diary_close(&diary);
}

/* What is asked and answered, straight from the definition. */
struct answer { bool is_asked; double n, amount; };

static struct answer slow_answer(const struct diary *diary, const struct question *question,
                                 uint32_t identity, int64_t cutoff_ms)
{
    struct answer answer = { 0 };
    for (size_t i = 0; i < diary->n; i++) {
        const struct noted *noted = &diary->noted[i];
        if (noted->identity != identity) continue;
        bool is_goal = strcmp(noted->kind, question->goal) == 0;
        bool is_known = noted->time_ms < cutoff_ms && noted->received_ms < cutoff_ms;
        if (is_known && noted->time_ms >= cutoff_ms - question->active_days * MS_PER_DAY)
            answer.is_asked |= is_goal || question->kind == QUESTION_EVENT;
        if (!is_goal || noted->time_ms < cutoff_ms || noted->time_ms >= cutoff_ms
            + question->horizon_days * MS_PER_DAY)
            continue;
        answer.n++;
        answer.amount += (double)noted->amount_cents / 100;
    }
    return answer;
}

Test(matrix, who_is_asked_and_what_is_answered_follow_the_question)
{
    static const enum question_kind kinds[] = { QUESTION_CHURN, QUESTION_EVENT, QUESTION_SPEND };
    EACH_CASE(c, 6) {
        struct diary diary = diary_open();
        struct feature_set *set = diary_full_set(&diary);
        fill(&diary, &c.rng, 250, END_DAY * MS_PER_DAY, 400);
        struct question question = churn_question(&diary, kinds[c.index % 3]);
        int64_t cutoffs_ms[2] = { (END_DAY - 250) * MS_PER_DAY + 7, (END_DAY - 60) * MS_PER_DAY };
        struct matrix matrix = build(&diary, set, &question, cutoffs_ms, 2, 1);
        size_t row = 0;
        for (uint16_t cutoff = 0; cutoff < 2; cutoff++)
            for (uint32_t identity = 1; identity < log_n_names(diary.log, DICTIONARY_IDENTITY); identity++) {
                struct answer answer = slow_answer(&diary, &question, identity, cutoffs_ms[cutoff]);
                if (!answer.is_asked) continue;
                cr_assert(row < matrix.n_rows && matrix.identity[row] == identity &&
                          matrix.cutoff[row] == cutoff);
                double label = question.kind == QUESTION_SPEND ? answer.amount
                             : question.kind == QUESTION_CHURN ? answer.n == 0 : answer.n > 0;
                ASSERT_NEAR(matrix.labels[row], label, 1e-6 * (1 + fabs(label)));
                ASSERT_NEAR(matrix.amounts[row], answer.amount, 1e-6 * (1 + fabs(answer.amount)));
                row++;
            }
        cr_assert_eq(row, matrix.n_rows);
        diary_close(&diary);
    }
}

Test(matrix, a_label_counts_what_happens_at_the_instant_and_not_at_the_end_of_the_horizon)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    int64_t cutoff_ms = 15000 * MS_PER_DAY, end_ms = cutoff_ms + 40 * MS_PER_DAY;
    const struct { int64_t time_ms; float label; } orders[] = {
        { cutoff_ms - 1, 0 }, { cutoff_ms, 1 }, { end_ms - 1, 1 }, { end_ms, 0 },
    };
    struct noted noted[8];
    for (unsigned i = 0; i < 4; i++) {
        uint32_t identity = diary_customer(&diary, i + 1);
        int64_t before_ms = cutoff_ms - 10 * MS_PER_DAY;
        noted[2 * i] = (struct noted){ .kind = "order", .item = "", .properties = "", .identity = identity,
                                       .time_ms = before_ms, .received_ms = before_ms };
        noted[2 * i + 1] = noted[2 * i];
        noted[2 * i + 1].time_ms = noted[2 * i + 1].received_ms = orders[i].time_ms;
    }
    diary_append(&diary, noted, 8);
    struct question question = churn_question(&diary, QUESTION_EVENT);
    struct matrix matrix = build(&diary, set, &question, &cutoff_ms, 1, 1);
    cr_assert_eq(matrix.n_rows, 4);
    for (size_t row = 0; row < 4; row++)
        for (size_t i = 0; i < 4; i++)
            if (noted[2 * i].identity == matrix.identity[row])
                cr_assert_eq(matrix.labels[row], orders[i].label, "the order %zu", i);
    diary_close(&diary);
}

Test(matrix, a_label_is_unknown_where_the_history_ends_before_the_horizon)
{
    struct rng rng = rng_new(5);
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    fill(&diary, &rng, 250, END_DAY * MS_PER_DAY, 400);
    struct question question = churn_question(&diary, QUESTION_CHURN);
    int64_t cutoff_ms = (END_DAY - 30) * MS_PER_DAY;
    struct matrix matrix = build(&diary, set, &question, &cutoff_ms, 1, 1);
    for (size_t row = 0; row < matrix.n_rows; row++)
        cr_assert(isnan(matrix.labels[row]) && isnan(matrix.amounts[row]));
    diary_close(&diary);
}

Test(matrix, nobody_without_an_identity_is_asked)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct noted noted[2] = {
        { .kind = "order", .item = "", .properties = "", .time_ms = 15000 * MS_PER_DAY,
          .received_ms = 15000 * MS_PER_DAY },
        { .kind = "order", .item = "", .properties = "", .time_ms = 15000 * MS_PER_DAY,
          .received_ms = 15000 * MS_PER_DAY,
          .identity = diary_customer(&diary, 1) } };
    diary_append(&diary, noted, 2);
    int64_t cutoff_ms = 15001 * MS_PER_DAY;
    struct matrix matrix = build(&diary, set, NULL, &cutoff_ms, 1, 1);
    cr_assert_eq(matrix.n_rows, 1);
    cr_assert_eq(matrix.identity[0], noted[1].identity);
    diary_close(&diary);
}

Test(matrix, one_customers_row_equals_the_row_in_the_matrix)
{
    struct err err;
    struct rng rng = rng_new(9);
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    fill(&diary, &rng, 400, END_DAY * MS_PER_DAY, 400);
    int64_t cutoff_ms = (END_DAY - 100) * MS_PER_DAY;
    struct matrix matrix = build(&diary, set, NULL, &cutoff_ms, 1, 1);
    for (size_t row = 0; row < matrix.n_rows; row++) {
        float *alone;
        ASSERT_OK(matrix_customer(diary.log, set, matrix.identity[row], cutoff_ms, diary.arena, &alone,
                                  &err), &err);
        cr_assert(memcmp(alone, matrix.values + row * matrix.n_columns, matrix.n_columns * sizeof(float)) == 0);
    }
    float *row;
    ASSERT_FAILS(matrix_customer(diary.log, set, 1, 0, diary.arena, &row, &err), &err, ERR_MISSING,
                 "nothing is known");
    diary_close(&diary);
}

Test(matrix, when_nobody_is_asked_it_is_refused_or_empty)
{
    struct err err;
    struct rng rng = rng_new(9);
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    fill(&diary, &rng, 20, END_DAY * MS_PER_DAY, 100);
    struct question question = churn_question(&diary, QUESTION_CHURN);
    int64_t cutoff_ms = (END_DAY - 300) * MS_PER_DAY;
    struct matrix matrix;
    ASSERT_FAILS(matrix_build(diary.log, set, &question, &cutoff_ms, 1, 1, 1, diary.arena, &matrix, &err),
                 &err, ERR_REFUSED, "no customer is asked");
    ASSERT_OK(matrix_score(diary.log, set, &question, cutoff_ms, 1, diary.arena, &matrix, &err), &err);
    cr_assert_eq(matrix.n_rows, 0);
    diary_close(&diary);
}

Test(matrix, only_those_of_whom_the_predicate_is_true_are_asked)
{
    struct err err;
    struct rng rng = rng_new(4);
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    fill(&diary, &rng, 600, END_DAY * MS_PER_DAY, 300);
    struct question question = churn_question(&diary, QUESTION_CHURN);
    int64_t cutoffs_ms[2] = { (END_DAY - 150) * MS_PER_DAY, (END_DAY - 60) * MS_PER_DAY };
    struct matrix all = build(&diary, set, &question, cutoffs_ms, 2, 2);
    question.who = "order_count >= 5 AND age > 30";
    struct matrix some = build(&diary, set, &question, cutoffs_ms, 2, 2);
    size_t orders = 0, age = 0, at = 0;
    cr_assert(feature_find(set, "order_count", &orders) && feature_find(set, "age", &age));
    for (size_t row = 0; row < all.n_rows; row++) {
        const float *values = all.values + row * all.n_columns;
        if (!(values[orders] >= 5 && values[age] > 30)) continue;
        cr_assert(at < some.n_rows && some.identity[at] == all.identity[row] &&
                  some.cutoff[at] == all.cutoff[row]);
        cr_assert(memcmp(some.values + at * some.n_columns, values, all.n_columns * sizeof(float)) == 0);
        cr_assert_eq(some.labels[at], all.labels[row]);
        at++;
    }
    cr_assert(at == some.n_rows && at > 0 && at < all.n_rows);
    question.who = "no_such_feature > 1";
    ASSERT_FAILS(matrix_build(diary.log, set, &question, cutoffs_ms, 2, 1, 1, diary.arena, &some, &err), &err,
                 ERR_INVALID, "who is asked");
    diary_close(&diary);
}

Test(matrix, a_label_that_is_set_once_is_the_first_one_until_it_is_set)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    int64_t time_ms = 15000 * MS_PER_DAY, cutoff_ms = time_ms + 10;
    static const char *const said[] = { "{\"$set_once.left\":null}", "{\"$set_once.left\":\"yes\"}",
                                        "{\"$set_once.left\":\"no\"}", "{\"left\":\"no\"}",
                                        "{\"$set_once.left\":\"yes\"}" };
    const struct question question = { .kind = QUESTION_TRAIT, .target = "left", .yes = "yes" };
    for (int i = 0; i < 5; i++) {
        struct noted noted = { .kind = "traits", .item = "", .properties = said[i], .received_ms = time_ms + i,
                               .time_ms = time_ms + i, .identity = diary_customer(&diary, 1) };
        diary_append(&diary, &noted, 1);
        struct matrix matrix = build(&diary, set, &question, &cutoff_ms, 1, 1);
        if (i == 0) cr_assert(isnan(matrix.labels[0]), "nothing is said");
        else cr_assert_eq(matrix.labels[0], i < 3, "after %d", i);
    }
    diary_close(&diary);
}

/* A customer's plan as of an instant. */
static double age_at(const struct diary *diary, const struct feature_set *set, int64_t cutoff_ms)
{
    size_t age = 0;
    struct matrix matrix = build(diary, set, NULL, &cutoff_ms, 1, 1);
    cr_assert(feature_find(set, "age", &age));
    return (double)matrix.values[age];
}

Test(matrix, of_two_traits_the_one_that_happened_later_counts_and_of_equals_the_one_appended_later)
{
    struct err err;
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    int64_t time_ms = 15000 * MS_PER_DAY;
    static const char *const ages[] = { "{\"age\":30}", "{\"age\":20}", "{\"age\":50}" };
    static const int64_t before_ms[] = { 0, 0, 3 };
    for (int i = 0; i < 3; i++) {
        struct noted noted = { .kind = "traits", .item = "", .properties = ages[i], .received_ms = time_ms + i,
                               .time_ms = time_ms - before_ms[i],
                               .identity = diary_customer(&diary, 1) };
        diary_append(&diary, &noted, 1);
        if (i == 1) ASSERT_OK(log_compact(diary.log, &err), &err);
    }
    cr_assert_eq(age_at(&diary, set, time_ms + 1), 30);
    cr_assert_eq(age_at(&diary, set, time_ms + 10), 20, "the third arrived late and says what was before");
    diary_close(&diary);
}
