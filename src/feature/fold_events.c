/* fold_events.c - see fold_events.h. */
#include "feature/fold_events.h"

const uint64_t *fold_item_hashes(const struct log *log, struct arena *arena)
{
    size_t n = log_n_names(log, DICTIONARY_ITEM);
    uint64_t *hash = ARENA_ARRAY(arena, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++) hash[i] = item_hash_of(log_name(log, DICTIONARY_ITEM, (uint32_t)i));
    return hash;
}
