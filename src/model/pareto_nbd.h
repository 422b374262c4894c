/* pareto_nbd.h - the older sibling of BG/NBD: customers may leave at any time, not only after a purchase.
 *
 * Purchases are Poisson while alive with a rate that is gamma(r, alpha) over customers; a lifetime
 * is exponential with a rate that is gamma(s, beta).  Times are in any one unit; alpha and beta are
 * in that unit.  holdfast value --model pareto-nbd.
 * Sources: Schmittlein, Morrison & Colombo (1987), Management Science 33(1); Fader & Hardie (2005),
 * "A Note on Deriving the Pareto/NBD Model".  The likelihood's integral over the time of leaving is
 * taken by quadrature in logarithms instead of hypergeometric functions, which overflow. */
#ifndef MODEL_PARETO_NBD_H
#define MODEL_PARETO_NBD_H

#include "model/bgnbd.h"

struct pareto_nbd { double r, alpha, s, beta; };        /* all > 0 */

struct pareto_nbd_fit {
    struct pareto_nbd model;
    double            log_likelihood;
    struct pareto_nbd se;           /* standard errors from the observed information */
    const char       *se_missing;   /* NULL, or the sentence why se is not known (then NaN); a constant */
};

/* Fits by maximum likelihood; the rows and errors of bgnbd_fit.  The same for any number of threads. */
bool pareto_nbd_fit(const struct bgnbd_data *data, unsigned n_threads, struct pareto_nbd_fit *ret_fit,
                    struct err *err) MUST_CHECK;

/* The log-likelihood at given parameters; ret_gradient, if not NULL, by r, alpha, s, beta. */
double pareto_nbd_log_likelihood(const struct pareto_nbd *model, const struct bgnbd_data *data,
                                 double ret_gradient[4]);

/* Probability in [0, 1] that the customer is still alive. */
double pareto_nbd_alive(const struct pareto_nbd *model, double frequency, double recency, double age);

/* The same of all customers of the data, ret_alive [n]: little work where they share their frequencies and times, as
 * whole days are.  Equal to pareto_nbd_alive within 1e-10. */
void pareto_nbd_alive_all(const struct pareto_nbd *model, const struct bgnbd_data *data, unsigned n_threads,
                          double *ret_alive);

/* Expected purchases in (0, t] of a new customer after their first. */
double pareto_nbd_expected(const struct pareto_nbd *model, double t);

/* Expected purchases in (age, age + t] of a customer with this past, if alive at age. */
double pareto_nbd_expected_alive(const struct pareto_nbd *model, double frequency, double age, double t);
double pareto_nbd_expected_after(const struct pareto_nbd *model, double frequency, double recency, double age,
                                 double t);

/* Discounted expected residual transactions, if alive at age: all purchases to come, one at time t from now counting
 * exp(-discount t), discount > 0 per unit of time. */
double pareto_nbd_discounted_alive(const struct pareto_nbd *model, double frequency, double age, double discount);

#endif
