/* Selection: what is chosen, what is refused, and that neither threads nor the order of rows matter. */
#include "support.h"

#include "model/drivers.h"
#include "model/predictor.h"
#include "model/selection.h"

enum { COLUMNS = 5 };

static const char *const NAMES[COLUMNS] = { "recency_days", "orders", "spend", "noise", "tickets" };

/* Customers whose log-odds of leaving rise with recency, fall with the logarithm of spend, and jump when tickets
 * and few orders come together (a step that no line can follow). */
static struct sample simulate(struct arena *arena, size_t n, uint64_t seed, double signal)
{
    float *values = ARENA_ARRAY(arena, float, n * COLUMNS), *labels = ARENA_ARRAY(arena, float, n);
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, n);
    struct rng rng = rng_new(seed);
    for (size_t i = 0; i < n; i++) {
        float *row = values + i * COLUMNS;
        row[0] = (float)(-40 * log(rng_uniform(&rng)));
        row[1] = (float)rng_below(&rng, 12);
        row[2] = (float)exp(3 + 1.2 * (rng_uniform(&rng) + rng_uniform(&rng) + rng_uniform(&rng) - 1.5));
        row[3] = (float)rng_uniform(&rng);
        row[4] = rng_uniform(&rng) < 0.2 ? NAN : (float)rng_below(&rng, 4);
        bool is_angry = row[4] >= 2 && row[1] < 4;
        double odds = signal * (0.03 * ((double)row[0] - 40) - 0.8 * (log((double)row[2]) - 3) + (is_angry ? 2.5 : -0.4));
        labels[i] = rng_uniform(&rng) < 1 / (1 + exp(-odds)) ? 1 : 0;
        group[i] = (uint32_t)(seed * 1000000 + i);
    }
    return (struct sample){ .values = values, .n_rows = n, .n_columns = COLUMNS, .labels = labels, .group = group,
                            .names = NAMES };
}

Test(selection, smoke)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = { .train = simulate(arena, 3000, 1, 1), .test = simulate(arena, 1500, 2, 1),
                                         .rule = "recency_days", .seed = 5, .n_threads = 2, .n_bootstrap = 200 };
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    for (size_t e = 0; e < s.n_entries; e++)
        fprintf(stderr, "%-22s %-45s auc %.4f (%.4f %.4f) brier %.4f ece %.4f f1 %.3f%s %s\n", s.entries[e].name, s.entries[e].settings,
                s.entries[e].metrics[METRIC_AUC].value, s.entries[e].metrics[METRIC_AUC].low, s.entries[e].metrics[METRIC_AUC].high,
                s.entries[e].metrics[METRIC_BRIER].value, s.entries[e].metrics[METRIC_ECE].value, s.entries[e].metrics[METRIC_F1].value,
                s.entries[e].is_chosen ? " *" : "", s.entries[e].refused ? s.entries[e].refused : "");
    fprintf(stderr, "%s\n", s.sentence);
    arena_free(arena);
}
