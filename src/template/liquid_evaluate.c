/* liquid_evaluate.c - what names, values and conditions of a template mean at the moment; see liquid.h. */
#include "template/liquid.h"
#include "template/template.h"
#include "base/letters.h"

#include <string.h>

/* ---- names ---- */

void liquid_assign(struct liquid *liquid, struct liquid_scope *scope, struct text name, struct liquid_value value)
{
    for (struct liquid_assigned *one = scope->values; one; one = one->next)
        if (text_equal(one->name, name)) { one->value = value; return; }
    struct liquid_assigned *one = ARENA_NEW(liquid->arena, struct liquid_assigned);
    *one = (struct liquid_assigned){ scope->values, name, value };
    scope->values = one;
}

/* Of data that has much in it a template asks for little. */
static const struct liquid_value *find_data(struct liquid *liquid, struct text name)
{
    for (const struct liquid_assigned *one = liquid->data; one; one = one->next)
        if (text_equal(one->name, name)) return &one->value;
    const json_t *json = json_object_getn(liquid->options->data, name.at, name.length);
    if (!json) return NULL;
    struct liquid_assigned *one = ARENA_NEW(liquid->arena, struct liquid_assigned);
    *one = (struct liquid_assigned){ liquid->data, name, liquid_of_json(json, liquid->arena) };
    liquid->data = one;
    return &one->value;
}

const struct liquid_value *liquid_find(struct liquid *liquid, struct text name)
{
    for (const struct liquid_scope *scope = liquid->scope; scope; scope = scope->outer)
        for (const struct liquid_assigned *one = scope->values; one; one = one->next)
            if (text_equal(one->name, name)) return &one->value;
    for (size_t i = 0; i < liquid->n_counters; i++)
        if (text_equal(liquid->counters[i].key, name)) return &liquid->counters[i].value;
    return find_data(liquid, name);
}

static struct liquid_value loop_property(const struct liquid_loop *loop, struct text name)
{
    size_t column = loop->n_columns ? loop->index % loop->n_columns : 0;
    const struct { const char *name; struct liquid_value value; } properties[] = {
        { "index", liquid_int((int64_t)loop->index + 1) },
        { "index0", liquid_int((int64_t)loop->index) },
        { "rindex", liquid_int((int64_t)(loop->n - loop->index)) },
        { "rindex0", liquid_int((int64_t)(loop->n - loop->index) - 1) },
        { "first", liquid_bool(loop->index == 0) },
        { "last", liquid_bool(loop->index + 1 == loop->n) },
        { "length", liquid_int((int64_t)loop->n) },
        { "name", liquid_text(loop->name) },
        { "parentloop", { .kind = loop->parent ? LIQUID_LOOP : LIQUID_NIL, .loop = loop->parent } },
        { "col", liquid_int((int64_t)column + 1) },
        { "col0", liquid_int((int64_t)column) },
        { "col_first", liquid_bool(column == 0) },
        { "col_last", liquid_bool(column + 1 == loop->n_columns) },
        { "row", liquid_int(loop->n_columns ? (int64_t)(loop->index / loop->n_columns) + 1 : 0) },
    };
    enum { PROPERTIES = sizeof properties / sizeof *properties, OF_FOR = PROPERTIES - 5 };
    for (size_t i = 0; i < (loop->n_columns ? PROPERTIES : OF_FOR); i++)
        if (text_equal(name, text_of(properties[i].name))) return properties[i].value;
    return (struct liquid_value){ .kind = LIQUID_NIL };
}

/* x.name; first, last and size of what has items. */
static bool dotted(struct liquid *liquid, const struct liquid_value *of, struct text name,
                   struct liquid_value *ret_value)
{
    const struct liquid_value *found = of->kind == LIQUID_MAP ? liquid_member(of->map, name) : NULL;
    struct liquid_value items;
    *ret_value = (struct liquid_value){ .kind = LIQUID_NIL };
    if (of->kind == LIQUID_LOOP) *ret_value = loop_property(of->loop, name);
    if (found) *ret_value = *found;
    if (found || of->kind == LIQUID_LOOP) return true;
    bool is_first = text_equal(name, text_of("first")), is_last = text_equal(name, text_of("last"));
    if (text_equal(name, text_of("size"))) {
        if (of->kind == LIQUID_TEXT) *ret_value = liquid_int((int64_t)letters_count(of->text));
        if (of->kind == LIQUID_LIST) *ret_value = liquid_int((int64_t)of->list.n);
        if (of->kind == LIQUID_MAP) *ret_value = liquid_int((int64_t)of->map->n);
        return true;
    }
    if ((!is_first && !is_last) || (is_last && of->kind == LIQUID_MAP)) return true;
    if (!liquid_items(liquid, of, &items)) return false;
    if (items.list.n > 0) *ret_value = items.list.items[is_first ? 0 : items.list.n - 1];
    return true;
}

/* x[index] */
static struct liquid_value indexed(const struct liquid_value *of, const struct liquid_value *index)
{
    struct liquid_value nil = { .kind = LIQUID_NIL };
    if (of->kind == LIQUID_LIST && index->kind == LIQUID_INT) {
        int64_t at = index->integer < 0 ? index->integer + (int64_t)of->list.n : index->integer;
        return at >= 0 && at < (int64_t)of->list.n ? of->list.items[at] : nil;
    }
    if (index->kind != LIQUID_TEXT) return nil;
    if (of->kind == LIQUID_LOOP) return loop_property(of->loop, index->text);
    const struct liquid_value *found = of->kind == LIQUID_MAP ? liquid_member(of->map, index->text) : NULL;
    return found ? *found : nil;
}

