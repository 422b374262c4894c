/* spelling.h - the different texts that one thread meets in one column, numbered as met.
 *
 * Each thread has its own, without locks; when all rows are read, every list is brought into the
 * log's dictionary in the order in which the file first has the texts.  The customers of one
 * partition are such a list too: small enough for the cache. */
#ifndef TABLE_SPELLING_H
#define TABLE_SPELLING_H

#include "base/arena.h"
#include "base/hash_map.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { SPELLING_BYTES_MAX = 1024, SPELLING_KEY_MAX = 1 << 20 };

struct spelling {
    const char *at;             /* UTF-8, without control characters */
    uint32_t    length;
    uint64_t    first;          /* where the file first has it: any number that grows with the place */
};

/* What is known of a text without looking at its spelling: one slot of the table, with the text's start, so that a short
 * one is known without a look elsewhere. */
struct spelling_slot {
    uint64_t hash;              /* never 0 */
    uint32_t number;            /* index + 1 */
    uint32_t length;
    uint8_t  partition;         /* of the log */
    bool     is_bad;            /* not UTF-8 although the file is */
    char     start[14];         /* the first bytes, so that short texts are compared here */
};

struct spellings {
    struct spelling      *list;     /* [n] */
    const char          **keys;     /* [n] the bytes as in the file */
    struct hash_slots     table;    /* of spelling_slot */
    size_t                n, room;
    struct arena         *arena;    /* borrowed */
    bool                  is_latin1;
};

/* The bytes of texts go into the arena; spellings_free frees the rest. */
void spellings_init(struct spellings *spellings, bool is_latin1, struct arena *arena);
void spellings_free(struct spellings *spellings);

/* The slot of key, added if new; valid until the next call. hash is spelling_hash(key). */
const struct spelling_slot *spellings_put(struct spellings *spellings, struct text key, uint64_t hash,
                                          uint64_t first);
uint64_t spelling_hash(struct text key);

#endif
