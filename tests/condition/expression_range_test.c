/* Whether a condition can change while columns move: never one that SQLite finds to be another truth in between was
 * said to stay, for any condition; plain ones are decided; and what cannot be followed is refused. */
#include "condition/expression.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMN_A, COLUMN_B, COLUMN_C, COLUMN_TEXT, COLUMNS };

static const struct expression_column columns[COLUMNS] = {
    { "a", EXPRESSION_NUMBER }, { "b x", EXPRESSION_NUMBER }, { "c", EXPRESSION_NUMBER }, { "t", EXPRESSION_TEXT },
};

static double row[COLUMN_TEXT];

static struct expression_value value(void *context, size_t column)
{
    (void)context;
    if (column == COLUMN_TEXT)
        return (struct expression_value){ .kind = EXPRESSION_IS_TEXT, .text = text_of("DE") };
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = row[column] };
}

enum { SQL_ROOM = 3100 };

static void say(char *text, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, SQL_ROOM - length, "%s", more);
}

static void compose(struct rng *rng, char *text, int depth);

static void compose_case(struct rng *rng, char *text, int depth)
{
    say(text, "case ");
    if (rng_below(rng, 3) == 0) compose(rng, text, depth);
    say(text, " when ");
    compose(rng, text, depth);
    say(text, " then ");
    compose(rng, text, depth);
    if (rng_below(rng, 2)) {
        say(text, " else ");
        compose(rng, text, depth);
    }
    say(text, " end");
}

/* Appends a random expression. */
static void compose(struct rng *rng, char *text, int depth)
{
    static const char *const leaves[] = {
        "a", "\"b x\"", "[b x]", "c", "A", "3", "2.5", "-1", "0", "null", "'3'", "t", "1e1", "0x2",
        "/* - */ 1", "true", "absent", "\"false\"", "a", "c", "7", "0.5", "cast(a as integer)", "round(\"b x\")",
    };
    static const char *const binary[] = {
        "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "=", "==", "<>", "!=", " and ", " or ", " is ", " is not ",
        "||", "&", ">>", " like ", " and ", " or ", "<", ">", " is distinct from ", "%", "|",
    };
    static const char *const unary[] = { "not ", "-", "+", "~" };
    static const char *const postfix[] = { " is null", " isnull", " notnull", " not null", " collate nocase",
                                           " is true", " is not false", " is false" };
    static const char *const calls[] = { "abs(", "round(", "floor(", "ceil(", "trunc(", "min(", "max(",
                                         "coalesce(",
                                         "ifnull(", "iif(", "sqrt(", "nullif(", "exp(", "ln(", "log10(",
                                         "log2(", "log(", "log(", "pow(", "sign(", "round(", "length(",
                                         "lower(" };
    static const int arguments[] = { 1, 1, 1, 1, 1, 2, 3, 2, 2, 3, 1, 2, 1, 1, 1, 1, 1, 2, 2, 1, 2, 1, 1 };
    size_t k;
    uint64_t choice = depth == 0 ? 0 : rng_below(rng, 12);
    switch (choice) {
    case 0: case 1: say(text, leaves[rng_below(rng, sizeof leaves / sizeof *leaves)]); return;
    case 2:
        say(text, unary[rng_below(rng, 4)]);
        say(text, " ");
        compose(rng, text, depth - 1);
        return;
    case 3:
        compose(rng, text, depth - 1);
        say(text, postfix[rng_below(rng, sizeof postfix / sizeof *postfix)]);
        return;
    case 4:
        k = rng_below(rng, sizeof calls / sizeof *calls);
        say(text, calls[k]);
        for (int i = 0; i < arguments[k]; i++) {
            if (i) say(text, ", ");
            compose(rng, text, depth - 1);
        }
        say(text, ")");
        return;
    case 5:
        compose(rng, text, depth - 1);
        say(text, rng_below(rng, 2) ? " between " : " not between ");
        compose(rng, text, depth - 1);
        say(text, " and ");
        compose(rng, text, depth - 1);
        return;
    case 6:
        compose(rng, text, depth - 1);
        say(text, rng_below(rng, 2) ? " in (" : " not in (");
        compose(rng, text, depth - 1);
        say(text, ", ");
        compose(rng, text, depth - 1);
        say(text, ")");
        return;
    case 7: compose_case(rng, text, depth - 1); return;
    case 8:
        if (rng_below(rng, 2)) {
            say(text, "cast(");
            compose(rng, text, depth - 1);
            say(text, rng_below(rng, 2) ? " as integer)" : " as real)");
        } else {
            say(text, "(");
            compose(rng, text, depth - 1);
            say(text, ")");
        }
        return;
    default:
        compose(rng, text, depth - 1);
        say(text, binary[rng_below(rng, sizeof binary / sizeof *binary)]);
        compose(rng, text, depth - 1);
    }
}

