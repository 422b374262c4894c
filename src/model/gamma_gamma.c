/* The Gamma-Gamma model of spend by maximum likelihood; see gamma_gamma.h. */
#include "model/gamma_gamma.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "math/numerics.h"
#include "math/optimise.h"

#include <math.h>

enum { BLOCK_ROWS = 8192, LEAST_CUSTOMERS = 10 };

struct spender { double frequency, mean, log_mean; size_t run; };
struct run { double frequency, customers, log_gammas, psi_sum, psi_shape; };
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
    for (size_t i = 0; i < n_used; i++) {
        if (i == 0 || rows[i].frequency != rows[i - 1].frequency) n_runs++;
        rows[i].run = n_runs - 1;
    }
    struct run *runs = ARENA_ARRAY(arena, struct run, n_runs + 1);
    for (size_t i = 0; i < n_used; i++) {
        runs[rows[i].run].frequency = rows[i].frequency;
        runs[rows[i].run].customers++;
    }
    size_t n_blocks = (n_used + BLOCK_ROWS - 1) / BLOCK_ROWS;
    *ret = (struct spenders){ .rows = rows, .n = n_used, .runs = runs, .n_runs = n_runs, .n_blocks = n_blocks,
                              .blocks = ARENA_ARRAY(arena, struct sums, n_blocks + 1), .n_threads = 1 };
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
        sums.value += run->log_gammas + m->q * log_scale + (shape - 1) * row->log_mean + shape * log(f)
                      - (shape + m->q) * log_total;
        sums.by[0] += f * (run->psi_sum - run->psi_shape + row->log_mean + log(f) - log_total);
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
    double sum = 0, low = INFINITY, high = 0;
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

bool gamma_gamma_fit(const double *frequency, const double *monetary, size_t n, unsigned n_threads,
                     struct gamma_gamma_fit *ret_fit, struct err *err)
{
    static const char *const names[] = { "p", "q", "gamma" };
    double unit = 1;
    if (!check_rows(frequency, monetary, n, &unit, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct spenders spenders;
    collect(frequency, monetary, n, unit, arena, &spenders);
    spenders.n_threads = n_threads;
    const struct objective objective = {
        .n = 3, .names = names, .low = (const double[]){ 1e-3, 1e-3, 1e-7 },
        .high = (const double[]){ 1e4, 1e4, 1e7 }, .value = spenders_value, .context = &spenders
    };
    const double starts[] = { 5, 4, 0.6, 1, 2, 1 };     /* both with mean spend 1 */
    struct optimum optimum;
    bool ok = optimise(&objective, starts, 2, &optimum, err);
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
