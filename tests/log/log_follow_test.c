/* Reading some of the log: one customer's events, and what arrived after what was read before. */
#include "log/log_support.h"
#include "log/share.h"
#include "store/faulty_vfs.h"

#include <sqlite3.h>
#include <string.h>

TestSuite(log_follow, .init = faulty_vfs_install);

/* Appends, or rewrites what is there in one of the ways that there are. */
static void step(struct trial *trial, struct rng *rng, struct log_compactor *compactor)
{
    struct err err;
    struct events events;
    size_t n = 1;
    switch (rng_below(rng, 6)) {
    case 0: ASSERT_OK(log_compact(trial->log, &err), &err); break;
    case 1:
        for (int i = 0; i < 6 && n > 0; i++)
            ASSERT_OK(trial_compact_step(trial, compactor, 64 + rng_below(rng, 400), &n, &err), &err);
        break;
    default:
        events = trial_random_events(trial, rng, 1 + rng_below(rng, rng_below(rng, 4) ? 30 : 500),
                                     1 + rng_below(rng, 60));
        trial_append(trial, &events);
    }
}

Test(log_follow, whoever_reads_along_sees_every_event_once_in_the_order_of_arrival_whatever_is_compacted)
{
    EACH_CASE(c, 6) {
        struct err err;
        struct trial trial = trial_open(support_path("along"));
        struct log_compactor *compactor;
        struct trial_follower quick = { 0 }, slow = { 0 };
        ASSERT_OK(log_compactor_open(trial.log, &compactor, &err), &err);
        for (int i = 0; i < 40; i++) {
            step(&trial, &c.rng, compactor);
            if (rng_below(&c.rng, 2)) trial_check_arrivals(&trial, &quick, 1 + rng_below(&c.rng, 100));
        }
        trial_check_arrivals(&trial, &slow, 1 + rng_below(&c.rng, 1000));
        trial_check_arrivals(&trial, &quick, 7);
        trial_check(&trial, LOG_ALL);
        log_compactor_close(compactor);
        trial_reopen(&trial);
        struct events last = trial_random_events(&trial, &c.rng, 3, 5);
        trial_append(&trial, &last);
        trial_check_arrivals(&trial, &quick, 100);
        trial_close(&trial);
        remove(support_path("along"));
    }
}

/* All that arrived after *sequence of a share, `most` numbers at a time; how much there was. */
static size_t read_share(struct trial *trial, struct log_reader *reader, unsigned n, unsigned which, size_t most,
                         uint64_t *sequence)
{
    struct err err;
    size_t n_read = 0;
    for (uint64_t before = *sequence, after = 0;; before = after) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct events got;
        ASSERT_OK(log_read_after(reader, before, most, LOG_ALL, arena, &got, &after, &err), &err);
        for (size_t i = 0; i < got.n; i++) {
            cr_assert(got.sequence[i] > *sequence && got.sequence[i] <= after);
            cr_assert_eq(log_partition(trial->log, got.identity[i]) % n, which);
            *sequence = got.sequence[i];
        }
        n_read += got.n;
        arena_free(arena);
        if (after == before) break;
        *sequence = after;
    }
    return n_read;
}

Test(log_follow, shares_of_what_arrived_are_together_all_of_it_each_once_whatever_is_compacted)
{
    enum { SHARES = 3 };
    EACH_CASE(c, 4) {
        struct err err;
        struct trial trial = trial_open(support_path("shares"));
        struct log_compactor *compactor;
        struct log_reader *readers[SHARES];
        uint64_t at[SHARES] = { 0 };
        size_t n_read = 0;
        ASSERT_OK(log_compactor_open(trial.log, &compactor, &err), &err);
        for (unsigned s = 0; s < SHARES; s++) {
            ASSERT_OK(log_reader_open(trial.log, &readers[s], &err), &err);
            log_reader_take_share(readers[s], SHARES, s);
        }
        for (int i = 0; i < 30; i++) {
            unsigned s = (unsigned)rng_below(&c.rng, SHARES);
            step(&trial, &c.rng, compactor);
            n_read += read_share(&trial, readers[s], SHARES, s, 1 + rng_below(&c.rng, 300), &at[s]);
        }
        for (unsigned s = 0; s < SHARES; s++) {
            n_read += read_share(&trial, readers[s], SHARES, s, 1000, &at[s]);
            log_reader_close(readers[s]);
        }
        cr_assert_eq(n_read, trial.model.n);
        log_compactor_close(compactor);
        trial_close(&trial);
        remove(support_path("shares"));
    }
}

Test(log_follow, the_events_of_some_identities_are_read_alone_whatever_the_mix)
{
    EACH_CASE(c, 6) {
        struct err err;
        struct trial trial = trial_open(":memory:");
        struct log_compactor *compactor;
        ASSERT_OK(log_compactor_open(trial.log, &compactor, &err), &err);
        for (int i = 0; i < 25; i++) step(&trial, &c.rng, compactor);
        for (int i = 0; i < 10; i++) {
            uint32_t identities[3];
            size_t n = 1 + rng_below(&c.rng, 3), n_names = log_n_names(trial.log, DICTIONARY_IDENTITY);
            for (size_t k = 0; k < n; k++)
                identities[k] = (uint32_t)((rng_below(&c.rng, n_names / 3 + 1) * 3 + k) % n_names);
            trial_check_identities(&trial, identities, n, (unsigned)rng_below(&c.rng, LOG_ALL + 1));
        }
        log_compactor_close(compactor);
        trial_close(&trial);
    }
}

