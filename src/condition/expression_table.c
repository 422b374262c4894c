/* expression_table.c - rows of an expression as a read-only virtual table: an array of floats, or one row whose
 * values are asked for column by column; see expression_internal.h. */
#include "condition/expression_internal.h"

#include <math.h>
#include <stdio.h>

struct table { sqlite3_vtab base; struct expression *expression; };
struct place { sqlite3_vtab_cursor base; struct expression *expression; size_t row; };

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
    const struct expression *expression = expression_of(cursor);
    return !expression->is_endless && ((struct place *)cursor)->row >= expression->n_rows;
}

static void give_number(sqlite3_context *context, double number)
{
    if (isnan(number)) sqlite3_result_null(context);
    else sqlite3_result_double(context, number);
}

/* A number column never gives a text, nor the other way round. */
static void give(sqlite3_context *context, const struct expression_value *value, bool is_text)
{
    double number = value->number;
    char digits[32];
    if (value->kind == EXPRESSION_IS_NULL || (value->kind == EXPRESSION_IS_NUMBER && isnan(number))) {
        sqlite3_result_null(context);
    } else if (value->kind == EXPRESSION_IS_NUMBER && !is_text) {
        sqlite3_result_double(context, number);
    } else if (value->kind == EXPRESSION_IS_NUMBER) {
        snprintf(digits, sizeof digits, "%.15g", number);
        sqlite3_result_text(context, digits, -1, SQLITE_TRANSIENT);
    } else if (is_text) {
        sqlite3_result_text64(context, value->text.at ? value->text.at : "", value->text.length, SQLITE_STATIC,
                              SQLITE_UTF8);
    } else {
        give_number(context, text_double(value->text, '.', &number) ? number : (double)NAN);
    }
}

static int place_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const struct expression *expression = expression_of(cursor);
    uint32_t of = column > 0 ? expression->column_of[column] : EXPRESSION_NO_COLUMN;
    if (of == EXPRESSION_NO_COLUMN) {
        sqlite3_result_null(context);
    } else if (expression->is_typed) {
        struct expression_value value = expression->value(expression->value_context, of);
        give(context, &value, expression->is_text[column]);
    } else {
        size_t row = ((struct place *)cursor)->row;
        give_number(context, (double)expression->rows[row * expression->row_columns + of]);
    }
    return SQLITE_OK;
}

static int place_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)((struct place *)cursor)->row;
    return SQLITE_OK;
}

const sqlite3_module expression_table = {
    .iVersion = 1, .xConnect = table_connect, .xDisconnect = table_disconnect, .xBestIndex = table_best_index,
    .xOpen = place_open, .xClose = place_close, .xFilter = place_filter, .xNext = place_next, .xEof = place_is_end,
    .xColumn = place_column, .xRowid = place_rowid,
};
