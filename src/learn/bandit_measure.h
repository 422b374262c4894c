/* bandit_measure.h - what the arms of a bandit earned by now, from the decisions and the log.
 *
 * A decision counts once the time for its reward is over: who would be rewarded late is no failure before. */
#ifndef LEARN_BANDIT_MEASURE_H
#define LEARN_BANDIT_MEASURE_H

#include "customer/identity.h"
#include "decide/bandit_state.h"
#include "log/log.h"

/* All of it in the arena that it was measured in. */
struct bandit_measured {
    struct bandit_tally *tally;         /* [rule->n_arms] */
    double               variance;      /* of linear rewards around what was expected; 1 without a context */
    double              *x_mean;        /* [1 + n_context] of those who count; the constant first */
    size_t               n_waiting;     /* decisions whose reward may still come */
};

/* Through names and links that stand still.  Errors: those of the store and of log_read. */
bool bandit_measure(struct store *store, const struct log *log, const struct identities *identities,
                    const struct bandit_rule *rule, int64_t as_of_ms, struct arena *arena,
                    struct bandit_measured *ret_measured, struct err *err) MUST_CHECK;

#endif
