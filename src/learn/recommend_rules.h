/* recommend_rules.h - the section `recommend` of the settings: what counts, what may be shown, and how lists are
 * made.
 *
 *     recommend:
 *       weights: {order_item: 3, cart: 1, page_view: 0.2}
 *       exclude: {bought_within: 90d}
 *       where: "stock > 0 and price < 2 * order_amount_mean"
 *       per_category: 3
 *       diversity: 0.2
 *       rank_by: probability          # margin
 *       explore: 0.05
 *       pins: [{item: P009, rank: 1, until: 2027-01-01}]
 *       boosts: [{item: P009, factor: 2}, {category: tea, factor: 1.5, from: 2026-12-01, until: 2026-12-24}] */
#ifndef LEARN_RECOMMEND_RULES_H
#define LEARN_RECOMMEND_RULES_H

#include "base/yaml.h"
#include "learn/interaction_read.h"

/* An item, or all of a category, from an instant until before another. */
struct promotion { const char *item, *category; int64_t rank; double factor; int64_t from_ms, until_ms; };

struct recommend_rules {
    struct kind_weight weights[INTERACTION_KINDS_MOST];
    size_t             n_weights;       /* 0: chosen from the log */
    int64_t            bought_within_days;      /* what was had so lately is not shown; 0: everything may be */
    const char        *where;           /* NULL: everything may be shown */
    const char        *where_at;        /* the file, line and column of it, for errors */
    int64_t            per_category;    /* 0: any number */
    double             diversity, explore;
    bool               is_by_margin;
    struct promotion  *pins, *boosts;
    size_t             n_pins, n_boosts;
    const char *const *protected_traits;        /* [n_protected] of the settings: no condition may ask of them */
    size_t             n_protected;
};

/* node NULL: as if nothing stood there.  Errors: ERR_INVALID a key or a value that cannot be, with its line. */
bool recommend_rules_read(const struct yaml_node *node, struct arena *arena, struct recommend_rules *ret_rules,
                          struct err *err) MUST_CHECK;

/* The rules that hold: of the settings (setting_file; settings_path may be NULL), or of a file of their own.
 * rules_path NULL: there is none.  Errors: those of setting_file, settings_replace and recommend_rules_read. */
struct store;
bool recommend_rules_load(struct store *store, const char *settings_path, const char *rules_path,
                          struct arena *arena, struct recommend_rules *ret_rules, struct err *err) MUST_CHECK;

#endif
