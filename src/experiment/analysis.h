/* analysis.h - what an experiment showed: health first, then effects with intervals, then one verdict. */
#ifndef EXPERIMENT_ANALYSIS_H
#define EXPERIMENT_ANALYSIS_H

#include "base/arena.h"
#include "base/err.h"
#include "experiment/comparison.h"

#include <jansson.h>

enum metric_kind { METRIC_PROPORTION, METRIC_MEAN, METRIC_RATIO, METRIC_QUANTILE };

struct analysis_metric {
    const char     *name;
    enum metric_kind kind;
    double *value; /* [n_units]; NaN: the unit is left out of this metric.  May be changed (winsorised) */
    const double   *per;            /* [n_units] of a ratio: what it is divided by */
    double          quantile;       /* of a quantile, in (0, 1) */
    double          winsor;         /* instead of the analysis' own; 0: that one */
};

/* Groups of units by what was known before: of a column. */
struct analysis_groups {
    const char *name;
    const uint32_t *of;
    size_t n;
    const char *const *names;
}; /* of [n_units], below n or
       UINT32_MAX */

enum { ANALYSIS_GROUPINGS_MOST = 10, ANALYSIS_NO_ARM = 255, ANALYSIS_ARMS_MOST = 100, ANALYSIS_LOOKS_MOST = 20 };

struct analysis_moments;

struct analysis {
    const struct analysis_moments *moments; /* the analysis' own: NULL */
    size_t                  n_units;
    const uint8_t          *arm;            /* [n_units] ANALYSIS_NO_ARM: in none that is looked at */
    size_t                  n_arms, control;
    const char *const      *arms;           /* [n_arms] */
    const double           *shares;         /* [n_arms] as planned, of 1; NULL: alike */
    struct analysis_metric *metrics;        /* [n_metrics] the first is the one the verdict is about */
    size_t                  n_metrics;
    const char             *covariate_name; /* of what was known before; NULL: none */
    const double           *covariate;      /* [n_units] NaN where unknown */
    const double           *covariate_per;  /* [n_units] of a covariate that is a ratio of sums; NULL: it is a mean */
    const char             *strata_name;    /* NULL: none */
    const uint32_t         *stratum;        /* [n_units] below n_strata, or UINT32_MAX */
    size_t                  n_strata;
    const char *const      *strata;         /* [n_strata] */
    const struct analysis_groups *groupings; /* [n_groupings] in which effects are told apart; NULL: the strata */
    size_t                  n_groupings;
    size_t                  n_mixed;        /* units that were in two arms and are left out */
    double                  alpha, winsor;  /* winsor: the quantile above which means are cut; 0 none */
    enum correction         correction;
    double                  tuning;         /* people for whom the always-valid interval is narrowest */
    bool                    is_watched;     /* the verdict rests on the always-valid interval */
    double looks[ANALYSIS_LOOKS_MOST];      /* [n_looks] planned, up to now; the verdict rests on them */
    size_t                  n_looks;
    uint64_t                seed;           /* of bootstraps */
    unsigned                n_threads;      /* 0: one */
};

/* The analysis as one object, the "analyse" of holdfast experiment.
 * Errors: ERR_INVALID a share that is none, fewer than two arms; ERR_REFUSED an arm with fewer than two units. */
bool analysis_run(const struct analysis *analysis, struct arena *arena, json_t **ret_json,
                  struct err *err) MUST_CHECK;

#endif
