/* packing.c - see packing.h. */
#include "feature/packing.h"

#include <string.h>

/* The four bits of a word: how many of its bytes follow, lowest first, or one of these. */
enum { WORD_BYTES_MOST = 8, WORD_AS_BEFORE, WORD_AS_TWO_BEFORE, WORD_OF_SMALL_HALVES };

size_t words_packed_most(size_t n) { return (n + 1) / 2 + 8 * n + 8; }

static uint64_t word_at(const unsigned char *words, size_t index)
{
    uint64_t word;
    memcpy(&word, words + 8 * index, sizeof word);
    return word;
}

unsigned char *words_pack(const void *words, size_t n, unsigned char *to)
{
    unsigned char *codes = to;
    uint64_t before = 0, two_before = 0;
    to += (n + 1) / 2;
    memset(codes, 0, (n + 1) / 2);
    for (size_t i = 0; i < n; i++) {
        uint64_t word = word_at(words, i), bytes = word;
        unsigned code = word ? (71u - (unsigned)__builtin_clzll(word)) / 8 : 0, n_bytes = code;
        if (code > 1 && word == before) {
            code = WORD_AS_BEFORE, n_bytes = 0;
        } else if (code > 1 && word == two_before) {
            code = WORD_AS_TWO_BEFORE, n_bytes = 0;
        } else if (code > 2 && (word & ~UINT64_C(0x000000ff000000ff)) == 0) {
            code = WORD_OF_SMALL_HALVES, n_bytes = 2;
            bytes = (word & 255) | word >> 32 << 8;
        }
        memcpy(to, &bytes, sizeof bytes);
        to += n_bytes;
        codes[i / 2] |= (unsigned char)(code << (i % 2 * 4));
        two_before = before;
        before = word;
    }
    return to;
}

const unsigned char *words_unpack(void *words, size_t n, const unsigned char *from)
{
    static const uint64_t mask[WORD_BYTES_MOST + 1] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX,
    };
    const unsigned char *codes = from;
    unsigned char *to = words;
    uint64_t before = 0, two_before = 0;
    from += (n + 1) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned code = codes[i / 2] >> (i % 2 * 4) & 15;
        uint64_t word;
        memcpy(&word, from, sizeof word);
        if (code <= WORD_BYTES_MOST) {
            word &= mask[code];
            from += code;
        } else if (code == WORD_OF_SMALL_HALVES) {
            word = (word & 255) | (word >> 8 & 255) << 32;
            from += 2;
        } else {
            word = code == WORD_AS_BEFORE ? before : two_before;
        }
        memcpy(to + 8 * i, &word, sizeof word);
        two_before = before;
        before = word;
    }
    return from;
}
