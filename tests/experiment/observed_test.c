/* Without an experiment: figures worked out elsewhere, and truths that are known because they were made. */
#include "base/rng.h"
#include "experiment/observed.h"
#include "math/draw.h"
#include "support.h"

#include <math.h>

Test(observed, e_values_are_as_published)
{
    ASSERT_NEAR(e_value_of(3.9), 7.263034, 5e-7);
    ASSERT_NEAR(e_value_of(1.8), 3, 1e-12);
    ASSERT_NEAR(e_value_of(1.25), 1.809017, 5e-7);
    ASSERT_NEAR(e_value_of(1 / 1.25), 1.809017, 5e-7);
}

enum { N = 2000 };
struct made { bool is_treated[N]; double outcome[N], x[2 * N]; };

/* x decides who is treated and the outcome both; the effect is .5. */
static void make(struct made *made, struct rng *rng, double strength)
{
    for (size_t i = 0; i < N; i++) {
        double a = draw_normal(rng, 0, 1), b = draw_bernoulli(rng, .4);
        made->x[2 * i] = a, made->x[2 * i + 1] = b;
        made->is_treated[i] = rng_uniform(rng) < 1 / (1 + exp(-strength * (a + b - .4)));
        made->outcome[i] = .5 * made->is_treated[i] + 2 * a + a * a + b + draw_normal(rng, 0, 1);
    }
}

static struct observed_rows rows_of(const struct made *made)
{
    static const char *const names[] = { "a", "b" };
    return (struct observed_rows){ N, 2, made->is_treated, made->outcome, made->x, names, NULL, .05, 1 };
}

Test(observed, what_made_both_is_taken_out)
{
    static struct made made;
    size_t covered = 0, n = 0;
    EACH_CASE(c, 20) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct observed o;
        struct err err;
        make(&made, &c.rng, .7);
        struct observed_rows rows = rows_of(&made);
        ASSERT_OK(observed_weighted(&rows, arena, &o, &err), &err);
        cr_assert(o.naive.low > 1, "the plain comparison is not misled: %g", o.naive.value);
        cr_assert(fabs(o.after[0]) < .1 && fabs(o.before[0]) > .3, "%g, %g", o.before[0], o.after[0]);
        covered += o.effect.low <= .5 && o.effect.high >= .5, n++;
        arena_free(arena);
    }
    cr_assert(covered + 4 >= n, "%zu of %zu intervals hold the truth", covered, n);
}

Test(observed, nothing_is_said_where_nobody_is_comparable)
{
    static struct made made;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(7);
    struct observed o;
    struct err err;
    make(&made, &rng, 40);
    struct observed_rows rows = rows_of(&made);
    ASSERT_OK(observed_weighted(&rows, arena, &o, &err), &err);
    cr_assert(o.refusal && isnan(o.effect.value));
    arena_free(arena);
}

Test(observed, differences_in_differences_are_those_of_the_means)
{
    /* the published means of employment before and after, New Jersey and Pennsylvania */
    static const bool treated[] = { 1, 1, 1, 1, 0, 0, 0, 0 }, post[] = { 0, 1, 0, 1, 0, 1, 0, 1 };
    static const double y[] = { 19.44, 20.03, 21.44, 22.03, 22.33, 20.17, 24.33, 22.17 };
    static const uint64_t unit[] = { 1, 1, 2, 2, 3, 3, 4, 4 };
    struct panel_rows rows = { 8, treated, post, y, unit, NULL, .05 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct panel panel;
    struct err err;
    ASSERT_OK(observed_panel(&rows, arena, &panel, &err), &err);
    ASSERT_NEAR(panel.effect.value, 2.75, 1e-9);
    ASSERT_NEAR(panel.effect.se, 0, 1e-9);      /* each unit changes as its arm does */
    ASSERT_NEAR(panel.cell[1][0], 20.44, 1e-9);
    cr_assert(isnan(panel.placebo.value));
    arena_free(arena);
}

Test(observed, a_unit_in_both_arms_is_refused)
{
    static const bool treated[] = { 1, 0, 0, 0 }, post[] = { 0, 1, 0, 1 };
    static const double y[] = { 1, 2, 3, 4 };
    static const uint64_t unit[] = { 1, 1, 2, 2 };
    struct panel_rows rows = { 4, treated, post, y, unit, NULL, .05 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct panel panel;
    struct err err;
    ASSERT_FAILS(observed_panel(&rows, arena, &panel, &err), &err, ERR_INVALID, "row 2");
    arena_free(arena);
}

/* Shops with levels of their own, many rows each: errors by unit cover, and shops that were drifting apart before
 * are found out by the placebo. */
Test(observed, errors_are_by_unit_and_a_placebo_finds_what_was_so_before)
{
    enum { SHOPS = 40, PERIODS = 6, ROWS = SHOPS * PERIODS };
    static bool treated[ROWS], post[ROWS];
    static double y[ROWS], period[ROWS];
    static uint64_t unit[ROWS];
    size_t covered = 0, found = 0, n = 0;
    EACH_CASE(c, 200) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct err err;
        for (int drifts = 0; drifts < 2; drifts++) {
            struct panel panel;
            for (size_t i = 0; i < ROWS; i++) {
                static double level, change;
                size_t t = i % PERIODS;
                if (t == 0) level = draw_normal(&c.rng, 0, 3), change = draw_normal(&c.rng, 0, 1);
                unit[i] = i / PERIODS + 1, treated[i] = i / PERIODS < SHOPS / 2, post[i] = t >= 4;
                period[i] = (double)t;
                y[i] = level + (post[i] ? change + treated[i] : 0) + drifts * treated[i] * (double)t +
                       draw_normal(&c.rng, 0, .5);
            }
            struct panel_rows rows = { ROWS, treated, post, y, unit, period, .05 };
            ASSERT_OK(observed_panel(&rows, arena, &panel, &err), &err);
            if (drifts) found += panel.placebo.low > 0;
            else covered += panel.effect.low <= 1 && panel.effect.high >= 1, n++;
        }
        arena_free(arena);
    }
    cr_assert(covered * 100 >= n * 90, "%zu of %zu intervals hold the truth", covered, n);
    cr_assert(found == n, "%zu of %zu drifts found", found, n);
}
