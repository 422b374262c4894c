/* expression_tree.h - a condition as a tree, for asking what it can be while some of its columns move; see
 * expression_watch.c.
 *
 * SQLite remains the one that says what is true.  What the tree does not understand is "anything", and parts in
 * which nothing moves are computed by SQLite. */
#ifndef CONDITION_EXPRESSION_TREE_H
#define CONDITION_EXPRESSION_TREE_H

#include "condition/expression_internal.h"

enum { TREE_MOST_DEPTH = 100, TREE_NONE = 0 };

enum node_kind {
    NODE_ANYTHING,                  /* its children say only when it moves */
    NODE_NUMBER, NODE_STRING, NODE_NULL, NODE_COLUMN,
    NODE_PART,                      /* does not move: SQLite knows its value */
    NODE_OR, NODE_AND, NODE_NOT, NODE_IS_NULL, NODE_IS_TRUE, NODE_IS_FALSE,
    NODE_EQUAL, NODE_UNEQUAL, NODE_LESS, NODE_LESS_OR_EQUAL, NODE_GREATER, NODE_GREATER_OR_EQUAL,
    NODE_IS,                        /* equal, or both missing */
    NODE_BETWEEN,                   /* children: what, from, to */
    NODE_IN,                        /* what, then the list */
    NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY, NODE_DIVIDE, NODE_REMAINDER, NODE_POWER,
    NODE_LOG_OF,                    /* base, what */
    NODE_MINUS,
    NODE_PLUS,                      /* the same number, but no column any more */
    NODE_SAME,                      /* in parentheses, or with a COLLATE */
    NODE_ABS, NODE_MIN, NODE_MAX, NODE_FIRST_PRESENT, NODE_NULL_IF,
    NODE_ROUND, NODE_ROUND_TO,      /* to digits: what, how many */
    NODE_FLOOR, NODE_CEILING, NODE_TRUNCATE, NODE_SIGN,
    NODE_INTEGER,                   /* CAST AS INTEGER */
    NODE_BITS,                      /* an operator on bits; children are integers */
    NODE_SQRT, NODE_EXP, NODE_LN, NODE_LOG10, NODE_LOG2,
    NODE_CASE,                      /* condition, value, ..., and the value for else if their number is odd */
    NODE_CASE_OF                    /* what, and then as above with what it is compared with */
};

struct node {
    enum node_kind kind;
    uint16_t       child, next;     /* the first child, the next child of the same parent; TREE_NONE */
    bool           moves, is_real;  /* a literal with a point or an exponent */
    bool           is_text;         /* of a column and of anything: it can be a text */
    bool           is_age;          /* of a column: expression.h */
    uint32_t       from, to;        /* in the text */
    uint32_t       index;           /* NODE_COLUMN: among the columns used; NODE_PART: among the parts */
    double         number;
};

struct tree {
    const char  *sql;
    struct node *nodes;             /* [n + 1], from 1 on */
    size_t       n, room;
    uint16_t     root;              /* TREE_NONE: the text is not understood */
};

/* Reads a text that SQLite has compiled; tree is 0 before, and freed by tree_clear.
 * column: fills index, is_text and is_age of a node if the name is one of the columns used. */
void tree_read(struct tree *tree, const char *sql,
               bool (*column)(void *context, struct text name, struct node *ret_column), size_t n_moving,
               void *context);
void tree_clear(struct tree *tree);

/* A node that a look ahead could not follow: a value that is another one at each moment goes into a function that
 * is not understood or meets a text.  TREE_NONE: there is none.  *ret_column: the column that moves. */
uint16_t tree_find_unfollowed(const struct tree *tree, uint16_t *ret_column);

#endif
