/* rehearsal_reckon.c - what an all-knowing plan would earn, one that knows all that can be seen, one by risk, and
 * one by lot; see rehearsal.h.
 *
 * What can be known from what is seen is learned from the noise-free truth of another shop: trees of the parts of
 * which the effects are made. */
#include "analyse/rehearsal.h"

#include "base/rng.h"
#include "decide/allocation.h"
#include "uplift/regression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OTHER_SHOP = 100000, SMALL_OTHER_SHOP = 10000, SMALL_SHOP = 5000, QUIET_PERIODS = 6, OTHER_SEED = 900001 };

struct reckoner { struct regression *parts[WORLD_PARTS]; };

/* Two looks at the other shop: as it begins, and after half a year in which nothing was sent. */
bool reckoner_new(const struct world *world, unsigned n_threads, struct arena *arena,
                  struct reckoner **ret_reckoner, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct world *other;
    if (!world_new(world->seed + OTHER_SEED, world->n < SMALL_SHOP ? SMALL_OTHER_SHOP : OTHER_SHOP, world->scale,
                   n_threads, &other, err))
        return false;
    size_t n = 2 * other->n;
    float *values = ARENA_ARRAY(scratch, float, n * WORLD_SEEN);
    double *parts = ARENA_ARRAY(scratch, double, n * WORLD_PARTS), *target = ARENA_ARRAY(scratch, double, n);
    uint32_t *rows = ARENA_ARRAY(scratch, uint32_t, n);
    uint8_t *nothing = ARENA_ARRAY(scratch, uint8_t, other->n);
    struct world_outcome *outcomes = ARENA_ARRAY(scratch, struct world_outcome, other->n);
    for (size_t look = 0; look < 2; look++) {
        for (size_t i = 0; i < other->n; i++) {
            size_t row = look * other->n + i;
            world_seen(other, i, look ? QUIET_PERIODS + 1 : 1, values + row * WORLD_SEEN);
            world_parts(other, i, parts + row * WORLD_PARTS);
            rows[row] = (uint32_t)row;
        }
        for (int period = 1; look == 0 && period <= QUIET_PERIODS; period++)
            world_live(other, period, nothing, NULL, outcomes);
    }
    struct reckoner *reckoner = *ret_reckoner = ARENA_NEW(arena, struct reckoner);
    bool ok = true;
    for (size_t k = 0; ok && k < WORLD_PARTS; k++) {
        for (size_t i = 0; i < n; i++) target[i] = parts[i * WORLD_PARTS + k];
        struct regression_request request = { .values = values,
                                              .n_columns = WORLD_SEEN,
                                              .rows = rows,
                                              .n = n,
                                              .target = target,
                                              .form = REGRESSION_TREES,
                                              .seed = 1,
                                              .n_threads = n_threads };
        ok = regression_fit(&request, arena, &reckoner->parts[k], err);
    }
    world_free(other);
    arena_free(scratch);
    return ok;
}

struct offers { uint32_t *first; double *cost, *profit, *truth; uint8_t *action; size_t n; };

/* The sum of the truth over what an allocation by profit chooses. */
static double truth_of(const struct offers *offers, size_t n_customers, double budget_cents, unsigned n_threads,
                       struct arena *arena)
{
    const struct allocation_problem problem = { .n_customers = n_customers,
                                                .first = offers->first,
                                                .cost = offers->cost,
                                                .profit = offers->profit,
                                                .budget = budget_cents,
                                                .is_quick = true,
                                                .n_threads = n_threads };
    struct allocation a = allocate(&problem, arena);
    double sum = 0;
    for (size_t i = 0; i < n_customers; i++)
        if (a.chosen[i] != ALLOCATION_NOTHING) sum += offers->truth[a.chosen[i]];
    return sum;
}

static struct offers offers_new(size_t n, struct arena *arena)
{
    return (struct offers){ ARENA_ARRAY(arena, uint32_t, n + 1),
                            ARENA_ARRAY(arena, double, n *WORLD_ACTIONS),
                            ARENA_ARRAY(arena, double, n *WORLD_ACTIONS),
                            ARENA_ARRAY(arena, double, n *WORLD_ACTIONS),
                            ARENA_ARRAY(arena, uint8_t, n * WORLD_ACTIONS),
                            0 };
}