static double random_value(struct rng *rng)
{
    uint64_t choice = rng_below(rng, 10);
    if (choice == 0) return (double)NAN;
    return choice < 5 ? (double)rng_below(rng, 8) - 3 : 10 * rng_uniform(rng) - 4;
}

/* Returns whether it can be followed. */
static bool check_one(struct rng *rng, const char *sql)
{
    struct expression *expression;
    struct expression_watch *watch;
    struct err err;
    if (!expression_compile_columns(sql, columns, COLUMNS, true, &expression, &err)) return false;
    if (!expression_watch_new(expression, sql, columns, COLUMN_C, &watch, &err)) {
        cr_assert_eq(err.code, ERR_INVALID, "%s: %s", sql, err.text);
        expression_free(expression);
        return false;
    }
    size_t n = expression_watch_columns(watch), n_used;
    const uint32_t *used = expression_columns(expression, &n_used);
    for (int i = 0; i < 6; i++) {
        double ends[2][2], from[2], to[2];
        bool truth, is_true;
        for (size_t k = 0; k < COLUMN_TEXT; k++) row[k] = random_value(rng);
        for (size_t k = 0; k < 2; k++) {
            ends[0][k] = row[k];
            ends[1][k] = isnan(row[k]) || rng_below(rng, 3) == 0 ? row[k] : row[k] + rng_uniform(rng) * 2 - 1;
        }
        for (size_t k = 0; k < n; k++) from[k] = ends[0][used[k]], to[k] = ends[1][used[k]];
        expression_watch_row(watch, value, NULL);
        if (!expression_holds(expression, value, NULL, &truth, &err)) continue;
        bool can_change = expression_can_change(watch, from, to, truth);
        for (int point = 0; point < 12; point++) {
            for (size_t k = 0; k < 2; k++) {
                double share = point == 0 ? 1 : rng_uniform(rng);
                row[k] = share == 1 ? ends[1][k] : ends[0][k] + share * (ends[1][k] - ends[0][k]);
                double low = fmin(ends[0][k], ends[1][k]), high = fmax(ends[0][k], ends[1][k]);
                if (point > 8 && round(row[k]) >= low && round(row[k]) <= high) row[k] = round(row[k]);
            }
            if (!expression_holds(expression, value, NULL, &is_true, &err)) continue;
            cr_assert(can_change || is_true == truth, "%s is %d for a = %.17g, b = %.17g, c = %g (seed %llu)", sql,
                      is_true, row[0], row[1], row[2], (unsigned long long)support_seed());
        }
    }
    expression_watch_free(watch);
    expression_free(expression);
    return true;
}

Test(expression_range, what_sqlite_finds_in_between_could_be)
{
    size_t n_asked = 0;
    EACH_CASE(c, 3000)
    {
        char sql[SQL_ROOM] = "";
        compose(&c.rng, sql, 1 + (int)rng_below(&c.rng, 4));
        n_asked += check_one(&c.rng, sql);
    }
    cr_assert_gt(n_asked, 200);
}

/* Whether it is said to stay what it is, a from one value to another, b 2, c 5. */
static void check_stays(const char *sql, double from_a, double to_a, bool is_true)
{
    const double from[] = { from_a, 2 }, to[] = { to_a, 2 };
    struct expression *expression;
    struct expression_watch *watch;
    struct err err;
    bool truth;
    row[COLUMN_C] = 5, row[COLUMN_A] = from_a, row[COLUMN_B] = 2;
    ASSERT_OK(expression_compile_columns(sql, columns, COLUMNS, false, &expression, &err), &err);
    ASSERT_OK(expression_watch_new(expression, sql, columns, COLUMN_C, &watch, &err), &err);
    expression_watch_row(watch, value, NULL);
    ASSERT_OK(expression_holds(expression, value, NULL, &truth, &err), &err);
    bool is_b_only = strncmp(sql, "\"b x\"", 5) == 0;
    cr_assert_eq(truth, is_true, "%s", sql);
    cr_assert(!expression_can_change(watch, from + is_b_only, to + is_b_only, truth), "%s", sql);
    expression_watch_free(watch);
    expression_free(expression);
}

