/* zones.c - see zones.h. */
#include "base/memory.h"
#include "base/zones.h"
#include "base/hash.h"
#include "base/hash_map.h"

#include <pthread.h>
#include <stdlib.h>

enum { NAME_MOST_BYTES = 64, NAMES_MOST = 4096 };      /* more names than there are zones are nobody's */

struct zones {
    const char     *folder;
    pthread_mutex_t mutex;
    struct arena   *arena;
    struct hash_map known;          /* by hash of the name: the zone's address */
};

struct zones *zones_new(const char *folder)
{
    struct zones *zones = memory_new(1, sizeof *zones);
    zones->arena = arena_new(ARENA_NO_LIMIT);
    zones->folder = arena_copy(zones->arena, folder);
    pthread_mutex_init(&zones->mutex, NULL);
    return zones;
}

void zones_free(struct zones *zones)
{
    if (!zones) return;
    hash_map_free(&zones->known);
    arena_free(zones->arena);
    pthread_mutex_destroy(&zones->mutex);
    free(zones);
}

/* A name that there is no zone of is known, too: it is asked for again with everybody who has it. */
const struct zone *zones_get(struct zones *zones, struct text name)
{
    const struct zone *zone = zone_utc;
    struct err ignored;
    if (name.length == 0 || name.length > NAME_MOST_BYTES || !zone_is_name(name)) return zone;
    uint64_t hash = hash_bytes(name.at, name.length, 0);
    pthread_mutex_lock(&zones->mutex);
    const uint64_t *known = hash_map_find(&zones->known, hash);
    if (known) {
        zone = (const struct zone *)(uintptr_t)*known;
    } else if (hash_map_n(&zones->known) < NAMES_MOST) {
        if (!zone_open(zones->folder, name, zones->arena, &zone, &ignored)) zone = zone_utc;
        *hash_map_put(&zones->known, hash) = (uint64_t)(uintptr_t)zone;
    }
    pthread_mutex_unlock(&zones->mutex);
    return zone;
}
