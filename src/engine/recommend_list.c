/* recommend_list.c - one customer's list under the rules, and why each item is in it; see recommend.h. */
#include "engine/recommend_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "engine/service.h"
#include "live/segment_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a condition over the item and the customer ---- */

struct asking {
    struct making         *making;
    struct segment_source *source;
    struct expression     *expression;
    size_t                 n_of_item;   /* columns before this one are the item's */
    uint32_t              *column_of;   /* of the others: the source's */
    uint32_t               item;
};

static struct expression_value value_of(void *context, size_t column)
{
    const struct asking *asking = context;
    const struct catalogue_item *facts = asking->making->shelf->facts[asking->item];
    if (column >= asking->n_of_item)
        return asking->source->value(asking->source->context, asking->column_of[column - asking->n_of_item]);
    return facts ? facts->values[column] : (struct expression_value){ 0 };
}

static bool is_allowed(void *context, uint32_t item)
{
    struct asking *asking = context;
    bool holds = false;
    asking->item = item;
    if (asking->making->has_failed) return false;
    if (!expression_holds(asking->expression, value_of, asking, &holds, asking->making->err))
        asking->making->has_failed = true;
    return holds && !asking->making->has_failed;
}

static bool is_protected(const struct recommend_rules *rules, const char *column)
{
    for (size_t p = 0; p < rules->n_protected; p++) {
        size_t length = strlen(rules->protected_traits[p]);
        if (strncasecmp(column, rules->protected_traits[p], length) == 0 &&
            (!column[length] || strncmp(column + length, " = ", 3) == 0))
            return true;
    }
    return false;
}

/* No list rests on a protected trait of the customer. */
static bool check_protected(const struct asking *asking, struct err *err)
{
    size_t n;
    const struct recommend_rules *rules = &asking->making->in_force->rules;
    const uint32_t *used = expression_columns(asking->expression, &n);
    for (size_t i = 0; i < n; i++) {
        if (used[i] < asking->n_of_item) continue;
        const char *column = asking->source->columns[asking->column_of[used[i] - asking->n_of_item]].name;
        if (is_protected(rules, column))
            return err_set(err, ERR_INVALID,
                           "'%s' is protected by the settings, so no list may rest on it: leave it out of the "
                           "condition", column);
    }
    return true;
}

/* The item's columns, then the customer's that are called otherwise. */
static bool compile(struct asking *asking, struct err *err)
{
    const struct in_force *in_force = asking->making->in_force;
    struct arena *arena = asking->making->arena;
    const struct catalogue *catalogue = &in_force->catalogue;
    size_t n = catalogue->n_columns;
    struct expression_column *columns =
        ARENA_ARRAY(arena, struct expression_column, n + asking->source->n_columns + 1);
    memcpy(columns, catalogue->columns, n * sizeof *columns);
    asking->n_of_item = n;
    asking->column_of = ARENA_ARRAY(arena, uint32_t, asking->source->n_columns + 1);
    for (uint32_t c = 0; c < asking->source->n_columns; c++) {
        bool is_taken = !asking->source->columns[c].name;
        for (size_t i = 0; !is_taken && i < catalogue->n_columns; i++)
            is_taken = strcasecmp(catalogue->columns[i].name, asking->source->columns[c].name) == 0;
        if (is_taken) continue;
        asking->column_of[n - asking->n_of_item] = c;
        columns[n++] = asking->source->columns[c];
    }
    return (expression_compile_columns(in_force->rules.where, columns, n, false, &asking->expression, err) &&
            check_protected(asking, err)) ||
           err_context(err, "%s", in_force->rules.where_at);
}

/* ---- what may be shown ---- */

void recommend_close_items(const struct making *making, bool *may_be)
{
    const struct shelf *shelf = making->shelf;
    const struct recommend_rules *rules = &making->in_force->rules;
    int64_t at_ms = making->ask->at_ms;
    for (size_t i = 0; i < shelf->kept->recommender.n_items; i++) {
        const struct catalogue_item *facts = shelf->facts[i];
        bool is_known = facts || shelf->kept->n_customers[i] > 0;
        if (making->is_past && (!is_known || shelf->kept->n_all_customers == 0)) may_be[i] = false;     /* it came later */
        if (shelf->is_open && !shelf->is_open[i]) may_be[i] = false;
        if (facts && (at_ms < facts->available_from_ms || at_ms >= facts->available_to_ms)) may_be[i] = false;
        if (facts && facts->stock <= 0) may_be[i] = false;      /* what there is none of is never shown */
    }
    int64_t since_ms = making->as_of_ms - rules->bought_within_days * MS_PER_DAY;
    for (size_t r = 0; rules->bought_within_days > 0 && r < making->n_rows; r++)
        if (making->rows[r].time_ms >= since_ms) may_be[making->rows[r].item] = false;
}

