/* The value work on CDNOW against published numbers, refusals, and identities of discounting. */
#include "support.h"

#include "math/draw.h"
#include "model/value.h"
#include "shops.h"

static int32_t day_of(int year, int month, int day)
{
    return (int32_t)calendar_day((struct civil){ year, month, day });
}

static struct value_options cdnow_options(void)
{
    return (struct value_options){
        day_of(1998, 6, 30), day_of(1997, 9, 30), UNIT_WEEK, 365, 0.1, 2, false, false, "USD"
    };
}

Test(value, cdnow_has_the_published_fit_and_holdout_by_frequency)
{
    static const double actual[8] = {
        .2367116, .6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375
    };
    static const double expected[8] = { .2250893, .5231364, 1.044126, 1.520256,
                                        2.163824, 2.653789, 3.503957, 6.157036 };
    static const size_t customers[8] = { 1411, 439, 214, 100, 62, 38, 29, 64 };
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct value_options options = cdnow_options();
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    ASSERT_NEAR(value.calibration.bgnbd.log_likelihood, -9582.4292, 1e-3);
    ASSERT_NEAR(value.calibration_spend.log_likelihood, -4055.9177, 1e-3);
    ASSERT_NEAR(value.spend_correlation, .113884, 1e-5);
    cr_assert_eq(value.holdout_actual, 1882);
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(value.by_frequency[i].customers, customers[i]);
        ASSERT_NEAR(value.by_frequency[i].actual, actual[i], 1e-6);
        ASSERT_NEAR(value.by_frequency[i].expected, expected[i], 2e-4);
    }
    cr_assert_null(value.refusal);
    cr_assert(value.holdout_error < value.naive_error);
    arena_free(arena);
}

Test(value, cdnow_tracks_the_published_weeks)
{
    static const double actual[6] = { 73, 55, 70, 33, 56, 99 };
    static const double expected[6] = { 76.86531, 74.88843, 73.04554, 71.32166, 69.70412, 68.18213 };
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct value_options options = cdnow_options();
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert_eq(value.n_tracking, 78);
    for (int i = 0; i < 6; i++) {
        ASSERT_NEAR(value.tracking[19 + i].actual, actual[i], 0);
        ASSERT_NEAR(value.tracking[19 + i].expected, expected[i], .02);
    }
    ASSERT_NEAR(value.tracking[19].actual_total, 1359, 0);
    ASSERT_NEAR(value.tracking[19].expected_total, 1312.458, .3);
    ASSERT_NEAR(value.tracking[24].expected_total, 1669.6, .3);
    arena_free(arena);
}

Test(value, twelve_month_value_of_cdnow_customers_is_the_published_one)
{
    static const double want[7] = { 140.096211, 18.943467,   38.180574, 38.180574,
                                    38.180574,  1003.868107, 28.109683 };
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    int32_t end = day_of(1997, 9, 30);
    struct summary s;
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 7, end, end }, arena, &s);
    static const struct bgnbd model = { .2425945, 4.4136019, .7929199, 2.4258881, false };
    static const struct gamma_gamma spend = { 6.25, 3.74, 15.44 };
    for (size_t i = 0; i < 7; i++) {
        double got = value_discounted(&model, &spend, s.frequency[i], s.recency[i], s.age[i], s.monetary[i], 30,
                                      12, .01);
        ASSERT_NEAR(got / want[i], 1, .002);
    }
    arena_free(arena);
}

Test(value, discounting_by_nothing_keeps_and_by_one_halves_a_single_step)
{
    static const struct bgnbd model = { .5, 5, .8, 2.5, false };
    static const struct gamma_gamma spend = { 6, 4, 15 };
    EACH_CASE(c, 100) {
        double age = 1 + 50 * rng_uniform(&c.rng), recency = age * rng_uniform(&c.rng),
               f = 1 + (double)rng_below(&c.rng, 9);
        double full = bgnbd_expected_after(&model, f, recency, age, 4) * gamma_gamma_expected(&spend, f, 30);
        ASSERT_NEAR(value_discounted(&model, &spend, f, recency, age, 30, 4, 1, 0), full, 1e-9 * full);
        ASSERT_NEAR(value_discounted(&model, &spend, f, recency, age, 30, 4, 1, 1), full / 2, 1e-9 * full);
        ASSERT_NEAR(value_discounted(&model, &spend, f, recency, age, 30, 1, 4, 0), full, 1e-9 * full);
    }
}

