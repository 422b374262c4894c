/* Recommenders on made-up shops: the same for any number of threads, finite whatever comes, and better than
 * chance. */
#include "recommend/factors.h"
#include "recommend/leaderboard_internal.h"
#include "support.h"

enum { CUSTOMERS = 200, ITEMS = 60, GROUPS = 3, ROWS_MOST = 20000 };

/* Customers like the items of their own group, popular ones first. */
static struct interactions make_shop(struct rng *rng, struct arena *arena)
{
    struct interaction *rows = ARENA_ARRAY(arena, struct interaction, ROWS_MOST);
    struct interactions shop;
    size_t n = 0;
    for (uint32_t c = 0; c < CUSTOMERS; c++) {
        size_t n_own = 3 + rng_below(rng, 12);
        for (size_t i = 0; i < n_own; i++) {
            uint32_t within =
                (uint32_t)(rng_below(rng, ITEMS / GROUPS) * rng_below(rng, ITEMS / GROUPS) / (ITEMS / GROUPS));
            uint32_t group = rng_below(rng, 10) == 0 ? (uint32_t)rng_below(rng, GROUPS) : c % GROUPS;
            rows[n++] =
                (struct interaction){ c, within * GROUPS + group, 1, 1, (int64_t)rng_below(rng, 1000) * 86400000 };
        }
    }
    interactions_build(rows, n, CUSTOMERS, ITEMS, arena, &shop);
    return shop;
}

static struct sparse make_words(struct arena *arena)
{
    struct sparse words = { .n_rows = ITEMS,
                            .n_columns = GROUPS,
                            .first = ARENA_ARRAY(arena, size_t, ITEMS + 1),
                            .column = ARENA_ARRAY(arena, uint32_t, ITEMS),
                            .value = ARENA_ARRAY(arena, float, ITEMS) };
    for (uint32_t i = 0; i < ITEMS; i++)
        words.first[i + 1] = i + 1, words.column[i] = i % GROUPS, words.value[i] = 1;
    return words;
}

static const enum recommender_form forms[] = { FORM_POPULARITY, FORM_REPEATS, FORM_COSINE, FORM_CONTENT,
                                               FORM_EASE,       FORM_ALS,     FORM_BPR };

static struct recommender fit(enum recommender_form form, const struct recommender_source *source,
                              struct arena *arena)
{
    struct recommender old = { .form = form,
                               .setting = form == FORM_ALS    ? 0.01
                                          : form == FORM_EASE ? 20
                                                              : 10 },
                       fitted;
    recommender_refit(&old, source, arena, &fitted);
    return fitted;
}

static float *score_everybody(const struct recommender *recommender, const struct interactions *shop,
                              struct arena *arena)
{
    struct own *own = ARENA_ARRAY(arena, struct own, shop->n_customers);
    float *scores = ARENA_ARRAY(arena, float, shop->n_customers * shop->n_items + 1);
    for (size_t c = 0; c < shop->n_customers; c++)
        own[c] =
            (struct own){ shop->rows + shop->first[c], shop->first[c + 1] - shop->first[c], INT64_C(86400000000) };
    recommender_score(recommender, own, shop->n_customers, scores);
    return scores;
}

Test(recommender, any_number_of_threads_gives_the_same_bytes)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 3) {
        struct interactions shop = make_shop(&c.rng, arena);
        struct sparse words = make_words(arena);
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
            float *scores[2];
            for (unsigned t = 0; t < 2; t++) {
                struct recommender_source source = { &shop, &words, INT64_C(86400000000), 7, t ? 3 : 1, 0 };
                struct recommender fitted = fit(forms[f], &source, arena);
                scores[t] = score_everybody(&fitted, &shop, arena);
            }
            cr_assert(memcmp(scores[0], scores[1], CUSTOMERS * ITEMS * sizeof(float)) == 0, "form %d (seed %llu)",
                      (int)forms[f], (unsigned long long)support_seed());
        }
    }
    arena_free(arena);
}

