/* model_samples.h - rows for the tests of model/: made up with a known truth, or read from public data. */
#ifndef TESTS_MODEL_SAMPLES_H
#define TESTS_MODEL_SAMPLES_H

#include "model/sample.h"
#include "support.h"

enum { SHOP_COLUMNS = 5 };      /* recency_days, orders, spend, noise, tickets (sometimes missing) */

/* Customers whose log-odds of leaving rise with recency, fall with the logarithm of spend, and jump when
 * tickets and few orders come together, a step that no line can follow.  signal 0: pure chance.
 * Groups are numbered from 1,000,000 x seed. */
struct sample samples_shop(struct arena *arena, size_t n, uint64_t seed, double signal);

/* The same customers with an amount instead: often 0, else log-normal, larger for frequent buyers. */
struct sample samples_spend(struct arena *arena, size_t n, uint64_t seed);

/* Numbers of any kind, some missing, some equal, and random labels: [n x n_columns]. */
struct sample samples_noise(struct arena *arena, struct rng *rng, size_t n, size_t n_columns);

/* The Telco table: numbers as they are, texts as one column for each value; NULL values if it is not there. */
struct sample samples_telco(struct arena *arena);

size_t samples_column(const struct sample *sample, const char *name);      /* fails the test if absent */

#endif
