/* What an action's who may ask for beside features: the scores known by the plan's day. */
#include "plan/plan_scores.h"

#include "store/sql.h"
#include "support.h"

static void put(struct store *store, int64_t identity, const char *question, int64_t as_of_ms, double prediction)
{
    struct err err;
    ASSERT_OK(sql_score_put(store, identity, text_of(question), as_of_ms, value_real(prediction), 0, &err),
              &err);
}

Test(plan_scores, scores_stand_beside_features_but_none_from_after_the_day)
{
    struct arena *arena = arena_new(1 << 24);
    struct store *store;
    struct plan_scores scores;
    struct err err;
    float row[2];
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &store, &err) && store_begin(store, &err), &err);
    static const char *const questions[] = { "churn", "spend" };
    for (int q = 0; q < 2; q++)
        ASSERT_OK(sql_model_put(store, text_of(questions[q]), 1000, text_of("{}"), text_of("[]"), text_of("p"),
                                text_of("{}"), 1, &err),
                  &err);
    put(store, 1, "churn", 1000, .75), put(store, 2, "churn", 1000, .25), put(store, 2, "spend", 1000, 12);
    put(store, 3, "churn", 5000, .9);
    ASSERT_OK(plan_scores_read(store, 4, 2000, arena, &scores, &err), &err);
    cr_assert_eq(scores.n, 2);
    cr_assert_str_eq(scores.names[0], "churn");
    plan_scores_fill(&scores, 2, row);
    ASSERT_NEAR(row[0], .25, 1e-6);
    ASSERT_NEAR(row[1], 12, 1e-6);
    plan_scores_fill(&scores, 1, row);
    cr_assert(row[0] == .75F && isnan(row[1]), "what somebody was not scored by is missing");
    plan_scores_fill(&scores, 3, row);
    cr_assert(isnan(row[0]), "a score of a later day is not known yet");
    ASSERT_OK(plan_scores_read(store, 4, 500, arena, &scores, &err), &err);
    cr_assert_eq(scores.n, 0, "before anybody was scored there is no such name");
    ASSERT_OK(store_commit(store, &err), &err);
    store_close(store);
    arena_free(arena);
}
