/* database.c - see database.h. */
#include "cli/database.h"
#include "learn/report.h"
#include "base/settings.h"
#include "server/clocks.h"

#include "base/calendar.h"
#include "base/similar.h"
#include "cli/margin.h"
#include "customer/profile.h"
#include "engine/learning.h"
#include "engine/message_file.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "hub/ingest.h"
#include "store/sql.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool database_open(struct invocation *invocation, const char *file, bool is_made, struct database *ret_database,
                   struct err *err)
{
    struct database database = { .service = invocation->service };
    if (!command_database(invocation, file, &database.path, err)) return false;
    database.was_made = is_made && !database.service && access(database.path, F_OK) != 0;
    database.had_key = access(arena_format(invocation->arena, "%s.key", database.path), F_OK) == 0;
    enum store_mode mode = is_made ? STORE_CREATE : STORE_READ;
    if (!is_made && invocation->command->is_writing && invocation->command->is_writing(invocation))
        mode = STORE_WRITE;
    if (database.service ? !store_open_beside(database.service->store, &database.store, err)
                         : !store_open(database.path, mode, &database.store, err))
        return false;
    if (!log_open(database.store, &database.log, err)) {
        database_abandon(&database);
        return false;
    }
    *ret_database = database;
    return true;
}

void database_close(struct database *database)
{
    log_close(database->log);
    store_close(database->store);
    database->log = NULL;
    database->store = NULL;
}

/* ---- what is written: by a server's writer, where there is a server ---- */

/* A job, and who wanted it. */
struct noted {
    const struct invocation *invocation;
    command_job             *job;
    void                    *context;
};

static bool run_noted(struct store *store, void *context, struct err *err)
{
    const struct noted *noted = context;
    const struct invocation *invocation = noted->invocation;
    return noted->job(store, noted->context, err) &&
           audit_put(store, clock_wall_ms(NULL), invocation->who, command_what(invocation, invocation->command->name),
                     0, err);
}

static bool write_noted(const struct invocation *invocation, struct store *store, command_job *job, void *context,
                        struct err *err)
{
    struct noted noted = { invocation, job, context };
    return command_write(invocation, store, run_noted, &noted, err);
}

bool database_write(struct invocation *invocation, struct database *database, command_job *job, void *context,
                    struct err *err)
{
    return write_noted(invocation, database->store, job, context, err) &&
           (!database->service || service_reload(database->service, err));
}

struct importing { const struct invocation *invocation; struct store *store; };

static bool transact(void *context, command_job *job, void *job_context, struct err *err)
{
    const struct importing *importing = context;
    return write_noted(importing->invocation, importing->store, job, job_context, err);
}

static bool step(void *context, command_job *job, void *job_context, struct err *err)
{
    const struct importing *importing = context;
    return command_write(importing->invocation, importing->store, job, job_context, err);
}

/* Who refused in a file has refused, for a server, which has refusals in memory, too. */
static bool read_refusals(struct store *store, void *context, struct err *err)
{
    struct service *service = context;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = consents_reload(service->consents, store, err);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok;
}

/* A file of rows. */
static bool import_rows(struct invocation *invocation, struct database *database, const char *file,
                        struct import_options *options, struct import_result *ret_result, struct err *err)
{
    struct service *service = database->service;
    struct importing importing = { invocation, database->store };
    options->transact = transact;
    options->context = &importing;
    if (service) options->lock = &service->lock, options->step = step, (void)pthread_mutex_lock(&service->importing);
    bool ok = import_file(service ? service->store : database->store, service ? service->log : database->log, file,
                          options, invocation->arena, invocation->progress, ret_result, err);
    if (!service) return ok;
    (void)pthread_mutex_unlock(&service->importing);
    if (!ok) return false;
    log_close(database->log);       /* what was imported is to be seen, here and in what is live */
    database->log = NULL;
    return log_open(database->store, &database->log, err) &&
           ingest_run(service->ingest, read_refusals, service, err) && service_reload(service, err);
}

