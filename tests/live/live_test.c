/* Live states: every row equals, bit for bit, the one that a replay of the log computes as of the same instant,
 * whatever came late, twice, out of order or before its time, whoever was joined and parted, across restarts. */
#include "live/live_support.h"
#include "model/learner.h"
#include "store/sql.h"

#include <stdlib.h>

static void live_a_while(unsigned n_threads, int n_steps, struct rng *rng)
{
    struct world world;
    world_open(&world, n_threads);
    for (int step = 0; step < n_steps; step++) {
        switch (rng_below(rng, 12)) {
        case 0: world_restart(&world); break;
        case 1: world_reload(&world); break;
        case 2: case 3: world_link_random(&world, rng); break;
        default: world_receive_random(&world, CUSTOMERS, rng); break;
        }
        if (live_is_stale(world.live)) world_reload(&world);
        if (step % 4 == 3) world_check(&world);
    }
    world_check(&world);
    world_close(&world);
}

Test(live, rows_equal_those_of_a_replay_bit_for_bit)
{
    EACH_CASE(c, 1) live_a_while(1, 30, &c.rng);
}

Test(live, rows_equal_those_of_a_replay_on_four_threads_too)
{
    EACH_CASE(c, 1) live_a_while(4, 20, &c.rng);
}

Test(live, slow_rows_equal_those_of_a_replay_over_many_logs)
{
    EACH_CASE(c, 6) live_a_while(c.index % 2 ? 4 : 1, 40, &c.rng);
}

/* Their events are kept, then no longer: one has a few hundred, another fewer. */
Test(live, rows_of_busy_customers_equal_those_of_a_replay)
{
    EACH_CASE(c, 2) {
        struct world world;
        world_open(&world, 1);
        for (int step = 0; step < 40; step++) {
            world_receive_random(&world, step % 4 ? 1 : 3, &c.rng);
            if (rng_below(&c.rng, 12) == 0) world_restart(&world);
            if (live_is_stale(world.live)) world_reload(&world);
            if (step % 5 == 4) world_check(&world);
        }
        world_close(&world);
    }
}

Test(live, an_empty_log_has_no_features_until_the_first_event)
{
    struct world world;
    float row[1];
    world_open(&world, 2);
    cr_assert_null(live_set(world.live));
    cr_assert_not(live_is_stale(world.live));
    cr_assert_not(live_row(world.live, 1, world.now_ms, row));
    world_receive_one(&world, 1, "order", "");
    cr_assert(live_is_stale(world.live));
    uint64_t generation = live_generation(world.live);
    world_reload(&world);
    cr_assert_neq(live_generation(world.live), generation);
    cr_assert_not_null(live_set(world.live));
    cr_assert_not(live_is_stale(world.live));
    world_check(&world);
    world_close(&world);
}

Test(live, a_set_is_made_anew_rarely_however_many_kinds_come)
{
    struct world world;
    int n_reloads = 0;
    world_open(&world, 1);
    for (int i = 0; i < 100; i++) {
        struct noted noted[6];
        for (int j = 0; j < 6; j++)
            noted[j] = world_note(&world, 1, arena_format(world.diary.arena, "kind %d of %d", j, i), "");
        world_receive(&world, noted, 6);
        if (!live_is_stale(world.live)) continue;
        world_reload(&world);
        n_reloads++;
    }
    cr_assert_gt(n_reloads, 5);
    cr_assert_lt(n_reloads, 20);
    world_close(&world);
}

Test(live, an_event_dated_ahead_counts_when_its_time_has_come)
{
    struct world world;
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    world_reload(&world);
    size_t column;
    float row[200];
    cr_assert(feature_find(live_set(world.live), "order_count", &column));
    struct noted ahead = world_note(&world, 1, "order", "");
    ahead.time_ms = ahead.received_ms = world.now_ms + 5000;
    world_receive(&world, &ahead, 1);
    for (int restarted = 0; restarted < 2; restarted++) {
        cr_assert_eq(live_next_due_ms(world.live), ahead.time_ms);
        cr_assert(live_row(world.live, ahead.identity, world.now_ms, row));
        cr_assert_eq(row[column], 1);
        world_restart(&world);
    }
    world.now_ms = ahead.time_ms;
    live_due(world.live, world.now_ms);
    cr_assert_eq(live_next_due_ms(world.live), INT64_MAX);
    cr_assert(live_row(world.live, ahead.identity, world.now_ms, row));
    cr_assert_eq(row[column], 2);
    world_check(&world);
    world_close(&world);
}

