/* Conditions in SQL: what they select, and that nothing but a condition gets in. */
#include "condition/expression.h"
#include "support.h"

static const char *const names[] = { "orders", "order_recency_days", "Contract = Month-to-month", "odd\"name",
                                     "spend" };
enum { N = sizeof names / sizeof *names };

static bool holds(const char *sql, const float *row)
{
    struct expression *expression;
    struct err err;
    bool is_true = false;
    ASSERT_OK(expression_compile(sql, names, N, &expression, &err), &err);
    ASSERT_OK(expression_test(expression, row, 1, &is_true, &err), &err);
    expression_free(expression);
    return is_true;
}

Test(expression, conditions_hold_as_in_sql)
{
    const float row[N] = { 3, 60, 1, 7, NAN };
    cr_assert(holds("orders >= 2 AND order_recency_days > 59.5", row));
    cr_assert(!holds("orders >= 4", row));
    cr_assert(holds("ORDERS = 3", row));
    cr_assert(holds("\"Contract = Month-to-month\" = 1", row));
    cr_assert(holds("\"odd\"\"name\" = 7", row));
    cr_assert(!holds("spend > 0 OR spend <= 0", row), "missing is neither");
    cr_assert(holds("spend IS NULL", row));
    cr_assert(holds("coalesce(spend, -1) < 0", row));
    cr_assert(holds("CASE WHEN orders BETWEEN 2 AND 4 THEN 1 ELSE 0 END", row));
    cr_assert(holds("orders IN (1, 2, 3) -- a remark", row));
    cr_assert(holds("max(orders, 5) = 5 AND abs(-orders) = 3", row));
    cr_assert(holds("1", row));
    cr_assert(!holds("NULL", row));
    cr_assert(holds("orders = '3'", row), "a number in quotes is a number");
}

Test(expression, many_rows_are_tested_in_one_call)
{
    float rows[100 * N];
    bool is_true[100];
    struct expression *expression;
    struct err err;
    for (int i = 0; i < 100 * N; i++) rows[i] = (float)(i / N);
    ASSERT_OK(expression_compile("orders % 3 = 0", names, N, &expression, &err), &err);
    for (int again = 0; again < 2; again++) {
        ASSERT_OK(expression_test(expression, rows, 100, is_true, &err), &err);
        for (int i = 0; i < 100; i++) cr_assert_eq(is_true[i], i % 3 == 0);
    }
    ASSERT_OK(expression_test(expression, rows, 0, is_true, &err), &err);
    expression_free(expression);
}

Test(expression, anything_but_a_condition_is_refused)
{
    static const struct { const char *sql, *want; } cases[] = {
        { "(SELECT 1)", "a query within it" },
        { "EXISTS (SELECT 1 FROM features)", "a query within it" },
        { "orders IN (SELECT orders FROM features)", "a query within it" },
        { "orders IN features", "" },
        { "(SELECT count(*) FROM sqlite_schema)", "may not use" },
        { "1) FROM features WHERE (1", "syntax error" },
        { "1)) FROM features WHERE ((1", "syntax error" },
        { "1), (2", "syntax error" },
        { "1, 2", "" },
        { "1) UNION SELECT (2", "" },
        { "1; DROP TABLE features", "syntax error" },
        { "1); ATTACH 'x' AS y; SELECT (1", "syntax error" },
        { "1 /* open", "" },
        { "count(*) > 1", "the function count" },
        { "max(orders) > 1", "not a condition on one customer" },
        { "sum(orders) OVER () > 1", "may not use" },
        { "max(orders) OVER () > 1", "may not use" },
        { "load_extension('x')", "may not use the function load_extension" },
        { "randomblob(1000000)", "the function randomblob" },
        { "random() > 0", "the function random" },
        { "orders LIKE '%a%'", "the function like" },
        { "printf('%d', 1)", "may not use the function printf" },
        { "orders > ?1", "" },
        { "orders > :x", "" },
        { "\"no such thing\" = 1", "there is no feature 'no such thing'" },
        { "order > 1", "syntax error" },
        { "ordrs > 1", "there is no feature 'ordrs'; did you mean 'orders'?" },
        { "sqlite_schema.name", "no feature 'sqlite_schema.name'" },
        { "", "" },
        { "PRAGMA user_version", "syntax error" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *expression;
        struct err err = { .text = "" };
        bool ok = expression_compile(cases[i].sql, names, N, &expression, &err);
        cr_assert(!ok, "'%s' was taken", cases[i].sql);
        cr_assert_eq(err.code, ERR_INVALID, "'%s'", cases[i].sql);
        cr_assert(strstr(err.text, cases[i].want), "'%s' gave '%s'", cases[i].sql, err.text);
    }
}

Test(expression, length_depth_and_time_are_bounded)
{
    struct expression *expression;
    struct err err;
    char text[EXPRESSION_MOST_BYTES + 2];
    memset(text, '1', sizeof text);
    text[sizeof text - 1] = 0;
    ASSERT_FAILS(expression_compile(text, names, N, &expression, &err), &err, ERR_INVALID, "too long");
    memset(text, '(', 300), memset(text + 301, ')', 300), text[601] = 0;
    for (int i = 0; i < 200; i++) memcpy(text + 2 * i, "1+", 2);
    memcpy(text + 400, "1", 2);
    ASSERT_FAILS(expression_compile(text, names, N, &expression, &err), &err, ERR_INVALID, "too large");
}

Test(expression, a_wide_row_declares_only_what_the_condition_names)
{
    enum { WIDE = 5000 };
    static char texts[WIDE][24];
    static const char *wide[WIDE];
    static float row[WIDE];
    for (int i = 0; i < WIDE; i++) {
        snprintf(texts[i], sizeof texts[i], "column_%05d", i);
        wide[i] = texts[i], row[i] = (float)i;
    }
    struct expression *expression;
    struct err err;
    bool is_true = false;
    ASSERT_OK(expression_compile("column_04999 = 4999 AND column_00001 = 1", wide, WIDE, &expression, &err), &err);
    ASSERT_OK(expression_test(expression, row, 1, &is_true, &err), &err);
    cr_assert(is_true);
    expression_free(expression);
}
