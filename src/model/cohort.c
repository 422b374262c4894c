/* Timeline, cohorts and retention; see cohort.h. */
#include "model/cohort.h"

#include "base/words.h"

#include <assert.h>
#include <math.h>

static int month_of(int32_t day)
{
    struct civil date = calendar_civil(day);
    return date.year * 12 + date.month - 1;
}

static int32_t month_begin(int month)
{
    return (int32_t)calendar_day((struct civil){ month / 12, month % 12 + 1, 1 });
}

/* The number of months from first_month on that the history touches. */
static size_t count_months(const struct history *history, int32_t as_of_day)
{
    return (size_t)(month_of(as_of_day) - month_of(history->first_day) + 1);
}

/* ---- timeline ---------------------------------------------------------------------------------- */

static void build_timeline(const struct history *history, int32_t as_of_day, struct arena *arena,
                           struct cohorts *ret)
{
    int first_month = month_of(history->first_day);
    size_t n = count_months(history, as_of_day);
    struct timeline_row *rows = ARENA_ARRAY(arena, struct timeline_row, n);
    for (size_t m = 0; m < n; m++) {
        int month = first_month + (int)m;
        rows[m].year = month / 12;
        rows[m].month = month % 12 + 1;
        rows[m].is_partial = month_begin(month) < history->first_day || month_begin(month + 1) - 1 > as_of_day;
    }
    for (size_t c = 0; c < history->n_customers; c++) {
        int before = -1;
        for (size_t e = history->first[c]; e < history->first[c + 1]; e++) {
            int month = month_of(history->day[e]);
            struct timeline_row *row = &rows[month - first_month];
            row->orders += history->orders[e];
            row->revenue_cents += history->amount_cents[e];
            row->customers += month != before;
            row->new_customers += e == history->first[c];
            before = month;
        }
    }
    ret->timeline = rows;
    ret->n_timeline = n;
}

static const char *say_timeline(const struct cohorts *cohorts, struct arena *arena)
{
    const struct timeline_row *first = NULL, *last = NULL;
    for (size_t i = 0; i < cohorts->n_timeline; i++) {
        const struct timeline_row *row = &cohorts->timeline[i];
        if (row->is_partial) continue;
        if (!first) first = row;
        last = row;
    }
    if (!first || first == last) return "The history holds too few complete months to show a trend.";
    double change = (double)last->orders / fmax((double)first->orders, 1) - 1;
    return arena_format(arena,
                        "%s orders in %04d-%02d, the last complete month, against %s in %04d-%02d, the first "
                        "(%+.0f %%); %s of its %s customers were new.",
                        words_count(arena, (double)last->orders), last->year, last->month,
                        words_count(arena, (double)first->orders), first->year, first->month, 100 * change,
                        words_count(arena, (double)last->new_customers),
                        words_count(arena, (double)last->customers));
}

/* ---- cohorts ----------------------------------------------------------------------------------- */

static void build_cohorts(const struct history *history, int32_t as_of_day, struct arena *arena,
                          struct cohorts *ret)
{
    int first_month = month_of(history->first_day), last_month = month_of(as_of_day);
    bool is_last_complete = month_begin(last_month + 1) - 1 <= as_of_day;
    size_t n = count_months(history, as_of_day);
    struct cohort_row *rows = ARENA_ARRAY(arena, struct cohort_row, n);
    for (size_t m = 0; m < n; m++) {
        size_t n_seen = n - m - (is_last_complete ? 0 : 1);
        rows[m].year = (first_month + (int)m) / 12;
        rows[m].month = (first_month + (int)m) % 12 + 1;
        rows[m].n_months = n_seen > 0 ? n_seen : 1;      /* everybody orders in their first month */
        rows[m].retained = ARENA_ARRAY(arena, double, n - m);
    }
    for (size_t c = 0; c < history->n_customers; c++) {
        int born = month_of(history->day[history->first[c]]), before = -1;
        struct cohort_row *row = &rows[born - first_month];
        row->customers++;
        for (size_t e = history->first[c]; e < history->first[c + 1]; e++) {
            int month = month_of(history->day[e]);
            if (month != before) row->retained[month - born]++;
            before = month;
        }
    }
    for (size_t m = 0; m < n; m++)
        for (size_t k = 0; k < n - m; k++)
            if (rows[m].customers > 0) rows[m].retained[k] /= (double)rows[m].customers;
    ret->cohorts = rows;
    ret->n_cohorts = n;
}

