/* Events by which customers leave: which are taken for one, whom the question then asks, and what counts as yes. */
#include "feature_support.h"

#include "base/calendar.h"
#include "feature/churn_event.h"
#include "feature/history.h"

enum { CUSTOMERS = 90, DAYS = 360, GAP = 20 };

static const int64_t begin_ms = INT64_C(15000) * MS_PER_DAY;

static void add(struct diary *diary, unsigned customer, const char *kind, int64_t day)
{
    const struct noted noted = { .time_ms = begin_ms + day * MS_PER_DAY, .received_ms = begin_ms + day * MS_PER_DAY,
                                 .amount_cents = 1000, .identity = diary_customer(diary, customer), .kind = kind,
                                 .item = "", .properties = "" };
    diary_append(diary, &noted, 1);
}

/* Everybody pays every 20 days, and has looked once; of three customers one has the event on day 50 + 3 c, and pays no more if it is
 * what they leave by. */
static void add_customers(struct diary *diary, const char *kind, bool is_leaving)
{
    for (unsigned c = 0; c < CUSTOMERS; c++) {
        int64_t left_day = c % 3 == 0 ? 50 + 3 * (int64_t)c : DAYS;
        add(diary, c + 1, "seen", c % 10);
        for (int64_t day = c % GAP; day < (is_leaving ? left_day : DAYS); day += GAP) add(diary, c + 1, "payment", day);
        if (left_day < DAYS) add(diary, c + 1, kind, left_day);
    }
}

static struct question asked(struct diary *diary, const char *left)
{
    struct err err;
    struct question question;
    const struct question_options options = { .left = left };
    ASSERT_OK(question_choose(diary->log, &options, diary->arena, &question, &err), &err);
    return question;
}

Test(churn_event, customers_who_have_cancelled_are_not_asked_whether_they_will)
{
    struct diary diary = diary_open();
    add_customers(&diary, "Kündigung", true);
    struct question question = asked(&diary, NULL);
    cr_assert_eq(question.n_left, 1);
    cr_assert_str_eq(question.left[0], "Kündigung");
    cr_assert_str_eq(question_besides(&question, diary.arena), " and no 'Kündigung' since");
    cr_assert(strstr(question.why, "(0 of 30 came back; --left none asks them, too)"), "%s", question.why);
    cr_assert(strstr(question_asks(&question, diary.arena), ", or leave by 'Kündigung'"));
    cr_assert_str_eq(question_past(&question, diary.arena), "left");
    question = asked(&diary, "none");
    cr_assert_eq(question.n_left, 0);
    cr_assert_str_eq(question_besides(&question, diary.arena), "");
    diary_close(&diary);
}

Test(churn_event, who_comes_back_after_it_has_not_left_by_it)
{
    struct diary diary = diary_open();
    add_customers(&diary, "cancelled", false);
    cr_assert_eq(asked(&diary, NULL).n_left, 0);
    diary_close(&diary);
}

Test(churn_event, an_order_that_is_cancelled_or_a_letter_no_longer_wanted_is_not_a_customer_who_leaves)
{
    static const char *const kinds[] = { "order_cancelled", "unsubscribe" };
    for (size_t i = 0; i < 2; i++) {
        struct diary diary = diary_open();
        add_customers(&diary, kinds[i], true);
        cr_assert_eq(asked(&diary, NULL).n_left, 0);
        diary_close(&diary);
    }
}

Test(churn_event, lines_of_an_order_say_no_more_of_who_leaves_than_the_order)
{
    struct diary diary = diary_open();
    add_customers(&diary, "order_cancelled_item", true);
    struct question question = asked(&diary, NULL);
    cr_assert(question.n_left == 0 && !strstr(question.why, "_item"), "%s", question.why);
    diary_close(&diary);
}

Test(churn_event, an_event_of_an_unknown_word_after_which_nobody_comes_back_is_told_and_taken_only_when_named)
{
    struct diary diary = diary_open();
    add_customers(&diary, "goodbye", true);
    struct question question = asked(&diary, NULL);
    cr_assert_eq(question.n_left, 0);
    cr_assert(strstr(question.why, "After 'goodbye' 0 of 30 customers had another 'payment'"), "%s", question.why);
    question = asked(&diary, "goodbye");
    cr_assert(question.n_left == 1 && question_is_left(&question, question.left_kind[0]));
    cr_assert(strstr(question.why, "Who has had 'goodbye' since the last 'payment' has left already"), "%s", question.why);
    struct err err;
    const struct question_options wrong = { .left = "goodby" };
    ASSERT_FAILS(question_choose(diary.log, &wrong, diary.arena, &question, &err), &err, ERR_MISSING, "goodbye");
    const struct question_options goal = { .left = "payment" };
    ASSERT_FAILS(question_choose(diary.log, &goal, diary.arena, &question, &err), &err, ERR_INVALID, "is the goal");
    const struct question_options spend = { .name = "spend", .left = "goodbye" };
    ASSERT_FAILS(question_choose(diary.log, &spend, diary.arena, &question, &err), &err, ERR_INVALID,
                 "belongs to a question of churn");
    diary_close(&diary);
}