bool database_import(struct invocation *invocation, struct database *database, const char *file,
                     struct import_options *options, struct import_result *ret_result, struct err *err)
{
    enum protocol protocol;     /* the file is opened once: a pipe can be read no second time */
    if (!command_input(invocation, file, options->sheet, &options->input, err)) return false;
    bool ok = !options->shape && message_file_find(options->input, &protocol)
                  ? database_import_messages(invocation, database, options, protocol, ret_result, err)
                  : import_rows(invocation, database, file, options, ret_result, err);
    input_close(options->input);
    options->input = NULL;
    return ok;
}

struct keeping {
    struct database *database;
    const struct trained *trained;
    const struct scores *scores;
    struct arena *arena;
    bool is_challenger;
};

static bool put_trained(struct store *store, void *context, struct err *err)
{
    const struct keeping *keeping = context;
    struct trained trained = *keeping->trained;
    trained.made_ms = clock_wall_ms(NULL);
    return trained_put(store, &trained, keeping->arena, err) &&
           (!keeping->is_challenger || sql_model_challenge(store, err));
}

bool database_put_trained(struct invocation *invocation, struct database *database, const struct trained *trained,
                          struct err *err)
{
    struct keeping keeping = { .database = database, .trained = trained, .arena = invocation->arena,
                               .is_challenger = flag_is_given(invocation, "challenger") };
    return database_write(invocation, database, put_trained, &keeping, err);
}

/* A server puts the scores some at a time, beside what else it writes; then this is what is left. */
static bool put_scores(struct store *store, void *context, struct err *err)
{
    const struct keeping *keeping = context;
    const struct scores *scores = keeping->scores;
    return keeping->database->service ||
           (scores_clear(store, scores, err) && scores_put_some(store, scores, 1, (uint32_t)scores->n, err) &&
            scores_put_instant(store, scores, err));
}

bool database_put_scores(struct invocation *invocation, struct database *database, const struct scores *scores,
                         int64_t as_of_ms, struct err *err)
{
    struct keeping keeping = { .database = database, .scores = scores };
    return (!database->service || learning_put_scores(database->service->learning, scores, as_of_ms, err)) &&
           write_noted(invocation, database->store, put_scores, &keeping, err);
}

void database_abandon(struct database *database)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".key" };
    char path[4096];
    size_t n = database->had_key ? 3 : 4;
    database_close(database);
    for (size_t i = 0; database->was_made && i < n; i++) {
        snprintf(path, sizeof path, "%s%s", database->path, endings[i]);
        unlink(path);
    }
}

bool database_find_customer(const struct database *database, const char *id, uint32_t *ret_identity)
{
    struct profiles *profiles = NULL;
    struct err no_key;
    bool has_key = strchr(id, '@') && profiles_open(database->store, false, &profiles, &no_key);
    bool is_known =
        identity_find(database->log, text_of(id), has_key ? profiles_key(profiles) : NULL, ret_identity);
    profiles_close(profiles);
    return is_known;
}

bool database_describe(struct database *database, struct arena *arena, struct err *err)
{
    return import_describe(database->store, database->log, arena, &database->record, &database->first_ms,
                           &database->as_of_ms, err);
}

static bool read_question_flags(const struct invocation *invocation, struct question_options *options,
                                struct err *err)
{
    static const char *const meanings[] = { "", "bad", "good" };
    const char *meaning = flag_text(invocation, "event-means", "");
    while (options->meaning <= MEANS_GOOD && strcmp(meaning, meanings[options->meaning]) != 0) options->meaning++;
    if (options->meaning > MEANS_GOOD)
        return err_set(err, ERR_INVALID, "--event-means '%s': want good or bad", meaning);
    return flag_days(invocation, "horizon", 0, &options->horizon_days, err) &&
           flag_days(invocation, "active", 0, &options->active_days, err);
}

static bool read_train_flags(const struct invocation *invocation, struct train_options *options, struct err *err)
{
    return flag_date_ms(invocation, "test-at", INT64_MIN, &options->test_at_ms, err) &&
           flag_double(invocation, "search-seconds", 0, 1e6, 0, &options->search_seconds, err) &&
           flag_days(invocation, "value-horizon", 365, &options->terms.horizon_days, err) &&
           flag_double(invocation, "discount", 0, 10, 0.1, &options->terms.discount_yearly, err);
}

