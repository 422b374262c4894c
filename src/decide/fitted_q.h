/* fitted_q.h - what to do next in a sequence, learned from a log of states, actions and what came of them.
 *
 * Fitted Q iteration with a table (Ernst, Geurts & Wehenkel 2005): q(s, a) is the mean over the log's rows of s
 * and a of reward + gamma x the best q of the next state, 0 where the row is the last.  Actions never logged in a
 * state are none of its choices; a state in which nothing was logged is worth 0. */
#ifndef DECIDE_FITTED_Q_H
#define DECIDE_FITTED_Q_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct q_log {
    size_t          n, n_states, n_actions;
    const uint32_t *state, *action, *next;      /* [n] next is ignored where is_last */
    const double   *reward;                     /* [n] */
    const uint8_t  *is_last;                    /* [n] */
    double          gamma;                      /* (0, 1] */
};

#define Q_NO_ACTION UINT32_MAX

struct q_table {
    double   *q;            /* [n_states x n_actions], NaN: never logged there */
    double   *value;        /* [n_states] of the best action */
    uint32_t *best;         /* [n_states] or Q_NO_ACTION; the first of equal ones */
    size_t    n_rounds;
};

/* is_used [n]: rows to learn from, NULL: all.  In arena.
 * Errors: ERR_REFUSED it does not settle: with gamma 1 every way must come to an end. */
bool q_learn(const struct q_log *log, const uint8_t *is_used, struct arena *arena, struct q_table *ret_table,
             struct err *err) MUST_CHECK;

/* What the table's best actions earn an episode, by per-decision weights (Precup, Sutton & Singh 2000): rows of
 * one episode in their order, propensity [n] the chance of the action that was taken.  Each half of the episodes
 * is judged by a table learned from the other. Errors: as q_learn. */
struct q_evaluation { double value, se, logged; size_t n_episodes; };
bool q_evaluate(const struct q_log *log, const uint32_t *episode, size_t n_episodes, const double *propensity,
                struct arena *arena, struct q_evaluation *ret_evaluation, struct err *err) MUST_CHECK;

#endif
