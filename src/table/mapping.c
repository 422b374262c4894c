/* mapping.c - names and values vote for roles, the roles found say the shape; see mapping.h. */
#include "base/similar.h"
#include "base/words.h"
#include "intake/currency.h"
#include "table/leak.h"
#include "table/mapping_internal.h"
#include "table/trait.h"

#include <stdlib.h>
#include <string.h>

enum { EVENT_KIND_BYTES_MAX = 60 };

static const char *column_list(const struct mapping *mapping, struct arena *arena)
{
    const char *list = "";
    for (size_t c = 0; c < mapping->n_columns && c < 30; c++)
        list = arena_format(arena, "%s%s%s", list, c ? ", " : "", mapping->columns[c].name);
    return mapping->n_columns > 30 ? arena_format(arena, "%s, ... (%zu in all)", list, mapping->n_columns)
                                   : list;
}

/* A column by its header or 1-based number; MAPPING_NONE if there is none. */
static int find_column(const struct mapping *mapping, struct text name)
{
    int64_t number;
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (text_equal(name, text_of(mapping->columns[c].name))) return (int)c;
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (text_equal_ignoring_case(name, text_of(mapping->columns[c].name))) return (int)c;
    if (text_int64(name, &number) && number >= 1 && number <= (int64_t)mapping->n_columns)
        return (int)number - 1;
    return MAPPING_NONE;
}

void mapping_assign(struct guess *guess, size_t column, enum role role, const char *why)
{
    struct mapping *mapping = guess->mapping;
    mapping->roles[column] = role;
    mapping->whys[column] = why;
    if (role < ROLE_TRAIT && role != ROLE_NONE) mapping->column_of[role] = (int)column;
}

void mapping_take_away(struct guess *guess, enum role role, const char *why)
{
    int column = guess->mapping->column_of[role];
    if (column != MAPPING_NONE) mapping_assign(guess, (size_t)column, ROLE_NONE, why);
    guess->mapping->column_of[role] = MAPPING_NONE;
}

bool mapping_is_refused(const struct guess *guess, enum role role)
{
    const char *asked = role == ROLE_CURRENCY ? guess->options->currency : guess->options->roles[role];
    bool is_said = role == ROLE_EVENT && guess->mapping->event_kind;    /* --event login: by no column */
    return is_said || (asked && strcmp(asked, "none") == 0);
}

static bool no_such_column(struct guess *guess, const char *flag, struct text name, struct err *err)
{
    const char **names = ARENA_ARRAY(guess->arena, const char *, guess->mapping->n_columns + 1);
    for (size_t i = 0; i < guess->mapping->n_columns; i++) names[i] = guess->mapping->columns[i].name;
    const char *wanted = arena_format(guess->arena, "%.*s", (int)name.length, name.at);
    const char *close = similar_names(wanted, names, guess->mapping->n_columns, guess->arena);
    return err_set(err, ERR_INVALID, "--%s %s: there is no such column%s%s", flag, wanted,
                   strchr(close, '?') ? close : "; the columns are ",
                   strchr(close, '?') ? "" : column_list(guess->mapping, guess->arena));
}

/* "--shape events --event login": no column's name and none like one, but what each row is. */
static bool is_kind_word(const struct guess *guess, const char *word)
{
    const struct mapping *mapping = guess->mapping;
    const char **names = ARENA_ARRAY(guess->arena, const char *, mapping->n_columns + 1);
    for (size_t c = 0; c < mapping->n_columns; c++) names[c] = mapping->columns[c].name;
    return guess->options->shape && strcmp(guess->options->shape, "events") == 0 && strlen(word) <= EVENT_KIND_BYTES_MAX &&
           !strchr(similar_names(word, names, mapping->n_columns, guess->arena), '?');
}

