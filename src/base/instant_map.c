/* instant_map.c - see instant_map.h. */
#include "base/memory.h"
#include "base/instant_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024 };

int64_t instant_map_get(const struct instant_map *map, uint32_t number)
{
    size_t chunk = number / CHUNK;
    if (chunk >= map->n_chunks || !map->chunks[chunk]) return INSTANT_ABSENT;
    return map->chunks[chunk][number % CHUNK];
}

static void *grown(void *items, size_t n_old, size_t n, size_t size)
{
    char *larger = memory_grow(items, n, size);
    memset(larger + n_old * size, 0, (n - n_old) * size);
    return larger;
}

static int64_t *chunk_for(struct instant_map *map, size_t chunk)
{
    if (chunk >= map->n_chunks) {
        size_t n = chunk + 1 > 2 * map->n_chunks ? chunk + 1 : 2 * map->n_chunks;
        map->chunks = grown(map->chunks, map->n_chunks, n, sizeof *map->chunks);
        map->n_in_chunk = grown(map->n_in_chunk, map->n_chunks, n, sizeof *map->n_in_chunk);
        map->n_chunks = n;
    }
    if (!map->chunks[chunk]) {
        map->chunks[chunk] = grown(NULL, 0, CHUNK, sizeof(int64_t));
        for (size_t i = 0; i < CHUNK; i++) map->chunks[chunk][i] = INSTANT_ABSENT;
    }
    return map->chunks[chunk];
}

void instant_map_put(struct instant_map *map, uint32_t number, int64_t instant_ms)
{
    assert(instant_ms != INSTANT_ABSENT);
    int64_t *chunk = chunk_for(map, number / CHUNK);
    bool is_new = chunk[number % CHUNK] == INSTANT_ABSENT;
    chunk[number % CHUNK] = instant_ms;
    map->n += is_new;
    map->n_in_chunk[number / CHUNK] = (uint16_t)(map->n_in_chunk[number / CHUNK] + is_new);
}

void instant_map_remove(struct instant_map *map, uint32_t number)
{
    if (instant_map_get(map, number) == INSTANT_ABSENT) return;
    size_t chunk = number / CHUNK;
    map->chunks[chunk][number % CHUNK] = INSTANT_ABSENT;
    map->n--;
    if (--map->n_in_chunk[chunk] > 0) return;
    free(map->chunks[chunk]);
    map->chunks[chunk] = NULL;
}

bool instant_map_next(const struct instant_map *map, uint32_t from, uint32_t *ret_number, int64_t *ret_instant_ms)
{
    size_t at = from % CHUNK;
    for (size_t chunk = from / CHUNK; chunk < map->n_chunks; chunk++, at = 0) {
        if (!map->chunks[chunk]) continue;
        for (; at < CHUNK; at++) {
            if (map->chunks[chunk][at] == INSTANT_ABSENT) continue;
            *ret_number = (uint32_t)(chunk * CHUNK + at);
            *ret_instant_ms = map->chunks[chunk][at];
            return true;
        }
    }
    return false;
}

void instant_map_clear(struct instant_map *map)
{
    for (size_t i = 0; i < map->n_chunks; i++) free(map->chunks[i]);
    free(map->chunks);
    free(map->n_in_chunk);
    *map = (struct instant_map){ 0 };
}
