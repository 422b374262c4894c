/* latency.h - how long things took, as a histogram whose cells are at most 1/128 wide of what they hold.
 *
 * Cells are equal within a power of two and double from one to the next, as in HdrHistogram (Tene 2012): any
 * quantile is right to 0.8 %, from one nanosecond to a quarter of an hour, in constant room. */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stdint.h>

enum { LATENCY_SUB_BITS = 7, LATENCY_TOP_BITS = 40,
       LATENCY_CELLS = (LATENCY_TOP_BITS - LATENCY_SUB_BITS + 1) << LATENCY_SUB_BITS };

struct latency { uint64_t n, cells[LATENCY_CELLS]; int64_t longest_ns; };      /* begins zeroed */

void   latency_add(struct latency *latency, int64_t ns);
double latency_quantile_ms(const struct latency *latency, double quantile);    /* 0.99; NaN of nothing */

#endif
