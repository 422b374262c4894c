/* Selection: what is chosen, what is refused, and that neither threads nor the order of rows matter. */
#include "model_samples.h"

#include "model/learner.h"
#include "model/search.h"
#include "model/selection.h"
#include "model/split.h"

#include <string.h>

static struct selection_request shop_request(struct arena *arena, size_t n, double signal)
{
    return (struct selection_request){ .train = samples_shop(arena, n, 1, signal),
                                       .test = samples_shop(arena, n, 2, signal),
                                       .rule = "recency_days",
                                       .seed = 5,
                                       .n_threads = 2,
                                       .n_bootstrap = 200 };
}

/* A clock by which every search is over before it begins: each learner is then fitted once, with middling
 * settings. */
static double impatient_clock(void)
{
    static _Atomic int calls;
    return calls++;
}

static struct selection_request without_search(struct selection_request request)
{
    request.search_seconds = 0.5;
    request.now_seconds = impatient_clock;
    return request;
}

static const struct leaderboard_entry *entry_of(const struct selection *selection, const char *name)
{
    for (size_t e = 0; e < selection->n_entries; e++)
        if (strcmp(selection->entries[e].name, name) == 0) return &selection->entries[e];
    cr_assert_fail("no entry %s", name);
    return NULL;
}

Test(selection, trees_win_where_the_truth_has_a_step)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 2500, 1));
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    cr_assert_eq(s.n_entries, 6);
    cr_assert_str_eq(s.entries[0].name, "constant");
    cr_assert_str_eq(s.validation, "held-out time");
    const char *chosen = s.entries[s.chosen].name;
    cr_assert(strcmp(chosen, "random forest") == 0 || strcmp(chosen, "boosting") == 0, "%s", chosen);
    double auc = selection_metric(&s, s.chosen, METRIC_AUC).value;
    cr_assert(auc > 0.76 && auc < 0.85, "AUC %g; the truth itself has about 0.81", auc);
    cr_assert(s.entries[s.chosen].over_rule.low > 0.03);
    cr_assert(selection_metric(&s, s.chosen, METRIC_ECE).value < 0.05);
    const struct leaderboard_entry *rule = entry_of(&s, "rule: recency_days");
    ASSERT_NEAR(rule->metrics[METRIC_AUC].value, 0.70, 0.03);
    cr_assert(strstr(s.sentence, chosen));
    cr_assert_eq(s.n_held_out, 2500);
    arena_free(arena);
}

/* The truth is a line in one feature, so that nothing can be better than the simplest model. */
Test(selection, the_rule_is_kept_where_nothing_beats_it)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 1500, 1));
    float *labels[2] = { ARENA_ARRAY(arena, float, 1500), ARENA_ARRAY(arena, float, 1500) };
    struct rng rng = rng_new(8);
    for (int side = 0; side < 2; side++) {
        struct sample *sample = side ? &request.test : &request.train;
        for (size_t i = 0; i < 1500; i++) {
            double odds = 0.05 * ((double)sample->values[i * SHOP_COLUMNS] - 40);
            labels[side][i] = rng_uniform(&rng) < 1 / (1 + exp(-odds)) ? 1 : 0;
        }
        sample->labels = labels[side];
    }
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    cr_assert_str_eq(s.entries[s.chosen].name, "rule: recency_days", "%s", s.sentence);
    const struct leaderboard_entry *boosting = entry_of(&s, "boosting");
    cr_assert(boosting->refused && strstr(boosting->refused, "does not beat rule: recency_days"));
    arena_free(arena);
}

/* A truth that is a line in two features. */
static struct selection_request line_request(struct arena *arena, size_t n, uint64_t seed)
{
    struct selection_request request = without_search(shop_request(arena, n, 1));
    struct rng rng = rng_new(seed);
    for (int side = 0; side < 2; side++) {
        struct sample *sample = side ? &request.test : &request.train;
        float *labels = ARENA_ARRAY(arena, float, n);
        for (size_t i = 0; i < n; i++) {
            const float *row = sample->values + i * SHOP_COLUMNS;
            double odds = 0.04 * ((double)row[0] - 40) - (log((double)row[2]) - 3);
            labels[i] = rng_uniform(&rng) < 1 / (1 + exp(-odds)) ? 1 : 0;
        }
        sample->labels = labels;
    }
    request.seed = seed;
    return request;
}