Test(churn_event, a_row_is_asked_until_its_customer_leaves_and_a_payment_before_it_does_not_make_them_stay)
{
    struct err err;
    struct diary diary = diary_open();
    add_customers(&diary, "account_closed", true);
    struct question question = asked(&diary, NULL);
    question.horizon_days = 60;
    const struct feature_options options = { .goal = question.goal, .kinds = question.left, .n_kinds = question.n_left };
    struct feature_set *set;
    struct matrix matrix;
    int64_t cutoffs_ms[] = { begin_ms + 120 * MS_PER_DAY, begin_ms + 200 * MS_PER_DAY };
    ASSERT_OK(feature_set_generate(diary.log, &options, diary.arena, &set, &err), &err);
    question.who = churn_events_none_since(set, question.goal, question.left, question.n_left, diary.arena);
    cr_assert(question.who);
    ASSERT_OK(matrix_build(diary.log, set, &question, cutoffs_ms, 2, 1, 2, diary.arena, &matrix, &err), &err);
    size_t n_asked = 0, n_yes = 0;
    for (size_t i = 0; i < 2; i++) {
        int64_t cutoff_day = i == 0 ? 120 : 200;
        for (unsigned c = 0; c < CUSTOMERS; c++) {
            int64_t left_day = c % 3 == 0 ? 50 + 3 * (int64_t)c : DAYS;
            if (left_day < cutoff_day) continue;
            n_asked++;
            n_yes += left_day < cutoff_day + 60;
        }
    }
    double yes = 0;
    for (size_t row = 0; row < matrix.n_rows; row++) yes += (double)matrix.labels[row];
    for (size_t row = 0; row < matrix.n_rows; row++) {
        bool is_asked;
        const float *values = matrix.values + row * matrix.n_columns;
        ASSERT_OK(matrix_row_is_asked(&question, set, values, &is_asked, &err), &err);
        cr_assert(is_asked);
    }
    cr_assert_eq(matrix.n_rows, n_asked, "%zu asked of %zu", matrix.n_rows, n_asked);
    cr_assert_eq((size_t)yes, n_yes, "%g left of %zu", yes, n_yes);
    diary_close(&diary);
}

Test(churn_event, however_many_events_happen_once_those_that_are_named_for_it_are_looked_at)
{
    struct diary diary = diary_open();
    for (unsigned k = 0; k < 12; k++)
        for (unsigned c = 0; c < CUSTOMERS / 2; c++) add(&diary, c + 1, arena_format(diary.arena, "once_%u", k), k);
    add_customers(&diary, "subscription_cancelled", true);
    struct question question = asked(&diary, NULL);
    cr_assert_eq(question.n_left, 1);
    cr_assert_str_eq(question.left[0], "subscription_cancelled");
    diary_close(&diary);
}

Test(churn_event, the_history_knows_who_had_left_by_it_and_who_has_come_again)
{
    struct diary diary = diary_open();
    struct err err;
    struct history history;
    uint32_t payment, cancelled;
    static const struct { unsigned customer; const char *kind; int64_t day; } deeds[] = {
        { 1, "payment", 10 }, { 1, "cancelled", 20 },                               /* has left */
        { 2, "payment", 10 }, { 2, "cancelled", 20 }, { 2, "payment", 30 },         /* has come again */
        { 3, "payment", 10 },                                                       /* never left */
        { 4, "cancelled", 5 }, { 4, "payment", 10 }, { 4, "cancelled", 40 }, { 4, "cancelled", 50 },
        { 5, "payment", 10 }, { 5, "cancelled", 10 },                               /* of one instant: has left */
        { 6, "cancelled", 10 },                                                     /* was never a customer */
    };
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) add(&diary, deeds[i].customer, deeds[i].kind, deeds[i].day);
    cr_assert(log_find(diary.log, DICTIONARY_KIND, text_of("payment"), &payment) &&
              log_find(diary.log, DICTIONARY_KIND, text_of("cancelled"), &cancelled));
    const uint16_t left[] = { (uint16_t)cancelled };
    struct history_options options = { .goal_kind = (uint16_t)payment, .as_of_ms = INT64_MAX, .left_kind = left, .n_left = 1 };
    ASSERT_OK(history_read(diary.log, &options, diary.arena, &history, &err), &err);
    cr_assert_eq(history.n_customers, 5);
    static const bool is_left_by_day[][5] = { { 0, 0, 0, 0, 1 }, { 1, 1, 0, 0, 1 }, { 1, 0, 0, 0, 1 }, { 1, 0, 0, 1, 1 } };
    static const int32_t days[] = { 15, 25, 35, 45 };
    for (size_t d = 0; d < 4; d++)
        for (size_t c = 0; c < 5; c++)
            cr_assert_eq(history_has_left(&history, c, 15000 + days[d]), is_left_by_day[d][c], "customer %zu, day %d", c + 1,
                         days[d]);
    cr_assert(!history_has_left(&history, 4, 15000 + 9), "before the first payment nobody can have left");
    options.n_left = 0;
    ASSERT_OK(history_read(diary.log, &options, diary.arena, &history, &err), &err);
    for (size_t c = 0; c < 5; c++) cr_assert(!history_has_left(&history, c, 15000 + 60));
    diary_close(&diary);
}
