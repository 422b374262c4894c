/* routes_journey_view.c - a journey as a graph, with who is at each step; and whether a text is one:
 * GET /v1/journeys/{name}, POST /v1/journeys/check. */
#include "server/route.h"
#include "decide/holdout.h"
#include "engine/service.h"
#include "experiment/comparison.h"
#include "hub/ingest.h"
#include "journey/journey.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { LATE_MS = 60 * 1000 };

static const char *const kind_words[] = {
    [STEP_DELAY] = "delay", [STEP_UNTIL_CLOCK] = "until", [STEP_UNTIL_DATE] = "until", [STEP_WINDOW] = "window",
    [STEP_WAIT] = "wait",   [STEP_SPLIT] = "split",       [STEP_RANDOM] = "random",    [STEP_DECIDE] = "decide",
    [STEP_SEND] = "send",   [STEP_TASK] = "task",         [STEP_COUPON] = "coupon",    [STEP_SET] = "set",
    [STEP_RAISE] = "raise", [STEP_EXPERIMENT] = "experiment", [STEP_EXIT] = "exit",
};

static const char *clock_words(int64_t ms, struct arena *arena)
{
    return arena_format(arena, "%02d:%02d", (int)(ms / 3600000), (int)(ms / 60000 % 60));
}

static const char *happening_words(const struct happening *what, struct arena *arena)
{
    if (what->event)
        return arena_format(arena, "%s%s%s", what->event, what->where.sql ? " with " : "",
                            what->where.sql ? what->where.written : "");
    if (what->segment) return arena_format(arena, "segment %s", what->segment);
    return what->where.sql ? what->where.written : "";
}

static const char *step_words(const struct journey_step *step, struct arena *arena)
{
    switch (step->kind) {
    case STEP_DELAY:       return arena_format(arena, "wait %s", span_words(step->span, arena));
    case STEP_UNTIL_CLOCK: return arena_format(arena, "until %s", clock_words(step->clock_ms, arena));
    case STEP_UNTIL_DATE:
        return arena_format(arena, "until %s%s%lld days", step->date, step->shift_days < 0 ? " less " : " and ",
                            (long long)llabs(step->shift_days));
    case STEP_WINDOW:
        return arena_format(arena, "between %s and %s", clock_words(step->from_ms, arena),
                            clock_words(step->to_ms, arena));
    case STEP_WAIT:
        return arena_format(arena, "wait for %s, at most %s", happening_words(&step->what, arena),
                            span_words(step->span, arena));
    case STEP_SPLIT:       return "split by conditions";
    case STEP_RANDOM:      return "split by lot";
    case STEP_EXPERIMENT:
        return arena_format(arena, "arms of experiment %s", step->name);
    case STEP_DECIDE:      return arena_format(arena, "decide at %s", step->name);
    case STEP_SEND:
        return arena_format(arena, "%s%s%s", step->channel, step->subject ? ": " : "",
                            step->subject ? step->subject : "");
    case STEP_TASK:        return arena_format(arena, "task: %s", step->words);
    case STEP_COUPON:      return arena_format(arena, "coupon %s", step->name);
    case STEP_RAISE:       return arena_format(arena, "event %s", step->name);
    case STEP_SET:         return arena_format(arena, "set %s", step->n_sets ? step->sets[0].name : "");
    case STEP_EXIT:        return "leave the journey";
    default:               return "";
    }
}

static json_t *step_name(const struct journey *journey, uint32_t step)
{
    return step < journey->n_steps ? json_string(journey->steps[step].id) : json_null();
}

static const char *branch_words(const struct journey_step *step, const struct branch *branch, struct arena *arena)
{
    if (step->kind == STEP_RANDOM) return arena_format(arena, "%.4g %%", 100 * branch->share);
    if (branch->name) return branch->name;
    return branch->when.sql ? branch->when.written : "otherwise";
}

