/* A shop's customers in groups; see groups.h. */
#include "model/groups.h"

#include "base/words.h"
#include "math/numerics.h"

#include <math.h>
#include <string.h>

/* A customer who keeps their rhythm, with gaps spread as in a Poisson process, is silent for twice
 * their usual gap one time in 7 and for four times one time in 55. */
static const double cooling_from = 2, lapsed_from = 4, break_from = 4;

static const struct { const char *name, *definition;
} stages[STAGES] = {
    [STAGE_NEW] = { "new", "one order day so far, not longer ago than twice the gap usual in this shop" },
    [STAGE_ACTIVE] = { "active", "silent for no longer than twice their own usual gap between orders" },
    [STAGE_COOLING] = { "cooling", "silent for two to four times their own usual gap" },
    [STAGE_LAPSED] = { "lapsed", "silent for more than four times their own usual gap" },
    [STAGE_RETURNING] = { "returning",
                          "ordered again lately, after a break of more than four times their usual gap" },
    [STAGE_LEFT] = { "left", "left by an event, such as a cancellation, and have not ordered since" },
};

const char *stage_name(enum stage stage)
{
    return stages[stage].name;
}

static const char *stage_definition(enum stage stage)
{
    return stages[stage].definition;
}

const char *stage_definition_named(const char *name)
{
    for (size_t i = 0; i < STAGES; i++)
        if (strcmp(stages[i].name, name) == 0) return stages[i].definition;
    return NULL;
}

/* The mean gap of a customer, the shop's typical gap counting as one more gap of their own; the
 * last n_left_out gaps are left out. */
static double rhythm(const struct history *history, size_t customer, size_t n_left_out, double typical_gap_days)
{
    size_t from = history->first[customer], last = history->first[customer + 1] - 1 - n_left_out;
    return (history->day[last] - history->day[from] + typical_gap_days) / ((double)(last - from) + 1);
}

static double typical_gap(const struct history *history, int32_t as_of_day, struct arena *arena)
{
    double *gaps = ARENA_ARRAY(arena, double, history->n_customers + 1);
    size_t n = 0;
    for (size_t c = 0; c < history->n_customers; c++) {
        size_t from = history->first[c], last = history->first[c + 1] - 1;
        if (last > from) gaps[n++] = (double)(history->day[last] - history->day[from]) / (double)(last - from);
    }
    if (n == 0) return fmax(as_of_day - history->first_day, 1) / 2.0;
    return median_of(gaps, n);
}

static enum stage find_stage(const struct history *history, size_t customer, int32_t as_of_day,
                             double rhythm_days, double typical_gap_days)
{
    size_t from = history->first[customer], last = history->first[customer + 1] - 1;
    double silent = as_of_day - history->day[last];
    if (history_has_left(history, customer, as_of_day)) return STAGE_LEFT;
    if (silent > lapsed_from * rhythm_days) return STAGE_LAPSED;
    if (silent > cooling_from * rhythm_days) return STAGE_COOLING;
    if (last == from) return STAGE_NEW;
    double gap = history->day[last] - history->day[last - 1];
    return gap > break_from * rhythm(history, customer, 1, typical_gap_days) ? STAGE_RETURNING : STAGE_ACTIVE;
}

/* Clusters by recency, number of orders, size of orders and time as a customer. */
static void cluster(const struct history *history, const struct groups_options *options, struct arena *arena,
                    struct groups *groups)
{
    enum { COLUMNS = 4 };
    static const char *const names[COLUMNS] = { "days since the last order", "days with an order",
                                                "spend per order day", "days since the first order" };
    static const char *const high[COLUMNS] = { "long silent", "order often", "large orders", "old customers" };
    static const char *const low[COLUMNS] = { "ordered lately", "order rarely", "small orders",
                                              "new customers" };
    struct err err;
    float *values = ARENA_ARRAY(arena, float, history->n_customers * COLUMNS);
    for (size_t c = 0; c < history->n_customers; c++) {
        float *row = values + c * COLUMNS;
        row[0] = (float)groups->rfm.recency_days[c];
        row[1] = (float)groups->rfm.frequency[c];
        row[2] = (float)((double)groups->rfm.monetary_cents[c] / 100 / groups->rfm.frequency[c]);
        row[3] = (float)(options->as_of_day - history->day[history->first[c]]);
    }
    struct cluster_request request = { .values = values,
                                       .n_rows = history->n_customers,
                                       .n_columns = COLUMNS,
                                       .names = names,
                                       .high_words = high,
                                       .low_words = low,
                                       .seed = options->seed,
                                       .n_threads = options->n_threads };
    if (!clusters_fit(&request, arena, &groups->clusters, &err)) {
        groups->clusters =
            (struct clusters){ .n_rows = history->n_customers, .refusal = arena_copy(arena, err.text) };
    }
    groups->clusters_missing = groups->clusters.refusal;
}

enum { GROUPS_TELLING = 25 };       /* five customers in each fifth */

