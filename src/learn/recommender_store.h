/* recommender_store.h - what recommends, and how it is kept in the store: one for each question. */
#ifndef LEARN_RECOMMENDER_STORE_H
#define LEARN_RECOMMENDER_STORE_H

#include "base/hash_map.h"
#include "learn/recommending.h"
#include "recommend/also.h"

struct kept_recommender {
    enum recommend_question question;
    int64_t            as_of_ms;        /* what happened before it was learned from */
    struct recommender recommender, popular, beside; /* as chosen; the best by popularity, for whoever has no
                                                      * history; what goes with items, for baskets */
    struct local_popularity local;      /* popular, where a customer is */
    struct text       *item_names;      /* [n_items] ascending */
    struct hash_map    item_of_hash;    /* 1 + the item of an item_hash_of its name */
    float             *gap_days;        /* [n_items] usual days between two times of having it */
    uint32_t          *n_customers;     /* [n_items] who have it */
    size_t             n_all_customers; /* who have anything */
    struct also       *also;            /* [n_items x ALSO_KEPT] */
    struct kind_weight kinds[INTERACTION_KINDS_MOST];   /* below 0: takes back */
    size_t             n_kinds;
    const char        *board;           /* JSON, as recommend --json prints it */
    const struct interaction_log *learned_from;         /* NULL of one that was read from the store */
};

/* Fits what the board chose on everything there is; or, judged NULL, cosine that nobody judged. */
bool recommender_make(const struct log *log, const struct recommending_options *options,
                      const struct recommending *judged, struct arena *arena, struct kept_recommender *ret_kept,
                      struct err *err) MUST_CHECK;

/* Both in the arena but for item_of_hash, which kept_recommender_release frees. */
bool recommender_put(struct store *store, const struct kept_recommender *kept, struct arena *arena,
                     struct err *err) MUST_CHECK;
/* Errors: ERR_CORRUPT one of them does not read. */
bool recommenders_get(struct store *store, struct arena *arena,
                      struct kept_recommender *ret_kept[RECOMMEND_QUESTIONS], struct err *err) MUST_CHECK;
void kept_recommender_release(struct kept_recommender *kept);       /* NULL is fine */

/* The item of a name; false: it is not known. */
bool kept_recommender_find(const struct kept_recommender *kept, struct text name, uint32_t *ret_item);

#endif
