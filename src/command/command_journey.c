/* command_journey.c - holdfast journey: are these journeys right, what would they do. */
#include "cli/command.h"
#include "command/command_journey.h"
#include "command/journey_missing.h"
#include "cli/json_out.h"
#include "base/similar.h"
#include "base/zones.h"
#include "engine/wording.h"
#include "journey/ways_out.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- check ---- */

const char *journey_templates(const struct invocation *invocation, const char *path)
{
    const char *given = flag_text(invocation, "templates", NULL), *slash = strrchr(path, '/');
    const char *folder = slash ? arena_format(invocation->arena, "%.*s", (int)(slash - path), path) : ".";
    const char *beside = arena_format(invocation->arena, "%s/../templates", folder);
    return given ? given : access(beside, F_OK) == 0 ? beside : NULL;
}

static bool load(const struct invocation *invocation, const char *path, const struct journey **ret_journey,
                 struct wording *ret_unseen, struct err *err)
{
    return journey_read_file(path, invocation->arena, ret_journey, err) &&
           wording_check(*ret_journey, path, journey_templates(invocation, path), invocation->arena, ret_unseen, err);
}

bool journey_load(const struct invocation *invocation, const char *path, const struct journey **ret_journey,
                  struct err *err)
{
    struct wording unseen;
    return load(invocation, path, ret_journey, &unseen, err);
}

/* The settings given, else those of the folder of campaigns that the journey lies in; none: any channel will do. */
static bool check_ways(struct invocation *invocation, const struct journey *journey, const char *path,
                       struct err *err)
{
    struct settings settings = { 0 };
    struct contact_rules rules;
    const char *slash = strrchr(path, '/'),
               *beside = arena_format(invocation->arena, "%.*s/../holdfast.yaml", slash ? (int)(slash - path) : 1,
                                      slash ? path : "."),
               *given = flag_text(invocation, "settings", access(beside, F_OK) == 0 ? beside : NULL);
    return (!given || settings_read(given, invocation->arena, &settings, err)) &&
           contact_rules_read(&settings, invocation->arena, &rules, err) &&
           ways_out_check(journey, path, &rules, invocation->arena, err);
}

static bool check_names(const struct journey *const *journeys, const char *const *paths, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(journeys[i]->name, journeys[j]->name) == 0)
                return err_set(err, ERR_INVALID, "%s and %s are both called '%s'", paths[j], paths[i],
                               journeys[i]->name);
    return true;
}

/* With --db: what the journeys speak of that it lacks. */
static bool look_into_database(struct invocation *invocation, const struct journey *const *journeys,
                               const char *const *paths, size_t n, json_t *list, struct err *err)
{
    struct people people;
    if (!flag_is_given(invocation, "db")) return true;
    bool ok = people_open(invocation, &people, err);
    for (size_t i = 0; ok && i < n; i++) {
        json_t *missing, *warnings, *of = json_array_get(list, i);
        size_t n_customers;
        ok = journey_missing(&people, journeys[i], journey_templates(invocation, paths[i]), &missing, &n_customers,
                             err);
        if (ok) {
            json_object_set_new(of, "customers", json_integer((json_int_t)n_customers));
            json_object_set_new(of, "missing", missing);
            ok = journey_unstarted(&people, journeys[i], invocation->arena, &warnings, err);
        }
        if (ok) json_array_extend(json_object_get(of, "warnings"), warnings), json_decref(warnings);
        else err_context(err, "%s", paths[i]);
    }
    people_close(&people);
    return ok;
}

static void print_lacking(const json_t *list)
{
    size_t i, k;
    const json_t *journey, *row;
    json_array_foreach(list, i, journey) {
        const char *name = json_string_value(json_object_get(journey, "journey"));
        json_array_foreach(json_object_get(journey, "missing"), k, row)
            printf("%s, step '%s': %lld of %lld customers have no %s, so theirs would fail\n", name,
                   json_string_value(json_object_get(row, "step")),
                   (long long)json_integer_value(json_object_get(row, "customers")),
                   (long long)json_integer_value(json_object_get(journey, "customers")),
                   json_string_value(json_object_get(row, "name")));
        json_array_foreach(json_object_get(journey, "warnings"), k, row)
            printf("%s, step '%s': %s\n", name, json_string_value(json_object_get(row, "step")),
                   json_string_value(json_object_get(row, "sentence")));
    }
}

