/* recommend.c - see recommend.h. */
#include "engine/recommend_internal.h"

#include "base/secret.h"
#include "engine/service.h"
#include "feature/operator.h"
#include "feature/recent.h"
#include "live/live.h"
#include "recommend/similar_items.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the customer did ---- */

struct gathering { struct making *making; const struct kept_recommender *kept; size_t room; };

static void add_row(struct gathering *gathering, struct interaction row)
{
    struct making *making = gathering->making;
    if (making->n_rows < gathering->room) making->rows[making->n_rows++] = row;
}

static void add_seen(void *context, const char *kind, const struct seen *seen, size_t n)
{
    struct gathering *gathering = context;
    double weight = 0;
    for (size_t k = 0; k < gathering->kept->n_kinds; k++)
        if (strcmp(gathering->kept->kinds[k].kind, kind) == 0) weight = gathering->kept->kinds[k].weight;
    if (weight > 0 && n >= RECENT_MOST) gathering->making->is_cut = true;
    for (size_t i = 0; weight != 0 && i < n; i++) {
        const uint64_t *item = hash_map_find(&gathering->kept->item_of_hash, seen[i].item_hash);
        bool is_back = weight < 0 || seen[i].quantity_milli < 0;
        if (item)
            add_row(gathering, (struct interaction){ 0, (uint32_t)*item - 1, is_back ? -1 : (float)weight,
                                                     (float)seen[i].quantity_milli / 1000, seen[i].time_ms });
    }
}

