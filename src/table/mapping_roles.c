/* mapping_roles.c - a known format, then names and values vote for roles; see mapping_internal.h. */
#include "table/mapping_internal.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/json_rows.h"
#include "intake/message.h"
#include "table/trait.h"

#include <string.h>

/* "refunded": 0 or 1 says whether, not how much. */
static bool is_yes_or_no(const struct column *column)
{
    return column->is_integer && column->least >= 0 && column->most == 1;
}

/* Of the words of a category, how many are statuses of orders: most, or, in a column that is called so, one that
 * says of an order that it is no sale.  Where some are none, and all orders of a customer have the same, it says
 * how the customer stands. */
static bool is_status(const struct guess *guess, size_t column)
{
    const struct column *judged = &guess->mapping->columns[column];
    int customer = guess->mapping->column_of[ROLE_CUSTOMER];
    size_t n = 0, n_known = 0, n_against = 0;
    bool is_called_so = role_name_score(ROLE_STATUS, judged->name) > ROLE_NAME_PART;
    const char *ignored;
    if (judged->kind != KIND_CATEGORY || judged->n_distinct > 40) return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        if (text.length == 0) continue;
        n++;
        enum status status = status_of(text);
        n_known += status != STATUS_UNKNOWN;
        n_against += status != STATUS_UNKNOWN && status != STATUS_SALE;
    }
    bool is_of_customer = n_known < n && customer >= 0 && !is_called_so &&
                          trait_is_likely(guess->probe, guess->mapping->columns, column, (size_t)customer,
                                          guess->arena, &ignored);
    return (2 * n_known > n || (is_called_so && n_against > 0)) && !is_of_customer;
}

/* "14:05", "2:05:30 PM", beside a column of days. */
static bool is_clock(const struct guess *guess, size_t column)
{
    size_t n = 0, n_clock = 0;
    if (!mapping_has(guess->mapping, ROLE_TIME)) return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        int64_t ignored;
        n += text.length > 0;
        n_clock += instant_time_of_day(text, &ignored);
    }
    return n > 0 && n_clock * 20 > n * 19;
}

/* Numbers of ten digits and more read as instants, too; a whole name says what they are. */
static bool is_number_called_so(const struct column *column, enum role role)
{
    int64_t ignored;
    return role_name_score(role, column->name) > ROLE_NAME_PART && text_int64(text_of(column->example), &ignored);
}

/* Whether a column's values can be what the role needs. */
static bool content_fits(const struct guess *guess, enum role role, size_t index)
{
    const struct column *column = &guess->mapping->columns[index];
    switch (role) {
    case ROLE_TIME:
    case ROLE_CANCELLED:
    case ROLE_RECEIVED: return column->kind == KIND_TIME;
    case ROLE_QUANTITY:
    case ROLE_PRICE:
    case ROLE_AMOUNT:   return column->kind != KIND_TIME && column->number_fit > 0.5;
    case ROLE_REFUNDED:
        return column->kind != KIND_TIME && column->number_fit > 0.5 && !is_yes_or_no(column);
    case ROLE_EVENT:
        return (column->kind == KIND_CATEGORY || column->kind == KIND_NUMBER) && column->n_distinct <= 500;
    case ROLE_CURRENCY: return column->kind == KIND_CATEGORY && strlen(column->example) == 3;
    case ROLE_TARGET:   return column->n_distinct == 2;
    case ROLE_STATUS:   return is_status(guess, index);
    case ROLE_CLOCK:    return is_clock(guess, index);
    case ROLE_LINE:
        return mapping_has(guess->mapping, ROLE_ORDER) && column->kind != KIND_EMPTY && column->kind != KIND_TIME;
    case ROLE_CUSTOMER:
    case ROLE_ORDER:
    case ROLE_ITEM:
        return !column_is_rounded(guess->probe, index) && column->kind != KIND_EMPTY && (column->kind != KIND_TIME || is_number_called_so(column, role));
    case ROLE_TOTAL: case ROLE_NONE: case ROLE_TRAIT: case ROLE_PERSONAL: case ROLE_MARK: case ROLES:
    case ROLE_PROPERTY:
    default:            return false;
    }
}

