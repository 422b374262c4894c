/* simulate.c - customers live, order and leave; see simulate.h. */
#include "simulate/simulate.h"

#include "base/memory.h"
#include "base/calendar.h"
#include "base/parallel.h"
#include "simulate/busy_hours.h"
#include "math/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_CUSTOMERS = 256, MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

const struct shop_parameters shop_parameters = {
    .r = 0.9, .alpha_days = 24, .a = 0.8, .b = 3.2, .p = 4, .q = 4, .gamma_cents = 3000
};

static const char *const kind_names[SIMULATED_KINDS] = {
    [SIMULATED_SESSION] = "session",
    [SIMULATED_PAGE_VIEW] = "page_view",
    [SIMULATED_CART] = "cart",
    [SIMULATED_ORDER] = "order",
    [SIMULATED_REFUND] = "refund",
    [SIMULATED_EMAIL_OPEN] = "email_open",
    [SIMULATED_EMAIL_CLICK] = "email_click",
    [SIMULATED_UNSUBSCRIBE] = "unsubscribe",
    [SIMULATED_SUPPORT] = "support",
    [SIMULATED_CAMPAIGN_SENT] = "campaign_sent",
    [SIMULATED_CAMPAIGN_WITHHELD] = "campaign_withheld",
};
const char *simulated_kind_name(enum simulated_kind kind) { return kind_names[kind]; }

/* Of loyal and of fickle customers, the weight with which each channel brought them, and what the
 * campaign does to those it brought.  Channels are drawn given the customer, so that rates and
 * dropouts stay gamma and beta over the whole shop. */
static const struct channel { const char *name; double loyal, fickle, response; } channels[SIMULATED_CHANNELS] = {
    [CHANNEL_SEARCH]    = { "search", 0.30, 0.28, 0.06 },
    [CHANNEL_DIRECT]    = { "direct", 0.28, 0.10, 0.02 },
    [CHANNEL_REFERRAL]  = { "referral", 0.25, 0.07, 0.12 },
    [CHANNEL_SOCIAL]    = { "social", 0.12, 0.30, 0.18 },
    [CHANNEL_AFFILIATE] = { "affiliate", 0.05, 0.25, 0.03 },
};
const char *simulated_channel_name(enum simulated_channel channel) { return channels[channel].name; }

/* What all customers share, and may only read. */
struct shop {
    const struct simulate_options *options;
    struct busy_hours             *hours;
    int64_t                        campaign_ms;
    double                         popularity[SIMULATE_ITEMS];      /* running sums */
    double                         price_cents[SIMULATE_ITEMS];
};

/* Customers that one thread simulates together, and what they did. */
struct block {
    struct simulated_event *events;
    struct simulated_line  *lines;
    size_t                  n_events, room_events, n_lines, room_lines;
};

struct life {       /* one customer while he is being simulated */
    const struct shop         *shop;
    struct block              *block;
    struct simulated_customer *customer;
    struct rng                 rng;
    uint32_t                   index, sequence;
};

static void *grown(void *items, size_t *room, size_t size)
{
    *room = *room ? 2 * *room : 1024;
    void *more = memory_grow(items, *room * size, 1);
    return more;
}

/* Events before the shop opened or after the data end are not seen. */
static struct simulated_event *happens(struct life *life, enum simulated_kind kind, int64_t time_ms)
{
    struct block *block = life->block;
    if (time_ms < busy_hours_begin_ms(life->shop->hours) || time_ms >= busy_hours_end_ms(life->shop->hours))
        return NULL;
    if (block->n_events == block->room_events)
        block->events = grown(block->events, &block->room_events, sizeof *block->events);
    struct simulated_event *event = &block->events[block->n_events++];
    *event = (struct simulated_event){ .time_ms = time_ms - time_ms % 1000, .customer = life->index,
                                       .sequence = life->sequence++, .kind = kind };
    return event;
}

static uint16_t draw_item(struct life *life)
{
    return (uint16_t)(1 + draw_cumulative(&life->rng, life->shop->popularity, SIMULATE_ITEMS));
}

