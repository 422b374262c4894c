/* report.c - see report.h. */
#include "learn/report.h"

#include "base/calendar.h"
#include "base/words.h"
#include "decide/pilot.h"
#include "learn/evidence.h"

#include <math.h>
#include <string.h>

enum { ACTIONS_SHOWN = 1000, BANDS = 3 };

struct reporting {
    const struct report_input *in;
    const struct scores       *scores;
    struct arena              *arena;
    double                    *churn;           /* [history.n_customers] the history's order; NaN not asked */
    int64_t                   *value_cents;     /* the same */
    uint32_t                  *asked;           /* [n_asked] identities, by falling expected loss */
    double                     threshold;
    bool                       is_churn;
};

json_t *at_risk_json(const struct at_risk *at_risk)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "customers", (json_int_t)at_risk->customers, "revenue_cents",
                     (json_int_t)at_risk->revenue_cents, "low_cents", (json_int_t)at_risk->low_cents, "high_cents",
                     (json_int_t)at_risk->high_cents);
}

json_t *seconds_json(const struct report_input *in)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "import", number_json(in->import_seconds), "features",
                     number_json(in->features_seconds), "train", number_json(in->train_seconds), "score",
                     number_json(in->score_seconds), "total", number_json(in->total_seconds));
}

static bool has_money(const struct scores *scores)
{
    for (size_t i = 0; i < scores->n; i++)
        if (scores->value_cents[i] > 0) return true;
    return false;
}

const char *report_headline(const struct report_input *in, struct arena *arena)
{
    const struct at_risk *risk = &in->scores->at_risk;
    const char *currency = in->import->currency;
    enum question_kind kind = in->trained->question.kind;
    const char *asked = words_count(arena, (double)in->scores->n_asked);
    if (kind == QUESTION_SPEND)
        return arena_format(arena, "%s customers are expected to spend %s in the next %lld days.", asked,
                            words_money(arena, 100 * in->scores->expected_yes, currency),
                            (long long)in->trained->question.horizon_days);
    if (kind == QUESTION_EVENT)
        return arena_format(arena,
                            "%s of %s customers are expected to have at least one %s in the next %lld days.",
                            words_count(arena, in->scores->expected_yes), asked, in->trained->question.goal,
                            (long long)in->trained->question.horizon_days);
    if (risk->customers == 0) return "No customer has a chance of leaving high enough to be called at risk.";
    const char *customers = words_count(arena, (double)risk->customers);
    if (!has_money(in->scores))
        return arena_format(arena, "%s of %s customers are at risk of leaving.", customers, asked);
    return arena_format(
        arena,
        "%s of %s customers are at risk of leaving, and with them about %s of expected revenue (%s to %s).",
        customers, asked, words_money(arena, (double)risk->revenue_cents, currency),
        words_money(arena, (double)risk->low_cents, currency),
        words_money(arena, (double)risk->high_cents, currency));
}

/* A model that was off on the held-out customers says so beside its numbers. */
static void add_doubt(json_t *sentences, const struct reporting *r)
{
    const double worth_saying = 0.02;
    const json_t *calibration = json_object_get(r->in->trained->evidence, "calibration");
    double predicted = json_number_value(json_object_get(calibration, "predicted"));
    double observed = json_number_value(json_object_get(calibration, "observed"));
    if (!r->is_churn || fabs(predicted - observed) < worth_saying) return;
    json_array_append_new(
        sentences,
        json_sprintf("Among the customers it was judged on, the model expected %s to leave and %s did; take "
                     "its probabilities as too %s by about that much.",
                     words_share(r->arena, predicted), words_share(r->arena, observed),
                     predicted > observed ? "high" : "low"));
}

