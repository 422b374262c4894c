/* routes_recommend.c - which items next: GET and POST /v1/recommend, and what goes with an item: GET
 * /v1/items/{id}/also.
 *
 * A list is written down before it is answered, as a decision is. */
#include "server/route.h"
#include "engine/recommend.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "server/clocks.h"

#include <string.h>

enum { BASKET_MOST = 100, NAME_MOST_BYTES = 1000 };

struct listing_request {
    struct request       *request;
    struct reply         *reply;
    struct recommend_ask  ask;
    struct recommended    recommended;
};

static bool put(struct store *store, void *context, struct err *err)
{
    return recommended_put(store, &((struct listing_request *)context)->recommended, err);
}

static void is_kept(void *context, const struct err *result)
{
    struct listing_request *listing = context;
    if (result->code == ERR_NONE)
        reply_text(listing->reply, 200, "application/json", text_of(listing->recommended.answer));
    else reply_error(listing->request, listing->reply, result, NULL);
    request_resume(listing->request);
}

static bool read_question(const char *word, enum recommend_question *ret_question, struct err *err)
{
    return recommend_question_find(word, ret_question) ||
           err_set(err, ERR_INVALID,
                   "question '%s': want new (what they have not had), again (what they had) or any", word);
}

static enum handling answer(struct listing_request *listing)
{
    struct request *request = listing->request;
    struct service *service = request->service;
    struct err err;
    listing->ask.at_ms = clock_now_ms(&service->options.clock);
    if (recommend_make(service->recommend, &listing->ask, request->arena, &listing->recommended, &err) &&
        ingest_run_soon(service->ingest, put, listing, is_kept, &err))
        return HANDLED_LATER;
    return reply_error(request, listing->reply, &err, NULL);
}

static const char *terminated(struct request *request, struct text text)
{
    return arena_format(request->arena, "%.*s", (int)text.length, text.at);
}

static enum handling handle_recommend(struct request *request, struct reply *reply)
{
    struct listing_request *listing = ARENA_NEW(request->arena, struct listing_request);
    struct text customer = { 0 }, question = text_of("new"), placement = text_of("");
    struct err err;
    const char *field = "customer";
    int64_t k;
    *listing = (struct listing_request){ .request = request, .reply = reply };
    bool ok =
        request_query(request, "customer", &customer) && customer.length > 0 && customer.length <= NAME_MOST_BYTES;
    if (!ok)
        err_set(&err, ERR_INVALID, "customer: whom is it for? ?customer=<id>, of 1 to %d bytes", NAME_MOST_BYTES);
    if (ok) (void)request_query(request, "question", &question);
    if (ok) (void)request_query(request, "placement", &placement);
    if (ok && placement.length > NAME_MOST_BYTES)
        field = "placement", ok = err_set(&err, ERR_INVALID, "placement: at most %d bytes", NAME_MOST_BYTES);
    if (ok) field = "question", ok = read_question(terminated(request, question), &listing->ask.question, &err);
    if (ok) field = "k", ok = request_query_int(request, "k", 1, RECOMMEND_ITEMS_MOST, 10, &k, &err);
    if (!ok) return reply_error(request, reply, &err, field);
    listing->ask.customer = terminated(request, customer);
    listing->ask.placement = terminated(request, placement);
    listing->ask.k = (size_t)k;
    return answer(listing);
}

/* A member that may be left out; of another kind it is refused. */
static bool read_text(struct request *request, const json_t *body, const char *name, const char **text,
                      const char **ret_field, struct err *err)
{
    const json_t *member = json_object_get(body, name);
    *ret_field = name;
    if (!member || json_is_null(member)) return true;
    if (!json_is_string(member) || json_string_length(member) > NAME_MOST_BYTES)
        return err_set(err, ERR_INVALID, "%s: expected a string of at most %d bytes", name, NAME_MOST_BYTES);
    *text = arena_copy(request->arena, json_string_value(member));
    return true;
}

