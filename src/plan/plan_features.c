/* plan_features.c - see plan_features.h. */
#include "plan/plan_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BASE_MOST = 64, PAIRS_MOST = 1500, LOOKED_AT = 20000, PARTS = 20 };

static const double RATIO_MOST = 10, NEVER_DAYS = 3650;
static const double HARDLY_ANY = .1, MOST_PEOPLE = .5;
static const double NEAR = .25;     /* of the past deviation: what decays comes in lumps that move a little */

enum base_form {
    BASE_LOG,           /* log(1 + x), 0 where missing */
    BASE_RECENCY,       /* the same of days, ten years where never */
    BASE_RATIO,         /* x for each goal event */
    BASE_PLAIN
};

/* is_alive: says how active a customer is; else what they are like. */
struct base { enum base_form form; size_t column; bool is_alive; };

struct plan_features {
    const struct feature_set *set;
    struct base base[BASE_MOST];
    size_t      n_base, n_pairs, count, amount;
    uint8_t     pair[PAIRS_MOST][2];
};

static void add(struct plan_features *f, size_t column, enum base_form form, bool is_alive)
{
    if (f->n_base < BASE_MOST) f->base[f->n_base++] = (struct base){ form, column, is_alive };
}

/* Of a kind of event; "" of all. */
static void add_of(struct plan_features *f, const struct feature_set *set, const char *kind, const char *what,
                   enum base_form form, bool is_alive)
{
    size_t column;
    if (feature_of_kind(set, kind, what, &column)) add(f, column, form, is_alive);
}

/* Kinds other than the goal: how often for each goal event, and how much of late. */
static void add_kinds(struct plan_features *f, const struct feature_set *set, const char *goal)
{
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const char *kind = feature_at(set, i)->group;
        if (!*kind || strcmp(feature_suffix(set, i), "count") != 0 || strcmp(kind, goal) == 0) continue;
        add(f, i, BASE_RATIO, false);
        add_of(f, set, kind, "decayed_30d", BASE_LOG, false);
    }
}

static void add_traits(struct plan_features *f, const struct feature_set *set,
                       const char *const *protected_traits, size_t n_protected)
{
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const struct feature *feature = feature_at(set, i);
        size_t t = 0;
        while (t < n_protected && strcmp(protected_traits[t], feature->group) != 0) t++;
        if (t == n_protected && strstr(feature->name, " = ")) add(f, i, BASE_PLAIN, false);
    }
}

bool plan_features_new(const struct feature_set *set, const char *goal, const char *const *protected_traits,
                       size_t n_protected, struct arena *arena, struct plan_features **ret_features,
                       struct err *err)
{
    struct plan_features *f = ARENA_NEW(arena, struct plan_features);
    f->set = set;
    if (!feature_of_kind(set, goal, "count", &f->count))
        return err_set(err, ERR_MISSING, "nobody has an event '%s'", goal);
    if (!feature_of_kind(set, goal, "amount_sum", &f->amount))
        return err_set(err, ERR_MISSING, "events '%s' have no amounts, so that nobody knows what one is worth",
                       goal);
    add_of(f, set, goal, "recency_days", BASE_RECENCY, true);
    add_of(f, set, goal, "decayed_30d", BASE_LOG, true);
    add_of(f, set, goal, "decayed_90d", BASE_LOG, true);
    add_of(f, set, goal, "decayed_365d", BASE_LOG, true);
    add_of(f, set, goal, "count", BASE_LOG, false);
    add_of(f, set, "", "recency_days", BASE_RECENCY, true);
    add_of(f, set, "", "decayed_30d", BASE_LOG, true);
    add_traits(f, set, protected_traits, n_protected);
    add_kinds(f, set, goal);
    for (size_t a = 0; a < f->n_base; a++)
        for (size_t b = a; b < f->n_base && f->n_pairs < PAIRS_MOST; b++)
            if (!f->base[a].is_alive || !f->base[b].is_alive || a == b)
                f->pair[f->n_pairs][0] = (uint8_t)a, f->pair[f->n_pairs++][1] = (uint8_t)b;
    *ret_features = f;
    return true;
}

size_t plan_features_width(const struct plan_features *f) { return f->n_base + f->n_pairs; }

size_t plan_features_n_inputs(const struct plan_features *f) { return f->n_base; }