static bool read_score_flags(const struct invocation *invocation, struct score_options *options, struct err *err)
{
    if (!flag_double(invocation, "contact-cost", 0.0001, 1e6, -0.01, &options->contact_cost_cents, err))
        return false;
    options->contact_cost_cents *= 100;
    return flag_double(invocation, "margin", 0.01, 1, 1, &options->margin, err) &&
           flag_days(invocation, "value-horizon", 365, &options->value_horizon_days, err) &&
           flag_double(invocation, "discount", 0, 10, 0.1, &options->discount_yearly, err) &&
           flag_double(invocation, "value-months", 0.1, 1200, 12, &options->value_months, err);
}

bool database_check_flags(const struct invocation *invocation, struct err *err)
{
    struct question_options question = { 0 };
    struct train_options train = { 0 };
    struct score_options score = { 0 };
    const char *file = flag_text(invocation, "questions", NULL);
    if (file && access(file, R_OK) != 0)
        return err_set(err, ERR_MISSING, "--questions '%s': %s", file, strerror(errno));
    return read_question_flags(invocation, &question, err) && read_train_flags(invocation, &train, err) &&
           read_score_flags(invocation, &score, err);
}

/* Of a table money per month stands in a column of the file. */
static bool judge_value_column(const char *column, const struct import_result *result, struct arena *arena,
                               struct err *err)
{
    const char **names = ARENA_ARRAY(arena, const char *, result->n_mapping + 1);
    size_t n = 0;
    for (size_t i = 0; i < result->n_mapping; i++) {
        if (result->mapping[i].role != ROLE_TRAIT) continue;
        if (strcmp(result->mapping[i].column, column) == 0) return true;
        names[n++] = result->mapping[i].column;
    }
    return err_set(err, ERR_MISSING, "--value-column '%s': the file has no such column%s", column,
                   similar_names(column, names, n, arena));
}

/* The question of a name that the settings declare; *ret_node NULL: none of it. */
static bool declared_question(const struct invocation *invocation, struct store *store, const char *name,
                              const struct yaml_node **ret_node, struct err *err)
{
    struct settings settings;
    *ret_node = NULL;
    if (!command_settings(invocation, store, &settings, err)) return false;
    const struct yaml_node *list = settings_section(&settings, "questions");
    return !list || question_find(list, name, invocation->arena, ret_node, err);
}

bool database_judge(void *context, const struct log *log, const struct import_result *result, struct err *err)
{
    const struct invocation *invocation = context;
    const char *question = flag_text(invocation, "question", NULL), *goal = flag_text(invocation, "goal", NULL);
    const char *column = flag_text(invocation, "value-column", NULL);
    bool is_table = result->shape == SHAPE_TABLE, has_file = flag_text(invocation, "questions", NULL) != NULL;
    uint16_t ignored;
    if (question && !has_file && !is_table) {
        const struct yaml_node *declared;
        if (!declared_question(invocation, log_store(log), question, &declared, err)) return false;
        if (!declared && !question_is_known(question, invocation->arena, err)) return err_context(err, "--question");
    }
    if (goal && !is_table && !question_goal(log, goal, invocation->arena, &ignored, err))
        return err_context(err, "--goal");
    return !column || !is_table || judge_value_column(column, result, invocation->arena, err);
}

bool database_question(struct invocation *invocation, const struct database *database,
                       struct question *ret_question, struct err *err)
{
    const char *file = flag_text(invocation, "questions", NULL);
    struct question_options options = {
        .name = flag_text(invocation, "question", file ? NULL : "churn"),
        .goal = flag_text(invocation, "goal", NULL),
        .target = flag_text(invocation, "target", database->record.target),
        .yes = flag_text(invocation, "yes", NULL),
        .left = flag_text(invocation, "left", NULL),
        .is_table = database->record.shape == SHAPE_TABLE,
        .first_ms = database->first_ms,
        .last_ms = database->as_of_ms,
    };
    if (!read_question_flags(invocation, &options, err)) return false;
    options.is_target_guessed = !flag_text(invocation, "target", NULL);
    if (file) return question_read_yaml(file, database->log, &options, invocation->arena, ret_question, err);
    const struct yaml_node *declared;
    if (!declared_question(invocation, database->store, options.name, &declared, err)) return false;
    if (declared)
        return question_read_node(declared, database->log, &options, invocation->arena, ret_question, err);
    return question_choose(database->log, &options, invocation->arena, ret_question, err);
}