static const char *say(const struct groups *groups, const char *currency, struct arena *arena)
{
    double customers[RFM_GROUPS] = { 0 }, cents[RFM_GROUPS] = { 0 }, total = 0,
           n = (double)groups->n_customers;
    for (size_t c = 0; c < groups->n_customers; c++) {
        customers[groups->rfm.group[c]]++;
        cents[groups->rfm.group[c]] += (double)groups->rfm.monetary_cents[c];
        total += (double)groups->rfm.monetary_cents[c];
    }
    double slipping = customers[RFM_AT_RISK] + customers[RFM_CANNOT_LOSE];
    double slipping_cents = cents[RFM_AT_RISK] + cents[RFM_CANNOT_LOSE];
    if (groups->n_customers < GROUPS_TELLING)
        return arena_format(arena,
                            "Groups are made of fifths of customers, and only %zu ordered: they say little below %d.",
                            groups->n_customers, GROUPS_TELLING);
    if (total <= 0)
        return arena_format(
            arena, "%s of customers are Champions; %s customers who used to order much have gone quiet.",
            words_share(arena, customers[RFM_CHAMPIONS] / n), words_count(arena, slipping));
    return arena_format(
        arena,
        "Champions are %s of customers and brought %s of all revenue; %s customers who used to order "
        "much and brought %s have gone quiet (At risk, Cannot lose).",
        words_share(arena, customers[RFM_CHAMPIONS] / n), words_share(arena, cents[RFM_CHAMPIONS] / total),
        words_count(arena, slipping), words_money(arena, slipping_cents, currency));
}

bool groups_fit(const struct history *history, const struct groups_options *options, struct arena *arena,
                  struct groups *ret_groups, struct err *err)
{
    size_t n = history->n_customers;
    if (n == 0)
        return err_set(err, ERR_REFUSED, "no customer has ordered, so there is nobody to put into groups");
    struct groups groups = { .n_customers = n, .stage = ARENA_ARRAY(arena, uint8_t, n),
                                 .rhythm_days = ARENA_ARRAY(arena, double, n) };
    rfm_score(history, options->as_of_day, arena, &groups.rfm);
    groups.typical_gap_days = typical_gap(history, options->as_of_day, arena);
    for (size_t c = 0; c < n; c++) {
        groups.rhythm_days[c] = rhythm(history, c, 0, groups.typical_gap_days);
        groups.stage[c] = (uint8_t)find_stage(history, c, options->as_of_day, groups.rhythm_days[c],
                                                groups.typical_gap_days);
    }
    cluster(history, options, arena, &groups);
    groups.sentence = say(&groups, options->currency, arena);
    *ret_groups = groups;
    return true;
}

/* ---- JSON -------------------------------------------------------------------------------------- */

/* Sums over the customers of one group. */
struct group_sums { double customers, recency_days, frequency, cents, churn, n_churn; };

static void add(struct group_sums *group, const struct rfm *rfm, size_t customer, const double *churn)
{
    group->customers++;
    group->recency_days += rfm->recency_days[customer];
    group->frequency += rfm->frequency[customer];
    group->cents += (double)rfm->monetary_cents[customer];
    if (!churn || isnan(churn[customer])) return;
    group->churn += churn[customer];
    group->n_churn++;
}

static json_t *group_json(const char *name, const char *description, const struct group_sums *group,
                          size_t n_customers)
{
    double n = group->customers;
    json_t *churn = group->n_churn > 0 ? json_real(group->churn / group->n_churn) : json_null();
    return json_pack("{ss ss sI sf sI sf sf sI so}", "name", name, "description", description, "customers",
                     (json_int_t)n, "share", n / (double)n_customers, "revenue_cents", (json_int_t)group->cents,
                     "recency_days", group->recency_days / n, "frequency", group->frequency / n,
                     "monetary_cents", (json_int_t)llround(group->cents / n), "churn", churn);
}

json_t *groups_json(const struct groups *groups, const double *churn, const int64_t *value_cents)
{
    struct group_sums by_group[RFM_GROUPS] = { 0 }, by_stage[STAGES] = { 0 };
    json_t *rfm = json_array(), *stage_rows = json_array();
    for (size_t c = 0; c < groups->n_customers; c++) {
        add(&by_group[groups->rfm.group[c]], &groups->rfm, c, churn);
        add(&by_stage[groups->stage[c]], &groups->rfm, c, churn);
    }
    for (enum rfm_group s = 0; s < RFM_GROUPS; s++)
        if (by_group[s].customers > 0)
            json_array_append_new(rfm,
                                  group_json(rfm_name(s), rfm_rule(s), &by_group[s], groups->n_customers));
    for (enum stage s = 0; s < STAGES; s++)
        if (by_stage[s].customers > 0)
            json_array_append_new(stage_rows, group_json(stage_name(s), stage_definition(s), &by_stage[s],
                                                         groups->n_customers));
    return json_pack("{ss so so so sf}", "sentence", groups->sentence, "rfm", rfm, "clusters",
                     clusters_json(&groups->clusters, churn, value_cents), "stages", stage_rows,
                     "typical_gap_days", groups->typical_gap_days);
}

json_t *groups_json_table(const struct clusters *clusters, const double *churn, const int64_t *value_cents)
{
    json_t *sentence =
        clusters->k ? json_sprintf("The customers fall into %u groups, which come out alike when half of "
                                   "them are drawn again (agreement %.2f, 1 is the same).",
                                   clusters->k, clusters->stability)
                    : json_string(clusters->refusal);
    return json_pack("{so so}", "sentence", sentence, "clusters", clusters_json(clusters, churn, value_cents));
}
