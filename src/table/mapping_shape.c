/* mapping_shape.c - the roles found say the shape, or that a file is none of them; see mapping_internal.h. */
#include "table/mapping_internal.h"

#include "base/number.h"

#include <string.h>

/* A column named like a time that no one format reads, beside customers that come again or a form of dates that
 * was asked for: a history whose dates are mixed, not a table.  False if there is one. */
static bool check_no_mixed_times(const struct guess *guess, struct err *err)
{
    const struct mapping *mapping = guess->mapping;
    const struct probe *probe = guess->probe;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    bool once_each = customer == MAPPING_NONE ||
                     mapping->columns[customer].n_distinct == mapping->columns[customer].n_values;
    if (once_each && !guess->options->date_format) return true;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (column->kind == KIND_EMPTY || column->kind == KIND_TIME ||
            role_name_score(ROLE_TIME, column->name) <= 1 || mapping_is_refused(guess, ROLE_TIME) ||
            probe->n_rows < 2)
            continue;
        struct text first = probe->cells[c], second = probe->cells[probe->n_columns + c];
        return err_set(
            err, ERR_INVALID,
            "column %s does not read as times: line %llu has \"%.*s\", the next row \"%.*s\"; write them "
            "all in one way and say which with --date-format (YYYY-MM-DD, D/M/Y, M/D/Y, D.M.Y ... or a pattern "
            "such as '%%d.%%m.%%Y %%H:%%M'), or say --shape table",
            column->name, (unsigned long long)probe->data_line, (int)(first.length < 40 ? first.length : 40),
            first.at, (int)(second.length < 40 ? second.length : 40), second.at);
    }
    return true;
}

bool mapping_is_timeless(const struct guess *guess)
{
    const char *shape = guess->options->shape;
    int customer = guess->mapping->column_of[ROLE_CUSTOMER];
    bool comes_again = customer >= 0 && !guess->mapping->columns[customer].is_unique;
    return mapping_is_refused(guess, ROLE_TIME) && (shape ? strcmp(shape, "events") == 0 : comes_again) &&
           !mapping_has(guess->mapping, ROLE_EVENT) && mapping_has(guess->mapping, ROLE_ITEM) &&
           (shape || !mapping_has(guess->mapping, ROLE_TARGET));
}

/* Payments or lines by the number of their order, whose time and customer stand in another file: no table of customers. */
static bool check_not_of_orders(const struct guess *guess, struct err *err)
{
    const struct mapping *mapping = guess->mapping;
    int order = mapping->column_of[ROLE_ORDER];
    bool has_money = mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE);
    if (order == MAPPING_NONE || !has_money || mapping_has(mapping, ROLE_CUSTOMER) || mapping_has(mapping, ROLE_TARGET) ||
        role_name_score(ROLE_ORDER, mapping->columns[order].name) <= ROLE_NAME_PART)
        return true;
    return err_set(err, ERR_INVALID,
                   "%s numbers orders, but no column says when they were or whose: join the rows with the file that has "
                   "the orders' times and customers, name the columns with --time and --customer, or say --shape table",
                   mapping->columns[order].name);
}

/* A day that reads as none beside money, and nothing else that says of whom the rows are: books, whose days have no year
 * (DATEV writes 0301), and no table of customers. */
static bool check_not_of_days(const struct guess *guess, struct err *err)
{
    static const char words[] = "date datum fecha data dato tarih";
    const struct mapping *mapping = guess->mapping;
    bool has_money = mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE);
    if (!has_money || mapping_has(mapping, ROLE_CUSTOMER) || mapping_has(mapping, ROLE_TARGET) ||
        mapping_is_refused(guess, ROLE_TIME))
        return true;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        char simple[ROLE_NAME_BYTES];
        role_simplify(text_of(column->name), simple);
        if (column->kind == KIND_EMPTY || column->kind == KIND_TIME || column->n_distinct < 2 ||
            role_name_score(ROLE_TIME, column->name) <= ROLE_NAME_PART || !role_has_one_of(simple, words))
            continue;
        return err_set(err, ERR_INVALID,
                       "column %s does not read as days, as in \"%s\": a history needs day, month and year; export it with "
                       "whole dates, say which form they have with --date-format, or say --shape table if each row is one "
                       "customer", column->name, column->example);
    }
    return true;
}

/* A column called a customer's whose values come again and again, in what has no times: readings over time, no table of
 * customers. */
