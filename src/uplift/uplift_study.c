/* uplift_study.c - see uplift_study.h. */
#include "uplift/uplift_study_internal.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { REPLICATES_MOST = 400, REPLICATES_LEAST = 100, BOOTSTRAP_ROWS = 40000000 };

static const double SLOPE_LEAST = .05, SLOPE_MOST = 1.5;

const char *const uplift_group_text[UPLIFT_GROUPS] = { "persuadable", "sure", "lost", "sleeping_dog" };
const char *const uplift_word_text[] = { "model", "everyone", "no_one", "rule", "refused" };

/* ---- who is judged on ---- */

static bool is_constant(const double *values, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (fabs(values[i] - values[0]) > 1e-12) return false;
    return true;
}

/* Fifths by lot, each with as many of either arm as the others. */
static uint8_t *fifths_by_lot(const struct effect_data *data, struct arena *arena)
{
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, data->n + 1);
    uint8_t *fold = ARENA_ARRAY(arena, uint8_t, data->n + 1);
    size_t met[2] = { 0 };
    struct rng rng = rng_stream(data->seed, 77);
    for (size_t i = 0; i < data->n; i++) order[i] = (uint32_t)i;
    rng_shuffle(&rng, order, data->n);
    for (size_t i = 0; i < data->n; i++)
        fold[order[i]] = (uint8_t)(met[data->is_treated[order[i]]]++ % UPLIFT_FIFTHS);
    return fold;
}

static bool judged_new(const struct effect_data *data, const double *value, struct arena *arena,
                       struct judged *ret, struct err *err)
{
    *ret = (struct judged){ .data = data,
                            .value = value,
                            .rows = ARENA_ARRAY(arena, uint32_t, data->n + 1),
                            .fold = fifths_by_lot(data, arena),
                            .robust = ARENA_ARRAY(arena, double, data->n + 1) };
    for (size_t i = 0; i < data->n; i++) ret->rows[i] = (uint32_t)i;
    if (!nuisance_cross_fit(data, ret->rows, data->n, arena, &ret->nuisance, err)) return false;
    doubly_robust_scores(data, ret->rows, data->n, &ret->nuisance, ret->robust);
    if (is_constant(ret->nuisance.propensity, data->n)) return true;
    ret->weight = ARENA_ARRAY(arena, double, data->n + 1);
    for (size_t i = 0; i < data->n; i++)
        ret->weight[i] = 1 / (data->is_treated[i] ? ret->nuisance.propensity[i] : 1 - ret->nuisance.propensity[i]);
    return true;
}

static struct uplift_metrics metrics_of(const struct judged *judged, const double *score)
{
    const struct effect_data *data = judged->data;
    struct uplift_rows rows = { data->n, score, data->outcome, judged->weight, data->is_treated };
    size_t replicates = BOOTSTRAP_ROWS / (data->n + 1);
    if (replicates > REPLICATES_MOST) replicates = REPLICATES_MOST;
    if (replicates < REPLICATES_LEAST) replicates = REPLICATES_LEAST;
    return uplift_metrics_of(&rows, replicates, data->seed, data->n_threads);
}

/* ---- calibration ---- */

/* The line of doubly robust scores on effects, over the rows outside a fifth (UPLIFT_FIFTHS: over all). */
struct line { double slope, score_mean; };

static struct line line_of(const struct judged *judged, const double *effect, uint8_t without)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < judged->data->n; i++) {
        if (judged->fold[i] == without) continue;
        n++, x += effect[i], y += judged->robust[i];
    }
    x /= n, y /= n;
    for (size_t i = 0; i < judged->data->n; i++) {
        if (judged->fold[i] == without) continue;
        xx += (effect[i] - x) * (effect[i] - x), xy += (effect[i] - x) * (judged->robust[i] - y);
    }
    double slope = xx > 0 ? xy / xx : 1;
    return (struct line){ fmin(fmax(slope, SLOPE_LEAST), SLOPE_MOST), y };
}

/* Each fifth by the slope of the others, around one mean for all: a fifth where the effect is by chance small makes
 * the others' larger, so what those expect of it on average would rank it first. */
