/* survival.h - how long until something happens, where it has not happened to everybody yet.
 *
 * Kaplan and Meier's curve with Greenwood's errors, the log-rank test, Cox's regression with Efron's or Breslow's
 * ties, Weibull's regression of the logarithm of time.  Checked against R's package survival in
 * tests/model/survival_test.c. */
#ifndef MODEL_SURVIVAL_H
#define MODEL_SURVIVAL_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct durations {
    size_t         n;
    const double  *time;        /* [n] > 0, until the event or until nothing more is known */
    const double  *start;       /* [n] < time: watched from then on; NULL: from 0 */
    const bool    *is_event;    /* [n] */
    const uint32_t *stratum;    /* [n] below n_strata: who is compared with whom; NULL: everybody with everybody */
    size_t         n_strata;
};

/* ---- curves ---- */

enum survival_interval { SURVIVAL_LOG, SURVIVAL_LOG_LOG };

struct survival_point {
    double time, n_risk, n_events, survival, se, low, high;
}; /* low, high: NaN at 0 or 1 */

struct survival_curve {
    size_t                 n, n_events;
    size_t                 n_points;
    struct survival_point *points;      /* [n_points] at the times of events, ascending */
    double                 last_time;   /* the longest watched */
    double                 median, median_low, median_high;     /* NaN: not reached */
};

/* The curve of those in rows [n_rows].  Lives in the arena. */
void survival_curve(const struct durations *durations, const uint32_t *rows, size_t n_rows,
                    enum survival_interval interval, double alpha, struct arena *arena,
                    struct survival_curve *ret_curve);

/* The curve at an instant: the last point at or before it, 1 before the first; n_risk are those watched just then.
 */
struct survival_point survival_at(const struct survival_curve *curve, const struct durations *durations,
                                  const uint32_t *rows, size_t n_rows, double time);

/* The mean time up to `until`, with its standard error. */
double survival_mean(const struct survival_curve *curve, double until, double *ret_se);

/* How much an event counts in the test: alike, or early ones more, by how many were watched (Gehan and Breslow), by
 * the root of that (Tarone and Ware), or by how many had not had it (Peto and Peto, one more at risk). */
enum survival_weight {
    SURVIVAL_EVEN,
    SURVIVAL_WILCOXON,
    SURVIVAL_TARONE_WARE,
    SURVIVAL_PETO,
    SURVIVAL_WEIGHTS
};
extern const char *const survival_weight_names[];       /* [SURVIVAL_WEIGHTS] "even", "wilcoxon" ... */

/* Whether groups [n] of 0 .. n_groups - 1 (others are left out) have one curve, within each stratum:
 * ret_observed, ret_expected [n_groups], without weights.  Returns chi squared with n_groups - 1 degrees of freedom; NaN where it
 * cannot be told. */
double survival_log_rank(const struct durations *durations, const uint32_t *group, size_t n_groups,
                         enum survival_weight weight, double *ret_observed, double *ret_expected, struct arena *arena);

/* ---- regressions ---- */

/* Pairs in which it is known who had the event first.  Right: the one with the higher score.  value: the share of
 * these, ties of scores counted half; se: by what each row sways it (the infinitesimal jackknife, as R's survival). */
struct concordance { double value, se, n_right, n_wrong, n_tied_score, n_tied_time, n_tied_both; };
struct concordance survival_concordance(const struct durations *durations, const double *score, struct arena *arena);

struct survival_fit {
    size_t  n_coefficients;
    double *coefficient, *se;           /* [n_coefficients] */
    double  log_likelihood, null_log_likelihood;
    double  wald_chi2, score_chi2;      /* of Cox: whether all are 0, n_coefficients degrees of freedom */
    struct concordance concordance;     /* of Cox */
    double  scale;                      /* of Weibull: of the logarithm of time */
    double  mean;                       /* of Weibull without covariates: the mean time; else NaN */
};

/* x [n x p] row-major, without an intercept; each stratum has a hazard of its own, and pairs of concordance are
 * within strata.
 * Errors: ERR_REFUSED fewer events than 2 for each covariate, a covariate that follows from the others, or one
 * that tells every event (says which). */
bool survival_cox(const struct durations *durations, const double *x, size_t p, const char *const *names,
                  bool is_efron, struct arena *arena, struct survival_fit *ret_fit, struct err *err) MUST_CHECK;

/* The coefficients are the intercept, those of x, and the logarithm of the scale.  Time is watched from 0; strata
 * say nothing. */
bool survival_weibull(const struct durations *durations, const double *x, size_t p, const char *const *names,
                      struct arena *arena, struct survival_fit *ret_fit, struct err *err) MUST_CHECK;

#endif
