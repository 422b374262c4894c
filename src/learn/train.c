/* train.c - see train.h. */
#include "learn/train.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "learn/evidence.h"
#include "learn/learning_curve.h"
#include "learn/reasons.h"
#include "feature/churn_event.h"
#include "feature/matrix.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1000000, CUTOFFS_LEAST = 4 };

struct training {
    const struct log           *log;
    const struct train_options *options;
    struct arena               *arena;
    struct progress            *progress;
    struct trained              trained;
    int64_t                    *cutoffs_ms;
    size_t                      n_cutoffs;
    struct matrix               matrix;         /* in order of (cutoff, hash of the customer's name) */
    uint32_t                   *group;          /* [rows] the customer, by a hash of the name */
    size_t                      n_train;        /* rows before the held-out instant; all of them for a table */
    struct selection            selection;
    double                      share;          /* of the customers, where rows come from elsewhere */
};

/* Drops rows whose label is unknown, keeping the order. */
static void keep_labelled(struct matrix *matrix)
{
    size_t kept = 0, row_bytes = matrix->n_columns * sizeof *matrix->values;
    for (size_t i = 0; i < matrix->n_rows; i++) {
        if (isnan(matrix->labels[i])) continue;
        if (kept != i) {
            memcpy(matrix->values + kept * matrix->n_columns, matrix->values + i * matrix->n_columns, row_bytes);
            matrix->labels[kept] = matrix->labels[i];
            matrix->amounts[kept] = matrix->amounts[i];
            matrix->identity[kept] = matrix->identity[i];
            matrix->cutoff[kept] = matrix->cutoff[i];
        }
        kept++;
    }
    matrix->n_rows = kept;
}

struct named_row { uint64_t name; uint32_t row; uint16_t cutoff; };