static bool read_basket(struct request *request, const json_t *body, struct recommend_ask *ask,
                        const char **ret_field, struct err *err)
{
    const json_t *items = json_object_get(body, "items"), *k = json_object_get(body, "k");
    size_t n = json_array_size(items);
    const char *question = "new";
    ask->placement = "";
    if (!read_text(request, body, "customer", &ask->customer, ret_field, err) ||
        !read_text(request, body, "placement", &ask->placement, ret_field, err) ||
        !read_text(request, body, "question", &question, ret_field, err) ||
        !read_question(question, &ask->question, err))
        return false;
    *ret_field = "items";
    bool is_list = json_is_array(items) || ((!items || json_is_null(items)) && ask->customer);
    if (!is_list || n > BASKET_MOST || (n == 0 && !ask->customer))
        return err_set(err, ERR_INVALID, "items: expected a list of 1 to %d names of items", BASKET_MOST);
    const char **names = ARENA_ARRAY(request->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(items, i));
        if (!name || !*name || strlen(name) > NAME_MOST_BYTES)
            return err_set(err, ERR_INVALID, "items: number %zu is no name of an item", i + 1);
        names[i] = arena_copy(request->arena, name);
    }
    ask->items = names, ask->n_items = n;
    *ret_field = "k";
    if (k && (!json_is_integer(k) || json_integer_value(k) < 1 || json_integer_value(k) > RECOMMEND_ITEMS_MOST))
        return err_set(err, ERR_INVALID, "k: expected a whole number from 1 to %d", RECOMMEND_ITEMS_MOST);
    ask->k = k ? (size_t)json_integer_value(k) : 10;
    return true;
}

static enum handling handle_basket(struct request *request, struct reply *reply)
{
    struct listing_request *listing = ARENA_NEW(request->arena, struct listing_request);
    struct err err;
    const char *field = NULL;
    json_t *body;
    *listing = (struct listing_request){ .request = request, .reply = reply };
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_basket(request, body, &listing->ask, &field, &err);
    json_decref(body);
    return ok ? answer(listing) : reply_error(request, reply, &err, field);
}

static enum handling handle_also(struct request *request, struct reply *reply)
{
    struct err err;
    const char *text;
    int64_t k;
    if (!request_query_int(request, "k", 1, 20, 10, &k, &err)) return reply_error(request, reply, &err, "k");
    if (!recommend_also(request->service->recommend, terminated(request, request_param(request, "id")), (size_t)k,
                        request->arena, &text, &err))
        return reply_error(request, reply, &err, err.code == ERR_MISSING ? "id" : NULL);
    reply_text(reply, 200, "application/json", text_of(text));
    return HANDLED;
}

static enum handling handle_models(struct request *request, struct reply *reply)
{
    struct text word = text_of("new");
    enum recommend_question question;
    struct err err;
    const char *text;
    (void)request_query(request, "question", &word);
    if (!read_question(terminated(request, word), &question, &err))
        return reply_error(request, reply, &err, "question");
    if (!recommend_board(request->service->recommend, question, request->arena, &text, &err))
        return reply_error(request, reply, &err, NULL);
    reply_text(reply, 200, "application/json", text_of(text));
    return HANDLED;
}

static const struct route_field models_query[] = {
    { "question", "string", "new (if not said), again or any", false },
    { 0 },
};

