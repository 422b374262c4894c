/* fairness.h - whether a decision treats groups alike: rates by group, how far they are apart, and how sure that
 * is.
 *
 * Demographic parity compares the shares selected, equal opportunity the shares selected of those with the
 * outcome, equalised odds both error rates; the ratio is the least rate over the greatest.  Four fifths: the ratio
 * of selection rates is at least .8.  Generalised entropy (Speicher et al. 2018) is of benefits prediction -
 * outcome + 1. Definitions as in fairlearn and AIF360. */
#ifndef MODEL_FAIRNESS_H
#define MODEL_FAIRNESS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAIRNESS_SMALL_GROUP = 30 };

struct fairness_rows {
    size_t          n, n_groups;
    const uint8_t  *label, *selected;       /* [n] 0 or 1 */
    const double   *score;                  /* [n] a probability, for calibration; or NULL */
    const uint32_t *group;                  /* [n] below n_groups */
};

/* Wilson's 95 % interval; NaN where the group has nobody whom the rate is of. */
struct fairness_rate { double value, low, high; size_t n; };

struct fairness_group {
    size_t n;
    struct fairness_rate selection, tpr, fpr, precision, outcome;
    double predicted;                       /* mean score, NaN without */
};

/* The greatest rate less the least, with Wald's 95 % interval; ratio of least to greatest.  NaN: fewer than two
 * groups have the rate. */
struct fairness_gap { double difference, ratio, low, high; size_t least, greatest; };

struct fairness {
    struct fairness_group *groups;          /* [n_groups] */
    struct fairness_gap    parity, opportunity, false_alarms;
    double                 odds_difference, odds_ratio;         /* the worse of opportunity and false alarms */
    bool                   four_fifths;
    double                 entropy_index, theil, entropy_between;
};

struct fairness fairness_of(const struct fairness_rows *rows, struct arena *arena);

#endif
