/* deciding.c - see deciding.h. */
#include "engine/deciding.h"

#include "base/calendar.h"
#include "base/secret.h"
#include "base/zones.h"
#include "decide/holdout.h"
#include "learn/bandits.h"
#include "engine/eligibility.h"
#include "engine/experiments.h"
#include "engine/service.h"
#include "govern/ledger.h"
#include "hub/ingest.h"
#include "hub/stream.h"
#include "learn/evidence.h"
#include "learn/explanation.h"
#include "learn/planned.h"
#include "live/live.h"
#include "live/membership.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_OF_MOST = 256, NONCE_BYTES = 32 };

struct deciding {
    struct service            *service;
    const struct deciding_ask *ask;
    struct arena              *arena;
    struct candidate           candidates[DECISION_MOST_CANDIDATES];
    struct text                actions[DECISION_MOST_CANDIDATES];       /* theirs */
    /* What is known. */
    uint32_t                   customer;
    const char                *name, *window;
    struct reach_facts         facts;
    int64_t                    as_of_ms;        /* the instant of the row */
    float                     *row;             /* NULL: no features */
    double                     value_cents;
    struct explanation         explanation;     /* of the main model, where it asks this customer */
    json_t                    *scores;
    struct ruling              ruling;          /* of an experiment */
    const struct bandit_rule  *bandit;          /* the one at the placement; NULL: none */
    double                     context[1 + BANDIT_CONTEXT_MOST];        /* what the bandit looks at, squeezed */
    json_t                    *context_json;    /* and as it was; NULL: it looks at nothing */
    const struct policy       *policy;          /* of the bandit, or of the plan; NULL: neither has a say */
    uint32_t                   members[IDENTITY_MEMBERS_MOST];
    size_t                     n_members;
    struct text               *names;           /* [n_members] */
    const struct zone         *zone;
    int64_t                    window_days;
    struct decided            *decided;
};

/* ---- who is meant ---- */

/* Of what this customer is meant for by segments.  Errors: ERR_MISSING a segment that there is not. */
static bool find_segments(struct deciding *d, struct err *err)
{
    struct memberships *memberships = d->service->memberships;
    struct segment_since of[SEGMENTS_OF_MOST];
    struct segment *all = NULL;
    size_t n_all = 0, n_of = memberships_of(memberships, d->customer, of, SEGMENTS_OF_MOST);
    for (size_t i = 0; i < d->ask->n_candidates; i++) {
        const char *segment = d->ask->candidates[i].segment;
        d->candidates[i] = (struct candidate){ text_of(d->ask->candidates[i].action), !segment };
        if (!segment) continue;
        if (!all) n_all = memberships_list(memberships, d->arena, &all);
        size_t s = 0;
        while (s < n_all && strcmp(all[s].name, segment) != 0) s++;
        if (s == n_all)
            return err_set(err, ERR_MISSING,
                           "candidate %zu: there is no segment '%s'; GET /v1/segments lists them", i + 1, segment);
        for (size_t k = 0; k < n_of; k++) d->candidates[i].is_eligible |= of[k].segment == all[s].id;
    }
    return true;
}

/* And of that, what the conditions leave. */
static bool find_conditions(struct deciding *d, struct err *err)
{
    const char *conditions[DECISION_MOST_CANDIDATES];
    bool hold[DECISION_MOST_CANDIDATES], has_any = false;
    size_t index, n = d->ask->n_candidates;
    for (size_t i = 0; i < n; i++) {
        conditions[i] = d->ask->candidates[i].condition;
        has_any |= conditions[i] != NULL;
    }
    if (!has_any) return true;
    if (!conditions_hold(d->service, d->customer, d->ask->at_ms, conditions, n, hold, &index, err))
        return err->code == ERR_INVALID ? err_context(err, "candidate %zu", index + 1) : false;
    for (size_t i = 0; i < n; i++) d->candidates[i].is_eligible &= hold[i];
    return true;
}

/* ---- what is known; under the lock ---- */

static void add_scores(struct deciding *d)
{
    struct live *live = d->service->live;
    size_t main = live_main_model(live);
    d->scores =
        json_pack("{s:o}", "value_12m_cents", number_json(round(live_value(live, d->customer).value_cents)));
    for (size_t m = 0; d->row && m < live_n_models(live); m++) {
        const struct trained *trained = live_model(live, m);
        if (!live_is_asked(live, m, d->row)) continue;
        if (m != main) {
            json_object_set_new(d->scores, trained->question.name, number_json(live_predict_of(live, m, d->customer, d->row)));
            continue;
        }
        float *own = ARENA_ARRAY(d->arena, float, feature_set_size(trained->set) + 1);
        live_own_row(live, m, d->row, own);
        d->explanation = explanation_of(trained, own, d->arena);
        json_object_set_new(d->scores, trained->question.name,
                            number_json(live_predict_of(live, m, d->customer, d->row)));
        d->decided->question = arena_copy(d->arena, trained->question.name);
        d->decided->trained_ms = trained->as_of_ms;
        d->decided->features = own, d->decided->n_features = feature_set_size(trained->set);
    }
}

