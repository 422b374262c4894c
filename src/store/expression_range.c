/* expression_range.c - what a condition can be while some of its columns move; see expression.h.
 *
 * Arithmetic on ranges (Moore 1966): rounding goes in the same direction for larger operands, so the ends of a
 * range, computed as SQLite computes, are ends of all that it would compute between them. */
#include "store/expression_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Numbers from low to high, none if low > high; and NULL.  is_any: or texts. */
struct range { double low, high; bool has_null, is_any, is_real; };

struct expression_watch {
    struct tree        tree;
    struct expression *expression;
    char              *sql;
    sqlite3_stmt      *statement;       /* the parts; NULL: there is none */
    size_t             n_parts, n_moving;   /* n_moving: of the columns used */
    struct range       parts[TREE_MOST_NODES];
    const double      *from, *to;       /* of the moving columns, for one question */
};

static const struct range anything = { -INFINITY, INFINITY, true, true, false };
static const struct range nothing  = { INFINITY, -INFINITY, true, false, false };

static bool is_empty(struct range a)  { return a.low > a.high; }
static bool can_be_true(struct range a)  { return a.is_any || (!is_empty(a) && (a.low != 0 || a.high != 0)); }
static bool can_be_false(struct range a) { return a.is_any || (a.low <= 0 && a.high >= 0); }

static struct range truths(bool can_true, bool can_false, bool has_null)
{
    if (!can_true && !can_false) return nothing;
    return (struct range){ .low = can_false ? 0 : 1, .high = can_true ? 1 : 0, .has_null = has_null };
}

static struct range evaluate(const struct expression_watch *watch, uint16_t index);

static struct range column_range(const struct expression_watch *watch, uint32_t index)
{
    double a = watch->from[index], b = watch->to[index];
    if (isnan(a) && isnan(b)) return nothing;
    if (isnan(a) || isnan(b)) return (struct range){ -INFINITY, INFINITY, true, false, true };
    double low = fmin(a, b), high = fmax(a, b), slack = low == high ? 0 : 4e-15;   /* exp2 is not quite monotone */
    return (struct range){ low - fabs(low) * slack, high + fabs(high) * slack, false, false, true };
}

static struct range compare(enum node_kind kind, struct range a, struct range b)
{
    bool has_null = a.has_null || b.has_null, can_true, can_false;
    if (a.is_any || b.is_any) return truths(true, true, true);
    if (is_empty(a) || is_empty(b)) return nothing;
    bool is_point = a.low == a.high && b.low == b.high && a.low == b.low;
    switch ((int)kind) {
    case NODE_GREATER:          return compare(NODE_LESS, b, a);
    case NODE_GREATER_OR_EQUAL: return compare(NODE_LESS_OR_EQUAL, b, a);
    case NODE_LESS:             can_true = a.low < b.high, can_false = a.high >= b.low; break;
    case NODE_LESS_OR_EQUAL:    can_true = a.low <= b.high, can_false = a.high > b.low; break;
    case NODE_EQUAL:            can_true = a.low <= b.high && b.low <= a.high, can_false = !is_point; break;
    default:                    can_false = a.low <= b.high && b.low <= a.high, can_true = !is_point; break;
    }
    return truths(can_true, can_false, has_null);
}

static struct range either(struct range a, struct range b)      /* OR */
{
    bool has_null = (a.has_null && (b.has_null || can_be_false(b))) || (b.has_null && can_be_false(a));
    if (a.is_any || b.is_any) has_null = true;
    return truths(can_be_true(a) || can_be_true(b), can_be_false(a) && can_be_false(b), has_null);
}

static struct range negate(struct range a) { return truths(can_be_false(a), can_be_true(a), a.has_null); }
static struct range both(struct range a, struct range b) { return negate(either(negate(a), negate(b))); }

static struct range hull(struct range a, struct range b)
{
    return (struct range){ fmin(a.low, b.low), fmax(a.high, b.high), a.has_null || b.has_null,
                           a.is_any || b.is_any, a.is_real && b.is_real };
}

static double computed(enum node_kind kind, double a, double b)
{
    return kind == NODE_ADD ? a + b : kind == NODE_SUBTRACT ? a - b : kind == NODE_MULTIPLY ? a * b : a / b;
}

static struct range arithmetic(enum node_kind kind, struct range a, struct range b)
{
    if (a.is_any || b.is_any) return anything;
    if (is_empty(a) || is_empty(b)) return nothing;
    if (kind == NODE_DIVIDE && b.low <= 0 && b.high >= 0) return anything;
    const double ends[] = { computed(kind, a.low, b.low), computed(kind, a.low, b.high),
                            computed(kind, a.high, b.low), computed(kind, a.high, b.high) };
    struct range result = { INFINITY, -INFINITY, a.has_null || b.has_null, false, a.is_real || b.is_real };
    for (int i = 0; i < 4; i++) {
        if (isnan(ends[i]) || (!result.is_real && fabs(ends[i]) > 0x1p53)) return anything;
        result.low = fmin(result.low, ends[i]), result.high = fmax(result.high, ends[i]);
    }
    if (kind == NODE_DIVIDE && !result.is_real) result.low -= 1, result.high += 1;      /* of integers */
    return result;
}

