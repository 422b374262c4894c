/* predictor.c - see predictor.h.
 *
 * Saved bytes: "HFPR", version, XXH64 of all that follows; target, learner's name, name, settings, threshold,
 * columns' names, calibration, the learner's own numbers, and from version 2 on what was said of rows left out. */
#include "model/predictor.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "model/calibration.h"
#include "model/learner.h"
#include "model/metrics.h"
#include "model/left_out.h"
#include "model/split.h"
#include "model/trees.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 2, NAME_MAX_BYTES = 4096, ROWS_PER_ITEM = 8192, MIN_ROWS = 10, CROSS_FOLDS = 4,
       CROSS_ROWS_MOST = 50000, CROSS_LEAST = 20 };

static const double CALIBRATION_SHARE = 0.2, NO_THRESHOLD = -1;

struct predictor {
    const char           *name, *settings;
    enum target           target;
    size_t                n_columns;
    const char          **columns;
    double                threshold;
    struct calibration    calibration;
    const struct fitted  *fitted;
    struct left_out       left_out;     /* of a table */
};

static bool is_one_label(const struct sample *sample)
{
    for (size_t i = 1; i < sample->n_rows; i++)
        if (sample->labels[i] != sample->labels[0]) return false;
    return true;
}

/* Rows whose customer is in the calibration slice, or those that are not. */
static struct sample slice(const struct sample *sample, bool is_calibration, uint64_t seed, struct arena *arena)
{
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, sample->n_rows);
    size_t n = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        bool is_in = split_uniform(seed, SPLIT_CALIBRATION, split_group(sample, i)) < CALIBRATION_SHARE;
        if (is_in == is_calibration) rows[n++] = (uint32_t)i;
    }
    return split_take(sample, rows, n, arena);
}

static double best_threshold(const struct predictor *predictor, const double *scores, const struct sample *sample)
{
    if (predictor->target == TARGET_AMOUNT) return (double)NAN;
    double *probability = malloc((sample->n_rows + 1) * sizeof *probability);
    assert(probability);
    for (size_t i = 0; i < sample->n_rows; i++)
        probability[i] = calibration_apply(&predictor->calibration, scores[i]);
    double threshold = metric_best_threshold(sample->labels, probability, sample->n_rows);
    free(probability);
    return threshold;
}

/* What the learner's scores are worth, learned from those of rows that it was not fitted on. */
static void calibrate(struct predictor *predictor, const struct sample *rows, const double *scores, uint64_t seed,
                      struct arena *arena)
{
    predictor->calibration =
        calibration_choose(predictor->target, scores, rows->labels, rows->group, rows->n_rows, seed, arena);
    predictor->threshold = best_threshold(predictor, scores, rows);
}

static bool fit(struct predictor *predictor, const struct learner_settings *settings, const struct sample *rows,
                unsigned n_threads, struct arena *arena, struct err *err)
{
    struct fitted *fitted = NULL;
    if (!settings->learner->fit(settings, rows, n_threads, arena, &fitted, err)) return false;
    predictor->fitted = fitted;
    return true;
}

/* A constant and a rule give probabilities and amounts as they are. */
static bool fit_calibrated(const struct learner_settings *settings, const struct sample *whole, unsigned n_threads,
                           struct arena *arena, struct predictor *predictor, struct err *err)
{
    if (!fit(predictor, settings, whole, n_threads, arena, err)) return false;
    double *scores = memory_new(whole->n_rows + 1, sizeof *scores);
    predictor->calibration =
        (struct calibration){ .target = settings->target, .kind = CALIBRATION_LINE, .slope = 1 };
    learner_predict(predictor->fitted, whole, n_threads, scores);
    predictor->threshold = best_threshold(predictor, scores, whole);
    free(scores);
    return true;
}

static bool fit_sliced(const struct learner_settings *settings, const struct sample *whole, uint64_t seed,
                       unsigned n_threads, struct arena *arena, struct predictor *predictor, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sample fit_rows = slice(whole, false, seed, scratch), judge_rows = slice(whole, true, seed, scratch);
    if (fit_rows.n_rows < 2 || is_one_label(&fit_rows)) fit_rows = *whole;
    bool ok = fit(predictor, settings, &fit_rows, n_threads, arena, err);
    if (ok) {
        double *scores = ARENA_ARRAY(scratch, double, judge_rows.n_rows);
        learner_predict(predictor->fitted, &judge_rows, n_threads, scores);
        calibrate(predictor, &judge_rows, scores, seed, arena);
    }
    arena_free(scratch);
    return ok;
}

