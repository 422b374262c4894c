/* command_export.c - scores, features and the action list as files others can read. */
#include "cli/json_out.h"
#include "analyse/export_recommendations.h"
#include "analyse/export_shown.h"
#include "cli/database.h"
#include "customer/profile.h"
#include "base/calendar.h"
#include "base/output.h"
#include "base/similar.h"
#include "feature/matrix_csv.h"
#include "learn/reasons.h"
#include "learn/score.h"
#include "model/leaving.h"
#include "store/sql.h"

#include <string.h>

static void put_number(struct output *out, struct value number)
{
    if (number.kind != VALUE_NULL) output_format(out, "%.6g", value_as_real(number));
}

/* ---- scores ---- */

enum { QUESTIONS_MOST = 64 };

struct score_export {
    struct invocation *invocation;
    struct database       *database;
    struct output     *out;
    struct trained     trained;                     /* the newest model of the question */
    const char        *question;                    /* the one whose answer has reasons and a loss */
    const char        *others[QUESTIONS_MOST];      /* [n_others] that have a model besides, a column each */
    size_t             n_others;
    struct matrix      rows;                        /* what the answers were made from */
    double            *predictions;                 /* [rows.n_rows] */
    size_t             at;                          /* the row of the customer that is written, or the next */
    size_t             from, to;                    /* rows that were explained */
    const char       *(*reasons)[REASONS_MOST];     /* [REASONED] of these */
    struct arena      *arena;                       /* where their texts live */
    struct history     history;                     /* of orders, as of the scores; of a table: empty */
    struct leaving     leaving;
    int32_t            as_of_day;
    struct profiles   *profiles;                    /* for --addresses; NULL: they are not asked for */
    struct identities *identities;
};

enum { REASONED = 4096 };       /* rows explained at a time, by all threads */

/* --question, else the one asked last of those that anybody was scored by. */
static bool find_questions(struct score_export *export, struct err *err)
{
    struct arena *arena = export->invocation->arena;
    const char *names[QUESTIONS_MOST], *wanted = flag_text(export->invocation, "question", NULL);
    struct sql_score_questions row;
    enum step step = STEP_END;
    size_t n = 0;
    bool is_trained = false;
    if (!sql_score_questions(export->database->store, &row, err)) return false;
    while (n < QUESTIONS_MOST && (step = sql_score_questions_step(&row, err)) == STEP_ROW) {
        names[n] = arena_copy(arena, row.question.at);
        bool is_scored = row.is_scored != 0;
        if (is_scored && (wanted ? strcmp(wanted, names[n]) == 0 : !export->question)) export->question = names[n];
        is_trained |= wanted && strcmp(wanted, names[n]) == 0;
        n++;
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (!export->question && wanted && !is_trained)
        return err_set(err, ERR_MISSING, "nothing is trained for the question '%s'%s", wanted,
                       similar_names(wanted, names, n, arena));
    if (!export->question && wanted)
        return err_set(err, ERR_MISSING,
                       "nobody was scored by the question '%s'; run: holdfast score --question %s", wanted,
                       wanted);
    if (!export->question) return err_set(err, ERR_MISSING, "there are no scores yet; run: holdfast score");
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], export->question) != 0) export->others[export->n_others++] = names[i];
    return true;
}

/* What the prediction is, by the question that was scored. */
static bool write_header(struct score_export *export, struct err *err)
{
    static const char *const columns[] = {
        [QUESTION_CHURN] = "churn_probability",
        [QUESTION_EVENT] = "probability",
        [QUESTION_SPEND] = "expected_spend",
        [QUESTION_TRAIT] = "churn_probability",
    };
    const struct database *database = export->database;
    struct trained trained;
    if (!trained_get(database->store, database->log, export->question, export->invocation->arena, &trained, err))
        return false;
    trained_release(&trained);
    export->trained = trained;
    output_format(export->out,
                  "customer,%s,p_alive,expected_orders,expected_value,value_if_stays,expected_loss,"
                  "p_alive_pareto_nbd,expected_orders_pareto_nbd,dert,rfm_group,cluster,stage,last_order,"
                  "days_to_leave,next_order,reasons",
                  trained.question.kind == QUESTION_TRAIT && !question_is_churn(&trained.question)
                      ? "probability"
                      : columns[trained.question.kind]);
    for (size_t i = 0; i < export->n_others; i++)
        output_text(export->out, ","), output_csv_field(export->out, export->others[i]);
    output_text(export->out, export->profiles ? ",email\n" : "\n");
    return true;
}

