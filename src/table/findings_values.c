/* findings_values.c - what the values of the probe's rows say; see findings.h. */
#include "table/findings.h"
#include "table/leak.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"
#include "base/words.h"
#include "customer/identity.h"
#include "customer/treatment.h"
#include "table/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double median(int64_t *sorted, size_t n)
{
    return 0.5 * ((double)sorted[(n - 1) / 2] + (double)sorted[n / 2]);
}

/* Amounts further from the median than 50 robust standard deviations (of Hampel's identifier: 1.4826
 * times the median distance): not merely large, but of another kind. */
static void judge_amounts(struct findings *f)
{
    const struct probe *probe = f->facts->probe;
    const struct mapping *mapping = f->facts->mapping;
    const struct reading_counts *counts = &f->facts->reading->counts;
    if (mapping->shape == SHAPE_TABLE ||
        (mapping->column_of[ROLE_AMOUNT] < 0 && mapping->column_of[ROLE_PRICE] < 0))
        return;
    struct row_reader reader = row_reader_new(mapping, 0, f->arena);
    int64_t *amounts = ARENA_ARRAY(f->arena, int64_t, probe->n_rows + 1),
            *distances = ARENA_ARRAY(f->arena, int64_t, probe->n_rows + 1);
    size_t n = 0, n_far = 0;
    struct row row;
    for (size_t r = 0; r < probe->n_rows; r++)
        if (row_read(&reader, probe->cells + r * probe->n_columns, probe->n_columns, &row) &&
            row.amount_cents > 0)
            amounts[n++] = row.amount_cents;
    if (n < 100) return;
    qsort(amounts, n, sizeof *amounts, compare_int64);
    double centre = median(amounts, n);
    for (size_t i = 0; i < n; i++) distances[i] = (int64_t)fabs((double)amounts[i] - centre);
    qsort(distances, n, sizeof *distances, compare_int64);
    double limit = centre + 50 * 1.4826 * fmax(median(distances, n), 1);
    while (n_far < n && (double)amounts[n - 1 - n_far] > limit) n_far++;
    if (n_far == 0 && (double)counts->most_cents <= limit) return;
    findings_add(
        f, SEVERITY_NOTE, n_far, (double)n_far / (double)n, "Some amounts are far from all others",
        arena_format(f->arena,
                     "half of the positive amounts lie below %s, the largest of all is %s; %s of the rows "
                     "sampled lie beyond %s",
                     words_money(f->arena, centre, ""), words_money(f->arena, (double)counts->most_cents, ""),
                     n_far ? words_share(f->arena, (double)n_far / (double)n) : "none",
                     words_money(f->arena, limit, "")));
}

/* Columns that tell the label of a table: those that give it away are left out of the mapping already. */
static void judge_leaks(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    int target = mapping->column_of[ROLE_TARGET];
    for (size_t c = 0; c < mapping->n_columns && target >= 0; c++) {
        double auc = mapping->gives_away[c];
        bool is_left_out = mapping->roles[c] == ROLE_NONE;
        if (isnan(auc) || auc < LEAK_WARNS) continue;
        findings_add(f, is_left_out ? SEVERITY_PROBLEM : SEVERITY_WARNING, f->facts->probe->n_rows, NAN,
                     arena_format(f->arena,
                                  is_left_out ? "%s gives the label away and is left out"
                                              : "%s alone tells nearly all of the label",
                                  mapping->columns[c].name),
                     arena_format(f->arena,
                                  is_left_out
                                      ? "alone it separates %s with an AUC of %.3f on %s sampled rows: it was "
                                        "written after the fact; --traits with %s in its list takes it in all "
                                        "the same"
                                      : "alone it separates %s with an AUC of %.3f on %s sampled rows: was it "
                                        "known before? --ignore %s leaves it out",
                                  mapping->columns[target].name, auc,
                                  words_count(f->arena, (double)f->facts->probe->n_rows),
                                  words_shell(f->arena, mapping->columns[c].name)));
    }
}