/* As SQLite does. */
static double rounded(double a) { return fabs(a) > 0x1p52 ? a : trunc(a + (a < 0 ? -0.5 : 0.5)); }

/* A function that never falls. */
static struct range rising(struct range a, enum node_kind kind)
{
    double (*function)(double) = kind == NODE_ROUND ? rounded : kind == NODE_FLOOR ? floor
                                 : kind == NODE_CEILING ? ceil : trunc;
    if (a.is_any || (kind == NODE_INTEGER && !is_empty(a) && (a.low < -0x1p53 || a.high > 0x1p53)))
        return anything;
    if (!is_empty(a)) a.low = function(a.low), a.high = function(a.high);
    if (kind == NODE_INTEGER) a.is_real = false;
    return a;
}

static struct range absolute(struct range a)
{
    if (a.is_any || is_empty(a)) return a;
    double low = a.low <= 0 && a.high >= 0 ? 0 : fmin(fabs(a.low), fabs(a.high));
    a.high = fmax(fabs(a.low), fabs(a.high));
    a.low = low;
    return a;
}

static const struct node *at(const struct expression_watch *watch, uint16_t index)
{
    return &watch->tree.nodes[index];
}

static struct range extreme(const struct expression_watch *watch, const struct node *node)
{
    struct range result = evaluate(watch, node->child);
    for (uint16_t i = at(watch, node->child)->next; i; i = at(watch, i)->next) {
        struct range other = evaluate(watch, i);
        double (*pick)(double, double) = node->kind == NODE_MIN ? fmin : fmax;
        if (result.is_any || other.is_any) return anything;
        if (is_empty(result) || is_empty(other)) return nothing;
        result = (struct range){ pick(result.low, other.low), pick(result.high, other.high),
                                 result.has_null || other.has_null, false, result.is_real && other.is_real };
    }
    return result;
}

static struct range first_present(const struct expression_watch *watch, const struct node *node)
{
    struct range result = nothing;
    result.is_real = true;
    for (uint16_t i = node->child; i && result.has_null; i = at(watch, i)->next) {
        struct range other = evaluate(watch, i);
        result = hull(result, other);
        result.has_null = other.has_null;
    }
    return result;
}

static struct range cases(const struct expression_watch *watch, const struct node *node)
{
    struct range result = { INFINITY, -INFINITY, false, false, true };
    uint16_t i = node->child;
    for (; i && at(watch, i)->next; i = at(watch, at(watch, i)->next)->next) {
        struct range condition = evaluate(watch, i);
        if (can_be_true(condition)) result = hull(result, evaluate(watch, at(watch, i)->next));
        if (!can_be_false(condition) && !condition.has_null) return result;
    }
    return hull(result, i ? evaluate(watch, i) : nothing);
}

static struct range is_in(const struct expression_watch *watch, const struct node *node)
{
    struct range left = evaluate(watch, node->child), result = truths(false, true, false);
    for (uint16_t i = at(watch, node->child)->next; i; i = at(watch, i)->next)
        result = either(result, compare(NODE_EQUAL, left, evaluate(watch, i)));
    return result;
}

static struct range of_two(const struct expression_watch *watch, const struct node *node)
{
    struct range a = evaluate(watch, node->child), b = evaluate(watch, at(watch, node->child)->next);
    if (node->kind == NODE_OR) return either(a, b);
    if (node->kind == NODE_AND) return both(a, b);
    if (node->kind >= NODE_EQUAL && node->kind <= NODE_GREATER_OR_EQUAL) return compare(node->kind, a, b);
    if (node->kind != NODE_BETWEEN) return arithmetic(node->kind, a, b);
    struct range c = evaluate(watch, at(watch, at(watch, node->child)->next)->next);
    return both(compare(NODE_GREATER_OR_EQUAL, a, b), compare(NODE_LESS_OR_EQUAL, a, c));
}

static struct range of_one(const struct expression_watch *watch, const struct node *node)
{
    struct range a = evaluate(watch, node->child);
    switch ((int)node->kind) {
    case NODE_SAME:    return a;
    case NODE_NOT:     return negate(a);
    case NODE_IS_NULL: return truths(a.has_null, a.is_any || !is_empty(a), false);
    case NODE_ABS:     return absolute(a);
    case NODE_MINUS:
        return a.is_any || is_empty(a) ? a : (struct range){ -a.high, -a.low, a.has_null, false, a.is_real };
    default:           return rising(a, node->kind);
    }
}

