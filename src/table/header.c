/* header.c - see header.h. */
#include "table/header.h"

#include "base/number.h"
#include "customer/instant.h"
#include "table/role.h"

#include <string.h>

enum { ROWS_LOOKED_AT = 200 };

/* Numbers and times are what a header's cells never are. */
static bool is_value(struct text cell)
{
    double number;
    int64_t time_ms;
    if (number_double(cell, '.', &number) || number_double(cell, ',', &number)) return true;
    for (unsigned i = 0; i < n_instant_formats; i++) {
        struct instant_reader reader = { .format = instant_formats[i] };
        if (instant_read(&reader, cell, &time_ms)) return true;
    }
    return false;
}

/* A line of words above columns that hold values, or words that never come again below it. */
static bool looks_like_header(const struct probe *probe, size_t row)
{
    const struct text *cells = probe->cells + row * probe->n_columns;
    size_t n_words = 0, n_again = 0, n_over_values = 0;
    for (size_t c = 0; c < probe->n_columns; c++) {
        if (probe_is_missing(cells[c])) continue;
        if (is_value(cells[c])) return false;
        n_words++;
        size_t n_values = 0, n_same = 0, n = 0;
        for (size_t r = row + 1; r < probe->n_rows && n < ROWS_LOOKED_AT; r++) {
            struct text below = probe->cells[r * probe->n_columns + c];
            if (probe_is_missing(below)) continue;
            n++;
            n_values += is_value(below);
            n_same += text_equal(cells[c], below);
        }
        n_over_values += n > 0 && n_values * 2 > n;
        n_again += n_same > 0;
    }
    return n_words > 0 &&
           (n_over_values > 0 || (n_again == 0 && n_words == probe->n_columns) || probe->n_rows == 1);
}

static size_t n_filled(const struct probe *probe, size_t row)
{
    size_t n = 0;
    for (size_t c = 0; c < probe->n_columns; c++) n += !probe_is_missing(probe->cells[row * probe->n_columns + c]);
    return n;
}

static bool has_value(const struct probe *probe, size_t row)
{
    for (size_t c = 0; c < probe->n_columns; c++)
        if (is_value(probe->cells[row * probe->n_columns + c])) return true;
    return false;
}

/* Titles, dates of export and labels fill at most two thirds of what a row can, and stand above the header. */
bool header_find(const struct probe *probe, size_t *ret_row)
{
    size_t n = probe->n_rows < HEADER_ROWS ? probe->n_rows : HEADER_ROWS, most = 0, row = 0;
    *ret_row = 0;
    for (size_t r = 0; r < n; r++)
        if (n_filled(probe, r) > most) most = n_filled(probe, r);
    while (row < n && 3 * n_filled(probe, row) <= 2 * most) row++;
    if (row == n || !looks_like_header(probe, row)) return false;
    *ret_row = row;
    return true;
}

/* Labels span the columns up to the next: more than one stand in a row, or one that is not the first column's. */
static bool has_labels(const struct probe *probe, size_t row)
{
    size_t n = n_filled(probe, row);
    return n > 1 || (n == 1 && probe_is_missing(probe->cells[row * probe->n_columns]));
}

static struct text utf8_of(const struct probe *probe, struct text cell, struct arena *arena)
{
    struct text name = { 0 };
    if (!probe_utf8(probe->is_latin1, text_trim(cell), arena, &name)) name.length = 0;
    if (name.length > 200) name.length = 200;
    while (name.length > 0 && name.length == 200 && ((unsigned char)name.at[name.length - 1] & 0xC0) == 0x80)
        name.length--;
    return name;
}

void header_name_columns(struct probe *probe, size_t header, struct arena *arena)
{
    const struct text *cells = probe->cells + header * probe->n_columns;
    const struct text *above = header > 0 ? cells - probe->n_columns : cells;
    bool is_labelled =
        probe->has_header && header > 0 && !has_value(probe, header - 1) && has_labels(probe, header - 1);
    struct text label = { 0 };
    probe->names = ARENA_ARRAY(arena, const char *, probe->n_columns);
    for (size_t c = 0; c < probe->n_columns; c++) {
        struct text name = probe->has_header ? utf8_of(probe, cells[c], arena) : (struct text){ 0 };
        if (is_labelled && !probe_is_missing(above[c])) label = utf8_of(probe, above[c], arena);
        if (name.length == 0) probe->names[c] = arena_format(arena, "column %zu", c + 1);
        else if (label.length > 0)
            probe->names[c] =
                arena_format(arena, "%.*s %.*s", (int)label.length, label.at, (int)name.length, name.at);
        else probe->names[c] = arena_format(arena, "%.*s", (int)name.length, name.at);
    }
    if (!probe->has_header) return;
    probe->cells += (header + 1) * probe->n_columns;
    probe->n_rows -= header + 1;
    probe->has_second_header = probe->n_rows > 1 && looks_like_header(probe, 0);
}

bool header_is_another(const struct text *fields, size_t n_fields)
{
    enum { FIELDS_MOST = 200, NAME_BYTES_MOST = 60 };
    size_t n = 0, n_known = 0;
    if (n_fields > FIELDS_MOST) n_fields = FIELDS_MOST;
    for (size_t i = 0; i < n_fields; i++)       /* first, for names take long to look up and rows refused may be many */
        if (is_value(fields[i])) return false;
    for (size_t i = 0; i < n_fields; i++) {
        char name[NAME_BYTES_MOST + 1];
        struct text text = text_trim(fields[i]);
        bool is_known = false;
        if (text.length == 0) continue;
        n++;
        if (text.length > NAME_BYTES_MOST) continue;
        memcpy(name, text.at, text.length);
        name[text.length] = 0;
        for (int r = ROLE_CUSTOMER; r <= ROLE_CURRENCY && !is_known; r++)
            is_known = role_name_score((enum role)r, name) > ROLE_NAME_PART;
        n_known += is_known;
    }
    return n_known >= 2 && 2 * n_known > n;
}
