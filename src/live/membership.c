/* membership.c - who is in which segment now, and when that will change; see membership.h.
 *
 * One check evaluates every condition now and, if it moves with time, at each midnight and the millisecond after,
 * when windows of days move, and at the instant that is looked ahead to.  Between two of these at which its truths
 * differ, halving finds the first millisecond of the new one.  The earliest of these over all segments is the
 * customer's timer. */
#include "live/membership_internal.h"
#include "base/memory.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

const char *segment_cause_word(enum segment_cause cause)
{
    static const char *const words[SEGMENT_CAUSES] = {
        [CAUSE_EVENTS] = "events", [CAUSE_TIME] = "time", [CAUSE_MERGE] = "merge",
        [CAUSE_DEFINITION] = "definition", [CAUSE_START] = "start",
    };
    return words[cause];
}

/* A check under way. */
struct check {
    struct memberships          *memberships;
    const struct segment_source *source;
    uint32_t                     customer;
    int64_t                      now_ms, until_ms, at_ms;
    enum segment_cause           cause;
    bool                         now[SEGMENTS_MOST];        /* truths, in the order of the definitions */
    bool                         is_known[SEGMENTS_MOST];   /* it could be evaluated */
    int64_t                      inherited_ms[SEGMENTS_MOST];   /* since when an identity of theirs was a member */
};

static void put_change(struct memberships *memberships, const struct segment_change *change)
{
    if (memberships->n_changes == memberships->room_changes) {
        size_t room = memberships->room_changes ? 2 * memberships->room_changes : 256;
        memberships->changes = memory_grow(memberships->changes, room, sizeof *change);
        memberships->room_changes = room;
    }
    memberships->changes[memberships->n_changes++] = *change;
}

static void enter(struct check *check, struct definition *definition, int64_t since_ms, enum segment_cause cause)
{
    instant_map_put(&definition->since, check->customer, since_ms);
    const struct segment_change change = { .segment = definition->id, .identity = check->customer,
                                           .at_ms = check->at_ms, .since_ms = since_ms, .entered = true,
                                           .cause = cause };
    put_change(check->memberships, &change);
}

static void leave(struct check *check, struct definition *definition, uint32_t identity, enum segment_cause cause)
{
    const struct segment_change change = { .segment = definition->id, .identity = identity,
                                           .at_ms = check->at_ms, .cause = cause,
                                           .since_ms = instant_map_get(&definition->since, identity) };
    instant_map_remove(&definition->since, identity);
    put_change(check->memberships, &change);
}

static void set_problem(struct definition *definition, const char *text)
{
    if (definition->problem && strcmp(definition->problem, text) == 0) return;
    free(definition->problem);
    definition->problem = memory_copy(text);
}

static bool compile(struct definition *definition, const struct segment_source *source)
{
    struct err err;
    size_t n;
    if (definition->compiled) return true;
    if (definition->problem) return false;
    if (!expression_compile_columns(definition->expression, source->columns, source->n_columns, true,
                                    &definition->compiled, &err)) {
        set_problem(definition, err.text);
        return false;
    }
    const uint32_t *columns = expression_columns(definition->compiled, &n);
    definition->moves = n > 0 && columns[0] < source->n_moving;
    return true;
}

/* The truth for the row the source stands at; false if it could not be evaluated. */
static bool evaluate(struct definition *definition, const struct segment_source *source, bool *ret_truth)
{
    struct err err;
    if (!compile(definition, source)) return false;
    if (expression_holds(definition->compiled, source->value, source->context, ret_truth, &err)) return true;
    set_problem(definition, err.text);
    return false;
}

/* What identities that are part of the customer, but not its name, were members of becomes the customer's. */
static void inherit(struct check *check, uint32_t identity)
{
    struct memberships *memberships = check->memberships;
    due_unset(&memberships->due, identity);
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        int64_t since_ms = instant_map_get(&definition->since, identity);
        if (since_ms == INSTANT_ABSENT) continue;
        if (check->inherited_ms[i] == INSTANT_ABSENT || since_ms < check->inherited_ms[i])
            check->inherited_ms[i] = since_ms;
        leave(check, definition, identity, CAUSE_MERGE);
    }
}

static void find_customer(struct check *check, uint32_t identity)
{
    const struct segment_source *source = check->source;
    size_t n;
    check->customer = source->customer_of(source->context, identity);
    const uint32_t *members = source->members_of(source->context, check->customer, &n);
    for (size_t i = 0; i < check->memberships->n; i++) check->inherited_ms[i] = INSTANT_ABSENT;
    for (size_t i = 0; i < n; i++)
        if (members[i] != check->customer) inherit(check, members[i]);
    if (identity != check->customer) inherit(check, identity);
}