Test(value, numbers_per_customer_keep_their_bounds_and_sum_to_the_totals)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct value_options options = cdnow_options();
    struct value_model value, undiscounted;
    struct err err;
    double orders = 0;
    int64_t cents = 0;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert_eq(value.n_customers, history.n_customers);
    for (size_t i = 0; i < value.n_customers; i++) {
        cr_assert(value.p_alive[i] >= 0 && value.p_alive[i] <= 1);
        cr_assert(value.expected_orders[i] >= 0 && value.expected_spend_cents[i] >= 0);
        orders += value.expected_orders[i];
        cents += value.expected_spend_cents[i];
    }
    ASSERT_NEAR(orders, value.total_orders, 1e-6);
    cr_assert_eq(cents, value.total_cents);
    options.discount_yearly = 0;
    options.n_threads = 1;
    ASSERT_OK(value_fit(&history, &options, arena, &undiscounted, &err), &err);
    cr_assert_eq(undiscounted.total_orders, value.total_orders, "threads or discount changed the orders");
    cr_assert(undiscounted.total_cents > value.total_cents);
    json_t *json = value_json(&value);
    cr_assert(json);
    ASSERT_NEAR(json_real_value(json_object_get(json_object_get(json, "bgnbd"), "r")), .2425945, .0002);
    cr_assert_eq(json_array_size(json_object_get(json, "p_alive_histogram")), 10);
    json_decref(json);
    arena_free(arena);
}

Test(value, too_little_data_is_refused_and_says_how_much_is_needed)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct value_model value;
    struct err err;
    const uint32_t identity[] = { 1, 1, 2, 3 };
    const int32_t day[] = { 0, 90, 5, 200 };
    const int64_t cents[] = { 100, 200, 300, 400 };
    history_build(identity, day, cents, 4, arena, &history);
    struct value_options options = { 200, VALUE_CHOOSE_DAY, UNIT_WEEK, 90, 0, 1, false, false, "" };
    ASSERT_FAILS(value_fit(&history, &options, arena, &value, &err), &err, ERR_REFUSED,
                 "only 1 customer ordered on a second day");
    options.calibration_end_day = 200;
    ASSERT_FAILS(value_fit(&history, &options, arena, &value, &err), &err, ERR_INVALID,
                 "1970-07-20 is not inside");
    options.calibration_end_day = VALUE_CHOOSE_DAY;
    options.as_of_day = 20;
    ASSERT_FAILS(value_fit(&history, &options, arena, &value, &err), &err, ERR_REFUSED, "28 are needed");
    history_build(identity, day, cents, 0, arena, &history);
    ASSERT_FAILS(value_fit(&history, &options, arena, &value, &err), &err, ERR_REFUSED,
                 "no customer has ordered");
    arena_free(arena);
}

/* Orders of customers who never leave, at their own gamma(1.5) rates, over 700 days; after
 * changes_day they order pace times as often. */
static struct history stayers(size_t n, int32_t changes_day, double pace, struct arena *arena)
{
    struct rng rng = rng_new(5);
    size_t room = n * 200, n_orders = 0;
    uint32_t *identity = ARENA_ARRAY(arena, uint32_t, room);
    int32_t *day = ARENA_ARRAY(arena, int32_t, room);
    int64_t *cents = ARENA_ARRAY(arena, int64_t, room);
    for (uint32_t c = 1; c <= n; c++) {
        double gap = 1 / draw_gamma(&rng, 1.5, 1.0 / 60), time = 300 * rng_uniform(&rng),
               mean = draw_lognormal(&rng, 3, .4);
        while (time < 700 && n_orders < room) {
            identity[n_orders] = c;
            day[n_orders] = (int32_t)time;
            cents[n_orders++] = llround(100 * mean * draw_gamma(&rng, 4, .25));
            time += draw_exponential(&rng, time < changes_day ? gap : gap / pace);
        }
    }
    struct history history;
    history_build(identity, day, cents, n_orders, arena, &history);
    return history;
}

