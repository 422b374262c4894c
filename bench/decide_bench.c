/* What decides: allocations, estimators of other policies, draws of bandits and a rehearsed year, whose budgets are
 * seconds on two threads, for no peer that does the same is installed with Debian. */
#include "bench.h"

#include "base/rng.h"
#include "decide/allocation.h"
#include "decide/bandit_state.h"
#include "decide/off_policy.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { CUSTOMERS = 1000000, ACTIONS = 6, LOGGED = 10 * 1000 * 1000, ARMS = 10, DRAWS = 100000 };

/* ---- allocation ---- */

struct shop { struct allocation_problem problem; double gap; };

static void allocate_shop(void *context)
{
    struct shop *shop = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    shop->gap = allocate(&shop->problem, arena).gap;
    arena_free(arena);
}

static void bench_allocation(void)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(1);
    size_t n = (size_t)CUSTOMERS * ACTIONS;
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, CUSTOMERS + 1);
    double *cost = ARENA_ARRAY(arena, double, n), *profit = ARENA_ARRAY(arena, double, n);
    uint8_t(*resource)[2] = arena_alloc(arena, n, sizeof *resource);
    const double capacity[] = { HUGE_VAL, CUSTOMERS / 50., CUSTOMERS / 20. };
    for (size_t o = 0; o < n; o++) {
        size_t action = o % ACTIONS;
        if (action == 0) first[o / ACTIONS] = (uint32_t)o;
        cost[o] = .05 * (double)(1 + action * action) * (1 + rng_uniform(&rng));
        profit[o] = cost[o] * 6 * rng_uniform(&rng) - .3;
        resource[o][0] = action == 5 ? 1 : action == 4 ? 2 : 0;
    }
    first[CUSTOMERS] = (uint32_t)n;
    struct shop shop = { { .n_customers = CUSTOMERS, .n_resources = 3, .first = first, .cost = cost,
                           .profit = profit, .resource = (const uint8_t(*)[2])resource, .capacity = capacity,
                           .budget = CUSTOMERS / 10., .is_quick = true, .n_threads = 2 }, 0 };
    double seconds = bench_median(3, NULL, allocate_shop, &shop);
    fprintf(stderr, "gap to the bound: %.5f %%\n", 100 * shop.gap);
    bench_record(&(struct bench){ "allocate 1 M customers x 6, three limits", "s", seconds, 2, "the budget", 1,
                                  NULL });
    bench_record(&(struct bench){ "its gap to the bound", "%", 100 * shop.gap, .1, "the budget", 1, NULL });
    arena_free(arena);
}

/* ---- estimators ---- */

static void evaluate(void *context)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    (void)off_policy_evaluate(context, arena);
    arena_free(arena);
}

static void bench_estimators(void)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(2);
    uint32_t *action = ARENA_ARRAY(arena, uint32_t, LOGGED);
    double *reward = ARENA_ARRAY(arena, double, LOGGED), *propensity = ARENA_ARRAY(arena, double, LOGGED),
           table[ARMS];
    for (size_t a = 0; a < ARMS; a++) table[a] = 2. * (double)(a + 1) / (ARMS * (ARMS + 1));
    for (size_t i = 0; i < LOGGED; i++) {
        action[i] = (uint32_t)rng_below(&rng, ARMS), propensity[i] = 1. / ARMS;
        reward[i] = rng_uniform(&rng) < .01 * (double)(1 + action[i]);
    }
    struct off_policy_log log = { .n = LOGGED, .n_actions = ARMS, .n_contexts = 1, .action = action,
                                  .reward = reward, .propensity = propensity, .table = table, .clip = 100,
                                  .switch_at = 10 };
    bench_record(&(struct bench){ "all estimators on 10 M rows", "s", bench_median(3, NULL, evaluate, &log), 3,
                                  "the budget", 1, NULL });
    arena_free(arena);
}

/* ---- bandits ---- */

struct drawing { struct bandit_rule rule; struct bandit_tally tally[ARMS]; struct bandit_view view; };

/* As a server draws: without a context how the arms stand is known; with one it is reckoned for each customer. */
static void draw(void *context)
{
    struct drawing *d = context;
    struct candidate candidates[ARMS];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    char name[24];
    for (size_t a = 0; a < ARMS; a++) candidates[a] = (struct candidate){ text_of(d->rule.arms[a]), true };
    for (size_t i = 0; i < DRAWS; i++) {
        const double x[4] = { 1, (double)(i % 7), (double)(i % 5), (double)(i % 3) };
        if (d->rule.n_context) bandit_view_of(&d->rule, d->tally, 1, x, &d->view);
        struct policy_bandit policy = policy_bandit_of(&d->rule, &d->view, "1");
        snprintf(name, sizeof name, "C%zu", i);
        const struct decision_request request = { .customer = text_of(name), .placement = text_of("home"),
                                                  .window = text_of("1d 1"), .candidates = candidates,
                                                  .n_candidates = ARMS, .rule = REACH_OPEN, .policy = &policy.is,
                                                  .salt = 7 };
        (void)decision_make(&request, arena);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void bench_bandits(void)
{
    static const char *const arms[ARMS] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct drawing *d = ARENA_NEW(arena, struct drawing);
    d->rule = (struct bandit_rule){ .name = "subject", .placement = "home", .n_arms = ARMS, .floor = .01 };
    for (size_t a = 0; a < ARMS; a++) {
        d->rule.arms[a] = arms[a];
        d->tally[a] = (struct bandit_tally){ .n = 1000, .tried = 1000, .sum = 20 + (double)a };
        d->tally[a].linear = linear_arm_new(4, arena);
    }
    bandit_view_of(&d->rule, d->tally, 1, NULL, &d->view);
    bench_record(&(struct bench){ "100,000 decisions of a Thompson bandit", "s", bench_median(3, NULL, draw, d), 1,
                                  "the budget", 1, NULL });
    d->rule.n_context = 3, d->rule.is_linucb = true, d->rule.alpha = 1;
    bench_record(&(struct bench){ "100,000 decisions of LinUCB", "s", bench_median(3, NULL, draw, d), 1,
                                  "the budget", 1, NULL });
    arena_free(arena);
}

/* ---- the rehearsal ---- */

/* What the program earned of what could be, period by period. */
static void print_curve(const char *path)
{
    size_t i;
    json_t *period, *report = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(report, "periods"), i, period) {
        double earned = json_number_value(json_object_get(period, "true_cents")),
               attainable = json_number_value(json_object_get(period, "attainable_cents"));
        int width = (int)fmax(40 * earned / attainable, 0);
        fprintf(stderr, "period %2zu %6.2f %.*s\n", i + 1, earned / attainable, width < 60 ? width : 60,
                "############################################################");
    }
    json_decref(report);
}

static void bench_rehearsal(void)
{
    const char *const arguments[] = { "build/holdfast", "rehearse", "--customers", "20000",       "--periods",
                                      "13",             "--world",  "standard",    "--seed",      "1",
                                      "--out",          "build/bench/year",        "--threads",   "2",
                                      "--quiet",        NULL };
    bench_record(&(struct bench){ "a rehearsal of 20,000 customers", "s", bench_run(arguments).seconds, 180,
                                  "the budget", 1, NULL });
    print_curve("build/bench/year/report.json");
}

int main(void)
{
    bench_allocation();
    bench_estimators();
    bench_bandits();
    bench_rehearsal();
    return 0;
}