/* The object with every "lapsed already" and "who was asked" said, so that no number stands alone. */
static json_t *summary_json(const struct reporting *r)
{
    const struct report_input *in = r->in;
    const struct scores *scores = r->scores;
    const struct question *question = &in->trained->question;
    json_t *sentences = json_array(), *at_risk = r->is_churn ? at_risk_json(&scores->at_risk) : json_null();
    if (r->is_churn)
        json_object_set_new(
            at_risk, "share",
            number_json(scores->n_asked ? (double)scores->at_risk.customers / (double)scores->n_asked : 0));
    if (question->kind != QUESTION_TRAIT)
        json_array_append_new(
            sentences,
            json_sprintf("%s of %s customers were active in the last %lld days; only they are asked.",
                         words_count(r->arena, (double)scores->n_asked),
                         words_count(r->arena, (double)scores->n_customers), (long long)question->active_days));
    else if (scores->n_asked < scores->n_customers)
        json_array_append_new(
            sentences,
            json_sprintf("%s of %s customers have %s = %s already; only the others are asked.",
                         words_count(r->arena, (double)(scores->n_customers - scores->n_asked)),
                         words_count(r->arena, (double)scores->n_customers), question->target, question->yes));
    if (r->is_churn)
        json_array_append_new(sentences, json_sprintf("At risk means a predicted chance of leaving of %s or more.",
                                                      words_share(r->arena, r->threshold)));
    if (scores->value_note)
        json_array_append_new(sentences, json_sprintf("A customer's value is %s.", scores->value_note));
    add_doubt(sentences, r);
    if (r->is_churn)
        json_array_append_new(
            sentences,
            json_string("Risk is not response: nothing here says that contacting someone will keep them."));
    return json_pack("{s:s, s:o, s:I, s:I, s:o, s:o, s:o}", "headline", report_headline(in, r->arena),
                     "sentences", sentences, "customers", (json_int_t)scores->n_customers, "asked",
                     (json_int_t)scores->n_asked, "expected_churners",
                     r->is_churn ? number_json(scores->expected_yes) : json_null(), "at_risk", at_risk,
                     "base_rate", number_json(in->trained->base_rate));
}

static void assume(json_t *list, const char *name, const char *label, double value, const char *unit,
                   const char *flag, const char *note)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s}", "name", name, "label", label, "value",
                                          number_json(value), "unit", unit, "flag", flag, "note", note));
}

static json_t *assumptions_json(const struct reporting *r)
{
    const struct score_options *options = r->in->options;
    const struct question *question = &r->in->trained->question;
    json_t *list = json_array();
    assume(list, "margin", "Margin", options->margin, "share", "--margin",
           options->margin == 1 ? "not given: losses are revenue, not profit" : "given; losses are profit");
    if (question->kind == QUESTION_TRAIT) {
        if (options->value_column)
            assume(list, "value_months",
                   arena_format(r->arena, "Months of %s a customer is worth", options->value_column),
                   options->value_months, "months", "--value-months",
                   "how long a customer who stays is counted for");
        return list;
    }
    assume(list, "horizon_days", "Horizon of the question", (double)question->horizon_days, "days", "--horizon",
           question->why ? question->why : "");
    assume(list, "active_days", "Asked if active within", (double)question->active_days, "days", "--active",
           "customers silent for longer count as gone already");
    assume(list, "value_horizon_days", "Horizon of value", (double)options->value_horizon_days, "days",
           "--value-horizon", "how far ahead a customer's spend is counted");
    assume(list, "discount_yearly", "Discount rate", options->discount_yearly, "share", "--discount",
           "a year; money later is worth less");
    return list;
}

