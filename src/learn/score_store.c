/* score_store.c - keeps the scores of every customer in the store; see score.h. */
#include "learn/score.h"
#include "hub/contest.h"
#include "store/setting.h"
#include "store/sql.h"

#include <math.h>

static const char valued_setting[] = "valued_ms", shape_setting[] = "rate_shape";

/* 0 where values are no forecast of these models. */
static double shape_of(const struct scores *scores)
{
    const struct value_model *value = &scores->value;
    return scores->has_value && !value->refusal && value->has_spend && value->refit.kind != ORDERS_PARETO_NBD
               ? value->refit.bgnbd.model.r : 0;
}

bool scores_put_instant(struct store *store, const struct scores *scores, struct err *err)
{
    char instant[24], shape[32];
    snprintf(instant, sizeof instant, "%lld", (long long)scores->as_of_ms);
    snprintf(shape, sizeof shape, "%.17g", shape_of(scores));
    return setting_put(store, valued_setting, instant, err) && setting_put(store, shape_setting, shape, err);
}

bool scores_rate_shape(struct store *store, double *ret_shape, struct err *err)
{
    char *text = NULL;
    if (!setting_get(store, shape_setting, &text, err)) return false;
    *ret_shape = text ? strtod(text, NULL) : 0;
    free(text);
    return true;
}

bool scores_instant(struct store *store, int64_t *ret_as_of_ms, struct err *err)
{
    char *text = NULL;
    if (!setting_get(store, valued_setting, &text, err)) return false;
    *ret_as_of_ms = text ? strtoll(text, NULL, 10) : 0;
    free(text);
    return true;
}

static struct value number_or_null(double number)
{
    return isnan(number) ? value_null() : value_real(number);
}

static bool put_answer(struct store *store, const struct scores *scores, uint32_t identity, struct err *err)
{
    return sql_score_put(store, identity, text_of(scores->question), scores->as_of_ms,
                         number_or_null(scores->prediction[identity]), scores->expected_loss_cents[identity], err);
}

static bool put_valuation(struct store *store, const struct scores *scores, uint32_t identity, struct err *err)
{
    int32_t last_day = scores->last_goal_day[identity];
    return sql_valuation_put(store, identity, scores->as_of_ms, number_or_null(scores->p_alive[identity]),
                             number_or_null(scores->expected_orders[identity]),
                             llround(scores->value_cents[identity]), value_text(scores->rfm_group[identity]),
                             value_text(scores->cluster[identity]), value_text(scores->stage[identity]),
                             last_day == INT32_MIN ? value_null() : value_int(last_day),
                             value_int(llround(scores->if_stays_cents[identity])),
                             number_or_null(scores->p_alive_pareto_nbd[identity]),
                             number_or_null(scores->expected_orders_pareto_nbd[identity]),
                             number_or_null(scores->dert[identity]), err);
}

bool scores_clear(struct store *store, const struct scores *scores, struct err *err)
{
    return sql_score_clear(store, text_of(scores->question), err) && sql_valuation_clear(store, err);
}

bool scores_put_some(struct store *store, const struct scores *scores, uint32_t from, uint32_t to, struct err *err)
{
    for (uint32_t identity = from; identity < to; identity++)
        if (scores->is_customer[identity] &&
            (!put_answer(store, scores, identity, err) || !put_valuation(store, scores, identity, err) ||
             (scores->contest && scores->is_asked[identity] &&
              !contest_expose(store, scores->contest, scores->log, identity, scores->as_of_ms, err))))
            return false;
    return true;
}
