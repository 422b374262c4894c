/* learning.c - see learning.h. */
#include "engine/learning_internal.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "govern/audit.h"
#include "table/costs.h"
#include "hub/ingest.h"
#include "live/refresh.h"
#include "learn/train.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORES_A_JOB = 2000, LOOK_EVERY_MS = 5000, SEARCH_SECONDS = 120 };

static void enter(struct learning *learning, enum learning_state state)
{
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.state = state;
    learning->status.since_ms = clock_now_ms(&learning->service->options.clock);
    (void)pthread_mutex_unlock(&learning->mutex);
}

bool learning_run_begin(struct learning_run *run, struct err *err)
{
    struct service *service = run->learning->service;
    run->arena = arena_new(ARENA_NO_LIMIT);
    if (!store_open_beside(service->store, &run->store, err) || !log_open(run->store, &run->log, err) ||
        !import_describe(run->store, run->log, run->arena, &run->record, &run->first_ms, &run->as_of_ms, err))
        return false;
    /* Live customers fall silent while no event comes: the history ends now, not with the last event, unless it
     * stands still. */
    int64_t instant_ms = service_instant_ms(service);
    if (run->record.shape != SHAPE_TABLE) run->as_of_ms = instant_ms;
    return true;
}

void learning_run_end(struct learning_run *run)
{
    trained_release(&run->trained);
    log_close(run->log);
    store_close(run->store);
    arena_free(run->arena);
}

static bool put_trained(struct store *store, void *context, struct err *err)
{
    struct learning_run *run = context;
    run->trained.made_ms = clock_now_ms(&run->learning->service->options.clock);
    const char *who = run->ask->who;
    return (!*who || audit_put(store, run->trained.made_ms, who, "train", 0, err)) &&
           sql_model_shadow_end(store, text_of(run->trained.question.name), err) &&
           trained_put(store, &run->trained, run->arena, err) && (run->gate.passes || sql_model_shadow(store, err));
}

static bool put_scores(struct store *store, void *context, struct err *err)
{
    struct learning_run *run = context;
    return (run->from > 1 || scores_clear(store, &run->scores, err)) &&
           scores_put_some(store, &run->scores, run->from, run->to, err) &&
           (run->to < run->scores.n || scores_put_instant(store, &run->scores, err));
}

unsigned learning_threads(const struct service_options *options)
{
    return options->n_threads > 1 ? options->n_threads / 2 : 1;
}

/* A question that has a model and is none of the program's own is asked again as it was. */
static bool choose_question(struct learning_run *run, const struct learning_ask *ask,
                            struct question *ret_question, struct err *err)
{
    const struct question_options wanted = {
        .name = *ask->question ? ask->question : "churn", .goal = *ask->goal ? ask->goal : NULL,
        .horizon_days = ask->horizon_days, .target = run->record.target,
        .is_table = run->record.shape == SHAPE_TABLE, .first_ms = run->first_ms, .last_ms = run->as_of_ms,
        .n_threads = learning_threads(&run->learning->service->options),
    };
    struct trained before;
    struct err ignored;
    if (ask->is_again) {
        if (!trained_get(run->store, run->log, wanted.name, run->arena, &before, err)) return false;
        *ret_question = before.question;
        trained_release(&before);
        return true;
    }
    if (question_choose(run->log, &wanted, run->arena, ret_question, err)) return true;
    if (err->code != ERR_INVALID || *ask->goal || ask->horizon_days ||
        !trained_get(run->store, run->log, wanted.name, run->arena, &before, &ignored))
        return false;
    *ret_question = before.question;
    trained_release(&before);
    return true;
}

void learning_tell(struct learning *learning, const char *question, const char *sentence)
{
    (void)pthread_mutex_lock(&learning->mutex);
    snprintf(learning->status.judged, sizeof learning->status.judged, "%s: %s", question, sentence);
    (void)pthread_mutex_unlock(&learning->mutex);
}

