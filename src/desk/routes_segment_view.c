/* routes_segment_view.c - what became of a segment, what it is worth and what uses it:
 * GET /v1/segments/{id}/history, .../versions, .../worth, .../uses. */
#include "engine/segment_uses.h"
#include "server/route.h"
#include "engine/service.h"
#include "base/json_write.h"
#include "live/live.h"
#include "live/membership.h"
#include "store/sql.h"

#include <math.h>
#include <pthread.h>

enum { DAYS_USUAL = 90, DAYS_MOST = 1000, MEMBERS_AT_ONCE = 1000 };

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
    json_t *uses = segment_uses(request->service, segment.name, request->arena, &err);
    if (!uses) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "uses", uses));
    return HANDLED;
}

/* ---- what its members are worth, and what is at risk ---- */

struct worth { size_t n_members, n_valued, n_scored; double value_cents, churn; int64_t loss_cents; };

/* The main model's question about leaving; NULL: it asks another, where none is about leaving. */
static const char *churn_question(struct service *service, struct arena *arena)
{
    const struct question *question = NULL;
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct live *live = service->live;
    if (live_n_models(live) > 0) question = &live_model(live, live_main_model(live))->question;
    const char *name = question && question_is_churn(question) ? arena_copy(arena, question->name) : NULL;
    (void)pthread_rwlock_unlock(&service->lock);
    return name;
}

static void add_member(const struct live *live, double churn, uint32_t customer, struct worth *worth)
{
    double value = live_value(live, customer).value_cents;
    worth->n_members++;
    if (!isnan(value)) worth->n_valued++, worth->value_cents += value;
    if (!isnan(churn)) worth->n_scored++, worth->churn += churn;
}

/* As the list of customers tells it of each. */
static bool add_loss(struct store *store, const char *question, uint32_t customer, struct worth *worth,
                     struct err *err)
{
    struct sql_score_of row;
    if (!sql_score_of(store, customer, text_of(question), &row, err)) return false;
    enum step step = sql_score_of_step(&row, err);
    if (step == STEP_ROW && row.prediction.kind != VALUE_NULL) worth->loss_cents += row.expected_loss_cents;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* A page of members at a time, so that nobody waits for the lock.  question: about leaving; NULL: there is none. */
static bool read_members(struct service *service, struct store *store, const char *question, int64_t segment,
                         struct worth *ret_worth, struct err *err)
{
    struct segment_member page[MEMBERS_AT_ONCE];
    size_t n = MEMBERS_AT_ONCE;
    uint32_t after = 0;
    *ret_worth = (struct worth){ 0 };
    while (n == MEMBERS_AT_ONCE) {
        if (!memberships_members(service->memberships, segment, after, page, MEMBERS_AT_ONCE, &n, err)) return false;
        (void)pthread_rwlock_rdlock(&service->lock);
        size_t model = 0;
        bool is_churn = question && live_model_of(service->live, question, &model);
        for (size_t i = 0; i < n; i++)
            add_member(service->live,
                       is_churn ? live_score(service->live, model, page[i].identity).prediction : (double)NAN,
                       page[i].identity, ret_worth);
        (void)pthread_rwlock_unlock(&service->lock);
        for (size_t i = 0; question && i < n; i++)
            if (!add_loss(store, question, page[i].identity, ret_worth, err)) return false;
        if (n) after = page[n - 1].identity;
    }
    return true;
}

static bool read_worth(struct request *request, int64_t segment, struct worth *ret_worth, struct err *err)
{
    struct service *service = request->service;
    const char *question = churn_question(service, request->arena);
    struct store *store;
    if (!service_read(service, &store, err)) return false;
    bool ok = read_members(service, store, question, segment, ret_worth, err);
    service_read_done(service, store);
    return ok;
}

static enum handling handle_worth(struct request *request, struct reply *reply)
{
    struct err err;
    struct segment segment;
    struct worth worth;
    if (!get_segment(request, &segment, &err) || !read_worth(request, segment.id, &worth, &err))
        return reply_error(request, reply, &err, "id");
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:I, s:I, s:I, s:o, s:I}", "n_members", (json_int_t)worth.n_members, "n_valued",
                              (json_int_t)worth.n_valued, "value_12m_cents", (json_int_t)llround(worth.value_cents),
                              "n_scored", (json_int_t)worth.n_scored, "churn",
                              number_json(worth.n_scored ? worth.churn / (double)worth.n_scored : (double)NAN),
                              "expected_loss_cents", (json_int_t)worth.loss_cents));
    return HANDLED;
}

