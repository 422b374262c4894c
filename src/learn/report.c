/* report.c - see report.h. */
#include "learn/report_internal.h"

#include "base/calendar.h"
#include "base/words.h"
#include "decide/priority.h"
#include "learn/evidence.h"
#include "learn/reasons.h"

#include <math.h>
#include <string.h>

enum { BANDS = 3 };

static json_t *seconds_json(const struct report_input *in)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "import", number_json(in->import_seconds), "features",
                     number_json(in->features_seconds), "train", number_json(in->train_seconds), "score",
                     number_json(in->score_seconds), "total", number_json(in->total_seconds));
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
    if (question->kind != QUESTION_TRAIT || options->value_column)
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

static void thirds(double *values, size_t n, double ret_split[2])
{
    qsort(values, n, sizeof *values, by_size);
    ret_split[0] = values[n / 3], ret_split[1] = values[2 * n / 3];
}

static json_t *risk_value_json(const struct reporting *r)
{
    const struct scores *scores = r->scores;
    size_t n = scores->n_asked;
    if (!r->is_churn || n < BANDS) return json_null();
    double *values = ARENA_ARRAY(r->arena, double, n), *chances = ARENA_ARRAY(r->arena, double, n), split[2],
           odds[2];
    for (size_t i = 0; i < n; i++) {
        values[i] = scores->if_stays_cents[r->asked[i]];
        chances[i] = scores->prediction[r->asked[i]];
    }
    thirds(values, n, split);
    thirds(chances, n, odds);
    if (split[0] == split[1] || odds[0] == odds[1]) return json_null();  /* no money, or nothing to tell apart */

    int64_t customers[BANDS][BANDS] = { 0 }, loss_cents[BANDS][BANDS] = { 0 };
    for (size_t i = 0; i < n; i++) {
        uint32_t identity = r->asked[i];
        int risk = band_of(scores->prediction[identity], odds[0], odds[1]);
        int value = band_of(scores->if_stays_cents[identity], split[0], split[1]);
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
        "%s customers are in the highest third of both chance and value; %s is the loss expected from them. The "
        "thirds "
        "of chance part at %s and %s, those of value, what a customer would spend if they stayed, at %s and %s.",
        words_count(r->arena, (double)customers[2][2]), words_money(r->arena, (double)loss_cents[2][2], currency),
        words_share(r->arena, odds[0]), words_share(r->arena, odds[1]), words_money(r->arena, split[0], currency),
        words_money(r->arena, split[1], currency));
    return json_pack("{s:s, s:[s, s, s], s:[s, s, s], s:o}", "sentence", sentence, "risk_bands", "low",
                     "middle", "high", "value_bands", "low", "middle", "high", "cells", cells);
}

static json_t *action_json(const struct reporting *r, uint32_t identity)
{
    const struct scores *scores = r->scores;
    struct text name = log_name(r->in->log, DICTIONARY_IDENTITY, identity);
    char day[11] = "";
    if (scores->last_goal_day[identity] != INT32_MIN) calendar_format_day(scores->last_goal_day[identity], day);
    const char *reasons[REASONS_MOST];
    const float *row = scores_row(scores, identity);
    size_t n_reasons = row ? reasons_of(r->in->trained, row, scores->prediction[identity], r->arena, reasons) : 0;
    return json_pack("{s:o, s:o, s:I, s:I, s:s?, s:s?, s:s?, s:o}", "customer", json_stringn(name.at, name.length),
                     "churn", number_json(scores->prediction[identity]), "value_if_stays_cents",
                     (json_int_t)llround(scores->if_stays_cents[identity]), "expected_loss_cents",
                     (json_int_t)scores->expected_loss_cents[identity], "rfm_group", scores->rfm_group[identity],
                     "stage", scores->stage[identity], "last_order", *day ? day : NULL, "reasons",
                     reasons_json(reasons, n_reasons));
}

