/* expression_watch.c - whether a condition can change while some of its columns move; see expression.h.
 *
 * The tree is computed with ranges for numbers.  Beside what a node can be it is noted whether it stays what it
 * is: made only of what stays, it does, whatever SQLite makes of it. */
#include "condition/expression_range.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct expression_watch {
    struct tree        tree;
    struct expression *expression;
    char              *sql;
    sqlite3_stmt      *statement;       /* the parts; NULL: there is none */
    size_t             n_parts, n_moving;   /* n_moving: of the columns used */
    struct range      *parts;           /* [n_parts] */

    /* For one question. */
    const double      *from, *to;       /* [n_moving] */
    bool              *stays;           /* [nodes] its value is the same all the way, whatever it is */
};

static struct range evaluate(struct expression_watch *watch, uint16_t index);

static struct range column_range(const struct expression_watch *watch, uint32_t index)
{
    double a = watch->from[index], b = watch->to[index];
    if (isnan(a) && isnan(b)) return range_nothing;
    if (isnan(a) || isnan(b)) return (struct range){ -INFINITY, INFINITY, true, false, true };
    double low = fmin(a, b), high = fmax(a, b), slack = low == high ? 0 : 4e-15;   /* exp2 is not quite monotone */
    return (struct range){ low - fabs(low) * slack, high + fabs(high) * slack, false, false, true };
}

static bool column_stays(const struct expression_watch *watch, uint32_t index)
{
    return memcmp(&watch->from[index], &watch->to[index], sizeof *watch->from) == 0;
}

static const struct node *at(const struct expression_watch *watch, uint16_t index)
{
    return &watch->tree.nodes[index];
}

static struct range extreme(struct expression_watch *watch, const struct node *node)
{
    struct range result = evaluate(watch, node->child);
    for (uint16_t i = at(watch, node->child)->next; i; i = at(watch, i)->next)
        result = range_of_two(node->kind, result, evaluate(watch, i));
    return result;
}

static struct range first_present(struct expression_watch *watch, const struct node *node)
{
    struct range result = range_nothing;
    result.is_real = true;
    for (uint16_t i = node->child; i && result.has_null; i = at(watch, i)->next) {
        struct range other = evaluate(watch, i);
        result = range_hull(result, other);
        result.has_null = other.has_null;
    }
    return result;
}

static struct range cases(struct expression_watch *watch, const struct node *node)
{
    struct range result = { INFINITY, -INFINITY, false, false, true }, what = range_nothing;
    bool is_of = node->kind == NODE_CASE_OF;
    uint16_t i = node->child;
    if (is_of) what = evaluate(watch, i), i = at(watch, i)->next;
    for (; i && at(watch, i)->next; i = at(watch, at(watch, i)->next)->next) {
        struct range condition = evaluate(watch, i);
        if (is_of) condition = range_of_two(NODE_EQUAL, what, condition);
        if (range_can_be_true(condition)) result = range_hull(result, evaluate(watch, at(watch, i)->next));
        if (!range_can_be_false(condition) && !condition.has_null) return result;
    }
    return range_hull(result, i ? evaluate(watch, i) : range_nothing);
}

static struct range is_in(struct expression_watch *watch, const struct node *node)
{
    struct range left = evaluate(watch, node->child), result = range_point(0);
    for (uint16_t i = at(watch, node->child)->next; i; i = at(watch, i)->next)
        result = range_of_two(NODE_OR, result, range_of_two(NODE_EQUAL, left, evaluate(watch, i)));
    return result;
}

static struct range is_between(struct expression_watch *watch, const struct node *node)
{
    uint16_t from = at(watch, node->child)->next;
    struct range a = evaluate(watch, node->child);
    struct range is_above = range_of_two(NODE_GREATER_OR_EQUAL, a, evaluate(watch, from));
    struct range is_below = range_of_two(NODE_LESS_OR_EQUAL, a, evaluate(watch, at(watch, from)->next));
    return range_of_two(NODE_AND, is_above, is_below);
}

/* The column that a node is, if it is an age, or NULL. */
static const struct node *age(const struct expression_watch *watch, uint16_t index)
{
    const struct node *node = at(watch, index);
    while (node->kind == NODE_SAME || node->kind == NODE_PLUS) node = at(watch, node->child);
    return node->kind == NODE_COLUMN && node->is_age && node->moves ? node : NULL;
}

/* Of two ages that are not missing, which differ by the same at each moment: their ranges alone would not tell
 * which is larger.  False: nothing is known but from their ranges. */
