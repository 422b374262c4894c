/* Declarations of experiments, and who gets which arm. */
#include "experiment/design.h"
#include "base/calendar.h"
#include "experiment/bucket.h"
#include "support.h"

#include <math.h>
#include <stdio.h>

static const char whole[] =
    "{name: winback, salt: winback_discount, control: control, arms: {control: .5, mail: .25, coupon: .25}, unit: "
    "customer,\n"
    " who: churn > 0.5, namespace: {name: retention, from: 0, to: .4}, strata: [country], start: 2026-01-05, end: "
    "2026-03-01,\n"
    " ramp: [{from: 2026-01-05, share: .1}, {from: 2026-01-12, share: 1}], exposure: decision, primary: margin,\n"
    " metrics: [{name: kept, event: order, kind: any, window: 60d}, {name: margin, event: order, kind: sum, of: "
    "amount, margin: .4,\n"
    "   costs: true, window: 28d, winsor: .999}], covariate: {metric: margin, before: 90d},\n"
    " guardrails: [{metric: unsubscribed, stop_above: .002}]}";

static bool read(const char *yaml, struct arena *arena, struct design *design, struct err *err)
{
    const struct yaml_node *root;
    return yaml_parse(yaml, strlen(yaml), "x.yaml", arena, &root, err) && design_read(root, arena, design, err);
}

static int64_t day(int year, int month, int of_month)
{
    return calendar_day((struct civil){ year, month, of_month }) * MS_PER_DAY;
}

Test(design, a_whole_declaration_is_read)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct design *d = ARENA_NEW(arena, struct design);
    struct err err;
    ASSERT_OK(read(whole, arena, d, &err), &err);
    cr_assert(d->n_arms == 3 && d->control == 0 && d->n_metrics == 3 && d->primary == 1 && d->covariate == 1);
    cr_assert(d->metrics[1].has_costs && d->metrics[1].window_days == 28 && d->metrics[1].margin == .4);
    cr_assert_str_eq(d->metrics[2].name, "unsubscribed");
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 4)), 0);
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 6)), .1);
    cr_assert_eq(design_ramp_at(d, day(2026, 2, 1)), 1);
    cr_assert_eq(design_ramp_at(d, day(2026, 3, 1)), 0);
    arena_free(arena);
}

Test(design, a_ramp_moves_nobody_and_a_namespace_keeps_experiments_apart)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct design *d = ARENA_NEW(arena, struct design), *other = ARENA_NEW(arena, struct design);
    struct design_facts facts = { .is_eligible = true };
    struct err err;
    size_t n_in = 0, n_early = 0;
    ASSERT_OK(read(whole, arena, d, &err), &err);
    *other = *d;
    other->space_from = .4, other->space_to = 1;
    for (size_t i = 0; i < 5000; i++) {
        char id[16];
        snprintf(id, sizeof id, "K%05zu", i);
        struct assigned early = design_assign(d, text_of(id), facts, day(2026, 1, 6)),
                        late = design_assign(d, text_of(id), facts, day(2026, 2, 1)),
                        apart = design_assign(other, text_of(id), facts, day(2026, 2, 1));
        cr_assert_eq(late.reason == ASSIGNED, apart.reason == NOT_IN_NAMESPACE, "%s is in both or in none", id);
        if (early.reason == ASSIGNED)
            cr_assert(late.reason == ASSIGNED && late.arm == early.arm, "%s changes arms", id);
        n_in += late.reason == ASSIGNED, n_early += early.reason == ASSIGNED;
    }
    ASSERT_NEAR((double)n_in / 5000, .4, .025);
    ASSERT_NEAR((double)n_early / 5000, .04, .01);
    facts.is_held_out = true;
    struct assigned held = design_assign(d, text_of("K00001"), facts, day(2026, 2, 1));
    cr_assert(held.reason == NOT_HELD_IN && held.arm == SIZE_MAX);
    arena_free(arena);
}

