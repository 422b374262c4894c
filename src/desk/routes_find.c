/* routes_find.c - what there is under a name, and the names that conditions may use: GET /v1/find, GET /v1/fields.
 */
#include "desk/customers_find.h"
#include "desk/field_view.h"
#include "engine/service.h"
#include "journey/journey.h"
#include "live/live.h"
#include "live/membership.h"
#include "store/sql.h"

#include <string.h>

enum { FOUND_OF_A_KIND = 6, TEXT_MOST_BYTES = 400 };

struct finding { struct request *request; const char *text; json_t *found; size_t n_of_kind; };

static void add(struct finding *finding, const char *kind, const char *id, const char *name, const char *words)
{
    if (finding->n_of_kind++ < FOUND_OF_A_KIND)
        json_array_append_new(finding->found, json_pack("{s:s, s:s, s:s, s:s}", "kind", kind, "id", id, "name",
                                                        name, "words", words));
}

static bool matches(const struct finding *finding, const char *name)
{
    return strcasestr(name, finding->text) != NULL;
}

static void find_segments(struct finding *finding)
{
    struct segment *segments;
    struct arena *arena = finding->request->arena;
    size_t n = memberships_list(finding->request->service->memberships, arena, &segments);
    finding->n_of_kind = 0;
    for (size_t i = 0; i < n; i++)
        if (matches(finding, segments[i].name))
            add(finding, "segment", arena_format(arena, "%lld", (long long)segments[i].id), segments[i].name,
                arena_format(arena, "%zu customers", segments[i].n_members));
}

static void find_questions(struct finding *finding)
{
    struct service *service = finding->request->service;
    finding->n_of_kind = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t m = 0; m < live_n_models(service->live); m++) {
        const char *name = live_model(service->live, m)->question.name;
        if (matches(finding, name)) add(finding, "question", name, name, "a question with a model");
    }
    (void)pthread_rwlock_unlock(&service->lock);
}

/* As the list of journeys says it: nobody has approved it who has to. */
static bool is_unapproved(const struct sql_journey_all *row)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct journey *journey;
    struct err wrong;
    bool is = row->approved_by.length == 0 && journey_read(row->yaml, "journey", arena, &journey, &wrong) &&
              journey->is_approval_needed;
    arena_free(arena);
    return is;
}

