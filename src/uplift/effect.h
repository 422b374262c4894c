/* effect.h - what a treatment does to one person: six learners of an effect from people treated and left alone.
 *
 *   s       one model of the outcome with the treatment as a feature (Kuenzel et al. 2019)
 *   t       one model for each arm; the effect is their difference
 *   x       each arm's outcomes less the other arm's model, weighed by the propensity (the same)
 *   r       residuals of the outcome on residuals of the treatment (Nie & Wager 2021)
 *   dr      doubly robust pseudo-outcomes (Kennedy 2023)
 *   class   the outcome transformed so that its mean is the effect (Jaskowski & Jaroszewicz 2012; Athey & Imbens
 *           2016): the baseline to beat
 *
 * x, r and dr rest on models of the outcome that did not see the row (three parts of the rows, each predicted by
 * the other two); so does an estimated propensity. */
#ifndef UPLIFT_EFFECT_H
#define UPLIFT_EFFECT_H

#include "uplift/regression.h"

enum effect_learner { EFFECT_S, EFFECT_T, EFFECT_X, EFFECT_R, EFFECT_DR, EFFECT_CLASS, EFFECT_LEARNERS };

extern const char *const effect_learner_name[EFFECT_LEARNERS];      /* "s", "t", ... */

struct effect_data {
    size_t                n, n_columns;
    const float          *values;           /* [n x n_columns] NaN is missing */
    const double         *outcome;          /* [n] */
    const uint8_t        *is_treated;       /* [n] */
    const double         *propensity;       /* [n] chance to be treated, within (0, 1); NULL: to be estimated */
    bool                  is_yes_no;        /* outcomes are 0 or 1 */
    enum regression_form  form;             /* of the models of the outcome; chosen: by cross-validation */
    uint64_t              seed;
    unsigned              n_threads;
};

/* What is known of rows that a model did not see: by place in rows. */
struct nuisance { double *untreated, *treated, *propensity; enum regression_form form; };

/* Each of rows [n] predicted by models of the two thirds it is not in.  Arrays [n] in arena.
 * Errors: ERR_REFUSED an arm has fewer than three rows. */
bool nuisance_cross_fit(const struct effect_data *data, const uint32_t *rows, size_t n, struct arena *arena,
                        struct nuisance *ret_nuisance, struct err *err) MUST_CHECK;

struct effect;

/* nuisance: of the same rows.  The effect lives in arena and borrows data->values of nobody.
 * Errors: as nuisance_cross_fit. */
bool effect_fit(const struct effect_data *data, const uint32_t *rows, size_t n, const struct nuisance *nuisance,
                enum effect_learner learner, struct arena *arena, struct effect **ret_effect,
                struct err *err) MUST_CHECK;

/* ret [n]: the effect on each of the rows of values. */
void effect_predict(const struct effect *effect, const float *values, const uint32_t *rows, size_t n, double *ret);

/* ret [n]: the doubly robust score of each row, whose mean is the average effect. */
void doubly_robust_scores(const struct effect_data *data, const uint32_t *rows, size_t n,
                          const struct nuisance *nuisance, double *ret);

#endif
