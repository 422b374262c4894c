/* regression_linear.c - ridge regression on standardised features; see regression.h.
 *
 * The penalty of a number's regression is the one of a few whose error is least when each of five parts of the
 * rows is predicted from the other four; the sums of squares and products of the parts are all that takes.  The
 * largest leaves hardly more than a constant.  Yes/no: Newton's steps on the penalised log-likelihood. */
#include "uplift/regression_internal.h"

#include "model/scaling.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { PARTS = 5, PENALTIES = 9, NEWTON_STEPS = 8, COLUMNS_MOST = 2000 };

static const double PENALTY[PENALTIES] = { 1e-4, 1e-3, .01, .03, .1, .3, 1, 10, 1e4 };    /* a row */
static const double YES_NO_PENALTY = 1;         /* in all */

struct linear_fit {
    struct scaling scaling;
    size_t         width;       /* standardised values, indicators of missing ones, and the constant last */
    double        *weight;      /* [width] */
    bool           is_yes_no;
};

static size_t width_of(const struct scaling *scaling)
{
    size_t width = scaling->n_columns + 1;
    for (size_t c = 0; c < scaling->n_columns; c++) width += scaling->columns[c].missing_inverse_deviation > 0;
    return width;
}

static void design_row(const struct linear_fit *fit, const float *raw, double *ret)
{
    size_t n = fit->scaling.n_columns, at = n;
    for (size_t c = 0; c < n; c++) {
        double missing;
        scaling_apply(&fit->scaling.columns[c], raw[c], &ret[c], &missing);
        if (fit->scaling.columns[c].missing_inverse_deviation > 0) ret[at++] = missing;
    }
    ret[at] = 1;
}

/* matrix [width x width], upper triangle: += weight row row'. */
static void add_square(double *matrix, const double *row, size_t width, double weight)
{
    for (size_t a = 0; a < width; a++) {
        double scaled = weight * row[a], *to = matrix + a * width;
        if (scaled == 0) continue;
        for (size_t b = a; b < width; b++) to[b] += scaled * row[b];
    }
}

static void mirror(double *matrix, size_t width)
{
    for (size_t a = 0; a < width; a++)
        for (size_t b = a + 1; b < width; b++) matrix[b * width + a] = matrix[a * width + b];
}

/* Solves matrix [width x width] x = right by Cholesky's factors, written over the lower triangle; false: the
 * matrix is not positive definite. */
static bool positive_solve(double *matrix, const double *right, size_t width, double *ret_x)
{
    for (size_t a = 0; a < width; a++) {
        double *row = matrix + a * width;
        for (size_t b = 0; b <= a; b++) {
            const double *other = matrix + b * width;
            double sum = row[b];
            for (size_t k = 0; k < b; k++) sum -= row[k] * other[k];
            if (a == b && !(sum > 0)) return false;
            row[b] = a == b ? sqrt(sum) : sum / other[b];
        }
    }
    for (size_t a = 0; a < width; a++) {
        double sum = right[a];
        for (size_t k = 0; k < a; k++) sum -= matrix[a * width + k] * ret_x[k];
        ret_x[a] = sum / matrix[a * width + a];
    }
    for (size_t a = width; a-- > 0;) {
        double sum = ret_x[a];
        for (size_t k = a + 1; k < width; k++) sum -= matrix[k * width + a] * ret_x[k];
        ret_x[a] = sum / matrix[a * width + a];
    }
    return true;
}

/* Sums of a part of the rows: X'WX, X'Wy, y'Wy. */
struct products { double *xx, *xy, yy, weights; };

static struct products products_new(size_t width, struct arena *arena)
{
    return (struct products){ ARENA_ARRAY(arena, double, width * width), ARENA_ARRAY(arena, double, width), 0, 0 };
}

static void products_add(struct products *to, const struct products *from, double sign, size_t width)
{
    for (size_t i = 0; i < width * width; i++) to->xx[i] += sign * from->xx[i];
    for (size_t i = 0; i < width; i++) to->xy[i] += sign * from->xy[i];
    to->yy += sign * from->yy, to->weights += sign * from->weights;
}

/* The constant is not penalised. */
static bool solve(const struct products *p, double penalty, size_t width, double *scratch, double *ret_weight)
{
    memcpy(scratch, p->xx, width * width * sizeof *scratch);
    for (size_t a = 0; a + 1 < width; a++) scratch[a * width + a] += penalty * p->weights + 1e-12;
    return positive_solve(scratch, p->xy, width, ret_weight);
}

static double error_of(const struct products *p, const double *weight, size_t width)
{
    double error = p->yy;
    for (size_t a = 0; a < width; a++) {
        double sum = 0;
        for (size_t b = 0; b < width; b++) sum += p->xx[a * width + b] * weight[b];
        error += weight[a] * (sum - 2 * p->xy[a]);
    }
    return error;
}

