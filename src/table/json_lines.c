/* json_lines.c - see json_lines.h. */
#include "table/json_lines.h"

#include <string.h>

/* Simplified, the likeliest first. */
static const char *const lists[] = {
    "lineitems", "orderlines", "orderitems",  "lines",     "items",     "products",  "cartitems", "orderproducts",
    "positions", "positionen", "details",     "orderdetails", "articles", "artikel", "produits",  "productos",
    "prodotti",  "produtos",   "articulos",   "articoli",  "artigos",   "basket",    "cart",      "skus",
};
/* What stands between a list's name and what its items are. */
static const char *const wraps[] = { "data", "edges", "nodes", "node", "item" };

static int place_of(struct text name, const char *const *names, size_t n)
{
    char simple[ROLE_NAME_BYTES];
    role_simplify(name, simple);
    for (size_t i = 0; i < n; i++)
        if (strcmp(simple, names[i]) == 0) return (int)i;
    return -1;
}

static int list_of(struct text name) { return place_of(name, lists, sizeof lists / sizeof *lists); }
static bool is_wrap(struct text name) { return place_of(name, wraps, sizeof wraps / sizeof *wraps) >= 0; }

static const char *copy(const struct json_columns *columns, struct text name)
{
    return arena_format(columns->arena, "%.*s", (int)name.length, name.at);
}

/* Whether among the members of the object at a node one numbers it. */
static bool is_numbered(const struct json_columns *columns, uint32_t node)
{
    for (uint32_t i = columns->nodes[node].first; i; i = columns->nodes[i].next) {
        const char *name = copy(columns, columns->nodes[i].name);
        if (columns->nodes[i].column == JSON_NO_COLUMN) continue;
        if (role_name_score(ROLE_ORDER, name) > ROLE_NAME_PART || role_name_score(ROLE_CUSTOMER, name) == 1) return true;
    }
    return false;
}

static bool is_of_events(const struct json_columns *columns)
{
    for (uint32_t i = columns->nodes[0].first; i; i = columns->nodes[i].next)
        if (columns->nodes[i].column != JSON_NO_COLUMN &&
            role_name_score(ROLE_EVENT, copy(columns, columns->nodes[i].name)) > ROLE_NAME_PART)
            return true;
    return false;
}

uint32_t json_lines_find(const struct json_columns *columns)
{
    uint32_t best = 0;
    int best_place = 0;
    if (is_of_events(columns)) return 0;
    for (uint32_t i = 1; i < columns->n_nodes; i++) {
        const struct json_node *node = &columns->nodes[i];
        uint32_t named = is_wrap(node->name) && node->parent ? node->parent : i;
        int place = list_of(columns->nodes[named].name);
        if (!node->holds_objects || place < 0 || !is_numbered(columns, columns->nodes[named].parent)) continue;
        if (best == 0 || place < best_place) best = i, best_place = place;
    }
    return best;
}

bool json_lines_simplify(const char *name, char ret_name[ROLE_NAME_BYTES])
{
    char rest[ROLE_NAME_BYTES] = "";
    bool is_line = false;
    size_t n = 0;
    for (const char *at = name; *at;) {
        size_t length = strcspn(at, ".");
        struct text part = { at, length };
        char simple[ROLE_NAME_BYTES];
        role_simplify(part, simple);
        at += length + (at[length] == '.');
        if (!is_line) is_line = *at && list_of(part) >= 0;
        else if (!is_wrap(part) || !*at) n += (size_t)snprintf(rest + n, sizeof rest - n, "%s", simple);
        if (n >= sizeof rest) n = sizeof rest - 1;
    }
    if (is_line) snprintf(ret_name, ROLE_NAME_BYTES, "lineitem%.*s", ROLE_NAME_BYTES - 9, rest);
    return is_line;
}
