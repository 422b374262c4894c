/* score.c - see score.h. */
#include "learn/score.h"

#include "base/parallel.h"
#include "hub/contest.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scoring {
    const struct log           *log;
    const struct trained       *trained;
    const struct score_options *options;
    struct arena               *arena;
    struct progress            *progress;
    struct scores               scores;
    int64_t lapse_days; /* without a purchase for so long a customer is in no cohort any more */
};

static void begin(struct scoring *s)
{
    struct scores *scores = &s->scores;
    size_t n = log_n_names(s->log, DICTIONARY_IDENTITY);
    *scores = (struct scores){
        .as_of_ms = s->options->as_of_ms, .question = s->trained->question.name, .log = s->log, .n = n,
        .is_customer = ARENA_ARRAY(s->arena, uint8_t, n),
        .is_asked = ARENA_ARRAY(s->arena, uint8_t, n),
        .prediction = ARENA_ARRAY(s->arena, double, n),
        .p_alive = ARENA_ARRAY(s->arena, double, n),
        .expected_orders = ARENA_ARRAY(s->arena, double, n),
        .p_alive_pareto_nbd = ARENA_ARRAY(s->arena, double, n),
        .expected_orders_pareto_nbd = ARENA_ARRAY(s->arena, double, n),
        .dert = ARENA_ARRAY(s->arena, double, n),
        .value_cents = ARENA_ARRAY(s->arena, double, n),
        .if_stays_cents = ARENA_ARRAY(s->arena, double, n),
        .expected_loss_cents = ARENA_ARRAY(s->arena, int64_t, n),
        .rfm_group = ARENA_ARRAY(s->arena, const char *, n),
        .cluster = ARENA_ARRAY(s->arena, const char *, n),
        .stage = ARENA_ARRAY(s->arena, const char *, n),
        .last_goal_day = ARENA_ARRAY(s->arena, int32_t, n),
    };
    for (size_t i = 0; i < n; i++) {
        scores->prediction[i] = scores->p_alive[i] = scores->expected_orders[i] = (double)NAN;
        scores->p_alive_pareto_nbd[i] = scores->expected_orders_pareto_nbd[i] = scores->dert[i] = (double)NAN;
        scores->last_goal_day[i] = INT32_MIN;
    }
}

/* Of a table the label is known: who has it already is not asked, but still counts in the clusters. */
bool score_rows(const struct log *log, const struct trained *trained, int64_t as_of_ms, unsigned n_threads,
                struct arena *arena, struct matrix *ret_rows, struct err *err)
{
    if (trained->question.kind == QUESTION_TRAIT)
        return matrix_build(log, trained->set, &trained->question, &as_of_ms, 1, 1, n_threads, arena, ret_rows,
                            err);
    return matrix_score(log, trained->set, &trained->question, as_of_ms, n_threads, arena, ret_rows, err);
}

/* By the version of each one's arm instead of the one in force. */
static bool predict_arms(struct scoring *s, double *predictions, struct err *err)
{
    const struct contest *contest = s->trained->contest;
    const struct matrix *rows = &s->scores.rows;
    if (!contest || s->options->rows) return true;      /* rows from elsewhere are those of one version */
    s->scores.contest = contest;
    for (size_t a = 0; a < contest->design.n_arms; a++) {
        struct matrix own;
        if (!score_rows(s->log, &contest->arms[a], s->options->as_of_ms, s->options->n_threads, s->arena, &own,
                        err))
            return false;
        double *said = ARENA_ARRAY(s->arena, double, own.n_rows + 1);
        predictor_predict(contest->arms[a].predictor, own.values, own.n_rows, s->options->n_threads, said);
        for (size_t i = 0, k = 0; i < rows->n_rows; i++) {
            while (k < own.n_rows && own.identity[k] < rows->identity[i]) k++;
            if (k < own.n_rows && own.identity[k] == rows->identity[i] &&
                contest_arm(contest, s->log, contest->identities, rows->identity[i]) == a)
                predictions[i] = said[k];
        }
    }
    return true;
}

