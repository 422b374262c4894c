/* eligibility.h - who is meant by conditions that nobody saved: "churn > 0.5 and order_count >= 3" of one customer.
 *
 * The same conditions as those of segments (condition/expression.h, segment_source.h), but evaluated now, for one. */
#ifndef ENGINE_ELIGIBILITY_H
#define ENGINE_ELIGIBILITY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct service;

/* Which of the conditions [n] hold for the customer as of now; NULL holds for everyone, and of a customer of whom
 * nothing is known no other does.  Some hundred microseconds a condition; takes the service's lock for reading.
 * Errors: ERR_INVALID a condition (expression.h), *ret_index says which; ERR_BUSY the features changed meanwhile. */
bool conditions_hold(struct service *service, uint32_t customer, int64_t now_ms, const char *const *conditions,
                     size_t n, bool *ret_hold, size_t *ret_index, struct err *err) MUST_CHECK;

#endif
