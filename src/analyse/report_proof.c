/* report_proof.c - see report_proof.h. */
#include "analyse/report_proof.h"

#include "base/settings.h"
#include "campaign/plan_database.h"
#include "engine/earning.h"
#include "engine/measuring.h"
#include "engine/program.h"
#include "experiment/scenario.h"
#include "model/kpi.h"
#include "server/clocks.h"

#include <string.h>

struct proof {
    struct invocation     *invocation;
    struct database           *database;
    const struct question *question;
    struct settings        settings;
    struct costs           costs;
    const struct history  *history;
    struct assigning       where;
    json_t                *report;
};

static bool add_kpi(struct proof *p, int32_t as_of_day, struct err *err)
{
    struct kpis kpis;
    json_t *goals;
    kpis_build(p->history, as_of_day, p->invocation->arena, &kpis);
    if (!kpi_goals_json(settings_section(&p->settings, "goals"), &kpis, as_of_day, p->invocation->arena, &goals,
                        err))
        return false;
    json_t *json = kpis_json(&kpis);
    json_object_set_new(json, "goals", goals);
    json_object_set_new(p->report, "kpi", json);
    return true;
}

/* One experiment's analysis and money; what refuses is said in its own words. */
static bool add_experiment(struct proof *p, const char *name, json_t *experiments, json_t *campaigns,
                           struct err *err)
{
    struct arena *arena = p->invocation->arena;
    struct design *design = ARENA_NEW(arena, struct design);
    struct experiment_record record;
    struct costs costs = p->costs;
    const struct yaml_node *root;
    struct err why;
    json_t *json = NULL;
    if (!experiment_find(p->database->store, name, arena, design, &record, &root, err)) return false;
    const struct settings own = { NULL, root };
    if (yaml_find(root, "costs") && !costs_read(&own, NULL, arena, &costs, err)) return false;
    const struct measuring_options options = { .as_of_ms = clock_wall_ms(NULL),
                                               .costs = &costs,
                                               .alpha = .05,
                                               .tuning = 5000,
                                               .correction = CORRECTION_HOLM,
                                               .seed = p->invocation->seed };
    if (!measuring_run(&p->where, design, &record, &options, arena, &json, &why))
        json = json_pack("{s:s, s:s}", "experiment", name, "refusal", why.text);
    json_array_append_new(experiments, json);
    if (json_object_get(json, "verdict") &&
        !earning_add(&p->where, design, p->question->goal, &options, arena, campaigns, &why))
        json_object_set_new(json, "no_money", json_string(why.text));
    return true;
}

static bool add_experiments(struct proof *p, struct err *err)
{
    json_t *list, *row, *experiments = json_array(), *campaigns = json_array();
    size_t i;
    if (!experiments_json(p->database->store, clock_wall_ms(NULL), &list, err)) {
        json_decref(experiments);
        json_decref(campaigns);
        return false;
    }
    bool ok = true;
    json_array_foreach(list, i, row)
        if (ok && json_integer_value(json_object_get(row, "exposed")) > 0)
            ok = add_experiment(p, json_string_value(json_object_get(row, "name")), experiments, campaigns, err);
    if (json_array_size(experiments) > 0) json_object_set(p->report, "experiments", experiments);
    if (json_array_size(campaigns) > 0) json_object_set(p->report, "campaigns", campaigns);
    json_decref(list);
    json_decref(experiments);
    json_decref(campaigns);
    return ok;
}

bool report_proof_add(struct invocation *invocation, struct database *database, const struct question *question,
                      const struct scores *scores, json_t *report, struct err *err)
{
    struct proof p = { .invocation = invocation, .database = database, .question = question, .report = report };
    struct identities *identities = NULL;
    struct err why;
    json_t *program;
    if (scores->history.n_customers == 0 || !question->goal) return true;
    bool ok = command_settings(invocation, database->store, &p.settings, err) &&
              costs_read(&p.settings, database->record.currency, invocation->arena, &p.costs, err) &&
              identities_open(database->store, database->log, &identities, err) &&
              holdout_load(database->store, &p.settings, &p.where.holdout, err);
    p.history = &scores->history;
    p.where.store = database->store, p.where.log = database->log, p.where.identities = identities;
    ok = ok && add_kpi(&p, (int32_t)calendar_day_of_ms(scores->as_of_ms - 1), err) && add_experiments(&p, err);
    const struct program_options so_far = {
        .as_of_ms = scores->as_of_ms, .costs = &p.costs, .currency = database->record.currency,
        .goal = question->goal, .alpha = .05
    };
    if (ok && program_run(&p.where, p.history, &so_far, invocation->arena, &program, &why))
        json_object_set_new(report, "program", program);
    identities_close(identities);
    return ok;
}

bool report_scenario_add(struct invocation *invocation, json_t *report, struct err *err)
{
    enum { DRAWS = 100000 };
    const char *path = flag_text(invocation, "scenario", NULL);
    struct scenario *scenario;
    json_t *json;
    if (!path) return true;
    if (!scenario_read(path, invocation->arena, &scenario, err) ||
        !scenario_run(scenario, DRAWS, invocation->seed, invocation->n_threads, invocation->arena, &json, err))
        return false;
    json_object_set_new(report, "scenario", json);
    return true;
}

bool report_rehearsal_read(const struct invocation *invocation, json_t **ret_year, struct err *err)
{
    const char *folder = flag_text(invocation, "rehearsal", NULL);
    *ret_year = NULL;
    if (!folder) return true;
    const char *path = arena_format(invocation->arena, "%s/report.json", folder);
    json_t *year = json_load_file(path, 0, NULL);
    if (!json_is_array(json_object_get(year, "periods"))) {
        json_decref(year);
        return err_set(err, ERR_MISSING, "%s is no report of a rehearsed year; holdfast rehearse --out %s writes one",
                       path, folder);
    }
    *ret_year = year;
    return true;
}

bool report_plan_add(struct invocation *invocation, struct store *store, json_t *report, struct err *err)
{
    struct settings settings;
    struct err why;
    json_t *plan, *year;
    if (!command_settings(invocation, store, &settings, err) || !report_rehearsal_read(invocation, &year, err))
        return false;
    if (year) json_object_set_new(report, "rehearsal", year);
    if (!settings_section(&settings, "actions") && !flag_is_given(invocation, "actions")) return true;
    if (plan_database(invocation, &plan, &why)) {
        json_object_del(plan, "chosen");
    } else if (flag_is_given(invocation, "actions") && why.code != ERR_REFUSED) {   /* what was typed is at fault */
        *err = why;
        return false;
    } else {
        plan = json_pack("{s:s}", "sentence", arena_format(invocation->arena, "No plan can be made: %s.", why.text));
    }
    json_object_set_new(report, "plan", plan);
    return true;
}
