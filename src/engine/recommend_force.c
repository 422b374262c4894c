/* recommend_force.c - what is in force to recommend by: read, and made where it is not there; see recommend.h. */
#include "engine/recommend_internal.h"

#include "base/memory.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "log/log.h"
#include "recommend/item_words.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the catalogue and the rules say of each item ---- */

struct evaluating { const struct shelf *shelf; size_t item; };

static struct expression_value value_of(void *context, size_t column)
{
    const struct evaluating *evaluating = context;
    const struct catalogue_item *facts = evaluating->shelf->facts[evaluating->item];
    return facts ? facts->values[column] : (struct expression_value){ 0 };
}

/* Where the condition asks of items only it is tested once for all; else when a list is made. */
static bool test_condition(const struct in_force *in_force, struct shelf *shelf, struct err *err)
{
    struct expression *expression = NULL;
    struct err more;
    const struct recommend_rules *rules = &in_force->rules;
    size_t n_items = shelf->kept->recommender.n_items;
    bool ok = true;
    if (rules->where && !expression_compile_columns(rules->where, in_force->catalogue.columns,
                                                    in_force->catalogue.n_columns, false, &expression, &more))
        return true;
    bool *is_open = ARENA_ARRAY(in_force->arena, bool, n_items + 1);
    for (size_t i = 0; ok && i < n_items; i++) {
        struct evaluating evaluating = { shelf, i };
        is_open[i] = !rules->where;
        if (rules->where) ok = expression_holds(expression, value_of, &evaluating, &is_open[i], err);
    }
    expression_free(expression);
    if (ok) shelf->is_open = is_open;
    return ok || err_context(err, "%s", rules->where_at);
}

static void number_categories(struct shelf *shelf, const struct catalogue *catalogue, struct arena *arena)
{
    struct hash_map numbers = { 0 };
    size_t n_items = shelf->kept->recommender.n_items;
    shelf->category = ARENA_ARRAY(arena, uint32_t, n_items + 1);
    for (size_t i = 0; catalogue->n && i < n_items; i++) {
        struct text category = shelf->facts[i] ? shelf->facts[i]->category : text_of("");
        if (category.length == 0) continue;
        uint64_t *number = hash_map_put(&numbers, item_hash_of(category));
        if (*number == 0) *number = hash_map_n(&numbers);
        shelf->category[i] = (uint32_t)*number;
    }
    hash_map_free(&numbers);
}

static void list_unknown(struct shelf *shelf, const struct hash_map *shown, struct arena *arena)
{
    const struct kept_recommender *kept = shelf->kept;
    shelf->unknown = ARENA_ARRAY(arena, uint32_t, kept->recommender.n_items + 1);
    shelf->n_shown = ARENA_ARRAY(arena, _Atomic uint32_t, kept->recommender.n_items + 1);
    for (uint32_t i = 0; i < kept->recommender.n_items; i++) {
        const uint64_t *n = hash_map_find(shown, item_hash_of(kept->item_names[i]));
        if (!shelf->facts[i] || kept->n_customers[i] > 0 || (n && *n >= SHOWN_ENOUGH)) continue;
        shelf->n_shown[shelf->n_unknown] = n ? (uint32_t)*n : 0;
        shelf->unknown[shelf->n_unknown++] = i;
    }
}

/* What is like an item is asked for one item at a time, of the words of all. */
static void index_words(struct shelf *shelf, struct arena *arena)
{
    size_t n_items = shelf->kept->recommender.n_items;
    struct text *texts = ARENA_ARRAY(arena, struct text, n_items + 1);
    for (size_t i = 0; i < n_items; i++)
        if (shelf->facts[i]) texts[i] = shelf->facts[i]->words;
    shelf->words = item_words(texts, n_items, arena);
    shelf->of_word = sparse_turn(&shelf->words, arena);
}

/* How many items of the catalogue what recommends has never heard of. */
static size_t count_missing(const struct kept_recommender *kept, const struct catalogue *catalogue)
{
    size_t n = 0;
    uint32_t item;
    for (size_t i = 0; i < catalogue->n; i++) n += !kept_recommender_find(kept, catalogue->items[i].name, &item);
    return n;
}

