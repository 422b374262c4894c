/* routes_customers.c - finding customers: by id or address, by what is at stake, by a condition: GET
 * /v1/customers. */
#include "desk/customers_find.h"
#include "desk/customer_list.h"
#include "engine/service.h"
#include "learn/reasons.h"
#include "live/live.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { NAMES_A_SLICE = 16384, LOOK_MS = 2000 };

/* ---- finding ---- */

/* The lock is held for reading. */
static json_t *found_json(const struct service *service, uint32_t customer, struct text matched)
{
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
    json_t *out =
        json_pack("{s:s%, s:s%}", "customer", name.at, name.length, "matched", matched.at, matched.length);
    for (size_t m = 0; out && m < live_n_models(service->live); m++) {
        double prediction = live_score(service->live, m, customer).prediction;
        json_object_set_new(out, live_model(service->live, m)->question.name,
                            isnan(prediction) ? json_null() : json_real(prediction));
    }
    return out;
}

static void add_found(json_t *found, json_t *customer)
{
    size_t i;
    json_t *other;
    json_array_foreach(found, i, other)
        if (json_equal(json_object_get(other, "customer"), json_object_get(customer, "customer"))) {
            json_decref(customer);
            return;
        }
    json_array_append_new(found, customer);
}

/* Ids that begin with the text, in the order first seen; the lock is let go between slices. */
static void find_by_id(struct service *service, struct text begin, size_t limit, json_t *found)
{
    size_t n = SIZE_MAX;
    for (uint32_t from = 1; from < n && json_array_size(found) < limit; from += NAMES_A_SLICE) {
        (void)pthread_rwlock_rdlock(&service->lock);
        n = log_n_names(service->log, DICTIONARY_IDENTITY);
        for (uint32_t i = from; i < n && i < from + NAMES_A_SLICE && json_array_size(found) < limit; i++) {
            struct text name = log_name(service->log, DICTIONARY_IDENTITY, i);
            if (name.length >= begin.length && memcmp(name.at, begin.at, begin.length) == 0)
                add_found(found, found_json(service, identities_customer(service->identities, i), name));
        }
        (void)pthread_rwlock_unlock(&service->lock);
    }
}

/* E-mail addresses and telephone numbers are sealed: only a whole one is found. */
static bool find_by_address(struct service *service, struct text address, struct arena *arena, json_t *found,
                            struct err *err)
{
    struct store *store;
    uint32_t *identities;
    size_t n;
    if (!service_read(service, &store, err)) return false;
    bool ok = profiles_find(service->profiles, store, address, arena, &identities, &n, err);
    service_read_done(service, store);
    if (!ok) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < n; i++)
        add_found(found, found_json(service, identities_customer(service->identities, identities[i]), address));
    (void)pthread_rwlock_unlock(&service->lock);
    return true;
}

/* Why, of the customer as when they were scored, or as after their last event if that is later.  The lock is
 * held. */
static json_t *why_scored(const struct live *live, const struct sql_score_page *row, const char *question,
                          struct arena *arena)
{
    size_t model;
    uint32_t customer = (uint32_t)row->identity;
    const struct feature_set *set = live_set(live);
    float *all = set ? ARENA_ARRAY(arena, float, feature_set_size(set) + 1) : NULL;
    if (!all || !live_model_of(live, question, &model) || !live_row(live, customer, row->as_of_ms, all))
        return json_array();
    const struct trained *trained = live_model(live, model);
    float *own = ARENA_ARRAY(arena, float, feature_set_size(trained->set) + 1);
    live_own_row(live, model, all, own);
    const char *reasons[REASONS_MOST];
    size_t n = reasons_of(trained, own, live_predict(live, model, all), arena, reasons);
    return reasons_json(reasons, n);
}

