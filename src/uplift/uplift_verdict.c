/* uplift_verdict.c - who belongs to which group, what held on people unseen, and what to do; see uplift_study.h.
 */
#include "uplift/uplift_study_internal.h"

#include "base/memory.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CUTS = 9 };

/* ---- averages ---- */

static struct uplift_interval interval_of(double value, double se)
{
    return (struct uplift_interval){ value, se, value - 1.959963984540054 * se, value + 1.959963984540054 * se };
}

/* The mean of robust scores (times value, less cost) over all rows, rows outside counting as 0. */
static struct uplift_interval mean_interval(const double *values, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    for (size_t i = 0; i < n; i++) squares += pow(values[i] - sum / (double)n, 2);
    return interval_of(sum / (double)n, n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : (double)NAN);
}

struct uplift_interval effect_among(const struct judged *judged, const bool *is_in)
{
    const struct effect_data *data = judged->data;
    double n[2] = { 0 }, sum[2] = { 0 }, squares[2] = { 0 }, *kept = memory_new(data->n + 1, sizeof *kept);
    size_t n_kept = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (is_in && !is_in[i]) continue;
        int arm = data->is_treated[i];
        n[arm]++, sum[arm] += data->outcome[i], kept[n_kept++] = judged->robust[i];
    }
    struct uplift_interval robust = mean_interval(kept, n_kept);
    free(kept);
    if (judged->weight) return robust;
    for (size_t i = 0; i < data->n; i++)
        if (!is_in || is_in[i])
            squares[data->is_treated[i]] +=
                pow(data->outcome[i] - sum[data->is_treated[i]] / n[data->is_treated[i]], 2);
    if (n[0] < 2 || n[1] < 2) return interval_of((double)NAN, (double)NAN);
    return interval_of(sum[1] / n[1] - sum[0] / n[0],
                       sqrt(squares[0] / (n[0] - 1) / n[0] + squares[1] / (n[1] - 1) / n[1]));
}

/* ---- fifths and groups ---- */

struct placed { double effect; uint32_t row; };

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->effect != y->effect) return x->effect < y->effect ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void fifths_of(const struct judged *judged, struct arena *arena, struct uplift_study *study)
{
    struct placed *placed = ARENA_ARRAY(arena, struct placed, study->n + 1);
    bool *is_in = ARENA_ARRAY(arena, bool, study->n + 1);
    for (size_t i = 0; i < study->n; i++) placed[i] = (struct placed){ study->effect[i], (uint32_t)i };
    qsort(placed, study->n, sizeof *placed, compare_placed);
    for (size_t f = 0; f < UPLIFT_FIFTHS; f++) {
        size_t from = f * study->n / UPLIFT_FIFTHS, to = (f + 1) * study->n / UPLIFT_FIFTHS;
        struct uplift_fifth *fifth = &study->fifths[study->n_fifths++];
        memset(is_in, 0, study->n * sizeof *is_in);
        for (size_t i = from; i < to; i++) is_in[placed[i].row] = true, fifth->predicted += placed[i].effect;
        fifth->n = to - from, fifth->predicted /= (double)fifth->n;
        fifth->observed = effect_among(judged, is_in);
    }
}

static double value_at(const struct judged *judged, size_t i) { return judged->value ? judged->value[i] : 1; }

/* Worth treating: persuadable.  Less than nothing: sleeping dogs.  Of the others who do it more than usual anyway
 * are sure, the rest lost. */
static void groups_of(const struct uplift_request *request, const struct judged *judged, struct arena *arena,
                      struct uplift_study *study)
{
    double usual = 0;
    study->group = ARENA_ARRAY(arena, uint8_t, study->n + 1);
    for (size_t i = 0; i < study->n; i++) usual += judged->nuisance.untreated[i] / (double)study->n;
    for (size_t i = 0; i < study->n; i++) {
        double effect = study->effect[i];
        bool is_persuadable = effect > 0 && effect * value_at(judged, i) > request->cost,
             is_sure = judged->nuisance.untreated[i] > usual;
        enum uplift_group group = effect < 0       ? GROUP_SLEEPING_DOG
                                  : is_persuadable ? GROUP_PERSUADABLE
                                  : is_sure        ? GROUP_SURE
                                                   : GROUP_LOST;
        study->group[i] = (uint8_t)group, study->n_group[group]++;
    }
}

/* ---- a rule ---- */

/* Treat where a column lies on one side of a cut. */
struct simple_rule { size_t column; float cut; bool is_above; };

static bool rule_holds(const struct simple_rule *rule, const struct effect_data *data, size_t row)
{
    float value = data->values[row * data->n_columns + rule->column];
    return !isnan(value) && (rule->is_above ? value > rule->cut : value <= rule->cut);
}

