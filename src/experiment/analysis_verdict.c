/* analysis_verdict.c - whether an experiment can be believed, and what it says in a sentence; see
 * analysis_internal.h. */
#include "experiment/analysis_internal.h"

#include "math/numerics.h"

#include <math.h>
#include <string.h>

#define RATIO_WARNS .01
#define RATIO_FAILS .001

/* ---- health ---- */

static json_t *ratio_json(const struct analysis *analysis, const double *counts, double *ret_p)
{
    double all = 0, shares[ANALYSIS_ARMS_MOST], chi2;
    json_t *observed = json_object(), *expected = json_object();
    for (size_t a = 0; a < analysis->n_arms; a++) all += counts[a];
    for (size_t a = 0; a < analysis->n_arms; a++) {
        shares[a] = analysis->shares ? analysis->shares[a] : 1 / (double)analysis->n_arms;
        json_object_set_new(observed, analysis->arms[a], json_integer((json_int_t)counts[a]));
        json_object_set_new(expected, analysis->arms[a], json_real(shares[a] * all));
    }
    *ret_p = sample_ratio_p(counts, shares, analysis->n_arms, &chi2);
    return json_pack("{s:o, s:o, s:f, s:f, s:s}", "observed", observed, "expected", expected, "chi2", chi2, "p",
                     *ret_p, "verdict", *ret_p < RATIO_FAILS ? "fail" : *ret_p < RATIO_WARNS ? "warn" : "ok");
}

/* The least p, over arms, of what was known before being alike in them. */
static double balance_p(const struct analysis *analysis)
{
    double least = 1, p;
    struct analysis_metric before = { .value = (double *)(uintptr_t)analysis->covariate,
                                      .per = analysis->covariate_per,
                                      .kind = analysis->covariate_per ? METRIC_RATIO : METRIC_MEAN };
    struct arm_sample control = sample_of(analysis, &before, analysis->control);
    for (size_t arm = 0; arm < analysis->n_arms; arm++) {
        if (arm == analysis->control) continue;
        (void)welch(control, sample_of(analysis, &before, arm), .05, &p);
        least = fmin(least, p * (double)(analysis->n_arms - 1));
    }
    return least;
}

static double groups_p(const struct analysis *analysis, const struct analysis_groups *groups, const double *counts)
{
    double chi2 = 0, all = 0;
    size_t n = 0;
    for (size_t a = 0; a < analysis->n_arms; a++) all += counts[a];
    for (size_t s = 0; s < groups->n; s++) {
        double in[ANALYSIS_ARMS_MOST] = { 0 }, of_stratum = 0;
        for (size_t i = 0; i < analysis->n_units; i++)
            if (groups->of[i] == s && analysis->arm[i] != ANALYSIS_NO_ARM)
                in[analysis->arm[i]]++, of_stratum++;
        n += of_stratum > 0;
        for (size_t a = 0; a < analysis->n_arms && of_stratum > 0; a++) {
            double expected = of_stratum * counts[a] / all;
            chi2 += (in[a] - expected) * (in[a] - expected) / expected;
        }
    }
    return n < 2 ? 1 : chi_squared_tail(chi2, (double)((n - 1) * (analysis->n_arms - 1)));
}

static void add_balance(json_t *balance, json_t *warnings, const char *column, double p)
{
    json_array_append_new(balance, json_pack("{s:s, s:o}", "column", column, "p", number_json(p)));
    if (p < RATIO_WARNS)
        json_array_append_new(warnings,
                              json_sprintf("%s was not alike in the arms before the experiment (p %.2g): the "
                                           "arms are not drawn by lot, or it was measured afterwards",
                                           column, p));
}

struct health health_of(const struct analysis *analysis, const double *counts)
{
    struct health health;
    json_t *balance = json_array(), *warnings = json_array();
    json_t *ratio = ratio_json(analysis, counts, &health.sample_ratio_p);
    if (health.sample_ratio_p < RATIO_WARNS)
        json_array_append_new(warnings,
                              json_sprintf("the arms do not have the sizes that were planned (p %.2g): find "
                                           "out who is missing before you believe an effect",
                                           health.sample_ratio_p));
    if (analysis->n_mixed > 0)
        json_array_append_new(warnings, json_sprintf("%zu units were in more than one arm and are left out",
                                                     analysis->n_mixed));
    if (analysis->covariate) add_balance(balance, warnings, analysis->covariate_name, balance_p(analysis));
    struct analysis_groups strata = { analysis->strata_name, analysis->stratum, analysis->n_strata,
                                      analysis->strata };
    const struct analysis_groups *all = analysis->groupings ? analysis->groupings : &strata;
    size_t n_all = analysis->groupings ? analysis->n_groupings : analysis->n_strata > 0;
    for (size_t g = 0; g < n_all; g++)
        add_balance(balance, warnings, all[g].name, groups_p(analysis, &all[g], counts));
    health.json = json_pack("{s:o, s:I, s:o, s:o}", "srm", ratio, "mixed_units", (json_int_t)analysis->n_mixed,
                            "balance", balance, "warnings", warnings);
    return health;
}