static bool write_others(const struct score_export *export, int64_t identity, struct err *err)
{
    for (size_t i = 0; i < export->n_others; i++) {
        struct sql_score_of row;
        if (!sql_score_of(export->database->store, identity, text_of(export->others[i]), &row, err)) return false;
        enum step step = sql_score_of_step(&row, err);
        output_text(export->out, ",");
        if (step == STEP_ROW) put_number(export->out, row.prediction);
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
    }
    return true;
}

/* The customer's e-mail address, which is sealed in the database. */
static bool write_address(const struct score_export *export, uint32_t identity, struct arena *arena, struct err *err)
{
    size_t n;
    struct text personal;
    if (!export->profiles) return true;
    const uint32_t *members = identities_members(export->identities, identity, &n);
    if (!profiles_get(export->profiles, export->database->store, members, n, arena, &personal, err)) return false;
    json_t *known = json_loadb(personal.at, personal.length, 0, NULL);
    const char *address = json_string_value(json_object_get(known, "email"));
    output_text(export->out, ",");
    output_csv_field(export->out, address ? arena_copy(arena, address) : "");
    json_decref(known);
    return true;
}

static bool open_addresses(struct score_export *export, struct err *err)
{
    struct store *store = export->database->store;
    if (!flag_is_given(export->invocation, "addresses")) return true;
    return profiles_open(store, false, &export->profiles, err) &&
           identities_open(store, export->database->log, &export->identities, err);
}

/* When customers ordered, for when they will again and until when they stay. */
static bool read_history(struct score_export *export, int64_t as_of_ms, struct err *err)
{
    const struct question *question = &export->trained.question;
    uint32_t refund = 0;
    if (question->kind != QUESTION_CHURN) return true;
    (void)log_find(export->database->log, DICTIONARY_KIND, text_of("refund"), &refund);
    const struct history_options options = { .goal_kind = question->goal_kind, .refund_kind = (uint16_t)refund,
                                             .as_of_ms = as_of_ms, .n_threads = export->invocation->n_threads };
    export->as_of_day = (int32_t)calendar_day_of_ms(as_of_ms - 1);
    if (!history_read(export->database->log, &options, export->invocation->arena, &export->history, err))
        return false;
    leaving_fit(&export->history, export->as_of_day, question->horizon_days, export->invocation->arena,
                &export->leaving);
    return true;
}

static void write_leaving(const struct score_export *export, const struct sql_score_of_question *row)
{
    const struct history *history = &export->history;
    size_t customer;
    char day[11] = "";
    if (history->n_customers == 0 || !history_find(history, (uint32_t)row->identity, &customer)) {
        output_text(export->out, ",,");
        return;
    }
    double next = leaving_next_day(&export->leaving, history, customer, export->as_of_day),
           tenure = export->as_of_day - history->day[history->first[customer]];
    if (isfinite(next)) calendar_format_day((int64_t)next, day);
    if (row->prediction.kind == VALUE_NULL) output_text(export->out, ",0"); /* silent too long to be asked about */
    else output_format(export->out, ",%.0f", leaving_days(&export->leaving, tenure, value_as_real(row->prediction),
                                                          (double)export->trained.question.horizon_days));
    output_format(export->out, ",%s", day);
}

/* The rows as of the instant of the scores, at the first of them. */
static bool read_rows(struct score_export *export, int64_t as_of_ms, struct err *err)
{
    const struct invocation *invocation = export->invocation;
    if (export->predictions) return true;
    if (!score_rows(export->database->log, &export->trained, as_of_ms, invocation->n_threads, invocation->arena,
                    &export->rows, err))
        return false;
    export->predictions = ARENA_ARRAY(invocation->arena, double, export->rows.n_rows + 1);
    export->reasons = arena_alloc(invocation->arena, REASONED, sizeof *export->reasons);
    if (!read_history(export, as_of_ms, err)) return false;
    predictor_predict(export->trained.predictor, export->rows.values, export->rows.n_rows, invocation->n_threads,
                      export->predictions);
    return true;
}

