/* deadline.h - an instant so many milliseconds from now, for waiting until then. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdint.h>
#include <time.h>

static inline struct timespec deadline_after_ms(clockid_t clock, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(clock, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    return until;
}

#endif
