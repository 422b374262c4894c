/* Feature sets: what is generated from a log, its texts, and the way to JSON and back. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <string.h>

#define SET_BEGIN "{\"version\":1,\"features\":["

/* A small shop: orders with lines, refunds, a rare kind, and traits of every sort. */
static void fill_shop(struct diary *diary, size_t n_customers)
{
    struct arena *arena = diary->arena;
    struct noted *noted = ARENA_ARRAY(arena, struct noted, 8 * n_customers);
    size_t n = 0;
    for (size_t c = 1; c <= n_customers; c++) {
        int64_t time_ms = (15000 + (int64_t)c % 50) * MS_PER_DAY + 3600000 * (int64_t)(c % 24);
        struct noted event = { .identity = diary_customer(diary, (unsigned)c), .time_ms = time_ms,
                               .received_ms = time_ms,
                               .item = "", .properties = "" };
        for (int order = 0; order < 2; order++) {
            noted[n] = event, noted[n].kind = "order", noted[n].amount_cents = 1234,
                noted[n++].quantity_milli = 2000;
            noted[n] = event, noted[n].kind = "order_item", noted[n].amount_cents = 617;
            noted[n++].item = arena_format(arena, "item %zu", c % 7);
        }
        if (c % 3 == 0) noted[n] = event, noted[n].kind = "Account Closed", n++;
        if (c == 1) noted[n] = event, noted[n].kind = "seldom", n++;
        noted[n] = event, noted[n].kind = "traits";
        noted[n++].properties = arena_format(
            arena, "{\"tenure\":%zu,\"Contract\":\"%s\",\"SeniorCitizen\":%d,\"Partner\":\"%s\","
            "\"TotalCharges\":\"%s\",\"customer_no\":%zu,"
            "\"nickname\":\"name %zu\",\"empty\":\" \",\"same\":\"x\",\"Churn\":\"%s\",\"Cancel reason\":%d,"
            "\"Line\":\"%s\",\"Term\":\"%s\"}",
            c % 72, c % 3 == 0 ? "One year" : c % 3 == 1 ? "Month-to-month" : "Two year",
                (int)(c % 5 == 0), c % 2 ? "Yes" : "No",
            c == 2 ? " " : arena_format(arena, "%zu.5", c), c + 1000, c, c % 4 ? "No" : "Yes", (int)(c % 9),
            c % 3 == 0 ? "none" : "red", c % 3 == 0 ? "12 months" : c % 3 == 1 ? "none" : "24 months");
    }
    diary_append(diary, noted, n);
}

static struct feature_set *generate(struct diary *diary, struct feature_options options)
{
    struct err err;
    struct feature_set *set = NULL;
    ASSERT_OK(feature_set_generate(diary->log, &options, diary->arena, &set, &err), &err);
    return set;
}

static const struct feature *find(const struct feature_set *set, const char *name)
{
    size_t index;
    return feature_find(set, name, &index) ? feature_at(set, index) : NULL;
}

static const char *reason_for(const struct feature_set *set, const char *name)
{
    const struct left_out *left_out;
    size_t n = feature_set_left_out(set, &left_out);
    for (size_t i = 0; i < n; i++)
        if (strcmp(left_out[i].name, name) == 0) return left_out[i].reason;
    return "";
}

