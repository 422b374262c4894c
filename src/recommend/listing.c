/* listing.c - see listing.h. */
#include "recommend/listing.h"

#include "base/memory.h"
#include "recommend/factors.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_LEAST = 200, POOL_PER_PLACE = 10 };

/* ---- what items have in common ---- */

static double weight_in(const struct neighbours *neighbours, uint32_t item, uint32_t other)
{
    size_t from = neighbours->first[item], end = neighbours->first[item + 1];
    for (size_t k = from; k < end && neighbours->weight[k] != 0; k++)
        if (neighbours->item[k] == other)
            return neighbours->weight[from] > 0
                       ? fmax((double)neighbours->weight[k] / (double)neighbours->weight[from], 0)
                       : 0;
    return 0;
}

static double alike(const struct listing_task *task, uint32_t a, uint32_t b)
{
    const struct recommender *recommender = task->recommender;
    double same = 0;
    if (recommender->factors.item) {
        const float *x = recommender->factors.item + (size_t)a * FACTORS,
                    *y = recommender->factors.item + (size_t)b * FACTORS;
        double norms = sqrt((double)factors_dot(x, x) * (double)factors_dot(y, y));
        same = norms > 0 ? fmax((double)factors_dot(x, y) / norms, 0) : 0;
    } else if (recommender->neighbours.first) {
        same = fmax(weight_in(&recommender->neighbours, a, b), weight_in(&recommender->neighbours, b, a));
    }
    if (task->category && task->category[a] && task->category[a] == task->category[b]) same = fmax(same, 0.5);
    return same;
}

/* ---- filling ---- */

struct filling {
    const struct listing_task *task;
    float    *scores;           /* [n_items] after boosts and margin */
    uint32_t *pool;             /* [n_pool] by falling score */
    double   *common;           /* [n_pool] with what is listed so far */
    bool     *is_gone;          /* [n_pool] listed, or not to be listed */
    size_t    n_pool;
    struct listed *list;
    size_t    n;
};

static void adjust_scores(const struct listing_task *task, float *scores)
{
    size_t n_items = task->recommender->n_items, n_known = 0;
    double sum = 0;
    memcpy(scores, task->scores, n_items * sizeof *scores);
    for (size_t i = 0; task->margin && i < n_items; i++)
        if (isfinite(task->margin[i])) sum += (double)task->margin[i], n_known++;
    float usual = n_known ? (float)(sum / (double)n_known) : 1;
    for (size_t i = 0; task->margin && i < n_items; i++) {
        float margin = isfinite(task->margin[i]) ? task->margin[i] : usual;
        scores[i] = fmaxf(scores[i], 0) * margin;
    }
    for (size_t b = 0; b < task->n_boosts; b++) {
        float *score = &scores[task->boosts[b].item], factor = task->boosts[b].factor;
        *score = *score < 0 ? *score / fmaxf(factor, 1e-6f) : *score * factor;  /* what is below 0 rises too */
    }
}

static bool has_room(const struct filling *filling, uint32_t item)
{
    const struct listing_task *task = filling->task;
    size_t n = 0;
    if (task->per_category == 0 || !task->category || !task->category[item]) return true;
    for (size_t i = 0; i < filling->n; i++) n += task->category[filling->list[i].item] == task->category[item];
    return n < task->per_category;
}

static bool is_listed(const struct filling *filling, uint32_t item)
{
    for (size_t i = 0; i < filling->n; i++)
        if (filling->list[i].item == item) return true;
    return false;
}

/* The next of the pool: the best by score less what it has in common, among those that may come. */
static bool take_next(struct filling *filling)
{
    const struct listing_task *task = filling->task;
    float top = filling->n_pool ? filling->scores[filling->pool[0]] : 0;
    for (;;) {
        size_t best = filling->n_pool;
        double best_value = 0;
        for (size_t p = 0; p < filling->n_pool; p++) {
            if (filling->is_gone[p]) continue;
            double relevance = top > 0 ? (double)filling->scores[filling->pool[p]] / (double)top : 0;
            double value = (1 - task->diversity) * relevance - task->diversity * filling->common[p];
            if (best == filling->n_pool || value > best_value) best = p, best_value = value;
            if (!(task->diversity > 0)) break;
        }
        if (best == filling->n_pool) return false;
        filling->is_gone[best] = true;
        uint32_t item = filling->pool[best];
        if (is_listed(filling, item) || !has_room(filling, item)) continue;
        if (task->is_allowed && !task->is_allowed(task->context, item)) continue;
        filling->list[filling->n++] = (struct listed){ item, filling->scores[item], 1, false, false };
        for (size_t p = 0; task->diversity > 0 && p < filling->n_pool; p++)
            if (!filling->is_gone[p])
                filling->common[p] = fmax(filling->common[p], alike(task, filling->pool[p], item));
        return true;
    }
}

