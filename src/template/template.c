/* template.c - reads a template into nodes; see template.h. */
#include "template/template.h"

#include "template/liquid.h"
#include "template/liquid_source.h"

#include <string.h>

enum { BLOCKS_MOST = 100 };

struct parser {
    struct liquid_source  source;
    struct arena         *arena;
    struct template_place *place;
    struct err           *err;
    unsigned              depth;
    struct liquid_token   token;        /* the last one read; after a body, the tag that ended it */
};

static bool parse_body(struct parser *parser, const char *const *ends, struct liquid_body *body);

static bool fail_at(struct parser *parser, size_t line)
{
    if (parser->place->line == 0) parser->place->line = line;       /* the innermost says it */
    return false;
}

static bool next(struct parser *parser)
{
    return source_next(&parser->source, &parser->token, parser->err) || fail_at(parser, parser->token.line);
}

static struct liquid_markup markup_of(const struct parser *parser)
{
    struct text text = parser->token.text;
    return (struct liquid_markup){ .at = text.at, .end = text.at + text.length, .arena = parser->arena };
}

static struct liquid_node *add(struct parser *parser, struct liquid_body *body, enum liquid_node_kind kind)
{
    struct liquid_node *node = ARENA_NEW(parser->arena, struct liquid_node);
    node->kind = kind;
    node->line = parser->token.line;
    if (body->last) body->last->next = node;
    else body->first = node;
    body->last = node;
    return node;
}

/* ---- bodies ---- */

static bool is_space(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] != ' ' && !(text.at[i] >= '\t' && text.at[i] <= '\r')) return false;
    return true;
}

/* White space around what prints nothing prints nothing either. */
static void strip_body(struct liquid_body *body)
{
    struct liquid_node **at = &body->first;
    body->last = NULL;
    while (*at) {
        if ((*at)->kind == NODE_TEXT) { *at = (*at)->next; continue; }
        body->last = *at;
        at = &(*at)->next;
    }
}

static bool are_blank(struct liquid_branch *branches)
{
    for (; branches; branches = branches->next)
        if (!branches->body.is_blank) return false;
    return true;
}

static bool is_blank_node(const struct liquid_node *node)
{
    switch (node->kind) {
    case NODE_TEXT: return is_space(node->text);
    case NODE_ASSIGN:
    case NODE_CAPTURE: return true;
    case NODE_IF:
    case NODE_CASE: return are_blank(node->branches);
    case NODE_FOR: return node->body.is_blank && are_blank(node->branches);
    case NODE_IF_CHANGED: return node->body.is_blank;
    case NODE_PRINT:
    case NODE_TABLEROW:
    case NODE_CYCLE:
    case NODE_COUNT:
    case NODE_BREAK:
    case NODE_CONTINUE:
    case NODE_INCLUDE:
    case NODE_RENDER: return false;
    }
    return false;
}

static void strip_if_blank(struct liquid_node *node)
{
    if (!is_blank_node(node)) return;
    strip_body(&node->body);
    for (struct liquid_branch *branch = node->branches; branch; branch = branch->next) strip_body(&branch->body);
}

/* ---- tags ---- */

static bool parse_if(struct parser *parser, struct liquid_body *body)
{
    static const char *const ends_if[] = { "elsif", "else", "endif", NULL },
                      *const ends_unless[] = { "elsif", "else", "endunless", NULL };
    bool is_unless = text_equal(parser->token.name, text_of("unless")), is_over = false;
    struct liquid_node *node = add(parser, body, NODE_IF);
    struct liquid_branch **end = &node->branches;
    for (bool is_first = true; !is_over; is_first = false) {
        struct liquid_branch *branch = *end = ARENA_NEW(parser->arena, struct liquid_branch);
        struct liquid_markup markup = markup_of(parser);
        size_t line = parser->token.line;
        end = &branch->next;
        branch->kind = text_equal(parser->token.name, text_of("else")) ? BRANCH_ELSE
                       : is_first && is_unless                        ? BRANCH_UNLESS : BRANCH_WHEN;
        if (branch->kind != BRANCH_ELSE && !markup_condition(&markup, &branch->condition, parser->err))
            return fail_at(parser, line);
        if (!parse_body(parser, is_unless ? ends_unless : ends_if, &branch->body)) return false;
        is_over = parser->token.name.length > 4 && memcmp(parser->token.name.at, "end", 3) == 0;
    }
    strip_if_blank(node);
    return true;
}

