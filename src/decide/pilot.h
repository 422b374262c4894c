/* pilot.h - how large a randomised trial must be before anyone may speak of an effect. */
#ifndef DECIDE_PILOT_H
#define DECIDE_PILOT_H

#include <stdint.h>

/* People needed in each of two equal groups to find a difference of two proportions: two-sided
 * error alpha, chance power of finding it.  baseline in (0, 1); detectable the absolute
 * difference, baseline - detectable in (0, 1).
 * Source: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd ed., eq. 4.14. */
int64_t pilot_per_group(double baseline, double detectable, double alpha, double power);

/* The smallest drop from baseline that per_group people in each group can show; baseline itself
 * where even that is too small to be seen. */
double pilot_detectable(double baseline, int64_t per_group, double alpha, double power);

#endif
