/* building_current.c - whether what others wrote while a file was built makes any difference to it; see building.h. */
#include "table/building_internal.h"

enum { ARRIVED_AT_ONCE = 256 * 1024 };

/* What the log is asked for of a row: its order where the file numbers them, else the row itself (load_stored). */
static uint64_t key_of(bool is_numbered, uint64_t hash) { return is_numbered ? order_key(hash) : hash; }

/* Notes what arrived: events, what corrections replace, and the orders that clients tell of by their numbers. */
static bool note_arrived(struct build *build, pthread_rwlock_t *lock, bool is_numbered, struct hash_map *arrived,
                         struct err *err)
{
    const unsigned columns = is_numbered ? LIVE_ORDERS_COLUMNS : LOG_MESSAGE;
    struct log_reader *reader;
    struct events events;
    uint64_t before;
    if (!log_reader_open(build->building->log, &reader, err)) return false;
    log_reader_share_names(reader, lock);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    do {
        before = build->sequence;
        arena_reset(arena);
        ok = log_read_after(reader, before, ARRIVED_AT_ONCE, columns, arena, &events, &build->sequence, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            (void)hash_map_put(arrived, key_of(is_numbered, events.message_hash[i]));
            (void)hash_map_put(arrived, key_of(is_numbered, log_correction_of(events.message_hash[i])));
        }
        ok = ok && (!is_numbered || live_orders_arrived(build, &events, arrived, err));
    } while (ok && build->sequence != before);
    arena_free(arena);
    log_reader_close(reader);
    return ok;
}

static bool file_has_any(const struct reading *reading, bool is_numbered, const struct hash_map *arrived)
{
    for (size_t b = 0; hash_map_n(arrived) > 0 && b < reading->n_blocks; b++) {
        const struct block *block = reading->blocks[b];
        const uint64_t *hashes = is_numbered ? block->order : block->message;
        for (uint32_t i = 0; i < block->begins[LOG_PARTITIONS]; i++)
            if (hash_map_find(arrived, key_of(is_numbered, hashes[i]))) return true;
    }
    return false;
}

/* Names are only added at the end, or all is to be looked up again. */
static bool has_names(const struct build *build)
{
    const struct log_mark now = log_mark(build->building->log);
    bool has = now.n_changes == build->mark.n_changes;
    for (int d = 0; d < DICTIONARIES; d++) has &= now.n_names[d] >= build->mark.n_names[d];
    return has;
}

bool building_is_current(struct building *building, pthread_rwlock_t *lock, bool *ret, struct err *err)
{
    struct build *build = building->build;
    const struct reading *reading = building->reading;
    struct hash_map arrived = { 0 };
    bool is_numbered = mapping_has_order(reading->mapping);
    build->lock = lock;
    bool ok = note_arrived(build, lock, is_numbered, &arrived, err);
    if (lock) (void)pthread_rwlock_rdlock(lock);
    *ret = ok && has_names(build) && !file_has_any(reading, is_numbered, &arrived);
    if (lock) (void)pthread_rwlock_unlock(lock);
    hash_map_free(&arrived);
    return ok;
}