Test(value, where_nobody_leaves_nbd_stands_in_and_says_so)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = stayers(1500, 700, 1, arena);
    struct value_options options = { 699, VALUE_CHOOSE_DAY, UNIT_WEEK, 180, 0, 2, false, false, "EUR" };
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert_eq(value.calibration.kind, ORDERS_NBD);
    cr_assert(strstr(value.orders_model_why, "NBD stands in"), "%s", value.orders_model_why);
    cr_assert_null(value.refusal);
    ASSERT_NEAR(value.holdout_expected / value.holdout_actual, 1, .05);
    cr_assert(isnan(value.p_alive[0]));
    cr_assert(value.total_cents > 0 && value.has_spend);
    json_t *json = value_json(&value);
    cr_assert(json && json_is_null(json_object_get(json_object_get(json, "bgnbd"), "b")));
    cr_assert(json_is_null(json_object_get(json, "p_alive_histogram")));
    json_decref(json);
    arena_free(arena);
}

Test(value, a_fit_that_fails_the_holdout_is_refused_and_says_how_poor_it_is)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = stayers(1500, 420, .1, arena);
    struct value_options options = { 699, 420, UNIT_WEEK, 180, 0, 2, false, false, "" };
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert(value.refusal && strstr(value.refusal, "too far off"), "%s", value.holdout_note);
    cr_assert_null(value.p_alive);
    cr_assert_eq(value.total_cents, 0);
    cr_assert_str_eq(value.sentence, value.refusal);
    json_t *json = value_json(&value);
    cr_assert(json_is_string(json_object_get(json, "refused")));
    json_decref(json);
    arena_free(arena);
}

Test(value, spend_of_the_past_is_what_was_spent_within_the_horizon)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    history_build((const uint32_t[]){ 1, 1, 1, 2 }, (const int32_t[]){ 10, 70, 100, 101 },
                  (const int64_t[]){ 5, 70, 900, 30 }, 4, arena, &history);
    int64_t *cents = value_past_spend(&history, 100, 30, arena);
    cr_assert_eq(cents[0], 900);
    cr_assert_eq(cents[1], 0);
    cr_assert_eq(value_past_spend(&history, 100, 31, arena)[0], 970);
    arena_free(arena);
}

Test(value, pareto_nbd_predicts_the_published_holdout_and_weeks_when_asked_for)
{
    static const double expected[8] = { .138, .600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403 };
    static const double weeks[6] = { 78.308, 76.419, 74.648, 72.983, 71.414, 69.933 };
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct value_options options = cdnow_options();
    struct value_model value;
    struct err err;
    options.is_pareto = true;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    ASSERT_NEAR(value.calibration.pareto.log_likelihood, -9594.976, 1e-3);
    for (int i = 0; i < 8; i++) ASSERT_NEAR(value.by_frequency[i].expected, expected[i], .003);
    for (int i = 0; i < 6; i++) ASSERT_NEAR(value.tracking[19 + i].expected, weeks[i], .05);
    ASSERT_NEAR(value.tracking[19].expected_total, 1308.856, .6);
    ASSERT_NEAR(value.tracking[24].expected_total, 1674.253, .6);
    json_t *json = value_json(&value);
    cr_assert(json_is_null(json_object_get(json, "bgnbd")));
    cr_assert(json_is_object(json_object_get(json, "pareto_nbd")));
    json_decref(json);
    arena_free(arena);
}

/* Customers who come, order at rates of their own and leave, and customer 1001 with one order of 42. */
static struct history one_small_order(struct arena *arena)
{
    enum { CUSTOMERS = 1000, MOST = 60000 };
    uint32_t *identity = ARENA_ARRAY(arena, uint32_t, MOST);
    int32_t *day = ARENA_ARRAY(arena, int32_t, MOST);
    int64_t *cents = ARENA_ARRAY(arena, int64_t, MOST);
    struct rng rng = rng_new(5);
    size_t n = 0;
    for (uint32_t who = 1; who <= CUSTOMERS; who++) {
        double gap = 1 / draw_gamma(&rng, 1.2, 1.0 / 50), leaves = draw_beta(&rng, 1, 4),
               time = 500 * rng_uniform(&rng), mean = draw_lognormal(&rng, 6, .5);
        while (time < 600 && n < MOST - 1) {
            identity[n] = who;
            day[n] = (int32_t)time;
            cents[n++] = llround(100 * mean * draw_gamma(&rng, 4, .25));
            if (rng_uniform(&rng) < leaves) break;
            time += draw_exponential(&rng, gap);
        }
    }
    identity[n] = CUSTOMERS + 1, day[n] = 550, cents[n++] = 4200;
    struct history history;
    history_build(identity, day, cents, n, arena, &history);
    return history;
}

