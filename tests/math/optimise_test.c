/* The optimiser: known maxima, errors from known curvature, and refusals that name the culprit. */
#include "support.h"

#include "math/optimise.h"

static const char *const names[] = { "first", "second", "third" };
static const double low[] = { 1e-3, 1e-3, 1e-3 }, high[] = { 1e3, 1e3, 1e3 };

/* A bent valley in logs with its maximum 7 at (2, 0.5, 30); independent there, curvature by x is
 * -1 / (x s)^2 with s = .1, .2, .3. */
static double valley(const void *context, const double *x, double *gradient)
{
    (void)context;
    double u = log(x[0] / 2), v = log(x[1] / .5), w = log(x[2] / 30);
    double bend = v - u * u;
    gradient[0] = (-u / .01 + 2 * u * bend / .04) / x[0];
    gradient[1] = -bend / .04 / x[1];
    gradient[2] = -w / .09 / x[2];
    return 7 - u * u / .02 - bend * bend / .08 - w * w / .18;
}

Test(optimise, the_maximum_of_a_bent_valley_is_found_with_its_standard_errors)
{
    const struct objective objective = { 3, names, low, high, valley, NULL };
    EACH_CASE(c, 50) {
        double start[3];
        struct optimum optimum;
        struct err err;
        for (int i = 0; i < 3; i++) start[i] = exp(8 * rng_uniform(&c.rng) - 4);
        ASSERT_OK(optimise(&objective, start, 1, &optimum, &err), &err);
        ASSERT_NEAR(optimum.x[0], 2, 1e-5);
        ASSERT_NEAR(optimum.x[1], .5, 1e-5);
        ASSERT_NEAR(optimum.x[2], 30, 1e-4);
        ASSERT_NEAR(optimum.value, 7, 1e-8);
        cr_assert_null(optimum.se_missing);
        ASSERT_NEAR(optimum.se[0], .1 * 2, 1e-4);
        ASSERT_NEAR(optimum.se[1], .2 * .5, 1e-4);
        ASSERT_NEAR(optimum.se[2], .3 * 30, 1e-3);
    }
}

static double rising(const void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = -2 * log(x[0]) / x[0];
    gradient[1] = 1 / (x[1] * x[1]);
    return -log(x[0]) * log(x[0]) - 1 / x[1];
}

static double two_hills(const void *context, const double *x, double *gradient)
{
    (void)context;
    double u = log(x[0]), near = exp(-(u - 1) * (u - 1)), far = 3 * exp(-(u + 3) * (u + 3));
    gradient[0] = (-2 * (u - 1) * near - 2 * (u + 3) * far) / x[0];
    return near + far;
}

static double nowhere(const void *context, const double *x, double *gradient)
{
    (void)context, (void)x;
    gradient[0] = (double)NAN;
    return (double)NAN;
}

Test(optimise, what_has_no_maximum_is_refused_and_the_parameter_named)
{
    struct optimum optimum;
    struct err err;
    const double start[] = { 3, 3 };
    const struct objective endless = { 2, names, low, high, rising, NULL },
                           lost = { 1, names, low, high, nowhere, NULL };
    ASSERT_FAILS(optimise(&endless, start, 1, &optimum, &err), &err, ERR_REFUSED,
                 "second wants to grow beyond 1e+03");
    ASSERT_FAILS(optimise(&lost, start, 1, &optimum, &err), &err, ERR_REFUSED, "no value");
}

Test(optimise, the_best_of_several_maxima_wins)
{
    const struct objective objective = { 1, names, low, high, two_hills, NULL };
    const double starts[] = { 2, .1 };
    struct optimum optimum;
    struct err err;
    ASSERT_OK(optimise(&objective, starts, 2, &optimum, &err), &err);
    ASSERT_NEAR(log(optimum.x[0]), -3, 1e-3);
}
