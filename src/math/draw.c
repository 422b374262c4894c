/* draw.c - see draw.h. */
#include "math/draw.h"

#include <assert.h>
#include <math.h>

/* The polar method: Marsaglia & Bray (1964), SIAM Review 6(3). */
double draw_normal(struct rng *rng, double mean, double sd)
{
    assert(sd >= 0);
    double x, y, square;
    do {
        x = 2 * rng_uniform(rng) - 1;
        y = 2 * rng_uniform(rng) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    return mean + sd * x * sqrt(-2 * log(square) / square);
}

double draw_lognormal(struct rng *rng, double log_mean, double log_sd)
{
    return exp(draw_normal(rng, log_mean, log_sd));
}

double draw_exponential(struct rng *rng, double mean)
{
    assert(mean > 0);
    return -mean * log(rng_uniform(rng));
}

/* Marsaglia & Tsang (2000), ACM TOMS 26(3); a shape below 1 is lifted by 1 and brought back by a
 * power of a uniform number, as they say. */
double draw_gamma(struct rng *rng, double shape, double scale)
{
    assert(shape > 0 && scale > 0);
    if (shape < 1) {
        double power = log(rng_uniform(rng)) / shape;
        return draw_gamma(rng, shape + 1, scale) * exp(power);
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(rng, 0, 1), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(rng_uniform(rng)) < x * x / 2 + d - d * v + d * log(v)) return scale * d * v;
    }
}

double draw_beta(struct rng *rng, double a, double b)
{
    double x = draw_gamma(rng, a, 1), y = draw_gamma(rng, b, 1);
    if (x + y == 0) return draw_bernoulli(rng, a / (a + b)) ? 1 : 0;    /* both underflowed: a and b tiny */
    return x / (x + y);
}

bool draw_bernoulli(struct rng *rng, double p)
{
    assert(p >= 0 && p <= 1);
    return rng_uniform(rng) < p;
}

/* Transformed rejection (PTRS): Hormann (1993), Insurance: Mathematics and Economics 12. */
static uint64_t poisson_by_rejection(struct rng *rng, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = rng_uniform(rng) - 0.5, v = rng_uniform(rng), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r) return (uint64_t)k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        if (log(v * inverse_alpha / (a / (us * us) + b)) <= k * log(mean) - mean - lgamma(k + 1))
            return (uint64_t)k;
    }
}

uint64_t draw_poisson(struct rng *rng, double mean)
{
    assert(mean >= 0 && mean <= 1e9);
    if (mean >= 10) return poisson_by_rejection(rng, mean);
    double floor_of_product = exp(-mean), product = rng_uniform(rng);
    uint64_t n = 0;
    while (product > floor_of_product) {
        product *= rng_uniform(rng);
        n++;
    }
    return n;
}

size_t draw_categorical(struct rng *rng, const double *weights, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) total += weights[i];
    assert(total > 0);
    double left = rng_uniform(rng) * total;
    size_t last = 0;        /* the last with a weight, for when rounding leaves a crumb */
    for (size_t i = 0; i < n; i++) {
        if (weights[i] <= 0) continue;
        last = i;
        if (left < weights[i]) return i;
        left -= weights[i];
    }
    return last;
}

size_t draw_cumulative(struct rng *rng, const double *cumulative, size_t n)
{
    assert(n > 0 && cumulative[n - 1] > 0);
    double wanted = rng_uniform(rng) * cumulative[n - 1];
    size_t low = 0, high = n - 1;       /* the answer is the first whose running sum exceeds wanted */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cumulative[middle] > wanted) high = middle;
        else low = middle + 1;
    }
    return low;
}
