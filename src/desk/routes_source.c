/* routes_source.c - where events come from: what sends, how fast and since when it does not (GET /v1/sources), and
 * how the last file was understood (GET /v1/imports). */
#include "desk/overview_read.h"
#include "engine/service.h"
#include "govern/quiet_page.h"
#include "server/route.h"
#include "server/server.h"
#include "store/sql.h"

#include <math.h>

enum { DAYS = 30 };

static json_t *quiet_pages_json(struct request *request)
{
    struct quiet_page *pages;
    size_t n = quiet_pages_list(request->server->quiet_pages, request->arena, &pages);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I}", "source", pages[i].name, "asked",
                                              (json_int_t)pages[i].n_asked, "since_ms", (json_int_t)pages[i].since_ms,
                                              "last_ms", (json_int_t)pages[i].last_ms));
    return list;
}

static enum handling handle_sources(struct request *request, struct reply *reply)
{
    struct err err;
    const struct overview_options options = { .days = DAYS };
    struct overview_numbers *numbers = ARENA_NEW(request->arena, struct overview_numbers);
    int64_t now_ms = clock_now_ms(&request->service->options.clock);
    if (!overview_read(request->service, &options, numbers, &err)) return reply_error(request, reply, &err, NULL);
    json_t *sources = json_array();
    for (size_t i = 0; i < numbers->n_sources; i++) {
        const struct overview_source *source = &numbers->sources[i];
        double gap_ms = source->usual_gap_ms;
        bool has_gap = isfinite(gap_ms) && gap_ms > 0;
        json_array_append_new(
            sources, json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:b}", "source", source->name, "events",
                               (json_int_t)source->n_live, "last_ms", (json_int_t)source->last_ms, "usual_gap_ms",
                               has_gap ? json_real(gap_ms) : json_null(), "per_hour",
                               has_gap ? json_real(3600000 / gap_ms) : json_null(), "usual_lag_ms",
                               has_gap ? json_real(source->usual_lag_ms) : json_null(), "is_stopped",
                               overview_source_stopped(source, now_ms)));
    }
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:o, s:o}", "now_ms", (json_int_t)now_ms, "sources", sources, "quiet_pages",
                              quiet_pages_json(request)));
    return HANDLED;
}

/* What the last import said, as it was kept, without the values of its rows. */
static bool read_import(struct store *store, json_t **ret_import, struct err *err)
{
    struct sql_import_latest row = { 0 };
    *ret_import = NULL;
    if (!sql_import_latest(store, &row, err)) return false;
    enum step step = sql_import_latest_step(&row, err);
    if (step == STEP_ROW) *ret_import = json_loadb(row.json.at, row.json.length, 0, NULL);
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static enum handling handle_imports(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    json_t *kept, *column;
    size_t i;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_import(store, &kept, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_array_foreach(json_object_get(json_object_get(kept, "quality"), "columns"), i, column)
        (void)json_object_del(column, "example");
    json_t *import = json_object_get(kept, "import"), *quality = json_object_get(kept, "quality");
    reply_json_take(request, reply, 200, json_pack("{s:O?, s:O?}", "import", import, "quality", quality));
    json_decref(kept);
    return HANDLED;
}

static const struct route_field imports_answer[] = {
    { "import", "object", "the last file, and what each column was taken for; null: none was read", false },
    { "quality", "object", "what was found in it, as its report tells", false },
    { 0 },
};
static const struct route_field sources_answer[] = {
    { "now_ms", "integer", "now, by the server's clock", true },
    { "sources", "array", "keys that send as things happen; what was imported is no source", true },
    { "sources[].source", "string", "the name of its key", true },
    { "sources[].events", "integer", "that it sent as they happened", true },
    { "sources[].last_ms", "integer", "when the last came", true },
    { "sources[].usual_gap_ms", "number, null", "from one event to the next, usually; null: too few came", true },
    { "sources[].per_hour", "number, null", "how many that is an hour", true },
    { "sources[].usual_lag_ms", "number, null", "from when it happened until it was here, of half of it at most; over four weeks", true },
    { "sources[].is_stopped", "boolean", "silent for much longer than it usually is", true },
    { "quiet_pages", "array", "keys with which pages ask where to send and then send nothing: a client that sends elsewhere", true },
    { "quiet_pages[].source", "string", "the name of the key", true },
    { "quiet_pages[].asked", "integer", "how often, since anything came from a page with it", true },
    { "quiet_pages[].since_ms", "integer", "when first", true },
    { "quiet_pages[].last_ms", "integer", "when last", true },
    { 0 },
};

const struct route routes_source[] = {
    { .method = "GET",
      .path = "/v1/imports",
      .needs = ACCESS_OPERATE,
      .handle = handle_imports,
      .is_slow = true,
      .summary = "How the last file was understood, and what was found in it",
      .answer = imports_answer,
      .answer_example = "{\"import\": {\"source\": \"orders.csv\", \"rows\": 541909}, \"quality\": null}" },
    { .method = "GET",
      .path = "/v1/sources",
      .needs = ACCESS_VIEW,
      .handle = handle_sources,
      .keeps = ROUTE_KEEPS_AWHILE, .is_slow = true,
      .summary = "What sends events, how fast, and whether it has stopped",
      .details = "Counted anew at most twice a minute.",
      .answer = sources_answer,
      .answer_example = "{\"now_ms\": 1790000000000, \"sources\": [{\"source\": \"shop\", \"events\": 4120, "
                        "\"last_ms\": 1789999990000, \"usual_gap_ms\": 5200.0, \"per_hour\": 692.3, \"usual_lag_ms\": 340.0, "
                        "\"is_stopped\": false}], \"quiet_pages\": []}" },
    { 0 },
};