Test(value, somebody_with_one_small_order_is_not_worth_as_much_as_anybody)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = one_small_order(arena);
    struct value_options options = { 599, VALUE_CHOOSE_DAY, UNIT_WEEK, 365, 0.1, 1, false, false, "" };
    struct value_model value;
    struct err err;
    size_t who;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert(value.has_spend && !value.refusal);
    cr_assert(history_find(&history, 1001, &who));
    double orders = value.expected_orders[who] / fmax(value.p_alive[who], 1e-9);
    double each = (double)value.if_stays_cents[who] / orders;
    cr_assert(each < 30000, "an order of 42.00 is taken for the next ones of %.2f", each / 100);
    arena_free(arena);
}

Test(value, what_a_customer_spends_if_they_stay_times_the_chance_to_be_one_still_is_what_is_expected)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = one_small_order(arena);
    struct value_options options = { 599, VALUE_CHOOSE_DAY, UNIT_WEEK, 365, 0.1, 1, false, false, "" };
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    for (size_t i = 0; i < value.n_customers; i++)
        ASSERT_NEAR((double)value.expected_spend_cents[i], value.p_alive[i] * (double)value.if_stays_cents[i], 1);
    cr_assert(value.beside.is_known, "%s", value.beside.missing);
    cr_assert(value.beside.n_active > 0 && value.beside.n_active < (double)value.n_customers);
    cr_assert(value.spend_error > 0 && value.past_spend_error > 0);
    arena_free(arena);
}

Test(value, cdnow_has_fewer_customers_left_than_bought_once)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct value_options options = cdnow_options();
    struct value_model value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    double share = value.beside.n_active / (double)value.n_customers;
    cr_assert(share > 0.25 && share < 0.55, "%.0f %% are said to be active", 100 * share);
    cr_assert(!strstr(value.sentence, "still active"), "%s", value.sentence);
    arena_free(arena);
}

/* By their orders alone the best of customers would be worth most. */
Test(value, whoever_has_left_by_an_event_is_worth_nothing_until_they_come_again)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = stayers(300, 700, 1, arena);
    struct value_options options = { 699, VALUE_CHOOSE_DAY, UNIT_WEEK, 365, .1, 1, false, false, "" };
    struct value_model before, value;
    struct err err;
    ASSERT_OK(value_fit(&history, &options, arena, &before, &err), &err);
    cr_assert_null(before.refusal, "%s", before.refusal);
    size_t best = 0, last = history.first[1] - 1;
    for (size_t c = 1; c < history.n_customers; c++)
        if (before.expected_spend_cents[c] > before.expected_spend_cents[best]) best = c;
    history.left_day[history.first[best + 1] - 1] = 690;
    if (best != 0 && last > 0) history.left_day[last - 1] = history.day[last - 1];      /* and came again */
    ASSERT_OK(value_fit(&history, &options, arena, &value, &err), &err);
    cr_assert_eq(value.n_left, 1);
    cr_assert(value.p_alive[best] == 0 && value.expected_orders[best] == 0 &&
              value.expected_spend_cents[best] == 0);
    cr_assert_gt(value.if_stays_cents[best], 0, "what they would bring if they were won back");
    cr_assert_eq(value.expected_spend_cents[0], before.expected_spend_cents[0]);
    cr_assert_eq(value.total_cents, before.total_cents - before.expected_spend_cents[best]);
    cr_assert(strstr(value.sentence, " 1 has left by an event and is worth nothing from now on"), "%s",
              value.sentence);
    arena_free(arena);
}