static const struct route_field models_answer[] = {
    { "question", "string", "as asked", true },
    { "test_at", "string",
      "the day before which the models learned and from which they were judged; null: at random", false },
    { "horizon_days", "integer", "how long customers were watched", false },
    { "customers", "integer", "who were judged", true },
    { "weights", "object", "what each kind of event counts", true },
    { "weights.*", "number", "of one kind", false },
    { "models", "array", "by rising complexity", true },
    { "models[].name", "string", "ease, cosine, popularity_7d ...", true },
    { "models[].ndcg_10", "array", "how well lists of ten foretell: value, low and high of the 95 % interval",
      true },
    { "models[].ndcg_10[]", "number", "one of the three", true },
    { "models[].precision_10", "array", "share of the ten that customers then had", true },
    { "models[].precision_10[]", "number", "one of the three", true },
    { "models[].recall_10", "array", "share of what they then had that was among the ten", true },
    { "models[].recall_10[]", "number", "one of the three", true },
    { "models[].hit_10", "array", "share of customers with a hit", true },
    { "models[].hit_10[]", "number", "one of the three", true },
    { "models[].map_10", "array", "mean average precision", true },
    { "models[].map_10[]", "number", "one of the three", true },
    { "models[].coverage", "number", "share of the items that come in some list", true },
    { "models[].gini", "number", "how unevenly items are shown: 0 alike, 1 one alone", true },
    { "models[].novelty", "number", "how seldom what is shown is had, in bits", true },
    { "models[].chosen", "boolean", "whether it is in force", true },
    { "models[].refused", "string", "why it will not do; null where it would", false },
    { "models[].note", "string", "what else has to be said of it, or null", false },
    { "cold", "object",
      "how lists of what is popular where customers are foretell; null where what is popular with all is as good",
      false },
    { "cold.by", "string", "country or channel", true },
    { "cold.customers", "integer", "who were judged", true },
    { "cold.ndcg_10", "number", "by what is popular where they are, of no use of their own history", true },
    { "cold.ndcg_10_of_all", "number", "by what is popular with all", true },
    { "cold.gain", "array", "the difference: value, low and high of the 95 % interval", true },
    { "cold.gain[]", "number", "one of the three", true },
    { "sentence", "string", "what was chosen and why", true },
    { 0 },
};

#define MODELS_EXAMPLE                                                                                            \
    "{\"question\": \"new\", \"test_at\": \"2011-09-09\", \"horizon_days\": 90, \"customers\": 900, "             \
    "\"weights\": "                                                                                               \
    "{\"order_item\": 1.0}, \"models\": [{\"name\": \"ease\", \"ndcg_10\": [0.2, 0.18, 0.22], \"precision_10\": " \
    "[0.1, 0.09, 0.11], \"recall_10\": [0.2, 0.19, 0.21], \"hit_10\": [0.5, 0.48, 0.52], \"map_10\": [0.1, "      \
    "0.09, 0.11], "                                                                                               \
    "\"coverage\": 0.31, \"gini\": 0.71, \"novelty\": 9.5, \"chosen\": true, \"refused\": null}], \"cold\": " \
    "null, \"sentence\": "                                                                                        \
    "\"Of 11 models ease is chosen ...\"}"

static const struct route_field recommend_query[] = {
    { "customer", "string", "a user id, or \"anonymous:<id>\"; nobody has to know it yet", true },
    { "k", "integer", "how many items, 1 to 100; 10 if not said", false },
    { "question", "string", "new (what they have not had, if not said), again (what they had) or any", false },
    { "placement", "string", "where it shows; kept with the list", false },
    { 0 },
};

static const struct route_field basket_body[] = {
    { "items", "array", "what is in the basket, up to 100 names of items", false },
    { "items[]", "string", "an item's name", true },
    { "customer", "string", "whose basket, if it is known: their own history counts too", false },
    { "k", "integer", "how many items, 1 to 100; 10 if not said", false },
    { "question", "string", "new (what they have not had, if not said), again or any", false },
    { "placement", "string", "where it shows; kept with the list", false },
    { 0 },
};

static const struct route_field recommend_answer[] = {
    { "recommendation_id", "string", "under which the list is kept", true },
    { "customer", "string", "as asked; null for a basket of nobody's", false },
    { "question", "string", "as asked", true },
    { "placement", "string", "as asked, or empty", true },
    { "at_ms", "integer", "when", true },
    { "model", "string", "what recommends: ease, cosine, repeats, popularity ...", true },
    { "cold", "boolean", "whether nothing is known that the customer had, so that what is popular is shown",
      true },
    { "items", "array", "the best first", true },
    { "items[].item", "string", "its name", true },
    { "items[].rank", "integer", "from 1", true },
    { "items[].score", "number", "comparable within this list only", true },
    { "items[].propensity", "number",
      "the probability with which it took this place: 1 unless something was drawn", true },
    { "items[].reason", "string", "why, in a sentence", true },
    { "items[].title", "string", "as the catalogue has it", false },
    { "items[].category", "string", "as the catalogue has it", false },
    { "items[].price", "number", "as the catalogue has it", false },
    { "items[].url", "string", "as the catalogue has it", false },
    { "items[].image", "string", "as the catalogue has it", false },
    { "unknown_items", "array", "items of the basket that nobody had and no catalogue names: they tell nothing", true },
    { "note", "string", "why the list is empty, or popular rather than the customer's own; null otherwise",
      false },
    { 0 },
};