/* Scores of all rows, of each by a fit that did not see its customer. */
static bool cross_scores(const struct learner_settings *settings, const struct sample *whole, uint64_t seed,
                         unsigned n_threads, double *ret_scores, struct err *err)
{
    bool ok = true;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct learner_settings trial = *settings;
    uint8_t *fold = ARENA_ARRAY(arena, uint8_t, whole->n_rows);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, whole->n_rows),
             *others = ARENA_ARRAY(arena, uint32_t, whole->n_rows);
    double *scores = ARENA_ARRAY(arena, double, whole->n_rows);
    trial.is_trial = true;
    split_folds(whole, CROSS_FOLDS, seed + SPLIT_CALIBRATION, fold);
    for (uint8_t f = 0; f < CROSS_FOLDS && ok; f++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        size_t n = 0, n_others = 0;
        for (uint32_t i = 0; i < whole->n_rows; i++)
            if (fold[i] == f) rows[n++] = i;
            else others[n_others++] = i;
        struct sample fit_rows = split_take(whole, others, n_others, scratch);
        struct sample judge_rows = split_take(whole, rows, n, scratch);
        struct fitted *fitted = NULL;
        ok = settings->learner->fit(&trial, &fit_rows, n_threads, scratch, &fitted, err);
        if (ok) learner_predict(fitted, &judge_rows, n_threads, scores);
        for (size_t i = 0; ok && i < n; i++) ret_scores[rows[i]] = scores[i];
        arena_free(scratch);
    }
    arena_free(arena);
    return ok;
}

/* Few rows are not to be wasted: all are fitted on, and calibrated with scores of fits that left them out. */
static bool is_worth_crossing(const struct sample *whole, enum target target)
{
    size_t n_yes = 0;
    for (size_t i = 0; i < whole->n_rows; i++) n_yes += whole->labels[i] > (target == TARGET_AMOUNT ? 0.0F : 0.5F);
    return whole->n_rows <= CROSS_ROWS_MOST && n_yes >= CROSS_LEAST && whole->n_rows - n_yes >= CROSS_LEAST;
}

static bool fit_crossed(const struct learner_settings *settings, const struct sample *whole, uint64_t seed,
                        unsigned n_threads, struct arena *arena, struct predictor *predictor, struct err *err)
{
    double *scores = memory_new(whole->n_rows, sizeof *scores);
    bool ok = cross_scores(settings, whole, seed, n_threads, scores, err) &&
              fit(predictor, settings, whole, n_threads, arena, err);
    if (ok) calibrate(predictor, whole, scores, seed, arena);
    free(scores);
    return ok;
}

static bool fit_and_calibrate(const struct learner_settings *settings, const struct sample *whole,
                              uint64_t seed, unsigned n_threads, struct arena *arena,
                              struct predictor *predictor, struct err *err)
{
    if (settings->learner == &learner_constant || settings->learner == &learner_rule)
        return fit_calibrated(settings, whole, n_threads, arena, predictor, err);
    bool (*fit_all)(const struct learner_settings *, const struct sample *, uint64_t, unsigned, struct arena *,
                    struct predictor *, struct err *) =
        is_worth_crossing(whole, settings->target) ? fit_crossed : fit_sliced;
    return fit_all(settings, whole, seed, n_threads, arena, predictor, err);
}

bool predictor_fit(const struct learner_settings *settings, const struct sample *sample, uint64_t seed,
                   unsigned n_threads, struct arena *arena, struct predictor **ret_predictor, struct err *err)
{
    if (sample->n_rows < MIN_ROWS || is_one_label(sample))
        return err_set(err, ERR_REFUSED,
                       sample->n_rows < MIN_ROWS ? "%zu rows are too few to learn from"
                                                 : "all %zu labels are the same",
                       sample->n_rows);
    if (!parallel_goes_on(err)) return false;
    struct predictor *predictor = ARENA_NEW(arena, struct predictor);
    *predictor = (struct predictor){ .target = settings->target, .n_columns = sample->n_columns,
                                     .columns = ARENA_ARRAY(arena, const char *, sample->n_columns) };
    for (size_t c = 0; c < sample->n_columns; c++) predictor->columns[c] = arena_copy(arena, sample->names[c]);
    if (!fit_and_calibrate(settings, sample, seed, n_threads, arena, predictor, err)) return false;
    predictor->name = settings->learner->name;
    if (settings->learner == &learner_rule)
        predictor->name = arena_format(arena, "rule: %s", predictor->columns[rule_column(predictor->fitted)]);
    predictor->settings = settings->learner->describe(settings, arena);
    *ret_predictor = predictor;
    return true;
}

