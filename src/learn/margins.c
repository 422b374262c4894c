/* margins.c - see margins.h. */
#include "learn/margins.h"

#include "base/calendar.h"
#include "feature/properties.h"
#include "table/catalogue.h"

#include <string.h>

static const struct { const char *word; enum cost_of of; } known[] = {
    { "category", COST_OF_CATEGORY }, { "shop", COST_OF_SHOP },       { "store", COST_OF_SHOP },
    { "channel", COST_OF_CHANNEL },   { "campaign", COST_OF_CAMPAIGN } };

bool margins_open(struct store *store, const struct log *log, const struct costs *costs, int64_t as_of_ms,
                  struct arena *arena, struct margins *ret_margins, struct err *err)
{
    struct margins m = { .costs = costs, .log = log, .varies = costs_margin_varies(costs), .arena = arena };
    struct catalogue catalogue;
    uint32_t item;
    if (m.varies) {
        (void)log_find(log, DICTIONARY_KIND, text_of("order_item"), &m.order_item);
        (void)log_find(log, DICTIONARY_KIND, text_of("refund_item"), &m.refund_item);
        m.n_items = log_n_names(log, DICTIONARY_ITEM);
        m.category = ARENA_ARRAY(arena, const char *, m.n_items + 1);
        if (!catalogue_load(store, as_of_ms, arena, &catalogue, err)) return false;
        for (size_t i = 0; i < catalogue.n; i++)
            if (catalogue.items[i].category.length > 0 &&
                log_find(log, DICTIONARY_ITEM, catalogue.items[i].name, &item))
                m.category[item] = arena_format(arena, "%.*s", (int)catalogue.items[i].category.length,
                                                catalogue.items[i].category.at);
    }
    *ret_margins = m;
    return true;
}

bool margins_is_line(const struct margins *m, uint16_t kind)
{
    return m->varies && kind != 0 && (kind == m->order_item || kind == m->refund_item);
}

struct named { char texts[COST_NAMES][PROPERTY_MOST_BYTES + 1]; const char *names[COST_NAMES]; };

static void set(struct named *named, enum cost_of of, struct text text)
{
    if (text.length == 0 || text.length > PROPERTY_MOST_BYTES) return;
    memcpy(named->texts[of], text.at, text.length);
    named->texts[of][text.length] = 0;
    named->names[of] = named->texts[of];
}

static void read_names(const struct margins *m, const struct events *events, size_t i, struct named *named)
{
    struct properties properties;
    struct property property;
    uint32_t item = events->item ? events->item[i] : 0;
    memset(named->names, 0, sizeof named->names);
    if (item) set(named, COST_OF_ITEM, log_name(m->log, DICTIONARY_ITEM, item));
    if (item && item < m->n_items) named->names[COST_OF_CATEGORY] = m->category[item];
    if (!events->properties_end) return;
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    properties_begin(&properties,
                     (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin });
    while (properties_next(&properties, &property))
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            if (text_equal_ignoring_case(property.name, text_of(known[k].word)))
                set(named, known[k].of, property.value);
}

double margins_share(const struct margins *m, const struct events *events, size_t i)
{
    struct named named;
    int64_t day = calendar_day_of_ms(events->time_ms[i]);
    if (!m->varies) return m->costs->margin;
    read_names(m, events, i, &named);
    double share = costs_margin_of(m->costs, named.names, day);
    if (!margins_is_line(m, events->kind[i])) return share;
    named.names[COST_OF_ITEM] = named.names[COST_OF_CATEGORY] = NULL;
    return share - costs_margin_of(m->costs, named.names, day);
}
