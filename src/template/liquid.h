/* liquid.h - what the files of template/ share: values, what a template is parsed into, and a rendering. */
#ifndef TEMPLATE_LIQUID_H
#define TEMPLATE_LIQUID_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <jansson.h>

struct template_options;        /* template.h */
struct template_place;

/* ---- values ---- */

enum liquid_kind {
    LIQUID_NIL, LIQUID_BOOL, LIQUID_INT, LIQUID_REAL, LIQUID_TEXT, LIQUID_LIST, LIQUID_MAP, LIQUID_RANGE,
    LIQUID_LOOP,            /* forloop or tablerowloop */
    LIQUID_BLANK, LIQUID_EMPTY      /* the words, which equal whatever is so */
};

struct liquid_value {
    enum liquid_kind kind;
    bool             is_safe;       /* a text that may stand in HTML as it is */
    union {
        bool        yes;
        int64_t     integer;
        double      real;
        struct text text;
        struct { const struct liquid_value *items; size_t n; } list;
        const struct liquid_map  *map;
        struct { int64_t first, last; } range;
        const struct liquid_loop *loop;
    };
};

struct liquid_member { struct text key; struct liquid_value value; };
struct liquid_map { const struct liquid_member *members; size_t n; };

struct liquid_loop {
    struct text  name;
    size_t       index, n;          /* index from 0 */
    size_t       n_columns;         /* of a tablerow; 0 a for */
    const struct liquid_loop *parent;
    bool         is_snippets;       /* of render, which is no parent of loops in the snippet */
};

static inline struct liquid_value liquid_text(struct text text)
{
    return (struct liquid_value){ .kind = LIQUID_TEXT, .text = text };
}
static inline struct liquid_value liquid_int(int64_t integer)
{
    return (struct liquid_value){ .kind = LIQUID_INT, .integer = integer };
}
static inline struct liquid_value liquid_bool(bool yes)
{
    return (struct liquid_value){ .kind = LIQUID_BOOL, .yes = yes };
}
static inline bool liquid_is_truthy(const struct liquid_value *value)
{
    return value->kind != LIQUID_NIL && !(value->kind == LIQUID_BOOL && !value->yes);
}

struct liquid_value liquid_of_json(const json_t *json, struct arena *arena);
bool liquid_equal(const struct liquid_value *a, const struct liquid_value *b);
bool liquid_is_empty(const struct liquid_value *value);        /* a text, list or map with nothing in it */
const struct liquid_value *liquid_member(const struct liquid_map *map, struct text key);       /* NULL: none */

/* Which of two texts comes first, byte by byte: -1, 0, 1. */
static inline int liquid_text_order(struct text a, struct text b)
{
    size_t n = a.length < b.length ? a.length : b.length;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    if (order == 0) return (a.length > b.length) - (a.length < b.length);
    return order > 0 ? 1 : -1;
}

/* ---- a rendering: memory, limits and the first mistake ---- */

struct liquid_scope {
    struct liquid_scope *outer;
    struct liquid_assigned { struct liquid_assigned *next; struct text name; struct liquid_value value; } *values;
};

struct liquid {
    struct arena                  *arena;
    const struct template_options *options;
    struct liquid_assigned        *data;        /* what was asked for of options->data so far */
    struct liquid_scope           *scope;       /* the innermost */
    struct liquid_scope           *outermost;   /* where assign puts */
    struct liquid_member          *counters;    /* [n_counters] of increment and decrement */
    size_t                         n_counters, counters_room;
    struct liquid_kept            *kept;        /* what tags remember from one time to the next */
    struct text                    last_changed;        /* of ifchanged */
    enum { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE } flow;
    size_t                         depth;       /* of snippets */
    size_t                         steps_left, bytes_left;
    struct liquid_missing         *missing;
    size_t                         n_missing;
    struct template_place         *place;       /* of the node that is rendered */
    struct err                    *err;
};

/* Takes n steps, or bytes of text made on the way.  False: a limit is reached, and said. */
bool liquid_spend(struct liquid *liquid, size_t n_steps, size_t n_bytes) MUST_CHECK;

/* A text that grows in the arena, within the limits. */
struct liquid_buffer { struct liquid *liquid; char *bytes; size_t length, room; };
bool liquid_put(struct liquid_buffer *buffer, struct text text) MUST_CHECK;
static inline struct text liquid_put_text(const struct liquid_buffer *buffer)
{
    return (struct text){ buffer->bytes ? buffer->bytes : "", buffer->length };
}

/* The value as a template prints it; false: a limit. */
bool liquid_print(struct liquid *liquid, const struct liquid_value *value, struct text *ret_text) MUST_CHECK;

/* The items of what a loop or filter goes over: a list's, a range's, a map's pairs. */
bool liquid_items(struct liquid *liquid, const struct liquid_value *value,
                  struct liquid_value *ret_list) MUST_CHECK;

/* Markup characters as entities; is_once leaves those that are entities already. */
bool liquid_escape(struct liquid *liquid, struct text text, bool is_once, struct text *ret_text) MUST_CHECK;

/* ---- filters ---- */

enum { LIQUID_ARGUMENTS_MOST = 16 };
struct liquid_call {
    struct liquid            *liquid;
    const char               *name;
    struct liquid_value       in;
    struct liquid_value       arguments[LIQUID_ARGUMENTS_MOST];
    size_t                    n;
    struct liquid_member      named[LIQUID_ARGUMENTS_MOST];
    size_t                    n_named;
};

struct liquid_filter {
    const char *name;
    size_t      least, most;        /* arguments */
    bool      (*run)(const struct liquid_call *call, struct liquid_value *ret_value);
};

