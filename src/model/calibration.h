/* calibration.h - from a raw score to a probability or an amount that can be taken at its word.
 *
 * Two kinds, both fitted on rows that the model has not seen.  Line: link(mean) = slope x score +
 * offset, by maximum likelihood: for yes/no Platt's (1999) sigmoid with his smoothed targets; for amounts
 * a log-linear Poisson fit, whose predictions add up to the observed total.  Isotonic: pool adjacent violators
 * (Ayer et al. 1955); between the middles of its blocks the link of the mean is interpolated and beyond them it
 * keeps rising very slightly, so that every calibration is strictly monotone: it never changes who is ranked
 * above whom. link = log-odds or, for amounts, the logarithm. */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bytes.h"
#include "model/sample.h"

enum calibration_kind { CALIBRATION_LINE, CALIBRATION_ISOTONIC };

struct calibration {
    enum target           target;
    enum calibration_kind kind;
    double                slope, offset;        /* slope > 0 */
    size_t                n_points;             /* isotonic: ascending in both; line: 0 */
    double               *score, *link;         /* [n_points] */
};

/* Both kinds alone.  n may be any; with no row of one label the line is the smoothed base rate. */
struct calibration calibration_line(enum target target, const double *scores, const float *labels, size_t n);
struct calibration calibration_isotonic(enum target target, const double *scores, const float *labels, size_t n,
                                        struct arena *arena);

/* Isotonic if there are at least 1,000 rows, with 100 of each label, and its Brier score (amounts: squared error)
 * in 5-fold cross-validation over groups is lower; else the line.  group [n] as in struct sample, or NULL. */
struct calibration calibration_choose(enum target target, const double *scores, const float *labels,
                                      const uint32_t *group, size_t n, uint64_t seed, struct arena *arena);

/* The log-odds (or logarithm) of the calibrated mean, and the mean itself: within (0, 1), or > 0. */
double calibration_link(const struct calibration *calibration, double score);
double calibration_apply(const struct calibration *calibration, double score);

const char *calibration_name(const struct calibration *calibration);    /* "Platt", "isotonic", "log-linear" */

void calibration_save(const struct calibration *calibration, struct bytes_writer *writer);
bool calibration_load(struct bytes_reader *reader, enum target target, struct arena *arena,
                      struct calibration *ret, struct err *err) MUST_CHECK;

#endif
