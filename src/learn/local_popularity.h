/* local_popularity.h - what is popular in a customer's country or channel, for those of whom nothing else is known.
 *
 * Whether lists by it foretell better than what is popular with all is judged like every recommender: made before
 * the split, asked of each customer without their own history, compared with what they did after it.  It is used
 * where it is better outside noise, by the trait that gains most. */
#ifndef LEARN_LOCAL_POPULARITY_H
#define LEARN_LOCAL_POPULARITY_H

#include "learn/interaction_read.h"
#include "recommend/judging.h"

enum { LOCAL_CUSTOMERS_LEAST = 50 };    /* with a history, for a group to have lists of its own */

/* nDCG@10 of the same customers by both; gain: the difference a customer, with its 95 % interval. */
struct local_verdict {
    const char *trait;          /* "country"; NULL: popularity with all is as good */
    size_t      n_customers;    /* judged, of whom the trait is known */
    double      ndcg, ndcg_of_all, gain, low, high;
};

struct local_popularity {
    const char         *trait;  /* NULL: there is none */
    size_t              n_groups;
    const char        **names;  /* [n_groups] values of the trait */
    struct recommender *popular;        /* [n_groups] */
};

struct local_task {
    const struct interaction_log *items;
    const struct recommender     *popular;      /* with all, fitted on items->had */
    const char *const            *protected_traits;     /* [n_protected] which are never asked */
    size_t                        n_protected;
    enum recommend_question       question;
    int64_t                       as_of_ms;
    uint64_t                      seed;
    unsigned                      n_threads;
};

/* Errors: those of the log. */
bool local_popularity_judge(const struct log *log, const struct local_task *task, struct arena *arena,
                            struct local_verdict *ret_verdict, struct err *err) MUST_CHECK;
bool local_popularity_fit(const struct log *log, const struct local_task *task, const char *trait,
                          struct arena *arena, struct local_popularity *ret_local, struct err *err) MUST_CHECK;

/* What is popular where a value of the trait is; NULL: nothing is known of there. */
const struct recommender *local_popularity_find(const struct local_popularity *local, struct text value);

#endif
