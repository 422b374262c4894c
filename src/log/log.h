/* log.h - the history of events: append-only, columnar, in the store's file.
 *
 * Events live in 64 partitions by a hash of their identity's text, so that all events of one
 * identity are in one partition and partitions share nothing.  Texts that repeat (identities,
 * kinds, items, sources) are kept once, in dictionaries, and events carry their dense index.
 *
 * An append becomes durable with the store's transaction it runs in: store_begin, log_append ...,
 * store_commit.  After store_rollback, call log_reload: the dictionaries in memory had grown. */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/arena.h"
#include "base/text.h"
#include "store/store.h"

#include <pthread.h>

struct log;

enum { LOG_PARTITIONS = 64, LOG_CHUNK_EVENTS = 64 * 1024, LOG_PAGE_EVENTS = 4 * 1024 };

/* Texts and their indexes.  Index 0 of every dictionary is the empty text: no identity (rows
 * whose customer is unknown), no item ... */
enum dictionary { DICTIONARY_IDENTITY, DICTIONARY_KIND, DICTIONARY_ITEM, DICTIONARY_SOURCE, DICTIONARIES };

/* A batch of events, one array per column; arrays that a caller does not fill are NULL. */
struct events {
    size_t    n;
    int64_t  *received_ms;      /* [n] when it became known; equals time_ms for imported history */
    int64_t  *time_ms;          /* [n] when it happened */
    uint32_t *identity;         /* [n] DICTIONARY_IDENTITY; 0 unknown */
    uint16_t *kind;             /* [n] DICTIONARY_KIND */
    int64_t  *amount_cents;     /* [n] NULL: all 0 */
    int64_t  *quantity_milli;   /* [n] thousandths; NULL: all 0 */
    uint32_t *item;             /* [n] DICTIONARY_ITEM, 0 none; NULL: all 0 */
    uint16_t *source;           /* [n] DICTIONARY_SOURCE: the file or client it came from; NULL: all 0 */
    uint64_t *message_hash;     /* [n] equal for the same message sent twice */
    /* [n] ends, in properties_bytes, of each event's JSON object of string, number and boolean
     * members, empty for none; event i begins where i-1 ends.  NULL: none has any. */
    uint32_t   *properties_end;
    const char *properties_bytes;
    int64_t    *replaced_ms;    /* [n] read with LOG_REPLACED: see corrections_find; NULL: no event is replaced */
    uint64_t   *sequence;       /* [n] the order of arrival, from 1; what is appended gets one, whatever stands here */
};

enum log_columns {
    LOG_RECEIVED = 1 << 0, LOG_TIME = 1 << 1, LOG_IDENTITY = 1 << 2, LOG_KIND = 1 << 3, LOG_AMOUNT = 1 << 4,
    LOG_QUANTITY = 1 << 5, LOG_ITEM = 1 << 6, LOG_SOURCE = 1 << 7, LOG_MESSAGE = 1 << 8, LOG_PROPERTIES = 1 << 9,
    LOG_ALL = (1 << 10) - 1,    /* of an event itself */
    LOG_REPLACED = 1 << 10,     /* corrections and what they replace too (correction.h); fills replaced_ms */
    LOG_SEQUENCE = 1 << 11
};

/* Loads the dictionaries.  The log borrows the store, which must outlive it.  It holds what was there when it was opened:
 * what somebody else appends later is not in it until log_reload, so that whoever reads beside a writer has one history
 * from beginning to end.  Once something was appended through it, it holds all there is. */
bool log_open(struct store *store, struct log **ret_log, struct err *err) MUST_CHECK;
void log_close(struct log *log);        /* NULL is fine */
bool log_reload(struct log *log, struct err *err) MUST_CHECK;
struct store *log_store(const struct log *log);     /* the one it was opened with */

/* The index of a text, added if new (durable with the next log_append that commits).
 * Not for two threads at once.  Errors: ERR_INVALID longer than 4 KiB, or the dictionary is full
 * (kinds and sources: 65,535; others: 2^32 - 2). */
bool log_intern(struct log *log, enum dictionary dictionary, struct text text, uint32_t *ret_index,
                struct err *err) MUST_CHECK;
bool        log_find(const struct log *log, enum dictionary dictionary, struct text text, uint32_t *ret_index);
void        log_find_many(const struct log *log, enum dictionary dictionary, const struct text *texts, size_t n,
                          uint32_t *ret_indices);       /* [n], 0 where there is none */
/* The text of an index, until the log closes or interns. */
struct text log_name(const struct log *log, enum dictionary dictionary, uint32_t index);
size_t      log_n_names(const struct log *log, enum dictionary dictionary);
unsigned    log_partition(const struct log *log, uint32_t identity);        /* 0..63, by the hash of its text */

/* What the dictionaries hold now, for going back to it when what was interned since is rolled back: as log_reload,
 * without reading.  False if they were changed in another way, and log_reload is needed. */
struct log_mark { size_t n_names[DICTIONARIES], n_stored[DICTIONARIES]; uint64_t n_changes; };
struct log_mark log_mark(const struct log *log);
bool            log_rollback_to(struct log *log, const struct log_mark *mark);

/* Appends events of any identities, in order, inside store_begin .. store_commit.  received_ms,
 * time_ms, identity and kind are required.  Few events become one small block; many become chunks.
 * Errors: ERR_INVALID properties of one event over 16 MiB, or an index not in its dictionary; ERR_IO;
 * ERR_BUSY another process has added names since log_open. */
bool log_append(struct log *log, const struct events *events, struct err *err) MUST_CHECK;

