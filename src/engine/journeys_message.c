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
