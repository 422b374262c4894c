/* expression.c - a one-row-at-a-time virtual table of numbers, and a statement that selects the
 * condition from it; see expression.h.
 *
 * The text is compiled three times.  Inside one pair of parentheses and inside two, so that text
 * which closes them and goes on with SQL of its own fails in one of the two; then for use.  With no
 * row at all it must give no row, or it is an aggregate. */
#include "store/expression.h"
#include "base/arena.h"
#include "base/similar.h"

#include <assert.h>
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_COLUMNS = 1000, STEPS_BETWEEN_CHECKS = 1000, MOST_CHECKS_A_ROW = 200 };

struct expression {
    sqlite3      *db;
    sqlite3_stmt *statement;
    char          refused[96];      /* what the authoriser refused, or "" */
    unsigned      n_selects;        /* seen by the authoriser in this compilation */
    char         *declaration;      /* of the virtual table */
    uint32_t     *column_of;        /* of a row, for each column of the virtual table */
    size_t        n_names;
    const float  *rows;
    size_t        n_rows;
    uint64_t      checks_left;
};

/* The virtual table. */
struct table  { sqlite3_vtab base; struct expression *expression; };
struct place  { sqlite3_vtab_cursor base; struct expression *expression; size_t row; };

static struct expression *expression_of(sqlite3_vtab_cursor *cursor)
{
    return ((struct place *)cursor)->expression;
}

static int table_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
                         sqlite3_vtab **ret_table, char **error)
{
    struct expression *expression = context;
    (void)argv, (void)argc, (void)error;
    struct table *table = sqlite3_malloc64(sizeof *table);
    if (!table) return SQLITE_NOMEM;
    *table = (struct table){ .expression = expression };
    int rc = sqlite3_declare_vtab(db, expression->declaration);
    if (rc == SQLITE_OK) *ret_table = &table->base;
    else sqlite3_free(table);
    return rc;
}

static int table_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int table_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int place_open(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
    struct place *place = sqlite3_malloc64(sizeof *place);
    if (!place) return SQLITE_NOMEM;
    *place = (struct place){ .expression = ((struct table *)table)->expression };
    *ret_cursor = &place->base;
    return SQLITE_OK;
}

static int place_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int place_filter(sqlite3_vtab_cursor *cursor, int number, const char *text, int argc, sqlite3_value **argv)
{
    (void)number, (void)text, (void)argc, (void)argv;
    ((struct place *)cursor)->row = 0;
    return SQLITE_OK;
}

static int place_next(sqlite3_vtab_cursor *cursor)
{
    ((struct place *)cursor)->row++;
    return SQLITE_OK;
}

static int place_is_end(sqlite3_vtab_cursor *cursor)
{
    return ((struct place *)cursor)->row >= expression_of(cursor)->n_rows;
}

static int place_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const struct expression *expression = expression_of(cursor);
    const float *row = expression->rows + ((struct place *)cursor)->row * expression->n_names;
    float value = column == 0 ? NAN : row[expression->column_of[column]];
    if (isnan(value)) sqlite3_result_null(context);
    else sqlite3_result_double(context, (double)value);
    return SQLITE_OK;
}

static int place_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)((struct place *)cursor)->row;
    return SQLITE_OK;
}

static const sqlite3_module table_module = {
    .iVersion = 1, .xConnect = table_connect, .xDisconnect = table_disconnect, .xBestIndex = table_best_index,
    .xOpen = place_open, .xClose = place_close, .xFilter = place_filter, .xNext = place_next, .xEof = place_is_end,
    .xColumn = place_column, .xRowid = place_rowid,
};

