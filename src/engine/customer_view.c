/* customer_view.c - see customer_view.h. */
#include "engine/customer_view.h"

#include "decide/reach.h"
#include "learn/evidence.h"
#include "learn/explanation.h"
#include "engine/learning.h"
#include "live/live.h"
#include "live/membership.h"
#include "model/groups.h"
#include "engine/service.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_OF_MOST = 256 };

struct view {
    struct service *service;
    uint32_t        customer;
    uint32_t        members[IDENTITY_MEMBERS_MOST];
    size_t          n_members;
    const struct customer_view_options *options;
    struct arena   *arena;
    const char     *without_model;      /* a sentence for who asks why there is no score */
    json_t         *out;
};

static json_t *text_json(struct text text) { return json_stringn(text.at, text.length); }

static const char *const kind_words[] = { "user", "anonymous", "email" };

/* The next functions want the lock held for reading. */

static json_t *identities_json(const struct view *view)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->n_members; i++) {
        struct text name = log_name(view->service->log, DICTIONARY_IDENTITY, view->members[i]);
        json_array_append_new(out, json_pack("{s:o, s:s}", "id", text_json(name), "kind",
                                             kind_words[identity_kind_of(name)]));
    }
    return out;
}

static json_t *traits_json(const struct view *view)
{
    struct live_trait *traits;
    size_t n = live_traits(view->service->live, view->customer, view->arena, &traits);
    json_t *out = json_object();
    for (size_t i = 0; i < n; i++)
        json_object_set_new(out, live_trait_name(view->service->live, traits[i].name),
                            isnan(traits[i].number) ? text_json(traits[i].text) : json_real(traits[i].number));
    return out;
}

static bool is_suppressed(const struct view *view)
{
    struct text name = log_name(view->service->log, DICTIONARY_IDENTITY, view->customer);
    const struct reach_facts facts = { .heard = consents_check(view->service->consents, name) };
    return reach_rule_of(&facts) != REACH_OPEN;
}

static json_t *features_json(const struct feature_set *set, const float *row)
{
    json_t *out = json_array();
    char sentence[512];
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const struct feature *feature = feature_at(set, i);
        if (!feature_sentence(set, i, row, sentence, sizeof sentence)) sentence[0] = 0;
        json_array_append_new(out, json_pack("{s:s, s:o, s:s, s:s, s:o}", "name", feature->name, "value",
                                             number_json((double)row[i]), "unit", feature->unit, "meaning",
                                             feature->meaning, "sentence",
                                             *sentence ? json_string(sentence) : json_null()));
    }
    return out;
}

static json_t *instant_json(int64_t ms) { return ms ? json_integer(ms) : json_null(); }

/* Why there is no score, and what to do about it: said where there is no model.  Not under the lock. */
static const char *why_no_model(struct service *service, struct arena *arena)
{
    struct learning_status status = learning_status(service->learning);
    if (status.state != LEARNING_IDLE) return "no score yet: a model is being trained";
    if (status.last.code != ERR_NONE)
        return arena_format(arena, "no score yet, because no model could be trained: %s; it is tried again as history "
                            "grows, and what you have of it comes in with holdfast import FILE --db DATABASE while the "
                            "server is stopped", status.last.text);
    return "no score yet, because no model is trained: that follows by itself once there is enough history; what you "
           "have of it comes in with holdfast import FILE --db DATABASE while the server is stopped";
}

/* The answer to a model's question as of an instant, with its reasons. */
static json_t *answer_json(const struct view *view, size_t model, const float *row, int64_t as_of_ms)
{
    const struct live *live = view->service->live;
    const struct trained *trained = live_model(live, model);
    float *own = ARENA_ARRAY(view->arena, float, feature_set_size(trained->set) + 1);
    live_own_row(live, model, row, own);
    struct explanation e = explanation_of(trained, own, view->arena);
    return json_pack("{s:f, s:I, s:s, s:f, s:s, s:I, s:o}", "value", e.prediction, "scored_ms",
                     (json_int_t)as_of_ms, "kind", question_kind_word(trained->question.kind),
                     "base_rate", trained->base_rate, "model", predictor_name(trained->predictor), "trained_ms",
                     (json_int_t)trained->as_of_ms, "reasons",
                     reasons_json(e.reasons, e.n_reasons));
}

/* A row of the instant of an answer that stays although the question does not ask this customer any more; false: none
 * does. */
static bool standing_row(const struct live *live, size_t model, uint32_t customer, float *ret_row, int64_t *ret_ms)
{
    if (!live_answer_stays(live, model, customer, (double)NAN)) return false;
    *ret_ms = live_score(live, model, customer).scored_ms;
    return live_row(live, customer, *ret_ms, ret_row);
}

