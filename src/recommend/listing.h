/* listing.h - from scores to the list that is shown: what may be shown, caps, pins, boosts, diversity, margin,
 * chance.
 *
 * Pure.  Rules are applied in this order: what may not be shown is left out; scores are multiplied by the margin,
 * where it ranks, and by boosts (below 0 divided, so that more is always higher); the list is filled one by one
 * with the best that is left, less what it has in common with those before it (maximal marginal relevance,
 * Carbonell & Goldstein 1998), at most so many of a category; pins take their ranks; last, one place is given to
 * an item that nothing is known of yet, with a small probability. */
#ifndef RECOMMEND_LISTING_H
#define RECOMMEND_LISTING_H

#include "base/rng.h"
#include "recommend/recommender.h"

enum { LISTING_MOST = 500 };

struct pin { uint32_t item; size_t rank; };        /* rank from 1 */
struct boost { uint32_t item; float factor; };

struct listing_task {
    const struct recommender *recommender;      /* for what items have in common */
    const float      *scores;           /* [n_items] */
    const bool       *may_be_shown;     /* [n_items]; pins too are held to it */
    bool (*is_allowed)(void *context, uint32_t item); /* asked only of items that would come; NULL: all are */
    void             *context;
    const uint32_t   *category;         /* [n_items] 0: none, which is never too often; NULL: there are none */
    const float *margin; /* [n_items] NaN not known, which counts as the mean; NULL: it does not rank */
    const struct pin *pins;
    size_t            n_pins;
    const struct boost *boosts;
    size_t            n_boosts;
    size_t            k;                /* at most LISTING_MOST */
    size_t            per_category;     /* 0: any number */
    double            diversity;        /* 0 none .. 1 */
    double            explore;          /* probability that the last place is drawn */
    const uint32_t   *unknown;          /* [n_unknown] items for it */
    size_t            n_unknown;
    struct rng       *rng;              /* NULL: nothing is drawn */
};

struct listed { uint32_t item; float score; double propensity; bool is_pinned, is_explored; };

/* ret_list has room for k; returns how many there are. */
size_t listing_make(const struct listing_task *task, struct listed *ret_list);

#endif