static struct range evaluate(const struct expression_watch *watch, uint16_t index)
{
    const struct node *node = at(watch, index);
    switch ((int)node->kind) {
    case NODE_ANYTHING:      return anything;
    case NODE_NUMBER:        return (struct range){ node->number, node->number, false, false, node->is_real };
    case NODE_NULL:          return nothing;
    case NODE_COLUMN:        return column_range(watch, node->index);
    case NODE_PART:          return watch->parts[node->index];
    case NODE_IN:            return is_in(watch, node);
    case NODE_MIN:
    case NODE_MAX:           return extreme(watch, node);
    case NODE_FIRST_PRESENT: return first_present(watch, node);
    case NODE_CASE:          return cases(watch, node);
    default:
        return at(watch, node->child)->next && node->kind != NODE_SAME ? of_two(watch, node) : of_one(watch, node);
    }
}

/* ---- the parts in which nothing moves ---- */

static void collect(struct expression_watch *watch, uint16_t index, sqlite3_str *text)
{
    struct node *node = &watch->tree.nodes[index];
    if (node->kind == NODE_NULL || (node->kind == NODE_NUMBER && fabs(node->number) < 0x1p53)) return;
    if (!node->moves) {
        node->kind = NODE_PART;
        node->index = (uint32_t)watch->n_parts++;
        sqlite3_str_appendf(text, "%s(%.*s\n)", node->index ? ", " : "SELECT ", (int)(node->to - node->from),
                            watch->sql + node->from);
        return;
    }
    for (uint16_t i = node->child; i; i = watch->tree.nodes[i].next) collect(watch, i, text);
}

struct names { const struct expression *expression; const struct expression_column *columns; };

static int column_named(void *context, struct text name)
{
    const struct names *names = context;
    const struct expression *expression = names->expression;
    for (size_t i = 0; i < expression->n_used; i++) {
        const char *known = names->columns[expression->used[i]].name;
        if (strlen(known) == name.length && strncasecmp(known, name.at, name.length) == 0) return (int)i;
    }
    return -1;
}

bool expression_watch_new(struct expression *expression, const char *sql, const struct expression_column *columns,
                          size_t n_moving, struct expression_watch **ret_watch, struct err *err)
{
    struct names names = { expression, columns };
    struct expression_watch *watch = calloc(1, sizeof *watch);
    if (!watch || !(watch->sql = strdup(sql))) {
        free(watch);
        return err_set(err, ERR_IO, "out of memory");
    }
    watch->expression = expression;
    while (watch->n_moving < expression->n_used && expression->used[watch->n_moving] < n_moving) watch->n_moving++;
    tree_read(&watch->tree, watch->sql, column_named, watch->n_moving, &names);
    sqlite3_str *text = sqlite3_str_new(NULL);
    if (watch->tree.root) collect(watch, watch->tree.root, text);
    if (watch->n_parts > 0) sqlite3_str_appendall(text, " FROM features");
    char *parts = sqlite3_str_finish(text);
    expression->n_selects = 0;
    if (watch->n_parts > 0 &&
        (!parts || sqlite3_prepare_v3(expression->db, parts, -1, SQLITE_PREPARE_PERSISTENT, &watch->statement,
                                      NULL) != SQLITE_OK))
        watch->tree.root = TREE_NONE;
    sqlite3_free(parts);
    *ret_watch = watch;
    return true;
}

void expression_watch_free(struct expression_watch *watch)
{
    if (!watch) return;
    sqlite3_finalize(watch->statement);
    free(watch->sql);
    free(watch);
}

size_t expression_watch_columns(const struct expression_watch *watch) { return watch->n_moving; }

static struct range part_range(sqlite3_stmt *statement, int index)
{
    double number = sqlite3_column_double(statement, index);
    int type = sqlite3_column_type(statement, index);
    if (type == SQLITE_NULL) return nothing;
    if (type == SQLITE_FLOAT) return (struct range){ number, number, false, false, true };
    if (type == SQLITE_INTEGER && fabs(number) < 0x1p53)
        return (struct range){ number, number, false, false, false };
    return anything;
}

void expression_watch_row(struct expression_watch *watch,
                          struct expression_value (*value)(void *context, size_t column), void *context)
{
    if (!watch->statement) return;
    expression_begin_row(watch->expression, value, context);
    bool has_row = sqlite3_step(watch->statement) == SQLITE_ROW;
    for (size_t i = 0; i < watch->n_parts; i++)
        watch->parts[i] = has_row ? part_range(watch->statement, (int)i) : anything;
    if (!has_row) sqlite3_reset(watch->statement);
}

void expression_can_be(struct expression_watch *watch, const double *from, const double *to, bool *ret_true,
                       bool *ret_false)
{
    struct range range = anything;
    watch->from = from, watch->to = to;
    if (watch->tree.root) range = evaluate(watch, watch->tree.root);
    *ret_true = can_be_true(range);
    *ret_false = can_be_false(range) || range.has_null;
}
