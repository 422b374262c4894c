/* plan_margins.h - which share of a customer's orders is left, by what they bought: where margins differ by item,
 * category, shop or channel, a discount costs the same of everybody but leaves less of some. */
#ifndef PLAN_PLAN_MARGINS_H
#define PLAN_PLAN_MARGINS_H

#include "customer/identity.h"
#include "feature/matrix.h"
#include "table/costs.h"

struct plan_margins_asked {
    struct store            *store;
    const struct log        *log;
    const struct identities *identities;
    const struct costs      *costs;
    const char              *goal;
    const struct matrix     *rows;          /* by rising cutoff, then identity */
    const int64_t           *cutoffs_ms;    /* [n_cutoffs] rising */
    size_t                   n_cutoffs;
    double                   prior;         /* what others leave counts as so much money of a customer's own */
};

/* Of each row by what was received and happened before its cutoff.  ret_share [rows->n_rows], in the arena;
 * ret_mean: of all that was sold before the last cutoff.  Errors: those of the log and of the catalogue. */
bool plan_margins(const struct plan_margins_asked *asked, struct arena *arena, double **ret_share, double *ret_mean,
                  struct err *err) MUST_CHECK;

#endif
