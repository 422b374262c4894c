/* feature_json.c - a feature set as JSON text and back; see feature_set.h. */
#include "feature/feature_set_internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };

static json_t *feature_json(const struct feature_set *set, const struct feature *feature)
{
    const struct operator_use *use = &set->uses[feature->use];
    json_t *json = json_pack("{s:s, s:s, s:s, s:f}", "name", feature->name, "meaning", feature->meaning,
                             "unit", feature->unit, "coverage", feature->coverage);
    if (feature->warning) json_object_set_new(json, "warning", json_string(feature->warning));
    if (use->operator != &operator_traits) {
        json_object_set_new(json, "kind", json_string(use->kind_name));
        json_object_set_new(json, "operator", json_string(use->operator->name));
        json_object_set_new(json, "output", json_string(use->operator->outputs[feature->output].suffix));
        return json;
    }
    size_t output = 0;
    for (size_t t = 0; t < set->n_traits; t++) {
        const struct trait *trait = &set->traits[t];
        size_t n = trait->is_number ? 1 : trait->n_values;
        if (feature->output < output + n) {
            json_object_set_new(json, "trait", json_string(trait->name));
            if (!trait->is_number)
                json_object_set_new(json, "value", json_string(trait->values[feature->output - output]));
            if (trait->other) json_object_set_new(json, "other", json_string(trait->other));
            return json;
        }
        output += n;
    }
    return json;
}

const char *feature_set_save(const struct feature_set *set, struct arena *arena)
{
    json_t *root = json_pack("{s:i, s:I, s:[], s:[], s:[]}", "version", VERSION, "landmark_day",
                             (json_int_t)set->landmark_day, "not_counted", "features", "left_out");
    for (size_t i = 0; i < set->n_not_counted; i++)
        json_array_append_new(json_object_get(root, "not_counted"), json_string(set->not_counted[i]));
    for (size_t i = 0; i < set->n_features; i++)
        json_array_append_new(json_object_get(root, "features"), feature_json(set, &set->features[i]));
    for (size_t i = 0; i < set->n_left_out; i++)
        json_array_append_new(json_object_get(root, "left_out"),
                              json_pack("{s:s, s:s}", "name", set->left_out[i].name,
                                                                           "reason", set->left_out[i].reason));
    char *text = json_dumps(root, JSON_COMPACT);
    const char *copy = arena_copy(arena, text ? text : "");
    free(text);
    json_decref(root);
    return copy;
}

static const struct operator *operator_named(const char *name)
{
    for (size_t i = 0; i < n_operators; i++)
        if (strcmp(operators[i]->name, name) == 0) return operators[i];
    return NULL;
}

static bool read_event_feature(const json_t *json, struct feature_plan *plan, struct err *err)
{
    const char *kind = json_string_value(json_object_get(json, "kind"));
    const char *name = json_string_value(json_object_get(json, "operator"));
    const char *output = json_string_value(json_object_get(json, "output"));
    if (!kind || !name || !output) return err_set(err, ERR_CORRUPT, "kind, operator or output is missing");
    plan->kind_name = kind;
    plan->operator = operator_named(name);
    if (!plan->operator) return err_set(err, ERR_CORRUPT, "no operator is called \"%s\"", name);
    for (plan->output = 0; plan->output < plan->operator->n_outputs; plan->output++)
        if (strcmp(plan->operator->outputs[plan->output].suffix, output) == 0) return true;
    return err_set(err, ERR_CORRUPT, "operator \"%s\" has no output \"%s\"", name, output);
}

/* Texts are borrowed from json. */
static bool read_feature(const json_t *json, struct feature_plan *ret_plan, struct err *err)
{
    struct feature_plan plan = { .name = json_string_value(json_object_get(json, "name")),
                                 .warning = json_string_value(json_object_get(json, "warning")),
                                 .coverage = json_number_value(json_object_get(json, "coverage")),
                                 .trait = json_string_value(json_object_get(json, "trait")),
                                 .value = json_string_value(json_object_get(json, "value")),
                                 .other = json_string_value(json_object_get(json, "other")) };
    const char *unit = json_string_value(json_object_get(json, "unit"));
    plan.is_flag = plan.trait && !plan.value && unit && strcmp(unit, "yes/no") == 0;
    if (!plan.name) return err_set(err, ERR_CORRUPT, "it has no name");
    if (plan.trait) plan.operator = &operator_traits, plan.kind_name = KIND_TRAITS;
    else if (!read_event_feature(json, &plan, err)) return false;
    *ret_plan = plan;
    return true;
}

