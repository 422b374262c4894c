/* journeys_folder.c - journeys from a folder of campaigns, and what they need beside; see journeys.h. */
#include "engine/journeys_internal.h"

#include "base/memory.h"
#include "base/similar.h"
#include "journey/ways_out.h"
#include "live/membership.h"
#include "live/refresh.h"
#include "store/setting.h"
#include "store/sql.h"
#include "template/template_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 1000, FILE_GONE = 2 };

struct file { const char *path; struct text yaml; const struct journey *is; };

struct loading {
    struct journeys      *journeys;
    struct arena         *arena;
    struct file          *files;            /* [n] by name */
    size_t                n;
    struct journeys_rules rules;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static bool list_files(struct loading *loading, const char *folder, struct err *err)
{
    const char *path = arena_format(loading->arena, "%s/journeys", folder);
    DIR *open = opendir(path);
    struct dirent *entry;
    if (!open && errno == ENOENT) return true;
    if (!open) return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    loading->files = ARENA_ARRAY(loading->arena, struct file, FILES_MOST);
    while ((entry = readdir(open))) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || entry->d_name[0] == '.' || strcmp(entry->d_name + length - 5, ".yaml") != 0) continue;
        if (loading->n == FILES_MOST) break;
        loading->files[loading->n++].path = arena_format(loading->arena, "%s/%s", path, entry->d_name);
    }
    closedir(open);
    if (loading->n) qsort(loading->files, loading->n, sizeof *loading->files, by_path);
    return true;
}

static bool read_files(struct loading *loading, struct err *err)
{
    const struct journey **all = ARENA_ARRAY(loading->arena, const struct journey *, loading->n + 1);
    const char **paths = ARENA_ARRAY(loading->arena, const char *, loading->n + 1);
    for (size_t i = 0; i < loading->n; i++) {
        struct file *file = &loading->files[i];
        if (!template_file_read(file->path, loading->arena, &file->yaml, err) ||
            !journey_read(file->yaml, file->path, loading->arena, &file->is, err))
            return false;
        all[i] = file->is;
        paths[i] = file->path;
        for (size_t k = 0; k < i; k++)
            if (strcmp(all[k]->name, all[i]->name) == 0)
                return err_set(err, ERR_INVALID, "%s and %s are both called '%s'", paths[k], paths[i],
                               all[i]->name);
    }
    return journeys_check_loops(all, paths, loading->n, loading->arena, err);
}

static bool is_among(const struct loading *loading, const char *name)
{
    for (size_t i = 0; i < loading->n; i++)
        if (strcmp(loading->files[i].is->name, name) == 0) return true;
    return false;
}

/* One that was paused because its file was gone is at work again with the file. */
static bool resume_returned(struct loading *loading, struct store *store, const char *name, struct err *err)
{
    struct sql_journey_get row;
    if (!sql_journey_get(store, text_of(name), &row, err)) return false;
    enum step step = sql_journey_get_step(&row, err);
    bool has_returned = step == STEP_ROW && row.from_file == FILE_GONE;
    cursor_close(row.cursor);
    return step != STEP_FAIL && (!has_returned || journeys_change(loading->journeys, store, name, "resume", err));
}

/* A journey whose file is gone is paused: whoever is inside is held. */
static bool pause_gone(struct loading *loading, struct store *store, struct err *err)
{
    struct sql_journey_all row;
    enum step step;
    struct { const char *name; int64_t id; } gone[FILES_MOST];
    size_t n = 0;
    if (!sql_journey_all(store, &row, err)) return false;
    while (n < FILES_MOST && (step = sql_journey_all_step(&row, err)) == STEP_ROW) {
        const char *name = arena_format(loading->arena, "%.*s", (int)row.name.length, row.name.at);
        if (row.from_file && text_equal(row.state, text_of("active")) && !is_among(loading, name))
            gone[n].name = name, gone[n++].id = row.id;
    }
    cursor_close(row.cursor);
    for (size_t i = 0; i < n; i++)
        if (!journeys_change(loading->journeys, store, gone[i].name, "pause", err) ||
            !sql_journey_gone(store, gone[i].id, err))
            return false;
    return true;
}

static bool put_all(struct store *store, void *context, struct err *err)
{
    struct loading *loading = context;
    struct journeys_changed changed;
    for (size_t i = 0; i < loading->n; i++)
        if (!journeys_put(loading->journeys, store, loading->files[i].is->name, loading->files[i].yaml,
                          text_of("folder"), true, &changed, err) ||
            !resume_returned(loading, store, loading->files[i].is->name, err))
            return false;
    if (!pause_gone(loading, store, err)) return false;
    arena_free(loading->journeys->rules.arena);
    loading->journeys->rules = loading->rules;
    loading->journeys->asks_itself = -1;
    return true;
}

bool journeys_load_folder(struct journeys *journeys, const char *folder, size_t *ret_n, struct err *err)
{
    struct loading loading = { .journeys = journeys, .arena = arena_new(ARENA_NO_LIMIT) };
    const char *named = journeys->service->options.settings_path;
    struct settings settings = { .path = settings_path(named, folder, store_path(journeys->service->store),
                                                       loading.arena) };
    bool ok = list_files(&loading, folder, err) && read_files(&loading, err) &&
              journeys_read_rules(&settings, &loading.rules, err);
    if (ok) {
        loading.rules.templates = arena_format(loading.rules.arena, "%s/templates", folder);
        for (size_t i = 0; ok && i < loading.n; i++)
            ok = ways_out_check(loading.files[i].is, loading.files[i].path, &loading.rules.is, loading.arena, err);
        ok = ok && ingest_run(journeys->service->ingest, put_all, &loading, err);
        if (!ok && journeys->rules.arena != loading.rules.arena) arena_free(loading.rules.arena);
    }
    if (ok) *ret_n = loading.n;
    arena_free(loading.arena);
    return ok && journeys_keep_score_segments(journeys, err);
}