/* --customer NAME and its like. */
static bool take_role_flags(struct guess *guess, struct err *err)
{
    const struct mapping_options *options = guess->options;
    for (int r = ROLE_CUSTOMER; r < ROLE_TRAIT; r++) {
        enum role role = (enum role)r;
        const char *name = role == ROLE_CURRENCY ? options->currency : options->roles[role];
        if (!name || strcmp(name, "none") == 0) continue;
        int column = find_column(guess->mapping, text_of(name));
        if (role == ROLE_CURRENCY && column == MAPPING_NONE && strlen(name) == 3) {
            guess->mapping->currency = arena_copy(guess->arena, name);
            continue;
        }
        if (column == MAPPING_NONE && role == ROLE_EVENT && is_kind_word(guess, name)) {
            guess->mapping->event_kind = arena_copy(guess->arena, name);
            continue;
        }
        if (column == MAPPING_NONE) return no_such_column(guess, role_word(role), text_of(name), err);
        if (guess->is_given[column] && guess->mapping->roles[column] != role)
            return err_set(err, ERR_INVALID, "--%s %s: the column is already the %s", role_word(role), name,
                           role_word(guess->mapping->roles[column]));
        guess->is_given[column] = true;
        mapping_assign(guess, (size_t)column, role, "as asked");
    }
    return true;
}

static struct text next_of_list(const char **at)
{
    const char *comma = strchr(*at, ',');
    size_t n = comma ? (size_t)(comma - *at) : strlen(*at);
    struct text word = text_trim((struct text){ *at, n });
    *at = comma ? comma + 1 : *at + n;
    return word;
}

/* --columns renames; a name that is a role's own word is the role. */
static bool take_columns(struct guess *guess, struct probe *probe, struct err *err)
{
    const char *at = guess->options->columns;
    size_t n = 1;
    for (const char *c = at; *c; c++) n += *c == ',';
    if (n != probe->n_columns)
        return err_set(err, ERR_INVALID, "--columns names %zu columns, but the file has %zu (line %llu)", n,
                       probe->n_columns, (unsigned long long)probe->data_line);
    for (size_t c = 0; c < n; c++) {
        struct text word = next_of_list(&at);
        char *name = arena_format(guess->arena, "%.*s", (int)word.length, word.at);
        enum role role;
        probe->names[c] = guess->mapping->columns[c].name = name;
        bool is_role = role_find(word, &role);
        if (!is_role && text_equal_ignoring_case(word, text_of("date"))) is_role = true, role = ROLE_TIME;
        if (!is_role) continue;
        guess->is_given[c] = true;
        mapping_assign(guess, c, role, "as asked by --columns");
    }
    return true;
}

/* The columns of --traits and of --ignore. */
static bool take_list(struct guess *guess, const char *flag, const char *at, enum role role, struct err *err)
{
    if (!at || strcmp(at, "none") == 0) return true;
    while (*at) {
        struct text name = next_of_list(&at);
        int column = find_column(guess->mapping, name);
        if (column == MAPPING_NONE) return no_such_column(guess, flag, name, err);
        if (guess->is_given[column] && guess->mapping->roles[column] != role)
            return err_set(err, ERR_INVALID, "--%s %.*s: the column is already the %s", flag, (int)name.length, name.at,
                           role_word(guess->mapping->roles[column]));
        guess->is_given[column] = true;
        mapping_assign(guess, (size_t)column, role, role == ROLE_NONE ? "left out, as asked" : "as asked");
    }
    return true;
}

static const char why_personal[] = "who the customer is: sealed, and nothing for a model";

/* How somebody is to be written to is the same for many. */
static bool is_way_of_writing(const char *name)
{
    static const char *const names[] = { "timezone", "locale", "consent" };
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(simple, names[i]) == 0) return true;
    return false;
}

/* Names, telephone numbers and addresses; few values in many rows are none of these. */
static bool is_personal(const struct guess *guess, size_t index)
{
    const struct column *column = &guess->mapping->columns[index];
    bool is_few = column->n_distinct <= 5 && column->n_values > 50 && !is_way_of_writing(column->name);
    const struct known_format *format = guess->mapping->format;
    if (format && known_format_find_column(format->roles[ROLE_PERSONAL], guess->mapping->columns,
                                           guess->mapping->n_columns) == (int)index)
        return column->kind != KIND_EMPTY;
    return column->kind != KIND_EMPTY && !is_few && role_name_score(ROLE_PERSONAL, column->name) > 0;
}

