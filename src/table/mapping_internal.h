/* mapping_internal.h - a mapping while it is being guessed; shared by mapping*.c. */
#ifndef TABLE_MAPPING_INTERNAL_H
#define TABLE_MAPPING_INTERNAL_H

#include "table/mapping.h"

struct guess {
    const struct mapping_options *options;
    const struct probe *probe;
    struct arena       *arena;
    struct mapping     *mapping;
    bool               *is_given;       /* [n_columns] a flag said its role */
};

void mapping_assign(struct guess *guess, size_t column, enum role role, const char *why);
void mapping_take_away(struct guess *guess, enum role role, const char *why);   /* no column has it any more */
bool mapping_is_refused(const struct guess *guess, enum role role);     /* --role none */

static inline bool mapping_has(const struct mapping *mapping, enum role role)
{
    return mapping->column_of[role] != MAPPING_NONE;
}

static inline struct text mapping_cell(const struct guess *guess, size_t row, int column)
{
    return text_trim(guess->probe->cells[row * guess->probe->n_columns + (size_t)column]);
}

/* Whether a column of JSON is of the record that a row's line belongs to. */
bool mapping_is_of_record(const struct guess *guess, size_t column);

/* Roles that a known format, names, and without names the values, speak for. */
void mapping_guess_roles(struct guess *guess);

/* What more pieces of an item cost tells whether a column has a piece's money or a line's. */
void mapping_doubt_price(struct guess *guess);

/* Of amounts in several currencies, those of the column that has them all in one are taken. */
void mapping_prefer_one_currency(struct guess *guess);

/* Of a table, the column of two values that says who left, or else who is still there. */
void mapping_guess_label(struct guess *guess);

/* Whether a column is called the day on which a customer left, and is blank of others. */
bool mapping_is_day_of_leaving(const struct guess *guess, size_t column);

/* By the roles found, or as asked.  Errors: ERR_INVALID the rows are neither events nor customers. */
bool mapping_choose_shape(struct guess *guess, struct err *err) MUST_CHECK;

/* What was had, and not when: asked for with --time none; without a column of events each row is an order, at the first
 * instant there is. */
bool mapping_is_timeless(const struct guess *guess);

/* What only the lines of orders tell, once the shape is known: whose an amount and a refund are, and whether
 * fields are blank on further lines. */
void mapping_guess_lines(struct guess *guess);

#endif
