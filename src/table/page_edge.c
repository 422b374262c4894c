/* page_edge.c - see page_edge.h. */
#include "table/page_edge.h"

#include "base/arena_list.h"

enum { SLOT_BITS = 14, PAGE_LEAST = 10, RUNS_NEEDED = 3, ROWS_MOST = 5000, ROOM = 16 };

static size_t equal_rows(const uint64_t *message, size_t a, size_t b, size_t most)
{
    size_t n = 0;
    while (n < most && message[a + n] == message[b + n]) n++;
    return n;
}

/* The earliest row of each message not long ago is kept: of A A B, A A B the whole run is found, and not only A A.  Two
 * messages have room in a slot, for another between a row and its copy would hide it. */
size_t page_edges_find(const uint64_t *message, const uint64_t *order, size_t n, struct arena *arena,
                       struct page_edge **ret_edges)
{
    uint32_t *slots = ARENA_ARRAY(arena, uint32_t, (size_t)2 << SLOT_BITS);     /* 1 + a row */
    struct page_edge *edges = ARENA_ARRAY(arena, struct page_edge, ROOM);
    size_t n_edges = 0, room = ROOM;
    for (size_t i = 0; i < n;) {
        uint32_t *slot = &slots[2 * (message[i] >> (64 - SLOT_BITS))];
        uint32_t row = slot[1] > 0 && message[slot[1] - 1] == message[i] ? slot[1] : slot[0];
        size_t was = row > 0 ? row - 1 : i, far = i - was;
        bool is_again = far > 0 && far <= ROWS_MOST && message[was] == message[i];
        if (!is_again || i + far > n || equal_rows(message, was, i, far) < far) {
            if (!is_again) slot[1] = slot[0], slot[0] = (uint32_t)i + 1;
            i++;
            continue;
        }
        struct page_edge edge = { .first = i, .n = (uint32_t)far };
        for (size_t k = i + 1; k < i + far; k++) edge.has_orders |= order[k] != order[i];
        edges = arena_list_grow(arena, edges, n_edges, &room, sizeof *edges);
        edges[n_edges++] = edge;
        i += far;
    }
    *ret_edges = edges;
    return n_edges;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        uint64_t rest = a % b;
        a = b, b = rest;
    }
    return a;
}

void page_edges_judge(struct page_edge *const *edges, size_t n)
{
    uint64_t page = 0;
    bool is_sure = false;
    for (size_t i = 0; i < n; i++) {
        page = common_divisor(page, edges[i]->first);
        is_sure |= edges[i]->has_orders;
    }
    bool is_by_pages = page >= PAGE_LEAST && n > 1 && (is_sure || n >= RUNS_NEEDED);
    for (size_t i = 0; i < n; i++) edges[i]->is_one = edges[i]->has_orders || is_by_pages;
}