static int by_cutoff_and_name(const void *a, const void *b)
{
    const struct named_row *x = a, *y = b;
    if (x->cutoff != y->cutoff) return x->cutoff < y->cutoff ? -1 : 1;
    if (x->name != y->name) return x->name < y->name ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void move_row(const struct matrix *from, size_t a, struct matrix *to, size_t b)
{
    memcpy(to->values + b * to->n_columns, from->values + a * to->n_columns, to->n_columns * sizeof *to->values);
    to->labels[b] = from->labels[a], to->amounts[b] = from->amounts[a];
    to->identity[b] = from->identity[a], to->cutoff[b] = from->cutoff[a];
}

/* Row order[i] becomes row i, in place, cycle by cycle: a copy of the values would double what training holds. */
static void permute(struct matrix *m, struct named_row *order, struct arena *scratch)
{
    float label, amount;
    uint32_t identity;
    uint16_t cutoff;
    struct matrix aside = { 1, m->n_columns, ARENA_ARRAY(scratch, float, m->n_columns + 1), &label, &amount,
                            &identity, &cutoff };
    for (size_t start = 0; start < m->n_rows; start++) {
        if (order[start].row == UINT32_MAX) continue;
        move_row(m, start, &aside, 0);
        for (size_t i = start, next;; i = next) {
            next = order[i].row;
            order[i].row = UINT32_MAX;
            if (next == start) { move_row(&aside, 0, m, i); break; }
            move_row(m, next, m, i);
        }
    }
}

/* Which customers are learned from, judged on and drawn together must not depend on the order of a file's rows,
 * which numbers the identities: so names order the rows, and parts are drawn by them. */
static void order_by_name(struct training *t)
{
    struct matrix *m = &t->matrix;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct named_row *order = ARENA_ARRAY(scratch, struct named_row, m->n_rows + 1);
    t->group = ARENA_ARRAY(t->arena, uint32_t, m->n_rows + 1);
    for (uint32_t i = 0; i < m->n_rows; i++) {
        struct text name = log_name(t->log, DICTIONARY_IDENTITY, m->identity[i]);
        order[i] = (struct named_row){ hash_bytes(name.at, name.length, 0), i, m->cutoff[i] };
    }
    qsort(order, m->n_rows, sizeof *order, by_cutoff_and_name);
    for (size_t i = 0; i < m->n_rows; i++) t->group[i] = (uint32_t)(order[i].name >> 32);
    permute(m, order, scratch);
    arena_free(scratch);
}

static struct sample sample_of(const struct training *t, size_t from, size_t to)
{
    const struct matrix *m = &t->matrix;
    return (struct sample){
        .values = m->values + from * m->n_columns, .n_rows = to - from, .n_columns = m->n_columns,
        .labels = m->labels + from, .group = t->group + from, .cutoff = m->cutoff + from,
        .names = feature_names(t->trained.set),
    };
}

/* Many rows say little more than enough of them: first instants are left out, then customers, the same at every
 * instant.  Returns the share of the customers. */
static double limit_rows(struct training *t)
{
    size_t n_customers = log_n_names(t->log, DICTIONARY_IDENTITY), n_train = t->n_cutoffs - 1;
    size_t kept = ROWS_MAX / (n_customers + 1);
    if (kept < CUTOFFS_LEAST) kept = CUTOFFS_LEAST;
    if (kept < n_train) {
        for (size_t i = 0; i < kept; i++) t->cutoffs_ms[i] = t->cutoffs_ms[i * (n_train - 1) / (kept - 1)];
        t->cutoffs_ms[kept] = t->cutoffs_ms[n_train];
        t->n_cutoffs = kept + 1;
    }
    double share = (double)ROWS_MAX / ((double)n_customers * (double)t->n_cutoffs);
    return share < 1 ? share : 1;
}

static bool build_rows(struct training *t, double share, struct err *err)
{
    const struct question *question = &t->trained.question;
    const struct rows_source *rows = t->options->rows;
    if (!rows)
        return matrix_build(t->log, t->trained.set, question, t->cutoffs_ms, t->n_cutoffs, share,
                            t->options->n_threads, t->arena, &t->matrix, err);
    t->share = rows->share < share ? rows->share : share;
    return rows->begin(rows->context, err) &&
           rows->build(rows->context, t->trained.set, question, t->cutoffs_ms, t->n_cutoffs, t->share, true, t->arena,
                       &t->matrix, err);
}

static bool build(struct training *t, struct err *err)
{
    struct question *question = &t->trained.question;
    bool is_table = question->kind == QUESTION_TRAIT;
    const struct feature_options features = { .excluded_trait = question->target, .goal = question->goal,
                                              .kinds = question->left, .n_kinds = question->n_left,
                                              .ignored = t->options->ignored, .only = t->options->only,
                                              .n_threads = t->options->n_threads };
    if (!feature_set_generate(t->log, &features, t->arena, &t->trained.set, err))
        return err_context(err, "features");
    if (question->n_left > 0)
        question->who = churn_events_none_since(t->trained.set, question->goal, question->left, question->n_left, t->arena);
    if (is_table) {
        t->cutoffs_ms = ARENA_NEW(t->arena, int64_t);
        t->cutoffs_ms[0] = t->options->as_of_ms;
        t->n_cutoffs = 1;
    } else if (!question_cutoffs(question, t->options->first_ms, t->options->as_of_ms, t->options->test_at_ms,
                                 t->arena, &t->cutoffs_ms, &t->n_cutoffs, err)) {
        return false;
    }
    progress_report(t->progress, "computing features", 0, 0, "customers");
    double share = is_table ? 1 : limit_rows(t);
    if (!build_rows(t, share, err)) return err_context(err, "features");
    if (!parallel_goes_on(err)) return false;
    keep_labelled(&t->matrix);
    order_by_name(t);
    t->n_train = t->matrix.n_rows;
    while (!is_table && t->n_train > 0 && t->matrix.cutoff[t->n_train - 1] == t->n_cutoffs - 1) t->n_train--;
    return true;
}

static bool select_model(struct training *t, struct err *err)
{
    const struct question *question = &t->trained.question;
    size_t rule;
    bool has_rule = question->kind != QUESTION_TRAIT &&
                    feature_of_kind(t->trained.set, question->goal, "recency_days", &rule);
    const struct selection_request request = {
        .target = question->kind == QUESTION_SPEND ? TARGET_AMOUNT : TARGET_YES_NO,
        .train = sample_of(t, 0, t->n_train),
        .test = sample_of(t, t->n_train, t->matrix.n_rows),
        .rule = has_rule ? feature_names(t->trained.set)[rule] : NULL,
        .seed = t->options->seed,
        .n_threads = t->options->n_threads,
        .search_seconds = t->options->search_seconds,
        .now_seconds = t->options->now_seconds,
        .progress = t->progress,
    };
    if (!selection_run(&request, t->arena, &t->selection, err))
        return err_context(err, "the question '%s'", question->name);
    const struct sample all = sample_of(t, 0, t->matrix.n_rows);
    if (!predictor_fit(t->selection.settings, &all, t->options->seed, t->options->n_threads, t->arena,
                       &t->trained.predictor, err))
        return false;
    if (question->kind == QUESTION_TRAIT)
        predictor_keep_left_out(t->trained.predictor, &all, t->selection.predicted, t->arena);
    return true;
}

/* Nobody foretells so well: something that was written afterwards is among the columns, and the one that the model
 * leans on most is the first to look at. */
static const char *why_chosen(const struct training *t, const struct driver *drivers, size_t n_drivers)
{
    static const double TOO_GOOD_AUC = 0.99;
    struct interval auc = selection_metric(&t->selection, t->selection.chosen, METRIC_AUC);
    if (!(auc.value > TOO_GOOD_AUC) || n_drivers == 0) return t->selection.sentence;
    const char *name = feature_names(t->trained.set)[drivers[0].column];
    return arena_format(
        t->arena,
        "%s. WARNING: an AUC of %.3f is too good to be true: what it leans on most is %s; was that "
        "known before the outcome? --ignore leaves a column out",
        t->selection.sentence, auc.value, name);
}

static json_t *question_json(const struct training *t, const char *chosen_because)
{
    const struct question *question = &t->trained.question;
    json_t *cutoffs = json_array();
    char day[11] = "";
    for (size_t i = 0; question->kind != QUESTION_TRAIT && i < t->n_cutoffs; i++) {
        calendar_format_day(calendar_day_of_ms(t->cutoffs_ms[i]), day);
        json_array_append_new(cutoffs, json_string(day));
    }
    double positives = 0;
    for (size_t i = 0; i < t->matrix.n_rows; i++) positives += t->matrix.labels[i] > 0;
    const char *asks = question_asks(question, t->arena);
    json_t *left = json_array();
    for (size_t i = 0; i < question->n_left; i++) json_array_append_new(left, json_string(question->left[i]));
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:o, s:I, s:o, s:s?, s:I, s:I, s:o, s:s, s:I, s:s}", "name",
                     question->name, "sentence", arena_format(t->arena, "Which customer %s?", asks), "asks", asks,
                     "why", question->why, "goal", question->goal, "left", left, "horizon_days",
                     question->kind == QUESTION_TRAIT ? json_null() : json_integer(question->horizon_days),
                     "active_days", (json_int_t)question->active_days, "cutoffs", cutoffs, "test_at",
                     *day ? day : NULL, "positives", (json_int_t)positives, "rows", (json_int_t)t->matrix.n_rows,
                     "base_rate", number_json(t->selection.base_rate), "validation", t->selection.validation,
                     "judged", (json_int_t)t->selection.n_judged, "chosen_because", chosen_because);
}

