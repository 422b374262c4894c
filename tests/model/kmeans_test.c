/* k-means: iris against published optima, any thread count, refusals; silhouettes; Rand index. */
#include "support.h"

#include "model/kmeans.h"

enum { IRIS = 150 };

static const float *iris(struct arena *arena)
{
    const char *path = support_data("small/iris.csv");
    if (!path) return NULL;
    FILE *file = fopen(path, "r");
    float *values = ARENA_ARRAY(arena, float, IRIS * 4);
    char line[256];
    size_t n = 0;
    while (n < IRIS && fgets(line, sizeof line, file)) {
        float *row = values + n * 4;
        n += sscanf(line, "%f,%f,%f,%f", row, row + 1, row + 2, row + 3) == 4;
    }
    (void)fclose(file);
    cr_assert_eq(n, IRIS);
    return values;
}

Test(kmeans, iris_reaches_the_published_optima_and_silhouettes)
{
    static const double inertia[3] = { 152.3479517604, 78.8514414261, 57.228473 };
    static const double width[3] = { 0.6810461692, 0.5528190124, 0.4972 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const float *values = iris(arena);
    SKIP_WITHOUT(values);
    for (unsigned k = 2; k <= 4; k++) {
        struct kmeans fit;
        struct err err;
        ASSERT_OK(kmeans_fit(values, IRIS, 4, k, 20, 1, 2, arena, &fit, &err), &err);
        if (k < 4) ASSERT_NEAR(fit.inertia, inertia[k - 2], 1e-4);
        ASSERT_NEAR(silhouette(values, IRIS, 4, fit.label, k, 1, 2), width[k - 2], k < 4 ? 1e-6 : 2e-3);
        if (k == 2) cr_assert(fit.size[0] == 97 && fit.size[1] == 53);
        if (k == 3) cr_assert(fit.size[0] == 62 && fit.size[1] == 50 && fit.size[2] == 38);
    }
    arena_free(arena);
}

Test(kmeans, twenty_restarts_reach_the_iris_optimum_in_95_of_100_runs)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const float *values = iris(arena);
    SKIP_WITHOUT(values);
    unsigned n_reached = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct kmeans fit;
        struct err err;
        ASSERT_OK(kmeans_fit(values, IRIS, 4, 3, 20, seed, 2, arena, &fit, &err), &err);
        n_reached += fit.inertia < 78.8515;
    }
    cr_assert(n_reached >= 95, "%u of 100", n_reached);
    arena_free(arena);
}

static float *random_rows(struct rng *rng, size_t n, size_t d, struct arena *arena)
{
    float *values = ARENA_ARRAY(arena, float, n * d);
    for (size_t i = 0; i < n * d; i++) values[i] = (float)(rng_uniform(rng) + (double)(i / d % 3));
    return values;
}

Test(kmeans, the_result_is_a_fixed_point_and_does_not_depend_on_threads)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 25) {
        size_t n = 20 + rng_below(&c.rng, 200), d = 1 + rng_below(&c.rng, 5), total = 0;
        unsigned k = 1 + (unsigned)rng_below(&c.rng, 6);
        const float *values = random_rows(&c.rng, n, d, arena);
        struct kmeans one, many;
        struct err err;
        ASSERT_OK(kmeans_fit(values, n, d, k, 5, c.seed, 1, arena, &one, &err), &err);
        ASSERT_OK(kmeans_fit(values, n, d, k, 5, c.seed, 4, arena, &many, &err), &err);
        cr_assert_eq(one.inertia, many.inertia);
        cr_assert_eq(memcmp(one.label, many.label, n), 0);
        cr_assert_eq(memcmp(one.centres, many.centres, k * d * sizeof *one.centres), 0);
        for (size_t i = 0; i < n; i++) cr_assert_eq(kmeans_nearest(&one, values + i * d), one.label[i]);
        for (unsigned j = 0; j < k; j++) {
            total += one.size[j];
            cr_assert(one.size[j] > 0 && (j == 0 || one.size[j] <= one.size[j - 1]));
        }
        cr_assert_eq(total, n);
        arena_reset(arena);
    }
    arena_free(arena);
}

