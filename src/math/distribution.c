/* distribution.c - see distribution.h. */
#include "math/distribution.h"

#include "math/draw.h"
#include "math/numerics.h"

#include <assert.h>
#include <math.h>

const char *const distribution_names[] = { "normal", "lognormal",   "triangular", "uniform",  "beta",
                                           "gamma",  "exponential", "poisson",    "binomial", "beta_binomial" };
const char *const distribution_parameters[] = { "mean, sd",        "median, sd of the logarithm",
                                                "least, likeliest, greatest", "least, greatest",
                                                "a, b",            "shape, scale",
                                                "mean",            "mean",
                                                "trials, chance",  "trials, a, b" };

size_t distribution_n_parameters(enum distribution_kind kind)
{
    static const unsigned char n[] = { 2, 2, 3, 2, 2, 2, 1, 1, 2, 3 };
    return n[kind];
}

static bool is_count(double x) { return x >= 0 && x <= DISTRIBUTION_TRIALS_MOST && x == floor(x); }

bool distribution_check(const struct distribution *d, struct err *err)
{
    const double *p = d->parameter;
    const char *must = NULL;
    switch (d->kind) {
    case DISTRIBUTION_NORMAL: must = p[1] >= 0 ? NULL : "the sd must not be below 0"; break;
    case DISTRIBUTION_LOGNORMAL:
        must = p[0] <= 0 ? "the median must be above 0" : p[1] >= 0 ? NULL : "the sd must not be below 0";
        break;
    case DISTRIBUTION_TRIANGULAR:
        must =
            p[0] <= p[1] && p[1] <= p[2] && p[0] < p[2] ? NULL : "the three must rise: least, likeliest, greatest";
        break;
    case DISTRIBUTION_UNIFORM: must = p[0] < p[1] ? NULL : "the least must be below the greatest"; break;
    case DISTRIBUTION_BETA:
    case DISTRIBUTION_GAMMA: must = p[0] > 0 && p[1] > 0 ? NULL : "both must be above 0"; break;
    case DISTRIBUTION_EXPONENTIAL: must = p[0] > 0 ? NULL : "the mean must be above 0"; break;
    case DISTRIBUTION_POISSON: must = p[0] >= 0 && p[0] <= 1e9 ? NULL : "the mean must be from 0 to 1e9"; break;
    case DISTRIBUTION_BINOMIAL:
        must = !is_count(p[0]) ? "trials are a whole number up to a million"
               : p[1] >= 0 && p[1] <= 1 ? NULL : "the chance is from 0 to 1";
        break;
    case DISTRIBUTION_BETA_BINOMIAL:
        must = !is_count(p[0]) ? "trials are a whole number up to a million"
               : p[1] > 0 && p[2] > 0 ? NULL : "a and b must be above 0";
        break;
    case DISTRIBUTIONS: assert(false);
    }
    return !must || err_set(err, ERR_INVALID, "%s(%s): %s", distribution_names[d->kind],
                            distribution_parameters[d->kind], must);
}

static double triangular(const double *p, double u)
{
    double width = p[2] - p[0], middle = (p[1] - p[0]) / width;
    if (u < middle) return p[0] + sqrt(u * width * (p[1] - p[0]));
    return p[2] - sqrt((1 - u) * width * (p[2] - p[1]));
}

/* P(count <= k). */
static double count_cdf(const struct distribution *d, double k)
{
    const double *p = d->parameter;
    double sum = 0;
    switch ((int)d->kind) {
    case DISTRIBUTION_POISSON: return p[0] > 0 ? 1 - gamma_cdf(p[0], k + 1, 1) : 1;
    case DISTRIBUTION_BINOMIAL:
        return k >= p[0] ? 1 : p[1] >= 1 ? 0 : p[1] <= 0 ? 1 : beta_cdf(1 - p[1], p[0] - k, k + 1);
    default:
        for (double i = 0; i <= k; i++)
            sum += exp(log_gamma(p[0] + 1) - log_gamma(i + 1) - log_gamma(p[0] - i + 1) +
                       log_beta(i + p[1], p[0] - i + p[2]) - log_beta(p[1], p[2]));
        return sum;
    }
}

static double count_quantile(const struct distribution *d, double p)
{
    double low = -1, high = d->kind == DISTRIBUTION_POISSON ? d->parameter[0] + 40 * sqrt(d->parameter[0] + 1) + 40
                                                            : d->parameter[0];
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (count_cdf(d, middle) < p) low = middle;
        else high = middle;
    }
    return floor(high);
}

static double binomial(struct rng *rng, double trials, double chance)
{
    if (chance <= 0) return 0;
    if (chance >= 1) return trials;
    double n = 0;
    if (trials <= 64) {
        for (double i = 0; i < trials; i++) n += draw_bernoulli(rng, chance);
        return n;
    }
    struct distribution d = { DISTRIBUTION_BINOMIAL, { trials, chance } };
    return count_quantile(&d, rng_uniform(rng));
}

double distribution_draw(const struct distribution *d, struct rng *rng)
{
    const double *p = d->parameter;
    switch (d->kind) {
    case DISTRIBUTION_NORMAL: return draw_normal(rng, p[0], p[1]);
    case DISTRIBUTION_LOGNORMAL: return draw_lognormal(rng, log(p[0]), p[1]);
    case DISTRIBUTION_TRIANGULAR: return triangular(p, rng_uniform(rng));
    case DISTRIBUTION_UNIFORM: return p[0] + (p[1] - p[0]) * rng_uniform(rng);
    case DISTRIBUTION_BETA: return draw_beta(rng, p[0], p[1]);
    case DISTRIBUTION_GAMMA: return draw_gamma(rng, p[0], p[1]);
    case DISTRIBUTION_EXPONENTIAL: return draw_exponential(rng, p[0]);
    case DISTRIBUTION_POISSON: return (double)draw_poisson(rng, p[0]);
    case DISTRIBUTION_BINOMIAL: return binomial(rng, p[0], p[1]);
    case DISTRIBUTION_BETA_BINOMIAL: return binomial(rng, p[0], draw_beta(rng, p[1], p[2]));
    case DISTRIBUTIONS: break;
    }
    assert(false);
    return NAN;
}

double distribution_quantile(const struct distribution *d, double at)
{
    const double *p = d->parameter;
    switch (d->kind) {
    case DISTRIBUTION_NORMAL: return p[0] + p[1] * normal_quantile(at);
    case DISTRIBUTION_LOGNORMAL: return p[0] * exp(p[1] * normal_quantile(at));
    case DISTRIBUTION_TRIANGULAR: return triangular(p, at);
    case DISTRIBUTION_UNIFORM: return p[0] + (p[1] - p[0]) * at;
    case DISTRIBUTION_BETA: return beta_quantile(at, p[0], p[1]);
    case DISTRIBUTION_GAMMA: return gamma_quantile(at, p[0], p[1]);
    case DISTRIBUTION_EXPONENTIAL: return -p[0] * log1p(-at);
    case DISTRIBUTION_POISSON:
    case DISTRIBUTION_BINOMIAL:
    case DISTRIBUTION_BETA_BINOMIAL: return count_quantile(d, at);
    case DISTRIBUTIONS: break;
    }
    assert(false);
    return NAN;
}
