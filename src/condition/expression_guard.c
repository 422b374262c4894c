/* expression_guard.c - what a condition may do: nothing but compute, in bounded time and memory; see
 * expression_internal.h.
 *
 * Functions are those whose cost is proportional to their arguments.  LIKE and GLOB, whose cost is the
 * product of text and pattern, pay for it beforehand from an allowance for each row. */
#include "condition/expression_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_among(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcasecmp(name, *names) == 0) return true;
    return false;
}

static bool is_allowed_function(const struct expression *expression, const char *name)
{
    static const char *const numeric[] = {
        "abs",   "coalesce", "ifnull", "iif", "nullif", "min",   "max",  "round", "sign",  "floor", "ceil",
        "ceiling", "trunc",  "ln",     "log", "log10",  "log2",  "exp",  "pow",   "power", "sqrt",  NULL
    };
    static const char *const textual[] = {
        "like", "glob", "lower", "upper", "length", "substr", "substring", NULL
    };
    return is_among(name, numeric) || (expression->is_typed && is_among(name, textual));
}

static int refuse(struct expression *expression, const char *kind, const char *name)
{
    snprintf(expression->refused, sizeof expression->refused, "%s%.60s", kind, name ? name : "");
    return SQLITE_DENY;
}

static int authorise(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    struct expression *expression = context;
    (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
        return ++expression->n_selects == 1 ? SQLITE_OK : refuse(expression, "a query within it", "");
    case SQLITE_READ:
        if (!first || strcmp(first, "features") != 0) return refuse(expression, "the table ", first);
        return second && strcmp(second, "ROWID") == 0 ? refuse(expression, "rowid", "") : SQLITE_OK;
    case SQLITE_FUNCTION:
        return is_allowed_function(expression, second) ? SQLITE_OK
                                                       : refuse(expression, "the function ", second);
    default:              return refuse(expression, "anything but a condition", "");
    }
}

/* Ends a statement that runs for too long. */
static int count_steps(void *context)
{
    struct expression *expression = context;
    if (expression->checks_left == 0) return 1;
    expression->checks_left--;
    return 0;
}

static bool pay(sqlite3_context *context, size_t text_bytes, size_t pattern_bytes)
{
    struct expression *expression = sqlite3_user_data(context);
    uint64_t steps = ((uint64_t)text_bytes + 1) * ((uint64_t)pattern_bytes + 1);
    if (steps > expression->pattern_steps_left) {
        sqlite3_result_error_code(context, SQLITE_INTERRUPT);
        return false;
    }
    expression->pattern_steps_left -= steps;
    return true;
}

/* like(pattern, text [, escape]) as SQLite's own. */
static void like(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    const char *pattern = (const char *)sqlite3_value_text(args[0]);
    const char *text = (const char *)sqlite3_value_text(args[1]);
    const char *escape = n_args > 2 ? (const char *)sqlite3_value_text(args[2]) : "";
    if (!pattern || !text || !escape) return;
    if (n_args > 2 && ((signed char)escape[0] <= 0 || escape[1]))
        sqlite3_result_error(context, "ESCAPE needs one character of ASCII", -1);
    else if (pay(context, strlen(text), strlen(pattern)))
        sqlite3_result_int(context, sqlite3_strlike(pattern, text, (unsigned char)escape[0]) == 0);
}

static void glob(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    const char *pattern = (const char *)sqlite3_value_text(args[0]);
    const char *text = (const char *)sqlite3_value_text(args[1]);
    if (pattern && text && pay(context, strlen(text), strlen(pattern)))
        sqlite3_result_int(context, sqlite3_strglob(pattern, text) == 0);
}

static bool add_patterns(struct expression *expression)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    sqlite3 *db = expression->db;
    return sqlite3_create_function(db, "like", 2, flags, expression, like, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(db, "like", 3, flags, expression, like, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(db, "glob", 2, flags, expression, glob, NULL, NULL) == SQLITE_OK;
}

bool expression_guard(struct expression *expression, struct err *err)
{
    const struct { int id, value; } limits[] = {
        { SQLITE_LIMIT_LENGTH, expression->is_typed ? EXPRESSION_TEXT_MOST_BYTES : 100 * 1000 },
        { SQLITE_LIMIT_SQL_LENGTH, 2 * EXPRESSION_MOST_BYTES },
        { SQLITE_LIMIT_EXPR_DEPTH, 100 },    { SQLITE_LIMIT_COMPOUND_SELECT, 1 },
        { SQLITE_LIMIT_ATTACHED, 0 },        { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 0 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(":memory:", &expression->db, flags, NULL) != SQLITE_OK)
        return err_set(err, ERR_IO, "out of memory");
    sqlite3 *db = expression->db;
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) sqlite3_limit(db, limits[i].id, limits[i].value);
    if (sqlite3_create_module(db, "features", &expression_table, expression) != SQLITE_OK ||
        !add_patterns(expression))
        return err_set(err, ERR_IO, "out of memory");
    /* Declaring the table is the one thing that the authoriser would not allow. */
    if (sqlite3_exec(db, "SELECT 1 FROM features", NULL, NULL, NULL) != SQLITE_OK)
        return err_set(err, ERR_IO, "declaring the features: %s", sqlite3_errmsg(db));
    sqlite3_set_authorizer(db, authorise, expression);
    sqlite3_progress_handler(db, EXPRESSION_STEPS_BETWEEN_CHECKS, count_steps, expression);
    return true;
}
