/* routes_journey_try.c - a journey is tried before it is at work: one person through the days to come, and everybody
 * through those that were.  POST /v1/journeys/preview and /v1/journeys/simulate. */
#include "server/route.h"
#include "base/calendar.h"
#include "desk/trial_told.h"
#include "trial/expecting.h"
#include "engine/service.h"
#include "intake/commerce.h"

#include <string.h>

enum { DAYS_MOST = 366, PREVIEW_DAYS = 30, SIMULATED_DAYS = 30, HAPPENINGS_MOST = 50 };

struct asked {
    json_t                 *body;
    const struct journey   *journey;
    int64_t                 days, from_ms;
    uint32_t                customer;
    const char             *who;
    struct trial_happening  happenings[HAPPENINGS_MOST];
    size_t                  n_happenings;
};

/* ---- what is asked ---- */

static bool read_int(const json_t *body, const char *name, int64_t least, int64_t most, int64_t otherwise,
                     int64_t *ret_value, struct err *err)
{
    const json_t *value = json_object_get(body, name);
    *ret_value = otherwise;
    if (!value || json_is_null(value)) return true;
    *ret_value = json_integer_value(value);
    return (json_is_integer(value) && *ret_value >= least && *ret_value <= most) ||
           err_set(err, ERR_INVALID, "%s must be a whole number from %lld to %lld", name, (long long)least,
                   (long long)most);
}

static bool read_journey(struct request *request, struct asked *asked, const char **ret_field, struct err *err)
{
    if (!request_json(request, &asked->body, err)) return false;
    const char *yaml = json_string_value(json_object_get(asked->body, "yaml"));
    *ret_field = "yaml";
    if (!yaml) return err_set(err, ERR_INVALID, "yaml is missing: the journey's definition");
    return journey_read(text_of(arena_copy(request->arena, yaml)), "journey", request->arena, &asked->journey, err);
}

/* Sorted by when they happen, which is so many hours after the beginning. */
static bool read_happenings(struct request *request, struct asked *asked, struct err *err)
{
    size_t i;
    const json_t *one, *list = json_object_get(asked->body, "happenings");
    const struct trigger *trigger = &asked->journey->trigger;
    json_t *none = json_object(), *start = json_object_get(asked->body, "event");
    json_object_set_new(asked->body, "nothing", none);
    if (start && !json_is_object(start)) return err_set(err, ERR_INVALID, "event must be an object: its properties");
    if (trigger->kind == TRIGGER_EVENT)
        asked->happenings[asked->n_happenings++] =
            (struct trial_happening){ trigger->name, asked->from_ms, start ? start : none };
    if (json_array_size(list) >= HAPPENINGS_MOST)
        return err_set(err, ERR_INVALID, "happenings: at most %d", HAPPENINGS_MOST - 1);
    json_array_foreach(list, i, one) {
        const char *kind = commerce_meant(json_string_value(json_object_get(one, "event")));
        const json_t *after = json_object_get(one, "after_hours"), *told = json_object_get(one, "properties");
        if (!kind || !json_is_number(after) || json_number_value(after) < 0 || (told && !json_is_object(told)))
            return err_set(err, ERR_INVALID, "happenings[%zu]: expected {\"event\": \"order\", \"after_hours\": 24, "
                           "\"properties\": {}}", i);
        struct trial_happening happening = { arena_copy(request->arena, kind),
                                             asked->from_ms + (int64_t)(json_number_value(after) * 3600000),
                                             told ? told : none };
        size_t at = asked->n_happenings++;
        for (; at > 0 && asked->happenings[at - 1].at_ms > happening.at_ms; at--)
            asked->happenings[at] = asked->happenings[at - 1];
        asked->happenings[at] = happening;
    }
    return true;
}

