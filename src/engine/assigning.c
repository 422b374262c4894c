/* assigning.c - see assigning.h. */
#include "engine/assigning.h"

#include "base/similar.h"
#include "engine/eligibility.h"
#include "engine/service.h"
#include "hub/ramp.h"
#include "store/sql.h"

#include <string.h>

enum { EXPERIMENTS_MOST = 1000 };

/* ---- which experiment ---- */

static bool no_such(struct store *store, const char *name, struct arena *arena, struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, EXPERIMENTS_MOST);
    size_t n = 0;
    struct sql_experiment_all row;
    enum step step;
    if (!sql_experiment_all(store, &row, err)) return false;
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        if (n < EXPERIMENTS_MOST) names[n++] = arena_copy(arena, row.name.at);
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    return err_set(err, ERR_MISSING, "there is no experiment '%s'%s", name,
                   n ? similar_names(name, names, n, arena)
                     : "; holdfast experiment start FILE.yaml puts one in force");
}

bool experiment_find(struct store *store, const char *name, struct arena *arena, struct design *ret_design,
                     struct experiment_record *ret_record, const struct yaml_node **ret_root, struct err *err)
{
    struct sql_experiment_get row = { 0 };
    if (!sql_experiment_get(store, text_of(name), &row, err)) return false;
    enum step step = sql_experiment_get_step(&row, err);
    bool ok = step != STEP_FAIL;
    if (step == STEP_ROW) {
        *ret_record =
            (struct experiment_record){ row.started_ms,
                                        row.stopped_ms.kind == VALUE_NULL ? INT64_MAX : row.stopped_ms.i };
        ok = design_of(name, text_of(arena_copy(arena, row.definition.at)), arena, ret_design, ret_root, err) &&
             ramp_read(store, ret_design, err);
    }
    cursor_close(row.cursor);
    return step == STEP_END ? no_such(store, name, arena, err) : ok;
}

/* The share that takes part at an instant, and the steps to it. */
static bool add_ramp(struct store *store, json_t *one, int64_t now_ms, struct arena *arena, struct err *err)
{
    struct design *design = ARENA_NEW(arena, struct design);
    struct experiment_record record;
    const struct yaml_node *root;
    if (!experiment_find(store, json_string_value(json_object_get(one, "name")), arena, design, &record, &root, err))
        return false;
    json_object_set_new(one, "share", json_real(design_ramp_at(design, now_ms)));
    json_object_set_new(one, "ramp", ramp_json(design));
    return true;
}

static bool add_ramps(struct store *store, json_t *list, int64_t now_ms, struct err *err)
{
    json_t *one;
    size_t i;
    bool ok = true;
    json_array_foreach(list, i, one) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        if (ok && json_is_null(json_object_get(one, "stopped_ms"))) ok = add_ramp(store, one, now_ms, arena, err);
        arena_free(arena);
    }
    return ok;
}

bool experiments_json(struct store *store, int64_t now_ms, json_t **ret_list, struct err *err)
{
    struct sql_experiment_all row;
    enum step step;
    json_t *list = json_array();
    if (!sql_experiment_all(store, &row, err)) { json_decref(list); return false; }
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW) {
        bool runs = row.stopped_ms.kind == VALUE_NULL;
        json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:s, s:I}", "name", row.name.at, "started_ms",
                                              (json_int_t)row.started_ms, "stopped_ms",
                                              runs ? json_null() : json_integer(row.stopped_ms.i), "state",
                                              runs ? "running" : "stopped", "exposed", (json_int_t)row.n));
    }
    cursor_close(row.cursor);
    bool ok = step == STEP_END && add_ramps(store, list, now_ms, err);
    if (ok) *ret_list = list;
    else json_decref(list);
    return ok;
}

/* ---- which arm ---- */

struct person { uint32_t customer, members[IDENTITY_MEMBERS_MOST]; size_t n; bool is_held_out; };

