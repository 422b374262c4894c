/* predictor.h - a chosen model with its preparation and calibration, as one thing that predicts.
 *
 * It is plain data in an arena: no library handle lives in it, any thread may use it, and one that was
 * saved and loaded gives the same bits.  Raw scores ("margins") are log-odds for yes/no and, for
 * amounts, amounts or their logarithms as the learner has it. */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "base/arena.h"
#include "base/err.h"
#include "model/sample.h"

struct predictor;

struct learner_settings;        /* learner.h */

/* Fits one learner with given settings and calibrates it on the customers of a slice of its own, a fifth of
 * them; up to 50,000 rows it is fitted on all, and calibrated with the scores of four fits that each left a quarter
 * of the customers out (constant and rule need none of this).  `sample` needs labels and names; names are copied.
 * Errors: ERR_REFUSED fewer than 10 rows or one label only, ERR_INVALID as learner.h. */
bool predictor_fit(const struct learner_settings *settings, const struct sample *sample, uint64_t seed,
                   unsigned n_threads, struct arena *arena, struct predictor **ret_predictor,
                   struct err *err) MUST_CHECK;

/* Remembers what models said of the sample's rows that had not learned from them (predicted [n_rows]): where one of
 * these rows comes again, predictor_predict says that, since the predictor knows its label. */
void predictor_keep_left_out(struct predictor *predictor, const struct sample *sample, const double *predicted,
                             struct arena *arena);

const char *predictor_name(const struct predictor *predictor);          /* as in the leaderboard */
const char *predictor_settings(const struct predictor *predictor);      /* in words */
size_t      predictor_columns(const struct predictor *predictor);
const char *predictor_column(const struct predictor *predictor, size_t column);
double      predictor_threshold(const struct predictor *predictor);     /* "yes" from here on */

/* values [n_rows x predictor_columns]; ret_predicted [n_rows]: calibrated probabilities or amounts.
 * A row's result does not depend on the other rows or on n_threads. */
void predictor_predict(const struct predictor *predictor, const float *values, size_t n_rows, unsigned n_threads,
                       double *ret_predicted);

/* The same for the rows of a sample, remembered or not. */
void predictor_judge(const struct predictor *predictor, const struct sample *sample, unsigned n_threads,
                     double *ret_predicted);

/* Why: ret_contribution [predictor_columns] and *ret_base add up to the raw score (before calibration) to
 * 1e-6 of its size.  Trees: exact path-dependent SHAP values (Lundberg et al. 2020); linear: coefficient x
 * (value - mean); rule: all on its feature.  Microseconds for one row. */
void predictor_explain(const struct predictor *predictor, const float *row, double *ret_contribution,
                       double *ret_base);

/* The same of many rows, values [n_rows x predictor_columns]: ret_contributions of the same shape. */
void predictor_explain_rows(const struct predictor *predictor, const float *values, size_t n_rows,
                            double *ret_contributions, double *ret_base);

/* The raw score of one row, as predictor_explain explains it, and the prediction that it becomes. */
double predictor_score(const struct predictor *predictor, const float *row);
/* How much the raw score of a row changes with another value in a column; 0 where it makes no difference. */
double predictor_change(const struct predictor *predictor, const float *row, size_t column, float value);
double predictor_calibrate(const struct predictor *predictor, double score);

/* Bytes with a version, limits and a checksum.  The same predictor always gives the same bytes. */
void predictor_save(const struct predictor *predictor, struct arena *arena, const uint8_t **ret_bytes,
                    size_t *ret_length);

/* Errors: ERR_CORRUPT not a predictor's bytes, cut short, changed, or from a newer version. */
bool predictor_load(const uint8_t *bytes, size_t length, struct arena *arena, struct predictor **ret_predictor,
                    struct err *err) MUST_CHECK;

#endif
