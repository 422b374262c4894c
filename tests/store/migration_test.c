/* Databases of older versions become what this program expects, or stay as they are. */
#include "store/migration.h"
#include "base/crash_point.h"
#include "log/log.h"
#include "store/faulty_vfs.h"
#include "store/statement.h"
#include "store/store.h"
#include "support.h"

#include <fcntl.h>
#include <glob.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FAULTS = 600 };

TestSuite(migration, .init = faulty_vfs_install);

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    cr_assert(!message, "%s", message);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* Every value that a query gives, one row a line. */
static char *ask(struct arena *arena, const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    char *all = arena_copy(arena, "");
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int c = 0; c < sqlite3_column_count(statement); c++) {
            const char *value = (const char *)sqlite3_column_text(statement, c);
            all = arena_format(arena, "%s%s%s", all, value ? value : "-",
                               c + 1 == sqlite3_column_count(statement) ? "\n" : " ");
        }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return all;
}

static int number(const char *text) { return (int)strtol(text, NULL, 10); }

/* A database from its dump; faults are off. */
static void restore(struct arena *arena, const char *dump, const char *path)
{
    size_t length;
    char *sql = support_read(arena, dump, &length);
    cr_assert(sql, "%s", dump);
    remove(path);
    run_sql(path, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");        /* as every program left it */
    run_sql(path, sql);
    run_sql(path, "PRAGMA journal_mode = WAL");     /* which a dump does not tell */
}

static void copy_file(const char *from, const char *to)
{
    struct arena *arena = arena_new(1 << 26);
    size_t length;
    char name[4096];
    char *bytes = support_read(arena, from, &length);
    support_write(to, bytes, length);
    snprintf(name, sizeof name, "%s-wal", to), remove(name);
    snprintf(name, sizeof name, "%s-shm", to), remove(name);
    arena_free(arena);
}

/* The databases to try: those kept, and one of ours that has no table yet. */
static void each_older(void (*check)(struct arena *arena, const char *path))
{
    glob_t kept;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *path = arena_copy(arena, support_path("old.holdfast"));
    cr_assert_eq(glob("tests/store/kept/version_*.sql", 0, NULL, &kept), 0, "no database was kept");
    for (size_t i = 0; i < kept.gl_pathc; i++) {
        restore(arena, kept.gl_pathv[i], path);
        check(arena, path);
    }
    globfree(&kept);
    remove(path);
    run_sql(path, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA application_id = 0x48465354");
    check(arena, path);
    arena_free(arena);
}

static const char *const shape =
    "SELECT t.type, t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_schema AS t "
    "LEFT JOIN pragma_table_xinfo(t.name) AS c WHERE t.name NOT LIKE 'sqlite_%' ORDER BY t.type, t.name, c.cid";

/* Asked once: making a database runs all migrations. */
static const char *shape_of_new(struct arena *arena)
{
    static const char *told;
    struct store *store;
    struct err err;
    if (told) return told;
    const char *fresh = arena_copy(arena, support_path("fresh.holdfast"));
    ASSERT_OK(store_open(fresh, STORE_CREATE, &store, &err), &err);
    store_close(store);
    return told = ask(arena, fresh, shape);
}

static void becomes_as_new(struct arena *arena, const char *path)
{
    struct store *store;
    struct err err;
    ASSERT_OK(store_open(path, STORE_WRITE, &store, &err), &err);
    store_close(store);
    cr_assert_str_eq(ask(arena, path, shape), shape_of_new(arena));
    cr_assert_eq(number(ask(arena, path, "PRAGMA user_version")), migration_newest());
    cr_assert_str_eq(ask(arena, path, "PRAGMA integrity_check"), "ok\n");
}

static void is_unchanged(struct arena *arena, const char *path, const char *tried, unsigned nth, const char *why)
{
    size_t length, length_before;
    char *before = support_read(arena, path, &length_before), *after = support_read(arena, tried, &length);
    cr_assert(length == length_before && memcmp(before, after, length) == 0, "fault %u changed the file: %s", nth, why);
}

Test(migration, a_database_of_every_older_version_gets_the_tables_of_a_new_one) { each_older(becomes_as_new); }

/* Reads every event; how many there are. */
static size_t n_events_read(struct store *store)
{
    struct err err;
    struct log *log;
    struct log_reader *reader;
    size_t n = 0;
    ASSERT_OK(log_open(store, &log, &err), &err);
    ASSERT_OK(log_reader_open(log, &reader, &err), &err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ASSERT_OK(log_read(reader, p, LOG_ALL, arena, &events, &err), &err);
        n += events.n;
        arena_free(arena);
    }
    struct arena *all = arena_new(1 << 26);
    struct events along;
    uint64_t sequence;
    ASSERT_OK(log_read_after(reader, 0, 1000000, LOG_ALL, all, &along, &sequence, &err), &err);
    cr_assert(along.n == n && sequence == n, "%zu of %zu events arrived", along.n, n);
    arena_free(all);
    log_reader_close(reader);
    log_close(log);
    return n;
}

Test(migration, the_first_version_keeps_its_events_scores_and_decisions)
{
    struct arena *arena = arena_new(1 << 28);
    const char *path = arena_copy(arena, support_path("first.holdfast"));
    const char *counts = "SELECT (SELECT count(*) FROM score), (SELECT count(*) FROM decision),"
                         " (SELECT count(*) FROM model), (SELECT count(*) FROM segment_member),"
                         " (SELECT sum(n_events) FROM log_block)";
#define SCORES(group, from)                                                                                       \
    "SELECT identity, question, as_of_ms, prediction, expected_loss_cents, p_alive, expected_orders, "   \
    "expected_value_cents, " group ", cluster, stage, last_goal_day FROM " from " ORDER BY identity"
    struct store *store;
    struct err err;
    restore(arena, "tests/store/kept/version_1.sql", path);
    const char *before = ask(arena, path, counts);
    const char *scores_before = ask(arena, path, SCORES("segment", "score"));
    ASSERT_OK(store_open(path, STORE_READ, &store, &err), &err);       /* a reader does it, too */
    cr_assert_eq(n_events_read(store), strtoul(strrchr(before, ' '), NULL, 10));
    store_close(store);
    cr_assert_eq(number(ask(arena, path, "PRAGMA user_version")), migration_newest());
    cr_assert_str_eq(ask(arena, path, counts), before);
    cr_assert_str_eq(ask(arena, path, SCORES("rfm_group", "score JOIN valuation USING (identity)")),
                     scores_before);
#undef SCORES
    cr_assert_eq(strncmp(before, "150 2 1 112 ", 12), 0, "%s", before);
    arena_free(arena);
}

Test(migration, the_fifth_version_keeps_its_answers_timers_and_the_rules_of_its_decisions)
{
    static const struct { const char *before, *after; } same[] = {
        { "SELECT identity, question, as_of_ms, prediction, expected_loss_cents FROM score ORDER BY 1, 2", NULL },
        { "SELECT * FROM valuation ORDER BY identity", NULL },
        { "SELECT kind, due_ms, who, n_tries, hex(data) FROM timer ORDER BY id",
          "SELECT kind, due_ms, who, n_tries, hex(data) FROM timer ORDER BY n" },
        { "SELECT id, identity, action, propensity, json_extract(answer, '$.rule') FROM decision ORDER BY id",
          "SELECT id, identity, action, propensity, rule FROM decision ORDER BY id" },
        { "SELECT id, at_ms, who, what, identity FROM audit ORDER BY id", NULL },
    };
    enum { N = sizeof same / sizeof *same };
    struct arena *arena = arena_new(1 << 28);
    const char *path = arena_copy(arena, support_path("fifth.holdfast")), *before[N];
    struct store *store;
    struct err err;
    restore(arena, "tests/store/kept/version_5.sql", path);
    for (size_t i = 0; i < N; i++) before[i] = ask(arena, path, same[i].before);
    ASSERT_OK(store_open(path, STORE_WRITE, &store, &err), &err);
    cr_assert_eq(n_events_read(store), strtoul(ask(arena, path, "SELECT sum(n_events) FROM log_block"), NULL, 10));
    store_close(store);
    for (size_t i = 0; i < N; i++) {
        cr_assert_neq(*before[i], '\0', "%s: nothing was kept", same[i].before);
        cr_assert_str_eq(ask(arena, path, same[i].after ? same[i].after : same[i].before), before[i]);
    }
    cr_assert(strstr(before[3], "suppressed"), "%s", before[3]);
    arena_free(arena);
}

/* Opens it while the nth write fails; a file that was not brought up to date is the same.  The first writes and the last
 * are of many kinds, those between are pages of one transaction, of which each seventh fails. */
static void survives_faults(struct arena *arena, const char *path, enum fault fault)
{
    enum { EACH = 24, STRIDE = 7 };
    const char *tried = arena_copy(arena, support_path("tried.holdfast"));
    struct store *store = NULL;
    struct err err;
    if (number(ask(arena, path, "PRAGMA user_version")) == migration_newest()) return;
    copy_file(path, tried);
    faulty_vfs_fail_at(MOST_FAULTS, fault);
    ASSERT_OK(store_open(tried, STORE_WRITE, &store, &err), &err);
    unsigned n_writes = faulty_vfs_calls();
    faulty_vfs_fail_at(0, fault);
    store_close(store);
    cr_assert(n_writes > 0 && n_writes < MOST_FAULTS);
    for (unsigned nth = 1; nth <= n_writes; nth += nth < EACH || nth + EACH > n_writes ? 1 : STRIDE) {
        copy_file(path, tried);
        faulty_vfs_fail_at(nth, fault);
        bool is_open = store_open(tried, STORE_WRITE, &store, &err);
        faulty_vfs_fail_at(0, fault);
        if (is_open) {      /* it did without what failed */
            store_close(store);
            becomes_as_new(arena, tried);
            continue;
        }
        cr_assert_eq(err.code, ERR_IO, "fault %u: %s", nth, err.text);
        is_unchanged(arena, path, tried, nth, err.text);
    }
    becomes_as_new(arena, tried);
}

static void survives_failing_writes(struct arena *arena, const char *path)
{
    survives_faults(arena, path, FAULT_WRITE);
}

static void survives_a_full_disk(struct arena *arena, const char *path)
{
    survives_faults(arena, path, FAULT_FULL);
}

Test(migration, a_write_that_fails_leaves_the_file_as_it_was) { each_older(survives_failing_writes); }
Test(migration, a_full_disk_leaves_the_file_as_it_was)        { each_older(survives_a_full_disk); }

/* What is as it was becomes as new from there, which is shown once. */
static void survives_crashes(struct arena *arena, const char *path)
{
    const char *tried = arena_copy(arena, support_path("tried.holdfast"));
    int version_before = number(ask(arena, path, "PRAGMA user_version"));
    for (unsigned nth = 1, is_done = 0, n_old = 0; !is_done; nth++) {
        int status = 0;
        copy_file(path, tried);
        pid_t child = fork();
        if (child == 0) {
            struct store *store;
            struct err err;
            crash_at(nth);
            _exit(store_open(tried, STORE_WRITE, &store, &err) ? 0 : 1);
        }
        waitpid(child, &status, 0);
        cr_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 99 || WEXITSTATUS(status) == 0), "status %d",
                  status);
        is_done = WEXITSTATUS(status) == 0;
        bool is_old = number(ask(arena, tried, "PRAGMA user_version")) != migration_newest();
        if (is_old) {
            cr_assert_eq(number(ask(arena, tried, "PRAGMA user_version")), version_before);
            is_unchanged(arena, path, tried, nth, "a crash");
        }
        if (!is_old || n_old++ == 0) becomes_as_new(arena, tried);
    }
}