bool database_list_length(const struct invocation *invocation, size_t *ret_n, struct err *err)
{
    int64_t n;
    if (!flag_int(invocation, "list", 1, 1000000, REPORT_LISTED, &n, err)) return false;
    *ret_n = (size_t)n;
    return true;
}

bool database_train_options(const struct invocation *invocation, const struct database *database,
                        struct train_options *ret_options, struct err *err)
{
    struct train_options options = {
        .as_of_ms = database->as_of_ms, .first_ms = database->first_ms, .seed = invocation->seed,
        .n_threads = invocation->n_threads, .now_seconds = clock_seconds,
        .only = flag_text(invocation, "only", NULL),
    };
    struct settings settings;
    if (!command_settings(invocation, database->store, &settings, err) ||
        !train_ignored(&settings, flag_text(invocation, "ignore", NULL), invocation->arena, &options.ignored, err) ||
        !read_train_flags(invocation, &options, err))
        return false;
    *ret_options = options;
    return true;
}

/* What customers are worth is told beside what was told at earlier instants, which a model keeps: by the same
 * terms. */
static bool keep_terms(const struct invocation *invocation, const struct trained *trained,
                       struct score_options *options, struct err *err)
{
    struct backtest backtest;
    if (!backtest_read(json_object_get(trained->evidence, "backtest"), invocation->arena, &backtest) ||
        backtest.terms.horizon_days <= 0)
        return true;
    if (!flag_is_given(invocation, "value-horizon")) options->value_horizon_days = backtest.terms.horizon_days;
    if (!flag_is_given(invocation, "discount")) options->discount_yearly = backtest.terms.discount_yearly;
    if (options->value_horizon_days != backtest.terms.horizon_days)
        return err_set(
            err, ERR_REFUSED,
            "--value-horizon %lldd: the model was tried on earlier days with %lld days, so its ranges hold for "
            "these; train with --value-horizon %lldd first",
            (long long)options->value_horizon_days, (long long)backtest.terms.horizon_days,
            (long long)options->value_horizon_days);
    if (fabs(options->discount_yearly - backtest.terms.discount_yearly) > 1e-9)
        return err_set(
            err, ERR_REFUSED,
            "--discount %g: the model was tried on earlier days with %g, so its ranges hold for that; train "
            "with --discount %g first",
            options->discount_yearly, backtest.terms.discount_yearly, options->discount_yearly);
    return true;
}

bool database_score_options(const struct invocation *invocation, const struct database *database,
                            const struct trained *trained, struct score_options *ret_options, struct err *err)
{
    struct score_options options = {
        .as_of_ms = database->as_of_ms, .seed = invocation->seed, .n_threads = invocation->n_threads,
        .calibration_end_day = VALUE_CHOOSE_DAY, .currency = database->record.currency,
        .value_column = flag_text(invocation, "value-column", NULL),
    };
    size_t ignored;
    if (options.value_column && !feature_find(trained->set, options.value_column, &ignored))
        return err_set(err, ERR_MISSING, "--value-column '%s': there is no such numeric column%s",
                       options.value_column,
                       similar_names(options.value_column, feature_names(trained->set),
                                     feature_set_size(trained->set), invocation->arena));
    struct settings settings;
    struct costs costs;
    struct margin_said margin;
    if (!read_score_flags(invocation, &options, err) || !keep_terms(invocation, trained, &options, err) ||
        !command_settings(invocation, database->store, &settings, err) ||
        !costs_read(&settings, options.currency, invocation->arena, &costs, err) ||
        !margin_said(invocation, &costs, options.as_of_ms, .01, &margin, err))
        return false;
    options.margin = margin.share;
    *ret_options = options;
    return true;
}
