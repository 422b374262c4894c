/* What a condition can be while columns move: whatever SQLite finds in between was among it, for any condition;
 * and plain conditions are decided. */
#include "store/expression.h"
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
    say(text, "case when ");
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
        "/* - */ 1", "true",
    };
    static const char *const binary[] = {
        "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "=", "==", "<>", "!=", " and ", " or ", " is ", " is not ",
        "||", "&", ">>", " like ", " and ", " or ", "<", ">",
    };
    static const char *const unary[] = { "not ", "-", "+", "~" };
    static const char *const postfix[] = { " is null", " isnull", " notnull", " not null", " collate nocase" };
    static const char *const calls[] = { "abs(", "round(", "floor(", "ceil(", "trunc(", "min(", "max(",
                                         "coalesce(",
                                         "ifnull(", "iif(", "sqrt(", "nullif(" };
    static const int arguments[] = { 1, 1, 1, 1, 1, 2, 3, 2, 2, 3, 1, 2 };
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
        say(text, postfix[rng_below(rng, 5)]);
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

/* Returns whether it could be asked about. */
static bool check_one(struct rng *rng, const char *sql)
{
    struct expression *expression;
    struct expression_watch *watch;
    struct err err;
    if (!expression_compile_columns(sql, columns, COLUMNS, true, &expression, &err)) return false;
    ASSERT_OK(expression_watch_new(expression, sql, columns, COLUMN_C, &watch, &err), &err);
    size_t n = expression_watch_columns(watch), n_used;
    const uint32_t *used = expression_columns(expression, &n_used);
    for (int i = 0; i < 6; i++) {
        double ends[2][2], from[2], to[2];
        bool can_true, can_false, is_true;
        for (size_t k = 0; k < COLUMN_TEXT; k++) row[k] = random_value(rng);
        for (size_t k = 0; k < 2; k++) {
            ends[0][k] = row[k];
            ends[1][k] = isnan(row[k]) || rng_below(rng, 3) == 0 ? row[k] : row[k] + rng_uniform(rng) * 2 - 1;
        }
        for (size_t k = 0; k < n; k++) from[k] = ends[0][used[k]], to[k] = ends[1][used[k]];
        expression_watch_row(watch, value, NULL);
        expression_can_be(watch, from, to, &can_true, &can_false);
        for (int point = 0; point < 12; point++) {
            for (size_t k = 0; k < 2; k++) {
                double share = point < 2 ? point : rng_uniform(rng);
                row[k] = share == 1 ? ends[1][k] : ends[0][k] + share * (ends[1][k] - ends[0][k]);
                double low = fmin(ends[0][k], ends[1][k]), high = fmax(ends[0][k], ends[1][k]);
                if (point > 8 && round(row[k]) >= low && round(row[k]) <= high) row[k] = round(row[k]);
            }
            if (!expression_holds(expression, value, NULL, &is_true, &err)) continue;
            cr_assert(is_true ? can_true : can_false, "%s is %d for a = %.17g, b = %.17g, c = %g (seed %llu)", sql,
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
    EACH_CASE(c, 1500)
    {
        char sql[SQL_ROOM] = "";
        compose(&c.rng, sql, 1 + (int)rng_below(&c.rng, 4));
        n_asked += check_one(&c.rng, sql);
    }
    cr_assert_gt(n_asked, 100);
}

Test(expression_range, plain_conditions_are_decided_while_nothing_crosses)
{
    static const struct { const char *sql; bool is_true; } cases[] = {      /* a from 10 to 11, b 2, c 5 */
        { "a > 9", true }, { "a > 9.99 and t = 'DE'", true }, { "a > 9 and t = 'AT'", false },
        { "not (a < 12 and c = 5)", false }, { "a - \"b x\" * 2 between 5 and 8", true },
        { "a / \"b x\" > 4.9 or t like 'x%'", true }, { "a in (1, 2, 12)", false },
        { "\"b x\" in (1, 2, 3)", true },
        { "a is not null", true }, { "coalesce(a, 0) >= 9.9", true }, { "abs(a - 20) < 3", false },
        { "case when a > 5 then c else 0 end = 5", true }, { "cast(a as integer) in (3, 4)", false },
        { "min(a, c) = 5 and max(a, c) > 9 and round(a) > 9", true }, { "\"b x\" + c >= 7", true },
        { "(a > 3) + (c > 3) = 2 -- both", true }, { "-a < -9 AND NOT a ISNULL", true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double from[] = { 10, 2 }, to[] = { 11, 2 };
        struct expression *expression;
        struct expression_watch *watch;
        struct err err;
        bool can_true, can_false;
        row[COLUMN_C] = 5, row[COLUMN_A] = 10, row[COLUMN_B] = 2;
        ASSERT_OK(expression_compile_columns(cases[i].sql, columns, COLUMNS, false, &expression, &err), &err);
        ASSERT_OK(expression_watch_new(expression, cases[i].sql, columns, COLUMN_C, &watch, &err), &err);
        expression_watch_row(watch, value, NULL);
        bool is_b_only = strncmp(cases[i].sql, "\"b x\"", 5) == 0;
        expression_can_be(watch, from + is_b_only, to + is_b_only, &can_true, &can_false);
        cr_assert(can_true == cases[i].is_true && can_false != cases[i].is_true, "%s: %d %d", cases[i].sql,
                  can_true, can_false);
        expression_watch_free(watch);
        expression_free(expression);
    }
}