/* Why the customer is scored so: "a; b".  Nothing where the model in force says something else by now, since it
 * was trained again and nobody was scored by it. */
static const char *joined_reasons(struct score_export *export, uint32_t identity, struct value prediction)
{
    const struct matrix *rows = &export->rows;
    while (export->at < rows->n_rows && rows->identity[export->at] < identity) export->at++;
    if (export->at == rows->n_rows || rows->identity[export->at] != identity || prediction.kind == VALUE_NULL ||
        value_as_real(prediction) != export->predictions[export->at])
        return "";
    if (export->at >= export->to) {
        export->from = export->at;
        export->to = export->at + REASONED < rows->n_rows ? export->at + REASONED : rows->n_rows;
        arena_reset(export->arena);
        reasons_of_rows(&export->trained, rows, export->predictions, export->from, export->to,
                        export->invocation->n_threads, export->arena, export->reasons);
    }
    const char *const *reasons = export->reasons[export->at - export->from], *joined = "";
    for (size_t i = 0; i < REASONS_MOST && reasons[i]; i++)
        joined = arena_format(export->arena, "%s%s%s", joined, i ? "; " : "", reasons[i]);
    return joined;
}

static void write_customer(struct score_export *export, const struct sql_score_of_question *row,
                           struct arena *arena)
{
    struct output *out = export->out;
    struct text name = log_name(export->database->log, DICTIONARY_IDENTITY, (uint32_t)row->identity);
    char day[11] = "";
    if (row->last_goal_day.kind != VALUE_NULL) calendar_format_day(row->last_goal_day.i, day);
    output_csv_field(out, arena_format(arena, "%.*s", (int)name.length, name.at));
    const struct value numbers[] = { row->prediction, row->p_alive, row->expected_orders };
    const struct value others[] = { row->p_alive_pareto_nbd, row->expected_orders_pareto_nbd, row->dert };
    const struct value groups[] = { row->rfm_group, row->cluster, row->stage };
    for (size_t i = 0; i < 3; i++) output_text(out, ","), put_number(out, numbers[i]);
    /* Of a table money is known only where somebody named a column of it. */
    bool has_money = export->trained.question.kind != QUESTION_TRAIT || row->expected_value_cents != 0;
    output_text(out, ",");
    if (has_money) output_format(out, "%.2f", (double)row->expected_value_cents / 100);
    output_text(out, ",");
    if (has_money && row->value_if_stays_cents.kind != VALUE_NULL)
        output_format(out, "%.2f", (double)value_as_int(row->value_if_stays_cents) / 100);
    output_text(out, ",");
    if (has_money) output_format(out, "%.2f", (double)row->expected_loss_cents / 100);
    for (size_t i = 0; i < 3; i++) output_text(out, ","), put_number(out, others[i]);
    for (size_t i = 0; i < 3; i++) output_text(out, ","), output_csv_field(out, value_as_text(groups[i]));
    output_format(out, ",%s", day);
    write_leaving(export, row);
    output_text(out, ",");
    output_csv_field(out, joined_reasons(export, (uint32_t)row->identity, row->prediction));
}

static bool write_scores(struct invocation *invocation, struct database *database, struct output *out,
                         uint64_t *ret_rows, struct err *err)
{
    enum { ROWS_PER_RESET = 4096 };
    struct score_export export = { .invocation = invocation, .database = database, .out = out };
    struct sql_score_of_question row = { 0 };
    if (!find_questions(&export, err)) return false;
    if (!open_addresses(&export, err) || !write_header(&export, err)) {
        identities_close(export.identities);
        profiles_close(export.profiles);
        return false;
    }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    export.arena = arena_new(ARENA_NO_LIMIT);
    enum step step = STEP_FAIL;
    bool ok = sql_score_of_question(database->store, text_of(export.question), &row, err);
    while (ok && (step = sql_score_of_question_step(&row, err)) == STEP_ROW) {
        ok = read_rows(&export, row.as_of_ms, err);
        if (ok) write_customer(&export, &row, arena);
        ok = ok && write_others(&export, row.identity, err) &&
             write_address(&export, (uint32_t)row.identity, arena, err);
        if (ok) output_text(out, "\n");
        if (++*ret_rows % ROWS_PER_RESET == 0) arena_reset(arena);
    }
    cursor_close(row.cursor);
    arena_free(arena);
    arena_free(export.arena);
    identities_close(export.identities);
    profiles_close(export.profiles);
    return ok && step == STEP_END;
}

