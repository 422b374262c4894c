/* The BG/NBD model and its modification by maximum likelihood in logarithms; see bgnbd.h.
 *
 * With f repeat purchases a customer has passed f chances to leave, or f + 1 in the modified model:
 * chances() is the one difference between the two. */
#include "model/bgnbd.h"

#include "base/parallel.h"
#include "math/numerics.h"
#include "math/optimise.h"

#include <math.h>

static double chances(const struct bgnbd *model, double frequency)
{
    return frequency + (model->is_modified ? 1 : 0);
}

enum { BLOCK_GROUPS = 8192 };       /* summed on one thread; blocks are added in order */

/* Customers with the same three numbers. */
struct group { double frequency, recency, age; size_t run; double customers; };

/* One per distinct frequency: half of the likelihood depends on that alone. */
struct run { double frequency, customers; };

struct sums { double value, by[4]; };

struct grouped {
    struct group *groups;   /* ordered by frequency, recency, age */
    size_t        n_groups;
    struct run   *runs;
    size_t        n_runs;
    struct sums  *blocks;
    size_t        n_blocks;
    unsigned      n_threads;
    struct bgnbd  model;    /* being evaluated */
    double        log_a;
};

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    if (a->frequency != b->frequency) return a->frequency < b->frequency ? -1 : 1;
    if (a->recency != b->recency) return a->recency < b->recency ? -1 : 1;
    return (a->age > b->age) - (a->age < b->age);
}

/* Fills runs and the groups' places in them. */
static void find_runs(struct grouped *grouped)
{
    grouped->n_runs = 0;
    grouped->n_blocks = (grouped->n_groups + BLOCK_GROUPS - 1) / BLOCK_GROUPS;
    for (size_t i = 0; i < grouped->n_groups; i++) {
        struct group *group = &grouped->groups[i];
        if (i == 0 || group->frequency != group[-1].frequency)
            grouped->runs[grouped->n_runs++] = (struct run){ group->frequency, 0 };
        group->run = grouped->n_runs - 1;
        grouped->runs[group->run].customers += group->customers;
    }
}

static void group_equal_rows(const struct bgnbd_data *data, double unit, struct arena *arena,
                             struct grouped *ret)
{
    struct group *groups = ARENA_ARRAY(arena, struct group, data->n + 1);
    for (size_t i = 0; i < data->n; i++)
        groups[i] = (struct group){ data->frequency[i], data->recency[i] / unit, data->age[i] / unit, 0, 1 };
    qsort(groups, data->n, sizeof *groups, compare_groups);
    size_t n_groups = 0;
    for (size_t i = 0; i < data->n; i++) {
        struct group *last = n_groups ? &groups[n_groups - 1] : NULL;
        if (last && compare_groups(last, &groups[i]) == 0) last->customers++;
        else groups[n_groups++] = groups[i];
    }
    *ret = (struct grouped){ .groups = groups, .n_groups = n_groups, .n_threads = 1,
                             .runs = ARENA_ARRAY(arena, struct run, n_groups + 1),
                             .blocks = ARENA_ARRAY(arena, struct sums, n_groups / BLOCK_GROUPS + 1) };
    find_runs(ret);
}

/* What depends on recency and age: the log of (alpha + T)^-(r + x), to which customers who
 * have had n > 0 chances to leave add a / (b + n - 1) (alpha + t_x)^-(r + x). */
