/* database_history.h - the order history that the commands value and segment work on. */
#ifndef CLI_DATABASE_HISTORY_H
#define CLI_DATABASE_HISTORY_H

#include "cli/database.h"
#include "feature/history.h"

#define HISTORY_FLAGS                                                                                 \
    { "goal", "EVENT", "the event that is an order (else chosen from the data)" },                    \
    { "as-of", "DATE", "only what was known before it (else everything)" }

/* Of commands for which who has left by an event counts. */
#define LEAVING_FLAGS { "left", "EVENT", "whoever has had it since their last order has left; none: nobody has" }

enum leaving_asked { LEAVING_IGNORED, LEAVING_KNOWN };

struct database_history {
    struct database    database;
    struct history history;
    int32_t        as_of_day;       /* the last day observed */
    const char    *goal;
};

/* Opens the database, or that of the file given as the command's argument after importing it (what
 * was imported before is not added again), and reads the history, with or without who has left.  Close it in any case of success.
 * Errors: those of database_open, import_file and history_read; ERR_REFUSED a table has no history;
 * ERR_MISSING no such event. */
bool database_history_open(struct invocation *invocation, enum leaving_asked leaving,
                           struct database_history *ret_history, struct err *err) MUST_CHECK;
void database_history_close(struct database_history *history);

#endif
