/* database_history.c - see database_history.h. */
#include "cli/database_history.h"

#include "cli/import_flags.h"

/* --goal, else what the churn question would take, else a kind named "order". */
static bool find_goal(const struct invocation *invocation, const struct database *database, int64_t as_of_ms,
                      const char **ret_goal, uint32_t *ret_kind, struct err *err)
{
    struct question question;
    struct err why;
    struct question_options options = { .first_ms = database->first_ms,
                                        .last_ms = as_of_ms,
                                        .n_threads = invocation->n_threads };
    const char *goal = flag_text(invocation, "goal", NULL);
    if (!goal)
        goal =
            question_choose(database->log, &options, invocation->arena, &question, &why) ? question.goal : "order";
    if (!log_find(database->log, DICTIONARY_KIND, text_of(goal), ret_kind))
        return err_set(err, ERR_MISSING,
                       "there is no event '%s' in this history; holdfast features lists the events", goal);
    *ret_goal = goal;
    return true;
}

static bool read_history(struct invocation *invocation, struct database_history *all, struct err *err)
{
    struct database *database = &all->database;
    int64_t as_of_ms;
    uint32_t goal_kind = 0, refund_kind = 0;
    if (!database_describe(database, invocation->arena, err)) return false;
    if (database->record.shape == SHAPE_TABLE)
        return err_set(err, ERR_REFUSED, "%s is a table with one row per customer; this needs a history of orders",
                       database->record.source);
    if (!flag_date_ms(invocation, "as-of", database->as_of_ms, &as_of_ms, err)) return false;
    if (!find_goal(invocation, database, as_of_ms, &all->goal, &goal_kind, err)) return false;
    (void)log_find(database->log, DICTIONARY_KIND, text_of("refund"), &refund_kind); /* 0 where there are none */
    struct history_options options = { (uint16_t)goal_kind, (uint16_t)refund_kind, as_of_ms,
                                       invocation->n_threads };
    all->as_of_day = (int32_t)calendar_day_of_ms(as_of_ms - 1);
    return history_read(database->log, &options, invocation->arena, &all->history, err);
}

bool database_history_open(struct invocation *invocation, struct database_history *ret_history, struct err *err)
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
    if (!read_history(invocation, &all, err)) {
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