static void sum_block(void *context, size_t block, unsigned thread)
{
    (void)thread;
    struct grouped *all = context;
    const struct bgnbd *m = &all->model;
    struct sums sums = { 0 };
    size_t end = (block + 1) * BLOCK_GROUPS < all->n_groups ? (block + 1) * BLOCK_GROUPS : all->n_groups;
    for (size_t i = block * BLOCK_GROUPS; i < end; i++) {
        const struct group *g = &all->groups[i];
        double exponent = m->r + g->frequency, passed = chances(m, g->frequency), to_age = m->alpha + g->age,
               log_age = log(to_age);
        double value = -exponent * log_age, by_r = -log_age, by_alpha = -exponent / to_age, by_a = 0, by_b = 0;
        if (passed > 0) {
            double to_recency = m->alpha + g->recency, log_recency = log(to_recency),
                   rest = m->b + passed - 1;
            double gone = all->log_a - log(rest) - exponent * log_recency;
            double odds = exp(-fabs(gone - value)),
                   share_gone = gone > value ? 1 / (1 + odds) : odds / (1 + odds);
            value = fmax(value, gone) + log1p(odds);
            by_r += share_gone * (log_age - log_recency);
            by_alpha += share_gone * exponent * (1 / to_age - 1 / to_recency);
            by_a = share_gone / m->a;
            by_b = -share_gone / rest;
        }
        sums.value += g->customers * value;
        sums.by[0] += g->customers * by_r;
        sums.by[1] += g->customers * by_alpha;
        sums.by[2] += g->customers * by_a;
        sums.by[3] += g->customers * by_b;
    }
    all->blocks[block] = sums;
}

static double grouped_value(const void *context, const double *x, double *gradient)
{
    struct grouped all = *(const struct grouped *)context;
    struct bgnbd m = { x[0], x[1], x[2], x[3], all.model.is_modified };
    all.model = m;
    all.log_a = log(m.a);
    double gamma_r = log_gamma(m.r), psi_r = digamma(m.r), psi_b = digamma(m.b), psi_ab = digamma(m.a + m.b);
    double constant = log_beta(m.a, m.b), log_alpha = log(m.alpha);
    struct sums sums = { 0 };
    for (size_t i = 0; i < all.n_runs; i++) {
        const struct run *run = &all.runs[i];
        double f = run->frequency, n = run->customers, b = m.b + chances(&m, f), psi_abx = digamma(m.a + b);
        sums.value += n * (log_gamma(m.r + f) - gamma_r + m.r * log_alpha + log_beta(m.a, b) - constant);
        sums.by[0] += n * (digamma(m.r + f) - psi_r + log_alpha);
        sums.by[1] += n * m.r / m.alpha;
        sums.by[2] += n * (psi_ab - psi_abx);
        sums.by[3] += n * (digamma(b) - psi_abx - psi_b + psi_ab);
    }
    parallel_for(all.n_threads, all.n_blocks, sum_block, &all);
    for (size_t i = 0; i < all.n_blocks; i++) {
        sums.value += all.blocks[i].value;
        for (int j = 0; j < 4; j++) sums.by[j] += all.blocks[i].by[j];
    }
    memcpy(gradient, sums.by, sizeof sums.by);
    return sums.value;
}

double bgnbd_log_likelihood(const struct bgnbd *model, const struct bgnbd_data *data, double ret_gradient[4])
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct grouped grouped;
    double gradient[4];
    group_equal_rows(data, 1, arena, &grouped);
    grouped.model = *model;
    double value = grouped_value(&grouped, (double[]){ model->r, model->alpha, model->a, model->b }, gradient);
    if (ret_gradient) memcpy(ret_gradient, gradient, sizeof gradient);
    arena_free(arena);
    return value;
}

/* ---- fit --------------------------------------------------------------------------------------- */

bool bgnbd_check(const struct bgnbd_data *data, struct err *err)
{
    double repeats = 0;
    for (size_t i = 0; i < data->n; i++) {
        double f = data->frequency[i], recency = data->recency[i], age = data->age[i];
        if (!(f >= 0 && recency >= 0 && recency <= age && isfinite(f) && isfinite(age)))
            return err_set(err, ERR_INVALID,
                           "row %zu: frequency %g, recency %g, age %g: want frequency >= 0 and "
                           "0 <= recency <= age",
                           i, f, recency, age);
        if (f == 0 && recency > 0)
            return err_set(err, ERR_INVALID, "row %zu: recency %g without a repeat purchase", i, recency);
        repeats += f;
    }
    return repeats > 0 || err_set(err, ERR_REFUSED, "no customer has bought a second time");
}