static json_t *branches_json(const struct journey *journey, const struct journey_step *step, struct arena *arena)
{
    json_t *list = json_array();
    for (size_t i = 0; i < step->n_branches; i++)
        json_array_append_new(list, json_pack("{s:s, s:o}", "words", branch_words(step, &step->branches[i], arena),
                                              "to", step_name(journey, step->branches[i].first)));
    if (step->kind == STEP_WAIT)
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "words", "time is over", "to", step_name(journey, step->otherwise)));
    return list;
}

static json_t *steps_json(const struct journey *journey, struct arena *arena)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < journey->n_steps; i++) {
        const struct journey_step *step = &journey->steps[i];
        json_array_append_new(
            steps,
            json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:i, s:i, s:{}, s:i, s:n, s:{}}", "id", step->id, "kind",
                      kind_words[step->kind], "words", step_words(step, arena), "line", (json_int_t)step->line,
                      "next", step->kind == STEP_EXIT ? json_null() : step_name(journey, step->next), "branches",
                      branches_json(journey, step, arena), "inside", 0, "held", 0, "held_by", "late", 0,
                      "since_ms", "outcomes"));
    }
    return steps;
}

static const char *trigger_words(const struct trigger *trigger, struct arena *arena)
{
    switch (trigger->kind) {
    case TRIGGER_EVENT:
        return arena_format(arena, "event %s%s%s", trigger->name, trigger->where.sql ? " with " : "",
                            trigger->where.sql ? trigger->where.written : "");
    case TRIGGER_SEGMENT:
        return arena_format(arena, "%s segment %s", trigger->is_leaving ? "leaving" : "entering", trigger->name);
    case TRIGGER_SCORE:
        return arena_format(arena, "%s %s %g", trigger->name, trigger->is_falling ? "falls below" : "rises past",
                            trigger->crosses);
    case TRIGGER_DATE:     return arena_format(arena, "date %s", trigger->name);
    case TRIGGER_SCHEDULE: return arena_format(arena, "a schedule%s%s", trigger->audience.sql ? ", for " : "",
                                               trigger->audience.sql ? trigger->audience.written : "");
    case TRIGGER_API:      return "by request";
    default:               return "";
    }
}

static json_t *graph_json(const struct journey *journey, struct arena *arena)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s?, s:o, s:o}", "journey", journey->name, "trigger",
        trigger_words(&journey->trigger, arena), "filter", journey->filter.sql ? journey->filter.written : "",
        "goal", journey->goal.is_set ? happening_words(&journey->goal.what, arena) : "", "topic", journey->topic,
        "first", step_name(journey, journey->first), "steps", steps_json(journey, arena));
}

static json_t *step_named(json_t *graph, const char *id)
{
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(graph, "steps"), i, step)
        if (strcmp(json_string_value(json_object_get(step, "id")), id) == 0) return step;
    return NULL;
}

/* ---- who is where ---- */

static void add_to(json_t *step, const char *member, int64_t n)
{
    json_object_set_new(step, member, json_integer(json_integer_value(json_object_get(step, member)) + n));
}

static void add_place(json_t *step, const struct sql_journey_places *at)
{
    const json_t *since = json_object_get(step, "since_ms");
    add_to(step, "inside", at->n);
    add_to(step, "late", at->late);
    if (!json_is_integer(since) || json_integer_value(since) > at->since_ms)
        json_object_set_new(step, "since_ms", json_integer(at->since_ms));
    if (at->held.length == 0) return;
    add_to(step, "held", at->n);
    json_object_set_new(json_object_get(step, "held_by"), at->held.at, json_integer(at->n));
}

static bool add_places(struct store *store, int64_t id, int64_t version, int64_t now_ms, json_t *graph,
                       struct err *err)
{
    struct sql_journey_places at;
    struct sql_journey_taken taken;
    enum step step;
    if (!sql_journey_places(store, id, version, now_ms - LATE_MS, &at, err)) return false;
    while ((step = sql_journey_places_step(&at, err)) == STEP_ROW) {
        json_t *one = step_named(graph, at.step.at);
        if (one) add_place(one, &at);       /* none: past the last */
    }
    cursor_close(at.cursor);
    if (step != STEP_END || !sql_journey_taken(store, id, version, &taken, err)) return false;
    while ((step = sql_journey_taken_step(&taken, err)) == STEP_ROW) {
        json_t *one = step_named(graph, taken.step.at);
        if (one) json_object_set_new(json_object_get(one, "outcomes"), taken.outcome.at, json_integer(taken.n));
    }
    cursor_close(taken.cursor);
    return step == STEP_END;
}

