/* pilot.c - see pilot.h. */
#include "decide/pilot.h"

#include "math/numerics.h"

#include <math.h>

int64_t pilot_per_group(double baseline, double detectable, double alpha, double power)
{
    double treated = baseline - detectable, mean = (baseline + treated) / 2;
    double wrong = normal_quantile(1 - alpha / 2) * sqrt(2 * mean * (1 - mean));
    double missed = normal_quantile(power) * sqrt(baseline * (1 - baseline) + treated * (1 - treated));
    double n = (wrong + missed) * (wrong + missed) / (detectable * detectable);
    return (int64_t)ceil(n);
}

double pilot_detectable(double baseline, int64_t per_group, double alpha, double power)
{
    double low = baseline * 1e-6, high = baseline * (1 - 1e-6);
    if (per_group < pilot_per_group(baseline, high, alpha, power)) return baseline;
    for (int halving = 0; halving < 60; halving++) {    /* the need falls as the difference grows */
        double middle = (low + high) / 2;
        if (pilot_per_group(baseline, middle, alpha, power) <= per_group) high = middle;
        else low = middle;
    }
    return high;
}
