/* The Pareto/NBD model by maximum likelihood; see pareto_nbd.h. */
#include "model/pareto_nbd.h"

#include "base/parallel.h"
#include "math/numerics.h"
#include "math/optimise.h"

#include <math.h>

enum { NODES = 32, BLOCK_ROWS = 512 };

/* Gauss-Legendre over 0..1. */
struct rule { double x[NODES], weight[NODES]; };

static struct rule make_rule(void)
{
    struct rule rule;
    legendre_nodes(0, 1, NODES, rule.x, rule.weight);
    return rule;
}

/* The likelihood of a customer without what depends on the frequency alone: alive at the end, plus
 * left at some y since the last purchase,
 *   (alpha + T)^-(r + x) (beta + T)^-s + s * integral from t_x to T of (alpha + y)^-(r + x) (beta + y)^-(s + 1)
 * dy. Both are divided by the integrand at t_x, whose log is scale, so nothing overflows. */
struct parts {
    double scale, alive, left;          /* left without its factor s */
    double alive_by[4], left_by[4];     /* by r, alpha, s, beta */
};

/* The integrand falls from t_x at a rate of at most fall; y = t_x + (e^u - 1) / fall spreads its
 * steep beginning and its long tail evenly over u. */
static void integrate(const struct pareto_nbd *m, const struct rule *rule, double exponent, double recency,
                      double age, struct parts *parts)
{
    double fall = exponent / (m->alpha + recency) + (m->s + 1) / (m->beta + recency);
    double width = log1p(fall * (age - recency));
    for (int i = 0; i < NODES; i++) {
        double u = width * rule->x[i], weight = width * rule->weight[i];
        double y = recency + expm1(u) / fall, log_alpha = log(m->alpha + y), log_beta_y = log(m->beta + y);
        double f = weight / fall * exp(u - exponent * log_alpha - (m->s + 1) * log_beta_y - parts->scale);
        parts->left += f;
        parts->left_by[0] -= f * log_alpha;
        parts->left_by[1] -= f * exponent / (m->alpha + y);
        parts->left_by[2] -= f * log_beta_y;
        parts->left_by[3] -= f * (m->s + 1) / (m->beta + y);
    }
}

static struct parts find_parts(const struct pareto_nbd *m, const struct rule *rule, double frequency,
                               double recency, double age)
{
    double exponent = m->r + frequency, log_alpha = log(m->alpha + age), log_beta_age = log(m->beta + age);
    struct parts parts = { .scale = -exponent * log(m->alpha + recency) - (m->s + 1) * log(m->beta + recency) };
    parts.alive = exp(-exponent * log_alpha - m->s * log_beta_age - parts.scale);
    parts.alive_by[0] = -parts.alive * log_alpha;
    parts.alive_by[1] = -parts.alive * exponent / (m->alpha + age);
    parts.alive_by[2] = -parts.alive * log_beta_age;
    parts.alive_by[3] = -parts.alive * m->s / (m->beta + age);
    if (age > recency) integrate(m, rule, exponent, recency, age, &parts);
    return parts;
}

/* ---- likelihood -------------------------------------------------------------------------------- */

struct row { double frequency, recency, age, customers; };
struct sums { double value, by[4]; };
struct rows {
    struct row       *rows;
    size_t            n;
    struct sums      *blocks;
    unsigned          n_threads;
    struct pareto_nbd model;
    struct rule       rule;
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->frequency != b->frequency) return a->frequency < b->frequency ? -1 : 1;
    if (a->recency != b->recency) return a->recency < b->recency ? -1 : 1;
    return (a->age > b->age) - (a->age < b->age);
}

static void group_equal_rows(const struct bgnbd_data *data, double unit, struct arena *arena, struct rows *ret)
{
    struct row *rows = ARENA_ARRAY(arena, struct row, data->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++)
        rows[i] = (struct row){ data->frequency[i], data->recency[i] / unit, data->age[i] / unit, 1 };
    qsort(rows, data->n, sizeof *rows, compare_rows);
    for (size_t i = 0; i < data->n; i++) {
        if (n > 0 && compare_rows(&rows[n - 1], &rows[i]) == 0) rows[n - 1].customers++;
        else rows[n++] = rows[i];
    }
    *ret = (struct rows){ .rows = rows, .n = n, .blocks = ARENA_ARRAY(arena, struct sums, n / BLOCK_ROWS + 1),
                          .n_threads = 1 };
}

static void sum_block(void *context, size_t block, unsigned thread)
{
    (void)thread;
    struct rows *all = context;
    const struct pareto_nbd *m = &all->model;
    struct sums sums = { 0 };
    size_t end = (block + 1) * BLOCK_ROWS < all->n ? (block + 1) * BLOCK_ROWS : all->n;
    for (size_t i = block * BLOCK_ROWS; i < end; i++) {
        const struct row *row = &all->rows[i];
        struct parts parts = find_parts(m, &all->rule, row->frequency, row->recency, row->age);
        double total = parts.alive + m->s * parts.left, n = row->customers;
        double by[4];
        for (int j = 0; j < 4; j++) by[j] = (parts.alive_by[j] + m->s * parts.left_by[j]) / total;
        by[2] += parts.left / total;
        sums.value += n * (log_gamma(m->r + row->frequency) + parts.scale + log(total));
        sums.by[0] += n * (digamma(m->r + row->frequency) + by[0]);
        for (int j = 1; j < 4; j++) sums.by[j] += n * by[j];
    }
    all->blocks[block] = sums;
}