/* What is more complicated may be ahead by chance, and is not chosen for it. */
Test(selection, the_simplest_within_noise_of_the_best_is_chosen)
{
    size_t n_ahead = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct selection_request request = line_request(arena, 3000, seed);
        struct selection s;
        struct err err = { 0 };
        ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
        cr_assert_str_eq(s.entries[s.chosen].name, "logistic L1", "%s", s.sentence);
        for (size_t e = s.chosen + 1; e < s.n_entries; e++)
            n_ahead += s.entries[e].metrics[METRIC_AUC].value > s.entries[s.chosen].metrics[METRIC_AUC].value;
        arena_free(arena);
    }
    cr_assert(n_ahead > 0, "nothing was ahead of the simplest, so nothing was tried");
}

/* A standard error of 0.01 is no reason to lose 0.008: trees are ahead by more than is given away. */
Test(selection, a_simpler_model_may_not_cost_what_is_worth_having)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct selection_request request = line_request(arena, 800, seed);
        struct selection s;
        struct err err = { 0 };
        ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
        double best = 0, chosen = metric_compute(METRIC_AUC, request.test.labels, s.predicted, s.n_held_out, 0.5);
        for (size_t e = 0; e < s.n_entries; e++)
            if (e != s.chosen && !s.entries[e].refused) best = fmax(best, s.entries[e].metrics[METRIC_AUC].value);
        cr_assert(best - chosen <= 0.002 + 1e-9, "%g behind: %s", best - chosen, s.sentence);
    }
    arena_free(arena);
}

Test(selection, pure_chance_leaves_the_constant)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 800, 0));
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    cr_assert_str_eq(s.entries[s.chosen].name, "constant", "%s", s.sentence);
    cr_assert(strstr(s.sentence, "nothing tells customers apart"));
    arena_free(arena);
}

static void assert_equal(const struct selection *a, const struct selection *b)
{
    cr_assert_eq(a->chosen, b->chosen);
    cr_assert_str_eq(a->sentence, b->sentence);
    cr_assert_eq(a->n_judged, b->n_judged);
    cr_assert_arr_eq(a->predicted, b->predicted, a->n_held_out * sizeof(double));
    for (size_t e = 0; e < a->n_entries; e++) {
        cr_assert_str_eq(a->entries[e].settings, b->entries[e].settings);
        cr_assert_arr_eq(a->entries[e].metrics, b->entries[e].metrics, sizeof a->entries[e].metrics);
    }
}

Test(selection, the_same_seed_gives_the_same_selection_with_one_thread_and_two)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 500, 1));
    struct selection one, two;
    struct err err = { 0 };
    request.n_threads = 1;
    ASSERT_OK(selection_run(&request, arena, &one, &err), &err);
    request.n_threads = 2;
    ASSERT_OK(selection_run(&request, arena, &two, &err), &err);
    assert_equal(&one, &two);
    arena_free(arena);
}

Test(selection, judged_rows_may_come_in_any_order)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 600, 1)), shuffled = request;
    uint32_t order[600];
    struct rng rng = rng_new(1);
    for (uint32_t i = 0; i < 600; i++) order[i] = i;
    rng_shuffle(&rng, order, 600);
    shuffled.test = split_take(&request.test, order, 600, arena);
    struct selection a, b;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &a, &err), &err);
    ASSERT_OK(selection_run(&shuffled, arena, &b, &err), &err);
    cr_assert_eq(a.chosen, b.chosen);
    for (size_t i = 0; i < 600; i++) cr_assert_eq(b.predicted[i], a.predicted[order[i]]);
    for (size_t e = 0; e < a.n_entries; e++) {
        ASSERT_NEAR(a.entries[e].metrics[METRIC_AUC].value, b.entries[e].metrics[METRIC_AUC].value, 1e-12);
        ASSERT_NEAR(a.entries[e].metrics[METRIC_BRIER].low, b.entries[e].metrics[METRIC_BRIER].low, 1e-12);
    }
    arena_free(arena);
}

