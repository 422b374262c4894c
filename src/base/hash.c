/* hash.c - see hash.h; the only file that includes xxhash.h. */
#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, length, seed);
}

uint64_t hash_xxh64(const void *bytes, size_t length) { return XXH64(bytes, length, 0); }