/* "a, b or c" */
static bool parse_values(struct liquid_markup *markup, struct liquid_argument **end, struct err *err)
{
    do {
        struct liquid_argument *value = *end = ARENA_NEW(markup->arena, struct liquid_argument);
        end = &value->next;
        if (!markup_expression(markup, &value->value, err)) return false;
    } while (markup_take(markup, ",") || markup_take(markup, "or"));
    return markup_end(markup, err);
}

static bool parse_case(struct parser *parser, struct liquid_body *body)
{
    static const char *const ends[] = { "when", "else", "endcase", NULL };
    struct liquid_node *node = add(parser, body, NODE_CASE);
    struct liquid_markup markup = markup_of(parser);
    struct liquid_branch **end = &node->branches;
    struct liquid_body before = { 0 };      /* what stands before the first when is nowhere */
    if (!markup_expression(&markup, &node->pipe.value, parser->err) || !markup_end(&markup, parser->err))
        return fail_at(parser, node->line);
    if (!parse_body(parser, ends, &before)) return false;
    while (!text_equal(parser->token.name, text_of("endcase"))) {
        struct liquid_branch *branch = *end = ARENA_NEW(parser->arena, struct liquid_branch);
        end = &branch->next;
        branch->kind = text_equal(parser->token.name, text_of("else")) ? BRANCH_ELSE : BRANCH_WHEN;
        markup = markup_of(parser);
        if (branch->kind == BRANCH_WHEN && !parse_values(&markup, &branch->values, parser->err))
            return fail_at(parser, parser->token.line);
        if (!parse_body(parser, ends, &branch->body)) return false;
    }
    strip_if_blank(node);
    return true;
}

static bool parse_loop_head(struct liquid_markup *markup, struct liquid_node *node, struct err *err)
{
    if (!markup_name(markup, &node->text))
        return err_set(err, ERR_INVALID, "a loop begins like {%% for x in list %%}");
    if (!markup_take(markup, "in"))
        return err_set(err, ERR_INVALID, "'in' is missing behind %.*s", (int)node->text.length, node->text.at);
    if (!markup_expression(markup, &node->pipe.value, err)) return false;
    struct liquid_argument **end = &node->arguments;
    for (;;) {
        (void)markup_take(markup, ",");
        if (markup_is_at_end(markup)) return true;
        if (markup_take(markup, "reversed")) { node->is_reversed = true; continue; }
        struct liquid_argument *argument = ARENA_NEW(markup->arena, struct liquid_argument);
        const char *began = markup->at;
        if (!markup_name(markup, &argument->name) || !markup_take(markup, ":")) {
            markup->at = began;
            return markup_end(markup, err);
        }
        if (text_equal(argument->name, text_of("offset")) && markup_take(markup, "continue")) {
            node->is_continued = true;
            continue;
        }
        if (!markup_expression(markup, &argument->value, err)) return false;
        *end = argument;
        end = &argument->next;
    }
}