Test(migration, a_crash_at_any_point_leaves_the_old_version_or_the_new) { each_older(survives_crashes); }

Test(migration, one_that_fails_half_way_leaves_the_file_as_it_was_and_says_why)
{
    struct arena *arena = arena_new(1 << 26);
    const char *path = support_path("half.holdfast");
    struct store *store;
    struct err err;
    size_t length, length_before;
    run_sql(path, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA application_id = 0x48465354;"
                  "CREATE TABLE session (mine); INSERT INTO session VALUES (7)");
    char *before = support_read(arena, path, &length_before);
    ASSERT_FAILS(store_open(path, STORE_WRITE, &store, &err), &err, ERR_IO, "table session already exists");
    char *after = support_read(arena, path, &length);
    cr_assert(length == length_before && memcmp(before, after, length) == 0);
    arena_free(arena);
}

Test(migration, an_older_file_that_somebody_holds_is_refused_with_who_it_is)
{
    struct arena *arena = arena_new(1 << 26);
    const char *path = arena_copy(arena, support_path("busy.holdfast"));
    struct store *holder, *reader;
    struct err err;
    ASSERT_OK(store_open(path, STORE_CREATE, &holder, &err), &err);
    ASSERT_OK(store_hold(holder, "an older server", &err), &err);
    run_sql(path, "PRAGMA user_version = 0");
    ASSERT_FAILS(store_open(path, STORE_READ, &reader, &err), &err, ERR_BUSY,
                 "an older Holdfast wrote this database, and it is to be brought up to date first: '");
    cr_assert(strstr(err.text, "is held by an older server"), "%s", err.text);
    store_close(holder);
    arena_free(arena);
}

