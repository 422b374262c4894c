/* warehouse_desk.c - see warehouse_desk.h. */
#include "command/warehouse_desk.h"

#include "server/clocks.h"
#include "warehouse/doubled_rows.h"
#include "warehouse/links_check.h"
#include "warehouse/tables.h"
#include "warehouse/warehouse_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One lane at a time. */
static bool write_one(void *context, bool (*job)(struct store *, void *, struct err *), void *job_context,
                      struct err *err)
{
    struct warehouse_desk *desk = context;
    (void)pthread_mutex_lock(&desk->writing);
    bool ok = command_write(desk->invocation, desk->database.store, job, job_context, err);
    (void)pthread_mutex_unlock(&desk->writing);
    return ok;
}

static bool open_parts(struct warehouse_desk *desk, struct err *err)
{
    struct invocation *invocation = desk->invocation;
    struct settings settings = { 0 };
    struct err none;
    if (!command_settings(invocation, desk->database.store, &settings, err) ||
        !warehouse_settings_read(&settings, invocation->arena, &desk->settings, err) ||
        !identities_open(desk->database.store, desk->database.log, &desk->identities, err))
        return false;
    bool has_key = vault_open(desk->database.store, false, &desk->vault, &none);
    desk->source = (struct shipping_source){
        .settings = &desk->settings,
        .store = desk->database.store,
        .log = desk->database.log,
        .identities = desk->identities,
        .names = { desk->settings.is_plain, has_key ? desk->vault.hash_key : NULL },
        .writer = { .context = desk, .run = write_one },
        .clock = { .now_ms = clock_wall_ms },
    };
    return true;
}

bool warehouse_desk_open(struct invocation *invocation, struct warehouse_desk *ret_desk, struct err *err)
{
    *ret_desk = (struct warehouse_desk){ .invocation = invocation };
    if (!database_open(invocation, NULL, false, &ret_desk->database, err)) return false;
    (void)pthread_mutex_init(&ret_desk->writing, NULL);
    if (open_parts(ret_desk, err)) return true;
    warehouse_desk_close(ret_desk);
    return false;
}

void warehouse_desk_close(struct warehouse_desk *desk)
{
    identities_close(desk->identities);
    database_close(&desk->database);
    (void)pthread_mutex_destroy(&desk->writing);
}

/* Tables that are not this database's are never shipped to. */
static bool check_tables(struct warehouse_desk *desk, size_t index, struct err *err)
{
    struct shard *shard = NULL;
    bool ok = shard_open(&desk->settings, index, &shard, err) && tables_check(&desk->settings, shard, err);
    shard_close(shard);
    return ok || err->code != ERR_REFUSED;
}

/* Rows wait for somebody: why, in the servers' own words where they are what is missing. */
static bool say_behind(struct warehouse_desk *desk, const struct shard_status *behind, struct err *err)
{
    struct warehouse_status status;
    const char *error = NULL;
    size_t n_silent = 0;
    if (!warehouse_status_read(&desk->source, desk->database.store, false, desk->invocation->arena, &status, err))
        return false;
    for (size_t s = 0; s < status.n; s++)
        if (!status.shards[s].error && !check_tables(desk, s, err)) return false;
    for (size_t s = 0; s < status.n; s++)
        if (status.shards[s].error) error = status.shards[s].error, n_silent++;
    if (n_silent == 0)
        return err_set(err, ERR_REFUSED,
                       "%s has not got %" PRId64 " %s yet: holdfast warehouse ship --until-done", behind->server,
                       behind->behind_rows ? behind->behind_rows : behind->links_behind,
                       behind->behind_rows ? "events" : "links between ids");
    if (n_silent == status.n) return err_set(err, ERR_MISSING, "%s", error);
    return err_set(err, ERR_REFUSED, "only part of the shards would answer, which is no answer: %.400s", error);
}

/* What was shipped and is not there any more, or is there twice, or went to other tables than these.  A server that
 * does not answer is told of by whoever asks it next. */
static bool check_rows(struct warehouse_desk *desk, size_t index, struct err *err)
{
    struct shard *shard = NULL;
    struct err ignored;
    struct shipper_state state;
    if (!shipper_state_read(desk->database.store, index, &state, err)) return false;
    int64_t n_shipped = state.n_rows, n_there = n_shipped, n_doubled = 0;
    bool has_links = true;
    bool is_whole =
        !shard_open(&desk->settings, index, &shard, &ignored) ||
        !tables_check_whole(&desk->settings, shard, &ignored) ||
        !tables_n_events(&desk->settings, shard, &n_there, &ignored) ||
        (n_there >= n_shipped &&
         (!doubled_rows_count(&desk->settings, shard, &state, &n_doubled, &ignored) || n_doubled <= 0) &&
         (!links_check_whole(&desk->source, desk->database.store, shard, &has_links, &ignored) || has_links));
    if (!is_whole && n_doubled > 0)
        err_set(err, ERR_REFUSED, "%s has %" PRId64 " events twice: holdfast warehouse check --mend  takes them out",
                shard_server(shard), n_doubled);
    else if (!is_whole && n_there >= n_shipped)
        err_set(err, ERR_REFUSED,
                "%s has lost links between ids that were shipped: holdfast warehouse check --mend  ships them again",
                shard_server(shard));
    else if (!is_whole)
        err_set(err, ERR_REFUSED,
                "%s has %" PRId64 " of the %" PRId64 " events that were shipped: holdfast warehouse ship "
                "--until-done  if its tables are new, else  holdfast warehouse check --mend  ships again what is "
                "missing",
                shard_server(shard), n_there, n_shipped);
    shard_close(shard);
    return is_whole;
}

bool warehouse_desk_check_behind(struct warehouse_desk *desk, int64_t as_of_ms, struct err *err)
{
    struct warehouse_status status;
    if (!warehouse_status_read(&desk->source, desk->database.store, true, desk->invocation->arena, &status, err))
        return false;
    for (size_t s = 0; s < status.n; s++)
        if (status.shards[s].oldest_ms < as_of_ms || status.shards[s].oldest_link_ms < as_of_ms)
            return say_behind(desk, &status.shards[s], err);
    for (size_t s = 0; s < status.n; s++)
        if (!check_rows(desk, s, err)) return false;
    return true;
}

struct gather_options warehouse_desk_gather(const struct warehouse_desk *desk)
{
    return (struct gather_options){
        .settings = &desk->settings,
        .log = desk->database.log,
        .identities = desk->identities,
        .names = desk->source.names,
        .last_partition = LOG_PARTITIONS - 1,
        .share = 1,
        .n_threads = desk->invocation->n_threads,
    };
}

bool warehouse_desk_partitions(const struct invocation *invocation, unsigned *ret_first, unsigned *ret_last,
                               struct err *err)
{
    const char *typed = flag_text(invocation, "partitions", "0-63");
    unsigned first, last;
    int n_read = 0;
    bool ok = sscanf(typed, "%u-%u%n", &first, &last, &n_read) == 2 && typed[n_read] == '\0';
    if (!ok && sscanf(typed, "%u%n", &first, &n_read) == 1 && typed[n_read] == '\0') ok = true, last = first;
    if (!ok || first > last || last >= LOG_PARTITIONS)
        return err_set(err, ERR_INVALID, "--partitions '%s': want a range within 0-63, such as 0-31", typed);
    *ret_first = first, *ret_last = last;
    return true;
}
