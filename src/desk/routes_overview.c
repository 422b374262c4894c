/* routes_overview.c - how the shop stands and what needs somebody: GET /v1/overview. */
#include "server/route.h"
#include "base/calendar.h"
#include "engine/assigning.h"
#include "engine/journeys.h"
#include "engine/learning.h"
#include "desk/overview_read.h"
#include "engine/question_view.h"
#include "engine/service.h"
#include "hub/outbox.h"
#include "live/live.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { DAYS_USUAL = 30, DAYS_MOST = 3660 };

static json_t *real(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* ---- the numbers ---- */

static void add_kpi(json_t *list, const char *name, const char *unit, const char *meaning,
                    struct overview_amount now, struct overview_amount before)
{
    double change = before.value > 0 ? now.value / before.value - 1 : (double)NAN;
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", name, "unit",
                                    unit, "meaning", meaning, "value", real(now.value), "low", real(now.low),
                                    "high", real(now.high), "before", real(before.value), "before_low",
                                    real(before.low), "before_high", real(before.high), "change", real(change)));
}

static struct overview_amount share_of(double yes, double n)
{
    struct kpi_share share = kpi_share_of(yes, n);
    return (struct overview_amount){ share.value, share.low, share.high };
}

static json_t *kpis_json_of(const struct overview_numbers *numbers)
{
    const struct overview_period *now = &numbers->now, *before = &numbers->before;
    const struct overview_amount unknown = { NAN, NAN, NAN };
    json_t *list = json_array();
    add_kpi(list, "revenue_cents", "cents",
            "what orders of the period brought, net of what went back in it; the interval is what "
            "chance makes of it",
            overview_revenue(now), overview_revenue(before));
    add_kpi(list, "orders", "number", "orders with an amount above zero", overview_count((double)now->n_orders),
            overview_count((double)before->n_orders));
    add_kpi(list, "order_value_cents", "cents", "the mean of these amounts", overview_order_value(now),
            overview_order_value(before));
    add_kpi(list, "buyers", "number", "customers with such an order; linked ids are one",
            overview_count((double)now->n_buyers), overview_count((double)before->n_buyers));
    add_kpi(list, "first_buyers", "number", "of them those whose first it was",
            overview_count((double)now->n_first), overview_count((double)before->n_first));
    add_kpi(list, "came_back_share", "share", "of the buyers of the period before, those who bought in this one",
            share_of((double)numbers->n_stayed, (double)before->n_buyers), unknown);
    return list;
}

static json_t *points_json(const struct overview_numbers *numbers)
{
    json_t *points = json_array();
    for (size_t i = 0; i < numbers->n_points; i++)
        json_array_append_new(points, json_pack("{s:I, s:I, s:I}", "at_ms",
                                                (json_int_t)(numbers->now.from_ms + (int64_t)i * numbers->step_ms),
                                                "revenue_cents", (json_int_t)numbers->now.points[i],
                                                "before_cents", (json_int_t)numbers->before.points[i]));
    return points;
}

static void add_part(json_t *parts, const char *name, const char *meaning, double now, double before, double change)
{
    json_array_append_new(parts, json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", name, "meaning", meaning,
                                           "value_cents", real(now), "before_cents", real(before), "change_cents",
                                           real(change)));
}

static void add_share(json_t *parts, const char *name, const char *meaning, double now, double before)
{
    add_part(parts, name, meaning, now, before, now - before);
}