static bool read_person(struct request *request, struct asked *asked, const char **ret_field, struct err *err)
{
    int64_t now_ms = service_instant_ms(request->service);
    asked->who = json_string_value(json_object_get(asked->body, "customer"));
    *ret_field = "customer";
    if (!asked->who || !*asked->who)
        return err_set(err, ERR_INVALID, "customer is missing: an id of whoever is to try the journey");
    if (!service_customer(request->service, text_of(asked->who), &asked->customer, err)) return false;
    *ret_field = "days";
    if (!read_int(asked->body, "days", 1, DAYS_MOST, PREVIEW_DAYS, &asked->days, err)) return false;
    *ret_field = "from_ms";
    if (!read_int(asked->body, "from_ms", 0, now_ms + DAYS_MOST * MS_PER_DAY, now_ms, &asked->from_ms, err))
        return false;
    *ret_field = "happenings";
    return read_happenings(request, asked, err);
}

/* ---- one person ---- */

static const char *templates_of(struct request *request)
{
    const char *campaigns = request->service->options.campaigns;
    return campaigns ? arena_format(request->arena, "%s/templates", campaigns) : NULL;
}

static enum handling handle_preview(struct request *request, struct reply *reply)
{
    struct err err;
    struct asked *asked = ARENA_NEW(request->arena, struct asked);
    struct trial_told told = trial_told_new();
    struct trial_counts counts;
    const char *field = NULL;
    bool ok = read_journey(request, asked, &field, &err) && read_person(request, asked, &field, &err);
    if (ok) {
        field = NULL;
        const struct trial_options options = {
            .journeys = &asked->journey, .n_journeys = 1, .from_ms = asked->from_ms,
            .to_ms = asked->from_ms + asked->days * MS_PER_DAY, .customer = asked->customer,
            .happenings = asked->happenings, .n_happenings = asked->n_happenings,
            .templates = templates_of(request), .told = trial_told_hear, .context = &told,
        };
        ok = expecting_run(request->service, &options, request->arena, &counts, &err);
    }
    trial_told_end(&told);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:s, s:s, s:I, s:I, s:O, s:O}", "journey", asked->journey->name, "customer",
                                  asked->who, "from_ms", (json_int_t)asked->from_ms, "to_ms",
                                  (json_int_t)(asked->from_ms + asked->days * MS_PER_DAY), "entries", told.entries,
                                  "not_entered", told.not_entered));
    else reply_error(request, reply, &err, field);
    trial_told_free(&told);
    json_decref(asked->body);
    return HANDLED;
}

/* ---- everybody ---- */

/* An entry is told of with each of its steps: they are numbered in the order in which they begin. */
struct counting {
    const struct journey *journey;
    json_t  *steps;                 /* by id: {"sent": 12} */
    int64_t  from_ms, days, n_of[DAYS_MOST + 1];
    uint8_t *is_known;              /* [room] bits by entry */
    size_t   room;
    struct arena *arena;
};

static bool is_new(struct counting *c, size_t entry)
{
    if (entry / 8 >= c->room) {
        size_t room = 2 * (entry / 8) + 1024;
        uint8_t *wider = ARENA_ARRAY(c->arena, uint8_t, room);
        if (c->room) memcpy(wider, c->is_known, c->room);
        c->is_known = wider;
        c->room = room;
    }
    uint8_t bit = (uint8_t)(1u << (entry % 8));
    bool is = !(c->is_known[entry / 8] & bit);
    c->is_known[entry / 8] |= bit;
    return is;
}

static void count(void *context, const struct trial_line *told)
{
    struct counting *c = context;
    if (told->entry == SIZE_MAX) return;
    int64_t day = (told->entered_ms - c->from_ms) / MS_PER_DAY;
    if (day == c->days) day--;      /* the last instant */
    if (is_new(c, told->entry) && day >= 0 && day < c->days) c->n_of[day]++;
    if (!told->line) return;
    json_t *step = json_object_get(c->steps, told->line->step->id);
    const char *word = walk_outcome_word(told->line->outcome);
    if (!step) json_object_set_new(c->steps, told->line->step->id, step = json_object());
    json_object_set_new(step, word, json_integer(json_integer_value(json_object_get(step, word)) + 1));
}

static json_t *by_rule(const struct trial_counts *counts)
{
    json_t *json = json_object();
    for (int rule = 1; rule < CONTACT_RULES; rule++)
        if (counts->held[rule] + counts->skipped[rule])
            json_object_set_new(json, contact_rule_word((enum contact_rule)rule),
                                json_integer((json_int_t)(counts->held[rule] + counts->skipped[rule])));
    return json;
}

