/* due_list.c - see due_list.h. */
#include "base/memory.h"
#include "base/due_list.h"

#include <stdlib.h>

static bool is_before(struct due_entry a, struct due_entry b)
{
    return a.at_ms != b.at_ms ? a.at_ms < b.at_ms : a.who < b.who;
}

static void push(struct due_list *due, struct due_entry entry)
{
    if (due->n == due->room) {
        due->room = due->room ? 2 * due->room : 64;
        due->heap = memory_grow(due->heap, due->room, sizeof *due->heap);
    }
    size_t at = due->n++;
    for (size_t above; at > 0 && is_before(entry, due->heap[above = (at - 1) / 2]); at = above)
        due->heap[at] = due->heap[above];
    due->heap[at] = entry;
}

static void pop(struct due_list *due)
{
    struct due_entry last = due->heap[--due->n];
    size_t at = 0;
    for (size_t below; (below = 2 * at + 1) < due->n; at = below) {
        if (below + 1 < due->n && is_before(due->heap[below + 1], due->heap[below])) below++;
        if (!is_before(due->heap[below], last)) break;
        due->heap[at] = due->heap[below];
    }
    due->heap[at] = last;
}

static void rebuild(struct due_list *due)
{
    struct due_entry entry;
    due->n = 0;
    for (uint32_t from = 0; instant_map_next(&due->at, from, &entry.who, &entry.at_ms); from = entry.who + 1)
        push(due, entry);
}

void due_set(struct due_list *due, uint32_t who, int64_t at_ms)
{
    if (instant_map_get(&due->at, who) == at_ms) return;
    instant_map_put(&due->at, who, at_ms);
    if (due->n > 2 * due->at.n + 1024) rebuild(due);
    else push(due, (struct due_entry){ at_ms, who });
}

void due_unset(struct due_list *due, uint32_t who) { instant_map_remove(&due->at, who); }

int64_t due_of(const struct due_list *due, uint32_t who)
{
    int64_t at_ms = instant_map_get(&due->at, who);
    return at_ms == INSTANT_ABSENT ? INT64_MAX : at_ms;
}

int64_t due_next_ms(struct due_list *due)
{
    while (due->n > 0 && instant_map_get(&due->at, due->heap[0].who) != due->heap[0].at_ms) pop(due);
    return due->n > 0 ? due->heap[0].at_ms : INT64_MAX;
}

bool due_take(struct due_list *due, int64_t now_ms, uint32_t *ret_who, int64_t *ret_at_ms)
{
    if (due_next_ms(due) > now_ms || due->n == 0) return false;
    *ret_who = due->heap[0].who;
    *ret_at_ms = due->heap[0].at_ms;
    due_unset(due, *ret_who);
    pop(due);
    return true;
}

void due_clear(struct due_list *due)
{
    instant_map_clear(&due->at);
    free(due->heap);
    *due = (struct due_list){ 0 };
}