Test(log_follow, who_opens_the_log_beside_a_writer_has_what_was_there_then_whatever_comes_and_is_compacted)
{
    EACH_CASE(c, 6) {
        struct err err;
        struct trial trial = trial_open(support_path("still"));
        struct log_compactor *compactor;
        ASSERT_OK(log_compactor_open(trial.log, &compactor, &err), &err);
        for (int i = 0; i < 10; i++) step(&trial, &c.rng, compactor);
        struct trial still = trial;
        still.arena = arena_new(ARENA_NO_LIMIT);
        ASSERT_OK(store_open_beside(trial.store, &still.store, &err), &err);
        ASSERT_OK(log_open(still.store, &still.log, &err), &err);
        for (int i = 0; i < 12; i++) {
            step(&trial, &c.rng, compactor);
            struct events news = trial_random_events(&trial, &c.rng, 3, 5000);      /* whom nobody knew */
            trial_append(&trial, &news);
            if (i % 4 == 3) ASSERT_OK(log_compact(trial.log, &err), &err);
            struct trial_follower follower = { 0 };
            uint32_t identities[] = { 1, 2 };
            trial_check(&still, i % 2 ? LOG_ALL : LOG_IDENTITY);
            trial_check_arrivals(&still, &follower, 50);
            cr_assert_eq(follower.n, still.model.n);
            trial_check_identities(&still, identities, 2, LOG_ALL);
        }
        trial_check(&trial, LOG_ALL);
        log_close(still.log);
        store_close(still.store);
        arena_free(still.arena);
        log_compactor_close(compactor);
        trial_close(&trial);
        remove(support_path("still"));
    }
}

/* Many events of few customers, all in one partition's pages. */
static struct trial trial_of_pages(const char *path, struct rng *rng)
{
    struct err err;
    struct trial trial = trial_open(path);
    for (int i = 0; i < 4; i++) {
        struct events events = trial_random_events(&trial, rng, 5 * LOG_PAGE_EVENTS, 5);
        trial_append(&trial, &events);
    }
    ASSERT_OK(log_compact(trial.log, &err), &err);
    return trial;
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

Test(log_follow, a_customer_is_read_from_pages_of_their_own_and_no_other_is_decoded)
{
    struct arena *arena = arena_new(1 << 20);
    struct rng rng = rng_new(11);
    const char *path = arena_copy(arena, support_path("pages"));
    struct trial trial = trial_of_pages(path, &rng);
    struct trial_follower follower = { 0 };
    trial_check(&trial, LOG_ALL);
    trial_check_arrivals(&trial, &follower, 10000);
    trial_detach(&trial);
    for (uint32_t identity = 1; identity < 5; identity++) {
        char sql[300];
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM log_block WHERE %u BETWEEN first_identity AND last_identity", identity);
        cr_assert_lt(ask(path, sql), ask(path, "SELECT count(*) FROM log_block"), "identity %u", identity);
    }
    ask(path,
        "UPDATE log_column SET bytes = x'00' WHERE (SELECT 1 FROM log_block AS b WHERE log_column.id BETWEEN b.id "
        "AND b.id + 15 AND NOT 2 BETWEEN first_identity AND last_identity)");
    struct err err;
    ASSERT_OK(store_open(path, STORE_WRITE, &trial.store, &err), &err);
    ASSERT_OK(log_open(trial.store, &trial.log, &err), &err);
    trial_check_identities(&trial, (uint32_t[]){ 2 }, 1, LOG_ALL);
    trial_close(&trial);
    arena_free(arena);
}

Test(log_follow, a_compaction_leaves_what_it_made_before_alone)
{
    struct arena *arena = arena_new(1 << 20);
    struct rng rng = rng_new(12);
    const char *path = arena_copy(arena, support_path("again"));
    struct trial trial = trial_of_pages(path, &rng);
    struct err err;
    struct log_compactor *compactor;
    size_t n;
    int64_t before = ask(path, "SELECT sum(checksum % 1000003) FROM log_block");
    ASSERT_OK(log_compact(trial.log, &err), &err);
    ASSERT_OK(log_compactor_open(trial.log, &compactor, &err), &err);
    ASSERT_OK(log_compactor_prepare(compactor, NULL, 100000, &n, &err), &err);
    cr_assert_eq(n, 0, "%zu events were rewritten again", n);
    log_compactor_close(compactor);
    cr_assert_eq(ask(path, "SELECT sum(checksum % 1000003) FROM log_block"), before);
    trial_close(&trial);
    arena_free(arena);
}

Test(log_follow, what_was_erased_keeps_its_place_in_the_order_of_arrival)
{
    struct err err;
    struct rng rng = rng_new(13);
    struct trial trial = trial_open(":memory:");
    struct trial_follower follower = { 0 };
    uint64_t n_blanked;
    for (int i = 0; i < 3; i++) {
        struct events events = trial_random_events(&trial, &rng, 200, 8);
        trial_append(&trial, &events);
    }
    ASSERT_OK(log_compact(trial.log, &err), &err);
    ASSERT_OK(store_begin(trial.store, &err), &err);
    ASSERT_OK(log_blank(trial.log, (uint32_t[]){ 3 }, 1, &n_blanked, &err), &err);
    ASSERT_OK(store_commit(trial.store, &err), &err);
    for (size_t i = 0; i < trial.model.n; i++)
        if (trial.model.events[i].identity == 3) trial.model.events[i].properties = "";
    trial_check(&trial, LOG_ALL);
    trial_check_arrivals(&trial, &follower, 90);
    trial_close(&trial);
}
