/* hash_map.c - see hash_map.h. */
#include "base/hash_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_ENTRIES = 64 };

static struct hash_entry *entries_new(size_t n)
{
    struct hash_entry *entries = calloc(n, sizeof *entries);
    if (!entries) {
        fprintf(stderr, "out of memory: a table of %zu entries\n", n);
        abort();
    }
    return entries;
}

void hash_map_clear(struct hash_map *map, size_t n)
{
    size_t wanted = FEWEST_ENTRIES;
    while (wanted < 2 * (n + 1)) wanted *= 2;
    if (wanted > map->room) {
        free(map->entries);
        map->entries = entries_new(wanted);
        map->room = wanted;
    } else {
        memset(map->entries, 0, wanted * sizeof *map->entries);
    }
    map->mask = wanted - 1;
    map->n = 0;
}

void hash_map_free(struct hash_map *map)
{
    free(map->entries);
    *map = (struct hash_map){ 0 };
}

void hash_map_grow(struct hash_map *map)
{
    size_t n = map->entries ? 2 * (map->mask + 1) : FEWEST_ENTRIES;
    struct hash_map grown = { .entries = entries_new(n), .room = n, .mask = n - 1, .n = map->n };
    for (size_t i = 0; map->entries && i <= map->mask; i++)
        if (map->entries[i].key) *hash_map_at(&grown, map->entries[i].key) = map->entries[i];
    free(map->entries);
    *map = grown;
}
