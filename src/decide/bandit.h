/* bandit.h - which arm is best by what is known of each, and how likely it is.
 *
 * Thompson sampling takes an arm with the chance that it is the best one.  That chance is computed, not drawn: the
 * integral over x of the arm's density times the others' chances to lie below x, so it is the propensity that a
 * log needs.  LinUCB (Li et al. 2010): A = I + sum x x', b = sum reward x, theta = A^-1 b, upper = x theta + alpha
 * sqrt(x' A^-1 x); the inverse is kept up to date by Sherman and Morrison's formula. */
#ifndef DECIDE_BANDIT_H
#define DECIDE_BANDIT_H

#include "base/arena.h"

#include <stddef.h>

/* What is known of an arm's mean reward: beta of yes and no (alpha, beta >= 1), or normal where beta is 0: alpha
 * its mean, sd > 0. */
struct bandit_arm { double alpha, beta, sd; };

enum { BANDIT_ARMS_MOST = 200, LINEAR_WIDTH_MOST = 200 };

/* ret_chance [n]: of being the best; they add up to 1. */
void bandit_chances(const struct bandit_arm *arms, size_t n, double *ret_chance);

/* At least floor for every arm: what is missing is taken from the others in proportion.  floor x n <= 1. */
void bandit_floor(double *chance, size_t n, double floor);

struct linear_arm { size_t width; double *inverse, *b, *theta; };       /* [width x width], [width], [width] */

struct linear_arm linear_arm_new(size_t width, struct arena *arena);
void   linear_arm_add(struct linear_arm *arm, const double *x, double reward);
double linear_arm_mean(const struct linear_arm *arm, const double *x);
double linear_arm_spread(const struct linear_arm *arm, const double *x);        /* sqrt(x' A^-1 x) */

#endif