static void gather_rows(struct making *making)
{
    const struct kept_recommender *kept = making->shelf->kept;
    const struct recommend_ask *ask = making->ask;
    struct gathering gathering = { making, kept, (size_t)RECENT_MOST * INTERACTION_KINDS_MOST + ask->n_items };
    struct service *service = making->service;
    making->rows = ARENA_ARRAY(making->arena, struct interaction, gathering.room + 1);
    if (making->customer) {
        (void)pthread_rwlock_rdlock(&service->lock);
        (void)live_recent(service->live, making->customer, add_seen, &gathering);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    for (size_t i = 0; i < ask->n_items; i++) {
        uint32_t item;
        if (kept_recommender_find(kept, text_of(ask->items[i]), &item))
            add_row(&gathering, (struct interaction){ 0, item, 1, 1, making->as_of_ms - 1 });
    }
    making->n_rows = interactions_settle(making->rows, making->n_rows);
}

/* Somebody of whom nothing was ever heard is a customer without a history. */
static bool find_customer(struct making *making, struct err *err)
{
    struct service *service = making->service;
    const char *id = making->ask->customer;
    making->customer_name = id;
    if (!id || service_customer(service, text_of(id), &making->customer, err)) return true;
    making->customer = 0;
    return err->code == ERR_MISSING;
}

static bool find_refusal(struct making *making, struct store *store, struct err *err)
{
    struct service *service = making->service;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    enum consent_said said = CONSENT_SAID_NOTHING;
    if (!making->customer) return true;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n =
        identities_members_at(service->identities, making->customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    bool ok = consents_said(service->consents, store, members, n, "profiling", &said, err);
    (void)pthread_rwlock_unlock(&service->lock);
    making->has_refused = said == CONSENT_SAID_NO;
    return ok;
}

/* ---- the answer ---- */

static const char *why_empty(const struct making *making)
{
    if (making->n > 0) return NULL;
    if (making->ask->question == RECOMMEND_AGAIN && making->n_rows == 0)
        return "nothing is known that they had, so there is nothing to have again: ask for new or any";
    if (making->in_force->rules.where)
        return "no item meets the condition `where` of the rules, or all that do were had: look at stock and "
               "prices, or "
               "loosen the condition";
    if (making->is_past && making->shelf->kept->n_all_customers == 0)
        return "nobody had had anything by then: ask as of a later day";
    return "every item is out of stock, not available now, or was had already";
}

static const char *how_it_came(const struct making *making)
{
    if (making->has_refused) return "the customer has refused profiling: what is popular is shown";
    if (making->place)
        return arena_format(making->arena,
                            "nothing is known of what the customer likes yet: what is popular in %s is shown",
                            making->place);
    if (making->n_rows == 0 && making->ask->customer)
        return "nothing is known of the customer yet: what is popular is shown";
    if (making->n_rows == 0) return "none of the items is known: what is popular is shown";
    if (making->is_cut && making->ask->question == RECOMMEND_NEW)
        return arena_format(making->arena,
                            "a list of now knows the customer's last %d items of each kind: what was had before "
                            "those may be among these",
                            RECENT_MOST);
    return NULL;
}

static json_t *items_json(const struct making *making)
{
    json_t *items = json_array();
    for (size_t i = 0; i < making->n; i++) {
        const struct listed *listed = &making->list[i];
        const struct catalogue_item *facts = making->shelf->facts[listed->item];
        struct text name = making->shelf->kept->item_names[listed->item];
        json_t *item = json_pack("{s:s%, s:I, s:f, s:f, s:s}", "item", name.at, name.length, "rank",
                                 (json_int_t)i + 1, "score", (double)listed->score, "propensity",
                                 listed->propensity, "reason", recommend_reason(making, listed));
        for (size_t c = 0; facts && c < making->in_force->catalogue.n_columns; c++) {
            static const char *const shown[] = { "title", "category", "price", "url", "image" };
            const char *column = making->in_force->catalogue.columns[c].name;
            const struct expression_value *value = &facts->values[c];
            for (size_t s = 0; s < sizeof shown / sizeof *shown; s++) {
                if (strcmp(column, shown[s]) != 0) continue;
                if (value->kind == EXPRESSION_IS_NUMBER)
                    json_object_set_new(item, column, json_real(value->number));
                if (value->kind == EXPRESSION_IS_TEXT)
                    json_object_set_new(item, column, json_stringn(value->text.at, value->text.length));
            }
        }
        json_array_append_new(items, item);
    }
    return items;
}

/* Those of the basket that tell nothing, for nobody had them and no catalogue names them. */
static json_t *unknown_json(const struct making *making)
{
    json_t *unknown = json_array();
    uint32_t item;
    for (size_t i = 0; i < making->ask->n_items; i++)
        if (!kept_recommender_find(making->shelf->kept, text_of(making->ask->items[i]), &item))
            json_array_append_new(unknown, json_string(making->ask->items[i]));
    return unknown;
}

static void answer(struct making *making, struct recommended *recommended)
{
    bool is_cold = making->n_rows == 0;
    const char *note = why_empty(making) ? why_empty(making) : how_it_came(making);
    const char *id = *recommended->id ? recommended->id : NULL;
    json_t *json =
        json_pack("{s:s?, s:s?, s:s, s:s, s:I, s:s, s:b, s:o, s:o, s:s?}", "customer", making->customer_name,
                  "recommendation_id", id, "question", recommend_question_word(making->ask->question),
                  "placement", making->ask->placement, "at_ms", (json_int_t)making->ask->at_ms, "model",
                  making->recommender->name, "cold", is_cold, "items", items_json(making), "unknown_items",
                  unknown_json(making), "note", note);
    char *text = json_dumps(json, JSON_COMPACT);
    recommended->answer = arena_copy(making->arena, text ? text : "{}");
    free(text);
    json_decref(json);
    for (size_t i = 0; i < making->n; i++)
        if (making->list[i].is_explored) {
            struct text name = making->shelf->kept->item_names[making->list[i].item];
            recommended->explored = arena_format(making->arena, "%.*s", (int)name.length, name.at);
        }
}

/* For whoever has no history yet: what is popular where they are, else with all. */
static const struct recommender *popular_for(struct making *making)
{
    const struct kept_recommender *kept = making->shelf->kept;
    const struct recommender *here = NULL;
    struct service *service = making->service;
    struct live_trait *traits;
    if (!kept->local.trait || !making->customer || making->has_refused) return &kept->popular;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = live_traits(service->live, making->customer, making->arena, &traits);
    for (size_t i = 0; !here && i < n; i++) {
        const char *name = live_trait_name(service->live, traits[i].name);
        if (strcmp(name, kept->local.trait) != 0) continue;
        here = local_popularity_find(&kept->local, traits[i].text);
        if (here)
            making->place =
                arena_format(making->arena, "%s %.*s", name, (int)traits[i].text.length, traits[i].text.at);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return here ? here : &kept->popular;
}

/* store: any connection, to read what was said of profiling. */
static bool make(struct making *making, struct store *store, struct recommended *ret_recommended, struct err *err)
{
    struct recommended recommended = { .placement = making->ask->placement, .at_ms = making->ask->at_ms };
    char chance[33];
    secret_token(chance, sizeof chance, 16);
    snprintf(recommended.id, sizeof recommended.id, "r_%s", chance);
    if (!find_refusal(making, store, err)) return false;
    gather_rows(making);
    for (size_t r = 0; r < making->n_rows; r++)
        if (making->rows[r].time_ms >= making->as_of_ms) making->as_of_ms = making->rows[r].time_ms + 1;
    bool is_popular = making->n_rows == 0 || making->has_refused;
    const struct kept_recommender *kept = making->shelf->kept;
    making->recommender = is_popular             ? popular_for(making)
                          : making->ask->n_items ? &kept->beside
                                                 : &kept->recommender;
    if (!recommend_list(making, recommended.id, err)) return false;
    answer(making, &recommended);
    recommended.customer = making->customer;
    recommended.model = arena_copy(making->arena, making->recommender->name);
    *ret_recommended = recommended;
    return true;
}

/* With files of its own what is in force is read once more, for this list alone. */
static bool make_by(struct recommend *recommend, struct making *making, struct recommended *ret_recommended,
                    struct err *err)
{
    struct in_force *own = NULL;
    struct store *store;
    if (!find_customer(making, err) || !service_read(recommend->service, &store, err)) return false;
    const struct recommend_ask *ask = making->ask;
    bool ok = (!ask->rules_path && !ask->settings_path) ||
              in_force_read(recommend->service, store, ask, &own, err);
    making->in_force = own ? own : recommend->in_force;
    making->shelf = &making->in_force->shelves[making->ask->question];
    ok = ok && make(making, store, ret_recommended, err);
    in_force_free(own);
    service_read_done(recommend->service, store);
    return ok;
}

static bool hold(struct recommend *recommend, enum recommend_question question, struct err *err)
{
    for (int tries = 0; tries < 2; tries++) {
        (void)pthread_rwlock_rdlock(&recommend->lock);
        bool is_there = recommend->in_force->kept[question];
        size_t n_missing = recommend->in_force->shelves[question].n_missing;
        bool is_behind = tries == 0 && n_missing > 0 && n_missing != recommend->n_tried[question];
        if (is_there && !is_behind) return true;
        (void)pthread_rwlock_unlock(&recommend->lock);
        if (!is_there && !recommend_fill(recommend, question, err)) return false;
        if (is_there && is_behind) recommend_renew(recommend, question);
    }
    return err_set(err, ERR_BUSY, "what recommends has just changed: try again");
}

bool recommend_make(struct recommend *recommend, const struct recommend_ask *ask, struct arena *arena,
                    struct recommended *ret_recommended, struct err *err)
{
    struct making making = { .service = recommend->service, .ask = ask, .arena = arena,
                             .as_of_ms = service_instant_ms(recommend->service) };
    if (!hold(recommend, ask->question, err)) return false;
    bool ok = make_by(recommend, &making, ret_recommended, err);
    (void)pthread_rwlock_unlock(&recommend->lock);
    return ok;
}

static const char *name_of(struct service *service, uint32_t customer, struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
    const char *copy = arena_format(arena, "%.*s", (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    return copy;
}

void recommend_tell(struct recommend *recommend, struct store *store, uint32_t customer, const char *placement,
                    int64_t at_ms, struct arena *arena, json_t *data)
{
    const char *name = name_of(recommend->service, customer, arena);
    const struct recommend_ask ask = {
        .customer = name, .question = RECOMMEND_NEW, .k = 10, .placement = placement, .at_ms = at_ms
    };
    struct making making = { .service = recommend->service, .ask = &ask, .arena = arena, .customer = customer,
                             .customer_name = name, .as_of_ms = service_instant_ms(recommend->service) };
    struct recommended recommended;
    struct err ignored;
    (void)pthread_rwlock_rdlock(&recommend->lock);
    making.in_force = recommend->in_force;
    making.shelf = &recommend->in_force->shelves[RECOMMEND_NEW];
    if (making.shelf->kept && make(&making, store, &recommended, &ignored) &&
        recommended_put(store, &recommended, &ignored))
        json_object_set_new(data, "recommendation", json_loads(recommended.answer, 0, NULL));
    (void)pthread_rwlock_unlock(&recommend->lock);
}

bool recommended_put(struct store *store, const struct recommended *recommended, struct err *err)
{
    return sql_recommendation_put(store, text_of(recommended->id), recommended->customer, recommended->at_ms,
                                  text_of(recommended->placement), text_of(recommended->model),
                                  text_of(recommended->answer), err) &&
           (!recommended->explored || sql_item_shown_put(store, text_of(recommended->explored), err));
}

/* ---- as of an instant ---- */

static bool check_past_rules(const struct in_force *in_force, const struct shelf *shelf, struct err *err)
{
    if (!in_force->rules.where || shelf->is_open) return true;
    return err_set(
        err, ERR_REFUSED,
        "%s: the condition asks of customers as they stand now, which a list as of --test-at cannot: give rules "
        "whose condition asks of items only with --rules FILE",
        in_force->rules.where_at);
}

bool recommend_past(const struct kept_recommender *kept, const struct catalogue *catalogue,
                    const struct recommend_rules *rules, uint32_t identity, const struct recommend_ask *ask,
                    struct arena *arena, const char **ret_answer, struct err *err)
{
    const struct hash_map nothing_shown = { 0 };
    struct in_force in_force = { .arena = arena, .catalogue = *catalogue, .rules = *rules };
    struct kept_recommender own = *kept;
    uint32_t customer;
    in_force.kept[ask->question] = &own;
    in_force.rules.explore = 0;         /* nothing is learned of what is over */
    struct shelf *shelf = &in_force.shelves[ask->question];
    if (!shelf_fill(&in_force, ask->question, &nothing_shown, err) || !check_past_rules(&in_force, shelf, err))
        return false;
    struct making making = { .ask = ask,
                             .in_force = &in_force,
                             .shelf = shelf,
                             .arena = arena,
                             .customer = identity,
                             .customer_name = ask->customer,
                             .as_of_ms = ask->at_ms,
                             .is_past = true };
    const struct interactions *had = &kept->learned_from->had;
    if (interaction_find_customer(kept->learned_from, identity, &customer)) {
        making.rows = had->rows + had->first[customer];
        making.n_rows = had->first[customer + 1] - had->first[customer];
    }
    making.recommender = making.n_rows == 0 ? &kept->popular : &kept->recommender;
    if (!recommend_list(&making, "", err)) return false;
    struct recommended recommended = { 0 };
    answer(&making, &recommended);
    *ret_answer = recommended.answer;
    return true;
}

/* ---- by what it was chosen ---- */

bool recommend_board(struct recommend *recommend, enum recommend_question question, struct arena *arena,
                     const char **ret_board, struct err *err)
{
    (void)pthread_rwlock_rdlock(&recommend->lock);
    const struct kept_recommender *kept = recommend->in_force->kept[question];
    bool is_judged = kept && strcmp(kept->board, "{}") != 0;
    if (is_judged) *ret_board = arena_copy(arena, kept->board);
    (void)pthread_rwlock_unlock(&recommend->lock);
    if (is_judged) return true;
    (void)pthread_rwlock_rdlock(&recommend->service->lock);
    bool has_items = log_n_names(recommend->service->log, DICTIONARY_ITEM) > 1;     /* the first is none */
    (void)pthread_rwlock_unlock(&recommend->service->lock);
    return !has_items
         ? err_set(err, ERR_MISSING, "no event has an item, so there is nothing to recommend: send or import orders with "
                                     "their products")
         : err_set(err, ERR_MISSING, "nothing was judged for '%s' yet: holdfast recommend --question %s does",
                   recommend_question_word(question), recommend_question_word(question));
}

/* ---- beside an item ---- */

static json_t *also_json(const struct kept_recommender *kept, uint32_t index, size_t k)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ALSO_KEPT && i < k; i++) {
        const struct also *also = &kept->also[(size_t)index * ALSO_KEPT + i];
        if (also->n_both == 0) break;
        struct text name = kept->item_names[also->item];
        json_array_append_new(list, json_pack("{s:s%, s:I, s:f, s:f, s:f, s:f, s:f}", "item", name.at, name.length,
                                              "customers", (json_int_t)also->n_both, "lift", also->lift, "low",
                                              also->low, "high", also->high, "forward", also->forward, "backward",
                                              also->backward));
    }
    return list;
}

static json_t *similar_json(const struct making *making, uint32_t item, size_t k)
{
    const struct shelf *shelf = making->shelf;
    size_t n_items = shelf->kept->recommender.n_items;
    struct similar like =
        similar_find(&shelf->words, &shelf->of_word, &shelf->kept->beside.neighbours, item, making->arena);
    bool *may_be = ARENA_ARRAY(making->arena, bool, n_items);
    uint32_t *best = ARENA_ARRAY(making->arena, uint32_t, k);
    json_t *list = json_array();
    for (size_t i = 0; i < n_items; i++) may_be[i] = i != item && like.score[i] > 0;
    recommend_close_items(making, may_be);
    size_t n = best_items(like.score, may_be, n_items, k, best);
    for (size_t i = 0; i < n; i++) {
        struct text name = shelf->kept->item_names[best[i]];
        json_array_append_new(list, json_pack("{s:s%, s:f, s:f, s:f}", "item", name.at, name.length, "score",
                                              (double)like.score[best[i]], "content",
                                              (double)like.content[best[i]], "together",
                                              (double)like.together[best[i]]));
    }
    return list;
}

static const char *beside_answer(const struct making *making, const char *item, uint32_t index)
{
    size_t k = making->ask->k;
    json_t *json = json_pack("{s:s, s:o, s:o}", "item", item, "also", also_json(making->shelf->kept, index, k),
                             "similar", similar_json(making, index, k));
    char *text = json_dumps(json, JSON_COMPACT);
    const char *answer = arena_copy(making->arena, text ? text : "{}");
    free(text);
    json_decref(json);
    return answer;
}

bool recommend_also(struct recommend *recommend, const char *item, size_t k, struct arena *arena,
                    const char **ret_answer, struct err *err)
{
    uint32_t index;
    const struct recommend_ask ask = { .k = k, .at_ms = clock_now_ms(&recommend->service->options.clock) };
    if (!hold(recommend, RECOMMEND_NEW, err)) return false;
    const struct shelf *shelf = &recommend->in_force->shelves[RECOMMEND_NEW];
    const struct making making = { .service = recommend->service, .ask = &ask, .arena = arena, .shelf = shelf,
                                   .in_force = recommend->in_force, .as_of_ms = ask.at_ms };
    bool ok =
        kept_recommender_find(shelf->kept, text_of(item), &index) ||
        err_set(err, ERR_MISSING, "the item '%s' is not known: nobody had it, and no catalogue names it", item);
    if (ok) *ret_answer = beside_answer(&making, item, index);
    (void)pthread_rwlock_unlock(&recommend->lock);
    return ok;
}
