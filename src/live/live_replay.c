/* live_replay.c - the set and the model in force, and all states from the log; see live_internal.h.
 *
 * Partitions are read in parallel, each folded customer by customer, so that one state at a time is in the cache;
 * it is packed when its last event is in. */
#include "live/live_internal.h"
#include "base/parallel.h"
#include "feature/by_customer.h"
#include "feature/recent.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64, BATCH_EVENTS = 256 };

/* ---- set and model ---- */

static void find_recency(const struct states *states, struct model *model)
{
    const struct question *question = &model->trained.question;
    size_t n = feature_set_size(states->set);
    model->recency = ARENA_ARRAY(states->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct feature *feature = feature_at(states->set, i);
        bool is_asked_of = question->kind == QUESTION_EVENT ||
                           (question->goal && strcmp(feature->group, question->goal) == 0);
        if (is_asked_of && strcmp(feature_suffix(states->set, i), "recency_days") == 0)
            model->recency[model->n_recency++] = (uint32_t)i;
    }
}

/* The questions that have a model, the one asked last first. */
static bool list_questions(struct states *states, struct store *store, const char **ret_questions, size_t *ret_n,
                           struct err *err)
{
    struct sql_model_questions row;
    enum step step = STEP_END;
    size_t n = 0;
    if (!sql_model_questions(store, &row, err)) return false;
    while (n < LIVE_MODELS_MOST && (step = sql_model_questions_step(&row, err)) == STEP_ROW)
        ret_questions[n++] = arena_copy(states->arena, row.question.at);
    cursor_close(row.cursor);
    *ret_n = n;
    return step != STEP_FAIL;
}

