/* building.h - rows that were read become events of the log, partition by partition.
 *
 * Partitions share nothing, so threads take one each: leave out what was imported before, number
 * rows with the same content, sum the lines of an order, note where a customer's traits change, and
 * encode.  What is to be written comes back; nothing is written here. */
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
    /* Results; live until building_free. */
    struct log_chunk *chunks[LOG_PARTITIONS];   /* NULL: nothing new */
    uint64_t rows_new, rows_repeated;
    uint64_t rows_told;     /* of the new: the log has the same customer, time and amount from other bytes */
    uint64_t duplicates;                        /* rows equal to one above them in the file */
    uint64_t lines_again;                       /* rows that are a line of an order above them, by its number */
    uint64_t orders, orders_corrected;          /* with a number; those that the log had otherwise */
    uint64_t events, customers;
    int64_t  first_ms, last_ms;                 /* of the rows; first > last if there are none */
    struct personal_members *personal;          /* [identities] NULL: the file has no such columns */
    struct arena *arena, *arenas[READING_THREADS_MAX];
};

/* Brings the file's texts into the log's dictionaries (undone by log_reload) and fills the results.
 * Errors: ERR_INVALID too many kinds of events; ERR_CORRUPT, ERR_IO from the log. */
bool building_run(struct building *building, struct err *err) MUST_CHECK;
/* Keeps what rows say of who their customers are, sealed; in the store's transaction. */
bool building_keep_personal(struct building *building, struct err *err) MUST_CHECK;
void building_free(struct building *building);      /* zeroed is fine */

#endif
