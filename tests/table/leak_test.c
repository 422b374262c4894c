/* Columns that know what they are to foretell, of a history and of a table. */
#include "base/calendar.h"
#include "base/rng.h"
#include "feature/feature_set.h"
#include "table/import_support.h"

#include <stdio.h>
#include <string.h>

TestSuite(leak, .init = import_shop_open, .fini = import_shop_close);

/* Orders of 40 customers over a year; each line says how the customer stands today. */
static const char *orders(void)
{
    static char text[40 * 6 * 60 + 100];
    size_t n = (size_t)snprintf(text, sizeof text, "customer,order,date,amount,country,standing\n");
    for (int c = 1; c <= 40; c++)
        for (int k = 0; k < 6; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "c%d,o%d-%d,2024-%02d-%02d,%d.50,%s,%s\n", c, c, k,
                                  1 + (2 * k + c) % 12, 1 + (c * 7 + k) % 28, 5 + c % 9, c % 3 ? "DE" : "AT",
                                  c % 4 ? "active" : "lapsed");
    return text;
}

/* When a trait was first known, as a date; "" never. */
static const char *known_on(const char *name)
{
    static char day[11];
    struct log_reader *reader;
    uint16_t kind;
    uint32_t index;
    int64_t first_ms = INT64_MAX;
    ASSERT_OK(log_reader_open(history, &reader, &import_err), &import_err);
    cr_assert(log_find(history, DICTIONARY_KIND, text_of("traits"), &index));
    kind = (uint16_t)index;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct events events;
        ASSERT_OK(
            log_read(reader, p, LOG_RECEIVED | LOG_KIND | LOG_PROPERTIES, import_arena, &events, &import_err),
            &import_err);
        for (size_t i = 0; i < events.n; i++) {
            uint32_t begin = i ? events.properties_end[i - 1] : 0;
            bool has =
                memmem(events.properties_bytes + begin, events.properties_end[i] - begin, name, strlen(name));
            if (events.kind[i] == kind && has && events.received_ms[i] < first_ms)
                first_ms = events.received_ms[i];
        }
    }
    log_reader_close(reader);
    if (first_ms == INT64_MAX) return "";
    calendar_format_day(calendar_day_of_ms(first_ms), day);
    return day;
}

static bool has_feature(const char *trait, const char *ignored)
{
    struct feature_set *set;
    const struct feature_options of_history = { .ignored = ignored };
    ASSERT_OK(feature_set_generate(history, &of_history, import_arena, &set, &import_err), &import_err);
    for (size_t i = 0; i < feature_set_size(set); i++)
        if (strcmp(feature_at(set, i)->group, trait) == 0) return true;
    return false;
}

Test(leak, how_customers_stand_today_is_known_from_today_on)
{
    IMPORT_OK(orders());
    cr_assert_eq(role_of("standing"), ROLE_TRAIT);
    cr_assert_str_eq(known_on("standing"), "2024-12-26");
    cr_assert(has_finding("country, standing are known from the last day on only"));
    cr_assert(!has_feature("standing", NULL) && !has_feature("country", NULL));
}

Test(leak, what_was_always_so_is_known_from_the_first_order_on)
{
    options.statics = "country";
    IMPORT_OK(orders());
    cr_assert_str_eq(known_on("country"), "2024-01-01");
    cr_assert_str_eq(known_on("standing"), "2024-12-26");
    cr_assert(has_feature("country", NULL));
    cr_assert(!has_feature("country", "Plan, Country"), "what is to be ignored is");
    cr_assert(has_finding("standing is known from the last day on only"));
}

Test(leak, a_static_column_that_is_not_there_is_refused)
{
    options.statics = "contry";
    IMPORT_FAILS(orders(), ERR_INVALID, "did you mean 'country'");
}