/* ---- the conditions that it had ---- */

static bool read_versions(struct store *store, int64_t segment, json_t *list, struct err *err)
{
    struct sql_segment_versions row;
    enum step step;
    if (!sql_segment_versions(store, segment, &row, err)) return false;
    while ((step = sql_segment_versions_step(&row, err)) == STEP_ROW)
        json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:I}", "version", (json_int_t)row.version, "expression",
                                              row.expression.at, "until_ms", (json_int_t)row.until_ms, "n_members",
                                              (json_int_t)row.n_members));
    cursor_close(row.cursor);
    return step == STEP_END;
}

static enum handling handle_versions(struct request *request, struct reply *reply)
{
    struct err err;
    struct segment segment;
    struct store *store;
    if (!get_segment(request, &segment, &err)) return reply_error(request, reply, &err, "id");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *list = json_pack("[{s:I, s:s, s:n, s:I}]", "version", (json_int_t)segment.version, "expression",
                             segment.expression, "until_ms", "n_members", (json_int_t)segment.n_members);
    bool ok = read_versions(store, segment.id, list, &err);
    service_read_done(request->service, store);
    if (ok) reply_json_take(request, reply, 200, json_pack("{s:O}", "versions", list));
    else reply_error(request, reply, &err, NULL);
    json_decref(list);
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
static const struct route_field versions_answer[] = {
    { "versions", "array", "newest first, the one in force before all", true },
    { "versions[].version", "integer", "its number", true },
    { "versions[].expression", "string", "its condition", true },
    { "versions[].until_ms", "integer, null", "when another came; null: it is in force", true },
    { "versions[].n_members", "integer", "how many were in it then", true },
    { 0 },
};
static const struct route_field worth_answer[] = {
    { "n_members", "integer", "who is in it", true },
    { "n_valued", "integer", "of them with a value", true },
    { "value_12m_cents", "integer", "what they are expected to spend in twelve months, together", true },
    { "n_scored", "integer", "of the members with an answer of the model about leaving", true },
    { "churn", "number, null", "the mean of these answers; null: there is none", true },
    { "expected_loss_cents", "integer", "what leaves if nothing changes: that of each who is scored, summed", true },
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
      .keeps = ROUTE_KEEPS_TILL_ACT, .handle = handle_history,
      .is_slow = true,
      .summary = "How large a segment was, and who came and went",
      .query = history_query,
      .answer = history_answer,
      .answer_example =
          "{\"days\": [{\"at_ms\": 1789948800000, \"n_members\": 212, \"came\": 14, \"went\": 9}]}" },
    { .method = "GET",
      .path = "/v1/segments/{id}/versions",
      .needs = ACCESS_VIEW,
      .handle = handle_versions,
      .is_slow = true,
      .summary = "The conditions that a segment has and had",
      .answer = versions_answer,
      .answer_example = "{\"versions\": [{\"version\": 1, \"expression\": \"churn > 0.6\", \"until_ms\": null, "
                        "\"n_members\": 212}]}" },
    { .method = "GET",
      .path = "/v1/segments/{id}/worth",
      .needs = ACCESS_VIEW,
      .keeps = ROUTE_KEEPS_TILL_ACT, .handle = handle_worth,
      .is_slow = true,
      .summary = "What a segment's members are worth, and what of it is at risk",
      .answer = worth_answer,
      .answer_example = "{\"n_members\": 212, \"n_valued\": 210, \"value_12m_cents\": 4200000, \"n_scored\": 190, "
                        "\"churn\": 0.71, \"expected_loss_cents\": 2900000}" },
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