static bool check_customers_once(const struct guess *guess, struct err *err)
{
    const struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    const struct column *who = customer >= 0 ? &mapping->columns[customer] : NULL;
    if (!who || guess->is_given[customer] || role_name_score(ROLE_CUSTOMER, who->name) <= ROLE_NAME_PART ||
        who->n_distinct < 2 || 2 * who->n_distinct > who->n_values || mapping_has(mapping, ROLE_TARGET))
        return true;
    return err_set(err, ERR_INVALID,
                   "%s comes again and again (%zu different in %zu rows looked at), and no column reads as times: these are "
                   "no rows of one customer each; name the time with --time COLUMN and its form with --date-format, or say "
                   "--shape table if each row is somebody else's",
                   who->name, who->n_distinct, who->n_values);
}

/* Customers who come once each, and nothing that was bought or done: how they stand. */
static bool is_of_standing(const struct mapping *mapping)
{
    static const enum role of_events[] = { ROLE_EVENT, ROLE_ORDER, ROLE_ITEM,  ROLE_QUANTITY, ROLE_PRICE,
                                           ROLE_AMOUNT, ROLE_TOTAL, ROLE_REFUNDED, ROLE_CURRENCY };
    int customer = mapping->column_of[ROLE_CUSTOMER];
    for (size_t i = 0; i < sizeof of_events / sizeof *of_events; i++)
        if (mapping_has(mapping, of_events[i])) return false;
    return customer >= 0 && mapping->columns[customer].is_unique && mapping->columns[customer].n_values >= 20 &&
           mapping->n_columns >= 4;
}

/* The column that says when customers left who come once each, where nothing says that something was bought; MAPPING_NONE:
 * there is none. */
static int day_of_leaving(const struct guess *guess)
{
    static const enum role of_sales[] = { ROLE_EVENT, ROLE_ITEM, ROLE_TOTAL, ROLE_REFUNDED };
    const struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER], order = mapping->column_of[ROLE_ORDER];
    bool has_orders = order >= 0 && role_name_score(ROLE_ORDER, mapping->columns[order].name) > 0;
    for (size_t i = 0; i < sizeof of_sales / sizeof *of_sales; i++) has_orders |= mapping_has(mapping, of_sales[i]);
    if (has_orders || customer < 0 || !mapping->columns[customer].is_unique || mapping->columns[customer].n_values < 20)
        return MAPPING_NONE;
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (!guess->is_given[c] && mapping_is_day_of_leaving(guess, c)) return (int)c;
    return MAPPING_NONE;
}

/* How many of the sampled rows have money that is not nothing. */
static size_t count_money(const struct guess *guess)
{
    static const enum role money[] = { ROLE_AMOUNT, ROLE_PRICE };
    const struct mapping *mapping = guess->mapping;
    size_t n = 0;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        bool has_money = false;
        for (size_t i = 0; i < sizeof money / sizeof *money; i++) {
            double value;
            has_money |= mapping_has(mapping, money[i]) &&
                         number_double(mapping_cell(guess, r, mapping->column_of[money[i]]), mapping->decimal, &value) &&
                         (value < 0 || value > 0);
        }
        n += has_money;
    }
    return n;
}

/* A number of orders or pieces of an item: sales, whatever else stands beside them. */
static bool is_of_sales(const struct guess *guess)
{
    const struct mapping *mapping = guess->mapping;
    int order = mapping->column_of[ROLE_ORDER];
    bool is_numbered = order >= 0 && (guess->is_given[order] ||
                                      (role_name_score(ROLE_ORDER, mapping->columns[order].name) > ROLE_NAME_PART &&
                                       !row_kind_is_name(&mapping->row_kind, mapping->columns[order].name)));
    return is_numbered || mapping_has(mapping, ROLE_QUANTITY) || mapping_has(mapping, ROLE_TOTAL) ||
           mapping_has(mapping, ROLE_REFUNDED);
}

/* Rows that no column tells the kinds of: visits, tickets, log-ins are no orders.  Where most of them have money it is
 * asked. */