static const char *actions_sentence(const struct reporting *r, size_t n_shown)
{
    static const char caution[] =
        "It says where most is at stake, not who can be kept: test a treatment on some of them, drawn by "
        "lot, before treating all.";
    const char *who =
        n_shown == r->scores->n_asked
            ? arena_format(r->arena, "All %s customers asked", words_count(r->arena, (double)n_shown))
            : arena_format(r->arena, "The first %s of the %s customers asked",
                           words_count(r->arena, (double)n_shown),
                           words_count(r->arena, (double)r->scores->n_asked));
    const char *longer = n_shown == r->scores->n_asked ? "" : " --list makes the list longer or shorter.";
    if (!r->is_churn) return arena_format(r->arena, "%s, ordered by the prediction.%s", who, longer);
    if (!r->scores->at_risk.has_money)
        return arena_format(r->arena,
                            "%s, ordered by chance, since no money is known.%s It says who is likeliest, not who can be kept: "
                            "test a treatment on some of them, drawn by lot, before treating all.%s",
                            who, longer,
                            r->in->trained->question.kind == QUESTION_TRAIT
                                ? " Numbers of columns are in the units that the file has them in." : "");
    return arena_format(r->arena,
                        "%s, ordered by expected loss: chance x what they would spend if they stayed%s.%s %s", who,
                        r->in->options->margin < 1 ? " x margin" : "", longer, caution);
}

static json_t *actions_json(struct reporting *r)
{
    json_t *rows = json_array();
    size_t n_most = r->in->n_listed ? r->in->n_listed : REPORT_LISTED, n = r->scores->n_asked;
    for (size_t i = 0; i < n && i < n_most; i++) json_array_append_new(rows, action_json(r, r->asked[i]));
    return json_pack("{s:s, s:I, s:o}", "sentence", actions_sentence(r, n < n_most ? n : n_most), "total",
                     (json_int_t)n, "rows", rows);
}

/* Asked customers by falling loss; without money by falling prediction. */
static void rank_asked(struct reporting *r)
{
    const struct scores *scores = r->scores;
    uint32_t *identity = ARENA_ARRAY(r->arena, uint32_t, scores->n_asked + 1), n = 0;
    int64_t *loss = ARENA_ARRAY(r->arena, int64_t, scores->n_asked + 1);
    bool by_loss = r->is_churn && scores->at_risk.has_money;
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
        uint32_t identity = scores->table_identity[i];
        churn[i] = scores->is_asked[identity] ? scores->prediction[identity] : (double)NAN;
        value_cents[i] = llround(scores->value_cents[identity]);
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

/* What a yes is called, so that every part of the page calls it the same. */
static json_t *words_json(const struct reporting *r)
{
    const struct question *question = &r->in->trained->question;
    const char *verb = question_verb(question, r->arena);
    const char *chance =
        question->kind == QUESTION_CHURN   ? arena_format(r->arena, "Chance of no %s", question->goal)
        : question->kind == QUESTION_EVENT ? arena_format(r->arena, "Chance of %s", question->goal)
        : question->kind == QUESTION_SPEND ? "Expected spend"
        : strncmp(verb, "have ", 5) == 0   ? arena_format(r->arena, "Chance of %s", verb + 5)
                                           : arena_format(r->arena, "Chance to %s", verb);
    return json_pack("{s:b, s:b, s:s, s:s, s:s}", "is_churn", r->is_churn, "is_spend",
                     question->kind == QUESTION_SPEND, "verb", verb, "past", question_past(question, r->arena),
                     "chance", chance);
}

json_t *report_json(const struct report_input *in, struct arena *arena)
{
    struct reporting r = { .in = in, .scores = in->scores, .arena = arena };
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
    json_object_set_new(report, "words", words_json(&r));
    json_object_del(report, "usual");
    json_object_del(report, "backtest");        /* as kept; summary.at_risk.backtest is for people */
    add_history(report, &r);
    return report;
}
