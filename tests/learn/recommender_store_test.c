/* What recommends, kept and read back; and its rules. */
#include "feature/feature_support.h"
#include "base/calendar.h"
#include "learn/recommend_rules.h"
#include "learn/recommender_store.h"

static float *scores_of(const struct recommender *recommender, const struct interaction *rows, size_t n,
                        struct arena *arena)
{
    struct own own = { rows, n, 1000 * MS_PER_DAY };
    float *scores = ARENA_ARRAY(arena, float, recommender->n_items + 1);
    recommender_score(recommender, &own, 1, scores);
    return scores;
}

static void fill(struct diary *diary)
{
    struct rng rng = rng_new(4);
    struct noted noted[600];
    for (size_t i = 0; i < 600; i++) {
        int64_t time_ms = (int64_t)(1 + rng_below(&rng, 300)) * MS_PER_DAY;
        unsigned customer = 1 + (unsigned)rng_below(&rng, 40);
        const char *item =
            arena_format(diary->arena, "%c%02d", customer % 2 ? 'A' : 'B', (int)rng_below(&rng, 20));
        noted[i] =
            (struct noted){ time_ms, time_ms, 100, 1000, diary_customer(diary, customer), "order_item", item, "" };
    }
    diary_append(diary, noted, 600);
}

Test(recommender_store, what_is_read_back_scores_the_same_whatever_its_form)
{
    static const char *const names[] = { "popularity", "cosine", "ease", "als", "bpr", "repeats" };
    struct diary diary = diary_open();
    struct err err;
    fill(&diary);
    for (size_t m = 0; m < sizeof names / sizeof *names; m++) {
        struct recommending judged;
        struct kept_recommender kept, *read[RECOMMEND_QUESTIONS];
        struct recommending_options options = { .reading = { .as_of_ms = 400 * MS_PER_DAY, .n_threads = 1 },
                                                .question = RECOMMEND_ANY, .test_at_ms = 250 * MS_PER_DAY,
                                                .horizon_days = 40, .only = names[m], .seed = 1, .n_threads = 1 };
        ASSERT_OK(recommending_judge(diary.log, &options, diary.arena, &judged, &err), &err);
        for (size_t l = 0; l < judged.board.n; l++)
            if (strcmp(judged.board.leaders[l].name, names[m]) == 0) judged.board.chosen = l;
        ASSERT_OK(recommender_make(diary.log, &options, &judged, diary.arena, &kept, &err), &err);
        cr_assert_str_eq(kept.recommender.name, names[m]);
        ASSERT_OK(recommender_put(diary.store, &kept, diary.arena, &err), &err);
        ASSERT_OK(recommenders_get(diary.store, diary.arena, read, &err), &err);
        cr_assert_null(read[RECOMMEND_NEW]);
        const struct kept_recommender *again = read[RECOMMEND_ANY];
        cr_assert(again && again->recommender.n_items == kept.recommender.n_items &&
                  again->n_kinds == kept.n_kinds);
        const struct interaction rows[] = { { 0, 1, 1, 1, 100 * MS_PER_DAY }, { 0, 25, 1, 1, 200 * MS_PER_DAY } };
        size_t n_bytes = kept.recommender.n_items * sizeof(float);
        cr_assert(memcmp(scores_of(&kept.recommender, rows, 2, diary.arena),
                         scores_of(&again->recommender, rows, 2, diary.arena), n_bytes) == 0, "%s", names[m]);
        cr_assert(memcmp(scores_of(&kept.beside, rows, 2, diary.arena),
                         scores_of(&again->beside, rows, 2, diary.arena), n_bytes) == 0);
        cr_assert(memcmp(kept.also, again->also, kept.recommender.n_items * ALSO_KEPT * sizeof *kept.also) == 0);
        for (uint32_t i = 0, found; i < kept.recommender.n_items; i++)
            cr_assert(kept_recommender_find(again, kept.item_names[i], &found) && found == i);
        kept_recommender_release(&kept);
        kept_recommender_release(read[RECOMMEND_ANY]);
    }
    diary_close(&diary);
}

static bool read_rules(const char *text, struct arena *arena, struct recommend_rules *ret_rules, struct err *err)
{
    const struct yaml_node *root;
    return yaml_parse(text, strlen(text), "rules.yaml", arena, &root, err) &&
           recommend_rules_read(root, arena, ret_rules, err);
}

Test(recommend_rules, every_rule_is_read_and_what_cannot_be_is_refused_with_its_line)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct recommend_rules rules;
    struct err err;
    ASSERT_OK(
        read_rules("weights: {order_item: 3, cart: 1}\nexclude: {bought_within: 90d}\nwhere: \"stock > 0\"\n"
                   "per_category: 3\ndiversity: 0.2\nrank_by: margin\nexplore: 0.1\n"
                   "pins: [{item: P009, rank: 2, until: 2027-01-01}]\nboosts: [{category: tea, factor: 2}]\n",
                   arena, &rules, &err),
        &err);
    cr_assert(rules.n_weights == 2 && rules.bought_within_days == 90 && rules.per_category == 3 &&
              rules.is_by_margin);
    cr_assert(rules.n_pins == 1 && rules.pins[0].rank == 2 && rules.n_boosts == 1 && rules.boosts[0].factor > 1.9);
    ASSERT_NEAR(rules.explore, 0.1, 1e-12);
    cr_assert_str_eq(rules.where_at, "rules.yaml:3:8: where");
    ASSERT_FAILS(read_rules("diversty: 1\n", arena, &rules, &err), &err, ERR_INVALID, "rules.yaml:1");
    ASSERT_FAILS(read_rules("diversity: 2\n", arena, &rules, &err), &err, ERR_INVALID, "a number from 0 to 1");
    ASSERT_FAILS(read_rules("rank_by: luck\n", arena, &rules, &err), &err, ERR_INVALID, "probability or margin");
    ASSERT_FAILS(read_rules("pins: [{rank: 1}]\n", arena, &rules, &err), &err, ERR_INVALID,
                 "a pin names its item");
    ASSERT_FAILS(read_rules("boosts: [{item: A, category: b}]\n", arena, &rules, &err), &err, ERR_INVALID,
                 "not both");
    ASSERT_FAILS(read_rules("weights: {cart: -1}\n", arena, &rules, &err), &err, ERR_INVALID, "rules.yaml:1");
    ASSERT_OK(recommend_rules_read(NULL, arena, &rules, &err), &err);
    ASSERT_NEAR(rules.explore, 0.05, 1e-12);
    arena_free(arena);
}
