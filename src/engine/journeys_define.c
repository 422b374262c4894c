/* journeys_define.c - the definitions of journeys: kept, changed, approved; see journeys.h. */
#include "engine/journeys_internal.h"

#include "base/memory.h"
#include "engine/wording.h"
#include "journey/ways_out.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { MOVE_AT_ONCE = 500 };

static const char *const states[] = { "active", "paused", "draft" };

static enum journey_state state_of(struct text word)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (text_equal(word, text_of(states[i]))) return (enum journey_state)i;
    return JOURNEY_DRAFT;
}

/* ---- versions in memory ---- */

static struct definition *find_definition(const struct journeys *journeys, int64_t journey, int64_t version)
{
    for (size_t i = 0; i < journeys->n_definitions; i++)
        if (journeys->definitions[i]->journey == journey && journeys->definitions[i]->version == version)
            return journeys->definitions[i];
    return NULL;
}

static bool read_definition(struct journeys *journeys, int64_t journey, int64_t version, struct text yaml,
                            const struct definition **ret, struct err *err)
{
    struct definition *definition = find_definition(journeys, journey, version);
    if (!definition) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        char *copy = arena_format(arena, "%.*s", (int)yaml.length, yaml.at);
        const struct journey *is;
        if (!journey_read(text_of(copy), "journey", arena, &is, err)) {
            arena_free(arena);
            return false;
        }
        definition = memory_new(1, sizeof *definition);
        *definition = (struct definition){ journey, version, is, arena };
        if (journeys->n_definitions == journeys->room_definitions)
            journeys->definitions = memory_grow(journeys->definitions,
                                                journeys->room_definitions = 2 * journeys->room_definitions + 16,
                                                sizeof *journeys->definitions);
        journeys->definitions[journeys->n_definitions++] = definition;
    }
    *ret = definition;
    return true;
}

bool journeys_definition(struct journeys *journeys, struct store *store, int64_t journey, int64_t version,
                         const struct definition **ret_definition, struct err *err)
{
    struct sql_journey_version_get row;
    const struct definition *known = find_definition(journeys, journey, version);
    if (known) {
        *ret_definition = known;
        return true;
    }
    if (!sql_journey_version_get(store, journey, version, &row, err)) return false;
    enum step step = sql_journey_version_get_step(&row, err);
    bool ok = step == STEP_ROW   ? read_definition(journeys, journey, version, row.yaml, ret_definition, err)
              : step == STEP_END ? err_set(err, ERR_CORRUPT, "there is no version %lld of journey %lld",
                                           (long long)version, (long long)journey)
                                 : false;
    cursor_close(row.cursor);
    return ok;
}

void journeys_forget_all(struct journeys *journeys)
{
    journeys_forget_stated(journeys);
    for (size_t i = 0; i < journeys->n_definitions; i++) {
        arena_free(journeys->definitions[i]->arena);
        free(journeys->definitions[i]);
    }
    free(journeys->definitions);
    free(journeys->worths);
    journeys->worths = NULL, journeys->n_worths = 0;
    free(journeys->all);
    free(journeys->interest);
    journeys->definitions = NULL;
    journeys->all = NULL;
    journeys->interest = NULL;
    journeys->n_definitions = journeys->room_definitions = journeys->n = journeys->n_kinds = 0;
}