/* Under the service's lock, if there is one. */
static void look_up(const struct assigning *where, const char *id, struct arena *arena, struct person *person,
                    struct assigned_arm *a)
{
    uint32_t identity;
    const uint8_t *key = where->service ? profiles_key(where->service->profiles) : NULL;
    if (!identity_find(where->log, text_of(id), key, &identity) || identity == 0) return;
    size_t n;
    const uint32_t *members = identities_members(where->identities, identity, &n);
    person->customer = identities_customer(where->identities, identity);
    person->n = n < IDENTITY_MEMBERS_MOST ? n : IDENTITY_MEMBERS_MOST;
    memcpy(person->members, members, person->n * sizeof *members);
    person->is_held_out = holdout_place_of(&where->holdout, members, n).is_held_out;
    a->identity = members[0];
    for (size_t i = 1; i < n; i++)
        if (members[i] < a->identity) a->identity = members[i];
    struct text unit = log_name(where->log, DICTIONARY_IDENTITY, a->identity);
    a->unit = arena_format(arena, "%.*s", (int)unit.length, unit.at);
}

/* The arm that the person was given; mixed, where their identities were given different ones before they were known
 * to be one. */
static bool find_given(struct store *store, const struct design *design, const struct person *person,
                       struct arena *arena, struct design_facts *facts, struct err *err)
{
    const char *first = NULL;
    facts->is_mixed = false, facts->dealt_arm = design->n_arms;
    for (size_t i = 0; i < person->n; i++) {
        struct sql_assignment_of row = { 0 };
        if (!sql_assignment_of(store, text_of(design->name), person->members[i], &row, err)) return false;
        enum step step = sql_assignment_of_step(&row, err);
        if (step == STEP_ROW) {
            facts->is_mixed |= row.is_mixed != 0 || (first && strcmp(first, row.arm.at) != 0);
            if (!first) first = arena_copy(arena, row.arm.at);
        }
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    for (size_t arm = 0; first && arm < design->n_arms; arm++)
        if (strcmp(design->arms[arm], first) == 0) facts->dealt_arm = arm;
    return true;
}

bool assignment_make(const struct assigning *where, const struct design *design,
                     const struct experiment_record *record, const char *id, int64_t at_ms, struct arena *arena,
                     struct assigned_arm *ret_assignment, struct err *err)
{
    struct person *person = ARENA_NEW(arena, struct person);
    struct assigned_arm a = { .experiment = design->name, .asked = id, .unit = id };
    struct design_facts facts = { .is_eligible = true };
    size_t at;
    if (where->service) (void)pthread_rwlock_rdlock(&where->service->lock);
    look_up(where, id, arena, person, &a);
    if (where->service) (void)pthread_rwlock_unlock(&where->service->lock);
    facts.is_held_out = person->is_held_out;
    bool asks_who = design->who && !design->is_known;       /* of a known audience that is settled */
    if (asks_who && !where->service)
        return err_set(err, ERR_REFUSED, "who: %s can only be asked while holdfast serve runs on this database",
                       design->who);
    if (asks_who && a.identity == 0) facts.is_eligible = false;
    else if (asks_who && !conditions_hold(where->service, person->customer, at_ms, &design->who, 1,
                                             &facts.is_eligible, &at, err))
        return err_context(err, "who of experiment %s", design->name);
    if (at_ms >= record->stopped_ms) facts.is_eligible = false;
    if (!find_given(where->store, design, person, arena, &facts, err)) return false;
    a.assigned = design_assign(design, text_of(a.unit), facts, at_ms);
    a.arm = a.assigned.arm == SIZE_MAX ? NULL : design->arms[a.assigned.arm];
    *ret_assignment = a;
    return true;
}

json_t *assignment_json(const struct assigned_arm *a)
{
    return json_pack("{s:s, s:s, s:s?, s:f, s:s}", "experiment", a->experiment, "unit", a->asked, "arm", a->arm,
                     "bucket", a->assigned.bucket, "reason", design_reason_words[a->assigned.reason]);
}

bool assignment_expose(struct store *store, const struct assigned_arm *a, int64_t at_ms, const char *how,
                       struct err *err)
{
    if (!a->arm || a->identity == 0) return true;
    return sql_assignment_put(store, text_of(a->experiment), a->identity, text_of(a->unit), text_of(a->arm), at_ms,
                              a->assigned.bucket, a->assigned.reason == IS_MIXED, err) &&
           sql_exposure_put(store, text_of(a->experiment), a->identity, text_of(a->arm), at_ms, text_of(how), err);
}
