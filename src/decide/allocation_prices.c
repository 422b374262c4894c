/* allocation_prices.c - the prices that make the bound least; see allocation.h.
 *
 * The bound is convex in the prices and, with many customers, nearly smooth: price after price is set to where
 * demand just fits, until none changes.  Large instances find their prices on some of the customers first.  With
 * few customers it has edges at which this stops short, so the prices of up to three limits are then found by
 * sections, one within the other. */
#include "decide/allocation_internal.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS = 64,
    SMALL_PART = 20000,
    SWEEPS = 30,
    HALVINGS = 60,
    SECTIONS = 60,
    SAMPLE_CUSTOMERS = 5000,
    NESTED_MOST = 3,
    RAISES = 20,
    STEPS = 60
};

static const double NESTED_WORK = 4e8, SAME = 1e-10;

/* ---- demand ---- */

struct asking {
    const struct allocation_problem *problem;
    const struct prices             *prices;
    uint32_t                        *chosen;
    struct demand                   *parts;
    size_t                           n_parts;
};

static void demand_of_part(void *context, size_t part, unsigned thread)
{
    const struct asking *job = context;
    const struct allocation_problem *p = job->problem;
    struct demand demand = { 0 };
    size_t to = (part + 1) * p->n_customers / job->n_parts;
    (void)thread;
    for (size_t i = part * p->n_customers / job->n_parts; i < to; i++) {
        double best = 0;
        uint32_t at = ALLOCATION_NOTHING;
        for (uint32_t o = p->first[i]; o < p->first[i + 1]; o++) {
            double worth = option_worth(p, job->prices, o);
            if (worth > best) best = worth, at = o;
        }
        if (job->chosen) job->chosen[i] = at;
        if (at == ALLOCATION_NOTHING) continue;
        demand.bound += best, demand.spent += p->cost[at], demand.profit += p->profit[at];
        if (p->resource) demand.used[p->resource[at][0]]++, demand.used[p->resource[at][1]]++;
    }
    job->parts[part] = demand;
}

struct demand demand_at(const struct allocation_problem *p, const struct prices *prices, uint32_t *ret_chosen)
{
    size_t n_parts = p->n_customers > SMALL_PART ? PARTS : 1;
    struct demand *parts = memory_new(n_parts, sizeof *parts), all = { 0 };
    struct asking job = { p, prices, ret_chosen, parts, n_parts };
    parallel_for(n_parts > 1 && p->n_threads > 1 ? p->n_threads : 1, n_parts, demand_of_part, &job);
    for (size_t i = 0; i < n_parts; i++) {
        all.bound += parts[i].bound, all.spent += parts[i].spent, all.profit += parts[i].profit;
        for (size_t r = 1; r < p->n_resources; r++) all.used[r] += parts[i].used[r];
    }
    free(parts);
    if (isfinite(p->budget)) all.bound += prices->at[0] * p->budget;
    for (size_t r = 1; r < p->n_resources; r++)
        if (isfinite(p->capacity[r])) all.bound += prices->at[r] * p->capacity[r];
    return all;
}

static double used_of(const struct demand *demand, size_t k) { return k == 0 ? demand->spent : demand->used[k]; }

/* ---- one price ---- */

/* The least price at which demand fits the limit, given the others, from a guess. */
static void fit_price(const struct allocation_problem *p, struct prices *prices, size_t k, double guess,
                      int halvings)
{
    double low = 0, high = guess > 0 ? guess : 1e-6, limit = limit_of(p, k);
    prices->at[k] = 0;
    struct demand demand = demand_at(p, prices, NULL);
    if (used_of(&demand, k) <= limit) return;
    for (int i = 0; i < 200; i++, low = high, high *= i < 3 ? 1.02 : 2) {
        prices->at[k] = high;
        demand = demand_at(p, prices, NULL);
        if (used_of(&demand, k) <= limit) break;
    }
    if (low == 0 && guess > 0)              /* near the guess first */
        for (double step = .98; step > .5; step -= .12) {
            prices->at[k] = guess * step;
            demand = demand_at(p, prices, NULL);
            if (used_of(&demand, k) > limit) { low = prices->at[k]; break; }
            high = prices->at[k];
        }
    for (int i = 0; i < halvings && high - low > SAME * high; i++) {
        double middle = low > 0 ? (low + high) / 2 : high / 4;
        prices->at[k] = middle;
        demand = demand_at(p, prices, NULL);
        if (used_of(&demand, k) <= limit) high = middle;
        else low = middle;
    }
    prices->at[k] = high;
}

