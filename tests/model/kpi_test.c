/* Months counted by hand, and properties that hold in any shop. */
#include "base/calendar.h"
#include "model/kpi.h"
#include "support.h"

#include <math.h>

static int32_t day_of(int month, int day) { return (int32_t)calendar_day((struct civil){ 2025, month, day }); }

Test(kpi, movements_of_recurring_revenue_are_as_by_hand)
{
    const uint32_t identity[] = { 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4 };
    const int32_t jan = day_of(1, 31), feb = day_of(2, 28), mar = day_of(3, 31);
    const int32_t day[] = { jan, jan, jan, feb, feb, feb, feb, mar, mar, mar, mar };
    const int64_t cents[] = { 100, 50, 80, 120, 0, 60, 40, 120, 30, 0, 55 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct kpis k;
    history_build(identity, day, cents, 11, arena, &history);
    kpis_build(&history, mar, arena, &k);
    cr_assert_eq(k.n, 3);
    cr_assert_eq(k.n_whole, 3);
    const struct kpi_month *m = &k.months[1];
    cr_assert(m->added_cents == 40 && m->expansion_cents == 20 && m->contraction_cents == -20 &&
              m->churned_cents == -50);
    cr_assert_eq(m->revenue_cents, 220);
    ASSERT_NEAR(kpi_nrr(m), .782609, 5e-7);
    ASSERT_NEAR(kpi_grr(m), .695652, 5e-7);
    m = &k.months[2];
    cr_assert(m->reactivation_cents == 30 && m->expansion_cents == 15 && m->churned_cents == -60 &&
              m->added_cents == 0);
    cr_assert_eq(m->revenue_cents, 205);
    ASSERT_NEAR(kpi_nrr(m), .795455, 5e-7);
    ASSERT_NEAR(kpi_grr(m), .727273, 5e-7);
    arena_free(arena);
}

Test(kpi, movements_and_flows_sum_to_what_they_are_parts_of)
{
    EACH_CASE(c, 100) {
        enum { N = 300 };
        uint32_t identity[N];
        int32_t day[N];
        int64_t cents[N];
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct history history;
        struct kpis k;
        for (size_t i = 0; i < N; i++) {
            identity[i] = 1 + (uint32_t)rng_below(&c.rng, 40);
            day[i] = day_of(1, 1) + (int32_t)rng_below(&c.rng, 360);
            cents[i] = (int64_t)rng_below(&c.rng, 5) * 100;
        }
        history_build(identity, day, cents, N, arena, &history);
        kpis_build(&history, day_of(12, 27), arena, &k);
        size_t known = 0, orders = 0;
        int64_t before = 0;
        for (size_t i = 0; i < k.n; i++) {
            const struct kpi_month *m = &k.months[i];
            size_t in_stages = 0;
            known += m->first_time, orders += m->orders;
            cr_assert_eq(m->customers, m->first_time + m->retained + m->reactivated);
            cr_assert_eq(m->revenue_cents - before, m->added_cents + m->expansion_cents + m->contraction_cents +
                                                        m->churned_cents + m->reactivation_cents);
            for (size_t from = 0; from < KPI_STAGES; from++)
                for (size_t to = 0; to < KPI_STAGES; to++) in_stages += m->flows[from][to];
            cr_assert_eq(in_stages, known);
            cr_assert(m->capped_cents <= m->kept_cents && m->capped_cents <= m->before_cents);
            before = m->revenue_cents;
        }
        cr_assert_eq(known, history.n_customers);
        cr_assert_eq(orders, N);
        cr_assert_eq(k.n_whole, k.n - 1, "December is not over");
        arena_free(arena);
    }
}

/* A shop whose number of customers grows by ten a month, give or take. */
Test(kpi, the_chance_of_a_goal_is_high_where_the_course_leads_there_and_low_where_not)
{
    static uint32_t identity[4000];
    static int32_t day[4000];
    static int64_t cents[4000];
    size_t n = 0;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct kpis k;
    for (int month = 1; month <= 12; month++)
        for (uint32_t i = 0; i < 100 + 10 * (uint32_t)month + (uint32_t)month % 3; i++)
            identity[n] = i + 1, day[n] = day_of(month, 5), cents[n++] = 100;
    history_build(identity, day, cents, n, arena, &history);
    kpis_build(&history, day_of(12, 31), arena, &k);
    int64_t by_ms = calendar_day((struct civil){ 2026, 4, 30 }) * MS_PER_DAY;
    struct kpi_goal easy = { "customers", 240, false, by_ms }, hard = { "customers", 290, false, by_ms },
                    below = { "customers", 240, true, by_ms };
    struct kpi_standing s = kpi_stand(&k, &easy, day_of(12, 31));
    cr_assert_eq(s.value, 220);
    cr_assert(s.low < 220 && s.high > 220 && s.chance > .95, "%g", s.chance);
    double not_below = 1 - kpi_stand(&k, &below, day_of(12, 31)).chance;
    ASSERT_NEAR(not_below, s.chance, 1e-12);
    cr_assert(kpi_stand(&k, &hard, day_of(12, 31)).chance < .05);
    struct kpi_goal past = { "customers", 200, false, 0 };
    cr_assert_eq(kpi_stand(&k, &past, day_of(12, 31)).chance, 1);
    arena_free(arena);
}