/* How much a column's name speaks for a role here, where other columns may speak better. */
static int score_of(const struct guess *guess, enum role role, size_t index)
{
    const struct mapping *mapping = guess->mapping;
    const struct column *column = &mapping->columns[index];
    int score = role_name_score(role, column->name);
    if (score == 0 || score > ROLE_NAME_PART) return score;
    bool is_id = column_is_id_name(column->name);
    if (role == ROLE_CUSTOMER && score == 2 && !is_id && column->kind != KIND_TEXT) return 0;
    if (role == ROLE_ORDER && column->kind == KIND_NUMBER && !column->is_integer) return 0;     /* "invoiced" 45.90 */
    if (role == ROLE_AMOUNT &&
        (is_id || (mapping_has(mapping, ROLE_PRICE) && mapping_has(mapping, ROLE_QUANTITY))))
        return 0;
    return score;
}

static const char *why_by_name(const struct guess *guess, enum role role, const struct column *column)
{
    if (role == ROLE_STATUS) return "by its name and its words; it decides which orders are sales";
    return arena_format(guess->arena, "by its name; %zu different in %zu sampled rows", column->n_distinct,
                        column->n_values);
}

static void guess_by_name(struct guess *guess)
{
    static const enum role order[] = { ROLE_RECEIVED, ROLE_TIME,     ROLE_CLOCK,     ROLE_CUSTOMER,
                                       ROLE_TARGET,   ROLE_EVENT,    ROLE_ORDER,     ROLE_LINE,
                                       ROLE_ITEM,     ROLE_QUANTITY, ROLE_PRICE,     ROLE_REFUNDED,
                                       ROLE_AMOUNT,   ROLE_STATUS,   ROLE_CANCELLED, ROLE_CURRENCY };
    struct mapping *mapping = guess->mapping;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        enum role role = order[i];
        int best = MAPPING_NONE, best_score = 0;
        if (mapping_has(mapping, role) || mapping_is_refused(guess, role)) continue;
        for (size_t c = 0; c < mapping->n_columns; c++) {
            if (mapping->roles[c] != ROLE_NONE || guess->is_given[c]) continue;
            int score = score_of(guess, role, c);
            if (score > best_score && content_fits(guess, role, c)) best = (int)c, best_score = score;
        }
        if (best != MAPPING_NONE)
            mapping_assign(guess, (size_t)best, role, why_by_name(guess, role, &mapping->columns[best]));
    }
}

/* A column that the format reads without a role says what for. */
static void explain_column(struct guess *guess, int column, const char *what)
{
    struct mapping *mapping = guess->mapping;
    if (column < 0 || guess->is_given[column] || mapping->roles[column] != ROLE_NONE) return;
    mapping->whys[column] = arena_format(guess->arena, "%s, as in %s", what, mapping->format->name);
}

/* Where another amount is asked for, or the column for something else, nothing is taken off. */
static int outgoing_of(const struct guess *guess)
{
    const struct mapping *mapping = guess->mapping;
    int column = known_format_find_column(mapping->format->outgoing, mapping->columns, mapping->n_columns),
        amount = known_format_column(mapping->format, ROLE_AMOUNT, mapping->columns, mapping->n_columns);
    bool is_asked = column >= 0 && (guess->is_given[column] || amount != mapping->column_of[ROLE_AMOUNT]);
    return is_asked ? MAPPING_NONE : column;
}

static void guess_by_format(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    if (guess->options->columns) return;
    mapping->format = known_format_find(mapping->columns, mapping->n_columns);
    if (!mapping->format) return;
    mapping->kind_of_payment =
        known_format_find_column(mapping->format->kind, mapping->columns, mapping->n_columns);
    mapping->payee = known_format_find_column(mapping->format->payee, mapping->columns, mapping->n_columns);
    for (int r = ROLE_CUSTOMER; r < ROLE_TRAIT; r++) {
        enum role role = (enum role)r;
        int column = known_format_column(mapping->format, role, mapping->columns, mapping->n_columns);
        if (column < 0 || mapping_has(mapping, role) || mapping_is_refused(guess, role) ||
            guess->is_given[column] || mapping->roles[column] != ROLE_NONE)
            continue;
        mapping_assign(guess, (size_t)column, role, arena_format(guess->arena, "as in %s", mapping->format->name));
    }
    mapping->outgoing = outgoing_of(guess);
    explain_column(guess, mapping->kind_of_payment, "what a row is");
    explain_column(guess, mapping->outgoing, "what went the other way");
}

/* What a name rules out ("updated_at") is a time only where nothing else is and the customers come again. */
static bool can_be_time(const struct guess *guess, size_t column, bool is_last_resort)
{
    const struct mapping *mapping = guess->mapping;
    if (mapping->columns[column].kind != KIND_TIME || mapping_is_refused(guess, ROLE_TIME)) return false;
    if (!role_name_is_never(ROLE_TIME, mapping->columns[column].name)) return !is_last_resort;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    return is_last_resort && customer != MAPPING_NONE && !mapping->columns[customer].is_unique;
}

