/* expression.c - compiles a condition over a virtual table of one customer a row, and runs it; see
 * expression.h.
 *
 * The text is compiled three times.  Inside one pair of parentheses and inside two, so that text
 * which closes them and goes on with SQL of its own fails in one of the two; then for use.  With no
 * row at all it must give no row, or it is an aggregate.
 *
 * It stands in a CASE, so that what cannot change the answer any more is not computed.
 *
 * For one row at a time the table never ends: each step of the statement is one customer, so that lists
 * after IN and constants are prepared once, not for each. */
#include "condition/expression_internal.h"
#include "base/memory.h"
#include "base/arena.h"
#include "base/similar.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_ABSENT = 64 };

/* The columns of a row, and names that a lenient compilation found to be absent. */
struct columns {
    const char *const             *names;       /* [n] */
    const struct expression_column *typed;      /* [n]; NULL: all are numbers */
    const char *noun;                           /* what one is called; NULL: as in a condition over customers */
    size_t                          n;
    char                           *absent[MOST_ABSENT];
    size_t                          n_absent;
    bool                            is_lenient, is_number;
};

static bool occurs(const char *sql, const char *name)
{
    char *quoted = sqlite3_mprintf("%w", name);     /* as it stands between double quotes */
    bool found = *name && (strcasestr(sql, name) || (quoted && strcasestr(sql, quoted)));
    sqlite3_free(quoted);
    return found;
}

static bool is_declared(const struct expression *expression, const struct columns *columns, const char *name)
{
    for (size_t k = 1; k < expression->n_columns; k++) {
        uint32_t of = expression->column_of[k];
        if (of != EXPRESSION_NO_COLUMN && strcasecmp(columns->names[of], name) == 0) return true;
    }
    return false;
}

static void declare_column(struct expression *expression, sqlite3_str *text, const char *name, uint32_t of,
                           bool is_text)
{
    sqlite3_str_appendf(text, ", \"%w\" %s", name, is_text ? "TEXT" : "REAL");
    expression->column_of[expression->n_columns] = of;
    expression->is_text[expression->n_columns++] = is_text;
}

/* The names that occur in the text, as columns of the virtual table. */
static bool declare(struct expression *expression, const char *sql, const struct columns *columns, struct err *err)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(text, "CREATE TABLE features(\"(none)\" HIDDEN");
    expression->column_of = memory_new(EXPRESSION_MOST_COLUMNS + 1, sizeof *expression->column_of);
    expression->is_text = memory_new(EXPRESSION_MOST_COLUMNS + 1, sizeof *expression->is_text);
    expression->n_columns = 1;
    for (size_t i = 0; i < columns->n && expression->n_columns <= EXPRESSION_MOST_COLUMNS; i++)
        if (occurs(sql, columns->names[i]) && !is_declared(expression, columns, columns->names[i]))
            declare_column(expression, text, columns->names[i], (uint32_t)i,
                           columns->typed && columns->typed[i].type == EXPRESSION_TEXT);
    for (size_t i = 0; i < columns->n_absent && expression->n_columns <= EXPRESSION_MOST_COLUMNS; i++)
        declare_column(expression, text, columns->absent[i], EXPRESSION_NO_COLUMN, true);
    sqlite3_str_appendall(text, ")");
    expression->declaration = sqlite3_str_finish(text);
    return expression->declaration || err_set(err, ERR_IO, "out of memory");
}

/* The name in SQLite's sentence that there is no such column, or NULL. */
static const char *absent_name(const struct expression *expression)
{
    static const char absent[] = "no such column: ";
    const char *message = sqlite3_errmsg(expression->db);
    return strncmp(message, absent, strlen(absent)) == 0 ? message + strlen(absent) : NULL;
}

/* Where in the condition the error is, as " (at character 12)", or "". */
static void place_of_error(int offset, const char *sql, char *ret_text, size_t room)
{
    *ret_text = 0;
    if (offset < 0 || (size_t)offset > strlen(sql)) return;
    int character = 1;
    for (int i = 0; i < offset; i++) character += ((unsigned char)sql[i] & 0xC0) != 0x80;
    snprintf(ret_text, room, " (at character %d)", character);
}

static const char *similar_to(const char *wanted, const struct columns *columns, struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, columns->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < columns->n; i++)
        if (*columns->names[i]) names[n++] = columns->names[i];
    return similar_names(wanted, names, n, arena);
}

