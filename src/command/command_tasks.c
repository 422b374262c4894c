/* command_tasks.c - holdfast tasks and holdfast why: what people are to do, and why a journey did what it did. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "command/people.h"
#include "engine/journeys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tasks ---- */

static void print_tasks(const json_t *tasks)
{
    size_t i;
    const json_t *task;
    json_array_foreach(tasks, i, task) printf(
        "%6lld  %-8s %-16s %-16s %s\n", (long long)json_integer_value(json_object_get(task, "id")),
        json_string_value(json_object_get(task, "state")), json_string_value(json_object_get(task, "customer")),
        json_string_value(json_object_get(task, "owner")), json_string_value(json_object_get(task, "task")));
    if (json_array_size(tasks) == 0) puts("nothing is to be done");
}

static bool run_tasks(struct invocation *invocation, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    struct identities *identities = NULL;
    json_t *tasks = identities_open(database.store, database.log, &identities, err)
                        ? journeys_tasks(database.store, database.log, identities, flag_text(invocation, "state", "open"),
                                         flag_text(invocation, "owner", ""), text_of(""), err)
                        : NULL;
    identities_close(identities);
    database_close(&database);
    if (!tasks) return false;
    if (invocation->is_json) {
        json_print_take(json_pack("{s:o}", "tasks", tasks));
        return true;
    }
    print_tasks(tasks);
    json_decref(tasks);
    return true;
}

static const struct flag task_flags[] = {
    { "state", "WORD", "open (the usual), taken, snoozed or done; empty for all" },
    { "owner", "NAME", "only those of this person" },
    { 0 },
};

const struct command command_tasks = {
    .name = "tasks",
    .arguments = "",
    .summary = "what journeys ask people to do",
    .details = "Tasks are taken, put off and done by POST /v1/tasks/ID/take, snooze and done.",
    .example = "holdfast tasks --state open",
    .flags = task_flags,
    .run = run_tasks,
};

/* ---- why ---- */

/* What became of a step's message, where it has not just been sent. */
static void print_fate(const json_t *step)
{
    const char *status = json_string_value(json_object_get(step, "status")),
               *reply = json_string_value(json_object_get(step, "reply"));
    bool has_come_back = reply && strncmp(reply, "came back", strlen("came back")) == 0;
    if (status && (strcmp(status, "sent") != 0 || has_come_back))
        printf("%31s%s%s%s\n", "", status, reply ? ": " : "", reply ? reply : "");
}

static void print_why(const json_t *why)
{
    size_t i, k;
    const json_t *entry, *step;
    json_array_foreach(json_object_get(why, "entries"), i, entry) {
        const char *end = json_string_value(json_object_get(entry, "end"));
        json_array_foreach(json_object_get(entry, "steps"), k, step) {
            char *facts = json_dumps(json_object_get(step, "facts"), JSON_COMPACT);
            printf("%.16s  %-12s %-9s %s%s%s\n", json_string_value(json_object_get(step, "local")),
                   json_string_value(json_object_get(step, "step")),
                   json_string_value(json_object_get(step, "outcome")),
                   json_string_value(json_object_get(step, "sentence")), strcmp(facts, "{}") ? "  " : "",
                   strcmp(facts, "{}") ? facts : "");
            free(facts);
            print_fate(step);
        }
        printf("%s\n", end ? end : "still inside");
    }
    json_array_foreach(json_object_get(why, "not_entered"), i, entry) {
        char *facts = json_dumps(json_object_get(entry, "facts"), JSON_COMPACT);
        printf("did not enter: %s %s\n", json_string_value(json_object_get(entry, "rule")), facts);
        free(facts);
    }
    if (json_array_size(json_object_get(why, "entries")) + json_array_size(json_object_get(why, "not_entered")) ==
        0)
        puts("nothing began it for them");
}

static bool run_why(struct invocation *invocation, struct err *err)
{
    struct people people;
    struct settings settings;
    struct contact_rules rules;
    struct zones *zones = zones_new(ZONES_FOLDER);
    uint32_t customer;
    json_t *known = NULL, *why = NULL;
    const char *name;
    if (people_open(invocation, &people, err) && command_settings(invocation, people.store, &settings, err) &&
        contact_rules_read(&settings, invocation->arena, &rules, err) &&
        people_find(&people, invocation->arguments[0], invocation->arena, &customer, &known, err)) {
        const struct zone *zone = known_zone_named(known, &rules, zones, &name);
        why = journeys_why(people.store, people.log, people.identities, customer, invocation->arguments[1], zone, name, err);
    }
    json_decref(known);
    people_close(&people);
    zones_free(zones);
    if (!why) return false;
    if (invocation->is_json) {
        json_print_take(why);
        return true;
    }
    print_why(why);
    json_decref(why);
    return true;
}

const struct command command_why = {
    .name = "why",
    .arguments = "CUSTOMER JOURNEY",
    .summary = "why a journey did, or did not do, something with somebody",
    .details = "Each step with the instant, what was known then, which rule decided, and what was sent.",
    .example = "holdfast why ada winback",
    .run = run_why,
};