static void guess_time(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    for (int pass = 0; pass < 2; pass++)
        for (size_t c = 0; c < mapping->n_columns && !mapping_has(mapping, ROLE_TIME); c++)
            if (mapping->roles[c] == ROLE_NONE && !guess->is_given[c] && can_be_time(guess, c, pass == 1))
                mapping_assign(guess, c, ROLE_TIME,
                               pass == 0
                                   ? "the only column so far that reads as times"
                                   : "the only column that reads as times, though its name says something else");
}

/* Without names: the first time column, the first column whose values repeat, the last with decimals. */
static void guess_by_content(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    guess_time(guess);
    if (guess->probe->has_header) return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c]) continue;
        if (!mapping_has(mapping, ROLE_CUSTOMER) && column->n_distinct < column->n_values &&
            column->n_distinct > 1 && column->kind != KIND_TIME && !mapping_is_refused(guess, ROLE_CUSTOMER))
            mapping_assign(guess, c, ROLE_CUSTOMER, "there is no header; the first column whose values repeat");
    }
    for (size_t c = mapping->n_columns; c-- > 0;) {
        const struct column *column = &mapping->columns[c];
        if (mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE) ||
            mapping_is_refused(guess, ROLE_AMOUNT))
            break;
        if (mapping->roles[c] == ROLE_NONE && column->kind == KIND_NUMBER && !column->is_integer)
            mapping_assign(guess, c, ROLE_AMOUNT, "there is no header; the last column with decimals");
    }
}

/* Whether in the probe one value of a column always goes with one of the other, and it with that. */
static bool goes_with(const struct guess *guess, int column, int other)
{
    struct hash_map partner = { 0 };
    bool is_so = true;
    for (size_t r = 0; r < guess->probe->n_rows && is_so; r++) {
        struct text a = mapping_cell(guess, r, column), b = mapping_cell(guess, r, other);
        uint64_t of_a = hash_bytes(a.at, a.length, 1), of_b = hash_bytes(b.at, b.length, 2);
        uint64_t *b_of_a = hash_map_put(&partner, of_a), was = *b_of_a;
        *b_of_a = of_b;
        uint64_t *a_of_b = hash_map_put(&partner, of_b);
        is_so = (was == 0 || was == of_b) && (*a_of_b == 0 || *a_of_b == of_a);
        *a_of_b = of_a;
    }
    hash_map_free(&partner);
    return is_so;
}

/* Some shops give a customer a new number with each order.  Where another column numbers customers too, and they
 * come again by it, that is the customer. */
static void doubt_number_of_order(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER], order = mapping->column_of[ROLE_ORDER],
        better = MAPPING_NONE;
    if (customer < 0 || order < 0 || guess->is_given[customer] || mapping->format ||
        mapping->columns[order].n_distinct < 10 || !goes_with(guess, customer, order))
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] ||
            column->n_values < mapping->columns[customer].n_values ||
            column->n_distinct >= mapping->columns[order].n_distinct || column->n_distinct < 2 ||
            role_name_score(ROLE_CUSTOMER, column->name) <= ROLE_NAME_PART)
            continue;
        if (better < 0 || column->n_distinct > mapping->columns[better].n_distinct) better = (int)c;
    }
    if (better < 0) return;
    mapping_take_away(guess, ROLE_CUSTOMER,
                      arena_format(guess->arena, "another in each order: it goes with %s one to one",
                                   mapping->columns[order].name));
    mapping_assign(guess, (size_t)better, ROLE_CUSTOMER, "by its name, and customers come again by it");
}

/* How much a column's name says that it names customers: a number of theirs, or else a name, as books have. */
static int names_customers(const struct column *column)
{
    static const char words[] = "contactname customername companyname clientname buyername billtoname billingname "
                                "organisation organization company firm firma kundenname klantnaam nomclient nomduclient "
                                "nombrecliente nomecliente";
    char simple[ROLE_NAME_BYTES];
    int score = role_name_score(ROLE_CUSTOMER, column->name);
    role_simplify(text_of(column->name), simple);
    return score > ROLE_NAME_PART ? score : role_is_among(simple, words);
}

