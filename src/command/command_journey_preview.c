/* command_journey_preview.c - holdfast journey preview: one person, one journey, through the days to come. */
#include "command/command_journey.h"
#include "command/journey_person.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "engine/trial.h"

#include <stdio.h>
#include <string.h>

enum { MOST_DAYS = 3660, USUAL_DAYS = 30 };

struct preview {
    json_t            *entries, *not_entered;   /* lists */
    const struct zone *zone;
};

static json_t *line_json(const struct trial_line *told)
{
    char local[MOMENT_TEXT_BYTES];
    const struct walk_line *line = told->line;
    moment_format(told->zone, line->at_ms, local);
    return json_pack("{s:s, s:I, s:s, s:s, s:s?, s:s}", "step", line->step->id, "at_ms", (json_int_t)line->at_ms,
                     "local", local, "outcome", walk_outcome_word(line->outcome), "rule",
                     contact_rule_word(line->rule), "sentence", line->sentence);
}

/* The entry of that number among those told of. */
static json_t *entry_of(struct preview *preview, const struct trial_line *told)
{
    size_t i;
    json_t *entry;
    json_array_foreach(preview->entries, i, entry)
        if ((size_t)json_integer_value(json_object_get(entry, "number")) == told->entry) return entry;
    entry = json_pack("{s:I, s:I, s:n, s:[]}", "number", (json_int_t)told->entry, "entered_ms",
                      (json_int_t)told->entered_ms, "end", "steps");
    json_array_append_new(preview->entries, entry);
    return entry;
}

static void hear(void *context, const struct trial_line *told)
{
    struct preview *preview = context;
    preview->zone = told->zone;
    if (told->entry == SIZE_MAX) {
        json_array_append_new(preview->not_entered,
                              json_pack("{s:I, s:s?, s:O}", "at_ms", (json_int_t)told->at_ms, "rule",
                                        contact_rule_word(told->rule), "facts", told->facts));
        return;
    }
    json_t *entry = entry_of(preview, told);
    if (told->line) json_array_append_new(json_object_get(entry, "steps"), line_json(told));
    if (told->end != WALK_OPEN) json_object_set_new(entry, "end", json_string(walk_end_word(told->end)));
}

static void print_entries(const struct preview *preview)
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

static void print_preview(const struct invocation *invocation, struct preview *preview,
                          const struct journey *journey, const char *id, const char *zone)
{
    size_t i;
    json_t *entry;
    json_array_foreach(preview->entries, i, entry) json_object_del(entry, "number");
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
    struct preview preview = { .entries = json_array(), .not_entered = json_array() };
    struct zones *zones = zones_new(ZONES_FOLDER);
    const char *url = NULL;
    const struct trial_options options = {
        .journeys = &journey,
        .n_journeys = 1,
        .rules = rules,
        .store = database->store,
        .log = database->log,
        .identities = database->identities,
        .zones = zones,
        .from_ms = from_ms,
        .to_ms = from_ms + days * MS_PER_DAY,
        .n_threads = 1,
        .person = database->person,
        .templates = journey_templates(invocation, invocation->arguments[1]),
        .told = hear,
        .context = &preview,
    };
    struct trial_options with_url = options;
    struct trial_counts counts;
    bool ok = settings_text(settings, "public_url", &url, err);
    with_url.public_url = url;
    ok = ok && trial_run(&with_url, invocation->arena, &counts, err);
    if (ok)
        print_preview(invocation, &preview, journey, database->id, zone_name(database, rules, invocation->arena));
    json_decref(preview.entries);
    json_decref(preview.not_entered);
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
