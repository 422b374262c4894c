/* person_there.c - see person_there.h. */
#include "warehouse/person_there.h"

#include "warehouse/tables.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *columns, *number, *other; /* other: a second number that may be theirs, or NULL */
    const char *order;
} tables[] = {
    { "events",
      "identity, kind, received_ms, time_ms, amount_cents, quantity_milli, item, source, property_names, "
      "property_values",
      "number", NULL, "row" },
    { "links", "a, b, how, received_ms, removed_ms", "a_number", "b_number", "id" },
    { "members", "identity, customer, since_ms", "number", NULL, "identity, version, since_ms" },
    { "scores", "customer, question, as_of_ms, prediction, expected_loss_cents, reasons, model", "number", NULL,
      "question, as_of_ms" },
};

static const char *list_of(const uint32_t *identities, size_t n, struct arena *arena)
{
    const char *list = arena_format(arena, "%u", n ? identities[0] : 0);
    for (size_t i = 1; i < n; i++) list = arena_format(arena, "%s, %u", list, identities[i]);
    return list;
}

/* Numbers of 64 bits came as texts. */
static void numbers_from_texts(json_t *rows)
{
    static const char *const endings[] = { "_ms", "_cents", "_milli" };
    size_t i;
    json_t *row, *value;
    void *next;
    const char *name;
    json_array_foreach(rows, i, row) {
        json_object_foreach_safe(row, next, name, value) {
            const char *ending = strrchr(name, '_');
            for (size_t e = 0; ending && json_is_string(value) && e < sizeof endings / sizeof *endings; e++)
                if (strcmp(ending, endings[e]) == 0) {
                    json_object_set_new(row, name, json_integer(strtoll(json_string_value(value), NULL, 10)));
                    break;
                }
        }
    }
}

static bool add_tables(const struct warehouse_settings *settings, struct shard *shard, const char *list,
                       struct arena *arena, json_t *out, struct err *err)
{
    if (!tables_check_whole(settings, shard, err)) return false;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        const char *other = tables[t].other ? arena_format(arena, " OR %s IN (%s)", tables[t].other, list) : "";
        json_t *rows = NULL;
        if (!shard_rows(shard,
                        arena_format(arena, "SELECT %s FROM %s.%s WHERE %s IN (%s)%s ORDER BY %s",
                                     tables[t].columns, settings->database, tables[t].name, tables[t].number, list,
                                     other, tables[t].order),
                        NULL, true, &rows, err))
            return false;
        numbers_from_texts(rows);
        json_object_set_new(out, tables[t].name, rows);
    }
    return true;
}

json_t *person_there(const struct warehouse_settings *settings, const uint32_t *identities, size_t n)
{
    json_t *all = json_array();
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *list = list_of(identities, n, arena);
    for (size_t s = 0; s < settings->n_shards; s++) {
        struct shard *shard = NULL;
        struct err err;
        json_t *out = json_pack("{s:s}", "server", settings->replicas[s][0]);
        if (!shard_open(settings, s, &shard, &err) || !add_tables(settings, shard, list, arena, out, &err))
            json_object_set_new(out, "error", json_string(err.text));
        shard_close(shard);
        json_array_append_new(all, out);
    }
    arena_free(arena);
    return all;
}