/* Two learners that are as good as each other: which one two thirds choose depends on chance, and so the figures are
 * not always those of the one that all choose; where all thirds agree they are. */
Test(selection, the_figures_come_from_customers_that_did_not_choose_the_model)
{
    size_t n_mixed = 0, n_same = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct selection_request request = line_request(arena, 500, seed);
        struct selection s;
        struct err err = { 0 };
        ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
        cr_assert_eq(s.n_judged, 500);
        double flattering = metric_compute(METRIC_AUC, request.test.labels, s.predicted, 500, 0.5);
        double told = selection_metric(&s, s.chosen, METRIC_AUC).value;
        if (fabs(told - flattering) < 1e-12) n_same++;
        else n_mixed++;
        size_t n = 0;
        for (size_t b = 0; b < s.n_bins; b++) n += s.bins[b].n;
        cr_assert_eq(n, 500);
        cr_assert(strstr(s.sentence, "by what the other two thirds choose"), "%s", s.sentence);
        arena_free(arena);
    }
    cr_assert(n_mixed > 0 && n_same > 0, "%zu mixed, %zu the same", n_mixed, n_same);
}

Test(selection, what_says_the_same_of_everybody_ranks_nobody)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_stream(4, 1);
    size_t n_constant = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct selection_request request = line_request(arena, 400, seed);
        float *labels = ARENA_ARRAY(arena, float, request.test.n_rows);
        for (size_t i = 0; i < request.test.n_rows; i++) labels[i] = (float)(rng_below(&rng, 2));
        request.test.labels = labels;               /* nothing tells them apart */
        struct selection s;
        struct err err = { 0 };
        ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
        if (s.chosen != 0) continue;
        n_constant++;
        ASSERT_NEAR(selection_metric(&s, 0, METRIC_AUC).value, 0.5, 1e-12);
        cr_assert(!strstr(s.sentence, "its figures in the table are of"), "%s", s.sentence);
    }
    cr_assert(n_constant > 0);
    arena_free(arena);
}

Test(selection, too_little_data_is_refused_and_says_how_much_is_needed)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = shop_request(arena, 60, 1);
    struct selection s;
    struct err err = { 0 };
    ASSERT_FAILS(selection_run(&request, arena, &s, &err), &err, ERR_REFUSED, "it takes at least 50 of each");
    request.target = TARGET_AMOUNT;
    ASSERT_FAILS(selection_run(&request, arena, &s, &err), &err, ERR_REFUSED, "at least 100, with 50 above 0");
    arena_free(arena);
}

Test(selection, labels_that_are_all_the_same_are_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = shop_request(arena, 500, 1);
    struct selection s;
    struct err err = { 0 };
    request.train.labels = ARENA_ARRAY(arena, float, 500);
    ASSERT_FAILS(selection_run(&request, arena, &s, &err), &err, ERR_REFUSED,
                 "all 500 labels to learn from are no");
    arena_free(arena);
}

Test(selection, a_label_that_is_no_label_and_an_unknown_rule_are_invalid)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = shop_request(arena, 500, 1);
    struct selection s;
    struct err err = { 0 };
    float *labels = ARENA_ARRAY(arena, float, 500);
    memcpy(labels, request.train.labels, 500 * sizeof *labels);
    labels[7] = 2;
    const float *kept = request.train.labels;
    request.train.labels = labels;
    ASSERT_FAILS(selection_run(&request, arena, &s, &err), &err, ERR_INVALID, "label 7 is 2");
    request.train.labels = kept;
    request.rule = "no_such_feature";
    ASSERT_FAILS(selection_run(&request, arena, &s, &err), &err, ERR_INVALID,
                 "there is no feature \"no_such_feature\"");
    arena_free(arena);
}

Test(selection, a_time_limit_stops_the_search_and_is_said)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = without_search(shop_request(arena, 400, 1));
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    cr_assert(strstr(s.sentence, "stopped by its time limit"), "%s", s.sentence);
    arena_free(arena);
}

