/* bandit_rule.c - see bandit_rule.h. */
#include "decide/bandit_rule.h"

#include <math.h>
#include <string.h>

/* ---- reading ---- */

static bool read_arms(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    const struct yaml_node *arms = yaml_find(node, "arms");
    if (!arms || arms->kind != YAML_LIST || arms->n < 2 || arms->n > DECISION_MOST_CANDIDATES)
        return yaml_fail(arms ? arms : node, err, "a bandit has arms, a list of 2 to %d actions",
                         DECISION_MOST_CANDIDATES);
    for (size_t a = 0; a < arms->n; a++) {
        if (arms->items[a]->kind != YAML_SCALAR)
            return yaml_fail(arms->items[a], err, "an arm is an action's name");
        if (bandit_rule_has(rule, text_of(arms->items[a]->text)))
            return yaml_fail(arms->items[a], err, "the arm '%s' is there twice", arms->items[a]->text);
        rule->arms[rule->n_arms++] = arms->items[a]->text;
    }
    return true;
}

static bool read_reward(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    static const char *const keys[] = { "event", "within" };
    const struct yaml_node *reward = yaml_find(node, "reward");
    if (!reward) return yaml_fail(node, err, "a bandit has a reward: {event: order, within: 3d}");
    return yaml_check_keys(reward, keys, sizeof keys / sizeof *keys, err) &&
           yaml_text(reward, "event", &rule->event, err) && yaml_days(reward, "within", &rule->within_days, err) &&
           (rule->event || yaml_fail(reward, err, "a reward is an event: {event: order, within: 3d}"));
}

static bool read_floor(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    const struct yaml_node *floor = yaml_find(node, "floor");
    if (!floor) return true;
    if (floor->kind != YAML_SCALAR || !text_double(text_of(floor->text), '.', &rule->floor) || rule->floor < 0 ||
        rule->floor * (double)rule->n_arms > 1)
        return yaml_fail(floor, err, "a floor is the least chance of every arm: of %zu arms at most %.3g",
                         rule->n_arms, 1 / (double)rule->n_arms);
    return true;
}

/* "1d", or "0": each decision is drawn anew. */
static bool read_window(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    const struct yaml_node *window = yaml_find(node, "window");
    rule->window_days = -1;
    if (!window) return true;
    if (window->kind == YAML_SCALAR && strcmp(window->text, "0") == 0) { rule->window_days = 0; return true; }
    return yaml_days(node, "window", &rule->window_days, err);
}

static bool read_rule(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    static const char *const keys[] = { "name", "placement", "arms", "policy", "reward", "floor", "half_life",
                                        "window" };
    const char *policy = "thompson";
    rule->within_days = 7;
    if (!yaml_check_keys(node, keys, sizeof keys / sizeof *keys, err) ||
        !yaml_text(node, "name", &rule->name, err) || !yaml_text(node, "placement", &rule->placement, err) ||
        !yaml_text(node, "policy", &policy, err) || !read_arms(node, rule, err) || !read_reward(node, rule, err) ||
        !read_floor(node, rule, err) || !yaml_days(node, "half_life", &rule->half_life_days, err) ||
        !read_window(node, rule, err))
        return false;
    if (!rule->name || !rule->placement) return yaml_fail(node, err, "a bandit has a name and a placement");
    return strcmp(policy, "thompson") == 0 ||
           yaml_fail(yaml_find(node, "policy"), err,
                     "a bandit that decides by itself has the policy thompson; linucb is there for a file: "
                     "holdfast bandit FILE --policy linucb");
}

bool bandit_rules_read(const struct settings *settings, struct arena *arena, struct bandit_rule **ret_rules,
                       size_t *ret_n, struct err *err)
{
    const struct yaml_node *list = settings_section(settings, "bandits");
    size_t n = list ? list->n : 0;
    struct bandit_rule *rules = ARENA_ARRAY(arena, struct bandit_rule, n + 1);
    if (n > BANDITS_MOST) return yaml_fail(list, err, "there are more than %d bandits", BANDITS_MOST);
    for (size_t i = 0; i < n; i++) {
        if (!read_rule(list->items[i], &rules[i], err)) return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(rules[k].name, rules[i].name) == 0 || strcmp(rules[k].placement, rules[i].placement) == 0)
                return yaml_fail(list->items[i], err, "a second bandit with this name or placement");
    }
    *ret_rules = rules, *ret_n = n;
    return true;
}

bool bandit_rule_has(const struct bandit_rule *rule, struct text action)
{
    for (size_t a = 0; a < rule->n_arms; a++)
        if (text_equal(action, text_of(rule->arms[a]))) return true;
    return false;
}

/* ---- the policy ---- */

static struct bandit_arm arm_of(const struct bandit_tally *tally)
{
    return (struct bandit_arm){ 1 + tally->rewarded, 1 + fmax(tally->tried - tally->rewarded, 0), 0 };
}

void bandit_rule_arms(const struct bandit_rule *rule, const struct bandit_tally *tally,
                      struct bandit_arm *ret_arms, double *ret_chance)
{
    for (size_t a = 0; a < rule->n_arms; a++) ret_arms[a] = arm_of(&tally[a]);
    bandit_chances(ret_arms, rule->n_arms, ret_chance);
    bandit_floor(ret_chance, rule->n_arms, rule->floor);
}

static void weigh(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights)
{
    const struct policy_bandit *b = (const struct policy_bandit *)policy;
    struct bandit_arm open[DECISION_MOST_CANDIDATES];
    double chance[DECISION_MOST_CANDIDATES];
    size_t place[DECISION_MOST_CANDIDATES], n = 0;
    for (size_t i = 0; i < ask->n_actions; i++) {
        ret_weights[i] = (struct policy_weight){ 0, (double)NAN, (double)NAN, (double)NAN };
        for (size_t a = 0; a < b->rule->n_arms; a++)
            if (text_equal(ask->actions[i], text_of(b->rule->arms[a])))
                place[n] = i, open[n++] = arm_of(&b->tally[a]);
    }
    if (n == 0) { ret_weights[ask->n_actions - 1].probability = 1; return; }
    bandit_chances(open, n, chance);
    bandit_floor(chance, n, b->rule->floor);
    for (size_t i = 0; i < n; i++) ret_weights[place[i]].probability = chance[i];
}

static const char *reason(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    const struct policy_bandit *b = (const struct policy_bandit *)policy;
    size_t n = 0;
    (void)ask;
    for (size_t a = 0; a < b->rule->n_arms; a++) n += b->tally[a].n;
    return arena_format(
        arena, "the bandit %s draws each arm by the chance that it is the best, after %zu that were tried",
        b->rule->name, n);
}

static const struct policy_ops bandit = { .word = "bandit", .weigh = weigh, .reason = reason };

struct policy_bandit policy_bandit_of(const struct bandit_rule *rule, const struct bandit_tally *tally,
                                      const char *version)
{
    return (struct policy_bandit){ { &bandit, version }, rule, tally };
}