/* Of a table, which has no earlier instants, ten parts of the customers that each model did not learn from. */
static struct backtest parts_check(const struct training *t)
{
    enum { PARTS = 10 };
    struct backtest parts = { t->options->terms, ARENA_ARRAY(t->arena, struct backtest_row, PARTS), PARTS };
    for (size_t i = 0; i < t->selection.n_held_out; i++) {
        struct backtest_row *row = &parts.rows[i % PARTS];
        struct stakes stakes = stakes_sum(&t->selection.predicted[i], NULL, 1);
        row->n_asked++;
        row->leavers.stakes.expected += stakes.expected;
        row->leavers.stakes.variance += stakes.variance;
        row->leavers.actual += (double)t->matrix.labels[i];
    }
    for (size_t part = 0; part < PARTS; part++) parts.rows[part].cents = parts.rows[part].leavers;
    return parts;
}

static bool look_back(const struct training *t, json_t **ret_json, struct err *err)
{
    const struct question *question = &t->trained.question;
    const struct backtest_request request = {
        .log = t->log,
        .question = question,
        .matrix = &t->matrix,
        .group = t->group,
        .names = feature_names(t->trained.set),
        .cutoffs_ms = t->cutoffs_ms,
        .n_cutoffs = t->n_cutoffs,
        .selection = &t->selection,
        .terms = t->options->terms,
        .seed = t->options->seed,
        .n_threads = t->options->n_threads,
    };
    struct backtest backtest = { .terms = t->options->terms };
    progress_report(t->progress, "looking back", 0, 0, "instants");
    if (question->kind == QUESTION_TRAIT) backtest = parts_check(t);
    else if (question->kind == QUESTION_CHURN && !backtest_run(&request, t->arena, &backtest, err)) return false;
    *ret_json = backtest_json(&backtest);
    return true;
}

