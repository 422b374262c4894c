/* Conditions over numbers and texts, one row at a time: what holds, what is refused, what is bounded. */
#include "condition/expression.h"
#include "support.h"

static const struct expression_column columns[] = {
    { "order_recency_days", EXPRESSION_NUMBER }, { "churn", EXPRESSION_NUMBER },
    { "country", EXPRESSION_TEXT },              { "zip", EXPRESSION_TEXT },
    { "age", EXPRESSION_NUMBER },                { "plan name", EXPRESSION_TEXT },
    { "orders", EXPRESSION_NUMBER },
};
enum { RECENCY, CHURN, COUNTRY, ZIP, AGE, PLAN, ORDERS, N };

struct row { struct expression_value values[N]; unsigned asked[N]; };

static struct expression_value number(double value)
{
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = value };
}
static struct expression_value text(const char *value)
{
    return (struct expression_value){ .kind = EXPRESSION_IS_TEXT, .text = text_of(value) };
}

static struct expression_value value_of(void *context, size_t column)
{
    struct row *row = context;
    row->asked[column]++;
    return row->values[column];
}

static struct row usual(void)
{
    return (struct row){ .values = { [RECENCY] = number(31.5), [CHURN] = number(0.7), [COUNTRY] = text("DE"),
                                     [ZIP] = text("01067"), [AGE] = text("42"), [ORDERS] = number(3) } };
}

static bool holds(const char *sql, struct row row)
{
    struct expression *expression;
    struct err err;
    bool is_true = false;
    ASSERT_OK(expression_compile_columns(sql, columns, N, false, &expression, &err), &err);
    ASSERT_OK(expression_holds(expression, value_of, &row, &is_true, &err), &err);
    expression_free(expression);
    return is_true;
}

Test(expression_columns, numbers_and_texts_compare_as_a_person_means)
{
    struct row row = usual();
    cr_assert(holds("churn > 0.6 and order_recency_days > 30 and country in ('DE', 'AT')", row));
    cr_assert(holds("zip = '01067'", row), "a text that looks like a number stays a text");
    cr_assert(!holds("zip = 1067", row));
    cr_assert(holds("zip like '01%'", row));
    cr_assert(holds("age > 30 and age = '42'", row), "a number column reads a text as the number it is");
    row.values[AGE] = text("old");
    cr_assert(!holds("age > 30 or age <= 30", row), "what is no number is missing");
    cr_assert(holds("age is null", row));
    row.values[ZIP] = number(1067);
    cr_assert(holds("zip = '1067' and zip = 1067 and length(zip) = 4", row));
    cr_assert(holds("\"plan name\" is null and country || '-' = 'DE-'", row));
    cr_assert(!holds("country = 'de'", row));
    cr_assert(holds("country = 'de' collate nocase and country like 'd_' and lower(country) = 'de'", row));
    cr_assert(holds("country glob 'D*' and not country glob 'd*'", row));
    cr_assert(holds("country like 'D\\E' escape '\\'", row));
    cr_assert(!holds("country", row), "a text is not true");
    cr_assert(holds("cast(zip as integer) between 1000 and 1100", row));
    cr_assert(holds("substr(zip, 1, 2) = '10'", row));
}

Test(expression_columns, only_columns_that_decide_are_asked_for)
{
    struct row row = usual();
    struct expression *expression;
    struct err err;
    bool is_true;
    size_t n;
    ASSERT_OK(expression_compile_columns("churn > 0.9 and country = 'DE'", columns, N, false, &expression, &err),
              &err);
    const uint32_t *used = expression_columns(expression, &n);
    cr_assert(n == 2 && used[0] == CHURN && used[1] == COUNTRY);
    ASSERT_OK(expression_holds(expression, value_of, &row, &is_true, &err), &err);
    cr_assert(!is_true);
    cr_assert_eq(row.asked[CHURN], 1);
    for (int i = 0; i < N; i++) cr_assert(i == CHURN || row.asked[i] == 0);
    expression_free(expression);
}

Test(expression_columns, each_row_is_its_own_whatever_was_before)
{
    struct expression *expression;
    struct err err;
    char list[1200] = "orders in (0";
    for (int i = 2; i < 200; i += 2) snprintf(list + strlen(list), sizeof list - strlen(list), ", %d", i);
    snprintf(list + strlen(list), sizeof list - strlen(list), ") or country in ('AT', 'CH', 'LI')");
    ASSERT_OK(expression_compile_columns(list, columns, N, false, &expression, &err), &err);
    for (int i = 0; i < 1000; i++) {
        struct row row = { 0 };
        bool is_true;
        row.values[ORDERS] = number(i % 200);
        row.values[COUNTRY] = text(i % 7 == 0 ? "CH" : "FR");
        ASSERT_OK(expression_holds(expression, value_of, &row, &is_true, &err), &err);
        cr_assert_eq(is_true, i % 2 == 0 || i % 7 == 0, "row %d", i);
    }
    expression_free(expression);
}

