/* experiments.c - see experiments.h. */
#include "engine/experiments.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/earning.h"
#include "engine/measuring.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "hub/ingest.h"
#include "hub/stream.h"
#include "store/setting.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 15 * 60 * 1000, RUNNING_MOST = 1000 };

struct experiments {
    struct service  *service;
    pthread_rwlock_t lock;              /* guards what is in force */
    struct arena    *arena;
    struct design  **designs;           /* [n] that run, the earliest first */
    struct experiment_record *records;  /* [n] */
    size_t           n;
    struct alarm    *look;
    pthread_t        thread;
    pthread_mutex_t  mutex;             /* guards what follows */
    pthread_cond_t   changed;
    bool             is_running, is_stopping, is_look_due;
};

/* ---- what is in force ---- */

static bool read_running(struct store *store, struct arena *arena, struct design ***ret_designs,
                         struct experiment_record **ret_records, size_t *ret_n, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, RUNNING_MOST);
    struct sql_experiment_all row;
    enum step step;
    size_t n = 0;
    if (!sql_experiment_all(store, &row, err)) return false;
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        if (row.stopped_ms.kind == VALUE_NULL && n < RUNNING_MOST) names[n++] = arena_copy(arena, row.name.at);
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_designs = ARENA_ARRAY(arena, struct design *, n + 1);
    *ret_records = ARENA_ARRAY(arena, struct experiment_record, n + 1);
    for (size_t i = 0; i < n; i++) {        /* they come with the newest first */
        const struct yaml_node *root;
        (*ret_designs)[i] = ARENA_NEW(arena, struct design);
        if (!experiment_find(store, names[n - 1 - i], arena, (*ret_designs)[i], &(*ret_records)[i], &root, err))
            return false;
    }
    *ret_n = n;
    return true;
}

static bool take(struct experiments *e, struct store *store, struct err *err)
{
    struct design **designs;
    struct experiment_record *records;
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *unused = arena;
    size_t n;
    /* Read under the lock, too: of several who reload at a time the last has what was written last. */
    (void)pthread_rwlock_wrlock(&e->lock);
    bool ok = read_running(store, arena, &designs, &records, &n, err);
    if (ok) {
        unused = e->arena;
        e->designs = designs, e->records = records, e->n = n, e->arena = arena;
    }
    (void)pthread_rwlock_unlock(&e->lock);
    arena_free(unused);
    return ok;
}

bool experiments_reload(struct experiments *e, struct err *err)
{
    struct store *store;
    if (!service_read(e->service, &store, err)) return false;
    bool ok = take(e, store, err);
    service_read_done(e->service, store);
    return ok;
}

/* ---- decisions ---- */

static bool knows(const struct design *d, const struct text *actions, size_t n)
{
    for (size_t arm = 0; arm < d->n_arms; arm++)
        for (size_t i = 0; i < n; i++)
            if (text_equal(actions[i], text_of(d->arms[arm]))) return true;
    return false;
}

static struct assigning where_of(const struct experiments *e, struct store *store)
{
    struct service *s = e->service;
    return (struct assigning){ store, s->log, s->identities, { s->holdout_share, s->decision_salt }, s };
}

/* Nothing of it points into what is in force, which may change. */
static void keep_ruling(const struct design *d, const struct assigned_arm *assignment, struct arena *arena,
                        struct ruling *ruling)
{
    const char **arms = ARENA_ARRAY(arena, const char *, d->n_arms);
    double *shares = ARENA_ARRAY(arena, double, d->n_arms);
    for (size_t i = 0; i < d->n_arms; i++) arms[i] = arena_copy(arena, d->arms[i]), shares[i] = d->shares[i];
    ruling->assignment = *assignment;
    ruling->assignment.experiment = arena_copy(arena, d->name);
    ruling->assignment.arm = arms[assignment->assigned.arm];
    ruling->policy =
        policy_experiment_of(ruling->assignment.experiment, arms, shares, d->n_arms, assignment->assigned.arm);
    ruling->is_ruled = true;
}

bool experiments_rule(struct experiments *e, const char *customer, const struct text *actions, size_t n,
                      int64_t at_ms, struct arena *arena, struct ruling *ret_ruling, struct err *err)
{
    struct store *store = NULL;
    bool ok = true;
    ret_ruling->is_ruled = false;
    (void)pthread_rwlock_rdlock(&e->lock);
    for (size_t i = 0; ok && i < e->n && !ret_ruling->is_ruled; i++) {
        struct design *d = e->designs[i];
        struct assigned_arm assignment;
        if (d->exposure != EXPOSED_BY_DECISION || !knows(d, actions, n)) continue;
        ok = store || service_read(e->service, &store, err);
        const struct assigning where = where_of(e, store);
        ok = ok && assignment_make(&where, d, &e->records[i], customer, at_ms, arena, &assignment, err);
        if (ok && assignment.arm) keep_ruling(d, &assignment, arena, ret_ruling);
    }
    (void)pthread_rwlock_unlock(&e->lock);
    service_read_done(e->service, store);
    return ok;
}

