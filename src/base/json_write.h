/* json_write.h - a number as jansson's value: JSON knows neither NaN nor infinity. */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include <jansson.h>
#include <math.h>

/* null where the number is not defined. */
static inline json_t *number_json(double number) { return isfinite(number) ? json_real(number) : json_null(); }

#endif