static const struct route_field also_query[] = {
    { "k", "integer", "how many items, 1 to 20; 10 if not said", false },
    { 0 },
};

static const struct route_field also_answer[] = {
    { "item", "string", "as asked", true },
    { "also", "array", "what at least 5 customers had too, the surest first", true },
    { "also[].item", "string", "its name", true },
    { "also[].customers", "integer", "who had both", true },
    { "also[].lift", "number", "how many times more often than by chance", true },
    { "also[].low", "number", "the low end of its 95 % interval", true },
    { "also[].high", "number", "and the high end", true },
    { "also[].forward", "number", "share of the item's customers who had this one too", true },
    { "also[].backward", "number", "share of this one's customers who had the item", true },
    { "similar", "array", "what is like it and may be shown now, the most alike first", true },
    { "similar[].item", "string", "its name", true },
    { "similar[].score", "number", "how alike, 0 to 1, by words and customers together", true },
    { "similar[].content", "number", "how alike the catalogue's words of both are, 0 to 1", true },
    { "similar[].together", "number", "how much the same customers had both, 0 to 1", true },
    { 0 },
};

#define RECOMMEND_EXAMPLE                                                                                         \
    "{\"customer\": \"ada\", \"recommendation_id\": \"r_5cDqZ1hUZn0Yy0mTqkz3Gg\", \"question\": \"new\", "        \
    "\"placement\": \"home\", \"at_ms\": 1790000000000, \"model\": \"ease\", \"cold\": false, \"items\": "        \
    "[{\"item\": "                                                                                                \
    "\"P001\", \"rank\": 1, \"score\": 0.8, \"propensity\": 1.0, \"reason\": \"because you bought a red cup\", "  \
    "\"title\": \"White cup\", \"price\": 4.5}], \"unknown_items\": [], \"note\": null}"

const struct route routes_recommend[] = {
    { .method = "GET",
      .path = "/v1/recommend",
      .needs = ACCESS_DECIDE,
      .handle = handle_recommend,
      .is_slow = true,
      .summary = "Which items next for one customer, and why",
      .details = "From what is live: an event that was acknowledged changes the next list. The first request of a "
                 "question that "
                 "nothing recommends for yet waits until a simple recommender has been judged and fitted; "
                 "holdfast recommend "
                 "judges all.",
      .query = recommend_query,
      .answer = recommend_answer,
      .answer_example = RECOMMEND_EXAMPLE },
    { .method = "POST",
      .path = "/v1/recommend",
      .needs = ACCESS_DECIDE,
      .is_no_act = true, .handle = handle_basket,
      .is_slow = true,
      .summary = "Which items go with a basket",
      .body = basket_body,
      .answer = recommend_answer,
      .body_example = "{\"items\": [\"P001\", \"P004\"], \"k\": 5}",
      .answer_example = RECOMMEND_EXAMPLE },
    { .method = "GET",
      .path = "/v1/recommend/models",
      .needs = ACCESS_VIEW,
      .handle = handle_models,
      .is_slow = true,
      .summary = "How well each model foretold, and which is in force",
      .query = models_query,
      .answer = models_answer,
      .answer_example = MODELS_EXAMPLE },
    { .method = "GET",
      .path = "/v1/items/{id}/also",
      .needs = ACCESS_DECIDE,
      .keeps = ROUTE_KEEPS_AWHILE, .handle = handle_also,
      .is_slow = true,
      .summary = "What customers had together with an item, and what is like it",
      .query = also_query,
      .answer = also_answer,
      .answer_example =
          "{\"item\": \"P001\", \"also\": [{\"item\": \"P004\", \"customers\": 31, \"lift\": 2.1, \"low\": 1.4, "
          "\"high\": 3.0, \"forward\": 0.4, \"backward\": 0.3}], \"similar\": "
          "[{\"item\": \"P007\", \"score\": 0.6, \"content\": 0.5, \"together\": 0.2}]}" },
    { 0 },
};