static json_t *scored_json(struct service *service, const struct sql_score_page *row, const char *question,
                           struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, (uint32_t)row->identity);
    json_t *customer = json_stringn(name.at, name.length);
    json_t *reasons = row->prediction.kind == VALUE_NULL ? json_array()
                                                         : why_scored(service->live, row, question, arena);
    (void)pthread_rwlock_unlock(&service->lock);
    return json_pack("{s:o, s:I, s:o, s:I, s:o, s:I, s:s, s:s, s:o, s:s}", "customer", customer, "scored_ms",
                     (json_int_t)row->as_of_ms, "prediction",
                     row->prediction.kind == VALUE_NULL ? json_null() : json_real(value_as_real(row->prediction)),
                     "value_12m_cents", (json_int_t)row->expected_value_cents, "value_if_stays_cents",
                     row->value_if_stays_cents.kind == VALUE_NULL
                         ? json_null()
                         : json_integer(value_as_int(row->value_if_stays_cents)),
                     "expected_loss_cents", (json_int_t)row->expected_loss_cents, "rfm_group",
                     value_as_text(row->rfm_group), "stage", value_as_text(row->stage),
                     "reasons", reasons, "question", question);
}

/* ---- listing ---- */

/* What was asked; texts in the request's arena. */
struct listing {
    struct request         *request;
    struct customer_lister *lister;
    const char             *where, *order, *after, *question;
    const char             *columns[CUSTOMER_COLUMNS_MOST];
    size_t                  n_columns;
    int64_t                 limit, offset;
    bool                    is_score_order;     /* one of the store's */
    json_t                 *found;
    const char             *next;
    bool                    is_whole;
    const char             *field;              /* at fault */
};

static const char *query_text(struct request *request, const char *name)
{
    struct text value;
    if (!request_query(request, name, &value) || value.length == 0) return NULL;
    return arena_format(request->arena, "%.*s", (int)value.length, value.at);
}

static bool read_columns(struct listing *listing, struct err *err)
{
    char *rest = NULL;
    const char *asked = query_text(listing->request, "columns");
    listing->field = "columns";
    if (!asked) return true;
    char *list = arena_copy(listing->request->arena, asked);
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        struct text trimmed = text_trim(text_of(name));
        if (listing->n_columns == CUSTOMER_COLUMNS_MOST)
            return err_set(err, ERR_INVALID, "columns: at most %d", CUSTOMER_COLUMNS_MOST);
        listing->columns[listing->n_columns++] =
            arena_format(listing->request->arena, "%.*s", (int)trimmed.length, trimmed.at);
    }
    return true;
}

static bool read_listing(struct listing *listing, struct err *err)
{
    static const char *const orders[] = { "loss", "prediction", "stays", "value" };
    struct request *request = listing->request;
    listing->field = "limit";
    if (!request_query_int(request, "limit", 1, CUSTOMER_LIST_MOST, 50, &listing->limit, err)) return false;
    listing->field = "offset";
    if (!request_query_int(request, "offset", 0, 1000000000, 0, &listing->offset, err)) return false;
    listing->where = query_text(request, "where");
    listing->after = query_text(request, "after");
    listing->question = query_text(request, "question");
    listing->order = query_text(request, "order");
    if (!listing->order) listing->order = "loss";
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        listing->is_score_order |= strcmp(listing->order, orders[i]) == 0;
    return read_columns(listing, err);
}

/* Of the scored customer, if the condition holds of them. */
static bool add_scored(struct listing *listing, const struct sql_score_page *row, struct err *err)
{
    struct request *request = listing->request;
    bool is_held = false;
    json_t *values = NULL;
    if (!customer_lister_look(listing->lister, (uint32_t)row->identity, &is_held, &values, err)) return false;
    if (!is_held) return true;
    json_t *customer = scored_json(request->service, row, listing->question, request->arena);
    json_object_set_new(customer, "values", values);
    json_array_append_new(listing->found, customer);
    return true;
}