/* Fills the list up to k from a pool of the best; false: the pool was too small, and there are more items. */
static bool fill_from(struct filling *filling, size_t n_pool)
{
    const struct listing_task *task = filling->task;
    size_t n_items = task->recommender->n_items;
    if (n_pool > n_items) n_pool = n_items;
    filling->pool = memory_new(n_pool + 1, sizeof *filling->pool);
    filling->common = memory_new(n_pool + 1, sizeof *filling->common);
    filling->is_gone = memory_new(n_pool + 1, sizeof *filling->is_gone);
    filling->n_pool = best_items(filling->scores, task->may_be_shown, n_items, n_pool, filling->pool);
    bool is_whole = filling->n_pool < n_pool || n_pool == n_items;
    filling->n = 0;
    while (filling->n < task->k && take_next(filling)) continue;
    free(filling->pool);
    free(filling->common);
    free(filling->is_gone);
    return filling->n == task->k || is_whole;
}

/* ---- pins and chance ---- */

static void put_at(struct filling *filling, size_t place, struct listed listed)
{
    size_t n = filling->n, from = 0;
    while (from < n && filling->list[from].item != listed.item) from++;
    if (from == n && n < filling->task->k) filling->n++;
    if (from == n) from = filling->n - 1;
    if (place > filling->n - 1) place = filling->n - 1;
    if (from >= place)
        memmove(filling->list + place + 1, filling->list + place, (from - place) * sizeof *filling->list);
    else
        memmove(filling->list + from, filling->list + from + 1, (place - from) * sizeof *filling->list);
    filling->list[place] = listed;
}

static void put_pins(struct filling *filling)
{
    const struct listing_task *task = filling->task;
    for (size_t rank = 1; rank <= task->k; rank++)
        for (size_t p = 0; p < task->n_pins; p++) {
            uint32_t item = task->pins[p].item;
            if (task->pins[p].rank != rank || !task->may_be_shown[item] ||
                (task->is_allowed && !task->is_allowed(task->context, item)))
                continue;
            put_at(filling, rank - 1, (struct listed){ item, filling->scores[item], 1, true, false });
        }
}

/* One of the unknown takes the last place with the probability asked for; pinned ones keep theirs. */
static void explore(struct filling *filling)
{
    const struct listing_task *task = filling->task;
    size_t n_open = 0, last = filling->n;
    uint32_t *open = memory_new(task->n_unknown + 1, sizeof *open);
    for (size_t i = 0; i < task->n_unknown; i++)
        if (has_room(filling, task->unknown[i]) && task->may_be_shown[task->unknown[i]] &&
            !is_listed(filling, task->unknown[i]) &&
            (!task->is_allowed || task->is_allowed(task->context, task->unknown[i])))
            open[n_open++] = task->unknown[i];
    while (last > 0 && filling->list[last - 1].is_pinned) last--;
    bool is_full = filling->n == task->k;
    if (n_open > 0 && (last > 0 || !is_full)) {
        double share = 1 / (double)n_open;
        bool is_drawn = rng_uniform(task->rng) < task->explore;
        uint32_t item = open[rng_below(task->rng, n_open)];
        struct listed drawn = { item, filling->scores[item], task->explore * share, false, true };
        if (is_drawn && is_full) filling->list[last - 1] = drawn;
        else if (is_drawn) filling->list[filling->n++] = drawn;
        else if (is_full) filling->list[last - 1].propensity = 1 - task->explore;
    }
    free(open);
}

size_t listing_make(const struct listing_task *task, struct listed *ret_list)
{
    size_t n_items = task->recommender->n_items, n_pool = POOL_PER_PLACE * task->k;
    struct filling filling = { .task = task, .scores = memory_new(n_items + 1, sizeof(float)), .list = ret_list };
    assert(task->k <= LISTING_MOST);
    adjust_scores(task, filling.scores);
    for (n_pool = n_pool > POOL_LEAST ? n_pool : POOL_LEAST; !fill_from(&filling, n_pool);) n_pool *= 8;
    put_pins(&filling);
    if (task->rng && task->explore > 0 && task->n_unknown > 0) explore(&filling);
    free(filling.scores);
    return filling.n;
}
