/* json_columns.c - the members that JSON records have, as a tree of names; see json_rows.h. */
#include "base/json_rows_internal.h"

#include "base/hash.h"

static const struct hash_kind kind = { .bytes = sizeof(uint64_t), .home_shift = 32, .most_quarters = 2, .fewest = 64 };

static uint64_t word_of(uint32_t parent, struct text name) { return hash_bytes(name.at, name.length, parent) << 32; }

/* The slot of a name, or the free one where it belongs. */
static uint64_t *slot_of(const struct json_columns *columns, uint32_t parent, struct text name)
{
    uint64_t *slots = columns->slots.slots, word = word_of(parent, name);
    size_t at = hash_slots_home(&columns->slots, word, kind);
    for (; slots[at]; at = hash_slots_next(&columns->slots, at)) {
        const struct json_node *node = &columns->nodes[(uint32_t)slots[at]];
        if (slots[at] >> 32 == word >> 32 && node->parent == parent && text_equal(node->name, name)) break;
    }
    return &slots[at];
}

static void grow(struct json_columns *columns)
{
    uint32_t room = 2 * columns->room;
    struct json_node *nodes = ARENA_ARRAY(columns->arena, struct json_node, room);
    if (columns->n_nodes > 0) memcpy(nodes, columns->nodes, columns->n_nodes * sizeof *nodes);
    columns->nodes = nodes;
    columns->room = room;
    struct hash_slots larger = { .n_slots = hash_slots_needed(room, kind) };
    larger.slots = ARENA_ARRAY(columns->arena, uint64_t, larger.n_slots);
    hash_slots_move(&columns->slots, &larger, kind);
    columns->slots = larger;
}

struct json_columns *json_columns_new(bool is_spread, struct arena *arena)
{
    struct json_columns *columns = ARENA_NEW(arena, struct json_columns);
    *columns = (struct json_columns){ .is_spread = is_spread, .is_learning = true, .room = 32, .arena = arena };
    grow(columns);
    columns->nodes[columns->n_nodes++].column = JSON_NO_COLUMN;
    columns->of_column = ARENA_ARRAY(arena, uint32_t, CSV_COLUMNS_MAX);
    return columns;
}

uint32_t json_node_find(const struct json_columns *columns, uint32_t parent, struct text name)
{
    return (uint32_t)*slot_of(columns, parent, name);
}

uint32_t json_node_add(struct json_columns *columns, uint32_t parent, struct text name)
{
    if (columns->n_nodes == columns->room) grow(columns);
    uint32_t added = columns->n_nodes++;
    char *copy = arena_alloc(columns->arena, name.length + 1, 1);
    if (name.length > 0) memcpy(copy, name.at, name.length);
    columns->nodes[added] =
        (struct json_node){ .name = { copy, name.length }, .parent = parent, .column = JSON_NO_COLUMN };
    struct json_node *above = &columns->nodes[parent];
    columns->nodes[added].is_of_line = above->is_of_line || (columns->lines && parent == columns->lines);
    if (above->last) columns->nodes[above->last].next = added;
    else above->first = added;
    above->last = added;
    *slot_of(columns, parent, columns->nodes[added].name) = word_of(parent, name) | added;
    columns->slots.n++;
    return added;
}

static uint32_t add_path(struct json_columns *columns, const struct json_columns *others, uint32_t node)
{
    const struct json_node *of = &others->nodes[node];
    return node ? json_node_add(columns, add_path(columns, others, of->parent), of->name) : 0;
}

struct json_columns *json_columns_with_lines(const struct json_columns *others, uint32_t node)
{
    struct json_columns *columns = json_columns_new(others->is_spread, others->arena);
    columns->is_enveloped = others->is_enveloped;
    columns->lines = add_path(columns, others, node);
    return columns;
}

const char *json_column_name(const struct json_columns *columns, size_t column)
{
    const struct json_node *node = &columns->nodes[columns->of_column[column]];
    const char *name = arena_format(columns->arena, "%.*s", (int)node->name.length, node->name.at);
    while (node->parent) {
        node = &columns->nodes[node->parent];
        name = arena_format(columns->arena, "%.*s.%s", (int)node->name.length, node->name.at, name);
    }
    return name;
}