/* Writes the middle value of each feature among the rows from `from` on. */
static json_t *find_middles(struct training *t, const struct matrix *m, size_t from)
{
    double *values = ARENA_ARRAY(t->arena, double, m->n_rows - from + 1);
    json_t *usual = json_array();
    t->trained.usual = ARENA_ARRAY(t->arena, double, m->n_columns + 1);
    for (size_t column = 0; column < m->n_columns; column++) {
        size_t n = 0;
        for (size_t i = from; i < m->n_rows; i++) {
            float value = m->values[i * m->n_columns + column];
            if (!isnan(value)) values[n++] = (double)value;
        }
        sort_doubles(values, n);
        t->trained.usual[column] = n ? quantile_sorted(values, n, 0.5) : (double)NAN;
        json_array_append_new(usual, number_json(t->trained.usual[column]));
    }
    return usual;
}

static bool build_now(struct training *t, double share, struct arena *arena, struct matrix *ret_now,
                      struct err *err)
{
    const struct rows_source *rows = t->options->rows;
    const struct question *question = &t->trained.question;
    int64_t now_ms = t->options->as_of_ms;
    if (!rows)
        return matrix_build(t->log, t->trained.set, question, &now_ms, 1, share, t->options->n_threads, arena,
                            ret_now, err);
    return rows->begin(rows->context, err) &&
           rows->build(rows->context, t->trained.set, question, &now_ms, 1, fmin(share, rows->share), true, arena,
                       ret_now, err);
}

/* What is usual among the customers who are asked now: among those of the newest instant that has an answer, where
 * nobody is. */
static bool find_usual(struct training *t, json_t **ret_usual, struct err *err)
{
    enum { CUSTOMERS_ENOUGH = 20000 };      /* for a middle value */
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct matrix now = { 0 };
    struct err why = { 0 };
    double share = CUSTOMERS_ENOUGH / ((double)log_n_names(t->log, DICTIONARY_IDENTITY) + 1);
    bool is_table = t->trained.question.kind == QUESTION_TRAIT;
    bool ok = is_table || build_now(t, fmin(share, 1), scratch, &now, &why);
    if (ok && now.n_rows > 0) *ret_usual = find_middles(t, &now, 0);
    else *ret_usual = find_middles(t, &t->matrix, t->n_train < t->matrix.n_rows ? t->n_train : 0);
    arena_free(scratch);
    if (ok || why.code == ERR_REFUSED) return true;
    json_decref(*ret_usual);
    *err = why;
    return false;
}

