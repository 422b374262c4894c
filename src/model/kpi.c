/* kpi.c - see kpi.h. */
#include "model/kpi.h"

#include "base/json_write.h"
#include "model/metrics.h"

#include <math.h>
#include <string.h>

static const char *const kpi_stage_words[] = { "none", "new", "active", "slipping", "gone" };
enum { SLIPPING_MONTHS = 2 };
#define Z95 1.959963984540054

static int month_of(int32_t day)
{
    struct civil date = calendar_civil(day);
    return date.year * 12 + date.month - 1;
}

struct kpi_share kpi_share_of(double yes, double n)
{
    struct interval share = share_interval(yes, n);
    return (struct kpi_share){ share.value, share.low, share.high };
}

struct kpi_share kpi_retention(const struct kpi_month *m)
{
    return kpi_share_of((double)m->retained, (double)m->before);
}

double kpi_nrr(const struct kpi_month *m)
{
    return m->before_cents > 0 ? (double)m->kept_cents / (double)m->before_cents : (double)NAN;
}

double kpi_grr(const struct kpi_month *m)
{
    return m->before_cents > 0 ? (double)m->capped_cents / (double)m->before_cents : (double)NAN;
}

/* ---- one customer ---- */

struct walk { struct kpi_month *months; size_t n; int first_month; };

/* A customer's money of one month after that of the month before; is_first: nothing before was above 0. */
static void add_movement(struct kpi_month *m, int64_t was, int64_t is, bool is_first)
{
    int64_t change = is - was;
    if (was <= 0 && is > 0 && is_first) m->added_cents += is;
    else if (was <= 0 && is > 0) m->reactivation_cents += is;
    else if (was > 0 && is <= 0) m->churned_cents += change;
    else if (change > 0) m->expansion_cents += change;
    else m->contraction_cents += change;
}

static enum kpi_stage stage_at(size_t month, size_t first, size_t last)
{
    if (month == SIZE_MAX || month < first) return KPI_NONE;
    if (month == first) return KPI_NEW;
    return last == month ? KPI_ACTIVE : month - last <= SLIPPING_MONTHS ? KPI_SLIPPING : KPI_GONE;
}

static void walk_customer(struct walk *walk, const struct history *history, size_t customer)
{
    size_t e = history->first[customer], end = history->first[customer + 1],
           first = (size_t)(month_of(history->day[e]) - walk->first_month), last = first;
    int64_t was = 0;
    bool was_active = false, is_first = true;
    enum kpi_stage stage = KPI_NONE;
    for (size_t m = first; m < walk->n; m++) {
        struct kpi_month *month = &walk->months[m];
        int64_t is = 0;
        bool is_active = false;
        for (; e < end && (size_t)(month_of(history->day[e]) - walk->first_month) == m; e++) {
            is += history->amount_cents[e], month->orders += history->orders[e];
            is_active = true;
        }
        if (is_active) last = m;
        month->customers += is_active, month->first_time += is_active && m == first;
        month->before += was_active, month->retained += was_active && is_active;
        month->reactivated += is_active && !was_active && m > first;
        month->revenue_cents += is;
        if (was > 0)
            month->before_cents += was, month->kept_cents += is, month->capped_cents += is < was ? is : was;
        if (was > 0 || is > 0) add_movement(month, was, is, is_first);
        enum kpi_stage next = stage_at(m, first, last);
        month->flows[stage][next]++;
        stage = next, was = is, was_active = is_active, is_first &= is <= 0;
    }
}

/* ---- the whole ---- */

static void add_totals(const struct history *history, struct kpis *kpis)
{
    double n = 0, mean = 0, squares = 0, people = 0, value = 0, spread = 0;
    for (size_t c = 0; c < history->n_customers; c++) {
        double all = 0;
        kpis->repeaters += history->first[c + 1] - history->first[c] > 1;
        for (size_t e = history->first[c]; e < history->first[c + 1]; e++) {
            double cents = (double)history->amount_cents[e], d = cents - mean;
            n++, mean += d / n, squares += d * (cents - mean), all += cents;
        }
        double d = all - value;
        people++, value += d / people, spread += d * (all - value);
    }
    double half = n > 1 ? Z95 * sqrt(squares / (n - 1) / n) : (double)NAN,
           half_value = people > 1 ? Z95 * sqrt(spread / (people - 1) / people) : (double)NAN;
    kpis->customers = history->n_customers;
    kpis->repeat_rate = kpi_share_of((double)kpis->repeaters, people);
    kpis->order_value_cents = mean, kpis->order_value_low = mean - half, kpis->order_value_high = mean + half;
    kpis->customer_value_cents = value, kpis->customer_value_low = value - half_value;
    kpis->customer_value_high = value + half_value;
}