static bool parse_for(struct parser *parser, struct liquid_body *body)
{
    static const char *const ends_for[] = { "else", "endfor", NULL }, *const ends_table[] = { "endtablerow",
                                                                                              NULL };
    bool is_table = text_equal(parser->token.name, text_of("tablerow"));
    struct liquid_node *node = add(parser, body, is_table ? NODE_TABLEROW : NODE_FOR);
    struct liquid_markup markup = markup_of(parser);
    if (!parse_loop_head(&markup, node, parser->err)) return fail_at(parser, node->line);
    if (!parse_body(parser, is_table ? ends_table : ends_for, &node->body)) return false;
    while (text_equal(parser->token.name, text_of("else"))) {
        struct liquid_branch *branch = ARENA_NEW(parser->arena, struct liquid_branch);
        if (!parse_body(parser, ends_for, &branch->body)) return false;
        if (!node->branches) node->branches = branch;
    }
    strip_if_blank(node);
    return true;
}

static bool parse_block(struct parser *parser, struct liquid_body *body, enum liquid_node_kind kind,
                        const char *end)
{
    const char *const ends[] = { end, NULL };
    struct liquid_node *node = add(parser, body, kind);
    struct liquid_markup markup = markup_of(parser);
    struct text text = parser->token.text;
    if (kind == NODE_CAPTURE) {
        if (!markup_name(&markup, &node->text)) node->text = text, markup.at = markup.end;      /* "123" will do */
        if (text.length == 0) err_set(parser->err, ERR_INVALID, "capture needs a name");
        if (text.length == 0 || !markup_end(&markup, parser->err)) return fail_at(parser, node->line);
    }
    return parse_body(parser, ends, &node->body);
}

static bool parse_assign(struct parser *parser, struct liquid_body *body)
{
    struct liquid_node *node = add(parser, body, NODE_ASSIGN);
    struct liquid_markup markup = markup_of(parser);
    const char *sign = memchr(markup.at, '=', (size_t)(markup.end - markup.at));
    if (!sign) {
        err_set(parser->err, ERR_INVALID, "assign is written like {%% assign name = value %%}");
        return fail_at(parser, node->line);
    }
    node->text = (struct text){ markup.at, (size_t)(sign - markup.at) };
    while (node->text.length > 0 && is_space((struct text){ &node->text.at[node->text.length - 1], 1 }))
        node->text.length--;
    for (size_t i = 0; i < node->text.length; i++) {
        char c = node->text.at[i];
        bool fits =
            c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c == '-' && i > 0);
        if (!fits) err_set(parser->err, ERR_INVALID, "'%.*s' is no name", (int)node->text.length, node->text.at);
        if (!fits) return fail_at(parser, node->line);
    }
    markup.at = sign + 1;
    return (markup_pipe(&markup, &node->pipe, parser->err) && markup_end(&markup, parser->err)) ||
           fail_at(parser, node->line);
}

static bool parse_print(struct parser *parser, struct liquid_body *body)
{
    struct liquid_node *node = add(parser, body, NODE_PRINT);
    struct liquid_markup markup = markup_of(parser);
    if (markup_is_at_end(&markup)) {
        static const struct liquid_expression nothing;
        node->pipe.value = &nothing;
        return true;
    }
    return (markup_pipe(&markup, &node->pipe, parser->err) && markup_end(&markup, parser->err)) ||
           fail_at(parser, node->line);
}

static bool parse_count(struct parser *parser, struct liquid_body *body)
{
    struct liquid_node *node = add(parser, body, NODE_COUNT);
    struct liquid_markup markup = markup_of(parser);
    node->step = text_equal(parser->token.name, text_of("increment")) ? 1 : -1;
    if (!markup_name(&markup, &node->text)) {
        err_set(parser->err, ERR_INVALID, "a counter needs a name");
        return fail_at(parser, node->line);
    }
    return markup_end(&markup, parser->err) || fail_at(parser, node->line);
}

/* {% cycle 'a', 'b' %} or {% cycle name: 'a', 'b' %} */
static bool parse_cycle(struct parser *parser, struct liquid_body *body)
{
    struct liquid_node *node = add(parser, body, NODE_CYCLE);
    struct liquid_markup markup = markup_of(parser);
    const struct liquid_expression *first;
    if (!markup_expression(&markup, &first, parser->err)) return fail_at(parser, node->line);
    if (markup_take(&markup, ":")) node->with = first;
    else markup = markup_of(parser);
    return parse_values(&markup, &node->arguments, parser->err) || fail_at(parser, node->line);
}