/* What nobody asked for has to show that it is no worse than what it would replace; else it waits in the shadow. */
static bool pass_gate(struct learning_run *run, struct trained *champion, struct err *err)
{
    const char *question = run->trained.question.name;
    if (!trained_get(run->store, run->log, question, run->arena, champion, err) ||
        !challenge_backtest(run->log, champion, &run->trained, learning_threads(&run->learning->service->options),
                            run->arena, &run->gate, err))
        return false;
    json_object_set_new(run->trained.evidence, "gate", json_string(run->gate.sentence));
    learning_tell(run->learning, question, run->gate.sentence);
    return true;
}

/* Scores are then made by the model in force, whichever that is. */
static bool put_in_force(struct learning_run *run, struct trained *champion, struct err *err)
{
    if (!ingest_run(run->learning->service->ingest, put_trained, run, err)) return false;
    if (run->gate.passes) return service_reload(run->learning->service, err);
    struct attempt *attempt = learning_attempt_of(run->learning, run->trained.question.name);
    attempt->shadow_ms = run->as_of_ms;
    struct trained shadow = run->trained;
    run->trained = *champion, *champion = shadow;
    return true;
}

static bool train(struct learning_run *run, const struct learning_ask *ask, struct err *err)
{
    struct trained champion = { 0 };
    const struct service_options *options = &run->learning->service->options;
    struct question question;
    struct settings settings;
    struct train_timing timing;
    struct train_options how = {
        .as_of_ms = run->as_of_ms, .first_ms = run->first_ms, .test_at_ms = INT64_MIN, .seed = options->seed,
        .n_threads = learning_threads(options), .search_seconds = SEARCH_SECONDS, .now_seconds = options->now_seconds,
        .terms = { 365, 0.1 },
    };
    enter(run->learning, LEARNING_TRAINING);
    bool ok = setting_file(run->store, options->settings_path, run->arena, &settings, err) &&
              train_ignored(&settings, NULL, run->arena, &how.ignored, err) &&
              choose_question(run, ask, &question, err) && parallel_goes_on(err) &&
              train_question(run->log, &question, &how, run->arena, NULL, &run->trained, &timing, err) &&
              (!(ask->is_again && ask->is_by_itself) || pass_gate(run, &champion, err)) &&
              put_in_force(run, &champion, err);
    trained_release(&champion);
    return ok;
}

/* A value stays until everybody is valued again; the prediction moves with each event, so a newer one stays. */
static void put_in_memory(const struct learning_run *run)
{
    struct service *service = run->learning->service;
    const struct scores *scores = &run->scores;
    size_t model;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool is_in_force = live_model_of(service->live, scores->question, &model);
    for (uint32_t i = run->from; i < run->to; i++) {
        if (!scores->is_customer[i]) continue;
        double surer = scores->p_alive_pareto_nbd[i];       /* as valuation_live.sql reads it again */
        live_value_put(service->live, i, &(struct live_value){
            .value_cents = scores->value_cents[i], .p_alive = isnan(surer) ? scores->p_alive[i] : surer,
            .valued_ms = run->as_of_ms,
            .rfm_group = scores->rfm_group[i], .cluster = scores->cluster[i], .stage = scores->stage[i] });
        if (is_in_force && live_score(service->live, model, i).scored_ms <= run->as_of_ms)
            live_score_put(service->live, model, i, &(struct live_score){ scores->prediction[i], run->as_of_ms });
    }
    (void)pthread_rwlock_unlock(&service->lock);
}

/* Some at a time, so that events and decisions are written in between. */
static bool keep_scores(struct learning_run *run, struct err *err)
{
    struct service *service = run->learning->service;
    for (uint32_t from = 1; from < run->scores.n; from = run->to) {
        run->from = from;
        run->to = from + SCORES_A_JOB < run->scores.n ? from + SCORES_A_JOB : (uint32_t)run->scores.n;
        if (!ingest_run(service->ingest, put_scores, run, err)) return false;
        put_in_memory(run);
    }
    refresh_wake(service->refresh);
    return true;
}

static bool read_margin(struct learning_run *run, double *ret_margin, struct err *err)
{
    struct settings settings;
    struct costs costs;
    if (!setting_file(run->store, run->learning->service->options.settings_path, run->arena, &settings, err) ||
        !costs_read(&settings, run->record.currency, run->arena, &costs, err))
        return false;
    *ret_margin = costs_margin(&costs, COST_OF_ITEM, NULL, calendar_day_of_ms(run->as_of_ms));
    return true;
}

