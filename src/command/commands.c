/* commands.c - one table of commands; each row is one thing the program can do. */
#include "command/commands.h"

#include <string.h>

extern const struct command command_rehearse;
extern const struct command command_uplift, command_policy, command_bandit, command_fairness, command_drift,
    command_plan, command_ledger, command_audit, command_model,
    command_outbox, command_channel, command_bounce;
extern const struct command command_run, command_import, command_rejects, command_features, command_train,
    command_score, command_value, command_segment, command_explain, command_export, command_report,
    command_simulate, command_serve, command_access, command_identity, command_experiment, command_attribution,
    command_survival, command_render, command_effect;
extern const struct command command_journey, command_tasks, command_why;
extern const struct command command_scenario, command_roi, command_kpi;
extern const struct command command_recommend, command_warehouse, command_capacity;

const struct command *const commands[] = {
    &command_run,
    &command_import,
    &command_rejects,
    &command_features,
    &command_train,
    &command_score,
    &command_value,
    &command_segment,
    &command_recommend,
    &command_explain,
    &command_export,
    &command_report,
    &command_simulate,
    &command_serve,
    &command_access,
    &command_identity,
    &command_experiment,
    &command_attribution,
    &command_uplift,
    &command_plan,
    &command_policy,
    &command_bandit,
    &command_fairness,
    &command_drift,
    &command_model,
    &command_rehearse,
    &command_ledger,
    &command_audit,
    &command_survival,
    &command_effect,
    &command_scenario,
    &command_kpi,
    &command_roi,
    &command_render,
    &command_journey,
    &command_tasks,
    &command_why,
    &command_outbox,
    &command_channel,
    &command_bounce,
    &command_warehouse,
    &command_capacity,
    NULL
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}
