/* The log when things go wrong: a crash or a failing disk leaves all of an append or nothing of it, and
 * damage is seen, never read. */
#include "base/crash_point.h"
#include "store/faulty_vfs.h"
#include "log/log_support.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EVENTS = 60, MOST_FAULTS = 400 };

static struct events drawn(struct trial *trial, uint64_t seed)
{
    struct rng rng = rng_new(seed);
    return trial_random_events(trial, &rng, EVENTS, 3 + seed);     /* later draws bring new names */
}

static uint64_t n_appends = 2;
static size_t compact_budget = 4096;
static unsigned crash_step = 1;

/* A file with two appends or more, copied for each attempt. */
static void make_base(const char *path, struct trial *ret_trial)
{
    struct trial trial = trial_open(path);
    for (uint64_t seed = 1; seed <= n_appends; seed++) {
        struct events events = drawn(&trial, seed);
        trial_append(&trial, &events);
    }
    *ret_trial = trial;
}

static void copy_file(const char *from, const char *to)
{
    struct arena *arena = arena_new(1 << 26);
    size_t length;
    char *bytes = support_read(arena, from, &length);
    support_write(to, bytes, length);
    arena_free(arena);
}

/* What is tried under faults: an append, or a compaction. */
static bool try_append(struct trial *trial, struct events *ret_events, struct err *err)
{
    *ret_events = drawn(trial, 3);
    return store_begin(trial->store, err) && log_append(trial->log, ret_events, err) &&
           store_commit(trial->store, err);
}

static bool try_compact(struct trial *trial, struct events *ret_events, struct err *err)
{
    *ret_events = (struct events){ 0 };
    return log_compact(trial->log, err);
}

/* Many small appends, so that each kind of rewriting has something to do: mixed blocks, partitions, names. */
static bool try_compact_some(struct trial *trial, struct events *ret_events, struct err *err)
{
    struct log_compactor *compactor;
    size_t n = 1;
    *ret_events = (struct events){ 0 };
    if (!log_compactor_open(trial->log, &compactor, err)) return false;
    bool ok = true;
    while (ok && n > 0) ok = trial_compact_step(trial, compactor, compact_budget, &n, err);
    log_compactor_close(compactor);
    return ok;
}

typedef bool attempt(struct trial *trial, struct events *ret_events, struct err *err);

/* Does it in a process that ends at the nth crash point; true once it reached its end. */
static bool crashes_harmlessly(const char *base, unsigned nth, attempt *work)
{
    const char *path = support_path("crash");
    copy_file(base, path);
    remove(support_path("crash-wal")), remove(support_path("crash-shm"));
    pid_t child = fork();
    if (child == 0) {
        struct err err;
        struct events events;
        struct trial trial = trial_open(path);
        crash_at(nth);
        _exit(work(&trial, &events, &err) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 99 || WEXITSTATUS(status) == 0), "status %d", status);
    return WEXITSTATUS(status) == 0;
}

static void try_every_crash(attempt *work)
{
    struct arena *arena = arena_new(1 << 16);
    const char *base = arena_copy(arena, support_path("base"));
    struct trial want;

    make_base(base, &want);
    trial_detach(&want);
    bool reached_end = false;
    size_t n_old = want.model.n;
    for (unsigned nth = 1; !reached_end; nth += crash_step) {
        cr_assert(nth < MOST_FAULTS);
        reached_end = crashes_harmlessly(base, nth, work);
        struct trial got = trial_open(support_path("crash"));
        struct log_totals totals;
        struct err err;
        ASSERT_OK(log_totals(got.log, &totals, &err), &err);
        cr_assert(totals.n_events == n_old || totals.n_events == n_old + EVENTS, "%llu events after crash %u",
                  (unsigned long long)totals.n_events, nth);
        got.model = want.model;
        if (totals.n_events > n_old) { struct events more = drawn(&got, 3); trial_remember(&got, &more); }
        trial_check(&got, LOG_ALL);
        trial_check_arrivals(&got, &(struct trial_follower){ 0 }, 50);
        trial_close(&got);
    }
    trial_close(&want);
    arena_free(arena);
}

Test(log_fault, a_crash_at_any_point_of_an_append_leaves_all_of_it_or_nothing) { try_every_crash(try_append); }
Test(log_fault, a_crash_at_any_point_of_a_compaction_changes_no_event)        { try_every_crash(try_compact); }

Test(log_fault, a_crash_at_any_point_of_a_small_compaction_changes_no_event)
{
    n_appends = 18;     /* mixed blocks and names are joined */
    try_every_crash(try_compact_some);
}

Test(log_fault, slow_a_crash_at_any_point_of_splits_and_merges_changes_no_event)
{
    n_appends = 24, compact_budget = 128, crash_step = 7;
    try_every_crash(try_compact_some);
}

