/* leaderboard.h - recommenders are fitted, judged side by side on what came later, and the simplest good one is
 * chosen.
 *
 * Settings (how repeats count, shrinkage, regularisation, half-lives) are picked by a further split inside of what
 * the recommenders may learn from, never by what they are judged on. */
#ifndef RECOMMEND_LEADERBOARD_H
#define RECOMMEND_LEADERBOARD_H

#include "base/progress.h"
#include "base/err.h"
#include "recommend/judging.h"

enum { LEADERBOARD_MOST = 16 };

struct leaderboard_task {
    const struct interactions *had, *later;     /* before and after the split; the same customers and items */
    const struct sparse       *words;           /* items x words, or NULL */
    enum recommend_question    question;
    int64_t                    as_of_ms;        /* of the split */
    int64_t                    horizon_ms;      /* how far later goes; 0: the split is at random */
    double                     share;           /* of each customer's items that was drawn, of a split at random */
    size_t                     k;
    uint64_t                   seed;
    unsigned                   n_threads;
    const char *only; /* a model's name: beside it popularity alone is judged; NULL: all */
    bool                       is_quick;        /* popularity, repeats and cosine only */
    struct progress           *progress;
};

/* Low and high are the ends of a 95 % bootstrap interval over customers. */
struct leader {
    char               name[RECOMMENDER_NAME_BYTES];
    struct recommender recommender;     /* how it was fitted, to be fitted again: recommender_bare */
    double             value[LIST_METRICS], low[LIST_METRICS], high[LIST_METRICS];
    double             coverage, gini, novelty;
    bool               is_chosen;
    const char        *refused;         /* why it will not do, or NULL */
};

struct leaderboard {
    enum recommend_question question;
    size_t        n, n_customers;       /* models; customers judged */
    struct leader leaders[LEADERBOARD_MOST];    /* by rising complexity */
    size_t        chosen, popular;      /* popular: the best by popularity alone */
    const char   *sentence;
};

/* Whether there is a model of that name; NULL is fine.  Errors: ERR_INVALID, with those there are. */
bool leaderboard_check_name(const char *only, struct arena *arena, struct err *err) MUST_CHECK;

/* Everything in the arena; nothing is borrowed.
 * Errors: ERR_REFUSED nobody did anything later that the question asks for, or nothing to learn from; ERR_INVALID
 * `only` is no model's name. */
bool leaderboard_run(const struct leaderboard_task *task, struct arena *arena, struct leaderboard *ret_leaderboard,
                     struct err *err) MUST_CHECK;

/* The same kind of recommender, with the same settings, fitted anew. */
void recommender_refit(const struct recommender *recommender, const struct recommender_source *source,
                       struct arena *arena, struct recommender *ret_recommender);

#endif
