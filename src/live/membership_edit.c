/* membership_edit.c - segments as people make, change, list and remove them; see membership.h. */
#include "live/membership_internal.h"
#include "base/memory.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct definition *definition_of(struct memberships *memberships, int64_t id)
{
    for (size_t i = 0; i < memberships->n; i++)
        if (memberships->definitions[i]->id == id) return memberships->definitions[i];
    return NULL;
}

void definition_forget(struct definition *definition)
{
    expression_free(definition->compiled);
    free(definition->problem);
    definition->compiled = NULL, definition->problem = NULL;
}

static void definition_free(struct definition *definition)
{
    if (!definition) return;
    definition_forget(definition);
    instant_map_clear(&definition->since);
    free(definition->name);
    free(definition->expression);
    free(definition->description);
    free(definition);
}

static char *copied(const char *text)
{
    char *copy = memory_copy(text ? text : "");
    return copy;
}

/* A segment with the draft's texts, last in the list. */
static struct definition *append(struct memberships *memberships, int64_t id, const struct segment_draft *draft)
{
    struct definition *definition = memory_new(1, sizeof *definition);
    memberships->definitions = memory_grow(memberships->definitions, memberships->n + 1,
                                           sizeof *memberships->definitions);
    definition->id = id;
    definition->name = copied(draft->name);
    definition->expression = copied(draft->expression);
    definition->description = copied(draft->description);
    definition->made_at = ++memberships->version;
    return memberships->definitions[memberships->n++] = definition;
}

