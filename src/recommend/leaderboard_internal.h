/* leaderboard_internal.h - the families of recommenders that are judged, each with the settings to try. */
#ifndef RECOMMEND_LEADERBOARD_INTERNAL_H
#define RECOMMEND_LEADERBOARD_INTERNAL_H

#include "recommend/leaderboard.h"

enum { FAMILY_SETTINGS_MOST = 24 };

struct setting {
    enum saturation saturation;
    double          value;          /* half-life, shrinkage, regularisation ... */
    double          other;          /* of repeats: whether it is timed; of a blend: the power */
};

struct family {
    const char *name;
    bool is_popularity, is_collaborative, is_quick;
    bool needs_times, needs_words, needs_repeats, needs_best;
    bool sets_saturation;           /* its choice holds for the families after it */
    /* What is worth trying, simplest first; at least one.  Returns how many. */
    size_t (*settings)(const struct interactions *had, enum saturation saturation, struct setting *ret_settings);
    /* best: the best collaborative one so far, fitted on the same source; only of those that need it. */
    void (*fit)(const struct recommender_source *source, struct setting setting, const struct recommender *best,
                struct arena *arena, struct recommender *ret_recommender);
};

extern const struct family families[];      /* by rising complexity */
extern const size_t        n_families;

#endif