static bool parse_snippet(struct parser *parser, struct liquid_body *body)
{
    bool is_render = text_equal(parser->token.name, text_of("render"));
    struct liquid_node *node = add(parser, body, is_render ? NODE_RENDER : NODE_INCLUDE);
    struct liquid_markup markup = markup_of(parser);
    struct err *err = parser->err;
    bool ok = markup_expression(&markup, &node->pipe.value, err);
    if (ok && is_render && node->pipe.value->kind != EXPRESSION_LITERAL)
        ok = err_set(err, ERR_INVALID, "render takes the name of a snippet in quotes");
    if (ok) {
        node->is_each = markup_take(&markup, "for");
        if (node->is_each || markup_take(&markup, "with")) ok = markup_expression(&markup, &node->with, err);
        if (ok && markup_take(&markup, "as") && !markup_name(&markup, &node->as))
            ok = err_set(err, ERR_INVALID, "a name is missing behind as");
    }
    return (ok && markup_named(&markup, &node->arguments, err)) || fail_at(parser, node->line);
}

/* ---- what is not rendered ---- */

/* A comment may hold comments and raw; whatever else is in it is not looked at. */
static bool skip_comment(struct parser *parser)
{
    size_t line = parser->token.line;
    for (unsigned depth = 1; depth > 0;) {
        if (!next(parser)) return false;
        if (parser->token.kind == TOKEN_END) {
            err_set(parser->err, ERR_INVALID, "a comment has no endcomment");
            return fail_at(parser, line);
        }
        if (parser->token.kind != TOKEN_TAG) continue;
        if (text_equal(parser->token.name, text_of("comment"))) depth++;
        if (text_equal(parser->token.name, text_of("endcomment"))) depth--;
        bool is_raw = text_equal(parser->token.name, text_of("raw")) && !parser->source.is_lines;
        if (is_raw && !source_skip(&parser->source, "endraw", NULL)) continue; /* then it is a word like others */
    }
    return true;
}

static bool skip_doc(struct parser *parser)
{
    struct text inside;
    size_t line = parser->token.line;
    if (parser->token.text.length > 0) err_set(parser->err, ERR_INVALID, "doc takes nothing");
    else if (!source_skip(&parser->source, "enddoc", &inside))
        err_set(parser->err, ERR_INVALID, "a doc has no enddoc");
    else return true;
    return fail_at(parser, line);
}

static bool parse_raw(struct parser *parser, struct liquid_body *body)
{
    struct liquid_node *node = add(parser, body, NODE_TEXT);
    if (source_skip(&parser->source, "endraw", &node->text)) return true;
    err_set(parser->err, ERR_INVALID, "a raw has no endraw");
    return fail_at(parser, node->line);
}

/* Each line of a remark begins with a #. */
static bool check_remark(struct parser *parser)
{
    struct text text = parser->token.text;
    for (const char *at = text.at, *end = text.at + text.length; (at = memchr(at, '\n', (size_t)(end - at)));) {
        while (at < end && is_space((struct text){ at, 1 })) at++;
        if (at == end || *at == '#') continue;
        err_set(parser->err, ERR_INVALID, "each line of a remark begins with #");
        return fail_at(parser, parser->token.line);
    }
    return true;
}

/* The lines of a liquid tag are tags; blocks begun in it end in it. */
static bool parse_lines(struct parser *parser, struct liquid_body *body)
{
    static const char *const no_ends[] = { NULL };
    struct parser lines = *parser;
    lines.source = (struct liquid_source){ .at = parser->token.text.at,
                                           .end = parser->token.text.at + parser->token.text.length,
                                           .counted = parser->token.text.at,
                                           .line = parser->token.line,
                                           .is_lines = true };
    return parse_body(&lines, no_ends, body);
}