/* An account that books are kept by is no customer: one or a few in all rows, beside a column that names many. */
static void doubt_few_customers(struct guess *guess)
{
    enum { FEW = 20, MANY_TIMES = 10, ROWS_NEEDED = 100 };
    struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER], better = MAPPING_NONE;
    const struct column *few = customer >= 0 ? &mapping->columns[customer] : NULL;
    if (!few || guess->is_given[customer] || mapping->format || few->n_distinct > FEW ||
        few->n_values < ROWS_NEEDED)
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || column->is_unique ||
            2 * column->n_values < few->n_values || column->n_distinct < MANY_TIMES * few->n_distinct ||
            names_customers(column) == 0)
            continue;
        if (better < 0 || names_customers(column) > names_customers(&mapping->columns[better])) better = (int)c;
    }
    if (better < 0) return;
    const char *why =
        arena_format(guess->arena, "by its name; %s has %zu in all rows", few->name, few->n_distinct);
    mapping_take_away(guess, ROLE_CUSTOMER,
                      arena_format(guess->arena,
                                   "%zu different in all rows: whose they are another "
                                   "column tells",
                                   few->n_distinct));
    mapping_assign(guess, (size_t)better, ROLE_CUSTOMER, why);
}

bool mapping_is_of_record(const struct guess *guess, size_t column)
{
    const struct json_columns *json = guess->probe->dialect.json;
    return json && json->lines && !json_column_is_of_line(json, column);
}

/* A number for each row, or for each record of several lines. */
static bool is_numbering(const struct guess *guess, size_t column)
{
    const struct column *judged = &guess->mapping->columns[column];
    return judged->is_unique || (mapping_is_of_record(guess, column) && judged->n_distinct > 1);
}

/* Whether a value of the column stands in rows of two customers, as "0" does where no number was given. */
static bool is_shared(const struct guess *guess, int column)
{
    int customer = guess->mapping->column_of[ROLE_CUSTOMER];
    struct hash_map whose = { 0 };
    bool is_so = false;
    for (size_t r = 0; r < guess->probe->n_rows && !is_so; r++) {
        struct text a = mapping_cell(guess, r, column), b = mapping_cell(guess, r, customer);
        if (a.length == 0 || b.length == 0) continue;
        uint64_t *was = hash_map_put(&whose, hash_bytes(a.at, a.length, 1)), is = hash_bytes(b.at, b.length, 2) | 1;
        is_so = *was != 0 && *was != is;
        *was = is;
    }
    hash_map_free(&whose);
    return is_so;
}

/* A number of orders that several customers have, beside one that each has for themselves: OpenCart's invoices, of which
 * most are "0". */
static void doubt_shared_order(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int order = mapping->column_of[ROLE_ORDER];
    if (order < 0 || guess->is_given[order] || mapping->format || !mapping_has(mapping, ROLE_CUSTOMER) ||
        !is_shared(guess, order))
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || !content_fits(guess, ROLE_ORDER, c) ||
            role_name_score(ROLE_ORDER, mapping->columns[c].name) <= ROLE_NAME_PART || is_shared(guess, (int)c))
            continue;
        mapping_take_away(guess, ROLE_ORDER, arena_format(guess->arena, "several customers have the same; %s numbers orders",
                                                          mapping->columns[c].name));
        mapping_assign(guess, c, ROLE_ORDER, "by its name, and each is one customer's");
        return;
    }
}

/* Numbers that begin again, as a till's do each day: other customers have the same at other times, and no two rows are
 * lines of one. */
static void doubt_order_used_again(struct guess *guess)
{
    enum { NEEDED = 5 };
    struct mapping *mapping = guess->mapping;
    int order = mapping->column_of[ROLE_ORDER];
    if (order < 0 || guess->is_given[order] || mapping->format) return;
    struct order_numbers numbers = order_numbers_look(guess->probe, order, mapping->column_of[ROLE_CUSTOMER],
                                                      mapping->column_of[ROLE_TIME]);
    if (numbers.n_of_another < NEEDED || numbers.n_lines > 0 || 2 * numbers.n_of_another < numbers.n_again) return;
    mapping_take_away(guess, ROLE_ORDER, "its numbers come again for other customers at other times: each row is an order");
}

/* Whether a column's values are e-mail addresses that come again. */
static bool is_of_addresses(const struct guess *guess, size_t column)
{
    const struct column *judged = &guess->mapping->columns[column];
    size_t n = 0;
    if (guess->mapping->roles[column] != ROLE_NONE || guess->is_given[column] || judged->n_distinct < 2 ||
        judged->is_unique || role_name_is_never(ROLE_CUSTOMER, judged->name))
        return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        n += text.length > 0 && memchr(text.at, '@', text.length) && message_is_email(text);
    }
    return n >= judged->n_values - judged->n_values / 20;
}

