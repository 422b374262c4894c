/* priority.h - whom to act on first.
 *
 * The expected loss of a customer is churn probability x what they would spend if they stayed x margin.  It is
 * what leaves if nothing changes, not what a message could save: risk is not response. */
#ifndef DECIDE_PRIORITY_H
#define DECIDE_PRIORITY_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* Indexes of the customers by falling expected loss, ties by rising index.
 * expected_loss_cents [n]; the result [n] lives in the arena. */
uint32_t *priority_order(const int64_t *expected_loss_cents, size_t n, struct arena *arena);

#endif
