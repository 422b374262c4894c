/* shop.c - see shop.h. */
#include "command/shop.h"
#include "server/clocks.h"

#include "base/calendar.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool shop_open(struct invocation *invocation, const char *file, bool is_made, struct shop *ret_shop,
               struct err *err)
{
    struct shop shop = { 0 };
    if (!command_database(invocation, file, &shop.path, err)) return false;
    shop.was_made = is_made && access(shop.path, F_OK) != 0;
    if (!store_open(shop.path, is_made ? STORE_CREATE : STORE_WRITE, &shop.store, err)) return false;
    if (!log_open(shop.store, &shop.log, err)) {
        shop_abandon(&shop);
        return false;
    }
    *ret_shop = shop;
    return true;
}

void shop_close(struct shop *shop)
{
    log_close(shop->log);
    store_close(shop->store);
    shop->log = NULL;
    shop->store = NULL;
}

void shop_abandon(struct shop *shop)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    char path[4096];
    shop_close(shop);
    for (size_t i = 0; shop->was_made && i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", shop->path, endings[i]);
        unlink(path);
    }
}

bool shop_describe(struct shop *shop, struct arena *arena, struct err *err)
{
    return import_describe(shop->store, shop->log, arena, &shop->record, &shop->first_ms, &shop->as_of_ms, err);
}

bool shop_question(struct invocation *invocation, const struct shop *shop, struct question *ret_question,
                   struct err *err)
{
    const char *file = flag_text(invocation, "questions", NULL);
    struct question_options options = {
        .name = flag_text(invocation, "question", file ? NULL : "churn"),
        .goal = flag_text(invocation, "goal", NULL),
        .target = flag_text(invocation, "target", shop->record.target),
        .yes = flag_text(invocation, "yes", NULL),
        .is_table = shop->record.shape == SHAPE_TABLE,
        .first_ms = shop->first_ms,
        .last_ms = shop->as_of_ms,
    };
    if (!flag_days(invocation, "horizon", 0, &options.horizon_days, err)) return false;
    if (!flag_days(invocation, "active", 0, &options.active_days, err)) return false;
    if (file) return question_read_yaml(file, shop->log, &options, invocation->arena, ret_question, err);
    return question_choose(shop->log, &options, invocation->arena, ret_question, err);
}

bool shop_train_options(const struct invocation *invocation, const struct shop *shop,
                        struct train_options *ret_options, struct err *err)
{
    struct train_options options = {
        .as_of_ms = shop->as_of_ms, .first_ms = shop->first_ms, .seed = invocation->seed,
        .n_threads = invocation->n_threads, .now_seconds = clock_seconds,
    };
    if (!flag_date_ms(invocation, "test-at", INT64_MIN, &options.test_at_ms, err)) return false;
    if (!flag_double(invocation, "search-seconds", 0, 1e6, 0, &options.search_seconds, err)) return false;
    *ret_options = options;
    return true;
}

/* A column that looks like money per month: "MonthlyCharges", "mrr"; NULL if none does. */
static const char *guess_value_column(const struct feature_set *set)
{
    static const char *const hints[] = { "monthlycharge",   "monthly_charge", "mrr",           "monthlyrevenue",
                                         "monthly_revenue", "monthlyspend",   "monthly_spend", "monthlyfee",
                                         "monthly_fee",     "monthly" };
    for (size_t hint = 0; hint < sizeof hints / sizeof *hints; hint++)
        for (size_t i = 0; i < feature_set_size(set); i++)
            if (strcmp(feature_at(set, i)->unit, "number") == 0 &&
                strcasestr(feature_at(set, i)->name, hints[hint]))
                return feature_at(set, i)->name;
    return NULL;
}

bool shop_score_options(const struct invocation *invocation, const struct shop *shop,
                        const struct trained *trained, struct score_options *ret_options, struct err *err)
{
    struct score_options options = {
        .as_of_ms = shop->as_of_ms, .seed = invocation->seed, .n_threads = invocation->n_threads,
        .calibration_end_day = VALUE_CHOOSE_DAY, .currency = shop->record.currency,
        .value_column = flag_text(invocation, "value-column", NULL),
    };
    size_t ignored;
    if (options.value_column && !feature_find(trained->set, options.value_column, &ignored))
        return err_set(err, ERR_MISSING,
                       "--value-column '%s': there is no such numeric column; holdfast features lists them",
                       options.value_column);
    if (trained->question.kind == QUESTION_TRAIT && !options.value_column)
        options.value_column = guess_value_column(trained->set);
    if (!flag_double(invocation, "margin", 0.01, 1, 1, &options.margin, err)) return false;
    if (!flag_days(invocation, "value-horizon", 365, &options.value_horizon_days, err)) return false;
    if (!flag_double(invocation, "discount", 0, 10, 0.1, &options.discount_yearly, err)) return false;
    if (!flag_double(invocation, "value-months", 0.1, 1200, 12, &options.value_months, err)) return false;
    *ret_options = options;
    return true;
}
