/* Values in bins, and trees grown on them beside a search of every split by hand. */
#include "model_samples.h"

#include "model/grow.h"
#include "model/learner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Random rows of which some values are missing and many are equal. */
static struct sample random_sample(struct rng *rng, size_t n, size_t n_columns, struct arena *arena)
{
    float *values = ARENA_ARRAY(arena, float, n * n_columns), *labels = ARENA_ARRAY(arena, float, n);
    for (size_t i = 0; i < n * n_columns; i++) {
        bool is_missing = rng_below(rng, 6) == 0, is_coarse = i % n_columns % 2 == 0;
        values[i] = is_missing ? NAN : is_coarse ? (float)rng_below(rng, 4) : (float)(rng_uniform(rng) - 0.5);
    }
    for (size_t i = 0; i < n; i++) labels[i] = (float)rng_below(rng, 2);
    return (struct sample){ .values = values, .n_rows = n, .n_columns = n_columns, .labels = labels };
}

Test(grow, every_value_lies_between_the_cuts_of_its_bin)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sample sample = random_sample(&c.rng, 2 + rng_below(&c.rng, 600), 4, arena);
        struct bins *bins = bins_new(&sample, 2, arena);
        for (size_t i = 0; i < sample.n_rows * 4; i++) {
            const float *cuts = bins->cuts + i % 4 * BINS_MOST;
            float value = sample.values[i];
            uint8_t bin = bins->bin[i];
            cr_assert_eq(bin == 0, isnan(value));
            if (bin == 0) continue;
            cr_assert_lt(bin, bins->n_bins[i % 4]);
            cr_assert(bin == 1 || value >= cuts[bin - 1]);
            cr_assert_lt(value, cuts[bin]);
        }
        arena_free(arena);
    }
}

static struct gradient *gradients_of(const struct sample *sample, struct arena *arena)
{
    struct gradient *gradients = ARENA_ARRAY(arena, struct gradient, sample->n_rows);
    for (size_t i = 0; i < sample->n_rows; i++) gradients[i] = (struct gradient){ 0.4F - sample->labels[i], 0.24F };
    return gradients;
}

static double score_of(double first, double second) { return first * first / (second + 1); }

static bool goes_left(float value, float threshold, bool is_missing_left)
{
    return isnan(value) ? is_missing_left : value < threshold;
}

/* What a split saves, by definition; 0 where a side is too light. */
static double saved(const struct sample *sample, const struct gradient *gradients, size_t column, float threshold,
                    bool is_missing_left)
{
    double first[2] = { 0 }, second[2] = { 0 };
    for (size_t i = 0; i < sample->n_rows; i++) {
        bool side = goes_left(sample->values[i * sample->n_columns + column], threshold, is_missing_left);
        first[side] += (double)gradients[i].first, second[side] += (double)gradients[i].second;
    }
    if (second[0] < 2 || second[1] < 2) return 0;
    return score_of(first[0], second[0]) + score_of(first[1], second[1]) -
           score_of(first[0] + first[1], second[0] + second[1]);
}

Test(grow, the_first_split_saves_as_much_as_any_split_at_a_value)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sample sample = random_sample(&c.rng, 60, 3, arena);
        struct grow_options options = { .depth = 1, .learning_rate = 1, .min_weight = 2, .row_share = 1,
                                        .tree_column_share = 1, .node_column_share = 1 };
        struct gradient *gradients = gradients_of(&sample, arena);
        struct tree_node nodes[3];
        uint32_t n = grow_tree(grower_new(bins_new(&sample, 1, arena), &options, arena), gradients, c.rng, nodes);
        double best = 0;
        for (size_t i = 0; i < sample.n_rows * 3; i++)
            for (int is_left = 0; is_left < 2; is_left++)
                if (!isnan(sample.values[i]))
                    best = fmax(best, saved(&sample, gradients, i % 3, sample.values[i], is_left));
        cr_assert_eq(n, best > 1e-6 ? 3 : 1);
        if (n == 3)
            cr_assert_geq(saved(&sample, gradients, nodes[0].column, nodes[0].value, nodes[0].is_missing_left),
                          best - 1e-6);
        arena_free(arena);
    }
}

/* Sums of a leaf's rows give its value and cover, at any depth and with the histograms of siblings subtracted. */
Test(grow, every_leaf_says_what_the_rows_that_reach_it_say)
{
    EACH_CASE(c, 20) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sample sample = random_sample(&c.rng, 500, 5, arena);
        struct grow_options options = { .depth = 6, .learning_rate = 1, .min_weight = 1, .row_share = 1,
                                        .tree_column_share = 1,
                                        .node_column_share = rng_below(&c.rng, 2) ? 1 : 0.5 };
        struct gradient *gradients = gradients_of(&sample, arena);
        struct grower *grower = grower_new(bins_new(&sample, 1, arena), &options, arena);
        struct tree_node *nodes = ARENA_ARRAY(arena, struct tree_node, grow_nodes_most(6));
        uint32_t n = grow_tree(grower, gradients, c.rng, nodes);
        double *first = ARENA_ARRAY(arena, double, n), *second = ARENA_ARRAY(arena, double, n);
        float *scores = ARENA_ARRAY(arena, float, sample.n_rows);
        grow_add_leaves(grower, nodes, scores);
        for (size_t i = 0; i < sample.n_rows; i++) {
            uint32_t at = 0;
            while (!nodes[at].is_leaf)
                at = goes_left(sample.values[i * 5 + nodes[at].column], nodes[at].value, nodes[at].is_missing_left)
                   ? at + 1 : nodes[at].right;
            cr_assert_eq(scores[i], nodes[at].value);
            first[at] += (double)gradients[i].first, second[at] += (double)gradients[i].second;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (!nodes[i].is_leaf) continue;
            cr_assert_float_eq((double)nodes[i].cover, second[i], 1e-3);
            cr_assert_float_eq((double)nodes[i].value, -first[i] / (second[i] + 1), 1e-3);
        }
        arena_free(arena);
    }
}

