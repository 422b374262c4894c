/* warehouse_remove.c - see warehouse_remove.h. */
#include "warehouse/warehouse_remove.h"

#include <time.h>

enum { POLL_MS = 50, POLLS_MOST = 1200 };

/* A replica may not have heard yet of what it is to remove: then it is at no mutation, and has the rows. */
static bool wait_for_removal(const struct warehouse_settings *settings, struct shard *shard, const char *table,
                             const char *where, struct arena *arena, struct err *err)
{
    const char *mutations = arena_format(arena,
                                         "SELECT count() FROM system.mutations WHERE database = '%s' AND table = "
                                         "'%s' AND is_done = 0",
                                         settings->database, table);
    const char *rows =
        arena_format(arena, "SELECT count() FROM %s.%s WHERE %s", settings->database, table, where);
    int64_t n_mutations, n_rows = 0;
    for (int polls = 0; polls < POLLS_MOST; polls++) {
        if (!shard_number(shard, mutations, &n_mutations, err) ||
            (n_mutations == 0 && !shard_number(shard, rows, &n_rows, err)))
            return false;
        if (n_mutations == 0 && n_rows == 0) return true;
        (void)nanosleep(&(struct timespec){ 0, POLL_MS * 1000000L }, NULL);
    }
    return err_set(err, ERR_BUSY, "%s does not finish removing rows of %s.%s", shard_server(shard),
                   settings->database, table);
}

bool warehouse_remove(const struct warehouse_settings *settings, size_t index, const char *table,
                      const char *where, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shard *shard = NULL;
    bool ok =
        shard_open(settings, index, &shard, err) &&
        shard_do(shard, arena_format(arena, "ALTER TABLE %s.%s DELETE WHERE %s", settings->database, table, where),
                 err);
    shard_close(shard);
    for (size_t r = 0; ok && r < settings->n_replicas[index]; r++) {
        shard = NULL;
        ok = shard_open_replica(settings, index, r, &shard, err) &&
             wait_for_removal(settings, shard, table, where, arena, err);
        shard_close(shard);
    }
    arena_free(arena);
    return ok;
}
