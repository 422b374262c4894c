/* shop_history.c - see shop_history.h. */
#include "command/shop_history.h"

#include "command/import_flags.h"

/* --goal, else what the churn question would take, else a kind named "order". */
static bool find_goal(const struct invocation *invocation, const struct shop *shop, int64_t as_of_ms,
                      const char **ret_goal, uint32_t *ret_kind, struct err *err)
{
    struct question question;
    struct err why;
    struct question_options options = { .first_ms = shop->first_ms,
                                        .last_ms = as_of_ms,
                                        .n_threads = invocation->n_threads };
    const char *goal = flag_text(invocation, "goal", NULL);
    if (!goal)
        goal =
            question_choose(shop->log, &options, invocation->arena, &question, &why) ? question.goal : "order";
    if (!log_find(shop->log, DICTIONARY_KIND, text_of(goal), ret_kind))
        return err_set(err, ERR_MISSING,
                       "there is no event '%s' in this history; holdfast features lists the events", goal);
    *ret_goal = goal;
    return true;
}

static bool read_history(struct invocation *invocation, struct shop_history *all, struct err *err)
{
    struct shop *shop = &all->shop;
    int64_t as_of_ms;
    uint32_t goal_kind = 0, refund_kind = 0;
    if (!shop_describe(shop, invocation->arena, err)) return false;
    if (shop->record.shape == SHAPE_TABLE)
        return err_set(err, ERR_REFUSED,
                       "%s is a table with one row per customer; this needs a history of orders",
                       shop->record.source);
    if (!flag_date_ms(invocation, "as-of", shop->as_of_ms, &as_of_ms, err)) return false;
    if (!find_goal(invocation, shop, as_of_ms, &all->goal, &goal_kind, err)) return false;
    (void)log_find(shop->log, DICTIONARY_KIND, text_of("refund"), &refund_kind); /* 0 where there are none */
    struct history_options options = { (uint16_t)goal_kind, (uint16_t)refund_kind, as_of_ms,
                                       invocation->n_threads };
    all->as_of_day = (int32_t)calendar_day_of_ms(as_of_ms - 1);
    return history_read(shop->log, &options, invocation->arena, &all->history, err);
}

bool shop_history_open(struct invocation *invocation, struct shop_history *ret_history, struct err *err)
{
    struct shop_history all = { 0 };
    struct import_options options;
    struct import_result imported;
    const char *file = invocation->n_arguments ? invocation->arguments[0] : NULL;
    if (!shop_open(invocation, file, file != NULL, &all.shop, err)) return false;
    if (file) import_flags_read(invocation, &options);
    if (file
        && !import_file(all.shop.store, all.shop.log, file, &options, invocation->arena, invocation->progress,
                        &imported, err)) {
        shop_abandon(&all.shop);
        return false;
    }
    if (!read_history(invocation, &all, err)) {
        shop_close(&all.shop);
        return false;
    }
    *ret_history = all;
    return true;
}

void shop_history_close(struct shop_history *history)
{
    shop_close(&history->shop);
}
