/* mapping_lines.c - what only the lines of orders tell, by comparing the lines of each; see mapping_internal.h. */
#include "table/mapping_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "base/number.h"
#include "table/fill_down.h"

#include <string.h>

enum { ORDERS_NEEDED = 5 };

/* What the further lines of the probe's orders have in a column, next to the first line. */
struct further { size_t n_blank, n_same, n_different; };

static bool is_further_line(const struct guess *guess, size_t row, size_t first)
{
    const int *of = guess->mapping->column_of;
    struct text order = mapping_cell(guess, row, of[ROLE_ORDER]);
    if (fill_down_is_sum(guess->mapping, guess->probe->cells + row * guess->probe->n_columns)) return false;
    if (order.length > 0) return text_equal(order, mapping_cell(guess, first, of[ROLE_ORDER]));
    return mapping_cell(guess, row, of[ROLE_TIME]).length == 0;
}

static struct further look_at(const struct guess *guess, int column)
{
    struct further further = { 0 };
    for (size_t r = 1, first = 0; column >= 0 && r < guess->probe->n_rows; r++) {
        if (!is_further_line(guess, r, first)) { first = r; continue; }
        struct text above = mapping_cell(guess, first, column), here = mapping_cell(guess, r, column);
        if (above.length == 0) continue;
        if (here.length == 0) further.n_blank++;
        else if (text_equal(above, here)) further.n_same++;
        else further.n_different++;
    }
    return further;
}

static size_t count_orders_of_lines(const struct guess *guess)
{
    size_t n = 0;
    bool is_counted = false;
    for (size_t r = 1, first = 0; r < guess->probe->n_rows; r++) {
        if (!is_further_line(guess, r, first)) { first = r, is_counted = false; continue; }
        n += !is_counted;
        is_counted = true;
    }
    return n;
}

/* Whether the amount is what price and quantity of its row make, which then is its line's. */
static bool is_price_times_quantity(const struct guess *guess, int amount)
{
    const struct mapping *mapping = guess->mapping;
    int price = mapping->column_of[ROLE_PRICE], quantity = mapping->column_of[ROLE_QUANTITY];
    size_t n = 0, n_equal = 0;
    for (size_t r = 0; price >= 0 && quantity >= 0 && r < guess->probe->n_rows; r++) {
        double is, each, pieces;
        if (!number_double(mapping_cell(guess, r, amount), mapping->decimal, &is) ||
            !number_double(mapping_cell(guess, r, price), mapping->decimal, &each) ||
            !number_double(mapping_cell(guess, r, quantity), mapping->decimal, &pieces))
            continue;
        double off = is - each * pieces;
        n++;
        n_equal += off < 0.011 && off > -0.011;
    }
    return n > 0 && 2 * n_equal > n;
}

/* A number of lines goes with one item at one price: else it numbers something else. */
static void doubt_line(struct guess *guess)
{
    static const enum role of_line[] = { ROLE_ITEM, ROLE_QUANTITY, ROLE_PRICE };
    const struct mapping *mapping = guess->mapping;
    int order = mapping->column_of[ROLE_ORDER], line = mapping->column_of[ROLE_LINE];
    struct hash_map first = { 0 };      /* a line's first row, from 1 */
    bool is_line = order >= 0;
    if (line < 0 || guess->is_given[line]) return;
    for (size_t r = 0; r < guess->probe->n_rows && is_line; r++) {
        struct text a = mapping_cell(guess, r, order), b = mapping_cell(guess, r, line);
        uint64_t *row = hash_map_put(&first, hash_bytes(b.at, b.length, hash_bytes(a.at, a.length, 1)));
        for (size_t i = 0; *row > 0 && i < sizeof of_line / sizeof *of_line; i++) {
            int column = mapping->column_of[of_line[i]];
            is_line &=
                column < 0 || text_equal(mapping_cell(guess, r, column), mapping_cell(guess, *row - 1, column));
        }
        if (*row == 0) *row = r + 1;
    }
    hash_map_free(&first);
    if (!is_line) mapping_take_away(guess, ROLE_LINE, "it does not number the lines of orders");
}

