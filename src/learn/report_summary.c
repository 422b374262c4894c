/* report_summary.c - the report's first lines: how many will leave, what they would have spent, and how far such
 * numbers were off before. */
#include "learn/report_internal.h"

#include "base/calendar.h"
#include "base/words.h"
#include "learn/evidence.h"

#include <math.h>

static json_t *forecast_json(struct forecast forecast)
{
    return json_pack("{s:f, s:f, s:f}", "value", forecast.value, "low", forecast.low, "high", forecast.high);
}

/* Sets name_cents, low_cents and high_cents; null without money. */
static void set_cents(json_t *object, struct forecast cents, bool has_money)
{
    const struct { const char *key; double cents; } members[] = {
        { "revenue_cents", cents.value }, { "low_cents", cents.low }, { "high_cents", cents.high }
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set_new(object, members[i].key,
                            has_money ? json_integer(llround(members[i].cents)) : json_null());
}

static json_t *backtest_rows(const struct at_risk *risk)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < risk->backtest.n_rows; i++) {
        const struct backtest_row *row = &risk->backtest.rows[i];
        char day[11];
        if (row->as_of_ms == 0) continue;           /* parts of a table have no time */
        calendar_format_day(calendar_day_of_ms(row->as_of_ms), day);
        json_t *object = json_pack("{s:s, s:I, s:o, s:f}", "as_of", day, "asked", (json_int_t)row->n_asked,
                                   "expected_leavers", forecast_json(row->leavers_then), "actual_leavers",
                                   row->leavers.actual);
        set_cents(object, row->cents_then, risk->has_money);
        json_object_set_new(object, "actual_cents",
                            risk->has_money ? json_integer(llround(row->cents.actual)) : json_null());
        json_array_append_new(rows, object);
    }
    return rows;
}

json_t *at_risk_json(const struct at_risk *risk)
{
    json_t *object = json_pack("{s:I, s:o, s:o}", "customers", (json_int_t)risk->customers, "expected_leavers",
                               forecast_json(risk->leavers), "backtest", backtest_rows(risk));
    set_cents(object, risk->cents, risk->has_money);
    return object;
}

/* "about 938 (912 to 964)", three digits of it. */
static const char *about(struct arena *arena, struct forecast forecast)
{
    return arena_format(arena, "about %s (%s to %s)", words_rough(arena, forecast.value),
                        words_rough(arena, forecast.low), words_rough(arena, forecast.high));
}

static const char *about_money(struct arena *arena, struct forecast cents, const char *currency)
{
    return arena_format(arena, "about %s (%s to %s)", words_money_rough(arena, cents.value, currency),
                        words_money_rough(arena, cents.low, ""), words_money_rough(arena, cents.high, ""));
}

/* What they would spend, over how long. */
static const char *stake_words(const struct report_input *in, struct arena *arena)
{
    if (in->trained->question.kind == QUESTION_TRAIT && !in->options->value_column) return "what they are worth";
    if (in->trained->question.kind == QUESTION_TRAIT)
        return arena_format(arena, "their %s over %g months", in->options->value_column,
                            in->options->value_months);
    return arena_format(arena, "what they would have spent in the next %lld days",
                        (long long)in->options->value_horizon_days);
}

static const char *churn_headline(const struct report_input *in, struct arena *arena)
{
    const struct at_risk *risk = &in->scores->at_risk;
    const struct question *question = &in->trained->question;
    const char *asked = words_count(arena, (double)risk->customers);
    if (risk->customers == 0) return "Nobody is asked: no customer was active lately.";
    const char *who = question->kind == QUESTION_TRAIT
                          ? arena_format(arena, "Of %s customers %s are expected to %s", asked,
                                         about(arena, risk->leavers), question_verb(question, arena))
                          : arena_format(arena, "Of %s customers %s %s", asked, about(arena, risk->leavers),
                                         question_asks(question, arena));
    if (!risk->has_money) return arena_format(arena, "%s.", who);
    return arena_format(arena, "%s; with them goes %s: %s.", who, stake_words(in, arena),
                        about_money(arena, risk->cents, in->import->currency));
}

const char *report_headline(const struct report_input *in, struct arena *arena)
{
    const struct question *question = &in->trained->question;
    const char *asked = words_count(arena, (double)in->scores->n_asked);
    double expected = in->scores->expected_yes;
    const char *yes = words_rough(arena, expected);
    if (question_is_churn(question)) return churn_headline(in, arena);
    if (question->kind == QUESTION_SPEND)
        return arena_format(arena, "%s customers are expected to spend about %s in the next %lld days.", asked,
                            words_money_rough(arena, 100 * expected, in->import->currency),
                            (long long)question->horizon_days);
    if (question->kind == QUESTION_EVENT)
        return arena_format(arena, "Of %s customers about %s will have at least one %s in the next %lld days.",
                            asked, yes, question->goal, (long long)question->horizon_days);
    return arena_format(arena, "Of %s customers about %s are expected to %s.", asked, yes,
                        question_verb(question, arena));
}

