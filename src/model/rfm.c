/* Recency, frequency and monetary scores and the groups made of them; see rfm.h. */
#include "model/rfm.h"

#include "math/numerics.h"

#include <assert.h>
#include <string.h>

/* The first row that fits names the group; the last but one fits everyone who has not left.  fm is the better of
 * frequency and monetary score. */
static const struct rule {
    enum rfm_group group;
    uint8_t r_low, r_high, fm_low, fm_high;
    const char *name, *words;
} rules[] = {
    { RFM_CHAMPIONS, 4, 5, 5, 5, "Champions",
      "are of the 40 % who ordered last and of the top 20 % by number or worth of orders" },
    { RFM_LOYAL, 3, 5, 4, 5, "Loyal",
      "are of the 60 % who ordered last and of the top 40 % by number or worth of orders" },
    { RFM_CANNOT_LOSE, 1, 1, 5, 5, "Cannot lose",
      "were in the top 20 % by number or worth of orders, but it is longest since they ordered (last 20 %)" },
    { RFM_AT_RISK, 1, 2, 4, 5, "At risk",
      "were in the top 40 % by number or worth of orders, but have not ordered for long (last 40 %)" },
    { RFM_NEW, 5, 5, 1, 1, "New customers", "are of the 20 % who ordered last, so far little" },
    { RFM_POTENTIAL, 4, 5, 2, 3, "Potential loyal",
      "are of the 40 % who ordered last, in the middle by number and worth of orders" },
    { RFM_PROMISING, 4, 4, 1, 1, "Promising", "are of the 40 % who ordered last, so far little" },
    { RFM_NEED_ATTENTION, 3, 3, 3, 3, "Need attention", "in the middle in everything" },
    { RFM_ABOUT_TO_SLEEP, 3, 3, 1, 2, "About to sleep", "ordered neither recently nor much" },
    { RFM_HIBERNATING, 1, 5, 1, 5, "Hibernating",
      "have not ordered for long (last 40 %) and never ordered much" },
    { RFM_LEFT, 0, 0, 0, 0, "Left", "left by an event, such as a cancellation, and have not ordered since" },
};

static const struct rule *find_rule(enum rfm_group group)
{
    const struct rule *rule = rules;
    while (rule->group != group) rule++;
    return rule;
}

const char *rfm_name(enum rfm_group group)
{
    return find_rule(group)->name;
}

const char *rfm_rule(enum rfm_group group)
{
    return find_rule(group)->words;
}

const char *rfm_rule_named(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, name) == 0) return rules[i].words;
    return NULL;
}

enum rfm_group rfm_group_of(unsigned r, unsigned f, unsigned m)
{
    unsigned fm = f > m ? f : m;
    const struct rule *rule = rules;
    while (r < rule->r_low || r > rule->r_high || fm < rule->fm_low || fm > rule->fm_high) rule++;
    return rule->group;
}

/* The share of values below one's own decides, so that equal values share a score and a value that
 * half of all have does not push them into different scores. */
void rfm_quintiles(const double *values, size_t n, struct arena *arena, uint8_t *ret_score)
{
    double *sorted = ARENA_ARRAY(arena, double, n + 1);
    memcpy(sorted, values, n * sizeof *values);
    sort_doubles(sorted, n);
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (sorted[middle] < values[i]) low = middle + 1;
            else high = middle;
        }
        ret_score[i] = (uint8_t)(1 + low * 5 / n);
    }
}

void rfm_score(const struct history *history, int32_t as_of_day, struct arena *arena, struct rfm *ret_rfm)
{
    size_t n = history->n_customers;
    struct rfm rfm = { n, ARENA_ARRAY(arena, int32_t, n + 1), ARENA_ARRAY(arena, uint32_t, n + 1),
                       ARENA_ARRAY(arena, int64_t, n + 1), ARENA_ARRAY(arena, uint8_t, n + 1),
                       ARENA_ARRAY(arena, uint8_t, n + 1), ARENA_ARRAY(arena, uint8_t, n + 1),
                       ARENA_ARRAY(arena, uint8_t, n + 1) };
    double *values = ARENA_ARRAY(arena, double, 3 * n + 1);
    for (size_t c = 0; c < n; c++) {
        int32_t last = INT32_MIN;
        for (size_t e = history->first[c]; e < history->first[c + 1] && history->day[e] <= as_of_day; e++) {
            last = history->day[e];
            rfm.frequency[c]++;
            rfm.monetary_cents[c] += history->amount_cents[e];
        }
        assert(last != INT32_MIN);
        rfm.recency_days[c] = as_of_day - last;
        values[c] = -rfm.recency_days[c];
        values[n + c] = rfm.frequency[c];
        values[2 * n + c] = (double)rfm.monetary_cents[c];
    }
    rfm_quintiles(values, n, arena, rfm.r);
    rfm_quintiles(values + n, n, arena, rfm.f);
    rfm_quintiles(values + 2 * n, n, arena, rfm.m);
    for (size_t c = 0; c < n; c++) {
        bool has_left = history_has_left(history, c, as_of_day);
        rfm.group[c] = (uint8_t)(has_left ? RFM_LEFT : rfm_group_of(rfm.r[c], rfm.f[c], rfm.m[c]));
    }
    *ret_rfm = rfm;
}