static size_t find_pins(const struct making *making, struct pin *pins)
{
    const struct recommend_rules *rules = &making->in_force->rules;
    size_t n = 0;
    for (size_t p = 0; p < rules->n_pins; p++) {
        const struct promotion *pin = &rules->pins[p];
        bool is_now = making->ask->at_ms >= pin->from_ms && making->ask->at_ms < pin->until_ms;
        if (is_now && kept_recommender_find(making->shelf->kept, text_of(pin->item), &pins[n].item))
            pins[n++].rank = (size_t)pin->rank;
    }
    return n;
}

/* An item or a whole category, now. */
static size_t find_boosts(const struct making *making, struct boost **ret_boosts)
{
    const struct recommend_rules *rules = &making->in_force->rules;
    const struct shelf *shelf = making->shelf;
    size_t n_items = shelf->kept->recommender.n_items, n = 0;
    struct boost *boosts = ARENA_ARRAY(making->arena, struct boost, rules->n_boosts * (n_items + 1) + 1);
    for (size_t b = 0; b < rules->n_boosts; b++) {
        const struct promotion *boost = &rules->boosts[b];
        uint32_t item;
        if (making->ask->at_ms < boost->from_ms || making->ask->at_ms >= boost->until_ms) continue;
        if (boost->item && kept_recommender_find(shelf->kept, text_of(boost->item), &item))
            boosts[n++] = (struct boost){ item, (float)boost->factor };
        for (uint32_t i = 0; boost->category && i < n_items; i++)
            if (shelf->facts[i] && text_equal(shelf->facts[i]->category, text_of(boost->category)))
                boosts[n++] = (struct boost){ i, (float)boost->factor };
    }
    *ret_boosts = boosts;
    return n;
}

/* ---- what is shown to be learned of ---- */

static size_t find_unknown(const struct making *making, uint32_t **ret_unknown)
{
    const struct shelf *shelf = making->shelf;
    uint32_t *unknown = ARENA_ARRAY(making->arena, uint32_t, shelf->n_unknown + 1);
    size_t n = 0;
    if (making->ask->question == RECOMMEND_AGAIN) return 0;
    for (size_t u = 0; u < shelf->n_unknown; u++)
        if (shelf->n_shown[u] < SHOWN_ENOUGH) unknown[n++] = shelf->unknown[u];
    *ret_unknown = unknown;
    return n;
}

/* What is drawn the same each time shows nothing more for being made again. */
static void count_explored(const struct making *making)
{
    const struct shelf *shelf = making->shelf;
    for (size_t i = 0; !making->ask->chance && i < making->n; i++)
        for (size_t u = 0; making->list[i].is_explored && u < shelf->n_unknown; u++)
            shelf->n_shown[u] += shelf->unknown[u] == making->list[i].item;
}

/* ---- the list ---- */

static void make_list(struct making *making, struct asking *asking, const char *id)
{
    const struct recommend_rules *rules = &making->in_force->rules;
    const struct shelf *shelf = making->shelf;
    size_t n_items = shelf->kept->recommender.n_items;
    float *scores = ARENA_ARRAY(making->arena, float, n_items + 1);
    bool *may_be = ARENA_ARRAY(making->arena, bool, n_items + 1);
    struct pin *pins = ARENA_ARRAY(making->arena, struct pin, rules->n_pins + 1);
    struct boost *boosts;
    uint32_t *unknown = NULL;
    struct own own = { making->rows, making->n_rows, making->as_of_ms };
    const char *chance = making->ask->chance ? making->ask->chance : id;
    struct rng rng = rng_new(hash_bytes(chance, strlen(chance), 0));
    question_allows(making->ask->question, making->rows, making->n_rows, n_items, may_be);
    recommend_close_items(making, may_be);
    recommender_score(making->recommender, &own, 1, scores);
    making->list = ARENA_ARRAY(making->arena, struct listed, making->ask->k + 1);
    struct listing_task task = {
        .recommender = making->recommender,
        .scores = scores,
        .may_be_shown = may_be,
        .is_allowed = asking->expression ? is_allowed : NULL,
        .context = asking,
        .category = shelf->category,
        .margin = rules->is_by_margin ? shelf->margin : NULL,
        .k = making->ask->k,
        .per_category = (size_t)rules->per_category,
        .diversity = rules->diversity,
        .explore = rules->explore,
        .rng = &rng,
        .pins = pins,
        .n_pins = find_pins(making, pins),
    };
    task.n_boosts = find_boosts(making, &boosts);
    task.boosts = boosts;
    task.n_unknown = find_unknown(making, &unknown);
    task.unknown = unknown;
    making->n = listing_make(&task, making->list);
    count_explored(making);
}