/* Where lines are numbered and have a price, what was paid stands on each of them and is no line's. */
static bool is_payment(const struct guess *guess, int amount)
{
    const struct mapping *mapping = guess->mapping;
    struct further further = look_at(guess, amount);
    return mapping_has(mapping, ROLE_LINE) && mapping_has(mapping, ROLE_PRICE) &&
           further.n_same > further.n_different && !is_price_times_quantity(guess, amount);
}

/* A name that says so counts where a line in many disagrees: reading then says which one does. */
static bool is_named_total(const char *name)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(name), simple);
    return !strstr(simple, "line") &&
           (strstr(simple, "total") || strstr(simple, "order") || strstr(simple, "gesamt"));
}

/* An amount that is the same on all lines of an order is each line's where orders of several lines have no more of it than
 * those of one, and nothing that those have not: tickets of one price, a row each. */
static bool is_of_each_line(const struct guess *guess, int amount)
{
    enum { NEEDED = 20, MORE_PERCENT = 115 };
    const struct mapping *mapping = guess->mapping;
    char simple[ROLE_NAME_BYTES];
    role_simplify(text_of(mapping->columns[amount].name), simple);
    if (role_has_one_of(simple, "order invoice basket bestell rechnung command pedido ordin encomenda")) return false;
    struct hash_map of_one = { 0 };
    size_t n[2] = { 0 }, n_met = 0;
    double sum[2] = { 0 };
    for (int pass = 0; pass < 2; pass++)
        for (size_t r = 0, next; r < guess->probe->n_rows; r = next) {
            for (next = r + 1; next < guess->probe->n_rows && is_further_line(guess, next, r);) next++;
            struct text text = mapping_cell(guess, r, amount);
            double value;
            if ((next > r + 1) != pass || !number_double(text, mapping->decimal, &value)) continue;
            uint64_t key = hash_bytes(text.at, text.length, 1);
            n[pass]++, sum[pass] += value;
            if (pass == 0) *hash_map_put(&of_one, key) = 1;
            else n_met += hash_map_find(&of_one, key) != NULL;
        }
    hash_map_free(&of_one);
    return n[0] >= NEEDED && n[1] >= NEEDED && 10 * n_met >= 9 * n[1] &&
           100 * sum[1] / (double)n[1] < MORE_PERCENT * sum[0] / (double)n[0];
}

/* Whether an amount stands on the last line of each order, and on no other. */
static bool is_on_last_lines(const struct guess *guess, int amount, size_t n_orders)
{
    size_t n = guess->probe->n_rows;
    for (size_t r = 1, first = 0; r < n; r++) {
        bool is_same = is_further_line(guess, r, first);
        if (!is_same) first = r;
        if ((mapping_cell(guess, r - 1, amount).length == 0) != is_same) return false;
    }
    return n_orders >= ORDERS_NEEDED;
}

/* An amount that all lines of an order have in common is the order's. */
static void guess_total(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int amount = mapping->column_of[ROLE_AMOUNT];
    if (amount < 0 || guess->is_given[amount] || mapping->format || mapping_has(mapping, ROLE_TOTAL) ||
        mapping_is_refused(guess, ROLE_TOTAL))
        return;
    if (is_payment(guess, amount)) {
        mapping_take_away(guess, ROLE_AMOUNT,
                          "what was paid for the order, again on each of its lines; prices are summed");
        return;
    }
    struct further further = look_at(guess, amount);
    size_t n_orders = count_orders_of_lines(guess);
    bool is_blank = further.n_blank > 0 && further.n_same + further.n_different == 0;
    bool is_of_record = mapping_is_of_record(guess, (size_t)amount) &&
                        !mapping->columns[mapping->column_of[ROLE_ORDER]].is_unique;
    bool is_nearly = further.n_different > 0 && further.n_same > 20 * further.n_different &&
                     is_named_total(mapping->columns[amount].name);
    bool is_same = further.n_same > 0 && (further.n_different == 0 || is_nearly) && n_orders >= ORDERS_NEEDED &&
                   mapping->columns[amount].n_distinct > 1 && !is_price_times_quantity(guess, amount) &&
                   !is_of_each_line(guess, amount);
    mapping->is_total_last = !is_blank && !is_same && !is_of_record && is_on_last_lines(guess, amount, n_orders);
    if (!is_blank && !is_same && !is_of_record && !mapping->is_total_last) return;
    mapping->column_of[ROLE_AMOUNT] = MAPPING_NONE;
    const char *why = arena_format(guess->arena, "the order's: %s in %zu sampled orders of several lines",
                                   mapping->is_total_last ? "on the last line only"
                                   : is_blank             ? "on the first line only"
                                                          : "the same on all lines",
                                   n_orders);
    if (is_of_record) why = "of the record that the lines belong to";
    mapping_assign(guess, (size_t)amount, ROLE_TOTAL, why);
}