Test(kmeans, fewer_different_rows_than_clusters_are_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const float values[6] = { 1, 1, 1, 2, 2, 2 };
    struct kmeans fit;
    struct err err;
    ASSERT_FAILS(kmeans_fit(values, 6, 1, 3, 4, 1, 1, arena, &fit, &err), &err, ERR_INVALID,
                 "fewer than 3 rows differ");
    ASSERT_FAILS(kmeans_fit(values, 2, 1, 3, 4, 1, 1, arena, &fit, &err), &err, ERR_INVALID, "2 rows");
    ASSERT_OK(kmeans_fit(values, 6, 1, 2, 4, 1, 1, arena, &fit, &err), &err);
    cr_assert_eq(fit.inertia, 0);
    arena_free(arena);
}

Test(kmeans, the_adjusted_rand_index_is_one_for_renamed_labels_and_near_zero_by_chance)
{
    static uint8_t a[5000], renamed[5000], other[5000];
    EACH_CASE(c, 10) {
        for (int i = 0; i < 5000; i++) {
            a[i] = (uint8_t)rng_below(&c.rng, 4);
            renamed[i] = (uint8_t)(200 - a[i]);
            other[i] = (uint8_t)rng_below(&c.rng, 4);
        }
        ASSERT_NEAR(adjusted_rand_index(a, renamed, 5000), 1, 1e-12);
        ASSERT_NEAR(adjusted_rand_index(a, other, 5000), 0, .01);
    }
    /* scikit-learn's documentation: 0.57142857... */
    ASSERT_NEAR(adjusted_rand_index((const uint8_t[]){ 0, 0, 1, 2 }, (const uint8_t[]){ 0, 0, 1, 1 }, 4),
                0.5714285714, 1e-9);
}

/* Uniform squares of side 1 around five places: the mean square of a row's distance to its own is 2 / 12. */
Test(kmeans, of_very_many_rows_the_planted_groups_are_found)
{
    enum { MANY = 20001, PLACES = 5 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 3) {
        float *values = ARENA_ARRAY(arena, float, MANY * 2);
        struct kmeans fit;
        struct err err;
        for (size_t i = 0; i < MANY; i++) {
            size_t place = rng_below(&c.rng, PLACES);
            values[2 * i] = (float)(rng_uniform(&c.rng) + 4 * (double)place);
            values[2 * i + 1] = (float)(rng_uniform(&c.rng) + 6 * (double)(place % 2));
        }
        ASSERT_OK(kmeans_fit(values, MANY, 2, PLACES, 10, c.seed, 2, arena, &fit, &err), &err);
        ASSERT_NEAR(fit.inertia / MANY, 2.0 / 12, .005);
        for (size_t i = 0; i < MANY; i++) cr_assert_eq(kmeans_nearest(&fit, values + 2 * i), fit.label[i]);
        arena_reset(arena);
    }
    arena_free(arena);
}

Test(kmeans, rare_rows_among_very_many_make_a_cluster_of_their_own)
{
    enum { MANY = 20000 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    float *values = ARENA_ARRAY(arena, float, MANY);
    struct kmeans fit;
    struct err err;
    values[77] = 5, values[MANY - 1] = 9;
    for (uint64_t seed = 0; seed < 5; seed++) {
        ASSERT_OK(kmeans_fit(values, MANY, 1, 3, 4, seed, 2, arena, &fit, &err), &err);
        cr_assert_eq(fit.inertia, 0);
        cr_assert(fit.size[1] == 1 && fit.size[2] == 1);
    }
    ASSERT_FAILS(kmeans_fit(values, MANY, 1, 4, 4, 1, 1, arena, &fit, &err), &err, ERR_INVALID, "fewer than 4 rows");
    arena_free(arena);
}

Test(kmeans, silhouettes_of_several_labelings_are_those_of_each)
{
    enum { LABELINGS = 3 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 4) {
        size_t n = 30 + rng_below(&c.rng, 5000), d = 1 + rng_below(&c.rng, 4);
        const float *values = random_rows(&c.rng, n, d, arena);
        struct labeling labelings[LABELINGS];
        double together[LABELINGS];
        for (unsigned l = 0; l < LABELINGS; l++) {
            struct kmeans fit;
            struct err err;
            ASSERT_OK(kmeans_fit(values, n, d, l + 2, 3, c.seed, 2, arena, &fit, &err), &err);
            labelings[l] = (struct labeling){ fit.label, l + 2 };
        }
        silhouettes(values, n, d, labelings, LABELINGS, c.seed, 3, together);
        for (unsigned l = 0; l < LABELINGS; l++)
            cr_assert_eq(together[l], silhouette(values, n, d, labelings[l].label, l + 2, c.seed, 1));
        arena_reset(arena);
    }
    arena_free(arena);
}