static bool explain(const struct expression *expression, const char *sql, const struct columns *columns,
                    struct err *err)
{
    char place[40];
    const char *word = columns->is_number ? "expression" : "condition";
    int offset = sqlite3_error_offset(expression->db) - expression->n_before;
    place_of_error(offset, sql, place, sizeof place);
    if (offset >= 0 && (size_t)offset >= strlen(sql))
        return err_set(err, ERR_INVALID, "the %s '%.200s' ends before it is complete", word, sql);
    if (*expression->refused)
        return err_set(err, ERR_INVALID, "the %s '%.200s' may not use %s", word, sql, expression->refused);
    const char *wanted = absent_name(expression);
    if (!wanted)
        return err_set(err, ERR_INVALID, "the %s '%.200s': %s%s", word, sql,
                       sqlite3_errmsg(expression->db), place);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    err_set(err, ERR_INVALID, "the %s '%.200s': there is no %s '%.80s'%s%s", word, sql,
            columns->noun ? columns->noun : columns->typed ? "feature, score or trait" : "feature", wanted,
            similar_to(wanted, columns, arena), place);
    arena_free(arena);
    return false;
}

/* One compilation of the text between opening and closing; *ret_statement is the caller's. */
static bool prepare(struct expression *expression, const char *opening, const char *sql, const char *closing,
                    sqlite3_stmt **ret_statement)
{
    char text[EXPRESSION_MOST_BYTES + 96];
    const char *rest;
    const char *before = expression->is_number ? "" : "CASE WHEN ",
               *behind = expression->is_number ? "" : " THEN 1 ELSE 0 END";
    expression->n_before = snprintf(text, sizeof text, "SELECT %s%s", before, opening);
    snprintf(text, sizeof text, "SELECT %s%s%s\n%s%s FROM features", before, opening, sql, closing, behind);
    expression->n_selects = 0;
    if (sqlite3_prepare_v3(expression->db, text, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, &rest) != SQLITE_OK)
        return false;
    return *rest == 0 && sqlite3_column_count(*ret_statement) == 1 &&
           sqlite3_bind_parameter_count(*ret_statement) == 0;
}

static void allow_rows(struct expression *expression, size_t n)
{
    expression->checks_left = EXPRESSION_MOST_CHECKS_A_ROW * (uint64_t)n;
    expression->pattern_steps_left = EXPRESSION_MOST_PATTERN_STEPS * (uint64_t)n;
}

static bool compile(struct expression *expression, const char *sql, const struct columns *columns, struct err *err)
{
    sqlite3_stmt *doubled = NULL;
    allow_rows(expression, 1);
    bool ok = prepare(expression, "(", sql, ")", &expression->statement) &&
              prepare(expression, "((", sql, "))", &doubled);
    sqlite3_finalize(doubled);
    if (!ok && (*expression->refused || sqlite3_errcode(expression->db) != SQLITE_OK))
        return explain(expression, sql, columns, err);
    /* No row is there yet: only an aggregate finds one. */
    int rc = ok ? sqlite3_step(expression->statement) : SQLITE_ROW;
    if (rc == SQLITE_INTERRUPT)
        return err_set(err, ERR_INVALID, "the condition '%.200s' took too long: make it simpler", sql);
    if (rc == SQLITE_ROW)
        return err_set(err, ERR_INVALID,
                       "'%.200s' is not a condition on one customer, such as order_recency_days > 60", sql);
    if (rc != SQLITE_DONE) return explain(expression, sql, columns, err);
    sqlite3_reset(expression->statement);
    return true;
}

