/* hash_map.c - see hash_map.h. */
#include "base/hash_map.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST_ENTRIES = 64 };

void hash_map_clear(struct hash_map *map, size_t n)
{
    size_t wanted = FEWEST_ENTRIES;
    while (wanted < 2 * (n + 1)) wanted *= 2;
    if (wanted > map->room) {
        free(map->entries);
        map->entries = memory_new(wanted, sizeof *map->entries);
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
    struct hash_map grown = {
        .entries = memory_new(n, sizeof *map->entries), .room = n, .mask = n - 1, .n = map->n
    };
    for (size_t i = 0; map->entries && i <= map->mask; i++)
        if (map->entries[i].key) *hash_map_at(&grown, map->entries[i].key) = map->entries[i];
    free(map->entries);
    *map = grown;
}
