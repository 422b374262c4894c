/* See shops.h. */
#include "shops.h"

#include <criterion/criterion.h>
#include <math.h>

struct history shop_cdnow(const char *path, struct arena *arena)
{
    enum { ROWS = 10000 };
    uint32_t *identity = ARENA_ARRAY(arena, uint32_t, ROWS);
    int32_t *day = ARENA_ARRAY(arena, int32_t, ROWS);
    int64_t *cents = ARENA_ARRAY(arena, int64_t, ROWS);
    struct history history;
    FILE *file = fopen(path, "r");
    cr_assert(file);
    size_t n = 0;
    unsigned master, sample, date, count;
    double dollars;
    while (n < ROWS && fscanf(file, "%u %u %u %u %lf", &master, &sample, &date, &count, &dollars) == 5) {
        identity[n] = sample;
        day[n] = (int32_t)calendar_day((struct civil){ (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100) });
        cents[n++] = llround(dollars * 100);
    }
    (void)fclose(file);
    history_build(identity, day, cents, n, arena, &history);
    return history;
}

/* Marsaglia & Tsang (2000); shapes below 1 by a power of a uniform. */
double shop_gamma(struct rng *rng, double shape)
{
    if (shape < 1) return shop_gamma(rng, shape + 1) * pow(rng_uniform(rng), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = sqrt(-2 * log(rng_uniform(rng))) * cos(6.283185307179586 * rng_uniform(rng)), v = 1 + c * z;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(rng_uniform(rng)) < z * z / 2 + d - d * v + d * log(v)) return d * v;
    }
}
