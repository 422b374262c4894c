/* clock.h - the time as an argument: Unix milliseconds UTC. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock { int64_t (*now_ms)(void *context); void *context; };

static inline int64_t clock_now_ms(const struct clock *clock) { return clock->now_ms(clock->context); }

#endif
