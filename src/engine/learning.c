/* learning.c - see learning.h. */
#include "engine/learning.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "table/costs.h"
#include "table/import.h"
#include "hub/ingest.h"
#include "live/live.h"
#include "live/refresh.h"
#include "learn/decay.h"
#include "learn/score.h"
#include "engine/service.h"
#include "learn/train.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORES_A_JOB = 2000, RETRY_MS = 10 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000,
       LOOK_EVERY_MS = 5000, SEARCH_SECONDS = 120 };

struct learning {
    struct service        *service;
    struct alarm          *look;            /* rings when it is time to look around */
    pthread_t              thread;
    pthread_mutex_t        mutex;           /* guards what follows */
    pthread_cond_t         changed, settled;
    bool                   is_stopping, is_asked, is_look_due;
    struct learning_ask    ask;
    struct learning_status status;
    /* The thread's own. */
    struct attempt { char question[QUESTION_NAME_MOST + 1]; int64_t at_ms, looked_ms; uint64_t n_events; struct decay decay; }
                           attempts[LIVE_MODELS_MOST];      /* by itself; of no question: the first model */
    size_t                 n_attempts;
    int64_t                scoring_tried_ms;
    int64_t                valued_as_of_ms;     /* the instant of everybody's scores and values */
};

/* One piece of work: its own view of the database. */
struct learning_run {
    struct learning     *learning;
    struct store        *store;
    struct log          *log;
    struct arena        *arena;
    struct import_record record;
    int64_t              first_ms, as_of_ms;
    struct trained       trained;
    struct scores        scores;
    uint32_t             from, to;          /* of the scores that the job at hand puts */
};

static void enter(struct learning *learning, enum learning_state state)
{
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.state = state;
    learning->status.since_ms = clock_now_ms(&learning->service->options.clock);
    (void)pthread_mutex_unlock(&learning->mutex);
}

static bool run_begin(struct learning_run *run, struct err *err)
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

static void run_end(struct learning_run *run)
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
    return trained_put(store, &run->trained, run->arena, err);
}

static bool put_scores(struct store *store, void *context, struct err *err)
{
    struct learning_run *run = context;
    return (run->from > 1 || scores_clear(store, &run->scores, err)) &&
           scores_put_some(store, &run->scores, run->from, run->to, err) &&
           (run->to < run->scores.n || scores_put_instant(store, run->as_of_ms, err));
}

/* Half of the cores stay with the events and decisions. */
static unsigned spare_threads(const struct service_options *options)
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
        .n_threads = spare_threads(&run->learning->service->options),
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

/* Protected traits teach nothing. */
static bool protected_traits(struct learning_run *run, const char **ret_list, struct err *err)
{
    struct settings settings;
    const char *const *names;
    size_t n;
    if (!setting_file(run->store, run->learning->service->options.settings_path, run->arena, &settings,
                      err) ||
        !settings_names(&settings, "protected", run->arena, &names, &n, err))
        return false;
    *ret_list = n ? names[0] : NULL;
    for (size_t i = 1; i < n; i++) *ret_list = arena_format(run->arena, "%s,%s", *ret_list, names[i]);
    return true;
}

