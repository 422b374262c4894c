/* kpi.h - the shop month by month, each number with its definition: who stayed, came, came back, and their money.
 *
 * Calendar months, UTC; a customer is active in a month with at least one goal event. */
#ifndef MODEL_KPI_H
#define MODEL_KPI_H

#include "feature/history.h"

#include <jansson.h>

struct kpi_share { double value, low, high; };      /* Wilson's interval, 95 %; NaN where there is nobody */

/* Where a customer stands at the end of a month by the last order: new (the first was in it), active (ordered in
 * it and before), slipping (not in it, but in the two before), gone (longer ago). */
enum kpi_stage { KPI_NONE, KPI_NEW, KPI_ACTIVE, KPI_SLIPPING, KPI_GONE, KPI_STAGES };

struct kpi_month {
    int      year, month;
    bool     is_partial;                /* the as-of day is inside it */
    size_t   customers, first_time, retained, reactivated;  /* active; of them so */
    size_t   before;                    /* active in the month before */
    uint64_t orders;
    int64_t  revenue_cents;             /* net of refunds, in the month of the order */
    int64_t before_cents, kept_cents, capped_cents; /* revenue then of the month before's active, now, and now
                                                       capped at what it was */
    int64_t  added_cents, expansion_cents, contraction_cents, churned_cents, reactivation_cents;
    size_t flows[KPI_STAGES][KPI_STAGES]; /* from the end of the month before to the end of this */
};

struct kpis {
    struct kpi_month *months;           /* [n] from the first order's on */
    size_t            n, n_whole;       /* whole months come first */
    size_t            customers, repeaters;
    struct kpi_share  repeat_rate;
    double            order_value_cents, order_value_low, order_value_high;         /* mean of an order day */
    double            customer_value_cents, customer_value_low, customer_value_high;    /* so far, of a customer */
};

/* The history must hold nothing after as_of_day, the last day observed, and a customer.  Lives in the arena. */
void kpis_build(const struct history *history, int32_t as_of_day, struct arena *arena, struct kpis *ret_kpis);

struct kpi_share kpi_share_of(double yes, double n);
struct kpi_share kpi_retention(const struct kpi_month *month);
double           kpi_nrr(const struct kpi_month *month);        /* NaN without revenue before */
double           kpi_grr(const struct kpi_month *month);

json_t *kpi_share_json(struct kpi_share share);
json_t *kpis_json(const struct kpis *kpis);     /* rows, repeat_rate, order_value_cents ... and definitions */

/* ---- goals ---- */

struct kpi_goal { const char *name; double target; bool is_below; int64_t by_ms; };

/* Where a goal stands: the last whole month's value with its interval, and the chance that it is met in the month
 * of `by`, if the last year's course and scatter go on.  NaN where nothing can be said. */
struct kpi_standing { double value, low, high, chance; size_t n_months; };
struct kpi_standing kpi_stand(const struct kpis *kpis, const struct kpi_goal *goal, int32_t as_of_day);

/* All goals of a list in YAML (NULL: none), each with where it stands; an array.
 * Errors: ERR_INVALID with file and line. */
struct yaml_node;
bool kpi_goals_json(const struct yaml_node *list, const struct kpis *kpis, int32_t as_of_day, struct arena *arena,
                    json_t **ret_goals, struct err *err) MUST_CHECK;

#endif
