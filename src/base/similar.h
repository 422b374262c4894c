/* similar.h - "did you mean": the names closest to one that does not exist. */
#ifndef BASE_SIMILAR_H
#define BASE_SIMILAR_H

#include "base/arena.h"

/* A clause for the end of an error: "; did you mean 'Churn' or 'Charges'?", or, where nothing is close,
 * "; there are: a, b, c ..." (the first ten), or "" without names.  In the arena. */
const char *similar_names(const char *wanted, const char *const *names, size_t n_names, struct arena *arena);

#endif
