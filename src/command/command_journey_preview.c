/* command_journey_preview.c - holdfast journey preview: one person, one journey, through the days to come. */
#include "command/command_journey.h"
#include "command/journey_person.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "desk/trial_told.h"
#include "trial/trial.h"

#include <stdio.h>
#include <string.h>

enum { MOST_DAYS = 3660, USUAL_DAYS = 30 };

static void print_entries(const struct trial_told *preview)
{
    size_t i, k;
    json_t *entry, *step;
    json_array_foreach(preview->entries, i, entry) {
        const char *end = json_string_value(json_object_get(entry, "end"));
        json_array_foreach(json_object_get(entry, "steps"), k, step) printf(
            "%.16s  %-12s %-9s %s\n", json_string_value(json_object_get(step, "local")),
            json_string_value(json_object_get(step, "step")), json_string_value(json_object_get(step, "outcome")),
            json_string_value(json_object_get(step, "sentence")));
        printf("%s\n", end ? end : "still inside");
    }
    if (json_array_size(preview->entries) == 0) puts("nobody enters");
    json_array_foreach(preview->not_entered, i, entry) {
        const char *rule = json_string_value(json_object_get(entry, "rule"));
        printf("did not enter: %s\n", rule ? rule : "once is enough");
    }
}

static void print_preview(const struct invocation *invocation, struct trial_told *preview,
                          const struct journey *journey, const char *id, const char *zone)
{
    trial_told_end(preview);
    if (!invocation->is_json) {
        print_entries(preview);
        return;
    }
    json_print_take(json_pack("{s:s, s:i, s:s, s:s, s:O, s:O}", "journey", journey->name, "version", 1, "customer",
                              id, "zone", zone, "entries", preview->entries, "not_entered", preview->not_entered));
}

/* The name of the zone that the person's times are in. */
static const char *zone_name(const struct person_database *database, const struct contact_rules *rules,
                             struct arena *arena)
{
    const char *name = json_string_value(json_object_get(json_object_get(database->person, "traits"), "timezone"));
    const struct zone *zone;
    struct err none;
    if (name && zone_open(ZONES_FOLDER, text_of(name), arena, &zone, &none)) return name;
    return rules->zone ? rules->zone : "UTC";
}

static bool walk(struct invocation *invocation, const struct journey *journey, const struct contact_rules *rules,
                 const struct settings *settings, int64_t from_ms, int64_t days, struct person_database *database,
                 struct err *err)
{
    struct trial_told preview = trial_told_new();
    struct zones *zones = zones_new(ZONES_FOLDER);
    const char *url = NULL;
    const struct trial_options options = {
        .journeys = &journey,
        .n_journeys = 1,
        .rules = rules,
        .settings = settings,
        .store = database->store,
        .log = database->log,
        .identities = database->identities,
        .zones = zones,
        .from_ms = from_ms,
        .to_ms = from_ms + days * MS_PER_DAY,
        .n_threads = 1,
        .person = database->person,
        .templates = journey_templates(invocation, invocation->arguments[1]),
        .told = trial_told_hear,
        .context = &preview,
    };
    struct trial_options with_url = options;
    struct trial_counts counts;
    bool ok = settings_text(settings, "public_url", &url, err);
    with_url.public_url = url;
    ok = ok && trial_run(&with_url, invocation->arena, &counts, err);
    if (ok)
        print_preview(invocation, &preview, journey, database->id, zone_name(database, rules, invocation->arena));
    trial_told_free(&preview);
    zones_free(zones);
    return ok;
}

bool journey_preview(struct invocation *invocation, struct err *err)
{
    const struct journey *journey;
    struct settings settings;
    struct contact_rules rules;
    struct person_database database;
    const char *person = flag_text(invocation, "person", NULL);
    int64_t from_ms, days;
    if (invocation->n_arguments != 2 || !person || !flag_is_given(invocation, "from"))
        return err_set(err, ERR_INVALID,
                       "usage: holdfast journey preview FILE --person ada.json --from 2027-03-27T11:00:00Z");
    if (!flag_date_ms(invocation, "from", 0, &from_ms, err) ||
        !flag_int(invocation, "days", 1, MOST_DAYS, USUAL_DAYS, &days, err) ||
        !journey_load(invocation, invocation->arguments[1], &journey, err) ||
        !command_settings(invocation, NULL, &settings, err) ||
        !contact_rules_read(&settings, invocation->arena, &rules, err) ||
        !person_database_open(person, from_ms, invocation->arena, &database, err))
        return false;
    bool ok = walk(invocation, journey, &rules, &settings, from_ms, days, &database, err);
    person_database_close(&database);
    return ok;
}
