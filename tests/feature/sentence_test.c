/* Sentences: what a feature's value is in plain words. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <string.h>

/* Sets of one kind's features, and a row filled by name. */
struct page { struct diary diary; struct feature_set *set; float *row; };

static struct page page_open(void)
{
    struct page page = { .diary = diary_open() };
    page.set = diary_full_set(&page.diary);
    page.row = ARENA_ARRAY(page.diary.arena, float, feature_set_size(page.set));
    for (size_t i = 0; i < feature_set_size(page.set); i++) page.row[i] = NAN;
    return page;
}

static void page_close(struct page *page) { diary_close(&page->diary); }

static void put(struct page *page, const char *name, double value)
{
    size_t index;
    cr_assert(feature_find(page->set, name, &index), "no feature %s", name);
    page->row[index] = (float)value;
}

static void assert_says(const struct page *page, const char *name, const char *wanted)
{
    size_t index;
    char text[300];
    cr_assert(feature_find(page->set, name, &index), "no feature %s", name);
    bool says = feature_sentence(page->set, index, page->row, text, sizeof text);
    cr_assert_eq(says, wanted[0] != 0, "%s: %s", name, text);
    cr_assert_str_eq(text, wanted, "%s says \"%s\", not \"%s\"", name, text, wanted);
}

Test(sentence, someone_who_stayed_away_longer_than_usual)
{
    struct page page = page_open();
    put(&page, "order_recency_days", 143), put(&page, "order_gap_mean_days", 31), put(&page, "order_count", 9);
    put(&page, "order_active_days", 9);
    put(&page, "order_gap_ratio", 143.0 / 31), put(&page, "order_gap_sd_days", 5);
    assert_says(&page, "order_recency_days", "has not ordered for 143 days; usually orders every 31 days");
    assert_says(&page, "order_gap_ratio", "last order 143 days ago, 4.6 times the usual gap of 31 days");
    assert_says(&page, "order_gap_sd_days", "orders come regularly: every 31 days, give or take 5");
    assert_says(&page, "order_gap_mean_days", "usually orders every 31 days");
    page_close(&page);
}

Test(sentence, someone_who_was_just_here)
{
    struct page page = page_open();
    put(&page, "order_recency_days", 1.04), put(&page, "order_gap_mean_days", 1), put(&page, "order_count", 90);
    put(&page, "order_gap_ratio", 1.04), put(&page, "order_gap_sd_days", 3);
    assert_says(&page, "order_recency_days", "last order 1 day ago; usually orders every day");
    assert_says(&page, "order_gap_ratio", "last order 1 day ago, within the usual gap of 1 day");
    assert_says(&page, "order_gap_sd_days", "orders come irregularly: every 1 day, give or take 3");
    put(&page, "order_recency_days", 0.4);
    assert_says(&page, "order_recency_days", "last order within a day; usually orders every day");
    page_close(&page);
}

Test(sentence, someone_who_came_once)
{
    struct page page = page_open();
    put(&page, "order_recency_days", 200), put(&page, "order_count", 1), put(&page, "order_active_days", 1);
    put(&page, "view_count", 0), put(&page, "view_recency_days", 20), put(&page, "event_recency_days", 20);
    assert_says(&page, "order_recency_days", "only one order, 200 days ago");
    assert_says(&page, "order_count", "only 1 order so far");
    assert_says(&page, "order_active_days", "orders on only one day");
    assert_says(&page, "view_count", "no view yet");
    assert_says(&page, "view_recency_days", "last view 20 days ago");
    assert_says(&page, "event_recency_days", "last event 20 days ago");
    assert_says(&page, "order_tenure_days", "");
    put(&page, "order_tenure_days", 1234.6);
    assert_says(&page, "order_tenure_days", "first order 1,235 days ago");
    page_close(&page);
}

/* Tenths in binary, halves of them, and numbers beside these. */
Test(sentence, numbers_are_rounded_as_printf_does)
{
    struct page page = page_open();
    char wanted[80];
    EACH_CASE(c, 400) {
        double value = (double)rng_below(&c.rng, 4000) / 400;
        float days = (float)value;
        for (int step = 0; step < 3; step++, days = nextafterf(days, step % 2 ? INFINITY : 0)) {
            if (fabs((double)days - round((double)days)) < 0.051 || days > 9.94f) continue;
            snprintf(wanted, sizeof wanted, "first order %.1f days ago", (double)days);
            put(&page, "order_tenure_days", (double)days);
            assert_says(&page, "order_tenure_days", wanted);
        }
        days = (float)(10 + rng_below(&c.rng, 1900)) / 2;
        if (days < 10) continue;
        snprintf(wanted, sizeof wanted, "first order %.0f days ago", (double)days);
        put(&page, "order_tenure_days", (double)days);
        assert_says(&page, "order_tenure_days", wanted);
    }
    page_close(&page);
}

