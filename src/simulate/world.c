/* world.c - see world.h. */
#include "simulate/world.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "math/draw.h"

#include <math.h>
#include <stdlib.h>

enum { NEWSLETTERS = 26, NEWSLETTERS_A_PERIOD = 4, GROWN_PERIOD = 9 };

static const double DISCOUNT = .1, REDEEMED = .7, LEAVES = .02, CHANCE_MOST = .95, USUAL_ORDER_CENTS = 4000,
                    PRIOR = .75;

const char *const world_action_name[WORLD_ACTIONS] = { "nothing", "email", "coupon", "call" };
static const double world_contact_cents[WORLD_ACTIONS] = { 0, 2, 2, 250 };
const char *const world_seen_name[WORLD_SEEN] = { "orders",     "recency_days", "tenure_days", "orders_28d",
                                                  "orders_56d", "orders_84d",   "open_share",  "coupon_share",
                                                  "direct",     "referral",     "social",      "spent_cents" };

static struct rng luck_of(const struct world *w, size_t person, int period)
{
    return rng_stream(w->seed ^ UINT64_C(0x776f726c64), (uint64_t)person * 1000 + (uint64_t)period);
}

/* ---- the beginning ---- */

static void look_back(struct world *w, const struct simulated_event *event)
{
    struct world_person *p = &w->people[event->customer];
    int64_t ago = (w->begin_ms - 1 - event->time_ms) / (WORLD_PERIOD_DAYS * MS_PER_DAY);
    if (event->kind != SIMULATED_ORDER) return;
    if (p->n_orders++ == 0) p->first_ms = event->time_ms;
    p->last_ms = event->time_ms, p->spent_cents += event->amount_cents;
    if (ago < 3) p->n_recent[ago]++;
}

static uint32_t binomial(struct rng *rng, unsigned n, double p)
{
    uint32_t yes = 0;
    for (unsigned i = 0; i < n; i++) yes += draw_bernoulli(rng, p);
    return yes;
}

bool world_new(uint64_t seed, size_t n_customers, double scale, unsigned n_threads, struct world **ret_world,
               struct err *err)
{
    const struct simulate_options options = { .seed = seed,
                                              .n_customers = n_customers,
                                              .n_days = WORLD_HISTORY_DAYS,
                                              .first_day = calendar_day((struct civil){ 2023, 1, 1 }),
                                              .n_threads = n_threads };
    struct simulation *history;
    if (!simulate(&options, NULL, &history, err)) return false;
    struct world *w = memory_new(1, sizeof *w);
    *w = (struct world){ memory_new(n_customers, sizeof *w->people), n_customers, scale, seed,
                         (options.first_day + WORLD_HISTORY_DAYS) * MS_PER_DAY, history };
    for (size_t i = 0; i < n_customers; i++) {
        const struct simulated_customer *c = &history->customers[i];
        struct world_person *p = &w->people[i];
        struct rng rng = luck_of(w, i, 0);
        bool is_alive = c->left_ms >= w->begin_ms;
        *p = (struct world_person){ .orders_a_period = c->orders_per_day * WORLD_PERIOD_DAYS,
                                    .dropout = c->dropout,
                                    .order_cents = c->mean_order_cents,
                                    .open_share = c->open_share,
                                    .channel = c->channel,
                                    .is_alive = is_alive,
                                    .never_is_alive = is_alive };
        p->coupon_share = draw_beta(&rng, 1.2, 1.8);
        p->n_letters = NEWSLETTERS, p->n_opens = binomial(&rng, NEWSLETTERS, p->open_share);
    }
    for (size_t e = 0; e < history->n_events; e++) look_back(w, &history->events[e]);
    for (size_t i = 0; i < n_customers; i++) {
        struct rng rng = luck_of(w, i, 999);
        w->people[i].n_coupons = binomial(&rng, w->people[i].n_orders, w->people[i].coupon_share);
    }
    *ret_world = w;
    return true;
}

void world_free(struct world *w)
{
    if (!w) return;
    simulation_free(w->history);
    free(w->people);
    free(w);
}

/* ---- what is told ---- */

static void tell(const struct world *w, FILE *out, size_t person, int64_t time_ms, const char *event, double cents)
{
    char when[21];
    if (!out) return;
    calendar_format_ms(time_ms, when);
    when[10] = ' ', when[19] = 0;
    fprintf(out, "C%06zu,%s,%s,%.2f,%s\n", person, when, event, cents / 100,
            simulated_channel_name(w->people[person].channel));
}