static json_t *simulated(const struct counting *c, const struct trial_counts *counts)
{
    json_t *sent = json_object(), *daily = json_array();
    int64_t most = 0;
    for (size_t i = 0; i < counts->n_sent; i++)
        json_object_set_new(sent, counts->sent[i].channel, json_integer((json_int_t)counts->sent[i].n));
    for (int64_t day = 0; day < c->days; day++) {
        most = c->n_of[day] > most ? c->n_of[day] : most;
        json_array_append_new(daily, json_integer(c->n_of[day]));
    }
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:o, s:O, s:s?}", "journey",
                     c->journey->name, "from_ms", (json_int_t)c->from_ms, "days", (json_int_t)c->days, "people",
                     (json_int_t)counts->n_people, "entered", (json_int_t)counts->n_entered, "not_entered",
                     (json_int_t)counts->n_not_entered, "inside", (json_int_t)counts->ended[WALK_OPEN], "goal",
                     (json_int_t)counts->ended[WALK_GOAL], "busiest_day", (json_int_t)most, "sent", sent, "held",
                     by_rule(counts), "failed", (json_int_t)counts->failed, "daily", daily, "steps", c->steps,
                     "violation", counts->violation);
}

static enum handling handle_simulate(struct request *request, struct reply *reply)
{
    struct err err;
    struct asked *asked = ARENA_NEW(request->arena, struct asked);
    struct counting *counting = ARENA_NEW(request->arena, struct counting);
    struct trial_counts counts;
    const char *field = NULL;
    int64_t now_ms = service_instant_ms(request->service);
    bool ok = read_journey(request, asked, &field, &err);
    if (ok) field = "days", ok = read_int(asked->body, "days", 1, DAYS_MOST, SIMULATED_DAYS, &asked->days, &err);
    *counting = (struct counting){ .journey = asked->journey, .steps = json_object(), .days = asked->days,
                                   .from_ms = now_ms - asked->days * MS_PER_DAY, .arena = request->arena };
    if (ok) {
        field = NULL;
        const struct trial_options options = { .journeys = &asked->journey, .n_journeys = 1,
                                               .from_ms = counting->from_ms, .to_ms = now_ms, .told = count,
                                               .context = counting };
        ok = expecting_run(request->service, &options, request->arena, &counts, &err);
    }
    if (ok) reply_json_take(request, reply, 200, simulated(counting, &counts));
    else reply_error(request, reply, &err, field);
    json_decref(counting->steps);
    json_decref(asked->body);
    return HANDLED;
}

/* ---- the table ---- */

