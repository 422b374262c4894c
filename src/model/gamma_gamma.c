/* The Gamma-Gamma model of spend by maximum likelihood; see gamma_gamma.h. */
#include "model/gamma_gamma.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "math/numerics.h"
#include "math/optimise.h"

#include <math.h>

enum { BLOCK_ROWS = 8192, LEAST_CUSTOMERS = 10 };

struct spender { double frequency, mean, log_mean; size_t run; };
struct run { double frequency, log_frequency, log_gammas, psi_sum, psi_shape; };
struct sums { double value, by[3]; };

struct spenders {
    struct spender *rows;       /* ordered by frequency */
    size_t          n;
    struct run     *runs;       /* one per distinct frequency */
    size_t          n_runs;
    struct sums    *blocks;
    size_t          n_blocks;
    unsigned        n_threads;
    struct gamma_gamma model;
};

static int compare_spenders(const void *left, const void *right)
{
    const struct spender *a = left, *b = right;
    if (a->frequency != b->frequency) return a->frequency < b->frequency ? -1 : 1;
    return (a->mean > b->mean) - (a->mean < b->mean);
}

/* Fills runs and the rows' places in them. */
static void find_runs(struct spenders *spenders)
{
    spenders->n_runs = 0;
    spenders->n_blocks = (spenders->n + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (size_t i = 0; i < spenders->n; i++) {
        struct spender *row = &spenders->rows[i];
        if (i == 0 || row->frequency != row[-1].frequency)
            spenders->runs[spenders->n_runs++] = (struct run){ .frequency = row->frequency,
                                                               .log_frequency = log(row->frequency) };
        row->run = spenders->n_runs - 1;
    }
}

static void collect(const double *frequency, const double *monetary, size_t n, double unit, struct arena *arena,
                    struct spenders *ret)
{
    struct spender *rows = ARENA_ARRAY(arena, struct spender, n + 1);
    size_t n_used = 0, n_runs = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(frequency[i] > 0 && monetary[i] > 0)) continue;
        double mean = monetary[i] / unit;
        rows[n_used++] = (struct spender){ frequency[i], mean, log(mean), 0 };
    }
    qsort(rows, n_used, sizeof *rows, compare_spenders);
    for (size_t i = 0; i < n_used; i++) n_runs += i == 0 || rows[i].frequency != rows[i - 1].frequency;
    *ret = (struct spenders){ .rows = rows,
                              .n = n_used,
                              .n_threads = 1,
                              .runs = ARENA_ARRAY(arena, struct run, n_runs + 1),
                              .blocks = ARENA_ARRAY(arena, struct sums, n_used / BLOCK_ROWS + 1) };
    find_runs(ret);
}

static void sum_block(void *context, size_t block, unsigned thread)
{
    (void)thread;
    struct spenders *all = context;
    const struct gamma_gamma *m = &all->model;
    double log_scale = log(m->gamma);
    struct sums sums = { 0 };
    size_t end = (block + 1) * BLOCK_ROWS < all->n ? (block + 1) * BLOCK_ROWS : all->n;
    for (size_t i = block * BLOCK_ROWS; i < end; i++) {
        const struct spender *row = &all->rows[i];
        const struct run *run = &all->runs[row->run];
        double f = row->frequency, shape = m->p * f, total = m->gamma + row->mean * f, log_total = log(total);
        sums.value += run->log_gammas + m->q * log_scale + (shape - 1) * row->log_mean
                      + shape * run->log_frequency - (shape + m->q) * log_total;
        sums.by[0] += f * (run->psi_sum - run->psi_shape + row->log_mean + run->log_frequency - log_total);
        sums.by[1] += run->psi_sum + log_scale - log_total;
        sums.by[2] += m->q / m->gamma - (shape + m->q) / total;
    }
    all->blocks[block] = sums;
}

static double spenders_value(const void *context, const double *x, double *gradient)
{
    struct spenders all = *(const struct spenders *)context;
    struct gamma_gamma m = { x[0], x[1], x[2] };
    all.model = m;
    double gamma_q = log_gamma(m.q), psi_q = digamma(m.q);
    for (size_t i = 0; i < all.n_runs; i++) {
        double shape = m.p * all.runs[i].frequency;
        all.runs[i].log_gammas = log_gamma(shape + m.q) - log_gamma(shape) - gamma_q;
        all.runs[i].psi_sum = digamma(shape + m.q);
        all.runs[i].psi_shape = digamma(shape);
    }
    parallel_for(all.n_threads, all.n_blocks, sum_block, &all);
    struct sums sums = { 0 };
    for (size_t i = 0; i < all.n_blocks; i++) {
        sums.value += all.blocks[i].value;
        for (int j = 0; j < 3; j++) sums.by[j] += all.blocks[i].by[j];
    }
    sums.by[1] -= (double)all.n * psi_q;
    memcpy(gradient, sums.by, sizeof sums.by);
    return sums.value;
}

