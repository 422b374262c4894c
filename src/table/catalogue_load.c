/* catalogue_load.c - the catalogue as of an instant; see catalogue.h. */
#include "table/catalogue.h"

#include "base/similar.h"
#include "store/sql.h"
#include "store/store.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 200 };

struct loading {
    struct catalogue *catalogue;
    struct arena     *arena;
    json_t          **facts;        /* [n] */
    size_t            room;
    const char       *keys[COLUMNS_MOST];
    bool              is_text[COLUMNS_MOST];
    size_t            n_keys;
};

static struct text text_in(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    if (length) memcpy(copy, bytes, length);
    return (struct text){ copy, length };
}

static void add_item(struct loading *loading, struct text name, struct text facts)
{
    struct catalogue *catalogue = loading->catalogue;
    if (catalogue->n == loading->room) {
        size_t room = 2 * loading->room + 256;
        struct catalogue_item *items = ARENA_ARRAY(loading->arena, struct catalogue_item, room);
        json_t **all = ARENA_ARRAY(loading->arena, json_t *, room);
        if (catalogue->n) memcpy(items, catalogue->items, catalogue->n * sizeof *items);
        if (catalogue->n) memcpy(all, loading->facts, catalogue->n * sizeof(json_t *));
        catalogue->items = items;
        loading->facts = all;
        loading->room = room;
    }
    json_t *json = json_loadb(facts.at, facts.length, 0, NULL);
    loading->facts[catalogue->n] = json ? json : json_object();
    catalogue->items[catalogue->n++] =
        (struct catalogue_item){ .name = text_in(loading->arena, name.at, name.length) };
}

static size_t column_of(struct loading *loading, const char *key)
{
    size_t c = 0;
    while (c < loading->n_keys && strcmp(loading->keys[c], key) != 0) c++;
    if (c == loading->n_keys && c < COLUMNS_MOST)
        loading->keys[loading->n_keys++] = arena_copy(loading->arena, key);
    return c;
}

static void find_columns(struct loading *loading)
{
    struct catalogue *catalogue = loading->catalogue;
    /* What a condition may always ask, whether or not a file says it. */
    static const char *const always[] = { "available_from", "available_to", "category", "cost", "image", "price",
                                          "stock",          "tags",         "text",     "title", "url" };
    static const bool are_texts[] = { false, false, true, false, true, false, false, true, true, true, true };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        loading->is_text[column_of(loading, always[i])] = are_texts[i];
    for (size_t i = 0; i < catalogue->n; i++) {
        const char *key;
        json_t *value;
        json_object_foreach(loading->facts[i], key, value) {
            size_t c = column_of(loading, key);
            if (c < COLUMNS_MOST) loading->is_text[c] |= json_is_string(value);
        }
    }
    catalogue->n_columns = loading->n_keys;
    catalogue->columns = ARENA_ARRAY(loading->arena, struct expression_column, loading->n_keys + 1);
    for (size_t c = 0; c < loading->n_keys; c++)
        catalogue->columns[c] = (struct expression_column){
            loading->keys[c], loading->is_text[c] ? EXPRESSION_TEXT : EXPRESSION_NUMBER };
}

static double number_in(const json_t *facts, const char *key)
{
    const json_t *value = json_object_get(facts, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static struct text words_of(const struct loading *loading, size_t item)
{
    const char *key, *words = "";
    json_t *value;
    json_object_foreach(loading->facts[item], key, value)
        if (json_is_string(value) && strcmp(key, "url") != 0 && strcmp(key, "image") != 0)
            words = arena_format(loading->arena, "%s%s%s", words, *words ? " " : "", json_string_value(value));
    return text_of(words);
}

static void fill_item(struct loading *loading, size_t index)
{
    struct catalogue_item *item = &loading->catalogue->items[index];
    const json_t *facts = loading->facts[index];
    item->values = ARENA_ARRAY(loading->arena, struct expression_value, loading->n_keys + 1);
    for (size_t c = 0; c < loading->n_keys; c++) {
        const json_t *value = json_object_get(facts, loading->keys[c]);
        if (json_is_string(value))
            item->values[c] = (struct expression_value){
                .kind = EXPRESSION_IS_TEXT,
                .text = text_in(loading->arena, json_string_value(value), json_string_length(value)) };
        else if (json_is_number(value))
            item->values[c] =
                (struct expression_value){ .kind = EXPRESSION_IS_NUMBER, .number = json_number_value(value) };
    }
    const char *title = json_string_value(json_object_get(facts, "title"));
    const char *category = json_string_value(json_object_get(facts, "category"));
    item->title = title ? text_of(arena_copy(loading->arena, title)) : text_of("");
    item->category = category ? text_of(arena_copy(loading->arena, category)) : text_of("");
    item->price = number_in(facts, "price"), item->cost = number_in(facts, "cost");
    item->stock = number_in(facts, "stock");
    double from = number_in(facts, "available_from"), to = number_in(facts, "available_to");
    item->available_from_ms = isnan(from) ? INT64_MIN : (int64_t)from;
    item->available_to_ms = isnan(to) ? INT64_MAX : (int64_t)to;
    item->words = words_of(loading, index);
}

bool catalogue_load(struct store *store, int64_t as_of_ms, struct arena *arena, struct catalogue *ret_catalogue,
                    struct err *err)
{
    struct catalogue catalogue = { 0 };
    struct loading loading = { .catalogue = &catalogue, .arena = arena };
    struct sql_item_versions_at row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = sql_item_versions_at(store, as_of_ms, &row, err);
    while (ok && (step = sql_item_versions_at_step(&row, err)) == STEP_ROW)
        add_item(&loading, row.item, row.facts);
    cursor_close(row.cursor);
    ok = ok && step == STEP_END;
    if (ok) find_columns(&loading);
    for (size_t i = 0; ok && i < catalogue.n; i++) fill_item(&loading, i);
    for (size_t i = 0; i < catalogue.n; i++) json_decref(loading.facts[i]);
    if (ok) *ret_catalogue = catalogue;
    return ok;
}

static int compare_names(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.at, b.at, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

const struct catalogue_item *catalogue_find(const struct catalogue *catalogue, struct text name)
{
    size_t low = 0, high = catalogue->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(catalogue->items[middle].name, name);
        if (order == 0) return &catalogue->items[middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NULL;
}