static void try_every_write_fault(attempt *work, enum fault fault)
{
    struct arena *arena = arena_new(1 << 16);
    const char *base = arena_copy(arena, support_path("base")), *path = arena_copy(arena, support_path("fault"));
    struct trial want;

    make_base(base, &want);
    trial_close(&want);     /* so that everything is in the file itself */
    bool needed_no_fault = false;
    for (unsigned nth = 1; !needed_no_fault; nth++) {
        struct err err;
        struct events events;
        cr_assert(nth < MOST_FAULTS);
        copy_file(base, path);
        struct trial trial = trial_open(path);
        for (uint64_t seed = 1; seed <= n_appends; seed++) {
            struct events old = drawn(&trial, seed);
            trial_remember(&trial, &old);
        }
        faulty_vfs_fail_at(nth, fault);
        bool ok = work(&trial, &events, &err);
        needed_no_fault = faulty_vfs_calls() < nth;
        faulty_vfs_fail_at(0, fault);
        if (ok) {
            trial_remember(&trial, &events);
        } else {
            cr_assert(err.code == ERR_IO, "fault %u: %s", nth, err.text);
            store_rollback(trial.store);
            ASSERT_OK(log_reload(trial.log, &err), &err);
        }
        struct log_totals totals;
        ASSERT_OK(log_totals(trial.log, &totals, &err), &err);
        cr_assert_eq(totals.n_events, trial.model.n, "fault %u", nth);
        trial_reopen(&trial);
        trial_check(&trial, LOG_ALL);
        trial_check_arrivals(&trial, &(struct trial_follower){ 0 }, 50);
        cr_assert(ok || !needed_no_fault);
        trial_close(&trial);
    }
    arena_free(arena);
}

Test(log_fault, every_failing_write_of_an_append_leaves_the_former_state)
{
    try_every_write_fault(try_append, FAULT_WRITE);
}
Test(log_fault, a_full_disk_at_any_write_of_an_append_leaves_the_former_state)
{
    try_every_write_fault(try_append, FAULT_FULL);
}
Test(log_fault, a_disk_that_does_not_confirm_an_append_leaves_the_former_state)
{
    try_every_write_fault(try_append, FAULT_SYNC);
}
Test(log_fault, every_failing_write_of_a_compaction_leaves_the_former_state)
{
    try_every_write_fault(try_compact, FAULT_WRITE);
}

Test(log_fault, every_failing_write_of_a_small_compaction_leaves_the_former_state)
{
    n_appends = 20;
    try_every_write_fault(try_compact_some, FAULT_FULL);
}

Test(log_fault, after_a_rollback_and_reload_the_names_are_as_before)
{
    struct trial trial;
    struct err err;
    make_base(":memory:", &trial);
    size_t n_before = log_n_names(trial.log, DICTIONARY_IDENTITY);
    struct events events = drawn(&trial, 9);
    cr_assert_gt(log_n_names(trial.log, DICTIONARY_IDENTITY), n_before);
    ASSERT_OK(store_begin(trial.store, &err), &err);
    ASSERT_OK(log_append(trial.log, &events, &err), &err);
    store_rollback(trial.store);
    ASSERT_OK(log_reload(trial.log, &err), &err);
    cr_assert_eq(log_n_names(trial.log, DICTIONARY_IDENTITY), n_before);
    trial_check(&trial, LOG_ALL);
    events = drawn(&trial, 4);
    trial_append(&trial, &events);
    trial_check(&trial, LOG_ALL);
    trial_close(&trial);
}

/* Runs SQL on the file behind the store's back. */
static void tamper(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    cr_assert(!message, "%s: %s", sql, message);
    sqlite3_close(db);
}

/* Opens and reads everything; the first error, or ERR_NONE. */
static struct err read_all(const char *path)
{
    struct err err = { .code = ERR_NONE };
    struct store *store = NULL;
    struct log *log = NULL;
    struct log_reader *reader = NULL;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events;
    bool ok = store_open(path, STORE_WRITE, &store, &err) && log_open(store, &log, &err) &&
              log_reader_open(log, &reader, &err);
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) ok = log_read(reader, p, LOG_ALL, arena, &events, &err);
    log_reader_close(reader);
    log_close(log);
    store_close(store);
    arena_free(arena);
    return err;
}

TestSuite(log_fault, .init = faulty_vfs_install);

