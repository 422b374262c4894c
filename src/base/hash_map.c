/* hash_map.c - see hash_map.h. */
#include "base/hash_map.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static inline uint64_t word_at(const struct hash_slots *table, size_t at, size_t bytes)
{
    uint64_t word;
    memcpy(&word, (const char *)table->slots + at * bytes, sizeof word);
    return word;
}

size_t hash_slots_needed(size_t n, struct hash_kind kind)
{
    size_t n_slots = kind.fewest;
    while (4 * n > kind.most_quarters * n_slots) n_slots *= 2;
    return n_slots;
}

static inline void move(const struct hash_slots *from, struct hash_slots *to, struct hash_kind kind, size_t bytes)
{
    for (size_t i = 0; i < from->n_slots; i++) {
        uint64_t word = word_at(from, i, bytes);
        if (word == 0) continue;
        size_t at = hash_slots_home(to, word, kind);
        while (word_at(to, at, bytes)) at = hash_slots_next(to, at);
        memcpy((char *)to->slots + at * bytes, (const char *)from->slots + i * bytes, bytes);
    }
    to->n = from->n;
}

/* A loop of its own for the sizes that are moved by the million. */
void hash_slots_move(const struct hash_slots *table, struct hash_slots *ret_larger, struct hash_kind kind)
{
    if (kind.bytes == sizeof(uint64_t)) move(table, ret_larger, kind, sizeof(uint64_t));
    else if (kind.bytes == sizeof(struct hash_entry)) move(table, ret_larger, kind, sizeof(struct hash_entry));
    else move(table, ret_larger, kind, kind.bytes);
}

void hash_slots_grow(struct hash_slots *table, size_t n, struct hash_kind kind)
{
    struct hash_slots larger = { .n_slots = hash_slots_needed(n, kind) };
    larger.slots = memory_new(larger.n_slots, kind.bytes);
    hash_slots_move(table, &larger, kind);
    free(table->slots);
    *table = larger;
}

void hash_slots_remove(struct hash_slots *table, size_t at, struct hash_kind kind)
{
    size_t mask = table->n_slots - 1, hole = at;
    char *slots = table->slots;
    for (at = hash_slots_next(table, hole); word_at(table, at, kind.bytes); at = hash_slots_next(table, at)) {
        size_t home = hash_slots_home(table, word_at(table, at, kind.bytes), kind);
        if (((at - home) & mask) < ((at - hole) & mask)) continue;      /* it would stand before its place */
        memcpy(slots + hole * kind.bytes, slots + at * kind.bytes, kind.bytes);
        hole = at;
    }
    memset(slots + hole * kind.bytes, 0, kind.bytes);
    table->n--;
}

void hash_map_clear(struct hash_map *map, size_t n)
{
    size_t n_slots = hash_slots_needed(n + 1, hash_map_kind);
    if (n_slots > map->room) {
        free(map->table.slots);
        map->table.slots = memory_new(n_slots, sizeof(struct hash_entry));
        map->room = n_slots;
    } else {
        memset(map->table.slots, 0, n_slots * sizeof(struct hash_entry));
    }
    map->table.n_slots = n_slots;
    map->table.n = 0;
}

void hash_map_free(struct hash_map *map)
{
    free(map->table.slots);
    *map = (struct hash_map){ 0 };
}

void hash_map_grow(struct hash_map *map)
{
    hash_slots_grow(&map->table, map->table.n + 1, hash_map_kind);
    map->room = map->table.n_slots;
}
