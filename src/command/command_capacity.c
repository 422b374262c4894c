/* command_capacity.c - holdfast capacity: how far this machine goes, and what a cluster would hold. */
#include "cli/json_out.h"
#include "cli/database.h"
#include "server/clocks.h"
#include "warehouse/capacity.h"

#include <string.h>

static const char *word_of(const json_t *json, const char *key)
{
    const char *word = json_string_value(json_object_get(json, key));
    return word ? word : "not within a hundred years";
}

static void print_capacity(FILE *out, const struct capacity *capacity)
{
    json_t *json = capacity_json(capacity);
    fprintf(out, "%.0f events of %.1f bytes, %.0f customers of %.0f bytes of state\n", (double)capacity->n_events,
            capacity->bytes_per_event, (double)capacity->n_customers, capacity->state_bytes_per_customer);
    fprintf(out, "%.3g events a second in the month to %.10s; this machine and disk wrote %.0f a second just now\n",
            capacity->events_per_second, json_string_value(json_object_get(json, "as_of")),
            capacity->possible_per_second);
    fprintf(out, "at this growth the disk is full: %s; the memory: %s\n", word_of(json, "disk_full"),
            word_of(json, "memory_full"));
    for (size_t i = 0; i < CAPACITY_SHARDS; i++)
        fprintf(out,
                "%2u shards of this machine's disk would hold %.2g events; a training moves %.2g bytes, a scoring "
                "%.2g\n",
                capacity->shards[i].n, capacity->shards[i].n_events, capacity->shards[i].bytes_per_training,
                capacity->shards[i].bytes_per_scoring);
    json_decref(json);
}

static bool run_capacity(struct invocation *invocation, struct err *err)
{
    struct database database;
    struct capacity capacity;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    const struct capacity_options options = {
        .log = database.log,
        .scratch = arena_format(invocation->arena, "%s.capacity", database.path),
        .now_ms = clock_wall_ms(NULL),
        .now_seconds = clock_seconds,
        .n_threads = invocation->n_threads,
    };
    bool ok = capacity_measure(&options, invocation->arena, &capacity, err);
    if (ok && invocation->is_json)
        json_write_take(invocation->out, capacity_json(&capacity));
    else if (ok)
        print_capacity(invocation->out, &capacity);
    database_close(&database);
    return ok;
}

const struct command command_capacity = {
    .name = "capacity",
    .arguments = "",
    .summary = "how far this machine goes with this history, and what a cluster would hold",
    .details =
        "Of more than a million events a part stands for all.  Growth is that of the last month of the log, or of all\n"
        "of a younger one.  What the machine can write is measured for half a second in a file beside the database,\n"
        "which is removed: appended and synced; what it takes to read messages comes on top.",
    .example = "holdfast capacity --json",
    .run = run_capacity,
};
