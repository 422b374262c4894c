/* filters_list.c - filters over the items of a list. */
#include "template/liquid.h"
#include "base/letters.h"

#include <string.h>

static const struct liquid_value nil = { .kind = LIQUID_NIL };

static struct liquid_value list_of(const struct liquid_value *items, size_t n)
{
    return (struct liquid_value){ .kind = LIQUID_LIST, .list = { items, n } };
}

static void give_list(struct liquid_value *ret_value, const struct liquid_value *items, size_t n)
{
    *ret_value = list_of(items, n);
}

/* ---- the items ---- */

struct gathered { struct liquid_value *items; size_t n, room; };

static bool gather(struct liquid *liquid, const struct liquid_value *value, unsigned depth, struct gathered *all)
{
    struct liquid_value items;
    bool is_several = value->kind == LIQUID_LIST || value->kind == LIQUID_RANGE;
    if (depth > 30) return liquid_fail(liquid, "lists stand in each other too deeply");
    if (!liquid_spend(liquid, 1, 0)) return false;
    if (is_several) {
        if (!liquid_items(liquid, value, &items)) return false;
        for (size_t i = 0; i < items.list.n; i++)
            if (!gather(liquid, &items.list.items[i], depth + 1, all)) return false;
        return true;
    }
    if (all->n == all->room) {
        struct liquid_value *had = all->items;
        all->room = 2 * all->room + 8;
        all->items = ARENA_ARRAY(liquid->arena, struct liquid_value, all->room);
        if (all->n > 0) memcpy(all->items, had, all->n * sizeof *had);
    }
    all->items[all->n++] = *value;
    return true;
}

/* A list with the lists in it unfolded; whatever else is one item, nil is none. */
static bool items_in(const struct liquid_call *call, struct gathered *ret_all)
{
    *ret_all = (struct gathered){ 0 };
    return call->in.kind == LIQUID_NIL || gather(call->liquid, &call->in, 0, ret_all);
}

/* What a property of an item is worth: nil where it has none.  False, and said: it is nothing that has properties. */
static bool liquid_property(struct liquid *liquid, const struct liquid_value *item, struct text key,
                            struct liquid_value *ret_value)
{
    *ret_value = nil;
    if (item->kind != LIQUID_MAP)
        return liquid_fail(liquid, "%.*s cannot be had of what is no object",
                           (int)(key.length < 60 ? key.length : 60), key.at);
    const struct liquid_value *found = liquid_member(item->map, key);
    if (found) *ret_value = *found;
    return true;
}

static bool key_of(const struct liquid_call *call, struct text *ret_key)
{
    return liquid_print(call->liquid, &call->arguments[0], ret_key);
}

static bool has_key(const struct liquid_call *call)
{
    return call->n > 0 && call->arguments[0].kind != LIQUID_NIL;
}

/* ---- order ---- */

/* Where an item belongs by its kind, for a stable sort; nil comes last. */
static bool order_of(const struct liquid_value *a, const struct liquid_value *b, bool is_natural,
                     struct arena *arena, int *ret_order)
{
    bool a_is_number = a->kind == LIQUID_INT || a->kind == LIQUID_REAL,
         b_is_number = b->kind == LIQUID_INT || b->kind == LIQUID_REAL;
    *ret_order = (a->kind == LIQUID_NIL) - (b->kind == LIQUID_NIL);
    if (a->kind == LIQUID_NIL || b->kind == LIQUID_NIL) return true;
    if (a_is_number && b_is_number) {
        double x = liquid_real(a), y = liquid_real(b);
        *ret_order = (x > y) - (x < y);
        return true;
    }
    if (a->kind != LIQUID_TEXT || b->kind != LIQUID_TEXT) return false;
    struct text x = is_natural ? letters_lower(arena, a->text) : a->text,
                y = is_natural ? letters_lower(arena, b->text) : b->text;
    *ret_order = liquid_text_order(x, y);
    return true;
}

struct sorting { struct liquid_value key, item; };

/* Merges sorted runs: stable, and its comparisons may fail. */
static bool sort_run(struct liquid *liquid, struct sorting *rows, struct sorting *spare, size_t n, bool is_natural)
{
    if (n < 2) return true;
    size_t half = n / 2, i = 0, j = half;
    if (!sort_run(liquid, rows, spare, half, is_natural) ||
        !sort_run(liquid, rows + half, spare, n - half, is_natural))
        return false;
    for (size_t k = 0; k < n; k++) {
        int order = 0;
        if (i < half && j < n && !order_of(&rows[i].key, &rows[j].key, is_natural, liquid->arena, &order))
            return liquid_fail(liquid, "the items are of kinds that have no order");
        spare[k] = j >= n || (i < half && order <= 0) ? rows[i++] : rows[j++];
    }
    memcpy(rows, spare, n * sizeof *rows);
    return true;
}