static void apply(struct check *check, struct definition *definition, size_t index)
{
    bool is_member = instant_map_get(&definition->since, check->customer) != INSTANT_ABSENT;
    int64_t inherited_ms = check->inherited_ms[index];
    enum segment_cause cause = definition->is_complete ? check->cause : CAUSE_DEFINITION;
    if (!check->is_known[index]) check->now[index] = is_member || inherited_ms != INSTANT_ABSENT;
    if (check->now[index] == is_member) return;
    if (is_member) leave(check, definition, check->customer, cause);
    else if (inherited_ms != INSTANT_ABSENT) enter(check, definition, inherited_ms, CAUSE_MERGE);
    else enter(check, definition, check->at_ms, cause);
}

/* Narrows (low, high], at whose ends the truths differ, to the first millisecond of the truth at high. */
static int64_t first_instant(const struct check *check, struct definition *definition, int64_t low, int64_t high,
                             bool low_truth)
{
    const struct segment_source *source = check->source;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        bool truth = false;
        if (source->begin(source->context, check->customer, middle) && !evaluate(definition, source, &truth))
            return high;
        if (truth == low_truth) low = middle;
        else high = middle;
    }
    return high;
}

/* The first instant in (from, to] from which on some truth is not what it is at from; INT64_MAX: at to all are. */
static int64_t look_ahead(const struct check *check, int64_t from_ms, int64_t to_ms)
{
    const struct memberships *memberships = check->memberships;
    const struct segment_source *source = check->source;
    bool has_changed[SEGMENTS_MOST] = { false }, truth;
    int64_t earliest_ms = INT64_MAX;
    if (!source->begin(source->context, check->customer, to_ms)) return INT64_MAX;
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        if (definition->moves && check->is_known[i] && evaluate(definition, source, &truth))
            has_changed[i] = truth != check->now[i];
    }
    for (size_t i = 0; i < memberships->n; i++) {
        if (!has_changed[i]) continue;
        int64_t at_ms = first_instant(check, memberships->definitions[i], from_ms, to_ms, check->now[i]);
        if (at_ms < earliest_ms) earliest_ms = at_ms;
    }
    return earliest_ms;
}

static int64_t next_change(const struct check *check)
{
    int64_t from_ms = check->now_ms, at_ms = INT64_MAX;
    while (at_ms == INT64_MAX && from_ms < check->until_ms) {
        int64_t midnight_ms = calendar_day_of_ms(from_ms) * MS_PER_DAY, to_ms = midnight_ms + MS_PER_DAY;
        if (from_ms == midnight_ms) to_ms = from_ms + 1;        /* when windows of days move */
        if (to_ms > check->until_ms) to_ms = check->until_ms;
        at_ms = look_ahead(check, from_ms, to_ms);
        from_ms = to_ms;
    }
    return at_ms;
}

static void run_check(struct check *check)
{
    struct memberships *memberships = check->memberships;
    const struct segment_source *source = check->source;
    if (memberships->n == 0) return;
    bool is_there = source->begin(source->context, check->customer, check->now_ms), moves = false;
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        check->now[i] = false;
        check->is_known[i] = !is_there || evaluate(definition, source, &check->now[i]);
        moves |= is_there && check->is_known[i] && definition->moves;
    }
    for (size_t i = 0; i < memberships->n; i++) apply(check, memberships->definitions[i], i);
    if (check->until_ms <= check->now_ms) return;
    int64_t at_ms = moves ? next_change(check) : INT64_MAX, found_ms = due_of(&memberships->due, check->customer);
    /* What an earlier check found may lie between the instants that this one asked. */
    if (moves && found_ms > check->now_ms && found_ms < at_ms) at_ms = found_ms;
    if (at_ms == INT64_MAX) due_unset(&memberships->due, check->customer);
    else due_set(&memberships->due, check->customer, at_ms);
}

void memberships_check(struct memberships *memberships, const struct segment_source *source, uint32_t identity,
                       int64_t now_ms, int64_t until_ms, int64_t at_ms, enum segment_cause cause)
{
    struct check check = { .memberships = memberships, .source = source, .now_ms = now_ms, .until_ms = until_ms,
                           .at_ms = at_ms, .cause = cause };
    pthread_mutex_lock(&memberships->mutex);
    find_customer(&check, identity);
    run_check(&check);
    pthread_mutex_unlock(&memberships->mutex);
}

void memberships_check_now(struct memberships *memberships, const struct segment_source *source, uint32_t identity,
                           int64_t now_ms, enum segment_cause cause)
{
    memberships_check(memberships, source, identity, now_ms, now_ms, now_ms, cause);
}

void memberships_forget_names(struct memberships *memberships)
{
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++) definition_forget(memberships->definitions[i]);
    pthread_mutex_unlock(&memberships->mutex);
}