static bool is_allowed_function(const char *name)
{
    static const char *const allowed[] = { "abs",   "coalesce", "ifnull", "iif",  "nullif",  "min",   "max",
                                           "round", "sign",     "floor",  "ceil", "ceiling", "trunc", "ln",
                                           "log",   "log10",    "log2",   "exp",  "pow",     "power", "sqrt" };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcasecmp(name, allowed[i]) == 0) return true;
    return false;
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
        return first && strcmp(first, "features") == 0 ? SQLITE_OK : refuse(expression, "the table ", first);
    case SQLITE_FUNCTION:
        return is_allowed_function(second) ? SQLITE_OK : refuse(expression, "the function ", second);
    default:              return refuse(expression, "anything but a condition", "");
    }
}

/* Ends a statement that runs for too long. */
static int count_steps(void *context)
{
    struct expression *expression = context;
    return expression->checks_left-- == 0;
}

static bool occurs(const char *sql, const char *name)
{
    char *quoted = sqlite3_mprintf("%w", name);     /* as it stands between double quotes */
    bool found = *name && (strcasestr(sql, name) || (quoted && strcasestr(sql, quoted)));
    sqlite3_free(quoted);
    return found;
}

/* The names that occur in the text, as columns of the virtual table. */
static bool declare(struct expression *expression, const char *sql, const char *const *names, size_t n_names,
                    struct err *err)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(text, "CREATE TABLE features(\"(none)\" HIDDEN");
    expression->column_of = calloc(MOST_COLUMNS + 1, sizeof *expression->column_of);
    size_t n = 1;
    for (size_t i = 0; expression->column_of && i < n_names; i++) {
        bool is_new = n <= MOST_COLUMNS && occurs(sql, names[i]);
        for (size_t k = 1; is_new && k < n; k++)
            is_new = strcasecmp(names[expression->column_of[k]], names[i]) != 0;
        if (!is_new) continue;
        sqlite3_str_appendf(text, ", \"%w\" REAL", names[i]);
        expression->column_of[n++] = (uint32_t)i;
    }
    sqlite3_str_appendall(text, ")");
    expression->declaration = sqlite3_str_finish(text);
    return (expression->declaration && expression->column_of) || err_set(err, ERR_IO, "out of memory");
}

