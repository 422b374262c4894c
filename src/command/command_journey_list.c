/* command_journey_list.c - holdfast journey list: how journeys stand, and what is stuck. */
#include "command/command_journey.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "engine/journeys.h"
#include "server/clocks.h"

#include <stdio.h>

static void print_list(const json_t *list)
{
    size_t i, k;
    const json_t *journey, *sentence;
    printf("%-20s %7s  %-7s %9s %9s %9s %9s\n", "journey", "version", "state", "entered", "inside", "ended",
           "goal");
    json_array_foreach(list, i, journey) {
        printf("%-20s %7lld  %-7s %9lld %9lld %9lld %9lld\n",
               json_string_value(json_object_get(journey, "journey")),
               (long long)json_integer_value(json_object_get(journey, "version")),
               json_string_value(json_object_get(journey, "state")), (long long)journeys_sum(journey, "entered"),
               (long long)journeys_sum(journey, "inside"), (long long)journeys_sum(journey, "ended"),
               (long long)journeys_sum(journey, "goal"));
        json_array_foreach(json_object_get(journey, "stuck"), k, sentence)
            printf("    %s\n", json_string_value(sentence));
    }
}

bool journey_list(struct invocation *invocation, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    json_t *list = journeys_list(database.store, database.log, clock_wall_ms(NULL), err);
    database_close(&database);
    if (!list) return false;
    if (invocation->is_json) {
        json_print_take(json_pack("{s:o}", "journeys", list));
        return true;
    }
    print_list(list);
    json_decref(list);
    return true;
}
