/* bucket.h - who gets which arm: sticky, by a hash, without a table.
 *
 * FNV-1a of 32 bits in the two versions of GrowthBook's clients, so that an experiment may move between them and
 * us without anybody changing arms.  Source: GrowthBook's SDK documentation; its test cases. */
#ifndef EXPERIMENT_BUCKET_H
#define EXPERIMENT_BUCKET_H

#include "base/text.h"

/* 0 .. .9999 in steps of 1e-4: version 2, with the seed in front. */
double bucket_of(struct text seed, struct text unit);
/* 0 .. .999: version 1, with the seed behind. */
double bucket_of_v1(struct text seed, struct text unit);

/* The arm of a bucket: arm i has the ramp's share of shares[i], from where the shares before it end, so that nobody
 * changes arms when the ramp grows.  n: in none. */
size_t bucket_arm(double bucket, const double *shares, size_t n, double ramp);

#endif
