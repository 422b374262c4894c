/* recommender.c - scores by each form, popularity, and the best of them; see recommender.h. */
#include "recommend/recommender_internal.h"

#include "base/calendar.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much popularity adds to other scores: so little that it only parts what is equal. */
static const float part_of_popularity = 1e-6f;

static float *popularity_of(const struct recommender_source *source, double half_life_days, struct arena *arena)
{
    const struct interactions *had = source->had;
    double *sum = ARENA_ARRAY(arena, double, had->n_items + 1), most = 0;
    float *popularity = ARENA_ARRAY(arena, float, had->n_items + 1);
    for (size_t i = 0; i < had->n; i++) {
        double age_days = (double)(source->as_of_ms - had->rows[i].time_ms) / (double)MS_PER_DAY;
        double fresh = half_life_days > 0 ? exp2(-fmin(fmax(age_days, 0) / half_life_days, 1000)) : 1;
        sum[had->rows[i].item] += fresh;
    }
    for (size_t i = 0; i < had->n_items; i++) most = fmax(most, sum[i]);
    for (size_t i = 0; i < had->n_items; i++) popularity[i] = most > 0 ? (float)(sum[i] / most) : 0;
    return popularity;
}

void recommender_begin(const struct recommender_source *source, const char *name, enum recommender_form form,
                       enum saturation saturation, struct arena *arena, struct recommender *ret_recommender)
{
    *ret_recommender =
        (struct recommender){ .form = form, .saturation = saturation, .n_items = source->had->n_items };
    snprintf(ret_recommender->name, sizeof ret_recommender->name, "%s", name);
    ret_recommender->popularity = popularity_of(source, 0, arena);
}

struct recommender recommender_bare(const struct recommender *recommender, struct arena *arena)
{
    struct recommender bare = *recommender;
    bare.popularity = NULL;
    bare.neighbours = (struct neighbours){ 0 };
    bare.factors = (struct factors){ 0 };
    bare.repeating.gap_days = NULL;
    if (bare.note) bare.note = arena_copy(arena, bare.note);
    return bare;
}

void popularity_fit(const struct recommender_source *source, double half_life_days, struct arena *arena,
                    struct recommender *ret_recommender)
{
    recommender_begin(source, "popularity", FORM_POPULARITY, SATURATION_ONCE, arena, ret_recommender);
    if (!(half_life_days > 0)) return;
    snprintf(ret_recommender->name, sizeof ret_recommender->name, "popularity_%.0fd", half_life_days);
    ret_recommender->half_life_days = half_life_days;
    ret_recommender->popularity = popularity_of(source, half_life_days, arena);
}

void blend_fit(const struct recommender_source *source, const struct recommender *best, double half_life_days,
               double power, struct arena *arena, struct recommender *ret_recommender)
{
    struct recommender blend = *best;
    snprintf(blend.name, sizeof blend.name, "blend");
    blend.popularity = popularity_of(source, half_life_days, arena);
    blend.half_life_days = half_life_days;
    blend.popularity_power = power;
    *ret_recommender = blend;
}

static void finish_scores(const struct recommender *recommender, float *scores)
{
    const float *popularity = recommender->popularity;
    float power = (float)recommender->popularity_power;
    for (size_t i = 0; power > 0 && i < recommender->n_items; i++)
        if (scores[i] > 0) scores[i] *= powf(popularity[i], power);
    for (size_t i = 0; i < recommender->n_items; i++) scores[i] += part_of_popularity * popularity[i];
}

void recommender_score(const struct recommender *recommender, const struct own *own, size_t n, float *ret_scores)
{
    size_t n_items = recommender->n_items;
    if (recommender->form == FORM_ALS || recommender->form == FORM_BPR)
        factors_score(recommender, own, n, ret_scores);
    for (size_t c = 0; c < n; c++) {
        float *scores = ret_scores + c * n_items;
        switch (recommender->form) {
        case FORM_POPULARITY: memcpy(scores, recommender->popularity, n_items * sizeof *scores); break;
        case FORM_REPEATS: repeats_score(recommender, &own[c], scores); break;
        case FORM_COSINE: case FORM_CONTENT: case FORM_EASE: neighbours_score(recommender, &own[c], scores); break;
        case FORM_ALS: case FORM_BPR: break;
        }
        /* Factors leave no ties, but of somebody who has nothing. */
        bool is_plain = recommender->factors.item && !(recommender->popularity_power > 0) && own[c].n > 0;
        if (recommender->form != FORM_POPULARITY && !is_plain) finish_scores(recommender, scores);
    }
}

/* ---- the best ---- */

struct entry { float score; uint32_t item; };

static bool is_worse(struct entry a, struct entry b)
{
    return a.score != b.score ? a.score < b.score : a.item > b.item;
}

/* The worst on top. */
static void sift_down(struct entry *heap, size_t n, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_worse(heap[child + 1], heap[child])) child++;
        if (!is_worse(heap[child], heap[at])) return;
        struct entry entry = heap[at];
        heap[at] = heap[child];
        heap[child] = entry;
    }
}

enum { BEST_FEW = 256 };

size_t best_items(const float *scores, const bool *may_be_shown, size_t n_items, size_t k, uint32_t *ret_items)
{
    struct entry few[BEST_FEW], *heap = k <= BEST_FEW ? few : memory_new(k, sizeof *heap);
    size_t n = 0;
    float least = -INFINITY;        /* of a full heap */
    for (size_t i = 0; i < n_items && k > 0; i++) {
        if (scores[i] <= least) continue;
        if (may_be_shown && !may_be_shown[i]) continue;
        struct entry entry = { scores[i], (uint32_t)i };
        if (n < k) {
            heap[n++] = entry;
            if (n == k)
                for (size_t at = k / 2 + 1; at-- > 0;) sift_down(heap, n, at);
        } else {
            heap[0] = entry;
            sift_down(heap, n, 0);
        }
        if (n == k) least = heap[0].score;
    }
    if (n < k)
        for (size_t at = n / 2 + 1; at-- > 0;) sift_down(heap, n, at);
    for (size_t left = n; left > 0; left--) {
        ret_items[left - 1] = heap[0].item;
        heap[0] = heap[left - 1];
        sift_down(heap, left - 1, 0);
    }
    if (heap != few) free(heap);
    return n;
}
