/* off_policy.h - what a policy would have earned, from the log of another one that drew by known chances.
 *
 * With w = pi(action) / propensity of a row and r its reward:
 *   ips           mean(w r)                          clipped_ips   the same with w at most clip
 *   snips         sum(w r) / sum(w), its error sqrt(sum w^2 (r - value)^2) / sum(w)
 *   dm            mean over rows of sum pi(a) q(a), where q(a) is the mean reward of a, over all where never
 * logged dr            dm + mean(w (r - q))               switch_dr     the same without the correction where w >
 * switch_at Effective sample size: (sum w)^2 / sum w^2.  Sources: Dudik et al. 2014; Wang, Agarwal & Dudik 2017;
 * Swaminathan & Joachims 2015. */
#ifndef DECIDE_OFF_POLICY_H
#define DECIDE_OFF_POLICY_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* pi is given as a table over contexts, or only as the chance of each row's own action. */
struct off_policy_log {
    size_t          n, n_actions, n_contexts;
    const uint32_t *action;         /* [n] */
    const uint32_t *context;        /* [n], NULL: one context */
    const double   *reward, *propensity;        /* [n], propensity in (0, 1] */
    const double   *chance;         /* [n] of the row's own action; NULL: table */
    const double   *table;          /* [n_contexts x n_actions] */
    double          clip, switch_at;
};

enum off_policy_estimator { OFF_IPS, OFF_CLIPPED_IPS, OFF_SNIPS, OFF_DM, OFF_DR, OFF_SWITCH_DR, OFF_ESTIMATORS };
extern const char *const off_policy_name[OFF_ESTIMATORS];

struct off_policy_value { double value, se, low, high; };       /* 95 %; NaN where it takes a table */

enum off_policy_verdict { OFF_OK, OFF_THIN, OFF_REFUSED };
enum { OFF_ESS_REFUSED = 100, OFF_ESS_THIN = 1000 };

struct off_policy_result {
    double                  logged;         /* the log's own mean reward */
    double                  weight_mean, weight_max, ess;
    struct off_policy_value estimators[OFF_ESTIMATORS];
    enum off_policy_verdict verdict;        /* refused: fewer than 100 rows count; thin: below 1,000 or a tenth */
};

struct off_policy_result off_policy_evaluate(const struct off_policy_log *log, struct arena *arena);

#endif