static const struct zone *zone_of(const struct deciding *d)
{
    struct live_trait *traits;
    size_t n = live_traits(d->service->live, d->customer, d->arena, &traits);
    for (size_t i = 0; i < n; i++)
        if (strcmp(live_trait_name(d->service->live, traits[i].name), "timezone") == 0)
            return zones_get(d->service->zones, traits[i].text);
    return zone_utc;
}

/* Windows of n days follow each other without a gap since the first day of 1970, by the customer's calendar. */
static const char *window_of(const struct deciding *d)
{
    char nonce[NONCE_BYTES];
    int64_t n_days = d->window_days;
    if (n_days == 0) {
        secret_token(nonce, sizeof nonce, 16);
        return arena_copy(d->arena, nonce);
    }
    int64_t day = calendar_day_of_ms(zone_local_ms(d->zone, d->ask->at_ms));
    int64_t nth = (day - (day % n_days + n_days) % n_days) / n_days;
    return arena_format(d->arena, "%lldd %lld", (long long)n_days, (long long)nth);
}

/* What a bandit looks at is written down as it was: it learns from it later. */
static void look_at_context(struct deciding *d, const struct feature_set *set)
{
    size_t column;
    d->context[0] = 1;
    for (size_t c = 0; d->bandit && c < d->bandit->n_context; c++) {
        bool is_known = d->row && feature_find(set, d->bandit->context[c], &column);
        double value = is_known ? (double)d->row[column] : (double)NAN;
        if (!d->context_json) d->context_json = json_object();
        d->context[1 + c] = bandit_context(value);
        json_object_set_new(d->context_json, d->bandit->context[c], number_json(value));
    }
}

static void look_at_customer(struct deciding *d)
{
    struct service *service = d->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, d->customer);
    d->name = arena_format(d->arena, "%.*s", (int)name.length, name.at);
    d->facts.heard = consents_check(service->consents, name);
    const struct holdout holdout = { service->holdout_share, service->decision_salt };
    d->facts.is_held_out = holdout_place(&holdout, service->identities, d->customer).is_held_out;
    const struct feature_set *set = live_set(service->live);
    d->as_of_ms = live_instant_ms(service->live, d->customer, d->ask->at_ms);
    if (set) {
        d->row = ARENA_ARRAY(d->arena, float, feature_set_size(set));
        if (!live_row(service->live, d->customer, d->ask->at_ms, d->row)) d->row = NULL;
    }
    add_scores(d);
    look_at_context(d, set);
    d->n_members =
        identities_members_at(service->identities, d->customer, INT64_MAX, d->members, IDENTITY_MEMBERS_MOST);
    d->names = ARENA_ARRAY(d->arena, struct text, d->n_members);
    for (size_t i = 0; i < d->n_members; i++) {
        struct text other = log_name(service->log, DICTIONARY_IDENTITY, d->members[i]);
        d->names[i] = text_of(arena_format(d->arena, "%.*s", (int)other.length, other.at));
    }
    d->zone = zone_of(d);
    d->window = window_of(d);
    (void)pthread_rwlock_unlock(&service->lock);
}