/* From what scores->rows are. */
static bool predict(struct scoring *s, struct err *err)
{
    struct scores *scores = &s->scores;
    bool is_table = s->trained->question.kind == QUESTION_TRAIT;
    struct matrix *rows = &scores->rows;
    double *predictions = ARENA_ARRAY(s->arena, double, rows->n_rows + 1);
    predictor_predict(s->trained->predictor, rows->values, rows->n_rows, s->options->n_threads, predictions);
    if (!predict_arms(s, predictions, err)) return false;
    for (size_t i = 0; i < rows->n_rows; i++) {
        uint32_t identity = rows->identity[i];
        scores->is_customer[identity] = 1;
        scores->prediction[identity] = predictions[i];
        if (is_table && rows->labels[i] > 0) {
            scores->stage[identity] = "left";
            continue;
        }
        scores->is_asked[identity] = 1;
        scores->expected_yes += predictions[i];
        scores->n_asked++;
    }
    return true;
}

static void take_history(struct scoring *s)
{
    const struct history *history = &s->scores.history;
    for (size_t c = 0; c < history->n_customers; c++) {
        uint32_t identity = history->identity[c];
        s->scores.is_customer[identity] = 1;
        s->scores.last_goal_day[identity] = history->day[history->first[c + 1] - 1];
    }
}

/* A sentence as the end of another: without its full stop, and with a small letter unless it begins with a name.
 */
static const char *clause_of(struct arena *arena, const char *sentence)
{
    char *clause = arena_copy(arena, sentence);
    size_t n = strlen(clause);
    if (n > 0 && clause[n - 1] == '.') clause[n - 1] = '\0';
    if (n > 1 && islower((unsigned char)clause[1])) clause[0] = (char)tolower((unsigned char)clause[0]);
    return clause;
}

/* What each customer will spend: BG/NBD x Gamma-Gamma, or what they spent last year where that has no answer. */
static void value_orders(struct scoring *s)
{
    struct scores *scores = &s->scores;
    const struct history *history = &scores->history;
    const struct value_options options = {
        .as_of_day = (int32_t)calendar_day_of_ms(s->options->as_of_ms - 1),
        .unit = UNIT_WEEK,
        .calibration_end_day = s->options->calibration_end_day,
        .horizon_days = (int32_t)s->options->value_horizon_days,
        .discount_yearly = s->options->discount_yearly,
        .n_threads = s->options->n_threads,
        .currency = s->options->currency,
    };
    struct err why = { 0 };
    progress_report(s->progress, "valuing customers", 0, 0, "customers");
    scores->has_value = value_fit(history, &options, s->arena, &scores->value, &why);
    bool is_used = scores->has_value && !scores->value.refusal && scores->value.has_spend;
    const int64_t *spend = is_used ? scores->value.expected_spend_cents
                                   : value_past_spend(history, options.as_of_day, options.horizon_days, s->arena);
    for (size_t c = 0; c < history->n_customers; c++) {
        uint32_t identity = history->identity[c];
        bool has_left = history_has_left(history, c, options.as_of_day);
        scores->value_cents[identity] = has_left ? 0 : (double)spend[c];
        if (has_left) scores->p_alive[identity] = scores->expected_orders[identity] = 0;
        scores->if_stays_cents[identity] = (double)(is_used ? scores->value.if_stays_cents[c] : spend[c]);
        if (!scores->has_value || scores->value.refusal) continue;
        scores->p_alive[identity] = scores->value.p_alive[c];
        scores->expected_orders[identity] = scores->value.expected_orders[c];
        if (!scores->value.beside.is_known) continue;
        scores->p_alive_pareto_nbd[identity] = scores->value.beside.p_alive[c];
        scores->expected_orders_pareto_nbd[identity] = scores->value.beside.expected_orders[c];
        scores->dert[identity] = scores->value.beside.dert[c];
    }
    const char *doubt = !scores->has_value      ? why.text
                        : scores->value.refusal ? scores->value.refusal
                                                : "amounts do not follow Gamma-Gamma";
    scores->value_note = is_used
                             ? arena_format(
                                   s->arena,
                                   "what %s and Gamma-Gamma expect a customer to spend in the next %d days",
                                   orders_model_name(scores->value.refit.kind), options.horizon_days)
                             : arena_format(s->arena, "what a customer spent in the last %d days, because %s",
                                            options.horizon_days, clause_of(s->arena, doubt));
}