/* Null where it is not asked. */
static json_t *any_answer_json(const struct view *view, size_t model, const float *row)
{
    const struct live *live = view->service->live;
    int64_t as_of_ms = live_instant_ms(live, view->customer, view->options->as_of_ms);
    if (!row) return json_null();
    if (live_is_asked(live, model, row)) return answer_json(view, model, row, as_of_ms);
    float *then = ARENA_ARRAY(view->arena, float, feature_set_size(live_set(live)));
    return standing_row(live, model, view->customer, then, &as_of_ms) ? answer_json(view, model, then, as_of_ms)
                                                                      : json_null();
}

/* What the customer is worth, as segments and lists use it, and the answer to every question that has a model. */
static void add_scores(const struct view *view, const float *row)
{
    struct live *live = view->service->live;
    struct live_value value = live_value(live, view->customer);
    size_t n_models = live_n_models(live);
    json_t *scores = json_pack("{s:{s:o, s:o}, s:{s:o, s:o}}", "value_12m_cents", "value",
                               number_json(round(value.value_cents)), "scored_ms", instant_json(value.valued_ms),
                               "p_alive", "value", number_json(value.p_alive), "scored_ms",
                               instant_json(value.valued_ms));
    json_t *reasons = NULL;
    for (size_t m = 0; m < n_models; m++) {
        json_t *answer = any_answer_json(view, m, row);
        if (m == live_main_model(live)) reasons = json_incref(json_object_get(answer, "reasons"));
        json_object_set_new(scores, live_model(live, m)->question.name, answer);
    }
    json_object_set_new(view->out, "scores", scores);
    json_object_set_new(view->out, "rfm_group", *value.rfm_group ? json_string(value.rfm_group) : json_null());
    const char *rule = rfm_rule_named(value.rfm_group), *definition = stage_definition_named(value.stage);
    json_object_set_new(view->out, "rfm_rule", rule ? json_string(rule) : json_null());
    json_object_set_new(view->out, "stage_rule", definition ? json_string(definition) : json_null());
    json_object_set_new(view->out, "cluster", *value.cluster ? json_string(value.cluster) : json_null());
    json_object_set_new(view->out, "stage", *value.stage ? json_string(value.stage) : json_null());
    if (!reasons)
        json_object_set_new(view->out, "missing",
                            json_string(n_models ? "the model's question is not asked of this customer: no goal "
                                                   "event of late, or has left since"
                                                 : view->without_model));
    json_object_set_new(view->out, "reasons", reasons ? reasons : json_array());
}

static void add_memory(const struct view *view)
{
    struct live *live = view->service->live;
    const struct feature_set *set = live_set(live);
    int64_t last_ms;
    float *row = set ? ARENA_ARRAY(view->arena, float, feature_set_size(set)) : NULL;
    if (row && !live_row(live, view->customer, view->options->as_of_ms, row)) row = NULL;
    json_object_set_new(view->out, "customer",
                        text_json(log_name(view->service->log, DICTIONARY_IDENTITY, view->customer)));
    json_object_set_new(view->out, "as_of_ms",
                        json_integer(live_instant_ms(live, view->customer, view->options->as_of_ms)));
    json_object_set_new(view->out, "last_known_ms",
                        live_known(live, view->customer, &last_ms) ? json_integer(last_ms) : json_null());
    json_object_set_new(view->out, "identities", identities_json(view));
    json_object_set_new(view->out, "is_suppressed", json_boolean(is_suppressed(view)));
    json_object_set_new(view->out, "traits", traits_json(view));
    add_scores(view, row);
    if (view->options->n_features > 0)
        json_object_set_new(view->out, "features", row ? features_json(set, row) : json_null());
}

/* ---- the timeline ---- */

struct moment { const struct events *events; size_t index; };

struct timeline { struct moment *latest; size_t n, room; };

/* Newest last by time, as a heap would be for more than the handful that a person looks at. */
static void timeline_add(struct timeline *timeline, struct moment moment)
{
    int64_t time_ms = moment.events->time_ms[moment.index];
    size_t at = timeline->n;
    while (at > 0 && timeline->latest[at - 1].events->time_ms[timeline->latest[at - 1].index] > time_ms) at--;
    if (timeline->n < timeline->room) {
        memmove(timeline->latest + at + 1, timeline->latest + at, (timeline->n - at) * sizeof moment);
        timeline->latest[at] = moment;
        timeline->n++;
    } else if (at > 0) {
        memmove(timeline->latest, timeline->latest + 1, (at - 1) * sizeof moment);
        timeline->latest[at - 1] = moment;
    }
}

