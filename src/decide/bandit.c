/* bandit.c - see bandit.h. */
#include "decide/bandit.h"

#include "math/numerics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { NODES = 12, MARKS = 9 };

/* Where an arm's density is cut into panels, each smooth enough for a rule of twelve nodes. */
static const double MARK[MARKS] = { 1e-10, 1e-4, .02, .15, .5, .85, .98, 1 - 1e-4, 1 - 1e-10 };

static double quantile_of(const struct bandit_arm *arm, double p)
{
    return arm->beta > 0 ? beta_quantile(p, arm->alpha, arm->beta) : arm->alpha + arm->sd * normal_quantile(p);
}

static double cdf_of(const struct bandit_arm *arm, double x)
{
    if (!(arm->beta > 0)) return normal_cdf((x - arm->alpha) / arm->sd);
    return x <= 0 ? 0 : x >= 1 ? 1 : beta_cdf(x, arm->alpha, arm->beta);
}

static double density_of(const struct bandit_arm *arm, double x)
{
    if (!(arm->beta > 0)) {
        double z = (x - arm->alpha) / arm->sd;
        return exp(-z * z / 2) / (arm->sd * 2.5066282746310002);
    }
    if (x <= 0 || x >= 1) return 0;
    return exp((arm->alpha - 1) * log(x) + (arm->beta - 1) * log1p(-x) - log_beta(arm->alpha, arm->beta));
}

/* ret_density, ret_below [n]; adds weight x density x product of the others' chances to lie below. */
static void add_node(const struct bandit_arm *arms, size_t n, double x, double weight, double *chance)
{
    double below[BANDIT_ARMS_MOST], before[BANDIT_ARMS_MOST + 1], after = 1;
    before[0] = 1;
    for (size_t a = 0; a < n; a++) below[a] = cdf_of(&arms[a], x), before[a + 1] = before[a] * below[a];
    for (size_t a = n; a-- > 0; after *= below[a])
        if (before[a] * after > 0) chance[a] += weight * density_of(&arms[a], x) * before[a] * after;
}

void bandit_chances(const struct bandit_arm *arms, size_t n, double *ret_chance)
{
    double cuts[BANDIT_ARMS_MOST * MARKS], x[NODES], weight[NODES], sum = 0;
    assert(n > 0 && n <= BANDIT_ARMS_MOST);
    memset(ret_chance, 0, n * sizeof *ret_chance);
    for (size_t a = 0; a < n; a++)
        for (size_t m = 0; m < MARKS; m++) cuts[a * MARKS + m] = quantile_of(&arms[a], MARK[m]);
    sort_doubles(cuts, n * MARKS);
    for (size_t c = 0; c + 1 < n * MARKS; c++) {
        if (!(cuts[c + 1] > cuts[c])) continue;
        legendre_nodes(cuts[c], cuts[c + 1], NODES, x, weight);
        for (size_t i = 0; i < NODES; i++) add_node(arms, n, x[i], weight[i], ret_chance);
    }
    for (size_t a = 0; a < n; a++) sum += ret_chance[a];
    for (size_t a = 0; a < n; a++) ret_chance[a] = sum > 0 ? ret_chance[a] / sum : 1 / (double)n;
}

void bandit_floor(double *chance, size_t n, double floor)
{
    bool is_low[BANDIT_ARMS_MOST] = { 0 };
    for (size_t round = 0; round < n; round++) {
        double low = 0, rest = 0;
        bool is_new = false;
        for (size_t a = 0; a < n; a++)
            if (is_low[a]) low += floor;
            else rest += chance[a];
        for (size_t a = 0; a < n; a++)
            if (!is_low[a] && chance[a] * (1 - low) < floor * rest) is_low[a] = is_new = true;
        if (is_new) continue;
        for (size_t a = 0; a < n; a++) chance[a] = is_low[a] ? floor : chance[a] * (1 - low) / rest;
        return;
    }
    for (size_t a = 0; a < n; a++) chance[a] = 1 / (double)n;       /* the floor is all there is */
}

/* ---- linear ---- */

struct linear_arm linear_arm_new(size_t width, struct arena *arena)
{
    struct linear_arm arm = { width, ARENA_ARRAY(arena, double, width * width), ARENA_ARRAY(arena, double, width),
                              ARENA_ARRAY(arena, double, width) };
    assert(width > 0 && width <= LINEAR_WIDTH_MOST);
    for (size_t i = 0; i < width; i++) arm.inverse[i * width + i] = 1;
    return arm;
}

static double times_inverse(const struct linear_arm *arm, const double *x, double *ret)
{
    double square = 0;
    for (size_t i = 0; i < arm->width; i++) {
        ret[i] = 0;
        for (size_t j = 0; j < arm->width; j++) ret[i] += arm->inverse[i * arm->width + j] * x[j];
        square += ret[i] * x[i];
    }
    return square;
}

void linear_arm_add(struct linear_arm *arm, const double *x, double reward)
{
    double turned[LINEAR_WIDTH_MOST];
    double divisor = 1 + times_inverse(arm, x, turned);
    for (size_t i = 0; i < arm->width; i++)
        for (size_t j = 0; j < arm->width; j++)
            arm->inverse[i * arm->width + j] -= turned[i] * turned[j] / divisor;
    for (size_t i = 0; i < arm->width; i++) arm->b[i] += reward * x[i];
    times_inverse(arm, arm->b, arm->theta);
}

double linear_arm_mean(const struct linear_arm *arm, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < arm->width; i++) sum += arm->theta[i] * x[i];
    return sum;
}

double linear_arm_spread(const struct linear_arm *arm, const double *x)
{
    double turned[LINEAR_WIDTH_MOST];
    return sqrt(fmax(times_inverse(arm, x, turned), 0));
}
