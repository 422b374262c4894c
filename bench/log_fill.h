/* log_fill.h - the shared data of bench.h straight into a log, as an import leaves it. */
#ifndef BENCH_LOG_FILL_H
#define BENCH_LOG_FILL_H

#include "log/log.h"

/* In one transaction.  each_customer  1: the customers of the data; 2: half of each one's events go to a second
 *                                     customer, and each begins with an event of traits */
void log_fill(struct store *store, struct log *log, unsigned each_customer);

#endif