static double calibrate(const struct judged *judged, double *effect)
{
    size_t n = judged->data->n;
    double mean[UPLIFT_FIFTHS] = { 0 }, slope[UPLIFT_FIFTHS], met[UPLIFT_FIFTHS] = { 0 };
    const struct line all = line_of(judged, effect, UPLIFT_FIFTHS);
    for (size_t i = 0; i < n; i++) mean[judged->fold[i]] += effect[i], met[judged->fold[i]]++;
    for (uint8_t fold = 0; fold < UPLIFT_FIFTHS; fold++) slope[fold] = line_of(judged, effect, fold).slope;
    for (size_t i = 0; i < n; i++) {
        uint8_t fold = judged->fold[i];
        effect[i] = all.score_mean + slope[fold] * (effect[i] - mean[fold] / met[fold]);
    }
    return all.slope;
}

/* ---- fitting ---- */

/* effects [learner][judged row], of learners that saw only teaching rows. */
static bool fit_and_predict(const struct uplift_request *request, const struct effect_data *teaching,
                            const uint32_t *rows, size_t n, const struct effect_data *asked, const uint32_t *out,
                            size_t n_out, double **effects, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct nuisance nuisance;
    double *predicted = ARENA_ARRAY(scratch, double, n_out + 1);
    bool ok = nuisance_cross_fit(teaching, rows, n, scratch, &nuisance, err);
    for (enum effect_learner l = 0; ok && l < EFFECT_LEARNERS; l++) {
        struct effect *effect;
        if (!request->is_asked[l]) continue;
        ok = effect_fit(teaching, rows, n, &nuisance, l, scratch, &effect, err);
        if (!ok) break;
        effect_predict(effect, asked->values, out, n_out, predicted);
        for (size_t i = 0; i < n_out; i++) effects[l][out[i]] = predicted[i];
    }
    arena_free(scratch);
    return ok;
}

static bool cross_fit(const struct uplift_request *request, const struct judged *judged, double **effects,
                      struct arena *scratch, struct err *err)
{
    const struct effect_data *data = judged->data;
    uint32_t *in = ARENA_ARRAY(scratch, uint32_t, request->data.n + 1),
             *out = ARENA_ARRAY(scratch, uint32_t, data->n + 1);
    if (request->test.n > 0) {
        for (uint32_t i = 0; i < request->data.n; i++) in[i] = i;
        return fit_and_predict(request, &request->data, in, request->data.n, data, judged->rows, data->n, effects,
                               err);
    }
    for (uint8_t fold = 0; fold < UPLIFT_FIFTHS; fold++) {
        size_t n = 0, n_out = 0;
        for (uint32_t i = 0; i < data->n; i++)
            if (judged->fold[i] == fold) out[n_out++] = i;
            else in[n++] = i;
        if (!fit_and_predict(request, data, in, n, data, out, n_out, effects, err)) return false;
    }
    return true;
}

/* ---- choosing ---- */

/* The Qini score of an effect among the rows outside a fifth. */
static double qini_without(const struct judged *judged, const double *effect, uint8_t without, struct arena *arena)
{
    const struct effect_data *data = judged->data;
    double *score = ARENA_ARRAY(arena, double, data->n + 1), *outcome = ARENA_ARRAY(arena, double, data->n + 1),
           *weight = judged->weight ? ARENA_ARRAY(arena, double, data->n + 1) : NULL;
    uint8_t *treated = ARENA_ARRAY(arena, uint8_t, data->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (judged->fold[i] == without) continue;
        score[n] = effect[i], outcome[n] = data->outcome[i], treated[n] = data->is_treated[i];
        if (weight) weight[n] = judged->weight[i];
        n++;
    }
    struct uplift_rows rows = { n, score, outcome, weight, treated };
    double qini = uplift_metrics_of(&rows, 0, 1, 1).qini_auc.value;
    return isnan(qini) ? -HUGE_VAL : qini;
}

/* Where people judge that did not teach, each fifth takes the learner that is best on the others. */
static void compose(const struct judged *judged, double **effects, const bool *is_candidate, struct arena *scratch,
                    double *ret_effect)
{
    for (uint8_t fold = 0; fold < UPLIFT_FIFTHS; fold++) {
        double best = -HUGE_VAL;
        size_t at = UPLIFT_NO_LEARNER;
        for (size_t l = 0; l < EFFECT_LEARNERS; l++) {
            if (!is_candidate[l]) continue;
            double qini = qini_without(judged, effects[l], fold, scratch);
            if (at == UPLIFT_NO_LEARNER || qini > best) best = qini, at = l;
        }
        for (size_t i = 0; i < judged->data->n; i++)
            if (judged->fold[i] == fold) ret_effect[i] = effects[at][i];
    }
}

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return sum / (double)n;
}