Test(selection, amounts_are_predicted_better_than_by_the_rule)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct selection_request request = { .target = TARGET_AMOUNT, .train = samples_spend(arena, 2000, 1),
                                         .test = samples_spend(arena, 1500, 2), .rule = "recency_days", .seed = 5,
                                         .n_threads = 2, .n_bootstrap = 200 };
    request = without_search(request);
    struct selection s;
    struct err err = { 0 };
    double predicted = 0, observed = 0;
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    cr_assert_str_eq(s.entries[s.chosen].name, "boosting", "%s", s.sentence);
    cr_assert(s.entries[s.chosen].over_rule.low > 0.1);
    for (size_t i = 0; i < s.n_held_out; i++) {
        cr_assert(s.predicted[i] > 0);
        predicted += s.predicted[i], observed += (double)request.test.labels[i];
    }
    ASSERT_NEAR(predicted / observed, 1, 0.15);
    arena_free(arena);
}

/* Learns from two instants and is judged on the third; the grid's ends are bad on purpose. */
Test(search, the_best_settings_are_found_and_threads_do_not_matter)
{
    static const struct learner_settings GRID[] = { { .cost = 1e-7 }, { .cost = 0.1 }, { .cost = 1e-6 } };
    struct learner learner = learner_logistic_l2;
    learner.grid = GRID;
    learner.n_grid = 3;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample sample = samples_shop(arena, 1200, 1, 1);
    uint16_t *cutoff = ARENA_ARRAY(arena, uint16_t, 1200);
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, 1200);
    for (size_t i = 0; i < 1200; i++) cutoff[i] = (uint16_t)(i % 3), group[i] = (uint32_t)(i / 3);
    sample.cutoff = cutoff;
    sample.group = group;
    struct search_limit limit = { 0 };
    struct learner_settings base = { .target = TARGET_YES_NO, .seed = 1 };
    struct err err = { 0 };
    for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
        size_t best = 9;
        ASSERT_OK(search_grid(&learner, &base, &sample, n_threads, &limit, &best, &err), &err);
        cr_assert_eq(best, 1);
    }
    arena_free(arena);
}

/* Several instants of the same customers: no customer may be on two sides. */
Test(split, folds_keep_customers_whole_and_labels_even)
{
    EACH_CASE(c, 20) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        size_t n = 300, yes[5] = { 0 }, all[5] = { 0 };
        struct sample sample = samples_noise(arena, &c.rng, n, 1);
        uint32_t *group = ARENA_ARRAY(arena, uint32_t, n);
        uint8_t fold[300], of_group[100];
        memset(of_group, 0xff, sizeof of_group);
        for (size_t i = 0; i < n; i++) group[i] = (uint32_t)rng_below(&c.rng, 100);
        sample.group = group;
        split_folds(&sample, 5, c.seed, fold);
        for (size_t i = 0; i < n; i++) {
            cr_assert(fold[i] < 5);
            cr_assert(of_group[group[i]] == 0xff || of_group[group[i]] == fold[i]);
            of_group[group[i]] = fold[i];
            yes[fold[i]] += sample.labels[i] > 0;
            all[fold[i]]++;
        }
        for (size_t f = 0; f < 5; f++) cr_assert(yes[f] > 0 && yes[f] < all[f]);
        arena_free(arena);
    }
}

Test(selection, telco_in_five_folds_has_an_honest_auc)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample telco = samples_telco(arena);
    SKIP_WITHOUT(telco.values);
    struct selection_request request = { .train = telco,
                                         .rule = "tenure",
                                         .seed = 1,
                                         .n_threads = 2,
                                         .n_bootstrap = 200 };
    request = without_search(request);
    struct selection s;
    struct err err = { 0 };
    ASSERT_OK(selection_run(&request, arena, &s, &err), &err);
    double auc = selection_metric(&s, s.chosen, METRIC_AUC).value;
    cr_assert(auc >= 0.835 && auc <= 0.865, "%g", auc);
    cr_assert(s.entries[s.chosen].over_rule.low > 0.08);
    ASSERT_NEAR(s.base_rate, 0.265370, 1e-6);
    ASSERT_NEAR(entry_of(&s, "rule: tenure")->metrics[METRIC_AUC].value, 0.7398672, 0.02);
    cr_assert_str_eq(s.validation, "5-fold cross-validation");
    arena_free(arena);
}
