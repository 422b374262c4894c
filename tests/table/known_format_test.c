/* Each export that is known, made from its row of the table: read, and read right where it is cut, has a column more, a
 * status that nobody knows, two currencies, or lines that disagree. */
#include "table/known_format.h"

#include "table/import_support.h"

#include <string.h>

TestSuite(known_format, .init = import_shop_open, .fini = import_shop_close);

enum { ROWS = 60, COLUMNS_MOST = 40, FAULT_ROW = 41 };

/* What is put into the row FAULT_ROW, the second of an order, or into all below it, of the column of a role; or a column
 * more. */
struct fault { enum role role; const char *value; bool is_to_the_end; const char *more; };

struct made { const char *names[COLUMNS_MOST]; enum role roles[COLUMNS_MOST]; size_t n; };

static const char *word_at(const char **at)
{
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ");
    const char *word = length > 0 ? arena_format(import_arena, "%.*s", (int)length, *at) : NULL;
    *at += length;
    return word;
}

static size_t column_of(struct made *made, const char *name)
{
    for (size_t c = 0; c < made->n; c++)
        if (strcmp(made->names[c], name) == 0) return c;
    cr_assert_lt(made->n, COLUMNS_MOST);
    made->names[made->n] = name;
    return made->n++;
}

/* The columns that tell the format, and one for each of its roles. */
static struct made columns_of(const struct known_format *format)
{
    struct made made = { 0 };
    const char *at = format->headers;
    for (const char *word; (word = word_at(&at));) (void)column_of(&made, word);
    for (int r = 0; r < ROLES; r++) {
        const char *names = format->roles[r], *chosen = NULL;
        for (const char *word; names && (word = word_at(&names));) {
            size_t n = made.n;
            bool is_there = column_of(&made, word) < n;
            made.n = n;
            if (!chosen || is_there) chosen = word;
            if (is_there) break;
        }
        if (chosen) made.roles[column_of(&made, chosen)] = (enum role)r;
    }
    return made;
}

static const char *status_of_sale(const struct known_format *format)
{
    const char *sale = format->statuses ? strstr(format->statuses, "=sale") : NULL;
    if (!sale) return strstr(format->roles[ROLE_STATUS], "stage") ? "Closed Won" : "completed";
    const char *from = sale;
    while (from > format->statuses && from[-1] != ' ') from--;
    return arena_format(import_arena, "%.*s", (int)(sale - from), from);
}

/* Two rows an order where rows are lines. */
static const char *value_of(const struct known_format *format, enum role role, int row)
{
    int order = format->roles[ROLE_ITEM] ? row / 2 : row;
    switch ((int)role) {
    case ROLE_ORDER:    return arena_format(import_arena, "O%d", 1000 + order);
    case ROLE_CUSTOMER: return arena_format(import_arena, "p%d@example.com", order % 17);
    case ROLE_TIME:     return arena_format(import_arena, "2024-%02d-%02d 10:%02d:00", 1 + order / 25, 1 + order % 25, order);
    case ROLE_CLOCK:    return "10:10:00";
    case ROLE_STATUS:   return status_of_sale(format);
    case ROLE_CURRENCY: return "EUR";
    case ROLE_AMOUNT: case ROLE_PRICE: case ROLE_TOTAL: return format->is_in_cents ? "2500" : "25.00";
    case ROLE_QUANTITY: return "1";
    case ROLE_ITEM:     return arena_format(import_arena, "sku%d", row % 7);
    case ROLE_EVENT:    return row % 2 ? "purchase" : "page_view";
    case ROLE_NONE:     return arena_format(import_arena, "v%d", row % 5);
    default:            return "";
    }
}

static const char *file_of(const struct known_format *format, const struct fault *fault)
{
    struct made made = columns_of(format);
    const char *text = "";
    for (size_t c = 0; c < made.n; c++) text = arena_format(import_arena, "%s%s%s", text, c ? "," : "", made.names[c]);
    text = arena_format(import_arena, "%s%s%s\n", text, fault->more ? "," : "", fault->more ? fault->more : "");
    for (int row = 0; row < ROWS; row++) {
        for (size_t c = 0; c < made.n; c++) {
            const char *name = made.names[c], *value = value_of(format, made.roles[c], row);
            const char *sales = format->sale_words;
            if (format->kind && strcmp(name, format->kind) == 0) value = word_at(&sales);
            if (format->outgoing && strcmp(name, format->outgoing) == 0) value = "";
            bool is_faulty = fault->value && made.roles[c] == fault->role &&
                             (fault->is_to_the_end ? row > FAULT_ROW : row == FAULT_ROW);
            text = arena_format(import_arena, "%s%s%s", text, c ? "," : "", is_faulty ? fault->value : value);
        }
        text = arena_format(import_arena, "%s%s\n", text, fault->more ? row % 3 ? ",red" : ",blue" : "");
    }
    return text;
}

