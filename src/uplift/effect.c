/* effect.c - see effect.h. */
#include "uplift/effect.h"

#include <math.h>
#include <string.h>

const char *const effect_learner_name[EFFECT_LEARNERS] = { "s", "t", "x", "r", "dr", "class" };

enum { PARTS = 3, PREDICT_BLOCK = 8192 };

static const double PROPENSITY_LEAST = .01;

struct effect {
    enum effect_learner learner;
    size_t              n_columns;
    struct regression  *first, *second;     /* t: untreated, treated; x: effects seen from either arm; else one */
    double              treated_share;      /* x: how much the untreated arm's counts */
    bool                is_linear;          /* s: whether features are repeated for the treated */
};

/* ---- the outcome, and who is treated ---- */

struct picking { uint32_t *rows; double *target; size_t n; };

static struct picking picking_new(size_t n, struct arena *arena)
{
    return (struct picking){ ARENA_ARRAY(arena, uint32_t, n + 1), ARENA_ARRAY(arena, double, n + 1), 0 };
}

static bool fit(const struct effect_data *data, const struct picking *p, bool is_yes_no, enum regression_form form,
                struct arena *arena, struct regression **ret, struct err *err)
{
    struct regression_request request = { .values = data->values, .n_columns = data->n_columns, .rows = p->rows,
                                          .n = p->n, .target = p->target, .is_yes_no = is_yes_no, .form = form,
                                          .seed = data->seed, .n_threads = data->n_threads };
    return regression_fit(&request, arena, ret, err);
}

/* The outcome of one arm among those of rows that are not in a part (PARTS: among all). */
static bool fit_arm(const struct effect_data *data, const uint32_t *rows, size_t n, size_t part, bool is_treated,
                    enum regression_form form, struct arena *arena, struct regression **ret, struct err *err)
{
    struct picking p = picking_new(n, arena);
    for (size_t i = 0; i < n; i++)
        if (data->is_treated[rows[i]] == is_treated && (part == PARTS || i % PARTS != part))
            p.rows[p.n] = rows[i], p.target[p.n++] = data->outcome[rows[i]];
    if (p.n == 0)
        return err_set(err, ERR_REFUSED, "too few people %s", is_treated ? "were treated" : "were left alone");
    return fit(data, &p, data->is_yes_no, form, arena, ret, err);
}

static void predict_part(const struct regression *model, const struct effect_data *data, const uint32_t *rows,
                         size_t n, size_t part, struct arena *scratch, double *ret)
{
    struct picking p = picking_new(n, scratch);
    for (size_t i = part; i < n; i += PARTS) p.rows[p.n++] = rows[i];
    regression_predict(model, data->values, p.rows, p.n, p.target);
    for (size_t i = part, k = 0; i < n; i += PARTS) ret[i] = p.target[k++];
}

static bool propensity_part(const struct effect_data *data, const uint32_t *rows, size_t n, size_t part,
                            struct arena *scratch, double *ret, struct err *err)
{
    struct picking p = picking_new(n, scratch);
    struct regression *model;
    if (data->propensity) {
        for (size_t i = part; i < n; i += PARTS) ret[i] = data->propensity[rows[i]];
        return true;
    }
    for (size_t i = 0; i < n; i++)
        if (i % PARTS != part) p.rows[p.n] = rows[i], p.target[p.n++] = data->is_treated[rows[i]];
    if (!fit(data, &p, true, REGRESSION_LINEAR, scratch, &model, err)) return false;
    predict_part(model, data, rows, n, part, scratch, ret);
    for (size_t i = part; i < n; i += PARTS) ret[i] = fmin(fmax(ret[i], PROPENSITY_LEAST), 1 - PROPENSITY_LEAST);
    return true;
}

