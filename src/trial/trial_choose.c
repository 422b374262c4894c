/* trial_choose.c - which branch somebody of a trial takes: by the shares of an experiment, by the chances of what
 * decides; see trial_internal.h.
 *
 * What is there now is taken to have been there all the time: an experiment as it is once fully begun, a bandit with
 * what its arms have earned by now, and of one with a context as it is for the average person. */
#include "trial/trial_internal.h"

#include "base/calendar.h"
#include "decide/decision.h"
#include "store/sql.h"

#include <string.h>

enum { EXPERIMENTS_MOST = 1000 };

/* ---- what there is ---- */

static bool find_experiments(struct trial *trial, struct err *err)
{
    const char **names = ARENA_ARRAY(trial->arena, const char *, EXPERIMENTS_MOST);
    size_t n = 0;
    struct sql_experiment_all row;
    enum step step = STEP_END;
    if (!sql_experiment_all(trial->options->store, &row, err)) return false;
    while (n < EXPERIMENTS_MOST && (step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        names[n++] = arena_copy(trial->arena, row.name.at);
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    trial->experiments = ARENA_ARRAY(trial->arena, struct trial_experiment, n + 1);
    for (size_t i = n; i > 0; i--) {
        struct design *design = ARENA_NEW(trial->arena, struct design);
        struct experiment_record *record = ARENA_NEW(trial->arena, struct experiment_record);
        const struct yaml_node *root;
        if (!experiment_find(trial->options->store, names[i - 1], trial->arena, design, record, &root, err))
            return false;
        trial->experiments[trial->n_experiments++] = (struct trial_experiment){ design, record };
    }
    return true;
}

static bool is_asked(const struct trial *trial, const struct bandit_rule *rule)
{
    for (size_t j = 0; j < trial->options->n_journeys; j++)
        if (journey_decides(trial->options->journeys[j], text_of(rule->placement))) return true;
    return false;
}

/* Of those that are asked: to measure one all of the log is read. */
static bool find_bandits(struct trial *trial, struct err *err)
{
    const struct trial_options *o = trial->options;
    struct bandit_rule *rules;
    size_t n;
    if (!o->settings || o->person) return true;
    if (!bandit_rules_read(o->settings, trial->arena, &rules, &n, err)) return false;
    trial->bandits = ARENA_ARRAY(trial->arena, struct trial_bandit, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!is_asked(trial, &rules[i])) continue;
        struct bandit_measured measured;
        struct bandit_view *view = ARENA_NEW(trial->arena, struct bandit_view);
        if (!bandit_measure(o->store, o->log, o->identities, &rules[i], o->to_ms, trial->arena, &measured, err))
            return false;
        bandit_view_of(&rules[i], measured.tally, measured.variance, rules[i].n_context ? measured.x_mean : NULL, view);
        trial->bandits[trial->n_bandits++] = (struct trial_bandit){ &rules[i], view };
    }
    return true;
}

bool trial_choices_find(struct trial *trial, struct err *err)
{
    return find_experiments(trial, err) && find_bandits(trial, err);
}

/* ---- an arm of an experiment ---- */

/* When it lets in as many as it ever will. */
static int64_t in_full_ms(const struct design *design)
{
    int64_t at_ms = design->start_ms;
    for (size_t i = 0; i < design->n_ramp; i++)
        if (design->ramp[i].from_ms > at_ms) at_ms = design->ramp[i].from_ms;
    return at_ms < design->end_ms ? at_ms : design->end_ms - 1;
}

/* The arm that was dealt to somebody of a known audience. */
static bool find_dealt(struct trial *trial, const struct design *design, uint32_t identity, size_t *ret_arm,
                       struct err *err)
{
    struct sql_assignment_of row = { 0 };
    *ret_arm = design->n_arms;
    if (!sql_assignment_of(trial->options->store, text_of(design->name), identity, &row, err)) return false;
    enum step step = sql_assignment_of_step(&row, err);
    for (size_t arm = 0; step == STEP_ROW && arm < design->n_arms; arm++)
        if (text_equal(row.arm, text_of(design->arms[arm]))) *ret_arm = arm;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool assign(struct trial *trial, struct trial_person *person, const struct design *design,
                   struct assigned *ret_assigned, struct err *err)
{
    size_t n;
    const uint32_t *members = identities_members(trial->options->identities, person->customer, &n);
    uint32_t first = person->customer;
    for (size_t i = 0; i < n; i++)
        if (members[i] < first) first = members[i];
    struct design_facts facts = { .is_held_out = person->is_held_out, .is_eligible = true };
    if (design->who && !design->is_known &&
        !trial_holds(trial, person, design->who, NULL, NULL, &facts.is_eligible, NULL, err))
        return err_context(err, "who of experiment %s", design->name);
    if (!find_dealt(trial, design, first, &facts.dealt_arm, err)) return false;
    *ret_assigned = design_assign(design, log_name(trial->options->log, DICTIONARY_IDENTITY, first), facts,
                                  in_full_ms(design));
    return true;
}

static bool take_arm(struct trial *trial, struct trial_person *person, const struct journey_step *step,
                     double chance, size_t *ret_branch, const char **ret_sentence, struct err *err)
{
    struct assigned assigned;
    const struct design *design = NULL;
    for (size_t i = 0; i < trial->n_experiments; i++)
        if (strcmp(trial->experiments[i].is->name, step->name) == 0) design = trial->experiments[i].is;
    if (!design && person->is_held_out) {
        *ret_sentence = arena_format(trial->scratch, "in the control group, so in no arm of '%s'", step->name);
        return true;
    }
    if (!design) {
        *ret_branch = (size_t)(chance * (double)step->n_branches);
        *ret_sentence = arena_format(trial->scratch,
                                     "drawn for '%s': %s, of %zu alike, since there is no such experiment yet",
                                     step->name, step->branches[*ret_branch].name, step->n_branches);
        return true;
    }
    if (!assign(trial, person, design, &assigned, err)) return false;
    if (assigned.arm == SIZE_MAX) {
        *ret_sentence = arena_format(trial->scratch, "in no arm of '%s': %s", step->name,
                                     design_reason_words[assigned.reason]);
        return true;
    }
    *ret_branch = journey_find_branch(step, design->arms[assigned.arm]);
    *ret_sentence = arena_format(trial->scratch, "in the arm '%s' of '%s', by its share of %g%s",
                                 design->arms[assigned.arm], step->name, design->shares[assigned.arm],
                                 *ret_branch == step->n_branches ? ", which has no steps here" : "");
    return true;
}

/* ---- a decision ---- */

static bool knows(const struct design *design, const struct journey_step *step)
{
    for (size_t arm = 0; arm < design->n_arms; arm++)
        if (strcmp(design->arms[arm], ACTION_NOTHING) != 0 &&
            journey_find_branch(step, design->arms[arm]) < step->n_branches)
            return true;
    return false;
}

/* As engine/deciding.c has it, but for a plan, which stands for days only: the earliest experiment that rules
 * decisions, else the placement's bandit, else all alike. */
static bool find_policy(struct trial *trial, struct trial_person *person, const struct journey_step *step,
                        const struct policy **ret_policy, int64_t *ret_days, struct err *err)
{
    struct arena *arena = trial->scratch;
    struct assigned assigned;
    *ret_policy = &policy_pilot;
    *ret_days = 1;
    for (size_t i = 0; i < trial->n_bandits; i++) {
        const struct bandit_rule *rule = trial->bandits[i].is;
        bool has = false;
        for (size_t k = 0; k < step->n_branches; k++) has |= bandit_rule_has(rule, text_of(step->branches[k].name));
        if (!has || strcmp(rule->placement, step->name) != 0) continue;
        struct policy_bandit *policy = ARENA_NEW(arena, struct policy_bandit);
        *policy = policy_bandit_of(rule, trial->bandits[i].view, "trial");
        *ret_policy = &policy->is;
        if (rule->window_days >= 0) *ret_days = rule->window_days;
        break;
    }
    for (size_t i = 0; i < trial->n_experiments; i++) {
        const struct design *design = trial->experiments[i].is;
        if (design->exposure != EXPOSED_BY_DECISION || !knows(design, step) ||
            trial->experiments[i].record->stopped_ms <= trial->options->to_ms)
            continue;
        if (!assign(trial, person, design, &assigned, err)) return false;
        if (assigned.arm == SIZE_MAX) continue;
        struct policy_experiment *policy = ARENA_NEW(arena, struct policy_experiment);
        *policy = policy_experiment_of(design->name, design->arms, design->shares, design->n_arms, assigned.arm);
        *ret_policy = &policy->is;
        break;
    }
    return true;
}

static bool decide(struct trial *trial, struct trial_person *person, const struct journey_step *step,
                   const char *topic, size_t *ret_branch, const char **ret_sentence, struct err *err)
{
    struct candidate candidates[DECISION_MOST_CANDIDATES];
    const struct policy *policy;
    size_t n = 0;
    int64_t days;
    if (!find_policy(trial, person, step, &policy, &days, err)) return false;
    for (size_t i = 0; i < step->n_branches && n < DECISION_MOST_CANDIDATES; i++)
        if (strcmp(step->branches[i].name, ACTION_NOTHING) != 0)
            candidates[n++] = (struct candidate){ text_of(step->branches[i].name), true };
    const struct reach_facts facts = { .heard = person->heard, .is_held_out = person->is_held_out,
                                       .said = topic ? trial_said(person, topic) : CONSENT_SAID_NOTHING };
    int64_t day = calendar_day_of_ms(zone_local_ms(person->zone, trial->now_ms));
    const struct decision_request request = {
        .customer = person->name, .placement = text_of(step->name), .candidates = candidates, .n_candidates = n,
        .window = text_of(arena_format(trial->scratch, "%lldd %lld", (long long)days,
                                       (long long)(days ? day / days : trial->now_ms))),
        .rule = reach_rule_of(&facts), .policy = policy, .salt = trial->options->salt,
    };
    const struct decision decision = decision_make(&request, trial->scratch);
    const char *action = decision.action == n ? ACTION_NOTHING
                                              : arena_format(trial->scratch, "%.*s",
                                                             (int)candidates[decision.action].action.length,
                                                             candidates[decision.action].action.at);
    *ret_branch = journey_find_branch(step, action);
    *ret_sentence = arena_format(trial->scratch, "decided for '%s': %s, by a chance of %.3g (%s)", step->name, action,
                                 decision.propensity, decision.policy);
    return true;
}

bool trial_choose(struct trial *trial, struct trial_person *person, const struct journey_step *step, double chance,
                  const char *topic, size_t *ret_branch, const char **ret_sentence, struct err *err)
{
    *ret_branch = step->n_branches;
    return step->kind == STEP_EXPERIMENT ? take_arm(trial, person, step, chance, ret_branch, ret_sentence, err)
                                         : decide(trial, person, step, topic, ret_branch, ret_sentence, err);
}
