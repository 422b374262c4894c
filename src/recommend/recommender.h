/* recommender.h - what scores items for a customer: trained on everybody's interactions, asked with one's own.
 *
 * Whatever the method, what is kept is of the items only: a vector of popularity, a list of neighbours for each
 * item, or a vector of factors for each, into which a customer is folded when they are asked for.  So somebody new
 * is answered from their first event on, and nothing is kept for each customer.
 *
 * Pure, and the same bytes for any number of threads. */
#ifndef RECOMMEND_RECOMMENDER_H
#define RECOMMEND_RECOMMENDER_H

#include "recommend/interactions.h"

enum recommender_form { FORM_POPULARITY, FORM_REPEATS, FORM_COSINE, FORM_CONTENT, FORM_EASE, FORM_ALS, FORM_BPR };

enum { NEIGHBOURS_MOST = 200, FACTORS = 64, RECOMMENDER_NAME_BYTES = 24 };

/* What having item i says for others: item[first[i]] .. with their weights, by falling weight. */
struct neighbours { size_t n_items; size_t *first; uint32_t *item; float *weight; };

/* item [n_items x FACTORS]; of ALS gram [FACTORS x FACTORS] is what all items weigh together, of BPR bias
 * [n_items]. */
struct factors {
    float *item, *gram, *bias;
    float  regularisation;
};

/* What is known of buying again: each item's usual days between two times, shrunk to that of all. */
struct repeating {
    float *gap_days;            /* [n_items] */
    float  half_life_days;      /* of what an earlier time counts; 0: it never fades */
    bool   is_timed;            /* whether when it would be due counts */
};

struct recommender {
    char                  name[RECOMMENDER_NAME_BYTES];     /* "ease"; a blend's is "blend" */
    enum recommender_form form;
    enum saturation       saturation;
    size_t                n_items;
    float                *popularity;   /* [n_items] 0 .. 1, 1 the most popular; breaks ties whatever the form */
    double                half_life_days;       /* of popularity; 0: it never fades */
    double                popularity_power;     /* > 0: scores are multiplied by popularity to this power */
    struct neighbours     neighbours;
    struct factors        factors;
    struct repeating      repeating;
    double                setting;      /* shrinkage of cosine, lambda of EASE, regularisation of ALS */
    const char           *note;         /* what has to be said of it, or NULL */
};

/* What recommenders learn from. */
struct recommender_source {
    const struct interactions *had;
    const struct sparse       *words;   /* items x words (item_words.h); NULL: nothing is known of them */
    int64_t                    as_of_ms;
    uint64_t                   seed;
    unsigned                   n_threads;
    size_t                     frequent_most;   /* EASE takes so many of the most frequent items; 0: 10,000 */
};

/* One customer's own: rows [n] by time, as in struct interactions. */
struct own {
    const struct interaction *rows;
    size_t                    n;
    int64_t                   as_of_ms;
};

/* ret_scores [n x n_items] for n customers; higher is better, always finite. */
void recommender_score(const struct recommender *recommender, const struct own *own, size_t n, float *ret_scores);

/* How it was fitted, without what it learned: enough for recommender_refit. */
struct recommender recommender_bare(const struct recommender *recommender, struct arena *arena);

/* Each of these fills form and what belongs to it, in the arena. */
void popularity_fit(const struct recommender_source *source, double half_life_days, struct arena *arena,
                    struct recommender *ret_recommender);
void repeats_fit(const struct recommender_source *source, double half_life_days, bool is_timed,
                 struct arena *arena, struct recommender *ret_recommender);
/* `most` neighbours of each item. */
void cosine_fit(const struct recommender_source *source, enum saturation saturation, double shrinkage, size_t most,
                struct arena *arena, struct recommender *ret_recommender);

/* Of items that are not among the most frequent nothing is said.  False: the products cannot be inverted (lambda
 * is too small); then no item has neighbours. */
bool ease_fit(const struct recommender_source *source, enum saturation saturation, double lambda,
              struct arena *arena, struct recommender *ret_recommender);
void als_fit(const struct recommender_source *source, enum saturation saturation, double regularisation,
             struct arena *arena, struct recommender *ret_recommender);
void bpr_fit(const struct recommender_source *source, struct arena *arena, struct recommender *ret_recommender);
/* Nearest by words (source->words is not NULL). */
void content_fit(const struct recommender_source *source, struct arena *arena,
                 struct recommender *ret_recommender);
/* best with its scores multiplied by popularity of a half-life to a power; borrows what best has. */
void blend_fit(const struct recommender_source *source, const struct recommender *best, double half_life_days,
               double power, struct arena *arena, struct recommender *ret_recommender);

/* The items of the highest scores [n_items], by falling score and then by number, at most k, of those that may be
 * shown (NULL: all): returns how many. */
size_t best_items(const float *scores, const bool *may_be_shown, size_t n_items, size_t k, uint32_t *ret_items);

#endif
