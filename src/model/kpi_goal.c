/* kpi_goal.c - where goals stand, and the chance to reach them; see kpi.h. */
#include "model/kpi.h"

#include "base/similar.h"
#include "base/yaml.h"
#include "math/numerics.h"

#include <math.h>
#include <string.h>

enum {
    CHURN,
    RETENTION,
    REPEAT_RATE,
    NRR,
    GRR,
    REVENUE,
    CUSTOMERS,
    NEW,
    REACTIVATED,
    ORDERS,
    ORDER_VALUE,
    CUSTOMER_VALUE
};
static const char *const kpi_goal_names[] = {
    "churn", "retention", "repeat_rate", "nrr", "grr", "revenue", "customers", "new", "reactivated", "orders",
    "order_value", "customer_value", NULL,
};
enum { MONTHS_MOST = 12, MONTHS_LEAST = 4 };
#define Z95 1.959963984540054

static int name_of(const struct kpi_goal *goal)
{
    int i = 0;
    while (kpi_goal_names[i] && strcmp(kpi_goal_names[i], goal->name) != 0) i++;
    return i;
}

/* Of one month; amounts in units of money. */
static struct kpi_share value_of(int name, const struct kpi_month *m)
{
    struct kpi_share share = kpi_retention(m);
    double count = NAN;
    switch (name) {
    case RETENTION: return share;
    case CHURN: return (struct kpi_share){ 1 - share.value, 1 - share.high, 1 - share.low };
    case NRR: return (struct kpi_share){ kpi_nrr(m), NAN, NAN };
    case GRR: return (struct kpi_share){ kpi_grr(m), NAN, NAN };
    case REVENUE: return (struct kpi_share){ (double)m->revenue_cents / 100, NAN, NAN };
    case ORDER_VALUE:
        return (struct kpi_share){ m->orders ? (double)m->revenue_cents / 100 / (double)m->orders : (double)NAN,
                                   NAN, NAN };
    case CUSTOMERS: count = (double)m->customers; break;
    case NEW: count = (double)m->first_time; break;
    case REACTIVATED: count = (double)m->reactivated; break;
    case ORDERS: count = (double)m->orders; break;
    }
    return (struct kpi_share){ count, fmax(0, count - Z95 * sqrt(count)), count + Z95 * sqrt(count) };
}

/* A share is looked at on the scale of its odds, so that a line through it stays between 0 and 1. */
static double scaled(int name, double y)
{
    if (name != CHURN && name != RETENTION) return y;
    y = fmax(.0005, fmin(.9995, y));
    return log(y / (1 - y));
}

/* The line through the last whole months, and how far it may be off in the month of `by`. */
static double chance_of(const struct kpis *kpis, const struct kpi_goal *goal, int name, size_t *ret_n)
{
    struct civil by = calendar_civil(calendar_day_of_ms(goal->by_ms));
    double n = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    size_t from = kpis->n_whole > MONTHS_MOST ? kpis->n_whole - MONTHS_MOST : 1;
    for (size_t m = from; m < kpis->n_whole; m++) {
        double y = scaled(name, value_of(name, &kpis->months[m]).value), x = (double)m;
        if (isnan(y)) continue;
        double dx = x - mean_x, dy = y - mean_y;
        n++, mean_x += dx / n, mean_y += dy / n;
        xx += dx * (x - mean_x), xy += dx * (y - mean_y), yy += dy * (y - mean_y);
    }
    *ret_n = (size_t)n;
    if (n < MONTHS_LEAST) return NAN;
    const struct kpi_month *first = &kpis->months[0];
    double at = (by.year - first->year) * 12 + by.month - first->month, slope = xy / xx,
           off = sqrt(fmax(0, yy - slope * xy) / (n - 2) * (1 + 1 / n + (at - mean_x) * (at - mean_x) / xx));
    double target = scaled(name, goal->target), expected = mean_y + slope * (at - mean_x),
           gap = goal->is_below ? target - expected : expected - target;
    if (off == 0) return gap > 0;
    double t = gap / off, degrees = n - 2, tail = .5 * beta_cdf(degrees / (degrees + t * t), degrees / 2, .5);
    return t > 0 ? 1 - tail : tail;
}

/* Of a share of all customers so far there is no course by month; its chance is that the truth is beyond the
 * target. */