/* History taken in while the server runs: known before what is already folded. */
Test(live, events_out_of_order_are_mended_by_a_replay)
{
    struct world world;
    struct rng rng = rng_new(5);
    world_open(&world, 2);
    while (world.diary.n < 200) world_receive_random(&world, CUSTOMERS, &rng);
    world_reload(&world);
    struct noted history[20];
    for (size_t i = 0; i < 20; i++) {
        history[i] = diary_random(&world.diary, &rng, CUSTOMERS, world.now_ms, 300, false);
        cr_assert_eq(history[i].received_ms, history[i].time_ms);
    }
    world_receive(&world, history, 20);
    cr_assert(live_is_stale(world.live));
    world_reload(&world);
    world_check(&world);
    cr_assert_not(live_is_stale(world.live));
    world_close(&world);
}

/* ---- models ---- */

/* A model that asks the first column of a set whether it is above a half. */
static void put_model(struct world *world, const char *question, struct feature_set *set)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    enum { ROWS = 400 };
    struct rng rng = rng_new(11);
    size_t n_columns = feature_set_size(set);
    float *values = ARENA_ARRAY(arena, float, ROWS * n_columns), *labels = ARENA_ARRAY(arena, float, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t c = 0; c < n_columns; c++) values[i * n_columns + c] = (float)(3 * rng_uniform(&rng));
        labels[i] = values[i * n_columns] > 1.5F;
    }
    const struct sample sample = { .values = values, .n_rows = ROWS, .n_columns = n_columns, .labels = labels,
                                   .names = feature_names(set) };
    struct learner_settings settings = { .learner = &learner_rule, .target = TARGET_YES_NO };
    struct trained trained = { .question = { .name = question, .kind = QUESTION_CHURN, .goal = "order",
                                             .horizon_days = 30, .active_days = 100, .why = "" },
                               .as_of_ms = world->now_ms, .set = set, .evidence = json_object() };
    ASSERT_OK(predictor_fit(&settings, &sample, 1, 1, arena, &trained.predictor, &err), &err);
    ASSERT_OK(trained_put(world->diary.store, &trained, arena, &err), &err);
    trained_release(&trained);
    arena_free(arena);
}

static struct feature_set *set_of(struct world *world, const char *kind, const struct operator *operator,
                                  size_t output)
{
    struct arena *arena = world->diary.arena;
    struct feature_set *set = ARENA_NEW(arena, struct feature_set);
    struct feature_plan plan = { .kind_name = kind, .operator = operator, .output = output };
    struct feature_plan recency = { .kind_name = "order", .operator = &operator_times, .output = 2 };
    set->not_counted = ARENA_ARRAY(arena, const char *, 1);
    set->not_counted[set->n_not_counted++] = "traits";
    feature_set_compile(set, (struct feature_plan[]){ plan, recency }, 2, world->diary.log, arena);
    return set;
}

Test(live, every_question_that_has_a_model_is_answered_from_one_row)
{
    struct world world;
    size_t visits, older, newest, never;
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    world_receive_one(&world, 1, "visit", "");
    put_model(&world, "visits", set_of(&world, "visit", &operator_times, 1));
    put_model(&world, "older", set_of(&world, "order", &operator_times, 0));
    put_model(&world, "newest", set_of(&world, "order", &operator_times, 0));
    cr_assert_null(live_trained(world.live));
    world_reload(&world);
    cr_assert_eq(live_n_models(world.live), 3);
    cr_assert_str_eq(live_trained(world.live)->question.name, "newest");
    cr_assert(live_model_of(world.live, "newest", &newest) && newest == 0);
    cr_assert(live_model_of(world.live, "older", &older));
    cr_assert(live_model_of(world.live, "visits", &visits));
    cr_assert_not(live_model_of(world.live, "never asked", &never));
    cr_assert_eq(feature_set_size(live_set(world.live)), 3, "what two models read is there once");
    float row[3] = { 0 }, own[2];
    uint32_t identity = diary_customer(&world.diary, 1);
    cr_assert(live_row(world.live, identity, world.now_ms, row));
    cr_assert_eq(row[0], 1);
    live_own_row(world.live, visits, row, own);
    cr_assert_str_eq(feature_names(live_model(world.live, visits)->set)[0],
                     feature_names(live_set(world.live))[2]);
    cr_assert(own[0] == row[2] && own[1] == row[1], "the columns it was trained on, in their order");
    double low = live_predict(world.live, newest, row);
    cr_assert_eq(low, live_predict(world.live, older, row));
    world_receive_one(&world, 1, "order", "");
    cr_assert(live_row(world.live, identity, world.now_ms, row));
    cr_assert_gt(live_predict(world.live, newest, row), low);
    cr_assert(live_is_asked(world.live, newest, row));
    cr_assert(live_row(world.live, identity, world.now_ms + 101 * MS_PER_DAY, row));
    cr_assert_not(live_is_asked(world.live, newest, row));
    cr_assert(live_row(world.live, identity, world.now_ms + 100 * MS_PER_DAY - 60000, row));
    cr_assert(live_is_asked(world.live, newest, row));
    cr_assert(live_row(world.live, identity, world.now_ms + 100 * MS_PER_DAY + 1, row));
    cr_assert_not(live_is_asked(world.live, newest, row), "a hundred days and a millisecond, as a score of everybody has it");
    world_close(&world);
}

