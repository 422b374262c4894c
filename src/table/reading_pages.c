/* reading_pages.c - rows that stand twice where pages of an export end, within blocks of the file and between two; see
 * reading.h. */
#include "table/reading.h"

#include "base/arena_list.h"

#include <string.h>

enum { END_ROWS = 1000 };       /* of each end of a block: what pages repeat is shorter */

/* Lines that nothing numbers, of orders that have numbers: of an order that is one row a copy is known by that. */
bool reading_may_repeat_pages(const struct mapping *mapping)
{
    const int *of = mapping->column_of;
    return mapping_has_order(mapping) && mapping->has_lines && !mapping_numbers_lines(mapping) && !mapping->is_order_by_time &&
           (of[ROLE_ITEM] >= 0 || of[ROLE_QUANTITY] >= 0 || of[ROLE_PRICE] >= 0);
}

struct page_rows page_rows_new(struct arena *arena, size_t n)
{
    return (struct page_rows){ ARENA_ARRAY(arena, uint64_t, n + 1), ARENA_ARRAY(arena, uint64_t, n + 1),
                               ARENA_ARRAY(arena, uint32_t, n + 1), n };
}

void reading_find_pages(struct block *block, const struct page_rows *rows, struct arena *arena)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct page_edge *edges;
    block->n_edges = page_edges_find(rows->message, rows->order, rows->n, scratch, &edges);
    if (block->n_edges > 0) {
        block->edges = ARENA_ARRAY(arena, struct page_edge, block->n_edges);
        memcpy(block->edges, edges, block->n_edges * sizeof *edges);
    }
    arena_free(scratch);
}

/* Copies n rows from the from-th to the to-th on. */
static void copy_rows(const struct page_rows *rows, size_t from, size_t n, struct page_rows *into, size_t to)
{
    if (n == 0) return;
    memcpy(into->message + to, rows->message + from, n * sizeof *rows->message);
    memcpy(into->order + to, rows->order + from, n * sizeof *rows->order);
    memcpy(into->place + to, rows->place + from, n * sizeof *rows->place);
}

void reading_keep_ends(struct block *block, const struct page_rows *rows, struct arena *arena)
{
    size_t n = rows->n < END_ROWS ? rows->n : END_ROWS;
    block->head = page_rows_new(arena, n);
    block->tail = page_rows_new(arena, n);
    copy_rows(rows, 0, n, &block->head, 0);
    copy_rows(rows, rows->n - n, n, &block->tail, 0);
}

/* A run of which the block before has the beginning and the block after the end, at least of what is repeated. */
struct crossing { struct page_edge edge; size_t block, first; };       /* block: the one before; first: in their ends */

struct crossings { struct crossing *of; size_t n, room; };

static struct page_rows ends_of(const struct reading *reading, size_t block, struct arena *arena)
{
    const struct page_rows *tail = &reading->blocks[block]->tail, *head = &reading->blocks[block + 1]->head;
    struct page_rows rows = page_rows_new(arena, tail->n + head->n);
    copy_rows(tail, 0, tail->n, &rows, 0);
    copy_rows(head, 0, head->n, &rows, tail->n);
    return rows;
}

static void find_crossing(struct reading *reading, size_t block, uint64_t n_before, struct crossings *crossings)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct page_rows rows = ends_of(reading, block, scratch);
    size_t boundary = reading->blocks[block]->tail.n;
    struct page_edge *edges;
    size_t n = page_edges_find(rows.message, rows.order, rows.n, scratch, &edges);
    for (size_t e = 0; e < n; e++) {
        if (edges[e].first - edges[e].n >= boundary || edges[e].first + edges[e].n <= boundary) continue;
        struct crossing crossing = { edges[e], block, edges[e].first };
        crossing.edge.first += n_before - boundary;
        crossings->of = arena_list_grow(reading->arena, crossings->of, crossings->n, &crossings->room, sizeof *crossings->of);
        crossings->of[crossings->n++] = crossing;
    }
    arena_free(scratch);
}

/* The rows at these places of the block are of the edge, but those that one within the block has already. */
static void mark_rows(struct reading *reading, struct block *block, const uint32_t *places, size_t n, const struct page_edge *edge)
{
    if (n == 0) return;
    struct page_edge *edges = ARENA_ARRAY(reading->arena, struct page_edge, block->n_edges + 1);
    if (block->n_edges > 0) memcpy(edges, block->edges, block->n_edges * sizeof *edges);
    edges[block->n_edges++] = *edge;
    block->edges = edges;
    if (!block->edge) block->edge = ARENA_ARRAY(reading->arena, uint32_t, block->n_rows + 1);
    for (size_t i = 0; i < n; i++) {
        uint32_t *of = &block->edge[places[i]];
        if (*of == 0 || !block->edges[*of - 1].is_one) *of = (uint32_t)block->n_edges;
    }
}

static void mark_crossing(struct reading *reading, const struct crossing *crossing)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct page_rows rows = ends_of(reading, crossing->block, scratch);
    size_t boundary = reading->blocks[crossing->block]->tail.n, first = crossing->first, end = first + crossing->edge.n,
           middle = first > boundary ? first : end < boundary ? end : boundary;
    mark_rows(reading, reading->blocks[crossing->block], rows.place + first, middle - first, &crossing->edge);
    mark_rows(reading, reading->blocks[crossing->block + 1], rows.place + middle, end - middle, &crossing->edge);
    arena_free(scratch);
}

static struct crossings find_crossings(struct reading *reading, size_t *ret_n_edges)
{
    struct crossings crossings = { 0 };
    uint64_t n_before = 0;
    *ret_n_edges = 0;
    for (size_t b = 0; b < reading->n_blocks; b++) {
        *ret_n_edges += reading->blocks[b]->n_edges;
        n_before += reading->blocks[b]->n_rows;
        if (b + 1 < reading->n_blocks && reading->blocks[b]->tail.n > 0) find_crossing(reading, b, n_before, &crossings);
    }
    return crossings;
}

/* Where pages end is told by all of the file. */
void reading_judge_pages(struct reading *reading)
{
    size_t n_edges, n = 0;
    struct crossings crossings = find_crossings(reading, &n_edges);
    struct page_edge **all = ARENA_ARRAY(reading->arena, struct page_edge *, n_edges + crossings.n + 1);
    uint64_t n_before = 0;
    for (size_t b = 0; b < reading->n_blocks; n_before += reading->blocks[b++]->n_rows)
        for (size_t e = 0; e < reading->blocks[b]->n_edges; e++) {
            struct page_edge *edge = &reading->blocks[b]->edges[e];
            edge->first += n_before;
            all[n++] = edge;
        }
    for (size_t i = 0; i < crossings.n; i++) all[n++] = &crossings.of[i].edge;
    page_edges_judge(all, n);
    for (size_t i = 0; i < crossings.n; i++)
        if (crossings.of[i].edge.is_one) mark_crossing(reading, &crossings.of[i]);
}