static bool add_versions(struct store *store, int64_t id, json_t *out, struct err *err)
{
    struct sql_journey_versions row;
    enum step step;
    json_t *list = json_array();
    if (!sql_journey_versions(store, id, &row, err)) return json_decref(list), false;
    while ((step = sql_journey_versions_step(&row, err)) == STEP_ROW)
        json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:s}", "version",
                                              (json_int_t)row.version, "made_ms", (json_int_t)row.made_ms,
                                              "written_by", row.who.at, "approved_by", row.approved_by.at,
                                              "entered", (json_int_t)row.entered, "inside", (json_int_t)row.inside,
                                              "goal", (json_int_t)row.met, "yaml", row.yaml.at));
    cursor_close(row.cursor);
    json_object_set_new(out, "versions", list);
    return step == STEP_END;
}

/* ---- what it does: who entered, beside those of them who are sent nothing, here or anywhere ---- */

enum { LIFT_PEOPLE_LEAST = 30, LIFT_EACH_LEAST = 5 };
static const double LIFT_ALPHA = .05;

/* People of one version who entered. */
struct lift_arm { double n, met; };

static struct arm_sample share_of(struct lift_arm arm)
{
    double share = arm.met / arm.n;
    return (struct arm_sample){ .n = arm.n, .mean = share, .variance = share * (1 - share) * arm.n / (arm.n - 1) };
}

/* Why the difference of two shares would say nothing; NULL: it says something. */
static const char *lift_refused(struct lift_arm control, struct lift_arm treated, struct arena *arena)
{
    double met = control.met + treated.met, missed = control.n + treated.n - met;
    if (control.n < LIFT_PEOPLE_LEAST || treated.n < LIFT_PEOPLE_LEAST)
        return arena_format(arena, "of the control group %.0f entered, of the others %.0f; %d of each are needed",
                            control.n, treated.n, LIFT_PEOPLE_LEAST);
    if (met < LIFT_EACH_LEAST || missed < LIFT_EACH_LEAST)
        return arena_format(arena, "%.0f met the goal and %.0f did not; %d of each are needed", met, missed,
                            LIFT_EACH_LEAST);
    return NULL;
}

static json_t *lift_json(const struct lift_arm arms[2], struct arena *arena)
{
    double p;
    const char *refused = lift_refused(arms[1], arms[0], arena);
    json_t *lift = json_pack("{s:I, s:I, s:I, s:I, s:s?, s:n}", "control", (json_int_t)arms[1].n, "control_goal",
                             (json_int_t)arms[1].met, "treated", (json_int_t)arms[0].n, "treated_goal",
                             (json_int_t)arms[0].met, "refused", refused, "difference");
    if (refused) return lift;
    struct estimate estimate = welch(share_of(arms[1]), share_of(arms[0]), LIFT_ALPHA, &p);
    json_object_set_new(lift, "difference", json_pack("{s:f, s:f, s:f}", "value", estimate.value, "low", estimate.low,
                                                      "high", estimate.high));
    return lift;
}

/* Where a version stands in the list; its length: nowhere. */
static size_t place_of_version(const json_t *versions, int64_t version)
{
    size_t i;
    const json_t *one;
    json_array_foreach(versions, i, one)
        if (json_integer_value(json_object_get(one, "version")) == version) break;
    return i;
}