Test(live, after_a_year_days_still_tell_one_millisecond_from_the_next)
{
    struct world world;
    double before[2], then[2];
    float row[2];
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    put_model(&world, "fits", set_of(&world, "order", &operator_times, 0));
    world_reload(&world);
    uint32_t identity = diary_customer(&world.diary, 1);
    world.now_ms += 1000;
    cr_assert(live_row_exact(world.live, identity, world.now_ms, then));
    int64_t year_ms = world.now_ms + (int64_t)((365 - then[1]) * (double)MS_PER_DAY + 0.5);
    cr_assert(live_row_exact(world.live, identity, year_ms, before));
    cr_assert(live_row_exact(world.live, identity, year_ms + 1, then));
    cr_assert_leq(before[1], 365);
    cr_assert_gt(then[1], 365);
    cr_assert(live_row(world.live, identity, year_ms + 1, row));
    cr_assert_eq(row[1], (float)then[1], "models see it rounded");
    world_close(&world);
}

Test(live, kinds_that_the_model_knows_and_the_log_gets_later_are_folded)
{
    struct world world;
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    put_model(&world, "about returns", set_of(&world, "return", &operator_times, 0));
    world_reload(&world);
    world_receive_one(&world, 1, "something else", "");
    world_receive_one(&world, 1, "return", "");
    world_receive_one(&world, 1, "return", "");
    cr_assert_not(live_is_stale(world.live), "the features are the model's");
    float row[2];
    cr_assert(live_row(world.live, diary_customer(&world.diary, 1), world.now_ms, row));
    cr_assert_eq(row[0], 2);
    world_check(&world);
    world_reload(&world);
    cr_assert(live_row(world.live, diary_customer(&world.diary, 1), world.now_ms, row));
    cr_assert_eq(row[0], 2);
    world_close(&world);
}

/* ---- scores, customers, traits ---- */

static void store_score(struct world *world, uint32_t identity, const char *question, double prediction)
{
    struct err err;
    ASSERT_OK(sql_score_put(world->diary.store, identity, text_of(question), 5000, value_real(prediction), 7, &err),
              &err);
}

Test(live, scores_are_those_of_the_store_until_newer_ones_are_put)
{
    struct world world;
    struct err err;
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    world_receive_one(&world, 2, "order", "");
    uint32_t first = diary_customer(&world.diary, 1), second = diary_customer(&world.diary, 2);
    ASSERT_OK(sql_valuation_put(world.diary.store, first, 6000, value_real(0.5), value_real(2), 1234,
                                value_text("Loyal"), value_null(), value_text("active"), value_null(),
                                value_null(), value_null(), value_null(), value_null(), &err),
              &err);
    put_model(&world, "spend", set_of(&world, "order", &operator_times, 0));
    put_model(&world, "churn", set_of(&world, "order", &operator_times, 0));
    store_score(&world, first, "churn", 0.25);
    store_score(&world, first, "spend", 12.5);
    store_score(&world, second, "gone", 0.125);
    cr_assert(isnan(live_value(world.live, first).value_cents));
    world_restart(&world);
    cr_assert_eq(live_score(world.live, 0, first).prediction, 0.25, "one question's answer is not another's");
    cr_assert_eq(live_score(world.live, 1, first).prediction, 12.5);
    cr_assert_eq(live_score(world.live, 0, first).scored_ms, 5000);
    struct live_value worth = live_value(world.live, first);
    cr_assert(worth.p_alive == 0.5 && worth.value_cents == 1234 && worth.valued_ms == 6000);
    cr_assert_str_eq(worth.rfm_group, "Loyal");
    cr_assert_str_eq(worth.cluster, "");
    cr_assert_str_eq(worth.stage, "active");
    cr_assert(isnan(live_score(world.live, 0, second).prediction));
    cr_assert_eq(live_score(world.live, 0, second).scored_ms, 0);
    cr_assert(isnan(live_value(world.live, 4000000).value_cents));
    live_score_put(world.live, 0, second, &(struct live_score){ 0.75, 6000 });
    world_close(&world);
}