bool shelf_fill(struct in_force *in_force, enum recommend_question question, const struct hash_map *shown,
                struct err *err)
{
    struct shelf *shelf = &in_force->shelves[question];
    const struct kept_recommender *kept = shelf->kept = in_force->kept[question];
    if (!kept) return true;
    size_t n_items = kept->recommender.n_items;
    shelf->facts = ARENA_ARRAY(in_force->arena, const struct catalogue_item *, n_items + 1);
    shelf->margin = ARENA_ARRAY(in_force->arena, float, n_items + 1);
    for (size_t i = 0; i < n_items; i++) {
        const struct catalogue_item *facts = catalogue_find(&in_force->catalogue, kept->item_names[i]);
        shelf->facts[i] = facts;
        shelf->margin[i] = facts ? (float)(facts->price - facts->cost) : NAN;
    }
    shelf->n_missing = count_missing(kept, &in_force->catalogue);
    number_categories(shelf, &in_force->catalogue, in_force->arena);
    list_unknown(shelf, shown, in_force->arena);
    if (question == RECOMMEND_NEW && in_force->catalogue.n > 0) index_words(shelf, in_force->arena);
    return test_condition(in_force, shelf, err);
}

static bool read_shown(struct store *store, struct hash_map *shown, struct err *err)
{
    struct sql_item_shown_all row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = sql_item_shown_all(store, &row, err);
    while (ok && (step = sql_item_shown_all_step(&row, err)) == STEP_ROW)
        *hash_map_put(shown, item_hash_of(row.item)) = (uint64_t)row.n;
    cursor_close(row.cursor);
    return ok && step == STEP_END;
}

bool in_force_read(struct service *service, struct store *store, const struct recommend_ask *ask,
                   struct in_force **ret_in_force, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct in_force *in_force = ARENA_NEW(arena, struct in_force);
    struct hash_map shown = { 0 };
    const char *settings_path = ask && ask->settings_path ? ask->settings_path : service->options.settings_path;
    in_force->arena = arena;
    bool ok = recommend_rules_load(store, settings_path, ask ? ask->rules_path : NULL, arena, &in_force->rules,
                                   err) &&
              catalogue_load(store, INT64_MAX, arena, &in_force->catalogue, err) &&
              recommenders_get(store, arena, in_force->kept, err) && read_shown(store, &shown, err);
    for (int q = 0; ok && q < RECOMMEND_QUESTIONS; q++)
        ok = shelf_fill(in_force, (enum recommend_question)q, &shown, err);
    hash_map_free(&shown);
    if (ok) *ret_in_force = in_force;
    else in_force_free(in_force);
    return ok;
}

void in_force_free(struct in_force *in_force)
{
    if (!in_force) return;
    for (int q = 0; q < RECOMMEND_QUESTIONS; q++) kept_recommender_release(in_force->kept[q]);
    arena_free(in_force->arena);
}

/* ---- opening, and what follows a change ---- */

bool recommend_open(struct service *service, struct recommend **ret_recommend, struct err *err)
{
    struct in_force *in_force;
    struct store *store;
    if (!service_read(service, &store, err)) return false;
    bool ok = in_force_read(service, store, NULL, &in_force, err) || err_context(err, "what recommends items");
    service_read_done(service, store);
    if (!ok) return false;
    struct recommend *recommend = memory_new(1, sizeof *recommend);
    recommend->service = service;
    recommend->in_force = in_force;
    (void)pthread_rwlock_init(&recommend->lock, NULL);
    (void)pthread_mutex_init(&recommend->making, NULL);
    *ret_recommend = recommend;
    return true;
}

void recommend_close(struct recommend *recommend)
{
    if (!recommend) return;
    in_force_free(recommend->in_force);
    (void)pthread_rwlock_destroy(&recommend->lock);
    (void)pthread_mutex_destroy(&recommend->making);
    free(recommend);
}

bool recommend_reload(struct recommend *recommend, struct err *err)
{
    struct in_force *in_force, *old;
    struct store *store;
    if (!service_read(recommend->service, &store, err)) return false;
    bool ok = in_force_read(recommend->service, store, NULL, &in_force, err);
    service_read_done(recommend->service, store);
    if (!ok) return err_context(err, "what recommends items");
    (void)pthread_rwlock_wrlock(&recommend->lock);
    old = recommend->in_force;      /* of several who reload at a time each frees what it exchanged */
    recommend->in_force = in_force;
    (void)pthread_rwlock_unlock(&recommend->lock);
    in_force_free(old);
    return true;
}

/* ---- making what is not there ---- */

struct filling { const struct kept_recommender *kept; struct arena *arena; };

static bool put_kept(struct store *store, void *context, struct err *err)
{
    struct filling *filling = context;
    return recommender_put(store, filling->kept, filling->arena, err);
}