Test(sentence, how_much_lately)
{
    struct page page = page_open();
    put(&page, "order_count_30d", 2), put(&page, "order_decayed_30d", 1.7), put(&page, "order_decayed_7d", 0.01);
    put(&page, "order_amount_30d", 99.5), put(&page, "order_amount_decayed_30d", 80),
        put(&page, "order_count_90d", 0);
    put(&page, "order_decayed_90d", 0), put(&page, "order_decayed_365d", 12),
        put(&page, "order_amount_decayed_7d", 12);
    assert_says(&page, "order_count_30d", "2 orders in the last 30 days");
    assert_says(&page, "order_decayed_30d", "2 orders in the last 30 days");
    assert_says(&page, "order_decayed_7d", "hardly any orders in the last days");
    assert_says(&page, "order_decayed_365d", "many orders over the last year or so");
    assert_says(&page, "order_count_90d", "no order in the last 90 days");
    assert_says(&page, "order_decayed_90d", "no order in the last 90 days");
    assert_says(&page, "order_amount_30d", "orders worth 99.50 in the last 30 days");
    assert_says(&page, "order_amount_decayed_7d", "orders worth about 12 in the last days");
    put(&page, "order_amount_decayed_7d", 0.001);
    assert_says(&page, "order_amount_decayed_7d", "spent next to nothing in the last days");
    page_close(&page);
}

Test(sentence, slowing_down_and_speeding_up)
{
    struct page page = page_open();
    put(&page, "order_amount_trend", 0.6), put(&page, "order_trend", 0.5), put(&page, "order_tenure_days", 400);
    put(&page, "view_trend", 3.3), put(&page, "view_amount_trend", 1.3);
    assert_says(&page, "order_amount_trend", "spent 40 % less in the last weeks than over the year");
    assert_says(&page, "order_trend", "50 % fewer orders in the last weeks than over the year");
    assert_says(&page, "view_trend", "3.3 times as many views in the last weeks as over the year");
    assert_says(&page, "view_amount_trend", "amount of views 30 % higher in the last weeks than over the year");
    put(&page, "order_trend", 1.02);
    assert_says(&page, "order_trend", "as many orders in the last weeks as over the year");
    put(&page, "order_trend", 0.001);
    assert_says(&page, "order_trend", "no orders in the last weeks");
    put(&page, "order_tenure_days", 20), put(&page, "order_trend", 9);
    assert_says(&page, "order_trend", "new: first order 20 days ago");
    page_close(&page);
}

Test(sentence, amounts_pieces_items_and_hours)
{
    struct page page = page_open();
    put(&page, "order_amount_sum", 12345), put(&page, "order_amount_mean", 24.9),
        put(&page, "order_amount_last", -3);
    put(&page, "order_quantity_sum", 1), put(&page, "order_quantity_mean", 2.5),
        put(&page, "order_item_distinct_items", 1.001);
    put(&page, "order_weekend_share", 0.75), put(&page, "order_night_share", 0), put(&page, "order_share", 0.346);
    assert_says(&page, "order_amount_sum", "orders worth 12,345 in total");
    assert_says(&page, "order_amount_mean", "an order is worth 24.90 on average");
    assert_says(&page, "order_amount_last", "the last order was worth -3");
    assert_says(&page, "order_quantity_sum", "1 piece in all orders");
    assert_says(&page, "order_quantity_mean", "2.5 pieces in an order on average");
    assert_says(&page, "order_item_distinct_items", "only 1 different item in order lines");
    assert_says(&page, "order_weekend_share", "75 % of orders are at the weekend");
    assert_says(&page, "order_night_share", "0 % of orders are between 0 and 6 o'clock (UTC)");
    assert_says(&page, "order_share", "35 % of all events are orders");
    page_close(&page);
}

