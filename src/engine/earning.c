/* earning.c - see earning.h. */
#include "engine/earning.h"

#include "base/calendar.h"
#include "base/json_write.h"
#include "engine/measuring_internal.h"
#include "experiment/money.h"

#include <math.h>

enum { PROFIT, FOLLOWED, SPENT, GROSS, EARNINGS };       /* SPENT: revenue and orders; GROSS: margin before costs */

static struct design plan_of(const struct design *design, const char *goal)
{
    struct design plan = *design;
    struct design_metric profit = { .name = "profit",
                                    .event = goal,
                                    .kind = DESIGN_SUM,
                                    .of = "amount",
                                    .margin = 1,
                                    .has_costs = true,
                                    .window_days = design->metrics[design->primary].window_days };
    plan.metrics[PROFIT] = plan.metrics[FOLLOWED] = plan.metrics[SPENT] = plan.metrics[GROSS] = profit;
    plan.metrics[FOLLOWED].window_days = 2 * profit.window_days;
    plan.metrics[SPENT].has_costs = plan.metrics[GROSS].has_costs = false, plan.metrics[SPENT].has_margin = true;
    plan.n_metrics = EARNINGS, plan.primary = PROFIT, plan.covariate = SIZE_MAX, plan.n_strata = 0,
    plan.n_guardrails = 0;
    return plan;
}

static bool is_in(const struct measuring *m, size_t i, size_t arm, size_t metric)
{
    const struct exposed *p = &m->people[i];
    return p->arm == arm && !p->is_mixed &&
           p->at_ms + m->design->metrics[metric].window_days * MS_PER_DAY <= m->options->as_of_ms;
}

static struct arm_sample sample_of(const struct measuring *m, size_t arm, size_t metric, const double *spent_only)
{
    struct arm_sample s = { 0 };
    for (size_t i = 0; i < m->n; i++) {
        if (!is_in(m, i, arm, metric)) continue;
        double value = (spent_only ? spent_only : m->sum[metric])[i], d = value - s.mean;
        s.n++, s.mean += d / s.n, s.variance += d * (value - s.mean);
    }
    s.variance /= fmax(1, s.n - 1);
    return s;
}

static struct buying buying_of(const struct measuring *m, size_t arm)
{
    struct buying b = { 0 };
    for (size_t i = 0; i < m->n; i++)
        if (is_in(m, i, arm, SPENT))
            b.n++, b.buyers += m->count[SPENT][i] > 0, b.orders += m->count[SPENT][i],
                b.revenue += m->sum[SPENT][i];
    return b;
}

static json_t *interval(struct estimate e)
{
    if (isnan(e.value)) return json_null();
    return json_pack("{s:o, s:o, s:o}", "value", number_json(e.value), "low", number_json(e.low), "high",
                     number_json(e.high));
}

static struct estimate times(struct estimate e, double by)
{
    return (struct estimate){ e.value * by, e.se * by, e.low * by, e.high * by };
}

/* What attribution would claim: all that the treated ordered in the window after their exposure, whether or not it
 * would have come anyway. */
static json_t *attributed_json(const struct measuring *m, const struct buying *buying, double margin, double cost)
{
    return json_pack("{s:I, s:f, s:f, s:f}", "days", (json_int_t)m->design->metrics[PROFIT].window_days, "orders",
                     buying->orders, "revenue", buying->revenue, "profit", margin - cost);
}

/* Costs of contacts are in each person's profit already, the control's too; what is fixed is the campaign's alone.
 */
