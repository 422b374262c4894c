/* spelling.c - see spelling.h. */
#include "table/spelling.h"

#include "base/hash.h"
#include "base/memory.h"
#include "table/probe.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

static const struct hash_kind kind = { .bytes = sizeof(struct spelling_slot), .most_quarters = 2, .fewest = FIRST_SLOTS };

/* The log's own hash, so that its top six bits are the partition. */
uint64_t spelling_hash(struct text key) { return hash_bytes(key.at, key.length, 0); }

void spellings_init(struct spellings *spellings, bool is_latin1, struct arena *arena)
{
    *spellings = (struct spellings){
        .arena = arena, .is_latin1 = is_latin1, .room = FIRST_SLOTS / 2
    };
    hash_slots_reserve(&spellings->table, spellings->room, kind);
    spellings->list = memory_new(spellings->room, sizeof *spellings->list);
    spellings->keys = memory_new(spellings->room, sizeof *spellings->keys);
}

void spellings_free(struct spellings *spellings)
{
    free(spellings->table.slots);
    free(spellings->list);
    free(spellings->keys);
    *spellings = (struct spellings){ 0 };
}

static void grow(struct spellings *spellings)
{
    spellings->room *= 2;
    hash_slots_reserve(&spellings->table, spellings->room, kind);
    spellings->list = memory_grow(spellings->list, spellings->room, sizeof *spellings->list);
    spellings->keys = memory_grow(spellings->keys, spellings->room, sizeof *spellings->keys);
}

static bool is_key(const struct spellings *spellings, const struct spelling_slot *slot, struct text key,
                   uint64_t hash)
{
    if (slot->hash != hash || slot->length != key.length) return false;
    size_t n = key.length < sizeof slot->start ? key.length : sizeof slot->start;
    return memcmp(slot->start, key.at, n) == 0 &&
           (key.length == n || memcmp(spellings->keys[slot->number - 1], key.at, key.length) == 0);
}

const struct spelling_slot *spellings_put(struct spellings *spellings, struct text key, uint64_t hash,
                                          uint64_t first)
{
    struct spelling_slot *slots = spellings->table.slots;
    hash |= hash == 0;
    size_t at = hash_slots_home(&spellings->table, hash, kind);
    while (slots[at].hash) {
        if (is_key(spellings, &slots[at], key, hash)) return &slots[at];
        at = hash_slots_next(&spellings->table, at);
    }
    if (spellings->n == spellings->room) {
        grow(spellings);
        return spellings_put(spellings, key, hash, first);
    }
    char *bytes = arena_alloc(spellings->arena, key.length + 1, 1);
    if (key.length > 0) memcpy(bytes, key.at, key.length);
    struct text text = { bytes, key.length };
    struct spelling_slot slot = { .hash = hash,
                                  .number = (uint32_t)spellings->n + 1,
                                  .length = (uint32_t)key.length };
    slot.is_bad = !probe_utf8(spellings->is_latin1, text, spellings->arena, &text);
    slot.partition = (uint8_t)((text.at == bytes ? hash : spelling_hash(text)) >> 58);
    memcpy(slot.start, bytes, key.length < sizeof slot.start ? key.length : sizeof slot.start);
    spellings->keys[spellings->n] = bytes;
    spellings->list[spellings->n++] = (struct spelling){ text.at, (uint32_t)text.length, first };
    slots[at] = slot;
    spellings->table.n++;
    return &slots[at];
}
