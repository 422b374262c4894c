/* judging.c - see judging.h. */
#include "recommend/judging.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

static const char *const question_words[RECOMMEND_QUESTIONS] = { "new", "again", "any" };

const char *recommend_question_word(enum recommend_question question) { return question_words[question]; }

bool recommend_question_find(const char *word, enum recommend_question *ret_question)
{
    for (int q = 0; q < RECOMMEND_QUESTIONS; q++)
        if (strcmp(word, question_words[q]) == 0) {
            *ret_question = (enum recommend_question)q;
            return true;
        }
    return false;
}

void question_allows(enum recommend_question question, const struct interaction *rows, size_t n, size_t n_items,
                     bool *ret_may_be_shown)
{
    memset(ret_may_be_shown, question != RECOMMEND_AGAIN, n_items * sizeof *ret_may_be_shown);
    if (question == RECOMMEND_ANY) return;
    for (size_t i = 0; i < n; i++) ret_may_be_shown[rows[i].item] = question == RECOMMEND_AGAIN;
}

/* ---- what they did ---- */

/* Customers of whom there is something before and after; a sample of many. */
static uint32_t *draw_customers(const struct interactions *had, const struct interactions *later, size_t most,
                                uint64_t seed, struct arena *arena, size_t *ret_n)
{
    uint32_t *customers = ARENA_ARRAY(arena, uint32_t, had->n_customers + 1);
    size_t n = 0;
    for (size_t c = 0; c < had->n_customers; c++)
        if (had->first[c + 1] > had->first[c] && later->first[c + 1] > later->first[c])
            customers[n++] = (uint32_t)c;
    if (n > most) {
        struct rng rng = rng_stream(seed, 0);
        size_t n_kept = 0;
        for (size_t i = 0; i < n && n_kept < most; i++)     /* Knuth's selection, in order */
            if (rng_below(&rng, n - i) < most - n_kept) customers[n_kept++] = customers[i];
        n = n_kept;
    }
    *ret_n = n;
    return customers;
}

struct truth truth_find(const struct interactions *had, const struct interactions *later,
                        enum recommend_question question, size_t most, uint64_t seed, struct arena *arena)
{
    size_t n_drawn;
    uint32_t *customers = draw_customers(had, later, most, seed, arena, &n_drawn);
    struct truth truth = { .customer = ARENA_ARRAY(arena, uint32_t, n_drawn + 1),
                           .first = ARENA_ARRAY(arena, size_t, n_drawn + 1),
                           .item = ARENA_ARRAY(arena, uint32_t, later->n + 1) };
    bool *may_be = memory_new(had->n_items + 1, sizeof *may_be);
    float *values = memory_new(later->n + 1, sizeof *values);
    for (size_t d = 0; d < n_drawn; d++) {
        size_t c = customers[d], from = truth.first[truth.n], n = from;
        const struct interaction *before = had->rows + had->first[c];
        question_allows(question, before, had->first[c + 1] - had->first[c], had->n_items, may_be);
        size_t n_items = interactions_items(later->rows + later->first[c], later->first[c + 1] - later->first[c],
                                            SATURATION_ONCE, truth.item + from, values);
        for (size_t i = from; i < from + n_items; i++)
            if (may_be[truth.item[i]]) truth.item[n++] = truth.item[i];
        if (n == from) continue;
        truth.customer[truth.n++] = (uint32_t)c;
        truth.first[truth.n] = n;
    }
    free(values);
    free(may_be);
    return truth;
}

/* ---- judging ---- */

struct bench { float *scores; bool *may_be; struct own *own; uint32_t *shown; };

struct sitting {
    const struct recommender  *recommender;
    const struct interactions *had;
    const struct truth        *truth;
    enum recommend_question    question;
    int64_t                    as_of_ms;
    size_t                     k, each;     /* length of lists; customers of one piece */
    struct bench              *benches;
    double                    *values;
};

static void judge_piece(void *context, size_t piece, unsigned thread)
{
    const struct sitting *sitting = context;
    const struct interactions *had = sitting->had;
    struct bench *bench = &sitting->benches[thread];
    size_t from = piece * sitting->each, end = from + sitting->each, n_items = had->n_items;
    uint32_t list[100];
    if (end > sitting->truth->n) end = sitting->truth->n;
    for (size_t i = from; i < end; i++) {
        size_t c = sitting->truth->customer[i];
        bench->own[i - from] = (struct own){ had->rows + had->first[c], had->first[c + 1] - had->first[c],
                                             sitting->as_of_ms };
    }
    recommender_score(sitting->recommender, bench->own, end - from, bench->scores);
    for (size_t i = from; i < end; i++) {
        const struct truth *truth = sitting->truth;
        const struct own *own = &bench->own[i - from];
        question_allows(sitting->question, own->rows, own->n, n_items, bench->may_be);
        size_t n = best_items(bench->scores + (i - from) * n_items, bench->may_be, n_items, sitting->k, list);
        list_judge(list, n, sitting->k, truth->item + truth->first[i], truth->first[i + 1] - truth->first[i],
                   sitting->values + i * LIST_METRICS);
        for (size_t l = 0; l < n; l++) bench->shown[list[l]]++;
    }
}

static void judge_lists(struct judged *judged, const struct interactions *had, struct bench *benches,
                        unsigned n_threads)
{
    uint32_t *shown = benches[0].shown, *counts = memory_new(had->n_items + 1, sizeof *counts);
    for (unsigned t = 1; t < n_threads; t++)
        for (size_t i = 0; i < had->n_items; i++) shown[i] += benches[t].shown[i];
    for (size_t i = 0; i < had->n; i++) counts[had->rows[i].item]++;
    judged->coverage = lists_coverage(shown, had->n_items);
    judged->gini = lists_gini(shown, had->n_items);
    judged->novelty = lists_novelty(shown, counts, had->n_items);
    free(counts);
}

struct judged judge(const struct recommender *recommender, const struct interactions *had, int64_t as_of_ms,
                    const struct truth *truth, enum recommend_question question, size_t k, unsigned n_threads,
                    struct arena *arena)
{
    enum { SCORES_AT_ONCE = 4 * 1024 * 1024, CUSTOMERS_AT_ONCE = 64 };
    struct judged judged = { .n = truth->n, .values = ARENA_ARRAY(arena, double, truth->n * LIST_METRICS + 1) };
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct bench *benches = ARENA_ARRAY(scratch, struct bench, n_threads);
    size_t n_items = had->n_items, each = SCORES_AT_ONCE / (n_items + 1) + 1;
    if (each > CUSTOMERS_AT_ONCE) each = CUSTOMERS_AT_ONCE;
    for (unsigned t = 0; t < n_threads; t++)
        benches[t] =
            (struct bench){ ARENA_ARRAY(scratch, float, each *n_items + 1),
                            ARENA_ARRAY(scratch, bool, n_items + 1), ARENA_ARRAY(scratch, struct own, each),
                            ARENA_ARRAY(scratch, uint32_t, n_items + 1) };
    struct sitting sitting = { recommender, had, truth, question, as_of_ms, k, each, benches, judged.values };
    parallel_for(n_threads, (truth->n + each - 1) / each, judge_piece, &sitting);
    for (size_t i = 0; i < truth->n; i++)
        for (int m = 0; m < LIST_METRICS; m++)
            judged.mean[m] += judged.values[i * LIST_METRICS + (size_t)m] / (double)truth->n;
    judge_lists(&judged, had, benches, n_threads);
    arena_free(scratch);
    return judged;
}