/* A table keeps everything but its customer and label as traits. */
static void make_table(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    mapping_guess_label(guess);
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        enum role role = mapping->roles[c];
        if (guess->is_given[c] &&
            (role == ROLE_CUSTOMER || role == ROLE_TARGET || role == ROLE_TRAIT || role == ROLE_NONE))
            continue;
        if (role == ROLE_TARGET || (role == ROLE_CUSTOMER && column->n_distinct * 2 > column->n_values))
            continue;
        if (role != ROLE_NONE && role != ROLE_TRAIT) mapping->column_of[role] = MAPPING_NONE;
        if (column->kind == KIND_EMPTY) mapping_assign(guess, c, ROLE_NONE, "it is empty");
        else if (is_personal(guess, c)) mapping_assign(guess, c, ROLE_PERSONAL, why_personal);
        else if (column->kind == KIND_TIME)
            mapping_assign(guess, c, ROLE_NONE, "a date; a table keeps numbers and categories");
        else if (column->kind == KIND_TEXT && column->n_distinct * 2 > column->n_values)
            mapping_assign(guess, c, ROLE_NONE, "text that is different in most rows");
        else mapping_assign(guess, c, ROLE_TRAIT, "an attribute of the customer");
    }
    const struct column *first = &mapping->columns[0];
    if (!mapping_has(mapping, ROLE_CUSTOMER) && !guess->is_given[0] && !mapping_is_refused(guess, ROLE_CUSTOMER) &&
        first->is_unique && first->n_values > 10 && (first->is_integer || first->kind == KIND_TEXT))
        mapping_assign(guess, 0, ROLE_CUSTOMER, "the first column, and different in every sampled row");
}

/* How many of a column's sampled values are what the mark reads, and how many speak against the sale. */
static void count_marks(const struct guess *guess, size_t column, const struct order_mark *mark, size_t *ret_n,
                        size_t *ret_against)
{
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        if (probe_is_missing(text)) continue;
        *ret_n += mark->is_word ? status_of(text) != STATUS_UNKNOWN : order_mark_answer(text) >= 0;
        *ret_against += order_mark_apply(mark, text, STATUS_SALE) != STATUS_SALE;
    }
}

/* A second status beside the one that decides: of the payment, of the order. */
static bool is_second_status(const struct mapping *mapping, size_t column)
{
    return mapping_has(mapping, ROLE_STATUS) && mapping->columns[column].kind == KIND_CATEGORY &&
           role_name_score(ROLE_STATUS, mapping->columns[column].name) >
               (order_mark_is_of_payment(mapping->columns[column].name) ? 0 : ROLE_NAME_PART);
}

/* A column that says what each row is: at least one gives money back, and all are known. */
static bool find_kinds(struct guess *guess, size_t column)
{
    struct mapping *mapping = guess->mapping;
    size_t n = 0, n_known = 0, n_back = 0, n_other = 0;
    if (mapping->format || mapping->columns[column].kind != KIND_CATEGORY ||
        !order_mark_is_of_kinds(mapping->columns[column].name))
        return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        enum status kind = order_mark_kind(text);
        n += text.length > 0;
        n_known += text.length > 0 && kind != STATUS_UNKNOWN;
        n_back += kind == STATUS_REFUNDED;
        n_other += kind == STATUS_OTHER;
    }
    if (n_back + n_other == 0 || n_known < n) return false;
    mapping->marks[mapping->n_marks++] = (struct order_mark){ .column = (int)column, .is_kind = true };
    mapping_assign(guess, column, ROLE_MARK, n_back > 0 ? "it says what a row is: a return gives its money back"
                                                    : "it says what a row is: not each is a sale");
    return true;
}