/* Tenths of each column: ret_cuts [n_columns x CUTS], NaN where there is none. */
static void cuts_of(const struct effect_data *data, struct arena *arena, float *ret_cuts)
{
    float *known = ARENA_ARRAY(arena, float, data->n + 1);
    for (size_t c = 0; c < data->n_columns; c++) {
        size_t n = 0;
        for (size_t i = 0; i < data->n; i++)
            if (!isnan(data->values[i * data->n_columns + c])) known[n++] = data->values[i * data->n_columns + c];
        sort_floats(known, n);
        for (size_t k = 0; k < CUTS; k++) {
            float cut = n ? known[(k + 1) * n / (CUTS + 1)] : NAN;
            bool is_new = n > 0 && cut < known[n - 1] && (k == 0 || !(ret_cuts[c * CUTS + k - 1] == cut));
            ret_cuts[c * CUTS + k] = is_new ? cut : NAN;
        }
        if (n > 0 && known[0] < known[n - 1] && isnan(ret_cuts[c * CUTS])) ret_cuts[c * CUTS] = known[0];
    }
}

/* profits [n_columns x CUTS x 2 x UPLIFT_FIFTHS]: of each rule in each fifth. */
static void rule_profits(const struct judged *judged, const double *profit, const float *cuts, double *ret_profits)
{
    const struct effect_data *data = judged->data;
    for (size_t i = 0; i < data->n; i++)
        for (size_t c = 0; c < data->n_columns; c++)
            for (size_t k = 0; k < CUTS; k++) {
                float cut = cuts[c * CUTS + k], value = data->values[i * data->n_columns + c];
                if (isnan(cut) || isnan(value)) continue;
                ret_profits[((c * CUTS + k) * 2 + (value > cut)) * UPLIFT_FIFTHS + judged->fold[i]] += profit[i];
            }
}

static struct simple_rule best_rule(const struct judged *judged, const double *profits, const float *cuts,
                                    uint8_t without)
{
    struct simple_rule best = { 0, NAN, true };
    double most = -HUGE_VAL;
    for (size_t c = 0; c < judged->data->n_columns; c++)
        for (size_t k = 0; k < 2 * CUTS; k++) {
            struct simple_rule rule = { c, cuts[c * CUTS + k / 2], k % 2 };
            double sum = 0;
            for (size_t f = 0; f < UPLIFT_FIFTHS; f++)
                sum += f == without ? 0 : profits[(c * CUTS * 2 + k) * UPLIFT_FIFTHS + f];
            if (!isnan(rule.cut) && sum > most) most = sum, best = rule;
        }
    return best;
}

/* What a rule found on the other fifths gains a person over the better of everyone and no one. */
static struct uplift_interval rule_gain(const struct judged *judged, const double *profit, double everyone,
                                        struct arena *arena, struct simple_rule *ret_rule)
{
    size_t n = judged->data->n, n_cuts = judged->data->n_columns * CUTS;
    float *cuts = ARENA_ARRAY(arena, float, n_cuts + 1);
    double *gain = ARENA_ARRAY(arena, double, n + 1),
           *profits = ARENA_ARRAY(arena, double, n_cuts * 2 * UPLIFT_FIFTHS);
    cuts_of(judged->data, arena, cuts);
    rule_profits(judged, profit, cuts, profits);
    for (uint8_t fold = 0; fold < UPLIFT_FIFTHS; fold++) {
        struct simple_rule rule = best_rule(judged, profits, cuts, fold);
        for (size_t i = 0; i < n; i++)
            if (judged->fold[i] == fold)
                gain[i] = (!isnan(rule.cut) && rule_holds(&rule, judged->data, i) ? profit[i] : 0) -
                          (everyone > 0 ? profit[i] : 0);
    }
    *ret_rule = best_rule(judged, profits, cuts, UPLIFT_FIFTHS);
    return mean_interval(gain, n);
}

/* ---- the word ---- */

static const char *observed_note(const struct uplift_study *study)
{
    return study->is_observational
               ? "  Nobody drew lots here: who was treated is explained by what the file tells, and "
                 "what it does not tell may explain the effect too, so this is weaker evidence."
               : "";
}

static const char *model_name(const struct uplift_request *request, const struct uplift_study *study,
                              struct arena *arena)
{
    return request->score ? "the score"
                          : arena_format(arena, "learner %s", effect_learner_name[study->learners[study->chosen].learner]);
}