Test(expression_columns, attacks_are_refused)
{
    static const struct { const char *sql, *want; } cases[] = {
        { "orders in (select 1)", "a query within it" },
        { "exists (select 1 from sqlite_master)", "may not use" },
        { "1) union select (sql from sqlite_master", "" },
        { "1) from features; attach 'x' as y; select (1", "" },
        { "1; pragma writable_schema = on", "syntax error" },
        { "(with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c)",
          "" },
        { "randomblob(1000000000) is not null", "the function randomblob" },
        { "zeroblob(1000000000) is not null", "the function zeroblob" },
        { "printf('%1000000000d', 1) is null", "the function printf" },
        { "format('%.*c', 1000000000, 'x') is null", "the function format" },
        { "replace(country, '', country) = ''", "the function replace" },
        { "hex(country) = ''", "the function hex" },
        { "load_extension('x')", "the function load_extension" },
        { "readfile('/etc/passwd') = ''", "no such function" },
        { "fts3_tokenizer('simple') is null", "" },
        { "sqlite_version() = ''", "the function sqlite_version" },
        { "current_timestamp > ''", "the function current_timestamp" },
        { "datetime('now') > ''", "the function datetime" },
        { "country match 'x'", "" },
        { "country regexp 'x'", "" },
        { "country -> '$'", "the function ->" },
        { "group_concat(country) = ''", "the function group_concat" },
        { "raise(abort, 'x')", "" },
        { "rowid = 0", "rowid" },
        { "country = ?", "" },
        { "cuntry = 'DE'",
          "there is no feature, score or trait 'cuntry'; did you mean 'country'? (at character 1)" },
        { "orders > 1 and (country = 'DE'", "" },
        { "orders > 1 andd country = 'DE'", "syntax error (at character 12)" },
        { "\"DE\" = country", "no feature, score or trait 'DE'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *expression;
        struct err err = { .text = "" };
        cr_assert(!expression_compile_columns(cases[i].sql, columns, N, false, &expression, &err),
                  "'%s' was taken", cases[i].sql);
        cr_assert_eq(err.code, ERR_INVALID);
        cr_assert(strstr(err.text, cases[i].want), "'%s' gave '%s'", cases[i].sql, err.text);
    }
}

/* A text that takes LIKE as long as can be, and one that grows by being joined to itself. */
Test(expression_columns, patterns_and_texts_that_grow_are_bounded)
{
    static char letters[8 * 1024 + 1], sql[EXPRESSION_MOST_BYTES];
    struct row row = usual();
    struct expression *expression;
    struct err err;
    bool is_true;
    memset(letters, 'a', sizeof letters - 1);
    row.values[COUNTRY] = text(letters);
    cr_assert(!holds("country like '%a%a%a%a%a%a%a%a%b'", row));
    size_t n = (size_t)snprintf(sql, sizeof sql, "country like '%%b'");
    for (int i = 0; i < 90; i++) n += (size_t)snprintf(sql + n, sizeof sql - n, " or country like '%%a%%a%%a%%ab'");
    ASSERT_OK(expression_compile_columns(sql, columns, N, false, &expression, &err), &err);
    ASSERT_FAILS(expression_holds(expression, value_of, &row, &is_true, &err), &err, ERR_INVALID, "took too long");
    row.values[COUNTRY] = text("b");
    ASSERT_OK(expression_holds(expression, value_of, &row, &is_true, &err), &err);
    cr_assert(is_true, "the next row begins anew");
    expression_free(expression);

    row.values[COUNTRY] = text(letters);
    ASSERT_OK(expression_compile_columns("length(country || country || country) > 0", columns, N, false,
                                         &expression, &err), &err);
    ASSERT_FAILS(expression_holds(expression, value_of, &row, &is_true, &err), &err, ERR_INVALID, "too big");
    expression_free(expression);
}

Test(expression_columns, a_lenient_compilation_reads_absent_names_as_missing)
{
    struct expression *expression;
    struct err err;
    struct row row = usual();
    bool is_true;
    ASSERT_OK(expression_compile_columns("gone > 1 or \"also gone\" is null and orders = 3", columns, N, true,
                                         &expression, &err), &err);
    ASSERT_OK(expression_holds(expression, value_of, &row, &is_true, &err), &err);
    cr_assert(is_true);
    expression_free(expression);
    ASSERT_FAILS(expression_compile_columns("gone > ", columns, N, true, &expression, &err), &err, ERR_INVALID,
                 "");
}
