/* survival.c - curves and the test between them; see survival.h. */
#include "model/survival_internal.h"

#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows in the order of time ---- */

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

struct ranked *ranked_by(const double *key, const uint32_t *rows, size_t n, struct arena *arena)
{
    struct ranked *all = ARENA_ARRAY(arena, struct ranked, n + 1);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = rows ? rows[i] : (uint32_t)i;
        all[i] = (struct ranked){ key ? key[row] : 0, row };
    }
    qsort(all, n, sizeof *all, compare_ranked);
    return all;
}

size_t rows_by_stratum(const struct durations *durations, const uint32_t *rows, size_t n, struct arena *arena,
                       uint32_t **ret_rows, size_t **ret_first)
{
    size_t n_strata = durations->stratum ? durations->n_strata : 1, *first = ARENA_ARRAY(arena, size_t, n_strata + 2);
    uint32_t *sorted = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (int pass = 0; pass < 2; pass++) {      /* how many of each, then each to its place */
        for (size_t i = 0; i < n; i++) {
            uint32_t row = rows ? rows[i] : (uint32_t)i;
            size_t stratum = durations->stratum ? durations->stratum[row] : 0;
            if (pass == 0) first[stratum + 2]++;
            else sorted[first[stratum + 1]++] = row;
        }
        for (size_t s = 0; s < n_strata && pass == 0; s++) first[s + 2] += first[s + 1];
    }
    *ret_rows = sorted, *ret_first = first;
    return n_strata;
}

/* ---- a curve ---- */

static void add_limits(struct survival_point *point, enum survival_interval interval, double alpha)
{
    double z = normal_quantile(1 - alpha / 2), s = point->survival;
    point->low = point->high = NAN;
    if (!(s > 0)) return;
    if (s >= 1) { point->low = point->high = 1; return; }
    if (interval == SURVIVAL_LOG) {
        point->low = s * exp(-z * point->se / s);
        point->high = fmin(1, s * exp(z * point->se / s));
    } else {
        double spread = z * point->se / (s * log(s));
        point->low = pow(s, exp(-spread));
        point->high = pow(s, exp(spread));
    }
}

/* Where a line of steps comes down to a half; on it exactly, the middle of that step.  NaN: it does not. */
static double half_time(const struct survival_curve *curve, double (*line)(const struct survival_point *point))
{
    for (size_t i = 0; i < curve->n_points; i++) {
        const struct survival_point *point = &curve->points[i];
        double at = line(point);
        bool is_on_it = fabs(at - .5) < 1e-12;
        if (is_on_it && i + 1 < curve->n_points) return (point->time + point[1].time) / 2;
        if (is_on_it || at < .5) return point->time;
    }
    return NAN;
}

static double line_of_survival(const struct survival_point *point) { return point->survival; }
static double line_of_low(const struct survival_point *point) { return point->low; }
static double line_of_high(const struct survival_point *point) { return point->high; }

void survival_curve(const struct durations *durations, const uint32_t *rows, size_t n_rows,
                    enum survival_interval interval, double alpha, struct arena *arena,
                    struct survival_curve *ret_curve)
{
    const struct ranked *ends = ranked_by(durations->time, rows, n_rows, arena),
                        *begins = ranked_by(durations->start, rows, n_rows, arena);
    struct survival_curve curve = { .n = n_rows, .points = ARENA_ARRAY(arena, struct survival_point, n_rows + 1),
                                    .last_time = n_rows ? ends[n_rows - 1].time : 0 };
    size_t n_begun = 0;
    double survival = 1, sum = 0;
    for (size_t i = 0; i < n_rows;) {
        double time = ends[i].time;
        size_t k = i, n_events = 0;
        for (; k < n_rows && ends[k].time == time; k++) n_events += durations->is_event[ends[k].row];
        while (n_begun < n_rows && begins[n_begun].time < time) n_begun++;
        double at_risk = (double)(n_begun - i);
        i = k;
        if (n_events == 0) continue;
        double events = (double)n_events;
        survival *= 1 - events / at_risk;
        sum += events / (at_risk * (at_risk - events));
        struct survival_point *point = &curve.points[curve.n_points++];
        *point = (struct survival_point){ .time = time,
                                          .n_risk = at_risk,
                                          .n_events = events,
                                          .survival = survival,
                                          .se = survival > 0 ? survival * sqrt(sum) : (double)NAN };
        add_limits(point, interval, alpha);
        curve.n_events += n_events;
    }
    curve.median = half_time(&curve, line_of_survival);
    curve.median_low = half_time(&curve, line_of_low);
    curve.median_high = half_time(&curve, line_of_high);
    *ret_curve = curve;
}

struct survival_point survival_at(const struct survival_curve *curve, const struct durations *durations,
                                  const uint32_t *rows, size_t n_rows, double time)
{
    struct survival_point found = { .survival = 1, .low = 1, .high = 1 };
    for (size_t i = 0; i < curve->n_points && curve->points[i].time <= time; i++) found = curve->points[i];
    found.time = time;
    found.n_risk = found.n_events = 0;
    for (size_t i = 0; i < n_rows; i++) {
        size_t row = rows[i];
        found.n_risk += durations->time[row] >= time && (!durations->start || durations->start[row] < time);
        found.n_events += durations->is_event[row] && durations->time[row] == time;
    }
    return found;
}