static void say_model(const struct uplift_request *request, struct arena *arena, struct uplift_study *study)
{
    const struct uplift_interval *q = &study->metrics.qini_auc;
    study->word = UPLIFT_MODEL;
    study->sentence = arena_format(
        arena,
        "Choose by %s: on people it did not see it ranks by effect better than lot (Qini %.4f, %.4f to "
        "%.4f); the best 30 %% gain %.4g each where all gain %.4g.%s",
        model_name(request, study, arena), q->value, q->low, q->high, study->metrics.uplift_at[1].value,
        study->ate.value, observed_note(study));
}

/* Why there is no model to go by: none ranks, or whom the one that ranks would choose gain nothing either. */
static const char *no_model_words(const struct uplift_request *request, bool is_model, struct arena *arena,
                                  const struct uplift_study *study)
{
    const struct uplift_interval *q = &study->metrics.qini_auc, *gain = &study->gain;
    if (!is_model)
        return arena_format(arena, "No model tells who gains more (Qini %.4f, %.4f to %.4f reaches zero).",
                            q->value, q->low, q->high);
    return arena_format(arena,
                        "By effect %s ranks better than lot (Qini %.4f, %.4f to %.4f), but treating whom it would "
                        "choose is not shown to bring anything (%.4g a person of all, %.4g to %.4g).",
                        model_name(request, study, arena), q->value, q->low, q->high, gain->value, gain->low,
                        gain->high);
}

static void say_average(const struct uplift_request *request, bool is_model, const struct uplift_interval *everyone,
                        struct arena *arena, struct uplift_study *study)
{
    const char *no_model = no_model_words(request, is_model, arena, study);
    study->word = everyone->low > 0 ? UPLIFT_EVERYONE : UPLIFT_NO_ONE;
    study->gain = everyone->low > 0 ? *everyone : interval_of(0, 0);
    if (everyone->low > 0)
        study->sentence = arena_format(arena,
                                       "%s  Treat everyone: on average %s brings %.4g each after a cost of %g "
                                       "(%.4g to %.4g).%s",
                                       no_model, request->treated, everyone->value, request->cost, everyone->low,
                                       everyone->high, observed_note(study));
    else if (everyone->high < 0)
        study->sentence = arena_format(arena,
                                       "%s  Treat no one: on average %s loses %.4g each after a cost of %g (%.4g "
                                       "to %.4g).%s",
                                       no_model, request->treated, -everyone->value, request->cost, everyone->low,
                                       everyone->high, observed_note(study));
    else
        study->sentence =
            arena_format(arena,
                         "%s  Treat no one yet: that %s pays is not shown (%.4g each after a cost of "
                         "%g, %.4g to %.4g); more people would tell.%s",
                         no_model, request->treated, everyone->value, request->cost, everyone->low, everyone->high,
                         observed_note(study));
}

static void say_rule(const struct uplift_request *request, const struct simple_rule *rule,
                     const struct uplift_interval *gain, struct arena *arena, struct uplift_study *study)
{
    study->word = UPLIFT_RULE, study->gain = *gain;
    study->sentence = arena_format(arena,
                                   "No model holds, but a rule does: treat where %s is %s %g, which brings %.4g a "
                                   "person more than the better of everyone and no one (%.4g to %.4g).%s",
                                   request->names[rule->column], rule->is_above ? "above" : "at most",
                                   (double)rule->cut, gain->value, gain->low, gain->high, observed_note(study));
}

void verdict_of(const struct uplift_request *request, const struct judged *judged, struct arena *arena,
                struct uplift_study *study)
{
    size_t n = study->n;
    double *profit = ARENA_ARRAY(arena, double, n + 1), *chosen = ARENA_ARRAY(arena, double, n + 1);
    bool is_model = request->score ? study->metrics.qini_auc.low > 0 : study->chosen != UPLIFT_NO_LEARNER;
    struct simple_rule rule;
    for (size_t i = 0; i < n; i++) {
        double value = value_at(judged, i);
        profit[i] = value * judged->robust[i] - request->cost;
        chosen[i] = study->effect[i] * value > request->cost ? profit[i] : 0;
    }
    fifths_of(judged, arena, study);
    groups_of(request, judged, arena, study);
    struct uplift_interval everyone = mean_interval(profit, n);
    if (!judged->value && !judged->weight)      /* the plain difference, which anybody can check */
        everyone = interval_of(study->ate.value - request->cost, study->ate.se);
    if (is_model) study->gain = mean_interval(chosen, n);
    if (is_model && (everyone.value > 0 || study->gain.low > 0)) {
        say_model(request, arena, study);
        return;
    }
    if (judged->data->n_columns > 0) {
        struct uplift_interval gain = rule_gain(judged, profit, everyone.value, arena, &rule);
        if (gain.low > 0) { say_rule(request, &rule, &gain, arena, study); return; }
    }
    say_average(request, is_model, &everyone, arena, study);
}
