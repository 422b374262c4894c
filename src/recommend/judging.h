/* judging.h - how well a recommender's lists foretell what customers then did. */
#ifndef RECOMMEND_JUDGING_H
#define RECOMMEND_JUDGING_H

#include "recommend/list_metrics.h"
#include "recommend/recommender.h"

/* new: what they had not had before.  again: what they had.  any: both. */
enum recommend_question { RECOMMEND_NEW, RECOMMEND_AGAIN, RECOMMEND_ANY, RECOMMEND_QUESTIONS };
const char *recommend_question_word(enum recommend_question question);
bool        recommend_question_find(const char *word, enum recommend_question *ret_question);

/* Customers with an answer to the question, and their answers. */
struct truth {
    size_t    n;
    uint32_t *customer;     /* [n] ascending */
    size_t   *first;        /* [n + 1] customer i's items are item[first[i]] .. */
    uint32_t *item;         /* ascending within a customer */
};

enum { JUDGED_MOST = 20000 };       /* customers; of more, so many are drawn */

/* What customers who had something before did later.  Of more customers than `most` a sample by the seed. */
struct truth truth_find(const struct interactions *had, const struct interactions *later,
                        enum recommend_question question, size_t most, uint64_t seed, struct arena *arena);

struct judged {
    size_t    n;
    double   *values;       /* [n x LIST_METRICS] of each customer of the truth */
    double    mean[LIST_METRICS];
    double    coverage, gini, novelty;
};

/* Lists of k for everybody in the truth, from what they had before as_of_ms. */
struct judged judge(const struct recommender *recommender, const struct interactions *had, int64_t as_of_ms,
                    const struct truth *truth, enum recommend_question question, size_t k, unsigned n_threads,
                    struct arena *arena);

/* Which items of n_items may be shown to whom the rows [n] are of. */
void question_allows(enum recommend_question question, const struct interaction *rows, size_t n, size_t n_items,
                     bool *ret_may_be_shown);

#endif