/* A test that many orders are part of is another. */
static void find_marks(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    for (size_t c = 0; c < mapping->n_columns && mapping->n_marks < ORDER_MARKS_MAX; c++) {
        struct order_mark mark = { .is_word = true, .is_payment = order_mark_is_of_payment(mapping->columns[c].name) };
        size_t n = 0, n_against = 0;
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || mapping->whys[c] || find_kinds(guess, c) ||
            (!order_mark_find(mapping->columns[c].name, &mark) && !is_second_status(mapping, c)))
            continue;
        count_marks(guess, c, &mark, &n, &n_against);
        bool may_miss = mark.is_word && mark.is_payment && n_against > 0 && 2 * n > mapping->columns[c].n_values;
        if (n == 0 || (n < mapping->columns[c].n_values && !may_miss) || (mark.is_word && n_against == 0 && !mark.is_payment) ||
            (mark.status == STATUS_TEST && 5 * n_against > 2 * n))
            continue;
        mark.column = (int)c;
        mapping->marks[mapping->n_marks++] = mark;
        mapping_assign(guess, c, ROLE_MARK,
                       mark.is_word && mark.is_payment ? "the payment's status: an open order is a sale where it is paid"
                       : mark.is_word ? "a second status: an order is a sale only where it agrees"
                                    : arena_format(guess->arena, "by its name; where it says %s, the order is %s",
                                                   mark.on ? "yes" : "no", order_mark_words(mark.status)));
    }
}

/* What a message's event tells of itself beside its kind. */
static bool is_property(const char *name)
{
    static const char *const names[] = { "campaign", "campaignname", "campaignid", "template", "templatename",
                                         "templateid", "topic" };
    char plain[ROLE_NAME_BYTES];
    role_simplify(text_of(name), plain);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(plain, names[i]) == 0) return true;
    return false;
}

static void make_history(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    mapping_take_away(guess, ROLE_TARGET, NULL);
    if (mapping->shape == SHAPE_ORDER_LINES && mapping_has(mapping, ROLE_EVENT) &&
        !guess->is_given[mapping->column_of[ROLE_EVENT]])
        mapping_take_away(guess, ROLE_EVENT, NULL);
    static const enum role of_orders[] = { ROLE_TOTAL, ROLE_REFUNDED, ROLE_STATUS, ROLE_CANCELLED };
    for (size_t i = 0; mapping->shape == SHAPE_EVENTS && i < sizeof of_orders / sizeof *of_orders; i++)
        mapping_take_away(guess, of_orders[i], NULL);
    if (mapping->shape == SHAPE_ORDER_LINES) find_marks(guess);
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || mapping->whys[c]) continue;
        const char *why = "not needed; --traits keeps it as an attribute of the customer";
        if (is_personal(guess, c)) {
            mapping_assign(guess, c, ROLE_PERSONAL, why_personal);
            continue;
        }
        if (mapping->columns[c].kind == KIND_EMPTY) why = "it is empty";
        else if (mapping->shape == SHAPE_EVENTS && is_property(mapping->columns[c].name)) {
            mapping_assign(guess, c, ROLE_PROPERTY, "kept with the event, by its name");
            continue;
        } else if (!guess->options->traits && mapping_has(mapping, ROLE_CUSTOMER) &&
                 trait_is_likely(guess->probe, mapping->columns, c, (size_t)mapping->column_of[ROLE_CUSTOMER],
                                 guess->arena, &why)) {
            mapping_assign(guess, c, ROLE_TRAIT, why);
            continue;
        }
        mapping->whys[c] = why;
    }
}

/* An attribute that never changes within a customer was written when the file was: it says how they stand on that
 * day.  Those that were always so are named with --static. */
static bool find_snapshots(struct guess *guess, struct err *err)
{
    struct mapping *mapping = guess->mapping;
    bool *is_static = ARENA_ARRAY(guess->arena, bool, mapping->n_columns);
    for (const char *at = guess->options->statics; at && *at && strcmp(at, "none") != 0;) {
        struct text name = next_of_list(&at);
        int column = find_column(mapping, name);
        if (column == MAPPING_NONE) return no_such_column(guess, "static", name, err);
        is_static[column] = true;
    }
    for (size_t c = 0; c < mapping->n_columns && mapping->shape != SHAPE_TABLE; c++)
        mapping->is_snapshot[c] = mapping->roles[c] == ROLE_TRAIT && !is_static[c] &&
                                  mapping_has(mapping, ROLE_CUSTOMER) &&
                                  trait_is_constant(guess->probe, c, (size_t)mapping->column_of[ROLE_CUSTOMER]);
    return true;
}