/* Values and segments need everybody at once; the live scores then move with each event. */
static bool score(struct learning_run *run, struct err *err)
{
    struct service *service = run->learning->service;
    double margin;
    struct backtest looked_back = { .terms = { 365, 0.1 } };
    if (!read_margin(run, &margin, err)) return false;
    (void)backtest_read(json_object_get(run->trained.evidence, "backtest"), run->arena, &looked_back);
    const struct score_options options = {
        .as_of_ms = run->as_of_ms,
        .margin = margin,
        .value_horizon_days = looked_back.terms.horizon_days > 0 ? looked_back.terms.horizon_days : 365,
        .discount_yearly = looked_back.terms.discount_yearly,
        .currency = run->record.currency,
        .contact_cost_cents = -1,
        .value_months = 12,
        .calibration_end_day = VALUE_CHOOSE_DAY,
        .seed = service->options.seed,
        .n_threads = learning_threads(&service->options),
    };
    enter(run->learning, LEARNING_SCORING);
    if (!score_everybody(run->log, &run->trained, &options, run->arena, NULL, &run->scores, err))
        return false;
    if (run->scores.n_asked > 0) return keep_scores(run, err);
    /* No answer is better than one that is there. */
    return err_set(
        err, ERR_REFUSED,
        "nobody had any '%s' in the last %lld days%s, so there is nobody to ask; what was answered before "
        "stays, and each answer says as of when it is",
        run->trained.question.goal ? run->trained.question.goal : "event",
        (long long)run->trained.question.active_days, question_besides(&run->trained.question, run->arena));
}

/* Trains what is asked and scores everybody by it; with ask NULL scores by the model that the question has.
 * A table's customers do not move with time: only its own question could be asked of it. */
static bool take_lesson(struct learning *learning, const struct learning_ask *ask, const char *question,
                        bool *ret_is_trained, struct err *err)
{
    struct learning_run run = { .learning = learning, .ask = ask, .gate = { true, NULL } };
    bool ok = learning_run_begin(&run, err);
    if (ok && ask) ok = *ret_is_trained = train(&run, ask, err);
    else if (ok) ok = trained_get(run.store, run.log, question, run.arena, &run.trained, err);
    ok = ok && score(&run, err);
    if (ok) learning->valued_as_of_ms = run.as_of_ms;
    learning_run_end(&run);
    return ok;
}

/* Every question in force, the one asked last at the end, so that what customers are worth is by its goal. */
static bool score_again(struct learning *learning, struct err *err)
{
    struct live *live = learning->service->live;
    char question[QUESTION_NAME_MOST + 1];
    bool ok = true, ignored;
    for (size_t m = LIVE_MODELS_MOST; ok && m-- > 0;) {
        (void)pthread_rwlock_rdlock(&learning->service->lock);
        bool is_there = m < live_n_models(live);
        if (is_there) snprintf(question, sizeof question, "%s", live_model(live, m)->question.name);
        (void)pthread_rwlock_unlock(&learning->service->lock);
        ok = !is_there || take_lesson(learning, NULL, question, &ignored, err);
    }
    return ok;
}

bool learning_learn(struct learning *learning, const struct learning_ask *ask, struct err *err)
{
    bool is_trained = false;
    bool ok = ask ? take_lesson(learning, ask, NULL, &is_trained, err) : score_again(learning, err);
    (void)pthread_mutex_lock(&learning->mutex);
    int64_t now_ms = clock_now_ms(&learning->service->options.clock);
    learning->status.last = ok ? (struct err){ 0 } : *err;
    if (is_trained) learning->status.trained_ms = now_ms;
    if (ok) learning->status.scored_ms = now_ms;
    (void)pthread_mutex_unlock(&learning->mutex);
    enter(learning, LEARNING_IDLE);
    return ok;
}

static int64_t last_valued_ms(struct service *service)
{
    struct err ignored;
    struct store *store;
    int64_t valued_ms = 0;
    if (!service_read(service, &store, &ignored)) return 0;
    (void)!scores_instant(store, &valued_ms, &ignored);
    service_read_done(service, store);
    return valued_ms;
}