const char *plan_features_input(const struct plan_features *f, const float *row, size_t input, double *ret_value)
{
    *ret_value = (double)row[f->base[input].column];
    return feature_at(f->set, f->base[input].column)->name;
}

static double known(double value, double otherwise) { return isnan(value) ? otherwise : value; }

double plan_features_count(const struct plan_features *f, const float *row)
{
    return known((double)row[f->count], 0);
}
double plan_features_amount(const struct plan_features *f, const float *row)
{
    return known((double)row[f->amount], 0);
}

void plan_features_fill(const struct plan_features *f, const float *row, float *ret)
{
    double goals = plan_features_count(f, row);
    for (size_t i = 0; i < f->n_base; i++) {
        double value = (double)row[f->base[i].column], made = 0;
        switch (f->base[i].form) {
        case BASE_LOG: made = log1p(fmax(known(value, 0), 0)); break;
        case BASE_RECENCY: made = log1p(fmax(known(value, NEVER_DAYS), 0)); break;
        case BASE_RATIO: made = fmin(known(value, 0) / (goals + 1), RATIO_MOST); break;
        case BASE_PLAIN: made = known(value, 0); break;
        }
        ret[i] = (float)made;
    }
    for (size_t p = 0; p < f->n_pairs; p++) ret[f->n_base + p] = ret[f->pair[p][0]] * ret[f->pair[p][1]];
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Every so many of a column, in order.  ret [LOOKED_AT + 1]. */
static size_t take_sorted(const float *values, size_t n, size_t width, float *ret)
{
    size_t every = n / LOOKED_AT + 1, n_taken = 0;
    for (size_t i = 0; i < n; i += every) ret[n_taken++] = values[i * width];
    qsort(ret, n_taken, sizeof *ret, by_size);
    return n_taken;
}

static double deviation(const float *values, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += (double)values[i], squares += (double)values[i] * (double)values[i];
    return sqrt(fmax(squares / (double)n - sum / (double)n * (sum / (double)n), 0));
}

/* Of values in order: how many lie in a window that only moves on. */
struct window { const float *values; size_t n, from, to; };

static double share_within(struct window *w, double least, double most)
{
    while (w->from < w->n && (double)w->values[w->from] < least) w->from++;
    while (w->to < w->n && (double)w->values[w->to] <= most) w->to++;
    return (double)(w->to - w->from) / (double)w->n;
}

/* Most of today's people lie where there are hardly any past rows for so many, near each of the parts into which
 * today's values are cut. */
static bool is_unseen(const float *past, size_t n_past, const float *today, size_t n_today)
{
    double unseen = 0, near = NEAR * deviation(past, n_past);
    struct window before = { past, n_past, 0, 0 }, now = { today, n_today, 0, 0 };
    for (size_t from = 0, to; from < n_today; from = to) {
        to = from + n_today / PARTS + 1;
        if (to > n_today) to = n_today;
        while (to < n_today && today[to] <= today[to - 1]) to++;
        double least = (double)today[from] - near, most = (double)today[to - 1] + near;
        if (share_within(&before, least, most) < HARDLY_ANY * share_within(&now, least, most))
            unseen += (double)(to - from) / (double)n_today;
    }
    return unseen > MOST_PEOPLE;
}

static void blank(float *values, size_t n, size_t width)
{
    for (size_t i = 0; i < n; i++) values[i * width] = 0;
}

void plan_features_blank_unseen(const struct plan_features *f, float *past, size_t n_past, float *today,
                                size_t n_today)
{
    size_t width = plan_features_width(f);
    bool unseen[BASE_MOST];
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    float *before = ARENA_ARRAY(scratch, float, LOOKED_AT + 1), *now = ARENA_ARRAY(scratch, float, LOOKED_AT + 1);
    for (size_t i = 0; i < f->n_base; i++) {
        size_t n_before = take_sorted(past + i, n_past, width, before),
               n_now = take_sorted(today + i, n_today, width, now);
        unseen[i] = n_before > 0 && is_unseen(before, n_before, now, n_now);
    }
    for (size_t i = 0; i < width; i++) {
        const uint8_t *pair = i < f->n_base ? NULL : f->pair[i - f->n_base];
        if (pair ? unseen[pair[0]] || unseen[pair[1]] : unseen[i])
            blank(past + i, n_past, width), blank(today + i, n_today, width);
    }
    arena_free(scratch);
}
