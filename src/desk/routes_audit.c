/* routes_audit.c - who changed what with their own hands, and whether the chain of it is whole: GET /v1/audit. */
#include "server/route.h"
#include "engine/service.h"
#include "govern/ledger.h"
#include "log/log.h"
#include "store/sql.h"

enum { ROWS_USUAL = 50, ROWS_MOST = 500 };

static json_t *row_json(struct service *service, const struct sql_audit_before *row)
{
    json_t *customer = json_string("");
    if (row->identity > 0) {
        (void)pthread_rwlock_rdlock(&service->lock);
        struct text name = log_name(service->log, DICTIONARY_IDENTITY, (uint32_t)row->identity);
        json_decref(customer);
        customer = json_stringn(name.at, name.length);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    return json_pack("{s:I, s:I, s:s, s:s, s:o}", "id", (json_int_t)row->id, "at_ms", (json_int_t)row->at_ms,
                     "who", row->who.at, "what", row->what.at, "customer", customer);
}

static bool read_rows(struct request *request, struct store *store, int64_t before, int64_t limit, json_t *rows,
                      struct err *err)
{
    struct text who = text_of(""), begins = text_of("");
    struct sql_audit_before row;
    enum step step;
    (void)request_query(request, "who", &who);
    (void)request_query(request, "what", &begins);
    if (!sql_audit_before(store, before, limit, who, begins, &row, err)) return false;
    while ((step = sql_audit_before_step(&row, err)) == STEP_ROW)
        json_array_append_new(rows, row_json(request->service, &row));
    cursor_close(row.cursor);
    return step == STEP_END;
}

static json_t *chain_json(const struct ledger_check *check)
{
    return json_pack("{s:I, s:b, s:I, s:s}", "rows", (json_int_t)check->n_rows, "is_whole", check->first_bad == 0,
                     "first_bad", (json_int_t)check->first_bad, "why",
                     check->first_bad && check->why ? check->why : "");
}

static enum handling handle_audit(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct ledger_check check = { 0 };
    struct text checked;
    int64_t before, limit;
    json_t *rows = json_array();
    if (!request_query_int(request, "before", 1, INT64_MAX, INT64_MAX, &before, &err))
        return json_decref(rows), reply_error(request, reply, &err, "before");
    if (!request_query_int(request, "limit", 1, ROWS_MOST, ROWS_USUAL, &limit, &err))
        return json_decref(rows), reply_error(request, reply, &err, "limit");
    bool is_checked = request_query(request, "check", &checked) && text_equal(checked, text_of("chain"));
    bool ok = service_read(request->service, &store, &err);
    if (ok) {
        ok = read_rows(request, store, before, limit, rows, &err) &&
             (!is_checked || ledger_verify(store, request->arena, &check, &err));
        service_read_done(request->service, store);
    }
    if (!ok) return json_decref(rows), reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200,
                    json_pack("{s:o, s:o}", "acts", rows, "chain", is_checked ? chain_json(&check) : json_null()));
    return HANDLED;
}

static const struct route_field audit_query[] = {
    { "before", "integer", "only ids below this number: the last of the page before", false },
    { "limit", "integer", "1 to 500; 50 if not said", false },
    { "who", "string", "only what they did, as it is written down: \"ann\", \"cli:ann\"", false },
    { "what", "string", "only acts that begin so: \"journey\", \"identity merge\"", false },
    { "check", "string",
      "chain: read the whole ledger and say whether it is whole, which takes seconds for millions", false },
    { 0 },
};
static const struct route_field audit_answer[] = {
    { "acts", "array", "the newest first", true },
    { "acts[].id", "integer", "its number", true },
    { "acts[].at_ms", "integer", "when", true },
    { "acts[].who", "string", "by whom", true },
    { "acts[].what", "string", "what was done", true },
    { "acts[].customer", "string", "about whom; empty: nobody", true },
    { "chain", "object", "with check=chain: the ledger of decisions and acts, checked now", false },
    { "chain.rows", "integer", "how long it is", true },
    { "chain.is_whole", "boolean", "nothing in it was changed or cut off", true },
    { "chain.first_bad", "integer", "the first row that is not as it was; 0: all are", true },
    { "chain.why", "string", "why it is not whole; empty: it is", true },
    { 0 },
};

const struct route routes_audit[] = {
    { .method = "GET",
      .path = "/v1/audit",
      .needs = ACCESS_ADMIN,
      .handle = handle_audit,
      .is_slow = true,
      .summary = "Who changed what, and whether the chain of it is whole",
      .query = audit_query,
      .answer = audit_answer,
      .answer_example = "{\"acts\": [{\"id\": 12, \"at_ms\": 1790000000000, \"who\": \"ann\", \"what\": \"journey "
                        "pause winback\", "
                        "\"customer\": \"\"}], \"chain\": {\"rows\": 412, \"is_whole\": true, \"first_bad\": 0, "
                        "\"why\": \"\"}}" },
    { 0 },
};