static void gather_evidence(struct training *t, json_t *backtest, json_t *usual)
{
    struct trained *trained = &t->trained;
    size_t n = feature_set_size(trained->set), n_drivers;
    const char **meanings = ARENA_ARRAY(t->arena, const char *, n);
    struct driver *drivers;
    for (size_t i = 0; i < n; i++) meanings[i] = feature_at(trained->set, i)->meaning;
    const struct sample judged = sample_of(t, t->n_train < t->matrix.n_rows ? t->n_train : 0, t->matrix.n_rows);
    drivers_compute(trained->predictor, &judged, t->options->seed, t->options->n_threads, t->arena, &drivers,
                    &n_drivers);
    reasons_judge_drivers(trained, drivers, n_drivers);
    trained->base_rate = t->selection.base_rate;
    trained->evidence =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "usual", usual, "backtest", backtest,
                  "question", question_json(t, why_chosen(t, drivers, n_drivers)), "models",
                  models_json(&t->selection), "calibration", calibration_json(&t->selection), "deciles",
                  deciles_json(&t->selection, question_past(&trained->question, t->arena)), "roc",
                  roc_json(&t->selection), "drivers",
                  drivers_json(drivers, n_drivers, feature_names(trained->set), meanings,
                               question_asks(&trained->question, t->arena)));
}

/* { "customers", "of", "curve" }: what the sample was, and what more of it would bring. */
static bool learning_curve(const struct training *t, json_t **ret_sample, struct err *err)
{
    const struct rows_source *rows = t->options->rows;
    const struct sample train = sample_of(t, 0, t->n_train), test = sample_of(t, t->n_train, t->matrix.n_rows);
    json_t *curve = NULL;
    const char *sentence = "";
    if (!learning_curve_json(t->selection.settings, &train, &test, t->options->seed, t->options->n_threads, &curve,
                             &sentence, err))
        return false;
    *ret_sample = json_pack("{s:I, s:I, s:o, s:s}", "customers", (json_int_t)(t->share * (double)rows->n_customers + 0.5),
                            "of", (json_int_t)rows->n_customers, "curve", curve, "sentence", sentence);
    return true;
}

bool train_ignored(const struct settings *settings, const char *also, struct arena *arena, const char **ret_list,
                   struct err *err)
{
    const char *const *names, *list = also;
    size_t n;
    if (!settings_names(settings, "protected", arena, &names, &n, err)) return false;
    for (size_t i = 0; i < n; i++) list = list ? arena_format(arena, "%s,%s", list, names[i]) : names[i];
    *ret_list = list;
    return true;
}

bool train_question(const struct log *log, const struct question *question, const struct train_options *options,
                    struct arena *arena, struct progress *progress, struct trained *ret_trained,
                    struct train_timing *ret_timing, struct err *err)
{
    struct training t = { .log = log, .options = options, .arena = arena, .progress = progress };
    t.trained.question = *question;
    t.trained.as_of_ms = options->as_of_ms;
    double began = options->now_seconds();
    if (!build(&t, err)) return false;
    double built = options->now_seconds();
    if (!select_model(&t, err)) return false;
    json_t *backtest, *usual;
    if (!look_back(&t, &backtest, err)) return false;
    if (!find_usual(&t, &usual, err)) {
        json_decref(backtest);
        return false;
    }
    gather_evidence(&t, backtest, usual);
    struct log_totals totals;
    if (!log_totals(log, &totals, err)) return false;
    json_object_set_new(t.trained.evidence, "n_events", json_integer((json_int_t)totals.n_events));
    json_t *sample = NULL;
    if (options->rows && !learning_curve(&t, &sample, err)) return false;
    if (sample) json_object_set_new(t.trained.evidence, "sample", sample);
    *ret_trained = t.trained;
    *ret_timing = (struct train_timing){
        .features_seconds = built - began, .train_seconds = options->now_seconds() - built,
        .matrix_bytes = t.matrix.n_rows * t.matrix.n_columns * sizeof *t.matrix.values,
        .state_bytes = feature_set_state_bytes(t.trained.set) * log_n_names(log, DICTIONARY_IDENTITY),
    };
    return true;
}