/* ---- verdict ---- */

enum { IS_BETTER, IS_WORSE, IS_UNCLEAR };

/* What the interval that the verdict rests on says of one arm. */
static int judge(const struct analysis *analysis, const struct compared *c)
{
    bool is_apart = analysis->n_looks > 0 ? c->is_crossed
                    : (analysis->is_watched ? c->always_p_adjusted : c->p_adjusted) < analysis->alpha;
    return !is_apart ? IS_UNCLEAR : c->absolute.value > 0 ? IS_BETTER : IS_WORSE;
}

/* arm: which of them it is of; NULL: of none. */
static json_t *say(const char *word, const char *arm, const char *sentence, const char *would_change)
{
    return json_pack("{s:s, s:s?, s:s, s:s}", "word", word, "arm", arm, "sentence", sentence, "would_change",
                     would_change);
}

/* A share is told in per cent, its change in points of them. */
static const char *change_words(const struct compared *c, bool is_share, double low, double high,
                                struct arena *arena)
{
    double value = c->absolute.value, before = c->control.mean, after = c->treated.mean;
    return is_share ? arena_format(arena, "%+.4g points (%.4g to %.4g), from %.4g %% to %.4g %%", 100 * value,
                                   100 * low, 100 * high, 100 * before, 100 * after)
                    : arena_format(arena, "%+.4g (%.4g to %.4g), from %.4g to %.4g", value, low, high, before,
                                   after);
}

json_t *verdict_json(const struct analysis *analysis, const struct compared *all, const struct health *health,
                     struct arena *arena)
{
    const char *name = analysis->metrics[0].name, *control = analysis->arms[analysis->control];
    const struct compared *best = NULL;
    int of_best = IS_UNCLEAR;
    if (health->sample_ratio_p < RATIO_FAILS)
        return say("invalid", NULL,
                   arena_format(arena,
                                "The arms do not have the sizes that were planned (p %.2g): whatever made them "
                                "so may have made the difference too, so nothing is said of it.",
                                health->sample_ratio_p),
                   analysis->shares ? "Find out who is missing or counted twice, and analyse again."
                                    : "If the arms were to have other sizes, say which with --split; else find "
                                      "out who is missing or counted twice, and analyse again.");
    for (size_t i = 0; i + 1 < analysis->n_arms; i++) {
        int is = judge(analysis, &all[i]);
        bool is_first =
            !best || (is == IS_BETTER && of_best != IS_BETTER) || (is == IS_WORSE && of_best == IS_UNCLEAR);
        bool is_more = is == of_best && best && fabs(all[i].absolute.value) > fabs(best->absolute.value);
        if (is_first || is_more) best = &all[i], of_best = is;
    }
    const char *arm = analysis->arms[best->arm];
    const struct estimate *e = &best->absolute;
    bool says_always = analysis->is_watched && analysis->n_looks == 0;      /* the interval that was judged */
    double low = says_always ? best->always_low : e->low, high = says_always ? best->always_high : e->high;
    if (analysis->n_looks > 0) {
        double bounds[ANALYSIS_LOOKS_MOST], half;
        group_sequential_bounds(analysis->looks, analysis->n_looks, analysis->alpha, bounds);
        half = bounds[analysis->n_looks - 1] * e->se, low = e->value - half, high = e->value + half;
    }
    bool is_apart_alone = low > 0 || high < 0;      /* but not among all that was compared */
    bool is_share = analysis->metrics[0].kind == METRIC_PROPORTION;
    const char *change = change_words(best, is_share, low, high, arena);
    if (of_best != IS_UNCLEAR)
        return say(
            of_best == IS_BETTER ? "better" : "worse", arm,
            arena_format(arena, "%s changes %s by %s, against %s.", arm, name, change, control),
            analysis->is_watched || analysis->n_looks > 0
                ? arena_format(arena,
                               "Over all looks such a verdict is a false alarm in at most %g %% of the "
                               "experiments that change nothing; novelty could wear off.",
                               100 * analysis->alpha)
                : "Another population or time, or a repeat: close to the limit many of the same size would not "
                  "show it.");
    if (analysis->is_watched || analysis->n_looks > 0)
        return say("wait", arm,
                   arena_format(arena,
                                "So far nothing can be said of %s: %s changes it by %s, and %s.",
                                name, arm, change,
                                is_apart_alone ? "with so many arms and metrics that is not enough"
                                                    : "the interval that may be looked at early holds 0"),
                   "More people, or the planned end.");
    return say("no_difference", arm,
               arena_format(arena, "No difference in %s is shown: %s changes it by %s, against %s%s.", name, arm,
                            change, control, is_apart_alone ? ", and with so many arms and metrics that is not "
                                                              "enough" : ""),
               arena_format(arena,
                            "A difference of %.3g%s or more would be found four times out of five with as many "
                            "people; a smaller one needs more.",
                            detectable(e->se, analysis->alpha, .8) * (is_share ? 100 : 1), is_share ? " points" : ""));
}