static int compare_columns(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void list_used(struct expression *expression)
{
    expression->used = memory_new(expression->n_columns, sizeof *expression->used);
    for (size_t i = 1; i < expression->n_columns; i++)
        if (expression->column_of[i] != EXPRESSION_NO_COLUMN)
            expression->used[expression->n_used++] = expression->column_of[i];
    qsort(expression->used, expression->n_used, sizeof *expression->used, compare_columns);
}

/* One attempt; *ret_is_absent if a name is no column, which then is the last of columns->absent. */
static bool attempt(const char *sql, struct columns *columns, struct expression **ret_expression,
                    bool *ret_is_absent, struct err *err)
{
    struct expression *expression = memory_new(1, sizeof *expression);
    expression->row_columns = columns->n;
    expression->is_typed = columns->typed != NULL;
    expression->is_number = columns->is_number;
    if (declare(expression, sql, columns, err) && expression_guard(expression, err) &&
        compile(expression, sql, columns, err)) {
        list_used(expression);
        *ret_expression = expression;
        return true;
    }
    const char *wanted = columns->is_lenient && expression->db ? absent_name(expression) : NULL;
    if (wanted && !*expression->refused && columns->n_absent < MOST_ABSENT) {
        size_t last = columns->n_absent;
        bool is_new = last == 0 || strcmp(columns->absent[last - 1], wanted) != 0;
        if (is_new && (columns->absent[last] = strdup(wanted))) columns->n_absent++, *ret_is_absent = true;
    }
    expression_free(expression);
    return false;
}

static bool compile_over(const char *sql, struct columns *columns, struct expression **ret_expression,
                         struct err *err)
{
    if (strlen(sql) > EXPRESSION_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a condition of %zu bytes is too long (most %d)", strlen(sql),
                       EXPRESSION_MOST_BYTES);
    bool ok = false, is_absent;
    do {
        is_absent = false;
        ok = attempt(sql, columns, ret_expression, &is_absent, err);
    } while (!ok && is_absent);
    for (size_t i = 0; i < columns->n_absent; i++) free(columns->absent[i]);
    return ok;
}

bool expression_compile(const char *sql, const char *const *names, size_t n_names,
                        struct expression **ret_expression, struct err *err)
{
    struct columns columns = { .names = names, .n = n_names };
    return compile_over(sql, &columns, ret_expression, err);
}

static bool compile_typed(const char *sql, const struct expression_column *columns, size_t n_columns,
                          bool is_lenient, bool is_number, const char *noun, struct expression **ret_expression,
                          struct err *err)
{
    static const struct expression_column none;
    const char **names = memory_new(n_columns + 1, sizeof *names);
    for (size_t i = 0; i < n_columns; i++) names[i] = columns[i].name;
    struct columns all = { .names = names, .typed = n_columns ? columns : &none, .n = n_columns,
                           .noun = noun, .is_lenient = is_lenient, .is_number = is_number };
    bool ok = compile_over(sql, &all, ret_expression, err);
    free(names);
    return ok;
}

bool expression_compile_columns(const char *sql, const struct expression_column *columns, size_t n_columns,
                                bool is_lenient, struct expression **ret_expression, struct err *err)
{
    return compile_typed(sql, columns, n_columns, is_lenient, false, NULL, ret_expression, err);
}

bool expression_compile_of_file(const char *sql, const struct expression_column *columns, size_t n_columns,
                                struct expression **ret_expression, struct err *err)
{
    return compile_typed(sql, columns, n_columns, false, false, "column", ret_expression, err);
}

bool expression_compile_number(const char *sql, const struct expression_column *columns, size_t n_columns,
                               const char *noun, struct expression **ret_expression, struct err *err)
{
    return compile_typed(sql, columns, n_columns, false, true, noun, ret_expression, err);
}

void expression_free(struct expression *expression)
{
    if (!expression) return;
    sqlite3_finalize(expression->statement);
    sqlite3_close(expression->db);
    sqlite3_free(expression->declaration);
    free(expression->column_of);
    free(expression->is_text);
    free(expression->used);
    free(expression);
}

const uint32_t *expression_columns(const struct expression *expression, size_t *ret_n)
{
    *ret_n = expression->n_used;
    return expression->used;
}

static bool failed(struct expression *expression, int rc, struct err *err)
{
    if (rc == SQLITE_INTERRUPT)
        return err_set(err, ERR_INVALID, "the condition took too long: make it simpler");
    return err_set(err, ERR_INVALID, "the condition cannot be evaluated: %s", sqlite3_errmsg(expression->db));
}

bool expression_test(struct expression *expression, const float *rows, size_t n_rows, bool *ret_is_true,
                     struct err *err)
{
    assert(!expression->is_typed);
    sqlite3_stmt *statement = expression->statement;
    expression->rows = rows, expression->n_rows = n_rows;
    allow_rows(expression, n_rows + 1);
    size_t n = 0;
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        assert(n < n_rows);
        ret_is_true[n++] = sqlite3_column_int(statement, 0);
    }
    bool ok = (rc == SQLITE_DONE && n == n_rows) || failed(expression, rc, err);
    sqlite3_reset(statement);
    expression->rows = NULL, expression->n_rows = 0;
    return ok;
}

/* One step of the statement, for the row that value tells of.  On failure it is reset. */
static bool step_row(struct expression *expression, struct expression_value (*value)(void *context, size_t column),
                     void *context, struct err *err)
{
    assert(expression->is_typed);
    expression->value = value, expression->value_context = context;
    expression->is_endless = true;
    allow_rows(expression, 1);
    int rc = sqlite3_step(expression->statement);
    if (rc == SQLITE_ROW) return true;
    failed(expression, rc, err);
    sqlite3_reset(expression->statement);
    return false;
}

bool expression_holds(struct expression *expression,
                      struct expression_value (*value)(void *context, size_t column), void *context,
                      bool *ret_is_true, struct err *err)
{
    if (!step_row(expression, value, context, err)) return false;
    *ret_is_true = sqlite3_column_int(expression->statement, 0);
    return true;
}

bool expression_number(struct expression *expression,
                       struct expression_value (*value)(void *context, size_t column), void *context,
                       double *ret_number, struct err *err)
{
    assert(expression->is_number);
    if (!step_row(expression, value, context, err)) return false;
    int type = sqlite3_column_type(expression->statement, 0);
    bool is = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    *ret_number = is ? sqlite3_column_double(expression->statement, 0) : (double)NAN;
    return true;
}