/* The area under the curve; its error weighs each event by the area that it takes away. */
double survival_mean(const struct survival_curve *curve, double until, double *ret_se)
{
    double area = 0, variance = 0, time = until, survival;
    size_t n = 0;
    while (n < curve->n_points && curve->points[n].time < until) n++;
    for (size_t i = n; i-- > 0;) {
        const struct survival_point *point = &curve->points[i];
        survival = point->survival;
        area += survival * (time - point->time);
        time = point->time;
        if (point->n_risk > point->n_events)
            variance += area * area * point->n_events / (point->n_risk * (point->n_risk - point->n_events));
    }
    *ret_se = sqrt(variance);
    return area + time;
}

/* ---- groups ---- */

const char *const survival_weight_names[] = { "even", "wilcoxon", "tarone-ware", "peto" };

struct log_rank {
    const struct durations *durations;
    const uint32_t         *group;
    size_t                  n_groups;
    double *observed, *expected, *variance;     /* variance [n_groups - 1 squared] */
    double *risk, *events;                      /* scratch [n_groups] */
    enum survival_weight weight;
    double *difference;                         /* [n_groups] observed less expected, weighted */
};

static double weight_at(enum survival_weight weight, double n_risk, double survival)
{
    switch (weight) {
    case SURVIVAL_WILCOXON: return n_risk;
    case SURVIVAL_TARONE_WARE: return sqrt(n_risk);
    case SURVIVAL_PETO: return survival;
    case SURVIVAL_EVEN:
    case SURVIVAL_WEIGHTS: break;
    }
    return 1;
}

/* Adds what the rows [n] of one stratum say. */
static void add_stratum(struct log_rank *r, const uint32_t *rows, size_t n, struct arena *arena)
{
    const struct ranked *ends = ranked_by(r->durations->time, rows, n, arena),
                        *begins = ranked_by(r->durations->start, rows, n, arena);
    size_t n_begun = 0, m = r->n_groups - 1;
    double survival = 1;
    memset(r->risk, 0, r->n_groups * sizeof *r->risk);
    for (size_t i = 0; i < n;) {
        double time = ends[i].time, all = 0, happened = 0;
        size_t k = i;
        memset(r->events, 0, r->n_groups * sizeof *r->events);
        for (; k < n && ends[k].time == time; k++)
            r->events[r->group[ends[k].row]] += r->durations->is_event[ends[k].row];
        for (; n_begun < n && begins[n_begun].time < time; n_begun++) r->risk[r->group[begins[n_begun].row]]++;
        for (size_t g = 0; g < r->n_groups; g++) all += r->risk[g], happened += r->events[g];
        survival *= 1 - happened / (all + 1);
        double weight = weight_at(r->weight, all, survival);
        for (size_t g = 0; g < r->n_groups && happened > 0; g++) {
            double expected = happened * r->risk[g] / all;
            r->observed[g] += r->events[g], r->expected[g] += expected;
            r->difference[g] += weight * (r->events[g] - expected);
            double rest = all > 1 ? weight * weight * happened * (all - happened) / (all - 1) : 0;
            for (size_t h = 0; h < m && g < m; h++)
                r->variance[g * m + h] += rest * r->risk[g] / all * ((g == h) - r->risk[h] / all);
        }
        for (; i < k; i++) r->risk[r->group[ends[i].row]]--;
    }
}

double survival_log_rank(const struct durations *durations, const uint32_t *group, size_t n_groups,
                         enum survival_weight weight, double *ret_observed, double *ret_expected,
                         struct arena *arena)
{
    size_t n = 0, m = n_groups - 1, *first;
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, durations->n + 1), *sorted;
    for (size_t i = 0; i < durations->n; i++)
        if (group[i] < n_groups) rows[n++] = (uint32_t)i;
    double *solved = ARENA_ARRAY(arena, double, m + 1), chi2 = 0;
    struct log_rank r = { durations, group, n_groups, ret_observed, ret_expected,
                          ARENA_ARRAY(arena, double, m * m + 1), ARENA_ARRAY(arena, double, n_groups),
                          ARENA_ARRAY(arena, double, n_groups), weight,
                          ARENA_ARRAY(arena, double, n_groups) };
    memset(ret_observed, 0, n_groups * sizeof *ret_observed);
    memset(ret_expected, 0, n_groups * sizeof *ret_expected);
    size_t n_strata = rows_by_stratum(durations, rows, n, arena, &sorted, &first);
    for (size_t s = 0; s < n_strata; s++) add_stratum(&r, sorted + first[s], first[s + 1] - first[s], arena);
    if (!linear_solve(r.variance, r.difference, m, solved)) return NAN;
    for (size_t g = 0; g < m; g++) chi2 += r.difference[g] * solved[g];
    return chi2;
}
