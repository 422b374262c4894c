/* leaderboard.c - see leaderboard.h. */
#include "recommend/leaderboard_internal.h"

#include "base/calendar.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/similar.h"
#include "base/words.h"
#include "math/numerics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLICATES = 200 };

/* A matrix of so many items is inverted in a second, for each lambda that is tried. */
enum { FREQUENT_FOR_SETTINGS = 2000 };

/* Customers, of the further split: enough to part settings, and there are many to try. */
enum { SETTINGS_MOST = 5000 };

/* ---- who is judged ---- */

struct run {
    const struct leaderboard_task *task;
    struct arena                  *arena, *scratch;     /* of the leaderboard; as long as this run */
    struct interactions            inner_had, inner_later;      /* the further split, for settings */
    int64_t                        inner_ms;
    struct truth                   inner_truth, truth;
    struct recommender             best;            /* collaborative, by the further split */
    struct arena                  *best_arena;      /* which holds it */
    double                         best_score;
    enum saturation                saturation;      /* what the further split says of repeats */
    struct judged                  judged[LEADERBOARD_MOST];
    struct leaderboard             board;
};

/* As long before the split as the horizon is after it, if that leaves something to learn from; else at random. */
static void split_again(struct run *run, struct arena *arena)
{
    const struct leaderboard_task *task = run->task;
    run->inner_ms = task->as_of_ms - task->horizon_ms;
    if (task->horizon_ms > 0 && task->had->n > 0 && run->inner_ms > task->had->first_ms) {
        interactions_between(task->had, INT64_MIN, run->inner_ms, arena, &run->inner_had);
        interactions_between(task->had, run->inner_ms, task->as_of_ms, arena, &run->inner_later);
        run->inner_truth =
            truth_find(&run->inner_had, &run->inner_later, task->question, SETTINGS_MOST, task->seed, arena);
        if (run->inner_truth.n >= 20) return;
    }
    run->inner_ms = task->as_of_ms;
    interactions_draw(task->had, task->horizon_ms ? 0.25 : task->share, task->seed + 1, arena, &run->inner_later,
                      &run->inner_had);
    run->inner_truth = truth_find(&run->inner_had, &run->inner_later,
                                  task->horizon_ms ? RECOMMEND_NEW : task->question, SETTINGS_MOST, task->seed,
                                  arena);
}

static struct recommender_source source_of(const struct run *run, bool is_inner)
{
    const struct leaderboard_task *task = run->task;
    return (struct recommender_source){ is_inner ? &run->inner_had : task->had, task->words,
                                        is_inner ? run->inner_ms : task->as_of_ms, task->seed, task->n_threads,
                                        is_inner ? FREQUENT_FOR_SETTINGS : 0 };
}

/* nDCG of a recommender fitted on the inner part. */
static double try_setting(struct run *run, const struct family *family, struct setting setting,
                          struct arena *arena, struct recommender *ret_recommender)
{
    struct recommender_source source = source_of(run, true);
    family->fit(&source, setting, &run->best, arena, ret_recommender);
    return judge(ret_recommender, &run->inner_had, run->inner_ms, &run->inner_truth, run->task->question,
                 run->task->k, run->task->n_threads, arena).mean[LIST_NDCG];
}

/* The family's best setting by the further split; the first one where there is nothing to choose by. */
static struct setting choose_setting(struct run *run, const struct family *family)
{
    struct setting settings[FAMILY_SETTINGS_MOST], best;
    size_t n = family->settings(run->task->had, run->saturation, settings);
    double best_score = -1;
    best = settings[0];
    bool is_ranked = family->is_collaborative && !run->task->is_quick;
    if (run->inner_truth.n == 0 || (n == 1 && !is_ranked)) return best;
    for (size_t i = 0; i < n; i++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT), *needless = arena;
        struct recommender tried;
        double score = try_setting(run, family, settings[i], arena, &tried);
        if (score > best_score) best_score = score, best = settings[i];
        if (is_ranked && score > run->best_score) {
            needless = run->best_arena;
            run->best = tried, run->best_arena = arena, run->best_score = score;
        }
        arena_free(needless);
    }
    if (family->sets_saturation) run->saturation = best.saturation;
    return best;
}

/* What it learned is let go when it is judged: of a large shop the lists of all families together are more than
 * there is room for. */