void kpis_build(const struct history *history, int32_t as_of_day, struct arena *arena, struct kpis *ret_kpis)
{
    int first_month = month_of(history->first_day), last_month = month_of(as_of_day);
    struct kpis kpis = { .n = (size_t)(last_month - first_month + 1) };
    bool is_last_whole = month_of(as_of_day + 1) != last_month;
    kpis.months = ARENA_ARRAY(arena, struct kpi_month, kpis.n);
    kpis.n_whole = kpis.n - !is_last_whole;
    for (size_t m = 0; m < kpis.n; m++) {
        int month = first_month + (int)m;
        kpis.months[m].year = month / 12, kpis.months[m].month = month % 12 + 1;
        kpis.months[m].is_partial = m >= kpis.n_whole;
    }
    struct walk walk = { kpis.months, kpis.n, first_month };
    for (size_t c = 0; c < history->n_customers; c++) walk_customer(&walk, history, c);
    add_totals(history, &kpis);
    *ret_kpis = kpis;
}

/* ---- JSON ---- */

json_t *kpi_share_json(struct kpi_share share)
{
    return json_pack("{s:o, s:o, s:o}", "value", number_json(share.value), "low", number_json(share.low), "high",
                     number_json(share.high));
}

static json_t *flows_json(const struct kpi_month *m)
{
    json_t *rows = json_array();
    for (size_t from = 0; from < KPI_STAGES; from++)
        for (size_t to = KPI_NEW; to < KPI_STAGES; to++)
            if (m->flows[from][to] > 0)
                json_array_append_new(rows,
                                      json_pack("{s:s, s:s, s:I}", "from", kpi_stage_words[from], "to",
                                                kpi_stage_words[to], "customers", (json_int_t)m->flows[from][to]));
    return rows;
}

static json_t *month_json(const struct kpi_month *m)
{
    json_t *json =
        json_pack("{s:o, s:b, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:o}", "month",
                  json_sprintf("%04d-%02d", m->year, m->month), "partial", m->is_partial, "customers",
                  (json_int_t)m->customers, "new", (json_int_t)m->first_time, "retained", (json_int_t)m->retained,
                  "retention", kpi_share_json(kpi_retention(m)), "reactivated", (json_int_t)m->reactivated,
                  "orders", (json_int_t)m->orders, "revenue_cents", (json_int_t)m->revenue_cents, "nrr",
                  number_json(kpi_nrr(m)), "grr", number_json(kpi_grr(m)));
    json_object_set_new(json, "mrr",
                        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "new", (json_int_t)m->added_cents, "expansion",
                                  (json_int_t)m->expansion_cents, "contraction", (json_int_t)m->contraction_cents,
                                  "churned", (json_int_t)m->churned_cents, "reactivation",
                                  (json_int_t)m->reactivation_cents, "total", (json_int_t)m->revenue_cents));
    json_object_set_new(json, "flows", flows_json(m));
    return json;
}

static json_t *definitions(void)
{
    static const struct { const char *name, *is;
    } all[] = {
        { "customers", "with at least one goal event in the calendar month (UTC)" },
        { "new", "whose first goal event is in the month" },
        { "retained", "active in the month who were active in the month before" },
        { "retention", "retained / active in the month before; churn is 1 less this" },
        { "reactivated", "active in the month, not in the month before, first goal event earlier" },
        { "revenue_cents",
          "of the month's orders; what is given back is taken off the customer's latest orders before it" },
        { "nrr", "revenue now of the month before's active / their revenue then" },
        { "grr", "the same with each customer's revenue capped at what it was" },
        { "mrr",
          "a month's revenue as what recurs, in cents: new, expansion, contraction, churned, reactivation" },
        { "repeat_rate", "customers with orders on two days or more / customers" },
        { "order_value_cents", "mean revenue of a customer's day with orders, net of refunds" },
        { "customer_value_cents", "mean revenue of a customer so far, net of refunds" },
        { "flows",
          "from the end of the month before to its end: new, active, slipping (last order one or two months ago), "
          "gone (longer)" },
    };
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        json_object_set_new(json, all[i].name, json_string(all[i].is));
    return json;
}

json_t *kpis_json(const struct kpis *k)
{
    json_t *rows = json_array();
    for (size_t m = 0; m < k->n; m++) json_array_append_new(rows, month_json(&k->months[m]));
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o}", "customers", (json_int_t)k->customers, "repeat_rate",
        kpi_share_json(k->repeat_rate), "order_value_cents",
        kpi_share_json((struct kpi_share){ k->order_value_cents, k->order_value_low, k->order_value_high }),
        "customer_value_cents",
        kpi_share_json(
            (struct kpi_share){ k->customer_value_cents, k->customer_value_low, k->customer_value_high }),
        "rows", rows, "definitions", definitions());
}
