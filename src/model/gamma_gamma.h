/* gamma_gamma.h - how much a customer will spend per purchase.
 *
 * A purchase is gamma(p, v) and v is gamma(q, gamma) over customers; a customer's own mean is
 * trusted the more the more purchases it rests on.  Spend must not depend on how often one buys:
 * see value.h for that check.
 * Source: Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", note 025 (2013). */
#ifndef MODEL_GAMMA_GAMMA_H
#define MODEL_GAMMA_GAMMA_H

#include "base/err.h"

#include <stddef.h>

struct gamma_gamma { double p, q, gamma; };     /* all > 0; gamma in currency units */

struct gamma_gamma_fit {
    struct gamma_gamma model;
    double             log_likelihood;
    struct gamma_gamma se;          /* standard errors from the observed information */
    const char        *se_missing;  /* NULL, or the sentence why se is not known (then NaN); a constant */
    size_t             n_used;      /* customers with frequency > 0 and monetary > 0 */
};

/* Fits by maximum likelihood to customers with a repeat purchase; others are skipped.
 * frequency [n] repeat purchases; monetary [n] their mean amount in currency units.
 * Errors: ERR_INVALID a negative or non-finite number (says which row).
 *         ERR_REFUSED fewer than 10 usable customers, all amounts equal, no maximum within bounds,
 *         or q <= 1 (the expected spend of a customer would be infinite). */
bool gamma_gamma_fit(const double *frequency, const double *monetary, size_t n, unsigned n_threads,
                     struct gamma_gamma_fit *ret_fit, struct err *err) MUST_CHECK;

/* The log-likelihood at given parameters; ret_gradient, if not NULL, by p, q, gamma. */
double gamma_gamma_log_likelihood(const struct gamma_gamma *model, const double *frequency,
                                  const double *monetary, size_t n, double ret_gradient[3]);

/* Expected amount of a customer's next purchase, in currency units; frequency 0: of anybody's. */
double gamma_gamma_expected(const struct gamma_gamma *model, double frequency, double monetary);

#endif
