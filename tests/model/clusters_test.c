/* Clusters: planted groups are found and described, noise is refused, missing values are harmless. */
#include "support.h"

#include "model/clusters.h"
#include "model/kmeans.h"

static double normal(struct rng *rng)
{
    return sqrt(-2 * log(rng_uniform(rng))) * cos(6.283185307179586 * rng_uniform(rng));
}

enum { ROWS = 480, COLUMNS = 4 };
static const char *const names[COLUMNS] = { "orders", "days since the last order", "Contract = Two year",
                                            "constant" };

/* Three groups by orders, recency and contract; group 0 largest. */
static void plant(float *values, uint8_t *group, struct rng *rng)
{
    static const double orders[3] = { 2, 30, 6 }, recency[3] = { 300, 5, 100 }, contract[3] = { .02, .97, .03 };
    for (int i = 0; i < ROWS; i++) {
        unsigned g = i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2;
        float *row = values + i * COLUMNS;
        group[i] = (uint8_t)g;
        row[0] = (float)(orders[g] * exp(.15 * normal(rng)));
        row[1] = (float)(recency[g] * exp(.15 * normal(rng)));
        row[2] = rng_uniform(rng) < contract[g] ? 1 : 0;
        row[3] = 7;
    }
}

Test(clusters, planted_groups_are_found_and_said_in_words)
{
    static float values[ROWS * COLUMNS];
    static uint8_t group[ROWS];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 2) {
        struct clusters found, again;
        struct err err;
        plant(values, group, &c.rng);
        struct cluster_request request = { values, ROWS, COLUMNS, names, NULL, NULL, 0, 1, 1 };
        ASSERT_OK(clusters_fit(&request, arena, &found, &err), &err);
        cr_assert_eq(found.k, 3, "k is %u", found.k);
        cr_assert(found.silhouette > .5 && found.stability > .95);
        cr_assert(adjusted_rand_index(found.label, group, ROWS) > .97);
        ASSERT_NEAR(found.rows[0].customers, 240, 8);
        cr_assert(strstr(found.rows[0].description, "orders typically 2"), "%s", found.rows[0].description);
        cr_assert(strstr(found.rows[1].description, "Contract = Two year: 9"), "%s", found.rows[1].description);
        cr_assert(strstr(found.rows[1].name, "high") || strstr(found.rows[1].name, "mostly"), "%s",
                  found.rows[1].name);
        request.n_threads = 3;
        ASSERT_OK(clusters_fit(&request, arena, &again, &err), &err);
        cr_assert_eq(memcmp(found.label, again.label, ROWS), 0, "threads changed the clusters");
    }
    arena_free(arena);
}

Test(clusters, missing_values_do_not_spread)
{
    static float values[ROWS * COLUMNS];
    static uint8_t group[ROWS];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(4);
    struct clusters found;
    struct err err;
    plant(values, group, &rng);
    for (int i = 0; i < ROWS; i += 11) values[i * COLUMNS + i % 3] = (double)NAN;
    struct cluster_request request = { values, ROWS, COLUMNS, names, NULL, NULL, 0, 1, 2 };
    ASSERT_OK(clusters_fit(&request, arena, &found, &err), &err);
    cr_assert(adjusted_rand_index(found.label, group, ROWS) > .8);
    arena_free(arena);
}

Test(clusters, structureless_data_gets_no_clusters_and_hopeless_data_is_refused)
{
    static float values[ROWS * COLUMNS];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct clusters found;
    struct err err;
    for (int i = 0; i < ROWS * COLUMNS; i++) values[i] = (float)normal(&rng);
    struct cluster_request request = { values, ROWS, COLUMNS, names, NULL, NULL, 0, 1, 2 };
    ASSERT_OK(clusters_fit(&request, arena, &found, &err), &err);
    cr_assert_eq(found.k, 0, "a single cloud was cut into %u", found.k);
    cr_assert(strstr(found.refusal, "drawn again"));
    json_t *json = clusters_json(&found, NULL, NULL);
    cr_assert(json_is_null(json_object_get(json, "silhouette")));
    json_decref(json);
    for (int i = 0; i < ROWS * COLUMNS; i++) values[i] = 3;
    ASSERT_FAILS(clusters_fit(&request, arena, &found, &err), &err, ERR_REFUSED, "no column varies");
    request.n_rows = 20;
    ASSERT_FAILS(clusters_fit(&request, arena, &found, &err), &err, ERR_REFUSED, "20 rows are too few");
    arena_free(arena);
}