Test(feature_set, it_is_made_from_what_the_log_holds)
{
    struct diary diary = diary_open();
    fill_shop(&diary, 600);
    struct feature_set *set = generate(&diary, (struct feature_options){ .excluded_trait = "Churn" });
    static const char *const there[] = { "order_count", "order_recency_days", "order_amount_decayed_30d",
                                         "order_gap_sd_days",
        "order_quantity_sum", "order_item_distinct_items", "account_closed_count", "tenure", "TotalCharges",
        "Contract = Month-to-month", "Contract = One year", "Contract = Two year", "Partner = Yes",
            "SeniorCitizen" };
    static const char *const absent[] = { "Partner = No", "seldom_count", "nickname", "customer_no",
                                          "same", "empty", "Churn",
        "Churn = Yes", "account_closed_amount_sum", "order_item_recency_days", "order_distinct_items",
        "event_recency_days", "order_count_365d", "Line = none", "Line = red" };
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        cr_assert(find(set, there[i]), "%s is missing", there[i]);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        cr_assert(!find(set, absent[i]), "%s should not be", absent[i]);
    cr_assert(strstr(reason_for(set, "nickname"), "different values"));
    cr_assert(strstr(reason_for(set, "customer_no"), "identifies the customer"));
    cr_assert_str_eq(reason_for(set, "empty"), "always empty");
    cr_assert_str_eq(reason_for(set, "same"), "always the same");
    cr_assert_str_eq(reason_for(set, "Churn"), "is what is asked for");
    cr_assert_str_eq(reason_for(set, "Term = 24 months"), "says what Contract = Two year says");
    cr_assert_str_eq(reason_for(set, "Line = red"), "says what Contract = One year says");
    cr_assert_str_eq(reason_for(set, "event seldom"), "too few customers have one");
    diary_close(&diary);
}

Test(feature_set, coverage_and_warnings_are_stated)
{
    struct diary diary = diary_open();
    fill_shop(&diary, 600);
    struct feature_set *set = generate(&diary, (struct feature_options){ .excluded_trait = "Churn" });
    ASSERT_NEAR(find(set, "account_closed_count")->coverage, 1.0 / 3, 1e-9);
    ASSERT_NEAR(find(set, "TotalCharges")->coverage, 599.0 / 600, 1e-9);
    cr_assert(strstr(find(set, "account_closed_count")->warning, "leaving"));
    cr_assert(find(set, "Cancel reason")->warning);
    cr_assert(!find(set, "order_count")->warning && !find(set, "tenure")->warning);
    cr_assert_str_eq(find(set, "SeniorCitizen")->unit, "yes/no");
    cr_assert_str_eq(find(set, "order_recency_days")->meaning, "days since the last order");
    diary_close(&diary);
}

Test(feature_set, a_customers_state_is_small)
{
    struct diary diary = diary_open();
    fill_shop(&diary, 600);
    struct feature_set *set = generate(&diary, (struct feature_options){ .excluded_trait = "Churn" });
    size_t n_traits = 7 * 16;
    cr_assert(feature_set_state_bytes(set) <= 700 + n_traits, "%zu bytes", feature_set_state_bytes(set));
    diary_close(&diary);
}

Test(feature_set, the_set_and_its_json_do_not_depend_on_threads_and_come_back_the_same)
{
    struct err err;
    struct diary diary = diary_open();
    fill_shop(&diary, 300);
    struct feature_set *set = generate(&diary, (struct feature_options){ .n_threads = 1 }), *again = NULL;
    const char *json = feature_set_save(set, diary.arena);
    cr_assert_str_eq(json, feature_set_save(generate(&diary, (struct feature_options){ .n_threads = 5 }),
                                            diary.arena));
    ASSERT_OK(feature_set_load(json, diary.log, diary.arena, &again, &err), &err);
    cr_assert_str_eq(json, feature_set_save(again, diary.arena));
    struct matrix a, b;
    int64_t now_ms = 15050 * MS_PER_DAY;
    ASSERT_OK(matrix_score(diary.log, set, NULL, now_ms, 1, diary.arena, &a, &err), &err);
    ASSERT_OK(matrix_score(diary.log, again, NULL, now_ms, 1, diary.arena, &b, &err), &err);
    cr_assert(a.n_rows == b.n_rows && memcmp(a.values, b.values, a.n_rows * a.n_columns * sizeof(float)) == 0);
    diary_close(&diary);
}