static void add_family(struct run *run, const struct family *family)
{
    const struct leaderboard_task *task = run->task;
    struct leaderboard *board = &run->board;
    struct leader *leader = &board->leaders[board->n];
    progress_report(task->progress, arena_format(run->arena, "judging %s", family->name), board->n, 0, "models");
    struct setting setting = choose_setting(run, family);
    struct recommender_source source = source_of(run, false);
    struct recommender best = run->best, fitted;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    if (family->needs_best) recommender_refit(&run->best, &source, arena, &best);
    family->fit(&source, setting, &best, arena, &fitted);
    run->judged[board->n++] = judge(&fitted, task->had, task->as_of_ms, &run->truth, task->question, task->k,
                                    task->n_threads, run->scratch);
    leader->recommender = recommender_bare(&fitted, run->arena);
    memcpy(leader->name, fitted.name, sizeof leader->name);
    arena_free(arena);
}

static bool is_wanted(const struct run *run, const struct family *family)
{
    const struct leaderboard_task *task = run->task;
    if (family->needs_times && task->horizon_ms == 0) return false;
    if (family->needs_words && !task->words) return false;
    if (family->needs_best && run->best.n_items == 0) return false;
    if (family->needs_repeats && task->question == RECOMMEND_NEW) return false;
    if (task->is_quick && !family->is_quick) return false;
    if (!task->only || family->is_popularity || strcmp(task->only, family->name) == 0) return true;
    return strcmp(task->only, "blend") == 0 && family->is_collaborative;
}

/* ---- intervals and the choice ---- */

static void find_intervals(struct run *run, size_t model, const uint16_t *counts, const double *totals)
{
    const struct judged *judged = &run->judged[model];
    struct leader *leader = &run->board.leaders[model];
    double means[LIST_METRICS][REPLICATES];
    for (size_t r = 0; r < REPLICATES; r++) {
        double sums[LIST_METRICS] = { 0 };
        for (size_t i = 0; i < judged->n; i++)
            for (int m = 0; m < LIST_METRICS; m++)
                sums[m] += counts[r * judged->n + i] * judged->values[i * LIST_METRICS + (size_t)m];
        for (int m = 0; m < LIST_METRICS; m++) means[m][r] = totals[r] > 0 ? sums[m] / totals[r] : 0;
    }
    for (int m = 0; m < LIST_METRICS; m++) {
        sort_doubles(means[m], REPLICATES);
        leader->value[m] = judged->mean[m];
        leader->low[m] = fmin(means[m][REPLICATES / 40], judged->mean[m]);
        leader->high[m] = fmax(means[m][REPLICATES - 1 - REPLICATES / 40], judged->mean[m]);
    }
    leader->coverage = judged->coverage, leader->gini = judged->gini, leader->novelty = judged->novelty;
}

/* Every replicate draws as many customers as there are, the same for all models. */
static void bootstrap(struct run *run)
{
    size_t n = run->truth.n;
    uint16_t *counts = memory_new(REPLICATES * n + 1, sizeof *counts);
    double totals[REPLICATES];
    for (size_t r = 0; r < REPLICATES; r++) {
        struct rng rng = rng_stream(run->task->seed, r + 1);
        totals[r] = (double)n;
        for (size_t i = 0; i < n; i++) counts[r * n + rng_below(&rng, n)]++;
    }
    for (size_t m = 0; m < run->board.n; m++) find_intervals(run, m, counts, totals);
    free(counts);
}

/* How much better a is than b, and the standard error of that, over the same customers. */
static double difference(const struct judged *a, const struct judged *b, double *ret_error)
{
    double sum = 0, squares = 0, n = (double)a->n;
    for (size_t i = 0; i < a->n; i++) {
        double d = a->values[i * LIST_METRICS + LIST_NDCG] - b->values[i * LIST_METRICS + LIST_NDCG];
        sum += d, squares += d * d;
    }
    double mean = sum / n;
    *ret_error = n > 1 ? sqrt(fmax(squares / n - mean * mean, 0) / (n - 1)) : 0;
    return mean;
}

static size_t best_of(const struct run *run, bool is_popularity)
{
    size_t best = 0;
    for (size_t m = 1; m < run->board.n; m++) {
        if (is_popularity && run->board.leaders[m].recommender.form != FORM_POPULARITY) continue;
        if (run->judged[m].mean[LIST_NDCG] > run->judged[best].mean[LIST_NDCG]) best = m;
    }
    return best;
}