static void offer(struct offers *o, double profit, double cost, double truth)
{
    if (profit <= 0) return;
    o->profit[o->n] = profit, o->cost[o->n] = cost, o->truth[o->n++] = truth;
}

/* ---- by risk, and by lot ---- */

struct listed { double score; size_t person; };

static int compare_listed(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

/* Down the list with one action until the budget is spent. */
static double down_the_list(const struct world *w, int period, struct listed *list, size_t n,
                            enum world_action action, double budget_cents)
{
    double sum = 0, spent = 0;
    qsort(list, n, sizeof *list, compare_listed);
    for (size_t i = 0; i < n; i++) {
        double cost = world_cost_cents(w, list[i].person, action, period);
        if (spent + cost > budget_cents) break;
        spent += cost, sum += world_tau_cents(w, list[i].person, action, period);
    }
    return sum;
}

static enum world_action best_on_average(const struct world *w, int period)
{
    double sum[WORLD_ACTIONS] = { 0 };
    enum world_action best = WORLD_EMAIL;
    for (size_t i = 0; i < w->n; i++)
        for (enum world_action a = WORLD_EMAIL; a < WORLD_ACTIONS; a++) sum[a] += world_tau_cents(w, i, a, period);
    for (enum world_action a = WORLD_EMAIL; a < WORLD_ACTIONS; a++)
        if (sum[a] > sum[best]) best = a;
    return best;
}

/* Expected loss: what somebody spent a day, times how unusually long they have been silent. */
double rehearsal_risk(const struct world *w, size_t person, int period)
{
    float seen[WORLD_SEEN];
    world_seen(w, person, period, seen);
    double orders = (double)seen[0], silent = (double)seen[1], tenure = fmax((double)seen[2], 1),
           gap = tenure / fmax(orders, 1);
    return (1 - exp(-silent / gap / 2)) * (double)seen[11] / tenure;
}

void reckon(const struct reckoner *reckoner, const struct world *w, int period, const bool *is_planned,
            unsigned n_threads, struct rehearsal_period *ret)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct offers oracle = offers_new(w->n, arena), known = offers_new(w->n, arena);
    struct listed *risk = ARENA_ARRAY(arena, struct listed, w->n),
                  *by_lot = ARENA_ARRAY(arena, struct listed, w->n);
    float *values = ARENA_ARRAY(arena, float, w->n * WORLD_SEEN);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, w->n);
    double *parts[WORLD_PARTS];
    struct rng rng = rng_stream(w->seed, 5000 + (uint64_t)period);
    size_t n = 0;
    for (uint32_t i = 0; i < w->n; i++) rows[i] = i, world_seen(w, i, period, values + i * WORLD_SEEN);
    for (size_t k = 0; k < WORLD_PARTS; k++) {
        parts[k] = ARENA_ARRAY(arena, double, w->n);
        regression_predict(reckoner->parts[k], values, rows, w->n, parts[k]);
    }
    for (size_t i = 0; i < w->n; i++) {
        if (!is_planned[i]) continue;
        double own[WORLD_PARTS], cost, cents = world_seen_order_cents(w, i);
        for (size_t k = 0; k < WORLD_PARTS; k++) own[k] = fmax(parts[k][i], 0);
        for (enum world_action a = WORLD_EMAIL; a < WORLD_ACTIONS; a++) {
            double tau = world_tau_cents(w, i, a, period), seen = world_reckon(w, i, a, period, own, cents, &cost);
            offer(&oracle, tau, world_cost_cents(w, i, a, period), tau);
            offer(&known, seen, cost, tau);
        }
        risk[n] = (struct listed){ rehearsal_risk(w, i, period), i };
        by_lot[n++] = (struct listed){ rng_uniform(&rng), i };
        oracle.first[n] = (uint32_t)oracle.n, known.first[n] = (uint32_t)known.n;
    }
    ret->oracle_cents = truth_of(&oracle, n, ret->budget_cents, n_threads, arena);
    ret->attainable_cents = truth_of(&known, n, ret->budget_cents, n_threads, arena);
    enum world_action action = best_on_average(w, period);
    ret->risk_cents = down_the_list(w, period, risk, n, action, ret->budget_cents);
    ret->random_cents = down_the_list(w, period, by_lot, n, action, ret->budget_cents);
    arena_free(arena);
}
