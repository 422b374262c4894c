/* warehouse_desk.h - a database, the warehouse of its settings, and what both need, for the commands that use
 * them. */
#ifndef COMMAND_WAREHOUSE_DESK_H
#define COMMAND_WAREHOUSE_DESK_H

#include "cli/database.h"
#include "customer/vault.h"
#include "warehouse/gather.h"
#include "warehouse/shipping.h"

struct warehouse_desk {
    struct invocation *invocation;
    struct database database;
    struct warehouse_settings settings;
    struct shipping_source source;
    struct identities *identities;
    struct vault vault;
    pthread_mutex_t writing;
};

/* Errors: those of database_open and warehouse_settings_read. */
bool warehouse_desk_open(struct invocation *invocation, struct warehouse_desk *ret_desk,
                         struct err *err) MUST_CHECK;
void warehouse_desk_close(struct warehouse_desk *desk);

/* Errors: events received before as_of_ms are not there yet: ERR_MISSING no server answers, else ERR_REFUSED
 * (says how many); ERR_REFUSED some that were shipped are not there. */
bool warehouse_desk_check_behind(struct warehouse_desk *desk, int64_t as_of_ms, struct err *err) MUST_CHECK;

/* All of the options that follow from the desk; the set and the instants are the caller's. */
struct gather_options warehouse_desk_gather(const struct warehouse_desk *desk);

/* "0-31" of --partitions.  Errors: ERR_INVALID. */
bool warehouse_desk_partitions(const struct invocation *invocation, unsigned *ret_first, unsigned *ret_last,
                               struct err *err) MUST_CHECK;

#endif