/* As log_append, for events that all belong to one partition: writes chunks of that partition
 * straight away.  The way for bulk imports. */
bool log_append_partition(struct log *log, unsigned partition, const struct events *events,
                          struct err *err) MUST_CHECK;

/* The same in two halves, so that threads can encode while one writes: log_encode touches no
 * store (the arena owns the result), log_write puts what was encoded. */
struct log_chunk;
bool log_encode(unsigned partition, const struct events *events, struct arena *arena,
                struct log_chunk **ret_chunk, struct err *err) MUST_CHECK;
bool log_write(struct log *log, const struct log_chunk *chunk, struct err *err) MUST_CHECK;

/* Every committed event of a partition, those of one identity in the order appended, but for those that a correction
 * replaced; columns not asked for are NULL, columns asked for are filled even where nothing was stored (zeros;
 * properties_end too).
 * Arrays live in the arena.  Safe from several threads at once, each with its own reader, while
 * nobody interns.
 * Errors: ERR_CORRUPT a checksum does not match (says which chunk), ERR_IO. */
struct log_reader;
bool log_reader_open(const struct log *log, struct log_reader **ret_reader, struct err *err) MUST_CHECK;
/* Through a connection to the same database that the caller lends, in no transaction, until the reader is closed. */
bool log_reader_open_through(const struct log *log, struct store *store, struct log_reader **ret_reader,
                             struct err *err) MUST_CHECK;
/* For a reader beside a writer that interns: the lock that guards the names, taken for reading here whenever names
 * are looked at, and not while chunks are read and decoded.  The caller holds it for neither. */
void log_reader_share_names(struct log_reader *reader, pthread_rwlock_t *lock);
bool log_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
              struct events *ret_events, struct err *err) MUST_CHECK;
/* The same for n identities, whatever partitions they are in: only the blocks that they are in are decoded. */
bool log_read_identities(struct log_reader *reader, const uint32_t *identities, size_t n, unsigned columns,
                         struct arena *arena, struct events *ret_events, struct err *err) MUST_CHECK;

/* Reads along: events that arrived after the one of a sequence (0: from the first), in the order of arrival, at most
 * `most`.  *ret_sequence is where to go on, the same if there was nothing.  Compaction changes neither the order nor
 * the numbers, so a sequence kept anywhere stays good; an import arrives customer by customer, and a correction is an
 * event as others are, and so is what it replaces.  Whoever is far behind asks for many: what compaction joined is
 * decoded for each call that wants some of it. */
bool log_read_after(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns, struct arena *arena,
                    struct events *ret_events, uint64_t *ret_sequence, struct err *err) MUST_CHECK;
void log_reader_close(struct log_reader *reader);       /* NULL is fine */

/* Blanks the properties of every event of n identities (ascending), within store_begin .. store_commit; the events
 * stay.  *ret_n: events that had some.  Nothing in memory changes. */
bool log_blank(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n, struct err *err) MUST_CHECK;

#define LOG_ERASED_PREFIX "erased:"

/* Whether it is the name of an identity that was erased; no id of a client's becomes one (identity_text). */
static inline bool log_name_is_erased(struct text name)
{
    const size_t length = sizeof LOG_ERASED_PREFIX - 1;
    return name.length >= length && memcmp(name.at, LOG_ERASED_PREFIX, length) == 0;
}

/* Gives an identity the name "erased:<index>", or one like it that lies in the same partition, in the store's
 * transaction and in memory; the old text is in neither afterwards.  After a rollback: log_reload. */
bool log_rename_erased(struct log *log, uint32_t identity, struct err *err) MUST_CHECK;

/* Totals kept with the chunks, read without decoding any: first and last by time_ms, and the sequence of what arrived
 * last; 0 if empty. */
struct log_totals { uint64_t n_events; int64_t first_ms, last_ms, stored_bytes; uint64_t last_sequence; };
bool log_totals(const struct log *log, struct log_totals *ret_totals, struct err *err) MUST_CHECK;

/* The last instant at which anything happened or became known: what is told late is known only then.  0 if empty. */
bool log_known_until(const struct log *log, int64_t *ret_ms, struct err *err) MUST_CHECK;

/* Rewrites small blocks as chunks of one partition each; the events and their order stay.  Is a
 * transaction of its own; what was interned and not appended yet is forgotten if it fails. */
bool log_compact(struct log *log, struct err *err) MUST_CHECK;

/* A little of the same at a time, on a thread beside the one that writes, through a connection of its own:
 * prepare decodes, joins and encodes small blocks of at most about budget_events, and write, a job for the writing
 * thread inside its transaction, exchanges them for the larger ones, which takes milliseconds.  What is written often
 * is rewritten a few times in all.  lock (NULL: nobody interns meanwhile) is held for reading while the dictionaries
 * are looked at.  *ret_n is the events prepared, 0 when there is nothing to do.  The compactor borrows the log. */
struct log_compactor;
bool log_compactor_open(struct log *log, struct log_compactor **ret_compactor, struct err *err) MUST_CHECK;
void log_compactor_close(struct log_compactor *compactor);      /* NULL is fine */
bool log_compactor_prepare(struct log_compactor *compactor, pthread_rwlock_t *lock, size_t budget_events,
                           size_t *ret_n, struct err *err) MUST_CHECK;
bool log_compactor_write(struct log_compactor *compactor, struct err *err) MUST_CHECK;

/* The same for the names: joins small blocks of them, at most one block's, in the store's transaction. */
bool log_compact_names_some(struct log *log, bool *ret_is_changed, struct err *err) MUST_CHECK;

#endif