static bool train(struct learning_run *run, const struct learning_ask *ask, struct err *err)
{
    const struct service_options *options = &run->learning->service->options;
    struct question question;
    struct train_timing timing;
    struct train_options how = {
        .as_of_ms = run->as_of_ms, .first_ms = run->first_ms, .test_at_ms = INT64_MIN, .seed = options->seed,
        .n_threads = spare_threads(options), .search_seconds = SEARCH_SECONDS, .now_seconds = options->now_seconds,
        .terms = { 365, 0.1 },
    };
    enter(run->learning, LEARNING_TRAINING);
    return protected_traits(run, &how.ignored, err) && choose_question(run, ask, &question, err) &&
           train_question(run->log, &question, &how, run->arena, NULL, &run->trained, &timing, err) &&
           ingest_run(run->learning->service->ingest, put_trained, run, err) &&
           service_reload(run->learning->service, err);
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
        live_value_put(service->live, i, &(struct live_value){
            .value_cents = scores->value_cents[i], .p_alive = scores->p_alive[i], .valued_ms = run->as_of_ms,
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
        .n_threads = spare_threads(&service->options),
    };
    enter(run->learning, LEARNING_SCORING);
    if (!score_everybody(run->log, &run->trained, &options, run->arena, NULL, &run->scores, err))
        return false;
    if (run->scores.n_asked > 0) return keep_scores(run, err);
    /* No answer is better than one that is there. */
    return err_set(
        err, ERR_REFUSED,
        "nobody had any '%s' in the last %lld days, so there is nobody to ask; what was answered before "
        "stays, and each answer says as of when it is",
        run->trained.question.goal ? run->trained.question.goal : "event",
        (long long)run->trained.question.active_days);
}

/* Trains what is asked and scores everybody by it; with ask NULL scores by the model that the question has.
 * A table's customers do not move with time: only its own question could be asked of it. */
static bool take_lesson(struct learning *learning, const struct learning_ask *ask, const char *question,
                        bool *ret_is_trained, struct err *err)
{
    struct learning_run run = { .learning = learning };
    bool ok = run_begin(&run, err);
    if (ok && ask) ok = *ret_is_trained = train(&run, ask, err);
    else if (ok) ok = trained_get(run.store, run.log, question, run.arena, &run.trained, err);
    ok = ok && score(&run, err);
    if (ok) learning->valued_as_of_ms = run.as_of_ms;
    run_end(&run);
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

/* ask NULL: nothing is trained, only scored and valued again. */
static bool learn(struct learning *learning, const struct learning_ask *ask, struct err *err)
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

/* Once a day; where the history stands still, once as of its end. */
static bool is_outdated(const struct learning *learning, int64_t now_ms)
{
    int64_t instant_ms = learning->service->instant_ms;
    return instant_ms ? learning->valued_as_of_ms != instant_ms
                      : learning_has_passed(learning->status.scored_ms, now_ms, DAY_MS);
}

/* ---- when the next is due ---- */

static bool count_events(struct service *service, uint64_t *ret_n, struct err *err)
{
    struct store *store;
    int64_t n_events = 0, first_ms, last_ms, n_bytes;
    if (!service_read(service, &store, err)) return false;
    bool ok = sql_log_totals(store, &n_events, &first_ms, &last_ms, &n_bytes, err);
    service_read_done(service, store);
    *ret_n = (uint64_t)n_events;
    return ok;
}

static struct attempt *attempt_of(struct learning *learning, const char *question)
{
    for (size_t i = 0; i < learning->n_attempts; i++)
        if (strcmp(learning->attempts[i].question, question) == 0) return &learning->attempts[i];
    /* Of more questions than can be kept the last are tried more often. */
    if (learning->n_attempts == LIVE_MODELS_MOST) learning->n_attempts--;
    struct attempt *attempt = &learning->attempts[learning->n_attempts++];
    *attempt = (struct attempt){ 0 };
    snprintf(attempt->question, sizeof attempt->question, "%s", question);
    return attempt;
}

/* What is known of the models in force; with none one row of no question.  Returns how many. */
static size_t find_facts(struct learning *learning, int64_t now_ms, uint64_t n_events,
                         struct learning_facts facts[LIVE_MODELS_MOST],
                         char questions[LIVE_MODELS_MOST][QUESTION_NAME_MOST + 1])
{
    struct service *service = learning->service;
    const struct learning_facts common = { .now_ms = now_ms, .n_events = n_events,
                                           .is_by_itself = service->options.is_learning,
                                           .stands = service->instant_ms != 0 };
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = live_n_models(service->live);
    for (size_t m = 0; m < n; m++) {
        const struct trained *trained = live_model(service->live, m);
        facts[m] = common;
        facts[m].learned_ms = trained->as_of_ms;
        facts[m].n_learned = (uint64_t)json_integer_value(json_object_get(trained->evidence, "n_events"));
        facts[m].is_table = trained->question.kind == QUESTION_TRAIT;
        snprintf(questions[m], sizeof questions[m], "%s", trained->question.name);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    if (n == 0) facts[0] = common, *questions[0] = '\0';
    for (size_t m = 0; m < n || m == 0; m++) {
        const struct attempt *attempt = attempt_of(learning, questions[m]);
        facts[m].tried_ms = attempt->at_ms, facts[m].n_tried = attempt->n_events;
        facts[m].is_worse = attempt->decay.is_worse, facts[m].has_moved = attempt->decay.has_moved;
    }
    return n ? n : 1;
}

static bool is_before(const struct learning_plan *a, const struct learning_plan *b)
{
    if (a->is_due != b->is_due) return a->is_due;
    return a->at_ms && (!b->at_ms || a->at_ms < b->at_ms);
}

/* Which question is due first, told to who asks; true: it is due now. */
static bool find_next(struct learning *learning, int64_t now_ms, uint64_t n_events, char *ret_question)
{
    struct learning_facts facts[LIVE_MODELS_MOST];
    char questions[LIVE_MODELS_MOST][QUESTION_NAME_MOST + 1];
    size_t n = find_facts(learning, now_ms, n_events, facts, questions), first = 0;
    struct learning_plan next = learning_plan_of(&facts[0]);
    for (size_t m = 1; m < n; m++) {
        struct learning_plan plan = learning_plan_of(&facts[m]);
        if (is_before(&plan, &next)) next = plan, first = m;
    }
    memcpy(ret_question, questions[first], sizeof questions[first]);
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.next = next;
    memcpy(learning->status.next_question, questions[first], sizeof questions[first]);
    (void)pthread_mutex_unlock(&learning->mutex);
    return next.is_due;
}

/* Whether a model has become worse; once a day, through a view of its own. */
static void look_at_decay(struct learning *learning, struct attempt *attempt, int64_t now_ms)
{
    struct learning_run run = { .learning = learning };
    struct err err;
    attempt->looked_ms = now_ms, attempt->decay = (struct decay){ false, false };
    if (run_begin(&run, &err) && trained_get(run.store, run.log, attempt->question, run.arena, &run.trained, &err))
        (void)!decay_look(run.log, &run.trained, run.as_of_ms, spare_threads(&learning->service->options),
                          &attempt->decay, &err);
    run_end(&run);
}

static void look_at_decays(struct learning *learning, int64_t now_ms)
{
    struct service *service = learning->service;
    char questions[LIVE_MODELS_MOST][QUESTION_NAME_MOST + 1];
    if (!service->options.is_learning || service->instant_ms != 0) return;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = live_n_models(service->live);
    for (size_t m = 0; m < n; m++)
        snprintf(questions[m], sizeof questions[m], "%s", live_model(service->live, m)->question.name);
    (void)pthread_rwlock_unlock(&service->lock);
    for (size_t m = 0; m < n; m++) {
        struct attempt *attempt = attempt_of(learning, questions[m]);
        if (attempt->looked_ms == 0) attempt->looked_ms = now_ms;       /* not at the start, when all else is */
        else if (learning_has_passed(attempt->looked_ms, now_ms, DAY_MS)) look_at_decay(learning, attempt, now_ms);
    }
}

static void look_around(struct learning *learning)
{
    struct err err;
    struct service *service = learning->service;
    int64_t now_ms = clock_now_ms(&service->options.clock);
    uint64_t n_events = 0;
    struct learning_ask ask = { 0 };
    (void)pthread_rwlock_rdlock(&service->lock);
    bool has_model = live_trained(service->live) != NULL;
    bool has_events = live_n_customers(service->live) > 0;
    (void)pthread_rwlock_unlock(&service->lock);
    if (!has_events || !count_events(service, &n_events, &err)) return;
    look_at_decays(learning, now_ms);
    if (find_next(learning, now_ms, n_events, ask.question)) {
        struct attempt *attempt = attempt_of(learning, ask.question);
        attempt->at_ms = now_ms, attempt->n_events = n_events, attempt->decay = (struct decay){ false, false };
        ask.is_again = has_model;
        (void)learn(learning, &ask, &err);
        (void)find_next(learning, clock_now_ms(&service->options.clock), n_events, ask.question);
    } else if (has_model && is_outdated(learning, now_ms) &&
               learning_has_passed(learning->scoring_tried_ms, now_ms, RETRY_MS)) {
        learning->scoring_tried_ms = now_ms;
        (void)learn(learning, NULL, &err);
    }
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
    learning->valued_as_of_ms = valued_ms;
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.scored_ms = valued_ms;
    while (!learning->is_stopping) {
        if (learning->is_asked) {
            struct learning_ask ask = learning->ask;
            (void)pthread_mutex_unlock(&learning->mutex);
            (void)learn(learning, &ask, &err);
            (void)pthread_mutex_lock(&learning->mutex);
            learning->is_asked = false;
            (void)pthread_cond_broadcast(&learning->settled);
        } else if (learning->is_look_due) {
            learning->is_look_due = false;
            (void)pthread_mutex_unlock(&learning->mutex);
            look_around(learning);
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
