/* names.h - texts and their dense indexes, in memory: one dictionary of the log.
 *
 * Texts lie one after another in one allocation; hash tables of 8-byte slots find them, many small ones that grow
 * each by itself, so that no text has to wait for millions of others to be moved. */
#ifndef LOG_NAMES_H
#define LOG_NAMES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash_map.h"
#include "base/text.h"
#include "log/log_column.h"

#include <stdint.h>

enum { NAME_MOST_BYTES = 4096, NAMES_BLOCK = 64 * 1024 };

enum { NAMES_SHARDS = 256 };

struct names {
    char     *bytes;            /* all texts */
    size_t   *ends;             /* [n] text i ends before bytes[ends[i]] and begins where i - 1 ends */
    uint8_t  *partitions;       /* [n] 0..63, the top six bits of the text's hash */
    size_t    n, bytes_room, ends_room;
    struct hash_slots shards[NAMES_SHARDS];     /* by the top eight bits of the hash; hash << 32 | index + 1 */
};

/* Holds only the empty text, as index 0.  Errors: ERR_IO out of memory. */
bool names_init(struct names *names, struct err *err) MUST_CHECK;
void names_free(struct names *names);
bool names_reserve(struct names *names, size_t n, struct err *err) MUST_CHECK;     /* room for n in all, at once */

/* The index of a text, added if new.  Errors: ERR_INVALID longer than NAME_MOST_BYTES, or most names
 * are there; ERR_IO out of memory. */
bool names_intern(struct names *names, struct text text, size_t most, uint32_t *ret_index,
                  struct err *err) MUST_CHECK;
bool names_find(const struct names *names, struct text text, uint32_t *ret_index);
/* The same for n texts, ret_indices [n], 0 where there is none: all at once, so that their waits for memory overlap. */
void names_find_many(const struct names *names, const struct text *texts, size_t n, uint32_t *ret_indices);
struct text names_at(const struct names *names, size_t index);
/* Gives a name another text, which no name has and which is in the same partition.
 * Errors: ERR_INVALID it is not, or some name has it; ERR_IO out of memory. */
bool names_rename(struct names *names, uint32_t index, struct text text, struct err *err) MUST_CHECK;
void names_cut(struct names *names, size_t n);      /* forgets all from index n >= 1 on */

/* Names first .. first + n - 1 as one block, n <= NAMES_BLOCK; and back, added behind those there are.
 * Errors of decode: ERR_CORRUPT the block does not decode, or repeats a name. */
void names_encode(const struct names *names, size_t first, size_t n, uint64_t seed, struct encoder *encoder,
                  struct arena *arena, struct text *ret_lengths, struct text *ret_bytes);
bool names_decode(struct names *names, struct text lengths, struct text bytes, size_t n, uint64_t seed,
                  struct decoder *decoder, struct arena *scratch, struct err *err) MUST_CHECK;

#endif
