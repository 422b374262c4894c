/* learning_look.c - when which question learns again, whether models have become worse; see learning.h. */
#include "engine/learning_internal.h"

#include "hub/ingest.h"
#include "store/sql.h"

#include <string.h>

enum { RETRY_MS = 10 * 60 * 1000, HOUR_MS = 60 * 60 * 1000, DAY_MS = 24 * HOUR_MS };

struct attempt *learning_attempt_of(struct learning *learning, const char *question)
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

static bool promote(struct store *store, void *context, struct err *err)
{
    return sql_model_promote(store, ((const struct learning_run *)context)->promoted, err);
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
        const struct attempt *attempt = learning_attempt_of(learning, questions[m]);
        facts[m].tried_ms = attempt->at_ms, facts[m].n_tried = attempt->n_events;
        if (attempt->shadow_ms > facts[m].learned_ms)
            facts[m].learned_ms = attempt->shadow_ms, facts[m].n_learned = attempt->n_events;
        facts[m].is_worse = attempt->decay.is_worse, facts[m].has_moved = attempt->decay.has_moved;
    }
    return n ? n : 1;
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
        if (learning_is_before(&plan, &next)) next = plan, first = m;
    }
    memcpy(ret_question, questions[first], sizeof questions[first]);
    (void)pthread_mutex_lock(&learning->mutex);
    learning->status.next = next;
    memcpy(learning->status.next_question, questions[first], sizeof questions[first]);
    learning->status.n_decays = 0;
    for (size_t m = 0; m < n && learning->status.n_decays < LEARNING_DECAYS_MOST; m++) {
        if (!facts[m].is_worse && !facts[m].has_moved) continue;
        struct learning_decay *decay = &learning->status.decays[learning->status.n_decays++];
        *decay = (struct learning_decay){ .is_worse = facts[m].is_worse, .has_moved = facts[m].has_moved };
        memcpy(decay->question, questions[m], sizeof decay->question);
    }
    (void)pthread_mutex_unlock(&learning->mutex);
    return next.is_due;
}

/* The one in the shadow takes the place of the one in force once it is shown to be better. */
static bool look_at_shadow(struct learning_run *run, struct err *err)
{
    struct service *service = run->learning->service;
    struct challenge challenge;
    if (!challenge_shadow(run->store, run->log, &run->trained, run->as_of_ms, service->options.seed,
                          learning_threads(&service->options), run->arena, &run->promoted, &challenge, err))
        return false;
    if (run->promoted == 0) return true;
    learning_tell(run->learning, run->trained.question.name, challenge.sentence);
    return challenge.word != CHALLENGE_PROMOTE ||
           (ingest_run(service->ingest, promote, run, err) && service_reload(service, err) &&
            learning_learn(run->learning, NULL, err));
}

/* Whether a model has become worse; once a day, through a view of its own. */
static void look_at_decay(struct learning *learning, struct attempt *attempt, int64_t now_ms)
{
    struct learning_run run = { .learning = learning };
    struct err err;
    attempt->looked_ms = now_ms, attempt->decay = (struct decay){ false, false };
    if (learning_run_begin(&run, &err) &&
        trained_get(run.store, run.log, attempt->question, run.arena, &run.trained, &err))
        (void)!(decay_look(run.log, &run.trained, run.as_of_ms, learning_threads(&learning->service->options),
                           &attempt->decay, &err) &&
                look_at_shadow(&run, &err));
    learning_run_end(&run);
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
        struct attempt *attempt = learning_attempt_of(learning, questions[m]);
        if (attempt->looked_ms == 0) attempt->looked_ms = now_ms - DAY_MS + HOUR_MS;    /* all else is at the start */
        else if (learning_has_passed(attempt->looked_ms, now_ms, DAY_MS)) look_at_decay(learning, attempt, now_ms);
    }
}

void learning_look_around(struct learning *learning)
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
        struct attempt *attempt = learning_attempt_of(learning, ask.question);
        attempt->at_ms = now_ms, attempt->n_events = n_events, attempt->decay = (struct decay){ false, false };
        ask.is_again = has_model, ask.is_by_itself = true;
        (void)!learning_learn(learning, &ask, &err);
        (void)find_next(learning, clock_now_ms(&service->options.clock), n_events, ask.question);
    } else if (has_model && is_outdated(learning, now_ms) &&
               learning_has_passed(learning->scoring_tried_ms, now_ms, RETRY_MS)) {
        learning->scoring_tried_ms = now_ms;
        (void)!learning_learn(learning, NULL, &err);
    }
}