static json_t *moment_json(struct service *service, struct moment moment)
{
    const struct events *e = moment.events;
    const struct log *log = service->log;
    size_t i = moment.index, from = i ? e->properties_end[i - 1] : 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    json_t *out =
        json_pack("{s:I, s:I, s:o, s:o}", "time_ms", (json_int_t)e->time_ms[i], "received_ms",
                  (json_int_t)e->received_ms[i], "kind", text_json(log_name(log, DICTIONARY_KIND, e->kind[i])),
                  "identity", text_json(log_name(log, DICTIONARY_IDENTITY, e->identity[i])));
    if (e->item[i]) json_object_set_new(out, "item", text_json(log_name(log, DICTIONARY_ITEM, e->item[i])));
    (void)pthread_rwlock_unlock(&service->lock);
    if (e->amount_cents[i]) json_object_set_new(out, "amount_cents", json_integer(e->amount_cents[i]));
    if (e->quantity_milli[i]) json_object_set_new(out, "quantity", json_real((double)e->quantity_milli[i] / 1000));
    json_t *properties = json_loadb(e->properties_bytes + from, e->properties_end[i] - from, 0, NULL);
    if (properties) json_object_set_new(out, "properties", properties);
    return out;
}

/* Without the lock, which the reader takes for what it needs of the names. */
static bool gather(struct log_reader *reader, const struct view *view, int64_t before_ms, struct arena *scratch,
                   struct timeline *timeline, struct err *err)
{
    struct events *events = ARENA_NEW(scratch, struct events);
    if (!log_read_identities(reader, view->members, view->n_members,
                             LOG_ALL & ~(unsigned)(LOG_MESSAGE | LOG_SOURCE), scratch, events, err))
        return false;
    for (size_t i = 0; i < events->n; i++)
        if (events->time_ms[i] < before_ms) timeline_add(timeline, (struct moment){ events, i });
    return true;
}

static bool timeline_through(struct service *service, struct store *store, const struct view *view,
                             int64_t before_ms, size_t n, struct arena *arena, json_t **ret_json, struct err *err)
{
    struct log_reader *reader;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct timeline timeline = { ARENA_ARRAY(arena, struct moment, n + 1), 0, n };
    bool ok = log_reader_open_through(service->log, store, &reader, err);
    if (ok) {
        log_reader_share_names(reader, &service->lock);
        ok = gather(reader, view, before_ms, scratch, &timeline, err);
        json_t *out = ok ? json_array() : NULL;
        for (size_t i = timeline.n; ok && i-- > 0; )
            json_array_append_new(out, moment_json(service, timeline.latest[i]));
        log_reader_close(reader);
        if (ok) *ret_json = out;
    }
    arena_free(scratch);
    return ok;
}

/* These read the store, without the lock. */

static bool add_personal(const struct view *view, struct store *store, struct err *err)
{
    struct text text;
    if (!profiles_get(view->service->profiles, store, view->members, view->n_members, view->arena, &text, err))
        return false;
    json_t *personal = json_loadb(text.at, text.length, 0, NULL);
    if (!view->options->has_personal) {
        const char *name;
        json_t *value;
        json_object_foreach(personal, name, value) json_object_set_new(personal, name, json_string("(hidden)"));
    }
    json_object_set_new(view->out, "personal", personal ? personal : json_object());
    return true;
}

static bool add_consent(const struct view *view, struct store *store, struct err *err)
{
    struct text text;
    (void)pthread_rwlock_rdlock(&view->service->lock);      /* it reads names */
    bool ok =
        consents_get(view->service->consents, store, view->members, view->n_members, view->arena, &text, err);
    (void)pthread_rwlock_unlock(&view->service->lock);
    if (!ok) return false;
    json_t *consent = json_loadb(text.at, text.length, 0, NULL);
    json_object_set_new(view->out, "consent", consent ? consent : json_object());
    return true;
}

