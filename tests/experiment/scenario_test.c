/* Plans whose inputs are not known, against closed forms. */
#include "experiment/money.h"
#include "experiment/scenario.h"
#include "math/distribution.h"
#include "math/numerics.h"
#include "support.h"

#include <math.h>

Test(scenario, draws_have_the_mean_and_the_quantiles_of_their_distribution)
{
    static const struct { struct distribution d; double mean; } cases[] = {
        { { DISTRIBUTION_NORMAL, { 60, 8 } }, 60 },
        { { DISTRIBUTION_LOGNORMAL, { 120000, .35 } }, 127579.7607 },
        { { DISTRIBUTION_TRIANGULAR, { .30, .40, .45 } }, .3833333333 },
        { { DISTRIBUTION_UNIFORM, { -1, 3 } }, 1 },
        { { DISTRIBUTION_BETA, { 30, 970 } }, .03 },
        { { DISTRIBUTION_GAMMA, { 2, 3 } }, 6 },
        { { DISTRIBUTION_EXPONENTIAL, { 5 } }, 5 },
        { { DISTRIBUTION_POISSON, { 7.5 } }, 7.5 },
        { { DISTRIBUTION_BINOMIAL, { 1000, .02 } }, 20 },
        { { DISTRIBUTION_BETA_BINOMIAL, { 50, 3, 7 } }, 15 },
    };
    enum { DRAWS = 40000 };
    static double drawn[DRAWS];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double mean = 0, squares = 0;
        struct err err;
        ASSERT_OK(distribution_check(&cases[k].d, &err), &err);
        for (size_t i = 0; i < DRAWS; i++) {
            struct rng rng = rng_stream(3, i);
            drawn[i] = distribution_draw(&cases[k].d, &rng);
            mean += drawn[i] / DRAWS;
        }
        for (size_t i = 0; i < DRAWS; i++) squares += pow(drawn[i] - mean, 2);
        ASSERT_NEAR(mean, cases[k].mean, 3.5 * sqrt(squares) / DRAWS);
        sort_doubles(drawn, DRAWS);
        for (double p = .1; p < .95; p += .2) {
            double q = distribution_quantile(&cases[k].d, p);
            size_t below = 0, up_to = 0;
            for (size_t i = 0; i < DRAWS; i++) below += drawn[i] < q, up_to += drawn[i] <= q;
            cr_assert(below <= (p + .01) * DRAWS && up_to >= (p - .01) * DRAWS, "%s, %g: %zu, %zu",
                      distribution_names[cases[k].d.kind], p, below, up_to);
        }
    }
    ASSERT_NEAR(distribution_quantile(&cases[1].d, .1), 76626.9387, 1e-4);
    ASSERT_NEAR(distribution_quantile(&cases[1].d, .9), 187923.4672, 1e-4);
}

Test(scenario, values_rates_and_paybacks_are_as_published)
{
    static const double a[] = { -50000, 9000, 14000, 18000, 21000 }, b[] = { -10000, 3000, 4200, 6800 },
                        c[] = { -70000, 12000, 15000, 18000, 21000, 26000 }, d[] = { -100, 39, 59, 55, 20 };
    ASSERT_NEAR(net_present_value(a, 5, .08), 60.684065, 5e-7);
    ASSERT_NEAR(internal_rate(a, 5), .080479007, 5e-10);
    ASSERT_NEAR(payback_periods(a, 5), 3.428571, 5e-7);
    ASSERT_NEAR(net_present_value(b, 4, .1) / 1.1, 1188.44, .005); /* that program puts the first at the end */
    ASSERT_NEAR(internal_rate(c, 6), .08663, 5e-6);
    ASSERT_NEAR(net_present_value(d, 5, .281), -.00848, 5e-6);
    cr_assert(isnan(internal_rate(a + 1, 4)) && isnan(payback_periods(a, 3)));
}

static double number_at(const json_t *json, const char *a, const char *b, const char *c)
{
    return json_number_value(json_object_get(json_object_get(json_object_get(json, a), b), c));
}

static const char profit[] =
    "scenario:\n"
    "  inputs: {customers: 10000, response: {beta: [30, 970]}, margin: {triangular: [.30, .40, .45]},\n"
    "           order: {normal: [60, 8]}, cost: .05}\n"
    "  outputs: {profit: customers * response * margin * order - customers * cost}\n";