/* Nobody is named, but a column holds e-mail addresses that come again: theirs.  So it is where only a name says who the
 * customer is, which several have, and each row has an address. */
static void guess_customer_by_address(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    const struct column *who = customer >= 0 ? &mapping->columns[customer] : NULL;
    if (mapping_is_refused(guess, ROLE_CUSTOMER) || mapping->format ||
        (who && (guess->is_given[customer] || role_name_score(ROLE_PERSONAL, who->name) == 0 ||
                 role_name_score(ROLE_CUSTOMER, who->name) > ROLE_NAME_PART)))
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (!is_of_addresses(guess, c) ||
            (who && (column->n_values < who->n_values || column->n_distinct <= who->n_distinct)))
            continue;
        if (who) mapping_take_away(guess, ROLE_CUSTOMER, arena_format(guess->arena, "a name that several have; %s tells them apart",
                                                                      column->name));
        mapping_assign(guess, c, ROLE_CUSTOMER, "its values are e-mail addresses, which come again");
        return;
    }
}

/* "id", different in every row of what looks like orders, numbers the orders and not the customers. */
static void doubt_id(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    bool has_money = mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE);
    if (customer == MAPPING_NONE || guess->is_given[customer] || !is_numbering(guess, (size_t)customer) ||
        role_name_score(ROLE_CUSTOMER, mapping->columns[customer].name) != 1 || !mapping_has(mapping, ROLE_TIME) ||
        mapping_has(mapping, ROLE_TARGET) || mapping_has(mapping, ROLE_EVENT) || !has_money ||
        mapping->columns[customer].n_values < 10)
        return;
    mapping_take_away(guess, ROLE_CUSTOMER, "different in every row, so that nobody would ever come back");
}

/* The order's own "id", beside a customer who comes again. */
static void guess_order_by_id(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    if (mapping_has(mapping, ROLE_ORDER) || mapping_is_refused(guess, ROLE_ORDER) ||
        !mapping_has(mapping, ROLE_TIME) || mapping_has(mapping, ROLE_EVENT) ||
        !mapping_has(mapping, ROLE_CUSTOMER) || mapping_has(mapping, ROLE_TARGET))
        return;
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (mapping->roles[c] == ROLE_NONE && !guess->is_given[c] && is_numbering(guess, c) &&
            role_name_score(ROLE_CUSTOMER, mapping->columns[c].name) == 1) {
            mapping_assign(guess, c, ROLE_ORDER,
                           mapping->columns[c].is_unique ? "an id that is different in every row"
                                                         : "the id of the record that the lines belong to");
            return;
        }
}

/* Whether a column's words are all of sales and returns. */
static bool is_of_sales(const struct guess *guess, size_t column)
{
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        if (text.length > 0 && order_mark_kind(text) == STATUS_UNKNOWN) return false;
    }
    return true;
}

/* "type" says what happened where nothing is bought by number. */
static void guess_event_by_type(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    if (mapping_has(mapping, ROLE_EVENT) || mapping_has(mapping, ROLE_ORDER) ||
        mapping_has(mapping, ROLE_STATUS) || mapping_has(mapping, ROLE_QUANTITY) ||
        mapping_has(mapping, ROLE_TARGET) || !mapping_has(mapping, ROLE_TIME) ||
        !mapping_has(mapping, ROLE_CUSTOMER) || mapping_is_refused(guess, ROLE_EVENT) || mapping->format)
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        char simple[ROLE_NAME_BYTES];
        role_simplify(text_of(column->name), simple);
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || column->kind != KIND_CATEGORY ||
            column->n_distinct < 2 || strcmp(simple, "type") != 0 || is_of_sales(guess, c))
            continue;
        mapping_assign(guess, c, ROLE_EVENT, "by its name, and no column numbers orders");
        return;
    }
}

/* "event type" of what has numbers and money, and whose words are all of sales and returns, says what a row is. */
static void doubt_event_of_sales(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int event = mapping->column_of[ROLE_EVENT];
    bool has_money = mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE), has_back = false;
    if (event < 0 || guess->is_given[event] || !mapping_has(mapping, ROLE_ORDER) || !has_money ||
        !order_mark_is_of_kinds(mapping->columns[event].name) || !is_of_sales(guess, (size_t)event))
        return;
    for (size_t r = 0; r < guess->probe->n_rows && !has_back; r++)
        has_back = order_mark_kind(mapping_cell(guess, r, event)) == STATUS_REFUNDED;
    if (has_back) mapping_take_away(guess, ROLE_EVENT, NULL);
}