static bool sorted(const struct liquid_call *call, bool is_natural, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text key = text_of("");
    if (!items_in(call, &all) || (has_key(call) && !key_of(call, &key))) return false;
    struct sorting *rows = ARENA_ARRAY(call->liquid->arena, struct sorting, all.n + 1),
                   *spare = ARENA_ARRAY(call->liquid->arena, struct sorting, all.n + 1);
    for (size_t i = 0; i < all.n; i++) {
        struct liquid_value *by = &rows[i].key;
        rows[i].item = *by = all.items[i];
        if (has_key(call) && !liquid_property(call->liquid, &all.items[i], key, by)) return false;
        if (is_natural && by->kind != LIQUID_NIL) {
            struct text text;
            if (!liquid_print(call->liquid, by, &text)) return false;
            *by = liquid_text(text);
        }
    }
    if (!liquid_spend(call->liquid, 4 * all.n, 0) || !sort_run(call->liquid, rows, spare, all.n, is_natural))
        return false;
    for (size_t i = 0; i < all.n; i++) all.items[i] = rows[i].item;
    give_list(ret_value, all.items, all.n);
    return true;
}

static bool run_sort(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return sorted(call, false, ret_value);
}

static bool run_sort_natural(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return sorted(call, true, ret_value);
}

static bool run_reverse(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    if (!items_in(call, &all)) return false;
    for (size_t i = 0; i < all.n / 2; i++) {
        struct liquid_value was = all.items[i];
        all.items[i] = all.items[all.n - 1 - i], all.items[all.n - 1 - i] = was;
    }
    give_list(ret_value, all.items, all.n);
    return true;
}

/* ---- one of them, or their number ---- */

static bool run_first(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value items;
    if (!liquid_items(call->liquid, &call->in, &items)) return false;
    *ret_value = items.list.n ? items.list.items[0] : nil;
    return true;
}

static bool run_last(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value items = list_of(NULL, 0);
    if (call->in.kind != LIQUID_MAP && !liquid_items(call->liquid, &call->in, &items)) return false;
    *ret_value = items.list.n ? items.list.items[items.list.n - 1] : nil;
    return true;
}

static bool run_size(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value items = list_of(NULL, 0);
    if (call->in.kind == LIQUID_TEXT) *ret_value = liquid_int((int64_t)letters_count(call->in.text));
    else if (!liquid_items(call->liquid, &call->in, &items)) return false;
    else *ret_value = liquid_int((int64_t)items.list.n);
    return true;
}

/* ---- together ---- */

static bool run_join(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text by = text_of(" "), text;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    if (!items_in(call, &all) || (call->n > 0 && !key_of(call, &by))) return false;
    for (size_t i = 0; i < all.n; i++)
        if ((i > 0 && !liquid_put(&buffer, by)) || !liquid_print(call->liquid, &all.items[i], &text) ||
            !liquid_put(&buffer, text))
            return false;
    *ret_value = liquid_text(liquid_put_text(&buffer));
    return true;
}

static bool run_concat(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    const struct liquid_value *more = &call->arguments[0];
    if (more->kind != LIQUID_LIST && more->kind != LIQUID_RANGE)
        return liquid_fail(call->liquid, "its value is no list");
    if (!items_in(call, &all) || !gather(call->liquid, more, 0, &all)) return false;
    give_list(ret_value, all.items, all.n);
    return true;
}

static bool run_sum(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text key;
    struct liquid_call plus = { .liquid = call->liquid, .name = call->name, .n = 1, .in = liquid_int(0) };
    if (!items_in(call, &all) || (has_key(call) && !key_of(call, &key))) return false;
    for (size_t i = 0; i < all.n; i++) {
        plus.arguments[0] = all.items[i];
        if (has_key(call) && !liquid_property(call->liquid, &all.items[i], key, &plus.arguments[0])) return false;
        if (!liquid_filter(text_of("plus"))->run(&plus, &plus.in)) return false;
    }
    *ret_value = plus.in;
    return true;
}

/* ---- some of them ---- */

static bool run_compact(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text key;
    size_t n = 0;
    if (!items_in(call, &all) || (has_key(call) && !key_of(call, &key))) return false;
    for (size_t i = 0; i < all.n; i++) {
        struct liquid_value by = all.items[i];
        if (has_key(call) && !liquid_property(call->liquid, &all.items[i], key, &by)) return false;
        if (by.kind != LIQUID_NIL) all.items[n++] = all.items[i];
    }
    give_list(ret_value, all.items, n);
    return true;
}

static bool run_uniq(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text key;
    size_t n = 0;
    if (!items_in(call, &all) || (has_key(call) && !key_of(call, &key))) return false;
    struct liquid_value *met = ARENA_ARRAY(call->liquid->arena, struct liquid_value, all.n + 1);
    for (size_t i = 0; i < all.n; i++) {
        struct liquid_value by = all.items[i];
        bool is_new = true;
        if (has_key(call) && !liquid_property(call->liquid, &all.items[i], key, &by)) return false;
        if (!liquid_spend(call->liquid, 1 + n / 16, 0)) return false;
        for (size_t k = 0; k < n && is_new; k++) is_new = !liquid_equal(&met[k], &by);
        if (!is_new) continue;
        met[n] = by;
        all.items[n++] = all.items[i];
    }
    give_list(ret_value, all.items, n);
    return true;
}