/* The items of the customer's own group come before the others'. */
Test(recommender, each_method_finds_a_customer_s_own_group)
{
    static const enum recommender_form learned[] = { FORM_COSINE, FORM_CONTENT, FORM_EASE, FORM_ALS, FORM_BPR };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct interactions shop = make_shop(&rng, arena);
    struct sparse words = make_words(arena);
    struct recommender_source source = { &shop, &words, INT64_C(86400000000), 7, 2, 0 };
    for (size_t f = 0; f < sizeof learned / sizeof *learned; f++) {
        struct recommender fitted = fit(learned[f], &source, arena);
        float *scores = score_everybody(&fitted, &shop, arena);
        size_t n_own = 0;
        for (size_t c = 0; c < CUSTOMERS; c++) {
            uint32_t best[5];
            cr_assert_eq(best_items(scores + c * ITEMS, NULL, ITEMS, 5, best), 5);
            for (size_t i = 0; i < 5; i++) n_own += best[i] % GROUPS == c % GROUPS;
        }
        cr_assert_gt(n_own, CUSTOMERS * 5 * 7 / 10, "form %d finds %zu of %d", (int)learned[f], n_own,
                     CUSTOMERS * 5);
    }
    arena_free(arena);
}

static const struct family *family_of(const char *name)
{
    for (size_t i = 0; i < n_families; i++)
        if (strcmp(families[i].name, name) == 0) return &families[i];
    return NULL;
}

/* The unobserved pull every vector to zero by regularisation x how many there are: of a large shop the same
 * settings left nothing but what is popular. */
Test(recommender, als_is_not_pulled_to_what_is_popular_by_the_size_of_the_shop)
{
    const struct interactions usual = { .n_customers = 138000, .n_items = 20000 },
                              large = { .n_customers = 1200000, .n_items = 150000 },
                              small = { .n_customers = 900, .n_items = 1700 };
    struct setting of_usual[FAMILY_SETTINGS_MOST], of_large[FAMILY_SETTINGS_MOST], of_small[FAMILY_SETTINGS_MOST];
    const struct family *als = family_of("als");
    size_t n = als->settings(&usual, SATURATION_ONCE, of_usual);
    cr_assert_eq(als->settings(&large, SATURATION_ONCE, of_large), n);
    cr_assert_eq(als->settings(&small, SATURATION_ONCE, of_small), n);
    for (size_t i = 0; i < n; i++) {
        double pull_usual = of_usual[i].value * sqrt(138e3 * 20e3);
        double pull_large = of_large[i].value * sqrt(1.2e6 * 150e3);
        cr_assert_lt(fabs(pull_large / pull_usual - 1), 0.02, "%g beside %g", pull_large, pull_usual);
        cr_assert_eq(of_small[i].value, of_usual[i].value, "a small one is as the literature has it");
    }
}

static void all_are_finite(struct interaction *rows, size_t n, size_t n_customers, size_t n_items,
                           struct arena *arena)
{
    struct interactions shop;
    interactions_build(rows, n, n_customers, n_items, arena, &shop);
    struct recommender_source source = { &shop, NULL, 1, 7, 2, 0 };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if (forms[f] == FORM_CONTENT) continue;
        struct recommender fitted = fit(forms[f], &source, arena);
        float *scores = score_everybody(&fitted, &shop, arena);
        for (size_t i = 0; i < n_customers * n_items; i++)
            cr_assert(isfinite(scores[i]), "form %d", (int)forms[f]);
    }
}

/* implicit's tests/als_test.py, test_cg_nan and test_cg_nan2. */
Test(recommender, a_block_of_ones_and_a_nearly_empty_matrix_give_finite_factors)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct interaction block[144], few[5];
    for (uint32_t i = 0; i < 144; i++) block[i] = (struct interaction){ i / 12, i % 12, 1, 1, 0 };
    for (uint32_t i = 0; i < 5; i++) few[i] = (struct interaction){ i * 17, i * 19, 1, 1, 0 };
    all_are_finite(block, 144, 12, 12, arena);
    all_are_finite(few, 5, 100, 100, arena);
    all_are_finite(few, 1, 1, 1, arena);
    all_are_finite(few, 0, 0, 0, arena);
    arena_free(arena);
}

Test(recommender, ties_break_by_the_item_s_number_and_excluded_items_never_come)
{
    EACH_CASE(c, 200) {
        float scores[50];
        bool may_be[50];
        uint32_t best[12];
        for (size_t i = 0; i < 50; i++)
            scores[i] = (float)rng_below(&c.rng, 5), may_be[i] = rng_below(&c.rng, 3) > 0;
        size_t k = 1 + rng_below(&c.rng, 12), n = best_items(scores, may_be, 50, k, best), n_may = 0;
        for (size_t i = 0; i < 50; i++) n_may += may_be[i];
        cr_assert_eq(n, n_may < k ? n_may : k);
        for (size_t i = 0; i < n; i++) cr_assert(may_be[best[i]]);
        for (size_t i = 1; i < n; i++)
            cr_assert(scores[best[i - 1]] > scores[best[i]] ||
                      (scores[best[i - 1]] >= scores[best[i]] && best[i - 1] < best[i]));
        for (size_t i = 0; i < 50 && n > 0; i++) {
            bool is_listed = false;
            for (size_t l = 0; l < n; l++) is_listed |= best[l] == i;
            cr_assert(is_listed || !may_be[i] || n < k || scores[i] <= scores[best[n - 1]]);
        }
    }
}

