/* column_kind.h - what the values of one column look like, from a probe's rows. */
#ifndef TABLE_COLUMN_KIND_H
#define TABLE_COLUMN_KIND_H

#include "customer/instant.h"
#include "table/probe.h"

enum column_kind {
    KIND_EMPTY,             /* no value at all */
    KIND_NUMBER,
    KIND_TIME,
    KIND_CATEGORY,          /* few different texts */
    KIND_TEXT,              /* many different texts */
    KINDS
};

struct column {
    const char      *name;
    enum column_kind kind;
    struct instant_format format;       /* of KIND_TIME */
    const char      *format_note;       /* how day was told from month where both orders are dates, or "" */
    const char      *other_reading;     /* the other order of day and month where nothing tells, or NULL */
    double           fit;               /* share of the values that are of the kind */
    double           number_fit;        /* share of the values that are numbers */
    size_t           n_values, n_missing, n_distinct;       /* in the probe */
    bool             is_integer;        /* every number is whole */
    bool             is_unique;         /* no value twice, and more than one */
    size_t           n_negative;
    double           least, most;       /* of numbers */
    const char      *example;           /* UTF-8 */
};

const char *column_kind_word(enum column_kind kind);

/* ',' where most numbers with decimals have a comma before them. */
char column_decimal(const struct probe *probe);

/* Whether its numbers were cut to what a spreadsheet showed, "4.50032E+15": different ones became the same. */
bool column_is_rounded(const struct probe *probe, size_t index);

/* asked: the format that every time column has, or NULL.  Returns n_columns of them in the arena. */
struct column *columns_judge(const struct probe *probe, char decimal, const struct instant_format *asked,
                             struct arena *arena);

/* Reads a column as times although its name or values spoke against it: asked, or the format that
 * reads most.  False if that is less than half. */
bool column_force_time(const struct probe *probe, size_t index, const struct instant_format *asked,
                       struct arena *arena, struct column *column);

/* Whether names such as "customer_id", "user_id", "sku" say that the values name something. */
bool column_is_id_name(const char *name);

/* How rows of a number that an earlier row has stand to the latest such: lines of one order have its customer and time. */
struct order_numbers { size_t n_again, n_lines, n_of_another; };

/* customer, time: columns, or below 0 where there is none: nothing is then told. */
struct order_numbers order_numbers_look(const struct probe *probe, int order, int customer, int time);

#endif
