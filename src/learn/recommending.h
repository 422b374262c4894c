/* recommending.h - recommenders judged and fitted from a log. */
#ifndef LEARN_RECOMMENDING_H
#define LEARN_RECOMMENDING_H

#include "learn/local_popularity.h"
#include "recommend/leaderboard.h"
#include "table/catalogue.h"

#include <jansson.h>

enum { RECOMMENDING_HORIZON_DAYS = 30 };

struct recommending_options {
    struct interaction_options reading;     /* as_of_ms: the end of what is known; until_ms is not looked at */
    enum recommend_question question;
    int64_t     test_at_ms;     /* INT64_MIN: chosen, a horizon before the end */
    int64_t     horizon_days;   /* 0: RECOMMENDING_HORIZON_DAYS */
    double      share;          /* > 0: a split at random instead of one in time */
    const char *only;
    const char *const *protected_traits;    /* [n_protected] no list rests on them */
    size_t      n_protected;
    bool        is_quick;
    bool        is_past;        /* recommending_fit: the catalogue too is as of reading.as_of_ms, instead of now */
    uint64_t    seed;
    unsigned    n_threads;
    struct progress *progress;
};

struct recommending {
    struct leaderboard     board;
    struct local_verdict   local;           /* whether customers without a history get what is popular where they are */
    struct kind_weight     kinds[INTERACTION_KINDS_MOST];   /* what counted */
    size_t                 n_kinds;
    int64_t                test_at_ms;      /* INT64_MIN: the split was at random */
    int64_t                horizon_days;
};

/* What of it says how popularity where customers are is judged and fitted; popular is for the caller to give. */
struct local_task local_task_of(const struct recommending_options *options, const struct interaction_log *items,
                                int64_t as_of_ms);

/* Errors: those of interaction_read and leaderboard_run; ERR_REFUSED a question about time of a log without times.
 */
bool recommending_judge(const struct log *log, const struct recommending_options *options, struct arena *arena,
                        struct recommending *ret_recommending, struct err *err) MUST_CHECK;

/* The same kind of recommender as was chosen (judged NULL: cosine that nobody judged), fitted on everything before
 * reading.as_of_ms; ret_items is what it is of and ret_catalogue what is known of these items then. */
bool recommending_fit(const struct log *log, const struct recommending_options *options,
                      const struct recommending *judged, struct arena *arena, struct interaction_log *ret_items,
                      struct catalogue *ret_catalogue, struct recommender *ret_recommender,
                      struct err *err) MUST_CHECK;

/* { "question", "test_at", "customers", "models": [...], "sentence" }; the caller owns it. */
json_t *recommending_json(const struct recommending *recommending);

#endif
