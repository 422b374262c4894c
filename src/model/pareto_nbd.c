/* The Pareto/NBD model by maximum likelihood; see pareto_nbd.h. */
#include "model/pareto_nbd.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/parallel.h"
#include "math/numerics.h"
#include "math/optimise.h"

#include <math.h>

enum { NODES = 32, STEP_NODES = 12, POINTS_MOST = 4096 };

/* Gauss-Legendre over 0..1. */
struct rule { double x[NODES], weight[NODES]; };

static struct rule make_rule(size_t n_nodes)
{
    struct rule rule;
    legendre_nodes(0, 1, n_nodes, rule.x, rule.weight);
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

/* ---- many customers at once -------------------------------------------------------------------- */

struct row { double frequency, recency, age, customers; size_t customer, last, end; };

/* Rows of one frequency: what is left of the integral from each point on, divided by the integrand there, and its
 * derivatives; known from from_point on. */
struct tail { double left, by[4]; };
struct run { size_t first, n, from_point; struct tail *tails; };

/* Times are days mostly, so rows share few of them: the points.  Between two neighbours the integrand h is taken at
 * STEP_NODES, and what is left follows backwards from the last point,
 *   K(y) = (integral from y to y' of h) / h(y) + K(y') h(y') / h(y),
 * so that a customer's integral from t_x to T is h(t_x) (K(t_x) - K(T) h(T) / h(t_x)).  The difference costs no digits of
 * the likelihood: with the part of those alive it is never less than s K(t_x). */
struct steps {
    double *points;                     /* [n], rising; n 0: too many differ, each row is on its own */
    size_t  n;
    double *log_alpha, *log_beta;       /* [n] of alpha + y, beta + y */
    struct node { double weight, log_share, log_alpha, log_beta, by_alpha, by_beta; } *nodes;   /* [(n - 1) x STEP_NODES] */
};

struct sums { double value, by[4]; };
struct rows {
    struct row       *rows;             /* by frequency, recency, age */
    size_t            n;
    struct run       *runs;
    size_t            n_runs;
    struct steps      steps;
    struct sums      *sums;             /* [n_runs] */
    unsigned          n_threads;
    struct pareto_nbd model;
    struct rule       rule, step_rule;
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->frequency != b->frequency) return a->frequency < b->frequency ? -1 : 1;
    if (a->recency != b->recency) return a->recency < b->recency ? -1 : 1;
    return (a->age > b->age) - (a->age < b->age);
}

static uint64_t time_key(double y) { return hash_bytes(&y, sizeof y, 0); }

static void add_point(struct hash_map *map, struct steps *steps, double y)
{
    uint64_t *known = hash_map_put(map, time_key(y));
    if (*known || steps->n > POINTS_MOST) return;
    *known = 1;
    steps->points[steps->n++] = y;
}

/* More points where two are farther apart than a part of the whole. */
static void fill_gaps(struct steps *steps, struct arena *arena)
{
    enum { PARTS = 256 };
    double *points = ARENA_ARRAY(arena, double, steps->n + PARTS + 1), *from = steps->points;
    size_t n_from = steps->n;
    double widest = n_from ? from[n_from - 1] / PARTS : 0;
    steps->n = 0;
    for (size_t i = 0; i < n_from; i++) {
        double gap = i ? from[i] - from[i - 1] : 0, n = widest > 0 ? floor(gap / widest) : 0;
        for (double k = 1; k < n; k++) points[steps->n++] = from[i - 1] + gap * k / n;
        points[steps->n++] = from[i];
    }
    steps->points = points;
}

/* The points of the rows, and the rows' places among them. */
static void find_points(struct rows *rows, struct arena *arena)
{
    struct steps *steps = &rows->steps;
    struct hash_map map = { 0 };
    *steps = (struct steps){ .points = ARENA_ARRAY(arena, double, POINTS_MOST + 1) };
    for (size_t i = 0; i < rows->n && steps->n <= POINTS_MOST; i++) {
        add_point(&map, steps, rows->rows[i].recency);
        add_point(&map, steps, rows->rows[i].age);
    }
    if (steps->n > POINTS_MOST) steps->n = 0;
    sort_doubles(steps->points, steps->n);
    if (steps->n > 0) fill_gaps(steps, arena);
    for (size_t d = 0; d < steps->n; d++) *hash_map_put(&map, time_key(steps->points[d])) = d;
    for (size_t i = 0; i < rows->n && steps->n > 0; i++) {
        rows->rows[i].last = *hash_map_put(&map, time_key(rows->rows[i].recency));
        rows->rows[i].end = *hash_map_put(&map, time_key(rows->rows[i].age));
    }
    hash_map_free(&map);
    steps->log_alpha = ARENA_ARRAY(arena, double, steps->n + 1);
    steps->log_beta = ARENA_ARRAY(arena, double, steps->n + 1);
    steps->nodes = ARENA_ARRAY(arena, struct node, steps->n *STEP_NODES + 1);
}