static double rows_value(const void *context, const double *x, double *gradient)
{
    struct rows all = *(const struct rows *)context;
    struct pareto_nbd m = { x[0], x[1], x[2], x[3] };
    size_t n_blocks = (all.n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    double value = 0, customers = 0;
    all.model = m;
    all.rule = make_rule();
    parallel_for(all.n_threads, n_blocks, sum_block, &all);
    for (size_t i = 0; i < all.n; i++) customers += all.rows[i].customers;
    for (int j = 0; j < 4; j++) gradient[j] = 0;
    for (size_t i = 0; i < n_blocks; i++) {
        value += all.blocks[i].value;
        for (int j = 0; j < 4; j++) gradient[j] += all.blocks[i].by[j];
    }
    gradient[0] += customers * (log(m.alpha) - digamma(m.r));
    gradient[1] += customers * m.r / m.alpha;
    gradient[2] += customers * log(m.beta);
    gradient[3] += customers * m.s / m.beta;
    return value + customers * (m.r * log(m.alpha) + m.s * log(m.beta) - log_gamma(m.r));
}

double pareto_nbd_log_likelihood(const struct pareto_nbd *model, const struct bgnbd_data *data,
                                 double ret_gradient[4])
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rows rows;
    double gradient[4];
    group_equal_rows(data, 1, arena, &rows);
    double value = rows_value(&rows, (double[]){ model->r, model->alpha, model->s, model->beta }, gradient);
    if (ret_gradient) memcpy(ret_gradient, gradient, sizeof gradient);
    arena_free(arena);
    return value;
}

/* The maximum of all rows; of many first that of every so-many-th, which is a start from which a few Newton steps
 * are enough. */
static bool fit_rows(const struct rows *rows, double rate, struct optimum *ret_optimum, struct err *err)
{
    enum { ENOUGH_ROWS = 1000 };
    static const char *const names[] = { "r", "alpha", "s", "beta" };
    struct objective objective = {
        .n = 4, .names = names, .low = (const double[]){ 1e-4, 1e-6, 1e-4, 1e-6 },
        .high = (const double[]){ 1e4, 1e6, 1e4, 1e6 }, .value = rows_value, .context = rows
    };
    double start[] = { 0.5, 0.5 / rate, 0.5, 0.5 };
    if (rows->n <= 2 * (size_t)ENOUGH_ROWS) return optimise(&objective, start, 1, ret_optimum, err);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct optimum near;
    struct err none;
    struct rows part = *rows;
    size_t step = rows->n / ENOUGH_ROWS;
    part.n = 0;
    part.rows = ARENA_ARRAY(arena, struct row, rows->n / step + 1);
    for (size_t i = step / 2; i < rows->n; i += step) part.rows[part.n++] = rows->rows[i];
    objective.context = &part;
    if (optimise(&objective, start, 1, &near, &none)) memcpy(start, near.x, sizeof start);
    arena_free(arena);
    objective.context = rows;
    return optimise(&objective, start, 1, ret_optimum, err);
}

bool pareto_nbd_fit(const struct bgnbd_data *data, unsigned n_threads, struct pareto_nbd_fit *ret_fit,
                    struct err *err)
{
    double unit = 0, repeats = 0;
    if (!bgnbd_check(data, err)) return false;
    for (size_t i = 0; i < data->n; i++) {
        unit += data->age[i] / (double)data->n;
        repeats += data->frequency[i];
    }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rows rows;
    group_equal_rows(data, unit, arena, &rows);
    rows.n_threads = n_threads;
    struct optimum optimum;
    bool ok = fit_rows(&rows, repeats / (double)data->n, &optimum, err);
    if (ok) {
        const double *x = optimum.x, *se = optimum.se;
        *ret_fit = (struct pareto_nbd_fit){ { x[0], x[1] * unit, x[2], x[3] * unit },
                                            optimum.value - repeats * log(unit),
                                            { se[0], se[1] * unit, se[2], se[3] * unit }, optimum.se_missing };
    }
    arena_free(arena);
    return ok;
}

/* ---- what the model says ----------------------------------------------------------------------- */

double pareto_nbd_alive(const struct pareto_nbd *model, double frequency, double recency, double age)
{
    struct rule rule = make_rule();
    struct parts parts = find_parts(model, &rule, frequency, recency, age);
    return parts.alive > 0 ? 1 / (1 + model->s * parts.left / parts.alive) : 0;
}

double pareto_nbd_expected_alive(const struct pareto_nbd *model, double frequency, double age, double t)
{
    double rate = (model->r + frequency) / (model->alpha + age), rest = model->s - 1;
    double log_ratio = -log1p(t / (model->beta + age));
    double lived = fabs(rest) < 1e-9 ? -log_ratio : -expm1(rest * log_ratio) / rest;
    return rate * (model->beta + age) * lived;
}

double pareto_nbd_expected(const struct pareto_nbd *model, double t)
{
    return pareto_nbd_expected_alive(model, 0, 0, t);
}

double pareto_nbd_expected_after(const struct pareto_nbd *model, double frequency, double recency, double age,
                                 double t)
{
    return pareto_nbd_alive(model, frequency, recency, age)
           * pareto_nbd_expected_alive(model, frequency, age, t);
}

double pareto_nbd_discounted_alive(const struct pareto_nbd *model, double frequency, double age, double discount)
{
    double span = model->beta + age;
    return (model->r + frequency) / (model->alpha + age) * span * tricomi(1, 2 - model->s, discount * span);
}
