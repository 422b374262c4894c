/* Attribution by hand and against published toys. */
#include "experiment/attribution.h"
#include "support.h"

enum { A, B, C, D };
#define PATH(conversions, nulls, ...)                                                                             \
    {                                                                                                             \
        (const uint16_t[]){ __VA_ARGS__ }, sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t), conversions,   \
            10 * (conversions), nulls                                                                             \
    }

static void credits(enum attribution_model model, const struct path_row *rows, size_t n, const double want[4])
{
    double credit[4];
    attribution_credit(model, rows, n, 4, false, credit);
    for (size_t c = 0; c < 4; c++)
        cr_assert(fabs(credit[c] - want[c]) < 1e-9, "%s, channel %zu: %g, want %g", attribution_names[model], c,
                  credit[c], want[c]);
    attribution_credit(model, rows, n, 4, true, credit);
    for (size_t c = 0; c < 4; c++) ASSERT_NEAR(credit[c], 10 * want[c], 1e-8);
}

Test(attribution, rules_give_what_they_say)
{
    const struct path_row rows[] = { PATH(2, 0, D), PATH(3, 0, A, B), PATH(5, 0, A, C, B) };
    credits(ATTRIBUTION_FIRST, rows, 3, (double[]){ 8, 0, 0, 2 });
    credits(ATTRIBUTION_LAST, rows, 3, (double[]){ 0, 8, 0, 2 });
    credits(ATTRIBUTION_LINEAR, rows, 3, (double[]){ 19. / 6, 19. / 6, 5. / 3, 2 });
    credits(ATTRIBUTION_POSITION, rows, 3, (double[]){ 3.5, 3.5, 1, 2 });
    credits(ATTRIBUTION_TIME_DECAY, rows, 3, (double[]){ 1 + 5. / 7, 2 + 20. / 7, 10. / 7, 2 });
    const struct path_row twice[] = { PATH(6, 0, A, A, B) };
    credits(ATTRIBUTION_LINEAR, twice, 1, (double[]){ 4, 2, 0, 0 });
    credits(ATTRIBUTION_SHAPLEY, twice, 1, (double[]){ 3, 3, 0, 0 });
    const struct path_row sets[] = { PATH(4, 0, A), PATH(6, 0, A, B) };
    credits(ATTRIBUTION_SHAPLEY, sets, 2, (double[]){ 7, 3, 0, 0 });
}

Test(attribution, the_chain_of_order_one_equals_hand_and_package)
{
    const struct path_row rows[] = { PATH(1, 0, A, B, A, B, B, A), PATH(1, 0, A, B, B, A, A), PATH(1, 0, A, A) };
    double removal[2];
    struct err err;
    ASSERT_OK(attribution_markov(rows, 3, 2, 1, removal, &err), &err);
    ASSERT_NEAR(removal[A], 1, 1e-12);
    ASSERT_NEAR(removal[B], .5, 1e-12);
}

Test(attribution, chains_of_any_order_equal_the_reference)
{
    const struct path_row rows[] = { PATH(3, 1, A, B), PATH(1, 3, B, A), PATH(2, 2, A, A, C), PATH(1, 4, C),
                                     PATH(2, 6, B, C, A) };
    double removal[3], credit[3];
    struct err err;
    ASSERT_OK(attribution_markov(rows, 5, 3, 1, removal, &err), &err);
    static const double first[] = { .534313725, .666666667, .508771930 },
                        second[] = { .888888889, .666666667, .555555556 },
                        shapley[] = { 3.666667, 2.666667, 2.666667 };
    for (size_t c = 0; c < 3; c++) ASSERT_NEAR(removal[c], first[c], 1e-9);
    for (unsigned order = 2; order < 5; order++) {
        ASSERT_OK(attribution_markov(rows, 5, 3, order, removal, &err), &err);
        for (size_t c = 0; c < 3; c++) ASSERT_NEAR(removal[c], second[c], 1e-9);
    }
    attribution_credit(ATTRIBUTION_SHAPLEY, rows, 5, 3, false, credit);
    for (size_t c = 0; c < 3; c++) ASSERT_NEAR(credit[c], shapley[c], 1e-6);
}

Test(attribution, paths_without_a_conversion_are_refused)
{
    const struct path_row rows[] = { PATH(0, 4, A, B) };
    double removal[2];
    struct err err;
    ASSERT_FAILS(attribution_markov(rows, 1, 2, 1, removal, &err), &err, ERR_REFUSED,
                 "no path ends in a conversion");
}