/* The share of all customers whose k-th month after the first was seen who ordered in it. */
static double mean_retained(const struct cohorts *cohorts, size_t k, size_t from, size_t to)
{
    double customers = 0, retained = 0;
    for (size_t m = from; m < to; m++) {
        const struct cohort_row *row = &cohorts->cohorts[m];
        if (row->n_months <= k || row->customers == 0) continue;
        customers += (double)row->customers;
        retained += row->retained[k] * (double)row->customers;
    }
    return customers > 0 ? retained / customers : (double)NAN;
}

static const char *say_cohorts(const struct cohorts *cohorts, struct arena *arena)
{
    double next = mean_retained(cohorts, 1, 0, cohorts->n_cohorts),
           sixth = mean_retained(cohorts, 6, 0, cohorts->n_cohorts);
    if (isnan(next)) return "The history is shorter than two months, so no cohort has been seen coming back.";
    const char *later =
        isnan(sixth) ? "" : arena_format(arena, " and %s six months after", words_share(arena, sixth));
    return arena_format(arena, "Of all new customers %s ordered again in the month after their first%s.",
                        words_share(arena, next), later);
}

/* ---- retention --------------------------------------------------------------------------------- */

enum { RETENTION_ROWS_MAX = 120 };

/* Days from the first order to the one after which lapse_days passed without another; -1 if that
 * has not happened yet. */
static int32_t find_lapse(const struct history *history, size_t customer, int32_t as_of_day, int32_t lapse_days)
{
    size_t from = history->first[customer], end = history->first[customer + 1];
    for (size_t e = from; e < end; e++) {
        int32_t quiet = (e + 1 < end ? history->day[e + 1] - 1 : as_of_day) - history->day[e];
        if (quiet >= lapse_days) return history->day[e] - history->day[from];
    }
    return -1;
}

/* Kaplan-Meier with Greenwood's variance; the interval is on the scale of log(-log S), which keeps
 * it within 0..1 (Kalbfleisch & Prentice). */
static void build_retention(const struct history *history, int32_t as_of_day, int32_t lapse_days,
                            struct arena *arena, struct cohorts *ret)
{
    size_t n_days = (size_t)(as_of_day - history->first_day + 1), at_risk = 0;
    size_t *stopped = ARENA_ARRAY(arena, size_t, n_days + 1), *left = ARENA_ARRAY(arena, size_t, n_days + 1);
    for (size_t c = 0; c < history->n_customers; c++) {
        int32_t seen = as_of_day - lapse_days - history->day[history->first[c]];
        if (seen < 0) continue;
        int32_t lapse = find_lapse(history, c, as_of_day, lapse_days);
        at_risk++;
        left[lapse >= 0 ? lapse : seen]++;
        if (lapse >= 0) stopped[lapse]++;
    }
    int32_t step = (int32_t)(n_days / RETENTION_ROWS_MAX) + 1;
    ret->retention = ARENA_ARRAY(arena, struct retention_row, n_days / (size_t)step + 2);
    double share = 1, greenwood = 0;
    for (size_t d = 0; d < n_days && at_risk > 0; d++) {
        double alive = (double)at_risk, dead = (double)stopped[d];
        share *= 1 - dead / alive;
        if (dead < alive) greenwood += dead / (alive * (alive - dead));
        at_risk -= left[d];
        if (d % (size_t)step != 0) continue;
        double width = share > 0 && share < 1 ? 1.959964 * sqrt(greenwood) / -log(share) : 0;
        ret->retention[ret->n_retention++] =
            (struct retention_row){ (int32_t)d, share, pow(share, exp(width)), pow(share, exp(-width)) };
    }
}

