/* plan_log.h - a plan for the customers of a log as of an instant, taught by what was drawn by lot before it.
 *
 * Everybody belongs to one group: holdout (the global control group: gets nothing anywhere), explore (by lot: each
 * action and nothing alike), or planned, of whom a share is withheld by lot from what was planned for them.
 * Without anything drawn before there is no plan but a pilot: a larger share explores. */
#ifndef PLAN_PLAN_LOG_H
#define PLAN_PLAN_LOG_H

#include "plan/plan_features.h"
#include "plan/planner.h"
#include "decide/holdout.h"
#include "log/log.h"

enum plan_group { PLAN_HOLDOUT, PLAN_PILOT, PLAN_EXPLORE, PLAN_WITHHELD, PLAN_PLANNED };
extern const char *const plan_group_word[];     /* "holdout", "pilot", "explore", "withheld", "plan" */

/* Why an action is not open to somebody. */
enum plan_rule {
    PLAN_OPEN,
    PLAN_NOT_MEANT,         /* the action's who */
    PLAN_SUPPRESSED,
    PLAN_CONSENT,
    PLAN_AUTOMATED,         /* they refuse to be decided on by a program */
    PLAN_NO_ADDRESS,
    PLAN_CAP,
    PLAN_COOLDOWN,
    PLAN_FLOOR,             /* too little would be left of what they buy */
    PLAN_RULES
};
extern const char *const plan_rule_word[PLAN_RULES];

struct plan_setup {
    struct store             *store;
    const struct log         *log;
    const char               *goal;             /* the kind of event that counts: "order" */
    const struct plan_action *actions;          /* [n_actions] */
    const char *const        *who;              /* [n_actions] SQL over features and scores, NULL: everybody */
    size_t                    n_actions;
    const char *const        *protected_traits;     /* [n_protected] no action rests on them */
    size_t                    n_protected;
    /* Whether somebody may get an action, beside who; NULL: everybody may. */
    bool (*allows)(void *context, uint32_t identity, size_t action, enum plan_rule *ret_rule, struct err *err);
    void                     *allows_context;
    const uint32_t           *group_of;         /* [n_group_of] by identity; NULL: no groups */
    size_t                    n_group_of, n_groups;
    double                    most_disparity;
    double                    margin, budget;
    const struct costs       *costs;            /* whose margins differ by what is sold; NULL: one margin */
    int64_t                   as_of_ms, horizon_days;
    const struct identities  *identities;
    struct holdout            holdout;          /* its salt keys all that is drawn by lot */
    double                    explore_share, withhold_share, pilot_share;
    bool                      is_pilot_unbounded;       /* what a pilot costs is not of the budget */
    const char               *approved_by;      /* who said yes to a plan above the limits; NULL: nobody had to */
    uint64_t                  seed;
    unsigned                  n_threads;
};

/* One customer of a plan; action and planned: 0 nothing, 1 + action. */
struct plan_row {
    uint32_t        identity;
    uint32_t        open;                               /* bit a: action a is open to them */
    enum plan_group group;
    uint8_t         planned, action;
    double          propensity;
    double          planned_profit, planned_cost;       /* of what was planned, 0 for nothing */
    double          low, high;                          /* of planned_profit */
    const float    *values;             /* of the features, as they were */
    double          order_value;
    enum plan_rule  rule;               /* where no action is open: of the last one, why not */
};

/* n_arms: nothing, and what is open to somebody.  per_arm: in the smallest.  share: of customers who take part, as its
 * budget and capacities allow.  NaN: not known. */
struct plan_pilot { size_t n_arms, per_arm; double weeks, cost, detects, share; };

struct plan_made {
    bool               is_pilot;        /* nothing was drawn before, or too little */
    const char        *why_pilot;
    struct plan_pilot  pilot;
    struct plan_result result;          /* of a plan; its arrays are of the planned, in their order */
    struct plan_row   *rows;            /* [n_rows] everybody known then */
    size_t             n_rows, n_planned;
    size_t             n_past;          /* decisions that taught it */
    double             margin, margin_least, margin_most;       /* of all that was sold; of a customer of today */
    const struct plan_features *features;       /* of the rows' values */
};

/* Who teaches it: decisions drawn by lot, and whoever was exposed in an experiment whose arms are actions (the
 * control arm counts as nothing), early enough for the horizon to be over.
 * In arena.  Errors: those of the log and the store; ERR_MISSING nobody has the goal; ERR_INVALID a condition. */
bool plan_from_log(const struct plan_setup *setup, struct arena *arena, struct plan_made *ret_made,
                   struct err *err) MUST_CHECK;

/* Writes the decisions of everybody who could be drawn otherwise, in the store's transaction: once, however often
 * it is called.  ret_is_new [n_rows]: written now. */
struct vault;
bool plan_commit(const struct plan_setup *setup, const struct plan_made *made, const struct vault *vault,
                 bool *ret_is_new, struct err *err) MUST_CHECK;

#endif