/* Where the money came from, and what its change came from; each list adds up. */
static json_t *came_from_json(const struct overview_numbers *numbers)
{
    const struct overview_period *now = &numbers->now, *before = &numbers->before;
    struct overview_change change;
    json_t *money = json_array(), *why = json_array();
    add_share(money, "first_buyers", "orders of customers whose first order it was, and what else they bought in it",
              now->first_sum, before->first_sum);
    add_share(money, "known_buyers", "orders of customers who had bought before", now->order_sum - now->first_sum,
              before->order_sum - before->first_sum);
    add_share(money, "went_back", "refunds and other amounts below zero",
              (double)now->revenue_cents - now->order_sum, (double)before->revenue_cents - before->order_sum);
    if (overview_change(now, before, &change)) {
        add_part(why, "buyers", "more or fewer customers bought", (double)NAN, (double)NAN, change.buyers);
        add_part(why, "orders_each", "each of them ordered more or less often", (double)NAN, (double)NAN,
                 change.orders_each);
        add_part(why, "order_value", "the mean order was larger or smaller", (double)NAN, (double)NAN,
                 change.order_value);
        add_part(why, "went_back", "more or less went back", (double)NAN, (double)NAN, change.went_back);
    }
    return json_pack("{s:o, s:o}", "money", money, "change", why);
}

/* What may leave, by the main question where that is about leaving; null elsewhere. */
static bool risk_json(struct request *request, json_t **ret_risk, struct err *err)
{
    struct service *service = request->service;
    struct question_view view = { .headline = NULL };
    (void)pthread_rwlock_rdlock(&service->lock);
    const char *question = live_n_models(service->live) == 0 ? NULL
        : arena_copy(request->arena, live_model(service->live, live_main_model(service->live))->question.name);
    (void)pthread_rwlock_unlock(&service->lock);
    *ret_risk = json_null();
    if (!question) return true;
    if (!question_view(service, question, request->arena, &view, err)) {
        if (err->code != ERR_MISSING) return false;     /* replaced just now */
        return true;
    }
    *ret_risk = json_pack("{s:s, s:s?, s:o}", "question", question, "headline", view.headline, "at_risk",
                          view.at_risk ? view.at_risk : json_null());
    return true;
}

/* ---- what needs somebody ---- */

static void add_need(json_t *needs, const char *kind, const char *name, const char *text)
{
    json_array_append_new(needs, json_pack("{s:s, s:s, s:s}", "kind", kind, "name", name, "text", text));
}

static bool add_stops(struct request *request, struct store *store, json_t *needs, struct err *err)
{
    struct outbox_stop_row *rows;
    size_t n;
    if (!outbox_stops(store, request->arena, &rows, &n, err)) return false;
    for (size_t i = 0; i < n; i++)
        add_need(needs, "stop", rows[i].scope,
                 arena_format(request->arena, "%s was stopped by %s: nothing of it is sent",
                              strcmp(rows[i].scope, "all") == 0 ? "everything" : rows[i].scope, rows[i].who));
    return true;
}

static bool add_stuck(struct request *request, struct store *store, json_t *needs, struct err *err)
{
    struct service *service = request->service;
    size_t i, j;
    json_t *journey, *sentence;
    (void)pthread_rwlock_rdlock(&service->lock);
    json_t *list = journeys_list(store, service->log, clock_now_ms(&service->options.clock), err);
    (void)pthread_rwlock_unlock(&service->lock);
    if (!list) return false;
    json_array_foreach(list, i, journey) {
        const char *name = json_string_value(json_object_get(journey, "journey")),
                   *state = json_string_value(json_object_get(journey, "state"));
        if (state && strcmp(state, "draft") == 0)
            add_need(needs, "draft", name,
                     arena_format(request->arena, "journey %s waits for somebody to approve it", name));
        const char *all = NULL;
        json_array_foreach(json_object_get(journey, "stuck"), j, sentence)
            if (json_is_string(sentence))
                all = arena_format(request->arena, "%s%s%s", all ? all : "", all ? "; " : "", json_string_value(sentence));
        if (all) add_need(needs, "journey", name, arena_format(request->arena, "journey %s: %s", name, all));
    }
    json_decref(list);
    return true;
}

/* Experiments that were stopped within the last week: somebody has to read what they showed. */
static bool add_finished(struct request *request, struct store *store, json_t *needs, struct err *err)
{
    size_t i;
    json_t *list, *one;
    int64_t now_ms = clock_now_ms(&request->service->options.clock);
    if (!experiments_json(store, now_ms, &list, err)) return false;
    json_array_foreach(list, i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        const json_t *stopped = json_object_get(one, "stopped_ms");
        if (json_is_integer(stopped) && json_integer_value(stopped) > now_ms - 7 * MS_PER_DAY)
            add_need(needs, "experiment", name,
                     arena_format(request->arena, "experiment %s is stopped: decide by what it showed", name));
    }
    json_decref(list);
    return true;
}

