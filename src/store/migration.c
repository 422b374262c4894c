/* migration.c - see migration.h. */
#include "store/migration.h"
#include "base/assets.h"
#include "base/crash_point.h"
#include "store/store_failure.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "src/store/migration/"

/* The number that a migration's file begins with; 0 for any other file. */
static int number_of(const struct asset *asset)
{
    size_t length = strlen(FOLDER);
    return strncmp(asset->path, FOLDER, length) == 0 ? (int)strtol(asset->path + length, NULL, 10) : 0;
}

int migration_newest(void)
{
    int newest = 0;
    for (size_t i = 0; i < n_assets; i++)
        if (number_of(&assets[i]) > newest) newest = number_of(&assets[i]);
    return newest;
}

static const struct asset *migration_find(int number)
{
    for (size_t i = 0; i < n_assets; i++)
        if (number_of(&assets[i]) == number) return &assets[i];
    assert(!"a migration's number is missing");
    abort();
}

static bool run(sqlite3 *db, const char *path, const char *sql, struct err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || store_failure(db, path, "migrating", err);
}

/* Rows whose parent is gone are no state that any version left behind. */
static bool check_references(sqlite3 *db, const char *path, struct err *err)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &statement, NULL) != SQLITE_OK)
        return store_failure(db, path, "checking references", err);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        err_set(err, ERR_CORRUPT,
                "'%s' is damaged: a row of table %s refers to one of %s that is not there: restore a copy", path,
                (const char *)sqlite3_column_text(statement, 0), (const char *)sqlite3_column_text(statement, 2));
    else if (step != SQLITE_DONE)
        store_failure(db, path, "checking references", err);
    sqlite3_finalize(statement);
    return step == SQLITE_DONE;
}

bool migration_run(struct sqlite3 *db, const char *path, int version, struct err *err)
{
    char note[48];
    int newest = migration_newest();
    for (int number = version + 1; number <= newest; number++) {
        const struct asset *migration = migration_find(number);
        if (!run(db, path, migration->bytes, err))
            return version > 0 &&
                   err_context(err, "bringing the database from version %d to %d (%s), which left it as it was",
                               version, newest, migration->path + strlen(FOLDER));
        crash_point();
    }
    snprintf(note, sizeof note, "PRAGMA user_version = %d", newest);
    return version == newest || (run(db, path, note, err) && (version == 0 || check_references(db, path, err)));
}
