/* command_run.c - from a raw file to a report: import, train, score, write the page. */
#include "analyse/report_proof.h"
#include "cli/import_flags.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "analyse/result_print.h"
#include "cli/database.h"
#include "base/output.h"
#include "learn/page.h"
#include "learn/report.h"

#include <malloc.h>
#include <math.h>
#include <string.h>

struct run {
    struct invocation   *invocation;
    struct database          database;
    struct import_result imported;
    struct trained       trained;
    struct train_timing  timing;
    struct score_options score_options;
    struct scores        scores;
    double               began, score_seconds;
    const char          *report_path;
    size_t               n_listed;
};

static bool import(struct run *run, struct err *err)
{
    struct invocation *invocation = run->invocation;
    struct import_options options;
    import_flags_read(invocation, &options);
    options.judge = database_judge;
    options.judge_context = invocation;
    double began = clock_seconds();
    if (!database_import(invocation, &run->database, invocation->arguments[0], &options, &run->imported, err))
        return false;
    run->imported.seconds = clock_seconds() - began;
    return database_describe(&run->database, invocation->arena, err);
}

static bool train_and_score(struct run *run, struct err *err)
{
    struct invocation *invocation = run->invocation;
    struct question question;
    struct train_options options;
    if (!database_question(invocation, &run->database, &question, err)) return false;
    if (!database_train_options(invocation, &run->database, &options, err)) return false;
    if (!train_question(run->database.log, &question, &options, invocation->arena, invocation->progress,
                        &run->trained, &run->timing, err) ||
        !database_put_trained(invocation, &run->database, &run->trained, err))
        return false;
    double began = clock_seconds();
    if (!database_score_options(invocation, &run->database, &run->trained, &run->score_options, err)) return false;
    if (!score_everybody(run->database.log, &run->trained, &run->score_options, invocation->arena,
                         invocation->progress, &run->scores, err))
        return false;
    if (!database_put_scores(invocation, &run->database, &run->scores, run->score_options.as_of_ms, err))
        return false;
    run->score_seconds = clock_seconds() - began;
    return true;
}

static bool report(struct run *run, struct err *err)
{
    struct report_input input = {
        .import = &run->database.record,
        .trained = &run->trained,
        .scores = &run->scores,
        .options = &run->score_options,
        .log = run->database.log,
        .n_listed = run->n_listed,
        .import_seconds = run->imported.seconds,
        .features_seconds = run->timing.features_seconds,
        .train_seconds = run->timing.train_seconds,
        .score_seconds = run->score_seconds,
        .total_seconds = clock_seconds() - run->began,
    };
    json_t *data = report_json(&input, run->invocation->arena);
    bool ok = report_proof_add(run->invocation, &run->database, &run->trained.question, &run->scores, data, err) &&
              page_write(run->report_path, data, err);
    json_object_set_new(data, "memory",
                        json_pack("{s:I, s:I}", "matrix_bytes", (json_int_t)run->timing.matrix_bytes,
                                  "state_bytes", (json_int_t)run->timing.state_bytes));
    if (ok && run->invocation->is_json) result_print_json(run->invocation->out, data, run->report_path);
    else if (ok) result_print(run->invocation->out, data, run->report_path);
    json_decref(data);
    return ok;
}

static bool run_run(struct invocation *invocation, struct err *err)
{
    struct run run = { .invocation = invocation, .began = clock_seconds(),
                       .report_path = flag_text(invocation, "out", "report.html") };
    if (!database_check_flags(invocation, err)) return false;
    if (!output_check(run.report_path, err)) return err_context(err, "--out");
    if (!database_list_length(invocation, &run.n_listed, err)) return false;
    if (!database_open(invocation, invocation->arguments[0], true, &run.database, err)) return false;
    if (!import(&run, err)) {
        database_abandon(&run.database);
        return false;
    }
    if (!invocation->is_json && !flag_is_given(invocation, "quiet")) import_print(invocation->out, &run.imported);
    (void)malloc_trim(0);       /* what the import freed, before training takes as much again */
    bool ok = train_and_score(&run, err) && report(&run, err);
    trained_release(&run.trained);
    database_close(&run.database);
    return ok;
}

static const struct flag flags[] = {
    { "out", "PATH", "the report (else report.html)" },
    LIST_FLAG,
    IMPORT_FLAGS, QUESTION_FLAGS, SCORE_FLAGS,
    { 0 },
};

const struct command command_run = {
    .name = "run",
    .arguments = "FILE",
    .summary = "from a raw file to a report that says who is leaving and what that costs",
    .details =
        "Imports the file (CSV, TSV, .gz, - for standard input) into FILE's own database, trains and judges\n"
        "models, scores every customer and writes one page that opens in any browser. Nothing needs\n"
        "configuring; every guess is printed with the flag that overrides it.",
    .example = "holdfast run orders.csv",
    .flags = flags,
    .run = run_run,
    .is_writing = always_writes,
    .is_named_by_file = true,
};