/* Without a customer the rows are often sums by shop and week, which say nothing of anybody. */
static bool no_customer(const struct guess *guess, const char *list, struct err *err)
{
    const struct mapping *mapping = guess->mapping;
    const struct column *whose = NULL;
    bool has_ids = false;       /* sums have none */
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        has_ids |= column->n_distinct * 10 > column->n_values * 9 && column->n_values > 10 &&
                   (column_is_id_name(column->name) || role_name_score(ROLE_ORDER, column->name) > ROLE_NAME_PART);
        bool is_key = column->kind == KIND_CATEGORY || (column->kind == KIND_NUMBER && column->is_integer);
        if (mapping->roles[c] == ROLE_NONE && is_key && column->n_distinct > 2 &&
            5 * column->n_distinct < column->n_values && (!whose || column->n_distinct > whose->n_distinct))
            whose = column;
    }
    if (!whose || has_ids || mapping_has(mapping, ROLE_ORDER) || mapping_has(mapping, ROLE_EVENT))
        return err_set(err, ERR_INVALID,
                       "no column says whose row it is (looked for names such as customer, user_id, client, "
                       "email); the columns are %s; name it with --customer COLUMN",
                       list);
    return err_set(
        err, ERR_INVALID,
        "no column says whose row it is: the rows look like sums or readings over time (%zu different %s "
        "in %zu rows), and those tell of no customer; what is needed is a row for each order or event with "
        "its customer; if %s is whom you mean, say --customer %s; the columns are %s",
        whose->n_distinct, whose->name, whose->n_values, whose->name, words_shell(guess->arena, whose->name),
        list);
}

static bool check_needs(struct guess *guess, struct err *err)
{
    struct mapping *mapping = guess->mapping;
    const char *list = column_list(mapping, guess->arena);
    if (guess->probe->is_latin1)
        list = arena_format(guess->arena, "%s, if that is how they are written: the file is not UTF-8 and was read as Latin-1; "
                                          "--encoding windows-1251, shift_jis, gb18030 ... reads it as another", list);
    size_t n_traits = 0;
    for (size_t c = 0; c < mapping->n_columns; c++) n_traits += mapping->roles[c] == ROLE_TRAIT;
    if (n_traits > MAPPING_TRAITS_MAX)
        return err_set(
            err, ERR_INVALID,
            "the file has %zu columns, %zu of them attributes of the customer, and at most %d are taken: "
            "name those to keep with --traits COLUMN,COLUMN",
            mapping->n_columns, n_traits, MAPPING_TRAITS_MAX);
    if (mapping->shape == SHAPE_TABLE) {
        if (n_traits > 0) return true;
        return err_set(
            err, ERR_INVALID,
            "no column holds times (looked for dates and epochs) and none is an attribute; the columns "
            "are %s; name the time with --time COLUMN and its form with --date-format, or the columns with "
            "--columns",
            list);
    }
    if (!mapping_has(mapping, ROLE_TIME) && !mapping_is_timeless(guess))
        return err_set(
            err, ERR_INVALID,
            "no column holds times (looked for dates and epochs); the columns are %s; name it with "
            "--time COLUMN, its form with --date-format, say --shape table, or, if it is not known when anything "
            "happened, --shape events --time none",
            list);
    if (!mapping_has(mapping, ROLE_CUSTOMER) && !mapping_is_refused(guess, ROLE_CUSTOMER))
        return no_customer(guess, list, err);
    if (mapping->shape == SHAPE_EVENTS && !mapping_has(mapping, ROLE_EVENT) && !mapping->event_kind)
        return err_set(err, ERR_INVALID,
                       "no column says what happened (looked for names such as event, action, type); the "
                       "columns are %s; name it with --event COLUMN, say with a word of your own what each row is, as in "
                       "--event login, or say --shape order_lines",
                       list);
    return true;
}

/* Invoices such as C536379 beside 536365. */
static bool has_refund_numbers(const struct probe *probe, size_t column)
{
    size_t n_refund = 0, n_plain = 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = text_trim(probe->cells[r * probe->n_columns + column]);
        int64_t number;
        if (text.length < 2) continue;
        if (text.at[0] == 'C' && text_int64((struct text){ text.at + 1, text.length - 1 }, &number))
            n_refund++;
        else if (text_int64(text, &number)) n_plain++;
    }
    return n_refund > 0 && n_plain > 2 * n_refund;
}

