/* projection.c - see projection.h. */
#include "desk/projection.h"

#include "math/numerics.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { YEAR = 52, SEASON_LEVEL = 8, ORIGINS_MOST = 104 };

static const double QUANTILE = 0.975, DAMPING = 0.9;

const char *const projection_words[PROJECTION_WAYS] = {
    "the level of the last weeks goes on",
    "the course of the last weeks goes on and dies away",
    "the season of a year ago comes again at the level of now",
};

/* ---- the three ways ---- */

struct smoothing { double level, trend, squares; };

/* Exponential smoothing with a damped trend; without one where beta is 0.  squares: of its errors a week ahead. */
static struct smoothing smooth(const double *weeks, size_t n, double alpha, double beta)
{
    struct smoothing s = { .level = weeks[0] };
    for (size_t i = 1; i < n; i++) {
        double said = s.level + DAMPING * s.trend, error = weeks[i] - said, before = s.level;
        s.squares += error * error;
        s.level = said + alpha * error;
        s.trend = beta * (s.level - before) + (1 - beta) * DAMPING * s.trend;
        if (beta == 0) s.trend = 0;
    }
    return s;
}

static struct smoothing smooth_best(const double *weeks, size_t n, bool has_trend)
{
    static const double alphas[] = { .05, .1, .2, .35, .5, .75 }, betas[] = { .05, .15, .35 };
    struct smoothing best = { .squares = DBL_MAX };
    for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++)
        for (size_t b = 0; b < (has_trend ? sizeof betas / sizeof *betas : 1); b++) {
            struct smoothing one = smooth(weeks, n, alphas[a], has_trend ? betas[b] : 0);
            if (one.squares < best.squares) best = one;
        }
    return best;
}

static double sum_of(const double *weeks, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += weeks[i];
    return sum;
}

static bool is_possible(enum projection_way way, size_t n)
{
    return way != PROJECTION_SEASON || n >= YEAR + SEASON_LEVEL + PROJECTION_WEEKS_MOST;
}

static void say(enum projection_way way, const double *weeks, size_t n, size_t n_ahead, double *ret_said)
{
    if (way == PROJECTION_SEASON) {
        double now = sum_of(weeks + n - SEASON_LEVEL, SEASON_LEVEL),
               before = sum_of(weeks + n - YEAR - SEASON_LEVEL, SEASON_LEVEL),
               ratio = before > 0 && now > 0 ? now / before : 1;
        for (size_t h = 0; h < n_ahead; h++) ret_said[h] = ratio * weeks[n - YEAR + h];
        return;
    }
    struct smoothing s = smooth_best(weeks, n, way == PROJECTION_TREND);
    double damped = 0, power = 1;
    for (size_t h = 0; h < n_ahead; h++) {
        power *= DAMPING, damped += power;
        ret_said[h] = s.level + damped * s.trend;
    }
}

/* ---- what their errors were ---- */

struct errors {
    size_t n;                                       /* weeks from which it was tried */
    double squares[PROJECTION_WEEKS_MOST];          /* sums, by how far ahead */
    double total_squares, sizes;
};

static struct errors try_way(enum projection_way way, const double *weeks, size_t n, size_t n_ahead)
{
    struct errors errors = { 0 };
    double said[PROJECTION_WEEKS_MOST];
    size_t first = way == PROJECTION_SEASON ? YEAR + SEASON_LEVEL : PROJECTION_BEGIN;
    if (n - n_ahead > first + ORIGINS_MOST) first = n - n_ahead - ORIGINS_MOST;
    for (size_t at = first; at + n_ahead <= n; at++) {
        double total = 0;
        say(way, weeks, at, n_ahead, said);
        for (size_t h = 0; h < n_ahead; h++) {
            double error = weeks[at + h] - said[h];
            errors.squares[h] += error * error, errors.sizes += fabs(error), total += error;
        }
        errors.total_squares += total * total, errors.n++;
    }
    return errors;
}

/* Origins that follow one another share weeks: as many of them count as share none, and one more. */
static double reach_of(double squares, const struct errors *errors, size_t n_ahead)
{
    double n = (double)errors->n, apart = n / (double)n_ahead + 1;
    return student_quantile(QUANTILE, apart + 1) * sqrt(squares / n * (1 + 1 / apart));
}

static struct projected range(double value, double reach, bool is_above_zero)
{
    double low = value - reach;
    return (struct projected){ value, is_above_zero ? fmax(0, low) : low, value + reach };
}

size_t projection_least(size_t n_ahead) { return PROJECTION_BEGIN + PROJECTION_ORIGINS - 1 + n_ahead; }

struct projection projection_make(const double *weeks, size_t n, size_t n_ahead)
{
    struct projection p = { .n_weeks = n_ahead };
    struct errors best = { 0 };
    bool is_above_zero = true;
    double said[PROJECTION_WEEKS_MOST], widest = 0;
    for (size_t i = 0; i < n; i++) is_above_zero &= weeks[i] >= 0;
    for (enum projection_way way = 0; way < PROJECTION_WAYS; way++) {
        if (!is_possible(way, n)) continue;
        struct errors errors = try_way(way, weeks, n, n_ahead);
        if (errors.n < PROJECTION_ORIGINS) continue;
        bool is_nearer = best.n == 0 || errors.sizes / (double)errors.n < best.sizes / (double)best.n;
        if (is_nearer) best = errors, p.way = way;
    }
    say(p.way, weeks, n, n_ahead, said);
    for (size_t h = 0; h < n_ahead; h++) {
        widest = fmax(widest, reach_of(best.squares[h], &best, n_ahead)); /* further ahead is no surer */
        p.weeks[h] = range(is_above_zero ? fmax(0, said[h]) : said[h], widest, is_above_zero);
        p.total.value += p.weeks[h].value;
    }
    p.total = range(p.total.value, reach_of(best.total_squares, &best, n_ahead), is_above_zero);
    double mean = sum_of(weeks, n) / (double)n;
    p.error_share = mean > 0 ? best.sizes / (double)best.n / (double)n_ahead / mean : (double)NAN;
    return p;
}

size_t projection_check(const double *weeks, size_t n, size_t n_ahead,
                        struct projection_check ret_checks[PROJECTION_CHECKS_MOST])
{
    size_t n_checks = 0, least = projection_least(n_ahead);
    for (size_t ago = n_ahead; n_checks < PROJECTION_CHECKS_MOST && n >= least + ago; ago += n_ahead)
        ret_checks[n_checks++] = (struct projection_check){ ago, projection_make(weeks, n - ago, n_ahead).total,
                                                            sum_of(weeks + n - ago, n_ahead) };
    return n_checks;
}