static bool group_orders(struct scoring *s, struct err *err)
{
    struct scores *scores = &s->scores;
    const struct groups_options options = {
        .as_of_day = (int32_t)calendar_day_of_ms(s->options->as_of_ms - 1), .seed = s->options->seed,
        .n_threads = s->options->n_threads, .currency = s->options->currency,
    };
    progress_report(s->progress, "finding groups", 0, 0, "customers");
    if (!groups_fit(&scores->history, &options, s->arena, &scores->groups, err))
        return err_context(err, "groups of customers");
    scores->has_groups = true;
    const struct groups *groups = &scores->groups;
    for (size_t c = 0; c < scores->history.n_customers; c++) {
        uint32_t identity = scores->history.identity[c];
        scores->rfm_group[identity] = rfm_name((enum rfm_group)groups->rfm.group[c]);
        scores->stage[identity] = stage_name((enum stage)groups->stage[c]);
        if (groups->clusters.k > 0)
            scores->cluster[identity] = groups->clusters.rows[groups->clusters.label[c]].name;
    }
    cohorts_build(&scores->history, options.as_of_day, (int32_t)s->lapse_days, s->arena,
                  &scores->cohorts);
    scores->has_cohorts = true;
    return true;
}

/* leaving: the question whose left are the events by which customers leave; NULL: nobody does. */
static bool read_history(struct scoring *s, uint16_t goal_kind, const struct question *leaving,
                         struct history *ret_history, struct err *err)
{
    uint32_t refund_kind = 0;
    (void)log_find(s->log, DICTIONARY_KIND, text_of("refund"), &refund_kind);
    const struct history_options options = {
        .goal_kind = goal_kind, .refund_kind = (uint16_t)refund_kind, .as_of_ms = s->options->as_of_ms,
        .n_threads = s->options->n_threads, .left_kind = leaving ? leaving->left_kind : NULL,
        .n_left = leaving ? leaving->n_left : 0,
    };
    return history_read(s->log, &options, s->arena, ret_history, err) || err_context(err, "history");
}

static bool has_money(const struct history *history)
{
    for (size_t i = 0; i < history->first[history->n_customers]; i++)
        if (history->amount_cents[i] > 0) return true;
    return false;
}

/* The question that is asked where nothing is said: its goal is what looks most like a purchase.  goal NULL: chosen. */
static bool choose_purchases(const struct scoring *s, const char *goal, struct question *ret_question)
{
    struct err none;
    struct log_totals totals;
    if (!log_totals(s->log, &totals, &none)) return false;
    const struct question_options options = { .goal = goal, .first_ms = totals.first_ms,
                                              .last_ms = s->options->as_of_ms, .n_threads = s->options->n_threads };
    return question_choose(s->log, &options, s->arena, ret_question, &none) &&
           ret_question->kind != QUESTION_TRAIT;
}

/* What a customer is worth and the groups they are in are by purchases, whatever the question is about: else a
 * question about visits would make everybody worthless. */
