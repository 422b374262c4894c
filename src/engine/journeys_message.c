/* journeys_message.c - by which channel a message goes, that somebody was given a variant of it, and the links
 * that it may have; see journeys_internal.h. */
#include "engine/journeys_internal.h"

#include "base/memory.h"
#include "engine/composing.h"
#include "hub/links.h"
#include "journey/best_channel.h"
#include "store/sql.h"

#include <string.h>

enum { COUNTED_FOR_MS = 60 * 60 * 1000, CHANNELS_MOST = 8 };

/* What the channels of a step brought, counted within the last hour. */
struct step_worth {
    const struct definition *definition;
    uint32_t                 step;
    int64_t                  counted_ms;
    struct channel_worth     of[CHANNELS_MOST];
};

static bool count_worth(struct store *store, const struct journey *journey, const struct journey_step *step,
                        struct step_worth *worth, struct err *err)
{
    struct sql_journey_worth row;
    enum step got;
    memset(worth->of, 0, sizeof worth->of);
    if (!sql_journey_worth(store, text_of(journey->name), text_of(step->id), &row, err)) return false;
    while ((got = sql_journey_worth_step(&row, err)) == STEP_ROW)
        for (size_t i = 0; i < step->n_channels && i < CHANNELS_MOST; i++)
            if (text_equal(row.channel, text_of(step->channels[i])))
                worth->of[i] = (struct channel_worth){ row.n_sent, row.n_goals };
    cursor_close(row.cursor);
    return got == STEP_END;
}

/* *ret_worth NULL: the journey has no goal, so nothing is measured. */
static bool worth_of(struct journeys *journeys, struct store *store, const struct definition *definition,
                     const struct journey_step *step, const struct channel_worth **ret_worth, struct err *err)
{
    size_t i = 0;
    int64_t now_ms = journeys_now_ms(journeys);
    *ret_worth = NULL;
    if (!definition->is->goal.is_set) return true;
    while (i < journeys->n_worths &&
           (journeys->worths[i].definition != definition || journeys->worths[i].step != step->index))
        i++;
    if (i == journeys->n_worths) {
        journeys->worths = memory_grow(journeys->worths, i + 1, sizeof *journeys->worths);
        journeys->worths[journeys->n_worths++] = (struct step_worth){ definition, step->index, 0, { { 0, 0 } } };
    }
    struct step_worth *worth = &journeys->worths[i];
    if (now_ms - worth->counted_ms >= COUNTED_FOR_MS) {
        if (!count_worth(store, definition->is, step, worth, err)) return false;
        worth->counted_ms = now_ms;
    }
    *ret_worth = worth->of;
    return true;
}

struct saying_of {
    struct journeys *journeys;
    struct store *store;
    uint32_t customer;
    bool is_ok;
    struct err *err;
};

static enum consent_said said(void *context, const char *name)
{
    struct saying_of *of = context;
    struct service *service = of->journeys->service;
    enum consent_said answer = CONSENT_SAID_NOTHING;
    size_t n;
    const uint32_t *members = identities_members(service->identities, of->customer, &n);
    of->is_ok = of->is_ok && consents_said(service->consents, of->store, members, n, name, &answer, of->err);
    return answer;
}

bool way_best_channel(struct journeys *journeys, struct store *store, const struct way *way, const json_t *known,
                      const struct journey_step *step, const bool *is_open, size_t *ret_channel,
                      const char **ret_because, struct err *err)
{
    const struct channel_worth *worth;
    struct saying_of of = { journeys, store, way->customer, true, err };
    const char *stated = stated_channel(step->channels, step->n_channels, way->definition->is->topic,
                                        known_channel(known), said, &of);
    if (!of.is_ok || !worth_of(journeys, store, way->definition, step, &worth, err)) return false;
    const struct channel_choice choice = { step->channels, is_open, step->n_channels, stated, worth };
    *ret_channel = best_channel(&choice, journeys->scratch, ret_because);
    return true;
}

bool way_expose(struct journeys *journeys, struct store *store, const struct way *way,
                const struct journey_step *step, struct err *err)
{
    size_t n;
    const uint32_t *members = identities_members(journeys->service->identities, way->customer, &n);
    uint32_t first = way->customer;
    if (!step->variant) return true;
    for (size_t i = 0; i < n; i++)
        if (members[i] < first) first = members[i];
    const char *name = arena_format(journeys->scratch, "%s.%s", way->definition->is->name, step->id);
    return sql_exposure_put(store, text_of(name), first, text_of(step->variant), journeys_now_ms(journeys),
                            text_of("message"), err);
}