/* ---- features ---- */

static bool write_features(struct invocation *invocation, struct database *database, struct output *out,
                           uint64_t *ret_rows, struct err *err)
{
    struct trained trained;
    struct matrix matrix;
    int64_t as_of_ms;
    if (!database_describe(database, invocation->arena, err) ||
        !flag_date_ms(invocation, "as-of", database->as_of_ms, &as_of_ms, err))
        return false;
    if (!trained_get(database->store, database->log, flag_text(invocation, "question", NULL), invocation->arena,
                     &trained, err))
        return false;
    trained_release(&trained);
    if (!matrix_score(database->log, trained.set, &trained.question, as_of_ms, invocation->n_threads,
                      invocation->arena, &matrix, err))
        return false;
    matrix_csv(out, database->log, &matrix, feature_names(trained.set), invocation->n_threads);
    *ret_rows = matrix.n_rows;
    return true;
}

static const struct {
    const char *what;
    bool (*write)(struct invocation *, struct database *, struct output *, uint64_t *, struct err *);
} exports[] = {
    { "scores", write_scores },
    { "features", write_features },
    { "recommendations", export_recommendations },
    { "shown", export_shown },
};

static bool export_to(struct invocation *invocation, struct database *database, const char *path, struct err *err)
{
    for (size_t i = 0; i < sizeof exports / sizeof *exports; i++) {
        if (strcmp(invocation->arguments[0], exports[i].what) != 0) continue;
        struct output *out;
        uint64_t n_rows = 0;
        bool is_printed = strcmp(path, "-") == 0;
        if (is_printed) out = output_to(invocation->out);
        else if (!output_open(path, &out, err)) return false;
        if (!exports[i].write(invocation, database, out, &n_rows, err)) {
            output_abandon(out);
            return false;
        }
        if (!output_commit(out, err)) return false;
        if (is_printed) return true;
        if (invocation->is_json)
            json_write_take(invocation->out, json_pack("{s:s, s:s, s:I}", "what", exports[i].what, "path", path, "rows",
                                      (json_int_t)n_rows));
        else
            fprintf(invocation->out, "%s: %llu rows\n", path, (unsigned long long)n_rows);
        return true;
    }
    return err_set(err, ERR_INVALID, "'%s' cannot be exported: scores, features, recommendations or shown can",
                   invocation->arguments[0]);
}

static bool run_export(struct invocation *invocation, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    const char *path = flag_text(
        invocation, "out",
        invocation->is_json ? arena_format(invocation->arena, "%s.csv", invocation->arguments[0]) : "-");
    bool ok = export_to(invocation, &database, path, err);
    database_close(&database);
    return ok;
}

/* Lists are made of what is live: by the server, where one holds the database. */
static bool is_of_live(const struct invocation *invocation)
{
    return invocation->n_arguments > 0 && strcmp(invocation->arguments[0], "recommendations") == 0;
}

static const struct flag flags[] = {
    { "out", "PATH", "where to (else standard output)" },
    { "question", "NAME",
      "whose answers and features (else those of the question asked last); of recommendations new, again or any" },
    { "as-of", "DATE", "of features: as it was known at the beginning of this day (else the end of what is known)" },
    { "addresses", NULL, "of scores: the e-mail address of each customer too, where the key file is beside the database" },
    { "k", "N", "of recommendations: how many items for each customer (else 10)" },
    { "window", "DAYS", "of shown: what came of a list within so many days (else 7)" },
    { 0 },
};

const struct command command_export = {
    .name = "export",
    .arguments = "WHAT",
    .summary = "write scores, features, recommendations or what came of them as CSV",
    .details = "WHAT is scores (churn probability, P(alive), expected orders and value, groups, reasons) or "
               "features\n"
               "(the matrix that the question's model sees). The answers to other questions that have a model are "
               "columns\n"
               "by their names; or recommendations: every customer's list; or shown: the lists that were\n"
               "given, with each item's propensity and what came of it, as policy evaluate reads it.\n"
               "Texts that a spreadsheet would run as formulas are disarmed.",
    .example = "holdfast export scores --out scores.csv",
    .flags = flags,
    .is_writing = is_of_live,
    .run = run_export,
};