static void sweep(const struct allocation_problem *p, struct prices *prices, int sweeps, int halvings)
{
    for (int s = 0; s < sweeps; s++) {
        double changed = 0;
        for (size_t k = 0; k < n_limits(p); k++) {
            double was = prices->at[k];
            if (!isfinite(limit_of(p, k))) continue;
            fit_price(p, prices, k, was, halvings);
            changed = fmax(changed, fabs(prices->at[k] - was) / fmax(prices->at[k], 1e-300));
        }
        if (changed < 1e-7) return;
    }
}

/* ---- edges ---- */

/* The least bound over price limits[0], each with the least over the others within: the last price is fitted. */
static double least_bound(const struct allocation_problem *p, struct prices *prices, const size_t *limits,
                          size_t n, const double *most)
{
    if (n == 1) {
        fit_price(p, prices, limits[0], prices->at[limits[0]], HALVINGS);
        return demand_at(p, prices, NULL).bound;
    }
    const double golden = .6180339887498949;
    double low = 0, high = most[0], a = high - golden * (high - low), b = low + golden * (high - low);
    struct prices at_a = *prices, at_b = *prices;
    at_a.at[limits[0]] = a, at_b.at[limits[0]] = b;
    double bound_a = least_bound(p, &at_a, limits + 1, n - 1, most + 1),
           bound_b = least_bound(p, &at_b, limits + 1, n - 1, most + 1);
    for (int i = 0; i < SECTIONS && high - low > SAME * most[0]; i++) {
        if (bound_a <= bound_b) {
            high = b, b = a, at_b = at_a, bound_b = bound_a;
            a = high - golden * (high - low), at_a.at[limits[0]] = a;
            bound_a = least_bound(p, &at_a, limits + 1, n - 1, most + 1);
        } else {
            low = a, a = b, at_a = at_b, bound_a = bound_b;
            b = low + golden * (high - low), at_b.at[limits[0]] = b;
            bound_b = least_bound(p, &at_b, limits + 1, n - 1, most + 1);
        }
    }
    *prices = bound_a <= bound_b ? at_a : at_b;
    return fmin(bound_a, bound_b);
}

/* The most that an option is worth a unit of what limit k limits. */
static double most_of(const struct allocation_problem *p, size_t k)
{
    double most = 0;
    for (size_t o = 0; o < p->first[p->n_customers]; o++) {
        if (k == 0 ? p->cost[o] > 0 : p->resource && (p->resource[o][0] == k || p->resource[o][1] == k))
            most = fmax(most, k == 0 ? p->profit[o] / p->cost[o] : p->profit[o]);
    }
    return most;
}

/* Where prices do equally well over a range, the highest is taken: what one unit less would cost. */
static void raise_price(const struct allocation_problem *p, struct prices *prices, const size_t *limits, size_t n,
                        size_t which, const double *most)
{
    size_t others[NESTED_MOST], n_others = 0;
    double others_most[NESTED_MOST], least = demand_at(p, prices, NULL).bound, same = 1e-9 * fabs(least),
           low = prices->at[limits[which]], high = 1.5 * low;
    for (size_t k = 0; k < n; k++)
        if (k != which) others_most[n_others] = most[k], others[n_others++] = limits[k];
    for (int i = 0; i < RAISES; i++) {
        struct prices trial = *prices;
        trial.at[limits[which]] = (low + high) / 2;
        if (least_bound(p, &trial, others, n_others, others_most) <= least + same)
            *prices = trial, low = (low + high) / 2;
        else high = (low + high) / 2;
    }
}