static bool study_learners(const struct uplift_request *request, const struct judged *judged,
                           struct arena *scratch, struct uplift_study *study, struct err *err)
{
    double *effects[EFFECT_LEARNERS], *composed = study->effect;
    for (size_t l = 0; l < EFFECT_LEARNERS; l++) effects[l] = ARENA_ARRAY(scratch, double, study->n + 1);
    if (!cross_fit(request, judged, effects, scratch, err)) return false;
    size_t best = UPLIFT_NO_LEARNER;
    for (enum effect_learner l = 0; l < EFFECT_LEARNERS; l++) {
        if (!request->is_asked[l]) continue;
        struct uplift_learner_result *result = &study->learners[study->n_learners++];
        result->learner = l, result->ate = mean_of(effects[l], study->n);
        result->slope = calibrate(judged, effects[l]);
        result->qini = metrics_of(judged, effects[l]).qini_auc;
        result->is_better = result->qini.low > 0;
        if (best == UPLIFT_NO_LEARNER || result->qini.value > study->learners[best].qini.value)
            best = study->n_learners - 1;
    }
    compose(judged, effects, request->is_asked, scratch, composed);
    study->metrics = metrics_of(judged, composed);
    study->chosen = study->metrics.qini_auc.low > 0 && study->learners[best].is_better ? best : UPLIFT_NO_LEARNER;
    return true;
}

/* ---- the study ---- */

static bool refuse(struct uplift_study *study, const char *sentence)
{
    study->word = UPLIFT_REFUSED, study->sentence = sentence, study->chosen = UPLIFT_NO_LEARNER;
    return true;
}

static bool is_too_little(const struct effect_data *data, const char *what, struct arena *arena,
                          const char **ret_sentence)
{
    size_t n[2] = { 0 }, n_yes = 0;
    for (size_t i = 0; i < data->n; i++) n[data->is_treated[i]]++, n_yes += data->outcome[i] != 0;
    for (int arm = 0; arm < 2; arm++)
        if (n[arm] < UPLIFT_ARM_LEAST) {
            *ret_sentence =
                arena_format(arena, "%s has %zu people %s, and at least %d are needed to say anything: %s.", what,
                             n[arm], arm ? "treated" : "left alone", UPLIFT_ARM_LEAST,
                             n[arm] ? "wait for more, or pool several campaigns"
                                    : "without them nobody knows what would have happened anyway");
            return true;
        }
    size_t fewer = n_yes < data->n - n_yes ? n_yes : data->n - n_yes;
    if (data->is_yes_no && fewer < UPLIFT_EACH_LEAST) {
        *ret_sentence = arena_format(arena,
                                     "%s has an outcome with only %zu of the rarer kind, and at least %d are "
                                     "needed to say anything: wait for more.",
                                     what, fewer, UPLIFT_EACH_LEAST);
        return true;
    }
    return false;
}

/* Nothing was reckoned: no figure is 0. */
static void know_nothing(struct uplift_study *study)
{
    const struct uplift_interval unknown = { (double)NAN, (double)NAN, (double)NAN, (double)NAN };
    study->ate = study->gain = study->metrics.uplift_auc = study->metrics.qini_auc = unknown;
    for (size_t k = 0; k < UPLIFT_SHARES; k++) study->metrics.uplift_at[k] = unknown;
}

bool uplift_study_run(const struct uplift_request *request, struct arena *arena, struct uplift_study *ret_study,
                      struct err *err)
{
    bool has_test = request->test.n > 0, ok = true;
    const struct effect_data *data = has_test ? &request->test : &request->data;
    struct uplift_study study = { .n = data->n, .chosen = UPLIFT_NO_LEARNER,
                                  .is_observational = !request->data.propensity,
                                  .effect = ARENA_ARRAY(arena, double, data->n + 1) };
    struct judged judged;
    const char *sentence;
    for (size_t i = 0; i < data->n; i++) study.n_treated += data->is_treated[i];
    if (is_too_little(&request->data, "the file", arena, &sentence) ||
        (has_test && is_too_little(data, "the test file", arena, &sentence))) {
        know_nothing(&study);
        *ret_study = study;
        return refuse(ret_study, sentence);
    }
    if (!judged_new(data, has_test ? request->test_value : request->value, arena, &judged, err)) return false;
    study.ate = effect_among(&judged, NULL);
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    if (request->score) {
        memcpy(study.effect, request->score, data->n * sizeof *study.effect);
        study.metrics = metrics_of(&judged, study.effect);
    } else {
        ok = study_learners(request, &judged, scratch, &study, err);
    }
    arena_free(scratch);
    if (!ok) return false;
    verdict_of(request, &judged, arena, &study);
    *ret_study = study;
    return true;
}
