/* clocks.h - where the program's time comes from; everything below app/ gets it as an argument. */
#ifndef APP_CLOCKS_H
#define APP_CLOCKS_H

#include <stdint.h>

/* The wall clock, as struct clock wants it: Unix milliseconds UTC; the context is not looked at. */
int64_t clock_wall_ms(void *context);

/* Never goes back: for durations. */
double clock_seconds(void);

#endif