/* Whether a column says what was done to some: by its name, or because some of its values say that nothing was. */
static bool is_treatment(const struct findings *f, size_t column)
{
    enum { ARMS_MOST = 8 };
    const struct probe *probe = f->facts->probe;
    const struct column *c = &f->facts->mapping->columns[column];
    if (f->facts->mapping->roles[column] != ROLE_TRAIT || c->n_distinct < 2 || c->n_distinct > ARMS_MOST)
        return false;
    if (treatment_is_name(c->name)) return true;
    for (size_t r = 0; r < probe->n_rows; r++)
        if (treatment_is_control(probe->cells[r * probe->n_columns + column])) return true;
    return false;
}

static void judge_treatments(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    for (size_t c = 0; c < mapping->n_columns && mapping->column_of[ROLE_TARGET] >= 0; c++) {
        if (!is_treatment(f, c)) continue;
        const char *name = words_shell(f->arena, mapping->columns[c].name);
        findings_add(f, SEVERITY_WARNING, f->facts->probe->n_rows, NAN,
                     arena_format(f->arena, "%s says what was done to some", mapping->columns[c].name),
                     arena_format(f->arena,
                                  "a model that sees it tells who says yes when treated, not whom treating helps: "
                                  "that asks holdfast experiment analyse FILE --arm %s; --ignore %s leaves it out",
                                  name, name));
    }
}

/* Attributes of a history that nothing before its last day could know. */
static void judge_snapshots(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const char *names = "", *list = "";
    size_t n = 0;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!mapping->is_snapshot[c]) continue;
        names = arena_format(f->arena, "%s%s%s", names, n ? ", " : "", mapping->columns[c].name);
        list = arena_format(f->arena, "%s%s%s", list, n ? "," : "", mapping->columns[c].name);
        n++;
    }
    if (n == 0) return;
    findings_add(f, SEVERITY_WARNING, n, NAN,
                 arena_format(f->arena, "%s %s known from the last day on only", names, n == 1 ? "is" : "are"),
                 arena_format(f->arena,
                              "a file says how its customers stand on the day it was made, so models of the "
                              "history do not see this; what was always so, as a country or a birthday, is "
                              "taken in by --static %s",
                              words_shell(f->arena, list)));
}

/* Kinds of events that are numbers: no name tells which of them is a purchase. */
static void judge_numbered_events(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    int event = mapping->column_of[ROLE_EVENT];
    if (event < 0 || mapping->shape != SHAPE_EVENTS || mapping->columns[event].kind != KIND_NUMBER) return;
    const struct column *column = &mapping->columns[event];
    findings_add(f, SEVERITY_WARNING, column->n_distinct, NAN, "Events are called by numbers",
                 arena_format(f->arena,
                              "column %s has %zu, as \"%s\", and no name tells which of them is a purchase: what most "
                              "customers do would be taken for the goal; name it with --goal NUMBER when training, or "
                              "write words into the file",
                              column->name, column->n_distinct, column->example));
}

/* A column of money that nothing is made of, in what has no amounts: numbers, or what is called money and does not read as
 * numbers. */
static void judge_unused_money(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const char *list = "", *unread = "", *example = "";
    size_t n = 0, n_unread = 0;
    if (mapping->shape != SHAPE_ORDER_LINES || mapping->column_of[ROLE_AMOUNT] >= 0 || mapping->column_of[ROLE_PRICE] >= 0 ||
        mapping->column_of[ROLE_TOTAL] >= 0)
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        struct number number;
        int score = role_name_score(ROLE_AMOUNT, column->name), price = role_name_score(ROLE_PRICE, column->name);
        bool has_name = score > 0 || price > 0, is_called_so = score > ROLE_NAME_PART || price > ROLE_NAME_PART;
        bool has_sign = number_find(text_of(column->example), &number) && number.unit == NUMBER_CURRENCY;
        bool is_money = column->number_fit > 0.9 && column->kind != KIND_TIME && (column->n_distinct > 5 || has_sign) &&
                        (has_name || has_sign || !column->is_integer) && !column_is_id_name(column->name);
        if (mapping->roles[c] != ROLE_NONE) continue;
        if (is_money && n++ < 5) list = arena_format(f->arena, "%s%s%s", list, *list ? ", " : "", column->name);
        bool is_unread = is_called_so && column->number_fit <= 0.5 && column->kind != KIND_TIME &&
                         strpbrk(column->example, "0123456789");
        if (is_unread && n_unread++ == 0) unread = column->name, example = column->example;
    }
    if (n > 0)
        findings_add(f, SEVERITY_WARNING, n, NAN, "No column says what was paid",
                     arena_format(f->arena,
                                  "%s may be money: name the row's with --amount COLUMN, a piece's with --price",
                                  list));
    if (n_unread > 0)
        findings_add(f, SEVERITY_PROBLEM, n_unread, NAN,
                     arena_format(f->arena, "%s is called money and does not read as numbers", unread),
                     arena_format(f->arena,
                                  "it has values such as \"%s\", so that no order has an amount: take out of the file what "
                                  "stands beside the digits, or name another column with --amount or --price", example));
}

