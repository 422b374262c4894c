/* liquid_render.c - a parsed template and data become text; see template.h. */
#include "template/liquid.h"
#include "template/template.h"

#include <string.h>

enum { SNIPPETS_DEEP = 20, MISSING_MOST = 100 };

static const size_t usual_steps = 200000, usual_bytes = 1 << 20;

/* What a cycle or a loop's offset: continue goes on from. */
struct liquid_kept { struct liquid_kept *next; const char *of; struct text key; size_t at; };

/* A name that was printed and has no value. */
struct liquid_missing { struct liquid_missing *next; struct text name; };

static bool render_body(struct liquid *liquid, const struct liquid_body *body, struct liquid_buffer *out);

/* ---- pipes ---- */

static bool run_filter(struct liquid *liquid, const struct liquid_applied *applied, struct liquid_value *value)
{
    struct liquid_call call = { .liquid = liquid, .name = applied->filter->name, .in = *value };
    for (const struct liquid_argument *a = applied->arguments; a; a = a->next) {
        struct liquid_value argument;
        if (!liquid_evaluate(liquid, a->value, &argument)) return false;
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
                       "there is no value for %.*s; | default: says what to write instead", (int)name.length,
                       name.at);
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
    if (!liquid_evaluate(liquid, pipe->value, ret_value)) return false;
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

/* ---- tags ---- */

static bool render_if(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    for (const struct liquid_branch *branch = node->branches; branch; branch = branch->next) {
        bool is = true;
        if (branch->kind != BRANCH_ELSE && !liquid_is_true(liquid, branch->condition, &is)) return false;
        if (branch->kind == BRANCH_UNLESS ? !is : is) return render_body(liquid, &branch->body, out);
    }
    return true;
}

static bool render_case(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value subject, value;
    bool was = false;
    if (!liquid_evaluate(liquid, node->pipe.value, &subject)) return false;
    for (const struct liquid_branch *branch = node->branches; branch; branch = branch->next) {
        if (branch->kind == BRANCH_ELSE && !was && !render_body(liquid, &branch->body, out)) return false;
        for (const struct liquid_argument *a = branch->values; a; a = a->next) {
            if (!liquid_evaluate(liquid, a->value, &value)) return false;
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
        if (!liquid_evaluate(liquid, a->value, &value)) return false;
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
    if (!liquid_evaluate(liquid, node->pipe.value, &value)) return false;
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

static const struct liquid_loop *loop_around(struct liquid *liquid)
{
    const struct liquid_value *found = liquid_find(liquid, text_of("forloop"));
    return found && found->kind == LIQUID_LOOP && !found->loop->is_snippets ? found->loop : NULL;
}

static bool render_for(struct liquid *liquid, const struct liquid_node *node, struct liquid_buffer *out)
{
    struct liquid_value items;
    if (!loop_items(liquid, node, &items)) return false;
    if (items.list.n == 0) return !node->branches || render_body(liquid, &node->branches->body, out);
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop =
        (struct liquid_loop){ .name = loop_name(liquid, node), .n = items.list.n, .parent = loop_around(liquid) };
    struct liquid_scope scope = { .outer = liquid->scope };
    bool ok = true;
    liquid_assign(liquid, &scope, text_of("forloop"), (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
    liquid->scope = &scope;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        liquid->flow = FLOW_ON;
        liquid_assign(liquid, &scope, node->text, items.list.items[loop->index]);
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
    if (!loop_items(liquid, node, &items) || !loop_number(liquid, node, "cols", items.list.n, &n_columns))
        return false;
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop = (struct liquid_loop){ .name = node->text, .n = items.list.n, .n_columns = n_columns ? n_columns : 1 };
    struct liquid_scope scope = { .outer = liquid->scope };
    bool ok = put_numbered(out, "<tr class=\"row", 1, "\">\n");
    liquid_assign(liquid, &scope, text_of("tablerowloop"),
                  (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
    liquid->scope = &scope;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        size_t column = loop->index % loop->n_columns;
        liquid->flow = FLOW_ON;
        liquid_assign(liquid, &scope, node->text, items.list.items[loop->index]);
        if (loop->index > 0 && column == 0)
            ok = put_numbered(out, "</tr>\n<tr class=\"row", loop->index / loop->n_columns + 1, "\">");
        ok = ok && put_numbered(out, "<td class=\"col", column + 1, "\">") &&
             render_body(liquid, &node->body, out) && liquid_put(out, text_of("</td>"));
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
        if (!liquid_evaluate(liquid, node->with, &value) || !liquid_print(liquid, &value, &key)) return false;
    } else {
        struct liquid_buffer all = { .liquid = liquid };
        for (const struct liquid_argument *a = node->arguments; a; a = a->next)
            if (!liquid_put(&all, a->value->source) || !liquid_put(&all, text_of(","))) return false;
        key = liquid_put_text(&all);
    }
    size_t *at = kept(liquid, node->with ? of_named_cycles : of_cycles, key);
    for (const struct liquid_argument *a = node->arguments; a; a = a->next)
        if (n++ == *at && !liquid_evaluate(liquid, a->value, &chosen)) return false;
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
    if (!liquid_evaluate(liquid, node->pipe.value, &value)) return false;
    if (value.kind != LIQUID_TEXT) return liquid_fail(liquid, "the name of a snippet is no text");
    name = value.text;
    if (!liquid->options->find || !liquid->options->find(liquid->options->context, name, &source))
        return liquid_fail(liquid, "there is no snippet '%.*s'", (int)(name.length < 100 ? name.length : 100),
                           name.at);
    if (liquid->depth >= SNIPPETS_DEEP)
        return err_set(liquid->err, ERR_REFUSED, "snippets stand in each other more than %d deep at '%.*s'",
                       SNIPPETS_DEEP, (int)name.length, name.at);
    if (!liquid_spend(liquid, 1 + source.length / 16, 0)) return false;
    *ret_snippet = (struct snippet){ .name = name, .as = node->as.length ? node->as : last_word(name) };
    return template_parse(source, liquid->arena, &ret_snippet->template, &place, liquid->err) ||
           err_context(liquid->err, "snippet %.*s, line %zu", (int)name.length, name.at, place.line);
}

/* Where in a snippet it is, once: one that renders itself would say it at every depth. */
static bool fail_in(struct liquid *liquid, struct text name, size_t line)
{
    const char *where = arena_format(liquid->arena, "snippet %.*s, line %zu: ", (int)name.length, name.at, line);
    return strncmp(liquid->err->text, where, strlen(where)) != 0 &&
           err_context(liquid->err, "%.*s", (int)strlen(where) - 2, where);
}

static bool give_arguments(struct liquid *liquid, const struct liquid_node *node, struct liquid_scope *scope)
{
    for (const struct liquid_argument *a = node->arguments; a; a = a->next) {
        struct liquid_value value;
        if (!liquid_evaluate(liquid, a->value, &value)) return false;
        liquid_assign(liquid, scope, a->name, value);
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
    if (node->with && !liquid_evaluate(liquid, node->with, &with)) return false;
    bool is_each = with.kind == LIQUID_LIST || (with.kind == LIQUID_RANGE && node->is_each);
    is_each = is_each && (node->is_each || !is_apart);
    if (!is_each) items = (struct liquid_value){ .kind = LIQUID_LIST, .list = { &with, 1 } };
    else if (!liquid_items(liquid, &with, &items)) return false;
    struct liquid_loop *loop = ARENA_NEW(liquid->arena, struct liquid_loop);
    *loop = (struct liquid_loop){ .name = snippet.as, .n = items.list.n, .is_snippets = true };
    liquid->depth++;
    if (is_apart)
        liquid->counters = NULL, liquid->n_counters = liquid->counters_room = 0, liquid->outermost = &inner;
    liquid->scope = &inner;
    for (; ok && loop->index < loop->n && liquid->flow != FLOW_BREAK; loop->index++) {
        if (is_apart && is_each)
            liquid_assign(liquid, &inner, text_of("forloop"),
                          (struct liquid_value){ .kind = LIQUID_LOOP, .loop = loop });
        if (node->with) liquid_assign(liquid, &inner, snippet.as, items.list.items[loop->index]);
        ok = render_body(liquid, &snippet.template->body, out) || fail_in(liquid, snippet.name, liquid->place->line);
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
        liquid_assign(liquid, liquid->outermost, node->text, value);
        return true;
    case NODE_CAPTURE:
        if (!render_apart(liquid, &node->body, &text)) return false;
        value = liquid_text(text);
        value.is_safe = true;           /* escaped already */
        liquid_assign(liquid, liquid->outermost, node->text, value);
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
        .arena = arena, .options = options,
        .scope = &outermost, .outermost = &outermost, .place = ret_place, .err = err,
        .steps_left = options->most_steps ? options->most_steps : usual_steps,
        .bytes_left = options->most_bytes ? options->most_bytes : usual_bytes,
    };
    struct liquid_buffer out = { .liquid = &liquid };
    *ret_place = (struct template_place){ 0 };
    if (!json_is_object(options->data))
        return err_set(err, ERR_INVALID, "the data of a template is a JSON object");
    if (!render_body(&liquid, &template->body, &out)) return false;
    struct text *missing = ARENA_ARRAY(arena, struct text, liquid.n_missing + 1);
    size_t n = liquid.n_missing;
    for (const struct liquid_missing *one = liquid.missing; one; one = one->next) missing[--n] = one->name;
    *ret_result = (struct template_result){ liquid_put_text(&out), missing, liquid.n_missing };
    return true;
}