/* Gradients become whole numbers: a few may be a million times the others, and all of any size. */
Test(grow, sums_of_gradients_of_any_size_neither_overflow_nor_lose_what_counts)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sample sample = random_sample(&c.rng, 1 + rng_below(&c.rng, 3000), 3, arena);
        struct grow_options options = { .depth = 2, .learning_rate = 1, .min_weight = 0, .row_share = 1,
                                        .tree_column_share = 1, .node_column_share = 1 };
        struct gradient *gradients = gradients_of(&sample, arena);
        double size = pow(10, (double)rng_below(&c.rng, 21) - 10), first[7] = { 0 }, second[7] = { 0 }, all = 0, weight = 0;
        for (size_t i = 0; i < sample.n_rows; i++) {
            double tail = exp(14 * rng_uniform(&c.rng)), sign = rng_below(&c.rng, 4) ? 1 : -1;
            gradients[i] = (struct gradient){ (float)(sign * size * tail), (float)(tail / 100) };
            all += size * tail, weight += tail / 100;
        }
        struct grower *grower = grower_new(bins_new(&sample, 1, arena), &options, arena);
        struct tree_node nodes[7];
        uint32_t n = grow_tree(grower, gradients, c.rng, nodes);
        for (size_t i = 0; i < sample.n_rows; i++) {
            uint32_t at = 0;
            while (!nodes[at].is_leaf)
                at = goes_left(sample.values[i * 3 + nodes[at].column], nodes[at].value, nodes[at].is_missing_left)
                   ? at + 1 : nodes[at].right;
            first[at] += (double)gradients[i].first, second[at] += (double)gradients[i].second;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (!nodes[i].is_leaf) continue;
            cr_assert_float_eq((double)nodes[i].cover, second[i], 1e-5 * weight);
            cr_assert_float_eq((double)nodes[i].value * ((double)nodes[i].cover + 1), -first[i], 1e-5 * all);
        }
        arena_free(arena);
    }
}

Test(grow, forest_and_boosting_are_the_same_on_any_number_of_threads)
{
    const struct learner *const both[] = { &learner_forest, &learner_boosting };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct sample sample = random_sample(&rng, 40000, 6, arena);
    for (int i = 0; i < 2; i++) {
        double *scores[2];
        for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
            struct fitted *fitted;
            struct err err = { 0 };
            struct learner_settings settings = both[i]->grid[0];
            settings.learner = both[i], settings.n_trees = 5, settings.is_trial = true;
            ASSERT_OK(both[i]->fit(&settings, &sample, n_threads, arena, &fitted, &err), &err);
            scores[n_threads - 1] = ARENA_ARRAY(arena, double, sample.n_rows);
            both[i]->predict(fitted, sample.values, sample.n_rows, 1, scores[n_threads - 1]);
        }
        cr_assert_arr_eq(scores[0], scores[1], sample.n_rows * sizeof(double));
    }
    arena_free(arena);
}

Test(grow, a_sample_of_places_gives_the_model_of_the_rows_themselves)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(6);
    struct sample whole = random_sample(&rng, 900, 4, arena), copied = whole, listed = whole;
    uint32_t *places = ARENA_ARRAY(arena, uint32_t, 450);
    float *values = ARENA_ARRAY(arena, float, 450 * 4), *labels = ARENA_ARRAY(arena, float, 450);
    for (uint32_t i = 0; i < 450; i++) {
        places[i] = 2 * i + 1;
        memcpy(values + i * 4, whole.values + places[i] * 4, 4 * sizeof *values);
        labels[i] = whole.labels[places[i]];
    }
    copied.values = values, copied.labels = listed.labels = labels, copied.n_rows = listed.n_rows = 450;
    listed.places = places;
    for (size_t l = 0; l < n_learners; l++) {
        if (!learners[l]->is_for_yes_no || learners[l] == &learner_rule) continue;
        struct learner_settings settings = learners[l]->grid[0];
        struct fitted *fitted[2];
        struct err err = { 0 };
        double scores[2][450];
        settings.learner = learners[l];
        ASSERT_OK(learners[l]->fit(&settings, &copied, 1, arena, &fitted[0], &err), &err);
        ASSERT_OK(learners[l]->fit(&settings, &listed, 1, arena, &fitted[1], &err), &err);
        learner_predict(fitted[0], &copied, 1, scores[0]);
        learner_predict(fitted[1], &listed, 2, scores[1]);
        cr_assert_arr_eq(scores[0], scores[1], sizeof scores[0], "%s", learners[l]->name);
    }
    arena_free(arena);
}
