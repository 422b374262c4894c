/* hash_map.h - the one open addressing: slots that each begin with a 64-bit word, and on them a number for each hash.
 *
 * A slot's word is 0 while it is free; else it says where the slot belongs, and who asks knows by it, and by what lies
 * behind it, whether the slot is theirs: of two texts of one hash, say, each is found by its own.  Whoever searches goes on
 * from hash_slots_home by hash_slots_next until the slot is theirs or free.  A zeroed struct is an empty table.  It grows
 * as needed; like an arena it ends the process when there is no memory. */
#ifndef BASE_HASH_MAP_H
#define BASE_HASH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_kind {
    size_t   bytes;             /* of a slot, its word the first eight */
    unsigned home_shift;        /* the word's bits from here on say where it belongs: they are well mixed (base/hash.h) */
    unsigned most_quarters;     /* of its slots at most so many quarters are taken */
    size_t   fewest;            /* slots that a table begins with, a power of two */
};

struct hash_slots {
    void  *slots;               /* [n_slots], a power of two */
    size_t n_slots, n;          /* n: taken; counted by whoever takes one */
};

static inline size_t hash_slots_home(const struct hash_slots *table, uint64_t word, struct hash_kind kind)
{
    return (size_t)(word >> kind.home_shift) & (table->n_slots - 1);
}
static inline size_t hash_slots_next(const struct hash_slots *table, size_t at)
{
    return (at + 1) & (table->n_slots - 1);
}

/* How many slots n taken ones need. */
size_t hash_slots_needed(size_t n, struct hash_kind kind);
/* Puts all of a table into one with more slots, which are free, and whose memory the caller has made. */
void hash_slots_move(const struct hash_slots *table, struct hash_slots *ret_larger, struct hash_kind kind);
/* More slots on the heap; for hash_slots_reserve. */
void hash_slots_grow(struct hash_slots *table, size_t n, struct hash_kind kind);
/* Frees one that is taken, and moves back what stands behind it, so that each is found from its own place on. */
void hash_slots_remove(struct hash_slots *table, size_t at, struct hash_kind kind);

/* Room for n taken slots, of a table on the heap. */
static inline void hash_slots_reserve(struct hash_slots *table, size_t n, struct hash_kind kind)
{
    if (4 * n > kind.most_quarters * table->n_slots) hash_slots_grow(table, n, kind);
}

/* ---- a number for each hash; two things of one hash are one thing ---- */

struct hash_entry { uint64_t key, value; };     /* key 0: free */

struct hash_map {
    struct hash_slots table;    /* of hash_entry, at most half full */
    size_t            room;     /* slots there is memory for */
};

static const struct hash_kind hash_map_kind = { sizeof(struct hash_entry), 0, 2, 64 };

/* Empties the map and makes room for n keys, so that putting them never grows it. */
void hash_map_clear(struct hash_map *map, size_t n);
void hash_map_free(struct hash_map *map);       /* empty again */
void hash_map_grow(struct hash_map *map);       /* for hash_map_put */

static inline size_t hash_map_n(const struct hash_map *map) { return map->table.n; }

/* The entry of a key, or the free one where it belongs; of a map that was never put into or cleared: none. */
static inline struct hash_entry *hash_map_at(const struct hash_map *map, uint64_t key)
{
    struct hash_entry *entries = map->table.slots;
    key |= key == 0;
    size_t at = hash_slots_home(&map->table, key, hash_map_kind);
    while (entries[at].key && entries[at].key != key) at = hash_slots_next(&map->table, at);
    return &entries[at];
}

/* The key's value, 0 when it is new; valid until the next put. */
static inline uint64_t *hash_map_put(struct hash_map *map, uint64_t key)
{
    if (2 * (map->table.n + 1) > map->table.n_slots) hash_map_grow(map);
    struct hash_entry *entry = hash_map_at(map, key);
    map->table.n += entry->key == 0;
    entry->key = key | (key == 0);
    return &entry->value;
}

/* NULL: it was never put. */
static inline const uint64_t *hash_map_find(const struct hash_map *map, uint64_t key)
{
    if (map->table.n == 0) return NULL;
    const struct hash_entry *entry = hash_map_at(map, key);
    return entry->key ? &entry->value : NULL;
}

/* The next entry that is taken, from slot *at on, which goes behind it; NULL: there are no more. */
static inline const struct hash_entry *hash_map_next(const struct hash_map *map, size_t *at)
{
    const struct hash_entry *entries = map->table.slots;
    while (*at < map->table.n_slots)
        if (entries[(*at)++].key) return &entries[*at - 1];
    return NULL;
}

#endif