/* Beside the ids of Stripe's objects, and in members that Square and commercetools name so, amounts without decimals are as
 * their APIs have them, in cents: exports for people write 45.00. */
static bool is_in_units_of_an_api(const struct guess *guess, size_t column)
{
    static const char *const starts[] = { "ch_", "pi_", "py_", "in_", "txn_", "re_" };
    int order = guess->mapping->column_of[ROLE_ORDER];
    bool is_one = role_money_is_in_units(guess->mapping->columns[column].name);
    for (size_t i = 0; order >= 0 && i < sizeof starts / sizeof *starts; i++)
        is_one |= strncmp(guess->mapping->columns[order].example, starts[i], strlen(starts[i])) == 0;
    if (!is_one || !guess->mapping->columns[column].is_integer) return false;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text text = mapping_cell(guess, r, (int)column);
        if (text.length > 0 && (memchr(text.at, '.', text.length) || memchr(text.at, ',', text.length))) return false;
    }
    return true;
}

/* Money in cents or thousands, by its name, or in the currency's smallest unit; of these it has no decimals. */
static const char *describe_money(const struct guess *guess, enum role role, size_t index)
{
    struct mapping *mapping = guess->mapping;
    const struct column *column = &mapping->columns[index];
    bool is_money = role == ROLE_AMOUNT || role == ROLE_PRICE || role == ROLE_TOTAL || role == ROLE_REFUNDED;
    int shift = is_money ? role_money_shift(column->name) : 0;
    if (shift < 0 && !column->is_integer) shift = 0;
    bool is_in_units = is_money && ((mapping->format && mapping->format->is_in_cents) || is_in_units_of_an_api(guess, index));
    int currency = mapping->column_of[ROLE_CURRENCY];
    if (is_in_units) shift = currency >= 0 ? -currency_decimals(text_of(mapping->columns[currency].example)) : -2;
    mapping->money_shift[role] = shift;
    if (shift != 0) return shift > 0 ? "in thousands" : shift < -2 ? "in thousandths" : "in cents";
    return is_money && mapping->decimal == ',' ? "decimal comma" : "";
}

static bool describe_formats(struct guess *guess, const struct instant_format *asked, struct err *err)
{
    struct mapping *mapping = guess->mapping;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        struct column *column = &mapping->columns[c];
        enum role role = mapping->roles[c];
        const char *format = "";
        if (role == ROLE_TIME || role == ROLE_RECEIVED) {
            if (column->kind != KIND_TIME && !column_force_time(guess->probe, c, asked, guess->arena, column))
                return err_set(
                    err, ERR_INVALID,
                    "column %s does not read as times (\"%s\"); say how it is written with --date-format "
                    "(YYYY-MM-DD, D/M/Y, M/D/Y, D.M.Y, yyyymmdd, epoch-s, epoch-ms, excel) or as a pattern such "
                    "as "
                    "'%%d.%%m.%%Y %%H:%%M'",
                    column->name, column->example);
            if (column->other_reading)
                return err_set(err, ERR_INVALID,
                               "column %s reads as %s and as %s (\"%s\" is a date either way), and neither keeps "
                               "the rows in order of time: say --date-format %s or --date-format %s",
                               column->name, instant_name(column->format), column->other_reading, column->example,
                               instant_name(column->format), column->other_reading);
            format = instant_name(column->format);
            if (column->format.other)
                format = arena_format(guess->arena, "%s or %s", format, instant_name(*column->format.other));
            if (*column->format_note)
                format = arena_format(guess->arena, "%s (%s)", format, column->format_note);
            *(role == ROLE_TIME ? &mapping->time_format : &mapping->received_format) = column->format;
        } else if (role == ROLE_ORDER && (mapping->has_refund_prefix = has_refund_numbers(guess->probe, c))) {
            format = "C... is a refund";
        } else {
            format = describe_money(guess, role, c);
        }
        mapping->formats[c] = format;
        const char *name = words_shell(guess->arena, column->name);
        mapping->flags[c] = role == ROLE_NONE || role == ROLE_TRAIT || role == ROLE_PERSONAL ||
                                     role == ROLE_PROPERTY || role == ROLE_MARK
                                ? arena_format(guess->arena, "--traits %s", name)
                                : arena_format(guess->arena, "--%s %s", role_word(role), name);
        if (!mapping->whys[c]) mapping->whys[c] = "";
    }
    return true;
}