extern const struct liquid_filter liquid_filters_text[], liquid_filters_list[], liquid_filters_number[],
    liquid_filters_date[];                                /* each ends with a row without a name */
const struct liquid_filter *liquid_filter(struct text name);        /* NULL: none */

/* Sets a mistake of the call; returns false. */
bool liquid_fail(struct liquid *liquid, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number that people write with at most four decimals, as scaled / scale (a power of ten, the least); false: it
 * is none within slack. */
bool liquid_decimal(double real, double slack, int64_t *ret_scaled, int64_t *ret_scale);

/* Numbers as filters take them: a text's leading number, 0 for what has none. */
struct liquid_value liquid_number(const struct liquid_value *value);
double liquid_real(const struct liquid_value *number);
/* A whole number or a text that is one.  False: neither. */
bool liquid_whole(const struct liquid_value *value, int64_t *ret_integer);

/* ---- what a template is parsed into ---- */

struct liquid_expression {
    enum { EXPRESSION_LITERAL, EXPRESSION_PATH, EXPRESSION_RANGE } kind;
    struct text                     source;
    struct liquid_value             literal;
    const struct liquid_expression *first, *last;       /* of a range; first: of a path that begins with [x] */
    struct text                     name;               /* of a path */
    const struct liquid_step       *steps;
};

struct liquid_step {
    const struct liquid_step       *next;
    const struct liquid_expression *index;      /* NULL: a property after a dot */
    struct text                     property;
};

struct liquid_argument {
    struct liquid_argument         *next;
    struct text                     name;       /* "" for a place */
    const struct liquid_expression *value;
};

struct liquid_applied {
    const struct liquid_applied  *next;
    const struct liquid_filter   *filter;
    struct liquid_argument       *arguments;
};

/* {{ value | filter | ... }} */
struct liquid_pipe { const struct liquid_expression *value; const struct liquid_applied *filters; };

enum liquid_comparison { COMPARE_TRUTH, COMPARE_EQUAL, COMPARE_NOT, COMPARE_LESS, COMPARE_MORE, COMPARE_AT_MOST,
                         COMPARE_AT_LEAST, COMPARE_CONTAINS };
struct liquid_condition {
    const struct liquid_expression *left, *right;
    enum liquid_comparison          comparison;
    bool                            is_and;     /* how the rest is joined */
    const struct liquid_condition  *rest;       /* and and or bind alike, from the right */
};

enum liquid_node_kind {
    NODE_TEXT,
    NODE_PRINT,
    NODE_ASSIGN,
    NODE_CAPTURE,
    NODE_IF,
    NODE_CASE,
    NODE_FOR,
    NODE_TABLEROW,
    NODE_CYCLE,
    NODE_COUNT,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_INCLUDE,
    NODE_RENDER,
    NODE_IF_CHANGED
};

struct liquid_body { struct liquid_node *first, *last; bool is_blank; };

struct liquid_branch {
    struct liquid_branch           *next;
    enum { BRANCH_WHEN, BRANCH_UNLESS, BRANCH_ELSE } kind;
    const struct liquid_condition  *condition;  /* of an if */
    struct liquid_argument         *values;     /* of a when */
    struct liquid_body              body;
};

struct liquid_node {
    struct liquid_node             *next;
    enum liquid_node_kind           kind;
    size_t                          line;
    struct text                     text;       /* of a text; the variable of assign, capture, for, count */
    struct liquid_pipe              pipe;       /* of print and assign; value: of case, for, include */
    struct liquid_body              body;
    struct liquid_branch           *branches;   /* of if and case; of for: what stands for no items */
    struct liquid_argument         *arguments;  /* of for (limit, offset, cols), cycle, include, render */
    const struct liquid_expression *with;       /* of cycle its name, of include and render what they are given */
    struct text                     as;         /* of include and render the name it gets */
    bool                            is_reversed, is_continued;      /* of for */
    bool                            is_each;    /* of include and render: with is gone through */
    int                             step;       /* of a counter, +1 or -1 */
};

struct template { struct liquid_body body; };

/* ---- what it means ---- */

void liquid_assign(struct liquid *liquid, struct liquid_scope *scope, struct text name, struct liquid_value value);
const struct liquid_value *liquid_find(struct liquid *liquid, struct text name);      /* NULL: nothing */
bool liquid_evaluate(struct liquid *liquid, const struct liquid_expression *e,
                     struct liquid_value *ret_value) MUST_CHECK;
bool liquid_is_true(struct liquid *liquid, const struct liquid_condition *condition, bool *ret_is) MUST_CHECK;

/* ---- reading expressions ---- */

struct liquid_markup {
    const char            *at, *end;
    struct arena          *arena;
    unsigned               depth;
};

bool markup_is_at_end(struct liquid_markup *markup);
bool markup_take(struct liquid_markup *markup, const char *sign);      /* a sign or a whole word, if it is next */
bool markup_name(struct liquid_markup *markup, struct text *ret_name) MUST_CHECK;
bool markup_expression(struct liquid_markup *markup, const struct liquid_expression **ret,
                       struct err *err) MUST_CHECK;
bool markup_pipe(struct liquid_markup *markup, struct liquid_pipe *ret_pipe, struct err *err) MUST_CHECK;
bool markup_condition(struct liquid_markup *markup, const struct liquid_condition **ret,
                      struct err *err) MUST_CHECK;
/* name: value pairs, with commas or without, to the end. */
bool markup_named(struct liquid_markup *markup, struct liquid_argument **ret, struct err *err) MUST_CHECK;
bool markup_end(struct liquid_markup *markup, struct err *err) MUST_CHECK;     /* nothing may follow */

#endif