bool nuisance_cross_fit(const struct effect_data *data, const uint32_t *rows, size_t n, struct arena *arena,
                        struct nuisance *ret_nuisance, struct err *err)
{
    struct nuisance nuisance = { ARENA_ARRAY(arena, double, n + 1), ARENA_ARRAY(arena, double, n + 1),
                                 ARENA_ARRAY(arena, double, n + 1), data->form };
    bool ok = true;
    for (size_t part = 0; ok && part < PARTS; part++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct regression *untreated, *treated;
        ok = fit_arm(data, rows, n, part, false, nuisance.form, scratch, &untreated, err);
        if (ok) nuisance.form = regression_form_of(untreated);      /* found once is enough */
        ok = ok && fit_arm(data, rows, n, part, true, nuisance.form, scratch, &treated, err) &&
             propensity_part(data, rows, n, part, scratch, nuisance.propensity, err);
        if (ok) predict_part(untreated, data, rows, n, part, scratch, nuisance.untreated);
        if (ok) predict_part(treated, data, rows, n, part, scratch, nuisance.treated);
        arena_free(scratch);
    }
    if (ok) *ret_nuisance = nuisance;
    return ok;
}

void doubly_robust_scores(const struct effect_data *data, const uint32_t *rows, size_t n,
                          const struct nuisance *nuisance, double *ret)
{
    for (size_t i = 0; i < n; i++) {
        double y = data->outcome[rows[i]], e = nuisance->propensity[i];
        double correction = data->is_treated[rows[i]] ? (y - nuisance->treated[i]) / e
                                                      : -(y - nuisance->untreated[i]) / (1 - e);
        ret[i] = nuisance->treated[i] - nuisance->untreated[i] + correction;
    }
}

/* ---- the learners ---- */

/* s: the features, the treatment and, for a linear model, the features again for the treated alone. */
static size_t s_width(const struct effect *effect) { return effect->n_columns * (effect->is_linear ? 2 : 1) + 1; }

static void s_row(const struct effect *effect, const float *raw, bool is_treated, float *ret)
{
    size_t n = effect->n_columns;
    memcpy(ret, raw, n * sizeof *ret);
    ret[n] = is_treated ? 1 : 0;
    for (size_t c = 0; effect->is_linear && c < n; c++)
        ret[n + 1 + c] = is_treated ? (isnan(raw[c]) ? 0 : raw[c]) : 0;
}

static bool s_fit(const struct effect_data *data, const uint32_t *rows, size_t n, struct arena *arena,
                  struct effect *effect, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t width = s_width(effect);
    float *values = ARENA_ARRAY(scratch, float, n * width);
    uint32_t *places = ARENA_ARRAY(scratch, uint32_t, n);
    double *target = ARENA_ARRAY(scratch, double, n);
    for (size_t i = 0; i < n; i++) {
        s_row(effect, data->values + (size_t)rows[i] * data->n_columns, data->is_treated[rows[i]],
              values + i * width);
        places[i] = (uint32_t)i, target[i] = data->outcome[rows[i]];
    }
    struct regression_request request = { .values = values, .n_columns = width, .rows = places, .n = n,
                                          .target = target, .is_yes_no = data->is_yes_no,
                                          .form = effect->is_linear ? REGRESSION_LINEAR : REGRESSION_TREES,
                                          .seed = data->seed, .n_threads = data->n_threads };
    bool ok = regression_fit(&request, arena, &effect->first, err);
    arena_free(scratch);
    return ok;
}

static bool x_fit(const struct effect_data *data, const uint32_t *rows, size_t n, const struct nuisance *nuisance,
                  struct arena *arena, struct effect *effect, struct err *err)
{
    struct picking arm[2] = { picking_new(n, arena), picking_new(n, arena) };
    for (size_t i = 0; i < n; i++) {
        struct picking *to = &arm[data->is_treated[rows[i]]];
        double y = data->outcome[rows[i]];
        to->rows[to->n] = rows[i];
        to->target[to->n++] = data->is_treated[rows[i]] ? y - nuisance->untreated[i] : nuisance->treated[i] - y;
    }
    effect->treated_share = (double)arm[1].n / (double)n;
    return fit(data, &arm[0], false, REGRESSION_CHOSEN, arena, &effect->first, err) &&
           fit(data, &arm[1], false, REGRESSION_CHOSEN, arena, &effect->second, err);
}