/* Models that learning, which looks at each once a day, found to be no longer what they were. */
static void add_drift(struct request *request, json_t *needs)
{
    struct learning_status status = learning_status(request->service->learning);
    for (size_t i = 0; i < status.n_decays; i++) {
        const struct learning_decay *one = &status.decays[i];
        add_need(needs, "drift", one->question,
                 arena_format(request->arena, "%s: %s: look at its drift, and let it learn again", one->question,
                              one->is_worse ? "the model tells customers apart worse than when it was made"
                                            : "what the model says of customers has moved since it was made"));
    }
}

static const char *many(int64_t n) { return n == 1 ? "" : "s"; }

static bool add_counts(struct request *request, struct store *store, json_t *needs, struct err *err)
{
    struct { int64_t dead, in_doubt, tasks, requests, due_ms; } count;
    struct arena *arena = request->arena;
    int64_t now_ms = clock_now_ms(&request->service->options.clock);
    if (!sql_needs_count(store, now_ms, &count.dead, &count.in_doubt, &count.tasks, &count.requests, &count.due_ms,
                         err))
        return false;
    if (count.dead > 0)
        add_need(needs, "messages", "dead",
                 arena_format(arena, "%lld message%s could not be sent", (long long)count.dead, many(count.dead)));
    if (count.in_doubt > 0)
        add_need(
            needs, "messages", "unknown",
            count.in_doubt == 1
                ? "of 1 message nobody knows whether it arrived"
                : arena_format(arena, "of %lld messages nobody knows whether they arrived", (long long)count.in_doubt));
    if (count.tasks > 0)
        add_need(needs, "tasks", "",
                 count.tasks == 1
                     ? "1 task waits for somebody to take it"
                     : arena_format(arena, "%lld tasks wait for somebody to take them", (long long)count.tasks));
    if (count.requests > 0) {
        long long days = (long long)((count.due_ms - now_ms) / 86400000);
        add_need(needs, "privacy", "",
                 count.requests == 1
                     ? days < 0 ? "1 request of somebody is open, and overdue"
                                : arena_format(arena, "1 request of somebody is open; it must be done within %lld day%s",
                                               days, many(days))
                 : days < 0 ? arena_format(arena, "%lld requests of people are open, one of them overdue",
                                           (long long)count.requests)
                            : arena_format(
                                  arena, "%lld requests of people are open; the first must be done within %lld day%s",
                                  (long long)count.requests, days, many(days)));
    }
    return true;
}

static void add_sources(struct request *request, const struct overview_numbers *numbers, json_t *needs)
{
    int64_t now_ms = clock_now_ms(&request->service->options.clock);
    for (size_t i = 0; i < numbers->n_sources; i++) {
        const struct overview_source *source = &numbers->sources[i];
        if (!overview_source_stopped(source, now_ms)) continue;
        double hours = (double)(now_ms - source->last_ms) / 3600000, gap = source->usual_gap_ms / 60000;
        add_need(needs, "source", source->name,
                 arena_format(request->arena,
                              "%s has sent nothing for %.0f hours, where %.1f minutes are usual: has its "
                              "client stopped?",
                              source->name, hours, gap));
    }
}

static bool needs_json(struct request *request, const struct overview_numbers *numbers, json_t *needs,
                       struct err *err)
{
    struct store *store;
    add_sources(request, numbers, needs);
    add_drift(request, needs);
    if (!service_read(request->service, &store, err)) return false;
    bool ok = add_stops(request, store, needs, err) && add_stuck(request, store, needs, err) &&
              add_finished(request, store, needs, err) && add_counts(request, store, needs, err);
    service_read_done(request->service, store);
    return ok;
}