static bool load_definitions(struct memberships *memberships, struct store *store, struct err *err)
{
    struct sql_segment_all row;
    enum step step;
    if (!sql_segment_all(store, &row, err)) return false;
    while ((step = sql_segment_all_step(&row, err)) == STEP_ROW) {
        const struct segment_draft draft = { row.name.at, row.expression.at, row.description.at };
        struct definition *definition = append(memberships, row.id, &draft);
        definition->created_ms = row.created_ms;
        definition->version = row.version;
        definition->is_complete = row.complete == definition->version;
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool load_members(struct memberships *memberships, struct store *store, struct err *err)
{
    struct sql_segment_member_all row;
    enum step step;
    if (!sql_segment_member_all(store, &row, err)) return false;
    while ((step = sql_segment_member_all_step(&row, err)) == STEP_ROW) {
        struct definition *definition = definition_of(memberships, row.segment);
        if (definition) instant_map_put(&definition->since, (uint32_t)row.identity, row.since_ms);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

bool memberships_open(struct store *store, struct memberships **ret_memberships, struct err *err)
{
    struct memberships *memberships = memory_new(1, sizeof *memberships);
    pthread_mutex_init(&memberships->mutex, NULL);
    pthread_mutex_init(&memberships->editing, NULL);
    if (load_definitions(memberships, store, err) && load_members(memberships, store, err)) {
        *ret_memberships = memberships;
        return true;
    }
    memberships_close(memberships);
    return err_context(err, "loading the segments");
}

void memberships_close(struct memberships *memberships)
{
    if (!memberships) return;
    for (size_t i = 0; i < memberships->n; i++) definition_free(memberships->definitions[i]);
    free(memberships->definitions);
    free(memberships->changes);
    due_clear(&memberships->due);
    pthread_mutex_destroy(&memberships->mutex);
    pthread_mutex_destroy(&memberships->editing);
    free(memberships);
}

/* What waits to be committed changes the number of a segment's members by so many; *ret_completes: it says that the
 * segment is complete. */
static int64_t n_waiting(const struct memberships *memberships, int64_t segment, bool *ret_completes)
{
    int64_t n = 0;
    *ret_completes = false;
    for (size_t i = 0; i < memberships->n_changes; i++) {
        const struct segment_change *change = &memberships->changes[i];
        if (change->segment != segment) continue;
        if (change->identity == 0) *ret_completes = true;
        else n += change->entered ? 1 : -1;
    }
    return n;
}

static struct segment describe(const struct memberships *memberships, const struct definition *definition,
                               struct arena *arena)
{
    bool completes;
    int64_t n_more = n_waiting(memberships, definition->id, &completes);
    return (struct segment){
        .id = definition->id, .name = arena_copy(arena, definition->name),
        .expression = arena_copy(arena, definition->expression),
        .description = arena_copy(arena, definition->description), .created_ms = definition->created_ms,
        .version = definition->version, .n_members = (size_t)((int64_t)definition->since.n - n_more),
        .is_complete = definition->is_complete && !completes,
        .problem = definition->problem ? arena_copy(arena, definition->problem) : NULL,
    };
}

size_t memberships_list(struct memberships *memberships, struct arena *arena, struct segment **ret_segments)
{
    pthread_mutex_lock(&memberships->mutex);
    size_t n = memberships->n;
    *ret_segments = ARENA_ARRAY(arena, struct segment, n + 1);
    for (size_t i = 0; i < n; i++) (*ret_segments)[i] = describe(memberships, memberships->definitions[i], arena);
    pthread_mutex_unlock(&memberships->mutex);
    return n;
}

static bool missing(int64_t id, struct err *err)
{
    return err_set(err, ERR_MISSING, "there is no segment %lld", (long long)id);
}

bool memberships_get(struct memberships *memberships, int64_t id, struct arena *arena, struct segment *ret_segment,
                     struct err *err)
{
    pthread_mutex_lock(&memberships->mutex);
    const struct definition *definition = definition_of(memberships, id);
    if (definition) *ret_segment = describe(memberships, definition, arena);
    pthread_mutex_unlock(&memberships->mutex);
    return definition || missing(id, err);
}

static bool refuse(const char **ret_field, const char *field, struct err *err, const char *sentence)
{
    *ret_field = field;
    return err_set(err, ERR_INVALID, "%s", sentence);
}

/* What can be said about a draft without others. */
static bool check_draft(const struct segment_draft *draft, const struct segment_source *source,
                        const char **ret_field, struct err *err)
{
    struct expression *expression;
    if (!draft->name || text_trim(text_of(draft->name)).length == 0)
        return refuse(ret_field, "name", err, "a segment needs a name");
    if (strlen(draft->name) > SEGMENT_NAME_MOST_BYTES)
        return refuse(ret_field, "name", err, "the name of a segment has at most 200 bytes");
    if (draft->description && strlen(draft->description) > SEGMENT_DESCRIPTION_MOST_BYTES)
        return refuse(ret_field, "description", err, "the description of a segment has at most 2,000 bytes");
    *ret_field = "expression";
    if (!draft->expression || text_trim(text_of(draft->expression)).length == 0)
        return err_set(err, ERR_INVALID, "a segment needs a condition, such as order_recency_days > 60");
    if (!expression_compile_columns(draft->expression, source->columns, source->n_columns, false, &expression,
                                    err))
        return false;
    expression_free(expression);
    *ret_field = NULL;
    return true;
}

/* A draft on its way to the table; the writer's thread fills the id of a new one. */
struct edit {
    const struct segment_draft *draft;
    int64_t id, version, now_ms;
};

static bool write_edit(struct store *store, void *context, struct err *err)
{
    struct edit *edit = context;
    const struct segment_draft *draft = edit->draft;
    struct text name = text_of(draft->name), expression = text_of(draft->expression),
                description = text_of(draft->description);
    if (edit->id != 0)
        return sql_segment_version_keep(store, edit->id, edit->now_ms, edit->version, err) &&
               sql_segment_change(store, edit->id, name, expression, description, edit->version, err);
    return sql_segment_add(store, name, expression, description, edit->now_ms, &edit->id, err);
}

/* Under `editing`: whether the draft fits those there are, and the version it would have. */
static bool check_others(struct memberships *memberships, struct edit *edit, const char **ret_field,
                         struct err *err)
{
    bool ok = true;
    pthread_mutex_lock(&memberships->mutex);
    const struct definition *old = definition_of(memberships, edit->id);
    edit->version = !old ? 1 : old->version + (strcmp(old->expression, edit->draft->expression) != 0);
    if (edit->id != 0 && !old) ok = missing(edit->id, err);
    if (ok && edit->id == 0 && memberships->n >= SEGMENTS_MOST)
        ok = err_set(err, ERR_REFUSED, "there are %d segments already, which is the most", SEGMENTS_MOST);
    for (size_t i = 0; ok && i < memberships->n; i++) {
        const struct definition *other = memberships->definitions[i];
        if (other == old || strcasecmp(other->name, edit->draft->name) != 0) continue;
        *ret_field = "name";
        ok = err_set(err, ERR_INVALID, "there is a segment '%s' already, number %lld", other->name,
                     (long long)other->id);
    }
    pthread_mutex_unlock(&memberships->mutex);
    return ok;
}

static void take_edit(struct memberships *memberships, const struct edit *edit)
{
    pthread_mutex_lock(&memberships->mutex);
    struct definition *definition = definition_of(memberships, edit->id);
    if (!definition) {
        definition = append(memberships, edit->id, edit->draft);
        definition->created_ms = edit->now_ms;
    } else if (edit->version != definition->version) {
        free(definition->expression);
        definition->expression = copied(edit->draft->expression);
        definition->made_at = ++memberships->version;
        definition->is_complete = false;
        definition_forget(definition);
    }
    definition->version = edit->version;
    free(definition->name);
    free(definition->description);
    definition->name = copied(edit->draft->name);
    definition->description = copied(edit->draft->description);
    pthread_mutex_unlock(&memberships->mutex);
}

bool memberships_put(struct memberships *memberships, const struct segment_source *source,
                     const struct writer *writer, int64_t id, const struct segment_draft *draft, int64_t now_ms,
                     int64_t *ret_id, const char **ret_field, struct err *err)
{
    const char *field = NULL;
    struct edit edit = { .draft = draft, .id = id, .now_ms = now_ms };
    bool ok = check_draft(draft, source, &field, err);
    pthread_mutex_lock(&memberships->editing);
    ok = ok && check_others(memberships, &edit, &field, err) &&
         writer->run(writer->context, write_edit, &edit, err);
    if (ok) {
        take_edit(memberships, &edit);
        *ret_id = edit.id;
    }
    pthread_mutex_unlock(&memberships->editing);
    if (!ok && ret_field) *ret_field = field;
    return ok;
}

static bool write_removal(struct store *store, void *context, struct err *err)
{
    const int64_t *id = context;
    return sql_segment_remove(store, *id, err) && sql_segment_members_remove(store, *id, err);
}

static void take_removal(struct memberships *memberships, int64_t id)
{
    size_t n = 0;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++) {
        struct definition *definition = memberships->definitions[i];
        if (definition->id == id) definition_free(definition);
        else memberships->definitions[n++] = definition;
    }
    memberships->n = n;
    pthread_mutex_unlock(&memberships->mutex);
}

bool memberships_remove(struct memberships *memberships, const struct writer *writer, int64_t id, struct err *err)
{
    pthread_mutex_lock(&memberships->editing);
    pthread_mutex_lock(&memberships->mutex);
    bool ok = definition_of(memberships, id) || missing(id, err);
    pthread_mutex_unlock(&memberships->mutex);
    ok = ok && writer->run(writer->context, write_removal, &id, err);
    if (ok) take_removal(memberships, id);
    pthread_mutex_unlock(&memberships->editing);
    return ok;
}

/* ---- who is a member, as of the last commit ---- */

/* An identity as a segment had it before what waits: since_ms may be INSTANT_ABSENT. */
struct before { uint32_t identity; size_t nth; int64_t since_ms; };

static int compare_before(const void *a, const void *b)
{
    const struct before *one = a, *other = b;
    if (one->identity != other->identity) return one->identity < other->identity ? -1 : 1;
    return (one->nth > other->nth) - (one->nth < other->nth);
}

/* By identity ascending, each once: its first change knows how it was. */
static struct before *before_of(const struct memberships *memberships, int64_t segment, struct arena *arena,
                                size_t *ret_n)
{
    size_t n = 0, n_kept = 0;
    struct before *before = ARENA_ARRAY(arena, struct before, memberships->n_changes + 1);
    for (size_t i = 0; i < memberships->n_changes; i++) {
        const struct segment_change *change = &memberships->changes[i];
        if (change->segment == segment && change->identity != 0)
            before[n++] = (struct before){ change->identity, i,
                                           change->entered ? INSTANT_ABSENT : change->since_ms };
    }
    qsort(before, n, sizeof *before, compare_before);
    for (size_t i = 0; i < n; i++)
        if (n_kept == 0 || before[i].identity != before[n_kept - 1].identity) before[n_kept++] = before[i];
    *ret_n = n_kept;
    return before;
}

/* The next member with identity > after: of those there are now and those who are on their way out. */
static bool next_member(const struct definition *definition, const struct before *before, size_t n, uint32_t after,
                        struct segment_member *ret_member)
{
    size_t at = 0;
    while (after != UINT32_MAX) {
        uint32_t now;
        int64_t since_ms;
        bool is_now = instant_map_next(&definition->since, after + 1, &now, &since_ms);
        while (at < n && before[at].identity <= after) at++;
        if (!is_now && at == n) return false;
        bool is_before = at < n && (!is_now || before[at].identity <= now);
        after = is_before ? before[at].identity : now;
        if (is_before) since_ms = before[at].since_ms;
        *ret_member = (struct segment_member){ after, since_ms };
        if (since_ms != INSTANT_ABSENT) return true;
    }
    return false;
}

bool memberships_members(struct memberships *memberships, int64_t id, uint32_t after,
                         struct segment_member *ret_members, size_t room, size_t *ret_n, struct err *err)
{
    size_t n = 0, n_before = 0;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    pthread_mutex_lock(&memberships->mutex);
    const struct definition *definition = definition_of(memberships, id);
    const struct before *before = before_of(memberships, id, arena, &n_before);
    while (definition && n < room && next_member(definition, before, n_before, after, &ret_members[n]))
        after = ret_members[n++].identity;
    pthread_mutex_unlock(&memberships->mutex);
    arena_free(arena);
    if (!definition) return missing(id, err);
    *ret_n = n;
    return true;
}

static size_t list_of(struct memberships *memberships, uint32_t customer, bool is_committed,
                      struct segment_since *ret_segments, size_t room)
{
    int64_t since_ms[SEGMENTS_MOST];
    size_t n = 0;
    pthread_mutex_lock(&memberships->mutex);
    for (size_t i = 0; i < memberships->n; i++)
        since_ms[i] = instant_map_get(&memberships->definitions[i]->since, customer);
    for (size_t c = memberships->n_changes; is_committed && c-- > 0;) {
        const struct segment_change *change = &memberships->changes[c];
        for (size_t i = 0; change->identity == customer && i < memberships->n; i++)
            if (memberships->definitions[i]->id == change->segment)
                since_ms[i] = change->entered ? INSTANT_ABSENT : change->since_ms;
    }
    for (size_t i = 0; i < memberships->n && n < room; i++)
        if (since_ms[i] != INSTANT_ABSENT)
            ret_segments[n++] = (struct segment_since){ memberships->definitions[i]->id, since_ms[i] };
    pthread_mutex_unlock(&memberships->mutex);
    return n;
}

size_t memberships_of(struct memberships *memberships, uint32_t customer, struct segment_since *ret_segments,
                      size_t room)
{
    return list_of(memberships, customer, true, ret_segments, room);
}

size_t memberships_of_group(struct memberships *memberships, uint32_t customer, struct segment_since *ret_segments,
                            size_t room)
{
    return list_of(memberships, customer, false, ret_segments, room);
}
