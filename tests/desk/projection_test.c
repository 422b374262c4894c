/* projection_test.c - weeks to come, and whether what was said of them held. */
#include "desk/projection.h"
#include "support.h"

#include "base/rng.h"
#include "math/draw.h"

#include <math.h>

enum { YEARS_3 = 156, AHEAD = 8, SHOPS = 200 };

Test(projection, weeks_that_never_change_go_on_and_are_certain)
{
    double weeks[40];
    for (size_t i = 0; i < 40; i++) weeks[i] = 100;
    struct projection p = projection_make(weeks, 40, AHEAD);
    for (size_t h = 0; h < AHEAD; h++) cr_assert_float_eq(p.weeks[h].value, 100, 1e-9);
    cr_assert_float_eq(p.total.low, 800, 1e-6);
    cr_assert_float_eq(p.total.high, 800, 1e-6);
    cr_assert_eq(p.error_share, 0);
}

Test(projection, a_season_is_found_where_it_was_seen_before)
{
    struct rng rng = rng_new(4);
    double weeks[YEARS_3 + AHEAD], come = 0;
    for (size_t i = 0; i < YEARS_3 + AHEAD; i++)
        weeks[i] = 1000 + 600 * sin(6.283185307 * (double)i / 52) + 30 * rng_uniform(&rng);
    for (size_t h = 0; h < AHEAD; h++) come += weeks[YEARS_3 + h];
    struct projection p = projection_make(weeks, YEARS_3, AHEAD);
    cr_assert_eq(p.way, PROJECTION_SEASON, "%s", projection_words[p.way]);
    cr_assert(p.total.low <= come && come <= p.total.high, "%g, %g to %g", come, p.total.low, p.total.high);
    cr_assert_float_eq(p.total.value, come, .05 * come);
}

/* Shops whose level wanders, with chance from week to week. */
Test(projection, what_comes_lies_within_the_range_nineteen_times_in_twenty)
{
    struct rng rng = rng_new(11);
    size_t held = 0, held_before = 0, checked = 0;
    for (size_t shop = 0; shop < SHOPS; shop++) {
        double weeks[80 + AHEAD], level = 1000, come = 0;
        for (size_t i = 0; i < 80 + AHEAD; i++) {
            level = fmax(200, level + 20 * draw_normal(&rng, 0, 1));
            weeks[i] = fmax(0, level + 80 * draw_normal(&rng, 0, 1));
        }
        for (size_t h = 0; h < AHEAD; h++) come += weeks[80 + h];
        struct projection p = projection_make(weeks, 80, AHEAD);
        held += p.total.low <= come && come <= p.total.high;
        struct projection_check checks[PROJECTION_CHECKS_MOST];
        size_t n = projection_check(weeks, 80, AHEAD, checks);
        for (size_t i = 0; i < n; i++)
            held_before += checks[i].said.low <= checks[i].came && checks[i].came <= checks[i].said.high;
        checked += n;
    }
    cr_assert(held >= .9 * SHOPS && held <= .995 * SHOPS, "%zu of %d", held, SHOPS);
    cr_assert((double)held_before >= .9 * (double)checked, "%zu of %zu", held_before, checked);
}

Test(projection, a_check_knows_only_what_was_known_then)
{
    double weeks[60];
    struct projection_check before[PROJECTION_CHECKS_MOST], after[PROJECTION_CHECKS_MOST];
    struct rng rng = rng_new(2);
    for (size_t i = 0; i < 60; i++) weeks[i] = 500 + 50 * rng_uniform(&rng);
    size_t n = projection_check(weeks, 60, AHEAD, before);
    cr_assert_gt(n, 1);
    for (size_t i = 60 - AHEAD; i < 60; i++) weeks[i] = 5000;
    cr_assert_eq(projection_check(weeks, 60, AHEAD, after), n);
    for (size_t i = 0; i < n; i++) cr_assert_eq(before[i].said.value, after[i].said.value, "check %zu", i);
    cr_assert_gt(after[0].came, after[0].said.high, "a leap that nobody foresaw is told as one");
}
