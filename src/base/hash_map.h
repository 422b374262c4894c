/* hash_map.h - a number for each 64-bit hash: open addressing, at most half full, keys beside their values.
 *
 * For hashes that are well mixed in their low bits (base/hash.h); two things of one hash are one thing.  A zeroed
 * struct is an empty map.  It grows as needed; like an arena it ends the process when there is no memory. */
#ifndef BASE_HASH_MAP_H
#define BASE_HASH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_entry { uint64_t key, value; };     /* key 0: free */

struct hash_map {
    struct hash_entry *entries;     /* [mask + 1] in use of [room] */
    size_t             room, mask, n;
};

/* Empties the map and makes room for n keys, so that putting them never grows it. */
void hash_map_clear(struct hash_map *map, size_t n);
void hash_map_free(struct hash_map *map);       /* empty again */
void hash_map_grow(struct hash_map *map);       /* for hash_map_put */

/* The entry of a key, or the free one where it belongs; of a map that was never put into or cleared: none. */
static inline struct hash_entry *hash_map_at(const struct hash_map *map, uint64_t key)
{
    key |= key == 0;
    size_t at = key & map->mask;
    while (map->entries[at].key && map->entries[at].key != key) at = (at + 1) & map->mask;
    return &map->entries[at];
}

/* The key's value, 0 when it is new; valid until the next put. */
static inline uint64_t *hash_map_put(struct hash_map *map, uint64_t key)
{
    if (2 * (map->n + 1) > map->mask + 1 || !map->entries) hash_map_grow(map);
    struct hash_entry *entry = hash_map_at(map, key);
    map->n += entry->key == 0;
    entry->key = key | (key == 0);
    return &entry->value;
}

/* NULL: it was never put. */
static inline const uint64_t *hash_map_find(const struct hash_map *map, uint64_t key)
{
    if (map->n == 0) return NULL;
    const struct hash_entry *entry = hash_map_at(map, key);
    return entry->key ? &entry->value : NULL;
}

#endif
