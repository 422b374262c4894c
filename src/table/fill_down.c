/* fill_down.c - see fill_down.h. */
#include "table/fill_down.h"
#include "base/memory.h"

#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fill_down fill_down_new(const struct mapping *mapping, struct arena *arena)
{
    return (struct fill_down){ .mapping = mapping,
                               .first = ARENA_ARRAY(arena, struct text, mapping->n_columns) };
}

void fill_down_free(struct fill_down *fill)
{
    free(fill->bytes);
    fill->bytes = NULL;
}

bool fill_down_is_of_order(enum role role)
{
    return role == ROLE_CUSTOMER || role == ROLE_TIME || role == ROLE_CLOCK || role == ROLE_RECEIVED ||
           role == ROLE_ORDER || role == ROLE_TOTAL || role == ROLE_STATUS || role == ROLE_CANCELLED ||
           role == ROLE_CURRENCY || role == ROLE_MARK;
}

bool fill_down_is_sum(const struct mapping *mapping, const struct text *fields)
{
    static const char words[] =
        "total totals grandtotal subtotal sum sumtotal overall summe gesamt gesamtsumme zwischensumme endsumme totaal "
        "subtotaal eindtotaal totale totalgeneral totalgeneral soustotal totaux totales subtotale totalegenerale "
        "totalgeral summa totalt razem suma toplam geneltoplam 合計 小計 総計";
    const int *of = mapping->column_of;
    if (text_trim(fields[of[ROLE_TIME]]).length > 0) return false;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        char simple[ROLE_NAME_BYTES];
        struct text text = text_trim(fields[c]);
        if (text.length == 0 || text.length > 80 || (int)c == of[ROLE_ITEM]) continue;
        role_simplify(text, simple);
        if (role_is_among(simple, words) || strncmp(simple, "totalfor", 8) == 0) return true;
        if ((int)c == of[ROLE_ORDER]) return false;     /* a line of the order that it names */
    }
    return false;
}

static bool is_of_order(const struct fill_down *fill, size_t column)
{
    enum role role = fill->mapping->roles[column];
    return fill_down_is_of_order(role) || role == ROLE_TRAIT || role == ROLE_PERSONAL ||
           (role == ROLE_REFUNDED && fill->mapping->is_refund_of_order);
}

static void keep(struct fill_down *fill, const struct text *fields)
{
    size_t n = 0, n_bytes = 0;
    for (size_t c = 0; c < fill->mapping->n_columns; c++) n_bytes += fields[c].length;
    if (n_bytes > fill->bytes_room) {
        free(fill->bytes);
        fill->bytes_room = 2 * n_bytes;
        fill->bytes = memory_new(1, fill->bytes_room);
    }
    for (size_t c = 0; c < fill->mapping->n_columns; c++) {
        struct text text = is_of_order(fill, c) ? text_trim(fields[c]) : (struct text){ NULL, 0 };
        if (text.length > 0) memcpy(fill->bytes + n, text.at, text.length);
        fill->first[c] = (struct text){ fill->bytes + n, text.length };
        n += text.length;
    }
    fill->has_order = true;
}

static bool is_further_line(const struct fill_down *fill, const struct text *fields)
{
    const int *of = fill->mapping->column_of;
    struct text order = text_trim(fields[of[ROLE_ORDER]]);
    if (!fill->has_order) return false;
    if (order.length > 0) return text_equal(order, fill->first[of[ROLE_ORDER]]);
    return text_trim(fields[of[ROLE_TIME]]).length == 0;
}

/* What must not differ: whose order it is, what it is worth, in which currency. */
static bool contradicts(struct fill_down *fill, size_t column, struct text here)
{
    enum role role = fill->mapping->roles[column];
    struct text first = fill->first[column], order = fill->first[fill->mapping->column_of[ROLE_ORDER]];
    if ((role != ROLE_CUSTOMER && role != ROLE_TOTAL && role != ROLE_CURRENCY) || first.length == 0 ||
        text_equal_ignoring_case(first, here))
        return false;
    double a, b;
    char decimal = fill->mapping->decimal;
    if (role == ROLE_TOTAL && number_double(first, decimal, &a) && number_double(here, decimal, &b) &&
        a <= b && a >= b)
        return false;
    snprintf(fill->reason, sizeof fill->reason,
             "order %.*s has \"%.*s\" here and \"%.*s\" on its first line; %s",
             (int)(order.length < 40 ? order.length : 40), order.at, (int)(here.length < 40 ? here.length : 40),
             here.at, (int)(first.length < 40 ? first.length : 40), first.at,
             role == ROLE_TOTAL ? "if each line has an amount of its own, name the column with --amount"
             : role == ROLE_CUSTOMER ? "if the number is not the order's, name another with --order"
                                     : "correct the file, or say --currency none");
    return true;
}

int fill_down_line(struct fill_down *fill, struct text *fields)
{
    int at_fault = MAPPING_NONE;
    if (!is_further_line(fill, fields)) {
        keep(fill, fields);
        return MAPPING_NONE;
    }
    for (size_t c = 0; c < fill->mapping->n_columns; c++) {
        if (!is_of_order(fill, c)) continue;
        struct text here = text_trim(fields[c]);
        if (here.length == 0) fields[c] = fill->first[c];
        else if (contradicts(fill, c, here)) at_fault = (int)c;
    }
    return at_fault;
}
