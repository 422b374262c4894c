/* expression_tree.c - reads a condition by the precedence of SQLite's operators; see expression_tree.h. */
#include "condition/expression_tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum token { TOKEN_END, TOKEN_NUMBER, TOKEN_STRING, TOKEN_WORD, TOKEN_QUOTED, TOKEN_SIGN, TOKEN_BAD };

struct reading {
    struct tree *tree;
    bool       (*column)(void *context, struct text name, struct node *ret_column);
    void        *context;
    size_t       n_moving;
    enum token   token;
    uint32_t     from, to, last_to;     /* of the token; the end of the one before */
    int          depth;
    bool         failed;
};

/* How tightly operators bind, from loosest. */
enum { BIND_OR = 1, BIND_AND, BIND_NOT, BIND_EQUAL, BIND_ORDER, BIND_BITS, BIND_ADD, BIND_MULTIPLY, BIND_JOIN,
       BIND_COLLATE, BIND_SIGN };

static uint32_t skip_blank(const char *sql, uint32_t at)
{
    for (;;) {
        const char *end;
        if (isspace((unsigned char)sql[at])) {
            at++;
        } else if (sql[at] == '-' && sql[at + 1] == '-') {
            at += (uint32_t)strcspn(sql + at, "\n");
        } else if (sql[at] == '/' && sql[at + 1] == '*') {
            end = strstr(sql + at + 2, "*/");
            at = end ? (uint32_t)(end + 2 - sql) : (uint32_t)strlen(sql);
        } else {
            return at;
        }
    }
}

static uint32_t quoted_end(const char *sql, uint32_t at)
{
    char close = sql[at] == '[' ? ']' : sql[at];
    for (at++; sql[at]; at++) {
        if (sql[at] != close) continue;
        if (close == ']' || sql[at + 1] != close) return at + 1;
        at++;
    }
    return at;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80); }

static uint32_t number_end(const char *sql, uint32_t at)
{
    if (sql[at] == '0' && (sql[at + 1] | 32) == 'x')
        return at + 2 + (uint32_t)strspn(sql + at + 2, "0123456789abcdefABCDEF");
    at += (uint32_t)strspn(sql + at, "0123456789");
    if (sql[at] == '.') at += 1 + (uint32_t)strspn(sql + at + 1, "0123456789");
    uint32_t sign = (sql[at] | 32) == 'e' && (sql[at + 1] == '+' || sql[at + 1] == '-');
    if ((sql[at] | 32) == 'e' && isdigit((unsigned char)sql[at + 1 + sign]))
        at += 1 + sign + (uint32_t)strspn(sql + at + 1 + sign, "0123456789");
    return at;
}

static void advance(struct reading *r)
{
    static const char *const doubles[] = { "<=", ">=", "<>", "!=", "==", "||", "<<", ">>", "->", NULL };
    const char *sql = r->tree->sql;
    r->last_to = r->to;
    uint32_t at = r->from = skip_blank(sql, r->to);
    char c = sql[at];
    if (c == 0) { r->token = TOKEN_END, r->to = at; return; }
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)sql[at + 1]))) {
        r->token = TOKEN_NUMBER, r->to = number_end(sql, at);
    } else if (c == '\'') {
        r->token = TOKEN_STRING, r->to = quoted_end(sql, at);
    } else if (c == '"' || c == '`' || c == '[') {
        r->token = TOKEN_QUOTED, r->to = quoted_end(sql, at);
    } else if (is_word(c)) {
        for (r->to = at; is_word(sql[r->to]); r->to++) { }
        r->token = TOKEN_WORD;
        if ((c | 32) == 'x' && r->to == at + 1 && sql[at + 1] == '\'')
            r->token = TOKEN_STRING, r->to = quoted_end(sql, at + 1);
    } else {
        r->token = strchr("()+-*/%<>=,&|~!", c) ? TOKEN_SIGN : TOKEN_BAD, r->to = at + 1;
        for (int i = 0; doubles[i]; i++)
            if (strncmp(sql + at, doubles[i], 2) == 0) r->to = at + 2;
    }
}

static bool is(const struct reading *r, const char *what)
{
    size_t length = strlen(what);
    bool fits = r->token == TOKEN_SIGN || r->token == TOKEN_WORD;
    return fits && r->to - r->from == length && strncasecmp(r->tree->sql + r->from, what, length) == 0;
}

