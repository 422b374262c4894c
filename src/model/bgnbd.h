/* bgnbd.h - how likely a customer is still alive, and how much they will still buy.
 *
 * The BG/NBD model: purchases are Poisson while alive, with a rate that is gamma(r, alpha) over
 * customers, and after each repeat purchase a customer leaves with a probability that is beta(a, b)
 * over customers.  In the modified model, MBG/NBD, they may leave after the first purchase already.
 * Times are in any one unit; alpha is in that unit.  Where a is 0 nobody leaves, b means nothing,
 * and what remains is the NBD model (Ehrenberg 1959).
 * Sources: Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader, Hardie & Lee (2008),
 * "Computing P(alive) using the BG/NBD model"; Batislam, Denizel & Filiztekin (2007) for MBG/NBD;
 * expectations here are integrals over the beta of the leaving probability instead of a
 * hypergeometric function, equal and free of its poles (a = 1, a + b = 1) and overflows. */
#ifndef MODEL_BGNBD_H
#define MODEL_BGNBD_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct bgnbd {
    double r, alpha, a, b;      /* > 0, but a may be 0: nobody leaves */
    bool   is_modified;         /* MBG/NBD */
};

/* n customers; equal rows are grouped, so a million customers cost little. */
struct bgnbd_data {
    const double *frequency;    /* [n] purchases after the first, >= 0 */
    const double *recency;      /* [n] age at the last purchase, 0 if frequency is 0 */
    const double *age;          /* [n] from the first purchase to the as-of day, >= recency */
    size_t        n;
};

struct bgnbd_fit {
    struct bgnbd model;
    double       log_likelihood;
    struct bgnbd se;            /* standard errors from the observed information */
    const char  *se_missing;    /* NULL, or the sentence why se is not known (then NaN); a constant */
    size_t       n_groups;      /* distinct rows */
    unsigned     n_iterations;
};

/* What every fit to such data asks of it: the rules above (ERR_INVALID, says which row), and somebody
 * with a repeat purchase (ERR_REFUSED). */
bool bgnbd_check(const struct bgnbd_data *data, struct err *err) MUST_CHECK;

/* Fits by maximum likelihood.  The same for any number of threads.
 * Errors: ERR_INVALID a row breaks a rule above (says which).
 *         ERR_REFUSED nobody has a repeat purchase, or the likelihood has no maximum within bounds
 *         (says which parameter ran away and what that means); *ret_fit is untouched. */
bool bgnbd_fit(const struct bgnbd_data *data, bool is_modified, unsigned n_threads, struct bgnbd_fit *ret_fit,
               struct err *err) MUST_CHECK;

/* Fits the limit a = 0 in which nobody leaves: r and alpha alone; b is 1 and the standard errors of
 * a and b are NaN.  Errors: as bgnbd_fit. */
bool bgnbd_fit_stayers(const struct bgnbd_data *data, struct bgnbd_fit *ret_fit, struct err *err) MUST_CHECK;

/* The log-likelihood at given parameters, a > 0; ret_gradient, if not NULL, gets its derivatives by
 * r, alpha, a, b. */
double bgnbd_log_likelihood(const struct bgnbd *model, const struct bgnbd_data *data, double ret_gradient[4]);

/* Probability in [0, 1] that the customer is still alive; BG/NBD: 1 if frequency is 0. */
double bgnbd_alive(const struct bgnbd *model, double frequency, double recency, double age);

/* Expected purchases in (0, t] of a new customer after their first. */
double bgnbd_expected(const struct bgnbd *model, double t);

/* Expected purchases in (age, age + t] of a customer with this past. */
double bgnbd_expected_after(const struct bgnbd *model, double frequency, double recency, double age, double t);

/* The same for a customer known to be alive at age, for several ascending t at once:
 * ret_expected [n].  Times bgnbd_alive it is bgnbd_expected_after. */
void bgnbd_expected_alive(const struct bgnbd *model, double frequency, double age, const double *t, size_t n,
                          double *ret_expected);

/* The same for one frequency and n_ages ascending ages: ret_expected [n_ages x n].  Many ages cost little more than some, for what
 * is expected is smooth in them: equal within 1e-10 relative. */
void bgnbd_expected_ages(const struct bgnbd *model, double frequency, const double *ages, size_t n_ages, const double *t,
                         size_t n, double *ret_expected);

/* Probability that a new customer makes exactly n purchases after the first in (0, t]. */
double bgnbd_probability(const struct bgnbd *model, unsigned n, double t);

/* Between how many purchases the future of one customer lies with a probability of share, in the middle: they are alive with
 * the probability alive, and then their rate is gamma of this shape, r + frequency, and mean purchases are expected (the last
 * of bgnbd_expected_alive), so that purchases are negative binomial. */
struct purchases_range { unsigned low, high; };
struct purchases_range bgnbd_range(double shape, double mean, double alive, double share);

#endif
