/* From scores to lists: what rules leave, caps, pins, boosts, diversity, margin, chance. */
#include "recommend/listing.h"
#include "support.h"

enum { ITEMS = 40 };

static struct recommender nothing_alike(void) { return (struct recommender){ .n_items = ITEMS }; }

static bool is_even(void *context, uint32_t item)
{
    (*(size_t *)context)++;
    return item % 2 == 0;
}

Test(listing, rules_hold_whatever_else_is_asked)
{
    struct recommender recommender = nothing_alike();
    EACH_CASE(c, 300) {
        float scores[ITEMS], margin[ITEMS];
        bool may_be[ITEMS];
        uint32_t category[ITEMS], unknown[ITEMS];
        struct pin pins[2] = { { (uint32_t)rng_below(&c.rng, ITEMS), 1 + rng_below(&c.rng, 5) },
                               { (uint32_t)rng_below(&c.rng, ITEMS), 1 + rng_below(&c.rng, 5) } };
        struct boost boost = { (uint32_t)rng_below(&c.rng, ITEMS), 3 };
        struct listed list[12];
        size_t n_asked = 0, n_unknown = 0, counts[4] = { 0 };
        for (uint32_t i = 0; i < ITEMS; i++) {
            scores[i] = (float)rng_uniform(&c.rng),
            margin[i] = rng_below(&c.rng, 4) ? (float)rng_uniform(&c.rng) : NAN;
            may_be[i] = rng_below(&c.rng, 4) > 0, category[i] = (uint32_t)rng_below(&c.rng, 4);
            if (rng_below(&c.rng, 4) == 0) unknown[n_unknown++] = i;
        }
        struct listing_task task = {
            .recommender = &recommender,
            .scores = scores,
            .may_be_shown = may_be,
            .is_allowed = rng_below(&c.rng, 2) ? is_even : NULL,
            .context = &n_asked,
            .category = category,
            .margin = rng_below(&c.rng, 2) ? margin : NULL,
            .k = rng_below(&c.rng, 12),
            .per_category = rng_below(&c.rng, 4),
            .diversity = (double)rng_below(&c.rng, 3) / 2,
            .boosts = &boost,
            .n_boosts = 1,
            .pins = pins,
            .n_pins = rng_below(&c.rng, 3),
            .explore = 0.5,
            .unknown = unknown,
            .n_unknown = n_unknown,
            .rng = &c.rng,
        };
        size_t n = listing_make(&task, list);
        cr_assert_leq(n, task.k);
        for (size_t i = 0; i < n; i++) {
            cr_assert(may_be[list[i].item] && (!task.is_allowed || list[i].item % 2 == 0));
            cr_assert(list[i].propensity > 0 && list[i].propensity <= 1);
            for (size_t b = 0; b < i; b++) cr_assert_neq(list[b].item, list[i].item);
            if (!list[i].is_pinned) counts[category[list[i].item]]++;
        }
        for (size_t k = 1; k < 4 && task.per_category; k++) cr_assert_leq(counts[k], task.per_category);
    }
}

Test(listing, margin_ranks_by_what_is_expected_and_boosts_multiply)
{
    struct recommender recommender = nothing_alike();
    float scores[ITEMS] = { 0.9f, 0.5f, 0.4f }, margin[ITEMS] = { 1, 10, 5 };
    bool may_be[ITEMS];
    struct listed list[3];
    memset(may_be, true, sizeof may_be);
    struct listing_task task = { .recommender = &recommender, .scores = scores, .may_be_shown = may_be, .k = 3 };
    cr_assert(listing_make(&task, list) == 3 && list[0].item == 0);
    task.margin = margin;
    cr_assert(listing_make(&task, list) == 3 && list[0].item == 1 && list[1].item == 2 && list[2].item == 0);
    struct boost boost = { 2, 4 };
    task.boosts = &boost, task.n_boosts = 1;
    cr_assert(listing_make(&task, list) == 3 && list[0].item == 2);
}

Test(listing, a_boost_raises_an_item_whose_score_is_below_nothing_and_a_factor_below_1_lowers_it)
{
    struct recommender recommender = { .n_items = 3 };
    float scores[] = { -0.4f, -0.5f, -0.6f };
    bool may_be[] = { true, true, true };
    struct boost boost = { 2, 4 };
    struct listed list[3];
    struct listing_task task = { .recommender = &recommender, .scores = scores, .may_be_shown = may_be, .k = 3,
                                 .boosts = &boost, .n_boosts = 1 };
    cr_assert(listing_make(&task, list) == 3 && list[0].item == 2);
    boost = (struct boost){ 0, 0 };
    cr_assert(listing_make(&task, list) == 3 && list[2].item == 0 && isfinite(list[2].score));
}

Test(listing, diversity_puts_another_kind_in_second_place)
{
    struct recommender recommender = nothing_alike();
    float scores[ITEMS] = { 0.9f, 0.8f, 0.7f };
    bool may_be[ITEMS];
    uint32_t category[ITEMS] = { 1, 1, 2 };
    struct listed list[2];
    memset(may_be, true, sizeof may_be);
    struct listing_task task = { .recommender = &recommender, .scores = scores, .may_be_shown = may_be, .k = 2,
                                 .category = category };
    cr_assert(listing_make(&task, list) == 2 && list[1].item == 1);
    task.diversity = 0.5;
    cr_assert(listing_make(&task, list) == 2 && list[0].item == 0 && list[1].item == 2);
}

Test(listing, a_pool_that_rules_empty_is_made_larger_until_the_list_is_full)
{
    enum { MANY = 5000 };
    struct recommender recommender = { .n_items = MANY };
    static float scores[MANY];
    static bool may_be[MANY];
    static uint32_t category[MANY];
    struct listed list[3];
    for (uint32_t i = 0; i < MANY; i++)
        scores[i] = (float)(MANY - i), may_be[i] = true, category[i] = i < 4000 ? 1 : 2 + i;
    struct listing_task task = { .recommender = &recommender, .scores = scores, .may_be_shown = may_be, .k = 3,
                                 .category = category, .per_category = 1 };
    cr_assert_eq(listing_make(&task, list), 3);
    cr_assert(list[0].item == 0 && list[1].item == 4000 && list[2].item == 4001);
}

/* Over many draws the unknown item comes as often as it says. */
Test(listing, the_share_of_exposure_is_what_was_asked_for)
{
    struct recommender recommender = nothing_alike();
    float scores[ITEMS];
    bool may_be[ITEMS];
    uint32_t unknown[] = { 38, 39 };
    struct listed list[5];
    struct rng rng = rng_new(3);
    size_t n_drawn = 0, n_of_38 = 0;
    memset(may_be, true, sizeof may_be);
    for (size_t i = 0; i < ITEMS; i++) scores[i] = (float)(ITEMS - i);
    struct listing_task task = { .recommender = &recommender, .scores = scores, .may_be_shown = may_be, .k = 5,
                                 .explore = 0.2, .unknown = unknown, .n_unknown = 2, .rng = &rng };
    for (size_t i = 0; i < 10000; i++) {
        cr_assert_eq(listing_make(&task, list), 5);
        n_drawn += list[4].is_explored;
        n_of_38 += list[4].item == 38;
        ASSERT_NEAR(list[4].propensity, list[4].is_explored ? 0.1 : 0.8, 1e-12);
    }
    ASSERT_NEAR((double)n_drawn / 10000, 0.2, 0.02);
    ASSERT_NEAR((double)n_of_38 / 10000, 0.1, 0.015);
}
