/* names.c - see names.h.  Open addressing, at most half full; the upper half of a slot is the
 * lower half of the text's hash, so that growing needs no text and a search touches few. */
#include "store/names.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256, PREFETCH_AHEAD = 16, PARTITION_SHIFT = 58 };

static bool out_of_memory(size_t n, struct err *err)
{
    return err_set(err, ERR_IO, "out of memory for %zu names", n);
}

static bool grow_slots(struct names *names, size_t n_slots)
{
    uint64_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < names->n_slots; i++) {
        if (!names->slots[i]) continue;
        size_t at = (names->slots[i] >> 32) & (n_slots - 1);
        while (slots[at]) at = (at + 1) & (n_slots - 1);
        slots[at] = names->slots[i];
    }
    free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
    return true;
}

/* Room for n_more names with n_bytes in all. */
static bool reserve(struct names *names, size_t n_more, size_t n_bytes)
{
    size_t used = names->n ? names->ends[names->n - 1] : 0;
    if (!names->bytes || used + n_bytes > names->bytes_room) {
        size_t room = 2 * (used + n_bytes) + 4096;
        char *bytes = realloc(names->bytes, room);
        if (!bytes) return false;
        names->bytes = bytes, names->bytes_room = room;
    }
    if (names->n + n_more > names->ends_room) {
        size_t room = 2 * (names->n + n_more) + 64;
        size_t *ends = realloc(names->ends, room * sizeof *ends);
        if (!ends) return false;
        names->ends = ends;
        uint8_t *partitions = realloc(names->partitions, room);
        if (!partitions) return false;
        names->partitions = partitions, names->ends_room = room;
    }
    size_t n_slots = names->n_slots ? names->n_slots : FIRST_SLOTS;
    while (n_slots < 2 * (names->n + n_more)) n_slots *= 2;
    return n_slots == names->n_slots || grow_slots(names, n_slots);
}

/* The slot that holds the text, or the empty one where it belongs. */
static size_t find_slot(const struct names *names, struct text text, uint64_t hash)
{
    size_t at = (uint32_t)hash & (names->n_slots - 1);
    for (;; at = (at + 1) & (names->n_slots - 1)) {
        uint64_t slot = names->slots[at];
        if (!slot || (slot >> 32 == (uint32_t)hash && text_equal(names_at(names, (uint32_t)slot - 1), text)))
            return at;
    }
}

static void add(struct names *names, struct text text, uint64_t hash, size_t slot)
{
    size_t begin = names->n ? names->ends[names->n - 1] : 0;
    if (text.length) memcpy(names->bytes + begin, text.at, text.length);
    names->ends[names->n] = begin + text.length;
    names->partitions[names->n] = (uint8_t)(hash >> PARTITION_SHIFT);
    names->slots[slot] = hash << 32 | (names->n + 1);
    names->n++;
}

bool names_init(struct names *names, struct err *err)
{
    *names = (struct names){ 0 };
    uint32_t zero;
    if (reserve(names, 1, 0) && names_intern(names, (struct text){ "", 0 }, 1, &zero, err)) return true;
    names_free(names);
    return out_of_memory(1, err);
}

bool names_reserve(struct names *names, size_t n, struct err *err)
{
    return n <= names->n || reserve(names, n - names->n, 0) || out_of_memory(n, err);
}

void names_free(struct names *names)
{
    free(names->bytes), free(names->ends), free(names->partitions), free(names->slots);
    *names = (struct names){ 0 };
}

struct text names_at(const struct names *names, size_t index)
{
    size_t begin = index ? names->ends[index - 1] : 0;
    return (struct text){ names->bytes + begin, names->ends[index] - begin };
}

bool names_find(const struct names *names, struct text text, uint32_t *ret_index)
{
    uint64_t slot = names->slots[find_slot(names, text, hash_bytes(text.at, text.length, 0))];
    if (slot) *ret_index = (uint32_t)slot - 1;
    return slot != 0;
}

bool names_intern(struct names *names, struct text text, size_t most, uint32_t *ret_index, struct err *err)
{
    uint64_t hash = hash_bytes(text.at, text.length, 0);
    size_t slot = find_slot(names, text, hash);
    if (names->slots[slot]) { *ret_index = (uint32_t)names->slots[slot] - 1; return true; }
    if (text.length > NAME_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a name of %zu bytes is too long (most %d): '%.40s...'", text.length,
                       NAME_MOST_BYTES, text.at);
    if (names->n >= most) return err_set(err, ERR_INVALID, "more than %zu different names, at '%.*s'", most,
                                         (int)text.length, text.at);
    size_t n_slots = names->n_slots;
    if (!reserve(names, 1, text.length)) return out_of_memory(names->n + 1, err);
    if (n_slots != names->n_slots) slot = find_slot(names, text, hash);
    *ret_index = (uint32_t)names->n;
    add(names, text, hash, slot);
    return true;
}

