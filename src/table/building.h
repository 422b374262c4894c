/* building.h - rows that were read become events of the log, partition by partition.
 *
 * Partitions share nothing, so threads take one each: leave out what was imported before, number
 * rows with the same content, sum the lines of an order, note where a customer's traits change, and
 * encode.  What is to be written comes back; only into a log without events it may be written here, by the thread that
 * has the transaction, while the others build on.
 *
 * Beside others who write, nearly all of it needs none of their time: building_name, of some milliseconds, is theirs to
 * run, building_encode reads what is committed, and building_is_current says, on their thread again, whether what
 * they wrote meanwhile makes any difference to the file.  If it does, name and encode are done again. */
#ifndef TABLE_BUILDING_H
#define TABLE_BUILDING_H

#include "table/reading.h"

/* The personal members that a customer's latest row has, as the file spells them; NULL none. */
struct personal_members { const char *values; int64_t time_ms; };

struct building {
    struct reading *reading;
    struct log     *log;
    const char     *source;                     /* the file's name, for the events' source */
    int64_t         known_ms;                   /* when all of it was received; 0: as the rows say */
    bool            may_write;                  /* this thread has the store's transaction, which fails with this */
    /* Results; live until building_free. */
    struct log_chunk *chunks[LOG_PARTITIONS];   /* NULL: nothing new */
    unsigned n_written;                         /* the first of them, written already */
    struct events taken_back;                   /* corrections of what clients told, of any partition; first to write */
    uint64_t rows_new, rows_repeated;
    uint64_t rows_told;     /* of the new: the log has the same customer, time and amount from other bytes */
    uint64_t duplicates;                        /* rows equal to one above them in the file */
    uint64_t rows_of_pages;                     /* rows that came again where a page of the export ends (page_edge.h) */
    uint64_t lines_again;                       /* rows that are a line of an order above them, by its number */
    uint64_t orders, orders_corrected;          /* with a number; those that the log had otherwise */
    uint64_t events, customers;
    int64_t  first_ms, last_ms;                 /* of the rows; first > last if there are none */
    size_t   n_identities;                      /* that the log had with the file's */
    struct personal_members *personal;          /* [n_identities] NULL: the file has no such columns */
    struct arena *arena, *arenas[READING_THREADS_MAX];
    struct build *build;
};

/* Begins with what was read; nothing of the log is looked at. */
void building_start(struct building *building);
/* Brings the file's texts into the log's dictionaries (undone by log_reload): by who writes the log.
 * Errors: ERR_INVALID too many kinds of events; ERR_IO from the log. */
bool building_name(struct building *building, struct err *err) MUST_CHECK;
/* Fills the results.  lock: of the dictionaries, not held; NULL: nobody writes, and this is not done again.  Errors: ERR_CORRUPT, ERR_IO. */
bool building_encode(struct building *building, pthread_rwlock_t *lock, struct err *err) MUST_CHECK;
/* Looks at what arrived since building_name, or since this was asked last: *ret is false if the results would be other
 * ones now, or name somebody whom the dictionaries have forgotten.  Last by who writes the log, without the lock. */
bool building_is_current(struct building *building, pthread_rwlock_t *lock, bool *ret, struct err *err) MUST_CHECK;
/* Keeps what rows say of who their customers are, sealed; in the store's transaction. */
bool building_keep_personal(struct building *building, struct err *err) MUST_CHECK;
void building_free(struct building *building);      /* zeroed is fine */

#endif
