/* tables.c - see tables.h. */
#include "warehouse/tables.h"

#include "warehouse/shipped.h"

#include <stdio.h>
#include <string.h>

static const char links_columns[] =
    "node String, batch String, version UInt64, id Int64, a String, b String, how UInt8, received_ms Int64, "
    "removed_ms Int64, a_number UInt32, b_number UInt32";
static const char scores_columns[] =
    "node String, run String, partition UInt8, customer String, customer_hash UInt64, question String, "
    "as_of_ms Int64, prediction Float64, expected_loss_cents Int64, reasons String, model String, "
    "number UInt32";
static const char runs_columns[] =
    "node String, run String, partition UInt8, question String, model String, as_of_ms Int64, customers UInt64, "
    "finished_ms Int64";
static const char about_columns[] = "version UInt32, node String, shards UInt32, shard UInt32, made_ms Int64";

/* old_parts_lifetime is short so that what was erased leaves the disk soon; the window of blocks that are known to
 * be there is wide, so that a repetition is dropped however late it comes. */
static const struct {
    const char *name, *columns, *parts, *order;
} tables[] = {
    { "events", shipped_columns_sql, " PARTITION BY month", "partition, identity" },
    { "members", members_columns_sql, "", "identity_hash, version" },
    { "links", links_columns, "", "id, version" },
    { "scores", scores_columns, "", "run, partition, customer" },
    { "runs", runs_columns, "", "run, partition" },
    { "about", about_columns, "", "version" },
};
enum { TABLES = sizeof tables / sizeof *tables };

static const char *engine_of(const struct warehouse_settings *settings, size_t shard, size_t replica,
                             const char *table, struct arena *arena)
{
    if (!settings->zookeeper_path) return "MergeTree()";
    return arena_format(arena, "ReplicatedMergeTree('%s/%s/%zu/%s', 'r%zu')", settings->zookeeper_path,
                        settings->database, shard, table, replica);
}

size_t tables_sql(const struct warehouse_settings *settings, size_t shard, size_t replica, struct arena *arena,
                  const char **ret_statements, size_t room)
{
    size_t n = 0;
    const char *more = settings->zookeeper_path ? ", replicated_deduplication_window = 10000, "
                                                  "replicated_deduplication_window_seconds = 31536000"
                                                : "";
    if (n < room)
        ret_statements[n++] = arena_format(arena, "CREATE DATABASE IF NOT EXISTS %s", settings->database);
    for (size_t t = 0; t < TABLES && n < room; t++)
        ret_statements[n++] = arena_format(
            arena,
            "CREATE TABLE IF NOT EXISTS %s.%s (%s) ENGINE = %s%s ORDER BY (%s) SETTINGS index_granularity = "
            "8192, old_parts_lifetime = 5%s",
            settings->database, tables[t].name, tables[t].columns,
            engine_of(settings, shard, replica, tables[t].name, arena), tables[t].parts, tables[t].order, more);
    if (n < room)
        ret_statements[n++] = arena_format(arena, "INSERT INTO %s.about SELECT %d, '%s', %zu, %zu, toInt64(0) FROM "
                                           "(SELECT count() AS n FROM %s.about) WHERE n = 0",
                                           settings->database, WAREHOUSE_VERSION, settings->node,
                                           settings->n_shards, shard, settings->database);
    return n;
}

/* "node String, row UInt64" as the server lists it: "node\tString\nrow\tUInt64". */
static bool check_columns(const struct warehouse_settings *settings, struct shard *shard, const char *table,
                          const char *columns, bool may_be_absent, struct arena *arena, struct err *err)
{
    const char *there;
    char *wanted = arena_alloc(arena, strlen(columns) + 1, 1), *to = wanted;
    for (const char *at = columns; *at; at++) {
        if (at[0] == ',' && at[1] == ' ')
            *to++ = '\n', at++;
        else
            *to++ = *at == ' ' ? '\t' : *at;
    }
    *to = '\0';
    if (!shard_text(shard,
                    arena_format(arena,
                                 "SELECT name, type FROM system.columns WHERE database = '%s' AND table "
                                 "= '%s'",
                                 settings->database, table),
                    arena, &there, err))
        return false;
    if (strcmp(there, wanted) == 0 || (may_be_absent && !*there)) return true;
    return err_set(err, ERR_REFUSED,
                   "%s: the columns of %s.%s are not those that were made: somebody changed the table, or it is "
                   "another's: then name another database",
                   shard_server(shard), settings->database, table);
}

#define OUR_TABLES "('events', 'members', 'links', 'scores', 'runs', 'about')"

/* What makes each row once there: a repetition is dropped by the one engine, of the other a month of a batch is
 * there whole or not at all, and any other does something else with rows. */
static bool check_engines(const struct warehouse_settings *settings, struct shard *shard, struct arena *arena,
                          struct err *err)
{
    const char *wanted = settings->zookeeper_path ? "ReplicatedMergeTree" : "MergeTree", *other;
    if (!shard_text(shard,
                    arena_format(arena,
                                 "SELECT concat(name, ' is ', engine, if(partition_key = '', '', concat(' by ', "
                                 "partition_key))) FROM system.tables WHERE database = '%s' AND name IN " OUR_TABLES
                                 " AND (engine != '%s' OR partition_key != if(name = 'events', 'month', '')) ORDER "
                                 "BY name LIMIT 1",
                                 settings->database, wanted),
                    arena, &other, err))
        return false;
    return !*other ||
           err_set(err, ERR_REFUSED,
                   "%s: of %s the table %s, where the settings make it %s%s: somebody changed it, or tables: was "
                   "another word when it was made: then name another database",
                   shard_server(shard), settings->database, other, wanted,
                   strncmp(other, "events ", 7) == 0 ? " by month" : "");
}

