/* hash.h - one fast hash of bytes: XXH3, 64 bits.
 *
 * The same bytes and seed give the same number on every machine; values are stored in files, so
 * this never changes.  Not for secrets: whoever chooses the bytes can make two hash alike. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

/* XXH64 with seed 0: the same as ClickHouse's xxHash64. */
uint64_t hash_xxh64(const void *bytes, size_t length);

#endif