static const char *say_retention(const struct cohorts *cohorts, struct arena *arena)
{
    if (cohorts->n_retention == 0)
        return arena_format(
            arena,
            "The history is shorter than the %s without an order after which a customer counts as "
            "stopped.",
            words_days(arena, cohorts->lapse_days));
    const struct retention_row *row = &cohorts->retention[0], *median = NULL;
    for (size_t i = 0; i < cohorts->n_retention && !median; i++)
        if (cohorts->retention[i].share <= 0.5) median = &cohorts->retention[i];
    const char *half = !median            ? "; fewer than half stopped within the time seen"
                       : median->day == 0 ? ""
                                          : arena_format(arena, "; half had stopped %s after it",
                                                         words_days(arena, median->day));
    return arena_format(
        arena,
        "%s of customers did not order again within %s of their first order day%s. A customer counts as stopped at an "
        "order that %s without another followed, and those who came back later were away in between.",
        words_share(arena, 1 - row->share), words_days(arena, cohorts->lapse_days), half,
        words_days(arena, cohorts->lapse_days));
}

void cohorts_build(const struct history *history, int32_t as_of_day, int32_t lapse_days, struct arena *arena,
                   struct cohorts *ret_cohorts)
{
    assert(history->n_customers > 0 && history->last_day <= as_of_day && lapse_days > 0);
    struct cohorts cohorts = { .lapse_days = lapse_days };
    build_timeline(history, as_of_day, arena, &cohorts);
    build_cohorts(history, as_of_day, arena, &cohorts);
    build_retention(history, as_of_day, lapse_days, arena, &cohorts);
    cohorts.timeline_sentence = say_timeline(&cohorts, arena);
    cohorts.cohorts_sentence = say_cohorts(&cohorts, arena);
    cohorts.retention_sentence = say_retention(&cohorts, arena);
    *ret_cohorts = cohorts;
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static json_t *month_json(int year, int month)
{
    return json_sprintf("%04d-%02d", year, month);
}

json_t *timeline_json(const struct cohorts *cohorts)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < cohorts->n_timeline; i++) {
        const struct timeline_row *row = &cohorts->timeline[i];
        json_array_append_new(rows, json_pack("{so sI sI sI sI sb}", "month", month_json(row->year, row->month),
                                              "orders", (json_int_t)row->orders, "customers",
                                              (json_int_t)row->customers, "new_customers",
                                              (json_int_t)row->new_customers, "revenue_cents",
                                              (json_int_t)row->revenue_cents, "partial", row->is_partial));
    }
    return json_pack("{ss so}", "sentence", cohorts->timeline_sentence, "rows", rows);
}

json_t *cohorts_json(const struct cohorts *cohorts)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < cohorts->n_cohorts; i++) {
        const struct cohort_row *row = &cohorts->cohorts[i];
        if (row->customers == 0) continue;
        json_t *retained = json_array();
        for (size_t k = 0; k < row->n_months; k++) json_array_append_new(retained, json_real(row->retained[k]));
        json_array_append_new(rows, json_pack("{so sI so}", "cohort", month_json(row->year, row->month),
                                              "customers", (json_int_t)row->customers, "retained", retained));
    }
    return json_pack("{ss so}", "sentence", cohorts->cohorts_sentence, "rows", rows);
}

json_t *retention_json(const struct cohorts *cohorts)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < cohorts->n_retention; i++) {
        const struct retention_row *row = &cohorts->retention[i];
        json_array_append_new(rows, json_pack("{sI sf sf sf}", "day", (json_int_t)row->day, "share", row->share,
                                              "low", row->low, "high", row->high));
    }
    return json_pack("{ss sI so}", "sentence", cohorts->retention_sentence, "lapse_days",
                     (json_int_t)cohorts->lapse_days, "rows", rows);
}