static bool take(struct reading *r, const char *what)
{
    if (!is(r, what)) return false;
    advance(r);
    return true;
}

static void need(struct reading *r, const char *what) { r->failed |= !take(r, what); }

static uint16_t add(struct reading *r, enum node_kind kind, uint32_t from)
{
    struct tree *tree = r->tree;
    if (tree->n + 2 > tree->room) {
        size_t room = tree->room ? 2 * tree->room : 32;
        struct node *nodes = room > UINT16_MAX ? NULL : realloc(tree->nodes, room * sizeof *nodes);
        if (!nodes) { r->failed = true; return TREE_NONE; }
        tree->nodes = nodes, tree->room = room;
    }
    tree->nodes[++tree->n] = (struct node){ .kind = kind, .from = from, .to = r->last_to };
    return (uint16_t)tree->n;
}

/* Puts a child behind the others; a node reaches to the end of its last token. */
static void adopt(struct reading *r, uint16_t parent, uint16_t child)
{
    struct node *nodes = r->tree->nodes;
    if (parent == TREE_NONE || child == TREE_NONE) { r->failed = true; return; }
    uint16_t *at = &nodes[parent].child;
    while (*at) at = &nodes[*at].next;
    *at = child;
    nodes[parent].moves |= nodes[child].moves;
    nodes[parent].to = r->last_to;
}

static uint16_t read(struct reading *r, int binding);

static uint16_t join(struct reading *r, enum node_kind kind, uint16_t left, uint16_t right)
{
    if (left == TREE_NONE) { r->failed = true; return TREE_NONE; }
    uint16_t node = add(r, kind, r->tree->nodes[left].from);
    adopt(r, node, left);
    if (right) adopt(r, node, right);
    return node;
}

/* The node reaches to the last token. */
static uint16_t ended(struct reading *r, uint16_t node)
{
    if (node) r->tree->nodes[node].to = r->last_to;
    return node;
}

/* A column of numbers, to which SQLite compares a text that is a number as that number; +a is not one. */
static bool is_number_column(const struct tree *tree, uint16_t index)
{
    while (tree->nodes[index].kind == NODE_SAME) index = tree->nodes[index].child;
    return tree->nodes[index].kind == NODE_COLUMN && !tree->nodes[index].is_text;
}

/* A literal compared with `other`. */
static uint16_t as_number(struct reading *r, uint16_t literal, uint16_t other)
{
    char digits[64], *end;
    if (literal == TREE_NONE || other == TREE_NONE) return literal;
    struct node *node = &r->tree->nodes[literal];
    size_t length = node->to - node->from;
    if (node->kind != NODE_STRING || length < 3 || length >= sizeof digits || !is_number_column(r->tree, other))
        return literal;
    memcpy(digits, r->tree->sql + node->from + 1, length - 2);
    digits[length - 2] = 0;
    if (strspn(digits, "0123456789+-.eE") != length - 2) return literal;
    double number = strtod(digits, &end);
    if (*end == 0) node->kind = NODE_NUMBER, node->number = number;
    return literal;
}

/* Two that are compared. */
static uint16_t compared(struct reading *r, enum node_kind kind, uint16_t left, uint16_t right)
{
    return join(r, kind, as_number(r, left, right), as_number(r, right, left));
}

static uint16_t negated(struct reading *r, bool is_negated, uint16_t node)
{
    return is_negated ? join(r, NODE_NOT, node, TREE_NONE) : node;
}

static uint16_t read_number(struct reading *r)
{
    char digits[64];
    uint32_t length = r->to - r->from;
    uint16_t node = add(r, NODE_NUMBER, r->from);
    if (node == TREE_NONE || length >= sizeof digits) { r->failed = true; return TREE_NONE; }
    memcpy(digits, r->tree->sql + r->from, length);
    digits[length] = 0;
    struct node *number = &r->tree->nodes[node];
    number->number = strtod(digits, NULL);
    number->is_real = strpbrk(digits, ".eE") && (digits[1] | 32) != 'x';
    advance(r);
    number->to = r->last_to;
    return node;
}

