/* The value work on a million customers: BG/NBD and Gamma-Gamma fits alone, then everything from
 * the order history to each customer's expected spend.  No peer that does this is installed with
 * Debian, so only our seconds are shown. */
#include "bench.h"

#include "base/parallel.h"
#include "math/draw.h"
#include "model/value.h"

#include <math.h>
#include <stdio.h>

enum { CUSTOMERS = 1000000, DAYS = 730 };

struct shop { struct arena *arena; struct history history; struct summary summary; };

/* Customers of a known BG/NBD and Gamma-Gamma shop, who begin evenly over the first year. */
static void make_shop(struct shop *shop)
{
    struct rng rng = rng_new(1);
    size_t room = CUSTOMERS * 12ul, n = 0;
    uint32_t *identity = ARENA_ARRAY(shop->arena, uint32_t, room);
    int32_t *day = ARENA_ARRAY(shop->arena, int32_t, room);
    int64_t *cents = ARENA_ARRAY(shop->arena, int64_t, room);
    for (uint32_t c = 1; c <= CUSTOMERS; c++) {
        double per_day = draw_gamma(&rng, 0.5, 1.0 / 40), leave = draw_beta(&rng, 0.8, 2.5);
        double scale = 1 / draw_gamma(&rng, 4, 1.0 / 20), time = 365 * rng_uniform(&rng);
        do {
            identity[n] = c;
            day[n] = (int32_t)time;
            cents[n++] = llround(100 * draw_gamma(&rng, 6, scale));
            time += draw_exponential(&rng, 1 / per_day);
        } while (time < DAYS && n < room && rng_uniform(&rng) > leave);
    }
    history_build(identity, day, cents, n, shop->arena, &shop->history);
    struct summary_options options = { PERIOD_DAY, 7, DAYS - 1, DAYS - 1 };
    summary_build(&shop->history, &options, shop->arena, &shop->summary);
}

static void fit_orders(void *context)
{
    const struct shop *shop = context;
    const struct summary *s = &shop->summary;
    struct bgnbd_data data = { s->frequency, s->recency, s->age, s->n };
    struct bgnbd_fit fit;
    struct err err;
    bench_need(bgnbd_fit(&data, false, parallel_cores(), &fit, &err), &err);
    fprintf(stderr, "BG/NBD: %zu groups of %zu customers, r %.4f alpha %.4f a %.4f b %.4f\n", fit.n_groups,
            s->n, fit.model.r, fit.model.alpha, fit.model.a, fit.model.b);
}

static void fit_spend(void *context)
{
    const struct shop *shop = context;
    const struct summary *s = &shop->summary;
    struct gamma_gamma_fit fit;
    struct err err;
    bench_need(gamma_gamma_fit(s->frequency, s->monetary, s->n, parallel_cores(), &fit, &err), &err);
    fprintf(stderr, "Gamma-Gamma: %zu customers, p %.4f q %.4f gamma %.4f\n", fit.n_used, fit.model.p,
            fit.model.q, fit.model.gamma);
}

static void fit_all(void *context)
{
    const struct shop *shop = context;
    struct value_options options = { .as_of_day = DAYS - 1, .calibration_end_day = VALUE_CHOOSE_DAY,
                                     .unit = UNIT_WEEK, .horizon_days = 365, .discount_yearly = 0.1,
                                     .n_threads = parallel_cores(), .currency = "" };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct value_model value;
    struct err err;
    bench_need(value_fit(&shop->history, &options, arena, &value, &err), &err);
    fprintf(stderr, "%s\n", value.holdout_note);
    arena_free(arena);
}

int main(void)
{
    struct shop shop = { .arena = arena_new(ARENA_NO_LIMIT) };
    make_shop(&shop);
    bench_record(&(struct bench){ "fit BG/NBD to 1 M customers", "s", bench_median(3, NULL, fit_orders, &shop),
                                  (double)NAN, "none installed", 0, NULL });
    bench_record(&(struct bench){ "fit Gamma-Gamma to 1 M customers", "s",
                                  bench_median(3, NULL, fit_spend, &shop), (double)NAN, "none installed", 0,
                                  NULL });
    bench_record(&(struct bench){ "value of 1 M customers, whole", "s", bench_median(1, NULL, fit_all, &shop),
                                  (double)NAN, "none installed", 0, NULL });
    arena_free(shop.arena);
    return 0;
}