/* Of a column of two values, one says that somebody left: "churned" beside "active". */
static bool tells_who_left(const struct guess *guess, size_t column)
{
    static const char words[] = "churned churn exited attrited attritedcustomer lapsed gekundigt opgezegd resilie";
    const struct column *judged = &guess->mapping->columns[column];
    if (judged->n_distinct != 2 || judged->kind != KIND_CATEGORY || judged->n_missing > 0) return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        char simple[ROLE_NAME_BYTES];
        role_simplify(mapping_cell(guess, r, (int)column), simple);
        if (role_is_among(simple, words)) return true;
    }
    return false;
}

/* Names of columns of two values that say who is still there, or bought: a label where nothing else is one. */
static bool tells_who_stayed(const struct guess *guess, size_t column)
{
    static const char names[] = "purchase purchased bought renewed isrenewed hasrenewed renewal retained isretained isactive active stillactive iscustomer "
                                "verlangert aktiv istaktiv actief actif activo attivo ativo";
    const struct column *judged = &guess->mapping->columns[column];
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(judged->name), simple);
    return judged->n_distinct == 2 && judged->n_missing == 0 && role_is_among(simple, names);
}

bool mapping_is_day_of_leaving(const struct guess *guess, size_t column)
{
    static const char names[] = "canceldate cancelled cancelleddate canceleddate cancellationdate cancelledat canceledat cancelledon "
                                "canceledon datecancelled datecanceled churndate churnedat churnedon dateofchurn exitdate "
                                "leavedate leavingdate leftat lefton terminationdate terminatedat terminatedon deactivatedat "
                                "unsubscribedat lapsedat lapsedate kundigungsdatum kuendigungsdatum gekundigtam gekuendigtam "
                                "kundigungam austrittsdatum opzegdatum opgezegdop datederesiliation dateresiliation resiliele "
                                "fechabaja fechadebaja fechacancelacion fechadecancelacion datadisdetta datacancelamento "
                                "canceladoem";
    const struct column *judged = &guess->mapping->columns[column];
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(judged->name), simple);
    return judged->kind == KIND_TIME && judged->n_missing > 0 && judged->n_values > 1 && role_is_among(simple, names);
}

void mapping_guess_label(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int asked = mapping->column_of[ROLE_TARGET];
    mapping->is_label_filled = asked >= 0 && mapping->columns[asked].kind == KIND_TIME && mapping->columns[asked].n_missing > 0;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (mapping_has(mapping, ROLE_TARGET) || mapping_is_refused(guess, ROLE_TARGET)) return;
        if (guess->is_given[c] || (mapping->roles[c] != ROLE_NONE && mapping->roles[c] != ROLE_STATUS)) continue;
        if (!tells_who_left(guess, c)) continue;
        if (mapping->roles[c] == ROLE_STATUS) mapping->column_of[ROLE_STATUS] = MAPPING_NONE;
        mapping_assign(guess, c, ROLE_TARGET, "of its two values one says that a customer left");
    }
    for (size_t c = 0; c < mapping->n_columns && !mapping_has(mapping, ROLE_TARGET); c++)
        if (!guess->is_given[c] && mapping->roles[c] == ROLE_NONE && tells_who_stayed(guess, c))
            mapping_assign(guess, c, ROLE_TARGET, "by its name, and no column says who left");
    for (size_t c = 0; c < mapping->n_columns && !mapping_has(mapping, ROLE_TARGET); c++)
        if (!guess->is_given[c] && mapping_is_day_of_leaving(guess, c)) {
            mapping_assign(guess, c, ROLE_TARGET, "by its name: who has a day in it has left");
            mapping->is_label_filled = true;
        }
}

void mapping_guess_roles(struct guess *guess)
{
    guess_by_format(guess);
    if (!guess->mapping->format || guess->mapping->format->shape == SHAPE_TABLE) guess_by_name(guess);
    guess_by_content(guess);
    doubt_few_customers(guess);
    guess_customer_by_address(guess);
    doubt_id(guess);
    doubt_number_of_order(guess);
    doubt_shared_order(guess);
    doubt_order_used_again(guess);
    guess_order_by_id(guess);
    guess_event_by_type(guess);
    doubt_event_of_sales(guess);
    mapping_doubt_price(guess);
    mapping_prefer_one_currency(guess);
}