void world_write_history(const struct world *w, FILE *out)
{
    uint32_t *left = memory_new(w->n, sizeof *left), *coupons = memory_new(w->n, sizeof *coupons);
    fputs("customer,time,event,amount,channel\n", out);
    for (size_t i = 0; i < w->n; i++) left[i] = w->people[i].n_orders, coupons[i] = w->people[i].n_coupons;
    for (size_t e = 0; e < w->history->n_events; e++) {
        const struct simulated_event *event = &w->history->events[e];
        size_t i = event->customer;
        if (event->kind != SIMULATED_ORDER) continue;
        tell(w, out, i, event->time_ms, "order", (double)event->amount_cents);
        if (coupons[i] >= left[i])
            tell(w, out, i, event->time_ms, "coupon_used", 0), coupons[i]--; /* the last ones */
        left[i]--;
    }
    for (size_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < w->people[i].n_opens; k++)
            tell(w, out, i, w->begin_ms - (7 * (int64_t)(k % NEWSLETTERS) + 1) * MS_PER_DAY, "newsletter_open", 0);
    free(left), free(coupons);
}

/* ---- what an action does ---- */

static double fading(const struct world_person *p) { return exp(-.25 * p->fatigue); }

static double grown(enum world_action action, int period)
{
    return action == WORLD_COUPON && period >= GROWN_PERIOD ? 1.5 : 1;
}

/* The chance to add an order, negative to cancel one. */
static double chance_of(const struct world *w, const struct world_person *p, enum world_action action, int period)
{
    bool is_direct = p->channel == CHANNEL_DIRECT,
         is_met = p->channel == CHANNEL_REFERRAL || p->channel == CHANNEL_SOCIAL;
    double r = 0;
    if (action == WORLD_EMAIL) r = fading(p) * (is_met ? .9 * p->open_share : 0) - (is_direct ? .12 : 0);
    if (action == WORLD_COUPON) r = fading(p) * p->coupon_share * p->coupon_share * grown(action, period);
    if (action == WORLD_CALL) r = fading(p) * (is_direct ? .7 : .24);
    return fmin(r * w->scale, CHANCE_MOST);
}

static double effect_of(const struct world *w, const struct world_person *p, enum world_action action, int period)
{
    double r = chance_of(w, p, action, period);
    return r >= 0 ? r : r * (1 - exp(-p->orders_a_period));
}

double world_cost_cents(const struct world *w, size_t person, enum world_action action, int period)
{
    const struct world_person *p = &w->people[person];
    double cost = world_contact_cents[action];
    if (action == WORLD_COUPON && p->is_alive)
        cost += DISCOUNT * p->order_cents * (REDEEMED * p->orders_a_period + effect_of(w, p, action, period));
    return cost;
}

double world_tau_cents(const struct world *w, size_t person, enum world_action action, int period)
{
    const struct world_person *p = &w->people[person];
    double gain = p->is_alive ? WORLD_MARGIN * p->order_cents * effect_of(w, p, action, period) : 0;
    return action == WORLD_NOTHING ? 0 : gain - world_cost_cents(w, person, action, period);
}

/* ---- a period ---- */

static void order(struct world *w, struct world_person *p, size_t person, int64_t at_ms, double cents,
                  bool has_coupon, FILE *out)
{
    p->n_orders++, p->n_recent[0]++, p->n_coupons += has_coupon;
    p->spent_cents += (int64_t)round(cents);
    if (at_ms > p->last_ms) p->last_ms = at_ms;
    tell(w, out, person, at_ms, "order", round(cents));
    if (has_coupon) tell(w, out, person, at_ms, "coupon_used", 0);
}

static void live_one(struct world *w, size_t person, int period, enum world_action action, FILE *out,
                     struct world_outcome *ret)
{
    struct world_person *p = &w->people[person];
    struct rng rng = luck_of(w, person, period);
    const int64_t begin_ms = w->begin_ms + (period - 1) * WORLD_PERIOD_DAYS * MS_PER_DAY;
    uint64_t n = draw_poisson(&rng, p->orders_a_period);
    double r = chance_of(w, p, action, period), luck = rng_uniform(&rng), leaves = rng_uniform(&rng),
           tires = rng_uniform(&rng), shape = shop_parameters.p,
           extra = draw_gamma(&rng, shape, p->order_cents / shape);
    int64_t extra_ms = begin_ms + MS_PER_DAY / 2 + (int64_t)(rng_uniform(&rng) * 10 * MS_PER_DAY);
    *ret = (struct world_outcome){ -world_contact_cents[action], 0, 0 };
    p->n_recent[2] = p->n_recent[1], p->n_recent[1] = p->n_recent[0], p->n_recent[0] = 0;
    if (action != WORLD_NOTHING) tell(w, out, person, begin_ms, "contact", 0);
    for (uint64_t k = 0; k < n; k++) {
        double cents = draw_gamma(&rng, shape, p->order_cents / shape), redeems = rng_uniform(&rng),
               uses = rng_uniform(&rng);
        int64_t at_ms =
            begin_ms + MS_PER_DAY / 2 + (int64_t)(rng_uniform(&rng) * (WORLD_PERIOD_DAYS - 1) * MS_PER_DAY);
        bool is_cancelled = k == 0 && r < 0 && luck < -r;
        double off = action == WORLD_COUPON && redeems < REDEEMED ? DISCOUNT * cents : 0;
        if (p->never_is_alive) ret->never_cents += WORLD_MARGIN * cents;
        if (!p->is_alive) continue;
        ret->nothing_cents += WORLD_MARGIN * cents;
        if (is_cancelled) continue;
        ret->profit_cents += WORLD_MARGIN * cents - off;
        order(w, p, person, at_ms, cents - off, off > 0 || uses < p->coupon_share, out);
    }
    if (p->is_alive && r > 0 && luck < r) {
        double off = action == WORLD_COUPON ? DISCOUNT * extra : 0;
        ret->profit_cents += WORLD_MARGIN * extra - off;
        order(w, p, person, extra_ms, extra - off, off > 0, out);
    }
    for (int k = 0; k < NEWSLETTERS_A_PERIOD; k++) {
        p->n_letters++;
        if (!draw_bernoulli(&rng, p->is_alive ? p->open_share : .1 * p->open_share)) continue;
        p->n_opens++;
        tell(w, out, person, begin_ms + (7 * k + 3) * MS_PER_DAY, "newsletter_open", 0);
    }
    bool goes = leaves < 1 - pow(1 - p->dropout, (double)n);
    bool is_tired = w->scale > 0 && action != WORLD_NOTHING && p->channel == CHANNEL_DIRECT && tires < LEAVES;
    p->is_alive &= !goes && !is_tired, p->never_is_alive &= !goes;
    p->fatigue = .6 * p->fatigue + (action != WORLD_NOTHING);
}