/* Runs of the rows; who share a frequency with few are on their own, which is less work then. */
static void find_runs(struct rows *rows, struct arena *arena)
{
    enum { POINTS_A_ROW = 32 };
    size_t n_runs = 0;
    for (size_t i = 0; i < rows->n; i++) n_runs += i == 0 || rows->rows[i].frequency != rows->rows[i - 1].frequency;
    find_points(rows, arena);
    rows->runs = ARENA_ARRAY(arena, struct run, n_runs + 1);
    rows->sums = ARENA_ARRAY(arena, struct sums, n_runs + 1);
    for (size_t i = 0; i < rows->n; i++) {
        if (i == 0 || rows->rows[i].frequency != rows->rows[i - 1].frequency)
            rows->runs[rows->n_runs++] = (struct run){ .first = i };
        rows->runs[rows->n_runs - 1].n++;
    }
    for (struct run *run = rows->runs; run < rows->runs + n_runs; run++)
        if (rows->steps.n > 0 && run->n * POINTS_A_ROW >= rows->steps.n)
            run->tails = ARENA_ARRAY(arena, struct tail, rows->steps.n);
}

static struct rows rows_of(const struct bgnbd_data *data, double unit, bool wants_each, unsigned n_threads,
                           struct arena *arena)
{
    struct row *all = ARENA_ARRAY(arena, struct row, data->n + 1);
    struct rows rows = { .rows = all, .n_threads = n_threads, .rule = make_rule(NODES),
                         .step_rule = make_rule(STEP_NODES) };
    for (size_t i = 0; i < data->n; i++)
        all[i] = (struct row){ data->frequency[i], data->recency[i] / unit, data->age[i] / unit, 1, i, 0, 0 };
    qsort(all, data->n, sizeof *all, compare_rows);
    for (size_t i = 0; i < data->n; i++) {
        if (!wants_each && rows.n > 0 && compare_rows(&all[rows.n - 1], &all[i]) == 0) all[rows.n - 1].customers++;
        else all[rows.n++] = all[i];
    }
    find_runs(&rows, arena);
    return rows;
}

/* What of the steps every frequency shares: weight (beta + y)^(s + 1) / (beta + v)^(s + 1) of the node v, and the log of
 * (alpha + y) / (alpha + v), of which the frequency makes a power. */
static void set_model(struct rows *rows, const struct pareto_nbd *m)
{
    struct steps *steps = &rows->steps;
    rows->model = *m;
    for (size_t d = 0; d < steps->n; d++) {
        double y = steps->points[d], width = d + 1 < steps->n ? steps->points[d + 1] - y : 0;
        steps->log_alpha[d] = log(m->alpha + y);
        steps->log_beta[d] = log(m->beta + y);
        for (size_t k = 0; width > 0 && k < STEP_NODES; k++) {
            double v = y + width * rows->step_rule.x[k], log_alpha = log(m->alpha + v), log_beta_v = log(m->beta + v);
            steps->nodes[d * STEP_NODES + k] =
                (struct node){ width * rows->step_rule.weight[k] * exp((m->s + 1) * (steps->log_beta[d] - log_beta_v)),
                               steps->log_alpha[d] - log_alpha, log_alpha, log_beta_v, 1 / (m->alpha + v),
                               1 / (m->beta + v) };
        }
    }
}

/* h of a later point over h of an earlier one. */
static double fallen(const struct rows *rows, double exponent, size_t from, size_t to)
{
    const struct steps *steps = &rows->steps;
    return exp(exponent * (steps->log_alpha[from] - steps->log_alpha[to]) +
               (rows->model.s + 1) * (steps->log_beta[from] - steps->log_beta[to]));
}

/* Backwards to where a step becomes too steep for its nodes: the integrand falls at a rate that rises towards 0. */
static void fill_tails(const struct rows *rows, struct run *run)
{
    const double steepest = 8;
    const struct pareto_nbd *m = &rows->model;
    const struct steps *steps = &rows->steps;
    double exponent = m->r + rows->rows[run->first].frequency;
    run->from_point = steps->n - 1;
    run->tails[steps->n - 1] = (struct tail){ 0 };
    for (size_t d = steps->n - 1; d-- > 0;) {
        double y = steps->points[d], width = steps->points[d + 1] - y;
        if (width * (exponent / (m->alpha + y) + (m->s + 1) / (m->beta + y)) > steepest) return;
        struct tail step = { 0 }, *tail = &run->tails[d];
        for (const struct node *node = steps->nodes + d * STEP_NODES, *end = node + STEP_NODES; node < end; node++) {
            double f = node->weight * exp(exponent * node->log_share);
            step.left += f;
            step.by[0] -= f * node->log_alpha;
            step.by[1] -= f * node->by_alpha;
            step.by[2] -= f * node->log_beta;
            step.by[3] -= f * node->by_beta;
        }
        step.by[1] *= exponent, step.by[3] *= m->s + 1;
        double share = fallen(rows, exponent, d, d + 1);
        tail->left = step.left + share * tail[1].left;
        for (int j = 0; j < 4; j++) tail->by[j] = step.by[j] + share * tail[1].by[j];
        run->from_point = d;
    }
}