Test(expression_range, plain_conditions_are_decided_while_nothing_crosses)
{
    static const struct { const char *sql; bool is_true; } cases[] = {      /* a from 10 to 11 */
        { "a > 9", true }, { "a > 9.99 and t = 'DE'", true }, { "a > 9 and t = 'AT'", false },
        { "not (a < 12 and c = 5)", false }, { "a - \"b x\" * 2 between 5 and 8", true },
        { "a / \"b x\" > 4.9 or t like 'x%'", true }, { "a in (1, 2, 12)", false },
        { "\"b x\" in (1, 2, 3)", true },
        { "a is not null", true }, { "coalesce(a, 0) >= 9.9", true }, { "abs(a - 20) < 3", false },
        { "case when a > 5 then c else 0 end = 5", true }, { "cast(a as integer) in (3, 4)", false },
        { "min(a, c) = 5 and max(a, c) > 9 and round(a) > 9", true }, { "\"b x\" + c >= 7", true },
        { "(a > 3) + (c > 3) = 2 -- both", true }, { "-a < -9 AND NOT a ISNULL", true },
        { "sqrt(a) between 3.1 and 3.4", true }, { "ln(a) > 2.5", false }, { "log2(a) > 3.3", true },
        { "exp(a) > 20000", true }, { "log10(a) >= 0.99 and log(a) < 1.1", true }, { "log(2, a) > 3.5", false },
        { "pow(a, 2) > 99", true }, { "power(2, -a) < 0.001", true }, { "sign(a) = 1", true },
        { "a > '9'", true }, { "a in ('3', '4')", false }, { "'9' < a and a between '1' and '12'", true },
        { "nullif(a, 3) > 9", true }, { "a is not distinct from 12", false }, { "a is not 3", true },
        { "(a > 9) is true", true }, { "(a > 9) is not false", true }, { "(a < 9) is false", true },
        { "case c when 5 then a else 0 end > 9", true }, { "a % 20 > 8", true }, { "a collate nocase > 9", true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_stays(cases[i].sql, 10, 11, cases[i].is_true);
}

Test(expression_range, what_is_rounded_stays_between_the_steps_whatever_is_made_of_it)
{
    static const struct { const char *sql; bool is_true; } cases[] = {      /* a from 10.2 to 10.4 */
        { "a % 7 = 3", true }, { "cast(a as integer) || ' days' like '10%'", true },
        { "length(round(a)) = 4", true }, { "a & 1", false }, { "~a = -11", true }, { "a >> 1 = 5", true },
        { "substr(floor(a), 1, 1) = '1' and c = 5", true }, { "round(a, 1) || '' = 'x'", false },
        { "case cast(a as integer) when 10 then 'ten' else 'other' end = 'ten'", true },
        { "case when a > 5 then 'late' else t end in ('late', 'later')", true },
        { "(a > 10) || '' = '1'", true }, { "\"b x\" % 2 = 0", true }, { "lower(cast(a as int)) = t", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (i != 7) check_stays(cases[i].sql, 10.2, 10.4, cases[i].is_true);
    check_stays(cases[7].sql, 10.21, 10.24, false);
    check_stays("length(round(a)) = 3", 0, 0, true);
}

Test(expression_range, what_cannot_be_followed_is_refused_and_the_sentence_says_what_to_write)
{
    static const struct { const char *sql, *column, *part; } cases[] = {
        { "c = 5 and a || '' like '1%'", "a", "'a || ''" "'" },
        { "cast(a as text) = '1'", "a", "'cast(a as text)'" }, { "length(a) > 3", "a", "'length(a)'" },
        { "\"b x\" like '3%'", "\"b x\"", "'\"b x\" like '3%''" }, { "a + 1 > '3'", "a", "'a + 1 > '3''" },
        { "a = t", "a", "'a = t'" }, { "coalesce(a, 'none') = 'none'", "a", "'coalesce(a, 'none')'" },
        { "round(c, a) > 3", "a", "'round(c, a)'" }, { "a in ('x', '3')", "a", "'a in ('x', '3')'" },
        { "case a when t then 1 else 0 end", "a", "'case a when t then 1 else 0 end'" },
        { "case c when 5 then a else t end > 3", "a", "'case c when 5 then a else t end'" },
        { "cast(a as integer) < 3 and substr(\"b x\", 1) = 'x'", "\"b x\"", "'substr(\"b x\", 1)'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *expression;
        struct expression_watch *watch;
        struct err err;
        char remedy[80];
        ASSERT_OK(expression_compile_columns(cases[i].sql, columns, COLUMNS, false, &expression, &err), &err);
        cr_assert(!expression_watch_new(expression, cases[i].sql, columns, COLUMN_C, &watch, &err), "%s",
                  cases[i].sql);
        snprintf(remedy, sizeof remedy, "CAST(%s AS INTEGER)", cases[i].column);
        cr_assert(err.code == ERR_INVALID && strstr(err.text, cases[i].part) && strstr(err.text, remedy) &&
                      strncmp(err.text, cases[i].column, strlen(cases[i].column)) == 0,
                  "%s: %s", cases[i].sql, err.text);
        expression_free(expression);
    }
}

static double ages[2];

static struct expression_value age_value(void *context, size_t column)
{
    (void)context;
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = ages[column] };
}

static void grow_old(const int64_t *born_ms, int64_t now_ms)
{
    for (int i = 0; i < 2; i++) ages[i] = (double)(now_ms - born_ms[i]) / 86400000;
}

/* Ranges of an hour overlap; their distance does not change. */
Test(expression_range, of_two_ages_it_is_known_for_hours_which_is_larger_and_by_how_much)
{
    static const struct expression_column two[] = {
        { "tenure", EXPRESSION_AGE }, { "recency", EXPRESSION_AGE } };
    static const char *const conditions[] = {
        "tenure > recency", "tenure = recency", "recency < (tenure)", "tenure is recency", "tenure <= +recency",
        "tenure - recency > 0", "tenure - recency < 30 and tenure > 0", "tenure - recency = 0",
        "recency / tenure = 1", "recency / tenure > 0.25", "1 - recency / tenure < 0.75", "not tenure <> recency",
    };
    EACH_CASE(c, 300)
    {
        const char *sql = conditions[c.index % (sizeof conditions / sizeof *conditions)];
        struct expression *expression;
        struct expression_watch *watch;
        struct err err;
        bool truth, is_true;
        double from[2], to[2];
        int64_t born_ms[2] = { 0 }, now_ms = (int64_t)(100 * 86400000.0 * (1 + rng_uniform(&c.rng)));
        born_ms[1] = (int64_t[]){ 0, 1, 29 * 86400000LL, 90 * 86400000LL }[rng_below(&c.rng, 4)];
        ASSERT_OK(expression_compile_columns(sql, two, 2, false, &expression, &err), &err);
        ASSERT_OK(expression_watch_new(expression, sql, two, 2, &watch, &err), &err);
        grow_old(born_ms, now_ms + 3600 * 1000);
        memcpy(to, ages, sizeof to);
        grow_old(born_ms, now_ms);
        memcpy(from, ages, sizeof from);
        expression_watch_row(watch, age_value, NULL);
        ASSERT_OK(expression_holds(expression, age_value, NULL, &truth, &err), &err);
        bool can_change = expression_can_change(watch, from, to, truth);
        bool is_far = strchr(sql, '.') == NULL || born_ms[1] < 29 * 86400000LL;     /* from 0.25 */
        cr_assert(!can_change || !is_far, "%s, %.17g and %.17g", sql, from[0], from[1]);
        for (int i = 0; i < 20 && !can_change; i++) {
            grow_old(born_ms, now_ms + (int64_t)rng_below(&c.rng, 3600 * 1000));
            ASSERT_OK(expression_holds(expression, age_value, NULL, &is_true, &err), &err);
            cr_assert_eq(is_true, truth, "%s, %.17g and %.17g", sql, ages[0], ages[1]);
        }
        expression_watch_free(watch);
        expression_free(expression);
    }
}