static uint16_t read_name(struct reading *r)
{
    char name[256];
    const char *sql = r->tree->sql;
    uint32_t from = r->from, at = from, to = r->to;
    size_t n = 0;
    uint16_t node = add(r, NODE_COLUMN, from);
    bool is_truth = is(r, "true") || is(r, "false");
    char close = r->token == TOKEN_QUOTED ? (sql[from] == '[' ? ']' : sql[from]) : 0;
    if (close) at++, to--;
    for (; at < to && n < sizeof name; at++) {
        name[n++] = sql[at];
        if (close && sql[at] == close) at++;        /* doubled */
    }
    advance(r);
    if (node == TREE_NONE) return node;
    struct node *column = &r->tree->nodes[node];
    column->to = r->last_to;
    if (n == sizeof name) r->failed = true;
    else if (r->column(r->context, (struct text){ name, n }, column)) column->moves = column->index < r->n_moving;
    else column->kind = is_truth ? NODE_ANYTHING : NODE_NULL;           /* else one that is always missing */
    return node;
}

static uint16_t read_case(struct reading *r, uint32_t from)
{
    uint16_t what = is(r, "when") ? TREE_NONE : read(r, BIND_OR);
    uint16_t node = add(r, what ? NODE_CASE_OF : NODE_CASE, from);
    if (what) adopt(r, node, what);
    while (!r->failed && take(r, "when")) {
        uint16_t condition = read(r, BIND_OR);
        adopt(r, node, what ? as_number(r, condition, what) : condition);
        need(r, "then");
        adopt(r, node, read(r, BIND_OR));
    }
    if (take(r, "else")) adopt(r, node, read(r, BIND_OR));
    need(r, "end");
    return ended(r, node);
}

/* CAST(x AS INTEGER); other types may be anything, of two words or with numbers. */
static uint16_t read_cast(struct reading *r, uint32_t from)
{
    need(r, "(");
    uint16_t what = read(r, BIND_OR);
    need(r, "as");
    enum node_kind kind = is(r, "integer") || is(r, "int") ? NODE_INTEGER : is(r, "real") ? NODE_PLUS
                                                                                          : NODE_ANYTHING;
    while (r->token != TOKEN_END && !is(r, ")")) {
        advance(r);
        if (!is(r, ")")) kind = NODE_ANYTHING;
    }
    need(r, ")");
    uint16_t node = add(r, kind, from);
    adopt(r, node, what);
    if (node) r->tree->nodes[node].is_text = kind == NODE_ANYTHING;
    return node;
}

static enum node_kind kind_of_function(const char *name, size_t length, size_t n_arguments)
{
    static const struct { const char *name; enum node_kind kind; size_t least, most; } functions[] = {
        { "abs", NODE_ABS, 1, 1 }, { "min", NODE_MIN, 2, 127 }, { "max", NODE_MAX, 2, 127 },
        { "coalesce", NODE_FIRST_PRESENT, 2, 127 }, { "ifnull", NODE_FIRST_PRESENT, 2, 2 },
        { "round", NODE_ROUND, 1, 1 }, { "floor", NODE_FLOOR, 1, 1 }, { "ceil", NODE_CEILING, 1, 1 },
        { "ceiling", NODE_CEILING, 1, 1 }, { "trunc", NODE_TRUNCATE, 1, 1 }, { "iif", NODE_CASE, 3, 3 },
        { "round", NODE_ROUND_TO, 2, 2 }, { "sign", NODE_SIGN, 1, 1 }, { "nullif", NODE_NULL_IF, 2, 2 },
        { "sqrt", NODE_SQRT, 1, 1 }, { "exp", NODE_EXP, 1, 1 }, { "ln", NODE_LN, 1, 1 },
        { "log", NODE_LOG10, 1, 1 }, { "log10", NODE_LOG10, 1, 1 }, { "log2", NODE_LOG2, 1, 1 },
        { "log", NODE_LOG_OF, 2, 2 }, { "pow", NODE_POWER, 2, 2 }, { "power", NODE_POWER, 2, 2 },
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strlen(functions[i].name) == length && strncasecmp(functions[i].name, name, length) == 0 &&
            n_arguments >= functions[i].least && n_arguments <= functions[i].most)
            return functions[i].kind;
    return NODE_ANYTHING;
}

static bool is_text_function(const char *name, size_t length)
{
    static const char *const names[] = { "lower", "upper", "substr", "substring", NULL };
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0) return true;
    return false;
}