static int band_of(double value, double first, double second)
{
    return value >= second ? 2 : value >= first ? 1 : 0;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static json_t *risk_value_json(const struct reporting *r)
{
    const struct scores *scores = r->scores;
    size_t n = scores->n_asked;
    if (!r->is_churn || n < BANDS) return json_null();
    double *values = ARENA_ARRAY(r->arena, double, n), split[2];
    for (size_t i = 0; i < n; i++) values[i] = scores->value_cents[r->asked[i]];
    qsort(values, n, sizeof *values, by_size);
    split[0] = values[n / 3], split[1] = values[2 * n / 3];
    if (split[0] == split[1]) return json_null();       /* no money, or too few different values to band */

    int64_t customers[BANDS][BANDS] = { 0 }, loss_cents[BANDS][BANDS] = { 0 };
    for (size_t i = 0; i < n; i++) {
        uint32_t identity = r->asked[i];
        int risk = band_of(scores->prediction[identity], r->threshold / 2, r->threshold);
        int value = band_of(scores->value_cents[identity], split[0], split[1]);
        customers[risk][value]++;
        loss_cents[risk][value] += scores->expected_loss_cents[identity];
    }
    json_t *cells = json_array();
    for (int risk = 0; risk < BANDS; risk++)
        for (int value = 0; value < BANDS; value++)
            json_array_append_new(cells, json_pack("{s:i, s:i, s:I, s:I}", "risk", risk, "value", value,
                                                   "customers", (json_int_t)customers[risk][value],
                                                   "expected_loss_cents", (json_int_t)loss_cents[risk][value]));
    const char *currency = r->in->import->currency;
    const char *sentence = arena_format(
        r->arena,
        "%s customers combine high risk with high value; %s is what they are expected to take with them. Risk "
        "is high from %s on; "
        "value is low below %s and high from %s on (thirds of the customers asked).",
        words_count(r->arena, (double)customers[2][2]),
        words_money(r->arena, (double)loss_cents[2][2], currency), words_share(r->arena, r->threshold),
        words_money(r->arena, split[0], currency), words_money(r->arena, split[1], currency));
    return json_pack("{s:s, s:[s, s, s], s:[s, s, s], s:o}", "sentence", sentence, "risk_bands", "low",
                     "medium", "high", "value_bands", "low", "medium", "high", "cells", cells);
}

static json_t *action_json(const struct reporting *r, uint32_t identity)
{
    const struct scores *scores = r->scores;
    struct text name = log_name(r->in->log, DICTIONARY_IDENTITY, identity);
    char day[11] = "";
    if (scores->last_goal_day[identity] != INT32_MIN) calendar_format_day(scores->last_goal_day[identity], day);
    json_t *reasons = json_array();
    for (size_t i = 0; i < SCORE_REASONS && scores->reasons[identity][i]; i++)
        json_array_append_new(reasons, json_string(scores->reasons[identity][i]));
    return json_pack("{s:o, s:o, s:I, s:I, s:o, s:o, s:s?, s:s?, s:s?, s:o}", "customer",
                     json_stringn(name.at, name.length), "churn", number_json(scores->prediction[identity]),
                     "value_cents", (json_int_t)llround(scores->value_cents[identity]), "expected_loss_cents",
                     (json_int_t)scores->expected_loss_cents[identity], "p_alive",
                     number_json(scores->p_alive[identity]), "expected_orders",
                     number_json(scores->expected_orders[identity]), "rfm_group", scores->rfm_group[identity],
                     "stage", scores->stage[identity], "last_order", *day ? day : NULL, "reasons", reasons);
}

static const char *actions_sentence(const struct reporting *r)
{
    static const char caution[] =
        "It says where most is at stake, not who can be kept: test a treatment on some of them, drawn by "
        "lot, before treating all.";
    if (!r->is_churn) return "Ordered by the prediction, the highest first.";
    const char *who = r->scores->at_risk.customers > 0 ? "The customers at risk"
                                                       : "Nobody is at risk; all customers asked";
    return has_money(r->scores)
               ? arena_format(r->arena,
                              "%s, ordered by expected loss: chance of leaving x expected value x margin. %s",
                              who, caution)
               : arena_format(r->arena, "%s, ordered by chance of leaving, since no money is known. %s", who,
                              caution);
}

/* Who is not at risk has no place in a list of whom to act on first, whatever they are worth. */
static json_t *actions_json(struct reporting *r)
{
    json_t *rows = json_array();
    bool only_at_risk = r->is_churn && r->scores->at_risk.customers > 0;
    size_t n_rows = 0;
    for (size_t i = 0; i < r->scores->n_asked; i++) {
        if (only_at_risk && !(r->scores->prediction[r->asked[i]] >= r->threshold)) continue;
        if (n_rows++ < ACTIONS_SHOWN) json_array_append_new(rows, action_json(r, r->asked[i]));
    }
    return json_pack("{s:s, s:I, s:o}", "sentence", actions_sentence(r), "total", (json_int_t)n_rows, "rows",
                     rows);
}

/* A trial on those at risk: finds a drop of a fifth if there are customers enough, else what they can show. */
static json_t *pilot_json(const struct reporting *r)
{
    const double alpha = 0.05, power = 0.8, hoped = 0.2;
    const struct scores *scores = r->scores;
    int64_t available = scores->at_risk.customers;
    double baseline = 0;
    for (size_t i = 0; i < scores->n_asked; i++)
        if (scores->prediction[r->asked[i]] >= r->threshold) baseline += scores->prediction[r->asked[i]];
    if (!r->is_churn || available < 4) return json_null();
    baseline = fmin(baseline / (double)available, 0.999);
    double detectable = hoped * baseline;
    int64_t per_group = pilot_per_group(baseline, detectable, alpha, power);
    bool is_enough = 2 * per_group <= available;
    if (!is_enough) {
        per_group = available / 2;
        detectable = pilot_detectable(baseline, per_group, alpha, power);
    }
    const char *sentence = arena_format(
        r->arena,
        "Risk is not response. To learn whether a treatment keeps anyone, draw %s of the %s customers at risk "
        "by lot, treat half "
        "and leave half alone: a drop of churn from %s to %s would then be found 8 times in 10%s.",
        words_count(r->arena, 2 * (double)per_group), words_count(r->arena, (double)available),
        words_share(r->arena, baseline), words_share(r->arena, baseline - detectable),
        is_enough ? "" : "; a smaller one needs more customers than are at risk");
    return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I}", "sentence", sentence, "per_group",
                     (json_int_t)per_group, "baseline", baseline, "detectable", detectable, "power", power,
                     "alpha", alpha, "available", (json_int_t)available);
}

