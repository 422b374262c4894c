/* json_rows.h - JSON objects as the records of a file: every member is a field, named by its path.
 *
 * One object a line (JSON Lines), or spread over lines, as in a list or one after another.  {"user": {"id": 7}}
 * has the field user.id, {"_id": {"$oid": "x"}}, as MongoDB writes values, the field _id.  A list of {"key": k,
 * "value": v}, as GA4 writes parameters, has the fields list.k; any other list is a field with its text.  null is an
 * empty field.  One list of objects may be chosen to be the record's lines: then a record is read as often as the list
 * has items, each time with the members of the next and all others again.
 *
 * The fields have to be known before records can be columns: the names met while is_learning is set are added,
 * later ones only counted.  Read with csv.h's functions; its dialect names the columns. */
#ifndef BASE_JSON_ROWS_H
#define BASE_JSON_ROWS_H

#include "base/arena.h"
#include "base/csv_reader.h"
#include "base/hash_map.h"
#include "base/text.h"

struct json_node {              /* a member's name within the object that it stands in */
    struct text name;
    uint32_t    parent, first, last, next;      /* nodes; 0: none.  Node 0 is the record itself */
    uint32_t    column;                         /* JSON_NO_COLUMN: it has never held a value of its own */
    bool        holds_objects;                  /* it was met as a list of objects */
    bool        is_of_line;                     /* below the list of lines */
};
enum { JSON_ROWS_DEPTH = 32 };
#define JSON_NO_COLUMN UINT32_MAX

struct json_columns {
    bool              is_spread;        /* an object may end on another line than it began */
    bool              is_enveloped;     /* the records are a list within an object: where it ends they do */
    bool              is_learning;
    uint32_t          lines;            /* the node that holds a record's lines; 0: none does */
    struct json_node *nodes;            /* [n_nodes] */
    uint32_t          n_nodes, room;
    struct hash_slots slots;            /* nodes by parent and name: hash << 32 | node */
    uint32_t         *of_column;        /* [n_columns] its node */
    size_t            n_columns, columns_room;
    struct arena     *arena;
};

/* Whether text, a file's beginning, is of JSON objects; if so *ret_is_spread says how they stand, and *ret_skip how
 * many bytes come before the first record: of one object that holds a list of them, {"orders": [{...}, ...]}, all up
 * to the list's bracket; else none.  What follows such a list is no record. */
bool json_rows_begin(struct text text, bool *ret_is_spread, size_t *ret_skip);

struct json_columns *json_columns_new(bool is_spread, struct arena *arena);     /* learning */
/* Anew, with the list at a node of others as the lines. */
struct json_columns *json_columns_with_lines(const struct json_columns *others, uint32_t node);

static inline bool json_column_is_of_line(const struct json_columns *columns, size_t column)
{
    return columns->nodes[columns->of_column[column]].is_of_line;
}

/* "user.id", in the arena of the columns. */
const char *json_column_name(const struct json_columns *columns, size_t column);

/* What csv_next and csv_split do where the dialect has json. */
enum csv_step json_rows_next(struct csv_reader *reader);

#endif
