/* shop_history.h - the order history that the commands value and segment work on. */
#ifndef COMMAND_SHOP_HISTORY_H
#define COMMAND_SHOP_HISTORY_H

#include "command/shop.h"
#include "feature/history.h"

#define HISTORY_FLAGS                                                                                 \
    { "goal", "EVENT", "the event that is an order (else chosen from the data)" },                    \
    { "as-of", "DATE", "only what was known before it (else everything)" }

struct shop_history {
    struct shop    shop;
    struct history history;
    int32_t        as_of_day;       /* the last day observed */
    const char    *goal;
};

/* Opens the database, or that of the file given as the command's argument after importing it (what
 * was imported before is not added again), and reads the history.  Close it in any case of success.
 * Errors: those of shop_open, import_file and history_read; ERR_REFUSED a table has no history;
 * ERR_MISSING no such event. */
bool shop_history_open(struct invocation *invocation, struct shop_history *ret_history,
                       struct err *err) MUST_CHECK;
void shop_history_close(struct shop_history *history);

#endif