static bool evaluate_path(struct liquid *liquid, const struct liquid_expression *e, struct liquid_value *ret_value)
{
    struct text name = e->name;
    struct liquid_value value = { .kind = LIQUID_NIL };
    if (e->first && (!liquid_evaluate(liquid, e->first, &value) || !liquid_print(liquid, &value, &name)))
        return false;
    const struct liquid_value *found = liquid_find(liquid, name);
    value = found ? *found : (struct liquid_value){ .kind = LIQUID_NIL };
    for (const struct liquid_step *step = e->steps; step; step = step->next) {
        struct liquid_value index;
        if (!step->index) {
            struct liquid_value of = value;
            if (!dotted(liquid, &of, step->property, &value)) return false;
            continue;
        }
        if (!liquid_evaluate(liquid, step->index, &index)) return false;
        value = indexed(&value, &index);
    }
    *ret_value = value;
    return true;
}

static int64_t range_end(const struct liquid_value *value)
{
    struct liquid_value number = liquid_number(value);
    if (number.kind == LIQUID_INT) return number.integer;
    return number.real > -9e15 && number.real < 9e15 ? (int64_t)number.real : 0;
}

bool liquid_evaluate(struct liquid *liquid, const struct liquid_expression *e, struct liquid_value *ret_value)
{
    struct liquid_value first, last;
    if (!liquid_spend(liquid, 1, 0)) return false;
    switch (e->kind) {
    case EXPRESSION_LITERAL: *ret_value = e->literal; return true;
    case EXPRESSION_PATH: return evaluate_path(liquid, e, ret_value);
    case EXPRESSION_RANGE: break;
    }
    if (!liquid_evaluate(liquid, e->first, &first) || !liquid_evaluate(liquid, e->last, &last)) return false;
    *ret_value = (struct liquid_value){ .kind = LIQUID_RANGE, .range = { range_end(&first), range_end(&last) } };
    return true;
}

/* ---- conditions ---- */

static bool contains(struct liquid *liquid, const struct liquid_value *a, const struct liquid_value *b,
                     bool *ret_is)
{
    struct text part;
    *ret_is = false;
    if (!liquid_is_truthy(b)) return true;
    if (a->kind == LIQUID_TEXT) {
        if (!liquid_print(liquid, b, &part)) return false;
        *ret_is = part.length == 0 || memmem(a->text.at, a->text.length, part.at, part.length);
    }
    if (a->kind == LIQUID_MAP && b->kind == LIQUID_TEXT) *ret_is = liquid_member(a->map, b->text) != NULL;
    for (size_t i = 0; a->kind == LIQUID_LIST && i < a->list.n && !*ret_is; i++)
        *ret_is = liquid_equal(&a->list.items[i], b);
    return true;
}

/* Which of two comes first: -1, 0, 1; false: they cannot be compared, which is a mistake unless one is nil. */
static bool order_of(struct liquid *liquid, const struct liquid_value *a, const struct liquid_value *b,
                     int *ret_order, bool *ret_is_comparable)
{
    bool are_numbers =
        (a->kind == LIQUID_INT || a->kind == LIQUID_REAL) && (b->kind == LIQUID_INT || b->kind == LIQUID_REAL);
    *ret_is_comparable = are_numbers || (a->kind == LIQUID_TEXT && b->kind == LIQUID_TEXT);
    if (are_numbers) {
        double x = liquid_real(a), y = liquid_real(b);
        *ret_order = (x > y) - (x < y);
    } else if (*ret_is_comparable) {
        *ret_order = liquid_text_order(a->text, b->text);
    } else if ((a->kind == LIQUID_TEXT || are_numbers || a->kind == LIQUID_INT || a->kind == LIQUID_REAL) &&
               (b->kind == LIQUID_TEXT || b->kind == LIQUID_INT || b->kind == LIQUID_REAL)) {
        return liquid_fail(liquid, "a text and a number are neither greater nor less than each other");
    }
    return true;
}

static bool compare(struct liquid *liquid, const struct liquid_condition *condition, bool *ret_is)
{
    struct liquid_value a, b = { .kind = LIQUID_NIL };
    int order = 0;
    bool is_comparable = false;
    if (!liquid_evaluate(liquid, condition->left, &a)) return false;
    if (condition->right && !liquid_evaluate(liquid, condition->right, &b)) return false;
    switch (condition->comparison) {
    case COMPARE_TRUTH: *ret_is = liquid_is_truthy(&a); return true;
    case COMPARE_EQUAL: *ret_is = liquid_equal(&a, &b); return true;
    case COMPARE_NOT: *ret_is = !liquid_equal(&a, &b); return true;
    case COMPARE_CONTAINS: return contains(liquid, &a, &b, ret_is);
    case COMPARE_LESS:
    case COMPARE_MORE:
    case COMPARE_AT_MOST:
    case COMPARE_AT_LEAST: break;
    }
    if (!order_of(liquid, &a, &b, &order, &is_comparable)) return false;
    *ret_is = is_comparable && (condition->comparison == COMPARE_LESS      ? order < 0
                                : condition->comparison == COMPARE_MORE    ? order > 0
                                : condition->comparison == COMPARE_AT_MOST ? order <= 0 : order >= 0);
    return true;
}

/* a and (b or (c ...)): from the right, as Liquid does. */
bool liquid_is_true(struct liquid *liquid, const struct liquid_condition *condition, bool *ret_is)
{
    if (!compare(liquid, condition, ret_is)) return false;
    if (!condition->rest || *ret_is != condition->is_and) return true;
    return liquid_is_true(liquid, condition->rest, ret_is);
}