static void *work(void *context)
{
    struct learning *learning = context;
    struct err err;
    int64_t valued_ms = last_valued_ms(learning->service);
    parallel_give_way();
    parallel_stop_by(&learning->is_stopping);
    learning->valued_as_of_ms = valued_ms;
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.scored_ms = valued_ms;
    while (!learning->is_stopping) {
        if (learning->is_asked) {
            struct learning_ask ask = learning->ask;
            (void)pthread_mutex_unlock(&learning->mutex);
            (void)!learning_learn(learning, &ask, &err);
            (void)pthread_mutex_lock(&learning->mutex);
            learning->is_asked = false;
            (void)pthread_cond_broadcast(&learning->settled);
        } else if (learning->is_look_due) {
            learning->is_look_due = false;
            (void)pthread_mutex_unlock(&learning->mutex);
            learning_look_around(learning);
            alarm_set(learning->look, clock_now_ms(&learning->service->options.clock) + LOOK_EVERY_MS);
            (void)pthread_mutex_lock(&learning->mutex);
        } else {
            (void)pthread_cond_wait(&learning->changed, &learning->mutex);
        }
    }
    (void)pthread_mutex_unlock(&learning->mutex);
    return NULL;
}

static void look(void *context)
{
    struct learning *learning = context;
    (void)pthread_mutex_lock(&learning->mutex);
    learning->is_look_due = true;
    (void)pthread_cond_signal(&learning->changed);
    (void)pthread_mutex_unlock(&learning->mutex);
}

bool learning_start(struct service *service, struct learning **ret_learning, struct err *err)
{
    struct learning *learning = memory_new(1, sizeof *learning);
    learning->service = service;
    (void)pthread_mutex_init(&learning->mutex, NULL);
    (void)pthread_cond_init(&learning->changed, NULL);
    (void)pthread_cond_init(&learning->settled, NULL);
    learning->look = alarm_new(service->scheduler, "learning", look, learning);
    if (pthread_create(&learning->thread, NULL, work, learning) != 0) {
        alarm_free(learning->look);
        free(learning);
        return err_set(err, ERR_IO, "the thread that learns cannot be started");
    }
    alarm_by(learning->look, clock_now_ms(&service->options.clock));
    *ret_learning = learning;
    return true;
}

void learning_stop(struct learning *learning)
{
    if (!learning) return;
    (void)pthread_mutex_lock(&learning->mutex);
    learning->is_stopping = true;
    (void)pthread_cond_signal(&learning->changed);
    (void)pthread_mutex_unlock(&learning->mutex);
    (void)pthread_join(learning->thread, NULL);
    alarm_free(learning->look);
    (void)pthread_cond_destroy(&learning->changed);
    (void)pthread_cond_destroy(&learning->settled);
    (void)pthread_mutex_destroy(&learning->mutex);
    free(learning);
}

bool learning_train(struct learning *learning, const struct learning_ask *ask, struct err *err)
{
    (void)pthread_mutex_lock(&learning->mutex);
    bool is_free = !learning->is_asked && learning->status.state == LEARNING_IDLE;
    if (is_free) {
        learning->ask = *ask;
        learning->is_asked = true;
        (void)pthread_cond_signal(&learning->changed);
    }
    (void)pthread_mutex_unlock(&learning->mutex);
    return is_free || err_set(err, ERR_BUSY, "a model is being trained; GET /v1/models tells when it is done");
}

bool learning_put_scores(struct learning *learning, const struct scores *scores, int64_t as_of_ms, struct err *err)
{
    struct learning_run run = { .learning = learning, .as_of_ms = as_of_ms, .scores = *scores };
    return keep_scores(&run, err);
}

struct learning_status learning_status(struct learning *learning)
{
    (void)pthread_mutex_lock(&learning->mutex);
    struct learning_status status = learning->status;
    (void)pthread_mutex_unlock(&learning->mutex);
    return status;
}

void learning_settle(struct learning *learning)
{
    (void)pthread_mutex_lock(&learning->mutex);
    while (learning->is_asked) (void)pthread_cond_wait(&learning->settled, &learning->mutex);
    (void)pthread_mutex_unlock(&learning->mutex);
}
