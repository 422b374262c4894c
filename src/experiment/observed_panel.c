/* observed_panel.c - difference in differences, its errors by unit; see observed.h. */
#include "experiment/observed.h"

#include "base/hash_map.h"
#include "math/numerics.h"

#include <math.h>

/* Which of two periods a row is in, 0 or 1; -1: in none. */
typedef int period_of(const struct panel_rows *rows, size_t i, double from);

static int around_treatment(const struct panel_rows *rows, size_t i, double from)
{
    (void)from;
    return rows->is_post[i];
}

static int before_treatment(const struct panel_rows *rows, size_t i, double from)
{
    return rows->is_post[i] ? -1 : rows->period[i] >= from;
}

/* Each unit's number, from 0, and whether it is treated. */
struct units { size_t n, n_treated; uint32_t *of; };

static bool number_units(const struct panel_rows *rows, struct arena *arena, struct units *units, struct err *err)
{
    struct hash_map met = { 0 };
    bool *is_treated = ARENA_ARRAY(arena, bool, rows->n + 1), ok = true;
    units->of = ARENA_ARRAY(arena, uint32_t, rows->n + 1);
    for (size_t i = 0; ok && i < rows->n; i++) {
        uint64_t *number = hash_map_put(&met, rows->unit[i]);
        if (*number == 0) {
            *number = ++units->n;
            is_treated[*number - 1] = rows->is_treated[i];
            units->n_treated += rows->is_treated[i];
        }
        units->of[i] = (uint32_t)(*number - 1);
        if (is_treated[units->of[i]] != rows->is_treated[i])
            ok =
                err_set(err, ERR_INVALID,
                        "row %zu: its unit is treated here and untreated elsewhere; --treated says who belongs to "
                        "those that were to be treated, in both periods alike",
                        i + 1);
    }
    hash_map_free(&met);
    return ok;
}

/* The effect is one number a row, plus or minus one over the size of its cell, times the outcome; so its variance
 * is that of what each unit adds to it. */
static bool differ(const struct panel_rows *rows, const struct units *units, period_of *period, double from,
                   struct arena *arena, double ret_mean[2][2], struct estimate *ret_effect)
{
    double n[2][2] = { 0 }, sum[2][2] = { 0 }, all = 0, squares = 0, count = 0;
    double *added = ARENA_ARRAY(arena, double, units->n + 1);
    bool *is_in = ARENA_ARRAY(arena, bool, units->n + 1);
    for (size_t i = 0; i < rows->n; i++) {
        int at = period(rows, i, from);
        if (at >= 0) n[rows->is_treated[i]][at]++, sum[rows->is_treated[i]][at] += rows->outcome[i];
    }
    for (size_t t = 0; t < 2; t++)
        for (size_t p = 0; p < 2; p++) {
            if (n[t][p] == 0) return false;
            ret_mean[t][p] = sum[t][p] / n[t][p], all += n[t][p];
        }
    for (size_t i = 0; i < rows->n; i++) {
        int at = period(rows, i, from);
        if (at < 0) continue;
        bool t = rows->is_treated[i];
        double sign = t == (bool)at ? 1 : -1;
        added[units->of[i]] += sign * (rows->outcome[i] - ret_mean[t][at]) / n[t][at];
        count += !is_in[units->of[i]], is_in[units->of[i]] = true;
    }
    for (size_t u = 0; u < units->n; u++) squares += added[u] * added[u];
    double se = sqrt(squares * count / (count - 1) * (all - 1) / (all > 4 ? all - 4 : 1));
    double value = ret_mean[1][1] - ret_mean[1][0] - ret_mean[0][1] + ret_mean[0][0],
           half = student_quantile(1 - rows->alpha / 2, count - 1) * se;
    *ret_effect = (struct estimate){ value, se, value - half, value + half };
    return true;
}

/* The later half of the periods before the treatment begins here; NaN: there is one only. */
static double middle_of_before(const struct panel_rows *rows, struct arena *arena)
{
    double *values = ARENA_ARRAY(arena, double, rows->n + 1);
    size_t n = 0, different = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (!rows->is_post[i] && !isnan(rows->period[i])) values[n++] = rows->period[i];
    sort_doubles(values, n);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || values[i] != values[i - 1]) values[different++] = values[i];
    return different < 2 ? (double)NAN : values[different / 2];
}

static struct estimate naive_of(const struct panel_rows *rows)
{
    struct arm_sample arm[2] = { 0 };
    double p;
    for (size_t i = 0; i < rows->n; i++) {
        struct arm_sample *a = &arm[rows->is_treated[i]];
        if (!rows->is_post[i]) continue;
        double d = rows->outcome[i] - a->mean;
        a->n++, a->mean += d / a->n, a->variance += d * (rows->outcome[i] - a->mean);
    }
    for (size_t i = 0; i < 2; i++) arm[i].variance /= fmax(1, arm[i].n - 1);
    return welch(arm[0], arm[1], rows->alpha, &p);
}

bool observed_panel(const struct panel_rows *rows, struct arena *arena, struct panel *ret_panel, struct err *err)
{
    struct panel panel = { .placebo = { NAN, NAN, NAN, NAN } };
    struct units units = { 0 };
    double mean[2][2], from;
    if (!number_units(rows, arena, &units, err)) return false;
    panel.n_units = units.n, panel.n_treated_units = units.n_treated;
    if (units.n_treated < 2 || units.n - units.n_treated < 2)
        return err_set(
            err, ERR_REFUSED,
            "%zu units are treated and %zu are not: at least two of each are needed to know by how much "
            "they differ anyway",
            units.n_treated, units.n - units.n_treated);
    if (!differ(rows, &units, around_treatment, 0, arena, panel.cell, &panel.effect))
        return err_set(err, ERR_REFUSED, "rows are needed of treated and untreated units, before and after");
    panel.naive = naive_of(rows);
    if (rows->period && !isnan(from = middle_of_before(rows, arena)))
        (void)differ(rows, &units, before_treatment, from, arena, mean, &panel.placebo);
    *ret_panel = panel;
    return true;
}