/* Discounts beside amounts that are price times quantity. */
static void judge_discounts(struct findings *f)
{
    static const char words[] = "discount rabatt nachlass korting remise descuento sconto desconto rabat indirim 割引 値引";
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    if (mapping->shape != SHAPE_ORDER_LINES || mapping->column_of[ROLE_AMOUNT] >= 0 || mapping->column_of[ROLE_PRICE] < 0 ||
        mapping->column_of[ROLE_TOTAL] >= 0)
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        char simple[ROLE_NAME_BYTES];
        size_t n = 0;
        role_simplify(text_of(mapping->columns[c].name), simple);
        if (mapping->roles[c] != ROLE_NONE || mapping->columns[c].number_fit < .9 || !role_has_one_of(simple, words)) continue;
        for (size_t r = 0; r < probe->n_rows; r++) {
            double value;
            n += number_double(probe->cells[r * probe->n_columns + c], mapping->decimal, &value) && (value > 0 || value < 0);
        }
        if (n == 0) continue;
        findings_add(f, SEVERITY_WARNING, n, (double)n / (double)probe->n_rows,
                     arena_format(f->arena, "%s is not taken off", mapping->columns[c].name),
                     "amounts are price times quantity: name the column of what was paid for each line with --amount, or for "
                     "the whole order with --total");
        return;
    }
}

/* What no column says: what each row is. */
static void judge_kind(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct row_kind *kind = &mapping->row_kind;
    uint64_t rows = f->facts->reading->counts.rows - f->facts->reading->counts.refused;
    bool is_guessed = mapping->event_kind && kind->kind && strcmp(mapping->event_kind, kind->kind) == 0;
    if (mapping->event_kind)
        findings_add(f, SEVERITY_NOTE, rows, NAN, arena_format(f->arena, "Each row is an event %s", mapping->event_kind),
                     arena_format(f->arena, "%s%s; --shape events --event WORD calls it otherwise, --shape order_lines takes "
                                            "each row as an order",
                                  is_guessed ? arena_format(f->arena, "by their columns (%s) the rows are %s", kind->names,
                                                            kind->words)
                                             : "as asked",
                                  mapping->has_orders_among ? ", and those with money are orders as well" : ""));
    int time = mapping->column_of[ROLE_TIME];
    bool has_money = mapping->column_of[ROLE_AMOUNT] >= 0 || mapping->column_of[ROLE_PRICE] >= 0 ||
                     mapping->column_of[ROLE_TOTAL] >= 0;
    bool is_sale = mapping->format || mapping->column_of[ROLE_ORDER] >= 0 || mapping->column_of[ROLE_QUANTITY] >= 0 ||
                   mapping->column_of[ROLE_ITEM] >= 0 || mapping_tells_sales(mapping) || time < 0 ||
                   row_kind_is_of_sale(mapping->columns[time].name);
    if (mapping->shape != SHAPE_ORDER_LINES || mapping->is_asked) return;
    if (has_money && kind->score >= ROW_KIND_NEEDED && !is_sale)
        findings_add(f, SEVERITY_WARNING, rows, NAN, arena_format(f->arena, "Rows count as orders, and may be %s", kind->words),
                     arena_format(f->arena, "by %s; if they are no sales, say --shape events", kind->names));
    else if (!has_money && !is_sale)
        findings_add(f, SEVERITY_WARNING, rows, NAN, "Each row counts as an order",
                     "no column says what happened, and none what was paid: if a row is a visit, a call or a log-in and no "
                     "purchase, say so with --shape events --event WORD, as in --event login");
}

