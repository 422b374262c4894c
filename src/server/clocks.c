/* clocks.c - see clocks.h. */
#include "server/clocks.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t rate = 1, rated_from_ms;

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void *context)
{
    (void)context;
    return rated_from_ms + rate * (real_ms() - rated_from_ms);
}

bool clock_set_rate(struct err *err)
{
    const char *text = getenv("HOLDFAST_CLOCK_RATE");
    int64_t wanted;
    if (!text) return true;
    if (!text_int64(text_of(text), &wanted) || wanted < 1 || wanted > 1000)
        return err_set(err, ERR_INVALID,
                       "HOLDFAST_CLOCK_RATE is '%s'; it should be a number from 1 to 1000, for tests only: unset it",
                       text);
    rated_from_ms = real_ms();
    rate = wanted;
    fprintf(stderr, "the clock runs %lld times as fast as it should (HOLDFAST_CLOCK_RATE): for tests only\n",
            (long long)rate);
    return true;
}

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double clock_jump_seconds(void)
{
    static double last_ahead;
    static bool has_last;
    double ahead = (double)real_ms() / 1000 - clock_seconds(), jump = has_last ? ahead - last_ahead : 0;
    last_ahead = ahead;
    has_last = true;
    return jump;
}
