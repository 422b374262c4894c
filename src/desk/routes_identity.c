/* routes_identity.c - which ids were joined to one customer, over all customers: GET /v1/identities/links. */
#include "server/route.h"

#include "customer/identity.h"
#include "engine/service.h"
#include "store/sql.h"

enum { ROWS_USUAL = 50, ROWS_MOST = 500, REFUSED_MOST = 50 };

/* Rows name identities by their numbers: what they are called is in memory, under the lock. */
static void set_name(struct service *service, json_t *row, const char *key, uint32_t identity)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = identity < log_n_names(service->log, DICTIONARY_IDENTITY);
    struct text name = is_known ? log_name(service->log, DICTIONARY_IDENTITY, identity) : text_of("");
    json_object_set_new(row, key, json_stringn(name.at, name.length));
    (void)pthread_rwlock_unlock(&service->lock);
}

static const char *how_word(int64_t how)
{
    return how >= LINK_IDENTIFY && how <= LINK_MANUAL ? link_how_name((enum link_how)how) : "unknown";
}

static json_t *pair_json(struct service *service, int64_t a, int64_t b, int64_t how)
{
    json_t *row = json_object();
    set_name(service, row, "a", (uint32_t)a);
    set_name(service, row, "b", (uint32_t)b);
    json_object_set_new(row, "how", json_string(how_word(how)));
    return row;
}

static bool read_links(struct service *service, struct store *store, int64_t before, int64_t limit, json_t *list,
                       struct err *err)
{
    struct sql_identity_links_newest row;
    enum step step;
    if (!sql_identity_links_newest(store, before, limit, &row, err)) return false;
    while ((step = sql_identity_links_newest_step(&row, err)) == STEP_ROW) {
        json_t *one = pair_json(service, row.a, row.b, row.how);
        json_object_set_new(one, "id", json_integer((json_int_t)row.id));
        json_object_set_new(one, "received_ms", json_integer((json_int_t)row.received_ms));
        json_object_set_new(one, "removed_ms", row.removed_ms.kind == VALUE_NULL
                                                   ? json_null() : json_integer((json_int_t)row.removed_ms.i));
        json_array_append_new(list, one);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool read_refused(struct service *service, struct store *store, json_t *list, struct err *err)
{
    struct sql_identity_refused_newest row;
    enum step step;
    if (!sql_identity_refused_newest(store, REFUSED_MOST, &row, err)) return false;
    while ((step = sql_identity_refused_newest_step(&row, err)) == STEP_ROW) {
        json_t *one = pair_json(service, row.a, row.b, row.how);
        json_object_set_new(one, "why", json_stringn(row.why.at, row.why.length));
        json_object_set_new(one, "times", json_integer((json_int_t)row.n));
        json_object_set_new(one, "last_ms", json_integer((json_int_t)row.last_ms));
        json_array_append_new(list, one);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static enum handling handle_identity_links(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct service *service = request->service;
    int64_t before, limit;
    if (!request_query_int(request, "before", 1, INT64_MAX, INT64_MAX, &before, &err))
        return reply_error(request, reply, &err, "before");
    if (!request_query_int(request, "limit", 1, ROWS_MOST, ROWS_USUAL, &limit, &err))
        return reply_error(request, reply, &err, "limit");
    if (!service_read(service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *links = json_array(), *refused = json_array();
    bool ok = read_links(service, store, before, limit, links, &err) &&
              read_refused(service, store, refused, &err);
    service_read_done(service, store);
    (void)pthread_rwlock_rdlock(&service->lock);
    json_int_t n = (json_int_t)identities_n_links(service->identities);
    (void)pthread_rwlock_unlock(&service->lock);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:I, s:O, s:O}", "total_links", n, "links", links, "refused", refused));
    else reply_error(request, reply, &err, NULL);
    json_decref(links);
    json_decref(refused);
    return HANDLED;
}

static const struct route_field identity_links_query[] = {
    { "before", "integer", "only links below this number: the last of the page before", false },
    { "limit", "integer", "1 to 500; 50 if not said", false },
    { 0 },
};
static const struct route_field identity_links_answer[] = {
    { "total_links", "integer", "in force now", true },
    { "links", "array", "the newest first, those that were removed too", true },
    { "links[].id", "integer", "its number", true },
    { "links[].a", "string", "an id", true },
    { "links[].b", "string", "another id of the same person", true },
    { "links[].how", "string", "identify, alias, merge or manual", true },
    { "links[].received_ms", "integer", "since when", true },
    { "links[].removed_ms", "integer, null", "when it was removed; null: it is in force", true },
    { "refused", "array", "links that were not made, the latest first, at most 50", true },
    { "refused[].a", "string", "an id", true },
    { "refused[].b", "string", "another id", true },
    { "refused[].how", "string", "identify, alias, merge or manual", true },
    { "refused[].why", "string", "in a sentence", true },
    { "refused[].times", "integer", "how often it was refused", true },
    { "refused[].last_ms", "integer", "when the last time", true },
    { 0 },
};

const struct route routes_identity[] = {
    { .method = "GET",
      .path = "/v1/identities/links",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_identity_links,
      .is_slow = true,
      .summary = "Which ids were joined to one customer, over all customers, and which were not and why",
      .details = "Of one customer ask GET /v1/customers/{id}/links. An erased customer's links are gone.",
      .query = identity_links_query,
      .answer = identity_links_answer,
      .answer_example = "{\"total_links\": 1, \"links\": [{\"id\": 1, \"a\": \"C001407\", \"b\": \"anonymous:7c4a\", "
                        "\"how\": \"identify\", \"received_ms\": 1790000000000, \"removed_ms\": null}], "
                        "\"refused\": [{\"a\": \"C001407\", \"b\": \"C001408\", \"how\": \"identify\", \"why\": "
                        "\"both have a user id\", \"times\": 2, \"last_ms\": 1790000000000}]}" },
    { 0 },
};
