/* bandit_rule.c - see bandit_rule.h. */
#include "decide/bandit_rule.h"

#include "intake/commerce.h"

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
    static const char *const keys[] = { "event", "within", "value" };
    const struct yaml_node *reward = yaml_find(node, "reward");
    const char *value = "";
    if (!reward) return yaml_fail(node, err, "a bandit has a reward: {event: order, within: 3d}");
    if (!yaml_check_keys(reward, keys, sizeof keys / sizeof *keys, err) ||
        !yaml_text(reward, "event", &rule->reward.event, err) ||
        !yaml_days(reward, "within", &rule->reward.within_days, err) || !yaml_text(reward, "value", &value, err))
        return false;
    rule->reward.event = commerce_meant(rule->reward.event);
    rule->is_amount = strcmp(value, "amount") == 0;
    if (!rule->reward.event) return yaml_fail(reward, err, "a reward is an event: {event: order, within: 3d}");
    return !*value || rule->is_amount ||
           yaml_fail(yaml_find(reward, "value"), err,
                     "the value of a reward is amount, what its events came to; without it, whether there was one");
}

/* [order_recency_days, order_count] */
static bool read_context(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    const struct yaml_node *context = yaml_find(node, "context");
    if (!context) return true;
    if (context->kind != YAML_LIST || context->n == 0 || context->n > BANDIT_CONTEXT_MOST)
        return yaml_fail(context, err, "a context is a list of 1 to %d features, as holdfast features names them",
                         BANDIT_CONTEXT_MOST);
    for (size_t c = 0; c < context->n; c++) {
        if (context->items[c]->kind != YAML_SCALAR)
            return yaml_fail(context->items[c], err, "a context names features");
        rule->context[rule->n_context++] = context->items[c]->text;
    }
    return true;
}

/* [{event: unsubscribed, within: 3d, most: .02}] */
static bool read_guards(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    static const char *const keys[] = { "event", "within", "most" };
    const struct yaml_node *list = yaml_find(node, "guardrails");
    if (!list) return true;
    if (list->kind != YAML_LIST || list->n > BANDIT_GUARDS_MOST)
        return yaml_fail(list, err, "guardrails are a list of at most %d: [{event: unsubscribed, within: 3d, most: "
                         ".02}]", BANDIT_GUARDS_MOST);
    for (size_t g = 0; g < list->n; g++) {
        struct bandit_guard *guard = &rule->guards[rule->n_guards++];
        *guard = (struct bandit_guard){ { NULL, rule->reward.within_days }, -1 };
        if (!yaml_check_keys(list->items[g], keys, sizeof keys / sizeof *keys, err) ||
            !yaml_text(list->items[g], "event", &guard->signal.event, err) ||
            !yaml_days(list->items[g], "within", &guard->signal.within_days, err) ||
            !yaml_number(list->items[g], "most", 0, 1, &guard->most, err))
            return false;
        guard->signal.event = commerce_meant(guard->signal.event);
        if (!guard->signal.event || guard->most < 0)
            return yaml_fail(list->items[g], err,
                             "a guardrail says after which share of tries at most an event may follow: {event: "
                             "unsubscribed, within: 3d, most: .02}");
    }
    return true;
}

/* {chance: .95, after: 1000} */
static bool read_stop(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    static const char *const keys[] = { "chance", "after" };
    const struct yaml_node *stop = yaml_find(node, "stop");
    double after = 1000;
    if (!stop) return true;
    rule->stop_chance = .95;
    if (!yaml_check_keys(stop, keys, sizeof keys / sizeof *keys, err) ||
        !yaml_number(stop, "chance", .5, 1, &rule->stop_chance, err) ||
        !yaml_number(stop, "after", 1, 1e12, &after, err))
        return false;
    rule->stop_after = (int64_t)after;
    return rule->n_context == 0 ||
           yaml_fail(stop, err, "a bandit with a context never stops: which arm is best depends on who is asked");
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

static bool read_policy(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    const char *policy = "thompson";
    rule->alpha = 1;
    if (!yaml_text(node, "policy", &policy, err) || !yaml_number(node, "alpha", 0, 1e6, &rule->alpha, err))
        return false;
    rule->is_linucb = strcmp(policy, "linucb") == 0;
    if (!rule->is_linucb && strcmp(policy, "thompson") != 0)
        return yaml_fail(yaml_find(node, "policy"), err, "a bandit's policy is thompson or linucb; not %s", policy);
    return !rule->is_linucb || rule->n_context > 0 ||
           yaml_fail(yaml_find(node, "policy"), err, "linucb needs a context, the features that it looks at");
}

static bool read_rule(const struct yaml_node *node, struct bandit_rule *rule, struct err *err)
{
    static const char *const keys[] = { "name",  "placement", "arms",   "policy",  "reward", "floor",
                                        "alpha", "half_life", "window", "context", "stop",   "guardrails" };
    rule->reward.within_days = 7;
    if (!yaml_check_keys(node, keys, sizeof keys / sizeof *keys, err) ||
        !yaml_text(node, "name", &rule->name, err) || !yaml_text(node, "placement", &rule->placement, err) ||
        !read_arms(node, rule, err) || !read_context(node, rule, err) || !read_policy(node, rule, err) ||
        !read_reward(node, rule, err) || !read_guards(node, rule, err) || !read_stop(node, rule, err) ||
        !read_floor(node, rule, err) || !yaml_days(node, "half_life", &rule->half_life_days, err) ||
        !read_window(node, rule, err))
        return false;
    return (rule->name && rule->placement) || yaml_fail(node, err, "a bandit has a name and a placement");
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