static double chance_now(double value, double low, double high, const struct kpi_goal *goal)
{
    double se = (high - low) / (2 * Z95);
    return se > 0 ? normal_cdf((goal->is_below ? goal->target - value : value - goal->target) / se) : (double)NAN;
}

struct kpi_standing kpi_stand(const struct kpis *kpis, const struct kpi_goal *goal, int32_t as_of_day)
{
    int name = name_of(goal);
    struct kpi_standing s = { NAN, NAN, NAN, NAN, 0 };
    if (name == REPEAT_RATE || name == CUSTOMER_VALUE) {
        struct kpi_share r = kpis->repeat_rate;
        if (name == CUSTOMER_VALUE)
            r = (struct kpi_share){ kpis->customer_value_cents / 100, kpis->customer_value_low / 100,
                                    kpis->customer_value_high / 100 };
        return (struct kpi_standing){ r.value, r.low, r.high, chance_now(r.value, r.low, r.high, goal),
                                      kpis->n_whole };
    }
    if (kpis->n_whole == 0) return s;
    struct kpi_share now = value_of(name, &kpis->months[kpis->n_whole - 1]);
    s.value = now.value, s.low = now.low, s.high = now.high;
    s.chance = chance_of(kpis, goal, name, &s.n_months);
    if (calendar_day_of_ms(goal->by_ms) < as_of_day && !isnan(s.value))
        s.chance = goal->is_below ? s.value < goal->target : s.value > goal->target;
    return s;
}

/* ---- from YAML ---- */

static bool read_goal(const struct yaml_node *node, struct arena *arena, struct kpi_goal *goal, struct err *err)
{
    static const char *const keys[] = { "name", "below", "above", "by" };
    const char *below = NULL, *above = NULL, *by = NULL;
    size_t n_names = 0;
    while (kpi_goal_names[n_names]) n_names++;
    if (!yaml_check_keys(node, keys, 4, err) || !yaml_text(node, "name", &goal->name, err) ||
        !yaml_text(node, "below", &below, err) || !yaml_text(node, "above", &above, err) ||
        !yaml_text(node, "by", &by, err))
        return false;
    bool is_known = false;
    for (size_t i = 0; goal->name && i < n_names; i++) is_known |= strcmp(goal->name, kpi_goal_names[i]) == 0;
    if (!goal->name || !is_known)
        return yaml_fail(node, err, "there is no goal '%s'%s", goal->name ? goal->name : "",
                         similar_names(goal->name ? goal->name : "", kpi_goal_names, n_names, arena));
    if (!below == !above)
        return yaml_fail(node, err, "%s has one of below and above: {name: %s, below: .04, by: 2027-06-30}",
                         goal->name, goal->name);
    goal->is_below = below != NULL;
    if (!text_double(text_of(below ? below : above), '.', &goal->target))
        return yaml_fail(node, err, "%s: '%s' is no number", goal->name, below ? below : above);
    if (!by || !calendar_parse_iso(by, strlen(by), &goal->by_ms))
        return yaml_fail(node, err, "%s: by is a day, as 2027-06-30", goal->name);
    return true;
}

bool kpi_goals_json(const struct yaml_node *list, const struct kpis *kpis, int32_t as_of_day, struct arena *arena,
                    json_t **ret_goals, struct err *err)
{
    json_t *rows = json_array();
    for (size_t i = 0; list && i < list->n; i++) {
        struct kpi_goal goal = { 0 };
        char by[11];
        if (!read_goal(list->items[i], arena, &goal, err)) {
            json_decref(rows);
            return false;
        }
        struct kpi_standing s = kpi_stand(kpis, &goal, as_of_day);
        calendar_format_day(calendar_day_of_ms(goal.by_ms), by);
        json_array_append_new(rows,
                              json_pack("{s:s, s:o, s:f, s:s, s:s, s:o, s:I}", "name", goal.name, "value",
                                        kpi_share_json((struct kpi_share){ s.value, s.low, s.high }), "target",
                                        goal.target, "side", goal.is_below ? "below" : "above", "by", by, "chance",
                                        isnan(s.chance) ? json_null() : json_real(s.chance), "months",
                                        (json_int_t)s.n_months));
    }
    *ret_goals = rows;
    return true;
}
