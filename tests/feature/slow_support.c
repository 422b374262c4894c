/* slow_support.c - each feature from its definition, over a list of all events; see feature_support.h. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

/* A customer's events of one kind that are known and happened. */
struct seen { const struct noted *events[4000]; size_t n, n_counted; int64_t as_of_ms; };

static bool is_seen(const struct noted *noted, uint32_t identity, int64_t as_of_ms)
{
    return noted->identity == identity && noted->received_ms < as_of_ms && noted->time_ms < as_of_ms;
}

static bool is_counted(const struct noted *noted)
{
    return strcmp(noted->kind, "traits") != 0 && strcmp(noted->kind, "order_item") != 0;
}

static double days_before(const struct seen *seen, size_t i)
{
    return (double)(seen->as_of_ms - seen->events[i]->time_ms) / (double)MS_PER_DAY;
}

static double slow_times(const struct seen *seen, const char *what)
{
    double recency = INFINITY, tenure = -INFINITY;
    for (size_t i = 0; i < seen->n; i++) {
        recency = fmin(recency, days_before(seen, i));
        tenure = fmax(tenure, days_before(seen, i));
    }
    if (strcmp(what, "count") == 0) return (double)seen->n;
    if (strcmp(what, "share") == 0) return (double)seen->n / (double)seen->n_counted;
    if (seen->n == 0) return MISSING;
    return strcmp(what, "recency_days") == 0 ? recency : tenure;
}

static double slow_decayed(const struct seen *seen, double half_life, bool is_amount)
{
    double sum = 0;
    for (size_t i = 0; i < seen->n; i++)
        sum += exp2(-days_before(seen, i) / half_life) * (is_amount
                                                          ? (double)seen->events[i]->amount_cents / 100 : 1);
    return sum;
}

static double slow_trend(const struct seen *seen, bool is_amount)
{
    double year = slow_decayed(seen, 365, is_amount);
    return year > 0 ? slow_decayed(seen, 30, is_amount) / 30 / (year / 365) : MISSING;
}

static bool comes_before(const struct noted *a, const struct noted *b)
{
    return a->time_ms < b->time_ms || (a->time_ms == b->time_ms && a->amount_cents < b->amount_cents);
}

static double slow_amount(const struct seen *seen, const char *what)
{
    double sum = 0, least = INFINITY, most = -INFINITY;
    const struct noted *first = seen->events[0], *last = first;
    for (size_t i = 0; i < seen->n; i++) {
        double amount = (double)seen->events[i]->amount_cents / 100;
        sum += amount, least = fmin(least, amount), most = fmax(most, amount);
        if (comes_before(seen->events[i], first)) first = seen->events[i];
        if (comes_before(last, seen->events[i])) last = seen->events[i];
    }
    if (strcmp(what, "amount_sum") == 0) return sum;
    if (seen->n == 0) return MISSING;
    if (strcmp(what, "amount_mean") == 0) return sum / (double)seen->n;
    if (strcmp(what, "amount_min") == 0) return least;
    if (strcmp(what, "amount_max") == 0) return most;
    return (double)(strcmp(what, "amount_first") == 0 ? first : last)->amount_cents / 100;
}

static double slow_quantity(const struct seen *seen, const char *what)
{
    double sum = 0;
    for (size_t i = 0; i < seen->n; i++) sum += (double)seen->events[i]->quantity_milli / 1000;
    return strcmp(what, "quantity_sum") == 0 ? sum : sum / (double)seen->n;
}

static double slow_window(const struct seen *seen, int64_t n_days, bool is_amount)
{
    double sum = 0;
    int64_t last_day = calendar_day_of_ms(seen->as_of_ms - 1);
    for (size_t i = 0; i < seen->n; i++)
        if (calendar_day_of_ms(seen->events[i]->time_ms) > last_day - n_days)
            sum += is_amount ? (double)seen->events[i]->amount_cents / 100 : 1;
    return sum;
}

static int compare_days(const void *a, const void *b) { return (int)(*(const int64_t *)a - *(const int64_t *)b); }

static double slow_gaps(const struct seen *seen, const char *what)
{
    int64_t days[4000];
    size_t n = 0;
    for (size_t i = 0; i < seen->n; i++) days[i] = calendar_day_of_ms(seen->events[i]->time_ms);
    qsort(days, seen->n, sizeof *days, compare_days);
    for (size_t i = 0; i < seen->n; i++)
        if (i == 0 || days[i] != days[n - 1]) days[n++] = days[i];
    if (strcmp(what, "active_days") == 0) return (double)n;
    if (n < 2) return MISSING;
    double mean = (double)(days[n - 1] - days[0]) / (double)(n - 1), squares = 0;
    for (size_t i = 1; i < n; i++) squares += pow((double)(days[i] - days[i - 1]) - mean, 2);
    if (strcmp(what, "gap_mean_days") == 0) return mean;
    if (strcmp(what, "gap_ratio") == 0) return slow_times(seen, "recency_days") / mean;
    return n < 3 ? MISSING : sqrt(squares / (double)(n - 2));
}

