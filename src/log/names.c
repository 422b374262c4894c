/* names.c - see names.h.  The upper half of a slot is the lower half of the text's hash, so that growing needs no text
 * and a search touches few. */
#include "log/names.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PREFETCH_AHEAD = 16, AT_ONCE = 32, PARTITION_SHIFT = 58, SHARD_SHIFT = 56 };

static const struct hash_kind kind = { .bytes = sizeof(uint64_t), .home_shift = 32, .most_quarters = 2, .fewest = 8 };

static bool out_of_memory(size_t n, struct err *err)
{
    return err_set(err, ERR_IO, "out of memory for %zu names", n);
}

static struct hash_slots *shard_of(struct names *names, uint64_t hash)
{
    return &names->shards[hash >> SHARD_SHIFT];
}

static void reserve_slot(struct hash_slots *shard) { hash_slots_reserve(shard, shard->n + 1, kind); }

/* Where a search for the hash begins; NULL: there is no table. */
static uint64_t *home_of(const struct names *names, uint64_t hash)
{
    const struct hash_slots *shard = &names->shards[hash >> SHARD_SHIFT];
    return shard->slots ? (uint64_t *)shard->slots + hash_slots_home(shard, hash << 32, kind) : NULL;
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
    return true;
}

/* The slot that holds the text, or the empty one where it belongs; NULL: there is none at all. */
static uint64_t *find_slot(const struct names *names, struct text text, uint64_t hash)
{
    const struct hash_slots *shard = &names->shards[hash >> SHARD_SHIFT];
    uint64_t *slots = shard->slots;
    if (!slots) return NULL;
    for (size_t at = hash_slots_home(shard, hash << 32, kind);; at = hash_slots_next(shard, at)) {
        uint64_t slot = slots[at];
        if (!slot || (slot >> 32 == (uint32_t)hash && text_equal(names_at(names, (uint32_t)slot - 1), text)))
            return &slots[at];
    }
}

static void add(struct names *names, struct text text, uint64_t hash, uint64_t *slot)
{
    size_t begin = names->n ? names->ends[names->n - 1] : 0;
    if (text.length) memcpy(names->bytes + begin, text.at, text.length);
    names->ends[names->n] = begin + text.length;
    names->partitions[names->n] = (uint8_t)(hash >> PARTITION_SHIFT);
    *slot = hash << 32 | (names->n + 1);
    shard_of(names, hash)->n++;
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
    if (n <= names->n) return true;
    size_t share = (n + n / 16) / NAMES_SHARDS + 1;     /* shares differ a little */
    if (!reserve(names, n - names->n, 0)) return out_of_memory(n, err);
    for (int i = 0; i < NAMES_SHARDS; i++) hash_slots_reserve(&names->shards[i], share, kind);
    return true;
}

void names_free(struct names *names)
{
    free(names->bytes), free(names->ends), free(names->partitions);
    for (int i = 0; i < NAMES_SHARDS; i++) free(names->shards[i].slots);
    *names = (struct names){ 0 };
}

struct text names_at(const struct names *names, size_t index)
{
    size_t begin = index ? names->ends[index - 1] : 0;
    return (struct text){ names->bytes + begin, names->ends[index] - begin };
}

bool names_find(const struct names *names, struct text text, uint32_t *ret_index)
{
    const uint64_t *slot = find_slot(names, text, hash_bytes(text.at, text.length, 0));
    if (!slot || !*slot) return false;
    *ret_index = (uint32_t)*slot - 1;
    return true;
}

/* The index that a search for the hash begins with; 0 where its slot is free. */
static uint32_t first_met(const struct names *names, uint64_t hash)
{
    const uint64_t *slot = home_of(names, hash);
    return slot && *slot ? (uint32_t)*slot - 1 : 0;
}

