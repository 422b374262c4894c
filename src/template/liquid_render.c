/* liquid_render.c - a parsed template and data become text; see template.h. */
#include "template/liquid.h"

#include <inttypes.h>
#include <string.h>

enum { SNIPPETS_DEEP = 20, MISSING_MOST = 100 };

static const size_t usual_steps = 200000, usual_bytes = 1 << 20;

struct liquid_scope {
    struct liquid_scope *outer;
    struct liquid_assigned { struct liquid_assigned *next; struct text name; struct liquid_value value; } *values;
};

/* What a cycle or a loop's offset: continue goes on from. */
struct liquid_kept { struct liquid_kept *next; const char *of; struct text key; size_t at; };

/* Snippets that were parsed already, and names without a value. */
struct liquid_missing { struct liquid_missing *next; struct text name; };

static bool render_body(struct liquid *liquid, const struct liquid_body *body, struct liquid_buffer *out);
static bool evaluate(struct liquid *liquid, const struct liquid_expression *e, struct liquid_value *ret_value);

/* ---- names ---- */

static void assign(struct liquid *liquid, struct liquid_scope *scope, struct text name, struct liquid_value value)
{
    for (struct liquid_assigned *one = scope->values; one; one = one->next)
        if (text_equal(one->name, name)) { one->value = value; return; }
    struct liquid_assigned *one = ARENA_NEW(liquid->arena, struct liquid_assigned);
    *one = (struct liquid_assigned){ scope->values, name, value };
    scope->values = one;
}