static const char *sentence_of(const struct run *run, size_t best, bool is_as_asked)
{
    const struct leaderboard *board = &run->board;
    const struct leader *chosen = &board->leaders[board->chosen], *popular = &board->leaders[board->popular];
    const char *why = "the simplest within one standard error of the best", *note = chosen->recommender.note;
    if (is_as_asked) why = "as was asked; the best of these";
    else if (run->task->only) why = "for what was asked will not do; the best of these";
    /* The best itself is not told beside itself. */
    const char *which = board->chosen != best ? arena_format(run->arena, "%s (%s)", why, board->leaders[best].name)
                      : run->task->only       ? why
                                              : "the best";
    const char *against = chosen == popular ? ""      /* nor is it against itself */
                                            : arena_format(run->arena, ", against %.3f of %s", popular->value[LIST_NDCG],
                                                           popular->name);
    return arena_format(run->arena,
                        "Of %zu models %s is chosen, %s: nDCG@10 is %.3f (%.3f to %.3f) over %s customers%s.%s%s",
                        board->n, chosen->name, which, chosen->value[LIST_NDCG],
                        chosen->low[LIST_NDCG], chosen->high[LIST_NDCG],
                        words_count(run->arena, (double)board->n_customers), against, note ? " " : "", note ? note : "");
}

/* Who is no better than what was popular lately is refused; of the others the simplest that is as good as the
 * best. */
static void choose(struct run *run)
{
    struct leaderboard *board = &run->board;
    size_t popular = best_of(run, true), best = best_of(run, false);
    double popular_ndcg = run->judged[popular].mean[LIST_NDCG];
    for (size_t m = 0; m < board->n; m++) {
        struct leader *leader = &board->leaders[m];
        if (leader->recommender.form == FORM_POPULARITY || run->judged[m].mean[LIST_NDCG] > popular_ndcg) continue;
        leader->refused = arena_format(
            run->arena, "it foretells no better than %s (nDCG@10 %.4f against %.4f), which is simpler",
            board->leaders[popular].name, run->judged[m].mean[LIST_NDCG], popular_ndcg);
    }
    board->popular = popular;
    board->chosen = best;
    bool is_as_asked = false;
    for (size_t m = 0; m < board->n; m++) {
        double error, behind = difference(&run->judged[best], &run->judged[m], &error);
        bool is_asked = !run->task->only || strcmp(run->task->only, board->leaders[m].name) == 0;
        if (board->leaders[m].refused || !is_asked || (behind > error && !run->task->only)) continue;
        board->chosen = m;
        is_as_asked = run->task->only != NULL;
        break;
    }
    board->leaders[board->chosen].is_chosen = true;
    board->sentence = sentence_of(run, best, is_as_asked);
}

bool leaderboard_check_name(const char *only, struct arena *arena, struct err *err)
{
    const char *names[LEADERBOARD_MOST];
    for (size_t i = 0; i < n_families; i++) {
        names[i] = families[i].name;
        if (!only || strcmp(only, names[i]) == 0) return true;
    }
    return err_set(err, ERR_INVALID, "--model: there is no model '%s'%s", only,
                   similar_names(only, names, n_families, arena));
}

static bool find_truth(struct run *run, struct err *err)
{
    const struct leaderboard_task *task = run->task;
    if (task->had->n == 0)
        return err_set(err, ERR_REFUSED,
                       "nobody did anything with an item before the split, so nothing can be learned: "
                       "choose a later --test-at");
    run->truth = truth_find(task->had, task->later, task->question, JUDGED_MOST, task->seed, run->scratch);
    if (run->truth.n == 0 && task->horizon_ms == 0)
        return err_set(err, ERR_REFUSED,
                       "no customer has items enough to draw some of them and learn from the rest: draw a larger "
                       "share, or split by time");
    return run->truth.n > 0 ||
           err_set(err, ERR_REFUSED,
                   "no customer with a history did anything after the split that '%s' asks for: choose an earlier "
                   "--test-at, a longer --horizon, or another --question",
                   recommend_question_word(task->question));
}

bool leaderboard_run(const struct leaderboard_task *task, struct arena *arena, struct leaderboard *ret_leaderboard,
                     struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct run *run = ARENA_NEW(scratch, struct run);
    *run = (struct run){ .task = task, .arena = arena, .scratch = scratch, .best_score = -1 };
    bool ok = leaderboard_check_name(task->only, arena, err) && find_truth(run, err);
    if (ok) {
        run->board.question = task->question;
        run->board.n_customers = run->truth.n;
        split_again(run, scratch);
        for (size_t f = 0; f < n_families; f++)
            if (is_wanted(run, &families[f])) add_family(run, &families[f]);
        bootstrap(run);
        choose(run);
        *ret_leaderboard = run->board;
    }
    arena_free(run->best_arena);
    arena_free(scratch);
    return ok;
}
