/* command.c - which database a command works on, and how it writes to it; see command.h. */
#include "cli/command.h"

#include "base/input.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "store/setting.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

static const char *stem_of(struct arena *arena, const char *file)
{
    static const char *const endings[] = { ".gz", ".csv", ".tsv", ".txt", ".data", ".dat" };
    if (strcmp(file, "-") == 0) return "stdin";
    const char *slash = strrchr(file, '/');
    char *stem = arena_copy(arena, slash ? slash + 1 : file);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(stem), ending = strlen(endings[i]);
        if (length > ending && strcmp(stem + length - ending, endings[i]) == 0) stem[length - ending] = '\0';
    }
    return *stem ? stem : "shop";
}

static bool database_here(struct invocation *invocation, const char **ret_path, struct err *err)
{
    glob_t found;
    int status = glob("*.holdfast", 0, NULL, &found);
    if (status == GLOB_NOMATCH)
        return err_set(err, ERR_MISSING,
                       "no database here: import a file first (holdfast import orders.csv) or name one with --db");
    if (status != 0) return err_set(err, ERR_IO, "the current folder cannot be read");
    bool ok = found.gl_pathc == 1;
    if (ok) *ret_path = arena_copy(invocation->arena, found.gl_pathv[0]);
    else
        err_set(err, ERR_INVALID, "there are %zu databases here, %s and %s among them: choose one with --db PATH",
                found.gl_pathc, found.gl_pathv[0], found.gl_pathv[1]);
    globfree(&found);
    return ok;
}

bool command_database(struct invocation *invocation, const char *file, const char **ret_path, struct err *err)
{
    const char *typed = flag_text(invocation, "db", NULL);
    if (typed && !*typed) return err_set(err, ERR_INVALID, "--db needs a path");
    if (typed) *ret_path = typed;
    else if (file) *ret_path = arena_format(invocation->arena, "%s.holdfast", stem_of(invocation->arena, file));
    else return database_here(invocation, ret_path, err);
    return true;
}

bool command_input(const struct invocation *invocation, const char *path, const char *sheet,
                   struct input **ret_input, struct err *err)
{
    if (strcmp(path, "-") != 0) return input_open_sheet(path, sheet, invocation->progress, ret_input, err);
    if (!invocation->in) return err_set(err, ERR_INVALID, "there is no standard input here: name a file");
    return input_open_stream(fileno(invocation->in), sheet, invocation->progress, ret_input, err);
}

bool command_settings(const struct invocation *invocation, struct store *store, struct settings *ret_settings,
                      struct err *err)
{
    const char *named = flag_text(invocation, "settings", NULL);
    if (store) return setting_file(store, named, invocation->arena, ret_settings, err);
    return settings_read(settings_path(named, NULL, NULL, invocation->arena), invocation->arena, ret_settings,
                         err);
}

bool command_write(const struct invocation *invocation, struct store *store, command_job *job, void *context,
                   struct err *err)
{
    if (invocation->service) return ingest_run(invocation->service->ingest, job, context, err);
    if (!store_begin(store, err)) return false;
    if (job(store, context, err) && store_commit(store, err)) return true;
    store_rollback(store);
    return false;
}
