/* prefill.h - a shop with a past: a database of many customers and a model that was trained on some of them. */
#ifndef BENCH_PREFILL_H
#define BENCH_PREFILL_H

#include <stddef.h>

/* The path of a database under build/bench with n_events of n_customers "C0000000", "C0000001" ..., of the
 * last two years, in the kinds that bench/load_body.c sends.  Made the first time, by the program's own import
 * and train; the model has learned from the first 20,000 customers only, which is what there is time for. */
const char *prefill_database(size_t n_customers, size_t n_events);

/* A copy under build/bench that may be written to. */
const char *prefill_copy(const char *database, const char *name);

#endif