Test(feature_set, a_damaged_json_is_refused_with_its_place)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct feature_set *set;
    ASSERT_FAILS(feature_set_load("{", NULL, arena, &set, &err), &err, ERR_CORRUPT, "line 1");
    ASSERT_FAILS(feature_set_load("[]", NULL, arena, &set, &err), &err, ERR_CORRUPT, "version");
    ASSERT_FAILS(feature_set_load(SET_BEGIN "{\"name\":\"x\"}]}", NULL, arena, &set,
                                  &err), &err, ERR_CORRUPT,
                 "feature 1 of 1");
    ASSERT_FAILS(feature_set_load(SET_BEGIN "{\"name\":\"x\",\"kind\":\"order\",\"operator\":\"times\","
                                  "\"output\":\"no such\"}]}", NULL, arena, &set, &err), &err, ERR_CORRUPT,
                                      "no output \"no such\"");
    /* The same trait twice, as a number and as a value: two columns, no room overrun. */
    ASSERT_OK(feature_set_load(SET_BEGIN "{\"name\":\"a\",\"trait\":\"t\"},{\"name\":\"b\",\"trait\":\"t\"},"
                               "{\"name\":\"c\",\"trait\":\"t\",\"value\":\"v\"}]}", NULL, arena, &set,
                                   &err), &err);
    cr_assert_eq(feature_set_size(set), 3);
    arena_free(arena);
}

Test(feature_set, a_log_without_known_customers_is_refused)
{
    struct err err;
    struct diary diary = diary_open();
    struct noted noted = { .kind = "order", .item = "", .properties = "", .time_ms = MS_PER_DAY,
                           .received_ms = MS_PER_DAY };
    diary_append(&diary, &noted, 1);
    struct feature_set *set;
    ASSERT_FAILS(feature_set_generate(diary.log, &(struct feature_options){ 0 }, diary.arena, &set, &err),
                 &err, ERR_REFUSED, "no event of a known customer");
    diary_close(&diary);
}

Test(feature_set, two_kinds_with_names_alike_get_two_features)
{
    struct diary diary = diary_open();
    struct noted noted[400];
    for (size_t i = 0; i < 400; i++)
        noted[i] = (struct noted){ .kind = i % 2 ? "Add to Cart" : "add_to_cart", .item = "", .properties = "",
                                   .identity = diary_customer(&diary, (unsigned)(i / 2)),
                                       .time_ms = 15000 * MS_PER_DAY,
                                   .received_ms = 15000 * MS_PER_DAY };
    diary_append(&diary, noted, 400);
    struct feature_set *set = generate(&diary, (struct feature_options){ 0 });
    cr_assert(find(set, "add_to_cart_count") && find(set, "add_to_cart_count_2"));
    diary_close(&diary);
}

Test(feature_set, every_operator_has_its_expression_in_sql)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    const char *text = "";
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const struct feature *feature = feature_at(set, i);
        if (strcmp(feature->group, "view") == 0 || strcmp(feature->group, "order_item") == 0) continue;
        text = arena_format(diary.arena, "%s%s: %s\n", text, feature->name, feature->sql);
    }
    support_golden(text, "feature_sql.txt");
    diary_close(&diary);
}

Test(feature_set, a_name_in_sql_cannot_end_its_literal)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct feature_set *set;
    ASSERT_OK(feature_set_load(SET_BEGIN "{\"name\":\"x\",\"kind\":\"o'r\\\\d\",\"operator\":\"times\","
                               "\"output\":\"count\"}]}", NULL, arena, &set, &err), &err);
    cr_assert_str_eq(feature_at(set, 0)->sql, "countIf(kind = 'o\\'r\\\\d')");
    arena_free(arena);
}

Test(feature_set, a_kind_named_like_a_placeholder_stays_as_it_is)
{
    struct err err;
    struct arena *arena = arena_new(1 << 24);
    struct feature_set *set;
    ASSERT_OK(feature_set_load(SET_BEGIN "{\"name\":\"x\",\"kind\":\"{is}{one}\",\"operator\":\"times\","
                               "\"output\":\"count\"}]}", NULL, arena, &set, &err), &err);
    cr_assert_str_eq(feature_at(set, 0)->sql, "countIf(kind = '{is}{one}')");
    arena_free(arena);
}
