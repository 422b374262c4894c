/* journeys_choose.c - which branch somebody takes: by lot, by a decision, by their arm of an experiment. */
#include "engine/journeys_internal.h"

#include "decide/decision.h"
#include "engine/assigning.h"
#include "engine/deciding.h"
#include "store/sql.h"

#include <string.h>

static struct text name_of(const struct journeys *journeys, const struct way *way)
{
    return log_name(journeys->service->log, DICTIONARY_IDENTITY, way->customer);
}

static const char *id_of(const struct journeys *journeys, const struct way *way)
{
    struct text name = name_of(journeys, way);
    return arena_format(journeys->scratch, "%.*s", (int)name.length, name.at);
}

double way_chance(const struct journeys *journeys, const struct way *way, const struct journey_step *step)
{
    return entering_chance(way->definition->is->name, step->id, name_of(journeys, way),
                           journeys->service->decision_salt);
}

/* A decision that cannot be made, an experiment that is not there or that cannot be asked now keep nobody: they go
 * on behind the step, and what they did is not refused for it.  Only where the store fails all waits. */
static bool keeps_nobody(const struct err *err)
{
    return err->code != ERR_IO && err->code != ERR_CORRUPT;
}

bool way_decide(struct journeys *journeys, struct store *store, const struct way *way,
                const struct journey_step *step, size_t *ret_branch, const char **ret_sentence, struct err *err)
{
    struct arena *arena = journeys->scratch;
    struct deciding_candidate candidates[DECISION_MOST_CANDIDATES];
    size_t n = 0;
    const char *field;
    struct decided decided;
    for (size_t i = 0; i < step->n_branches && n < DECISION_MOST_CANDIDATES; i++)
        if (strcmp(step->branches[i].name, ACTION_NOTHING) != 0)
            candidates[n++] = (struct deciding_candidate){ step->branches[i].name, NULL, NULL };
    const struct deciding_ask ask = { .customer = id_of(journeys, way),
                                      .placement = step->name,
                                      .purpose = way->definition->is->topic,
                                      .candidates = candidates,
                                      .n_candidates = n,
                                      .at_ms = journeys_now_ms(journeys) };
    *ret_branch = step->n_branches;
    if (!deciding_make(journeys->service, &ask, arena, &decided, &field, err)) {
        *ret_sentence = arena_format(arena, "not decided for '%s': %s", step->name, err->text);
        return keeps_nobody(err);
    }
    if (!deciding_put(store, profiles_vault(journeys->service->profiles), &decided, err)) return false;
    *ret_branch = journey_find_branch(step, decided.action);
    *ret_sentence = arena_format(arena, "decided for '%s': %s, by a chance of %.3g (decision %s)", step->name,
                                 decided.action, decided.decision.propensity, decided.decision.id);
    return true;
}

/* Where the store fails nothing is told, and a strict text says that it lacks the decision. */
void way_add_decision(struct journeys *journeys, struct store *store, const struct way *way, json_t *data)
{
    enum { LOOKED_AT = 64 };
    struct sql_decisions_of row;
    struct err err;
    int64_t latest_ms = INT64_MIN;
    size_t n;
    const uint32_t *members = identities_members(journeys->service->identities, way->customer, &n);
    for (size_t i = 0; i < n; i++) {
        if (!sql_decisions_of(store, members[i], LOOKED_AT, &row, &err)) return;
        while (sql_decisions_of_step(&row, &err) == STEP_ROW) {
            if (row.at_ms <= latest_ms || !journey_decides(way->definition->is, row.placement)) continue;
            latest_ms = row.at_ms;
            json_object_set_new(data, "decision",
                                json_pack("{s:s%, s:s%, s:s%, s:f}", "id", row.id.at, row.id.length, "placement",
                                          row.placement.at, row.placement.length, "action", row.action.at,
                                          row.action.length, "propensity", row.propensity));
        }
        cursor_close(row.cursor);
    }
}

/* Who reaches the step is exposed, by this. */
bool way_take_arm(struct journeys *journeys, struct store *store, const struct way *way,
                  const struct journey_step *step, size_t *ret_branch, const char **ret_sentence, struct err *err)
{
    struct service *service = journeys->service;
    struct arena *arena = journeys->scratch;
    const struct assigning where = { store, service->log, service->identities,
                                     { service->holdout_share, service->decision_salt }, service };
    int64_t now_ms = journeys_now_ms(journeys);
    struct design design;
    struct experiment_record record;
    const struct yaml_node *root;
    struct assigned_arm assignment;
    *ret_branch = step->n_branches;
    if (!experiment_find(store, step->name, arena, &design, &record, &root, err) ||
        !assignment_make(&where, &design, &record, id_of(journeys, way), now_ms, arena, &assignment, err)) {
        *ret_sentence = arena_format(arena, "in no arm of '%s': %s", step->name, err->text);
        return keeps_nobody(err);
    }
    if (!assignment.arm) {
        *ret_sentence = arena_format(arena, "in no arm of '%s': %s", step->name,
                                     design_reason_words[assignment.assigned.reason]);
        return true;
    }
    *ret_branch = journey_find_branch(step, assignment.arm);
    *ret_sentence = arena_format(arena, "in the arm '%s' of '%s'%s", assignment.arm, step->name,
                                 *ret_branch == step->n_branches ? ", which has no steps here" : "");
    return assignment_expose(store, &assignment, now_ms, "step", err);
}
