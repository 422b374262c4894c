/* plan_internal.h - what the parts of plan_database.c share. */
#ifndef CAMPAIGN_PLAN_INTERNAL_H
#define CAMPAIGN_PLAN_INTERNAL_H

#include "campaign/plan_contact.h"
#include "cli/database.h"
#include "cli/margin.h"
#include "customer/profile.h"
#include "decide/policy.h"
#include "learn/people_group.h"
#include "plan/plan_log.h"

#include <jansson.h>

/* Above these a plan waits for somebody else. */
struct plan_limits { double above, share_of_customers, discount_above; const char *role; };

struct plan_approval { const char *needs, *state, *asked_by, *approved_by; };     /* needs NULL: none */

struct planned_database {
    struct invocation  *invocation;
    struct arena       *arena;
    struct database     database;
    struct settings     settings;
    struct costs        costs;
    struct margin_said  margin;
    struct identities  *identities;
    struct profiles    *profiles;
    struct plan_action  actions[PLAN_ACTIONS_MOST];
    const char         *who[PLAN_ACTIONS_MOST];
    struct plan_way     way[PLAN_ACTIONS_MOST];
    int64_t             capacity_days[PLAN_ACTIONS_MOST];       /* the span of each capacity; 0: the plan's */
    json_t             *warnings;
    struct plan_limits  limits;
    struct plan_contact contact;
    struct people_group groups;
    struct plan_setup   setup;
    struct plan_made    made;
    struct plan_approval approval;
    bool               *is_new, is_committed;
    bool                is_open;        /* some action to somebody */
    size_t              n_put;          /* messages and tasks */
};

/* Actions, budget and limits of the settings.  Errors: ERR_INVALID with file, line and column; ERR_MISSING. */
bool plan_read_settings(struct planned_database *plan, struct err *err) MUST_CHECK;

/* Decisions, and messages, tasks or the sink; or the wish, where somebody else has to say yes. */
bool plan_write(struct planned_database *plan, struct err *err) MUST_CHECK;

json_t *plan_json(const struct planned_database *plan);

static inline const char *plan_action_name(const struct planned_database *plan, size_t action)
{
    return action ? plan->actions[action - 1].name : ACTION_NOTHING;
}

#endif
