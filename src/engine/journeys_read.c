/* journeys_read.c - what people ask of journeys: how they stand, why something was sent, what is to be done; see
 * journeys.h. */
#include "engine/journeys_internal.h"

#include "base/calendar.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS_MOST = 1000, ENTRIES_MOST = 200 };

/* ---- by request ---- */

bool journeys_enter(struct journeys *journeys, struct store *store, const char *name, uint32_t customer,
                    const json_t *event, int64_t *ret_entry, struct err *err)
{
    struct at_work *at = journeys_named(journeys, name);
    if (!at) return err_set(err, ERR_MISSING, "there is no journey '%s'", name);
    if (at->is->trigger.kind != TRIGGER_API)
        return err_set(err, ERR_REFUSED, "nobody enters '%s' by request: its trigger is not {api: true}", name);
    if (at->state != JOURNEY_ACTIVE) return err_set(err, ERR_REFUSED, "'%s' is paused", name);
    arena_reset(journeys->scratch);
    return journeys_begin(journeys, store, at, customer, event, 0, ret_entry, err);
}

bool journeys_give_task(struct journeys *journeys, struct store *store, uint32_t customer, struct text words,
                        struct text who, struct err *err)
{
    json_t *reasons = json_pack("{s:s%}", "given_by", who.at, who.length);
    char *told = json_dumps(reasons, JSON_COMPACT);
    bool ok = sql_task_put(store, customer, text_of(""), text_of(""), 0, words, text_of(told), journeys_now_ms(journeys),
                           err);
    free(told);
    json_decref(reasons);
    return ok;
}

bool journeys_task(struct journeys *journeys, struct store *store, int64_t id, const char *action, struct text who,
                   int64_t until_ms, struct text outcome, struct err *err)
{
    struct sql_task_get row;
    char journey[JOURNEY_NAME_MOST + 1], step[JOURNEY_NAME_MOST + 1], state[16], key[64];
    if (!sql_task_get(store, id, &row, err)) return false;
    enum step got = sql_task_get_step(&row, err);
    uint32_t customer = (uint32_t)row.identity;
    if (got == STEP_ROW) {
        snprintf(journey, sizeof journey, "%.*s", (int)row.journey.length, row.journey.at);
        snprintf(step, sizeof step, "%.*s", (int)row.step.length, row.step.at);
        snprintf(state, sizeof state, "%.*s", (int)row.state.length, row.state.at);
    }
    cursor_close(row.cursor);
    if (got == STEP_END) return err_set(err, ERR_MISSING, "there is no task %lld", (long long)id);
    if (got == STEP_FAIL) return false;
    if (strcmp(state, "done") == 0) return err_set(err, ERR_REFUSED, "the task is done");
    int64_t now_ms = journeys_now_ms(journeys);
    if (strcmp(action, "take") == 0) return sql_task_set(store, id, text_of("taken"), who, 0, 0, text_of(""), err);
    if (strcmp(action, "snooze") == 0)
        return sql_task_set(store, id, text_of("snoozed"), who, until_ms, 0, text_of(""), err);
    if (!sql_task_set(store, id, text_of("done"), who, 0, now_ms, outcome, err)) return false;
    snprintf(key, sizeof key, "task:%lld", (long long)id);
    json_t *message = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s%, s:I}}", "type", "track", "messageId", key,
                                "event", "Task Done", "properties", "journey", journey, "step", step, "outcome",
                                outcome.at, outcome.length, "task", (json_int_t)id);
    bool ok = journeys_say(journeys, store, customer, message, err);
    json_decref(message);
    return ok;
}

/* ---- how they stand ---- */

static json_t *version_json(const struct sql_journey_counts *row)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "version", (json_int_t)row->version, "entered",
                     (json_int_t)row->entered, "inside", (json_int_t)row->inside, "ended",
                     (json_int_t)(row->entered - row->inside), "goal", (json_int_t)row->met, "held",
                     (json_int_t)row->held);
}

