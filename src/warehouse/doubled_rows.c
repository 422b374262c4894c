/* doubled_rows.c - see doubled_rows.h. */
#include "warehouse/doubled_rows.h"

#include "warehouse/tables.h"

#include <inttypes.h>
#include <stdio.h>

bool doubled_rows_count(const struct warehouse_settings *settings, struct shard *shard,
                        const struct shipper_state *state, int64_t *ret_n, struct err *err)
{
    *ret_n = 0;
    if (!tables_n_events(settings, shard, ret_n, err)) return false;
    if (*ret_n <= state->n_rows) return *ret_n = 0, true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *from = arena_format(arena, "FROM %s.events WHERE row <= %" PRId64, settings->database, state->position);
    bool ok = shard_number(shard, arena_format(arena, "SELECT count() %s", from), ret_n, err);
    if (ok && *ret_n <= state->n_rows)
        *ret_n = 0; /* the others are on their way */
    else if (ok)
        ok = shard_number(shard, arena_format(arena, "SELECT toInt64(count()) - toInt64(uniqExact(row)) %s", from), ret_n, err);
    arena_free(arena);
    return ok;
}

bool doubled_rows_remove(const struct warehouse_settings *settings, struct shard *shard, int64_t position,
                         struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *months = "";
    bool ok = shard_text(shard,
                         arena_format(arena,
                                      "SELECT month FROM %s.events WHERE row <= %" PRId64
                                      " GROUP BY month HAVING count() > uniqExact(row)",
                                      settings->database, position),
                         arena, &months, err);
    unsigned month;
    for (const char *line = *months ? months : NULL; ok && line; line = shard_next_line(line))
        ok = sscanf(line, "%u", &month) == 1 ?
                 shard_do(shard,
                          arena_format(arena, "OPTIMIZE TABLE %s.events PARTITION %u FINAL DEDUPLICATE",
                                       settings->database, month),
                          err) :
                 shard_answers_odd(shard, line, "a month", err);
    arena_free(arena);
    return ok;
}