static const struct route_field preview_body[] = {
    { "yaml", "string", "the journey's definition, saved or not", true },
    { "customer", "string", "an id of whoever is to go through it", true },
    { "from_ms", "integer", "when they enter; now if not said", false },
    { "days", "integer", "for so long, 1 to 366; 30 if not said", false },
    { "event", "object", "properties of the event by which they enter", false },
    { "happenings", "array", "what is thought to happen to them meanwhile, at most 49", false },
    { "happenings[].event", "string", "which event", true },
    { "happenings[].after_hours", "number", "so many hours after they entered", true },
    { "happenings[].properties", "object", "its properties", false },
    { 0 },
};
static const struct route_field preview_answer[] = {
    { "journey", "string", "its name", true },
    { "customer", "string", "as asked", true },
    { "from_ms", "integer", "when it begins", true },
    { "to_ms", "integer", "until when it was followed", true },
    { "entries", "array", "each way through: none if they did not enter", true },
    { "entries[].entered_ms", "integer", "when they entered", true },
    { "entries[].end", "string, null", "finished, exited, goal, filter; null: still inside", true },
    { "entries[].steps", "array", "what would happen, in its order", true },
    { "entries[].steps[].step", "string", "the step's id", true },
    { "entries[].steps[].at_ms", "integer", "when", true },
    { "entries[].steps[].local", "string", "by the person's clock", true },
    { "entries[].steps[].outcome", "string", "sent, held, skipped, waited, branched, failed or exited", true },
    { "entries[].steps[].rule", "string, null", "by which rule of contact", true },
    { "entries[].steps[].sentence", "string", "what and why", true },
    { "not_entered", "array", "when they were meant and did not enter", true },
    { "not_entered[].at_ms", "integer", "when", true },
    { "not_entered[].rule", "string, null", "why", true },
    { "not_entered[].facts", "object", "what the condition looked at", true },
    { "not_entered[].facts.*", "string, number, boolean, null", "a value", false },
    { 0 },
};
static const struct route_field simulate_body[] = {
    { "yaml", "string", "the journey's definition, saved or not", true },
    { "days", "integer", "the last so many, 1 to 366; 30 if not said", false },
    { 0 },
};
static const struct route_field simulate_answer[] = {
    { "journey", "string", "its name", true },
    { "from_ms", "integer", "from when on", true },
    { "days", "integer", "for so long", true },
    { "people", "integer", "who were looked at", true },
    { "entered", "integer", "ways that would have begun", true },
    { "not_entered", "integer", "how often somebody was meant and the filter did not hold", true },
    { "inside", "integer", "ways not ended by now", true },
    { "goal", "integer", "ways that the goal would have ended", true },
    { "busiest_day", "integer", "who would have entered on the day on which most did", true },
    { "sent", "object", "messages by channel", true },
    { "sent.*", "integer", "of one", false },
    { "held", "object", "messages put off or left out, by rule of contact", true },
    { "held.*", "integer", "by one", false },
    { "failed", "integer", "messages that could not be written", true },
    { "daily", "array", "of each day how many would have entered", true },
    { "steps", "object", "by the step's id", true },
    { "steps.*", "object", "how many ways through it had each outcome", false },
    { "steps.*.*", "integer", "of one", false },
    { "violation", "string, null", "the first break of a rule of contact; null: none", true },
    { 0 },
};

#define YAML "\"yaml\": \"journey: welcome\\ntrigger: {event: signup}\\nsteps: [{id: hello, send: email, html: welcome.html}]\\n\""

const struct route routes_journey_try[] = {
    { .method = "POST",
      .path = "/v1/journeys/preview",
      .needs = ACCESS_CUSTOMER,
      .is_no_act = true, .handle = handle_preview,
      .is_slow = true,
      .summary = "What a journey would do with somebody in the days to come",
      .details = "Nothing is sent or written.  They are as they are now, or as they were known at from_ms; what was "
                 "sent to them before does not count against the caps.",
      .body = preview_body,
      .answer = preview_answer,
      .body_example = "{" YAML ", \"customer\": \"ada\", \"days\": 14, \"happenings\": [{\"event\": \"order\", "
                      "\"after_hours\": 24}]}",
      .answer_example =
          "{\"journey\": \"welcome\", \"customer\": \"ada\", \"from_ms\": 1790000000000, \"to_ms\": 1791209600000, "
          "\"entries\": [{\"entered_ms\": 1790000000000, \"end\": \"finished\", \"steps\": [{\"step\": \"hello\", "
          "\"at_ms\": 1790000000000, \"local\": \"2026-09-21T15:33:20+02:00\", \"outcome\": \"sent\", \"rule\": "
          "null, \"sentence\": \"sent by email\"}]}], \"not_entered\": []}" },
    { .method = "POST",
      .path = "/v1/journeys/simulate",
      .needs = ACCESS_JOURNEY,
      .is_no_act = true, .handle = handle_simulate,
      .is_slow = true,
      .summary = "What a journey would have done with everybody in the days before",
      .details = "Nothing is sent or written: how many would enter, what they would get, and by which rule not.",
      .body = simulate_body,
      .answer = simulate_answer,
      .body_example = "{" YAML ", \"days\": 30}",
      .answer_example =
          "{\"journey\": \"welcome\", \"from_ms\": 1787408000000, \"days\": 30, \"people\": 300, \"entered\": 12, "
          "\"not_entered\": 3, \"inside\": 2, \"goal\": 4, \"busiest_day\": 2, \"sent\": {\"email\": 9}, \"held\": "
          "{\"consent\": 3}, \"failed\": 0, \"daily\": [1, 0, 2], \"steps\": {\"hello\": {\"sent\": 9, \"skipped\": "
          "3}}, \"violation\": null}" },
    { 0 },
};
