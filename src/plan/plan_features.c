/* plan_features.c - see plan_features.h. */
#include "plan/plan_features.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BASE_MOST = 64, PAIRS_MOST = 1500, NAME_ROOM = 300 };

static const double RATIO_MOST = 10, NEVER_DAYS = 3650;

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

static void add(struct plan_features *f, const struct feature_set *set, const char *name, enum base_form form,
                bool is_alive)
{
    size_t column;
    if (f->n_base < BASE_MOST && feature_find(set, name, &column))
        f->base[f->n_base++] = (struct base){ form, column, is_alive };
}

static void add_of(struct plan_features *f, const struct feature_set *set, const char *kind, const char *what,
                   enum base_form form, bool is_alive)
{
    char name[NAME_ROOM];
    snprintf(name, sizeof name, "%s_%s", kind, what);
    add(f, set, name, form, is_alive);
}

/* Kinds other than the goal: how often for each goal event, and how much of late. */
static void add_kinds(struct plan_features *f, const struct feature_set *set, const char *goal)
{
    char name[NAME_ROOM];
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const struct feature *feature = feature_at(set, i);
        snprintf(name, sizeof name, "%s_count", feature->group);
        if (!*feature->group || strcmp(feature->name, name) != 0 || strcmp(feature->group, goal) == 0) continue;
        add(f, set, feature->name, BASE_RATIO, false);
        add_of(f, set, feature->group, "decayed_30d", BASE_LOG, false);
    }
}

static void add_traits(struct plan_features *f, const struct feature_set *set,
                       const char *const *protected_traits, size_t n_protected)
{
    for (size_t i = 0; i < feature_set_size(set); i++) {
        const struct feature *feature = feature_at(set, i);
        size_t t = 0;
        while (t < n_protected && strcmp(protected_traits[t], feature->group) != 0) t++;
        if (t == n_protected && strstr(feature->name, " = ")) add(f, set, feature->name, BASE_PLAIN, false);
    }
}

bool plan_features_new(const struct feature_set *set, const char *goal, const char *const *protected_traits,
                       size_t n_protected, struct arena *arena, struct plan_features **ret_features,
                       struct err *err)
{
    char name[NAME_ROOM];
    struct plan_features *f = ARENA_NEW(arena, struct plan_features);
    f->set = set;
    snprintf(name, sizeof name, "%s_count", goal);
    if (!feature_find(set, name, &f->count)) return err_set(err, ERR_MISSING, "nobody has an event '%s'", goal);
    snprintf(name, sizeof name, "%s_amount_sum", goal);
    if (!feature_find(set, name, &f->amount))
        return err_set(err, ERR_MISSING, "events '%s' have no amounts, so that nobody knows what one is worth",
                       goal);
    add_of(f, set, goal, "recency_days", BASE_RECENCY, true);
    add_of(f, set, goal, "decayed_30d", BASE_LOG, true);
    add_of(f, set, goal, "decayed_90d", BASE_LOG, true);
    add_of(f, set, goal, "decayed_365d", BASE_LOG, true);
    add_of(f, set, goal, "count", BASE_LOG, false);
    add(f, set, "event_recency_days", BASE_RECENCY, true);
    add(f, set, "event_decayed_30d", BASE_LOG, true);
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
