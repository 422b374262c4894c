/* The store: transactions, values, and a sentence for each way a file can be unfit. */
#include "store/store.h"

#include "store/bulk.h"
#include "support.h"
#include "store/setting.h"
#include "store/sql.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct store *opened(const char *path, enum store_mode mode)
{
    struct err err;
    struct store *store = NULL;
    ASSERT_OK(store_open(path, mode, &store, &err), &err);
    return store;
}

static void refuses(const char *path, enum store_mode mode, enum err_code code, const char *text)
{
    struct err err;
    struct store *store;
    ASSERT_FAILS(store_open(path, mode, &store, &err), &err, code, text);
}

/* Any table does: the bytes of a column of the log. */
static void put(struct store *store, int64_t id, const char *text)
{
    struct err err;
    ASSERT_OK(sql_log_column_add(store, id, text_of(text), &err), &err);
}

static bool has(struct store *store, int64_t id)
{
    struct err err;
    struct sql_log_column_get row;
    ASSERT_OK(sql_log_column_get(store, id, &row, &err), &err);
    enum step step = sql_log_column_get_step(&row, &err);
    cr_assert_neq(step, STEP_FAIL, "%s", err.text);
    cursor_close(row.cursor);
    return step == STEP_ROW;
}

Test(store, what_is_committed_is_there_after_reopening_and_what_is_not_is_gone)
{
    const char *path = support_path("a.holdfast");
    struct err err;
    struct store *store = opened(path, STORE_CREATE);
    ASSERT_OK(store_begin(store, &err), &err);
    put(store, 1, "a");
    ASSERT_OK(store_commit(store, &err), &err);
    ASSERT_OK(store_begin(store, &err), &err);
    put(store, 2, "b");
    cr_assert(has(store, 2) && store_in_transaction(store));
    store_rollback(store);
    cr_assert(has(store, 1) && !has(store, 2) && !store_in_transaction(store));
    ASSERT_OK(store_begin(store, &err), &err);
    put(store, 3, "c");
    store_close(store);
    store = opened(path, STORE_READ);
    cr_assert(has(store, 1) && !has(store, 2) && !has(store, 3));
    cr_assert_str_eq(store_path(store), path);
    store_close(store);
    cr_assert_neq(access(support_path("a.holdfast-wal"), F_OK), 0, "nothing is left beside the one file");
}

/* ---- much at once ---- */

enum { BULK_ROWS = 4000, BULK_ROW_BYTES = 3000 };       /* several times the pages that SQLite keeps in memory */

static void put_much(struct store *store)
{
    static char text[BULK_ROW_BYTES + 1];
    memset(text, 'x', BULK_ROW_BYTES);
    for (int64_t id = 1; id <= BULK_ROWS; id++) put(store, id, text);
}

static bool is_there(const char *path, const char *ending)
{
    char name[4096];
    snprintf(name, sizeof name, "%s%s", path, ending);
    return access(name, F_OK) == 0;
}

static void is_sound(const char *path, bool has_rows)
{
    struct err err;
    struct store *store = opened(path, STORE_CREATE);
    cr_assert_eq(has(store, 1), has_rows);
    cr_assert_eq(has(store, BULK_ROWS), has_rows);
    cr_assert(is_there(path, "-wal"), "it is written through the -wal file again");
    ASSERT_OK(store_begin(store, &err), &err);
    put(store, BULK_ROWS + 1, "after");
    ASSERT_OK(store_commit(store, &err), &err);
    store_close(store);
    cr_assert(!is_there(path, "-wal") && !is_there(path, "-journal"), "nothing is left beside the one file");
}

Test(store, much_at_once_is_written_into_the_file_itself_and_alone)
{
    struct err err;
    const char *path = support_path("bulk.holdfast");
    struct store *other, *store = opened(path, STORE_CREATE);
    bulk_begin(store);
    ASSERT_OK(store_begin(store, &err), &err);
    put_much(store);
    cr_assert(!is_there(path, "-wal"));
    ASSERT_FAILS(store_open(path, STORE_READ, &other, &err), &err, ERR_BUSY, "bulk.holdfast");
    ASSERT_OK(store_commit(store, &err), &err);
    bulk_end(store);
    other = opened(path, STORE_READ);
    cr_assert(has(other, BULK_ROWS));
    store_close(other);
    store_close(store);
    is_sound(path, true);
}