/* Empties a slot and moves back what stands behind it, so that every text is still found from its own place on. */
static void empty_slot(struct names *names, size_t at)
{
    size_t mask = names->n_slots - 1, hole = at;
    for (at = (at + 1) & mask; names->slots[at]; at = (at + 1) & mask) {
        size_t home = (names->slots[at] >> 32) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;      /* it would stand before its place */
        names->slots[hole] = names->slots[at];
        hole = at;
    }
    names->slots[hole] = 0;
}

/* The slots anew, but for those of one name: what is in them says where they belong. */
static bool refill_slots(struct names *names, uint32_t without)
{
    uint64_t *slots = calloc(names->n_slots, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < names->n_slots; i++) {
        if (!names->slots[i] || (uint32_t)names->slots[i] == without + 1) continue;
        size_t at = (names->slots[i] >> 32) & (names->n_slots - 1);
        while (slots[at]) at = (at + 1) & (names->n_slots - 1);
        slots[at] = names->slots[i];
    }
    free(names->slots);
    names->slots = slots;
    return true;
}

bool names_rename(struct names *names, uint32_t index, struct text text, struct err *err)
{
    uint64_t hash = hash_bytes(text.at, text.length, 0);
    size_t begin = index ? names->ends[index - 1] : 0, end = names->ends[index], used = names->ends[names->n - 1];
    if (names->slots[find_slot(names, text, hash)] || hash >> PARTITION_SHIFT != names->partitions[index])
        return err_set(err, ERR_INVALID, "'%.*s' cannot be the name", (int)text.length, text.at);
    if (!reserve(names, 0, text.length) || !refill_slots(names, index)) return out_of_memory(names->n, err);
    memmove(names->bytes + begin + text.length, names->bytes + end, used - end);
    memcpy(names->bytes + begin, text.at, text.length);
    size_t left = used - (end - begin) + text.length;
    if (left < used) memset(names->bytes + left, 0, used - left);
    for (size_t i = index; i < names->n; i++) names->ends[i] = names->ends[i] - (end - begin) + text.length;
    names->slots[find_slot(names, text, hash)] = hash << 32 | (index + 1);
    return true;
}

void names_cut(struct names *names, size_t n)
{
    for (; names->n > n; names->n--) {
        struct text text = names_at(names, names->n - 1);
        empty_slot(names, find_slot(names, text, hash_bytes(text.at, text.length, 0)));
    }
}

void names_encode(const struct names *names, size_t first, size_t n, uint64_t seed, struct encoder *encoder,
                  struct arena *arena, struct text *ret_lengths, struct text *ret_bytes)
{
    uint64_t *lengths = encoder_values(encoder, n);
    size_t begin = first ? names->ends[first - 1] : 0, end = names->ends[first + n - 1];
    for (size_t i = 0; i < n; i++) lengths[i] = names_at(names, first + i).length;
    *ret_lengths = column_encode(encoder, n, seed, arena);
    *ret_bytes = bytes_encode(encoder, (struct text){ names->bytes + begin, end - begin }, seed, arena);
}

bool names_decode(struct names *names, struct text lengths, struct text bytes, size_t n, uint64_t seed,
                  struct decoder *decoder, struct arena *scratch, struct err *err)
{
    struct text all;
    if (n > NAMES_BLOCK) return err_set(err, ERR_CORRUPT, "a block of names has an impossible length");
    if (!bytes_decode(decoder, bytes, seed, (size_t)NAMES_BLOCK * NAME_MOST_BYTES, scratch, &all, err))
        return false;
    const uint64_t *length;
    if (!column_decode(decoder, lengths, n, seed, &length, err)) return false;
    if (!reserve(names, n, all.length)) return out_of_memory(names->n + n, err);
    uint64_t *hashes = ARENA_ARRAY(scratch, uint64_t, n + PREFETCH_AHEAD);
    struct text rest = all;
    for (size_t i = 0; i < n; i++) {
        if (length[i] > rest.length || length[i] > NAME_MOST_BYTES)
            return err_set(err, ERR_CORRUPT, "a name is cut short");
        hashes[i] = hash_bytes(rest.at, length[i], 0);
        rest.at += length[i], rest.length -= length[i];
    }
    if (rest.length != 0) return err_set(err, ERR_CORRUPT, "a block of names is too long");
    for (size_t i = 0; i < n; all.at += length[i++]) {      /* the slots are all over memory: ask for them ahead */
        __builtin_prefetch(&names->slots[(uint32_t)hashes[i + PREFETCH_AHEAD] & (names->n_slots - 1)], 1);
        struct text text = { all.at, length[i] };
        size_t slot = find_slot(names, text, hashes[i]);
        if (names->slots[slot]) return err_set(err, ERR_CORRUPT, "a name is there twice");
        add(names, text, hashes[i], slot);
    }
    return true;
}