/* Few customers may leave nothing to judge by: then it is made without, and says so. */
static bool make_kept(struct recommend *recommend, const struct log *log, enum recommend_question question,
                      struct arena *arena, struct kept_recommender *ret_kept, struct err *err)
{
    const struct service_options *service = &recommend->service->options;
    const struct recommend_rules *rules = &recommend->in_force->rules;
    struct log_totals totals;
    struct recommending judged;
    struct err why;
    if (!log_totals(log, &totals, err)) return false;
    struct recommending_options options = {
        .reading = { .weights = rules->weights, .n_weights = rules->n_weights, .as_of_ms = totals.last_ms + 1,
                     .n_threads = service->n_threads },
        .protected_traits = rules->protected_traits, .n_protected = rules->n_protected,
        .question = question, .test_at_ms = INT64_MIN, .is_quick = true, .seed = service->seed,
        .n_threads = service->n_threads,
    };
    bool is_judged = recommending_judge(log, &options, arena, &judged, &why);
    if (!is_judged && why.code != ERR_REFUSED) {
        *err = why;
        return false;
    }
    return recommender_make(log, &options, is_judged ? &judged : NULL, arena, ret_kept, err);
}

/* The same model with the settings that it was chosen with, on everything there is by now: with the items of a
 * newer catalogue. */
static bool make_again(struct recommend *recommend, const struct log *log, const struct kept_recommender *old,
                       struct arena *arena, struct kept_recommender *ret_kept, struct err *err)
{
    const struct service_options *service = &recommend->service->options;
    const struct recommend_rules *rules = &recommend->in_force->rules;
    struct log_totals totals;
    struct recommending *judged = ARENA_NEW(arena, struct recommending);
    if (!log_totals(log, &totals, err)) return false;
    const struct recommending_options options = {
        .reading = { .weights = rules->weights, .n_weights = rules->n_weights, .as_of_ms = totals.last_ms + 1,
                     .n_threads = service->n_threads },
        .protected_traits = rules->protected_traits, .n_protected = rules->n_protected,
        .question = old->question, .seed = service->seed, .n_threads = service->n_threads,
    };
    judged->board.question = old->question;
    judged->board.leaders[0].recommender = old->recommender;
    judged->board.leaders[1].recommender = old->popular;
    judged->board.n = 2, judged->board.popular = 1;
    judged->local.trait = old->local.trait ? arena_copy(arena, old->local.trait) : NULL;
    judged->board.sentence = "";
    if (!recommender_make(log, &options, judged, arena, ret_kept, err)) return false;
    ret_kept->board = arena_copy(arena, old->board);
    return true;
}

void recommend_renew(struct recommend *recommend, enum recommend_question question)
{
    struct err err;
    struct service *service = recommend->service;
    struct store *store = NULL;
    struct log *log = NULL;
    struct kept_recommender kept = { 0 };
    if (pthread_mutex_trylock(&recommend->making) != 0) return;     /* somebody is at it */
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct filling filling = { &kept, arena };
    (void)pthread_rwlock_rdlock(&recommend->lock);      /* the old one stays until the new one is made */
    recommend->n_tried[question] = recommend->in_force->shelves[question].n_missing;
    bool ok = store_open_beside(service->store, &store, &err) && log_open(store, &log, &err) &&
              make_again(recommend, log, recommend->in_force->kept[question], arena, &kept, &err);
    (void)pthread_rwlock_unlock(&recommend->lock);
    if (ok && ingest_run(service->ingest, put_kept, &filling, &err)) ok = recommend_reload(recommend, &err);
    (void)pthread_mutex_unlock(&recommend->making);
    kept_recommender_release(&kept);
    log_close(log);
    store_close(store);
    arena_free(arena);
}

bool recommend_fill(struct recommend *recommend, enum recommend_question question, struct err *err)
{
    struct service *service = recommend->service;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store = NULL;
    struct log *log = NULL;
    struct kept_recommender kept = { 0 };
    struct filling filling = { &kept, arena };
    (void)pthread_mutex_lock(&recommend->making);
    (void)pthread_rwlock_rdlock(&recommend->lock);      /* the rules that it is made by stay until it is made */
    bool is_there = recommend->in_force->kept[question];        /* somebody was quicker */
    bool ok = is_there || (store_open_beside(service->store, &store, err) && log_open(store, &log, err) &&
                           make_kept(recommend, log, question, arena, &kept, err));
    (void)pthread_rwlock_unlock(&recommend->lock);
    if (!is_there)
        ok = ok && ingest_run(service->ingest, put_kept, &filling, err) && service_reload(service, err);
    (void)pthread_mutex_unlock(&recommend->making);
    kept_recommender_release(&kept);
    log_close(log);
    store_close(store);
    arena_free(arena);
    return ok;
}