Test(store, much_at_once_beside_somebody_who_reads_goes_through_the_wal_file)
{
    struct err err;
    const char *path = support_path("bulk_beside.holdfast");
    struct store *beside, *store = opened(path, STORE_CREATE);
    ASSERT_OK(store_open_beside(store, &beside, &err), &err);
    ASSERT_OK(store_begin_reading(beside, &err), &err);
    cr_assert(!has(beside, 1));
    bulk_begin(store);
    ASSERT_OK(store_begin(store, &err), &err);
    put_much(store);
    ASSERT_OK(store_commit(store, &err), &err);
    bulk_end(store);
    cr_assert(!has(beside, 1) && has(store, 1));
    store_rollback(beside);
    cr_assert(has(beside, 1));
    store_close(beside);
    store_close(store);
    is_sound(path, true);
}

/* Ends without a word of goodbye after a step: 0 the rows are written, 1 they are committed. */
static void crash_in_bulk(const char *path, int step)
{
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        struct err err;
        struct store *store = opened(path, STORE_CREATE);
        bulk_begin(store);
        ASSERT_OK(store_begin(store, &err), &err);
        put_much(store);
        if (step == 1) ASSERT_OK(store_commit(store, &err), &err);
        _exit(0);
    }
    int status;
    cr_assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(store, a_crash_while_much_is_written_leaves_all_or_nothing)
{
    for (int step = 0; step < 2; step++) {
        const char *path = support_path(step ? "crash_after.holdfast" : "crash_before.holdfast");
        store_close(opened(path, STORE_CREATE));
        crash_in_bulk(path, step);
        cr_assert_eq(is_there(path, "-journal"), step == 0);
        is_sound(path, step == 1);
    }
}

/* Copies of all the pages that it changes are kept until it is released. */
Test(store, a_job_that_changes_much_of_what_was_there_is_undone)
{
    const char *path = support_path("a.holdfast");
    struct err err;
    struct store *store = opened(path, STORE_CREATE);
    ASSERT_OK(store_begin(store, &err), &err);
    put_much(store);
    ASSERT_OK(store_commit(store, &err), &err);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(store_mark(store, &err), &err);
    ASSERT_OK(sql_log_columns_remove(store, 1, BULK_ROWS, &err), &err);
    cr_assert(!has(store, 1) && !has(store, BULK_ROWS));
    store_rollback_to(store);
    cr_assert(has(store, 1) && has(store, BULK_ROWS));
    ASSERT_OK(store_commit(store, &err), &err);
    store_close(store);
}

Test(store, a_second_connection_sees_what_is_committed)
{
    struct err err;
    const char *paths[] = { ":memory:", support_path("b.holdfast") };
    for (int i = 0; i < 2; i++) {
        struct store *beside, *store = opened(paths[i], STORE_CREATE);
        ASSERT_OK(store_open_beside(store, &beside, &err), &err);
        ASSERT_OK(store_begin(store, &err), &err);
        put(store, 1, "a");
        if (i == 1) cr_assert(!has(beside, 1));
        ASSERT_OK(store_commit(store, &err), &err);
        cr_assert(has(beside, 1));
        ASSERT_FAILS(sql_log_column_add(beside, 2, text_of("b"), &err), &err, ERR_IO, "may not be written");
        store_close(beside);
        store_close(store);
    }
}

Test(store, two_memory_stores_do_not_see_each_other)
{
    struct err err;
    struct store *one = opened(":memory:", STORE_CREATE), *two = opened(":memory:", STORE_CREATE);
    ASSERT_OK(store_begin(one, &err), &err);
    put(one, 1, "a");
    ASSERT_OK(store_commit(one, &err), &err);
    cr_assert(has(one, 1) && !has(two, 1));
    store_close(one);
    store_close(two);
}