/* Nobody keeps a file of one customer's orders. */
static void judge_one_customer(struct findings *f)
{
    enum { ROWS_NEEDED = 50 };
    const struct mapping *mapping = f->facts->mapping;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    const struct column *who = customer >= 0 ? &mapping->columns[customer] : NULL;
    if (!who || mapping->shape == SHAPE_TABLE || who->n_distinct != 1 || who->n_values < ROWS_NEEDED) return;
    findings_add(f, SEVERITY_PROBLEM, who->n_values, NAN,
                 f->facts->building->customers > 1 ? "Nearly all rows are of one customer" : "All rows are of one customer",
                 arena_format(f->arena, "%s has one value, \"%s\", in the %zu rows looked at that have one: if it is an account "
                                        "of the books or a shop, name the customer with --customer COLUMN",
                              who->name, memchr(who->example, '@', strlen(who->example)) ? "..." : who->example,
                              who->n_values));
}

/* One who has a large part of all rows among many others is often nobody: a till's customer, a test account. */
static void judge_usual_customer(struct findings *f)
{
    enum { CUSTOMERS_NEEDED = 20, SHARE_PERCENT = 20 };
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    struct hash_map counts = { 0 };
    uint64_t most = 0;
    struct text who = text_of("");
    if (customer < 0 || mapping->shape == SHAPE_TABLE || mapping->columns[customer].n_distinct < CUSTOMERS_NEEDED) return;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = text_trim(probe->cells[r * probe->n_columns + (size_t)customer]);
        if (text.length == 0 || identity_is_blocked(text)) continue;
        uint64_t n = ++*hash_map_put(&counts, hash_bytes(text.at, text.length, 1));
        if (n > most) most = n, who = text;
    }
    hash_map_free(&counts);
    if (most == 0 || 100 * most <= SHARE_PERCENT * probe->n_rows) return;
    bool is_address = memchr(who.at, '@', who.length) != NULL;
    const char *shown = is_address ? NULL : probe_shown(probe, who, f->arena);
    findings_add(f, SEVERITY_WARNING, most, (double)most / (double)probe->n_rows,
                 arena_format(f->arena, "One customer has %s of the rows",
                              words_share(f->arena, (double)most / (double)probe->n_rows)),
                 arena_format(f->arena,
                              "%s in column %s: if that is nobody in particular, as a till's walk-in customer or a test "
                              "account, empty those cells, and the rows are kept as nobody's",
                              shown ? arena_format(f->arena, "\"%s\"", shown) : is_address ? "an address" : "a name that is not UTF-8",
                              mapping->columns[customer].name));
}

/* Numbers that a spreadsheet cut. */
static void judge_rounded(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        bool is_name = role_name_score(ROLE_ORDER, column->name) > ROLE_NAME_PART ||
                       role_name_score(ROLE_CUSTOMER, column->name) > ROLE_NAME_PART || column_is_id_name(column->name);
        if (!is_name || !column_is_rounded(f->facts->probe, c)) continue;
        findings_add(f, SEVERITY_WARNING, column->n_values, NAN,
                     arena_format(f->arena, "%s was cut by a spreadsheet program", column->name),
                     arena_format(f->arena,
                                  "different numbers became \"%s\", so that it names nothing any more and is not used: export "
                                  "the file again and import it as it comes",
                                  column->example));
    }
}

/* Lines that follow one another with one number and two customers, where that is seldom. */
static void judge_torn_orders(struct findings *f)
{
    enum { SELDOM = 5 };
    const struct reading_counts *counts = &f->facts->reading->counts;
    const struct mapping *mapping = f->facts->mapping;
    uint64_t n = counts->lines_of_another;
    if (n == 0 || SELDOM * n > counts->lines_further || mapping->is_order_by_time) return;
    findings_add(f, SEVERITY_PROBLEM, n, NAN, "Lines of one order have different customers",
                 arena_format(f->arena,
                              "by column %s, the first on line %llu (%s of such lines): the order counts once for each of "
                              "them; correct the file, or name another number with --order or another customer with "
                              "--customer, if %s or %s is not the order's",
                              mapping->columns[mapping->column_of[ROLE_CUSTOMER]].name,
                              findings_line(f->facts->reading, counts->of_another_at), words_count(f->arena, (double)n),
                              mapping->columns[mapping->column_of[ROLE_ORDER]].name,
                              mapping->columns[mapping->column_of[ROLE_CUSTOMER]].name));
}

