/* recommend_bench.c - recommenders beside the dense products and inverses that they cannot do without: EASE beside
 * the bare inverse, an iteration of ALS beside its products, everybody's ten items beside one product of all. On
 * one thread, so that the processor's time is what it takes where nobody else works. */
#include "bench.h"

#include "base/memory.h"
#include "base/rng.h"
#include "math/dense.h"
#include "recommend/recommender.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CUSTOMERS = 20000, ITEMS = 6000, OWN = 60, EPOCHS = 12, AT_ONCE = 64, LISTED = 4096,
       WIDE_ITEMS = 30000 };

struct job {
    struct arena              *arena, *scratch;
    struct interactions        had;
    struct recommender_source  source;
    struct recommender         als, wide;
    float                     *square, *scores, *rows, *product;
    uint32_t                   best[10];
};

static void make_shop(struct job *job)
{
    struct rng rng = rng_new(7);
    struct interaction *rows = ARENA_ARRAY(job->arena, struct interaction, (size_t)CUSTOMERS * OWN);
    size_t n = 0;
    for (uint32_t c = 0; c < CUSTOMERS; c++)
        for (int i = 0; i < OWN; i++) {
            uint32_t item = (uint32_t)(rng_uniform(&rng) * rng_uniform(&rng) * ITEMS);
            rows[n++] = (struct interaction){ c, item, 1, 1, i };
        }
    interactions_build(rows, n, CUSTOMERS, ITEMS, job->arena, &job->had);
    job->source = (struct recommender_source){ .had = &job->had, .as_of_ms = OWN, .seed = 1, .n_threads = 1 };
}

static void empty(void *context)
{
    struct job *job = context;
    arena_reset(job->scratch);
}

static void run_ease(void *context)
{
    struct job *job = context;
    struct recommender ease;
    if (!ease_fit(&job->source, SATURATION_ONCE, 500, job->scratch, &ease)) abort();
}

/* Something positive definite. */
static void fill_square(void *context)
{
    struct job *job = context;
    struct rng rng = rng_new(9);
    for (size_t i = 0; i < (size_t)ITEMS * ITEMS; i++) job->square[i] = (float)rng_uniform(&rng);
    for (size_t i = 0; i < ITEMS; i++) job->square[i * ITEMS + i] += ITEMS;
}

static void run_inverse(void *context)
{
    struct job *job = context;
    if (!dense_invert(job->square, ITEMS)) abort();
}

static void run_als(void *context)
{
    struct job *job = context;
    als_fit(&job->source, SATURATION_ONCE, 0.01, job->scratch, &job->als);
}

/* What an iteration multiplies: of every row of both sides its factors by themselves, and each side's by itself.
 */
static void run_products(void *context)
{
    struct job *job = context;
    size_t n_of_item = (size_t)CUSTOMERS * OWN / ITEMS;
    for (size_t c = 0; c < CUSTOMERS; c++)
        dense_products(job->rows, FACTORS, job->rows, FACTORS, OWN, job->product);
    for (size_t i = 0; i < ITEMS; i++)
        dense_products(job->rows, FACTORS, job->rows, FACTORS, n_of_item, job->product);
    dense_products(job->rows, FACTORS, job->rows, FACTORS, CUSTOMERS, job->product);
    dense_products(job->rows, FACTORS, job->rows, FACTORS, ITEMS, job->product);
}

/* Factors of a catalogue of 30,000 items. */
static void make_wide(struct job *job)
{
    struct rng rng = rng_new(5);
    struct recommender *wide = &job->wide;
    *wide = (struct recommender){ .form = FORM_ALS, .n_items = WIDE_ITEMS };
    wide->popularity = ARENA_ARRAY(job->arena, float, WIDE_ITEMS);
    wide->factors.item = ARENA_ARRAY(job->arena, float, (size_t)WIDE_ITEMS * FACTORS);
    wide->factors.gram = ARENA_ARRAY(job->arena, float, (size_t)FACTORS * FACTORS);
    for (size_t i = 0; i < (size_t)WIDE_ITEMS * FACTORS; i++)
        wide->factors.item[i] = (float)rng_uniform(&rng) - 0.5f;
    for (size_t f = 0; f < FACTORS; f++) wide->factors.gram[f * FACTORS + f] = 100;
}

static void run_lists(void *context)
{
    struct job *job = context;
    struct own own[AT_ONCE];
    for (size_t from = 0; from < LISTED; from += AT_ONCE) {
        for (size_t c = 0; c < AT_ONCE; c++)
            own[c] = (struct own){ job->had.rows + job->had.first[from + c],
                                   job->had.first[from + c + 1] - job->had.first[from + c], OWN };
        recommender_score(&job->wide, own, AT_ONCE, job->scores);
        for (size_t c = 0; c < AT_ONCE; c++)
            (void)best_items(job->scores + c * WIDE_ITEMS, NULL, WIDE_ITEMS, 10, job->best);
    }
}

static void run_one_product(void *context)
{
    struct job *job = context;
    for (size_t from = 0; from < LISTED; from += AT_ONCE)
        dense_products(job->rows + from * FACTORS, AT_ONCE, job->wide.factors.item, WIDE_ITEMS, FACTORS,
                       job->scores);
}

int main(void)
{
    struct job *job = memory_new(1, sizeof *job);
    struct rng rng = rng_new(3);
    job->arena = arena_new(ARENA_NO_LIMIT), job->scratch = arena_new(ARENA_NO_LIMIT);
    make_shop(job);
    make_wide(job);
    job->square = memory_new((size_t)ITEMS * ITEMS, sizeof(float));
    job->scores = memory_new((size_t)AT_ONCE * WIDE_ITEMS, sizeof(float));
    job->rows = memory_new((size_t)CUSTOMERS * FACTORS, sizeof(float));
    job->product = memory_new((size_t)FACTORS * FACTORS, sizeof(float));
    for (size_t i = 0; i < (size_t)CUSTOMERS * FACTORS; i++) job->rows[i] = (float)rng_uniform(&rng);
    bench_record(&(struct bench){ .name = "EASE of 6,000 items",
                                  .unit = "s",
                                  .budget = 1 / 1.5,
                                  .peer = "spotrf + spotri of that size",
                                  .ours = bench_took(3, empty, run_ease, job).cpu,
                                  .theirs = bench_took(3, fill_square, run_inverse, job).cpu });
    bench_record(&(struct bench){ .name = "an iteration of ALS, 64 factors", .unit = "s", .budget = 1 / 2.0,
                                  .peer = "its products through sgemm",
                                  .ours = bench_took(3, empty, run_als, job).cpu / EPOCHS,
                                  .theirs = bench_took(3, NULL, run_products, job).cpu });
    bench_record(&(struct bench){ .name = "ten of 30,000 items for each customer", .unit = "s", .budget = 1 / 2.0,
                                  .peer = "one sgemm of all", .ours = bench_took(3, NULL, run_lists, job).cpu,
                                  .theirs = bench_took(3, NULL, run_one_product, job).cpu });
    free(job->square), free(job->scores), free(job->rows), free(job->product);
    arena_free(job->scratch);
    arena_free(job->arena);
    free(job);
    return 0;
}
