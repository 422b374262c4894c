/* scenario.c - draws, what they come to, and what each input moves; see scenario.h. */
#include "experiment/scenario_internal.h"

#include "base/json_write.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "math/numerics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_A_PIECE = 2048, THREADS_MOST = 64 };

/* ---- money over periods ---- */

double net_present_value(const double *flows, size_t n, double discount)
{
    double value = 0, factor = 1;
    for (size_t i = 0; i < n; i++, factor /= 1 + discount) value += flows[i] * factor;
    return value;
}

double internal_rate(const double *flows, size_t n)
{
    double low = -.99, high = 1000, at_low = net_present_value(flows, n, low),
           at_high = net_present_value(flows, n, high);
    if (!(at_low * at_high < 0)) return NAN;
    for (int step = 0; step < 200 && high - low > 1e-15 * (1 + fabs(low)); step++) {
        double middle = (low + high) / 2, at = net_present_value(flows, n, middle);
        if ((at > 0) == (at_low > 0)) low = middle;
        else high = middle;
    }
    return (low + high) / 2;
}

double payback_periods(const double *flows, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (sum + flows[i] >= 0) return i == 0 ? 0 : (double)(i - 1) + (sum < 0 ? -sum / flows[i] : 0);
        sum += flows[i];
    }
    return NAN;
}

/* ---- one set of values ---- */

enum { FLOW_VALUE, FLOW_RATE, FLOW_PAYBACK, FLOWS };

struct worker { struct expression *compiled[SCENARIO_NAMES_MOST]; double values[SCENARIO_NAMES_MOST]; };

static struct expression_value value_at(void *context, size_t column)
{
    const double *values = context;
    struct expression_value value = { .kind = EXPRESSION_IS_NUMBER, .number = values[column] };
    return value;
}

/* Values [n] of what is given and drawn become whole; flows [FLOWS] unless NULL. */
static bool work_out(const struct scenario *s, struct worker *w, double *flows, struct err *err)
{
    for (size_t i = 0; i < s->n_worked; i++) {
        size_t at = s->order[i];
        if (!expression_number(w->compiled[at], value_at, w->values, &w->values[at], err))
            return err_context(err, "%s", s->quantities[at].name);
        if (!isfinite(w->values[at]))
            return err_set(err, ERR_INVALID, "%s:%u: %s is no number in some draws (a division by 0, perhaps)",
                           s->path, s->quantities[at].node->line, s->quantities[at].name);
    }
    if (!flows || s->n_periods == 0) return true;
    double periods[SCENARIO_NAMES_MOST];
    for (size_t i = 0; i < s->n_periods; i++) periods[i] = w->values[s->periods[i]];
    flows[FLOW_VALUE] = net_present_value(periods, s->n_periods, w->values[s->discount]);
    flows[FLOW_RATE] = internal_rate(periods, s->n_periods);
    flows[FLOW_PAYBACK] = payback_periods(periods, s->n_periods);
    return true;
}

static struct worker *worker_new(const struct scenario *s, struct err *err)
{
    struct worker *w = memory_new(1, sizeof *w);
    bool ok = true;
    for (size_t i = 0; ok && i < s->n_worked; i++) {
        size_t at = s->order[i];
        ok = expression_compile_number(s->quantities[at].sql, s->columns, s->n, "input or output",
                                       &w->compiled[at], err);
    }
    for (size_t i = 0; i < s->n; i++) w->values[i] = s->quantities[i].constant;
    if (ok) return w;
    for (size_t i = 0; i < s->n; i++) expression_free(w->compiled[i]);
    free(w);
    return NULL;
}

static void worker_free(const struct scenario *s, struct worker *w)
{
    if (!w) return;
    for (size_t i = 0; i < s->n; i++) expression_free(w->compiled[i]);
    free(w);
}

/* ---- draws ---- */