/* What the customer last said on the purpose. */
static bool look_at_purpose(struct deciding *d, struct err *err)
{
    struct service *service = d->service;
    struct store *store;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    if (!d->ask->purpose) return true;
    if (!service_read(service, &store, err)) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = identities_members_at(service->identities, d->customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    bool ok = topic_said(&service->topics, service->consents, store, members, n, text_of(""),
                         text_of(d->ask->purpose), &d->facts.said, err);
    (void)pthread_rwlock_unlock(&service->lock);
    service_read_done(service, store);
    return ok;
}

/* ---- the answer ---- */

static const char *reason_of(const struct deciding *d)
{
    const struct decision *decision = &d->decided->decision;
    if (decision->n_open == 1) return decision->reason;
    if (!d->decided->question) return arena_format(d->arena, "%s (nothing is predicted yet)", decision->reason);
    const struct question *question = &d->explanation.trained->question;
    if (question->kind == QUESTION_SPEND) return decision->reason;
    return arena_format(d->arena, "%s ('%s' is %.0f %%: that says what may come, not what an action changes)",
                        decision->reason, d->decided->question, 100 * d->explanation.prediction);
}

static json_t *alternatives_json(const struct deciding *d)
{
    json_t *out = json_array();
    for (size_t i = 0; i <= d->ask->n_candidates; i++) {
        const struct policy_weight *weight = &d->decided->decision.weights[i];
        bool is_nothing = i == d->ask->n_candidates;
        json_array_append_new(
            out, json_pack("{s:s, s:b, s:f, s:o, s:o, s:o}", "action",
                           is_nothing ? ACTION_NOTHING : d->ask->candidates[i].action, "is_eligible",
                           is_nothing || d->candidates[i].is_eligible, "propensity", weight->probability,
                           "incremental_profit_cents", number_json(weight->profit_cents), "low_cents",
                           number_json(weight->low_cents), "high_cents", number_json(weight->high_cents)));
    }
    return out;
}

static json_t *answer_json(const struct deciding *d)
{
    const struct decision *decision = &d->decided->decision;
    json_t *reasons = reasons_json(d->explanation.reasons, d->explanation.n_reasons);
    const char *window =
        d->window_days ? arena_format(d->arena, "%lldd", (long long)d->window_days) : "0";
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:f, s:s, s:s, s:s?, s:s, s:b, s:s, s:o, s:O, s:o}",
                     "decision_id", decision->id, "customer", d->name, "placement", d->ask->placement, "at_ms",
                     (json_int_t)d->ask->at_ms, "as_of_ms", (json_int_t)d->as_of_ms, "action", d->decided->action,
                     "propensity", decision->propensity, "policy", decision->policy, "policy_version",
                     decision->policy_version, "rule", d->decided->rule, "window", window, "sticky", 0, "reason",
                     reason_of(d), "alternatives", alternatives_json(d), "scores", d->scores, "reasons", reasons);
}

static const char *text_from(json_t *json, struct arena *arena)
{
    char *text = json_dumps(json, JSON_COMPACT);
    const char *copy = arena_copy(arena, text ? text : "{}");
    free(text);
    return copy;
}

/* Who was decided for as a visitor and signs in within the window keeps what they were given. */
static void name_earlier(struct deciding *d, struct decision_request request)
{
    char(*earlier)[DECISION_ID_BYTES] = arena_alloc(d->arena, d->n_members, sizeof *earlier);
    size_t n = 0;
    for (size_t i = 0; i < d->n_members; i++) {
        if (d->members[i] == d->customer) continue;
        request.customer = d->names[i];
        decision_name(&request, earlier[n++]);
    }
    d->decided->earlier = (const char(*)[DECISION_ID_BYTES])earlier, d->decided->n_earlier = n;
}

static void decide(struct deciding *d)
{
    enum reach_rule rule = reach_rule_of(&d->facts);
    const struct decision_request request = {
        .customer = text_of(d->name), .placement = text_of(d->ask->placement), .window = text_of(d->window),
        .candidates = d->candidates, .n_candidates = d->ask->n_candidates, .rule = rule,
        .policy = d->ruling.is_ruled ? &d->ruling.policy.is : d->policy ? d->policy : &policy_pilot,
        .salt = d->service->decision_salt,
    };
    struct decided *decided = d->decided;
    decided->window = d->window_days ? d->window : NULL;
    decided->rule = rule == REACH_OPEN ? NULL : reach_word(rule);
    decided->decision = decision_make(&request, d->arena);
    if (d->window_days) name_earlier(d, request);
    if (d->ruling.is_ruled && rule == REACH_OPEN && decided->decision.n_open > 1) {
        struct assigned_arm *exposed = ARENA_NEW(d->arena, struct assigned_arm);
        *exposed = d->ruling.assignment;
        decided->exposed = exposed;
    }
    size_t action = decided->decision.action;
    decided->action = action == d->ask->n_candidates ? ACTION_NOTHING : d->ask->candidates[action].action;
    json_t *answer = answer_json(d);
    if (d->context_json) json_object_set_new(answer, "context", d->context_json);
    decided->answer = text_from(answer, d->arena);
    json_decref(answer);
    json_decref(d->scores);
}

/* Whether an experiment gives the customer one of the candidates. */
static bool find_experiment(struct deciding *d, struct err *err)
{
    return experiments_rule(d->service->experiments, d->name, d->actions, d->ask->n_candidates, d->ask->at_ms,
                            d->arena, &d->ruling, err);
}

/* The bandit that decides there, if there is one; and how long a decision stands. */
static void find_bandit(struct deciding *d)
{
    d->bandit = bandits_find(d->service->bandits, d->ask->placement, d->actions, d->ask->n_candidates);
    d->window_days = d->ask->window_days >= 0                     ? d->ask->window_days
                     : d->bandit && d->bandit->window_days >= 0 ? d->bandit->window_days
                                                                : 1;
}

