/* routes_segment.c - segments: listing, making, changing, removing, previewing them, and who is in them. */
#include "server/changing.h"
#include "engine/segment_uses.h"
#include "server/route.h"
#include "base/parallel.h"
#include "hub/ingest.h"
#include "live/membership.h"
#include "live/refresh.h"
#include "live/segment_source.h"
#include "engine/service.h"

#include <pthread.h>
#include <string.h>

enum { MEMBERS_USUAL = 100, MEMBERS_MOST = 1000, PREVIEW_USUAL_MS = 2000, PREVIEW_MOST_MS = 10000 };

static int64_t now_of(const struct request *request) { return clock_now_ms(&request->service->options.clock); }

/* ---- what is there ---- */

static json_t *segment_json(const struct segment *segment)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:s?}", "id", (json_int_t)segment->id, "name",
                     segment->name, "expression", segment->expression, "description", segment->description,
                     "created_ms", (json_int_t)segment->created_ms, "version", (json_int_t)segment->version,
                     "n_members", (json_int_t)segment->n_members, "is_complete", segment->is_complete, "problem",
                     segment->problem);
}

static bool read_id(struct request *request, int64_t *ret_id, struct err *err)
{
    struct text id = request_param(request, "id");
    return text_int64(id, ret_id) || err_set(err, ERR_INVALID, "'%.*s' is not the number of a segment",
                                             (int)(id.length < 40 ? id.length : 40), id.at);
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct segment *segments;
    size_t n = memberships_list(request->service->memberships, request->arena, &segments);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, segment_json(&segments[i]));
    reply_json_take(request, reply, 200, json_pack("{s:o}", "segments", list));
    return HANDLED;
}

static enum handling handle_get(struct request *request, struct reply *reply)
{
    struct err err;
    struct segment segment;
    int64_t id;
    if (!read_id(request, &id, &err) ||
        !memberships_get(request->service->memberships, id, request->arena, &segment, &err))
        return reply_error(request, reply, &err, "id");
    reply_json_take(request, reply, 200, segment_json(&segment));
    return HANDLED;
}

/* The customer's own id, in the request's arena. */
static const char *customer_name(struct request *request, uint32_t identity)
{
    struct service *service = request->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, identity);
    const char *copy = arena_format(request->arena, "%.*s", (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    return copy;
}

static enum handling handle_members(struct request *request, struct reply *reply)
{
    struct err err;
    int64_t id, after, limit;
    size_t n;
    if (!read_id(request, &id, &err)) return reply_error(request, reply, &err, "id");
    if (!request_query_int(request, "after", 0, UINT32_MAX, 0, &after, &err))
        return reply_error(request, reply, &err, "after");
    if (!request_query_int(request, "limit", 1, MEMBERS_MOST, MEMBERS_USUAL, &limit, &err))
        return reply_error(request, reply, &err, "limit");
    struct segment_member *members = ARENA_ARRAY(request->arena, struct segment_member, (size_t)limit);
    if (!memberships_members(request->service->memberships, id, (uint32_t)after, members, (size_t)limit, &n, &err))
        return reply_error(request, reply, &err, "id");
    json_t *list = json_array(), *next = n == (size_t)limit ? json_integer(members[n - 1].identity) : json_null();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "customer",
                                              customer_name(request, members[i].identity), "since_ms",
                                              (json_int_t)members[i].since_ms));
    reply_json_take(request, reply, 200, json_pack("{s:o, s:o}", "members", list, "next", next));
    return HANDLED;
}

/* ---- making and changing ---- */

static bool read_text(json_t *body, const char *name, const char **ret_text, const char **ret_field,
                      struct err *err)
{
    json_t *value = json_object_get(body, name);
    if (!value) return true;        /* as it was */
    *ret_field = name;
    if (!json_is_string(value) || json_string_length(value) != strlen(json_string_value(value)))
        return err_set(err, ERR_INVALID, "%s must be a text", name);
    *ret_text = json_string_value(value);
    *ret_field = NULL;
    return true;
}