static double slow_days(const struct seen *seen, const char *what)
{
    static const struct { const char *name; int64_t n_days; bool is_amount; } windows[] = {
        { "count_7d", 7, false }, { "count_30d", 30, false }, { "count_90d", 90, false },
        { "count_365d", 365, false },
        { "amount_30d", 30, true }, { "amount_90d", 90, true }, { "amount_365d", 365, true } };
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
        if (strcmp(what, windows[w].name) == 0) return slow_window(seen, windows[w].n_days, windows[w].is_amount);
    return slow_gaps(seen, what);
}

static double slow_distinct(const struct seen *seen)
{
    bool bits[512] = { false };
    double n = 0;
    for (size_t i = 0; i < seen->n; i++)
        if (seen->events[i]->item[0]) bits[item_hash_of(text_of(seen->events[i]->item)) % 512] = true;
    for (int i = 0; i < 512; i++) n += bits[i];
    return -512 * log(1 - n / 512);
}

static double slow_profile(const struct seen *seen, const char *what)
{
    static const char *const quarters[] = { "night_share", "morning_share", "afternoon_share", "evening_share" };
    double n = 0;
    for (size_t i = 0; i < seen->n; i++) {
        int64_t day = calendar_day_of_ms(seen->events[i]->time_ms),
            hour = (seen->events[i]->time_ms - day * MS_PER_DAY) / 3600000;
        if (strcmp(what, "weekend_share") == 0) n += calendar_weekday(day) >= 5;
        else n += strcmp(what, quarters[hour / 6]) == 0;
    }
    return n / (double)seen->n;
}

/* Whether a happened before b, or as it did and was known before it. */
static bool is_before(const struct noted *a, const struct noted *b)
{
    return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->received_ms < b->received_ms;
}

/* The traits of diary_random: what happened last decides, or the first of those set once where none is set. */
static double slow_trait(const char *name, const struct noted *noted, size_t n, uint32_t identity,
                         int64_t as_of_ms)
{
    const struct noted *last = NULL, *first_once = NULL;
    bool is_plan = strncmp(name, "plan", 4) == 0;
    const char *key = is_plan ? "\"plan\":" : "\"age\":",
               *once = is_plan ? "\"$set_once.plan\":" : "\"$set_once.age\":";
    for (size_t i = 0; i < n; i++) {
        if (!is_seen(&noted[i], identity, as_of_ms)) continue;
        const char *said_once = strstr(noted[i].properties, once);
        if (said_once && strncmp(said_once + strlen(once), "null", 4) != 0 &&
            strncmp(said_once + strlen(once), "\"  \"", 4) != 0 &&
            (!first_once || is_before(&noted[i], first_once)))
            first_once = &noted[i];
        if (!strstr(noted[i].properties, key)) continue;
        if (!last || !is_before(&noted[i], last)) last = &noted[i];
    }
    if (!last) last = first_once, key = once;
    if (!last) return MISSING;
    const char *value = strstr(last->properties, key) + strlen(key);
    if (!is_plan) return strtod(value + (*value == '"'), NULL);
    if (strncmp(value, "null", 4) == 0 || strncmp(value, "\"  \"", 4) == 0) return MISSING;
    const char *wanted = strstr(name, " = ") + 3;
    return strncmp(value + 1, wanted, strlen(wanted)) == 0;
}

double slow_feature(const struct feature_set *set, size_t index, const struct noted *noted, size_t n,
                    uint32_t identity, int64_t as_of_ms)
{
    const struct operator_use *use = &set->uses[set->features[index].use];
    if (use->operator == &operator_traits) return slow_trait(set->names[index], noted, n, identity, as_of_ms);
    struct seen seen = { .as_of_ms = as_of_ms };
    for (size_t i = 0; i < n; i++) {
        if (!is_seen(&noted[i], identity, as_of_ms)) continue;
        seen.n_counted += is_counted(&noted[i]);
        if (use->kind_name[0] ? strcmp(noted[i].kind, use->kind_name) == 0 : is_counted(&noted[i]))
            seen.events[seen.n++] = &noted[i];
        cr_assert(seen.n < 4000);
    }
    const char *what = use->operator->outputs[set->features[index].output].suffix, *digits = strrchr(what, '_');
    if (use->operator == &operator_times) return slow_times(&seen, what);
    if (use->operator == &operator_amount || use->operator == &operator_extremes) return slow_amount(&seen, what);
    if (use->operator == &operator_quantity) return slow_quantity(&seen, what);
    if (use->operator == &operator_days) return slow_days(&seen, what);
    if (use->operator == &operator_distinct) return slow_distinct(&seen);
    if (use->operator == &operator_profile) return slow_profile(&seen, what);
    if (strstr(what, "trend")) return slow_trend(&seen, what[0] == 'a');
    return slow_decayed(&seen, strtod(digits + 1, NULL), what[0] == 'a');
}