/* ---- messages ---- */

static bool expose(struct store *store, const char *name, uint32_t identity, int64_t at_ms, struct arena *arena,
                   struct err *err)
{
    struct sql_assignment_of row = { 0 };
    if (!sql_assignment_of(store, text_of(name), identity, &row, err)) return false;
    enum step step = sql_assignment_of_step(&row, err);
    const char *arm = step == STEP_ROW && row.at <= at_ms ? arena_copy(arena, row.arm.at) : NULL;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    return !arm || sql_exposure_put(store, text_of(name), identity, text_of(arm), at_ms, text_of("message"), err);
}

bool experiments_message(struct experiments *e, struct store *store, uint32_t identity, int64_t at_ms,
                         struct err *err)
{
    uint32_t members[IDENTITY_MEMBERS_MOST];
    size_t n = 0;
    bool ok = true;
    (void)pthread_rwlock_rdlock(&e->lock);
    for (size_t i = 0; ok && i < e->n; i++) {
        if (e->designs[i]->exposure != EXPOSED_BY_MESSAGE) continue;
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        if (n == 0)
            n = identities_members_at(e->service->identities, identity, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
        for (size_t k = 0; ok && k < n; k++)
            ok = expose(store, e->designs[i]->name, members[k], at_ms, arena, err);
        arena_free(arena);
    }
    (void)pthread_rwlock_unlock(&e->lock);
    return ok;
}

/* ---- what it showed ---- */

/* Costs of the experiment's own file, else those of the settings. */
static bool read_costs(const struct experiments *e, struct store *store, const struct yaml_node *root,
                       struct arena *arena, struct costs *ret_costs, struct err *err)
{
    struct settings settings = { NULL, root };
    if (!yaml_find(root, "costs") &&
        !setting_file(store, e->service->options.settings_path, arena, &settings, err))
        return false;
    return costs_read(&settings, NULL, arena, ret_costs, err);
}

/* Names and links of one's own, since those of the service change meanwhile. */
struct view {
    struct assigning  where;
    struct log       *log;
    struct identities *identities;
    struct design    *design;
    struct experiment_record record;
    struct costs      costs;
    struct measuring_options options;
};

static bool view_open(struct view *v, const struct experiments *e, struct store *store, const char *name,
                      struct arena *arena, struct err *err)
{
    const struct yaml_node *root;
    *v = (struct view){ .design = ARENA_NEW(arena, struct design) };
    if (!experiment_find(store, name, arena, v->design, &v->record, &root, err) ||
        !read_costs(e, store, root, arena, &v->costs, err) || !log_open(store, &v->log, err) ||
        !identities_open(store, v->log, &v->identities, err))
        return false;
    v->where = (struct assigning){ .store = store, .log = v->log, .identities = v->identities,
                                   .holdout = { e->service->holdout_share, e->service->decision_salt } };
    v->options = (struct measuring_options){ .as_of_ms = clock_now_ms(&e->service->options.clock),
                                             .costs = &v->costs, .alpha = .05, .tuning = 5000,
                                             .correction = CORRECTION_HOLM, .seed = e->service->options.seed };
    return true;
}

static void view_close(struct view *v)
{
    identities_close(v->identities);
    log_close(v->log);
}

bool experiments_measure(struct experiments *e, struct store *store, const char *name, struct arena *arena,
                         json_t **ret_json, struct err *err)
{
    struct view v;
    bool ok = view_open(&v, e, store, name, arena, err) &&
              measuring_run(&v.where, v.design, &v.record, &v.options, arena, ret_json, err);
    view_close(&v);
    return ok;
}

const char *experiments_goal(struct service *service, struct arena *arena)
{
    const char *goal = NULL;
    size_t model;
    (void)pthread_rwlock_rdlock(&service->lock);
    if (live_model_of(service->live, "churn", &model)) goal = live_model(service->live, model)->question.goal;
    for (size_t i = 0; !goal && i < live_n_models(service->live); i++)
        goal = live_model(service->live, i)->question.goal;
    goal = arena_copy(arena, goal ? goal : "order");
    (void)pthread_rwlock_unlock(&service->lock);
    return goal;
}

static bool add_earned(struct experiments *e, struct store *store, const char *name, struct arena *arena,
                       json_t *campaigns, struct err *err)
{
    struct view v;
    bool ok = view_open(&v, e, store, name, arena, err) &&
              earning_add(&v.where, v.design, experiments_goal(e->service, arena), &v.options, arena, campaigns, err);
    view_close(&v);
    if (ok || err->code != ERR_REFUSED) return ok;
    json_array_append_new(campaigns, json_pack("{s:s, s:s}", "campaign", name, "refusal", err->text));
    return true;
}

bool experiments_earned(struct experiments *e, struct store *store, struct arena *arena, json_t **ret_campaigns,
                        struct err *err)
{
    json_t *list, *row, *campaigns = json_array();
    size_t i;
    bool ok = experiments_json(store, clock_now_ms(&e->service->options.clock), &list, err);
    if (!ok) list = NULL;
    json_array_foreach(list, i, row)
        if (ok && json_integer_value(json_object_get(row, "exposed")) > 0)
            ok = add_earned(e, store, json_string_value(json_object_get(row, "name")), arena, campaigns, err);
    json_decref(list);
    if (ok) *ret_campaigns = campaigns;
    else json_decref(campaigns);
    return ok;
}

/* ---- guardrails ---- */

struct stopping { const char *name; int64_t now_ms; };

static bool stop(struct store *store, void *context, struct err *err)
{
    const struct stopping *s = context;
    return sql_experiment_stop(store, text_of(s->name), value_int(s->now_ms), err) &&
           audit_put(store, s->now_ms, "guardrail", "experiment stop", 0, err);
}

/* Of one experiment; what cannot be measured yet is looked at next time. */
static void look_at(struct experiments *e, const char *name, struct arena *arena)
{
    struct err err;
    struct store *store;
    struct view v;
    bool is_to_stop = false;
    const char *sentence;
    if (!service_read(e->service, &store, &err)) return;
    bool ok = view_open(&v, e, store, name, arena, &err) &&
              measuring_guard(&v.where, v.design, &v.options, arena, &is_to_stop, &sentence, &err);
    view_close(&v);
    service_read_done(e->service, store);
    struct stopping s = { name, clock_now_ms(&e->service->options.clock) };
    if (!ok || !is_to_stop || !ingest_run(e->service->ingest, stop, &s, &err) || !experiments_reload(e, &err))
        return;
    json_t *said = json_pack("{s:s, s:s}", "experiment", name, "sentence", sentence);
    char *line = json_dumps(said, JSON_COMPACT);
    stream_put(e->service->stream, "experiment", text_of(line));
    free(line);
    json_decref(said);
}

static void look_around(struct experiments *e)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    (void)pthread_rwlock_rdlock(&e->lock);
    const char **names = ARENA_ARRAY(arena, const char *, e->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        if (e->designs[i]->n_guardrails > 0) names[n++] = arena_copy(arena, e->designs[i]->name);
    (void)pthread_rwlock_unlock(&e->lock);
    for (size_t i = 0; i < n; i++) look_at(e, names[i], arena);
    arena_free(arena);
}

static void *work(void *context)
{
    struct experiments *e = context;
    parallel_give_way();
    (void)pthread_mutex_lock(&e->mutex);
    while (!e->is_stopping) {
        if (!e->is_look_due) {
            (void)pthread_cond_wait(&e->changed, &e->mutex);
            continue;
        }
        e->is_look_due = false;
        (void)pthread_mutex_unlock(&e->mutex);
        look_around(e);
        alarm_set(e->look, clock_now_ms(&e->service->options.clock) + LOOK_EVERY_MS);
        (void)pthread_mutex_lock(&e->mutex);
    }
    (void)pthread_mutex_unlock(&e->mutex);
    return NULL;
}

static void look(void *context)
{
    struct experiments *e = context;
    (void)pthread_mutex_lock(&e->mutex);
    e->is_look_due = true;
    (void)pthread_cond_signal(&e->changed);
    (void)pthread_mutex_unlock(&e->mutex);
}

/* ---- opening and closing ---- */

bool experiments_open(struct service *service, struct experiments **ret_experiments, struct err *err)
{
    struct experiments *e = memory_new(1, sizeof *e);
    e->service = service;
    (void)pthread_rwlock_init(&e->lock, NULL);
    (void)pthread_mutex_init(&e->mutex, NULL);
    (void)pthread_cond_init(&e->changed, NULL);
    if (!take(e, service->store, err)) {
        experiments_close(e);
        return false;
    }
    *ret_experiments = e;
    return true;
}

bool experiments_start(struct experiments *e, struct err *err)
{
    e->look = alarm_new(e->service->scheduler, "guardrails", look, e);
    if (pthread_create(&e->thread, NULL, work, e) != 0)
        return err_set(err, ERR_IO, "the thread that looks after experiments cannot be started");
    e->is_running = true;
    alarm_set(e->look, clock_now_ms(&e->service->options.clock) + LOOK_EVERY_MS);
    return true;
}

void experiments_stop(struct experiments *e)
{
    if (!e || !e->is_running) return;
    (void)pthread_mutex_lock(&e->mutex);
    e->is_stopping = true;
    (void)pthread_cond_signal(&e->changed);
    (void)pthread_mutex_unlock(&e->mutex);
    (void)pthread_join(e->thread, NULL);
    e->is_running = false;
}

void experiments_close(struct experiments *e)
{
    if (!e) return;
    experiments_stop(e);
    alarm_free(e->look);
    arena_free(e->arena);
    (void)pthread_cond_destroy(&e->changed);
    (void)pthread_mutex_destroy(&e->mutex);
    (void)pthread_rwlock_destroy(&e->lock);
    free(e);
}
