/* regression.c - see regression.h: which form, by its error on rows that it did not see. */
#include "uplift/regression.h"

#include "uplift/regression_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { FEW_ROWS = 20, PARTS = 3, CHOOSING_ROWS = 60000 };

struct regression {
    enum regression_form form;
    double               mean;
    struct linear_fit   *linear;    /* one of them; neither: the mean */
    struct tree_fit     *trees;
};

static double mean_of(const struct regression_request *r, bool *ret_varies)
{
    double sum = 0, weights = 0;
    *ret_varies = false;
    for (size_t i = 0; i < r->n; i++) {
        double weight = r->weight ? r->weight[i] : 1;
        sum += weight * r->target[i], weights += weight;
        *ret_varies |= r->target[i] != r->target[0];
    }
    return sum / weights;
}

static bool fit_form(const struct regression_request *r, struct arena *arena, struct regression *ret,
                     struct err *err)
{
    ret->form = r->form;
    if (r->form == REGRESSION_TREES) return tree_fit_new(r, arena, &ret->trees, err);
    ret->linear = linear_fit_new(r, arena);
    return true;
}

/* The weighted squared errors of a form on a third of the rows, learned from (some of) the other two. */
static bool errors_of(const struct regression_request *r, enum regression_form form, double *ret_errors,
                      struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    uint32_t *rows = ARENA_ARRAY(scratch, uint32_t, r->n);
    double *target = ARENA_ARRAY(scratch, double, r->n), *weight = ARENA_ARRAY(scratch, double, r->n),
           *predicted = ARENA_ARRAY(scratch, double, r->n);
    struct regression part = { 0 };
    struct regression_request request = *r;
    size_t n = 0, n_out = 0, step = 1 + r->n / CHOOSING_ROWS;
    for (size_t i = 0; i < r->n; i++)
        if (i % PARTS != 0 && (i / PARTS) % step == 0)
            rows[n] = r->rows[i], target[n] = r->target[i], weight[n] = r->weight ? r->weight[i] : 1, n++;
    request.rows = rows, request.n = n, request.target = target, request.weight = weight, request.form = form;
    bool ok = fit_form(&request, scratch, &part, err);
    for (size_t i = 0; i < r->n; i += PARTS) rows[n_out++] = r->rows[i];
    if (ok && part.trees) tree_fit_predict(part.trees, r->values, rows, n_out, predicted);
    if (ok && part.linear) linear_fit_predict(part.linear, r->values, rows, n_out, predicted);
    for (size_t i = 0, k = 0; ok && i < r->n; i += PARTS, k++)
        ret_errors[k] = (r->weight ? r->weight[i] : 1) * pow(r->target[i] - predicted[k], 2);
    arena_free(scratch);
    return ok;
}

/* Trees where they err less than the line by more than a standard error. */
static bool choose(const struct regression_request *r, enum regression_form *ret_form, struct err *err)
{
    size_t n = (r->n + PARTS - 1) / PARTS;
    double *linear = memory_new(n, sizeof *linear), *trees = memory_new(n, sizeof *trees), sum = 0, squares = 0;
    bool ok = errors_of(r, REGRESSION_LINEAR, linear, err) && errors_of(r, REGRESSION_TREES, trees, err);
    for (size_t i = 0; ok && i < n; i++) sum += linear[i] - trees[i], squares += pow(linear[i] - trees[i], 2);
    if (ok) *ret_form = sum > sqrt(squares) ? REGRESSION_TREES : REGRESSION_LINEAR;
    free(linear), free(trees);
    return ok;
}

bool regression_fit(const struct regression_request *request, struct arena *arena,
                    struct regression **ret_regression, struct err *err)
{
    struct regression *regression = ARENA_NEW(arena, struct regression);
    struct regression_request r = *request;
    bool varies;
    if (r.n == 0) return err_set(err, ERR_REFUSED, "there is no row to learn from");
    regression->mean = mean_of(&r, &varies);
    regression->form = r.form;
    *ret_regression = regression;
    if (!varies || r.n < FEW_ROWS || r.n_columns == 0) return true;
    if (r.form == REGRESSION_CHOSEN && !choose(&r, &r.form, err)) return false;
    return fit_form(&r, arena, regression, err);
}

void regression_predict(const struct regression *regression, const float *values, const uint32_t *rows, size_t n,
                        double *ret)
{
    if (regression->trees) tree_fit_predict(regression->trees, values, rows, n, ret);
    else if (regression->linear) linear_fit_predict(regression->linear, values, rows, n, ret);
    else
        for (size_t i = 0; i < n; i++) ret[i] = regression->mean;
}

enum regression_form regression_form_of(const struct regression *regression) { return regression->form; }