/* With the mean age as unit the parameters are near 1 whatever the caller's unit. */
static void measure(const struct bgnbd_data *data, double *ret_unit, double *ret_rate,
                    double *ret_total_frequency)
{
    double total_age = 0, total_frequency = 0;
    for (size_t i = 0; i < data->n; i++) {
        total_age += data->age[i];
        total_frequency += data->frequency[i];
    }
    *ret_unit = total_age / (double)data->n;
    *ret_rate = total_frequency / (double)data->n;
    *ret_total_frequency = total_frequency;
}

static const char *const parameter_names[] = { "r", "alpha", "a", "b" };

/* The maximum of all groups; of very many first that of every so-many-th, which is a start from
 * which a few Newton steps are enough. */
static bool fit_groups(const struct grouped *grouped, double rate, struct optimum *ret_optimum, struct err *err)
{
    enum { ENOUGH_GROUPS = 10000 };
    struct objective objective = {
        .n = 4, .names = parameter_names,
        .low = (const double[]){ 1e-4, 1e-6, 1e-4, 1e-4 }, .high = (const double[]){ 1e4, 1e6, 1e4, 1e5 },
        .value = grouped_value, .context = grouped
    };
    double starts[] = { 0.5, 0.5 / rate, 0.5, 2, 2, 2 / rate, 1, 20 };
    if (grouped->n_groups <= 2 * ENOUGH_GROUPS) return optimise(&objective, starts, 2, ret_optimum, err);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct optimum near;
    struct grouped part = *grouped;
    size_t step = grouped->n_groups / ENOUGH_GROUPS;
    part.n_groups = 0;
    part.groups = ARENA_ARRAY(arena, struct group, grouped->n_groups / step + 1);
    part.runs = ARENA_ARRAY(arena, struct run, grouped->n_runs);
    for (size_t i = step / 2; i < grouped->n_groups; i += step)
        part.groups[part.n_groups++] = grouped->groups[i];
    find_runs(&part);
    objective.context = &part;
    bool has_start = optimise(&objective, starts, 2, &near, err);
    if (has_start) memcpy(starts, near.x, 4 * sizeof *starts);
    objective.context = grouped;
    bool ok = optimise(&objective, starts, has_start ? 1 : 2, ret_optimum, err);
    arena_free(arena);
    return ok;
}

bool bgnbd_fit(const struct bgnbd_data *data, bool is_modified, unsigned n_threads, struct bgnbd_fit *ret_fit,
               struct err *err)
{
    if (!bgnbd_check(data, err)) return false;
    double unit, rate, total_frequency;
    measure(data, &unit, &rate, &total_frequency);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct grouped grouped;
    group_equal_rows(data, unit, arena, &grouped);
    grouped.n_threads = n_threads;
    grouped.model.is_modified = is_modified;
    struct optimum optimum;
    bool ok = fit_groups(&grouped, rate, &optimum, err);
    if (ok) {
        double *x = optimum.x, *se = optimum.se;
        struct bgnbd model = { x[0], x[1] * unit, x[2], x[3], is_modified };
        /* Densities of f purchase times each shrink with the unit. */
        *ret_fit = (struct bgnbd_fit){ model, optimum.value - total_frequency * log(unit),
                                       { se[0], se[1] * unit, se[2], se[3], is_modified }, optimum.se_missing,
                                       grouped.n_groups, optimum.n_iterations };
    }
    arena_free(arena);
    return ok;
}

/* Only r and alpha: the likelihood of the NBD model, from the same groups. */
static double stayers_value(const void *context, const double *x, double *gradient)
{
    const struct grouped *all = context;
    double r = x[0], alpha = x[1], value = 0, gamma_r = log_gamma(r), psi_r = digamma(r),
           log_alpha = log(alpha);
    gradient[0] = gradient[1] = 0;
    for (size_t i = 0; i < all->n_runs; i++) {
        const struct run *run = &all->runs[i];
        value += run->customers * (log_gamma(r + run->frequency) - gamma_r + r * log_alpha);
        gradient[0] += run->customers * (digamma(r + run->frequency) - psi_r + log_alpha);
        gradient[1] += run->customers * r / alpha;
    }
    for (size_t i = 0; i < all->n_groups; i++) {
        const struct group *group = &all->groups[i];
        double exponent = r + group->frequency, log_age = log(alpha + group->age);
        value -= group->customers * exponent * log_age;
        gradient[0] -= group->customers * log_age;
        gradient[1] -= group->customers * exponent / (alpha + group->age);
    }
    return value;
}