void predictor_keep_left_out(struct predictor *predictor, const struct sample *sample, const double *predicted,
                             struct arena *arena)
{
    predictor->left_out = left_out_of(sample, predicted, arena);
}

const char *predictor_name(const struct predictor *predictor)      { return predictor->name; }
const char *predictor_settings(const struct predictor *predictor)  { return predictor->settings; }
size_t predictor_columns(const struct predictor *predictor)        { return predictor->n_columns; }
double predictor_threshold(const struct predictor *predictor)      { return predictor->threshold; }

const char *predictor_column(const struct predictor *predictor, size_t column)
{
    assert(column < predictor->n_columns);
    return predictor->columns[column];
}

struct prediction { const struct predictor *predictor; const float *values; size_t n_rows; double *predicted; };

static void predict_item(void *context, size_t item, unsigned thread)
{
    (void)thread;
    const struct prediction *job = context;
    const struct fitted *fitted = job->predictor->fitted;
    size_t first = item * ROWS_PER_ITEM,
           n = job->n_rows - first < ROWS_PER_ITEM ? job->n_rows - first : ROWS_PER_ITEM;
    double *predicted = job->predicted + first;
    fitted->learner->predict(fitted, job->values + first * fitted->n_columns, n, 1, predicted);
    for (size_t i = 0; i < n; i++) {
        double said = left_out_find(&job->predictor->left_out, job->values + (first + i) * fitted->n_columns,
                                    fitted->n_columns);
        predicted[i] = isnan(said) ? calibration_apply(&job->predictor->calibration, predicted[i]) : said;
    }
}