/* What the bandit there says of this customer, else the last plan, while it stands. */
static bool find_policy(struct deciding *d, struct err *err)
{
    struct service *service = d->service;
    struct store *store;
    if (d->ruling.is_ruled) return true;
    if (d->bandit)
        return bandits_rule(service->bandits, d->bandit, d->context, d->ask->at_ms, d->arena, &d->policy, err);
    if (!atomic_load(&service->has_plan)) return true;
    int64_t stands_ms = service_instant_ms(service); /* after a history that has ended comes the day that is planned */
    if (!service_read(service, &store, err)) return false;
    bool ok = planned_find(store, d->members, d->n_members, d->actions, d->ask->n_candidates,
                           stands_ms ? stands_ms + MS_PER_DAY : d->ask->at_ms, d->arena, &d->policy, err);
    service_read_done(service, store);
    return ok;
}

bool deciding_make(struct service *service, const struct deciding_ask *ask, struct arena *arena,
                   struct decided *ret_decided, const char **ret_field, struct err *err)
{
    struct decided decided = { .placement = ask->placement, .at_ms = ask->at_ms, .arena = arena };
    struct deciding d = { .service = service, .ask = ask, .arena = arena, .decided = &decided };
    *ret_field = "customer";
    if (!service_customer(service, text_of(ask->customer), &d.customer, err)) return false;
    decided.customer = d.customer;
    for (size_t i = 0; i < ask->n_candidates; i++) d.actions[i] = text_of(ask->candidates[i].action);
    *ret_field = "candidates";
    if (!find_segments(&d, err) || !find_conditions(&d, err)) return false;
    *ret_field = NULL;
    if (!look_at_purpose(&d, err)) return false;
    find_bandit(&d);
    look_at_customer(&d);
    if (!find_experiment(&d, err) || !find_policy(&d, err)) {
        json_decref(d.scores);
        json_decref(d.context_json);
        return false;
    }
    decide(&d);
    *ret_decided = decided;
    return true;
}

/* ---- writing it down ---- */

/* A job may be run again after a group that failed: what stands is found each time. */
static bool find_earlier(struct store *store, struct decided *decided, struct err *err)
{
    struct sql_decision_get row;
    enum step step = STEP_END;
    decided->standing.action = decided->action;
    decided->standing.answer = decided->answer;
    for (size_t i = 0; step == STEP_END && i <= decided->n_earlier; i++) {
        const char *id = i == 0 ? decided->decision.id : decided->earlier[i - 1];
        if (i > 0) cursor_close(row.cursor);
        if (!sql_decision_get(store, text_of(id), &row, err)) return false;
        step = sql_decision_get_step(&row, err);
    }
    decided->standing.is_sticky = step == STEP_ROW;
    if (step == STEP_ROW) {
        json_t *answer = json_loads(row.answer.at, 0, NULL);
        const char *action = json_string_value(json_object_get(answer, "action"));
        json_object_set_new(answer, "sticky", json_true());
        decided->standing.action = arena_copy(decided->arena, action ? action : ACTION_NOTHING);
        decided->standing.answer = text_from(answer, decided->arena);
        json_decref(answer);
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

bool deciding_put(struct store *store, const struct vault *vault, struct decided *decided, struct err *err)
{
    if (!find_earlier(store, decided, err)) return false;
    if (decided->standing.is_sticky) return true;
    bool has_model = decided->question;
    return sql_decision_put(
        store, text_of(decided->decision.id), decided->customer, decided->at_ms, text_of(decided->placement),
        text_of(decided->action), decided->decision.propensity, text_of(decided->decision.policy),
        text_of(decided->answer), value_text(decided->question),
        has_model ? value_int(decided->trained_ms) : value_null(),
        has_model ? value_bytes(decided->features, decided->n_features * sizeof *decided->features) : value_null(),
        value_text(decided->window), value_text(decided->rule), err) &&
           (!decided->exposed || assignment_expose(store, decided->exposed, decided->at_ms, "decision", err)) &&
           ledger_put_decision(store, vault, text_of(decided->decision.id), err);
}

static bool put(struct store *store, void *context, struct err *err)
{
    const struct deciding_job *job = context;
    return deciding_put(store, profiles_vault(job->service->profiles), job->decided, err);
}

static void is_kept(void *context, const struct err *result)
{
    struct deciding_job *job = context;
    if (result->code == ERR_NONE && !job->decided->standing.is_sticky)
        stream_put(job->service->stream, "decision", text_of(job->decided->standing.answer));
    job->done(job->context, result);
}

bool deciding_keep(struct deciding_job *job, struct err *err)
{
    return ingest_run_soon(job->service->ingest, put, job, is_kept, err);
}
