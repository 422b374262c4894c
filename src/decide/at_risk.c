/* at_risk.c - see at_risk.h. */
#include "decide/at_risk.h"

#include "math/numerics.h"

#include <math.h>

struct stakes stakes_sum(const double *chance, const double *stake, size_t n)
{
    struct stakes sum = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        double at_stake = stake ? stake[i] : 1;
        if (isnan(chance[i])) continue;
        sum.expected += chance[i] * at_stake;
        sum.variance += chance[i] * (1 - chance[i]) * at_stake * at_stake;
    }
    return sum;
}

/* What the chances themselves are off by adds as much again as chance does. */
static double expected_squares(struct stakes stakes) { return 2 * stakes.variance; }

struct forecast forecast_of(struct stakes stakes, const struct stakes_check *checks, size_t n_checks)
{
    double weight = 2, dispersion = 2;
    for (size_t i = 0; i < n_checks; i++) {
        double off = checks[i].actual - checks[i].stakes.expected, usual = expected_squares(checks[i].stakes);
        if (usual <= 0) continue;
        weight++;
        dispersion += off * off / usual;
    }
    double half = student_quantile(0.975, weight) * sqrt(dispersion / weight * expected_squares(stakes));
    return (struct forecast){ stakes.expected, fmax(0, stakes.expected - half), stakes.expected + half };
}