static bool add_decisions(const struct view *view, struct store *store, struct err *err)
{
    json_t *out = json_array();
    json_object_set_new(view->out, "decisions", out);
    for (size_t i = 0; i < view->n_members; i++) {
        struct sql_decisions_of row;
        if (!sql_decisions_of(store, view->members[i], (int64_t)view->options->n_decisions, &row, err))
            return false;
        enum step step;
        while ((step = sql_decisions_of_step(&row, err)) == STEP_ROW)
            json_array_append_new(
                out, json_pack("{s:s, s:I, s:s, s:s, s:f, s:s, s:s?}", "decision_id", row.id.at, "at_ms",
                               (json_int_t)row.at_ms, "placement", row.placement.at, "action", row.action.at,
                               "propensity", row.propensity, "policy", row.policy.at, "rule",
                               row.rule.kind == VALUE_TEXT ? value_as_text(row.rule) : NULL));
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    return true;
}

static void add_segments(const struct view *view)
{
    struct segment_since of[SEGMENTS_OF_MOST];
    struct segment *all;
    json_t *out = json_array();
    size_t n = memberships_of(view->service->memberships, view->customer, of, SEGMENTS_OF_MOST);
    size_t n_all = memberships_list(view->service->memberships, view->arena, &all);
    for (size_t i = 0; i < n; i++)
        for (size_t s = 0; s < n_all; s++)
            if (all[s].id == of[i].segment)
                json_array_append_new(out, json_pack("{s:I, s:s, s:I}", "id", (json_int_t)all[s].id, "name",
                                                     all[s].name, "since_ms", (json_int_t)of[i].since_ms));
    json_object_set_new(view->out, "segments", out);
}

static struct view view_of(struct service *service, uint32_t customer, const struct customer_view_options *options,
                           struct arena *arena)
{
    struct view view = { .service = service, .customer = customer, .options = options, .arena = arena,
                         .without_model = why_no_model(service, arena) };
    (void)pthread_rwlock_rdlock(&service->lock);
    view.n_members =
        identities_members_at(service->identities, customer, INT64_MAX, view.members, IDENTITY_MEMBERS_MOST);
    (void)pthread_rwlock_unlock(&service->lock);
    return view;
}

bool customer_view(struct service *service, uint32_t customer, const struct customer_view_options *options,
                   struct arena *arena, json_t **ret_json, struct err *err)
{
    struct store *store;
    struct view view = view_of(service, customer, options, arena);
    json_t *timeline = NULL;
    if (!service_read(service, &store, err)) return false;
    view.out = json_object();
    (void)pthread_rwlock_rdlock(&service->lock);
    add_memory(&view);
    (void)pthread_rwlock_unlock(&service->lock);
    add_segments(&view);
    bool ok = add_personal(&view, store, err) && add_consent(&view, store, err) &&
              add_decisions(&view, store, err) &&
              (options->n_timeline == 0 ||
               timeline_through(service, store, &view, INT64_MAX, options->n_timeline, arena, &timeline, err));
    service_read_done(service, store);
    if (ok && timeline) json_object_set_new(view.out, "timeline", timeline);
    if (ok) *ret_json = view.out;
    else json_decref(view.out);
    return ok;
}

/* The number of the model to ask: of the question, or with NULL of the main one.  The lock is held. */
static bool find_model(const struct live *live, const char *question, const char *without_model, size_t *ret_model,
                       struct err *err)
{
    *ret_model = live_main_model(live);
    if (live_n_models(live) == 0) return err_set(err, ERR_REFUSED, "%s", without_model);
    return !question || live_model_of(live, question, ret_model) ||
           err_set(err, ERR_MISSING, "no model of the question '%s' is trained; GET /v1/models lists them", question);
}

bool customer_explain(struct service *service, uint32_t customer, const char *question, int64_t as_of_ms,
                      struct arena *arena, json_t **ret_json, struct err *err)
{
    size_t model;
    const char *without_model = why_no_model(service, arena);
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct feature_set *set = live_set(service->live);
    float *row = set ? ARENA_ARRAY(arena, float, feature_set_size(set)) : NULL;
    bool ok = (row && live_row(service->live, customer, as_of_ms, row)) ||
              err_set(err, ERR_REFUSED, "no event of this customer is known yet");
    ok = ok && find_model(service->live, question, without_model, &model, err);
    if (ok) {
        const struct trained *trained = live_model(service->live, model);
        as_of_ms = live_instant_ms(service->live, customer, as_of_ms);
        if (!live_is_asked(service->live, model, row))
            (void)standing_row(service->live, model, customer, row, &as_of_ms);
        float *own = ARENA_ARRAY(arena, float, feature_set_size(trained->set) + 1);
        live_own_row(service->live, model, row, own);
        struct explanation e = explanation_of(trained, own, arena);
        json_t *out = explanation_json(&e);
        json_object_set_new(out, "customer", text_json(log_name(service->log, DICTIONARY_IDENTITY, customer)));
        json_object_set_new(out, "as_of_ms", json_integer(as_of_ms));
        *ret_json = out;
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return ok;
}

bool customer_timeline(struct service *service, uint32_t customer, int64_t before_ms, size_t n,
                       struct arena *arena, json_t **ret_json, struct err *err)
{
    struct store *store;
    struct view view = view_of(service, customer, NULL, arena);
    if (!service_read(service, &store, err)) return false;
    bool ok = timeline_through(service, store, &view, before_ms, n, arena, ret_json, err);
    service_read_done(service, store);
    return ok;
}