/* The newest model of each question, and a set of all that they read. */
static bool load_models(struct states *states, struct store *store, struct err *err)
{
    const char *questions[LIVE_MODELS_MOST];
    const struct feature_set *sets[LIVE_MODELS_MOST + DESIGN_ARMS_MOST];
    uint32_t *columns[LIVE_MODELS_MOST + DESIGN_ARMS_MOST], **of_arm[DESIGN_ARMS_MOST];
    size_t n, n_arms = 0;
    if (!list_questions(states, store, questions, &n, err)) return false;
    states->models = ARENA_ARRAY(states->arena, struct model, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct model *model = &states->models[i];
        if (!trained_get(store, states->log, questions[i], states->arena, &model->trained, err)) return false;
        states->n_models++;
        sets[i] = model->trained.set;
    }
    for (size_t i = 0; i < n; i++) {
        struct contest *contest = states->models[i].trained.contest;
        for (size_t a = 0; contest && a < contest->design.n_arms && n_arms < DESIGN_ARMS_MOST; a++)
            sets[n + n_arms] = contest->arms[a].set, of_arm[n_arms++] = &states->models[i].arm_column[a];
    }
    if (n > 0 && !feature_set_union(sets, n + n_arms, states->log, states->arena, &states->set, columns, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        states->models[i].column = columns[i];
        find_recency(states, &states->models[i]);
    }
    for (size_t a = 0; a < n_arms; a++) *of_arm[a] = columns[n + a];
    return true;
}

/* While something recommends items, each customer's last ones of the kinds that it looks at are kept. */
static bool keep_recent(struct states *states, struct store *store, struct err *err)
{
    const char *kinds[RECENT_KINDS_MOST];
    struct sql_recommender_kinds row;
    enum step step = STEP_END;
    size_t n = 0;
    if (!sql_recommender_kinds(store, &row, err)) return false;
    while (n < RECENT_KINDS_MOST && (step = sql_recommender_kinds_step(&row, err)) == STEP_ROW)
        kinds[n++] = arena_copy(states->arena, row.kind.at);
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (n > 0) feature_set_keep_recent(states->set, kinds, n, states->log, states->arena);
    return true;
}

bool states_choose(struct states *states, struct store *store, unsigned n_threads, struct err *err)
{
    struct log_totals totals;
    if (!log_totals(states->log, &totals, err)) return false;
    if (!load_models(states, store, err)) return err_context(err, "reading the models");
    if (!states->set && totals.n_events > 0) {
        uint32_t order;
        bool has_orders = log_find(states->log, DICTIONARY_KIND, text_of("order"), &order);
        const struct feature_options options = { .n_threads = n_threads, .goal = has_orders ? "order" : NULL };
        if (!feature_set_generate(states->log, &options, states->arena, &states->set, err) &&
            err->code != ERR_REFUSED)
            return false;
    }
    if (states->set && !keep_recent(states, store, err)) return false;
    states->n_events_at_start = totals.n_events;
    states->n_kinds_at_start = log_n_names(states->log, DICTIONARY_KIND);
    states_follow_kinds(states, (uint16_t)(states->n_kinds_at_start - 1));
    return true;
}

/* ---- the log ---- */

struct replay {
    struct states  *states;
    struct folding  *foldings[THREADS_MAX];
    const uint64_t *item_hash;      /* [items] NULL unless the set needs it */
    size_t          n_identities;
    int64_t         now_ms;
};

static void replay_customer(const struct replay *replay, struct folding *folding, const struct events *events,
                            const struct by_customer *by_customer, size_t customer)
{
    struct fold_event batch[BATCH_EVENTS];
    uint32_t identity = by_customer->identity[customer], end = by_customer->start[customer + 1];
    size_t n = 0;
    for (uint32_t i = by_customer->start[customer]; i < end; i++) {
        uint32_t at = by_customer->order[i];
        uint64_t item_hash = replay->item_hash ? replay->item_hash[events->item[at]] : 0;
        struct fold_event event = fold_event_at(events, at, by_customer->known_ms[at], item_hash);
        if (event.known_ms > replay->now_ms) { states_wait(replay->states, identity, &event); continue; }
        batch[n++] = event;
        if (n < BATCH_EVENTS) continue;
        folding_fold(folding, identity, batch, n);
        n = 0;
    }
    folding_fold(folding, identity, batch, n);
}

static void replay_partition(void *context, size_t partition, unsigned thread)
{
    struct replay *replay = context;
    struct states *states = replay->states;
    if (!replay->foldings[thread]) replay->foldings[thread] = folding_new(states);
    struct folding *folding = replay->foldings[thread];
    struct events events;
    struct by_customer by_customer;
    if (folding->err.code != ERR_NONE) return;
    if (!folding->reader && !log_reader_open(states->log, &folding->reader, &folding->err)) return;
    if (!folding->arena) folding->arena = arena_new(ARENA_NO_LIMIT);
    arena_reset(folding->arena);
    unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND;
    if (states->set) columns |= feature_set_columns(states->set);
    if (states->traits_kind) columns |= LOG_PROPERTIES;
    if (!log_read(folding->reader, (unsigned)partition, columns, folding->arena, &events, &folding->err)) return;
    by_customer_group(&events, replay->n_identities, folding->arena, &by_customer);
    for (size_t c = 0; c < by_customer.n_customers; c++)
        replay_customer(replay, folding, &events, &by_customer, c);
    folding_close(folding);
}

bool states_replay(struct states *states, int64_t now_ms, unsigned n_threads, struct err *err)
{
    struct replay replay = { .states = states, .now_ms = now_ms };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    if (n_threads < 1) n_threads = 1;
    if (n_threads > THREADS_MAX) n_threads = THREADS_MAX;
    replay.n_identities = log_n_names(states->log, DICTIONARY_IDENTITY);
    if (states->set && feature_set_columns(states->set) & LOG_ITEM)
        replay.item_hash = fold_item_hashes(states->log, arena);
    states_reserve(states, replay.n_identities);
    parallel_for(n_threads, LOG_PARTITIONS, replay_partition, &replay);
    bool ok = true;
    for (unsigned t = 0; t < n_threads; t++) {
        if (ok && replay.foldings[t] && replay.foldings[t]->err.code != ERR_NONE) {
            *err = replay.foldings[t]->err;
            ok = false;
        }
        folding_free(replay.foldings[t]);
    }
    arena_free(arena);
    states->n_names_at_start = states->names.n;
    states->n_events_replayed = states->n_events;
    return ok || err_context(err, "replaying the log");
}
