/* spelling.c - open addressing, with the start of each text in its slot; see spelling.h.
 *
 * Not on base/hash_map.h: that takes two texts of one hash for one, and files come from anybody. */
#include "table/spelling.h"

#include "base/hash.h"
#include "base/memory.h"
#include "table/probe.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

/* The log's own hash, so that its top six bits are the partition. */
uint64_t spelling_hash(struct text key) { return hash_bytes(key.at, key.length, 0); }

void spellings_init(struct spellings *spellings, bool is_latin1, struct arena *arena)
{
    *spellings = (struct spellings){
        .arena = arena, .is_latin1 = is_latin1, .mask = FIRST_SLOTS - 1, .room = FIRST_SLOTS / 2
    };
    spellings->slots = memory_new(FIRST_SLOTS, sizeof *spellings->slots);
    spellings->list = memory_new(spellings->room, sizeof *spellings->list);
    spellings->keys = memory_new(spellings->room, sizeof *spellings->keys);
}

void spellings_free(struct spellings *spellings)
{
    free(spellings->slots);
    free(spellings->list);
    free(spellings->keys);
    *spellings = (struct spellings){ 0 };
}

static void grow(struct spellings *spellings)
{
    size_t mask = spellings->mask * 2 + 1;
    struct spelling_slot *slots = memory_new(mask + 1, sizeof *slots);
    for (size_t i = 0; i <= spellings->mask; i++) {
        if (!spellings->slots[i].number) continue;
        size_t at = spellings->slots[i].hash & mask;
        while (slots[at].number) at = (at + 1) & mask;
        slots[at] = spellings->slots[i];
    }
    free(spellings->slots);
    spellings->slots = slots;
    spellings->mask = mask;
    spellings->room *= 2;
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
    size_t at = hash & spellings->mask;
    while (spellings->slots[at].number) {
        if (is_key(spellings, &spellings->slots[at], key, hash)) return &spellings->slots[at];
        at = (at + 1) & spellings->mask;
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
    spellings->slots[at] = slot;
    return &spellings->slots[at];
}