Test(store, a_file_that_is_not_ours_is_refused_and_untouched)
{
    sqlite3 *db;
    const char *path = support_path("foreign.db");
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", NULL, NULL, NULL);
    sqlite3_close(db);
    refuses(path, STORE_CREATE, ERR_INVALID,
            "foreign.db' is another program's SQLite database: name another file with --db");
    refuses(path, STORE_READ, ERR_INVALID, "another program's");
    sqlite3_open(path, &db);
    cr_assert_eq(sqlite3_exec(db, "SELECT a FROM t", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_neq(sqlite3_exec(db, "SELECT * FROM log_block", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);

    path = support_path("text.holdfast");
    support_write(path, "customer,date,amount\n1,2020-01-01,3.50\n", 38);
    refuses(path, STORE_CREATE, ERR_CORRUPT, "text.holdfast' is not a database: name another file with --db");
    char zeros[5000] = { 0 };
    support_write(path, zeros, sizeof zeros);
    refuses(path, STORE_READ, ERR_CORRUPT, "is not a database");
}

Test(store, a_newer_version_is_refused)
{
    const char *path = support_path("new.holdfast");
    store_close(opened(path, STORE_CREATE));
    sqlite3 *db;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    refuses(path, STORE_WRITE, ERR_INVALID, "was written by a newer Holdfast (version 99 of the file");
}

Test(store, a_path_that_cannot_be_a_database_is_refused)
{
    refuses(support_path("absent.holdfast"), STORE_READ, ERR_MISSING, "there is no database");
    refuses(support_path("absent.holdfast"), STORE_WRITE, ERR_MISSING, "import a file first");
    refuses(support_path("absent/a.holdfast"), STORE_CREATE, ERR_MISSING, "absent' does not exist: make it first");
    refuses(support_scratch(), STORE_CREATE, ERR_INVALID, "is a folder: name a file in it, such as");
    refuses("/dev/null", STORE_CREATE, ERR_INVALID, "is not a file");
    refuses("", STORE_CREATE, ERR_INVALID, "is empty");
    support_write(support_path("empty.holdfast"), "", 0);
    refuses(support_path("empty.holdfast"), STORE_READ, ERR_MISSING, "is empty: import a file first");
    store_close(opened(support_path("empty.holdfast"), STORE_CREATE));
    store_close(opened(support_path("odd %41?mode=memory#name.holdfast"), STORE_CREATE));
    cr_assert_eq(access(support_path("odd %41?mode=memory#name.holdfast"), F_OK), 0,
                 "no character of a name has a meaning");
}

/* Permissions bind everybody but root. */
static void become_nobody(void)
{
    if (geteuid() == 0) cr_assert_eq(seteuid(65534), 0);
}

static void become_oneself(void)
{
    if (geteuid() != getuid()) cr_assert_eq(seteuid(getuid()), 0);
    prctl(PR_SET_DUMPABLE, 1);      /* for the leak check, which looks in from outside */
}

/* Whether the user one is now may reach the current folder from the root, as a home folder may forbid. */
static bool is_reachable(void)
{
    char here[4096];
    return getcwd(here, sizeof here) && faccessat(AT_FDCWD, here, X_OK, AT_EACCESS) == 0;
}

Test(store, a_folder_that_may_not_be_written_is_named_and_can_still_be_read_from)
{
    const char *folder = support_path("locked"), *path = support_path("locked/a.holdfast");
    mkdir(folder, 0755);
    store_close(opened(path, STORE_CREATE));
    chmod(folder, 0555), chmod(path, 0444);
    become_nobody();
    if (!is_reachable()) {
        become_oneself();
        cr_skip_test("another user may not enter the folder that the project is in");
    }
    refuses(support_path("locked/b.holdfast"), STORE_CREATE, ERR_IO,
            "locked' may not be written: check its permissions");
    refuses(path, STORE_WRITE, ERR_IO, "may not be written: check the permissions of the file and its folder");
    struct store *store = opened(path, STORE_READ);
    cr_assert(!has(store, 1));
    store_close(store);
    become_oneself();
    chmod(folder, 0755);
}

Test(store, a_file_being_written_says_by_whom)
{
    struct err err;
    const char *path = support_path("held.holdfast");
    struct store *holder = opened(path, STORE_CREATE), *store = opened(path, STORE_WRITE), *third;
    ASSERT_OK(store_begin(holder, &err), &err);
    ASSERT_FAILS(store_begin(store, &err), &err, ERR_BUSY, "held.holdfast' is being written by ");
    store_close(opened(path, STORE_READ));      /* readers never wait */
    ASSERT_FAILS(store_open(path, STORE_WRITE, &third, &err), &err, ERR_BUSY,
                 "wait until it is done, then try again");
    store_rollback(holder);
    ASSERT_OK(store_begin(store, &err), &err);
    store_close(store);
    store_close(holder);
}

Test(store, without_space_nothing_is_left_behind)
{
    const char *path = support_path("full.holdfast");
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit nothing = { 4096, RLIM_INFINITY };
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &nothing), 0);
    refuses(path, STORE_CREATE, ERR_IO, "space left");
    cr_assert_neq(access(path, F_OK), 0);
    const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
    store_close(opened(path, STORE_CREATE));
}

Test(store, a_damaged_file_is_told_from_a_foreign_one)
{
    struct arena *arena = arena_new(1 << 24);
    const char *path = support_path("damaged.holdfast");
    store_close(opened(path, STORE_CREATE));
    size_t length;
    char *bytes = support_read(arena, path, &length);
    memset(bytes + 100, 0xff, 60);      /* the first page's list of tables */
    support_write(path, bytes, length);
    refuses(path, STORE_READ, ERR_CORRUPT, "damaged.holdfast' is damaged");
    arena_free(arena);
}

Test(store, bytes_come_back_as_they_were_and_a_query_may_run_twice_at_once)
{
    struct err err;
    struct store *store = opened(":memory:", STORE_CREATE);
    struct sql_log_column_get row, again;
    const char bytes[] = { 'a', 0, 'b' };
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(sql_log_column_add(store, 77, bytes_of(bytes, sizeof bytes), &err), &err);
    ASSERT_OK(sql_log_column_add(store, 78, bytes_of(NULL, 0), &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    ASSERT_OK(sql_log_column_get(store, 77, &row, &err), &err);
    ASSERT_OK(sql_log_column_get(store, 78, &again, &err), &err);      /* the same query twice at once */
    cr_assert_eq(sql_log_column_get_step(&row, &err), STEP_ROW);
    cr_assert_eq(sql_log_column_get_step(&again, &err), STEP_ROW);
    cr_assert(row.bytes.length == 3 && memcmp(row.bytes.at, bytes, 3) == 0);
    cr_assert_eq(again.bytes.length, 0);
    cr_assert_eq(sql_log_column_get_step(&row, &err), STEP_END);
    cursor_close(row.cursor);
    cursor_close(again.cursor);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_FAILS(sql_log_column_add(store, 77, text_of("b"), &err), &err, ERR_INVALID,
                 "UNIQUE constraint failed: log_column.id");
    store_close(store);
}

Test(store, a_new_database_and_the_files_beside_it_are_for_its_owner_alone)
{
    struct store *store;
    struct err err;
    struct stat status;
    const char *path = support_path("private.holdfast");
    mode_t usual = umask(022);
    ASSERT_OK(store_open(path, STORE_CREATE, &store, &err), &err);
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        cr_assert_eq(stat(name, &status), 0, "%s", name);
        cr_assert_eq(status.st_mode & 0777, 0600, "%s: %o", name, (unsigned)(status.st_mode & 0777));
    }
    umask(usual);
    store_close(store);
}

Test(store, what_may_be_null_comes_back_as_null_and_numbers_of_one_row_as_they_are)
{
    struct err err;
    struct store *store = opened(":memory:", STORE_CREATE);
    struct sql_import_latest row;
    int64_t id, n_events, first_ms, last_ms, n_bytes;
    ASSERT_OK(sql_import_put(store, text_of("a.csv"), text_of("events"), value_null(), text_of(""), -5, 7, 0,
                             text_of("{}"), &id, &err),
              &err);
    ASSERT_OK(sql_import_latest(store, &row, &err), &err);
    cr_assert_eq(sql_import_latest_step(&row, &err), STEP_ROW);
    cr_assert(row.id == id && row.target.kind == VALUE_NULL && row.currency.length == 0 && row.first_ms == -5);
    cr_assert_str_eq(row.source.at, "a.csv");
    cursor_close(row.cursor);
    ASSERT_OK(sql_log_totals(store, &n_events, &first_ms, &last_ms, &n_bytes, &err), &err);
    cr_assert(n_events == 0 && first_ms == 0 && last_ms == 0 && n_bytes == 0);
    store_close(store);
}

/* ---- one thread at a time ---- */

static void *read_in_it(void *context)
{
    struct err err;
    char *text = NULL;
    bool ok = setting_get(context, "anything", &text, &err);
    free(text);
    return ok ? context : NULL;
}

static void *in_another_thread(struct store *store)
{
    pthread_t thread;
    void *result = NULL;
    cr_assert_eq(pthread_create(&thread, NULL, read_in_it, store), 0);
    cr_assert_eq(pthread_join(thread, &result), 0);
    return result;
}

Test(store, a_connection_goes_from_thread_to_thread)
{
    struct err err;
    struct store *store = opened(":memory:", STORE_CREATE);
    cr_assert_not_null(in_another_thread(store));
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    cr_assert_not_null(in_another_thread(store));
    ASSERT_OK(store_begin(store, &err), &err);
    store_rollback(store);
    cr_assert_not_null(in_another_thread(store));
    store_close(store);
}

Test(store, a_second_thread_in_somebody_elses_transaction_ends_the_program, .signal = SIGABRT)
{
    struct err err;
    struct store *store = opened(":memory:", STORE_CREATE);
    ASSERT_OK(store_begin(store, &err), &err);
    cr_assert_not_null(freopen("/dev/null", "w", stderr));      /* what it says as it ends is no failure */
    (void)in_another_thread(store);
}
