/* Lifecycle stages by hand, and the JSON of groups. */
#include "support.h"

#include "model/groups.h"
#include "shops.h"

/* Six customers as of day 400; the typical gap is 10 days. */
Test(groups, stages_follow_the_customers_own_rhythm)
{
    static const struct { uint32_t identity; int32_t days[6]; enum stage stage; } customers[] = {
        { 1, { 350, 360, 370, 380, 390, 400 }, STAGE_ACTIVE },
        { 2, { 320, 330, 340, 350, 360, 370 }, STAGE_COOLING },
        { 3, { 10, 20, 30, 40, 50, 60 }, STAGE_LAPSED },
        { 4, { 100, 110, 120, 130, 140, 395 }, STAGE_RETURNING },
        { 5, { 390 }, STAGE_NEW },
        { 6, { 340 }, STAGE_LAPSED },
        { 7, { 10, 70, 130, 190, 250, 310 }, STAGE_ACTIVE },
    };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint32_t identity[42];
    int32_t day[42];
    int64_t cents[42];
    size_t n = 0;
    for (size_t c = 0; c < 7; c++)
        for (int i = 0; i < 6 && customers[c].days[i]; i++) {
            identity[n] = customers[c].identity;
            day[n] = customers[c].days[i];
            cents[n++] = 1000;
        }
    struct history history;
    struct groups groups;
    struct err err;
    history_build(identity, day, cents, n, arena, &history);
    struct groups_options options = { 400, 1, 1, "GBP" };
    ASSERT_OK(groups_fit(&history, &options, arena, &groups, &err), &err);
    ASSERT_NEAR(groups.typical_gap_days, 10, 1e-12);
    for (size_t c = 0; c < 7; c++)
        cr_assert_eq(groups.stage[c], customers[c].stage, "customer %zu is %s", c + 1,
                     stage_name(groups.stage[c]));
    history.left_day[history.first[1] - 1] = 400;
    ASSERT_OK(groups_fit(&history, &options, arena, &groups, &err), &err);
    cr_assert(groups.stage[0] == STAGE_LEFT && groups.rfm.group[0] == RFM_LEFT, "whoever said that they leave has left");
    cr_assert(groups.stage[1] == STAGE_COOLING && groups.rfm.group[1] != RFM_LEFT);
    cr_assert_eq(groups.clusters.k, 0);
    cr_assert(strstr(groups.clusters_missing, "too few"));
    arena_free(arena);
}

Test(groups, groups_of_cdnow_add_up)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct groups groups;
    struct err err;
    struct groups_options options = { history.last_day, 1, 2, "USD" };
    ASSERT_OK(groups_fit(&history, &options, arena, &groups, &err), &err);
    double *churn = ARENA_ARRAY(arena, double, history.n_customers);
    for (size_t i = 0; i < history.n_customers; i++) churn[i] = i % 2 ? (double)NAN : 0.25;
    json_t *json = groups_json(&groups, churn, NULL);
    static const char *const lists[] = { "rfm", "stages" };
    for (int l = 0; l < 2; l++) {
        size_t i;
        json_t *row;
        json_int_t customers = 0, cents = 0;
        json_array_foreach(json_object_get(json, lists[l]), i, row) {
            customers += json_integer_value(json_object_get(row, "customers"));
            cents += json_integer_value(json_object_get(row, "revenue_cents"));
            if (customers > 10) ASSERT_NEAR(json_real_value(json_object_get(row, "churn")), .25, 1e-12);
        }
        int64_t want = 0;
        for (size_t e = 0; e < history.first[history.n_customers]; e++) want += history.amount_cents[e];
        cr_assert_eq(customers, 2357);
        cr_assert_eq(cents, want);
    }
    json_decref(json);
    arena_free(arena);
}

Test(groups, a_shop_without_customers_is_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct groups groups;
    struct err err;
    history_build(NULL, NULL, NULL, 0, arena, &history);
    struct groups_options options = { 400, 1, 1, "" };
    ASSERT_FAILS(groups_fit(&history, &options, arena, &groups, &err), &err, ERR_REFUSED,
                 "no customer has ordered");
    arena_free(arena);
}
