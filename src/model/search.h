/* search.h - which settings of a learner do best inside the training rows.
 *
 * Each entry of the learner's grid is fitted on some customers and judged on others: on a third of them (all
 * three thirds in turn below 6,000 rows), and where the rows have several instants on the last of them, having
 * learned from the earlier ones.  The judge is log loss (amounts: Tweedie deviance) after a line has calibrated the
 * scores.  At most 40,000 rows are used.  Two entries in a row that are no better than an earlier one end the search. */
#ifndef MODEL_SEARCH_H
#define MODEL_SEARCH_H

#include "model/learner.h"

struct search_limit {
    double (*now_seconds)(void);    /* NULL: none */
    double   end_seconds;           /* on that clock */
    bool     is_reached;            /* set when the limit stopped a search */
};

/* The index into learner->grid.  With a limit that is reached, the best so far, or the middle of the grid.
 * base gives target, seed and rule of every entry. */
bool search_grid(const struct learner *learner, const struct learner_settings *base, const struct sample *sample,
                 unsigned n_threads, struct search_limit *limit, size_t *ret_best, struct err *err) MUST_CHECK;

/* The grid's entry with the base's learner, target, seed and rule. */
struct learner_settings search_settings(const struct learner *learner, const struct learner_settings *base,
                                        size_t entry);

#endif
