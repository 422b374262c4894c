/* comparison.h - two arms and one metric: effects with intervals that anybody can check.
 *
 * Sources: Welch (1947); Fieller (1954); Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021), asymptotic confidence
 * sequences; Lan & DeMets (1983) with O'Brien-Fleming's spending; Holm (1979); Benjamini & Hochberg (1995). */
#ifndef EXPERIMENT_COMPARISON_H
#define EXPERIMENT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One arm: n people, the mean of what is measured and its variance among them.  is_asymptotic: the mean is a function
 * of sums, normal only with many people, so that Student's quantile says nothing more. */
struct arm_sample { double n, mean, variance; bool is_asymptotic; };

struct estimate { double value, se, low, high; };       /* NaN where unknown; infinite where unbounded */

/* Treated minus control, with Welch's interval of 1 - alpha; p two-sided, against no difference. */
struct estimate welch(struct arm_sample control, struct arm_sample treated, double alpha, double *ret_p);

/* The ratio of the means less 1, by Fieller's interval, which excludes 0 just when Welch's does (but for degrees of
 * freedom); unbounded, low -inf and high inf, where the control's mean is not apart from 0. */
struct estimate relative_fieller(struct arm_sample control, struct arm_sample treated, double alpha);

/* The same by the delta method, too narrow on skewed revenue: for comparing with programs that print it. */
struct estimate relative_delta(struct arm_sample control, struct arm_sample treated, double alpha);

/* An interval that holds at every look: of a value with standard error se from n people in all; tuned to be
 * narrowest at about tuning people. */
void always_valid(double value, double se, double n, double alpha, double tuning, double *ret_low, double *ret_high);

/* The alpha at which such an interval, tuned as for this one, would just reach 0; at most 1. */
double always_valid_p(double value, double se, double n, double alpha, double tuning);

/* The chance that a normal effect is above 0, and what is lost on average by taking it although it is below. */
double chance_to_win(double mean, double se);
double expected_loss(double mean, double se);

/* Bounds of |z| at looks, shares ascending to at most 1, n <= 20, for a two-sided test of alpha in all. */
void group_sequential_bounds(const double *looks, size_t n, double alpha, double *ret_bounds);
/* The chance to cross one of them when z has the mean drift at share 1. */
double group_sequential_power(const double *looks, const double *bounds, size_t n, double drift);

enum correction { CORRECTION_NONE, CORRECTION_HOLM, CORRECTION_BH };
void p_adjust(const double *p, size_t n, enum correction correction, double *ret_adjusted);     /* NaN stays */
/* Which of z [n] are beyond the bound of the last look, corrected over all of them; NaN is not. */
void group_sequential_crossed(const double *z, size_t n, const double *looks, size_t n_looks, double alpha,
                              enum correction correction, bool *ret_crossed);

/* Whether people are in the arms as they should: shares [n] sum to 1.  Returns p; 1 where nothing can be said. */
double sample_ratio_p(const double *observed, const double *shares, size_t n, double *ret_chi2);

/* People in each of two arms so that a difference is found with a chance of power; variances of each arm. */
double people_needed(double difference, double control_variance, double treated_variance, double alpha,
                     const double *looks, size_t n_looks, double power);
/* The difference that n people an arm find with that chance, by the standard error they give. */
double detectable(double se, double alpha, double power);

/* The chance that a difference is found with the standard error that so many people give. */
double chance_to_find(double difference, double se, double alpha);

/* People in each of two arms so that events which come hazard_ratio times as often in the treated are seen to; shares
 * of each arm to whom it will have happened by the end.  Schoenfeld (1983), as the test of Cox's regression is. */
double people_needed_hazard(double hazard_ratio, double control_share, double treated_share, double alpha,
                            double power);
double chance_to_find_hazard(double hazard_ratio, double n_control, double n_treated, double control_share,
                             double treated_share, double alpha);

double two_sided_p(double t, double degrees);       /* Student; degrees INFINITY: normal */

#endif