static bool find_purchases(struct scoring *s, struct err *err)
{
    struct history *history = &s->scores.history, other;
    const struct question *question = &s->trained->question;
    struct question purchases, *found = NULL;
    bool is_trait = question->kind == QUESTION_TRAIT,
         knows_leaving = question->kind == QUESTION_CHURN && (question->n_left > 0 || !question->who);
    s->lapse_days = question->horizon_days;
    if (!is_trait && !knows_leaving && choose_purchases(s, question->goal, &purchases)) found = &purchases;
    if (!is_trait && !read_history(s, question->goal_kind, knows_leaving ? question : found, history, err))
        return false;
    if (history->n_customers > 0 && has_money(history)) return true;
    if (!choose_purchases(s, NULL, &purchases) || (!is_trait && purchases.goal_kind == question->goal_kind))
        return true;
    if (!read_history(s, purchases.goal_kind, &purchases, &other, err)) return false;
    if (other.n_customers == 0 || !has_money(&other)) return true;
    *history = other;
    s->lapse_days = purchases.horizon_days;
    return true;
}

static bool value_everybody(struct scoring *s, struct err *err)
{
    if (!find_purchases(s, err) || !parallel_goes_on(err)) return false;
    if (s->scores.history.n_customers == 0) return true;
    take_history(s);
    value_orders(s);
    return group_orders(s, err);
}

static bool score_here(struct scoring *s, struct err *err)
{
    progress_report(s->progress, "scoring", 0, 0, "customers");
    bool ok = score_rows(s->log, s->trained, s->options->as_of_ms, s->options->n_threads, s->arena, &s->scores.rows,
                         err) &&
              predict(s, err);
    return (ok || err_context(err, "scoring")) && parallel_goes_on(err) && value_everybody(s, err);
}

/* ---- from elsewhere ---- */

/* Rows that come from elsewhere, and what is done here meanwhile: both are long, and neither needs the other. */
enum { ITEM_ROWS, ITEM_VALUES, ITEMS };
struct meanwhile {
    struct scoring *s;
    struct arena   *arena;          /* of the rows */
    struct matrix   rows;
    bool            ok[ITEMS];
    struct err      err[ITEMS];
};

static void do_item(void *context, size_t item, unsigned thread)
{
    struct meanwhile *meanwhile = context;
    struct scoring *s = meanwhile->s;
    const struct rows_source *source = s->options->rows;
    (void)thread;
    meanwhile->ok[item] =
        item == ITEM_VALUES ? value_everybody(s, &meanwhile->err[item])
                            : source->build(source->context, s->trained->set, &s->trained->question,
                                            &s->options->as_of_ms, 1, 1, false, meanwhile->arena, &meanwhile->rows,
                                            &meanwhile->err[item]);
}

static void *copied(struct arena *arena, const void *from, size_t n, size_t size)
{
    void *to = arena_alloc(arena, n + 1, size);
    if (n > 0) memcpy(to, from, n * size);
    return to;
}

static void take_rows(struct scoring *s, const struct matrix *from)
{
    struct matrix *rows = &s->scores.rows;
    size_t n = from->n_rows;
    *rows = *from;
    rows->values = copied(s->arena, from->values, n * from->n_columns, sizeof *from->values);
    rows->labels = copied(s->arena, from->labels, n, sizeof *from->labels);
    rows->amounts = copied(s->arena, from->amounts, n, sizeof *from->amounts);
    rows->identity = copied(s->arena, from->identity, n, sizeof *from->identity);
    rows->cutoff = copied(s->arena, from->cutoff, n, sizeof *from->cutoff);
}

static bool score_there(struct scoring *s, struct err *err)
{
    const struct rows_source *source = s->options->rows;
    progress_report(s->progress, "scoring", 0, 0, "customers");
    if (!source->begin(source->context, err)) return err_context(err, "scoring");
    struct meanwhile meanwhile = { .s = s, .arena = arena_new(ARENA_NO_LIMIT) };
    parallel_for(ITEMS, ITEMS, do_item, &meanwhile);
    bool ok = meanwhile.ok[ITEM_ROWS] && meanwhile.ok[ITEM_VALUES];
    if (ok) take_rows(s, &meanwhile.rows);
    else *err = meanwhile.err[meanwhile.ok[ITEM_ROWS] ? ITEM_VALUES : ITEM_ROWS];
    if (!meanwhile.ok[ITEM_ROWS]) (void)err_context(err, "scoring");
    arena_free(meanwhile.arena);
    return ok && parallel_goes_on(err) && predict(s, err);
}

