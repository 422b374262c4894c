/* simulate.h - a made-up shop whose truth is known: what every customer was like, when each left,
 * and whom the campaign really moved.
 *
 * Orders follow the BG/NBD model: while alive a customer orders at a rate of his own (gamma across
 * customers), and after each repeat order leaves for good with a probability of his own (beta across
 * customers).  What an order costs follows the gamma-gamma model.  The shop's busy and quiet hours,
 * weekdays and months stretch and squeeze that time without changing the model.  Around the orders
 * lie visits, carts, e-mails opened, refunds and tickets: they thin out once a customer has left,
 * so that leaving can be seen before it is missed.  A campaign is sent to a random half.
 *
 * Each customer draws from a stream of his own, so the result depends on the options only, never
 * on the number of threads.
 * Sources: Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader & Hardie (2013), the
 * gamma-gamma note 025. */
#ifndef SIMULATE_SIMULATE_H
#define SIMULATE_SIMULATE_H

#include "base/err.h"
#include "base/progress.h"

#include <stddef.h>
#include <stdint.h>

enum { SIMULATE_CUSTOMERS_MAX = 1000000, SIMULATE_DAYS_MAX = 3650, SIMULATE_ITEMS = 240, SIMULATE_CAMPAIGN_DAYS = 14 };

struct simulate_options {
    uint64_t seed;
    size_t   n_customers;       /* 1 .. SIMULATE_CUSTOMERS_MAX */
    int64_t  n_days;            /* 60 .. SIMULATE_DAYS_MAX */
    int64_t  first_day;
    bool     has_seasons;       /* false: every hour is as busy as every other */
    bool     has_campaign;
    unsigned n_threads;         /* 0 is 1 */
};

/* The truth about the shop: parameters, in days and cents. */
struct shop_parameters {
    double r, alpha_days, a, b;         /* BG/NBD; orders a day are gamma(r, rate alpha_days) */
    double p, q, gamma_cents;           /* gamma-gamma */
};
extern const struct shop_parameters shop_parameters;

enum simulated_channel { CHANNEL_SEARCH, CHANNEL_DIRECT, CHANNEL_REFERRAL, CHANNEL_SOCIAL, CHANNEL_AFFILIATE, SIMULATED_CHANNELS };
enum campaign_group { GROUP_NONE /* not yet a customer */, GROUP_CONTROL, GROUP_TREATMENT };

struct simulated_customer {
    double   orders_per_day, dropout;   /* lambda; the probability of leaving after a repeat order */
    double   mean_order_cents;          /* what his orders cost on average */
    double   open_share;                /* of the newsletters sent to him, while alive */
    int64_t  acquired_ms;               /* his first order */
    int64_t  left_ms;                   /* INT64_MAX: still alive at the end */
    double   response;                  /* the chance that the campaign brings an order that would not have been */
    int64_t  spend_cents;               /* all orders */
    uint32_t n_orders;
    enum simulated_channel channel;     /* likelier the good ones for better customers */
    enum campaign_group    group;
    bool     has_newsletter, was_moved; /* the campaign brought an extra order */
};

enum simulated_kind {
    SIMULATED_SESSION, SIMULATED_PAGE_VIEW, SIMULATED_CART, SIMULATED_ORDER, SIMULATED_REFUND, SIMULATED_EMAIL_OPEN,
    SIMULATED_EMAIL_CLICK, SIMULATED_UNSUBSCRIBE, SIMULATED_SUPPORT, SIMULATED_CAMPAIGN_SENT,
    SIMULATED_CAMPAIGN_WITHHELD, SIMULATED_KINDS
};

struct simulated_event {
    int64_t  time_ms;
    int64_t  amount_cents;      /* orders: the sum of the lines; refunds: minus that; else 0 */
    uint32_t customer;          /* 0-based */
    uint32_t sequence;          /* of the customer's events as they were drawn */
    uint32_t first_line;        /* orders and refunds: their lines */
    uint16_t n_lines;
    uint16_t item;              /* 1 .. SIMULATE_ITEMS, 0 none */
    enum simulated_kind kind;
};

struct simulated_line { uint16_t item, quantity; int32_t price_cents; };   /* of one piece */

struct simulation {
    struct simulate_options    options;
    struct simulated_customer *customers;       /* [options.n_customers] */
    struct simulated_event    *events;          /* [n_events] by time, then customer */
    struct simulated_line     *lines;           /* [n_lines] */
    size_t                     n_events, n_lines;
    int64_t                    first_ms, end_ms, campaign_ms;   /* campaign_ms 0: none */
};

/* Errors: ERR_INVALID an option out of its range (names it). */
bool simulate(const struct simulate_options *options, struct progress *progress, struct simulation **ret_simulation,
              struct err *err) MUST_CHECK;
void simulation_free(struct simulation *simulation);    /* NULL is fine */

const char *simulated_kind_name(enum simulated_kind kind);              /* "page_view" */
const char *simulated_channel_name(enum simulated_channel channel);     /* "search" */

/* What the campaign did: orders per customer within SIMULATE_CAMPAIGN_DAYS of it. */
struct campaign_effect {
    size_t n_treatment, n_control;
    double true_effect;         /* mean of response over the treated who were alive, as extra orders per treated customer */
    double estimate, se;        /* difference in means of the orders per customer, treatment - control */
};
struct campaign_effect simulation_effect(const struct simulation *simulation);

/* Writes into folder, made if absent: events.csv (customer, time, event, amount, item, channel),
 * orders.csv (order lines; a refund's invoice begins with C), truth.csv (a customer a row) and
 * truth.json (parameters and totals).  dirt_share of the rows of events.csv and orders.csv is spoilt:
 * repeated, or without customer, or with an impossible time or amount.
 * Errors: ERR_INVALID dirt_share outside 0..0.5; ERR_IO. */
bool simulation_write(const struct simulation *simulation, const char *folder, double dirt_share, struct err *err) MUST_CHECK;

#endif