Test(recommender, a_refund_takes_its_purchase_back_and_no_other)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct interaction rows[] = { { 0, 1, 1, 1, 10 }, { 0, 1, 1, 1, 20 }, { 0, 2, 1, 1, 20 }, { 0, 1, -1, 1, 30 },
                                  { 1, 1, -1, 1, 5 }, { 1, 1, 1, 1, 6 } };
    struct interactions shop;
    interactions_build(rows, 6, 2, 3, arena, &shop);
    cr_assert_eq(shop.n, 3);
    cr_assert(shop.rows[0].item == 1 && shop.rows[0].time_ms == 10 && shop.rows[1].item == 2);
    cr_assert(shop.rows[2].customer == 1 && shop.rows[2].time_ms == 6);
    arena_free(arena);
}

Test(recommender, somebody_with_100000_items_counts_with_the_latest_1000)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    enum { MANY = 100000 };
    struct interaction *rows = ARENA_ARRAY(arena, struct interaction, MANY);
    struct interactions shop;
    for (uint32_t i = 0; i < MANY; i++) rows[i] = (struct interaction){ 0, i, 1, 1, i };
    interactions_build(rows, MANY, 1, MANY, arena, &shop);
    struct sparse matrix = interactions_matrix(&shop, SATURATION_ONCE, arena);
    cr_assert_eq(matrix.first[1], INTERACTIONS_ITEMS_MOST);
    cr_assert_eq(matrix.column[0], MANY - INTERACTIONS_ITEMS_MOST);
    arena_free(arena);
}

/* Solved with a matrix of the few, or of the factors. */
Test(recommender, who_has_few_gets_the_same_vector_by_the_short_way)
{
    static struct factor_space space;
    EACH_CASE(c, 100) {
        enum { OTHERS = 40 };
        float items[OTHERS * FACTORS], gram[FACTORS * FACTORS] = { 0 }, diagonal[FACTORS], values[FACTOR_FEW];
        float vectors[2][FACTORS];
        uint32_t few[FACTOR_FEW];
        size_t n = rng_below(&c.rng, FACTOR_FEW + 1);
        for (size_t i = 0; i < OTHERS * FACTORS; i++) items[i] = (float)rng_uniform(&c.rng) - 0.5f;
        for (size_t f = 0; f < FACTORS; f++)
            gram[f * FACTORS + f] = diagonal[f] = (float)rng_uniform(&c.rng) * 10;
        for (uint32_t i = 0; i < n; i++) few[i] = i, values[i] = 0.5f + 2 * (float)rng_uniform(&c.rng);
        for (int way = 0; way < 2; way++) {
            struct factor_side side = { items, OTHERS, gram, 0.05f, way ? diagonal : NULL };
            factors_solve(&side, few, values, n, &space, vectors[way]);
        }
        for (size_t f = 0; f < FACTORS; f++) cr_assert(fabsf(vectors[0][f] - vectors[1][f]) < 1e-4f);
    }
}

/* Lists of a large shop are hundreds of megabytes for each family. */
Test(recommender, a_leaderboard_keeps_nothing_of_what_was_learned)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *kept = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct interactions shop = make_shop(&rng, arena), had, later;
    struct sparse words = make_words(arena);
    struct leaderboard board;
    struct err err;
    interactions_draw(&shop, 0.25, 1, arena, &later, &had);
    struct leaderboard_task task = { .had = &had, .later = &later, .words = &words, .question = RECOMMEND_NEW,
                                     .as_of_ms = INT64_C(86400000000), .share = 0.25, .k = 10, .seed = 1,
                                     .n_threads = 2 };
    ASSERT_OK(leaderboard_run(&task, kept, &board, &err), &err);
    cr_assert_geq(board.n, 6);
    cr_assert_lt(arena_bytes(kept), ITEMS * NEIGHBOURS_MOST * sizeof(float));
    struct recommender_source source = { &had, &words, INT64_C(86400000000), 1, 2, 0 };
    for (size_t m = 0; m < board.n; m++) {
        struct recommender again;
        recommender_refit(&board.leaders[m].recommender, &source, arena, &again);
        cr_assert_str_eq(again.name, board.leaders[m].name);
    }
    arena_free(kept);
    arena_free(arena);
}
