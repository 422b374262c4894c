/* backtest.h - what the program would have said at earlier instants, and what then came. */
#ifndef LEARN_BACKTEST_H
#define LEARN_BACKTEST_H

#include "base/arena.h"
#include "base/err.h"
#include "decide/at_risk.h"
#include "feature/matrix.h"
#include "model/selection.h"

#include <jansson.h>

/* What a customer is worth: what spend within so many days counts, and how it is discounted. */
struct value_terms { int64_t horizon_days; double discount_yearly; };

struct backtest_request {
    const struct log        *log;
    const struct question   *question;      /* QUESTION_CHURN */
    const struct matrix     *matrix;        /* labelled rows of all cutoffs, in their order */
    const uint32_t          *group;         /* [rows] the customer, as in struct sample */
    const char *const       *names;         /* of its columns */
    const int64_t           *cutoffs_ms;    /* [n_cutoffs] ascending; the last is the held-out one */
    size_t                   n_cutoffs;
    const struct selection  *selection;     /* whose chosen learner is fitted again to what was known by then */
    struct value_terms       terms;
    uint64_t                 seed;
    unsigned                 n_threads;
};

/* One earlier instant; money is 0 where none is known. */
struct backtest_row {
    int64_t             as_of_ms;
    size_t              n_asked;
    struct stakes_check leavers, cents;
    struct forecast     leavers_then, cents_then;       /* as they would have been told, by the checks before */
};

struct backtest {
    struct value_terms   terms;
    struct backtest_row *rows;          /* [n_rows] oldest first */
    size_t               n_rows;
};

/* At every cutoff, a horizon apart, before which another one's outcome was known.  All lives in the arena. Errors:
 * those of log_read. */
bool backtest_run(const struct backtest_request *request, struct arena *arena, struct backtest *ret_backtest,
                  struct err *err) MUST_CHECK;

/* As kept with the model, and read again; a new reference, and false where it is none. */
json_t *backtest_json(const struct backtest *backtest);
bool    backtest_read(const json_t *json, struct arena *arena, struct backtest *ret_backtest);

/* The forecast of leavers, or of money, with what the backtest showed. */
struct forecast backtest_leavers(const struct backtest *backtest, struct stakes stakes);
struct forecast backtest_cents(const struct backtest *backtest, struct stakes stakes);

#endif