static uint16_t read_function(struct reading *r, uint32_t from, uint32_t to)
{
    const char *name = r->tree->sql + from;
    uint16_t node = add(r, NODE_ANYTHING, from);
    size_t n = 0;
    need(r, "(");
    while (!r->failed && !is(r, ")")) {
        adopt(r, node, read(r, BIND_OR));
        n++;
        if (!take(r, ",")) break;
    }
    need(r, ")");
    if (r->failed) return TREE_NONE;
    r->tree->nodes[node].kind = kind_of_function(name, to - from, n);
    r->tree->nodes[node].is_text = is_text_function(name, to - from);
    return ended(r, node);
}

static uint16_t read_word(struct reading *r)
{
    uint32_t from = r->from, to = r->to;
    if (take(r, "case")) return read_case(r, from);
    if (take(r, "cast")) return read_cast(r, from);
    if (take(r, "null")) return add(r, NODE_NULL, from);
    uint32_t after = skip_blank(r->tree->sql, to);
    if (r->tree->sql[after] != '(') return read_name(r);
    advance(r);
    return read_function(r, from, to);
}

static uint16_t read_operand(struct reading *r)
{
    uint32_t from = r->from;
    uint16_t node;
    if (take(r, "not")) {
        node = join(r, NODE_NOT, read(r, BIND_NOT), TREE_NONE);
    } else if (take(r, "-")) {
        node = join(r, NODE_MINUS, read(r, BIND_SIGN), TREE_NONE);
    } else if (take(r, "+")) {
        node = join(r, NODE_PLUS, read(r, BIND_SIGN), TREE_NONE);
    } else if (take(r, "~")) {
        node = join(r, NODE_BITS, join(r, NODE_INTEGER, read(r, BIND_SIGN), TREE_NONE), TREE_NONE);
    } else if (take(r, "(")) {
        node = join(r, NODE_SAME, read(r, BIND_OR), TREE_NONE);
        need(r, ")");
    } else if (r->token == TOKEN_NUMBER) {
        return read_number(r);
    } else if (r->token == TOKEN_STRING) {
        advance(r);
        return add(r, NODE_STRING, from);
    } else if (r->token == TOKEN_QUOTED) {
        return read_name(r);
    } else if (r->token == TOKEN_WORD) {
        return read_word(r);
    } else {
        r->failed = true;
        return TREE_NONE;
    }
    if (node) r->tree->nodes[node].from = from;
    return ended(r, node);
}

static uint16_t read_in(struct reading *r, uint16_t left)
{
    uint16_t node = join(r, NODE_IN, left, TREE_NONE);
    need(r, "(");
    while (!r->failed && !is(r, ")")) {
        adopt(r, node, as_number(r, read(r, BIND_OR), left));
        if (!take(r, ",")) break;
    }
    need(r, ")");
    return ended(r, node);
}

static uint16_t read_between(struct reading *r, uint16_t left)
{
    uint16_t node = join(r, NODE_BETWEEN, left, TREE_NONE);
    adopt(r, node, as_number(r, read(r, BIND_ORDER), left));
    need(r, "and");
    adopt(r, node, as_number(r, read(r, BIND_ORDER), left));
    return node;
}

/* SQLite looks through parentheses and COLLATE for them, too. */
static bool is_word_node(const struct reading *r, uint16_t index, const char *word)
{
    const struct node *node = &r->tree->nodes[index];
    size_t length = strlen(word);
    while (index && node->kind == NODE_SAME) node = &r->tree->nodes[node->child];
    return index && node->kind == NODE_ANYTHING && !node->child && node->to - node->from == length &&
           strncasecmp(r->tree->sql + node->from, word, length) == 0;
}

static uint16_t read_is(struct reading *r, uint16_t left)
{
    bool is_negated = take(r, "not");
    if (take(r, "distinct")) {
        need(r, "from");
        is_negated = !is_negated;
    }
    uint16_t right = read(r, BIND_ORDER);
    if (is_word_node(r, right, "true")) return negated(r, is_negated, join(r, NODE_IS_TRUE, left, TREE_NONE));
    if (is_word_node(r, right, "false")) return negated(r, is_negated, join(r, NODE_IS_FALSE, left, TREE_NONE));
    if (right && r->tree->nodes[right].kind == NODE_NULL)
        return negated(r, is_negated, join(r, NODE_IS_NULL, left, TREE_NONE));
    return negated(r, is_negated, compared(r, NODE_IS, left, right));
}

static uint16_t read_like(struct reading *r, uint16_t left)
{
    uint16_t node = join(r, NODE_ANYTHING, left, read(r, BIND_ORDER));
    if (take(r, "escape")) adopt(r, node, read(r, BIND_ORDER));
    return node;
}