void world_live(struct world *w, int period, const uint8_t *actions, FILE *out, struct world_outcome *ret)
{
    if (out) fputs("customer,time,event,amount,channel\n", out);
    for (size_t i = 0; i < w->n; i++) live_one(w, i, period, actions[i], out, &ret[i]);
}

/* ---- what somebody would reckon who sees no more ---- */

void world_seen(const struct world *w, size_t person, int period, float *ret)
{
    const struct world_person *p = &w->people[person];
    int64_t now_ms = w->begin_ms + (period - 1) * WORLD_PERIOD_DAYS * MS_PER_DAY;
    double orders = p->n_orders;
    const double seen[WORLD_SEEN] = { orders,
                                      (double)(now_ms - p->last_ms) / MS_PER_DAY,
                                      (double)(now_ms - p->first_ms) / MS_PER_DAY,
                                      p->n_recent[0],
                                      p->n_recent[0] + p->n_recent[1],
                                      p->n_recent[0] + p->n_recent[1] + p->n_recent[2],
                                      p->n_opens / (double)p->n_letters,
                                      (p->n_coupons + .8) / (orders + 2),
                                      p->channel == CHANNEL_DIRECT,
                                      p->channel == CHANNEL_REFERRAL,
                                      p->channel == CHANNEL_SOCIAL,
                                      (double)p->spent_cents };
    for (size_t c = 0; c < WORLD_SEEN; c++) ret[c] = (float)seen[c];
}

void world_parts(const struct world *w, size_t person, double *ret)
{
    const struct world_person *p = &w->people[person];
    double lives = p->is_alive, scale = w->scale;
    bool is_direct = p->channel == CHANNEL_DIRECT,
         is_met = p->channel == CHANNEL_REFERRAL || p->channel == CHANNEL_SOCIAL;
    ret[PART_ORDERS] = lives * p->orders_a_period;
    ret[PART_EMAIL_ADDS] = lives * scale * (is_met ? .9 * p->open_share : 0);
    ret[PART_EMAIL_CANCELS] = lives * scale * (is_direct ? .12 * (1 - exp(-p->orders_a_period)) : 0);
    ret[PART_COUPON] = lives * scale * p->coupon_share * p->coupon_share;
    ret[PART_CALL] = lives * scale * (is_direct ? .7 : .24);
}

double world_seen_order_cents(const struct world *w, size_t person)
{
    const struct world_person *p = &w->people[person];
    return ((double)p->spent_cents + PRIOR * USUAL_ORDER_CENTS) / (p->n_orders + PRIOR);
}

double world_reckon(const struct world *w, size_t person, enum world_action action, int period,
                    const double *parts, double order_cents, double *ret_cost_cents)
{
    double f = fading(&w->people[person]), effect = 0;
    if (action == WORLD_EMAIL) effect = f * parts[PART_EMAIL_ADDS] - parts[PART_EMAIL_CANCELS];
    if (action == WORLD_COUPON) effect = f * parts[PART_COUPON] * grown(action, period);
    if (action == WORLD_CALL) effect = f * parts[PART_CALL];
    *ret_cost_cents = world_contact_cents[action];
    if (action == WORLD_COUPON)
        *ret_cost_cents += DISCOUNT * order_cents * (REDEEMED * fmax(parts[PART_ORDERS], 0) + fmax(effect, 0));
    return WORLD_MARGIN * order_cents * effect - *ret_cost_cents;
}
