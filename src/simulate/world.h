/* world.h - a shop that goes on living, period by period, and answers to what it is sent: for rehearsals.
 *
 * It begins as simulate leaves it.  A living customer's orders in a period of 28 days are Poisson; an action adds
 * one order with chance r, or cancels one with chance -r: email    f (.9 open where referral or social brought
 * them) - .12 where they came directly coupon   f a^2, 10 % off; of orders that come anyway 70 % redeem it call f
 * (.70 where they came directly, else .24) times the world's scale, at most .95, where f = exp(-.25 fatigue) and
 * fatigue' = .6 fatigue + [contacted]; open and a are beta.  A contact makes somebody who came directly leave with
 * chance .02.  From period 9 on the coupon's r grows by half.  The same luck is drawn for each customer whatever
 * is sent, also in a world where nothing ever is. */
#ifndef SIMULATE_WORLD_H
#define SIMULATE_WORLD_H

#include "simulate/simulate.h"

#include <stdbool.h>
#include <stdio.h>

enum world_action { WORLD_NOTHING, WORLD_EMAIL, WORLD_COUPON, WORLD_CALL, WORLD_ACTIONS };
enum { WORLD_HISTORY_DAYS = 540, WORLD_PERIOD_DAYS = 28, WORLD_SEEN = 12 };

#define WORLD_MARGIN .4
extern const char *const world_action_name[WORLD_ACTIONS];      /* "nothing", "email", ... */

struct world_person {
    double   orders_a_period, dropout, order_cents, open_share, coupon_share, fatigue;
    enum simulated_channel channel;
    bool     is_alive, never_is_alive;          /* in this world; where nothing is ever sent */
    uint32_t n_orders, n_coupons, n_opens, n_letters,
        n_recent[3]; /* seen: orders of the last periods, newest first */
    int64_t  first_ms, last_ms, spent_cents;
};

struct world {
    struct world_person *people;        /* [n] */
    size_t   n;
    double   scale;                     /* 1 standard, .5 faint, 0 none */
    uint64_t seed;
    int64_t  begin_ms;                  /* of period 1 */
    struct simulation *history;
};

/* Errors: those of simulate. */
bool world_new(uint64_t seed, size_t n_customers, double scale, unsigned n_threads, struct world **ret_world,
               struct err *err) MUST_CHECK;
void world_free(struct world *world);       /* NULL is fine */

/* customer,time,event,amount,channel of all before period 1: orders, coupons used, newsletters opened. */
void world_write_history(const struct world *world, FILE *out);

/* Expected of an action in a period over nothing, given the true state: profit, and what it takes from the budget.
 */
double world_tau_cents(const struct world *world, size_t person, enum world_action action, int period);
double world_cost_cents(const struct world *world, size_t person, enum world_action action, int period);

/* Lives a period, from 1; actions [n].  Writes what happened to out, NULL: nowhere.  ret [n] profits in cents: of
 * what was done, of nothing in this period, and of nothing ever. */
struct world_outcome { double profit_cents, nothing_cents, never_cents; };
void world_live(struct world *world, int period, const uint8_t *actions, FILE *out, struct world_outcome *ret);

/* What could be seen of a person: ret [WORLD_SEEN]; and the parts of which tau is made, but for fatigue: orders of
 * their own, and what email adds and cancels, coupon and call add: ret [WORLD_PARTS]. */
enum world_part { PART_ORDERS, PART_EMAIL_ADDS, PART_EMAIL_CANCELS, PART_COUPON, PART_CALL, WORLD_PARTS };
extern const char *const world_seen_name[WORLD_SEEN];
void world_seen(const struct world *world, size_t person, int period, float *ret);
void world_parts(const struct world *world, size_t person, double *ret);
/* tau and cost from parts, as somebody would reckon them who knows no more; order_cents as seen. */
double world_reckon(const struct world *world, size_t person, enum world_action action, int period,
                    const double *parts, double order_cents, double *ret_cost_cents);
double world_seen_order_cents(const struct world *world, size_t person);

#endif
