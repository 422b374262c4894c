/* database_history.c - see database_history.h. */
#include "cli/database_history.h"

#include "cli/import_flags.h"

/* --goal and --left, else what the churn question would take; else a kind named "order", which nobody leaves. */
static bool find_goal(const struct invocation *invocation, const struct database *database, int64_t as_of_ms,
                      enum leaving_asked leaving, struct question *ret_question, struct err *err)
{
    const struct question_options options = { .goal = flag_text(invocation, "goal", NULL),
                                              .left = leaving == LEAVING_KNOWN
                                                          ? flag_text(invocation, "left", NULL)
                                                          : NULL,
                                              .is_goal_only = leaving == LEAVING_IGNORED,
                                              .first_ms = database->first_ms,
                                              .last_ms = as_of_ms,
                                              .n_threads = invocation->n_threads };
    if (question_choose(database->log, &options, invocation->arena, ret_question, err)) return true;
    if (options.left) return false;
    *ret_question = (struct question){ .goal = options.goal ? options.goal : "order" };
    uint32_t kind;
    if (!log_find(database->log, DICTIONARY_KIND, text_of(ret_question->goal), &kind))
        return err_set(err, ERR_MISSING,
                       "there is no event '%s' in this history; holdfast features lists the events",
                       ret_question->goal);
    ret_question->goal_kind = (uint16_t)kind;
    return true;
}

static bool read_history(struct invocation *invocation, enum leaving_asked leaving, struct database_history *all,
                         struct err *err)
{
    struct database *database = &all->database;
    int64_t as_of_ms;
    uint32_t refund_kind = 0;
    struct question question;
    if (!database_describe(database, invocation->arena, err)) return false;
    if (database->record.shape == SHAPE_TABLE)
        return err_set(err, ERR_REFUSED, "%s is a table with one row per customer; this needs a history of orders",
                       database->record.source);
    if (!flag_date_ms(invocation, "as-of", database->as_of_ms, &as_of_ms, err)) return false;
    if (!find_goal(invocation, database, as_of_ms, leaving, &question, err)) return false;
    all->goal = question.goal;
    (void)log_find(database->log, DICTIONARY_KIND, text_of("refund"), &refund_kind); /* 0 where there are none */
    const struct history_options options = { .goal_kind = question.goal_kind,
                                             .refund_kind = (uint16_t)refund_kind,
                                             .as_of_ms = as_of_ms,
                                             .n_threads = invocation->n_threads,
                                             .left_kind = question.left_kind,
                                             .n_left = question.n_left };
    all->as_of_day = (int32_t)calendar_day_of_ms(as_of_ms - 1);
    return history_read(database->log, &options, invocation->arena, &all->history, err);
}

bool database_history_open(struct invocation *invocation, enum leaving_asked leaving,
                           struct database_history *ret_history, struct err *err)
{
    struct database_history all = { 0 };
    struct import_options options;
    struct import_result imported;
    const char *file = invocation->n_arguments ? invocation->arguments[0] : NULL;
    if (!database_open(invocation, file, file != NULL, &all.database, err)) return false;
    if (file) import_flags_read(invocation, &options);
    if (file && !database_import(invocation, &all.database, file, &options, &imported, err)) {
        database_abandon(&all.database);
        return false;
    }
    if (!read_history(invocation, leaving, &all, err)) {
        database_close(&all.database);
        return false;
    }
    *ret_history = all;
    return true;
}

void database_history_close(struct database_history *history)
{
    database_close(&history->database);
}