Test(live, a_new_model_leaves_the_scores_of_other_questions_alone)
{
    struct world world;
    world_open(&world, 1);
    world_receive_one(&world, 1, "order", "");
    uint32_t customer = diary_customer(&world.diary, 1);
    put_model(&world, "churn", set_of(&world, "order", &operator_times, 0));
    store_score(&world, customer, "churn", 0.25);
    world_reload(&world);
    cr_assert_eq(live_score(world.live, 0, customer).prediction, 0.25);
    live_score_put(world.live, 0, customer, &(struct live_score){ 0.75, 6000 });
    live_value_put(world.live, customer, &(struct live_value){ .value_cents = 99, .stage = "cooling" });
    put_model(&world, "spend", set_of(&world, "visit", &operator_times, 0));
    world_reload(&world);
    cr_assert_str_eq(live_model(world.live, 1)->question.name, "churn");
    cr_assert_eq(live_score(world.live, 1, customer).prediction, 0.75, "training spend takes churn away");
    cr_assert(isnan(live_score(world.live, 0, customer).prediction), "what churn says is not what spend says");
    cr_assert_eq(live_value(world.live, customer).value_cents, 99);
    cr_assert_str_eq(live_value(world.live, customer).stage, "cooling");
    world.now_ms++;
    put_model(&world, "churn", set_of(&world, "order", &operator_times, 0));
    world_reload(&world);
    cr_assert_eq(live_score(world.live, 0, customer).prediction, 0.25,
                 "a newer model's scores are those of the store");
    world_close(&world);
}

Test(live, touched_customers_are_given_once_each)
{
    struct world world;
    struct rng rng = rng_new(3);
    uint32_t touched[CUSTOMERS + 1], all[CUSTOMERS + 1];
    world_open(&world, 1);
    world_receive_random(&world, CUSTOMERS, &rng);
    for (int round = 0; round < 30; round++) {
        world_link_random(&world, &rng);
        while (live_touched(world.live, touched, CUSTOMERS) > 0) continue;
        bool is_expected[1000] = { false };
        size_t before = world.diary.n;
        world_receive_random(&world, CUSTOMERS, &rng);
        for (size_t i = before; i < world.diary.n; i++)
            if (world.diary.noted[i].time_ms <= world.now_ms)
                is_expected[identities_customer(world.identities, world.diary.noted[i].identity)] = true;
        size_t n = live_touched(world.live, touched, 2);
        n += live_touched(world.live, touched + n, CUSTOMERS + 1 - n);
        cr_assert_leq(n, CUSTOMERS);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < i; j++) cr_assert_neq(touched[i], touched[j]);
        for (uint32_t identity = 0; identity < 1000; identity++) {
            bool is_touched = false;
            for (size_t i = 0; i < n; i++) is_touched |= touched[i] == identity;
            cr_assert(is_touched || !is_expected[identity], "identity %u, round %d", identity, round);
        }
        size_t n_all = 0;
        for (uint32_t customer = 0; (customer = live_next(world.live, customer)) != 0;) {
            cr_assert_eq(customer, identities_customer(world.identities, customer));
            all[n_all++] = customer;
        }
        cr_assert_eq(n_all, live_n_customers(world.live));
        for (size_t i = 0; i < world.diary.n; i++) {
            uint32_t customer = identities_customer(world.identities, world.diary.noted[i].identity);
            bool is_there = world.diary.noted[i].time_ms > world.now_ms;
            for (size_t j = 0; j < n_all; j++) is_there |= all[j] == customer;
            cr_assert(is_there, "customer %u", customer);
        }
    }
    world_close(&world);
}

static const struct live_trait *trait_named(struct world *world, unsigned number, const char *name)
{
    struct live_trait *traits;
    size_t n = live_traits(world->live, diary_customer(&world->diary, number), world->diary.arena, &traits);
    for (size_t i = 0; i < n; i++)
        if (strcmp(live_trait_name(world->live, traits[i].name), name) == 0) return &traits[i];
    return NULL;
}

