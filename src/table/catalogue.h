/* catalogue.h - what is known of items: title, category, price, cost, stock and whatever else a file of items
 * says.
 *
 * A newer file changes what it names, items and columns alike, and what was before is kept: as of an instant an
 * item is what was last said of it before.  What the first file ever said counts as always so, as imported history
 * does. */
#ifndef TABLE_CATALOGUE_H
#define TABLE_CATALOGUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"
#include "condition/expression.h"

struct store;

/* NaN or INT64_MIN (to: INT64_MAX) where it is not said; texts then are empty. */
struct catalogue_item {
    struct text name, title, category;
    double      price, cost, stock;
    int64_t     available_from_ms, available_to_ms;     /* to: the first instant when it no longer is */
    struct text words; /* all that tells what it is like: title, category, tags, text and other texts */
    struct expression_value *values;    /* [catalogue's n_columns] */
};

struct catalogue {
    size_t                    n, n_columns;
    struct catalogue_item    *items;    /* [n] by name */
    struct expression_column *columns;  /* of everything that is said of items: "price", "stock", "brand" */
};

struct catalogue_result { size_t n_rows, n_new, n_changed, n_same; const char *columns; };

/* Reads a file with a header and one row an item; item_column NULL: the one called item, item_id, product_id, sku
 * ... . to be put with catalogue_put. Errors: those of frame_read; ERR_INVALID no column names the items, an item
 * twice, a price, cost or stock that is no number or below 0, a date that is none: each says line, column and what
 * to do. */
struct catalogue_file;
struct input;
bool catalogue_read(struct input *input, const char *item_column, struct arena *arena,
                    struct catalogue_file **ret_file, struct err *err) MUST_CHECK;

/* In the store's transaction: keeps what differs from what is known, as of now_ms. */
bool catalogue_put(struct store *store, const struct catalogue_file *file, int64_t now_ms, struct arena *arena,
                   struct catalogue_result *ret_result, struct err *err) MUST_CHECK;

/* The catalogue as of an instant, in the arena; empty where nothing was imported. */
bool catalogue_load(struct store *store, int64_t as_of_ms, struct arena *arena, struct catalogue *ret_catalogue,
                    struct err *err) MUST_CHECK;

/* NULL: it is not in the catalogue. */
const struct catalogue_item *catalogue_find(const struct catalogue *catalogue, struct text name);

#endif