static bool add_counts(struct store *store, json_t *list, struct err *err)
{
    struct sql_journey_counts row;
    enum step step;
    size_t i;
    json_t *journey;
    if (!sql_journey_counts(store, &row, err)) return false;
    while ((step = sql_journey_counts_step(&row, err)) == STEP_ROW)
        json_array_foreach(list, i, journey)
            if (json_integer_value(json_object_get(journey, "id")) == row.journey) {
                json_array_append_new(json_object_get(journey, "versions"), version_json(&row));
                json_object_set_new(journey, "entered_ms", json_integer(row.last_ms));
            }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

int64_t journeys_sum(const json_t *journey, const char *member)
{
    int64_t sum = 0;
    size_t i;
    const json_t *version;
    json_array_foreach(json_object_get(journey, "versions"), i, version)
        sum += json_integer_value(json_object_get(version, member));
    return sum;
}

static void stick(json_t *journey, const char *sentence)
{
    json_array_append_new(json_object_get(journey, "stuck"), json_string(sentence));
}

static bool is_known_event(const struct log *log, const char *name)
{
    uint32_t index;
    return log_find(log, DICTIONARY_KIND, text_of(name), &index);
}

/* What looks as if it did not work. */
static bool find_stuck(struct store *store, const struct log *log, json_t *journey, const struct journey *is,
                       int64_t changed_ms, int64_t now_ms, struct err *err)
{
    int64_t entered_ms = json_integer_value(json_object_get(journey, "entered_ms")), late = 0, beyond = 0,
            inside = journeys_sum(journey, "inside");
    if (!sql_journey_late(store, json_integer_value(json_object_get(journey, "id")), now_ms - 60000, &late, err))
        return false;
    if (log && is->trigger.kind == TRIGGER_EVENT && !is_known_event(log, is->trigger.name))
        stick(journey, "no event carries the name that it begins by");
    if (log && is->goal.what.event && !is_known_event(log, is->goal.what.event))
        stick(journey, "no event carries the name of its goal");
    if (entered_ms && now_ms - entered_ms > 30 * MS_PER_DAY) stick(journey, "nobody has entered for 30 days");
    if (!entered_ms && now_ms - changed_ms > MS_PER_DAY) stick(journey, "nobody has ever entered");
    if (inside && journeys_sum(journey, "held") == inside) stick(journey, "everybody inside is held");
    if (json_integer_value(json_object_get(journey, "approved_daily")) &&
        !sql_missed_since(store, json_integer_value(json_object_get(journey, "id")), text_of("approval"),
                          now_ms - MS_PER_DAY, &beyond, err))
        return false;
    if (beyond) stick(journey, "more would enter in a day than were approved: another approval lets them");
    if (late) stick(journey, "some should have gone on more than a minute ago");
    return true;
}

json_t *journeys_list(struct store *store, const struct log *log, int64_t now_ms, struct err *err)
{
    struct sql_journey_all row;
    enum step step;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct { const struct journey *is; int64_t changed_ms; } all[1000];
    json_t *list = json_array();
    size_t n = 0, i;
    json_t *journey;
    bool ok = sql_journey_all(store, &row, err);
    if (!ok) goto done;
    while (n < 1000 && (step = sql_journey_all_step(&row, err)) == STEP_ROW) {
        struct text yaml = text_of(arena_format(arena, "%.*s", (int)row.yaml.length, row.yaml.at));
        struct err wrong;
        if (!journey_read(yaml, "journey", arena, &all[n].is, &wrong)) continue;
        bool is_draft = all[n].is->is_approval_needed && row.approved_by.length == 0;
        all[n++].changed_ms = row.changed_ms;
        json_array_append_new(
            list, json_pack("{s:I, s:s%, s:I, s:s%, s:s%, s:s%, s:I, s:f, s:[], s:[]}", "id", (json_int_t)row.id, "journey",
                            row.name.at, row.name.length, "version", (json_int_t)row.version, "state",
                            is_draft ? "draft" : row.state.at, is_draft ? (size_t)5 : row.state.length,
                            "written_by", row.who.at, row.who.length, "approved_by", row.approved_by.at,
                            row.approved_by.length, "approved_daily", (json_int_t)row.approved_daily,
                            "approved_budget", row.approved_budget, "versions", "stuck"));
    }
    cursor_close(row.cursor);
    ok = step != STEP_FAIL && add_counts(store, list, err);
    json_array_foreach(list, i, journey) ok = ok && find_stuck(store, log, journey, all[i].is, all[i].changed_ms, now_ms, err);
    json_array_foreach(list, i, journey) json_object_del(journey, "id");
done:
    arena_free(arena);
    if (ok) return list;
    json_decref(list);
    return NULL;
}

json_t *journeys_tasks(struct store *store, const struct log *log, const struct identities *identities,
                       const char *state, const char *owner, struct text about, struct err *err)
{
    struct sql_tasks_list row;
    enum step step;
    json_t *list = json_array();
    if (!sql_tasks_list(store, text_of(state), text_of(owner), TASKS_MOST, about, &row, err)) return NULL;
    while ((step = sql_tasks_list_step(&row, err)) == STEP_ROW) {
        uint32_t customer = identities_customer(identities, (uint32_t)row.identity);
        struct text name = log_name(log, DICTIONARY_IDENTITY, customer);
        json_t *reasons = json_loadb(row.reasons.at, row.reasons.length, 0, NULL);
        json_array_append_new(
            list, json_pack("{s:I, s:s%, s:s%, s:s%, s:s%, s:o, s:s%, s:s%, s:I, s:I, s:I, s:s%, s:I}", "id",
                            (json_int_t)row.id, "customer", name.at, name.length, "journey", row.journey.at,
                            row.journey.length, "step", row.step.at, row.step.length, "task", row.words.at,
                            row.words.length, "reasons", reasons ? reasons : json_object(), "state", row.state.at,
                            row.state.length, "owner", row.owner.at, row.owner.length, "created_ms",
                            (json_int_t)row.created_ms, "due_ms", (json_int_t)row.due_ms, "done_ms",
                            (json_int_t)row.done_ms, "outcome", row.outcome.at, row.outcome.length, "expected_loss_cents",
                            (json_int_t)row.loss_cents));
    }
    cursor_close(row.cursor);
    if (step != STEP_FAIL) return list;
    json_decref(list);
    return NULL;
}

/* ---- why ---- */

static json_t *facts_of(struct text text)
{
    json_t *facts = json_loadb(text.at, text.length, 0, NULL);
    return facts ? facts : json_object();
}

static json_t *text_or_null(struct text text)
{
    return text.length ? json_stringn(text.at, text.length) : json_null();
}

static bool add_lines(struct store *store, json_t *steps, int64_t entry, const struct zone *zone, struct err *err)
{
    struct sql_lines_of row;
    enum step step;
    if (!sql_lines_of(store, entry, &row, err)) return false;
    while ((step = sql_lines_of_step(&row, err)) == STEP_ROW) {
        char local[MOMENT_TEXT_BYTES], message[32];
        moment_format(zone, row.at_ms, local);
        snprintf(message, sizeof message, "m_%lld", (long long)row.message);
        json_array_append_new(steps,
                              json_pack("{s:s%, s:I, s:s, s:s%, s:o, s:s%, s:o, s:s?, s:o, s:o}", "step", row.step.at,
                                        row.step.length, "at_ms", (json_int_t)row.at_ms, "local", local, "outcome",
                                        row.outcome.at, row.outcome.length, "rule",
                                        text_or_null(row.rule), "sentence", row.sentence.at, row.sentence.length, "facts",
                                        facts_of(row.facts), "message", row.message ? message : NULL, "status",
                                        text_or_null(row.status), "reply", text_or_null(row.reply)));
    }
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool add_missed(struct store *store, json_t *missed, struct text identities, int64_t journey, struct err *err)
{
    struct sql_missed_of row;
    enum step step;
    if (!sql_missed_of(store, identities, journey, &row, err)) return false;
    while ((step = sql_missed_of_step(&row, err)) == STEP_ROW)
        json_array_append_new(missed, json_pack("{s:I, s:s%, s:o}", "at_ms", (json_int_t)row.at_ms, "rule",
                                                row.rule.at, row.rule.length, "facts", facts_of(row.facts)));
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool add_entries(struct store *store, json_t *entries, struct text identities, int64_t journey,
                        const struct zone *zone, struct err *err)
{
    struct sql_entries_of row;
    struct { int64_t id; json_t *steps; } all[ENTRIES_MOST];
    enum step step = STEP_END;
    size_t n = 0;
    if (!sql_entries_of(store, identities, journey, &row, err)) return false;
    while (n < ENTRIES_MOST && (step = sql_entries_of_step(&row, err)) == STEP_ROW) {
        json_t *entry = json_pack(
            "{s:I, s:I, s:o, s:[]}", "entered_ms", (json_int_t)row.entered_ms, "version", (json_int_t)row.version,
            "end", row.end.length ? json_stringn(row.end.at, row.end.length) : json_null(), "steps");
        all[n].id = row.id;
        all[n++].steps = json_object_get(entry, "steps");
        json_array_append_new(entries, entry);
    }
    cursor_close(row.cursor);
    for (size_t i = 0; step != STEP_FAIL && i < n; i++)
        if (!add_lines(store, all[i].steps, all[i].id, zone, err)) return false;
    return step != STEP_FAIL;
}

json_t *journeys_why(struct store *store, const struct log *log, const struct identities *identities,
                     uint32_t customer, const char *journey, const struct zone *zone, const char *zone_name, struct err *err)
{
    struct sql_journey_get row;
    struct text name = log_name(log, DICTIONARY_IDENTITY, customer);
    if (!sql_journey_get(store, text_of(journey), &row, err)) return NULL;
    enum step step = sql_journey_get_step(&row, err);
    int64_t id = row.id, version = row.version;
    cursor_close(row.cursor);
    if (step == STEP_END) (void)err_set(err, ERR_MISSING, "there is no journey '%s'", journey);
    if (step != STEP_ROW) return NULL;
    json_t *entries = json_array(), *missed = json_array();
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text all = identities_list(identities, customer, arena);
    bool ok = add_entries(store, entries, all, id, zone, err) && add_missed(store, missed, all, id, err);
    arena_free(arena);
    if (!ok) {
        json_decref(entries);
        json_decref(missed);
        return NULL;
    }
    return json_pack("{s:s, s:I, s:s%, s:s, s:o, s:o}", "journey", journey, "version", (json_int_t)version,
                     "customer", name.at, name.length, "zone", zone_name, "entries", entries, "not_entered",
                     missed);
}
