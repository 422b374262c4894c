/* packing.h - numbers and states as few bytes.
 *
 * A number takes 7 bits a byte.  Words of 64 bits take four bits that say how, and as many bytes as they need:
 * counts and amounts are small, instants take six, and much of a state is zero or repeats.  For little-endian
 * machines. */
#ifndef FEATURE_PACKING_H
#define FEATURE_PACKING_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_MOST_BYTES = 10 };

static inline unsigned char *number_pack(unsigned char *to, uint64_t number)
{
    for (; number > 127; number >>= 7) *to++ = (unsigned char)(number | 128);
    *to++ = (unsigned char)number;
    return to;
}

static inline const unsigned char *number_unpack(const unsigned char *from, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
        number |= (uint64_t)(*from & 127) << shift;
        if (*from++ < 128) break;
    }
    *ret_number = number;
    return from;
}

/* Small numbers of either sign as small numbers, and back. */
static inline uint64_t number_zigzag(int64_t number) { return (uint64_t)number << 1 ^ (uint64_t)(number >> 63); }
static inline int64_t  number_unzigzag(uint64_t number)
{
    return (int64_t)(number >> 1 ^ (UINT64_C(0) - (number & 1)));
}

/* n words of 8 bytes, wherever they lie; up to 8 bytes beyond the end that is returned are written or read.
 * words_packed_most counts those. */
size_t               words_packed_most(size_t n);
unsigned char       *words_pack(const void *words, size_t n, unsigned char *to);
const unsigned char *words_unpack(void *words, size_t n, const unsigned char *from);

#endif
