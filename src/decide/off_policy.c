/* off_policy.c - see off_policy.h. */
#include "decide/off_policy.h"

#include <math.h>

const char *const off_policy_name[OFF_ESTIMATORS] = { "ips", "clipped_ips", "snips", "dm", "dr", "switch_dr" };

static const double QUANTILE = 1.959963984540054, THIN_SHARE = .1;

/* The mean reward of each action, and how its rows spread. */
struct reward_model { double *mean, *variance, *n, overall; };

static struct reward_model reward_model_of(const struct off_policy_log *log, struct arena *arena)
{
    struct reward_model model = { ARENA_ARRAY(arena, double, log->n_actions),
                                  ARENA_ARRAY(arena, double, log->n_actions),
                                  ARENA_ARRAY(arena, double, log->n_actions), 0 };
    double *squares = ARENA_ARRAY(arena, double, log->n_actions);
    for (size_t i = 0; i < log->n; i++) {
        model.n[log->action[i]]++, model.mean[log->action[i]] += log->reward[i];
        squares[log->action[i]] += log->reward[i] * log->reward[i];
        model.overall += log->reward[i];
    }
    model.overall /= (double)log->n;
    for (size_t a = 0; a < log->n_actions; a++) {
        double n = model.n[a];
        model.mean[a] = n > 0 ? model.mean[a] / n : model.overall;
        if (n > 1) model.variance[a] = fmax(squares[a] - n * model.mean[a] * model.mean[a], 0) / (n - 1);
    }
    return model;
}

/* Of each context: the sum of pi(a) q(a). */
static double *values_of_contexts(const struct off_policy_log *log, const struct reward_model *model,
                                  struct arena *arena)
{
    double *values = ARENA_ARRAY(arena, double, log->n_contexts);
    for (size_t c = 0; c < log->n_contexts; c++)
        for (size_t a = 0; a < log->n_actions; a++)
            values[c] += log->table[c * log->n_actions + a] * model->mean[a];
    return values;
}

static struct off_policy_value value_of(double value, double se)
{
    return (struct off_policy_value){ value, se, value - QUANTILE * se, value + QUANTILE * se };
}

/* The mean of n numbers by their sum and sum of squares. */
static struct off_policy_value mean_of(double sum, double squares, double n)
{
    double mean = sum / n;
    return value_of(mean, n > 1 ? sqrt(fmax(squares - n * mean * mean, 0) / (n - 1) / n) : (double)NAN);
}

/* The direct method errs as far as the means of the actions it takes do. */
static struct off_policy_value direct(const struct off_policy_log *log, const struct reward_model *model,
                                      double sum, struct arena *arena)
{
    double *share = ARENA_ARRAY(arena, double, log->n_contexts), variance = 0;
    for (size_t i = 0; i < log->n; i++) share[log->context ? log->context[i] : 0] += 1 / (double)log->n;
    for (size_t a = 0; a < log->n_actions; a++) {
        double taken = 0;
        for (size_t c = 0; c < log->n_contexts; c++) taken += share[c] * log->table[c * log->n_actions + a];
        if (model->n[a] > 0) variance += taken * taken * model->variance[a] / model->n[a];
    }
    return value_of(sum / (double)log->n, sqrt(variance));
}

struct sums { double w, ww, largest, y[OFF_ESTIMATORS], yy[OFF_ESTIMATORS]; };

static void add(struct sums *sums, enum off_policy_estimator e, double y)
{
    sums->y[e] += y, sums->yy[e] += y * y;
}

static double weight_of(const struct off_policy_log *log, size_t i)
{
    size_t context = log->context ? log->context[i] : 0;
    double pi = log->chance ? log->chance[i] : log->table[context * log->n_actions + log->action[i]];
    return pi / log->propensity[i];
}

static struct sums sums_of(const struct off_policy_log *log, const struct reward_model *model,
                           const double *values)
{
    struct sums sums = { 0 };
    for (size_t i = 0; i < log->n; i++) {
        double w = weight_of(log, i), r = log->reward[i];
        sums.w += w, sums.ww += w * w;
        if (w > sums.largest) sums.largest = w;
        add(&sums, OFF_IPS, w * r);
        add(&sums, OFF_CLIPPED_IPS, (w < log->clip ? w : log->clip) * r);
        if (!values) continue;
        double value = values[log->context ? log->context[i] : 0],
               correction = w * (r - model->mean[log->action[i]]);
        sums.y[OFF_DM] += value;
        add(&sums, OFF_DR, value + correction);
        add(&sums, OFF_SWITCH_DR, w > log->switch_at ? value : value + correction);
    }
    return sums;
}

struct off_policy_result off_policy_evaluate(const struct off_policy_log *log, struct arena *arena)
{
    struct reward_model model = reward_model_of(log, arena);
    double *values = log->chance ? NULL : values_of_contexts(log, &model, arena), n = (double)log->n, squares = 0;
    struct sums sums = sums_of(log, &model, values);
    struct off_policy_result result = { .logged = model.overall,
                                        .weight_mean = sums.w / n,
                                        .weight_max = sums.largest,
                                        .ess = sums.ww > 0 ? sums.w * sums.w / sums.ww : 0 };
    struct off_policy_value *e = result.estimators, none = value_of((double)NAN, (double)NAN);
    e[OFF_IPS] = mean_of(sums.y[OFF_IPS], sums.yy[OFF_IPS], n);
    e[OFF_CLIPPED_IPS] = mean_of(sums.y[OFF_CLIPPED_IPS], sums.yy[OFF_CLIPPED_IPS], n);
    double snips = sums.w > 0 ? sums.y[OFF_IPS] / sums.w : (double)NAN;
    for (size_t i = 0; i < log->n; i++) {
        double miss = weight_of(log, i) * (log->reward[i] - snips);
        squares += miss * miss;
    }
    e[OFF_SNIPS] = value_of(snips, sqrt(squares) / sums.w);
    e[OFF_DM] = values ? direct(log, &model, sums.y[OFF_DM], arena) : none;
    e[OFF_DR] = values ? mean_of(sums.y[OFF_DR], sums.yy[OFF_DR], n) : none;
    e[OFF_SWITCH_DR] = values ? mean_of(sums.y[OFF_SWITCH_DR], sums.yy[OFF_SWITCH_DR], n) : none;
    result.verdict = result.ess < OFF_ESS_REFUSED ? OFF_REFUSED
                   : result.ess < OFF_ESS_THIN || result.ess < THIN_SHARE * n ? OFF_THIN : OFF_OK;
    return result;
}