static json_t *row_of(const struct invocation *invocation, const struct journey *journey, const char *path,
                      const struct wording *unseen)
{
    json_t *row = json_pack("{s:s, s:s, s:I, s:[]}", "journey", journey->name, "file", path, "steps",
                            (json_int_t)journey->n_steps, "warnings");
    if (unseen->step)
        json_array_append_new(json_object_get(row, "warnings"),
                              json_pack("{s:s, s:s}", "step", unseen->step->id, "sentence",
                                        arena_format(invocation->arena,
                                                     "%s was not looked at, for there is no folder ../templates "
                                                     "beside that of the journey: --templates DIR names another",
                                                     unseen->file)));
    return row;
}

static bool run_check(struct invocation *invocation, struct err *err)
{
    const char *const *paths = invocation->arguments + 1;
    size_t n = invocation->n_arguments - 1, n_steps = 0;
    const struct journey **journeys = ARENA_ARRAY(invocation->arena, const struct journey *, n + 1);
    if (n == 0) return err_set(err, ERR_INVALID, "usage: holdfast journey check FILES");
    struct wording *unseen = ARENA_ARRAY(invocation->arena, struct wording, n);
    for (size_t i = 0; i < n; i++) {
        if (!load(invocation, paths[i], &journeys[i], &unseen[i], err) ||
            !check_ways(invocation, journeys[i], paths[i], err))
            return false;
        n_steps += journeys[i]->n_steps;
    }
    if (!check_names(journeys, paths, n, err) ||
        !journeys_check_loops(journeys, paths, n, invocation->arena, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, row_of(invocation, journeys[i], paths[i], &unseen[i]));
    bool ok = look_into_database(invocation, journeys, paths, n, list, err);
    if (ok && !invocation->is_json) {
        printf("%zu journey%s, %zu steps: all is well\n", n, n == 1 ? "" : "s", n_steps);
        print_lacking(list);
    }
    if (ok && invocation->is_json) json_print_take(json_pack("{s:O}", "journeys", list));
    json_decref(list);
    return ok;
}

/* ---- all actions ---- */

static const struct {
    const char *name;
    bool      (*run)(struct invocation *invocation, struct err *err);
} actions[] = {
    { "check", run_check },
    { "preview", journey_preview },
    { "simulate", journey_simulate },
    { "list", journey_list },
};
enum { ACTIONS = sizeof actions / sizeof *actions };

static bool run_journey(struct invocation *invocation, struct err *err)
{
    const char *word = invocation->arguments[0], *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++) {
        names[i] = actions[i].name;
        if (strcmp(word, actions[i].name) == 0) return actions[i].run(invocation, err);
    }
    return err_set(err, ERR_INVALID, "there is no action '%s'%s: check FILES, preview FILE, simulate DIR or list",
                   word, similar_names(word, names, ACTIONS, invocation->arena));
}

static const struct flag flags[] = {
    { "templates", "DIR", "where templates are (else ../templates beside the journey's folder)" },
    { "person", "FILE", "preview: the person, as JSON with id, traits, consent, holdout and events" },
    { "from", "TIME", "preview: when it begins, such as 2027-03-27T11:00:00Z" },
    { "days", "N", "preview: for so long (else 30); simulate: the last so many of the history (else 90)" },
    { 0 },
};

const struct command command_journey = {
    .name = "journey",
    .arguments = "ACTION [WORD]...",
    .summary = "journeys: whether they are right, and what they would do",
    .details = "ACTION: check FILES; preview FILE --person ada.json --from TIME; simulate DIR;\n"
               "list.  With --db a check counts the customers who lack what messages say of them and names\n"
               "experiments that were never started.  A preview sends nothing: it lets one person's time go by\n"
               "and tells what would be sent, held or skipped, and by which rule.",
    .example = "holdfast journey check campaigns/journeys/winback.yaml",
    .flags = flags,
    .run = run_journey,
};