static bool run_map(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    struct text key;
    if (!items_in(call, &all) || !key_of(call, &key)) return false;
    for (size_t i = 0; i < all.n; i++) {
        struct liquid_value item = all.items[i];
        if (!liquid_property(call->liquid, &item, key, &all.items[i])) return false;
    }
    give_list(ret_value, all.items, all.n);
    return true;
}

/* What an item has under the key, as the filters that choose ask for it: a member of an object, the part of a text
 * that is like it, a bit of a number.  What has nothing under any key ends the choice: *ret_is_over. */
static bool chosen_by(const struct liquid_call *call, const struct liquid_value *item, struct liquid_value *ret_by,
                      bool *ret_is_over)
{
    const struct liquid_value *key = &call->arguments[0];
    *ret_by = nil;
    if (item->kind == LIQUID_NIL || item->kind == LIQUID_BOOL) {
        *ret_is_over = true;
    } else if (item->kind == LIQUID_MAP) {
        const struct liquid_value *found = key->kind == LIQUID_TEXT ? liquid_member(item->map, key->text) : NULL;
        if (found) *ret_by = *found;
    } else if (item->kind == LIQUID_TEXT && key->kind == LIQUID_TEXT) {
        if (memmem(item->text.at, item->text.length, key->text.at, key->text.length)) *ret_by = *key;
    } else if (item->kind == LIQUID_INT && key->kind == LIQUID_INT) {
        *ret_by = liquid_int(key->integer >= 0 && key->integer < 63 ? item->integer >> key->integer & 1
                                                                    : item->integer < 0);
    } else {
        struct text text;
        if (!liquid_print(call->liquid, key, &text)) return false;
        return liquid_fail(call->liquid, "%.*s cannot be had of an item",
                           (int)(text.length < 60 ? text.length : 60), text.at);
    }
    return true;
}

static bool fits(const struct liquid_call *call, const struct liquid_value *item, bool *ret_fits,
                 bool *ret_is_over)
{
    struct liquid_value by;
    if (!chosen_by(call, item, &by, ret_is_over)) return false;
    bool is_any = call->n < 2 || call->arguments[1].kind == LIQUID_NIL;
    *ret_fits = is_any ? liquid_is_truthy(&by) : liquid_equal(&by, &call->arguments[1]);
    return true;
}

static bool selected(const struct liquid_call *call, bool is_kept, struct liquid_value *ret_value)
{
    struct gathered all;
    size_t n = 0;
    if (!items_in(call, &all)) return false;
    for (size_t i = 0; i < all.n; i++) {
        bool is_over = false, is = false;
        if (!fits(call, &all.items[i], &is, &is_over)) return false;
        if (is_over) { *ret_value = nil; return true; }
        if (is == is_kept) all.items[n++] = all.items[i];
    }
    give_list(ret_value, all.items, n);
    return true;
}

static bool run_where(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return selected(call, true, ret_value);
}

static bool run_reject(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return selected(call, false, ret_value);
}

/* The first that fits: its place, or all.n; nil_instead where the choice ended before. */
static bool first_fit(const struct liquid_call *call, struct gathered *ret_all, size_t *ret_at, bool *ret_is_over)
{
    if (!items_in(call, ret_all)) return false;
    for (*ret_at = 0; *ret_at < ret_all->n; ++*ret_at) {
        bool is = false;
        if (!fits(call, &ret_all->items[*ret_at], &is, ret_is_over)) return false;
        if (is || *ret_is_over) return true;
    }
    return true;
}

static bool run_find(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    size_t at;
    bool is_over = false;
    if (!first_fit(call, &all, &at, &is_over)) return false;
    *ret_value = is_over || at == all.n ? nil : all.items[at];
    return true;
}

static bool run_find_index(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    size_t at;
    bool is_over = false;
    if (!first_fit(call, &all, &at, &is_over)) return false;
    *ret_value = is_over || at == all.n ? nil : liquid_int((int64_t)at);
    return true;
}

static bool run_has(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct gathered all;
    size_t at;
    bool is_over = false;
    if (!first_fit(call, &all, &at, &is_over)) return false;
    *ret_value = is_over ? nil : liquid_bool(at < all.n);
    return true;
}

const struct liquid_filter liquid_filters_list[] = {
    { "sort", 0, 1, run_sort },
    { "sort_natural", 0, 1, run_sort_natural },
    { "reverse", 0, 0, run_reverse },
    { "first", 0, 0, run_first },
    { "last", 0, 0, run_last },
    { "size", 0, 0, run_size },
    { "join", 0, 1, run_join },
    { "concat", 1, 1, run_concat },
    { "sum", 0, 1, run_sum },
    { "compact", 0, 1, run_compact },
    { "uniq", 0, 1, run_uniq },
    { "map", 1, 1, run_map },
    { "where", 1, 2, run_where },
    { "reject", 1, 2, run_reject },
    { "find", 1, 2, run_find },
    { "find_index", 1, 2, run_find_index },
    { "has", 1, 2, run_has },
    { 0 },
};
