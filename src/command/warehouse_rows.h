/* warehouse_rows.h - --on warehouse: a model's rows from there, and what was predicted back into it. */
#ifndef COMMAND_WAREHOUSE_ROWS_H
#define COMMAND_WAREHOUSE_ROWS_H

#include "command/warehouse_desk.h"
#include "learn/rows_source.h"

#define ON_FLAG                                                                                                   \
    {                                                                                                             \
        "on", "WHERE", "warehouse: features are computed by the ClickHouse cluster of the settings"               \
    }

struct warehouse_rows {
    struct warehouse_desk desk;
    struct gather_options options;
    struct rows_source source;
};

/* Whether --on was typed.  Errors: ERR_INVALID it names something else. */
bool warehouse_rows_wanted(const struct invocation *invocation, bool *ret_is_wanted, struct err *err) MUST_CHECK;

/* Opens the database, and readies the source; the desk's database is the one to work on.
 * Errors: those of warehouse_desk_open, --partitions and --sample. */
bool warehouse_rows_open(struct invocation *invocation, struct warehouse_rows *ret_rows,
                         struct err *err) MUST_CHECK;
void warehouse_rows_close(struct warehouse_rows *rows);

/* Puts what was predicted for the customers of --partitions there and here, instead of what the same run has put
 * before; of all partitions what is here is written as score writes it. */
bool warehouse_rows_put_scores(struct warehouse_rows *rows, const struct trained *trained,
                               const struct scores *scores, struct err *err) MUST_CHECK;

#endif
