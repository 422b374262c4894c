/* known.c - see known.h. */
#include "engine/known.h"

#include "base/calendar.h"

#include <string.h>

bool known_read(const struct live *live, const struct profiles *profiles, const struct identities *identities,
                struct store *store, uint32_t customer, struct arena *scratch, json_t **ret_known, struct err *err)
{
    struct live_trait *traits;
    struct text text;
    json_t *known = json_object();
    size_t n = live_traits(live, customer, scratch, &traits), n_members;
    for (size_t i = 0; i < n; i++)
        json_object_set_new(known, live_trait_name(live, traits[i].name),
                            json_stringn(traits[i].text.at, traits[i].text.length));
    *ret_known = known;
    if (!profiles) return true;
    const uint32_t *members = identities_members(identities, customer, &n_members);
    if (!profiles_get(profiles, store, members, n_members, scratch, &text, err)) {
        json_decref(known);
        return false;
    }
    json_t *personal = json_loadb(text.at, text.length, 0, NULL);
    json_object_update(known, personal);
    json_decref(personal);
    return true;
}

const struct zone *known_shop_zone(const struct contact_rules *rules, struct zones *zones)
{
    return rules->zone ? zones_get(zones, text_of(rules->zone)) : zone_utc;
}

const struct zone *known_zone(const json_t *known, const struct contact_rules *rules, struct zones *zones,
                              bool *ret_is_known)
{
    const char *name = json_string_value(json_object_get(known, "timezone"));
    const struct zone *zone = name ? zones_get(zones, text_of(name)) : zone_utc;
    *ret_is_known = name && (zone != zone_utc || strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0);
    return *ret_is_known ? zone : known_shop_zone(rules, zones);
}

const struct zone *known_zone_named(const json_t *known, const struct contact_rules *rules, struct zones *zones,
                                    const char **ret_name)
{
    bool is_known;
    const struct zone *zone = known_zone(known, rules, zones, &is_known);
    *ret_name = is_known      ? json_string_value(json_object_get(known, "timezone"))
                : rules->zone ? rules->zone
                              : "UTC";
    return zone;
}

static const char *text_at(const json_t *known, const char *name)
{
    const char *text = json_string_value(json_object_get(known, name));
    return text && *text ? text : NULL;
}

const char *known_channel(const json_t *known) { return text_at(known, "preferred_channel"); }

const char *known_address(const json_t *known, const struct contact_rules *rules, const char *channel)
{
    static const char *const streets[] = { "address", "address.street", "street", "address1" };
    switch (contact_channel_kind(rules, channel)) {
    case CHANNEL_SMTP: case CHANNEL_AUDIENCE: return text_at(known, "email");
    case CHANNEL_TWILIO: case CHANNEL_CALLS: return text_at(known, "phone");
    case CHANNEL_POST:
        for (size_t i = 0; i < sizeof streets / sizeof *streets; i++)
            if (text_at(known, streets[i])) return text_at(known, streets[i]);
        return NULL;
    case CHANNEL_WEBHOOK: break;
    }
    return NULL;
}

bool known_day(const json_t *known, const char *name, int64_t *ret_day)
{
    const char *text = text_at(known, name);
    int64_t time_ms;
    if (!text || !calendar_parse_iso(text, strlen(text), &time_ms)) return false;
    *ret_day = calendar_day_of_ms(time_ms);
    return true;
}

/* Of an event that is no purchase, a property called amount or quantity is what was meant. */
static void set_number(json_t *event, const char *name, double number)
{
    if (number != 0 || !json_object_get(event, name)) json_object_set_new(event, name, json_real(number));
}

json_t *known_event(const struct log *log, const struct events *events, size_t i)
{
    uint32_t begin = events->properties_end && i ? events->properties_end[i - 1] : 0;
    json_t *json = events->properties_end
                       ? json_loadb(events->properties_bytes + begin, events->properties_end[i] - begin, 0, NULL)
                       : NULL;
    if (!json) json = json_object();
    struct text kind = log_name(log, DICTIONARY_KIND, events->kind[i]);
    struct text item = events->item ? log_name(log, DICTIONARY_ITEM, events->item[i]) : text_of("");
    json_object_set_new(json, "event", json_stringn(kind.at, kind.length));
    if (events->amount_cents) set_number(json, "amount", (double)events->amount_cents[i] / 100);
    if (events->quantity_milli) set_number(json, "quantity", (double)events->quantity_milli[i] / 1000);
    if (item.length) json_object_set_new(json, "item", json_stringn(item.at, item.length));
    return json;
}
