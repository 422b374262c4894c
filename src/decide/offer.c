/* offer.c - see offer.h. */
#include "decide/offer.h"

#include <math.h>
#include <stdlib.h>

static int compare_depths(const void *a, const void *b)
{
    const struct offer_depth *x = a, *y = b;
    return x->depth < y->depth ? -1 : x->depth > y->depth;
}

static double weight_of(const struct offer_depth *d) { return d->n > 0 ? d->n : 1; }

/* Towards the line through them: the share of their scatter that chance explains. */
static void shrink(struct offer_depth *depths, size_t n)
{
    double w = 0, x = 0, y = 0, xx = 0, xy = 0, scatter = 0, chance = 0;
    for (size_t i = 0; i < n; i++)
        w += depths[i].n, x += depths[i].n * depths[i].depth, y += depths[i].n * depths[i].response;
    if (n < 4 || !(w > 0)) return;
    x /= w, y /= w;
    for (size_t i = 0; i < n; i++) {
        xx += depths[i].n * pow(depths[i].depth - x, 2);
        xy += depths[i].n * (depths[i].depth - x) * (depths[i].response - y);
    }
    double slope = xx > 0 ? xy / xx : 0;
    for (size_t i = 0; i < n; i++) {
        if (!(depths[i].n > 1)) return;
        scatter += pow(depths[i].response - y - slope * (depths[i].depth - x), 2);
        chance += depths[i].response * (1 - depths[i].response) / depths[i].n;
    }
    double share = scatter > 0 ? fmin(chance * ((double)n - 2) / (double)n / scatter, 1) : 0;
    for (size_t i = 0; i < n; i++)
        depths[i].response += share * (y + slope * (depths[i].depth - x) - depths[i].response);
}

/* Pools neighbours until no deeper discount has a lower response. */
static void never_falling(struct offer_depth *depths, size_t n)
{
    struct { double sum, weight; size_t n; } blocks[OFFER_DEPTHS_MOST];
    size_t n_blocks = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        blocks[n_blocks].sum = depths[i].response * weight_of(&depths[i]),
        blocks[n_blocks].weight = weight_of(&depths[i]);
        blocks[n_blocks++].n = 1;
        while (n_blocks > 1 && blocks[n_blocks - 2].sum * blocks[n_blocks - 1].weight >
                               blocks[n_blocks - 1].sum * blocks[n_blocks - 2].weight) {
            n_blocks--;
            blocks[n_blocks - 1].sum += blocks[n_blocks].sum,
                blocks[n_blocks - 1].weight += blocks[n_blocks].weight;
            blocks[n_blocks - 1].n += blocks[n_blocks].n;
        }
    }
    for (size_t b = 0; b < n_blocks; b++)
        for (size_t k = 0; k < blocks[b].n; k++, at++)
            if (blocks[b].n > 1) depths[at].response = blocks[b].sum / blocks[b].weight;
}

static double margin_left(double margin, double depth) { return (margin - depth) / (1 - depth); }

bool offer_is_allowed(double margin, double depth, double floor)
{
    return margin_left(margin, depth) >= floor - 1e-12;
}

size_t offer_choose(struct offer_depth *depths, size_t n, double price, double margin, double floor)
{
    size_t best = n;
    qsort(depths, n, sizeof *depths, compare_depths);
    shrink(depths, n);
    never_falling(depths, n);
    for (size_t i = 0; i < n; i++) {
        struct offer_depth *d = &depths[i];
        d->earned = d->response * price * (margin - d->depth);
        d->margin_left = margin_left(margin, d->depth);
        d->is_allowed = offer_is_allowed(margin, d->depth, floor);
        if (d->is_allowed && (best == n || d->earned > depths[best].earned)) best = i;
    }
    return best;
}