struct running {
    const struct scenario *s;
    struct worker         *workers[THREADS_MOST];
    struct err             errs[THREADS_MOST];
    bool                   failed[THREADS_MOST];
    size_t                 n_draws;
    uint64_t               seed;
    double                *results[SCENARIO_NAMES_MOST];        /* [n_draws] of outputs, else NULL */
    double                *flows[FLOWS];
};

static void run_piece(void *context, size_t piece, unsigned thread)
{
    struct running *r = context;
    const struct scenario *s = r->s;
    struct worker *w = r->workers[thread];
    size_t end = (piece + 1) * DRAWS_A_PIECE < r->n_draws ? (piece + 1) * DRAWS_A_PIECE : r->n_draws;
    for (size_t draw = piece * DRAWS_A_PIECE; draw < end && !r->failed[thread]; draw++) {
        struct rng rng = rng_stream(r->seed, draw);
        double flows[FLOWS];
        for (size_t i = 0; i < s->n; i++)
            if (s->quantities[i].kind == IS_DRAWN)
                w->values[i] = distribution_draw(&s->quantities[i].distribution, &rng);
        if (!work_out(s, w, flows, &r->errs[thread])) { r->failed[thread] = true; break; }
        for (size_t i = 0; i < s->n; i++)
            if (r->results[i]) r->results[i][draw] = w->values[i];
        for (size_t f = 0; f < FLOWS && r->flows[0]; f++) r->flows[f][draw] = flows[f];
    }
}

/* Of draws [n], in their order so that sums are the same whoever made them; sorts them.  NaN are left out. */
static json_t *summary(double *draws, size_t n_all)
{
    static const struct { const char *name; double p; } quantiles[] = {
        { "p5", .05 }, { "p10", .1 }, { "p50", .5 }, { "p90", .9 }, { "p95", .95 } };
    double mean = 0, squares = 0, below = 0;
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (!isnan(draws[i])) draws[n++] = draws[i];
    for (size_t i = 0; i < n; i++) {
        double d = draws[i] - mean;
        mean += d / (double)(i + 1), squares += d * (draws[i] - mean), below += draws[i] < 0;
    }
    double sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    json_t *json = json_pack("{s:o, s:o}", "mean", number_json(n ? mean : (double)NAN), "sd",
                             number_json(n ? sd : (double)NAN));
    sort_doubles(draws, n);
    for (size_t q = 0; q < 5; q++)
        json_object_set_new(json, quantiles[q].name,
                            number_json(n ? quantile_sorted(draws, n, quantiles[q].p) : (double)NAN));
    json_object_set_new(json, "standard_error", number_json(n ? sd / sqrt((double)n) : (double)NAN));
    json_object_set_new(json, "chance_below_zero", number_json(n ? below / (double)n : (double)NAN));
    if (n < n_all) json_object_set_new(json, "none", json_real((double)(n_all - n) / (double)n_all));
    return json;
}

/* ---- what each input moves ---- */

struct swing { size_t input; double low, high; };

static int compare_swings(const void *a, const void *b)
{
    double x = fabs(((const struct swing *)a)->high - ((const struct swing *)a)->low),
           y = fabs(((const struct swing *)b)->high - ((const struct swing *)b)->low);
    if (x != y) return x > y ? -1 : 1;
    size_t i = ((const struct swing *)a)->input, k = ((const struct swing *)b)->input;
    return (i > k) - (i < k);
}

static void set_medians(const struct scenario *s, struct worker *w)
{
    for (size_t i = 0; i < s->n; i++)
        w->values[i] = s->quantities[i].kind == IS_DRAWN
                           ? distribution_quantile(&s->quantities[i].distribution, .5)
                           : s->quantities[i].constant;
}