static void polish(const struct allocation_problem *p, struct prices *prices)
{
    size_t limits[ALLOCATION_RESOURCES_MOST], n = 0;
    double most[ALLOCATION_RESOURCES_MOST], work = (double)p->first[p->n_customers];
    for (size_t k = n_limits(p); k-- > 0;) {
        struct prices without = *prices;
        if (!isfinite(limit_of(p, k))) continue;
        without.at[k] = 0;
        struct demand demand = demand_at(p, &without, NULL);
        if (prices->at[k] > 0 || used_of(&demand, k) > limit_of(p, k)) most[n] = most_of(p, k), limits[n++] = k;
    }
    if (n < 2 || n > NESTED_MOST || work * pow(SECTIONS, (double)n) > NESTED_WORK) return;
    struct prices found = *prices;
    double before = demand_at(p, prices, NULL).bound;
    if (least_bound(p, &found, limits, n, most) < before) *prices = found;
    for (size_t k = 0; k < n; k++)
        if (prices->at[limits[k]] > 0) raise_price(p, prices, limits, n, k, most);
}

/* ---- all ---- */

/* Prices found on every so-manieth customer, limits cut down to as many. */
static struct prices prices_of_sample(const struct allocation_problem *p)
{
    size_t step = p->n_customers / SAMPLE_CUSTOMERS, n = p->n_customers / step, options = 0;
    for (size_t i = 0; i < n; i++) options += p->first[i * step + 1] - p->first[i * step];
    uint32_t *first = memory_new(n + 1, sizeof *first);
    double *cost = memory_new(options + 1, sizeof *cost), *profit = memory_new(options + 1, sizeof *profit),
           capacity[ALLOCATION_RESOURCES_MOST] = { 0 }, share = (double)n / (double)p->n_customers;
    uint8_t (*resource)[2] = memory_new(options + 1, sizeof *resource);
    for (size_t i = 0; i < n; i++) {
        uint32_t from = p->first[i * step], count = p->first[i * step + 1] - from;
        memcpy(cost + first[i], p->cost + from, count * sizeof *cost);
        memcpy(profit + first[i], p->profit + from, count * sizeof *profit);
        if (p->resource) memcpy(resource + first[i], p->resource + from, count * sizeof *resource);
        first[i + 1] = first[i] + count;
    }
    for (size_t r = 1; r < p->n_resources; r++) capacity[r] = p->capacity[r] * share;
    struct allocation_problem sample = *p;
    sample.n_customers = n, sample.first = first, sample.cost = cost, sample.profit = profit,
    sample.capacity = capacity;
    sample.resource = p->resource ? (const uint8_t (*)[2])resource : NULL, sample.budget = p->budget * share;
    sample.n_threads = 1;
    struct prices prices = { { 0 } };
    sweep(&sample, &prices, SWEEPS, 24);
    free(first), free(cost), free(profit), free(resource);
    return prices;
}

struct prices prices_find(const struct allocation_problem *p)
{
    struct prices prices = { { 0 } };
    if (p->n_customers > 4 * SAMPLE_CUSTOMERS) {
        prices = prices_of_sample(p);
        sweep(p, &prices, 2, 7);
        return prices;
    }
    sweep(p, &prices, SWEEPS, HALVINGS);
    if (!p->is_quick) polish(p, &prices);
    return prices;
}

/* Steps against what demand leaves of each limit, in shares of it, as long as a bound equal to profit would ask for
 * (Polyak 1969): no edge stops them, which price after price may. */
double prices_improve(const struct allocation_problem *p, struct prices *prices, double profit)
{
    struct prices at = *prices;
    size_t n = n_limits(p);
    double least = demand_at(p, prices, NULL).bound, slack[ALLOCATION_RESOURCES_MOST];
    for (int step = 0; step < STEPS && least > profit; step++) {
        struct demand demand = demand_at(p, &at, NULL);
        double length = 0;
        if (demand.bound < least) least = demand.bound, *prices = at;
        for (size_t k = 0; k < n; k++) {
            double limit = limit_of(p, k);
            slack[k] = isfinite(limit) && limit > 0 ? 1 - used_of(&demand, k) / limit : 0;
            if (at.at[k] <= 0 && slack[k] > 0) slack[k] = 0;
            length += slack[k] * slack[k];
        }
        if (length <= 0) break;
        double go = (demand.bound - profit) / (2 * length);
        for (size_t k = 0; k < n; k++)
            if (slack[k] != 0) at.at[k] = fmax(0, at.at[k] - go * slack[k] / limit_of(p, k));
    }
    return least;
}