static const struct liquid_value *find_name(const struct liquid *liquid, struct text name)
{
    for (const struct liquid_scope *scope = liquid->scope; scope; scope = scope->outer)
        for (const struct liquid_assigned *one = scope->values; one; one = one->next)
            if (text_equal(one->name, name)) return &one->value;
    for (size_t i = 0; i < liquid->n_counters; i++)
        if (text_equal(liquid->counters[i].key, name)) return &liquid->counters[i].value;
    return liquid_member(liquid->data.map, name);
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
static bool dotted(struct liquid *liquid, const struct liquid_value *of, struct text name, struct liquid_value *ret_value)
{
    const struct liquid_value *found = of->kind == LIQUID_MAP ? liquid_member(of->map, name) : NULL;
    struct liquid_value items;
    *ret_value = (struct liquid_value){ .kind = LIQUID_NIL };
    if (of->kind == LIQUID_LOOP) *ret_value = loop_property(of->loop, name);
    if (found) *ret_value = *found;
    if (found || of->kind == LIQUID_LOOP) return true;
    bool is_first = text_equal(name, text_of("first")), is_last = text_equal(name, text_of("last"));
    if (text_equal(name, text_of("size"))) {
        if (of->kind == LIQUID_TEXT) *ret_value = liquid_int((int64_t)liquid_n_characters(of->text));
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
    if (e->first && (!evaluate(liquid, e->first, &value) || !liquid_print(liquid, &value, &name))) return false;
    const struct liquid_value *found = find_name(liquid, name);
    value = found ? *found : (struct liquid_value){ .kind = LIQUID_NIL };
    for (const struct liquid_step *step = e->steps; step; step = step->next) {
        struct liquid_value index;
        if (!step->index) {
            struct liquid_value of = value;
            if (!dotted(liquid, &of, step->property, &value)) return false;
            continue;
        }
        if (!evaluate(liquid, step->index, &index)) return false;
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

static bool evaluate(struct liquid *liquid, const struct liquid_expression *e, struct liquid_value *ret_value)
{
    struct liquid_value first, last;
    if (!liquid_spend(liquid, 1, 0)) return false;
    switch (e->kind) {
    case EXPRESSION_LITERAL: *ret_value = e->literal; return true;
    case EXPRESSION_PATH: return evaluate_path(liquid, e, ret_value);
    case EXPRESSION_RANGE: break;
    }
    if (!evaluate(liquid, e->first, &first) || !evaluate(liquid, e->last, &last)) return false;
    *ret_value = (struct liquid_value){ .kind = LIQUID_RANGE, .range = { range_end(&first), range_end(&last) } };
    return true;
}

/* ---- pipes ---- */

static bool run_filter(struct liquid *liquid, const struct liquid_applied *applied, struct liquid_value *value)
{
    struct liquid_call call = { .liquid = liquid, .name = applied->filter->name, .in = *value };
    for (const struct liquid_argument *a = applied->arguments; a; a = a->next) {
        struct liquid_value argument;
        if (!evaluate(liquid, a->value, &argument)) return false;
        if (a->name.length) call.named[call.n_named++] = (struct liquid_member){ a->name, argument };
        else call.arguments[call.n++] = argument;
    }
    return applied->filter->run(&call, value) || err_context(liquid->err, "filter %s", call.name);
}

/* A value that was asked for and is not there: said once for each name.  A default says that it may be missing. */
static bool note_missing(struct liquid *liquid, const struct liquid_pipe *pipe)
{
    struct text name = pipe->value->source;
    if (pipe->value->kind != EXPRESSION_PATH) return true;
    for (const struct liquid_applied *applied = pipe->filters; applied; applied = applied->next)
        if (strcmp(applied->filter->name, "default") == 0) return true;
    if (liquid->options->is_strict)
        return err_set(liquid->err, ERR_MISSING,
                       "there is no value for %.*s; | default: says what to write instead", (int)name.length, name.at);
    for (const struct liquid_missing *one = liquid->missing; one; one = one->next)
        if (text_equal(one->name, name)) return true;
    if (liquid->n_missing == MISSING_MOST) return true;
    struct liquid_missing *one = ARENA_NEW(liquid->arena, struct liquid_missing);
    *one = (struct liquid_missing){ liquid->missing, name };
    liquid->missing = one;
    liquid->n_missing++;
    return true;
}

static bool run_pipe(struct liquid *liquid, const struct liquid_pipe *pipe, bool is_printed,
                     struct liquid_value *ret_value)
{
    if (!evaluate(liquid, pipe->value, ret_value)) return false;
    if (is_printed && ret_value->kind == LIQUID_NIL && !note_missing(liquid, pipe)) return false;
    for (const struct liquid_applied *applied = pipe->filters; applied; applied = applied->next)
        if (!liquid_spend(liquid, 1, 0) || !run_filter(liquid, applied, ret_value)) return false;
    return true;
}

static bool print_value(struct liquid *liquid, const struct liquid_value *value, struct liquid_buffer *out)
{
    struct text text;
    if (!liquid_print(liquid, value, &text)) return false;
    bool is_markup = value->kind == LIQUID_TEXT && value->is_safe;
    if (liquid->options->is_html && !is_markup && !liquid_escape(liquid, text, false, &text)) return false;
    return liquid_put(out, text);
}

/* ---- conditions ---- */

static bool contains(struct liquid *liquid, const struct liquid_value *a, const struct liquid_value *b, bool *ret_is)
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
static bool order_of(struct liquid *liquid, const struct liquid_value *a, const struct liquid_value *b, int *ret_order,
                     bool *ret_is_comparable)
{
    bool are_numbers = (a->kind == LIQUID_INT || a->kind == LIQUID_REAL) && (b->kind == LIQUID_INT || b->kind == LIQUID_REAL);
    *ret_is_comparable = are_numbers || (a->kind == LIQUID_TEXT && b->kind == LIQUID_TEXT);
    if (are_numbers) {
        double x = liquid_real(a), y = liquid_real(b);
        *ret_order = (x > y) - (x < y);
    } else if (*ret_is_comparable) {
        size_t n = a->text.length < b->text.length ? a->text.length : b->text.length;
        int order = n ? memcmp(a->text.at, b->text.at, n) : 0;
        if (order == 0) order = (a->text.length > b->text.length) - (a->text.length < b->text.length);
        *ret_order = (order > 0) - (order < 0);
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
    if (!evaluate(liquid, condition->left, &a)) return false;
    if (condition->right && !evaluate(liquid, condition->right, &b)) return false;
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
static bool is_true(struct liquid *liquid, const struct liquid_condition *condition, bool *ret_is)
{
    if (!compare(liquid, condition, ret_is)) return false;
    if (!condition->rest || *ret_is != condition->is_and) return true;
    return is_true(liquid, condition->rest, ret_is);
}

/* ---- tags ---- */

static bool render_if(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    for (const struct liquid_branch *branch = node->branches; branch; branch = branch->next) {
        bool is = true;
        if (branch->kind != BRANCH_ELSE && !is_true(liquid, branch->condition, &is)) return false;
        if (branch->kind == BRANCH_UNLESS ? !is : is) return render_body(liquid, &branch->body, out);
    }
    return true;
}

static bool render_case(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value subject, value;
    bool was = false;
    if (!evaluate(liquid, node->pipe.value, &subject)) return false;
    for (const struct liquid_branch *branch = node->branches; branch; branch = branch->next) {
        if (branch->kind == BRANCH_ELSE && !was && !render_body(liquid, &branch->body, out)) return false;
        for (const struct liquid_argument *a = branch->values; a; a = a->next) {
            if (!evaluate(liquid, a->value, &value)) return false;
            if (!liquid_equal(&subject, &value)) continue;
            was = true;
            if (!render_body(liquid, &branch->body, out)) return false;
        }
    }
    return true;
}

static size_t *kept(struct liquid *liquid, const char *of, struct text key)
{
    for (struct liquid_kept *one = liquid->kept; one; one = one->next)
        if (one->of == of && text_equal(one->key, key)) return &one->at;
    struct liquid_kept *one = ARENA_NEW(liquid->arena, struct liquid_kept);
    *one = (struct liquid_kept){ .next = liquid->kept, .of = of, .key = key };
    liquid->kept = one;
    return &one->at;
}

static const char of_loops[] = "loops", of_cycles[] = "cycles", of_named_cycles[] = "named cycles";

/* limit, offset or cols of a loop; nil is as if it were not there. */
static bool loop_number(struct liquid *liquid, const struct liquid_node *node, const char *name, size_t otherwise,
                        size_t *ret_number)
{
    *ret_number = otherwise;
    for (const struct liquid_argument *a = node->arguments; a; a = a->next) {
        struct liquid_value value;
        int64_t number;
        if (!text_equal(a->name, text_of(name))) continue;
        if (!evaluate(liquid, a->value, &value)) return false;
        if (value.kind == LIQUID_NIL) continue;
        if (value.kind == LIQUID_REAL) value = liquid_int((int64_t)value.real);
        if (!liquid_whole(&value, &number)) return liquid_fail(liquid, "%s of a loop is no whole number", name);
        *ret_number = number < 0 ? 0 : (size_t)number;
    }
    return true;
}

static struct text loop_name(struct liquid *liquid, const struct liquid_node *node)
{
    struct text variable = node->text, source = node->pipe.value->source;
    return text_of(arena_format(liquid->arena, "%.*s-%.*s", (int)variable.length, variable.at, (int)source.length,
                                source.at));
}

/* The items a loop goes over, in its order. */
static bool loop_items(struct liquid *liquid, const struct liquid_node *node, struct liquid_value *ret_items)
{
    struct liquid_value value;
    size_t offset, limit, *from = kept(liquid, of_loops, loop_name(liquid, node));
    if (!evaluate(liquid, node->pipe.value, &value)) return false;
    if (value.kind == LIQUID_TEXT && value.text.length > 0) {
        struct liquid_value *only = ARENA_NEW(liquid->arena, struct liquid_value);
        *only = value;
        *ret_items = (struct liquid_value){ .kind = LIQUID_LIST, .list = { only, 1 } };
    } else if (!liquid_items(liquid, &value, ret_items)) {
        return false;
    }
    if (!loop_number(liquid, node, "offset", 0, &offset) || !loop_number(liquid, node, "limit", SIZE_MAX, &limit))
        return false;
    if (node->is_continued) offset = *from;
    if (offset > ret_items->list.n) offset = ret_items->list.n;
    if (limit > ret_items->list.n - offset) limit = ret_items->list.n - offset;
    *from = offset + limit;
    ret_items->list.items += offset, ret_items->list.n = limit;
    if (!node->is_reversed || limit == 0) return true;
    struct liquid_value *turned = ARENA_ARRAY(liquid->arena, struct liquid_value, limit);
    for (size_t i = 0; i < limit; i++) turned[i] = ret_items->list.items[limit - 1 - i];
    ret_items->list.items = turned;
    return true;
}

static const struct liquid_loop *loop_around(const struct liquid *liquid)
{
    const struct liquid_value *found = find_name(liquid, text_of("forloop"));
    return found && found->kind == LIQUID_LOOP && !found->loop->is_snippets ? found->loop : NULL;
}

static bool render_for(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value items;
    if (!loop_items(liquid, node, &items)) return false;
    if (items.list.n == 0) return !node->branches || render_body(liquid, &node->branches->body, out);
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop = (struct liquid_loop){ .name = loop_name(liquid, node), .n = items.list.n, .parent = loop_around(liquid) };
    struct liquid_scope scope = { .outer = liquid->scope };
    bool ok = true;
    assign(liquid, &scope, text_of("forloop"), (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
    liquid->scope = &scope;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        liquid->flow = FLOW_ON;
        assign(liquid, &scope, node->text, items.list.items[loop->index]);
        ok = render_body(liquid, &node->body, out);
    }
    liquid->flow = FLOW_ON;
    liquid->scope = scope.outer;
    return ok;
}

/* Puts before, a number and behind. */
static bool put_numbered(struct liquid_buffer *out, const char *before, size_t number, const char *behind)
{
    return liquid_put(out, text_of(arena_format(out->liquid->arena, "%s%zu%s", before, number, behind)));
}

static bool render_tablerow(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value items;
    size_t n_columns;
    if (!loop_items(liquid, node, &items) || !loop_number(liquid, node, "cols", items.list.n, &n_columns)) return false;
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop = (struct liquid_loop){ .name = node->text, .n = items.list.n, .n_columns = n_columns ? n_columns : 1 };
    struct liquid_scope scope = { .outer = liquid->scope };
    bool ok = put_numbered(out, "<tr class=\"row", 1, "\">\n");
    assign(liquid, &scope, text_of("tablerowloop"), (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
    liquid->scope = &scope;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        size_t column = loop->index % loop->n_columns;
        liquid->flow = FLOW_ON;
        assign(liquid, &scope, node->text, items.list.items[loop->index]);
        if (loop->index > 0 && column == 0)
            ok = put_numbered(out, "</tr>\n<tr class=\"row", loop->index / loop->n_columns + 1, "\">");
        ok = ok && put_numbered(out, "<td class=\"col", column + 1, "\">") && render_body(liquid, &node->body, out) &&
             liquid_put(out, text_of("</td>"));
    }
    liquid->flow = FLOW_ON;
    liquid->scope = scope.outer;
    return ok && liquid_put(out, text_of("</tr>\n"));
}

static bool render_cycle(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value value = { .kind = LIQUID_NIL }, chosen = { .kind = LIQUID_NIL };
    struct text key;
    size_t n = 0;
    if (node->with) {
        if (!evaluate(liquid, node->with, &value) || !liquid_print(liquid, &value, &key)) return false;
    } else {
        struct liquid_buffer all = { .liquid = liquid };
        for (const struct liquid_argument *a = node->arguments; a; a = a->next)
            if (!liquid_put(&all, a->value->source) || !liquid_put(&all, text_of(","))) return false;
        key = liquid_put_text(&all);
    }
    size_t *at = kept(liquid, node->with ? of_named_cycles : of_cycles, key);
    for (const struct liquid_argument *a = node->arguments; a; a = a->next)
        if (n++ == *at && !evaluate(liquid, a->value, &chosen)) return false;
    *at = *at + 1 >= n ? 0 : *at + 1;
    return print_value(liquid, &chosen, out);
}

static bool render_count(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    size_t i = 0;
    while (i < liquid->n_counters && !text_equal(liquid->counters[i].key, node->text)) i++;
    if (i == liquid->n_counters) {
        if (i == liquid->counters_room) {
            struct liquid_member *had = liquid->counters;
            liquid->counters_room = 2 * i + 8;
            liquid->counters = ARENA_ARRAY(liquid->arena, struct liquid_member, liquid->counters_room);
            if (i > 0) memcpy(liquid->counters, had, i * sizeof *had);
        }
        liquid->counters[liquid->n_counters++] = (struct liquid_member){ node->text, liquid_int(0) };
    }
    struct liquid_value *counter = &liquid->counters[i].value, shown = *counter;
    counter->integer += node->step;
    if (node->step < 0) shown = *counter;
    return print_value(liquid, &shown, out);
}

/* ---- snippets ---- */

static struct text last_word(struct text name)
{
    for (size_t i = name.length; i > 0; i--)
        if (name.at[i - 1] == '/') return (struct text){ name.at + i, name.length - i };
    return name;
}

struct snippet { const struct template *template; struct text name, as; };

static bool find_snippet(struct liquid *liquid, const struct liquid_node *node, struct snippet *ret_snippet)
{
    struct liquid_value value;
    struct text name, source;
    struct template_place place;
    if (!evaluate(liquid, node->pipe.value, &value)) return false;
    if (value.kind != LIQUID_TEXT) return liquid_fail(liquid, "the name of a snippet is no text");
    name = value.text;
    if (!liquid->options->find || !liquid->options->find(liquid->options->context, name, &source))
        return liquid_fail(liquid, "there is no snippet '%.*s'", (int)(name.length < 100 ? name.length : 100), name.at);
    if (liquid->depth >= SNIPPETS_DEEP)
        return err_set(liquid->err, ERR_REFUSED, "snippets stand in each other more than %d deep at '%.*s'",
                       SNIPPETS_DEEP, (int)name.length, name.at);
    if (!liquid_spend(liquid, 1 + source.length / 16, 0)) return false;
    *ret_snippet = (struct snippet){ .name = name, .as = node->as.length ? node->as : last_word(name) };
    return template_parse(source, liquid->arena, &ret_snippet->template, &place, liquid->err) ||
           err_context(liquid->err, "snippet %.*s, line %zu", (int)name.length, name.at, place.line);
}

static bool give_arguments(struct liquid *liquid, const struct liquid_node *node, struct liquid_scope *scope)
{
    for (const struct liquid_argument *a = node->arguments; a; a = a->next) {
        struct liquid_value value;
        if (!evaluate(liquid, a->value, &value)) return false;
        assign(liquid, scope, a->name, value);
    }
    return true;
}

static bool render_snippet(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    bool is_apart = node->kind == NODE_RENDER, ok = true;
    struct snippet snippet;
    struct liquid_value with = { .kind = LIQUID_NIL }, items;
    struct liquid_scope inner = { .outer = is_apart ? NULL : liquid->scope }, *scope = liquid->scope,
                        *outermost = liquid->outermost;
    struct liquid_member *counters = liquid->counters;
    size_t n_counters = liquid->n_counters, room = liquid->counters_room, line = liquid->place->line;
    if (!find_snippet(liquid, node, &snippet) || !give_arguments(liquid, node, &inner)) return false;
    if (node->with && !evaluate(liquid, node->with, &with)) return false;
    bool is_each = with.kind == LIQUID_LIST || (with.kind == LIQUID_RANGE && node->is_each);
    is_each = is_each && (node->is_each || !is_apart);
    if (!is_each) items = (struct liquid_value){ .kind = LIQUID_LIST, .list = { &with, 1 } };
    else if (!liquid_items(liquid, &with, &items)) return false;
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop = (struct liquid_loop){ .name = snippet.as, .n = items.list.n, .is_snippets = true };
    liquid->depth++;
    if (is_apart) liquid->counters = NULL, liquid->n_counters = liquid->counters_room = 0, liquid->outermost = &inner;
    liquid->scope = &inner;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        if (is_apart && is_each)
            assign(liquid, &inner, text_of("forloop"), (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
        if (node->with) assign(liquid, &inner, snippet.as, items.list.items[loop->index]);
        ok = render_body(liquid, &snippet.template->body, out) ||
             err_context(liquid->err, "snippet %.*s, line %zu", (int)snippet.name.length, snippet.name.at,
                         liquid->place->line);
        if (is_apart) liquid->flow = FLOW_ON;
    }
    if (is_apart) liquid->counters = counters, liquid->n_counters = n_counters, liquid->counters_room = room;
    liquid->outermost = outermost;
    liquid->scope = scope;
    liquid->depth--;
    liquid->place->line = line;
    return ok;
}

/* ---- nodes ---- */

static bool render_apart(struct liquid *liquid, const struct liquid_body *body, struct text *ret_text)
{
    struct liquid_buffer inside = { .liquid = liquid };
    if (!render_body(liquid, body, &inside)) return false;
    *ret_text = liquid_put_text(&inside);
    return true;
}

static bool render_node(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value value;
    struct text text;
    switch (node->kind) {
    case NODE_TEXT: return liquid_put(out, node->text);
    case NODE_PRINT: return run_pipe(liquid, &node->pipe, true, &value) && print_value(liquid, &value, out);
    case NODE_ASSIGN:
        if (!run_pipe(liquid, &node->pipe, false, &value)) return false;
        assign(liquid, liquid->outermost, node->text, value);
        return true;
    case NODE_CAPTURE:
        if (!render_apart(liquid, &node->body, &text)) return false;
        value = liquid_text(text);
        value.is_safe = true;           /* escaped already */
        assign(liquid, liquid->outermost, node->text, value);
        return true;
    case NODE_IF_CHANGED:
        if (!render_apart(liquid, &node->body, &text)) return false;
        if (text_equal(text, liquid->last_changed)) return true;
        liquid->last_changed = text;
        return liquid_put(out, text);
    case NODE_IF: return render_if(liquid, node, out);
    case NODE_CASE: return render_case(liquid, node, out);
    case NODE_FOR: return render_for(liquid, node, out);
    case NODE_TABLEROW: return render_tablerow(liquid, node, out);
    case NODE_CYCLE: return render_cycle(liquid, node, out);
    case NODE_COUNT: return render_count(liquid, node, out);
    case NODE_INCLUDE:
    case NODE_RENDER: return render_snippet(liquid, node, out);
    case NODE_BREAK: liquid->flow = FLOW_BREAK; return true;
    case NODE_CONTINUE: liquid->flow = FLOW_CONTINUE; return true;
    }
    return true;
}

static bool render_body(struct liquid *liquid, const struct liquid_body *body, struct liquid_buffer *out)
{
    for (const struct liquid_node *node = body->first; node && liquid->flow == FLOW_ON; node = node->next) {
        liquid->place->line = node->line;
        if (!liquid_spend(liquid, 1, 0) || !render_node(liquid, node, out)) return false;
    }
    return true;
}

bool template_render(const struct template *template, const struct template_options *options, struct arena *arena,
                     struct template_result *ret_result, struct template_place *ret_place, struct err *err)
{
    struct liquid_scope outermost = { 0 };
    struct liquid liquid = {
        .arena = arena, .options = options, .data = liquid_of_json(options->data, arena),
        .scope = &outermost, .outermost = &outermost, .place = ret_place, .err = err,
        .steps_left = options->most_steps ? options->most_steps : usual_steps,
        .bytes_left = options->most_bytes ? options->most_bytes : usual_bytes,
    };
    struct liquid_buffer out = { .liquid = &liquid };
    *ret_place = (struct template_place){ 0 };
    if (liquid.data.kind != LIQUID_MAP) return err_set(err, ERR_INVALID, "the data of a template is a JSON object");
    if (!render_body(&liquid, &template->body, &out)) return false;
    struct text *missing = ARENA_ARRAY(arena, struct text, liquid.n_missing + 1);
    size_t n = liquid.n_missing;
    for (const struct liquid_missing *one = liquid.missing; one; one = one->next) missing[--n] = one->name;
    *ret_result = (struct template_result){ liquid_put_text(&out), missing, liquid.n_missing };
    return true;
}
