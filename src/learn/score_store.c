/* score_store.c - keeps the scores of every customer in the store; see score.h. */
#include "learn/score.h"

#include <math.h>
#include <stdlib.h>

static struct value number_or_null(double number)
{
    return isnan(number) ? (struct value){ .kind = VALUE_NULL } : value_real(number);
}

/* The reasons as a JSON array, or NULL; the caller frees it. */
static char *reasons_text(const char *const *reasons)
{
    json_t *array = json_array();
    for (size_t i = 0; i < SCORE_REASONS && reasons[i]; i++) json_array_append_new(array, json_string(reasons[i]));
    char *text = json_array_size(array) > 0 ? json_dumps(array, JSON_COMPACT) : NULL;
    json_decref(array);
    return text;
}

static bool put_answer(struct store *store, const struct scores *scores, uint32_t identity, struct err *err)
{
    char *reasons = reasons_text(scores->reasons[identity]);
    const struct value args[] = {
        value_int(identity),
        value_text(scores->question),
        value_int(scores->as_of_ms),
        number_or_null(scores->prediction[identity]),
        value_int(scores->expected_loss_cents[identity]),
        value_text(reasons),
    };
    bool ok = store_run(store, "score_put", args, sizeof args / sizeof *args, err);
    free(reasons);
    return ok;
}

static bool put_valuation(struct store *store, const struct scores *scores, uint32_t identity, struct err *err)
{
    int32_t last_day = scores->last_goal_day[identity];
    const struct value args[] = {
        value_int(identity),
        value_int(scores->as_of_ms),
        number_or_null(scores->p_alive[identity]),
        number_or_null(scores->expected_orders[identity]),
        value_int(llround(scores->value_cents[identity])),
        value_text(scores->rfm_group[identity]),
        value_text(scores->cluster[identity]),
        value_text(scores->stage[identity]),
        last_day == INT32_MIN ? (struct value){ .kind = VALUE_NULL } : value_int(last_day),
    };
    return store_run(store, "valuation_put", args, sizeof args / sizeof *args, err);
}

bool scores_clear(struct store *store, const struct scores *scores, struct err *err)
{
    const struct value question = value_text(scores->question);
    return store_run(store, "score_clear", &question, 1, err) && store_run(store, "valuation_clear", NULL, 0, err);
}

bool scores_put_some(struct store *store, const struct scores *scores, uint32_t from, uint32_t to, struct err *err)
{
    for (uint32_t identity = from; identity < to; identity++)
        if (scores->is_customer[identity] &&
            (!put_answer(store, scores, identity, err) || !put_valuation(store, scores, identity, err)))
            return false;
    return true;
}

bool scores_put(struct store *store, const struct scores *scores, struct err *err)
{
    bool ok = store_begin(store, err) && scores_clear(store, scores, err) &&
              scores_put_some(store, scores, 1, (uint32_t)scores->n, err) && store_commit(store, err);
    if (!ok) store_rollback(store);
    return ok || err_context(err, "keeping the scores");
}
