/* command_train.c - asks a question of the shop's history and keeps the model that answers it best. */
#include "cli/json_out.h"
#include "analyse/result_print.h"
#include "cli/database.h"
#include "command/warehouse_rows.h"
#include "learn/evidence.h"

static bool train(struct invocation *invocation, struct database *database, const struct rows_source *rows,
                  struct err *err)
{
    struct question question;
    struct train_options options;
    struct trained trained;
    struct train_timing timing;
    if (!database_describe(database, invocation->arena, err)) return false;
    if (!database_question(invocation, database, &question, err)) return false;
    if (!database_train_options(invocation, database, &options, err)) return false;
    options.rows = rows;
    if (!train_question(database->log, &question, &options, invocation->arena, invocation->progress, &trained,
                        &timing, err))
        return false;
    if (!database_put_trained(invocation, database, &trained, err)) {
        trained_release(&trained);
        return false;
    }
    if (invocation->is_json) {
        json_t *out = json_pack("{s:O, s:o, s:{s:f, s:f}}", "question",
                                json_object_get(trained.evidence, "question"), "models",
                                result_models_flat(json_object_get(trained.evidence, "models")), "seconds",
                                "features", timing.features_seconds, "train", timing.train_seconds);
        json_t *sample = json_object_get(trained.evidence, "sample");
        if (sample) json_object_set(out, "sample", sample);
        json_write_take(invocation->out, out);
    } else {
        result_print_models(invocation->out, trained.evidence);
        fprintf(invocation->out, "\ntook %.1f s; next: %s\n",
                timing.features_seconds + timing.train_seconds,
                flag_is_given(invocation, "challenger") ? "holdfast model list, then model compare" : "holdfast score");
    }
    trained_release(&trained);
    return true;
}

static bool train_there(struct invocation *invocation, struct err *err)
{
    struct warehouse_rows rows;
    if (!warehouse_rows_open(invocation, &rows, err)) return false;
    bool ok = train(invocation, &rows.desk.database, &rows.source, err);
    warehouse_rows_close(&rows);
    return ok;
}

static bool run_train(struct invocation *invocation, struct err *err)
{
    struct database database;
    bool is_there;
    if (!warehouse_rows_wanted(invocation, &is_there, err)) return false;
    if (is_there) return train_there(invocation, err);
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = train(invocation, &database, NULL, err);
    database_close(&database);
    return ok;
}

static const struct flag flags[] = { QUESTION_FLAGS, TERMS_FLAGS,
                                     { "target", "COLUMN", "the label to predict, for a table" },
                                     { "challenger", NULL, "keep it beside the model in force, which stays: holdfast model compare" },
                                     ON_FLAG,
                                     { "sample", "N", "with --on warehouse: learn from so many customers (else all)" },
                                     { 0 } };

const struct command command_train = {
    .name = "train",
    .arguments = "",
    .summary = "ask a question of the history, judge the models and keep the best",
    .details = "Features as of several instants, judged on customers' later behaviour that no model saw; for a "
               "table by\n"
               "cross-validation. The simplest model within noise of the best is kept.",
    .example = "holdfast train --horizon 60d --test-at 2011-09-09",
    .flags = flags,
    .run = run_train,
    .is_writing = always_writes,
};