/* A column called a status whose words are nobody's to guess.  Two letters are a state of a country. */
static void judge_unread_status(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    if (mapping_tells_sales(mapping)) return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        bool is_short_list = column->n_distinct >= 2 && column->n_distinct <= 20 &&
                             column->n_distinct * 4 < column->n_values && column->kind != KIND_TIME;
        bool is_number = column->kind == KIND_NUMBER && column->is_integer;
        if (mapping->roles[c] != ROLE_NONE || !is_short_list || (!is_number && strlen(column->example) <= 2) ||
            role_name_score(ROLE_STATUS, column->name) <= ROLE_NAME_PART)
            continue;
        findings_add(f, SEVERITY_WARNING, column->n_distinct, NAN,
                     arena_format(f->arena, "%s may say which orders are sales", column->name),
                     arena_format(f->arena,
                                  "its values, such as \"%s\", are no statuses that are known, so that every row "
                                  "counts as a sale; name those that are with --status %s --sales LIST",
                                  column->example, words_shell(f->arena, column->name)));
    }
}

/* A second status, some of whose words are nobody's to guess: they change nothing. */
static void judge_unread_marks(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    for (size_t i = 0; i < mapping->n_marks; i++) {
        struct text unknown = { 0 };
        size_t n = 0, column = (size_t)mapping->marks[i].column;
        for (size_t r = 0; r < probe->n_rows && mapping->marks[i].is_word; r++) {
            struct text text = text_trim(probe->cells[r * probe->n_columns + column]);
            if (probe_is_missing(text) || status_of(text) != STATUS_UNKNOWN) continue;
            if (n++ == 0) unknown = text;
        }
        if (n > 0)
            findings_add(f, SEVERITY_WARNING, n, (double)n / (double)probe->n_rows,
                         arena_format(f->arena, "%s has words that are not known", mapping->columns[column].name),
                         arena_format(f->arena,
                                      "\"%.*s\" changes nothing of what the other status says; if it tells orders that are no "
                                      "sales, name those that are with --status %s --sales LIST",
                                      (int)unknown.length, unknown.at, words_shell(f->arena, mapping->columns[column].name)));
    }
}

/* A column that says what a row is, with returns, and with words that are nobody's to guess: it was not read. */
static void judge_unread_kinds(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        struct text unknown = { 0 };
        size_t n_back = 0;
        if (mapping->roles[c] != ROLE_NONE || (int)c == mapping->kind_of_payment || column->kind != KIND_CATEGORY ||
            !order_mark_is_of_kinds(column->name))
            continue;
        for (size_t r = 0; r < probe->n_rows; r++) {
            struct text text = text_trim(probe->cells[r * probe->n_columns + c]);
            enum status kind = order_mark_kind(text);
            n_back += kind == STATUS_REFUNDED;
            if (kind == STATUS_UNKNOWN && text.length > 0) unknown = text;
        }
        if (n_back > 0 && unknown.length > 0)
            findings_add(f, SEVERITY_WARNING, n_back, (double)n_back / (double)probe->n_rows,
                         arena_format(f->arena, "%s has rows that give money back", column->name),
                         arena_format(f->arena,
                                      "they count as sales, for \"%.*s\" is not known: keep the rows of sales and returns "
                                      "only, or name what is a sale with --status %s --sales LIST",
                                      (int)unknown.length, unknown.at, words_shell(f->arena, column->name)));
    }
}

/* Which way money went, as ledgers and banks write it beside amounts without a sign: nobody's to guess. */
static void judge_directions(struct findings *f)
{
    static const char names[] = "sollhabenkennzeichen sollhaben sollhabenkz shkennzeichen sh debitcredit creditdebit drcr crdr dc cd "
                                "debitcreditindicator creditdebitindicator cdtdbtind debitcreditflag debitorcredit creditordebit "
                                "sens dareavere avere debehaber afbij bijaf";
    const struct mapping *mapping = f->facts->mapping;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        char simple[ROLE_NAME_BYTES];
        role_simplify(text_of(column->name), simple);
        if (mapping->roles[c] != ROLE_NONE || column->n_distinct != 2 || !role_is_among(simple, names)) continue;
        findings_add(f, SEVERITY_PROBLEM, column->n_values, NAN,
                     arena_format(f->arena, "%s says which way money went, and is not read", column->name),
                     arena_format(f->arena,
                                  "every row counts as a sale: write what went back with a minus, or name the word of sales with "
                                  "--status %s --sales WORD, as \"%s\"",
                                  words_shell(f->arena, column->name), column->example));
    }
}