static bool read_scored(struct listing *listing, struct store *store, struct err *err)
{
    struct request *request = listing->request;
    const struct clock *clock = &request->service->options.clock;
    struct sql_score_page row = { 0 };
    double after = INFINITY, key = 0;
    uint32_t identity = 0;
    int64_t until_ms = 0, most = listing->where ? -1 : listing->limit + 1;
    enum step step = STEP_END;
    listing->field = "after";
    if (listing->after && !customer_place_read(listing->after, &after, &identity, err)) return false;
    listing->field = NULL;
    if (!sql_score_page(store, text_of(listing->order), most, listing->offset, text_of(listing->question), after,
                        identity, &row, err))
        return false;
    bool ok = true, is_more = false, is_late = false;
    int64_t n = 0;
    while (ok && (step = sql_score_page_step(&row, err)) == STEP_ROW) {
        bool is_full = (int64_t)json_array_size(listing->found) == listing->limit;
        if (n == 0) until_ms = clock_now_ms(clock) + LOOK_MS;       /* putting them in order is not cut short */
        is_late = !is_full && n > 0 && clock_now_ms(clock) > until_ms;
        is_more = is_full || is_late;
        if (is_more) break;
        ok = add_scored(listing, &row, err);
        key = row.key, identity = (uint32_t)row.identity;
        n++;
    }
    /* Where somebody has joined another customer the page is shorter, and there may be more all the same. */
    is_more = is_more || n == most;
    cursor_close(row.cursor);
    if (is_more) listing->next = customer_place_write(key, identity, request->arena);
    listing->is_whole = !is_late;
    return ok && step != STEP_FAIL;
}

/* By answers to the question, NULL: the main one.  Errors: ERR_MISSING it has no model. */
static bool list_by_score(struct listing *listing, struct err *err)
{
    struct service *service = listing->request->service;
    struct store *store;
    listing->field = "question";
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t model = live_main_model(service->live);
    bool has_model = listing->question ? live_model_of(service->live, listing->question, &model)
                                       : live_n_models(service->live) > 0;
    if (has_model)
        listing->question = arena_copy(listing->request->arena, live_model(service->live, model)->question.name);
    (void)pthread_rwlock_unlock(&service->lock);
    listing->is_whole = true;
    if (!has_model)
        return !listing->question ||
               err_set(err, ERR_MISSING, "no model of the question '%s' is trained; GET /v1/models lists them",
                       listing->question);
    if (!service_read(service, &store, err)) return false;
    bool ok = read_scored(listing, store, err);
    service_read_done(service, store);
    return ok;
}

/* By any column, "-name" falling; "customer": as they were first seen. */
static bool list_by_column(struct listing *listing, struct err *err)
{
    struct service *service = listing->request->service;
    struct customer_page *page = ARENA_NEW(listing->request->arena, struct customer_page);
    bool is_falling = *listing->order == '-';
    const char *order = listing->order + is_falling;
    const struct customer_page_options options = { .order = strcmp(order, "customer") == 0 ? NULL : order,
        .is_falling = is_falling, .after = listing->after, .limit = (size_t)listing->limit, .limit_ms = LOOK_MS };
    if (!customer_list_read(listing->lister, &options, listing->request->arena, page, &listing->field, err))
        return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < page->n; i++) {
        struct text name = log_name(service->log, DICTIONARY_IDENTITY, page->customers[i]);
        json_array_append_new(listing->found, json_pack("{s:s%, s:o}", "customer", name.at, name.length, "values",
                                                        page->values[i]));
    }
    (void)pthread_rwlock_unlock(&service->lock);
    listing->next = page->next;
    listing->is_whole = page->is_whole;
    return true;
}

static bool list(struct listing *listing, struct err *err)
{
    struct request *request = listing->request;
    const struct customer_filter filter = { listing->where, listing->columns, listing->n_columns };
    if (!customer_lister_open(request->service, &filter, request->arena, &listing->lister, &listing->field, err))
        return false;
    bool ok = listing->is_score_order ? list_by_score(listing, err) : list_by_column(listing, err);
    customer_lister_free(listing->lister);
    return ok;
}

bool customers_find(struct request *request, struct text words, size_t limit, json_t *found, struct err *err)
{
    if ((memchr(words.at, '@', words.length) || *words.at == '+') &&
        !find_by_address(request->service, words, request->arena, found, err))
        return false;
    find_by_id(request->service, words, limit, found);
    return true;
}