/* Says so where a column's values are kept by another name, for templates and channels ask for that. */
static void name_members(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    mapping->members = member_names(mapping->columns, mapping->roles, mapping->n_columns, guess->arena);
    for (size_t c = 0; c < mapping->n_columns; c++)
        if (!text_equal_ignoring_case(text_of(mapping->members[c]), text_of(mapping->columns[c].name)))
            mapping->whys[c] = arena_format(guess->arena, "%s; kept as %s", mapping->whys[c], mapping->members[c]);
}

enum status mapping_status(const struct mapping *mapping, struct text word)
{
    enum status status = known_format_status(mapping->format, word);
    const char *at = mapping->sales;
    if (!at || word.length == 0) return status;
    while (*at)
        if (text_equal_ignoring_case(next_of_list(&at), text_trim(word))) return STATUS_SALE;
    return status == STATUS_SALE || status == STATUS_UNKNOWN ? STATUS_OTHER : status;
}

bool mapping_guess(struct probe *probe, const struct mapping_options *options, struct arena *arena,
                   struct mapping *ret_mapping, struct err *err)
{
    struct mapping mapping = { .n_columns = probe->n_columns, .currency = "", .sales = options->sales,
                               .kind_of_payment = MAPPING_NONE, .payee = MAPPING_NONE, .outgoing = MAPPING_NONE };
    struct instant_format asked_format, *asked = options->date_format ? &asked_format : NULL;
    if (asked && !instant_find(options->date_format, asked))
        return err_set(
            err, ERR_INVALID,
            "--date-format %s is not known; it is YYYY-MM-DD, D/M/Y, M/D/Y, D.M.Y, D Mon Y, yyyymmdd, epoch-s, "
            "epoch-ms, epoch-us, excel, or a pattern such as '%%d.%%m.%%Y %%H:%%M'",
            options->date_format);
    if (options->decimal && strcmp(options->decimal, ".") != 0 && strcmp(options->decimal, ",") != 0)
        return err_set(err, ERR_INVALID, "--decimal %s is not known; it is . or ,", options->decimal);
    mapping.decimal = options->decimal ? *options->decimal : column_decimal(probe);
    mapping.columns = columns_judge(probe, mapping.decimal, asked, arena);
    mapping.roles = ARENA_ARRAY(arena, enum role, probe->n_columns);
    mapping.formats = ARENA_ARRAY(arena, const char *, probe->n_columns);
    mapping.whys = ARENA_ARRAY(arena, const char *, probe->n_columns);
    mapping.flags = ARENA_ARRAY(arena, const char *, probe->n_columns);
    mapping.is_snapshot = ARENA_ARRAY(arena, bool, probe->n_columns);
    mapping.gives_away = ARENA_ARRAY(arena, double, probe->n_columns);
    for (int r = 0; r < ROLES; r++) mapping.column_of[r] = MAPPING_NONE;
    struct guess guess = { options, probe, arena, &mapping, ARENA_ARRAY(arena, bool, probe->n_columns) };
    if (options->columns && !take_columns(&guess, probe, err)) return false;
    if (!take_role_flags(&guess, err)) return false;
    if (!take_list(&guess, "traits", options->traits, ROLE_TRAIT, err) ||
        !take_list(&guess, "ignore", options->ignored, ROLE_NONE, err))
        return false;
    mapping_guess_roles(&guess);
    if (!mapping_choose_shape(&guess, err)) return false;
    if (mapping.shape == SHAPE_TABLE) make_table(&guess);
    else make_history(&guess);
    if (!find_snapshots(&guess, err)) return false;
    leak_find(&guess);
    mapping_guess_lines(&guess);
    if (!check_needs(&guess, err) || !describe_formats(&guess, asked, err)) return false;
    name_members(&guess);
    *ret_mapping = mapping;
    return true;
}