void names_find_many(const struct names *names, const struct text *texts, size_t n, uint32_t *ret_indices)
{
    uint64_t hashes[AT_ONCE];
    for (size_t first = 0, some; first < n; first += some) {
        const struct text *from = texts + first;
        uint32_t *to = ret_indices + first;
        some = n - first < AT_ONCE ? n - first : AT_ONCE;
        for (size_t i = 0; i < some; i++) {
            hashes[i] = hash_bytes(from[i].at, from[i].length, 0);
            const uint64_t *home = home_of(names, hashes[i]);
            if (home) __builtin_prefetch(home);
        }
        for (size_t i = 0; i < some; i++) {
            to[i] = first_met(names, hashes[i]);
            if (to[i]) __builtin_prefetch(&names->ends[to[i] - 1]);
        }
        for (size_t i = 0; i < some; i++)
            if (to[i]) __builtin_prefetch(names->bytes + names->ends[to[i] - 1]);
        for (size_t i = 0; i < some; i++) {
            const uint64_t *slot = find_slot(names, from[i], hashes[i]);
            to[i] = slot && *slot ? (uint32_t)*slot - 1 : 0;
        }
    }
}

bool names_intern(struct names *names, struct text text, size_t most, uint32_t *ret_index, struct err *err)
{
    uint64_t hash = hash_bytes(text.at, text.length, 0);
    const uint64_t *slot = find_slot(names, text, hash);
    if (slot && *slot) { *ret_index = (uint32_t)*slot - 1; return true; }
    if (text.length > NAME_MOST_BYTES)
        return err_set(err, ERR_INVALID, "a name of %zu bytes is too long (most %d): '%.40s...'", text.length,
                       NAME_MOST_BYTES, text.at);
    if (names->n >= most) return err_set(err, ERR_INVALID, "more than %zu different names, at '%.*s'", most,
                                         (int)text.length, text.at);
    if (!reserve(names, 1, text.length)) return out_of_memory(names->n + 1, err);
    reserve_slot(shard_of(names, hash));
    *ret_index = (uint32_t)names->n;
    add(names, text, hash, find_slot(names, text, hash));
    return true;
}

static void forget(struct names *names, struct text text)
{
    uint64_t hash = hash_bytes(text.at, text.length, 0);
    struct hash_slots *shard = shard_of(names, hash);
    hash_slots_remove(shard, (size_t)(find_slot(names, text, hash) - (uint64_t *)shard->slots), kind);
}

bool names_rename(struct names *names, uint32_t index, struct text text, struct err *err)
{
    uint64_t hash = hash_bytes(text.at, text.length, 0);
    size_t begin = index ? names->ends[index - 1] : 0, end = names->ends[index], used = names->ends[names->n - 1];
    uint64_t *slot = find_slot(names, text, hash);
    if ((slot && *slot) || hash >> PARTITION_SHIFT != names->partitions[index])
        return err_set(err, ERR_INVALID, "'%.*s' cannot be the name", (int)text.length, text.at);
    if (!reserve(names, 0, text.length)) return out_of_memory(names->n, err);
    reserve_slot(shard_of(names, hash));
    forget(names, names_at(names, index));
    memmove(names->bytes + begin + text.length, names->bytes + end, used - end);
    memcpy(names->bytes + begin, text.at, text.length);
    size_t left = used - (end - begin) + text.length;
    if (left < used) memset(names->bytes + left, 0, used - left);
    for (size_t i = index; i < names->n; i++) names->ends[i] = names->ends[i] - (end - begin) + text.length;
    uint64_t *place = find_slot(names, text, hash);
    assert(place && !*place);
    *place = hash << 32 | (index + 1);
    shard_of(names, hash)->n++;
    return true;
}

void names_cut(struct names *names, size_t n)
{
    for (; names->n > n; names->n--) forget(names, names_at(names, names->n - 1));
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
        const uint64_t *ahead = home_of(names, hashes[i + PREFETCH_AHEAD]);
        if (ahead) __builtin_prefetch(ahead, 1);
        struct text text = { all.at, length[i] };
        reserve_slot(shard_of(names, hashes[i]));
        uint64_t *slot = find_slot(names, text, hashes[i]);
        if (*slot) return err_set(err, ERR_CORRUPT, "a name is there twice");
        add(names, text, hashes[i], slot);
    }
    return true;
}
