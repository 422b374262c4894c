/* currency.h - what the smallest unit of a currency is worth. */
#ifndef INTAKE_CURRENCY_H
#define INTAKE_CURRENCY_H

#include "base/text.h"

/* How many decimals the amounts have that Stripe and others count in the smallest unit: 0 of yen, 3 of dinars of Kuwait,
 * else 2; also where hundredths are counted that there are no coins of (UGX, ISK).  Capitals or not; 2 of no code. */
int currency_decimals(struct text code);

#endif