/* Numbers of orders that other customers have at other times, beside lines of one. */
static void judge_numbers_used_again(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    int order = mapping->column_of[ROLE_ORDER];
    if (mapping->shape != SHAPE_ORDER_LINES || order < 0 || mapping->is_order_by_time) return;
    struct order_numbers numbers = order_numbers_look(f->facts->probe, order, mapping->column_of[ROLE_CUSTOMER],
                                                      mapping->column_of[ROLE_TIME]);
    if (numbers.n_of_another < 5 || 50 * numbers.n_of_another < f->facts->probe->n_rows) return;
    findings_add(f, SEVERITY_WARNING, numbers.n_of_another, (double)numbers.n_of_another / (double)f->facts->probe->n_rows,
                 arena_format(f->arena, "%s is used again", mapping->columns[order].name),
                 "other customers have the same number at another time, as a till counts each day: orders of one customer with one "
                 "number are taken for one; name a number that does not begin again with --order");
}

/* Customers who are told apart by what several are called. */
static void judge_names(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    int customer = mapping->column_of[ROLE_CUSTOMER];
    size_t n = 0;
    if (customer < 0 || mapping->shape == SHAPE_TABLE || mapping->columns[customer].kind == KIND_NUMBER ||
        role_name_score(ROLE_PERSONAL, mapping->columns[customer].name) == 0)
        return;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = text_trim(probe->cells[r * probe->n_columns + (size_t)customer]);
        bool has_mark = false;
        for (size_t i = 0; i < text.length; i++) has_mark |= text.at[i] == '@' || (text.at[i] >= '0' && text.at[i] <= '9');
        n += text.length > 0 && !has_mark && memchr(text.at, ' ', text.length);
    }
    if (2 * n < mapping->columns[customer].n_values || n == 0) return;
    findings_add(f, SEVERITY_NOTE, n, NAN,
                 arena_format(f->arena, "Customers are told apart by %s", mapping->columns[customer].name),
                 "two people of one name are one customer, and one who is written in two ways is two: if the file has an address "
                 "or a number of theirs, name it with --customer");
}

/* Objects of JSON in the cells of a file that is none, as databases export events: nothing looks into them. */
static void judge_objects(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const struct probe *probe = f->facts->probe;
    for (size_t c = 0; c < mapping->n_columns && !probe->dialect.json; c++) {
        size_t n = 0;
        for (size_t r = 0; r < probe->n_rows; r++) {
            struct text text = text_trim(probe->cells[r * probe->n_columns + c]);
            n += text.length > 4 && text.at[0] == '{' && text.at[1] == '"' && text.at[text.length - 1] == '}';
        }
        if (n == 0 || 2 * n < mapping->columns[c].n_values) continue;
        const char *name = mapping->columns[c].name;
        findings_add(f, SEVERITY_WARNING, n, NAN, arena_format(f->arena, "%s holds JSON that is not read", name),
                     "what stands within it, as money or an order's number, is missing: export the rows as JSON, one object a "
                     "line, or its members as columns of their own");
    }
}

void findings_from_values(struct findings *findings)
{
    judge_objects(findings);
    judge_discounts(findings);
    if (findings->facts->mapping->shape == SHAPE_ORDER_LINES) {
        judge_unread_status(findings);
        judge_unread_marks(findings);
        judge_unread_kinds(findings);
        judge_directions(findings);
        judge_numbers_used_again(findings);
    }
    judge_torn_orders(findings);
    judge_kind(findings);
    judge_unused_money(findings);
    judge_one_customer(findings);
    judge_names(findings);
    judge_usual_customer(findings);
    judge_rounded(findings);
    judge_amounts(findings);
    judge_leaks(findings);
    judge_treatments(findings);
    judge_snapshots(findings);
    judge_numbered_events(findings);
}
