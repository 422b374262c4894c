/* at_risk.h - how many will leave, and what they would have spent: expected, with a prediction interval.
 *
 * Of customer i asked at T, chance[i] is that of leaving within the horizon and stake[i] what i would spend from T
 * on if still a customer.  At risk is the sum of chance x stake over everybody asked; what is lost is the sum of
 * stake over those who then leave, which is known one horizon later, so that every earlier instant is a check. */
#ifndef DECIDE_AT_RISK_H
#define DECIDE_AT_RISK_H

#include <stddef.h>
#include <stdint.h>

/* The sum over customers, and its variance if every chance is right and each leaves or stays by themselves. */
struct stakes { double expected, variance; };

/* stake [n], or NULL: one each.  Who has no chance (NaN) is not asked. */
struct stakes stakes_sum(const double *chance, const double *stake, size_t n);

/* What an earlier instant's sum was and what came. */
struct stakes_check { struct stakes stakes; double actual; };

struct forecast { double value, low, high; };

/* The 95 % prediction interval.  Beside chance it carries the doubt about the chances themselves, which were
 * learned from about as many customers as are asked and so err about as much as outcomes do, and the dispersion
 * that the checks [n_checks] showed: how much further off than that they were, in the mean.  Few checks tell
 * little: they are weighed against two that were as expected, and the quantile is Student's. */
struct forecast forecast_of(struct stakes stakes, const struct stakes_check *checks, size_t n_checks);

#endif