Test(live, traits_are_the_last_values_of_all_that_a_customer_is)
{
    struct world world;
    struct err err;
    enum link_result result;
    const char *why;
    world_open(&world, 2);
    world_receive_one(&world, 1, "traits", "{\"plan\":\"basic\",\"age\":41,\"city\":\"Graz\"}");
    world_receive_one(&world, 2, "traits", "{\"plan\":\"gold\",\"vip\":true}");
    world_receive_one(&world, 1, "order", "{\"plan\":\"no trait\"}");
    world_receive_one(&world, 1, "traits", "{\"city\":null,\"age\":\" 42 \"}");
    cr_assert(text_equal(trait_named(&world, 1, "plan")->text, text_of("basic")));
    ASSERT_OK(store_begin(world.diary.store, &err), &err);
    ASSERT_OK(identities_link(world.identities, world.diary.store, diary_customer(&world.diary, 1),
                              diary_customer(&world.diary, 2), LINK_MERGE, world.now_ms, &result, &why,
                              &err), &err);
    ASSERT_OK(store_commit(world.diary.store, &err), &err);
    for (int replayed = 0; replayed < 2; replayed++) {
        const struct live_trait *age = trait_named(&world, 2, "age");
        cr_assert(text_equal(trait_named(&world, 1, "plan")->text, text_of("gold")), "the later");
        cr_assert(text_equal(trait_named(&world, 1, "vip")->text, text_of("true")));
        cr_assert(isnan(trait_named(&world, 1, "vip")->number));
        cr_assert(text_equal(age->text, text_of("42")));
        cr_assert_eq(age->number, 42);
        cr_assert_eq(age->time_ms, world.now_ms);
        cr_assert_null(trait_named(&world, 1, "city"), "null takes a value away");
        world_reload(&world);
    }
    world_close(&world);
}

Test(live, what_is_said_once_is_kept_from_the_first_until_it_is_set)
{
    struct world world;
    struct err err;
    enum link_result result;
    const char *why;
    world_open(&world, 2);
    world_receive_one(&world, 1, "traits", "{\"$set_once.from\":\"ad\",\"$set_once.plan\":\"free\","
                "\"$set_once.city\":null}");
    world_receive_one(&world, 2, "traits", "{\"plan\":\"gold\"}");
    world_receive_one(&world, 1, "traits", "{\"$set_once.from\":\"mail\",\"$set_once.city\":\"Graz\",\"plan\":\"pro\"}");
    world_receive_one(&world, 1, "traits", "{\"$set_once.plan\":\"late\",\"$set_once.city\":\"Linz\"}");
    world_receive_one(&world, 2, "traits", "{\"$set_once.plan\":\"later\",\"$set_once.from\":\"shop\"}");
    cr_assert(text_equal(trait_named(&world, 1, "plan")->text, text_of("pro")), "set outweighs set once");
    cr_assert(text_equal(trait_named(&world, 2, "plan")->text, text_of("gold")), "whichever came first");
    ASSERT_OK(store_begin(world.diary.store, &err), &err);
    ASSERT_OK(identities_link(world.identities, world.diary.store, diary_customer(&world.diary, 1),
                              diary_customer(&world.diary, 2), LINK_MERGE, world.now_ms, &result, &why,
                              &err), &err);
    ASSERT_OK(store_commit(world.diary.store, &err), &err);
    for (int replayed = 0; replayed < 2; replayed++) {
        cr_assert(text_equal(trait_named(&world, 2, "from")->text, text_of("ad")), "the first of all identities");
        cr_assert(text_equal(trait_named(&world, 2, "city")->text, text_of("Graz")), "null says nothing once");
        cr_assert(text_equal(trait_named(&world, 2, "plan")->text, text_of("pro")));
        world_reload(&world);
    }
    world_close(&world);
}

Test(live, traits_take_no_more_room_than_they_may)
{
    struct world world;
    world_open(&world, 1);
    struct arena *arena = world.diary.arena;
    char *wide = arena_alloc(arena, 2000, 1);
    for (size_t i = 0; i + 2 < 2000; i += 2) memcpy(wide + i, "\xc3\xa4", 2);
    struct noted *noted = ARENA_ARRAY(arena, struct noted, 1100);
    for (unsigned i = 0; i < 1100; i++)
        noted[i] = world_note(&world, 1 + i % 4, "traits", arena_format(arena, "{\"trait %u\":\"%s\"}", i, wide));
    world_receive(&world, noted, 1100);
    cr_assert_eq(live_n_trait_names(world.live), LIVE_TRAIT_NAMES_MOST);
    struct live_trait *traits;
    size_t n = live_traits(world.live, diary_customer(&world.diary, 1), arena, &traits);
    cr_assert_gt(n, 50);
    cr_assert_lt(n, 70, "%zu", n);
    cr_assert_eq(traits[0].text.length, LIVE_TRAIT_BYTES_MOST);
    world_close(&world);
}