Test(log_fault, a_flipped_byte_in_any_column_is_seen_and_the_chunk_is_named)
{
    struct trial trial;
    make_base(support_path("flip"), &trial);
    struct err err;
    ASSERT_OK(log_compact(trial.log, &err), &err);
    struct events events = drawn(&trial, 3);
    trial_append(&trial, &events);      /* chunks and a small block */
    trial_close(&trial);
    EACH_CASE(c, 30) {
        char sql[400];
        copy_file(support_path("flip"), support_path("flipped"));
        snprintf(sql, sizeof sql,
                 "UPDATE log_column SET bytes = (SELECT CAST(substr(bytes, 1, at) || x'%02x' || substr(bytes, "
                 "at + 2) AS BLOB) FROM (SELECT %llu %% length(bytes) AS at)) WHERE id = (SELECT id FROM "
                 "log_column ORDER BY id LIMIT 1 OFFSET %llu %% (SELECT count(*) FROM log_column)) AND "
                 "substr(bytes, %llu %% length(bytes) + 1, 1) <> x'%02x'",
                 (unsigned)(c.index % 256), (unsigned long long)c.index * 7, (unsigned long long)c.index * 13,
                 (unsigned long long)c.index * 7, (unsigned)(c.index % 256));
        tamper(support_path("flipped"), sql);
        err = read_all(support_path("flipped"));
        if (err.code == ERR_NONE) continue;     /* the byte was that already */
        cr_assert_eq(err.code, ERR_CORRUPT, "%s", err.text);
        cr_assert(strstr(err.text, "chunk ") && strstr(err.text, "restore a copy or import the files again"),
                  "%s", err.text);
    }
}

Test(log_fault, a_changed_or_lost_row_of_the_log_is_seen)
{
    static const char *const changes[] = {
        "UPDATE log_block SET n_events = n_events + 1 WHERE id = (SELECT max(id) FROM log_block)",
        "UPDATE log_block SET first_ms = first_ms - 1 WHERE id = (SELECT min(id) FROM log_block)",
        "UPDATE log_block SET columns = columns & ~2",
        "UPDATE log_block SET columns = columns | 1 << 14",
        "UPDATE log_block SET partition = 3 WHERE partition = 64",
        "UPDATE log_block SET first_identity = first_identity + 1",
        "UPDATE log_block SET last_identity = NULL, first_identity = NULL",
        "UPDATE log_block SET last_sequence = last_sequence + 1 WHERE id = (SELECT max(id) FROM log_block)",
        "UPDATE log_block SET n_events = -1",
        "UPDATE log_block SET n_events = 1 << 40",
        "DELETE FROM log_column WHERE id = (SELECT max(id) FROM log_column)",
        "DROP TRIGGER log_block_is_removed; DELETE FROM log_block",
        "UPDATE log_column SET bytes = x''",
        "UPDATE log_column SET bytes = 'text'",
        "UPDATE log_column SET bytes = (SELECT bytes FROM log_column AS other WHERE other.id <> log_column.id)",
        "UPDATE log_names SET lengths = x'00'",
        "UPDATE log_names SET bytes = substr(bytes, 1, length(bytes) - 1)",
        "UPDATE log_names SET n_names = n_names - 1",
        "UPDATE log_names SET n_names = -1",
        "DELETE FROM log_names WHERE id = (SELECT min(id) FROM log_names)",
        "UPDATE log_names SET id = id + 1 WHERE id = (SELECT max(id) FROM log_names)",
    };
    struct trial trial;
    make_base(support_path("row"), &trial);
    trial_close(&trial);
    cr_assert_eq(read_all(support_path("row")).code, ERR_NONE);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        copy_file(support_path("row"), support_path("changed"));
        tamper(support_path("changed"), changes[i]);
        struct err err = read_all(support_path("changed"));
        cr_assert_eq(err.code, ERR_CORRUPT, "%s gave %d %s", changes[i], (int)err.code, err.text);
    }
}

Test(log_fault, a_byte_flipped_anywhere_in_the_file_gives_the_same_events_or_an_error)
{
    struct trial trial;
    struct arena *arena = arena_new(1 << 26);
    make_base(support_path("whole"), &trial);
    trial_close(&trial);
    size_t length;
    char *bytes = support_read(arena, support_path("whole"), &length);
    EACH_CASE(c, 30) {
        size_t at = rng_below(&c.rng, length);
        char kept = bytes[at];
        bytes[at] ^= (char)(1 << rng_below(&c.rng, 8));
        support_write(support_path("bits"), bytes, length);
        bytes[at] = kept;
        struct err err;
        struct store *store = NULL;
        struct log *log = NULL;
        if (store_open(support_path("bits"), STORE_READ, &store, &err) && log_open(store, &log, &err)) {
            struct err read = read_all(support_path("bits"));
            struct log_totals totals;
            if (read.code == ERR_NONE && log_totals(log, &totals, &err))
                cr_assert_eq(totals.n_events, 2 * EVENTS, "byte %zu", at);
        }
        log_close(log);
        store_close(store);
    }
    arena_free(arena);
}