/* Operators as tight as =; TREE_NONE: there is none. */
static uint16_t read_equal(struct reading *r, uint16_t left)
{
    if (take(r, "=") || take(r, "==")) return compared(r, NODE_EQUAL, left, read(r, BIND_ORDER));
    if (take(r, "<>") || take(r, "!=")) return compared(r, NODE_UNEQUAL, left, read(r, BIND_ORDER));
    if (take(r, "is")) return read_is(r, left);
    if (take(r, "isnull")) return join(r, NODE_IS_NULL, left, TREE_NONE);
    if (take(r, "notnull")) return negated(r, true, join(r, NODE_IS_NULL, left, TREE_NONE));
    bool is_negated = take(r, "not");
    if (is_negated && take(r, "null")) return negated(r, true, join(r, NODE_IS_NULL, left, TREE_NONE));
    if (take(r, "in")) return negated(r, is_negated, read_in(r, left));
    if (take(r, "between")) return negated(r, is_negated, read_between(r, left));
    if (take(r, "like") || take(r, "glob")) return negated(r, is_negated, read_like(r, left));
    r->failed |= is_negated;
    return TREE_NONE;
}

static uint16_t of_operator(struct reading *r, enum node_kind kind, int binding, uint16_t left, uint16_t right)
{
    if (binding == BIND_COLLATE) return join(r, kind, left, TREE_NONE);     /* of numbers changes nothing */
    if (binding == BIND_ORDER) return compared(r, kind, left, right);
    if (binding == BIND_BITS)
        return join(r, kind, join(r, NODE_INTEGER, left, TREE_NONE), join(r, NODE_INTEGER, right, TREE_NONE));
    uint16_t node = join(r, kind, left, right);
    if (node) r->tree->nodes[node].is_text = binding == BIND_JOIN;
    return node;
}

static uint16_t read_binary(struct reading *r, uint16_t left, int binding)
{
    static const struct { const char *sign; enum node_kind kind; int binding; } operators[] = {
        { "or", NODE_OR, BIND_OR }, { "and", NODE_AND, BIND_AND }, { "<", NODE_LESS, BIND_ORDER },
        { "<=", NODE_LESS_OR_EQUAL, BIND_ORDER }, { ">", NODE_GREATER, BIND_ORDER },
        { ">=", NODE_GREATER_OR_EQUAL, BIND_ORDER }, { "&", NODE_BITS, BIND_BITS },
        { "|", NODE_BITS, BIND_BITS }, { "<<", NODE_BITS, BIND_BITS }, { ">>", NODE_BITS, BIND_BITS },
        { "+", NODE_ADD, BIND_ADD }, { "-", NODE_SUBTRACT, BIND_ADD }, { "*", NODE_MULTIPLY, BIND_MULTIPLY },
        { "/", NODE_DIVIDE, BIND_MULTIPLY }, { "%", NODE_REMAINDER, BIND_MULTIPLY },
        { "||", NODE_ANYTHING, BIND_JOIN }, { "collate", NODE_SAME, BIND_COLLATE },
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].binding < binding || !take(r, operators[i].sign)) continue;
        return of_operator(r, operators[i].kind, operators[i].binding, left,
                           read(r, operators[i].binding + 1));
    }
    return binding <= BIND_EQUAL ? read_equal(r, left) : TREE_NONE;
}

/* What binds at least as tightly as `binding`. */
static uint16_t read(struct reading *r, int binding)
{
    if (++r->depth > TREE_MOST_DEPTH) r->failed = true;
    uint16_t left = r->failed ? TREE_NONE : read_operand(r);
    while (!r->failed) {
        uint16_t node = read_binary(r, left, binding);
        if (node == TREE_NONE) break;
        left = node;
    }
    r->depth--;
    return r->failed ? TREE_NONE : left;
}

void tree_read(struct tree *tree, const char *sql,
               bool (*column)(void *context, struct text name, struct node *ret_column), size_t n_moving,
               void *context)
{
    struct reading r = { .tree = tree, .column = column, .context = context, .n_moving = n_moving };
    tree->sql = sql;
    advance(&r);
    uint16_t root = read(&r, BIND_OR);
    tree->root = r.failed || r.token != TOKEN_END ? TREE_NONE : root;
}

void tree_clear(struct tree *tree)
{
    free(tree->nodes);
    *tree = (struct tree){ 0 };
}