static bool search(struct listing *listing, struct text words, struct err *err)
{
    listing->is_whole = true;
    listing->field = "search";
    return customers_find(listing->request, words, (size_t)listing->limit, listing->found, err);
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct text words;
    struct listing listing = { .request = request, .found = json_array() };
    bool is_search = request_query(request, "search", &words) && words.length > 0;
    bool ok = read_listing(&listing, &err) && (is_search ? search(&listing, words, &err) : list(&listing, &err));
    if (!ok) {
        json_decref(listing.found);
        return reply_error(request, reply, &err, listing.field);
    }
    reply_json_take(request, reply, 200,
                    json_pack("{s:o, s:s?, s:b, s:I}", "customers", listing.found, "next", listing.next,
                              "is_whole", listing.is_whole, "as_of_ms",
                              (json_int_t)service_instant_ms(request->service)));
    return HANDLED;
}

static const struct route_field list_query[] = {
    { "search", "string", "the beginning of an id, or a whole e-mail address or telephone number", false },
    { "order", "string",
      "without search: by expected loss (loss, the usual; prediction where no money is known), prediction, value "
      "if they stay (stays) or value, greatest first; or by any "
      "column of numbers, \"-name\" greatest first; or customer, as they were first seen",
      false },
    { "where", "string", "without search: only those of whom this condition holds, as of a segment", false },
    { "columns", "string", "names of features, scores and traits, with commas between: up to 40 (GET /v1/fields)",
      false },
    { "after", "string", "the \"next\" of the page before", false },
    { "question", "string",
      "without search: whose answers order the list; if not said, churn, else the newest that asks who leaves",
      false },
    { "limit", "integer", "at most so many, 1 to 200; 50 if not said", false },
    { "offset", "integer", "skip so many, by a score; \"after\" is faster", false },
    { 0 },
};
static const struct route_field list_answer[] = {
    { "customers", "array", "who was found", true },
    { "customers[].customer", "string", "the id that stands for all of the customer's", true },
    { "customers[].matched", "string", "with search: the id that was found", false },
    { "customers[].question", "string", "without search: whose answer prediction is", false },
    { "customers[].prediction", "number",
      "the model's answer to its question; with search, each question's answer stands "
      "under the question's name",
      false },
    { "customers[].value_if_stays_cents", "integer",
      "what is expected within the value's horizon if this is a customer still; null where not known", false },
    { "customers[].expected_loss_cents", "integer",
      "prediction x value_if_stays x margin: what leaves if nothing changes", false },
    { "customers[].value_12m_cents", "integer", "expected spend of twelve months", false },
    { "customers[].reasons", "array",
      "what weighs most in the prediction, of the customer as of scored_ms or, if that is later, their last event",
      false },
    { "customers[].reasons[]", "string", "in plain words", true },
    { "customers[].scored_ms", "integer", "when", false },
    { "customers[].values", "object", "without search: the columns asked for", false },
    { "customers[].values.*", "string, number, null", "of one", false },
    { "next", "string, null", "to go on with as \"after\"; null: there is no further page", true },
    { "is_whole", "boolean", "false: it took too long to look at everybody, and some may be missing", true },
    { "as_of_ms", "integer", "as of when questions are answered: now, or where the history ends (GET /v1/as-of)",
      true },
    { 0 },
};

const struct route routes_customers[] = {
    { .method = "GET",
      .path = "/v1/customers",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_list,
      .keeps = ROUTE_KEEPS_TILL_ACT, .keeps_people = true, .is_slow = true,
      .summary = "Find customers by id, e-mail or telephone, or list them by what is at stake",
      .query = list_query,
      .answer = list_answer,
      .answer_example =
          "{\"customers\": [{\"customer\": \"C001407\", \"scored_ms\": 1790000000000, \"prediction\": 0.74, "
          "\"value_12m_cents\": 40055, \"value_if_stays_cents\": 50055, \"expected_loss_cents\": 37067, "
          "\"rfm_group\": \"At risk\", \"stage\": "
          "\"cooling\", \"reasons\": [\"last order 55 days ago\"], \"question\": \"churn\", \"values\": "
          "{\"country\": \"DE\"}}], \"next\": \"37067,12\", \"is_whole\": true, \"as_of_ms\": 1790000000000}" },
    { 0 },
};
