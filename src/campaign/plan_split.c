/* plan_split.c - see plan_split.h. */
#include "campaign/plan_split.h"

#include <string.h>

static double at(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static json_t *part_of(json_t *split, const char *action)
{
    size_t i;
    json_t *part;
    json_array_foreach(split, i, part)
        if (strcmp(json_string_value(json_object_get(part, "action")), action) == 0) return part;
    part = json_pack("{s:s, s:i, s:f}", "action", action, "n", 0, "spent", 0.0);
    json_array_append_new(split, part);
    return part;
}

json_t *plan_split_json(const json_t *chosen)
{
    json_t *split = json_array();
    const json_t *row;
    size_t i;
    json_array_foreach(chosen, i, row) {
        const char *action = json_string_value(json_object_get(row, "action"));
        if (!action || !json_is_object(json_object_get(row, "profit"))) continue;
        json_t *part = part_of(split, action);
        json_object_set_new(part, "n", json_integer(json_integer_value(json_object_get(part, "n")) + 1));
        json_object_set_new(part, "spent", json_real(at(part, "spent") + at(row, "cost")));
    }
    return split;
}

void plan_split_print(FILE *out, const json_t *split)
{
    const json_t *part;
    size_t i;
    if (json_array_size(split) < 2) return;
    fprintf(out, "\n%-24s %10s %12s\n", "the budget goes to", "people", "spent");
    json_array_foreach(split, i, part)
        fprintf(out, "%-24.24s %10.0f %12.6g\n", json_string_value(json_object_get(part, "action")), at(part, "n"),
                at(part, "spent"));
}