/* To each version how its people did beside those of the control group; null where there is no such group. */
static bool add_lifts(struct service *service, struct store *store, int64_t id, json_t *versions,
                      struct arena *arena, struct err *err)
{
    const struct holdout holdout = { atomic_load(&service->holdout_share), service->decision_salt };
    struct sql_journey_people row;
    size_t i, n = json_array_size(versions), at = n;
    int64_t at_version = 0;         /* the one that stands there; no version is 0 */
    struct lift_arm (*arms)[2] = arena_alloc(arena, n + 1, sizeof *arms);
    enum step step;
    json_t *version;
    if (!(holdout.share > 0)) {
        json_array_foreach(versions, i, version) json_object_set_new(version, "lift", json_null());
        return true;
    }
    if (!sql_journey_people(store, id, &row, err)) return false;
    while ((step = sql_journey_people_step(&row, err)) == STEP_ROW) {
        if (row.version != at_version) at_version = row.version, at = place_of_version(versions, row.version);
        (void)pthread_rwlock_rdlock(&service->lock);
        struct holdout_place place = holdout_place(&holdout, service->identities, (uint32_t)row.identity);
        (void)pthread_rwlock_unlock(&service->lock);
        if (place.is_mixed || at == n) continue;
        arms[at][place.is_held_out].n++;
        arms[at][place.is_held_out].met += (double)row.met;
    }
    cursor_close(row.cursor);
    json_array_foreach(versions, i, version) json_object_set_new(version, "lift", lift_json(arms[i], arena));
    return step == STEP_END;
}

static bool find_journey(struct store *store, struct text name, int64_t *ret_id, int64_t *ret_version,
                         json_t **ret_state, struct err *err)
{
    struct sql_journey_get row;
    if (!sql_journey_get(store, name, &row, err)) return false;
    enum step step = sql_journey_get_step(&row, err);
    if (step == STEP_ROW) *ret_id = row.id, *ret_version = row.version, *ret_state = json_string(row.state.at);
    cursor_close(row.cursor);
    return step == STEP_ROW || (step == STEP_END && err_set(err, ERR_MISSING, "there is no journey '%.*s'",
                                                            (int)name.length, name.at));
}

static const json_t *version_of(const json_t *versions, int64_t version)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(versions, "versions"), i, one)
        if (json_integer_value(json_object_get(one, "version")) == version) return one;
    return NULL;
}

static bool read_version(struct request *request, const json_t *versions, int64_t version,
                         const struct journey **ret_journey, struct err *err)
{
    const char *yaml = json_string_value(json_object_get(version_of(versions, version), "yaml"));
    if (!yaml) return err_set(err, ERR_MISSING, "the journey has no version %lld", (long long)version);
    return journey_read(text_of(arena_copy(request->arena, yaml)), "journey", request->arena, ret_journey, err);
}

/* shown: whose graph is drawn; 0: the newest's. */
static json_t *journey_json(struct request *request, struct store *store, int64_t shown, struct err *err)
{
    int64_t id = 0, version = 0;
    json_t *state = NULL, *versions = json_object();
    const struct journey *journey = NULL, *newest = NULL;
    bool ok = find_journey(store, request_param(request, "name"), &id, &version, &state, err) &&
              add_versions(store, id, versions, err) &&
              add_lifts(request->service, store, id, json_object_get(versions, "versions"), request->arena, err);
    if (!shown) shown = version;
    ok = ok && read_version(request, versions, version, &newest, err) &&
         read_version(request, versions, shown, &journey, err);
    json_t *out = ok && journey && newest ? graph_json(journey, request->arena) : NULL;
    if (out && !add_places(store, id, shown, ingest_received_ms(request->service->ingest), out, err)) {
        json_decref(out);
        out = NULL;
    }
    if (out) {
        const json_t *approved_by = json_object_get(version_of(versions, version), "approved_by");
        bool is_draft = newest->is_approval_needed && json_string_length(approved_by) == 0; /* nobody enters */
        json_object_update(out, versions);
        json_object_set_new(out, "shown", json_integer(shown));
        json_object_set_new(out, "state", is_draft ? json_string("draft") : json_incref(state));
        json_object_set_new(out, "version", json_integer(version));
    }
    json_decref(state);
    json_decref(versions);
    return out;
}

static enum handling handle_journey(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    int64_t shown;
    if (!request_query_int(request, "version", 1, INT64_MAX, 0, &shown, &err))
        return reply_error(request, reply, &err, "version");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *out = journey_json(request, store, shown, &err);
    service_read_done(request->service, store);
    if (!out) return reply_error(request, reply, &err, shown ? "version" : "name");
    reply_json_take(request, reply, 200, out);
    return HANDLED;
}