void predictor_predict(const struct predictor *predictor, const float *values, size_t n_rows, unsigned n_threads,
                       double *ret_predicted)
{
    struct prediction job = { predictor, values, n_rows, ret_predicted };
    parallel_for(n_threads ? n_threads : 1, (n_rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, predict_item, &job);
}

void predictor_judge(const struct predictor *predictor, const struct sample *sample, unsigned n_threads,
                     double *ret_predicted)
{
    learner_predict(predictor->fitted, sample, n_threads, ret_predicted);
    for (size_t i = 0; i < sample->n_rows; i++)
        ret_predicted[i] = calibration_apply(&predictor->calibration, ret_predicted[i]);
}

void predictor_explain(const struct predictor *predictor, const float *row, double *ret_contribution,
                       double *ret_base)
{
    predictor_explain_rows(predictor, row, 1, ret_contribution, ret_base);
}

void predictor_explain_rows(const struct predictor *predictor, const float *values, size_t n_rows,
                            double *ret_contributions, double *ret_base)
{
    predictor->fitted->learner->explain(predictor->fitted, values, n_rows, ret_contributions, ret_base);
}

double predictor_score(const struct predictor *predictor, const float *row)
{
    double score;
    predictor->fitted->learner->predict(predictor->fitted, row, 1, 1, &score);
    return score;
}

double predictor_change(const struct predictor *predictor, const float *row, size_t column, float value)
{
    const struct fitted *fitted = predictor->fitted;
    if (fitted->learner->change) return fitted->learner->change(fitted, row, column, value);
    float *changed = memory_new(fitted->n_columns + 1, sizeof *changed);
    memcpy(changed, row, fitted->n_columns * sizeof *changed);
    changed[column] = value;
    double change = predictor_score(predictor, changed) - predictor_score(predictor, row);
    free(changed);
    return change;
}

double predictor_calibrate(const struct predictor *predictor, double score)
{
    return calibration_apply(&predictor->calibration, score);
}

void predictor_save(const struct predictor *predictor, struct arena *arena, const uint8_t **ret_bytes,
                    size_t *ret_length)
{
    struct bytes_writer body = { .arena = arena }, whole = { .arena = arena };
    write_u32(&body, (uint32_t)predictor->target);
    write_text(&body, predictor->fitted->learner->name);
    write_text(&body, predictor->name);
    write_text(&body, predictor->settings);
    write_f64(&body, isnan(predictor->threshold) ? NO_THRESHOLD : predictor->threshold);
    write_u32(&body, (uint32_t)predictor->n_columns);
    for (size_t c = 0; c < predictor->n_columns; c++) write_text(&body, predictor->columns[c]);
    calibration_save(&predictor->calibration, &body);
    predictor->fitted->learner->save(predictor->fitted, &body);
    left_out_save(&predictor->left_out, &body);

    uint64_t sum = hash_xxh64(body.bytes, body.length);
    write_bytes(&whole, "HFPR", 4);
    write_u32(&whole, VERSION);
    write_bytes(&whole, &sum, sizeof sum);
    write_bytes(&whole, body.bytes, body.length);
    *ret_bytes = whole.bytes;
    *ret_length = whole.length;
}

static bool load_body(struct bytes_reader *reader, uint32_t version, struct arena *arena,
                      struct predictor *predictor, struct err *err)
{
    predictor->target = read_u32(reader, TARGET_AMOUNT);
    const struct learner *learner = learner_find(read_text(reader, arena, NAME_MAX_BYTES));
    predictor->name = read_text(reader, arena, 2 * NAME_MAX_BYTES);
    predictor->settings = read_text(reader, arena, 2 * NAME_MAX_BYTES);
    predictor->threshold = read_f64(reader);
    if (predictor->threshold == NO_THRESHOLD) predictor->threshold = (double)NAN;
    else if (!(predictor->threshold >= 0)) reader->is_bad = true;
    predictor->n_columns = read_u32(reader, TREES_MAX_COLUMNS);
    if (predictor->n_columns > (size_t)(reader->end - reader->at)) reader->is_bad = true;
    if (reader->is_bad || !learner) return err_set(err, ERR_CORRUPT, "the model's head is broken");
    predictor->columns = ARENA_ARRAY(arena, const char *, predictor->n_columns);
    for (size_t c = 0; c < predictor->n_columns; c++)
        predictor->columns[c] = read_text(reader, arena, NAME_MAX_BYTES);
    if (reader->is_bad) return err_set(err, ERR_CORRUPT, "the names of the model's features are broken");
    struct fitted *fitted = NULL;
    if (!calibration_load(reader, predictor->target, arena, &predictor->calibration, err)) return false;
    if (!learner->load(reader, predictor->target, predictor->n_columns, arena, &fitted, err)) return false;
    if (version > 1 && !left_out_load(reader, arena, &predictor->left_out, err)) return false;
    if (reader->at != reader->end) return err_set(err, ERR_CORRUPT, "the model has bytes left over");
    predictor->fitted = fitted;
    return true;
}

bool predictor_load(const uint8_t *bytes, size_t length, struct arena *arena, struct predictor **ret_predictor,
                    struct err *err)
{
    struct bytes_reader reader = { .at = bytes, .end = bytes + length };
    char magic[4];
    uint64_t sum = 0;
    read_bytes(&reader, magic, sizeof magic);
    if (reader.is_bad || memcmp(magic, "HFPR", 4) != 0)
        return err_set(err, ERR_CORRUPT, "these bytes are not a model");
    uint32_t version = read_u32(&reader, UINT32_MAX);
    read_bytes(&reader, &sum, sizeof sum);
    if (reader.is_bad) return err_set(err, ERR_CORRUPT, "the model is cut short");
    if (version < 1 || version > VERSION)
        return err_set(err, ERR_CORRUPT, "the model has version %u; this program reads versions 1 to %d", version,
                       VERSION);
    if (hash_xxh64(reader.at, (size_t)(reader.end - reader.at)) != sum)
        return err_set(err, ERR_CORRUPT, "the model's checksum is wrong: its bytes were changed or cut short");
    struct predictor *predictor = ARENA_NEW(arena, struct predictor);
    if (!load_body(&reader, version, arena, predictor, err)) return err_context(err, "the model");
    *ret_predictor = predictor;
    return true;
}