/* Imports each format with the fault into a database of its own, then asks. */
static void try_each(const struct fault *fault, bool (*concerns)(const struct known_format *format),
                     void (*check)(const struct known_format *format, bool is_read))
{
    const struct known_format *format;
    size_t n = 0;
    for (size_t f = 0; (format = known_format_at(f)); f++) {
        if (concerns && !concerns(format)) continue;
        import_shop_close();
        import_shop_open();
        check(format, import(file_with(file_of(format, fault))));
        n++;
    }
    cr_assert_gt(n, 5);
}

static void is_known(const struct known_format *format, bool is_read)
{
    cr_assert(is_read, "%s: %s", format->name, import_err.text);
    cr_assert_str_eq(result.format, format->name);
    cr_assert_eq(result.rejected, 0, "%s", format->name);
}

Test(known_format, is_known_by_its_headers_with_a_column_more_as_well)
{
    try_each(&(struct fault){ 0 }, NULL, is_known);
    try_each(&(struct fault){ .more = "colour" }, NULL, is_known);
}

static void refused_and_nothing_kept(const struct known_format *format, bool is_read, const char *sentence)
{
    cr_assert(!is_read, "%s", format->name);
    cr_assert(strstr(import_err.text, sentence), "%s: %s", format->name, import_err.text);
    cr_assert(strstr(import_err.text, "nothing was imported"), "%s: %s", format->name, import_err.text);
    cr_assert_eq(n_stored(), 0, "%s", format->name);
}

Test(known_format, that_is_cut_in_the_middle_of_a_line_is_refused)
{
    const struct known_format *format;
    for (size_t f = 0; (format = known_format_at(f)); f++) {
        import_shop_close();
        import_shop_open();
        const char *whole = file_of(format, &(struct fault){ 0 }), *line = strchr(whole + strlen(whole) * 3 / 5, '\n') + 1;
        size_t length = (size_t)(line - whole) + strcspn(line, ",") - 1;        /* within the first field */
        char *cut = arena_format(import_arena, "%.*s", (int)length, whole);
        refused_and_nothing_kept(format, import(file_with(cut)), "seems to be cut off: its last line");
    }
}

static bool has_status(const struct known_format *format) { return format->roles[ROLE_STATUS] && format->shape != SHAPE_TABLE; }
static bool has_currency(const struct known_format *format) { return format->roles[ROLE_CURRENCY]; }
static bool has_lines(const struct known_format *format) { return format->roles[ROLE_ITEM] && format->roles[ROLE_ORDER]; }

static void is_refused_for_its_status(const struct known_format *format, bool is_read)
{
    refused_and_nothing_kept(format, is_read, "line 43, column ");
    refused_and_nothing_kept(format, is_read, "\"zurgled\" is a status that is not known");
    refused_and_nothing_kept(format, is_read, "--sales");
}

Test(known_format, with_a_status_that_nobody_knows_is_refused_by_line_and_flag)
{
    try_each(&(struct fault){ .role = ROLE_STATUS, .value = "zurgled" }, has_status, is_refused_for_its_status);
}

static void has_two_currencies(const struct known_format *format, bool is_read)
{
    cr_assert(is_read, "%s: %s", format->name, import_err.text);
    cr_assert(has_finding("Amounts are in 2 currencies"), "%s", format->name);
    cr_assert(has_advice("(line 44 is the first)") && has_advice("--currency"), "%s", format->name);
}

Test(known_format, in_two_currencies_is_told_so_with_the_first_line_of_the_second)
{
    try_each(&(struct fault){ .role = ROLE_CURRENCY, .value = "USD", .is_to_the_end = true }, has_currency,
             has_two_currencies);
}

static void tells_of_two_customers(const struct known_format *format, bool is_read)
{
    bool is_refused = !is_read && strstr(import_err.text, "line 43, column ") && strstr(import_err.text, "--order") &&
                      n_stored() == 0;
    bool is_told = is_read && has_finding("Lines of one order have different customers") && has_advice("line 43 ");
    cr_assert(is_refused || is_told, "%s: %s", format->name, is_read ? "" : import_err.text);
}

Test(known_format, of_orders_whose_lines_have_two_customers_is_told_so)
{
    try_each(&(struct fault){ .role = ROLE_CUSTOMER, .value = "other@example.com" }, has_lines, tells_of_two_customers);
}