static bool open_engine(struct expression *expression, struct err *err)
{
    static const struct { int id, value; } limits[] = {
        { SQLITE_LIMIT_LENGTH, 100 * 1000 }, { SQLITE_LIMIT_SQL_LENGTH, 2 * EXPRESSION_MOST_BYTES },
        { SQLITE_LIMIT_EXPR_DEPTH, 100 },    { SQLITE_LIMIT_COMPOUND_SELECT, 1 },
        { SQLITE_LIMIT_ATTACHED, 0 },        { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 0 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(":memory:", &expression->db, flags, NULL) != SQLITE_OK)
        return err_set(err, ERR_IO, "out of memory");
    sqlite3_db_config(expression->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(expression->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(expression->db, limits[i].id, limits[i].value);
    if (sqlite3_create_module(expression->db, "features", &table_module, expression) != SQLITE_OK)
        return err_set(err, ERR_IO, "out of memory");
    /* Declaring the table is the one thing that the authoriser would not allow. */
    if (sqlite3_exec(expression->db, "SELECT 1 FROM features", NULL, NULL, NULL) != SQLITE_OK)
        return err_set(err, ERR_IO, "declaring the features: %s", sqlite3_errmsg(expression->db));
    sqlite3_set_authorizer(expression->db, authorise, expression);
    sqlite3_progress_handler(expression->db, STEPS_BETWEEN_CHECKS, count_steps, expression);
    return true;
}

static bool explain(const struct expression *expression, const char *sql, const char *const *names,
                    size_t n_names, struct err *err)
{
    static const char absent[] = "no such column: ";
    const char *message = sqlite3_errmsg(expression->db);
    if (*expression->refused)
        return err_set(err, ERR_INVALID, "the condition '%.200s' may not use %s", sql, expression->refused);
    if (strncmp(message, absent, strlen(absent)) != 0)
        return err_set(err, ERR_INVALID, "the condition '%.200s': %s", sql, message);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *wanted = message + strlen(absent);
    err_set(err, ERR_INVALID, "the condition '%.200s': there is no feature '%.80s'%s", sql, wanted,
            similar_names(wanted, names, n_names, arena));
    arena_free(arena);
    return false;
}

/* One compilation of the text between opening and closing; *ret_statement is the caller's. */
static bool prepare(struct expression *expression, const char *opening, const char *sql, const char *closing,
                    sqlite3_stmt **ret_statement)
{
    char text[EXPRESSION_MOST_BYTES + 64];
    const char *rest;
    snprintf(text, sizeof text, "SELECT %s%s\n%s FROM features", opening, sql, closing);
    expression->n_selects = 0;
    if (sqlite3_prepare_v2(expression->db, text, -1, ret_statement, &rest) != SQLITE_OK) return false;
    return *rest == 0 && sqlite3_column_count(*ret_statement) == 1 &&
           sqlite3_bind_parameter_count(*ret_statement) == 0;
}

static bool compile(struct expression *expression, const char *sql, const char *const *names, size_t n_names,
                    struct err *err)
{
    sqlite3_stmt *doubled = NULL;
    expression->checks_left = MOST_CHECKS_A_ROW;
    bool ok = prepare(expression, "(", sql, ")", &expression->statement) &&
              prepare(expression, "((", sql, "))", &doubled);
    sqlite3_finalize(doubled);
    if (!ok && (*expression->refused || sqlite3_errcode(expression->db) != SQLITE_OK))
        return explain(expression, sql, names, n_names, err);
    /* No row is there yet: only an aggregate finds one. */
    if (!ok || sqlite3_step(expression->statement) != SQLITE_DONE)
        return err_set(err, ERR_INVALID,
                       "'%.200s' is not a condition on one customer, such as order_recency_days > 60", sql);
    sqlite3_reset(expression->statement);
    return true;
}

bool expression_compile(const char *sql, const char *const *names, size_t n_names,
                        struct expression **ret_expression, struct err *err)
{
    if (strlen(sql) > EXPRESSION_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a condition of %zu bytes is too long (most %d)", strlen(sql),
                       EXPRESSION_MOST_BYTES);
    struct expression *expression = calloc(1, sizeof *expression);
    if (!expression) return err_set(err, ERR_IO, "out of memory");
    expression->n_names = n_names;
    if (declare(expression, sql, names, n_names, err) && open_engine(expression, err) &&
        compile(expression, sql, names, n_names, err)) {
        *ret_expression = expression;
        return true;
    }
    expression_free(expression);
    return false;
}

void expression_free(struct expression *expression)
{
    if (!expression) return;
    sqlite3_finalize(expression->statement);
    sqlite3_close(expression->db);
    sqlite3_free(expression->declaration);
    free(expression->column_of);
    free(expression);
}

bool expression_test(struct expression *expression, const float *rows, size_t n_rows, bool *ret_is_true,
                     struct err *err)
{
    sqlite3_stmt *statement = expression->statement;
    expression->rows = rows, expression->n_rows = n_rows;
    expression->checks_left = MOST_CHECKS_A_ROW * ((uint64_t)n_rows + 1);
    size_t n = 0;
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        assert(n < n_rows);
        ret_is_true[n++] = sqlite3_column_type(statement, 0) != SQLITE_NULL &&
                           sqlite3_column_double(statement, 0) != 0;
    }
    bool ok = rc == SQLITE_DONE && n == n_rows;
    if (rc == SQLITE_INTERRUPT) err_set(err, ERR_INVALID, "the condition took too long: make it simpler");
    else if (!ok)
        err_set(err, ERR_INVALID, "the condition cannot be evaluated: %s", sqlite3_errmsg(expression->db));
    sqlite3_reset(statement);
    expression->rows = NULL, expression->n_rows = 0;
    return ok;
}
