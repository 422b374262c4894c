/* mapping_price.c - whose money a column has, a piece's or a line's, by what more pieces of an item cost; see
 * mapping_internal.h. */
#include "table/mapping_internal.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"

#include <string.h>

enum { COMPARISONS_NEEDED = 10, MOST_PIECES = 1000 };

/* Of lines of several pieces, how many cost what one does, and how many as many times that. */
struct compared { size_t n, n_as_one, n_as_many; };

/* What lines are of: the item, else a column of kinds of items. */
static int item_of(const struct guess *guess)
{
    static const char *const words[] = { "categor", "produ", "item", "artikel", "article" };
    const struct mapping *mapping = guess->mapping;
    if (mapping_has(mapping, ROLE_ITEM)) return mapping->column_of[ROLE_ITEM];
    for (size_t c = 0; c < mapping->n_columns; c++) {
        char simple[ROLE_NAME_BYTES];
        role_simplify(text_of(mapping->columns[c].name), simple);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (mapping->roles[c] == ROLE_NONE && mapping->columns[c].kind == KIND_CATEGORY && strstr(simple, words[i]))
                return (int)c;
    }
    return MAPPING_NONE;
}

static bool read_line(const struct guess *guess, size_t row, int money, double *ret_money, double *ret_pieces)
{
    const struct mapping *mapping = guess->mapping;
    return number_double(mapping_cell(guess, row, money), mapping->decimal, ret_money) &&
           number_double(mapping_cell(guess, row, mapping->column_of[ROLE_QUANTITY]), mapping->decimal, ret_pieces) &&
           *ret_money > 0 && *ret_pieces >= 1;
}

/* Of each item, what the first line of one piece costs; in ten-thousandths; 0 where that is nothing. */
static void find_ones(const struct guess *guess, int item, int money, struct hash_map *ones)
{
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text name = mapping_cell(guess, r, item);
        double is, pieces;
        if (!read_line(guess, r, money, &is, &pieces) || pieces != 1 || is > 1e12) continue;
        uint64_t *one = hash_map_put(ones, hash_bytes(name.at, name.length, 1));
        if (*one == 0) *one = (uint64_t)(is * 10000 + .5);
    }
}

static struct compared compare(const struct guess *guess, int money, double tolerance)
{
    struct compared compared = { 0 };
    struct hash_map ones = { 0 };
    int item = item_of(guess);
    if (item < 0) return compared;
    find_ones(guess, item, money, &ones);
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        struct text name = mapping_cell(guess, r, item);
        const uint64_t *one = hash_map_find(&ones, hash_bytes(name.at, name.length, 1));
        double is, pieces;
        if (!one || *one == 0 || !read_line(guess, r, money, &is, &pieces) || pieces < 2) continue;
        double times = is / ((double)*one / 10000);
        compared.n++;
        compared.n_as_one += times > 1 - tolerance && times < 1 + tolerance;
        compared.n_as_many += times > pieces * (1 - tolerance) && times < pieces * (1 + tolerance);
    }
    hash_map_free(&ones);
    return compared;
}

static void move(struct guess *guess, enum role from, enum role to, const char *why)
{
    struct mapping *mapping = guess->mapping;
    int column = mapping->column_of[from];
    mapping->column_of[from] = MAPPING_NONE;
    mapping_assign(guess, (size_t)column, to, why);
}

static bool is_guessed(const struct guess *guess, enum role role)
{
    int column = guess->mapping->column_of[role];
    return column >= 0 && !guess->is_given[column];
}

/* "AMOUNT" 1, 2, 3 beside prices that are larger: nobody pays less for a line than a piece of it costs. */
static void doubt_amount_of_pieces(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int amount = mapping->column_of[ROLE_AMOUNT], price = mapping->column_of[ROLE_PRICE];
    size_t n = 0, n_less = 0;
    if (mapping_has(mapping, ROLE_QUANTITY) || mapping_is_refused(guess, ROLE_QUANTITY) || !is_guessed(guess, ROLE_AMOUNT) ||
        price < 0)
        return;
    const struct column *judged = &mapping->columns[amount];
    if (!judged->is_integer || judged->least < 0 || judged->most > MOST_PIECES) return;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        double is, each;
        if (!number_double(mapping_cell(guess, r, amount), mapping->decimal, &is) ||
            !number_double(mapping_cell(guess, r, price), mapping->decimal, &each) || each <= 0)
            continue;
        n++;
        n_less += is < each;
    }
    if (n < COMPARISONS_NEEDED || 10 * n_less < 9 * n) return;
    move(guess, ROLE_AMOUNT, ROLE_QUANTITY, "whole numbers, and less than the price in most rows: pieces, not money");
}

/* What was paid for a line, beside price and quantity: their product in many rows, and less where something was taken off. */
static bool is_after_discount(const struct guess *guess, size_t column)
{
    const struct mapping *mapping = guess->mapping;
    size_t n = 0, n_same = 0, n_less = 0;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        double is, each, pieces;
        if (!number_double(mapping_cell(guess, r, (int)column), mapping->decimal, &is) ||
            !number_double(mapping_cell(guess, r, mapping->column_of[ROLE_PRICE]), mapping->decimal, &each) ||
            !number_double(mapping_cell(guess, r, mapping->column_of[ROLE_QUANTITY]), mapping->decimal, &pieces))
            continue;
        double off = each * pieces - is;
        n++;
        n_same += off < .011 && off > -.011;
        n_less += each * pieces > 0 && off >= .011 && is >= 0;
    }
    return n >= COMPARISONS_NEEDED && 4 * n_same > n && n_less > 0 && n_same + n_less == n;
}

