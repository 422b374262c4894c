/* routes_segment_view.c - what became of a segment and what uses it: GET /v1/segments/{id}/history, .../uses. */
#include "server/segment_uses.h"
#include "engine/service.h"
#include "live/membership.h"
#include "store/sql.h"

enum { DAYS_USUAL = 90, DAYS_MOST = 1000 };

static bool get_segment(struct request *request, struct segment *ret_segment, struct err *err)
{
    int64_t id;
    struct text text = request_param(request, "id");
    if (!text_int64(text, &id))
        return err_set(err, ERR_INVALID, "'%.*s' is not the number of a segment",
                       (int)(text.length < 40 ? text.length : 40), text.at);
    return memberships_get(request->service->memberships, id, request->arena, ret_segment, err);
}

static enum handling handle_uses(struct request *request, struct reply *reply)
{
    struct err err;
    struct segment segment;
    if (!get_segment(request, &segment, &err)) return reply_error(request, reply, &err, "id");
    json_t *uses = segment_uses(request, segment.name, &err);
    if (!uses) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "uses", uses));
    return HANDLED;
}

/* ---- history ---- */

struct day { int64_t came, went; };

static bool read_days(struct store *store, int64_t segment, int64_t from_day, struct day *days, int64_t n_days,
                      struct err *err)
{
    struct sql_segment_movement row;
    enum step step;
    if (!sql_segment_movement(store, segment, from_day, &row, err)) return false;
    while ((step = sql_segment_movement_step(&row, err)) == STEP_ROW)
        if (row.day >= from_day && row.day < from_day + n_days)
            days[row.day - from_day] = (struct day){ row.came, row.went };
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* Sizes are told from now backwards: what it is, less who came, plus who went. */
static json_t *days_json(const struct day *days, int64_t from_day, int64_t n_days, int64_t size)
{
    json_t *list = json_array();
    for (int64_t i = n_days - 1; i >= 0; i--) {
        json_array_insert_new(list, 0,
                              json_pack("{s:I, s:I, s:I, s:I}", "at_ms", (json_int_t)((from_day + i) * 86400000),
                                        "n_members", (json_int_t)size, "came", (json_int_t)days[i].came, "went",
                                        (json_int_t)days[i].went));
        size += days[i].went - days[i].came;
    }
    return list;
}

static enum handling handle_history(struct request *request, struct reply *reply)
{
    struct err err;
    struct segment segment;
    struct store *store;
    int64_t n_days;
    if (!request_query_int(request, "days", 1, DAYS_MOST, DAYS_USUAL, &n_days, &err))
        return reply_error(request, reply, &err, "days");
    if (!get_segment(request, &segment, &err)) return reply_error(request, reply, &err, "id");
    int64_t today = clock_now_ms(&request->service->options.clock) / 86400000,
            first = segment.created_ms / 86400000;
    if (today - first + 1 < n_days) n_days = today >= first ? today - first + 1 : 1;
    int64_t from_day = today - n_days + 1;
    struct day *days = ARENA_ARRAY(request->arena, struct day, (size_t)n_days);
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_days(store, segment.id, from_day, days, n_days, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200,
                    json_pack("{s:o}", "days", days_json(days, from_day, n_days, (int64_t)segment.n_members)));
    return HANDLED;
}

static const struct route_field history_query[] = {
    { "days", "integer", "how many days back: 1 to 1000, usually 90; not before it was made", false }, { 0 },
};
static const struct route_field history_answer[] = {
    { "days", "array", "day by day, UTC, the last is today", true },
    { "days[].at_ms", "integer", "where the day begins", true },
    { "days[].n_members", "integer", "in it at the end of the day; today now", true },
    { "days[].came", "integer", "entered that day", true },
    { "days[].went", "integer", "left that day", true },
    { 0 },
};
static const struct route_field uses_answer[] = {
    { "uses", "array", "what would no longer work without it; while there is any it cannot be removed", true },
    { "uses[].kind", "string", "journey", true },
    { "uses[].name", "string", "which", true },
    { "uses[].how", "string", "in words", true },
    { 0 },
};

const struct route routes_segment_view[] = {
    { .method = "GET",
      .path = "/v1/segments/{id}/history",
      .needs = ACCESS_VIEW,
      .handle = handle_history,
      .is_slow = true,
      .summary = "How large a segment was, and who came and went",
      .query = history_query,
      .answer = history_answer,
      .answer_example =
          "{\"days\": [{\"at_ms\": 1789948800000, \"n_members\": 212, \"came\": 14, \"went\": 9}]}" },
    { .method = "GET",
      .path = "/v1/segments/{id}/uses",
      .needs = ACCESS_VIEW,
      .handle = handle_uses,
      .is_slow = true,
      .summary = "What uses a segment",
      .answer = uses_answer,
      .answer_example = "{\"uses\": [{\"kind\": \"journey\", \"name\": \"winback\", \"how\": \"begins when "
                        "somebody enters it\"}]}" },
    { 0 },
};
