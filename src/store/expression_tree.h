/* expression_tree.h - a condition as a tree, for asking what it can be while some of its columns move; see
 * expression_range.c.
 *
 * SQLite remains the one that says what is true.  What the tree does not understand is "anything", and parts in
 * which nothing moves are computed by SQLite. */
#ifndef STORE_EXPRESSION_TREE_H
#define STORE_EXPRESSION_TREE_H

#include "store/expression_internal.h"

enum { TREE_MOST_NODES = 600, TREE_MOST_DEPTH = 100, TREE_NONE = 0 };

enum node_kind {
    NODE_ANYTHING,                  /* its children say only whether it moves */
    NODE_NUMBER, NODE_NULL, NODE_COLUMN,
    NODE_PART,                      /* does not move: SQLite knows its value */
    NODE_OR, NODE_AND, NODE_NOT, NODE_IS_NULL,
    NODE_EQUAL, NODE_UNEQUAL, NODE_LESS, NODE_LESS_OR_EQUAL, NODE_GREATER, NODE_GREATER_OR_EQUAL,
    NODE_BETWEEN,                   /* children: what, from, to */
    NODE_IN,                        /* what, then the list */
    NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY, NODE_DIVIDE, NODE_MINUS, NODE_SAME,
    NODE_ABS, NODE_MIN, NODE_MAX, NODE_FIRST_PRESENT, NODE_ROUND, NODE_FLOOR, NODE_CEILING, NODE_TRUNCATE,
    NODE_INTEGER,                   /* CAST AS INTEGER */
    NODE_CASE                       /* condition, value, ..., and the value for else if their number is odd */
};

struct node {
    enum node_kind kind;
    uint16_t       child, next;     /* the first child, the next child of the same parent; TREE_NONE */
    bool           moves, is_real;  /* a literal with a point or an exponent */
    uint32_t       from, to;        /* in the text */
    uint32_t       index;           /* NODE_COLUMN: among the columns used; NODE_PART: among the parts */
    double         number;
};

struct tree {
    const char  *sql;
    struct node  nodes[TREE_MOST_NODES];        /* from 1 on */
    size_t       n;
    uint16_t     root;              /* TREE_NONE: the text is not understood */
};

/* Reads a text that SQLite has compiled.  column: which of the columns used a name is, -1: none. */
void tree_read(struct tree *tree, const char *sql, int (*column)(void *context, struct text name),
               size_t n_moving, void *context);

#endif