bool bgnbd_fit_stayers(const struct bgnbd_data *data, struct bgnbd_fit *ret_fit, struct err *err)
{
    if (!bgnbd_check(data, err)) return false;
    double unit, rate, total_frequency;
    measure(data, &unit, &rate, &total_frequency);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct grouped grouped;
    group_equal_rows(data, unit, arena, &grouped);
    const struct objective objective = { .n = 2,
                                         .names = parameter_names,
                                         .low = (const double[]){ 1e-4, 1e-6 },
                                         .high = (const double[]){ 1e4, 1e6 },
                                         .value = stayers_value,
                                         .context = &grouped };
    struct optimum optimum;
    bool ok = optimise(&objective, (const double[]){ 0.5, 0.5 / rate, 2, 2 / rate }, 2, &optimum, err);
    if (ok)
        *ret_fit = (struct bgnbd_fit){ { optimum.x[0], optimum.x[1] * unit, 0, 1, false },
                                       optimum.value - total_frequency * log(unit),
                                       { optimum.se[0], optimum.se[1] * unit, (double)NAN, (double)NAN, false },
                                       optimum.se_missing,
                                       grouped.n_groups,
                                       optimum.n_iterations };
    arena_free(arena);
    return ok;
}

/* ---- what the model says ----------------------------------------------------------------------- */

double bgnbd_alive(const struct bgnbd *model, double frequency, double recency, double age)
{
    double passed = chances(model, frequency);
    if (passed == 0) return 1;
    double log_odds_gone = log(model->a) - log(model->b + passed - 1)
                           + (model->r + frequency) * log((model->alpha + age) / (model->alpha + recency));
    return 1 / (1 + exp(log_odds_gone));
}

struct purchases { double shape, rate; const double *t; size_t n; };

/* Purchases within t given the leaving probability p, over a gamma(shape, rate) purchase rate:
 * (1 - (1 + p t / rate)^-shape) / p. */
static void purchases_given_leaving(const void *context, double p, double complement, double *ret_values)
{
    (void)complement;
    const struct purchases *c = context;
    for (size_t i = 0; i < c->n; i++) {
        double x = c->t[i] / c->rate;
        ret_values[i] = p * x < 1e-290 ? c->shape * x : -expm1(-c->shape * log1p(p * x)) / p;
    }
}

void bgnbd_expected_alive(const struct bgnbd *model, double frequency, double age, const double *t, size_t n,
                          double *ret_expected)
{
    enum { AT_ONCE = 64 };
    for (size_t i = 0; i < n && model->a == 0; i++)
        ret_expected[i] = (model->r + frequency) * t[i] / (model->alpha + age);
    if (model->a == 0) return;
    for (size_t done = 0; done < n; done += AT_ONCE) {
        size_t some = n - done < AT_ONCE ? n - done : AT_ONCE;
        struct purchases purchases = { model->r + frequency, model->alpha + age, t + done, some };
        beta_expectation(model->a, model->b + chances(model, frequency), some, purchases_given_leaving,
                         &purchases, ret_expected + done);
    }
}

enum { POINTS_MOST = 64 };

/* Whether what every second point says of those between is near enough that all together are right. */
static bool is_smooth(const double *points, size_t n_points, const double *values, size_t n)
{
    const double near = 1e-6;       /* the error of half the points; that of all is about its square */
    double share[POINTS_MOST + 1];
    for (size_t i = 1; i < n_points; i += 2) {
        chebyshev_shares(points, n_points, 2, points[i], share);
        for (size_t j = 0; j < n; j++) {
            double said = 0;
            for (size_t k = 0; 2 * k <= n_points; k++) said += share[k] * values[2 * k * n + j];
            if (!(fabs(said - values[i * n + j]) <= near * fabs(values[i * n + j]))) return false;
        }
    }
    return true;
}