/* What one event starts is started in this order. */
static int by_priority(const void *a, const void *b)
{
    const struct at_work *x = a, *y = b;
    if (x->is->priority != y->is->priority) return x->is->priority > y->is->priority ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

bool journeys_read_all(struct journeys *journeys, struct store *store, struct err *err)
{
    struct sql_journey_all row;
    enum step step;
    struct at_work *all = NULL;
    size_t n = 0, room = 0;
    if (!sql_journey_all(store, &row, err)) return false;
    while ((step = sql_journey_all_step(&row, err)) == STEP_ROW) {
        const struct definition *definition;
        if (!read_definition(journeys, row.id, row.version, row.yaml, &definition, err)) {
            step = STEP_FAIL;
            break;
        }
        if (n == room) all = memory_grow(all, room = 2 * room + 16, sizeof *all);
        all[n++] =
            (struct at_work){ .id = row.id,
                              .version = row.version,
                              .is = definition->is,
                              .definition = definition,
                              .state = state_of(row.state),
                              .counted_day = -1,
                              .is_approved = !definition->is->is_approval_needed || row.approved_by.length > 0,
                              .approved_daily = definition->is->is_approval_needed ? row.approved_daily : 0,
                              .approved_budget = definition->is->is_approval_needed ? row.approved_budget : 0 };
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) {
        free(all);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct at_work *before = journeys_at_work(journeys, all[i].id);
        if (before && before->version == all[i].version) all[i].planned_ms = before->planned_ms;
    }
    if (n) qsort(all, n, sizeof *all, by_priority);
    free(journeys->all);
    journeys->all = all;
    journeys->n = n;
    journeys->n_kinds = 0;      /* what is of interest is worked out anew */
    journeys->asks_itself = -1;
    return true;
}

struct at_work *journeys_at_work(struct journeys *journeys, int64_t id)
{
    for (size_t i = 0; i < journeys->n; i++)
        if (journeys->all[i].id == id) return &journeys->all[i];
    return NULL;
}

struct at_work *journeys_named(struct journeys *journeys, const char *name)
{
    for (size_t i = 0; i < journeys->n; i++)
        if (strcmp(journeys->all[i].is->name, name) == 0) return &journeys->all[i];
    return NULL;
}

/* ---- changing them ---- */

/* People inside go on in the new version by the ids of their steps, waits counted from their beginning. */
static bool move_inside(struct journeys *journeys, struct store *store, struct at_work *at,
                        struct journeys_changed *changed, struct err *err)
{
    int64_t after = 0;
    for (bool is_more = true; is_more;) {
        struct sql_entries_of_journey row;
        int64_t ids[MOVE_AT_ONCE];
        size_t n = 0;
        enum step step;
        if (!sql_entries_of_journey(store, at->id, after, MOVE_AT_ONCE, &row, err)) return false;
        while ((step = sql_entries_of_journey_step(&row, err)) == STEP_ROW) ids[n++] = after = row.id;
        cursor_close(row.cursor);
        if (step == STEP_FAIL) return false;
        is_more = n == MOVE_AT_ONCE;
        changed->n_inside += n;
        for (size_t i = 0; at->is->edit == EDIT_MOVE && i < n; i++) {
            struct way way;
            bool is_open, ok;
            if (!sql_entry_version(store, ids[i], at->version, err)) return false;
            if (!way_load(journeys, store, ids[i], &way, &is_open, err)) return false;
            if (!is_open) continue;
            ok = way_retime(journeys, store, &way, err);
            way_free(&way);
            if (!ok) return false;
            changed->n_moved++;
        }
    }
    return true;
}

static bool check_all_loops(struct journeys *journeys, const struct journey *changed, struct err *err)
{
    const struct journey **all = memory_new(journeys->n + 1, sizeof *all);
    const char **sources = memory_new(journeys->n + 1, sizeof *sources);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = 0;
    for (size_t i = 0; i < journeys->n; i++)
        if (strcmp(journeys->all[i].is->name, changed->name) != 0) {
            all[n] = journeys->all[i].is;
            sources[n++] = journeys->all[i].is->name;
        }
    all[n] = changed;
    sources[n++] = changed->name;
    bool ok = journeys_check_loops(all, sources, n, arena, err);
    arena_free(arena);
    free(all);
    free(sources);
    return ok;
}

/* The journey's row; made where there is none. */
static bool find_row(struct store *store, const char *name, bool from_file, int64_t now_ms, int64_t *ret_id,
                     int64_t *ret_version, enum journey_state *ret_state, struct err *err)
{
    struct sql_journey_get row;
    if (!sql_journey_get(store, text_of(name), &row, err)) return false;
    enum step step = sql_journey_get_step(&row, err);
    *ret_id = row.id;
    *ret_version = step == STEP_ROW ? row.version : 0;
    *ret_state = step == STEP_ROW ? state_of(row.state) : JOURNEY_ACTIVE;
    cursor_close(row.cursor);
    if (step != STEP_END) return step == STEP_ROW;
    return sql_journey_add(store, text_of(name), text_of("active"), from_file, now_ms, err) &&
           find_row(store, name, from_file, now_ms, ret_id, ret_version, ret_state, err);
}

static bool is_same_text(struct store *store, int64_t id, int64_t version, struct text yaml, bool *ret_is,
                         struct err *err)
{
    struct sql_journey_version_get row;
    *ret_is = false;
    if (version == 0) return true;
    if (!sql_journey_version_get(store, id, version, &row, err)) return false;
    enum step step = sql_journey_version_get_step(&row, err);
    *ret_is = step == STEP_ROW && text_equal(row.yaml, yaml);
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

/* Of what somebody sends: a file's journey was checked with its folder. */
static bool check_sent(const struct journeys *journeys, const struct journey *is, const char *name,
                       struct arena *arena, struct err *err)
{
    struct wording unseen;
    if (!ways_out_check(is, name, &journeys->rules.is, arena, err) ||
        !wording_check(is, name, journeys->rules.templates, arena, &unseen, err))
        return false;
    return !unseen.step ||
           err_set(err, ERR_INVALID, "%s:%u:%u: step '%s': this server has no folder of templates for %s: say the text "
                   "as body, or start it with --campaigns DIR", name, unseen.step->line, unseen.step->column,
                   unseen.step->id, unseen.file);
}

bool journeys_put(struct journeys *journeys, struct store *store, const char *name, struct text yaml,
                  struct text who, bool from_file, struct journeys_changed *ret_changed, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct journey *is;
    struct journeys_changed changed = { 0 };
    enum journey_state state = JOURNEY_ACTIVE;
    int64_t now_ms = journeys_now_ms(journeys), id = 0, version = 0;
    bool is_same = false, ok = journey_read(yaml, name, arena, &is, err);
    if (ok && strcmp(is->name, name) != 0)
        ok = err_set(err, ERR_INVALID, "the definition is that of '%s', not of '%s'", is->name, name);
    ok = ok && (from_file || check_sent(journeys, is, name, arena, err)) &&
         check_all_loops(journeys, is, err) &&
         find_row(store, name, from_file, now_ms, &id, &version, &state, err) &&
         is_same_text(store, id, version, yaml, &is_same, err);
    changed.is_new = !is_same;
    changed.version = version + !is_same;
    if (ok && !is_same)
        ok = sql_journey_version_put(store, id, changed.version, yaml, now_ms, who, err) &&
             sql_journey_set_version(store, id, changed.version, from_file, now_ms, err) &&
             journeys_read_all(journeys, store, err);
    struct at_work *at = ok && !is_same ? journeys_at_work(journeys, id) : NULL;
    if (ok && !is_same)
        ok = move_inside(journeys, store, at, &changed, err) && journeys_plan(journeys, store, at, journeys_now_ms(journeys), err);
    arena_free(arena);
    if (ok) *ret_changed = changed;
    else journeys->is_stale = true;
    return ok;
}

static bool approve(struct journeys *journeys, struct store *store, struct at_work *at, struct text who,
                    const struct expected *expected, struct err *err)
{
    struct sql_journey_version_get row;
    if (!sql_journey_version_get(store, at->id, at->version, &row, err)) return false;
    enum step step = sql_journey_version_get_step(&row, err);
    bool wrote_it = step == STEP_ROW && text_equal(row.who, who);
    cursor_close(row.cursor);
    if (step != STEP_ROW) return step == STEP_END && err_set(err, ERR_CORRUPT, "the journey has no version");
    if (wrote_it)
        return err_set(err, ERR_REFUSED,
                       "whoever wrote a version, or changed it last, cannot approve it: another person must");
    return sql_journey_approve(store, at->id, at->version, who, journeys_now_ms(journeys), expected->daily,
                               expected->budget, err) &&
           journeys_read_all(journeys, store, err) && journeys_let_go(journeys, store, NULL, err);
}

/* From when on people are planned for when a journey is at work again.  A broadcast comes once: whose instant lay in the
 * pause gets it after it; of what comes again and again the next. */
static bool find_since(struct journeys *journeys, struct store *store, const struct at_work *at, int64_t *ret_since_ms,
                       struct err *err)
{
    struct sql_journey_get row;
    const struct trigger *trigger = &at->is->trigger;
    *ret_since_ms = journeys_now_ms(journeys);
    if (at->state != JOURNEY_PAUSED || trigger->kind != TRIGGER_SCHEDULE || trigger->every != EVERY_ONCE) return true;
    if (!sql_journey_get(store, text_of(at->is->name), &row, err)) return false;
    enum step step = sql_journey_get_step(&row, err);
    if (step == STEP_ROW && row.changed_ms < *ret_since_ms) *ret_since_ms = row.changed_ms;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool change(struct journeys *journeys, struct store *store, const char *name, const char *action,
                   struct err *err)
{
    struct at_work *at = journeys_named(journeys, name);
    if (!at) return err_set(err, ERR_MISSING, "there is no journey '%s'", name);
    bool is_pause = strcmp(action, "pause") == 0;
    int64_t id = at->id, since_ms;
    if (!find_since(journeys, store, at, &since_ms, err) || !sql_journey_set_state(store, id, text_of(is_pause ? "paused" : "active"), journeys_now_ms(journeys),
                               err) ||
        !journeys_read_all(journeys, store, err))
        return false;
    return is_pause || (journeys_plan(journeys, store, journeys_at_work(journeys, id), since_ms, err) &&
                        journeys_let_go(journeys, store, name, err));
}

bool journeys_change(struct journeys *journeys, struct store *store, const char *name, const char *action,
                     struct err *err)
{
    if (change(journeys, store, name, action, err)) return true;
    journeys->is_stale = true;
    return false;
}

bool journeys_approve(struct journeys *journeys, struct store *store, const char *name,
                      const struct expected *expected, struct text who, struct err *err)
{
    struct at_work *at = journeys_named(journeys, name);
    if (!at) return err_set(err, ERR_MISSING, "there is no journey '%s'", name);
    if (approve(journeys, store, at, who, expected, err)) return true;
    journeys->is_stale = true;
    return false;
}

bool journeys_let_go(struct journeys *journeys, struct store *store, const char *name, struct err *err)
{
    for (size_t i = 0; i < journeys->n; i++) {
        const struct at_work *at = &journeys->all[i];
        int64_t after = 0;
        if (name && strcmp(name, at->is->name) != 0) continue;
        for (bool is_more = true; is_more;) {
            struct sql_entries_of_journey row;
            int64_t held[MOVE_AT_ONCE];
            size_t n = 0, n_held = 0;
            enum step step;
            if (!sql_entries_of_journey(store, at->id, after, MOVE_AT_ONCE, &row, err)) return false;
            while ((step = sql_entries_of_journey_step(&row, err)) == STEP_ROW) {
                after = row.id, n++;
                if (row.held.length) held[n_held++] = row.id;
            }
            cursor_close(row.cursor);
            if (step == STEP_FAIL) return false;
            is_more = n == MOVE_AT_ONCE;
            for (size_t k = 0; k < n_held; k++) {
                const struct timer timer = { .due_ms = journeys_now_ms(journeys), .who = (uint32_t)held[k] };
                if (!sql_entry_let_go(store, held[k], timer.due_ms, err) ||
                    !timers_cancel(store, "journey", (uint32_t)held[k], err) ||
                    !timer_put(journeys->timers, store, "journey", &timer, err))
                    return false;
            }
        }
    }
    return true;
}