/* ---- a text that is no journey yet ---- */

/* "journey:12:3: words" begins with where; 0: it does not say. */
static void read_place(const char *text, json_int_t *ret_line, const char **ret_words)
{
    const char *at = strstr(text, "journey:");
    char *end;
    *ret_line = 0;
    *ret_words = text;
    if (!at) return;
    long line = strtol(at + strlen("journey:"), &end, 10);
    if (line <= 0) return;
    *ret_line = line;
    if (*end == ':') (void)strtol(end + 1, &end, 10);
    while (*end == ':' || *end == ' ') end++;
    if (*end) *ret_words = end;
}

static enum handling handle_check(struct request *request, struct reply *reply)
{
    struct err err, wrong;
    json_t *body = NULL;
    const struct journey *journey;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *yaml = json_string_value(json_object_get(body, "yaml"));
    if (!yaml) {
        json_decref(body);
        (void)err_set(&err, ERR_INVALID, "yaml is missing: the journey's definition");
        return reply_error(request, reply, &err, "yaml");
    }
    json_int_t line = 0;
    const char *words = "";
    bool ok = journey_read(text_of(arena_copy(request->arena, yaml)), "journey", request->arena, &journey, &wrong);
    if (!ok) read_place(wrong.text, &line, &words);
    reply_json_take(request, reply, 200,
                    json_pack("{s:b, s:I, s:s, s:o}", "is_good", ok, "line", line, "problem", words, "graph",
                              ok ? graph_json(journey, request->arena) : json_null()));
    json_decref(body);
    return HANDLED;
}

#define GRAPH_FIELDS(prefix)                                                                                      \
    { prefix "journey", "string", "its name", true },                                                             \
        { prefix "trigger", "string", "who enters, in words", true },                                             \
        { prefix "filter", "string", "and of them those of whom this holds; empty: all", true },                  \
        { prefix "goal", "string", "what it is for; empty: not said", true },                                     \
        { prefix "topic", "string, null", "what its messages are about", true },                                  \
        { prefix "first", "string, null", "the step that it begins with", true },                                 \
        { prefix "steps", "array", "in the order of the text", true },                                            \
        { prefix "steps[].id", "string", "its id", true },                                                        \
        { prefix "steps[].kind", "string",                                                                        \
          "delay, until, window, wait, split, random, decide, send, task, coupon, set, raise, experiment or exit",\
          true },                                                                                                 \
        { prefix "steps[].words", "string", "what it does", true },                                               \
        { prefix "steps[].line", "integer", "where it stands in the text", true },                                \
        { prefix "steps[].next", "string, null", "the step after it; null: none", true },                         \
        { prefix "steps[].branches", "array", "the ways that it may take", true },                                \
        { prefix "steps[].branches[].words", "string", "when", true },                                            \
        { prefix "steps[].branches[].to", "string, null", "where; null: to the end", true },                      \
        { prefix "steps[].inside", "integer", "who stands at it now, of the version shown", true },               \
        { prefix "steps[].held", "integer", "of them whose message is held by a rule", true },                    \
        { prefix "steps[].held_by", "object", "of them by each rule", true },                                     \
        { prefix "steps[].held_by.*", "integer", "by one", false },                                               \
        { prefix "steps[].late", "integer", "who should have gone on more than a minute ago", true },             \
        { prefix "steps[].since_ms", "integer, null", "since when the first of them stands there", true },        \
        { prefix "steps[].outcomes", "object",                                                                    \
          "how many ways through had each outcome here: sent, held, skipped, waited ...", true },                 \
    {                                                                                                             \
        prefix "steps[].outcomes.*", "integer", "of one", false                                                   \
    }

