/* command_score.c - answers the trained question for every customer, values them, and keeps the scores. */
#include "cli/json_out.h"
#include "server/clocks.h"
#include "cli/database.h"
#include "command/warehouse_rows.h"
#include "learn/report.h"

#include <math.h>

static bool put(struct invocation *invocation, struct database *database, const struct trained *trained,
                const struct scores *scores, struct warehouse_rows *rows, struct err *err)
{
    return rows ? warehouse_rows_put_scores(rows, trained, scores, err)
                : database_put_scores(invocation, database, scores, scores->as_of_ms, err);
}

/* rows NULL: features are the log's own. */
static bool score(struct invocation *invocation, struct database *database, struct warehouse_rows *rows,
                  struct err *err)
{
    struct trained trained = { 0 };
    struct score_options options;
    struct scores scores;
    double began = clock_seconds();
    bool ok = database_describe(database, invocation->arena, err) &&
              trained_get(database->store, database->log, flag_text(invocation, "question", NULL),
                          invocation->arena, &trained, err) &&
              database_score_options(invocation, database, &trained, &options, err) &&
              (options.rows = rows ? &rows->source : NULL, true) &&
              score_everybody(database->log, &trained, &options, invocation->arena, invocation->progress, &scores,
                              err) &&
              put(invocation, database, &trained, &scores, rows, err);
    if (!ok) {
        trained_release(&trained);
        return false;
    }
    const struct report_input input = { .import = &database->record,
                                        .trained = &trained,
                                        .scores = &scores,
                                        .options = &options,
                                        .log = database->log };
    double seconds = clock_seconds() - began;
    if (invocation->is_json)
        json_write_take(invocation->out, json_pack("{s:s, s:I, s:I, s:f, s:o, s:f}", "question", trained.question.name,
                                  "customers", (json_int_t)scores.n_customers, "asked",
                                  (json_int_t)scores.n_asked, "expected_yes", scores.expected_yes, "at_risk",
                                  at_risk_json(&scores.at_risk), "seconds", seconds));
    else
        fprintf(invocation->out, "%s\ntook %.1f s; next: holdfast report, holdfast export scores, holdfast explain CUSTOMER\n",
               report_headline(&input, invocation->arena), seconds);
    trained_release(&trained);
    return true;
}

static bool score_there(struct invocation *invocation, struct err *err)
{
    struct warehouse_rows rows;
    if (!warehouse_rows_open(invocation, &rows, err)) return false;
    bool ok = score(invocation, &rows.desk.database, &rows, err);
    warehouse_rows_close(&rows);
    return ok;
}

static bool run_score(struct invocation *invocation, struct err *err)
{
    struct database database;
    bool is_there;
    if (!warehouse_rows_wanted(invocation, &is_there, err)) return false;
    if (is_there) return score_there(invocation, err);
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = score(invocation, &database, NULL, err);
    database_close(&database);
    return ok;
}

static const struct flag flags[] = { { "question", "NAME", "the trained question (else the newest)" },
                                     SCORE_FLAGS,
                                     ON_FLAG,
                                     { "partitions", "0-31", "with --on warehouse: only customers of these of the 64" },
                                     { 0 } };

const struct command command_score = {
    .name = "score",
    .arguments = "",
    .summary = "predict for every customer, with value and groups",
    .details = "Uses the newest trained model on all that is known now; holdfast export scores writes the "
               "result as CSV.",
    .example = "holdfast score --margin 0.4",
    .flags = flags,
    .run = run_score,
    .is_writing = always_writes,
};