static bool of_ages(const struct expression_watch *watch, enum node_kind kind, uint32_t a, uint32_t b,
                    struct range *ret_range)
{
    double from_a = watch->from[a], from_b = watch->from[b], to_a = watch->to[a], to_b = watch->to[b];
    double difference = from_a - from_b, rounding = 2e-15 * fmax(fmax(fabs(from_a), fabs(to_a)),
                                                                 fmax(fabs(from_b), fabs(to_b)));
    if (difference == 0) rounding = 0;
    if (isnan(from_a) || isnan(from_b)) return false;
    switch ((int)kind) {
    case NODE_EQUAL: case NODE_UNEQUAL: case NODE_LESS: case NODE_LESS_OR_EQUAL: case NODE_GREATER:
    case NODE_GREATER_OR_EQUAL: case NODE_IS:
        *ret_range = range_of_two(kind, range_point(from_a), range_point(from_b));
        return true;
    case NODE_SUBTRACT:
        *ret_range = (struct range){ difference - rounding, difference + rounding, false, false, true };
        return true;
    case NODE_DIVIDE:       /* (t + c) / t rises or falls all the way */
        if (fmin(from_b, to_b) <= 0 && fmax(from_b, to_b) >= 0) return false;
        *ret_range = range_hull(range_point(from_a / from_b), range_point(to_a / to_b));
        if (difference != 0) *ret_range = range_widened(*ret_range);
        return true;
    default: return false;
    }
}

static struct range of_two(struct expression_watch *watch, const struct node *node)
{
    struct range a = evaluate(watch, node->child), b = evaluate(watch, at(watch, node->child)->next), of_both;
    const struct node *age_a = age(watch, node->child), *age_b = age(watch, at(watch, node->child)->next);
    bool is_known = age_a && age_b && of_ages(watch, node->kind, age_a->index, age_b->index, &of_both);
    return is_known ? of_both : range_of_two(node->kind, a, b);
}

static struct range of_anything(struct expression_watch *watch, const struct node *node)
{
    for (uint16_t i = node->child; i; i = at(watch, i)->next) (void)evaluate(watch, i);
    return range_anything;
}

static struct range of_kind(struct expression_watch *watch, const struct node *node)
{
    switch ((int)node->kind) {
    case NODE_STRING:
    case NODE_BITS:
    case NODE_ANYTHING:      return of_anything(watch, node);
    case NODE_NUMBER:        return (struct range){ node->number, node->number, false, false, node->is_real };
    case NODE_NULL:          return range_nothing;
    case NODE_COLUMN:        return column_range(watch, node->index);
    case NODE_PART:          return watch->parts[node->index];
    case NODE_IN:            return is_in(watch, node);
    case NODE_BETWEEN:       return is_between(watch, node);
    case NODE_MIN:
    case NODE_MAX:           return extreme(watch, node);
    case NODE_FIRST_PRESENT: return first_present(watch, node);
    case NODE_CASE:
    case NODE_CASE_OF:       return cases(watch, node);
    default:
        if (at(watch, node->child)->next) return of_two(watch, node);
        return range_of_one(node->kind, evaluate(watch, node->child));
    }
}

/* Whether the range of a node leaves one value.  1 and 1.0, 0.0 and -0.0 are two, whose texts differ. */
static bool is_one_value(const struct node *node, struct range range)
{
    if (range.is_any) return false;
    if (range_is_empty(range)) return true;
    bool is_truth = node->kind >= NODE_OR && node->kind <= NODE_IN;
    bool is_one_type = is_truth || node->kind == NODE_INTEGER || node->kind == NODE_SIGN ||
                       (range.is_real && range.low != 0);
    return is_one_type && !range.has_null && range.low == range.high;
}

