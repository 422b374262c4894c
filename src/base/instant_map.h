/* instant_map.h - an instant for some of many small numbers: sparse, in order, without hashing.
 *
 * Kept in chunks of 1,024 numbers that exist while they hold something: 8 bytes for each number of a chunk.
 * A zeroed struct is an empty map. */
#ifndef BASE_INSTANT_MAP_H
#define BASE_INSTANT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSTANT_ABSENT INT64_MIN

struct instant_map {
    int64_t  **chunks;      /* [n_chunks]; NULL: nothing in it */
    uint16_t  *n_in_chunk;  /* [n_chunks] */
    size_t     n_chunks;
    size_t     n;           /* numbers that have an instant */
};

int64_t instant_map_get(const struct instant_map *map, uint32_t number);    /* or INSTANT_ABSENT */
void    instant_map_put(struct instant_map *map, uint32_t number, int64_t instant_ms);
void    instant_map_remove(struct instant_map *map, uint32_t number);       /* absent is fine */

/* The first number >= from that has an instant; false: none. */
bool instant_map_next(const struct instant_map *map, uint32_t from, uint32_t *ret_number, int64_t *ret_instant_ms);

void instant_map_clear(struct instant_map *map);        /* empty again, its memory freed */

#endif
