/* fitted_q.c - see fitted_q.h. */
#include "decide/fitted_q.h"

#include "base/hash.h"
#include "base/hash_map.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 20000 };

static const double SETTLED = 1e-11;

/* Rows of one state, action and next state are one, with their number. */
struct transition { size_t cell; uint32_t next; bool is_last; double n, reward; };
struct transitions { size_t n; struct transition *each; double *count; };       /* count by cell */

static struct transitions gather(const struct q_log *log, const uint8_t *is_used, struct arena *arena)
{
    struct transitions t = { 0, ARENA_ARRAY(arena, struct transition, log->n),
                             ARENA_ARRAY(arena, double, log->n_states * log->n_actions) };
    struct hash_map met = { 0 };
    for (size_t i = 0; i < log->n; i++) {
        if (is_used && !is_used[i]) continue;
        size_t cell = (size_t)log->state[i] * log->n_actions + log->action[i];
        uint64_t key[2] = { cell, log->is_last[i] ? UINT64_MAX : log->next[i] };
        uint64_t *place = hash_map_put(&met, hash_bytes((const char *)key, sizeof key, 0));
        if (*place == 0) {
            t.each[t.n++] = (struct transition){ cell, log->is_last[i] ? 0 : log->next[i], log->is_last[i], 0, 0 };
            *place = t.n;
        }
        struct transition *to = &t.each[*place - 1];
        to->n++, to->reward += log->reward[i], t.count[cell]++;
    }
    hash_map_free(&met);
    return t;
}

static void one_round(const struct q_log *log, const struct transitions *t, const double *value, double *ret_q)
{
    size_t cells = log->n_states * log->n_actions;
    memset(ret_q, 0, cells * sizeof *ret_q);
    for (size_t i = 0; i < t->n; i++) {
        const struct transition *of = &t->each[i];
        ret_q[of->cell] += of->reward + (of->is_last ? 0 : of->n * log->gamma * value[of->next]);
    }
    for (size_t c = 0; c < cells; c++) ret_q[c] = t->count[c] > 0 ? ret_q[c] / t->count[c] : (double)NAN;
}

/* Returns the largest change of a state's value. */
static double take_best(const struct q_log *log, const double *q, struct q_table *table)
{
    double change = 0;
    for (size_t s = 0; s < log->n_states; s++) {
        double best = 0;
        table->best[s] = Q_NO_ACTION;
        for (uint32_t a = 0; a < log->n_actions; a++) {
            double value = q[s * log->n_actions + a];
            if (isnan(value) || (table->best[s] != Q_NO_ACTION && value <= best)) continue;
            best = value, table->best[s] = a;
        }
        change = fmax(change, fabs(best - table->value[s]) / fmax(1, fabs(best)));
        table->value[s] = best;
    }
    return change;
}

bool q_learn(const struct q_log *log, const uint8_t *is_used, struct arena *arena, struct q_table *ret_table,
             struct err *err)
{
    size_t cells = log->n_states * log->n_actions;
    struct transitions t = gather(log, is_used, arena);
    struct q_table table = { ARENA_ARRAY(arena, double, cells), ARENA_ARRAY(arena, double, log->n_states),
                             ARENA_ARRAY(arena, uint32_t, log->n_states), 0 };
    double settled = SETTLED * (log->gamma < 1 ? 1 - log->gamma : 1e-3);
    for (bool is_settled = false; !is_settled; table.n_rounds++) {
        if (table.n_rounds == ROUNDS_MOST)
            return err_set(err, ERR_REFUSED,
                           "the values do not settle in %zu rounds: with a gamma of %g every way must come "
                           "to an end; try a smaller gamma, or look for rows whose done is missing",
                           table.n_rounds, log->gamma);
        one_round(log, &t, table.value, table.q);
        is_settled = take_best(log, table.q, &table) <= settled;
    }
    *ret_table = table;
    return true;
}

bool q_evaluate(const struct q_log *log, const uint32_t *episode, size_t n_episodes, const double *propensity,
                struct arena *arena, struct q_evaluation *ret_evaluation, struct err *err)
{
    double *weight = ARENA_ARRAY(arena, double, n_episodes), *fade = ARENA_ARRAY(arena, double, n_episodes),
           *value = ARENA_ARRAY(arena, double, n_episodes), logged = 0, sum = 0, squares = 0;
    uint8_t *is_used = ARENA_ARRAY(arena, uint8_t, log->n);
    struct q_table table[2];
    for (uint32_t half = 0; half < 2; half++) {
        for (size_t i = 0; i < log->n; i++) is_used[i] = episode[i] % 2 != half;
        if (!q_learn(log, is_used, arena, &table[half], err)) return false;
    }
    for (size_t e = 0; e < n_episodes; e++) weight[e] = fade[e] = 1;
    for (size_t i = 0; i < log->n; i++) {
        uint32_t e = episode[i], best = table[e % 2].best[log->state[i]];
        weight[e] *= best == Q_NO_ACTION ? 1 : (log->action[i] == best) / propensity[i];
        value[e] += fade[e] * weight[e] * log->reward[i];
        logged += fade[e] * log->reward[i];
        fade[e] *= log->gamma;
    }
    for (size_t e = 0; e < n_episodes; e++) sum += value[e];
    double n = (double)n_episodes, mean = sum / n;
    for (size_t e = 0; e < n_episodes; e++) squares += (value[e] - mean) * (value[e] - mean);
    *ret_evaluation =
        (struct q_evaluation){ mean, n > 1 ? sqrt(squares / (n - 1) / n) : (double)NAN, logged / n, n_episodes };
    return true;
}