bool recommend_list(struct making *making, const char *id, struct err *err)
{
    struct service *service = making->service;
    struct asking asking = { .making = making };
    making->err = err;
    if (!making->in_force->rules.where || making->shelf->is_open) {
        make_list(making, &asking, id);
        return true;
    }
    asking.source = live_source_new(service->live, service->log, service->identities, &service->lock);
    bool ok = compile(&asking, err);
    if (ok) {
        asking.source->lock(asking.source->context);
        ok = asking.source->is_current(asking.source->context) ||
             err_set(err, ERR_BUSY, "the features have just changed: try again");
        /* Of somebody of whom nothing is known no condition about customers holds. */
        if (ok && asking.source->begin(asking.source->context, making->customer, making->as_of_ms))
            make_list(making, &asking, id);
        asking.source->unlock(asking.source->context);
    }
    expression_free(asking.expression);
    live_source_free(asking.source);
    return ok && !making->has_failed;
}

/* ---- why ---- */

static const char *title_of(const struct making *making, uint32_t item)
{
    const struct catalogue_item *facts = making->shelf->facts[item];
    struct text name = facts && facts->title.length ? facts->title : making->shelf->kept->item_names[item];
    return arena_format(making->arena, "%.*s", (int)name.length, name.at);
}

/* How much an own item says for another. */
static double says(const struct making *making, uint32_t own, uint32_t item)
{
    const struct recommender *recommender = making->recommender;
    const struct neighbours *neighbours = &recommender->neighbours;
    double sum = 0;
    if (neighbours->first)
        for (size_t k = neighbours->first[own]; k < neighbours->first[own + 1]; k++)
            if (neighbours->item[k] == item) return (double)neighbours->weight[k];
    for (size_t f = 0; recommender->factors.item && f < FACTORS; f++)
        sum += (double)recommender->factors.item[(size_t)own * FACTORS + f] *
               (double)recommender->factors.item[(size_t)item * FACTORS + f];
    return sum;
}

static const char *popular_reason(const struct making *making)
{
    double days = making->recommender->half_life_days;
    if (making->place) return arena_format(making->arena, "popular in %s", making->place);
    if (days > 0)
        return arena_format(making->arena, "popular lately: what was bought counts half after %.0f day%s", days,
                            days > 1 ? "s" : "");
    return "popular with all customers";
}

static const char *repeat_reason(const struct making *making, uint32_t item)
{
    size_t n = 0;
    int64_t last_ms = 0;
    for (size_t r = 0; r < making->n_rows; r++)
        if (making->rows[r].item == item) n++, last_ms = making->rows[r].time_ms;
    if (n == 0) return popular_reason(making);
    double days = fmax((double)(making->as_of_ms - last_ms) / (double)MS_PER_DAY, 0);
    return arena_format(
        making->arena,
        "because you had it %zu time%s, last %.0f days ago; it is usually had again after about %.0f days", n,
        n == 1 ? "" : "s", days, (double)making->shelf->kept->gap_days[item]);
}

const char *recommend_reason(const struct making *making, const struct listed *listed)
{
    double best = 0;
    uint32_t because = listed->item;
    bool is_bought = false;
    if (listed->is_pinned) return "it is pinned to this place";
    if (listed->is_explored) return "it is new: shown so that something is learned of it";
    if (making->recommender->form == FORM_POPULARITY) return popular_reason(making);
    if (making->recommender->form == FORM_REPEATS) return repeat_reason(making, listed->item);
    for (size_t r = 0; r < making->n_rows; r++) {
        double value = says(making, making->rows[r].item, listed->item);
        if (making->rows[r].item != listed->item && value > best) best = value, because = making->rows[r].item;
    }
    for (size_t k = 0; k < making->shelf->kept->n_kinds; k++)
        is_bought |= strncmp(making->shelf->kept->kinds[k].kind, "order", 5) == 0 ||
                     strstr(making->shelf->kept->kinds[k].kind, "purchase") != NULL;
    if (because == listed->item) return popular_reason(making);
    return arena_format(making->arena, "because you %s %s",
                        making->ask->customer ? is_bought ? "bought" : "chose" : "have",
                        title_of(making, because));
}
