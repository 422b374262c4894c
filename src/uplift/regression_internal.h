/* regression_internal.h - the two forms of a regression. */
#ifndef UPLIFT_REGRESSION_INTERNAL_H
#define UPLIFT_REGRESSION_INTERNAL_H

#include "uplift/regression.h"

struct linear_fit;
struct tree_fit;

struct linear_fit *linear_fit_new(const struct regression_request *request, struct arena *arena);
void linear_fit_predict(const struct linear_fit *fit, const float *values, const uint32_t *rows, size_t n,
                        double *ret);

bool tree_fit_new(const struct regression_request *request, struct arena *arena, struct tree_fit **ret_fit,
                  struct err *err) MUST_CHECK;
void tree_fit_predict(const struct tree_fit *fit, const float *values, const uint32_t *rows, size_t n,
                      double *ret);

#endif
