/* plan_commit.c - the decisions of a plan, written down; see plan_log.h. */
#include "plan/plan_log.h"

#include "base/hash.h"
#include "decide/policy.h"
#include "govern/ledger.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_ROOM = 33 };

static void decision_id(const struct plan_setup *s, uint32_t identity, char ret_id[ID_ROOM])
{
    struct text name = log_name(s->log, DICTIONARY_IDENTITY, identity);
    uint64_t seed = hash_bytes(&s->as_of_ms, sizeof s->as_of_ms, s->holdout.salt ^ UINT64_C(0x706c616e)),
             first = hash_bytes(name.at, name.length, seed), second = hash_bytes(name.at, name.length, first);
    snprintf(ret_id, ID_ROOM, "%016llx%016llx", (unsigned long long)first, (unsigned long long)second);
}

static json_t *cents(double amount) { return isfinite(amount) ? json_real(round(100 * amount)) : json_null(); }

static const char *name_of(const struct plan_setup *s, size_t action)
{
    return action ? s->actions[action - 1].name : ACTION_NOTHING;
}

static double chance_of(const struct plan_setup *s, const struct plan_row *row, bool is_planned, size_t action)
{
    if (!is_planned) return action == 0 || (row->open >> (action - 1) & 1) ? row->propensity : 0;
    return action == row->planned ? 1 - s->withhold_share : action == 0 ? s->withhold_share : 0;
}

/* What could have been drawn with its chance, and what else was weighed: each with its profit as learned.
 * best [n_actions] of somebody who was planned for; NULL. */
static json_t *alternatives(const struct plan_setup *s, const struct plan_row *row, const struct plan_choice *best)
{
    json_t *all = json_array();
    for (size_t a = 0; a <= s->n_actions; a++) {
        double chance = chance_of(s, row, best != NULL, a);
        bool is_weighed = best && a && (row->open >> (a - 1) & 1);
        if (chance <= 0 && !is_weighed) continue;
        const struct plan_choice *choice = is_weighed ? &best[a - 1] : NULL;
        json_array_append_new(all,
                              json_pack("{s:s, s:f, s:o, s:o, s:o}", "action", name_of(s, a), "propensity", chance,
                                        "incremental_profit_cents", choice ? cents(choice->profit) : json_null(),
                                        "low_cents", choice ? cents(choice->low) : json_null(), "high_cents",
                                        choice ? cents(choice->high) : json_null()));
    }
    return all;
}

/* What was known of them, and what an order of theirs is worth. */
static json_t *inputs(const struct plan_made *made, const struct plan_row *row)
{
    json_t *json = json_object();
    for (size_t i = 0; i < plan_features_n_inputs(made->features); i++) {
        double value;
        const char *name = plan_features_input(made->features, row->values, i, &value);
        json_object_set_new(json, name, isnan(value) ? json_null() : json_real(value));
    }
    json_object_set_new(json, "order_value", json_real(row->order_value));
    return json;
}

static bool put(const struct plan_setup *s, const struct plan_made *made, const struct plan_row *row, const struct plan_choice *best,
                const char *id, const struct vault *vault, struct err *err)
{
    struct text name = log_name(s->log, DICTIONARY_IDENTITY, row->identity);
    const char *policy = row->group == PLAN_PILOT ? "pilot" : row->group == PLAN_EXPLORE ? "explore" : "plan";
    json_t *json = json_pack("{s:s, s:s%, s:s, s:I, s:s, s:f, s:s, s:s, s:s, s:o}", "decision_id", id, "customer",
                             name.at, name.length, "placement", "plan", "at_ms", (json_int_t)s->as_of_ms, "action",
                             name_of(s, row->action), "propensity", row->propensity, "policy", policy,
                             "policy_version", "1", "reason",
                             row->group == PLAN_WITHHELD  ? "withheld by lot, so that the plan can be measured"
                             : row->group == PLAN_PLANNED ? "the plan's choice within its budget"
                                                          : "drawn by lot, to learn from",
                             "alternatives", alternatives(s, row, best));
    json_object_set_new(json, "inputs", inputs(made, row));
    json_object_set_new(json, "goal", json_string(s->goal));
    json_object_set_new(json, "horizon_days", json_integer((json_int_t)s->horizon_days));
    json_object_set_new(json, "approved_by", s->approved_by ? json_string(s->approved_by) : json_null());
    char *answer = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    bool ok = sql_decision_put(s->store, text_of(id), row->identity, s->as_of_ms, text_of("plan"),
                               text_of(name_of(s, row->action)), row->propensity, text_of(policy), text_of(answer),
                               value_null(), value_null(), value_null(), value_null(), value_null(), err) &&
              ledger_put_decision(s->store, vault, text_of(id), err);
    free(answer);
    return ok;
}

bool plan_commit(const struct plan_setup *s, const struct plan_made *made, const struct vault *vault,
                 bool *ret_is_new, struct err *err)
{
    char id[ID_ROOM];
    size_t planned = 0;
    for (size_t i = 0; i < made->n_rows; i++) {
        const struct plan_row *row = &made->rows[i];
        bool is_planned = !made->is_pilot && (row->group == PLAN_PLANNED || row->group == PLAN_WITHHELD);
        const struct plan_choice *best = is_planned ? &made->result.best[planned++ * s->n_actions] : NULL;
        struct sql_decision_get had = { 0 };
        ret_is_new[i] = false;
        if (row->propensity >= 1) continue;         /* nothing was drawn: held out, or left alone for certain */
        decision_id(s, row->identity, id);
        enum step step =
            sql_decision_get(s->store, text_of(id), &had, err) ? sql_decision_get_step(&had, err) : STEP_FAIL;
        cursor_close(had.cursor);
        if (step == STEP_FAIL || (step == STEP_END && !put(s, made, row, best, id, vault, err))) return false;
        ret_is_new[i] = step == STEP_END;
    }
    return true;
}
