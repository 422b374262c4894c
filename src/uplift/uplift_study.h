/* uplift_study.h - judges learners of an effect on people whom they did not see, and says what to do.
 *
 * Without a test set people are parted into five by lot, arms evenly; each fifth is predicted by learners that saw
 * the other four.  Effects are shrunk towards the average of all by the slope that doubly robust scores of other
 * fifths have on them.  Which learner is taken for a fifth is chosen on the others, so the figures of the chosen are of
 * people who neither taught nor chose it.  A learner whose Qini interval reaches zero is no better than lot, and
 * refused. */
#ifndef UPLIFT_UPLIFT_STUDY_H
#define UPLIFT_UPLIFT_STUDY_H

#include "uplift/effect.h"
#include "uplift/uplift_curve.h"

enum uplift_word { UPLIFT_MODEL, UPLIFT_EVERYONE, UPLIFT_NO_ONE, UPLIFT_RULE, UPLIFT_REFUSED };

enum uplift_group { GROUP_PERSUADABLE, GROUP_SURE, GROUP_LOST, GROUP_SLEEPING_DOG, UPLIFT_GROUPS };

extern const char *const uplift_group_text[UPLIFT_GROUPS];      /* "persuadable", ... */

extern const char *const uplift_word_text[];        /* "model", "everyone", "no_one", "rule", "refused" */

enum { UPLIFT_NO_LEARNER = EFFECT_LEARNERS, UPLIFT_FIFTHS = 5, UPLIFT_ARM_LEAST = 50, UPLIFT_EACH_LEAST = 20 };

struct uplift_request {
    struct effect_data  data;
    struct effect_data  test;           /* n 0: cross-fitted; else data teaches and test judges */
    const double       *test_value;     /* as value, of test's rows */
    const char *const  *names;          /* [n_columns] of features */
    bool                is_asked[EFFECT_LEARNERS];
    const double       *score;          /* [data.n] judge this score, fit nothing; or NULL */
    const double       *value;          /* [data.n] what an outcome is worth; NULL: 1 */
    double              cost;           /* of treating one, in the unit of value */
    const char         *treated;        /* what the treatment is called */
};

struct uplift_learner_result {
    enum effect_learner    learner;
    struct uplift_interval qini;
    double                 ate;         /* the mean of its effects */
    double                 slope;       /* how much of its spread held on people it did not see */
    bool                   is_better;   /* the interval lies above zero */
};

struct uplift_fifth { double predicted; struct uplift_interval observed; size_t n; };

struct uplift_study {
    size_t                       n, n_treated;      /* of those judged on */
    bool                         is_observational;
    struct uplift_interval       ate;
    struct uplift_metrics        metrics;           /* of the chosen, or of the best where none is */
    struct uplift_learner_result learners[EFFECT_LEARNERS];
    size_t                       n_learners, chosen;            /* chosen: an index, or UPLIFT_NO_LEARNER */
    size_t                       n_group[UPLIFT_GROUPS];
    struct uplift_fifth          fifths[UPLIFT_FIFTHS];
    size_t                       n_fifths;
    double                      *effect;            /* [n] calibrated, of the rows judged on */
    uint8_t                     *group;             /* [n] an enum uplift_group; NULL where nothing can be said */
    struct uplift_interval       gain;              /* profit a person of treating as advised */
    enum uplift_word             word;
    const char                  *sentence;
};

/* Everything lives in arena.  Too little data is no error but the word refused.
 * Errors: ERR_REFUSED what cannot be fitted. */
bool uplift_study_run(const struct uplift_request *request, struct arena *arena, struct uplift_study *ret_study,
                      struct err *err) MUST_CHECK;

#endif