static const struct route_field journey_query[] = {
    { "version", "integer", "whose graph and places; the newest if not said", false }, { 0 },
};
static const struct route_field journey_answer[] = {
    GRAPH_FIELDS(""),
    { "state", "string", "active, paused or draft", true },
    { "version", "integer", "the newest", true },
    { "shown", "integer", "the one whose graph this is", true },
    { "versions", "array", "newest first", true },
    { "versions[].version", "integer", "its number", true },
    { "versions[].made_ms", "integer", "when it was written", true },
    { "versions[].written_by", "string", "by whom", true },
    { "versions[].approved_by", "string", "who approved it; empty: nobody", true },
    { "versions[].entered", "integer", "ways through it", true },
    { "versions[].inside", "integer", "of them not ended", true },
    { "versions[].goal", "integer", "of them with the goal met", true },
    { "versions[].lift", "object, null",
      "of who entered, those of the control group, who are sent nothing here or anywhere, beside the others; null: there is none", true },
    { "versions[].lift.control", "integer", "people of the control group who entered", false },
    { "versions[].lift.control_goal", "integer", "of them with the goal met", false },
    { "versions[].lift.treated", "integer", "other people who entered", false },
    { "versions[].lift.treated_goal", "integer", "of them with the goal met", false },
    { "versions[].lift.refused", "string, null", "why the difference would say nothing; null: it is told", false },
    { "versions[].lift.difference", "object, null", "of the shares who met it, with Welch's interval of 95 %", false },
    { "versions[].lift.difference.value", "number", "others minus control group", false },
    { "versions[].lift.difference.low", "number", "from", false },
    { "versions[].lift.difference.high", "number", "to", false },
    { "versions[].yaml", "string", "the text", true },
    { 0 },
};
static const struct route_field check_body[] = { { "yaml", "string", "the definition", true }, { 0 } };
static const struct route_field check_answer[] = {
    { "is_good", "boolean", "it is a journey", true },
    { "line", "integer", "where it is not; 0: it is, or nobody can say", true },
    { "problem", "string", "what is wrong; empty: nothing", true },
    { "graph", "object", "null: it is none", false },
    GRAPH_FIELDS("graph."),
    { 0 },
};

#define GRAPH_EXAMPLE                                                                                             \
    "\"journey\": \"welcome\", \"trigger\": \"event signup\", \"filter\": \"\", \"goal\": \"order\", \"topic\": " \
    "null, "                                                                                                      \
    "\"first\": \"hello\", \"steps\": [{\"id\": \"hello\", \"kind\": \"send\", \"words\": \"email: Welcome\", "   \
    "\"line\": 4, "                                                                                               \
    "\"next\": null, \"branches\": [], \"inside\": 2, \"held\": 1, \"held_by\": {\"quiet_hours\": 1}, "     \
    "\"late\": 0, \"since_ms\": 1790000000000, \"outcomes\": {\"sent\": 40}}]"

const struct route routes_journey_view[] = {
    { .method = "GET",
      .path = "/v1/journeys/{name}",
      .needs = ACCESS_VIEW,
      .handle = handle_journey,
      .is_slow = true,
      .summary = "A journey as a graph, with who is at each step, and its versions",
      .query = journey_query,
      .answer = journey_answer,
      .answer_example = "{" GRAPH_EXAMPLE
                        ", \"state\": \"active\", \"version\": 1, \"shown\": 1, \"versions\": "
                        "[{\"version\": 1, \"made_ms\": "
                        "1790000000000, \"written_by\": \"ann\", \"approved_by\": \"\", \"entered\": 41, "
                        "\"inside\": 2, \"goal\": 9, \"lift\": null, "
                        "\"yaml\": \"journey: welcome\\n\"}]}" },
    { .method = "POST",
      .path = "/v1/journeys/check",
      .needs = ACCESS_VIEW,
      .is_no_act = true, .handle = handle_check, .is_slow = true,
      .summary = "Whether a text is a journey, what is wrong with it, and its graph",
      .body = check_body,
      .answer = check_answer,
      .body_example = "{\"yaml\": \"journey: welcome\\ntrigger: {event: signup}\\nsteps: [{id: hello, send: "
                      "email, html: welcome.html}]\\n\"}",
      .answer_example = "{\"is_good\": true, \"line\": 0, \"problem\": \"\", \"graph\": {" GRAPH_EXAMPLE "}}" },
    { 0 },
};