static json_t *arm_json(const struct measuring *m, size_t arm, double fixed)
{
    double alpha = m->options->alpha, p;
    struct arm_sample control = sample_of(m, m->design->control, PROFIT, NULL),
                      treated = sample_of(m, arm, PROFIT, NULL);
    const double *gross = m->sum[GROSS];
    double contacts = 0, of_arm = 0, spent = 0;
    for (size_t i = 0; i < m->n; i++)
        if (is_in(m, i, arm, PROFIT))
            contacts += gross[i] - m->sum[PROFIT][i], of_arm += gross[i], spent += m->sum[SPENT][i];
    struct earned e = earned_by(control, treated, fixed, 0, alpha);
    struct buying buying = buying_of(m, arm);
    struct earned_parts parts = earned_parts_of(buying_of(m, m->design->control), buying);
    struct arm_sample later_control = sample_of(m, m->design->control, FOLLOWED, NULL),
                      later = sample_of(m, arm, FOLLOWED, NULL);
    double cost = fixed + contacts, scale = (spent != 0 ? of_arm / spent : m->options->costs->margin) * treated.n;
    struct estimate gain =
        welch(sample_of(m, m->design->control, PROFIT, gross), sample_of(m, arm, PROFIT, gross), alpha, &p);
    json_t *followed = json_null();
    if (later.n >= 2 && later_control.n >= 2)
        followed = json_pack("{s:I, s:I, s:o}", "days", (json_int_t)m->design->metrics[FOLLOWED].window_days, "n",
                             (json_int_t)later.n, "incremental_profit",
                             interval(times(welch(later_control, later, alpha, &p), later.n)));
    bool is_lost = e.profit.high < 0;   /* an amount that is lost, not one below nothing that is earned */
    const char *word = is_lost ? "lost" : e.profit.low > 0 ? "earned" : "is not shown to have earned";
    struct estimate told = is_lost ? times(e.profit, -1) : e.profit;
    if (is_lost) told.low = -e.profit.high, told.high = -e.profit.low;
    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:f, s:o, s:o, s:o, s:{s:f, s:f, s:f}, s:o, s:o}", "campaign",
                     m->design->name, "arm", m->design->arms[arm], "n", (json_int_t)treated.n, "n_control",
                     (json_int_t)control.n, "incremental_profit", interval(e.profit), "per_treated",
                     interval(e.per_treated), "cost", cost, "roi",
                     cost > 0 ? interval(times(e.profit, 1 / cost)) : json_null(), "break_even_contact_cost",
                     number_json(gain.value > 0 ? gain.value - fixed / treated.n : (double)NAN), "attributed",
                     attributed_json(m, &buying, of_arm, cost), "parts",
                     "customers_kept", scale * parts.kept, "orders_added", scale * parts.added, "orders_grown",
                     scale * parts.grown, "followed_on", followed, "sentence",
                     json_sprintf("%s of %s %s %.2f (%.2f to %.2f) %s its control, after costs of %.2f.",
                                  m->design->arms[arm], m->design->name, word, told.value, told.low, told.high,
                                  is_lost ? "against" : "beyond", cost));
}

bool earning_add(const struct assigning *where, const struct design *design, const char *goal,
                 const struct measuring_options *options, struct arena *arena, json_t *campaigns, struct err *err)
{
    struct design *plan = ARENA_NEW(arena, struct design);
    *plan = plan_of(design, goal);
    struct measuring m = { .where = where, .design = plan, .options = options, .arena = arena };
    bool ok = measuring_people(&m, err) && measuring_deeds(&m, err);
    hash_map_free(&m.person_of);
    if (!ok) return false;
    double exposed = 0;
    for (size_t i = 0; i < m.n; i++) exposed += m.people[i].arm != plan->control;
    for (size_t arm = 0; arm < plan->n_arms; arm++) {
        struct arm_sample control = sample_of(&m, plan->control, PROFIT, NULL),
                          treated = sample_of(&m, arm, PROFIT, NULL);
        if (arm == plan->control) continue;
        if (control.n < 2 || treated.n < 2)
            return err_set(err, ERR_REFUSED,
                           "%s: %.0f people of %s and %.0f of the control have had their %lld days; two of each "
                           "are needed",
                           design->name, treated.n, plan->arms[arm], control.n,
                           (long long)plan->metrics[PROFIT].window_days);
        json_array_append_new(campaigns, arm_json(&m, arm, costs_fixed(options->costs, design->name) * treated.n /
                                                               fmax(1, exposed)));
    }
    return true;
}