/* ---- segments of scores ---- */

struct score_triggers { struct journeys *journeys; struct { char *name, *sql; } all[64]; size_t n; };

static bool find_scores(struct store *store, void *context, struct err *err)
{
    struct score_triggers *scores = context;
    (void)store, (void)err;
    for (size_t i = 0; i < scores->journeys->n && scores->n < 64; i++) {
        const struct journey *journey = scores->journeys->all[i].is;
        if (journey->trigger.kind != TRIGGER_SCORE) continue;
        char *sql = NULL;
        if (asprintf(&sql, "\"%s\" %s %.15g", journey->trigger.name, journey->trigger.is_falling ? "<" : ">=",
                     journey->trigger.crosses) < 0)
            abort();
        scores->all[scores->n].name = journeys_score_segment(journey);
        scores->all[scores->n++].sql = sql;
    }
    return true;
}

static bool make_segment(struct journeys *journeys, const char *name, const char *sql, struct err *err)
{
    struct service *service = journeys->service;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment *all;
    size_t n = memberships_list(service->memberships, arena, &all), i = 0;
    while (i < n && strcmp(all[i].name, name) != 0) i++;
    arena_free(arena);
    if (i < n) return true;
    const struct segment_draft draft = { name, sql,
                                         "Kept for a journey that begins when the score crosses this." };
    const struct writer writer = ingest_writer(service->ingest);
    struct segment_source *source =
        live_source_new(service->live, service->log, service->identities, &service->lock);
    int64_t id;
    const char *field;
    bool ok = memberships_put(service->memberships, source, &writer, 0, &draft,
                              clock_now_ms(&service->options.clock), &id, &field, err);
    live_source_free(source);
    if (ok && atomic_load(&service->is_refreshing)) refresh_wake(service->refresh);
    return ok;
}

bool journeys_keep_score_segments(struct journeys *journeys, struct err *err)
{
    struct score_triggers scores = { .journeys = journeys };
    bool ok = ingest_run(journeys->service->ingest, find_scores, &scores, err);
    for (size_t i = 0; i < scores.n; i++) {
        ok = ok && make_segment(journeys, scores.all[i].name, scores.all[i].sql, err);
        free(scores.all[i].name);
        free(scores.all[i].sql);
    }
    return ok;
}

bool journeys_skip_segments(struct journeys *journeys, struct store *store, struct err *err)
{
    return sql_segment_event_last(store, &journeys->segment_event, err);
}

/* ---- stops ---- */

bool journeys_check_scope(const struct journeys *journeys, struct text scope, struct arena *arena, struct err *err)
{
    static const char *const kinds[] = { "journey", "channel" };
    static const char plan[] = "plan";          /* what messages of a plan are of */
    const struct contact_rules *rules = &journeys->rules.is;
    const char *all = arena_format(arena, "%.*s", (int)scope.length, scope.at), *colon = strchr(all, ':');
    size_t kind = 0, n = 0, room = journeys->n + rules->n_channels + 1;
    struct text word = { all, colon ? (size_t)(colon - all) : 0 };
    while (kind < 2 && !text_equal(word, text_of(kinds[kind]))) kind++;
    if (kind == 2) return true;         /* the outbox says what a scope is */
    const char **names = ARENA_ARRAY(arena, const char *, room);
    if (kind == 0) names[n++] = plan;
    for (size_t i = 0; kind == 0 && i < journeys->n; i++) names[n++] = journeys->all[i].is->name;
    for (size_t i = 0; kind == 1 && i < rules->n_channels; i++) names[n++] = rules->channels[i].name;
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], colon + 1) == 0) return true;
    return (kind == 1 && n == 0) ||
           err_set(err, ERR_INVALID, "there is no %s '%.100s' to stop%s", kinds[kind], colon + 1,
                   similar_names(colon + 1, names, n, arena));
}

/* ---- answers ---- */

/* "reply.customer.tier": the member of the answer, as text; NULL: there is none. */
static json_t *member_at(json_t *answer, const char *path)
{
    char name[256];
    path += strcspn(path, ".");
    while (answer && *path == '.') {
        size_t length = strcspn(++path, ".");
        if (length == 0 || length >= sizeof name) return NULL;
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        answer = json_object_get(answer, name);
        path += length;
    }
    return answer;
}

bool journeys_map_answer(struct journeys *journeys, struct store *store, const struct way *way,
                         const struct journey_step *step, struct text answer, struct err *err)
{
    json_t *json = json_loadb(answer.at, answer.length, 0, NULL), *traits = json_object();
    for (size_t i = 0; json && i < step->n_sets; i++) {
        json_t *value = member_at(json, step->sets[i].text);
        if (value && !json_is_object(value) && !json_is_array(value))
            json_object_set(traits, step->sets[i].name, value);
    }
    json_decref(json);
    char id[256];
    snprintf(id, sizeof id, "journey:%s:%lld:%s", way->definition->is->name, (long long)way->id, step->id);
    bool is_any = json_object_size(traits) > 0;
    json_t *message = json_pack("{s:s, s:s, s:o}", "type", "identify", "messageId", id, "traits", traits);
    bool ok = !is_any || journeys_say(journeys, store, way->customer, message, err);
    json_decref(message);
    return ok;
}
