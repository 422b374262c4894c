/* bandit_state.c - see bandit_state.h. */
#include "decide/bandit_state.h"

#include "model/metrics.h"

#include <math.h>

double bandit_context(double value)
{
    return isnan(value) ? 0 : copysign(log1p(fabs(value)), value);
}

/* ---- how arms stand ---- */

/* A guardrail that the share is above for certain: its interval's lower end. */
static size_t broken(const struct bandit_rule *rule, const struct bandit_tally *tally)
{
    for (size_t g = 0; g < rule->n_guards; g++)
        if (tally->n > 0 &&
            share_interval((double)tally->n_broken[g], (double)tally->n).low > rule->guards[g].most)
            return g;
    return BANDIT_OPEN;
}

/* Every arm is normal with the spread that all have in common; an arm hardly tried is as uncertain as that. */
static void normal_arms(const struct bandit_tally *tally, size_t n, struct bandit_arm *ret)
{
    double within = 0, all = 0, sum = 0;
    for (size_t a = 0; a < n; a++) {
        if (tally[a].tried > 0) within += tally[a].squares - tally[a].sum * tally[a].sum / tally[a].tried;
        all += tally[a].tried, sum += tally[a].sum;
    }
    double variance = fmax(within / fmax(all - (double)n, 1), 1e-12), mean = all > 0 ? sum / all : 0;
    for (size_t a = 0; a < n; a++)
        ret[a] = (struct bandit_arm){ (tally[a].sum + mean) / (tally[a].tried + 1), 0,
                                      sqrt(variance / (tally[a].tried + 1)) };
}

void bandit_plain_arms(const struct bandit_tally *tally, size_t n, bool is_amount, struct bandit_arm *ret_arms)
{
    if (is_amount) { normal_arms(tally, n, ret_arms); return; }
    for (size_t a = 0; a < n; a++)
        ret_arms[a] = (struct bandit_arm){ 1 + tally[a].sum, 1 + fmax(tally[a].tried - tally[a].sum, 0), 0 };
}

static void linear_arms(const struct bandit_rule *rule, const struct bandit_tally *tally, double variance,
                        const double *x, struct bandit_view *view)
{
    for (size_t a = 0; a < rule->n_arms; a++) {
        double mean = linear_arm_mean(&tally[a].linear, x), spread = linear_arm_spread(&tally[a].linear, x);
        view->arms[a] = (struct bandit_arm){ mean, 0, fmax(sqrt(variance) * spread, 1e-9) };
        view->upper[a] = mean + rule->alpha * spread;
    }
}

/* The chances to be the best of some of the arms: list [n], none of them closed.  linucb asks for none. */
static void chances_best(const struct bandit_rule *rule, const struct bandit_view *view, const size_t *list,
                         size_t n, double *ret_chance)
{
    struct bandit_arm arms[DECISION_MOST_CANDIDATES];
    for (size_t i = 0; i < n; i++) arms[i] = view->arms[list[i]], ret_chance[i] = (double)NAN;
    if (!rule->is_linucb) bandit_chances(arms, n, ret_chance);
}

/* Makes of the chances to be the best those to be drawn. */
static void chances_drawn(const struct bandit_rule *rule, const struct bandit_view *view, const size_t *list,
                          size_t n, double *chance)
{
    size_t alone = SIZE_MAX;
    bool is_stopped = false;
    for (size_t i = 0; i < n && rule->is_linucb; i++)
        if (alone == SIZE_MAX || view->upper[list[i]] > view->upper[list[alone]]) alone = i;
    for (size_t i = 0; i < n; i++)
        if (list[i] == view->stopped) alone = i, is_stopped = true;
    for (size_t i = 0; i < n && alone != SIZE_MAX; i++) chance[i] = i == alone;
    if (!is_stopped) bandit_floor(chance, n, rule->floor);
}

