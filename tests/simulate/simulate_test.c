/* simulate_test.c - the made-up shop keeps its own rules, and estimates recover its truth. */
#include "support.h"

#include "base/calendar.h"
#include "simulate/busy_hours.h"
#include "simulate/simulate.h"
#include "model/bgnbd.h"
#include "model/gamma_gamma.h"

#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct simulation *made(struct simulate_options options)
{
    struct simulation *simulation;
    struct err err;
    if (options.first_day == 0) options.first_day = calendar_day((struct civil){ 2023, 1, 1 });
    ASSERT_OK(simulate(&options, NULL, &simulation, &err), &err);
    return simulation;
}

/* Every customer's orders in days of real time, in order: first, last, how many, what they cost. */
struct past { double first, last, spend; size_t n; };

static struct past *pasts(const struct simulation *simulation)
{
    struct past *past = calloc(simulation->options.n_customers, sizeof *past);
    for (size_t i = 0; i < simulation->n_events; i++) {
        const struct simulated_event *event = &simulation->events[i];
        if (event->kind != SIMULATED_ORDER) continue;
        struct past *mine = &past[event->customer];
        double day = (double)(event->time_ms - simulation->first_ms) / (double)MS_PER_DAY;
        if (mine->n++ == 0) mine->first = day;
        else mine->spend += (double)event->amount_cents;
        mine->last = day;
    }
    return past;
}

Test(simulate, bgnbd_parameters_are_recovered)
{
    struct simulation *simulation = made(
        (struct simulate_options){ .seed = 3, .n_customers = 5000, .n_days = 500 });
    struct past *past = pasts(simulation);
    size_t n = simulation->options.n_customers;
    double *columns = calloc(3 * n, sizeof *columns), *frequency = columns, *recency = columns + n,
           *age = columns + 2 * n;
    for (size_t i = 0; i < n; i++) {
        frequency[i] = (double)past[i].n - 1;
        recency[i] = past[i].last - past[i].first;
        age[i] = 500 - past[i].first;
    }
    struct bgnbd_fit fit;
    struct err err;
    ASSERT_OK(bgnbd_fit(&(struct bgnbd_data){ frequency, recency, age, n }, false, 1, &fit, &err), &err);
    cr_assert_null(fit.se_missing);
    ASSERT_NEAR(fit.model.r, shop_parameters.r, 2.6 * fit.se.r);
    ASSERT_NEAR(fit.model.alpha, shop_parameters.alpha_days, 2.6 * fit.se.alpha);
    ASSERT_NEAR(fit.model.a, shop_parameters.a, 2.6 * fit.se.a);
    ASSERT_NEAR(fit.model.b, shop_parameters.b, 2.6 * fit.se.b);
    cr_assert_lt(fit.se.r, 0.1);

    /* Those said to be alive are alive as often as said. */
    double said = 0, alive = 0, spread = 0;
    for (size_t i = 0; i < n; i++) {
        double p = bgnbd_alive(&fit.model, frequency[i], recency[i], age[i]);
        said += p;
        spread += p * (1 - p);
        alive += simulation->customers[i].left_ms == INT64_MAX;
    }
    ASSERT_NEAR(said, alive, 4 * sqrt(spread));
    free(columns);
    free(past);
    simulation_free(simulation);
}

Test(simulate, gamma_gamma_parameters_are_recovered)
{
    struct simulation *simulation = made(
        (struct simulate_options){ .seed = 3, .n_customers = 3000, .n_days = 400 });
    struct past *past = pasts(simulation);
    size_t n = simulation->options.n_customers;
    double *columns = calloc(2 * n, sizeof *columns), *frequency = columns, *mean = columns + n;
    for (size_t i = 0; i < n; i++) {
        frequency[i] = (double)past[i].n - 1;
        if (past[i].n > 1) mean[i] = past[i].spend / 100 / frequency[i];
    }
    struct gamma_gamma_fit fit;
    struct err err;
    ASSERT_OK(gamma_gamma_fit(frequency, mean, n, 1, &fit, &err), &err);
    ASSERT_NEAR(fit.model.p, shop_parameters.p, 2.6 * fit.se.p);
    ASSERT_NEAR(fit.model.q, shop_parameters.q, 2.6 * fit.se.q);
    ASSERT_NEAR(fit.model.gamma, shop_parameters.gamma_cents / 100, 2.6 * fit.se.gamma);
    free(columns);
    free(past);
    simulation_free(simulation);
}