Test(migration, the_numbers_are_one_two_three_without_a_gap)
{
    glob_t files;
    cr_assert_eq(glob("src/store/migration/*.sql", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        cr_assert_eq(number(strrchr(files.gl_pathv[i], '/') + 1), (int)i + 1,
                     "%s: give it the number %zu, as it is the later one", files.gl_pathv[i], i + 1);
    cr_assert_eq((size_t)migration_newest(), files.gl_pathc);
    globfree(&files);
}

Test(migration, every_table_says_what_erasing_and_exporting_a_person_does_with_it)
{
    struct arena *arena = arena_new(1 << 26);
    const char *path = arena_copy(arena, support_path("said.holdfast"));
    struct store *store;
    struct err err;
    ASSERT_OK(store_open(path, STORE_CREATE, &store, &err), &err);
    store_close(store);
    char *names =
        ask(arena, path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    size_t n = 0;
    for (char *name = names, *end; (end = strchr(name, '\n')); name = end + 1, n++) {
        bool says = false;
        *end = '\0';
        for (size_t t = 0; t < n_person_tables; t++) says = says || strcmp(person_tables[t].table, name) == 0;
        cr_assert(says, "table %s: write \"-- person %s: ...\" before it", name, name);
    }
    cr_assert_eq(n, n_person_tables);
    arena_free(arena);
}