static bool parse_tag(struct parser *parser, struct liquid_body *body)
{
    static const struct { const char *name; bool (*parse)(struct parser *, struct liquid_body *); } tags[] = {
        { "if", parse_if },           { "unless", parse_if },       { "case", parse_case },
        { "for", parse_for },         { "tablerow", parse_for },    { "assign", parse_assign },
        { "echo", parse_print },      { "increment", parse_count }, { "decrement", parse_count },
        { "cycle", parse_cycle },     { "include", parse_snippet }, { "render", parse_snippet },
        { "raw", parse_raw },         { "liquid", parse_lines },
    };
    struct text name = parser->token.name;
    size_t line = parser->token.line;
    if (text_equal(name, text_of("#"))) return check_remark(parser);
    if (text_equal(name, text_of("comment"))) return skip_comment(parser);
    if (text_equal(name, text_of("doc"))) return skip_doc(parser);
    if (text_equal(name, text_of("capture"))) return parse_block(parser, body, NODE_CAPTURE, "endcapture");
    if (text_equal(name, text_of("ifchanged"))) return parse_block(parser, body, NODE_IF_CHANGED, "endifchanged");
    if (text_equal(name, text_of("break"))) return add(parser, body, NODE_BREAK) != NULL;
    if (text_equal(name, text_of("continue"))) return add(parser, body, NODE_CONTINUE) != NULL;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (text_equal(name, text_of(tags[i].name))) return tags[i].parse(parser, body);
    err_set(parser->err, ERR_INVALID, "'%.*s' is no tag that is known here",
            (int)(name.length < 40 ? name.length : 40), name.at);
    return fail_at(parser, line);
}

static bool is_one_of(struct text name, const char *const *ends)
{
    for (; *ends; ends++)
        if (text_equal(name, text_of(*ends))) return true;
    return false;
}

/* Reads nodes until a tag of ends, which then is parser->token; without ends to the end of the source. */
static bool parse_body(struct parser *parser, const char *const *ends, struct liquid_body *body)
{
    size_t line = parser->token.line;
    struct text opened = parser->token.name;
    if (++parser->depth > BLOCKS_MOST) {
        err_set(parser->err, ERR_INVALID, "more than %d blocks stand in each other", BLOCKS_MOST);
        return fail_at(parser, line);
    }
    for (;;) {
        if (!next(parser)) return false;
        bool ok = true;
        if (parser->token.kind == TOKEN_END) break;
        if (parser->token.kind == TOKEN_TAG && is_one_of(parser->token.name, ends)) break;
        if (parser->token.kind == TOKEN_PLAIN) add(parser, body, NODE_TEXT)->text = parser->token.text;
        else if (parser->token.kind == TOKEN_VALUE) ok = parse_print(parser, body);
        else ok = parse_tag(parser, body);
        if (!ok) return false;
    }
    parser->depth--;
    if (parser->token.kind == TOKEN_END && *ends) {
        err_set(parser->err, ERR_INVALID, "a block that begins with '%.*s' has no end", (int)opened.length,
                opened.at);
        return fail_at(parser, line);
    }
    body->is_blank = true;
    for (struct liquid_node *node = body->first; node; node = node->next) body->is_blank &= is_blank_node(node);
    return true;
}

bool template_parse(struct text source, struct arena *arena, const struct template **ret_template,
                    struct template_place *ret_place, struct err *err)
{
    static const char *const no_ends[] = { NULL };
    struct template *template = ARENA_NEW(arena, struct template);
    struct parser parser = { .source = { .at = source.at, .end = source.at + source.length, .counted = source.at,
                                         .line = 1 },
                             .arena = arena, .place = ret_place, .err = err };
    *ret_place = (struct template_place){ 0 };
    if (!parse_body(&parser, no_ends, &template->body)) return false;
    *ret_template = template;
    return true;
}