static int64_t after(struct life *life, double mean_ms) { return (int64_t)draw_exponential(&life->rng, mean_ms); }

/* A visit of a few pages that begins at start_ms; returns when it ended. */
static int64_t visit(struct life *life, int64_t start_ms)
{
    int64_t now_ms = start_ms;
    happens(life, SIMULATED_SESSION, now_ms);
    for (uint64_t pages = 1 + draw_poisson(&life->rng, 1.5); pages > 0; pages--) {
        now_ms += 2000 + after(life, MINUTE_MS);
        struct simulated_event *page = happens(life, SIMULATED_PAGE_VIEW, now_ms);
        uint16_t item = draw_item(life);
        if (page) page->item = item;
    }
    if (draw_bernoulli(&life->rng, 0.12)) happens(life, SIMULATED_CART, now_ms + 20000);
    return now_ms;
}

/* One line of an order that should cost about cents: a popular item, as many as that pays for. */
static int64_t add_line(struct life *life, double cents)
{
    struct block *block = life->block;
    uint16_t item = draw_item(life);
    for (int tries = 0; tries < 6 && life->shop->price_cents[item - 1] > 1.3 * cents; tries++)
        item = draw_item(life);
    double quantity = fmin(fmax(1, round(cents / life->shop->price_cents[item - 1])), 1000);
    if (block->n_lines == block->room_lines)
        block->lines = grown(block->lines, &block->room_lines, sizeof *block->lines);
    struct simulated_line *line = &block->lines[block->n_lines++];
    *line = (struct simulated_line){ item, (uint16_t)quantity,
                                     (int32_t)fmin(fmax(1, round(cents / quantity)), 1e9) };
    return (int64_t)line->quantity * line->price_cents;
}

static void fill_order(struct life *life, struct simulated_event *order)
{
    double left_cents = draw_gamma(&life->rng, shop_parameters.p,
                                   life->customer->mean_order_cents / shop_parameters.p);
    unsigned n_lines = 1 + (unsigned)fmin(4, (double)draw_poisson(&life->rng, 0.8));
    order->first_line = (uint32_t)life->block->n_lines;
    order->n_lines = (uint16_t)n_lines;
    for (unsigned i = n_lines; i > 0; i--) {
        double share_cents = i == 1 ? left_cents : left_cents * (0.5 + rng_uniform(&life->rng)) / i;
        int64_t cents = add_line(life, share_cents);
        order->amount_cents += cents;
        left_cents = fmax(1, left_cents - (double)cents);
    }
    order->item = life->block->lines[order->first_line].item;
}

static void buy(struct life *life, int64_t time_ms)
{
    happens(life, SIMULATED_CART, time_ms - MINUTE_MS - after(life, MINUTE_MS));
    visit(life, time_ms - 10 * MINUTE_MS - after(life, 5 * MINUTE_MS));
    struct simulated_event *order = happens(life, SIMULATED_ORDER, time_ms);
    if (!order) return;
    fill_order(life, order);
    life->customer->n_orders++;
    life->customer->spend_cents += order->amount_cents;
    struct simulated_event bought = *order;     /* the next event may move the array */
    if (draw_bernoulli(&life->rng, 0.02 + 0.12 * life->customer->dropout)) {
        struct simulated_event *refund = happens(
            life, SIMULATED_REFUND, time_ms + 2 * MS_PER_DAY + after(life, 6 * (double)MS_PER_DAY));
        if (refund) {
            refund->amount_cents = -bought.amount_cents;
            refund->item = bought.item;
            refund->first_line = bought.first_line;
            refund->n_lines = bought.n_lines;
        }
    }
    if (draw_bernoulli(&life->rng, 0.02))
        happens(life, SIMULATED_SUPPORT, time_ms + after(life, 3 * (double)MS_PER_DAY));
    /* Looking around in the days before: a sign that an order is near. */
    for (uint64_t looks = draw_poisson(&life->rng, 0.8); looks > 0; looks--)
        visit(life, time_ms - HOUR_MS - after(life, 4 * (double)MS_PER_DAY));
}

