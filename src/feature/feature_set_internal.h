/* feature_set_internal.h - what the files of feature/ know of a set. */
#ifndef FEATURE_FEATURE_SET_INTERNAL_H
#define FEATURE_FEATURE_SET_INTERNAL_H

#include "feature/feature_set.h"

/* What an event of one kind touches. */
struct kind_plan {
    const struct operator_use **uses;
    size_t n_uses;
    unsigned parts;                 /* that these uses look at */
    bool   is_counted;
};

/* Words for a kind of event. */
struct kind_words {
    const char *one, *many;         /* "order", "orders" */
    const char *an;                 /* "a", "an" */
    const char *done, *does;        /* "ordered", "orders"; NULL if there is no verb */
};
struct kind_words kind_words_of(const char *kind_name, struct arena *arena);

/* What of a feature is the same whatever the row: sentences ask for it a million times. */
struct feature_facts {
    enum sense        sense;
    size_t            told;         /* as feature_told says */
    double            fades_days;   /* with none of its kind for longer it tells that instead; 0: it does not fade */
    size_t            recency;      /* the feature that says how long ago the last is; n_features: none */
    const uint32_t   *beside;       /* [n_beside] the features of the same kind of event; none of a trait */
    size_t            n_beside;
    struct kind_words words;        /* of its kind of event */
};

struct feature_set {
    struct feature           *features;         /* [n_features], one per column */
    struct feature_facts     *facts;            /* [n_features] */
    const char              **names;            /* [n_features] */
    size_t                    n_features;
    struct operator_use      *uses;             /* [n_uses] in the order of their states */
    size_t                    n_uses;
    struct kind_plan         *kinds;            /* [n_kinds] of the log's dictionary; later kinds touch nothing */
    size_t                    n_kinds, kinds_room;
    struct kind_plan          new_kind;         /* of a kind that the log did not have */
    const char              **not_counted;      /* [n_not_counted] kinds that are not events of their own:
                                                 * traits, lines */
    size_t                    n_not_counted;
    struct trait             *traits;           /* [n_traits] */
    size_t                    n_traits;
    struct left_out          *left_out;         /* [n_left_out] */
    size_t                    n_left_out;
    size_t                    state_bytes;
    unsigned                  parts;            /* that some use looks at */
    int64_t                   landmark_day;
    struct decay_table       *decay;
};

/* The kind of event that carries traits in its properties. */
#define KIND_TRAITS "traits"

/* What a feature is made of, before it has a place in the state. */
struct feature_plan {
    const char            *kind_name;       /* "" for all counted kinds */
    const struct operator *operator;
    size_t                 output;          /* of an operator other than traits */
    const char            *trait, *value;   /* of operator_traits; value NULL for a number */
    const char            *other;           /* what whoever has none of the trait's columns has; NULL: several values */
    bool                   is_flag;         /* a number that is only ever 0 or 1 */
    const char            *name;            /* NULL: <slug of kind>_<suffix>, made unique */
    const char            *warning;
    double                 coverage;
};

/* Fills everything of the set that follows from its plans, landmark_day and not_counted: uses, offsets, columns,
 * texts; kinds are looked up in the log (NULL: none occurs). */
void feature_set_compile(struct feature_set *set, const struct feature_plan *plans, size_t n_plans,
                         const struct log *log, struct arena *arena);

/* Fills the set's facts, once its features and their uses are there. */
void feature_set_find_facts(struct feature_set *set, struct arena *arena);

/* The name of a kind of event in names of features: "Add to cart" is add_to_cart. */
const char *feature_slug(const char *kind_name, struct arena *arena);

#endif