/* 300 customers of whom a third left; a reason only of them, a score made of it, and an honest column. */
static const char *table(void)
{
    static char text[300 * 60 + 100];
    struct rng rng = rng_new(3);
    size_t n = (size_t)snprintf(text, sizeof text, "id,months,Churn Score,Churn Reason,calls,churn\n");
    for (int c = 0; c < 300; c++) {
        bool left = c % 3 == 0;
        n += (size_t)snprintf(text + n, sizeof text - n, "u%d,%d,%d,%s,%d,%s\n", c,
                              (int)rng_below(&rng, 60) + (left ? 0 : 10),
                              (int)rng_below(&rng, 60) + (left ? 45 : 0),
                              left ? c % 2 ? "moved house" : "price of the offer was too high" : "",
                              (int)rng_below(&rng, 9), left ? "yes" : "no");
    }
    return text;
}

Test(leak, what_gives_the_label_of_a_table_away_is_left_out_and_said)
{
    IMPORT_OK(table());
    cr_assert_eq(role_of("Churn Reason"), ROLE_NONE);
    cr_assert_eq(role_of("Churn Score"), ROLE_NONE, "nearly all, and called like the label");
    cr_assert_eq(role_of("months"), ROLE_TRAIT);
    cr_assert(has_finding("Churn Reason gives the label away and is left out"));
    cr_assert(has_finding("Churn Score gives the label away and is left out"));
}

Test(leak, who_names_such_a_column_gets_it)
{
    options.traits = "months,Churn Score";
    IMPORT_OK(table());
    cr_assert_eq(role_of("Churn Score"), ROLE_TRAIT);
    cr_assert(has_finding("Churn Score alone tells nearly all of the label"));
}

/* What was done to some, by the column's name or by a value that says that nothing was; a label of a third. */
static const char *campaign(const char *column, const char *left_alone)
{
    static char text[90 * 40 + 100];
    size_t n = (size_t)snprintf(text, sizeof text, "id,months,%s,churn\n", column);
    for (int c = 0; c < 90; c++)
        n += (size_t)snprintf(text + n, sizeof text - n, "u%d,%d,%s,%s\n", c, c * 7 % 31,
                              c % 2 ? "Mens E-Mail" : left_alone, c % 3 ? "no" : "yes");
    return text;
}

Test(leak, a_column_that_says_what_was_done_to_some_is_warned_of)
{
    IMPORT_OK(campaign("segment", "No E-Mail"));
    cr_assert(has_finding("segment says what was done to some"));
    cr_assert(!has_finding("months says what was done to some"));
}

Test(leak, a_treatment_is_known_by_its_name_too)
{
    IMPORT_OK(campaign("Test Group", "b"));
    cr_assert(has_finding("Test Group says what was done to some"));
}

Test(leak, two_kinds_of_customers_are_no_treatment)
{
    IMPORT_OK(campaign("segment", "Womens E-Mail"));
    cr_assert(!has_finding("segment says what was done to some"));
}

Test(leak, columns_are_advised_as_one_word_of_a_command)
{
    IMPORT_OK(table());
    cr_assert_str_eq(flag_of("Churn Score"), "--traits 'Churn Score'");
    cr_assert(has_advice("--traits with 'Churn Score' in its list"));
}

Test(leak, a_treatment_is_advised_as_one_word_of_a_command)
{
    IMPORT_OK(campaign("Test Group", "b"));
    cr_assert(has_advice("--arm 'Test Group'; --ignore 'Test Group' leaves it out"));
}

Test(leak, columns_of_a_list_are_advised_as_one_word_of_a_command)
{
    IMPORT_OK(orders());
    cr_assert(has_advice("taken in by --static country,standing"));
}

Test(leak, a_number_given_to_each_row_is_left_out_by_a_flag)
{
    const char *rows = "id,Row Count,months,churn\n";
    for (int c = 0; c < 150; c++)
        rows = arena_format(import_arena, "%su%d,%d,%d,%s\n", rows, c, 7001 + c * 13, c % 31,
                            c % 3 ? "no" : "yes");
    IMPORT_OK(rows);
    cr_assert(has_finding("Row Count looks like a number given to each row"));
    cr_assert(has_advice("; --ignore 'Row Count' leaves it out"));
}
