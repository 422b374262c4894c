/* command_segment.c - customers in groups: RFM groups, clusters, lifecycle stages. */
#include "cli/import_flags.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "model/groups.h"
#include "store/sql.h"

#include <stdio.h>

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static const char *words(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static void print_rows(FILE *out, const char *title, const json_t *rows)
{
    size_t i;
    const json_t *row;
    fprintf(out, "\n%-20s %10s %7s %16s %9s %8s\n", title, "customers", "share", "revenue", "recency", "orders");
    json_array_foreach(rows, i, row) {
        fprintf(out, "%-20s %10.0f %6.1f%% %16.2f %6.0f d  %8.1f\n", words(row, "name"), number(row, "customers"),
                100 * number(row, "share"), number(row, "revenue_cents") / 100, number(row, "recency_days"),
                number(row, "frequency"));
        fprintf(out, "    %s\n", words(row, "description"));
    }
}

/* The segments that were saved as conditions, from the server's page or its routes. */
static bool list_conditions(struct store *store, json_t *json, struct err *err)
{
    struct sql_segment_sizes row;
    enum step step = STEP_END;
    json_t *rows = json_array();
    json_object_set_new(json, "conditions", rows);
    if (!sql_segment_sizes(store, &row, err)) return false;
    while ((step = sql_segment_sizes_step(&row, err)) == STEP_ROW)
        json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:s, s:I}", "id", (json_int_t)row.id, "name",
                                              row.name.at, "condition", row.expression.at, "description",
                                              row.description.at, "customers", (json_int_t)row.n_members));
    cursor_close(row.cursor);
    return step == STEP_END;
}

static void print_conditions(FILE *out, const json_t *rows)
{
    size_t i;
    const json_t *row;
    if (json_array_size(rows) > 0) fprintf(out, "\n%-20s %10s\n", "condition", "customers");
    json_array_foreach(rows, i, row) fprintf(out, "%-20s %10.0f\n    %s\n", words(row, "name"),
                                             number(row, "customers"), words(row, "condition"));
}

static void print_groups(FILE *out, const json_t *json)
{
    const json_t *clusters = json_object_get(json, "clusters"), *row;
    size_t i;
    fprintf(out, "%s\n", words(json, "sentence"));
    print_rows(out, "RFM group", json_object_get(json, "rfm"));
    print_rows(out, "stage", json_object_get(json, "stages"));
    if (number(clusters, "k") == 0) {
        fprintf(out, "\n%s\n", words(clusters, "refused"));
        return;
    }
    fprintf(out, "\n%.0f clusters (silhouette %.2f, agreement when redrawn %.2f)\n", number(clusters, "k"),
            number(clusters, "silhouette"), number(clusters, "stability"));
    json_array_foreach(json_object_get(clusters, "rows"), i, row)
        fprintf(out, "%-46s %10.0f %6.1f%%\n    %s\n", words(row, "name"), number(row, "customers"),
                100 * number(row, "share"), words(row, "description"));
}

static bool run_segment(struct invocation *invocation, struct err *err)
{
    struct database_history all;
    struct groups groups;
    if (!database_history_open(invocation, LEAVING_KNOWN, &all, err)) return false;
    struct groups_options options = { all.as_of_day, invocation->seed, invocation->n_threads,
                                        all.database.record.currency };
    bool ok = groups_fit(&all.history, &options, invocation->arena, &groups, err);
    if (ok) {
        json_t *json = groups_json(&groups, NULL, NULL);
        json_object_set_new(json, "goal", json_string(all.goal));
        ok = list_conditions(all.database.store, json, err);
        if (ok && !invocation->is_json) {
            print_groups(invocation->out, json);
            print_conditions(invocation->out, json_object_get(json, "conditions"));
        }
        if (ok && invocation->is_json) json_write_take(invocation->out, json);
        else json_decref(json);
    }
    database_history_close(&all);
    return ok;
}

static const struct flag flags[] = { HISTORY_FLAGS, LEAVING_FLAGS, IMPORT_FLAGS, { 0 } };

const struct command command_segment = {
    .name = "segment",
    .arguments = "[FILE]",
    .summary = "customers in groups: RFM groups, lifecycle stages, clusters",
    .details = "Every group is described in words, and the segments saved as conditions are listed with their size. FILE is\n"
               "imported first, as by holdfast import. Groups need a history of orders; holdfast run finds clusters\n"
               "in a table with one row per customer too.",
    .example = "holdfast segment --json",
    .flags = flags,
    .run = run_segment,
    .is_writing = writes_file,
    .is_named_by_file = true,
};