void way_add_confirms(const struct journeys *journeys, const struct way *way, json_t *data)
{
    const struct topics *topics = &journeys->rules.topics;
    const char *url = journeys->rules.public_url;
    const struct vault *vault = profiles_vault(journeys->service->profiles);
    for (size_t i = 0; url && i < topics->n; i++) {
        const struct link_token token = { way->customer, 0, text_of(topics->list[i].name) };
        if (topics->list[i].is_double_opt_in)
            composing_add_confirm(data, topics->list[i].name,
                                  link_url(vault, url, LINK_CONFIRM, &token, journeys->scratch));
    }
}

/* ---- what it costs ---- */

static const struct zone *shop_of(const struct journeys *journeys)
{
    const char *name = journeys->rules.is.zone;
    return name ? zones_get(journeys->service->zones, text_of(name)) : zone_utc;
}

int64_t journeys_shop_day(const struct journeys *journeys, int64_t at_ms)
{
    return moment_day(shop_of(journeys), at_ms);
}

static bool is_limited(const struct at_work *at) { return at->is->budget.amount > 0 || at->approved_budget > 0; }

void journeys_spend(struct journeys *journeys, struct at_work *at, double amount)
{
    if (at && amount > 0 && is_limited(at) && at->is_spending_read)
        spending_add(&at->spending, journeys_shop_day(journeys, journeys_now_ms(journeys)), amount);
}

bool journeys_read_spending(struct journeys *journeys, struct store *store, struct at_work *at, struct err *err)
{
    enum { QUARTER_MS = 900000 };
    struct sql_messages_of_journey message;
    struct sql_coupon_discounts coupon;
    enum step step;
    int64_t days = at->is->budget.days > 0 ? at->is->budget.days : 1, now_ms = journeys_now_ms(journeys),
            since_ms = moment_of(shop_of(journeys), journeys_shop_day(journeys, now_ms) - days + 1, 0);
    if (!is_limited(at) || at->is_spending_read) return true;
    at->spending = (struct spending){ 0 };
    if (!sql_messages_of_journey(store, text_of(at->is->name), since_ms, &message, err)) return false;
    while ((step = sql_messages_of_journey_step(&message, err)) == STEP_ROW) {
        int64_t at_ms = message.quarter * QUARTER_MS;
        const char *channel = arena_format(journeys->scratch, "%.*s", (int)message.channel.length, message.channel.at);
        spending_add(&at->spending, journeys_shop_day(journeys, at_ms),
                     (double)message.n * contact_cost(&journeys->rules.is, channel, at_ms));
    }
    cursor_close(message.cursor);
    if (step == STEP_FAIL || !sql_coupon_discounts(store, text_of(at->is->name), since_ms, &coupon, err)) return false;
    while ((step = sql_coupon_discounts_step(&coupon, err)) == STEP_ROW)
        spending_add(&at->spending, journeys_shop_day(journeys, coupon.quarter * QUARTER_MS),
                     (double)coupon.cents / 100);
    cursor_close(coupon.cursor);
    at->is_spending_read = step != STEP_FAIL;
    return at->is_spending_read;
}

bool way_ask_budget(struct journeys *journeys, struct store *store, const struct way *way, const char *channel,
                    struct contact_facts *facts, struct err *err)
{
    struct at_work *at = journeys_at_work(journeys, way->at_work->id);
    int64_t now_ms = journeys_now_ms(journeys), today = journeys_shop_day(journeys, now_ms);
    double cost = contact_cost(&journeys->rules.is, channel, now_ms);
    if (cost == 0 || !is_limited(at)) return true;
    if (!journeys_read_spending(journeys, store, at, err)) return false;
    facts->budget = budget_asked(&at->is->budget, &at->spending, today, cost);
    facts->budget_until_ms = moment_of(shop_of(journeys), today + 1, 0);
    const struct budget approved = { at->approved_budget * (1 + journeys->rules.growth), 1 };
    if (facts->budget == BUDGET_LEFT && budget_asked(&approved, &at->spending, today, cost) != BUDGET_LEFT)
        facts->budget = BUDGET_UNAPPROVED;
    return true;
}
