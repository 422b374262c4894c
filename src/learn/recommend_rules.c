/* recommend_rules.c - see recommend_rules.h. */
#include "learn/recommend_rules.h"

#include "base/calendar.h"
#include "store/setting.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool read_weights(const struct yaml_node *node, struct recommend_rules *rules, struct err *err)
{
    const struct yaml_node *weights = yaml_find(node, "weights");
    if (!weights) return true;
    if (weights->kind != YAML_MAP || weights->n == 0)
        return yaml_fail(weights, err, "weights: want kinds of events with numbers, {order_item: 3, cart: 1}");
    if (weights->n > INTERACTION_KINDS_MOST)
        return yaml_fail(weights, err, "weights: at most %d kinds of events", INTERACTION_KINDS_MOST);
    for (size_t i = 0; i < weights->n; i++) {
        struct kind_weight *weight = &rules->weights[rules->n_weights++];
        weight->kind = weights->keys[i];
        if (!yaml_number(weights, weights->keys[i], 0.001, 1000, &weight->weight, err)) return false;
    }
    return true;
}

static bool read_date(const struct yaml_node *node, const char *key, int64_t *ret_ms, struct err *err)
{
    const struct yaml_node *value = yaml_find(node, key);
    if (!value) return true;
    if (value->kind == YAML_SCALAR && calendar_parse_iso(value->text, strlen(value->text), ret_ms)) return true;
    return yaml_fail(value, err, "%s: want a date such as 2027-01-01", key);
}

static bool read_promotion(const struct yaml_node *node, bool is_pin, struct promotion *promotion, struct err *err)
{
    static const char *const pin_keys[] = { "item", "rank", "from", "until" };
    static const char *const boost_keys[] = { "item", "category", "factor", "from", "until" };
    double rank = 1;
    *promotion = (struct promotion){ .factor = 1, .from_ms = INT64_MIN, .until_ms = INT64_MAX };
    if (node->kind != YAML_MAP) return yaml_fail(node, err, "want {item: P001, ...}");
    if (!yaml_check_keys(node, is_pin ? pin_keys : boost_keys, is_pin ? COUNT(pin_keys) : COUNT(boost_keys),
                         err) ||
        !yaml_text(node, "item", &promotion->item, err) ||
        !yaml_text(node, "category", &promotion->category, err) ||
        !yaml_number(node, "rank", 1, 500, &rank, err) ||
        !yaml_number(node, "factor", 0, 1000, &promotion->factor, err) ||
        !read_date(node, "from", &promotion->from_ms, err) || !read_date(node, "until", &promotion->until_ms, err))
        return false;
    promotion->rank = (int64_t)rank;
    if (!promotion->item == !promotion->category)
        return yaml_fail(node, err,
                         is_pin ? "a pin names its item" : "a boost names an item or a category, and not both");
    return true;
}

static bool read_promotions(const struct yaml_node *node, const char *key, bool is_pin, struct arena *arena,
                            struct promotion **ret_promotions, size_t *ret_n, struct err *err)
{
    const struct yaml_node *list = yaml_find(node, key);
    if (!list) return true;
    if (list->kind != YAML_LIST) return yaml_fail(list, err, "%s: want a list", key);
    *ret_promotions = ARENA_ARRAY(arena, struct promotion, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        if (!read_promotion(list->items[i], is_pin, &(*ret_promotions)[(*ret_n)++], err)) return false;
    return true;
}

static bool read_rank_by(const struct yaml_node *node, bool *ret_is_by_margin, struct err *err)
{
    const char *word = "probability";
    if (!yaml_text(node, "rank_by", &word, err)) return false;
    *ret_is_by_margin = strcmp(word, "margin") == 0;
    return *ret_is_by_margin || strcmp(word, "probability") == 0 ||
           yaml_fail(yaml_find(node, "rank_by"), err, "rank_by: want probability or margin");
}

bool recommend_rules_read(const struct yaml_node *node, struct arena *arena, struct recommend_rules *ret_rules,
                          struct err *err)
{
    static const char *const keys[] = { "weights", "exclude", "where",   "per_category", "diversity",
                                        "rank_by", "explore", "pins",    "boosts" };
    static const char *const exclude_keys[] = { "bought_within" };
    struct recommend_rules rules = { .explore = 0.05, .where_at = "where" };
    double per_category = 0;
    if (!node) {
        *ret_rules = rules;
        return true;
    }
    const struct yaml_node *exclude = yaml_find(node, "exclude"), *where = yaml_find(node, "where");
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !read_weights(node, &rules, err) ||
        (exclude && (!yaml_check_keys(exclude, exclude_keys, 1, err) ||
                     !yaml_days(exclude, "bought_within", &rules.bought_within_days, err))) ||
        !yaml_text(node, "where", &rules.where, err) ||
        !yaml_number(node, "per_category", 1, 500, &per_category, err) ||
        !yaml_number(node, "diversity", 0, 1, &rules.diversity, err) ||
        !yaml_number(node, "explore", 0, 0.5, &rules.explore, err) ||
        !read_rank_by(node, &rules.is_by_margin, err) ||
        !read_promotions(node, "pins", true, arena, &rules.pins, &rules.n_pins, err) ||
        !read_promotions(node, "boosts", false, arena, &rules.boosts, &rules.n_boosts, err))
        return false;
    rules.per_category = (int64_t)per_category;
    if (where) rules.where_at = arena_format(arena, "%s:%u:%u: where", where->source, where->line, where->column);
    *ret_rules = rules;
    return true;
}

bool recommend_rules_load(struct store *store, const char *settings_path, const char *rules_path,
                          struct arena *arena, struct recommend_rules *ret_rules, struct err *err)
{
    struct settings settings = { 0 };
    return setting_file(store, settings_path, arena, &settings, err) &&
           (!rules_path || settings_replace(&settings, "recommend", rules_path, arena, err)) &&
           recommend_rules_read(settings_section(&settings, "recommend"), arena, ret_rules, err) &&
           settings_names(&settings, "protected", arena, &ret_rules->protected_traits, &ret_rules->n_protected, err);
}