static void draw_customer(struct life *life)
{
    struct simulated_customer *customer = life->customer;
    struct rng *rng = &life->rng;
    customer->orders_per_day = fmax(draw_gamma(rng, shop_parameters.r, 1 / shop_parameters.alpha_days), 1e-9);
    customer->dropout = draw_beta(rng, shop_parameters.a, shop_parameters.b);
    customer->mean_order_cents = shop_parameters.p /
                                 draw_gamma(rng, shop_parameters.q, 1 / shop_parameters.gamma_cents);
    customer->open_share = draw_beta(rng, 2, 4);
    customer->has_newsletter = draw_bernoulli(rng, 0.8);
    double weights[SIMULATED_CHANNELS];
    for (size_t i = 0; i < SIMULATED_CHANNELS; i++)
        weights[i] = (1 - customer->dropout) * channels[i].loyal + customer->dropout * channels[i].fickle;
    customer->channel = (enum simulated_channel)draw_categorical(rng, weights, SIMULATED_CHANNELS);
    double response = channels[customer->channel].response;
    customer->response = draw_beta(rng, 8 * response, 8 * (1 - response));
    customer->left_ms = INT64_MAX;
    /* New customers come until the last fifth of the time, when the shop is busy. */
    customer->acquired_ms = busy_hours_at(life->shop->hours,
                                          0.8 * (double)life->shop->options->n_days * rng_uniform(rng));
}

/* The first order, then repeat orders until the customer leaves or the data end. */
static void live(struct life *life)
{
    struct simulated_customer *customer = life->customer;
    const struct busy_hours *hours = life->shop->hours;
    int64_t now_ms = customer->acquired_ms;
    buy(life, now_ms);
    for (double effort = busy_hours_until(hours, now_ms);;) {
        effort += draw_exponential(&life->rng, 1 / customer->orders_per_day);
        if (effort >= (double)life->shop->options->n_days) return;
        now_ms = busy_hours_at(hours, effort);
        buy(life, now_ms);
        if (draw_bernoulli(&life->rng, customer->dropout)) break;
    }
    customer->left_ms = now_ms;
    if (draw_bernoulli(&life->rng, 0.25))
        happens(life, SIMULATED_SUPPORT, now_ms + after(life, 4 * (double)MS_PER_DAY));
}

/* How much of his interest a customer still has: 1 while alive, then half of it every 12 days. */
static double interest(const struct simulated_customer *customer, int64_t now_ms)
{
    if (now_ms <= customer->left_ms) return 1;
    return exp2(-(double)(now_ms - customer->left_ms) / (12 * (double)MS_PER_DAY));
}

/* Visits that lead to nothing. */
static void wander(struct life *life)
{
    struct simulated_customer *customer = life->customer;
    double visits_per_day = 0.01 + 0.8 * customer->orders_per_day;
    double effort = busy_hours_until(life->shop->hours, customer->acquired_ms);
    for (;;) {
        effort += draw_exponential(&life->rng, 1 / visits_per_day);
        if (effort >= (double)life->shop->options->n_days) return;
        int64_t now_ms = busy_hours_at(life->shop->hours, effort);
        if (draw_bernoulli(&life->rng, interest(customer, now_ms))) visit(life, now_ms);
    }
}

/* A newsletter every Thursday at nine; those who have left open fewer, and some unsubscribe. */
static void read_newsletters(struct life *life)
{
    struct simulated_customer *customer = life->customer;
    if (!customer->has_newsletter) return;
    int64_t until_ms = busy_hours_end_ms(life->shop->hours);
    if (customer->left_ms != INT64_MAX && draw_bernoulli(&life->rng, 0.3)) {
        until_ms = customer->left_ms + after(life, 20 * (double)MS_PER_DAY);
        happens(life, SIMULATED_UNSUBSCRIBE, until_ms);
    }
    int64_t day = calendar_day_of_ms(customer->acquired_ms) + 1;
    while (calendar_weekday(day) != 3) day++;
    for (; day * MS_PER_DAY + 9 * HOUR_MS < until_ms; day += 7) {
        int64_t sent_ms = day * MS_PER_DAY + 9 * HOUR_MS;
        if (!draw_bernoulli(&life->rng, customer->open_share * (0.1 + 0.9 * interest(customer, sent_ms))))
            continue;
        int64_t opened_ms = sent_ms + after(life, 5 * (double)HOUR_MS);
        happens(life, SIMULATED_EMAIL_OPEN, opened_ms);
        if (draw_bernoulli(&life->rng, 0.15))
            happens(life, SIMULATED_EMAIL_CLICK, opened_ms + 5000 + after(life, MINUTE_MS));
    }
}