/* A table has no orders: value is a column of money per month, and clusters come from the features. */
static void score_table(struct scoring *s)
{
    struct scores *scores = &s->scores;
    size_t column;
    const struct matrix *matrix = &scores->rows;
    if (s->options->value_column && feature_find(s->trained->set, s->options->value_column, &column)) {
        for (size_t i = 0; i < matrix->n_rows; i++) {
            float monthly = matrix->values[i * matrix->n_columns + column];
            if (!(monthly > 0)) continue;
            double cents = (double)monthly * 100 * s->options->value_months;
            scores->value_cents[matrix->identity[i]] = scores->if_stays_cents[matrix->identity[i]] = cents;
        }
        scores->value_note = arena_format(s->arena, "%s x %g months", s->options->value_column,
                                          s->options->value_months);
    }
    const struct cluster_request request = {
        .values = matrix->values, .n_rows = matrix->n_rows, .n_columns = matrix->n_columns,
        .names = feature_names(s->trained->set), .seed = s->options->seed, .n_threads = s->options->n_threads,
    };
    struct err refused;
    scores->has_table_clusters = clusters_fit(&request, s->arena, &scores->table_clusters, &refused);
    scores->table_identity = matrix->identity;
    if (!scores->has_table_clusters || scores->table_clusters.k == 0) return;
    for (size_t i = 0; i < matrix->n_rows; i++)
        scores->cluster[matrix->identity[i]] = scores->table_clusters.rows[scores->table_clusters.label[i]].name;
}

/* Loss is a matter of churn: of a customer who leaves, by the question or by the table's label. */
static void weigh(struct scoring *s)
{
    struct scores *scores = &s->scores;
    bool is_churn = question_is_churn(&s->trained->question);
    double *churn = ARENA_ARRAY(s->arena, double, scores->n + 1);
    for (size_t i = 0; i < scores->n; i++) {
        scores->n_customers += scores->is_customer[i];
        churn[i] = is_churn && scores->is_asked[i] ? scores->prediction[i] : (double)NAN;
        if (!isnan(churn[i]))
            scores->expected_loss_cents[i] = llround(churn[i] * scores->if_stays_cents[i] * s->options->margin);
        scores->at_risk.has_money |= !isnan(churn[i]) && scores->if_stays_cents[i] > 0;
    }
    struct at_risk *risk = &scores->at_risk;
    risk->customers = scores->n_asked;
    (void)backtest_read(json_object_get(s->trained->evidence, "backtest"), s->arena, &risk->backtest);
    risk->leavers = backtest_leavers(&risk->backtest, stakes_sum(churn, NULL, scores->n));
    risk->cents = backtest_cents(&risk->backtest, stakes_sum(churn, scores->if_stays_cents, scores->n));
}

bool score_everybody(const struct log *log, const struct trained *trained, const struct score_options *options,
                     struct arena *arena, struct progress *progress, struct scores *ret_scores, struct err *err)
{
    struct scoring s = {
        .log = log, .trained = trained, .options = options, .arena = arena, .progress = progress
    };
    begin(&s);
    if (!(options->rows ? score_there(&s, err) : score_here(&s, err))) return false;
    if (s.scores.history.n_customers == 0 && trained->question.kind == QUESTION_TRAIT) score_table(&s);
    if (!parallel_goes_on(err)) return false;
    weigh(&s);
    *ret_scores = s.scores;
    return true;
}

static int by_identity(const void *key, const void *element)
{
    uint32_t wanted = *(const uint32_t *)key, is = *(const uint32_t *)element;
    return (wanted > is) - (wanted < is);
}

const float *scores_row(const struct scores *scores, uint32_t identity)
{
    const struct matrix *rows = &scores->rows;
    const uint32_t *at = bsearch(&identity, rows->identity, rows->n_rows, sizeof identity, by_identity);
    return at ? rows->values + (size_t)(at - rows->identity) * rows->n_columns : NULL;
}
