/* throttle.h - how often somebody may: token buckets by name, in the same memory for any number of names.
 *
 * A bucket fills at `rate` a second up to `burst` and each time takes one.  Of a name that was not seen for long
 * nothing is remembered: its bucket would be full.  When more names come than there are places, a place goes to
 * the new name from the one whose bucket is fullest, so that somebody who sends under ever new names frees nobody
 * who is held. */
#ifndef GOVERN_THROTTLE_H
#define GOVERN_THROTTLE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct throttle;

/* rate: a second, > 0; burst >= 1.  seed: drawn, so that nobody can choose names that share a place. */
struct throttle *throttle_new(double rate, double burst, uint64_t seed);
void             throttle_free(struct throttle *throttle);      /* NULL is fine */

/* Takes one for this name at an instant that does not go back; false: none is left, and there will be one in
 * *ret_wait_seconds (>= 1).  NULL throttle: always true.  Any thread. */
bool throttle_take(struct throttle *throttle, struct text name, double now_seconds, unsigned *ret_wait_seconds);

#endif