static bool currency_of(struct request *request, const char **ret_currency, struct err *err)
{
    struct store *store;
    struct sql_import_latest row;
    *ret_currency = "";
    if (!service_read(request->service, &store, err)) return false;
    bool ok = sql_import_latest(store, &row, err);
    if (ok) {
        enum step step = sql_import_latest_step(&row, err);
        ok = step != STEP_FAIL;
        if (step == STEP_ROW) *ret_currency = arena_copy(request->arena, row.currency.at);
        cursor_close(row.cursor);
    }
    service_read_done(request->service, store);
    return ok;
}

/* ---- the answer ---- */

static bool read_options(struct request *request, struct overview_options *ret_options, const char **ret_field,
                         struct err *err)
{
    struct text against = text_of("period");
    *ret_field = "days";
    if (!request_query_int(request, "days", 1, DAYS_MOST, DAYS_USUAL, &ret_options->days, err)) return false;
    *ret_field = "segment";
    if (!request_query_int(request, "segment", 0, INT64_MAX, 0, &ret_options->segment, err)) return false;
    *ret_field = "against";
    (void)request_query(request, "against", &against);
    ret_options->is_year_before = text_equal(against, text_of("year"));
    return ret_options->is_year_before || text_equal(against, text_of("period")) ||
           err_set(err, ERR_INVALID,
                   "against: expected period (the days just before) or year (the same days a year before)");
}

static enum handling handle_overview(struct request *request, struct reply *reply)
{
    struct err err;
    struct overview_options options;
    struct overview_numbers *numbers = ARENA_NEW(request->arena, struct overview_numbers);
    const char *field = NULL, *currency;
    json_t *risk = NULL, *needs = json_array();
    bool ok = read_options(request, &options, &field, &err);
    if (ok) {
        field = options.segment ? "segment" : NULL;
        ok = overview_read(request->service, &options, numbers, &err);
    }
    if (ok) {
        field = NULL;
        ok = risk_json(request, &risk, &err) && needs_json(request, numbers, needs, &err) &&
             currency_of(request, &currency, &err);
    }
    if (!ok) {
        json_decref(needs);
        json_decref(risk);
        return reply_error(request, reply, &err, field);
    }
    (void)pthread_rwlock_rdlock(&request->service->lock);
    json_int_t n_customers = (json_int_t)live_n_customers(request->service->live);
    (void)pthread_rwlock_unlock(&request->service->lock);
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "as_of_ms",
                              (json_int_t)numbers->as_of_ms, "from_ms", (json_int_t)numbers->now.from_ms,
                              "until_ms", (json_int_t)numbers->now.until_ms,
                              "before_from_ms", (json_int_t)numbers->before.from_ms, "before_until_ms",
                              (json_int_t)numbers->before.until_ms, "days", (json_int_t)options.days, "currency",
                              currency, "customers", n_customers, "step_ms", (json_int_t)numbers->step_ms, "kpis",
                              kpis_json_of(numbers), "points", points_json(numbers), "came_from",
                              came_from_json(numbers), "risk", risk, "needs", needs));
    return HANDLED;
}