static void fit_number(const struct regression_request *r, struct linear_fit *fit, struct arena *scratch)
{
    size_t width = fit->width, best = PENALTIES - 1;
    struct products part[PARTS], all = products_new(width, scratch), rest = products_new(width, scratch);
    double *row = ARENA_ARRAY(scratch, double, width), *solving = ARENA_ARRAY(scratch, double, width * width),
           errors[PENALTIES] = { 0 };
    for (size_t k = 0; k < PARTS; k++) part[k] = products_new(width, scratch);
    for (size_t i = 0; i < r->n; i++) {
        struct products *to = &part[i % PARTS];
        double weight = r->weight ? r->weight[i] : 1;
        design_row(fit, r->values + (size_t)r->rows[i] * r->n_columns, row);
        add_square(to->xx, row, width, weight);
        for (size_t a = 0; a < width; a++) to->xy[a] += weight * r->target[i] * row[a];
        to->yy += weight * r->target[i] * r->target[i], to->weights += weight;
    }
    for (size_t k = 0; k < PARTS; k++) mirror(part[k].xx, width), products_add(&all, &part[k], 1, width);
    for (size_t k = 0; k < PARTS; k++) {
        memcpy(rest.xx, all.xx, width * width * sizeof *rest.xx), memcpy(rest.xy, all.xy, width * sizeof *rest.xy);
        rest.weights = all.weights;
        products_add(&rest, &part[k], -1, width);
        for (size_t l = 0; l < PENALTIES; l++)
            errors[l] += solve(&rest, PENALTY[l], width, solving, fit->weight)
                             ? error_of(&part[k], fit->weight, width)
                             : (double)INFINITY;
    }
    for (size_t l = PENALTIES; l-- > 0;)
        if (errors[l] < errors[best]) best = l;
    if (!solve(&all, PENALTY[best], width, solving, fit->weight)) memset(fit->weight, 0, width * sizeof(double));
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void fit_yes_no(const struct regression_request *r, struct linear_fit *fit, struct arena *scratch)
{
    size_t width = fit->width;
    double *row = ARENA_ARRAY(scratch, double, width), *hessian = ARENA_ARRAY(scratch, double, width * width),
           *gradient = ARENA_ARRAY(scratch, double, width), *step = ARENA_ARRAY(scratch, double, width), mean = 0;
    for (size_t i = 0; i < r->n; i++) mean += r->target[i] / (double)r->n;
    mean = fmin(fmax(mean, 1e-6), 1 - 1e-6);
    fit->weight[width - 1] = log(mean / (1 - mean));
    for (int newton = 0; newton < NEWTON_STEPS; newton++) {
        memset(hessian, 0, width * width * sizeof *hessian), memset(gradient, 0, width * sizeof *gradient);
        for (size_t i = 0; i < r->n; i++) {
            double weight = r->weight ? r->weight[i] : 1;
            design_row(fit, r->values + (size_t)r->rows[i] * r->n_columns, row);
            double p = 1 / (1 + exp(-dot(row, fit->weight, width)));
            add_square(hessian, row, width, weight * fmax(p * (1 - p), 1e-9));
            for (size_t a = 0; a < width; a++) gradient[a] += weight * (r->target[i] - p) * row[a];
        }
        mirror(hessian, width);
        for (size_t a = 0; a + 1 < width; a++)
            hessian[a * width + a] += YES_NO_PENALTY, gradient[a] -= YES_NO_PENALTY * fit->weight[a];
        hessian[width * width - 1] += 1e-9;
        if (!positive_solve(hessian, gradient, width, step)) return;
        double largest = 0;
        for (size_t a = 0; a < width; a++) largest = fmax(largest, fabs(step[a]));
        double share = largest > 3 ? 3 / largest : 1;
        for (size_t a = 0; a < width; a++) fit->weight[a] += share * step[a];
        if (largest < 1e-5) return;
    }
}

struct linear_fit *linear_fit_new(const struct regression_request *r, struct arena *arena)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct linear_fit *fit = ARENA_NEW(arena, struct linear_fit);
    struct sample sample = { .values = r->values, .places = r->rows, .n_rows = r->n, .n_columns = r->n_columns };
    assert(r->n_columns <= COLUMNS_MOST);
    fit->scaling = scaling_fit(&sample, arena);
    fit->width = width_of(&fit->scaling);
    fit->weight = ARENA_ARRAY(arena, double, fit->width);
    fit->is_yes_no = r->is_yes_no;
    if (r->is_yes_no) fit_yes_no(r, fit, scratch);
    else fit_number(r, fit, scratch);
    arena_free(scratch);
    return fit;
}

void linear_fit_predict(const struct linear_fit *fit, const float *values, const uint32_t *rows, size_t n,
                        double *ret)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    double *row = ARENA_ARRAY(scratch, double, fit->width);
    for (size_t i = 0; i < n; i++) {
        design_row(fit, values + (size_t)rows[i] * fit->scaling.n_columns, row);
        double score = dot(row, fit->weight, fit->width);
        ret[i] = fit->is_yes_no ? 1 / (1 + exp(-score)) : score;
    }
    arena_free(scratch);
}