static struct parts parts_of(const struct rows *rows, const struct run *run, const struct row *row)
{
    const struct pareto_nbd *m = &rows->model;
    const struct steps *steps = &rows->steps;
    if (!run->tails || row->last < run->from_point)
        return find_parts(m, &rows->rule, row->frequency, row->recency, row->age);
    double exponent = m->r + row->frequency, log_alpha = steps->log_alpha[row->end],
           log_beta_age = steps->log_beta[row->end], share = fallen(rows, exponent, row->last, row->end);
    const struct tail *last = &run->tails[row->last], *end = &run->tails[row->end];
    struct parts parts = { .scale = -exponent * steps->log_alpha[row->last] - (m->s + 1) * steps->log_beta[row->last],
                           .alive = share * (m->beta + row->age), .left = last->left - share * end->left };
    parts.alive_by[0] = -parts.alive * log_alpha;
    parts.alive_by[1] = -parts.alive * exponent / (m->alpha + row->age);
    parts.alive_by[2] = -parts.alive * log_beta_age;
    parts.alive_by[3] = -parts.alive * m->s / (m->beta + row->age);
    for (int j = 0; j < 4; j++) parts.left_by[j] = last->by[j] - share * end->by[j];
    return parts;
}

/* ---- likelihood -------------------------------------------------------------------------------- */

static void sum_run(void *context, size_t index, unsigned thread)
{
    (void)thread;
    struct rows *all = context;
    struct run *run = &all->runs[index];
    const struct pareto_nbd *m = &all->model;
    double frequency = all->rows[run->first].frequency, customers = 0;
    struct sums sums = { 0 };
    if (run->tails) fill_tails(all, run);
    for (const struct row *row = all->rows + run->first, *end = row + run->n; row < end; row++) {
        struct parts parts = parts_of(all, run, row);
        double total = parts.alive + m->s * parts.left, n = row->customers;
        sums.value += n * (parts.scale + log(total));
        for (int j = 0; j < 4; j++) sums.by[j] += n * (parts.alive_by[j] + m->s * parts.left_by[j]) / total;
        sums.by[2] += n * parts.left / total;
        customers += n;
    }
    sums.value += customers * log_gamma(m->r + frequency);
    sums.by[0] += customers * digamma(m->r + frequency);
    all->sums[index] = sums;
}

static double rows_value(const void *context, const double *x, double *gradient)
{
    struct rows all = *(const struct rows *)context;
    struct pareto_nbd m = { x[0], x[1], x[2], x[3] };
    double value = 0, customers = 0;
    set_model(&all, &m);
    parallel_for(all.n_threads, all.n_runs, sum_run, &all);
    for (size_t i = 0; i < all.n; i++) customers += all.rows[i].customers;
    for (int j = 0; j < 4; j++) gradient[j] = 0;
    for (size_t i = 0; i < all.n_runs; i++) {
        value += all.sums[i].value;
        for (int j = 0; j < 4; j++) gradient[j] += all.sums[i].by[j];
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
    struct rows rows = rows_of(data, 1, false, 1, arena);
    double gradient[4];
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
    part.n = part.n_runs = 0;
    part.rows = ARENA_ARRAY(arena, struct row, rows->n / step + 1);
    for (size_t i = step / 2; i < rows->n; i += step) part.rows[part.n++] = rows->rows[i];
    find_runs(&part, arena);
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
    struct rows rows = rows_of(data, unit, false, n_threads, arena);
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

static double share_alive(const struct pareto_nbd *model, struct parts parts)
{
    return parts.alive > 0 ? 1 / (1 + model->s * parts.left / parts.alive) : 0;
}

double pareto_nbd_alive(const struct pareto_nbd *model, double frequency, double recency, double age)
{
    struct rule rule = make_rule(NODES);
    return share_alive(model, find_parts(model, &rule, frequency, recency, age));
}

struct looking { struct rows *rows; double *alive; };

static void look_at_run(void *context, size_t index, unsigned thread)
{
    (void)thread;
    struct looking *looking = context;
    const struct rows *rows = looking->rows;
    struct run *run = &looking->rows->runs[index];
    if (run->tails) fill_tails(rows, run);
    for (const struct row *row = rows->rows + run->first, *end = row + run->n; row < end; row++)
        looking->alive[row->customer] = share_alive(&rows->model, parts_of(rows, run, row));
}

void pareto_nbd_alive_all(const struct pareto_nbd *model, const struct bgnbd_data *data, unsigned n_threads,
                          double *ret_alive)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rows rows = rows_of(data, 1, true, n_threads, arena);
    set_model(&rows, model);
    parallel_for(n_threads, rows.n_runs, look_at_run, &(struct looking){ &rows, ret_alive });
    arena_free(arena);
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
