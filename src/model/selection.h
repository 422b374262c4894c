/* selection.h - tries the learners on a question, judges them on rows they never saw, and chooses one.
 *
 * Event data: train holds rows at several earlier instants, test the rows at the last one; the caller
 * has left a gap as long as the horizon between them.  A table (one row per customer): test is empty
 * and every row is judged by a model of stratified K-fold cross-validation that did not see it.
 *
 * Settings of each learner are searched over a small fixed list, on customers and (where there are
 * several instants) a later instant inside train, never on test.  A fitted model is then calibrated (predictor.h).
 * The choice: the simplest learner whose paired bootstrap difference to the best one is within one standard error
 * (Breiman et al. 1984) and below 0.002 of AUC, or 0.2 % of the deviance: in a small sample the error hides what is
 * worth having.  A learner that does not beat the one-feature rule outside the paired interval is refused with a
 * sentence; if all are, the rule is chosen, and if the rule does not beat the constant, the constant.
 * All held-out customers choose.  The chosen one's figures come from customers who did not choose: each third of them
 * is judged by the learner that the other two thirds would have chosen.
 *
 * The same request gives the same selection whatever the number of threads.  search_seconds only stops
 * the search early, and then `sentence` says so: with a limit that is reached results may differ between runs. */
#ifndef MODEL_SELECTION_H
#define MODEL_SELECTION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "model/metrics.h"
#include "model/sample.h"

struct selection_request {
    enum target      target;
    struct sample    train;
    struct sample    test;              /* n_rows 0: cross-validate train instead */
    unsigned         n_folds;           /* 0: 5; only without test */
    const char      *rule;              /* name of the feature of the rule to beat; NULL: the best single one */
    uint64_t         seed;
    unsigned         n_threads;         /* 0: 1 */
    double           search_seconds;    /* 0: no limit */
    double         (*now_seconds)(void);/* a monotonic clock; NULL: no limit is kept, durations are 0 */
    unsigned         n_bootstrap;       /* 0: 1,000 */
    struct progress *progress;          /* or NULL */
};

enum { SELECTION_MIN_EACH = 50 };       /* of each label, on either side of the split; see selection_run */

struct leaderboard_entry {
    const char     *name;               /* "constant", "rule: order_recency_days", "logistic L1", "logistic L2",
                                           "random forest", "boosting"; amounts: "linear", no logistics */
    const char     *settings;           /* in words: "200 trees of depth 4, learning rate 0.1" */
    struct interval metrics[METRICS];   /* on rows the model did not see; NaN where not defined for the target */
    double          threshold;          /* for precision, recall and F1: maximises F1 on the calibration slices */
    struct interval over_rule;          /* paired difference to the rule: AUC, or share of deviance saved */
    bool            is_chosen;
    const char     *refused;            /* sentence, or NULL */
    double          seconds;            /* search, fits and predictions */
};

struct learner_settings;                /* learner.h */

struct selection {
    enum target               target;
    struct leaderboard_entry *entries;  /* simplest first */
    size_t                    n_entries, chosen;
    const char               *validation;       /* "held-out time" or "5-fold cross-validation" */
    const char               *sentence;         /* what was chosen and why, and whether the search was cut short */
    size_t                    n_held_out;       /* rows of test, or all of train in its order */
    double                    base_rate;        /* their mean label */
    double                   *predicted;        /* [n_held_out] by the chosen model, which did not see them */

    /* of the chosen model, on all held-out rows, each third by what the others choose */
    size_t                    n_judged;
    struct calibration_bin   *bins;     size_t n_bins;
    struct decile            *deciles;  size_t n_deciles;
    struct point             *roc;      size_t n_roc;           /* yes/no only */
    struct point             *precision_recall; size_t n_precision_recall;

    const struct learner_settings *settings;    /* of the chosen, for a predictor_fit on all rows */
    const struct learner_settings *rule;        /* of the rule */
};

/* Everything in *ret_selection lives in arena.
 * Errors: ERR_INVALID a label that is not 0 or 1, a column count that differs, an unknown rule feature;
 *         ERR_REFUSED too little data, all labels the same (the sentence says how much is needed):
 *         at least SELECTION_MIN_EACH yes and as many no (100 rows for amounts, 50 of them above 0) in train
 *         and in test: with 50 and 50 the standard error of an AUC of 0.75 is 0.049 (Hanley & McNeil), so that
 *         a model can just be told from chance and from a weak rule; with fewer it cannot. */
bool selection_run(const struct selection_request *request, struct arena *arena, struct selection *ret_selection,
                   struct err *err) MUST_CHECK;

/* The entry's metric, e.g. selection_metric(&s, s.chosen, METRIC_AUC).value. */
struct interval selection_metric(const struct selection *selection, size_t entry, enum metric metric);

#endif