/* The coin decides who gets the campaign; those alive whom it moves order once more. */
static void meet_campaign(struct life *life)
{
    struct simulated_customer *customer = life->customer;
    int64_t campaign_ms = life->shop->campaign_ms;
    bool is_treated = draw_bernoulli(&life->rng, 0.5), would_move = draw_bernoulli(&life->rng, customer->response);
    if (campaign_ms == 0 || customer->acquired_ms >= campaign_ms) return;
    customer->group = is_treated ? GROUP_TREATMENT : GROUP_CONTROL;
    happens(life, is_treated ? SIMULATED_CAMPAIGN_SENT : SIMULATED_CAMPAIGN_WITHHELD, campaign_ms);
    if (!is_treated || !would_move || customer->left_ms <= campaign_ms) return;
    double wait_days = fmin(draw_exponential(&life->rng, 3), SIMULATE_CAMPAIGN_DAYS - 1);
    customer->was_moved = true;
    happens(life, SIMULATED_EMAIL_OPEN, campaign_ms + HOUR_MS / 2);
    buy(life, campaign_ms + HOUR_MS + (int64_t)(wait_days * (double)MS_PER_DAY));
}

struct job { struct shop *shop; struct simulation *simulation; struct block *blocks; struct progress *progress; };

static void simulate_block(void *context, size_t index, unsigned thread)
{
    struct job *job = context;
    size_t first = index * BLOCK_CUSTOMERS, n = job->simulation->options.n_customers;
    for (size_t i = first; i < first + BLOCK_CUSTOMERS && i < n; i++) {
        struct life life = { .shop = job->shop,
                             .block = &job->blocks[index],
                             .customer = &job->simulation->customers[i],
                             .rng = rng_stream(job->simulation->options.seed, i + 1),
                             .index = (uint32_t)i };
        draw_customer(&life);
        live(&life);
        wander(&life);
        read_newsletters(&life);
        meet_campaign(&life);
    }
    if (thread == 0) progress_report(job->progress, "simulating", first, n, "customers");
}