Test(scenario, a_plan_comes_out_as_its_closed_forms_on_any_number_of_threads)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct scenario *scenario;
    struct err err;
    const char *path = support_path("plan.yaml");
    json_t *json, *again;
    support_write(path, profit, sizeof profit - 1);
    ASSERT_OK(scenario_read(path, arena, &scenario, &err), &err);
    ASSERT_OK(scenario_run(scenario, 20000, 1, 1, arena, &json, &err), &err);
    ASSERT_OK(scenario_run(scenario, 20000, 1, 3, arena, &again, &err), &err);
    cr_assert(json_equal(json, again));
    double se = number_at(json, "outputs", "profit", "standard_error");
    ASSERT_NEAR(se, 1656.063843 / sqrt(20000), .3);
    ASSERT_NEAR(number_at(json, "outputs", "profit", "mean"), 6400, 3 * se);
    ASSERT_NEAR(number_at(json, "outputs", "profit", "at_medians"), 6386.268, 5e-4);
    ASSERT_NEAR(number_at(json, "outputs", "profit", "p5"), 3954.5, 60);
    ASSERT_NEAR(number_at(json, "outputs", "profit", "p95"), 9350.7, 100);
    static const struct { const char *input; double low, high; } swings[] = {
        { "response", 4909.468, 8101.675 }, { "order", 5209.587, 7562.949 }, { "margin", 5533.546, 7027.712 } };
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_array_get(json_object_get(json_object_get(json, "tornado"), "profit"), i);
        cr_assert_str_eq(json_string_value(json_object_get(row, "input")), swings[i].input);
        ASSERT_NEAR(json_number_value(json_object_get(row, "low")), swings[i].low, 1e-3);
        ASSERT_NEAR(json_number_value(json_object_get(row, "high")), swings[i].high, 1e-3);
    }
    json_decref(json);
    json_decref(again);
    arena_free(arena);
}

Test(scenario, what_cannot_be_worked_out_is_refused_where_it_stands)
{
    static const struct { const char *yaml, *says;
    } cases[] = {
        { "scenario:\n  outputs: {a: b + 1, b: c * 2, c: a}\n", "a needs b needs c needs a: a circle" },
        { "scenario:\n  inputs: {a: a + 1}\n  outputs: {b: a}\n", "a needs a: a circle" },
        { "scenario:\n  inputs: {x: {nromal: [1, 2]}}\n  outputs: {b: x}\n", "did you mean 'normal'" },
        { "scenario:\n  inputs: {x: {triangular: [3, 2, 1]}}\n  outputs: {b: x}\n", "the three must rise" },
        { "scenario:\n  inputs: {x: {normal: [1]}}\n  outputs: {b: x}\n", "takes [mean, sd]" },
        { "scenario:\n  inputs: {and: 1}\n  outputs: {b: 2}\n", "means something in an expression" },
        { "scenario:\n  inputs: {rate: 1}\n  outputs: {b: rte * 2}\n", "did you mean 'rate'" },
        { "scenario:\n  inputs: {rate: 1}\n", "nothing to work out" },
        { "scenario:\n  inputs: {x: 1}\n  outputs: {x: 2}\n", "'x' is there twice" },
        { "scenario:\n  cash_flows: {discount: .1}\n", "two or more periods" },
        { "scenario:\n  inputs: {p: {series: none.csv, column: x, as_of: 2026-01-05}}\n  outputs: {b: p}\n",
          "none.csv" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct scenario *scenario;
        struct err err;
        const char *path = support_path("bad.yaml");
        support_write(path, cases[i].yaml, strlen(cases[i].yaml));
        cr_assert(!scenario_read(path, arena, &scenario, &err), "%s", cases[i].yaml);
        cr_assert(strstr(err.text, cases[i].says) && strstr(err.text, "bad.yaml:"), "\"%s\" is not in \"%s\"",
                  cases[i].says, err.text);
        arena_free(arena);
    }
}

Test(scenario, parts_of_what_was_earned_sum_to_the_whole)
{
    EACH_CASE(c, 200) {
        struct buying arms[2];
        for (size_t a = 0; a < 2; a++) {
            arms[a].n = 1000, arms[a].buyers = (double)rng_below(&c.rng, 300);
            arms[a].orders = arms[a].buyers + (arms[a].buyers > 0 ? (double)rng_below(&c.rng, 300) : 0);
            arms[a].revenue = arms[a].orders * (double)(1 + rng_below(&c.rng, 50));
        }
        struct earned_parts parts = earned_parts_of(arms[0], arms[1]);
        ASSERT_NEAR(parts.kept + parts.added + parts.grown, arms[1].revenue / 1000 - arms[0].revenue / 1000, 1e-9);
    }
}