static bool find_journeys(struct finding *finding, struct store *store, struct err *err)
{
    struct sql_journey_all row;
    enum step step;
    finding->n_of_kind = 0;
    if (!sql_journey_all(store, &row, err)) return false;
    while ((step = sql_journey_all_step(&row, err)) == STEP_ROW)
        if (matches(finding, row.name.at))
            add(finding, "journey", row.name.at, row.name.at, is_unapproved(&row) ? "draft" : row.state.at);
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool find_experiments(struct finding *finding, struct store *store, struct err *err)
{
    struct sql_experiment_all row;
    enum step step;
    finding->n_of_kind = 0;
    if (!sql_experiment_all(store, &row, err)) return false;
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        if (matches(finding, row.name.at)) add(finding, "experiment", row.name.at, row.name.at, "an experiment");
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* Only for who may see customers. */
static bool find_customers(struct finding *finding, struct err *err)
{
    size_t i;
    json_t *one, *customers = json_array();
    bool ok = !(finding->request->grant.rights & ACCESS_CUSTOMER) ||
              customers_find(finding->request, text_of(finding->text), FOUND_OF_A_KIND, customers, err);
    finding->n_of_kind = 0;
    json_array_foreach(customers, i, one) {
        const char *id = json_string_value(json_object_get(one, "customer")),
                   *matched = json_string_value(json_object_get(one, "matched"));
        if (id && matched)
            add(finding, "customer", id, id, strcmp(id, matched) == 0 ? "a customer" :
                arena_format(finding->request->arena, "a customer, by %s", matched));
    }
    json_decref(customers);
    return ok;
}

static bool find_stored(struct finding *finding, struct err *err)
{
    struct store *store;
    struct service *service = finding->request->service;
    if (!service_read(service, &store, err)) return false;
    bool ok = find_journeys(finding, store, err) && find_experiments(finding, store, err);
    service_read_done(service, store);
    return ok;
}

static enum handling handle_find(struct request *request, struct reply *reply)
{
    struct err err;
    struct text text = { "", 0 };
    (void)request_query(request, "text", &text);
    text = text_trim(text);
    bool ok = text.length > 0 ? text.length <= TEXT_MOST_BYTES ||
                  err_set(&err, ERR_INVALID, "text: at most %d bytes", TEXT_MOST_BYTES)
              : err_set(&err, ERR_INVALID, "text is missing: what to find");
    if (!ok) return reply_error(request, reply, &err, "text");
    struct finding finding = { .request = request, .found = json_array(),
        .text = arena_format(request->arena, "%.*s", (int)text.length, text.at) };
    find_segments(&finding);
    find_questions(&finding);
    if (!find_stored(&finding, &err) || !find_customers(&finding, &err)) {
        json_decref(finding.found);
        return reply_error(request, reply, &err, "text");
    }
    reply_json_take(request, reply, 200, json_pack("{s:o}", "found", finding.found));
    return HANDLED;
}

static enum handling handle_fields(struct request *request, struct reply *reply)
{
    size_t n_seen = 0;
    json_t *fields = field_view(request->service, request->arena, &n_seen);
    reply_json_take(request, reply, 200, json_pack("{s:o, s:I}", "fields", fields, "n_seen", (json_int_t)n_seen));
    return HANDLED;
}

static const struct route_field find_query[] = {
    { "text", "string", "a part of a name, the beginning of a customer's id, or a whole address", true }, { 0 },
};
static const struct route_field find_answer[] = {
    { "found", "array", "at most six of a kind; customers only for who may see them", true },
    { "found[].kind", "string", "segment, question, journey, experiment or customer", true },
    { "found[].id", "string", "as other routes take it", true },
    { "found[].name", "string", "as people know it", true },
    { "found[].words", "string", "what it is", true },
    { 0 },
};
static const struct route_field fields_answer[] = {
    { "fields", "array", "scores, groups and traits, then features", true },
    { "fields[].name", "string", "as in conditions", true },
    { "fields[].kind", "string", "feature, score, group or trait", true },
    { "fields[].type", "string", "number or text", true },
    { "fields[].unit", "string", "days, events, cents, share ...; empty: none", true },
    { "fields[].meaning", "string", "in words", true },
    { "fields[].coverage", "number, null", "of a sample of the customers, the share that has a value", true },
    { "fields[].quantiles", "array",
      "of numbers: below which 5, 25, 50, 75 and 95 % of those seen are; null: no number", false },
    { "fields[].quantiles[]", "number", "one of them", true },
    { "fields[].usual", "array", "of texts: the most usual, at most eight", true },
    { "fields[].usual[].value", "string", "one of them", true },
    { "fields[].usual[].share", "number", "of the sample", true },
    { "n_seen", "integer", "how many customers the sample has", true },
    { 0 },
};

const struct route routes_find[] = {
    { .method = "GET",
      .path = "/v1/find",
      .needs = ACCESS_VIEW,
      .handle = handle_find,
      .is_slow = true,
      .summary = "What there is under a name: segments, questions, journeys, experiments, customers",
      .query = find_query,
      .answer = find_answer,
      .answer_example = "{\"found\": [{\"kind\": \"segment\", \"id\": \"1\", \"name\": \"Leaving\", \"words\": "
                        "\"212 customers\"}]}" },
    { .method = "GET",
      .path = "/v1/fields",
      .needs = ACCESS_VIEW,
      .handle = handle_fields,
      .is_slow = true,
      .summary = "The names that conditions and lists may use, with meaning, coverage and usual values",
      .answer = fields_answer,
      .answer_example = "{\"fields\": [{\"name\": \"country\", \"kind\": \"trait\", \"type\": \"text\", \"unit\": "
                        "\"\", \"meaning\": \"as it was "
                        "last said of them\", \"coverage\": 0.98, \"quantiles\": null, \"usual\": [{\"value\": "
                        "\"DE\", \"share\": 0.4}]}], "
                        "\"n_seen\": 800}" },
    { 0 },
};