Test(design, who_is_let_in_by_hand_stays_in_when_the_plan_says_less)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct design *d = ARENA_NEW(arena, struct design), *planned = ARENA_NEW(arena, struct design);
    struct design_facts facts = { .is_eligible = true };
    struct err err;
    ASSERT_OK(read("{name: winback, control: control, arms: {control: .5, mail: .5}, start: 2026-01-05, exposure: call, primary: "
                   "kept, ramp: [{from: 2026-01-05, share: .1}, {from: 2026-01-12, share: .3}, {from: 2026-01-19, share: .8}],\n"
                   " metrics: [{name: kept, event: order, kind: any, window: 7d}]}", arena, planned, &err), &err);
    *d = *planned;
    design_raise(d, day(2026, 1, 8), .5);
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 7)), .1, "what was before stays as it was");
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 8)), .5);
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 13)), .5, "the planned .3 takes nobody out");
    cr_assert_eq(design_ramp_at(d, day(2026, 1, 20)), .8);
    for (size_t i = 0; i < 2000; i++) {
        struct text id = text_of(arena_format(arena, "K%05zu", i));
        struct assigned before = design_assign(planned, id, facts, day(2026, 1, 8)),
                        after = design_assign(d, id, facts, day(2026, 1, 8));
        if (before.reason == ASSIGNED) cr_assert(after.reason == ASSIGNED && after.arm == before.arm, "K%05zu", i);
    }
    arena_free(arena);
}

/* In strata of every size; and of many strata of one, no arm gets more than its share. */
Test(design, a_known_audience_is_dealt_within_one_of_its_shares_in_every_stratum)
{
    enum { UNITS = 4000, STRATA = 7 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct design *d = ARENA_NEW(arena, struct design);
    struct text units[UNITS];
    uint64_t stratum[UNITS];
    uint8_t arm[UNITS];
    struct err err;
    double in[STRATA][3] = { { 0 } }, all[STRATA] = { 0 }, alone[3] = { 0 };
    ASSERT_OK(read(whole, arena, d, &err), &err);
    for (size_t i = 0; i < UNITS; i++) {
        units[i] = text_of(arena_format(arena, "C%zu", i));
        stratum[i] = i % 3 == 0 ? 0 : 1 + (i * i) % (STRATA - 1);
    }
    design_deal(d, units, stratum, UNITS, arena, arm);
    for (size_t i = 0; i < UNITS; i++) in[stratum[i]][arm[i]]++, all[stratum[i]]++;
    for (size_t s = 0; s < STRATA; s++)
        for (size_t a = 0; a < 3; a++)
            cr_assert(fabs(in[s][a] - d->shares[a] * all[s]) < 1, "%g of %g in stratum %zu", in[s][a], all[s], s);
    for (size_t i = 0; i < UNITS; i++) stratum[i] = i;
    design_deal(d, units, stratum, UNITS, arena, arm);
    for (size_t i = 0; i < UNITS; i++) alone[arm[i]]++;
    for (size_t a = 0; a < 3; a++) ASSERT_NEAR(alone[a] / UNITS, d->shares[a], .03);
    arena_free(arena);
}

Test(design, what_is_wrong_is_said_with_its_place)
{
    static const struct { const char *yaml, *says;
    } cases[] = {
        { "{name: a, control: c, arms: {c: 1}, metrics: [opened]}", "one arm only" },
        { "{name: a, control: c, arms: {c: .5, m: .4}, metrics: [opened]}", "sum to 0.9" },
        { "{name: a, control: cc, arms: {c: .5, m: .5}, metrics: [opened]}", "did you mean 'c'" },
        { "{name: a, control: c, arms: {c: .5, m: .5}}", "needs metrics" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [{name: k}]}", "a metric is" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [opened], primary: opend}",
          "did you mean 'opened'" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [opened], start: 2026-03-01, end: 2026-01-01}",
          "ends before it starts" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [opened], ramp: [{from: 2026-01-05, share: .5}, "
          "{from: 2026-01-09, "
          "share: .1}]}",
          "only rises" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [opened], exposure: cal}", "did you mean 'call'" },
        { "{name: a, control: c, arms: {c: .5, m: .5}, metrics: [opened], namespace: {name: n, from: .5, to: .2}}",
          "from below to" },
        { "{name: a, contrl: c, arms: {c: .5, m: .5}, metrics: [opened]}", "did you mean 'control'" },
        { "{control: c, arms: {c: .5, m: .5}, metrics: [opened]}", "needs a name" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct design *d = ARENA_NEW(arena, struct design);
        struct err err;
        cr_assert(!read(cases[i].yaml, arena, d, &err), "%s", cases[i].yaml);
        cr_assert(strstr(err.text, cases[i].says) && strstr(err.text, "x.yaml:1:"), "\"%s\" is not in \"%s\"",
                  cases[i].says, err.text);
        arena_free(arena);
    }
}