/* An order that is one row has no total beside its amount. */
static void join_total(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    int total = mapping->column_of[ROLE_TOTAL];
    if (total < 0 || mapping->has_lines) return;
    mapping_take_away(guess, ROLE_AMOUNT, "the order is this row, and has a total");
    mapping_take_away(guess, ROLE_PRICE, "the order is this row, and has a total");
    mapping->column_of[ROLE_TOTAL] = MAPPING_NONE;
    mapping_assign(guess, (size_t)total, ROLE_AMOUNT, mapping->whys[total]);
}

static bool is_same(const struct guess *guess, size_t row, enum role role)
{
    int column = guess->mapping->column_of[role];
    return text_equal(mapping_cell(guess, row - 1, column), mapping_cell(guess, row, column));
}

/* Items that nobody numbered by orders: those that follow one another at one instant of one customer are an order's.
 * Days alone do not tell, and an item twice is none. */
static void guess_order_by_time(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    bool has_money = mapping_has(mapping, ROLE_AMOUNT) || mapping_has(mapping, ROLE_PRICE);
    size_t n_further = 0, n_again = 0, n_days = 0;
    int time = mapping->column_of[ROLE_TIME];
    if (mapping_has(mapping, ROLE_ORDER) || mapping_is_refused(guess, ROLE_ORDER) || mapping->format || time < 0 || !has_money ||
        !mapping_has(mapping, ROLE_CUSTOMER) || !mapping_has(mapping, ROLE_ITEM) || mapping_has(mapping, ROLE_CLOCK))
        return;
    struct instant_reader reader = { .format = mapping->columns[time].format, .zones.arena = guess->arena };
    for (size_t r = 0; r < guess->probe->n_rows; r++) {
        int64_t time_ms;
        n_days += !instant_read(&reader, mapping_cell(guess, r, time), &time_ms) || time_ms % MS_PER_DAY == 0;
        if (r == 0 || !is_same(guess, r, ROLE_TIME) || !is_same(guess, r, ROLE_CUSTOMER)) continue;
        n_further++;
        n_again += is_same(guess, r, ROLE_ITEM);
    }
    if (n_further < ORDERS_NEEDED || 10 * n_again > n_further || 10 * n_days > guess->probe->n_rows) return;
    mapping->is_order_by_time = true;
    mapping->column_of[ROLE_ORDER] = time;
    mapping->whys[time] = arena_format(guess->arena, "%s; no column numbers orders: what a customer bought at one instant is "
                                                     "one (--order none: each row is)", mapping->whys[time]);
}

void mapping_guess_lines(struct guess *guess)
{
    struct mapping *mapping = guess->mapping;
    if (mapping->shape == SHAPE_ORDER_LINES) guess_order_by_time(guess);
    int order = mapping->column_of[ROLE_ORDER];
    if (mapping->shape != SHAPE_ORDER_LINES || order < 0 || !mapping_has(mapping, ROLE_TIME)) return;
    doubt_line(guess);
    guess_total(guess);
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!fill_down_is_of_order(mapping->roles[c])) continue;
        struct further further = look_at(guess, (int)c);
        mapping->is_carried |= further.n_blank > 0 && further.n_blank >= further.n_same + further.n_different;
    }
    mapping->has_lines = mapping->column_of[ROLE_ITEM] >= 0 || !mapping->columns[order].is_unique ||
                         mapping->is_carried;
    mapping->is_refund_of_order = mapping->has_lines &&
                                  look_at(guess, mapping->column_of[ROLE_REFUNDED]).n_different == 0;
    join_total(guess);
}