/* From the values at few ages, evenly spread in the log of alpha + age. */
static bool interpolate_ages(const struct bgnbd *model, double frequency, const double *ages, size_t n_ages,
                             const double *t, size_t n, size_t n_points, double *ret_expected)
{
    double points[POINTS_MOST + 1], share[POINTS_MOST + 1];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double *values = ARENA_ARRAY(arena, double, (n_points + 1) * n);
    chebyshev_points(log(model->alpha + ages[0]), log(model->alpha + ages[n_ages - 1]), n_points, points);
    for (size_t k = 0; k <= n_points; k++)
        bgnbd_expected_alive(model, frequency, exp(points[k]) - model->alpha, t, n, values + k * n);
    bool ok = is_smooth(points, n_points, values, n);
    for (size_t i = 0; ok && i < n_ages; i++) {
        chebyshev_shares(points, n_points, 1, log(model->alpha + ages[i]), share);
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k <= n_points; k++) sum += share[k] * values[k * n + j];
            ret_expected[i * n + j] = sum;
        }
    }
    arena_free(arena);
    return ok;
}

void bgnbd_expected_ages(const struct bgnbd *model, double frequency, const double *ages, size_t n_ages, const double *t,
                         size_t n, double *ret_expected)
{
    for (size_t n_points = POINTS_MOST / 2; model->a > 0 && n_points <= POINTS_MOST && n_ages > 2 * n_points; n_points *= 2)
        if (interpolate_ages(model, frequency, ages, n_ages, t, n, n_points, ret_expected)) return;
    for (size_t i = 0; i < n_ages; i++)
        bgnbd_expected_alive(model, frequency, ages[i], t, n, ret_expected + i * n);
}

double bgnbd_expected(const struct bgnbd *model, double t)
{
    double expected;
    bgnbd_expected_alive(model, 0, 0, &t, 1, &expected);
    return expected * bgnbd_alive(model, 0, 0, 0);
}

double bgnbd_expected_after(const struct bgnbd *model, double frequency, double recency, double age, double t)
{
    double expected;
    bgnbd_expected_alive(model, frequency, age, &t, 1, &expected);
    return expected * bgnbd_alive(model, frequency, recency, age);
}

/* Either still alive after n purchases, or left at the n-th: the second needs the chance that at
 * least n purchases would have been made, an incomplete beta. */
double bgnbd_probability(const struct bgnbd *model, unsigned n, double t)
{
    const struct bgnbd *m = model;
    double share = t / (m->alpha + t), count = n, passed = chances(m, count);
    double log_purchases = log_gamma(m->r + count) - log_gamma(m->r) - log_gamma(count + 1)
                           + m->r * log1p(-share) + (n ? count * log(share) : 0);
    if (m->a == 0) return exp(log_purchases);
    double log_beta_ab = log_beta(m->a, m->b);
    double alive = exp(log_purchases + log_beta(m->a, m->b + passed) - log_beta_ab);
    if (passed == 0) return alive;
    double reached = n ? beta_cdf(share, count, m->r) : 1;
    return alive + exp(log_beta(m->a + 1, m->b + passed - 1) - log_beta_ab) * reached;
}

/* ---- how far it may be from what is expected ---- */

enum { PURCHASES_MOST = 100000 };

struct purchases_range bgnbd_range(double shape, double mean, double alive, double share)
{
    double tail = (1 - share) / 2, next = mean / (shape + mean), log_p = shape * log1p(-next), sum = 0;
    struct purchases_range range = { 0, 0 };
    bool has_low = false;
    for (unsigned n = 0; n < PURCHASES_MOST; n++) {
        sum += exp(log_p);      /* of many purchases the first are below what a double holds */
        double until = 1 - alive + alive * sum;
        if (!has_low && until > tail) range.low = n, has_low = true;
        range.high = n;
        if (until >= 1 - tail) break;
        log_p += log((shape + n) / (n + 1) * next);
    }
    return range;
}