/* r, dr and class: one regression of a pseudo-outcome. */
static bool pseudo_fit(const struct effect_data *data, const uint32_t *rows, size_t n,
                       const struct nuisance *nuisance, enum effect_learner learner, struct arena *arena,
                       struct effect *effect, struct err *err)
{
    double *target = ARENA_ARRAY(arena, double, n), *weight = ARENA_ARRAY(arena, double, n);
    doubly_robust_scores(data, rows, n, nuisance, target);
    for (size_t i = 0; i < n; i++) {
        double w = data->is_treated[rows[i]], e = nuisance->propensity[i], y = data->outcome[rows[i]];
        double usual = e * nuisance->treated[i] + (1 - e) * nuisance->untreated[i];
        weight[i] = learner == EFFECT_R ? (w - e) * (w - e) : 1;
        if (learner == EFFECT_R) target[i] = (y - usual) / (w - e);
        if (learner == EFFECT_CLASS) target[i] = y * (w - e) / (e * (1 - e));
    }
    struct regression_request request = { .values = data->values,
                                          .n_columns = data->n_columns,
                                          .rows = rows,
                                          .n = n,
                                          .target = target,
                                          .weight = weight,
                                          .form = REGRESSION_CHOSEN,
                                          .seed = data->seed,
                                          .n_threads = data->n_threads };
    return regression_fit(&request, arena, &effect->first, err);
}

bool effect_fit(const struct effect_data *data, const uint32_t *rows, size_t n, const struct nuisance *nuisance,
                enum effect_learner learner, struct arena *arena, struct effect **ret_effect, struct err *err)
{
    struct effect *effect = ARENA_NEW(arena, struct effect);
    *effect = (struct effect){ .learner = learner, .n_columns = data->n_columns,
                               .is_linear = nuisance->form != REGRESSION_TREES };
    *ret_effect = effect;
    switch (learner) {
    case EFFECT_S: return s_fit(data, rows, n, arena, effect, err);
    case EFFECT_T:
        return fit_arm(data, rows, n, PARTS, false, nuisance->form, arena, &effect->first, err) &&
               fit_arm(data, rows, n, PARTS, true, nuisance->form, arena, &effect->second, err);
    case EFFECT_X: return x_fit(data, rows, n, nuisance, arena, effect, err);
    case EFFECT_R:
    case EFFECT_DR:
    case EFFECT_CLASS:
    case EFFECT_LEARNERS: break;
    }
    return pseudo_fit(data, rows, n, nuisance, learner, arena, effect, err);
}

/* ---- predicting ---- */

static void s_predict(const struct effect *effect, const float *values, const uint32_t *rows, size_t n,
                      double *ret)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t width = s_width(effect);
    float *block = ARENA_ARRAY(scratch, float, PREDICT_BLOCK * width);
    uint32_t *places = ARENA_ARRAY(scratch, uint32_t, PREDICT_BLOCK);
    double *untreated = ARENA_ARRAY(scratch, double, PREDICT_BLOCK);
    for (uint32_t i = 0; i < PREDICT_BLOCK; i++) places[i] = i;
    for (size_t from = 0; from < n; from += PREDICT_BLOCK) {
        size_t count = n - from < PREDICT_BLOCK ? n - from : PREDICT_BLOCK;
        for (int arm = 0; arm < 2; arm++) {
            for (size_t i = 0; i < count; i++)
                s_row(effect, values + (size_t)rows[from + i] * effect->n_columns, arm, block + i * width);
            regression_predict(effect->first, block, places, count, arm ? ret + from : untreated);
        }
        for (size_t i = 0; i < count; i++) ret[from + i] -= untreated[i];
    }
    arena_free(scratch);
}

void effect_predict(const struct effect *effect, const float *values, const uint32_t *rows, size_t n, double *ret)
{
    if (effect->learner == EFFECT_S) { s_predict(effect, values, rows, n, ret); return; }
    regression_predict(effect->first, values, rows, n, ret);
    if (!effect->second) return;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    double *second = ARENA_ARRAY(scratch, double, n + 1), share = effect->treated_share;
    regression_predict(effect->second, values, rows, n, second);
    for (size_t i = 0; i < n; i++)
        ret[i] = effect->learner == EFFECT_T ? second[i] - ret[i] : share * ret[i] + (1 - share) * second[i];
    arena_free(scratch);
}
