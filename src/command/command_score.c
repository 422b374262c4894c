/* command_score.c - answers the trained question for every customer, values them, and keeps the scores. */
#include "cli/json_out.h"
#include "server/clocks.h"
#include "cli/database.h"
#include "learn/report.h"

#include <math.h>

static bool score(struct invocation *invocation, struct database *database, struct err *err)
{
    struct trained trained = { 0 };
    struct score_options options;
    struct scores scores;
    double began = clock_seconds();
    bool ok = database_describe(database, invocation->arena, err) &&
              trained_get(database->store, database->log, flag_text(invocation, "question", NULL),
                          invocation->arena, &trained, err) &&
              database_score_options(invocation, database, &trained, &options, err) &&
              score_everybody(database->log, &trained, &options, invocation->arena, invocation->progress, &scores,
                              err) &&
              database_put_scores(invocation, database, &scores, options.as_of_ms, err);
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

static bool run_score(struct invocation *invocation, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = score(invocation, &database, err);
    database_close(&database);
    return ok;
}

static const struct flag flags[] = { { "question", "NAME", "the trained question (else the newest)" },
                                     SCORE_FLAGS,
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