static bool put_draft(struct request *request, json_t *body, int64_t id, struct segment *ret_segment,
                      const char **ret_field, struct err *err)
{
    struct service *service = request->service;
    struct segment old = { 0 };
    *ret_field = id ? "id" : NULL;
    if (id && !memberships_get(service->memberships, id, request->arena, &old, err)) return false;
    const json_t *version = json_object_get(body, "version");
    *ret_field = "version";
    if (id && version && (!json_is_integer(version) || json_integer_value(version) != old.version))
        return err_set(err, ERR_REFUSED,
                       "somebody changed '%s' meanwhile: it is of version %lld now, with the condition %.200s",
                       old.name, (long long)old.version, old.expression);
    *ret_field = NULL;
    struct segment_draft draft = { old.name, old.expression, old.description };
    if (!read_text(body, "name", &draft.name, ret_field, err) ||
        !read_text(body, "expression", &draft.expression, ret_field, err) ||
        !read_text(body, "description", &draft.description, ret_field, err))
        return false;
    struct segment_source *source = live_source_new(service->live, service->log, service->identities,
                                                    &service->lock);
    const struct writer writer = change_writer(request, id ? "segment change" : "segment add");
    bool ok = memberships_put(service->memberships, source, &writer, id, &draft, now_of(request), &id, ret_field,
                              err);
    live_source_free(source);
    if (!ok) return false;
    refresh_wake(service->refresh);
    return memberships_get(service->memberships, id, request->arena, ret_segment, err);
}

