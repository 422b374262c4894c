/* uplift_curve_test.c - the curves, scores and shares against scikit-uplift's own tests and Hillstrom's file. */
#include "uplift/uplift_curve.h"
#include "support.h"
#include "table/frame.h"

static struct uplift_metrics metrics_of(size_t n, const double *y, const double *u, const uint8_t *w)
{
    struct uplift_rows rows = { .n = n, .score = u, .outcome = y, .is_treated = w };
    return uplift_metrics_of(&rows, 0, 1, 1);
}

Test(uplift_curve, two_rows_are_ranked_all_wrong_or_all_right)
{
    const double up[] = { .1, .3 };
    struct uplift_metrics wrong = metrics_of(2, (double[]){ 0, 1 }, up, (uint8_t[]){ 1, 0 });
    struct uplift_metrics right = metrics_of(2, (double[]){ 1, 0 }, up, (uint8_t[]){ 0, 1 });
    ASSERT_NEAR(wrong.uplift_auc.value, 0, 1e-12);
    ASSERT_NEAR(right.uplift_auc.value, 1, 1e-12);
    ASSERT_NEAR(right.qini_auc.value, 1, 1e-12);
}

Test(uplift_curve, tied_rows_are_one_point)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct uplift_rows rows = { .n = 3, .score = (double[]){ .2, .2, .2 }, .outcome = (double[]){ 0, 1, 0 },
                                .is_treated = (uint8_t[]){ 0, 1, 1 } };
    struct uplift_point *points;
    cr_assert_eq(uplift_points(&rows, arena, &points), 2);
    ASSERT_NEAR(points[1].x, 3, 0);
    ASSERT_NEAR(points[1].uplift, 1.5, 1e-12);
    ASSERT_NEAR(points[1].qini, 1, 1e-12);
    arena_free(arena);
}

Test(uplift_curve, the_order_of_rows_has_no_influence)
{
    EACH_CASE(c, 50)
    {
        double y[40], u[40], y2[40], u2[40];
        uint8_t w[40], w2[40];
        uint32_t order[40];
        for (uint32_t i = 0; i < 40; i++) {
            order[i] = i, y[i] = (double)rng_below(&c.rng, 2), u[i] = (double)rng_below(&c.rng, 5);
            w[i] = i % 2;
        }
        rng_shuffle(&c.rng, order, 40);
        for (size_t i = 0; i < 40; i++) y2[i] = y[order[i]], u2[i] = u[order[i]], w2[i] = w[order[i]];
        struct uplift_metrics a = metrics_of(40, y, u, w), b = metrics_of(40, y2, u2, w2);
        if (!isnan(a.qini_auc.value)) ASSERT_NEAR(a.qini_auc.value, b.qini_auc.value, 1e-9);
        if (!isnan(a.uplift_at[1].value)) ASSERT_NEAR(a.uplift_at[1].value, b.uplift_at[1].value, 1e-9);
    }
}

Test(uplift_curve, hillstrom_by_three_columns_gives_the_reference_figures)
{
    const char *path = support_data("hillstrom/hillstrom.csv");
    SKIP_WITHOUT(path);
    static const struct { const char *score; double uplift, qini, at[UPLIFT_SHARES]; } wanted[] = {
        { "history", .0095784238, .0184334013, { .0973459497, .0894789833, .0839145311 } },
        { "-recency", .0063811672, .0118489254, { .0847747145, .0853631447, .0811534517 } },
        { "mens", .0053126976, .0099562480, { .0815655151, .0815655151, .0815655151 } } };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct frame frame;
    struct err err;
    double *visit, *treated, *score;
    ASSERT_OK(frame_open(path, NULL, arena, &frame, &err), &err);
    ASSERT_OK(frame_where(&frame, "segment <> 'Womens E-Mail'", &err), &err);
    ASSERT_OK(frame_numbers(&frame, "visit", arena, &visit, &err), &err);
    ASSERT_OK(frame_numbers(&frame, "segment = 'Mens E-Mail'", arena, &treated, &err), &err);
    uint8_t *arm = ARENA_ARRAY(arena, uint8_t, frame.n_rows);
    cr_assert_eq(frame.n_rows, 42613);
    for (size_t i = 0; i < frame.n_rows; i++) arm[i] = treated[i] > 0;
    for (size_t s = 0; s < 3; s++) {
        ASSERT_OK(frame_numbers(&frame, wanted[s].score, arena, &score, &err), &err);
        struct uplift_metrics m = metrics_of(frame.n_rows, visit, score, arm);
        ASSERT_NEAR(m.uplift_auc.value, wanted[s].uplift, 1e-9);
        ASSERT_NEAR(m.qini_auc.value, wanted[s].qini, 1e-9);
        for (size_t k = 0; k < UPLIFT_SHARES; k++)
            ASSERT_NEAR(m.uplift_at[k].value, wanted[s].at[k], 1e-9);
    }
    arena_free(arena);
}