/* Asked customers by falling loss; without money by falling prediction. */
static void rank_asked(struct reporting *r)
{
    const struct scores *scores = r->scores;
    uint32_t *identity = ARENA_ARRAY(r->arena, uint32_t, scores->n_asked + 1), n = 0;
    int64_t *loss = ARENA_ARRAY(r->arena, int64_t, scores->n_asked + 1);
    bool by_loss = has_money(scores) && r->is_churn;
    for (uint32_t i = 0; i < scores->n; i++) {
        if (!scores->is_asked[i]) continue;
        identity[n] = i;
        loss[n++] = by_loss ? scores->expected_loss_cents[i] : llround(scores->prediction[i] * 1e9);
    }
    uint32_t *order = priority_order(loss, n, r->arena);
    r->asked = ARENA_ARRAY(r->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) r->asked[i] = identity[order[i]];
}

static void per_history(struct reporting *r)
{
    const struct history *history = &r->scores->history;
    r->churn = ARENA_ARRAY(r->arena, double, history->n_customers + 1);
    r->value_cents = ARENA_ARRAY(r->arena, int64_t, history->n_customers + 1);
    for (size_t c = 0; c < history->n_customers; c++) {
        r->churn[c] = r->scores->prediction[history->identity[c]];
        r->value_cents[c] = llround(r->scores->value_cents[history->identity[c]]);
    }
}

static json_t *customers_groups(const struct reporting *r)
{
    const struct scores *scores = r->scores;
    if (scores->has_groups) return groups_json(&scores->groups, r->churn, r->value_cents);
    if (!scores->has_table_clusters) return json_null();
    size_t n = scores->table_clusters.n_rows;
    double *churn = ARENA_ARRAY(r->arena, double, n);
    int64_t *value_cents = ARENA_ARRAY(r->arena, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        churn[i] = scores->prediction[scores->table_identity[i]];
        value_cents[i] = llround(scores->value_cents[scores->table_identity[i]]);
    }
    return groups_json_table(&scores->table_clusters, churn, value_cents);
}

static void add_history(json_t *report, const struct reporting *r)
{
    const struct scores *scores = r->scores;
    if (scores->has_cohorts) {
        json_object_set_new(report, "timeline", timeline_json(&scores->cohorts));
        json_object_set_new(report, "cohorts", cohorts_json(&scores->cohorts));
        json_object_set_new(report, "retention", retention_json(&scores->cohorts));
    }
    if (scores->has_value) json_object_set_new(report, "value", value_json(&scores->value));
    json_object_set_new(report, "groups", customers_groups(r));
}

json_t *report_json(const struct report_input *in, struct arena *arena)
{
    struct reporting r = { .in = in, .scores = in->scores, .arena = arena,
                           .threshold = predictor_threshold(in->trained->predictor) };
    enum question_kind kind = in->trained->question.kind;
    r.is_churn = question_is_churn(&in->trained->question);
    rank_asked(&r);
    per_history(&r);
    char as_of[21];
    calendar_format_ms(in->scores->as_of_ms, as_of);
    json_t *report = json_pack("{s:i, s:s?, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "as_of",
                               kind == QUESTION_TRAIT ? NULL : as_of, "title", in->import->source, "shape",
                               shape_word(in->import->shape), "currency", in->import->currency, "summary",
                               summary_json(&r), "assumptions", assumptions_json(&r), "risk_value",
                               risk_value_json(&r), "actions", actions_json(&r), "pilot", pilot_json(&r),
                               "seconds", seconds_json(in));
    json_t *import = json_loads(in->import->json, 0, NULL);     /* {import, quality} */
    json_object_update_missing(report, import);
    json_decref(import);
    json_object_update_missing(report, in->trained->evidence);
    add_history(report, &r);
    return report;
}