void bandit_view_of(const struct bandit_rule *rule, const struct bandit_tally *tally, double variance,
                    const double *x, struct bandit_view *ret)
{
    double chance[DECISION_MOST_CANDIDATES];
    size_t list[DECISION_MOST_CANDIDATES], n = 0;
    *ret = (struct bandit_view){ .stopped = SIZE_MAX };
    for (size_t a = 0; a < rule->n_arms; a++) {
        ret->n_tried += tally[a].n, ret->closed_by[a] = broken(rule, &tally[a]);
        ret->chance_best[a] = (double)NAN, ret->upper[a] = (double)NAN;
        if (ret->closed_by[a] == BANDIT_OPEN) list[n++] = a;
    }
    if (rule->n_context > 0) linear_arms(rule, tally, variance, x, ret);
    else bandit_plain_arms(tally, rule->n_arms, rule->is_amount, ret->arms);
    if (n == 0) return;
    chances_best(rule, ret, list, n, chance);
    for (size_t i = 0; i < n; i++) {
        ret->chance_best[list[i]] = chance[i];
        if (rule->stop_chance > 0 && ret->n_tried >= (size_t)rule->stop_after && chance[i] >= rule->stop_chance)
            ret->stopped = list[i];
    }
    chances_drawn(rule, ret, list, n, chance);
    for (size_t i = 0; i < n; i++) ret->chance[list[i]] = chance[i];
}

const char *bandit_closed_why(const struct bandit_rule *rule, const struct bandit_tally *tally, size_t guard,
                              struct arena *arena)
{
    const struct bandit_guard *g = &rule->guards[guard];
    return arena_format(arena, "%s followed %zu of %zu tries, for certain more than %g %%", g->signal.event,
                        tally->n_broken[guard], tally->n, 100 * g->most);
}

/* ---- the policy ---- */

static const struct policy_bandit *bandit_of(const struct policy *policy)
{
    return (const struct policy_bandit *)policy;
}

static void weigh(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights)
{
    const struct policy_bandit *b = bandit_of(policy);
    double chance[DECISION_MOST_CANDIDATES];
    size_t list[DECISION_MOST_CANDIDATES], place[DECISION_MOST_CANDIDATES], n = 0, n_all = 0;
    for (size_t a = 0; a < b->rule->n_arms; a++) n_all += b->view->closed_by[a] == BANDIT_OPEN;
    for (size_t i = 0; i < ask->n_actions; i++) {
        ret_weights[i] = (struct policy_weight){ 0, (double)NAN, (double)NAN, (double)NAN };
        for (size_t a = 0; a < b->rule->n_arms; a++)
            if (b->view->closed_by[a] == BANDIT_OPEN && text_equal(ask->actions[i], text_of(b->rule->arms[a])))
                place[n] = i, list[n++] = a;
    }
    if (n == 0) { ret_weights[ask->n_actions - 1].probability = 1; return; }
    if (n < n_all) {
        chances_best(b->rule, b->view, list, n, chance);
        chances_drawn(b->rule, b->view, list, n, chance);
    }
    for (size_t i = 0; i < n; i++)
        ret_weights[place[i]].probability = n < n_all ? chance[i] : b->view->chance[list[i]];
}

static const char *reason(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    const struct policy_bandit *b = bandit_of(policy);
    const char *closed = "";
    (void)ask;
    for (size_t a = 0; a < b->rule->n_arms; a++)
        if (b->view->closed_by[a] != BANDIT_OPEN)
            closed = arena_format(arena, "%s; %s is closed by the guardrail on %s", closed, b->rule->arms[a],
                                  b->rule->guards[b->view->closed_by[a]].signal.event);
    if (b->view->stopped != SIZE_MAX)
        return arena_format(arena, "the bandit %s has settled on %s, after %zu that were tried%s", b->rule->name,
                            b->rule->arms[b->view->stopped], b->view->n_tried, closed);
    return arena_format(arena, "the bandit %s %s, after %zu that were tried%s", b->rule->name,
                        b->rule->is_linucb ? "takes the arm that may earn most for somebody like this"
                                           : "draws each arm by the chance that it is the best",
                        b->view->n_tried, closed);
}

static const struct policy_ops bandit = { .word = "bandit", .weigh = weigh, .reason = reason };

struct policy_bandit policy_bandit_of(const struct bandit_rule *rule, const struct bandit_view *view,
                                      const char *version)
{
    return (struct policy_bandit){ { &bandit, version }, rule, view };
}
