/* nine_digits.h - a float as text that reads back as the same float: what printf writes for "%.9g", sooner. */
#ifndef BASE_NINE_DIGITS_H
#define BASE_NINE_DIGITS_H

#include <stddef.h>

enum { NINE_DIGITS_BYTES = 32 };

/* How many bytes it has, without a zero behind them. */
size_t nine_digits(float value, char text[NINE_DIGITS_BYTES]);

#endif
