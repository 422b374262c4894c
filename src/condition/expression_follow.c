/* expression_follow.c - whether a condition can be looked ahead for; see expression_tree.h.
 *
 * A recency is another number at each moment.  Ranges say what comparisons and arithmetic make of it, and what is
 * rounded stays for a while; but of its digits as a text nothing can be known but by asking at each moment. */
#include "condition/expression_tree.h"

/* What a value can be.  flows: a column because of which it is another one at each moment, or TREE_NONE. */
struct course { uint16_t flows; bool is_text; };

struct walk {
    const struct tree *tree;
    uint16_t           unfollowed, column;      /* the first found */
};

static void give_up(struct walk *walk, uint16_t index, uint16_t column)
{
    if (!walk->unfollowed) walk->unfollowed = index, walk->column = column;
}

static struct course joined(struct course a, struct course b)
{
    return (struct course){ a.flows ? a.flows : b.flows, a.is_text || b.is_text };
}

/* Of a node whose values are made of `children`. */
static struct course of_kind(struct walk *walk, uint16_t index, struct course children)
{
    static const struct course steps = { TREE_NONE, false };
    const struct node *node = &walk->tree->nodes[index];
    switch ((int)node->kind) {
    case NODE_OR: case NODE_AND: case NODE_NOT: case NODE_IS_NULL: case NODE_IS_TRUE: case NODE_IS_FALSE:
        return steps;
    case NODE_ANYTHING:
        if (children.flows) give_up(walk, index, children.flows);
        return (struct course){ TREE_NONE, node->is_text };
    default:
        if (children.flows && children.is_text) give_up(walk, index, children.flows);
    }
    switch ((int)node->kind) {
    case NODE_EQUAL: case NODE_UNEQUAL: case NODE_LESS: case NODE_LESS_OR_EQUAL: case NODE_GREATER:
    case NODE_GREATER_OR_EQUAL: case NODE_IS: case NODE_BETWEEN: case NODE_IN: case NODE_REMAINDER: case NODE_BITS:
    case NODE_ROUND: case NODE_ROUND_TO: case NODE_FLOOR: case NODE_CEILING: case NODE_TRUNCATE: case NODE_SIGN:
    case NODE_INTEGER:
        return steps;
    case NODE_SAME: case NODE_MIN: case NODE_MAX: case NODE_FIRST_PRESENT: case NODE_NULL_IF: case NODE_CASE:
    case NODE_CASE_OF:
        return children;
    default:
        return (struct course){ children.flows, false };
    }
}

static struct course follow(struct walk *walk, uint16_t index);

/* Conditions count for themselves, values together. */
static struct course follow_cases(struct walk *walk, uint16_t index)
{
    const struct node *nodes = walk->tree->nodes;
    struct course values = { TREE_NONE, false }, compared = values;
    bool is_of = nodes[index].kind == NODE_CASE_OF;
    uint16_t i = nodes[index].child;
    if (is_of) compared = follow(walk, i), i = nodes[i].next;
    for (; i && nodes[i].next; i = nodes[nodes[i].next].next) {
        compared = joined(compared, follow(walk, i));
        values = joined(values, follow(walk, nodes[i].next));
    }
    if (i) values = joined(values, follow(walk, i));
    if (is_of && compared.flows && compared.is_text) give_up(walk, index, compared.flows);
    return of_kind(walk, index, values);
}

static struct course follow(struct walk *walk, uint16_t index)
{
    const struct node *nodes = walk->tree->nodes, *node = &nodes[index];
    struct course children = { TREE_NONE, false };
    switch ((int)node->kind) {
    case NODE_COLUMN:  return (struct course){ node->moves ? index : TREE_NONE, node->is_text };
    case NODE_STRING:  return (struct course){ TREE_NONE, true };
    case NODE_CASE:
    case NODE_CASE_OF: return follow_cases(walk, index);
    default:
        for (uint16_t i = node->child; i; i = nodes[i].next) children = joined(children, follow(walk, i));
    }
    if (node->kind == NODE_ROUND_TO) {      /* how many digits must stay */
        struct course digits = follow(walk, nodes[node->child].next);
        if (digits.flows) give_up(walk, index, digits.flows);
    }
    return of_kind(walk, index, children);
}

uint16_t tree_find_unfollowed(const struct tree *tree, uint16_t *ret_column)
{
    struct walk walk = { .tree = tree };
    (void)follow(&walk, tree->root);
    *ret_column = walk.column;
    return walk.unfollowed;
}
