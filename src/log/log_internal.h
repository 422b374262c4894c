/* log_internal.h - what the files of the log share: its dictionaries, and blocks as stored. */
#ifndef LOG_LOG_INTERNAL_H
#define LOG_LOG_INTERNAL_H

#include "log/chunk.h"
#include "log/log_operations.h"
#include "log/names.h"

#include <pthread.h>

struct log {
    struct store   *store;
    const struct log_operations *operations;    /* of where the events are kept */
    struct names    names[DICTIONARIES];
    size_t          n_stored[DICTIONARIES];     /* names that the store has */
    uint64_t        n_changes;                  /* counts changes of names other than adding some at the end */
    struct encoder *encoder;                    /* of the thread that writes */
    int64_t         last_append;                /* numbers once given are not given again while the log is open */
    uint64_t        last_sequence;
    _Atomic uint64_t until;                     /* events that arrived later are not in it */
    size_t          n_name_blocks_put[DICTIONARIES];    /* since there was nothing to join */
};

/* What log_embedded is made of. */
bool embedded_append(struct log *log, const struct events *events, struct err *err) MUST_CHECK;
bool embedded_append_partition(struct log *log, unsigned partition, const struct events *events,
                               struct err *err) MUST_CHECK;
bool embedded_blank(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n,
                    struct err *err) MUST_CHECK;
bool embedded_compact(struct log *log, struct err *err) MUST_CHECK;
bool embedded_totals(const struct log *log, struct log_totals *ret_totals, struct err *err) MUST_CHECK;
bool embedded_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
                   struct events *ret_events, struct err *err) MUST_CHECK;
bool embedded_read_identities(struct log_reader *reader, const uint32_t *identities, size_t n, unsigned columns,
                              struct arena *arena, struct events *ret_events, struct err *err) MUST_CHECK;
bool embedded_read_after(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns,
                         struct arena *arena, struct events *ret_events, uint64_t *ret_sequence,
                         struct err *err) MUST_CHECK;

struct log_chunk {
    size_t       n_parts;
    struct chunk parts[];
};

/* The setting that counts what log_blank did to blocks: who prepares an exchange of blocks beside it compares. */
#define LOG_BLANKINGS "log_blankings"

/* A block's id: appends in order, then the parts of one append, then room for its columns. */
enum { ID_APPEND_SHIFT = 27, ID_PART_SHIFT = 11, ID_PARTITION_SHIFT = 4, ID_MOST_PARTS = 1 << 16 };

struct block { int64_t id; struct chunk chunk; uint64_t checksum; };

/* Reads through a connection of its own, or through the log's, inside its transaction. */
struct log_reader {
    const struct log *log;
    struct store     *store;
    bool              owns_store;
    struct decoder   *decoder;
    struct arena     *scratch;          /* one read */
    const size_t     *n_names;          /* [DICTIONARIES] and [n_names[DICTIONARY_IDENTITY]], lent; NULL: the log's */
    const uint8_t    *partitions;
    pthread_rwlock_t *names_lock;       /* guards the log's own names; NULL: nobody interns */
    unsigned          n_shares, share;  /* of what is read along */

    /* The small mixed appends, decoded once and found by partition. */
    struct arena     *mixed_arena;
    uint64_t          mixed_key;        /* which blocks, which columns; 0 none */
    struct events     mixed;
    size_t           *mixed_end;        /* [n_mixed] where each block's events end */
    size_t            n_mixed;
    uint32_t         *mixed_order;      /* [mixed.n] positions by partition, then as appended */
    size_t            mixed_first[LOG_PARTITIONS + 1];
};

bool log_reader_new(const struct log *log, struct store *store, bool owns_store, struct log_reader **ret_reader,
                    struct err *err) MUST_CHECK;

/* For a reader beside the thread that interns: what it is to take for the dictionaries, until lent anew. */
void log_reader_lend_names(struct log_reader *reader, const size_t *n_names, const uint8_t *partitions);

/* What is to be read for columns asked for, so that corrections can be seen; and then what they do to it. */
unsigned log_reader_columns(const struct log_reader *reader, unsigned columns);
void log_reader_correct(const struct log_reader *reader, unsigned columns, struct arena *arena, struct events *events);

bool     log_reader_knows(const struct log_reader *reader, uint32_t identity);     /* else no event is theirs */
unsigned log_reader_partition(const struct log_reader *reader, uint32_t identity);

/* The blocks that may hold events of a partition, in the order appended, in the reader's scratch.
 * Resets the scratch. */
bool log_reader_blocks(struct log_reader *reader, unsigned partition, struct block **ret_blocks, size_t *ret_n,
                       struct err *err) MUST_CHECK;

/* The same for the blocks from the earliest mixed one on, of whatever partition, at most `most`. */
bool log_reader_tail(struct log_reader *reader, size_t most, struct block **ret_blocks, size_t *ret_n,
                     struct err *err) MUST_CHECK;

/* The same for the blocks that hold some of the events that arrived after a sequence, as far as the next `most` numbers
 * from the first of those. */
bool log_reader_after(struct log_reader *reader, uint64_t sequence, size_t most, struct block **ret_blocks,
                      size_t *ret_n, struct err *err) MUST_CHECK;

/* All events of n mixed blocks, in the order appended; they live until the reader is used for other blocks. */
bool log_reader_mixed(struct log_reader *reader, const struct block *mixed, size_t n, struct events *ret_events,
                      struct err *err) MUST_CHECK;

/* The partition's events of blocks [first, end), out of the n that log_reader_blocks gave. */
struct block_run { const struct block *blocks; size_t n, first, end; };
bool log_reader_gather(struct log_reader *reader, unsigned partition, struct block_run run, unsigned columns,
                       struct arena *arena, struct events *ret_events, struct err *err) MUST_CHECK;

/* All events of one block, of whatever partitions, in its order. */
/* The end of the blocks from first on that were written as one: pages of a partition, or one mixed block. */
size_t log_unit_end(const struct block *blocks, size_t n, size_t first);
size_t log_unit_events(const struct block *blocks, size_t first, size_t end);

bool log_reader_block(struct log_reader *reader, const struct block *block, unsigned columns, struct arena *arena,
                      struct events *ret_events, struct err *err) MUST_CHECK;

/* log_encode with an encoder that is there; log_need_encoder makes the log's own. */
bool log_encode_with(struct encoder *encoder, unsigned partition, const struct events *events, struct arena *arena,
                     struct log_chunk **ret_chunk, struct err *err) MUST_CHECK;
bool log_need_encoder(struct log *log, struct err *err) MUST_CHECK;

bool log_block_put(struct log *log, int64_t id, const struct chunk *chunk, struct err *err) MUST_CHECK;
bool log_blocks_remove(struct log *log, int64_t first, int64_t last, struct err *err) MUST_CHECK;  /* and between */
bool log_names_put(struct log *log, struct err *err) MUST_CHECK;      /* those the store does not have */
bool log_names_block_put(struct log *log, int dictionary, size_t first, size_t n, struct err *err) MUST_CHECK;

#endif
