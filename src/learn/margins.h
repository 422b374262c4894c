/* margins.h - what is left of an event's money, by the item, category, shop and channel that it tells of.
 *
 * An item is the event's own; its category the event's property, else the catalogue's; shop and channel are
 * properties.  Of orders with lines, the order itself has the margin without an item, and each line (order_item,
 * refund_item) adds the difference that its item makes. */
#ifndef LEARN_MARGINS_H
#define LEARN_MARGINS_H

#include "base/arena.h"
#include "log/log.h"
#include "table/costs.h"

struct margins {
    const struct costs *costs;
    const struct log   *log;
    bool                varies;         /* else every event has the same margin on a day */
    uint32_t            order_item, refund_item;        /* kinds; 0: there is none */
    const char        **category;       /* [n_items] of the dictionary; NULL: not known */
    size_t              n_items;
    struct arena       *arena;
};

enum { MARGINS_COLUMNS = LOG_TIME | LOG_KIND | LOG_ITEM | LOG_PROPERTIES };     /* what must be read of events */

bool margins_open(struct store *store, const struct log *log, const struct costs *costs, int64_t as_of_ms,
                  struct arena *arena, struct margins *ret_margins, struct err *err) MUST_CHECK;

bool   margins_is_line(const struct margins *margins, uint16_t kind);
/* The share of an event's amount that is left; of a line the difference to that of its order, below 0 too. */
double margins_share(const struct margins *margins, const struct events *events, size_t i);

#endif