static int by_time(const void *left, const void *right)
{
    const struct simulated_event *a = left, *b = right;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

/* Puts the blocks' events and lines one after the other and sorts the events; frees the blocks. */
static void join(struct simulation *simulation, struct block *blocks, size_t n_blocks)
{
    for (size_t i = 0; i < n_blocks; i++) {
        simulation->n_events += blocks[i].n_events;
        simulation->n_lines += blocks[i].n_lines;
    }
    simulation->events = memory_new(simulation->n_events, sizeof *simulation->events);
    simulation->lines = memory_new(simulation->n_lines, sizeof *simulation->lines);
    size_t event = 0, line = 0;
    for (size_t i = 0; i < n_blocks; i++) {
        for (size_t k = 0; k < blocks[i].n_events; k++, event++) {
            simulation->events[event] = blocks[i].events[k];
            simulation->events[event].first_line += (uint32_t)line;
        }
        memcpy(simulation->lines + line, blocks[i].lines, blocks[i].n_lines * sizeof *blocks[i].lines);
        line += blocks[i].n_lines;
        free(blocks[i].events);
        free(blocks[i].lines);
    }
    qsort(simulation->events, simulation->n_events, sizeof *simulation->events, by_time);
}

/* Popularity falls with rank (Zipf's law, exponent 0.9); prices are lognormal around 14. */
static void stock(struct shop *shop)
{
    struct rng rng = rng_stream(shop->options->seed, 0);
    double sum = 0;
    for (size_t i = 0; i < SIMULATE_ITEMS; i++) {
        shop->popularity[i] = sum += pow((double)i + 1, -0.9);
        shop->price_cents[i] = 5 * round(draw_lognormal(&rng, log(1400), 0.7) / 5) + 5;
    }
}

bool simulate(const struct simulate_options *options, struct progress *progress,
              struct simulation **ret_simulation, struct err *err)
{
    if (options->n_customers < 1 || options->n_customers > SIMULATE_CUSTOMERS_MAX)
        return err_set(err, ERR_INVALID, "a shop of %zu customers: from 1 to %d", options->n_customers,
                       SIMULATE_CUSTOMERS_MAX);
    if (options->n_days < 60 || options->n_days > SIMULATE_DAYS_MAX)
        return err_set(err, ERR_INVALID, "%lld days: from 60 to %d", (long long)options->n_days,
                       SIMULATE_DAYS_MAX);

    struct simulation *simulation = calloc(1, sizeof *simulation);
    size_t n_blocks = (options->n_customers + BLOCK_CUSTOMERS - 1) / BLOCK_CUSTOMERS;
    struct block *blocks = calloc(n_blocks, sizeof *blocks);
    if (!simulation || !blocks ||
        !(simulation->customers = calloc(options->n_customers, sizeof *simulation->customers)))
        abort();
    simulation->options = *options;
    struct shop shop = { .options = options,
                         .hours = busy_hours_new(options->first_day, options->n_days, options->has_seasons) };
    simulation->first_ms = busy_hours_begin_ms(shop.hours);
    simulation->end_ms = busy_hours_end_ms(shop.hours);
    if (options->has_campaign)
        simulation->campaign_ms = shop.campaign_ms = (options->first_day + options->n_days * 3 / 4) *
                                                         MS_PER_DAY +
                                                     10 * HOUR_MS;
    stock(&shop);
    struct job job = { &shop, simulation, blocks, progress };
    parallel_for(options->n_threads ? options->n_threads : 1, n_blocks, simulate_block, &job);
    join(simulation, blocks, n_blocks);
    free(blocks);
    busy_hours_free(shop.hours);
    *ret_simulation = simulation;
    return true;
}

void simulation_free(struct simulation *simulation)
{
    if (!simulation) return;
    free(simulation->customers);
    free(simulation->events);
    free(simulation->lines);
    free(simulation);
}

struct campaign_effect simulation_effect(const struct simulation *simulation)
{
    struct campaign_effect effect = { 0 };
    size_t n = simulation->options.n_customers;
    uint32_t *orders = memory_new(n, sizeof *orders);
    int64_t until_ms = simulation->campaign_ms + SIMULATE_CAMPAIGN_DAYS * MS_PER_DAY;
    for (size_t i = 0; i < simulation->n_events; i++) {
        const struct simulated_event *event = &simulation->events[i];
        if (event->kind == SIMULATED_ORDER && event->time_ms >= simulation->campaign_ms &&
            event->time_ms < until_ms)
            orders[event->customer]++;
    }
    double sum[2] = { 0 }, squares[2] = { 0 }, count[2] = { 0 }, moved = 0;
    for (size_t i = 0; i < n; i++) {
        const struct simulated_customer *customer = &simulation->customers[i];
        if (customer->group == GROUP_NONE) continue;
        bool is_treated = customer->group == GROUP_TREATMENT;
        count[is_treated]++;
        sum[is_treated] += orders[i];
        squares[is_treated] += (double)orders[i] * orders[i];
        if (is_treated && customer->left_ms > simulation->campaign_ms) moved += customer->response;
    }
    free(orders);
    effect.n_control = (size_t)count[0];
    effect.n_treatment = (size_t)count[1];
    effect.true_effect = moved / count[1];
    double mean[2], variance[2];
    for (int i = 0; i < 2; i++) {
        mean[i] = sum[i] / count[i];
        variance[i] = (squares[i] - count[i] * mean[i] * mean[i]) / (count[i] - 1);
    }
    effect.estimate = mean[1] - mean[0];
    effect.se = sqrt(variance[0] / count[0] + variance[1] / count[1]);
    return effect;
}