static enum handling put(struct request *request, struct reply *reply, int64_t id)
{
    struct err err;
    struct segment segment;
    const char *field = NULL;
    json_t *body = NULL;
    bool ok = request_json(request, &body, &err) && put_draft(request, body, id, &segment, &field, &err);
    if (ok) reply_json_take(request, reply, id ? 200 : 201, segment_json(&segment));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static enum handling handle_add(struct request *request, struct reply *reply) { return put(request, reply, 0); }

static enum handling handle_change(struct request *request, struct reply *reply)
{
    struct err err;
    int64_t id;
    if (!read_id(request, &id, &err)) return reply_error(request, reply, &err, "id");
    return put(request, reply, id);
}

/* What is used stays. */
static bool check_unused(struct request *request, int64_t id, struct err *err)
{
    struct segment segment;
    if (!memberships_get(request->service->memberships, id, request->arena, &segment, err)) return false;
    json_t *uses = segment_uses(request->service, segment.name, request->arena, err);
    if (!uses) return false;
    const json_t *first = json_array_get(uses, 0);
    bool ok = !first || err_set(err, ERR_REFUSED, "'%s' is used: journey %s %s; change that first", segment.name,
                                json_string_value(json_object_get(first, "name")),
                                json_string_value(json_object_get(first, "how")));
    json_decref(uses);
    return ok;
}

static enum handling handle_remove(struct request *request, struct reply *reply)
{
    struct err err;
    int64_t id;
    const struct writer writer = change_writer(request, "segment remove");
    if (read_id(request, &id, &err) && check_unused(request, id, &err) &&
        memberships_remove(request->service->memberships, &writer, id, &err))
        reply_json_take(request, reply, 200, json_pack("{s:I}", "removed", (json_int_t)id));
    else
        reply_error(request, reply, &err, "id");
    return HANDLED;
}

/* ---- previewing ---- */

static json_t *preview_json(struct request *request, const struct segment_preview *preview)
{
    json_t *overlaps = json_array(), *sample = json_array();
    for (size_t i = 0; i < preview->n_overlaps; i++) {
        const struct segment_overlap *overlap = &preview->overlaps[i];
        json_array_append_new(overlaps, json_pack("{s:I, s:s, s:I, s:I}", "segment", (json_int_t)overlap->segment,
                                                  "name", overlap->name, "n_members",
                                                  (json_int_t)overlap->n_members, "n_both",
                                                  (json_int_t)overlap->n_both));
    }
    for (size_t i = 0; i < preview->n_sample && (request->grant.rights & ACCESS_CUSTOMER); i++)
        json_array_append_new(sample, json_string(customer_name(request, preview->sample[i])));
    json_t *absent = json_array();
    for (size_t i = 0; i < preview->n_absent; i++) json_array_append_new(absent, json_string(preview->absent[i]));
    return json_pack("{s:I, s:I, s:b, s:I, s:o, s:o, s:o, s:f}", "n_members", (json_int_t)preview->n_members,
                     "n_customers", (json_int_t)preview->n_customers, "is_exact", preview->is_exact, "n_seen",
                     (json_int_t)preview->n_seen, "sample", sample, "overlaps", overlaps, "absent", absent,
                     "seconds", preview->seconds);
}

static bool preview(struct request *request, json_t *body, const char **ret_field, json_t **ret_json,
                    struct err *err)
{
    struct service *service = request->service;
    struct segment_preview result;
    const char *expression = NULL;
    json_t *limit = json_object_get(body, "limit_ms");
    if (!read_text(body, "expression", &expression, ret_field, err)) return false;
    *ret_field = "expression";
    if (!expression) return err_set(err, ERR_INVALID, "expression is missing: the condition to preview");
    if (limit && (!json_is_integer(limit) || json_integer_value(limit) < 1 ||
                  json_integer_value(limit) > PREVIEW_MOST_MS)) {
        *ret_field = "limit_ms";
        return err_set(err, ERR_INVALID, "limit_ms must be a whole number from 1 to %d", PREVIEW_MOST_MS);
    }
    struct segment_source *sources[PREVIEW_SOURCES_MOST];
    unsigned n = parallel_cores() < PREVIEW_SOURCES_MOST ? parallel_cores() : PREVIEW_SOURCES_MOST;
    sources[0] = live_source_new(service->live, service->log, service->identities, &service->lock);
    for (unsigned i = 1; i < n; i++) sources[i] = live_source_beside(sources[0]);
    bool ok = memberships_preview(service->memberships, sources, n, expression, &service->options.clock,
                                  limit ? json_integer_value(limit) : PREVIEW_USUAL_MS, request->arena, &result,
                                  err);
    for (unsigned i = n; i-- > 0;) live_source_free(sources[i]);
    if (ok) *ret_json = preview_json(request, &result);
    return ok;
}

static enum handling handle_preview(struct request *request, struct reply *reply)
{
    struct err err;
    const char *field = NULL;
    json_t *body = NULL, *json = NULL;
    if (request_json(request, &body, &err) && preview(request, body, &field, &json, &err))
        reply_json_take(request, reply, 200, json);
    else
        reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

/* ---- the table ---- */

#define SEGMENT_FIELDS(prefix) \
    { prefix "id", "integer", "its number", true }, \
    { prefix "name", "string", "unique, whatever the case of its letters", true }, \
    { prefix "expression", "string", "the condition", true }, \
    { prefix "description", "string", "what it is for", true }, \
    { prefix "created_ms", "integer", "when it was made", true }, \
    { prefix "version", "integer", "1, and one more for each change of the condition", true }, \
    { prefix "n_members", "integer", "customers in it now", true }, \
    { prefix "is_complete", "boolean", "false: not everybody was looked at since it was changed", true }, \
    { prefix "problem", "string, null", "null, or why its condition cannot be evaluated", true }

static const struct route_field list_answer[] = {
    { "segments", "array", "by number", true }, SEGMENT_FIELDS("segments[]."), { 0 },
};
static const struct route_field segment_answer[] = { SEGMENT_FIELDS(""), { 0 } };
static const struct route_field draft_body[] = {
    { "name", "string", "at most 200 bytes; when changing, what is not given stays", false },
    { "expression", "string", "an SQL expression over features, scores and traits", false },
    { "description", "string", "at most 2,000 bytes", false },
    { "version", "integer", "when changing: the version it was made from; 409 if it is another by now", false },
    { 0 },
};
static const struct route_field members_query[] = {
    { "after", "integer", "the \"next\" of the page before", false },
    { "limit", "integer", "members on a page: 1 to 1,000, usually 100", false }, { 0 },
};
static const struct route_field members_answer[] = {
    { "members", "array", "by number", true },
    { "members[].customer", "string", "an id of theirs", true },
    { "members[].since_ms", "integer", "in it since", true },
    { "next", "integer, null", "for the next page; null: there is none", true }, { 0 },
};
static const struct route_field preview_body[] = {
    { "expression", "string", "the condition", true },
    { "limit_ms", "integer", "after so long a part of the customers stands for all: 1 to 10,000, usually 2,000",
      false }, { 0 },
};
static const struct route_field preview_answer[] = {
    { "n_members", "integer", "how many would be in it; an estimate unless is_exact", true },
    { "n_customers", "integer", "of how many", true },
    { "is_exact", "boolean", "everybody was looked at", true },
    { "n_seen", "integer", "customers looked at", true },
    { "sample", "array", "up to ten of them, drawn at random; empty without the right to see customers", true },
    { "sample[]", "string", "one of them", true },
    { "overlaps", "array", "with each of the others", true },
    { "overlaps[].segment", "integer", "each segment there is", true },
    { "overlaps[].name", "string", "its name", true },
    { "overlaps[].n_members", "integer", "its members", true },
    { "overlaps[].n_both", "integer", "who would be in both", true },
    { "absent", "array", "names in the condition that nobody has a value of, as a score without a model", true },
    { "absent[]", "string", "one of them", true },
    { "seconds", "number", "it took", true },
    { 0 },
};
static const struct route_field removed_answer[] = { { "removed", "integer", "its number", true }, { 0 } };

#define CONDITION "order_recency_days > 60 and churn > 0.6 and country in ('DE', 'AT')"
#define DRAFT_EXAMPLE "{\"name\": \"Leaving\", \"expression\": \"" CONDITION "\"}"
#define SEGMENT_EXAMPLE "{\"id\": 1, \"name\": \"Leaving\", \"expression\": \"" CONDITION "\", " \
    "\"description\": \"\", \"created_ms\": 1790000000000, \"version\": 1, \"n_members\": 212, " \
    "\"is_complete\": true, \"problem\": null}"

const struct route routes_segment[] = {
    { .method = "GET",
      .path = "/v1/segments",
      .needs = ACCESS_VIEW,
      .handle = handle_list,
      .summary = "All segments",
      .answer = list_answer,
      .answer_example = "{\"segments\": [" SEGMENT_EXAMPLE "]}" },
    { .method = "POST",
      .path = "/v1/segments",
      .needs = ACCESS_SEGMENT,
      .handle = handle_add,
      .is_slow = true,
      .summary = "Make a segment",
      .body = draft_body,
      .body_example = DRAFT_EXAMPLE,
      .answer = segment_answer,
      .answer_status = 201,
      .details = "The condition may use features, scores (churn, value_12m_cents, p_alive) and traits, and of SQL "
                 "what computes: operators, CASE, IN, LIKE, GLOB, abs, round, min, max, coalesce, lower, upper, "
                 "length, substr. Everybody is looked at at once; from then on customers enter and leave with "
                 "their events, and by time alone within a second of the instant.",
      .answer_example = SEGMENT_EXAMPLE },
    { .method = "POST",
      .path = "/v1/segments/preview",
      .needs = ACCESS_VIEW,
      .is_no_act = true, .handle = handle_preview,
      .is_slow = true,
      .summary = "What a condition would select",
      .body = preview_body,
      .body_example = "{\"expression\": \"" CONDITION "\"}",
      .answer = preview_answer,
      .answer_example = "{\"n_members\": 212, \"n_customers\": 3990, \"is_exact\": true, \"n_seen\": 3990, "
                        "\"sample\": [\"C001407\"], \"overlaps\": [{\"segment\": 1, \"name\": \"Leaving\", "
                        "\"n_members\": 212, \"n_both\": 212}], \"absent\": [], \"seconds\": 0.02}" },
    { .method = "GET",
      .path = "/v1/segments/{id}",
      .needs = ACCESS_VIEW,
      .handle = handle_get,
      .summary = "One segment",
      .answer = segment_answer,
      .answer_example = SEGMENT_EXAMPLE },
    { .method = "PUT",
      .path = "/v1/segments/{id}",
      .needs = ACCESS_SEGMENT,
      .handle = handle_change,
      .is_slow = true,
      .summary = "Change a segment",
      .body = draft_body,
      .body_example = DRAFT_EXAMPLE,
      .answer = segment_answer,
      .details = "Another condition is another version: everybody is looked at again.",
      .answer_example = SEGMENT_EXAMPLE },
    { .method = "DELETE",
      .path = "/v1/segments/{id}",
      .needs = ACCESS_SEGMENT,
      .handle = handle_remove,
      .is_slow = true,
      .summary = "Remove a segment",
      .answer = removed_answer,
      .answer_example = "{\"removed\": 1}" },
    { .method = "GET",
      .path = "/v1/segments/{id}/members",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_members,
      .is_slow = true,
      .summary = "Who is in a segment",
      .query = members_query,
      .answer = members_answer,
      .answer_example = "{\"members\": [{\"customer\": \"C001407\", \"since_ms\": 1790000000000}], "
                        "\"next\": null}" },
    { 0 },
};