Test(simulate, the_difference_in_means_recovers_what_the_campaign_did)
{
    struct simulation *simulation = made((struct simulate_options){ .seed = 5, .n_customers = 12000, .n_days = 150,
                                                                    .has_seasons = true, .has_campaign = true });
    struct campaign_effect effect = simulation_effect(simulation);
    cr_assert(effect.n_treatment > 4000 && effect.n_control > 4000);
    ASSERT_NEAR(effect.estimate, effect.true_effect, 2.6 * effect.se);
    cr_assert_gt(effect.estimate, 3 * effect.se, "the effect %g is lost in its error %g", effect.estimate,
                 effect.se);
    simulation_free(simulation);
}

Test(simulate, social_customers_respond_more_than_direct_ones)
{
    struct simulation *simulation = made(
        (struct simulate_options){ .seed = 6, .n_customers = 3000, .n_days = 60 });
    double response[SIMULATED_CHANNELS] = { 0 }, n[SIMULATED_CHANNELS] = { 0 };
    for (size_t i = 0; i < 3000; i++) {
        const struct simulated_customer *customer = &simulation->customers[i];
        response[customer->channel] += customer->response;
        n[customer->channel]++;
        cr_assert(customer->response >= 0 && customer->response <= 1);
    }
    cr_assert_gt(response[CHANNEL_SOCIAL] / n[CHANNEL_SOCIAL], 4 * response[CHANNEL_DIRECT] / n[CHANNEL_DIRECT]);
    simulation_free(simulation);
}

/* One customer's life against the rules of the model. */
static void check_event(const struct simulation *simulation, const struct simulated_event *event)
{
    const struct simulated_customer *customer = &simulation->customers[event->customer];
    cr_assert(event->time_ms >= simulation->first_ms && event->time_ms < simulation->end_ms);
    int64_t cents = 0;
    for (size_t i = 0; i < event->n_lines; i++) {
        const struct simulated_line *line = &simulation->lines[event->first_line + i];
        cr_assert(line->item >= 1 && line->item <= SIMULATE_ITEMS && line->quantity >= 1 &&
                  line->price_cents >= 1);
        cents += (int64_t)line->quantity * line->price_cents;
    }
    if (event->kind == SIMULATED_ORDER) {
        cr_assert(event->n_lines >= 1 && event->amount_cents == cents);
        cr_assert(event->time_ms <= customer->left_ms || customer->was_moved, "an order of one who had left");
    } else if (event->kind == SIMULATED_REFUND) {
        cr_assert_eq(event->amount_cents, -cents);
    } else {
        cr_assert_eq(event->amount_cents, 0);
    }
    if (event->kind == SIMULATED_CAMPAIGN_SENT) cr_assert_eq(customer->group, GROUP_TREATMENT);
}

Test(simulate, nobody_orders_after_leaving_and_every_amount_is_the_sum_of_its_lines)
{
    EACH_CASE(c, 5) {
        struct simulation *simulation = made(
            (struct simulate_options){ .seed = rng_uint64(&c.rng),
                                       .n_customers = (size_t)support_between(&c.rng, 1, 600),
                                       .n_days = support_between(&c.rng, 60, 300),
                                       .has_seasons = rng_below(&c.rng, 2) == 1,
                                       .has_campaign = true });
        uint32_t *orders = calloc(simulation->options.n_customers, sizeof *orders);
        for (size_t i = 0; i < simulation->n_events; i++) {
            check_event(simulation, &simulation->events[i]);
            if (i > 0) cr_assert(simulation->events[i - 1].time_ms <= simulation->events[i].time_ms);
            orders[simulation->events[i].customer] += simulation->events[i].kind == SIMULATED_ORDER;
        }
        for (size_t i = 0; i < simulation->options.n_customers; i++)
            cr_assert_eq(orders[i], simulation->customers[i].n_orders, "customer %zu (seed %llu)", i,
                         (unsigned long long)support_seed());
        free(orders);
        simulation_free(simulation);
    }
}

static bool same_bytes(struct arena *arena, const char *folder_a, const char *folder_b, const char *file)
{
    size_t length_a, length_b;
    char *a = support_read(arena, arena_format(arena, "%s/%s", folder_a, file), &length_a);
    char *b = support_read(arena, arena_format(arena, "%s/%s", folder_b, file), &length_b);
    cr_assert(a && b, "%s is missing", file);
    return length_a == length_b && memcmp(a, b, length_a) == 0;
}

