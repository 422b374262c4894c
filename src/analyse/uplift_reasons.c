/* uplift_reasons.c - see uplift_reasons.h. */
#include "analyse/uplift_reasons.h"

#include "base/json_write.h"
#include "uplift/effect_reasons.h"

#include <math.h>

enum { REASONS_SHOWN = 3 };

/* ---- groups ---- */

/* Of a column: its mean in the group and among the others, and how much of the effect in the group is by it. */
struct apart { size_t column; double mean, others, effect; };

static struct apart apart_of(const struct uplift_told *told, const struct effect_reasons *reasons,
                             enum uplift_group group, size_t column)
{
    double sum[2] = { 0 }, n[2] = { 0 }, part = 0;
    size_t width = told->data->n_columns;
    for (size_t i = 0; i < told->data->n; i++) {
        double value = (double)told->data->values[i * width + column];
        bool is_in = told->study->group[i] == group;
        if (is_in) part += effect_part(reasons, i, column);
        if (!isnan(value)) sum[is_in] += value, n[is_in]++;
    }
    return (struct apart){ column, sum[1] / n[1], sum[0] / n[0], part / (double)told->study->n_group[group] };
}

static json_t *group_json(const struct uplift_told *told, const struct effect_reasons *reasons,
                          enum uplift_group group)
{
    struct apart top[REASONS_SHOWN];
    size_t n = 0;
    json_t *rows = json_array();
    for (size_t c = 0; told->study->n_group[group] > 0 && c < told->data->n_columns; c++) {
        struct apart apart = apart_of(told, reasons, group, c);
        size_t at = n;
        if (!(fabs(apart.effect) > 0)) continue;
        while (at > 0 && fabs(top[at - 1].effect) < fabs(apart.effect)) at--;
        if (at == REASONS_SHOWN) continue;
        if (n < REASONS_SHOWN) n++;
        for (size_t k = n - 1; k > at; k--) top[k] = top[k - 1];
        top[at] = apart;
    }
    for (size_t k = 0; k < n; k++)
        json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:f}", "column", told->names[top[k].column], "mean",
                                              number_json(top[k].mean), "others", number_json(top[k].others),
                                              "effect", top[k].effect));
    return rows;
}

static json_t *reasons_json(const struct uplift_told *told, const struct effect_reasons *reasons)
{
    if (told->data->n_columns == 0) return json_null();         /* a score of somebody else's has effects, no reasons */
    json_t *json = json_pack("{s:f}", "explained", reasons->explained);
    for (enum uplift_group g = 0; g < UPLIFT_GROUPS; g++)
        json_object_set_new(json, uplift_group_text[g], group_json(told, reasons, g));
    return json;
}

/* ---- people ---- */

bool uplift_people_open(const struct invocation *invocation, const char *id, struct output **ret_people,
                        struct err *err)
{
    const char *path = flag_text(invocation, "people", NULL);
    *ret_people = NULL;
    if (!path) return true;
    if (!output_open(path, ret_people, err)) return err_context(err, "--people");
    output_format(*ret_people, "%s,treatment,effect,group,reason_1,reason_2,reason_3\n", id);
    return true;
}

bool uplift_people_close(struct output *people, bool is_well, json_t **json, struct err *err)
{
    if (!people) return is_well;
    if (!is_well) { output_abandon(people); return false; }
    if (output_commit(people, err)) return true;
    json_decref(*json);
    return err_context(err, "--people");
}

static const char *reason_of(const struct uplift_told *told, const struct effect_reasons *reasons, size_t row,
                             size_t column, struct arena *arena)
{
    double value = (double)told->data->values[row * told->data->n_columns + column],
           part = effect_part(reasons, row, column);
    if (isnan(value)) return arena_format(arena, "%s is not known (%+.3g)", told->names[column], part);
    return arena_format(arena, "%s is %.6g (%+.3g)", told->names[column], value, part);
}

static void write_people(struct output *out, const struct uplift_told *told, const struct effect_reasons *reasons,
                         struct arena *arena)
{
    for (size_t i = 0; i < told->data->n; i++) {
        size_t columns[REASONS_SHOWN], n = effect_reasons_top(reasons, i, columns, REASONS_SHOWN);
        output_csv_field(out, told->ids[i]);
        output_text(out, ",");
        output_csv_field(out, told->treated);
        output_format(out, ",%.6g,%s", told->study->effect[i], uplift_group_text[told->study->group[i]]);
        for (size_t k = 0; k < REASONS_SHOWN; k++) {
            output_text(out, ",");
            if (k < n) output_csv_field(out, reason_of(told, reasons, i, columns[k], arena));
        }
        output_text(out, "\n");
    }
}

void uplift_tell(const struct uplift_told *told, struct output *people, json_t *json)
{
    const struct effect_data *data = told->data;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    if (told->study->group) {
        struct effect_reasons reasons =
            effect_reasons_of(data->values, data->n, data->n_columns, told->study->effect, scratch);
        json_object_set_new(json, "reasons", reasons_json(told, &reasons));
        if (people) write_people(people, told, &reasons, scratch);
    } else json_object_set_new(json, "reasons", json_null());
    arena_free(scratch);
}