static void say(json_t *sentences, const char *sentence)
{
    json_array_append_new(sentences, json_string(sentence));
}

static void say_who(json_t *sentences, const struct reporting *r)
{
    const struct scores *scores = r->scores;
    const struct question *question = &r->in->trained->question;
    const char *all = words_count(r->arena, (double)scores->n_customers);
    char last_day[11];
    calendar_format_day(calendar_day_of_ms(scores->as_of_ms - 1), last_day);
    if (question->kind != QUESTION_TRAIT)
        say(sentences,
            arena_format(r->arena,
                         "Asked, as of %s, where the history ends, are the %s of %s customers who had at least one %s in "
                         "the %lld days before%s.",
                         last_day, words_count(r->arena, (double)scores->n_asked), all, question->goal,
                         (long long)question->active_days, question_besides(question, r->arena)));
    if (question->kind == QUESTION_TRAIT && r->is_churn)
        say(sentences, "By when cannot be said: the file tells whether, not when.");
    if (question->kind == QUESTION_TRAIT && scores->n_asked < scores->n_customers)
        say(sentences,
            arena_format(r->arena, "%s of %s customers have %s = %s already; only the others are asked.",
                         words_count(r->arena, (double)(scores->n_customers - scores->n_asked)), all,
                         question->target, question->yes));
}

static bool holds(struct forecast range, double actual) { return range.low <= actual && actual <= range.high; }

/* How often the ranges held, where they could be tried. */
static void say_backtest(json_t *sentences, const struct reporting *r)
{
    const struct at_risk *risk = &r->scores->at_risk;
    size_t n = 0, n_held = 0, n_money_held = 0;
    for (size_t i = 0; i < risk->backtest.n_rows; i++) {
        const struct backtest_row *row = &risk->backtest.rows[i];
        if (row->as_of_ms == 0) continue;
        n++;
        n_held += holds(row->leavers_then, row->leavers.actual);
        n_money_held += holds(row->cents_then, row->cents.actual);
    }
    const char *money =
        risk->has_money ? arena_format(r->arena, ", the range for the money %zu of %zu times", n_money_held, n) : "";
    if (n > 0)
        say(sentences,
            arena_format(r->arena,
                         "The same was reckoned as of %zu earlier day%s, with what was known then: the range for how many "
                         "held what then happened %zu of %zu times%s.",
                         n, n == 1 ? "" : "s", n_held, n, money));
    else if (r->in->trained->question.kind != QUESTION_TRAIT)
        say(sentences, "The history is too short to try this on an earlier day: take the range with care.");
}

static void say_money(json_t *sentences, const struct reporting *r)
{
    const struct scores *scores = r->scores;
    const struct score_options *options = r->in->options;
    if (r->in->trained->question.kind == QUESTION_TRAIT && !options->value_column)
        say(sentences, "No money is claimed: --value-column names a column of money per month, if there is one.");
    if (r->in->trained->question.kind != QUESTION_TRAIT && !scores->at_risk.has_money && scores->n_asked > 0)
        say(sentences,
            "No amounts are known, so nothing is said of money; --amount names their column at import.");
    if (!scores->at_risk.has_money) return;
    if (scores->value_note)
        say(sentences, arena_format(r->arena, "What a customer would spend is %s.", scores->value_note));
    if (!*r->in->import->currency)
        say(sentences,
            "The file does not say in which currency its amounts are; import it with --currency EUR, say, "
            "and every amount will carry it.");
}

json_t *summary_json(const struct reporting *r)
{
    const struct report_input *in = r->in;
    const struct scores *scores = r->scores;
    json_t *sentences = json_array();
    say_who(sentences, r);
    if (r->is_churn) say_backtest(sentences, r);
    if (r->is_churn) say_money(sentences, r);
    if (in->trained->question.kind == QUESTION_TRAIT && in->trained->question.meaning == MEANS_UNKNOWN)
        say(sentences,
            arena_format(r->arena,
                         "Whether %s = %s is good or bad is not known: --event-means good or bad says so.",
                         in->trained->question.target, in->trained->question.yes));
    if (r->is_churn)
        say(sentences, "Risk is not response: nothing here says that contacting someone will keep them.");
    return json_pack("{s:s, s:o, s:I, s:I, s:o, s:o, s:o}", "headline", report_headline(in, r->arena),
                     "sentences", sentences, "customers", (json_int_t)scores->n_customers, "asked",
                     (json_int_t)scores->n_asked, "expected_yes", number_json(scores->expected_yes), "at_risk",
                     r->is_churn ? at_risk_json(&scores->at_risk) : json_null(), "base_rate",
                     number_json(in->trained->base_rate));
}