Test(simulate, the_same_seed_gives_the_same_bytes_on_any_number_of_threads)
{
    struct arena *arena = arena_new(1 << 28);
    const struct {
        const char *folder;
        uint64_t seed;
        unsigned n_threads;
    } runs[] = { { "one", 7, 1 }, { "three", 7, 3 }, { "other", 8, 1 } };
    char folders[3][256];
    for (size_t i = 0; i < 3; i++) {
        struct simulation *simulation = made((struct simulate_options){ .seed = runs[i].seed,
                                                                        .n_customers = 700,
                                                                        .n_days = 120,
                                                                        .n_threads = runs[i].n_threads,
                                                                        .has_campaign = true,
                                                                        .has_seasons = true });
        struct err err;
        snprintf(folders[i], sizeof folders[i], "%s", support_path(runs[i].folder));
        ASSERT_OK(simulation_write(simulation, folders[i], 0.05, &err), &err);
        simulation_free(simulation);
    }
    const char *const files[] = { "events.csv", "orders.csv", "truth.csv", "truth.json" };
    for (size_t i = 0; i < 4; i++) {
        cr_assert(same_bytes(arena, folders[0], folders[1], files[i]), "%s depends on the threads", files[i]);
        cr_assert(!same_bytes(arena, folders[0], folders[2], files[i]), "%s does not depend on the seed",
                  files[i]);
    }
    arena_free(arena);
}

static size_t count_lines(struct arena *arena, const char *path)
{
    size_t length, n = 0;
    char *text = support_read(arena, path, &length);
    cr_assert(text);
    for (size_t i = 0; i < length; i++) n += text[i] == '\n';
    return n;
}

Test(simulate, dirt_is_counted_in_the_truth)
{
    struct arena *arena = arena_new(1 << 28);
    struct simulation *simulation = made(
        (struct simulate_options){ .seed = 9, .n_customers = 400, .n_days = 100 });
    const double shares[] = { 0, 0.1 };
    for (size_t i = 0; i < 2; i++) {
        struct err err;
        ASSERT_OK(simulation_write(simulation, support_path("dirty"), shares[i], &err), &err);
        json_t *truth = json_load_file(support_path("dirty/truth.json"), 0, NULL);
        const json_t *dirt = json_object_get(json_object_get(truth, "dirt"), "events.csv");
        size_t repeated = (size_t)json_integer_value(json_object_get(dirt, "repeated"));
        size_t spoilt = repeated + (size_t)json_integer_value(json_object_get(dirt, "without_customer")) +
                        (size_t)json_integer_value(json_object_get(dirt, "impossible_time")) +
                        (size_t)json_integer_value(json_object_get(dirt, "impossible_amount"));
        cr_assert_eq(count_lines(arena, support_path("dirty/events.csv")), 1 + simulation->n_events + repeated);
        ASSERT_NEAR(spoilt, shares[i] * (double)simulation->n_events,
                    4 * sqrt(shares[i] * (double)simulation->n_events));
        json_decref(truth);
    }
    simulation_free(simulation);
    arena_free(arena);
}

Test(simulate, options_out_of_range_are_refused)
{
    struct simulation *simulation = NULL;
    struct err err;
    ASSERT_FAILS(simulate(&(struct simulate_options){ .n_days = 100 }, NULL, &simulation, &err), &err,
                 ERR_INVALID, "0 customers");
    ASSERT_FAILS(
        simulate(&(struct simulate_options){ .n_customers = 10, .n_days = 59 }, NULL, &simulation, &err), &err,
        ERR_INVALID, "59 days");
    cr_assert_null(simulation);
}

Test(simulate, a_folder_that_cannot_be_is_an_error_and_leaves_nothing)
{
    struct simulation *simulation = made((struct simulate_options){ .n_customers = 2, .n_days = 60 });
    struct err err;
    support_write(support_path("file"), "x", 1);
    ASSERT_FAILS(simulation_write(simulation, support_path("file"), 0, &err), &err, ERR_INVALID, "is a file");
    ASSERT_FAILS(simulation_write(simulation, support_path("no/such/folder"), 0, &err), &err, ERR_IO,
                 "cannot be made");
    ASSERT_FAILS(simulation_write(simulation, support_path("x"), 0.6, &err), &err, ERR_INVALID, "dirt");
    mkdir(support_path("half"), 0777), mkdir(support_path("half/truth.csv"), 0777);
    ASSERT_FAILS(simulation_write(simulation, support_path("half"), 0, &err), &err, ERR_INVALID, "truth.csv");
    cr_assert_null(support_read(NULL, support_path("half/events.csv"), NULL), "half of the files were written");
    simulation_free(simulation);
}