static bool read_set(const json_t *root, const struct log *log, struct arena *arena, struct feature_set **ret_set,
                     struct err *err)
{
    const json_t *features = json_object_get(root, "features");
    const json_t *not_counted = json_object_get(root, "not_counted");
    const json_t *left_out = json_object_get(root, "left_out");
    if (json_integer_value(json_object_get(root, "version")) != VERSION)
        return err_set(err, ERR_CORRUPT, "its version is not %d", VERSION);
    struct feature_set *set = ARENA_NEW(arena, struct feature_set);
    set->landmark_day = json_integer_value(json_object_get(root, "landmark_day"));
    if (set->landmark_day < -1000000 || set->landmark_day > 1000000)
        return err_set(err, ERR_CORRUPT, "its landmark_day is no day");
    set->not_counted = ARENA_ARRAY(arena, const char *, json_array_size(not_counted) + 1);
    for (size_t i = 0; i < json_array_size(not_counted); i++) {
        const char *name = json_string_value(json_array_get(not_counted, i));
        if (name) set->not_counted[set->n_not_counted++] = arena_copy(arena, name);
    }
    size_t n = json_array_size(features);
    if (n == 0) return err_set(err, ERR_CORRUPT, "it has no features");
    struct feature_plan *plans = ARENA_ARRAY(arena, struct feature_plan, n);
    for (size_t i = 0; i < n; i++)
        if (!read_feature(json_array_get(features, i), &plans[i], err))
            return err_context(err, "feature %zu of %zu", i + 1, n);
    set->left_out = ARENA_ARRAY(arena, struct left_out, json_array_size(left_out) + 1);
    for (size_t i = 0; i < json_array_size(left_out); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(left_out, i), "name"));
        const char *reason = json_string_value(json_object_get(json_array_get(left_out, i), "reason"));
        if (name && reason)
            set->left_out[set->n_left_out++] = (struct left_out){ arena_copy(arena, name),
                                                                  arena_copy(arena, reason) };
    }
    feature_set_compile(set, plans, n, log, arena);
    *ret_set = set;
    return true;
}

bool feature_set_load(const char *json, const struct log *log, struct arena *arena, struct feature_set **ret_set,
                      struct err *err)
{
    json_error_t problem;
    json_t *root = json_loads(json, 0, &problem);
    bool ok = root ? read_set(root, log, arena, ret_set, err)
                   : err_set(err, ERR_CORRUPT, "line %d, column %d: %s", problem.line, problem.column,
                             problem.text);
    json_decref(root);
    return ok || err_context(err, "the stored feature set");
}

/* ---- several sets in one ---- */

/* Where a feature goes: features of one trait are neighbours (collect_traits in feature_set.c). */
static size_t place_of(const json_t *features, const json_t *feature)
{
    const char *trait = json_string_value(json_object_get(feature, "trait"));
    size_t n = json_array_size(features);
    for (size_t i = n; trait && i-- > 0; ) {
        const char *other = json_string_value(json_object_get(json_array_get(features, i), "trait"));
        if (other && strcmp(other, trait) == 0) return i + 1;
    }
    return n;
}

/* Whether they are made of the same: names alone may mean another kind of event in another set (make_unique). */
static bool is_same(const json_t *a, const json_t *b)
{
    static const char *const parts[] = { "kind", "operator", "output", "trait", "value" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *of_a = json_object_get(a, parts[i]), *of_b = json_object_get(b, parts[i]);
        if ((of_a || of_b) && !json_equal(of_a, of_b)) return false;
    }
    return true;
}

static size_t find_same(const json_t *features, const json_t *feature)
{
    size_t i = 0;
    while (i < json_array_size(features) && !is_same(json_array_get(features, i), feature)) i++;
    return i;
}

bool feature_set_union(const struct feature_set *const *sets, size_t n, const struct log *log, struct arena *arena,
                       struct feature_set **ret_set, uint32_t **ret_columns, struct err *err)
{
    json_t **saved = ARENA_ARRAY(arena, json_t *, n);
    for (size_t s = 0; s < n; s++) saved[s] = json_loads(feature_set_save(sets[s], arena), 0, NULL);
    json_t *all = json_deep_copy(saved[0]), *features = json_object_get(all, "features"), *feature;
    size_t i;
    for (size_t s = 1; s < n; s++)
        json_array_foreach(json_object_get(saved[s], "features"), i, feature)
            if (find_same(features, feature) == json_array_size(features))
                json_array_insert(features, place_of(features, feature), feature);
    bool ok = read_set(all, log, arena, ret_set, err);
    for (size_t s = 0; s < n; s++) {
        ret_columns[s] = ARENA_ARRAY(arena, uint32_t, sets[s]->n_features + 1);
        json_array_foreach(json_object_get(saved[s], "features"), i, feature)
            ret_columns[s][i] = (uint32_t)find_same(features, feature);
        json_decref(saved[s]);
    }
    json_decref(all);
    return ok || err_context(err, "the features of all models");
}
