/* routes_warehouse.c - how far the warehouse is: GET /v1/warehouse. */
#include "server/route.h"
#include "server/server.h"
#include "server/warehouse_serving.h"

static enum handling get_warehouse(struct request *request, struct reply *reply)
{
    struct warehouse_status status;
    struct err err;
    if (!warehouse_serving_status(request->server->warehouse, false, request->arena, &status, &err))
        return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, warehouse_status_json(&status));
    return HANDLED;
}

static const struct route_field warehouse_answer[] = {
    { "shards", "array", "as the settings name them", true },
    { "shards[].server", "string", "its address", true },
    { "shards[].rows", "integer", "events that are there", true },
    { "shards[].behind_rows", "integer", "events that it has not got yet", true },
    { "shards[].behind_seconds", "integer", "age of the oldest of them", true },
    { "shards[].links_behind", "integer", "links between ids that it has not got yet, or whose end it does not know", true },
    { "shards[].retries", "integer", "batches that went more than once", true },
    { "shards[].bytes", "integer", "bytes that were sent to it", true },
    { "shards[].erasures_owed", "integer", "people who were erased here, and not there yet", true },
    { "shards[].error", "string", "what went wrong at the last try, in the server's own words; null: nothing", false },
    { "spool", "object", "what some shard has not got yet", true },
    { "spool.events", "integer", "how many events", true },
    { "spool.bytes", "integer", "how many bytes they take here", true },
    { 0 },
};

const struct route routes_warehouse[] = {
    { .method = "GET",
      .path = "/v1/warehouse",
      .needs = ACCESS_VIEW,
      .handle = get_warehouse,
      .is_slow = true,
      .summary = "How far the ClickHouse cluster is that holds the history too",
      .details = "Events are shipped there all the while; what a server that is down misses waits in the log here.  404 "
                 "where the settings name no warehouse.",
      .answer = warehouse_answer,
      .answer_example = "{\"shards\": [{\"server\": \"http://127.0.0.1:8123\", \"rows\": 5000000, \"behind_rows\": 0, "
                        "\"behind_seconds\": 0, \"links_behind\": 0, \"retries\": 0, \"bytes\": 650000000, \"erasures_owed\": 0, "
                        "\"error\": null}], \"spool\": {\"events\": 0, \"bytes\": 0}}" },
    { 0 },
};