static const struct route_field overview_query[] = {
    { "days", "integer", "how long the period is that ends now: 1 to 3660, usually 30", false },
    { "against", "string", "period (the days just before, the usual) or year (the same days a year before)",
      false },
    { "segment", "integer", "only of the customers who are in this segment now", false },
    { 0 },
};
static const struct route_field overview_answer[] = {
    { "as_of_ms", "integer", "now, or where the history ends", true },
    { "from_ms", "integer", "where the period begins", true },
    { "until_ms", "integer", "where it ends: now, or with the last day of a history", true },
    { "before_from_ms", "integer", "where the period begins that it is compared with", true },
    { "before_until_ms", "integer", "where that ends", true },
    { "days", "integer", "how long both are", true },
    { "currency", "string", "of amounts; empty: the data do not say", true },
    { "customers", "integer", "known with events; linked ids are one", true },
    { "step_ms", "integer", "from one point to the next", true },
    { "kpis", "array", "numbers of the period", true },
    { "kpis[].name", "string", "revenue_cents, orders, order_value_cents, buyers, first_buyers, came_back_share",
      true },
    { "kpis[].unit", "string", "cents, number or share", true },
    { "kpis[].meaning", "string", "what is counted", true },
    { "kpis[].value", "number, null", "in the period; null: there is nothing to count it of", true },
    { "kpis[].low", "number, null", "the lower end of its 95 % interval", true },
    { "kpis[].high", "number, null", "the upper end", true },
    { "kpis[].before", "number, null", "in the period that it is compared with", true },
    { "kpis[].before_low", "number, null", "the lower end of its interval", true },
    { "kpis[].before_high", "number, null", "the upper end", true },
    { "kpis[].change", "number, null", "value / before - 1; null: it was not above 0 before", true },
    { "points", "array", "money over the period, step by step", true },
    { "points[].at_ms", "integer", "where the step begins", true },
    { "points[].revenue_cents", "integer", "in it", true },
    { "points[].before_cents", "integer", "in the same step of the period that it is compared with", true },
    { "came_from", "object", "where the revenue came from", true },
    { "came_from.money", "array", "parts that add up to it: first_buyers, known_buyers, went_back", true },
    { "came_from.money[].name", "string", "which", true },
    { "came_from.money[].meaning", "string", "what it is", true },
    { "came_from.money[].value_cents", "number", "in the period", true },
    { "came_from.money[].before_cents", "number", "in the period that it is compared with", true },
    { "came_from.money[].change_cents", "number", "the difference", true },
    { "came_from.change", "array", "what the change of revenue came from; adds up to it; empty: a period has no order",
      true },
    { "came_from.change[].name", "string", "buyers, orders_each, order_value, went_back", true },
    { "came_from.change[].meaning", "string", "what it is", true },
    { "came_from.change[].value_cents", "null", "a factor has no amount of its own", true },
    { "came_from.change[].before_cents", "null", "neither has it here", true },
    { "came_from.change[].change_cents", "number", "what it made of the difference", true },
    { "risk", "object", "what may leave; null: no model is trained", false },
    { "risk.question", "string", "by which question", true },
    { "risk.headline", "string", "the report's first sentence, of the answers as they are now", false },
    { "risk.at_risk", "object", "as GET /v1/models/{question} tells it; null: it is not about leaving", false },
    { "needs", "array", "what waits for somebody", true },
    { "needs[].kind", "string", "source, drift, stop, journey, draft, experiment, messages, tasks or privacy", true },
    { "needs[].name", "string", "which one, where there are several", true },
    { "needs[].text", "string", "in words", true },
    { 0 },
};

const struct route routes_overview[] = {
    { .method = "GET",
      .path = "/v1/overview",
      .needs = ACCESS_VIEW,
      .handle = handle_overview,
      .keeps = ROUTE_KEEPS_TILL_ACT, .is_slow = true,
      .summary = "How the shop did in a period, what may leave, and what needs somebody",
      .details = "Counted anew at most twice a minute.",
      .query = overview_query,
      .answer = overview_answer,
      .answer_example =
          "{\"as_of_ms\": 1790000000000, \"from_ms\": 1787408000000, \"until_ms\": 1790000000000, "
          "\"before_from_ms\": 1784816000000, "
          "\"before_until_ms\": 1787408000000, \"days\": 30, \"currency\": \"EUR\", \"customers\": 4371, "
          "\"step_ms\": 86400000, "
          "\"kpis\": [{\"name\": \"orders\", \"unit\": \"number\", \"meaning\": \"orders with an amount above "
          "zero\", \"value\": "
          "412.0, \"low\": 372.2, \"high\": 451.8, \"before\": 380.0, \"before_low\": 341.8, \"before_high\": "
          "418.2, \"change\": "
          "0.084}], \"points\": [{\"at_ms\": 1787408000000, \"revenue_cents\": 120000, \"before_cents\": "
          "110000}], \"came_from\": {\"money\": [], \"change\": []}, \"risk\": "
          "null, \"needs\": [{\"kind\": \"tasks\", \"name\": \"\", \"text\": \"3 tasks wait for somebody to take "
          "them\"}]}" },
    { 0 },
};