double gamma_gamma_log_likelihood(const struct gamma_gamma *model, const double *frequency,
                                  const double *monetary, size_t n, double ret_gradient[3])
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct spenders spenders;
    double gradient[3];
    collect(frequency, monetary, n, 1, arena, &spenders);
    double value = spenders_value(&spenders, (double[]){ model->p, model->q, model->gamma }, gradient);
    if (ret_gradient) memcpy(ret_gradient, gradient, sizeof gradient);
    arena_free(arena);
    return value;
}

/* The mean of monetary over usable customers; NaN if all are equal. */
static bool check_rows(const double *frequency, const double *monetary, size_t n, double *ret_mean,
                       struct err *err)
{
    double sum = 0, low = (double)INFINITY, high = 0;
    size_t n_used = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(frequency[i] >= 0 && monetary[i] >= 0 && isfinite(frequency[i]) && isfinite(monetary[i])))
            return err_set(err, ERR_INVALID, "row %zu: frequency %g, mean spend %g: want finite numbers >= 0",
                           i, frequency[i], monetary[i]);
        if (!(frequency[i] > 0 && monetary[i] > 0)) continue;
        n_used++;
        sum += monetary[i];
        low = fmin(low, monetary[i]);
        high = fmax(high, monetary[i]);
    }
    if (n_used < LEAST_CUSTOMERS)
        return err_set(err, ERR_REFUSED,
                       "only %zu customers have a repeat purchase with an amount; %d are needed", n_used,
                       (int)LEAST_CUSTOMERS);
    if (high - low <= 1e-9 * high)
        return err_set(err, ERR_REFUSED, "every customer spends the same, %.2f a purchase", high);
    *ret_mean = sum / (double)n_used;
    return true;
}

/* The maximum of all; of very many first that of every so-many-th, from which a few Newton steps
 * are enough. */
static bool fit_spenders(const struct spenders *spenders, struct optimum *ret_optimum, struct err *err)
{
    enum { ENOUGH_ROWS = 10000 };
    static const char *const names[] = { "p", "q", "gamma" };
    struct objective objective = {
        .n = 3, .names = names, .low = (const double[]){ 1e-3, 1e-3, 1e-7 },
        .high = (const double[]){ 1e4, 1e4, 1e7 }, .value = spenders_value, .context = spenders
    };
    double starts[] = { 5, 4, 0.6, 1, 2, 1 };       /* both with mean spend 1 */
    if (spenders->n <= 2 * ENOUGH_ROWS) return optimise(&objective, starts, 2, ret_optimum, err);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct optimum near;
    struct spenders part = *spenders;
    size_t step = spenders->n / ENOUGH_ROWS;
    part.n = 0;
    part.rows = ARENA_ARRAY(arena, struct spender, spenders->n / step + 1);
    part.runs = ARENA_ARRAY(arena, struct run, spenders->n_runs);
    for (size_t i = step / 2; i < spenders->n; i += step) part.rows[part.n++] = spenders->rows[i];
    find_runs(&part);
    objective.context = &part;
    bool has_start = optimise(&objective, starts, 2, &near, err);
    if (has_start) memcpy(starts, near.x, 3 * sizeof *starts);
    objective.context = spenders;
    bool ok = optimise(&objective, starts, has_start ? 1 : 2, ret_optimum, err);
    arena_free(arena);
    return ok;
}

bool gamma_gamma_fit(const double *frequency, const double *monetary, size_t n, unsigned n_threads,
                     struct gamma_gamma_fit *ret_fit, struct err *err)
{
    double unit = 1;
    if (!check_rows(frequency, monetary, n, &unit, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct spenders spenders;
    collect(frequency, monetary, n, unit, arena, &spenders);
    spenders.n_threads = n_threads;
    struct optimum optimum;
    bool ok = fit_spenders(&spenders, &optimum, err);
    if (!ok) err_context(err, "spend per purchase does not look gamma distributed (Gamma-Gamma)");
    else if (optimum.x[1] <= 1)
        ok = err_set(err, ERR_REFUSED,
                     "spend differs so much between customers (Gamma-Gamma q = %.3g, not above 1) "
                     "that its expectation is infinite",
                     optimum.x[1]);
    if (ok) {
        double *x = optimum.x, *se = optimum.se;
        *ret_fit = (struct gamma_gamma_fit){ { x[0], x[1], x[2] * unit },
                                             optimum.value - (double)spenders.n * log(unit),
                                             { se[0], se[1], se[2] * unit },
                                             optimum.se_missing,
                                             spenders.n };
    }
    arena_free(arena);
    return ok;
}

double gamma_gamma_expected(const struct gamma_gamma *model, double frequency, double monetary)
{
    const struct gamma_gamma *m = model;
    return m->p * (m->gamma + monetary * frequency) / (m->p * frequency + m->q - 1);
}