static void find_amount_after_discount(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const struct column *column = &mapping->columns[c];
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || column->kind == KIND_TIME || column->number_fit < .9 ||
            role_name_score(ROLE_AMOUNT, column->name) == 0 || !is_after_discount(guess, c))
            continue;
        mapping_assign(guess, c, ROLE_AMOUNT, "what price and quantity make, and less where something was taken off");
        return;
    }
}

void mapping_doubt_price(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    if (mapping->format || !mapping_has(mapping, ROLE_TIME)) return;
    doubt_amount_of_pieces(guess);
    if (!mapping_has(mapping, ROLE_QUANTITY)) return;
    if (mapping_has(mapping, ROLE_PRICE) && !mapping_has(mapping, ROLE_AMOUNT) && !mapping_is_refused(guess, ROLE_AMOUNT))
        find_amount_after_discount(guess);
    if (is_guessed(guess, ROLE_PRICE) && !mapping_has(mapping, ROLE_AMOUNT) && !mapping_has(mapping, ROLE_TOTAL)) {
        struct compared of = compare(guess, mapping->column_of[ROLE_PRICE], .25);
        if (of.n_as_many >= COMPARISONS_NEEDED && of.n_as_many > 3 * of.n_as_one)
            move(guess, ROLE_PRICE, ROLE_AMOUNT,
                 arena_format(guess->arena, "of the line: %zu of %zu sampled lines of several pieces cost that many times "
                                            "what one does", of.n_as_many, of.n));
    } else if (is_guessed(guess, ROLE_AMOUNT) && !mapping_has(mapping, ROLE_PRICE)) {
        struct compared of = compare(guess, mapping->column_of[ROLE_AMOUNT], .001);
        if (of.n_as_one >= 2 * COMPARISONS_NEEDED && 20 * of.n_as_one > 19 * of.n)
            move(guess, ROLE_AMOUNT, ROLE_PRICE,
                 arena_format(guess->arena, "of a piece: %zu of %zu sampled lines of several pieces have what one does",
                              of.n_as_one, of.n));
    }
}

/* How a column's money stands to an amount in the currencies that its rows name: the same in those of one, `code`, and
 * another in most of the rest. */
struct against { size_t n_same, n_other, n_other_same; struct text code; bool is_one; };

static bool read_both(const struct guess *guess, size_t row, int amount, int other, bool *ret_is_same)
{
    double a, b;
    if (!number_double(mapping_cell(guess, row, amount), guess->mapping->decimal, &a) ||
        !number_double(mapping_cell(guess, row, other), guess->mapping->decimal, &b) || (a <= 0 && a >= 0))
        return false;
    *ret_is_same = a - b < .006 && b - a < .006;
    return true;
}

/* The code of most rows that have the same money in both: a few of another may have it by chance. */
static struct text code_of_same(const struct guess *guess, int amount, int other, int currency)
{
    struct hash_map counts = { 0 };
    struct text code = { 0 };
    uint64_t most = 0;
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        bool is_same;
        char simple[ROLE_NAME_BYTES];
        if (!read_both(guess, r, amount, other, &is_same) || !is_same) continue;
        role_simplify(mapping_cell(guess, r, currency), simple);
        uint64_t n = ++*hash_map_put(&counts, hash_bytes(simple, strlen(simple), 1));
        if (n > most) most = n, code = mapping_cell(guess, r, currency);
    }
    hash_map_free(&counts);
    return code;
}

static struct against stands_to(const struct guess *guess, int amount, int other, int currency)
{
    struct against against = { .is_one = true, .code = code_of_same(guess, amount, other, currency) };
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        bool is_same;
        if (!read_both(guess, r, amount, other, &is_same)) continue;
        if (text_equal_ignoring_case(mapping_cell(guess, r, currency), against.code)) {
            against.is_one &= is_same;
            against.n_same += is_same;
        } else {
            against.n_other++;
            against.n_other_same += is_same;
        }
    }
    return against;
}

/* "Total (USD)" beside "Total" and "Currency". */
void mapping_prefer_one_currency(struct guess *guess)
{
    static const char words[] = "base shop store home local convert settle report system company account main";
    struct mapping *mapping = guess->mapping;
    int amount = mapping->column_of[ROLE_AMOUNT], currency = mapping->column_of[ROLE_CURRENCY];
    if (amount < 0 || currency < 0 || mapping->format || guess->is_given[amount] || guess->is_given[currency] ||
        mapping->columns[currency].n_distinct < 2)
        return;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        const char *name = mapping->columns[c].name, *code = role_money_currency(name);
        char simple[ROLE_NAME_BYTES];
        role_simplify(text_of(name), simple);
        bool is_called_so = *code || role_has_one_of(simple, words);
        if (mapping->roles[c] != ROLE_NONE || guess->is_given[c] || mapping->columns[c].kind == KIND_TIME || !is_called_so ||
            mapping->columns[c].number_fit < .9)
            continue;
        struct against against = stands_to(guess, amount, (int)c, currency);
        if (!against.is_one || against.n_same == 0 || against.n_other == 0 || 5 * against.n_other_same > against.n_other ||
            (*code && !text_equal_ignoring_case(text_of(code), against.code)))
            continue;
        const char *of = mapping->columns[currency].name, *one = arena_format(guess->arena, "%.*s", (int)against.code.length, against.code.at);
        const char *was = mapping->columns[amount].name;
        size_t n = mapping->columns[currency].n_distinct;
        mapping_take_away(guess, ROLE_AMOUNT, arena_format(guess->arena, "in %zu currencies, by %s; %s has it in one", n, of, name));
        mapping_take_away(guess, ROLE_CURRENCY, arena_format(guess->arena, "of %s, which is not summed", was));
        mapping_assign(guess, c, ROLE_AMOUNT, arena_format(guess->arena, "all in %s, where %s is in %zu currencies", one, was, n));
        mapping->currency = one;
        return;
    }
}
