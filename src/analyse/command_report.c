/* command_report.c - writes the report of a shop that is imported and trained. */
#include "analyse/report_proof.h"
#include "analyse/result_print.h"
#include "base/output.h"
#include "server/clocks.h"
#include "cli/database.h"
#include "learn/page.h"
#include "learn/report.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static bool report(struct invocation *invocation, struct database *database, struct trained *trained,
                   struct err *err)
{
    struct score_options options;
    struct scores scores;
    double began = clock_seconds();
    const char *path = flag_text(invocation, "out", "report.html");
    size_t n_listed;
    if (!database_list_length(invocation, &n_listed, err)) return false;
    if (!database_describe(database, invocation->arena, err)) return false;
    if (!trained_get(database->store, database->log, flag_text(invocation, "question", NULL), invocation->arena,
                     trained, err))
        return false;
    if (!database_score_options(invocation, database, trained, &options, err)) return false;
    if (!score_everybody(database->log, trained, &options, invocation->arena, invocation->progress, &scores, err))
        return false;
    double seconds = clock_seconds() - began;
    const struct report_input input = {
        .import = &database->record,
        .trained = trained,
        .scores = &scores,
        .options = &options,
        .log = database->log,
        .n_listed = n_listed,
        .import_seconds = (double)NAN,
        .features_seconds = (double)NAN,
        .train_seconds = (double)NAN,
        .score_seconds = seconds,
        .total_seconds = seconds,
    };
    json_t *data = report_json(&input, invocation->arena);
    bool ok = report_proof_add(invocation, database, &trained->question, &scores, data, err) &&
              report_plan_add(invocation, database->store, data, err) &&
              report_scenario_add(invocation, data, err) &&
              page_write(path, data, err);
    if (ok && invocation->is_json) result_print_json(invocation->out, data, path);
    else if (ok) result_print(stdout, data, path);
    json_decref(data);
    return ok;
}

/* Everybody is scored first, which takes a while: what was mistyped is said before. */
static bool inputs_are_there(struct invocation *invocation, struct err *err)
{
    static const char *const names[] = { "actions", "scenario" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = flag_text(invocation, names[i], NULL);
        if (path && access(path, R_OK) != 0)
            return err_set(err, ERR_MISSING, "--%s: %s: %s", names[i], path, strerror(errno));
    }
    if (!output_check(flag_text(invocation, "out", "report.html"), err)) return err_context(err, "--out");
    json_t *year;
    if (!report_rehearsal_read(invocation, &year, err)) return false;
    json_decref(year);
    return true;
}

static bool run_report(struct invocation *invocation, struct err *err)
{
    struct database database;
    struct trained trained = { 0 };
    if (!inputs_are_there(invocation, err)) return false;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = report(invocation, &database, &trained, err);
    trained_release(&trained);
    database_close(&database);
    return ok;
}

static const struct flag flags[] = {
    { "out", "PATH", "the page (else report.html)" },
    LIST_FLAG,
    { "question", "NAME", "the trained question (else the newest)" },
    { "scenario", "FILE", "a plan to be worked out in the page as well, as of holdfast scenario" },
    { "actions", "FILE", "actions of a plan whose profit by budget is drawn (else those of the settings)" },
    { "rehearsal", "FOLDER", "a year of holdfast rehearse to be drawn as well" },
    SCORE_FLAGS,
    { 0 },
};

const struct command command_report = {
    .name = "report",
    .arguments = "",
    .summary = "write the report page again, with other assumptions if you like",
    .details = "One HTML file with its data inside; it opens in any browser and asks nothing of the network.",
    .example = "holdfast report --margin 0.4 --out board.html",
    .flags = flags,
    .run = run_report,
};