static bool tornado(const struct scenario *s, struct worker *w, struct arena *arena, json_t *ret_tornado,
                    struct err *err)
{
    struct swing *swings = ARENA_ARRAY(arena, struct swing, s->n * s->n + 1);       /* [output][input] */
    size_t n_inputs = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->quantities[i].kind != IS_DRAWN) continue;
        for (int side = 0; side < 2; side++) {
            set_medians(s, w);
            w->values[i] = distribution_quantile(&s->quantities[i].distribution, side ? .9 : .1);
            if (!work_out(s, w, NULL, err)) return false;
            for (size_t o = 0; o < s->n; o++) {
                struct swing *swing = &swings[o * s->n + n_inputs];
                swing->input = i;
                if (side) swing->high = w->values[o];
                else swing->low = w->values[o];
            }
        }
        n_inputs++;
    }
    for (size_t o = 0; o < s->n; o++) {
        if (!s->quantities[o].is_output) continue;
        json_t *rows = json_array();
        qsort(&swings[o * s->n], n_inputs, sizeof *swings, compare_swings);
        for (size_t i = 0; i < n_inputs; i++) {
            const struct swing *swing = &swings[o * s->n + i];
            if (swing->low != swing->high)
                json_array_append_new(rows, json_pack("{s:s, s:f, s:f}", "input", s->quantities[swing->input].name,
                                                      "low", swing->low, "high", swing->high));
        }
        json_object_set_new(ret_tornado, s->quantities[o].name, rows);
    }
    return true;
}

/* ---- the whole ---- */

static bool draw_all(struct running *r, unsigned n_threads, struct arena *arena, struct err *err)
{
    const struct scenario *s = r->s;
    if (n_threads > THREADS_MOST) n_threads = THREADS_MOST;
    for (size_t i = 0; i < s->n; i++)
        if (s->quantities[i].is_output) r->results[i] = ARENA_ARRAY(arena, double, r->n_draws);
    for (size_t f = 0; f < FLOWS && s->n_periods > 0; f++) r->flows[f] = ARENA_ARRAY(arena, double, r->n_draws);
    for (unsigned t = 0; t < n_threads; t++)
        if (!(r->workers[t] = worker_new(s, err))) return false;
    parallel_for(n_threads, (r->n_draws + DRAWS_A_PIECE - 1) / DRAWS_A_PIECE, run_piece, r);
    for (unsigned t = 0; t < n_threads; t++)
        if (r->failed[t]) { *err = r->errs[t]; return false; }
    return true;
}

static bool add_results(struct running *r, json_t *json, struct arena *arena, struct err *err)
{
    static const char *const names[FLOWS] = { "npv", "irr", "payback_periods" };
    const struct scenario *s = r->s;
    double at_medians[FLOWS] = { NAN, NAN, NAN };
    json_t *outputs = json_object(), *swings = json_object();
    json_object_set_new(json, "outputs", outputs);
    json_object_set_new(json, "tornado", swings);
    set_medians(s, r->workers[0]);
    if (!work_out(s, r->workers[0], at_medians, err)) return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!r->results[i]) continue;
        json_t *one = summary(r->results[i], r->n_draws);
        json_object_set_new(one, "at_medians", number_json(r->workers[0]->values[i]));
        json_object_set_new(outputs, s->quantities[i].name, one);
    }
    for (size_t f = 0; f < FLOWS; f++) {
        json_t *one = s->n_periods > 0 ? summary(r->flows[f], r->n_draws) : json_null();
        if (json_is_object(one)) json_object_set_new(one, "value", number_json(at_medians[f]));
        json_object_set_new(json, names[f], one);
    }
    return tornado(s, r->workers[0], arena, swings, err);
}

bool scenario_run(const struct scenario *scenario, size_t n_draws, uint64_t seed, unsigned n_threads,
                  struct arena *arena, json_t **ret_json, struct err *err)
{
    struct running *r = ARENA_NEW(arena, struct running);
    r->s = scenario, r->n_draws = n_draws, r->seed = seed;
    json_t *json = json_pack("{s:I, s:I}", "draws", (json_int_t)n_draws, "seed", (json_int_t)seed);
    bool ok = draw_all(r, n_threads ? n_threads : 1, arena, err) && add_results(r, json, arena, err);
    for (size_t t = 0; t < THREADS_MOST; t++) worker_free(scenario, r->workers[t]);
    if (ok) *ret_json = json;
    else json_decref(json);
    return ok;
}