static bool choose_kind(struct guess *guess, bool *ret_is_kind, struct err *err)
{
    struct mapping *mapping = guess->mapping;
    const struct row_kind *kind = &mapping->row_kind;
    *ret_is_kind = false;
    if (kind->score < ROW_KIND_NEEDED || is_of_sales(guess)) return true;
    size_t n_money = count_money(guess);
    if (2 * n_money > guess->probe->n_rows) {
        int money = mapping->column_of[mapping_has(mapping, ROLE_AMOUNT) ? ROLE_AMOUNT : ROLE_PRICE];
        if (kind->score < ROW_KIND_SURE || guess->is_given[money]) return true;
        return err_set(err, ERR_INVALID,
                       "by their columns (%s) the rows are %s, and %s reads as money: say --shape events if they are no "
                       "sales, or --shape order_lines if each row is an order",
                       kind->names, kind->words, mapping->columns[money].name);
    }
    mapping->event_kind = kind->kind;
    mapping->has_orders_among = n_money > 0;
    mapping->shape_why = arena_format(guess->arena, "by their columns (%s) the rows are %s, and no column numbers orders",
                                      kind->names, kind->words);
    *ret_is_kind = true;
    return true;
}

bool mapping_choose_shape(struct guess *guess, struct err *err)
{
    struct mapping *mapping = guess->mapping;
    mapping->row_kind = row_kind_find(mapping->columns, mapping->n_columns, guess->arena);
    if (guess->options->shape) {
        mapping->shape_why = "as asked";
        mapping->is_asked = true;
        if (shape_find(guess->options->shape, &mapping->shape)) {
            if (mapping_is_timeless(guess)) mapping->shape = SHAPE_ORDER_LINES;
            bool is_named = mapping->event_kind || mapping_has(mapping, ROLE_EVENT) || mapping->row_kind.score == 0;
            if (mapping->shape == SHAPE_EVENTS && !is_named) mapping->event_kind = mapping->row_kind.kind;
            return true;
        }
        return err_set(err, ERR_INVALID, "--shape %s is not known; it is order_lines, events, table or items (a catalogue)",
                       guess->options->shape);
    }
    int customer = mapping->column_of[ROLE_CUSTOMER];
    bool once_each = customer == MAPPING_NONE || mapping->columns[customer].is_unique, is_kind = false;
    if (mapping->format) {
        mapping->shape = mapping->format->shape;
        mapping->shape_why = mapping->format->name;
    } else if (guess->options->roles[ROLE_TARGET]) {
        mapping->shape = SHAPE_TABLE;
        mapping->shape_why = "a label is given with --target";
    } else if (mapping_is_timeless(guess)) {
        mapping->shape = SHAPE_ORDER_LINES;
        mapping->shape_why = "customers come again with items, at times that are not known";
    } else if (!mapping_has(mapping, ROLE_TIME)) {
        if (!check_no_mixed_times(guess, err) || !check_not_of_days(guess, err) || !check_not_of_orders(guess, err) || !check_customers_once(guess, err))
            return false;
        mapping->shape = SHAPE_TABLE;
        mapping->shape_why = "no column holds times";
    } else if (mapping_has(mapping, ROLE_TARGET) && once_each) {
        mapping->shape = SHAPE_TABLE;
        mapping->shape_why = "there is a label, and no customer comes twice";
    } else if (is_of_standing(mapping) && !guess->options->roles[ROLE_TIME]) {
        mapping->shape = SHAPE_TABLE;
        mapping->shape_why = "no customer comes twice, and no column says what was bought or done";
    } else if (day_of_leaving(guess) >= 0 && !guess->options->roles[ROLE_TIME]) {
        mapping->shape = SHAPE_TABLE;
        mapping->shape_why = arena_format(guess->arena, "no customer comes twice, and %s says when they left",
                                          mapping->columns[day_of_leaving(guess)].name);
    } else if (mapping_has(mapping, ROLE_EVENT) &&
               !(mapping_has(mapping, ROLE_ORDER) && mapping_has(mapping, ROLE_QUANTITY))) {
        mapping->shape = SHAPE_EVENTS;
        mapping->shape_why = arena_format(guess->arena, "%s says what happened",
                                          mapping->columns[mapping->column_of[ROLE_EVENT]].name);
    } else if (!choose_kind(guess, &is_kind, err)) {
        return false;
    } else if (is_kind) {
        mapping->shape = SHAPE_EVENTS;
    } else {
        mapping->shape = SHAPE_ORDER_LINES;
        mapping->shape_why =
            mapping_has(mapping, ROLE_ORDER)
                ? arena_format(guess->arena, "%s numbers orders",
                               mapping->columns[mapping->column_of[ROLE_ORDER]].name)
                : "times and customers, and no column that says what happened: each row is an order";
    }
    return true;
}
