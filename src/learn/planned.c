/* planned.c - see planned.h. */
#include "learn/planned.h"

#include "base/calendar.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { DAY_ROOM = 11 };

/* The plan that stands: when it was made, and whether one of the actions is among what it weighed for some. */
struct standing { int64_t at_ms; bool stands, has_action; };

static bool has_action(const json_t *answer, const struct text *actions, size_t n)
{
    size_t k;
    const json_t *row;
    json_array_foreach(json_object_get(answer, "alternatives"), k, row) {
        const char *name = json_string_value(json_object_get(row, "action"));
        for (size_t i = 0; name && i < n; i++)
            if (text_equal(actions[i], text_of(name))) return true;
    }
    return false;
}

static bool find_standing(struct store *store, const struct text *actions, size_t n, int64_t now_ms,
                          struct standing *ret, struct err *err)
{
    struct sql_plan_standing row = { 0 };
    enum step step = STEP_FAIL;
    *ret = (struct standing){ 0 };
    if (sql_plan_standing(store, now_ms, &row, err))
        while ((step = sql_plan_standing_step(&row, err)) == STEP_ROW && !ret->has_action) {
            json_t *answer = json_loadb(row.answer.at, row.answer.length, 0, NULL);
            int64_t days = json_integer_value(json_object_get(answer, "horizon_days"));
            if (!ret->stands) ret->at_ms = row.at_ms, ret->stands = now_ms < row.at_ms + days * MS_PER_DAY;
            if (row.at_ms == ret->at_ms && ret->stands) ret->has_action = has_action(answer, actions, n);
            json_decref(answer);
            if (!ret->stands) { step = STEP_END; break; }
        }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static double cents_of(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void read_decision(const json_t *answer, struct arena *arena, struct policy_plan *plan)
{
    const json_t *all = json_object_get(answer, "alternatives"), *row;
    struct planned_action *planned = ARENA_ARRAY(arena, struct planned_action, json_array_size(all) + 1);
    const char *action = json_string_value(json_object_get(answer, "action")),
               *reason = json_string_value(json_object_get(answer, "reason"));
    size_t k;
    json_array_foreach(all, k, row) {
        const char *name = json_string_value(json_object_get(row, "action"));
        planned[plan->n_planned++] = (struct planned_action){
            text_of(arena_copy(arena, name ? name : "")),
            { json_number_value(json_object_get(row, "propensity")), cents_of(row, "incremental_profit_cents"),
              cents_of(row, "low_cents"), cents_of(row, "high_cents") }
        };
    }
    plan->planned = planned;
    plan->action = arena_copy(arena, action ? action : ACTION_NOTHING);
    plan->reason = arena_copy(arena, reason ? reason : "");
}

bool planned_any(struct store *store, atomic_bool *ret_any, struct err *err)
{
    struct sql_plan_standing row = { 0 };
    enum step step = sql_plan_standing(store, INT64_MAX, &row, err) ? sql_plan_standing_step(&row, err) : STEP_FAIL;
    cursor_close(row.cursor);
    if (step != STEP_FAIL) atomic_store(ret_any, step == STEP_ROW);
    return step != STEP_FAIL;
}

bool planned_find(struct store *store, const uint32_t *members, size_t n_members, const struct text *actions,
                  size_t n, int64_t now_ms, struct arena *arena, const struct policy **ret_policy,
                  struct err *err)
{
    struct standing standing;
    char day[DAY_ROOM];
    enum step step = STEP_END;
    *ret_policy = NULL;
    if (!find_standing(store, actions, n, now_ms, &standing, err)) return false;
    if (!standing.has_action) return true;
    struct policy_plan *plan = ARENA_NEW(arena, struct policy_plan);
    calendar_format_day(calendar_day_of_ms(standing.at_ms), day);
    *plan = policy_plan_of(false, arena_copy(arena, day));
    for (size_t m = 0; m < n_members && step == STEP_END && !plan->action; m++) {
        struct sql_plan_decision row = { 0 };
        step = sql_plan_decision(store, members[m], standing.at_ms, &row, err) ? sql_plan_decision_step(&row, err)
                                                                                : STEP_FAIL;
        if (step == STEP_ROW) {
            json_t *answer = json_loadb(row.answer.at, row.answer.length, 0, NULL);
            *plan = policy_plan_of(!text_equal(row.policy, text_of("plan")), plan->is.version);
            read_decision(answer, arena, plan);
            json_decref(answer);
        }
        cursor_close(row.cursor);
    }
    if (step == STEP_FAIL) return false;
    *ret_policy = &plan->is;
    return true;
}
