/* clocks.h - where the program's time comes from; everything below server/ gets it as an argument. */
#ifndef SERVER_CLOCKS_H
#define SERVER_CLOCKS_H

#include "base/err.h"

#include <stdint.h>

/* The wall clock, as struct clock wants it: Unix milliseconds UTC; the context is not looked at. */
int64_t clock_wall_ms(void *context);

/* For tests that let an hour pass in minutes: where HOLDFAST_CLOCK_RATE is set, to 1 .. 1000, the wall clock runs so
 * many times as fast from now on, and stderr is told.  Once, before any thread asks for the time.
 * Errors: ERR_INVALID it is something else. */
bool clock_set_rate(struct err *err) MUST_CHECK;

/* How far the wall clock was set ahead, or back, since the last call, beside the time that has passed.  For one thread. */
double clock_jump_seconds(void);

/* Never goes back: for durations. */
double clock_seconds(void);

#endif
