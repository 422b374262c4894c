/* reading.h - the rows of a file, parsed on several threads.
 *
 * The file is cut into blocks of whole records, one after another under a lock; each thread parses
 * the blocks it takes.  A block keeps its rows as columns, ordered by the log's partition and
 * within one in the file's order, so that a partition is gathered from slices.  Texts that repeat
 * are numbers of the thread's spellings.  The result does not depend on the number of threads. */
#ifndef TABLE_READING_H
#define TABLE_READING_H

#include "base/input.h"
#include "base/progress.h"
#include "table/page_edge.h"
#include "table/row.h"
#include "table/spelling.h"
#include "customer/profile.h"
#include "log/log.h"

#include <pthread.h>

enum {
    READING_THREADS_MAX = 16,
    READING_BLOCK_BYTES = 2 << 20,
    READING_REJECTS_MAX = 10000,
    READING_DAYS = 1 << 16,
    READING_TRAIT_END = 0x1f
};
#define READING_LINE UINT64_C(1)    /* of a row's message */

enum spelling_list {
    SPELL_EVENT,
    SPELL_ITEM,
    SPELL_TRAITS,
    SPELL_CURRENCY,
    SPELL_ADDRESS,
    SPELL_PERSONAL,
    SPELLING_LISTS
};

struct refused_row {
    uint64_t    line;           /* within its block, from 0 */
    int         column;         /* MAPPING_NONE: the row as a whole */
    bool        is_fatal;       /* the file is misread, not the row */
    const char *reason;
    struct text raw;            /* cut at 1 KiB */
};

/* Rows in the order of the file: what each says, whose line it is, and its place among the block's. */
struct page_rows { uint64_t *message, *order; uint32_t *place; size_t n; };

struct block {
    unsigned  thread;           /* whose spellings its numbers mean */
    uint32_t  begins[LOG_PARTITIONS + 1];       /* of each partition's rows */
    uint64_t *message; /* [n] hash of the row's bytes; where lines are numbered, with READING_LINE, of what the line
                        * is, and without it, of the bytes of a row that has no number */
    int64_t  *time_ms, *received_ms, *amount_cents, *quantity_milli;    /* [n] */
    int64_t  *total_cents, *refunded_cents;     /* [n] of the order (see row.h); of the order or line */
    uint8_t  *status;           /* [n] enum status */
    uint32_t *personal;         /* [n] the same as traits, of personal members */
    uint32_t *event, *item, *traits;            /* [n] indexes of spellings; NULL without such a column */
    /* Customers are texts here, because there are too many for a thread's table; who builds a
     * partition numbers them. */
    char     *customer_bytes;
    uint32_t  customer_begins[LOG_PARTITIONS];  /* where each partition's bytes begin */
    uint32_t *customer;                         /* [n] the end of row i's text; later its number */
    struct page_edge *edges;    /* [n_edges] of orders without lines' numbers: rows that may be a page's last once more */
    size_t    n_edges;
    struct page_rows head, tail;        /* its first and last rows, for pages that end between two blocks */
    uint32_t *edge;             /* [n] 1 + that of which the row is; 0 none; NULL where there are none */
    uint64_t  n_rows;
    uint64_t *order; /* [n] hash of customer and order number; lowest bit: a refund by its number */
    uint64_t  n_lines;          /* of the file, so that lines of later blocks can be counted */
    struct refused_row *refused;        /* [n_refused_kept] */
    uint64_t  n_refused, n_refused_kept;
};

/* Sums over rows, in any order. */
struct reading_counts {
    uint64_t rows, refused, no_customer, negative_amounts, zero_amounts, negative_quantities;
    uint64_t *missing;          /* [n_columns] */
    uint32_t *days;             /* [READING_DAYS] rows of each day since 1970 */
    uint64_t *currencies;       /* [CURRENCIES_MAX] by index of spelling; the last counts the rest */
    int64_t  least_cents, most_cents, latest_ms;        /* latest_ms: of what was received */
    uint64_t statuses[STATUSES];    /* rows of each */
    bool     is_cut_off;            /* the last line ends in the middle of a record, and of the file */
    uint64_t lines_further, lines_of_another;   /* of the order of the row above: of its customer, of another */
    uint64_t of_another_at;         /* where the first of these is, as spelling.first */
    uint64_t unknown_members;       /* of JSON, that none of the columns are for */
};
enum { CURRENCIES_MAX = 64, READING_LINE_BITS = 24 };    /* of spelling.first: its line within its block */

struct reader_thread {
    struct arena           *arena;
    struct spellings        spellings[SPELLING_LISTS];
    struct reading_counts   counts;
    struct text            *address_names;      /* [spellings[SPELL_ADDRESS].n] their identities' names */
    size_t                  names_room;
};

struct reading {
    const struct input   *input;
    const struct probe   *probe;
    const struct mapping *mapping;
    struct store         *store;            /* whose key hides addresses */
    bool                  is_shared;        /* others write it meanwhile */
    int64_t               now_ms;
    size_t                block_bytes;      /* READING_BLOCK_BYTES; tests make it small */
    unsigned              n_threads;
    struct progress      *progress;
    /* Results; live until reading_free. */
    struct block        **blocks;           /* [n_blocks] in the file's order */
    size_t                n_blocks;
    struct reader_thread  threads[READING_THREADS_MAX];
    struct profiles      *profiles;         /* NULL: no row named anybody by an address */
    struct reading_counts counts;           /* of all threads; currencies stay with each thread */
    /* The place where the next block begins, under the lock. */
    pthread_mutex_t lock;
    uint64_t        next_at;
    size_t          blocks_room;
    bool            is_skipping;
    struct arena   *arena;
    struct err      err;
    bool            has_failed;
};

/* Fill the fields above the results, then:
 * Errors: ERR_IO, ERR_INVALID the file became shorter. */
bool reading_run(struct reading *reading, struct err *err) MUST_CHECK;
void reading_free(struct reading *reading);     /* zeroed is fine */

/* Rows that stand twice where pages of the export end (page_edge.h): within a block, and of its ends what tells those between
 * it and the next; then which of all are such, by the whole file.  rows: the block's, in the arena of its thread. */
bool reading_may_repeat_pages(const struct mapping *mapping);
struct page_rows page_rows_new(struct arena *arena, size_t n);
void reading_find_pages(struct block *block, const struct page_rows *rows, struct arena *arena);
void reading_keep_ends(struct block *block, const struct page_rows *rows, struct arena *arena);
void reading_judge_pages(struct reading *reading);

/* The key of the database, made by the first use; not within a transaction.  NULL: it cannot be had, err says why.
 */
const uint8_t *reading_key(struct reading *reading);

/* The name of the identity of a customer as a row has them; "" for nobody.  Lives as long as the thread or the
 * customer given. */
struct text reading_customer(struct reading *reading, struct reader_thread *thread, struct text customer);

/* Whether profiles can be opened, which makes the key file where it is to be made. */
bool reading_has_key(struct reading *reading, struct err *err) MUST_CHECK;
/* Keeps personal members of an identity, a flat JSON object, sealed. */
bool reading_seal(struct reading *reading, uint32_t identity, const char *json, int64_t time_ms,
                  struct err *err) MUST_CHECK;

/* Keeps the addresses that rows had, sealed, once the log knows their identities; in the store's transaction. */
bool reading_keep_addresses(struct reading *reading, struct log *log, struct err *err) MUST_CHECK;

#endif