static bool check_about(const struct warehouse_settings *settings, struct shard *shard, struct arena *arena,
                        struct err *err)
{
    const char *text;
    unsigned version = 0, n_shards = 0, index = 0;
    char node[65] = "";
    if (!shard_text(
            shard,
            arena_format(arena, "SELECT version, shards, shard, node FROM %s.about LIMIT 1", settings->database),
            arena, &text, err))
        return false;
    const char *server = shard_server(shard);
    if (sscanf(text, "%u\t%u\t%u\t%64[^\t\n]", &version, &n_shards, &index, node) != 4)
        return err_set(err, ERR_MISSING, "%s: table %s.about is empty: holdfast warehouse init fills it", server,
                       settings->database);
    if (version != WAREHOUSE_VERSION)
        return err_set(err, ERR_REFUSED,
                       "%s: the tables are of version %u, this program's of %d: use the program "
                       "that made them, or another database",
                       server, version, WAREHOUSE_VERSION);
    if (strcmp(node, settings->node) != 0)
        return err_set(err, ERR_REFUSED,
                       "%s: the warehouse is of node '%s', the settings say '%s': one Holdfast ships "
                       "into a warehouse; name another database for another",
                       server, node, settings->node);
    if (n_shards != settings->n_shards || index != shard_index(shard))
        return err_set(
            err, ERR_REFUSED,
            "%s: it was made as shard %u of %u, the settings say shard %zu of %zu: "
            "events are not moved between shards; name another database, run holdfast warehouse init and "
            "ship everything there, or restore with as many shards as there were",
            server, index + 1, n_shards, shard_index(shard) + 1, settings->n_shards);
    return true;
}

/* One replica is asked by itself, whichever answers first. */
static bool make_on(const struct warehouse_settings *settings, size_t index, size_t replica, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *statements[TABLES_STATEMENTS_MOST];
    struct shard *shard = NULL;
    size_t n = tables_sql(settings, index, replica, arena, statements, TABLES_STATEMENTS_MOST);
    bool ok = shard_open_replica(settings, index, replica, &shard, err);
    for (size_t t = 0; ok && t < TABLES; t++) /* nothing is put beside what is not ours */
        ok = check_columns(settings, shard, tables[t].name, tables[t].columns, true, arena, err);
    ok = ok && check_engines(settings, shard, arena, err);
    for (size_t i = 0; ok && i < n; i++) ok = shard_do(shard, statements[i], err);
    ok = ok && check_about(settings, shard, arena, err);
    shard_close(shard);
    arena_free(arena);
    return ok;
}

bool tables_make(const struct warehouse_settings *settings, size_t shard, struct err *err)
{
    for (size_t r = 0; r < settings->n_replicas[shard]; r++)
        if (!make_on(settings, shard, r, err)) return false;
    return true;
}

/* ---- looked at ---- */

static bool is_there(const struct warehouse_settings *settings, struct shard *shard, struct arena *arena,
                     struct err *err)
{
    int64_t n;
    if (!shard_number(shard,
                      arena_format(arena,
                                   "SELECT count() FROM system.tables WHERE database = '%s' AND name IN " OUR_TABLES,
                                   settings->database),
                      &n, err))
        return false;
    if (n == TABLES) return true;
    return err_set(err, ERR_MISSING,
                   "%s: database %s has %s of the warehouse's tables: holdfast warehouse init "
                   "makes them",
                   shard_server(shard), settings->database, n ? "only some" : "none");
}

/* A replica that was away answers before it has fetched what it missed, and before it has looked at what that is:
 * until then, and that takes seconds, its delay is all the time since 1970 and its queue is empty. */
bool tables_check_replica(const struct warehouse_settings *settings, struct shard *shard, struct err *err)
{
    int64_t n;
    if (!settings->zookeeper_path || settings->n_replicas[shard_index(shard)] < 2) return true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *sql = arena_format(
        arena,
        "SELECT count() FROM system.replicas WHERE database = '%s' AND (is_readonly = 1 OR is_session_expired = 1 "
        "OR absolute_delay > 1000000000 OR inserts_in_queue > 0 OR (log_max_index > 0 AND log_pointer <= "
        "log_max_index))",
        settings->database);
    bool ok = shard_number(shard, sql, &n, err);
    arena_free(arena);
    if (!ok) return false;
    return n == 0 || err_set(err, ERR_BUSY,
                             "%s has not got yet all that the other replicas of its shard have, or is without "
                             "ZooKeeper and cannot tell: try again",
                             shard_server(shard));
}

bool tables_check(const struct warehouse_settings *settings, struct shard *shard, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = is_there(settings, shard, arena, err) && check_about(settings, shard, arena, err) &&
              check_engines(settings, shard, arena, err);
    for (size_t t = 0; ok && t < TABLES; t++)
        ok = check_columns(settings, shard, tables[t].name, tables[t].columns, false, arena, err);
    arena_free(arena);
    return ok;
}

bool tables_check_whole(const struct warehouse_settings *settings, struct shard *shard, struct err *err)
{
    for (size_t left = settings->n_replicas[shard_index(shard)]; left > 0; left--) {
        shard_settle(shard, true);
        if (tables_check_replica(settings, shard, err) && tables_check(settings, shard, err)) return true;
        if (err->code == ERR_REFUSED || left == 1) return false;
        shard_settle(shard, false);
    }
    return false;
}

bool tables_n_events(const struct warehouse_settings *settings, struct shard *shard, int64_t *ret_n,
                     struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = shard_number(shard, arena_format(arena, "SELECT count() FROM %s.events", settings->database), ret_n,
                           err);
    arena_free(arena);
    return ok;
}