Test(sentence, traits)
{
    static const char json[] =
        "{\"version\":1,\"features\":[{\"name\":\"Contract = "
            "Month-to-month\",\"trait\":\"Contract\",\"value\":\"Month-to-month\"},"
        "{\"name\":\"Contract = Two year\",\"trait\":\"Contract\",\"value\":\"Two year\"},"
        "{\"name\":\"PaperlessBilling = Yes\",\"trait\":\"PaperlessBilling\",\"value\":\"Yes\"},"
        "{\"name\":\"tenure\",\"trait\":\"tenure\"},{\"name\":\"MonthlyCharges\",\"trait\":\"MonthlyCharges\"},"
        "{\"name\":\"SeniorCitizen\",\"trait\":\"SeniorCitizen\",\"unit\":\"yes/no\"},"
        "{\"name\":\"StreamingTV = No\",\"trait\":\"StreamingTV\",\"value\":\"No\"},"
        "{\"name\":\"StreamingTV = Yes\",\"trait\":\"StreamingTV\",\"value\":\"Yes\"},"
        "{\"name\":\"Backup = No\",\"trait\":\"Backup\",\"value\":\"No\"},"
        "{\"name\":\"Backup = No internet\",\"trait\":\"Backup\",\"value\":\"No internet\"},"
        "{\"name\":\"Gender = Male\",\"trait\":\"Gender\",\"value\":\"Male\",\"other\":\"Female\"},"
        "{\"name\":\"Country = UK\",\"trait\":\"Country\",\"value\":\"UK\"},"
        "{\"name\":\"Country = Eire\",\"trait\":\"Country\",\"value\":\"Eire\"}]}";
    /* What somebody has is said, not what they have not, where the columns tell it. */
    static const char *const wanted[] = { "contract is Month-to-month", "contract is Month-to-month",
                                          "paperless billing: no",
        "tenure is 3", "monthly charges are 85.35", "senior citizen: yes", "streaming TV: yes", "streaming TV: yes",
        "backup: No internet", "backup: No internet", "gender is Female", "country is not UK", "country is not Eire" };
    const float row[] = { 1, 0, 0, 3, 85.35f, 1, 0, 1, 0, 1, 0, 0, 0 };
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct feature_set *set;
    ASSERT_OK(feature_set_load(json, NULL, arena, &set, &err), &err);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[200];
        cr_assert(feature_sentence(set, i, row, text, sizeof text));
        cr_assert_str_eq(text, wanted[i]);
    }
    arena_free(arena);
}

Test(sentence, there_is_one_for_every_feature_that_has_a_value_and_it_fits)
{
    struct page page = page_open();
    EACH_CASE(c, 30) {
        for (size_t i = 0; i < feature_set_size(page.set); i++)
            page.row[i] = rng_below(&c.rng, 4) ? (float)((rng_uniform(&c.rng) - 0.2) * pow(10,
                    (double)rng_below(&c.rng, 30))) : NAN;
        for (size_t i = 0; i < feature_set_size(page.set); i++) {
            char text[200], narrow[12];
            bool says = feature_sentence(page.set, i, page.row, text, sizeof text);
            cr_assert_eq(says, !isnan(page.row[i]), "%s", page.set->names[i]);
            if (says)
                cr_assert(strlen(text) > 5 && !strstr(text, "nan") && !strchr(text, '{'), "%s: %s",
                          page.set->names[i], text);
            (void)feature_sentence(page.set, i, page.row, narrow, sizeof narrow);
        }
    }
    page_close(&page);
}

static enum sense sense_of(const struct page *page, const char *name)
{
    size_t index;
    cr_assert(feature_find(page->set, name, &index), "no feature %s", name);
    return feature_sense(page->set, index);
}

Test(sentence, a_refund_long_ago_speaks_for_a_customer_and_the_smallest_order_for_nothing)
{
    struct page page = page_open();
    page.set = diary_set_with(&page.diary, "refund");
    cr_assert_eq(sense_of(&page, "order_recency_days"), SENSE_SILENT);
    cr_assert_eq(sense_of(&page, "refund_count"), SENSE_TROUBLE);
    cr_assert_eq(sense_of(&page, "refund_recency_days"), SENSE_ACTIVE, "it speaks for leaving");
    cr_assert_eq(sense_of(&page, "refund_gap_mean_days"), SENSE_MUTE);
    cr_assert_eq(sense_of(&page, "order_amount_min"), SENSE_MUTE);
    page_close(&page);
}
