/* allocation_search.c - the best plan of a small instance; see allocation.h.
 *
 * At the shadow prices every deviation from what a customer would take costs something, and so does every unit
 * left unspent at its price.  All these losses together must stay below what the bound exceeds the best plan by,
 * which leaves few options open; those are walked depth first, customers with the largest losses last. */
#include "decide/allocation_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 30000000 };

struct open_option { double loss; uint32_t option; };

struct searching {
    const struct allocation_problem *p;
    double              bound, best;        /* of all plans; the best one found */
    size_t              n;                  /* customers with a choice left */
    uint32_t           *customer;           /* [n] */
    struct open_option **open;              /* [n] by rising loss, ended by one of option itself */
    size_t             *n_open;
    uint32_t           *chosen, *trial;     /* [n_customers] */
    double             *least_cost;         /* [n + 1] that customers from here on need at least */
    double             *most_profit;        /* [n + 1] that they can bring at most */
    size_t              steps;
};

static double cost_of(const struct allocation_problem *p, uint32_t o)
{
    return o == ALLOCATION_NOTHING ? 0 : p->cost[o];
}
static double profit_of(const struct allocation_problem *p, uint32_t o)
{
    return o == ALLOCATION_NOTHING ? 0 : p->profit[o];
}

static int compare_open(const void *a, const void *b)
{
    const struct open_option *x = a, *y = b;
    return x->loss < y->loss ? -1 : x->loss > y->loss;
}

struct standing { double spent, profit, loss; double used[ALLOCATION_RESOURCES_MOST]; };

static bool use(const struct searching *s, struct standing *at, uint32_t option)
{
    bool fits = true;
    if (option == ALLOCATION_NOTHING || !s->p->resource) return true;
    for (int k = 0; k < 2; k++) {
        uint8_t r = s->p->resource[option][k];
        if (r) fits &= ++at->used[r] <= s->p->capacity[r];
    }
    return fits;
}

static void give_back(const struct searching *s, struct standing *at, uint32_t option)
{
    if (option == ALLOCATION_NOTHING || !s->p->resource) return;
    for (int k = 0; k < 2; k++)
        if (s->p->resource[option][k]) at->used[s->p->resource[option][k]]--;
}

/* False: too many steps. */
static bool walk(struct searching *s, struct standing *at, size_t depth)
{
    if (++s->steps > STEPS_MOST) return false;
    if (at->profit + s->most_profit[depth] <= s->best + 1e-9 || at->spent + s->least_cost[depth] > s->p->budget)
        return true;
    if (depth == s->n) {
        s->best = at->profit;
        memcpy(s->chosen, s->trial, s->p->n_customers * sizeof *s->chosen);
        return true;
    }
    for (size_t k = 0; k < s->n_open[depth]; k++) {
        const struct open_option *option = &s->open[depth][k];
        if (s->bound - at->loss - option->loss <= s->best + 1e-9) return true;
        bool fits = use(s, at, option->option), ok = true;
        double cost = cost_of(s->p, option->option), profit = profit_of(s->p, option->option);
        at->spent += cost, at->profit += profit, at->loss += option->loss;
        s->trial[s->customer[depth]] = option->option;
        if (fits) ok = walk(s, at, depth + 1);
        at->spent -= cost, at->profit -= profit, at->loss -= option->loss;
        give_back(s, at, option->option);
        if (!ok) return false;
    }
    return true;
}

/* The options of a customer that a better plan could take; the others' part of a better plan is settled. */
static void open_customer(struct searching *s, const struct prices *prices, uint32_t customer, double slack,
                          struct standing *settled, struct open_option *room)
{
    const struct allocation_problem *p = s->p;
    double best = 0;
    size_t n = 0;
    for (uint32_t o = p->first[customer]; o < p->first[customer + 1]; o++)
        best = fmax(best, option_worth(p, prices, o));
    if (best <= slack) room[n++] = (struct open_option){ best, ALLOCATION_NOTHING };
    for (uint32_t o = p->first[customer]; o < p->first[customer + 1]; o++) {
        double loss = best - option_worth(p, prices, o);
        if (loss <= slack) room[n++] = (struct open_option){ fmax(loss, 0), o };
    }
    qsort(room, n, sizeof *room, compare_open);
    if (n == 1) {
        settled->spent += cost_of(p, room[0].option), settled->profit += profit_of(p, room[0].option);
        (void)use(s, settled, room[0].option);
        s->trial[customer] = room[0].option;
        return;
    }
    s->customer[s->n] = customer, s->open[s->n] = room, s->n_open[s->n++] = n;
}

/* Customers whose second option loses least decide least: they come last. */
static void order_customers(struct searching *s)
{
    for (size_t i = 1; i < s->n; i++)
        for (size_t j = i; j > 0 && s->open[j][1].loss > s->open[j - 1][1].loss; j--) {
            uint32_t customer = s->customer[j];
            struct open_option *open = s->open[j];
            size_t n_open = s->n_open[j];
            s->customer[j] = s->customer[j - 1], s->open[j] = s->open[j - 1], s->n_open[j] = s->n_open[j - 1];
            s->customer[j - 1] = customer, s->open[j - 1] = open, s->n_open[j - 1] = n_open;
        }
    for (size_t i = s->n; i-- > 0;) {
        double least = HUGE_VAL, most = -HUGE_VAL;
        for (size_t k = 0; k < s->n_open[i]; k++) {
            least = fmin(least, cost_of(s->p, s->open[i][k].option));
            most = fmax(most, profit_of(s->p, s->open[i][k].option));
        }
        s->least_cost[i] = s->least_cost[i + 1] + least, s->most_profit[i] = s->most_profit[i + 1] + most;
    }
}

bool allocation_search(const struct allocation_problem *p, const struct prices *prices, double bound,
                       uint32_t *chosen, double *profit)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t n = p->n_customers;
    struct searching s = { .p = p,
                           .bound = bound,
                           .best = *profit,
                           .chosen = chosen,
                           .customer = ARENA_ARRAY(scratch, uint32_t, n + 1),
                           .open = arena_alloc(scratch, n + 1, sizeof(struct open_option *)),
                           .n_open = ARENA_ARRAY(scratch, size_t, n + 1),
                           .trial = ARENA_ARRAY(scratch, uint32_t, n + 1),
                           .least_cost = ARENA_ARRAY(scratch, double, n + 1),
                           .most_profit = ARENA_ARRAY(scratch, double, n + 1) };
    struct standing settled = { 0 };
    double slack = bound - *profit + 1e-9;
    for (uint32_t i = 0; i < n; i++)
        open_customer(&s, prices, i, slack, &settled,
                      ARENA_ARRAY(scratch, struct open_option, p->first[i + 1] - p->first[i] + 1));
    order_customers(&s);
    bool is_done = walk(&s, &settled, 0);
    *profit = s.best;
    arena_free(scratch);
    return is_done;
}