/* Also notes whether it stays. */
static struct range evaluate(struct expression_watch *watch, uint16_t index)
{
    const struct node *node = at(watch, index);
    for (uint16_t i = node->child; i; i = at(watch, i)->next)
        watch->stays[i] = true;         /* one that is not asked for does not matter */
    struct range range = of_kind(watch, node);
    bool stays = node->kind != NODE_COLUMN || column_stays(watch, node->index);
    for (uint16_t i = node->child; i; i = at(watch, i)->next) stays &= watch->stays[i];
    watch->stays[index] = stays || is_one_value(node, range);
    return range;
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

static bool column_named(void *context, struct text name, struct node *ret_column)
{
    const struct names *names = context;
    const struct expression *expression = names->expression;
    for (size_t i = 0; i < expression->n_used; i++) {
        const struct expression_column *known = &names->columns[expression->used[i]];
        if (strlen(known->name) != name.length || strncasecmp(known->name, name.at, name.length) != 0) continue;
        ret_column->index = (uint32_t)i;
        ret_column->is_text = known->type == EXPRESSION_TEXT;
        ret_column->is_age = known->type == EXPRESSION_AGE;
        return true;
    }
    return false;
}

static bool prepare_parts(struct expression_watch *watch)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    collect(watch, watch->tree.root, text);
    if (watch->n_parts > 0) sqlite3_str_appendall(text, " FROM features");
    char *parts = sqlite3_str_finish(text);
    watch->expression->n_selects = 0;
    watch->parts = calloc(watch->n_parts + 1, sizeof *watch->parts);
    watch->stays = calloc(watch->tree.n + 1, sizeof *watch->stays);
    bool ok = watch->parts && watch->stays;
    if (watch->n_parts > 0)
        ok = ok && parts && sqlite3_prepare_v3(watch->expression->db, parts, -1, SQLITE_PREPARE_PERSISTENT,
                                               &watch->statement, NULL) == SQLITE_OK;
    sqlite3_free(parts);
    return ok;
}

/* Says what in the condition cannot be followed, if something cannot. */
static bool check_followed(const struct expression_watch *watch, struct err *err)
{
    const struct tree *tree = &watch->tree;
    uint16_t column, unfollowed = tree_find_unfollowed(tree, &column);
    if (!unfollowed) return true;
    const struct node *at_fault = &tree->nodes[unfollowed], *moving = &tree->nodes[column];
    int length = (int)(at_fault->to - at_fault->from), name = (int)(moving->to - moving->from);
    return err_set(err, ERR_INVALID,
                   "%.*s is another number at each moment, and what '%.*s%s' makes of its digits cannot be "
                   "foreseen: compare it with numbers, or round it first, as in CAST(%.*s AS INTEGER)",
                   name, watch->sql + moving->from, length > 100 ? 100 : length, watch->sql + at_fault->from,
                   length > 100 ? " ..." : "", name, watch->sql + moving->from);
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
    bool ok = true;
    if (watch->n_moving > EXPRESSION_MOST_MOVING)
        ok = err_set(err, ERR_INVALID, "a condition may use at most %d features that move with time, not %zu",
                     EXPRESSION_MOST_MOVING, watch->n_moving);
    else if (!watch->tree.root)
        ok = err_set(err, ERR_INVALID, "the condition is too involved to foresee when its truth will change: "
                     "make it simpler");
    ok = ok && check_followed(watch, err);
    if (ok && !prepare_parts(watch))
        ok = err_set(err, ERR_INVALID, "the condition cannot be computed in parts: make it simpler");
    if (ok) *ret_watch = watch;
    else expression_watch_free(watch);
    return ok;
}

void expression_watch_free(struct expression_watch *watch)
{
    if (!watch) return;
    sqlite3_finalize(watch->statement);
    tree_clear(&watch->tree);
    free(watch->parts);
    free(watch->stays);
    free(watch->sql);
    free(watch);
}

size_t expression_watch_columns(const struct expression_watch *watch) { return watch->n_moving; }

static struct range part_range(sqlite3_stmt *statement, int index)
{
    double number = sqlite3_column_double(statement, index);
    int type = sqlite3_column_type(statement, index);
    if (type == SQLITE_NULL) return range_nothing;
    if (type == SQLITE_FLOAT) return (struct range){ number, number, false, false, true };
    if (type == SQLITE_INTEGER && fabs(number) < 0x1p53)
        return (struct range){ number, number, false, false, false };
    return range_anything;
}

void expression_watch_row(struct expression_watch *watch,
                          struct expression_value (*value)(void *context, size_t column), void *context)
{
    if (!watch->statement) return;
    expression_begin_row(watch->expression, value, context);
    bool has_row = sqlite3_step(watch->statement) == SQLITE_ROW;
    for (size_t i = 0; i < watch->n_parts; i++)
        watch->parts[i] = has_row ? part_range(watch->statement, (int)i) : range_anything;
    if (!has_row) sqlite3_reset(watch->statement);
}

bool expression_can_change(struct expression_watch *watch, const double *from, const double *to, bool truth)
{
    watch->from = from, watch->to = to;
    struct range range = evaluate(watch, watch->tree.root);
    if (watch->stays[watch->tree.root]) return false;
    return truth ? range_can_be_false(range) || range.has_null : range_can_be_true(range);
}
