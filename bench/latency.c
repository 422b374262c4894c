/* latency.c - see latency.h. */
#include "latency.h"

#include <math.h>

enum { SUB = 1 << LATENCY_SUB_BITS };

/* Cells 0 .. SUB-1 hold one value each; then SUB cells for every further power of two. */
static unsigned cell_of(uint64_t ns)
{
    if (ns < SUB) return (unsigned)ns;
    unsigned top = 63 - (unsigned)__builtin_clzll(ns);
    if (top >= LATENCY_TOP_BITS) return LATENCY_CELLS - 1;
    unsigned shift = top - LATENCY_SUB_BITS;
    return ((shift + 1) << LATENCY_SUB_BITS) + (unsigned)(ns >> shift) - SUB;
}

/* The greatest value of a cell. */
static uint64_t cell_end(unsigned cell)
{
    if (cell < SUB) return cell;
    unsigned shift = (cell >> LATENCY_SUB_BITS) - 1;
    return (((uint64_t)(cell % SUB) + SUB + 1) << shift) - 1;
}

void latency_add(struct latency *latency, int64_t ns)
{
    if (ns < 0) ns = 0;
    latency->n++;
    latency->cells[cell_of((uint64_t)ns)]++;
    if (ns > latency->longest_ns) latency->longest_ns = ns;
}

double latency_quantile_ms(const struct latency *latency, double quantile)
{
    if (latency->n == 0) return (double)NAN;
    uint64_t wanted = (uint64_t)ceil(quantile * (double)latency->n), seen = 0;
    for (unsigned cell = 0; cell < LATENCY_CELLS; cell++) {
        seen += latency->cells[cell];
        if (seen >= wanted && seen > 0) {
            double ms = (double)cell_end(cell) * 1e-6, longest = (double)latency->longest_ns * 1e-6;
            return ms < longest ? ms : longest;
        }
    }
    return (double)latency->longest_ns * 1e-6;
}