uint64_t memberships_version(struct memberships *memberships)
{
    pthread_mutex_lock(&memberships->mutex);
    uint64_t version = memberships->version;
    pthread_mutex_unlock(&memberships->mutex);
    return version;
}

void memberships_passed(struct memberships *memberships, uint64_t version)
{
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        if (definition->is_complete || definition->made_at > version) continue;
        definition->is_complete = true;
        put_change(memberships, &(struct segment_change){ .segment = definition->id, .at_ms = definition->version,
                                                          .entered = true, .cause = CAUSE_DEFINITION });
    }
    pthread_mutex_unlock(&memberships->mutex);
}

bool memberships_incomplete(struct memberships *memberships)
{
    bool is_incomplete = false;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++) is_incomplete |= !memberships->definitions[i]->is_complete;
    pthread_mutex_unlock(&memberships->mutex);
    return is_incomplete;
}

bool memberships_any(struct memberships *memberships)
{
    pthread_mutex_lock(&memberships->mutex);
    bool is_any = memberships->n > 0;
    pthread_mutex_unlock(&memberships->mutex);
    return is_any;
}

int64_t memberships_next_ms(struct memberships *memberships)
{
    pthread_mutex_lock(&memberships->mutex);
    int64_t next_ms = due_next_ms(&memberships->due);
    pthread_mutex_unlock(&memberships->mutex);
    return next_ms;
}

bool memberships_due(struct memberships *memberships, int64_t now_ms, uint32_t *ret_identity, int64_t *ret_due_ms)
{
    pthread_mutex_lock(&memberships->mutex);
    bool is_due = due_take(&memberships->due, now_ms, ret_identity, ret_due_ms);
    pthread_mutex_unlock(&memberships->mutex);
    return is_due;
}

size_t memberships_n_changes(struct memberships *memberships)
{
    pthread_mutex_lock(&memberships->mutex);
    size_t n = memberships->n_changes;
    pthread_mutex_unlock(&memberships->mutex);
    return n;
}

void memberships_take_changes(struct memberships *memberships, size_t n, struct arena *arena,
                              struct segment_change **ret_changes)
{
    pthread_mutex_lock(&memberships->mutex);
    struct segment_change *changes = memberships->changes;
    *ret_changes = ARENA_ARRAY(arena, struct segment_change, n + 1);
    if (n > 0) memcpy(*ret_changes, changes, n * sizeof **ret_changes);
    memberships->n_changes -= n;
    if (memberships->n_changes > 0) memmove(changes, changes + n, memberships->n_changes * sizeof *changes);
    pthread_mutex_unlock(&memberships->mutex);
}

void memberships_undo(struct memberships *memberships, size_t n)
{
    pthread_mutex_lock(&memberships->mutex);
    while (memberships->n_changes > n) {
        const struct segment_change *change = &memberships->changes[--memberships->n_changes];
        struct definition *definition = definition_of(memberships, change->segment);
        if (!definition) continue;
        if (change->entered) instant_map_remove(&definition->since, change->identity);
        else instant_map_put(&definition->since, change->identity, change->since_ms);
    }
    pthread_mutex_unlock(&memberships->mutex);
}

uint64_t memberships_digest(struct memberships *memberships)
{
    uint64_t sum = 0;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        uint32_t who;
        int64_t since_ms;
        for (uint32_t from = 0; instant_map_next(&definition->since, from, &who, &since_ms); from = who + 1) {
            const int64_t all[] = { definition->id, who, since_ms };
            sum += hash_bytes(all, sizeof all, 0);
        }
    }
    pthread_mutex_unlock(&memberships->mutex);
    return sum;
}

static bool write_change(struct store *store, const struct segment_change *change, struct err *err)
{
    if (change->identity == 0) return sql_segment_complete(store, change->segment, change->at_ms, err);
    if (!sql_segment_event_add(store, change->segment, change->identity, change->at_ms, change->entered,
                               text_of(segment_cause_word(change->cause)), err))
        return false;
    return change->entered
               ? sql_segment_member_put(store, change->segment, change->identity, change->since_ms, err)
               : sql_segment_member_remove(store, change->segment, change->identity, err);
}

/* A copy is written, so that those who read memberships do not wait for the store. */
bool memberships_write(struct memberships *memberships, struct store *store, size_t *ret_n, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    pthread_mutex_lock(&memberships->mutex);
    size_t n = memberships->n_changes, i = 0;
    struct segment_change *changes = ARENA_ARRAY(arena, struct segment_change, n + 1);
    if (n > 0) memcpy(changes, memberships->changes, n * sizeof *changes);
    pthread_mutex_unlock(&memberships->mutex);
    while (i < n && write_change(store, &changes[i], err)) i++;
    arena_free(arena);
    if (i == n) *ret_n = n;
    return i == n || err_context(err, "writing memberships");
}
