/* The log: what was appended is what is read, in order, whatever the mix of ways to append. */
#include "store/faulty_vfs.h"
#include "base/parallel.h"
#include "log/chunk.h"
#include "log/log_support.h"
#include "store/sql.h"

#include <string.h>

TestSuite(log, .init = faulty_vfs_install);

Test(log, random_events_in_any_mix_of_appends_read_back_in_order)
{
    EACH_CASE(c, 4) {
        struct trial trial = trial_open(support_path("mix"));
        for (int step = 0; step < 12; step++) {
            size_t n = 1 + rng_below(&c.rng, rng_below(&c.rng, 4) ? 40 : 600);
            struct events events = trial_random_events(&trial, &c.rng, n, 1 + rng_below(&c.rng, 60));
            struct err err;
            switch (rng_below(&c.rng, 5)) {
            case 0:  trial_append_by_partition(&trial, &events); break;
            case 1:  ASSERT_OK(log_compact(trial.log, &err), &err); break;
            case 2:  trial_append(&trial, &events); trial_reopen(&trial); break;
            default: trial_append(&trial, &events); break;
            }
        }
        trial_check(&trial, LOG_ALL);
        trial_check(&trial, (unsigned)rng_below(&c.rng, LOG_ALL + 1));
        trial_close(&trial);
        remove(support_path("mix"));
    }
}

struct reading { struct trial *trial; struct log_reader *readers[4]; size_t n[LOG_PARTITIONS]; };

static void read_one(void *context, size_t partition, unsigned thread)
{
    struct reading *all = context;
    struct err err;
    struct events events;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(
        log_read(all->readers[thread], (unsigned)partition, LOG_TIME | LOG_IDENTITY, arena, &events, &err),
        &err);
    all->n[partition] = events.n;
    arena_free(arena);
}

Test(log, several_threads_read_at_once_each_with_its_own_reader)
{
    const char *paths[] = { ":memory:", support_path("threads") };
    for (int i = 0; i < 2; i++) {
        struct err err;
        struct rng rng = rng_new(3);
        struct trial trial = trial_open(paths[i]);
        for (int k = 0; k < 3; k++) {
            struct events events = trial_random_events(&trial, &rng, 300, 100);
            trial_append(&trial, &events);
        }
        struct reading all = { .trial = &trial };
        for (int t = 0; t < 4; t++) ASSERT_OK(log_reader_open(trial.log, &all.readers[t], &err), &err);
        parallel_for(4, LOG_PARTITIONS, read_one, &all);
        size_t n = 0;
        for (int p = 0; p < LOG_PARTITIONS; p++) n += all.n[p];
        cr_assert_eq(n, 900);
        for (int t = 0; t < 4; t++) log_reader_close(all.readers[t]);
        trial_close(&trial);
    }
}

Test(log, a_large_append_becomes_chunks_and_a_reader_sees_later_appends)
{
    struct err err;
    struct rng rng = rng_new(4);
    struct log_reader *reader;
    struct log_totals totals;
    struct trial trial = trial_open(":memory:");
    struct events events = trial_random_events(&trial, &rng, 9000, 50);
    ASSERT_OK(log_reader_open(trial.log, &reader, &err), &err);
    trial_append(&trial, &events);
    trial_check(&trial, LOG_ALL);
    ASSERT_OK(log_totals(trial.log, &totals, &err), &err);
    cr_assert_eq(totals.n_events, 9000);
    cr_assert_gt(totals.stored_bytes, 0);
    unsigned partition = log_partition(trial.log, events.identity[0]);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events before, after;
    ASSERT_OK(log_read(reader, partition, LOG_TIME, arena, &before, &err), &err);
    struct events more = { .n = 1,
                           .received_ms = events.received_ms,
                           .time_ms = events.time_ms,
                           .identity = events.identity,
                           .kind = events.kind };
    trial_append(&trial, &more);
    ASSERT_OK(log_read(reader, partition, LOG_TIME, arena, &after, &err), &err);
    cr_assert_eq(after.n, before.n + 1);
    cr_assert_eq(after.time_ms[before.n], events.time_ms[0]);
    log_reader_close(reader);
    arena_free(arena);
    trial_close(&trial);
}

Test(log, events_that_make_no_sense_are_refused)
{
    struct err err;
    struct trial trial = trial_open(":memory:");
    int64_t when = 5;
    uint32_t nobody = 99, somebody;
    uint16_t kind = 0, no_kind = 77;
    ASSERT_OK(log_intern(trial.log, DICTIONARY_IDENTITY, text_of("a"), &somebody, &err), &err);
    ASSERT_OK(store_begin(trial.store, &err), &err);
    struct events events = { .n = 1, .received_ms = &when, .time_ms = &when, .identity = &nobody, .kind = &kind };
    ASSERT_FAILS(log_append(trial.log, &events, &err), &err, ERR_INVALID, "no customer has number 99");
    events.identity = &somebody, events.kind = &no_kind;
    ASSERT_FAILS(log_append(trial.log, &events, &err), &err, ERR_INVALID,
                 "number 77 of the kinds of event, but there are 1");
    events.kind = NULL;
    ASSERT_FAILS(log_append(trial.log, &events, &err), &err, ERR_INVALID,
                 "events need received_ms, time_ms, identity and kind");
    uint32_t end = PROPERTIES_MOST_BYTES + 1;
    events.kind = &kind, events.properties_end = &end, events.properties_bytes = "";
    ASSERT_FAILS(log_append(trial.log, &events, &err), &err, ERR_INVALID,
                 "event 0: properties of 16777217 bytes are too long");
    store_rollback(trial.store);
    trial_check(&trial, LOG_ALL);
    trial_close(&trial);
}

Test(log, two_writers_of_names_do_not_mix_them_up)
{
    struct err err;
    const char *path = support_path("two");
    struct trial one = trial_open(path), two = trial_open(path);
    struct rng rng = rng_new(5), other = rng_new(6);
    struct events first = trial_random_events(&one, &rng, 20, 30),
                  second = trial_random_events(&two, &other, 20, 40);
    trial_append(&one, &first);
    ASSERT_OK(store_begin(two.store, &err), &err);
    ASSERT_FAILS(log_append(two.log, &second, &err), &err, ERR_BUSY, "another process has added to");
    store_rollback(two.store);
    ASSERT_OK(log_reload(two.log, &err), &err);
    second = trial_random_events(&two, &other, 20, 40);
    trial_remember(&two, &first);
    trial_append(&two, &second);
    trial_check(&two, LOG_ALL);
    trial_close(&one);
    trial_close(&two);
}

static size_t compact_step(struct trial *trial, struct log_compactor *compactor, size_t budget)
{
    struct err err;
    size_t n;
    ASSERT_OK(trial_compact_step(trial, compactor, budget, &n, &err), &err);
    return n;
}

static struct log_compactor *compactor_of(struct trial *trial)
{
    struct err err;
    struct log_compactor *compactor;
    ASSERT_OK(log_compactor_open(trial->log, &compactor, &err), &err);
    return compactor;
}

/* Compacts a little until nothing is left to do; how many events were rewritten. */
static size_t compact_all(struct trial *trial, struct log_compactor *compactor, size_t budget)
{
    size_t sum = 0;
    for (size_t n; (n = compact_step(trial, compactor, budget)) > 0;) sum += n;
    return sum;
}

Test(log, a_little_compaction_at_any_time_changes_no_event_nor_their_order)
{
    EACH_CASE(c, 12) {
        struct trial trial = trial_open(":memory:");
        struct log_compactor *compactor = compactor_of(&trial);
        size_t budget = 1 + rng_below(&c.rng, 700);
        for (int i = 0; i < 60; i++) {
            struct events events =
                trial_random_events(&trial, &c.rng, 1 + rng_below(&c.rng, 90), 1 + rng_below(&c.rng, 20));
            if (rng_below(&c.rng, 12)) trial_append(&trial, &events);
            else trial_append_by_partition(&trial, &events);
            struct err err;
            if (rng_below(&c.rng, 2)) (void)compact_step(&trial, compactor, budget);
            if (rng_below(&c.rng, 40) == 0) ASSERT_OK(log_compact(trial.log, &err), &err);
        }
        trial_check(&trial, LOG_ALL);
        compact_all(&trial, compactor, budget);
        trial_check(&trial, LOG_ALL);
        log_compactor_close(compactor);
        trial_close(&trial);
    }
}

Test(log, what_comes_in_small_appends_is_rewritten_a_few_times_and_ends_in_few_blocks)
{
    struct trial trial = trial_open(":memory:");
    struct rng rng = rng_new(5);
    size_t n_events = 0, n_rewritten = 0;
    struct err err;
    struct log_compactor *compactor = compactor_of(&trial);
    for (int i = 0; i < 3000; i++) {
        struct events events = trial_random_events(&trial, &rng, 4, 2000);
        ASSERT_OK(store_begin(trial.store, &err), &err);
        ASSERT_OK(log_append(trial.log, &events, &err), &err);
        ASSERT_OK(store_commit(trial.store, &err), &err);
        n_events += events.n;
        n_rewritten += compact_step(&trial, compactor, 1024);
    }
    n_rewritten += compact_all(&trial, compactor, 1024);
    log_compactor_close(compactor);
    int64_t n_blocks, n_events_in_them;
    struct log_totals totals;
    ASSERT_OK(log_totals(trial.log, &totals, &err), &err);
    cr_assert_eq(totals.n_events, n_events);
    cr_assert_lt(n_rewritten, 6 * n_events, "%zu for %zu", n_rewritten, n_events);
    ASSERT_OK(sql_log_partition_count(trial.store, LOG_PARTITIONS, &n_blocks, &n_events_in_them, &err), &err);
    cr_assert_lt(n_blocks, 40);
    trial_close(&trial);
}

Test(log, what_is_written_while_a_compaction_is_prepared_is_neither_lost_nor_undone)
{
    EACH_CASE(c, 20) {
        struct trial trial = trial_open(":memory:");
        struct log_compactor *compactor = compactor_of(&trial);
        struct err err;
        size_t n;
        uint64_t n_blanked = 0;
        for (int i = 0; i < 30; i++) {
            struct events events = trial_random_events(&trial, &c.rng, 1 + rng_below(&c.rng, 40), 10);
            trial_append(&trial, &events);
        }
        ASSERT_OK(log_compactor_prepare(compactor, NULL, 200 + rng_below(&c.rng, 2000), &n, &err), &err);
        cr_assert_gt(n, 0);
        struct events late = trial_random_events(&trial, &c.rng, 20, 40);
        trial_append(&trial, &late);
        uint32_t erased = 1 + (uint32_t)rng_below(&c.rng, 3);
        if (rng_below(&c.rng, 2)) {
            ASSERT_OK(store_begin(trial.store, &err), &err);
            ASSERT_OK(log_blank(trial.log, &erased, 1, &n_blanked, &err), &err);
            ASSERT_OK(store_commit(trial.store, &err), &err);
            for (size_t i = 0; i < trial.model.n; i++)
                if (trial.model.events[i].identity == erased) trial.model.events[i].properties = "";
        }
        ASSERT_OK(store_begin(trial.store, &err), &err);
        uint64_t n_changes = store_changes(trial.store);
        ASSERT_OK(log_compactor_write(compactor, &err), &err);
        cr_assert_eq(store_changes(trial.store) == n_changes, n_blanked > 0);
        ASSERT_OK(store_commit(trial.store, &err), &err);
        trial_check(&trial, LOG_ALL);
        compact_all(&trial, compactor, 500);
        trial_check(&trial, LOG_ALL);
        log_compactor_close(compactor);
        trial_close(&trial);
    }
}

Test(log, knows_until_when_anything_became_known_where_it_was_told_late)
{
    struct err err;
    struct rng rng = rng_new(5);
    struct trial trial = trial_open(":memory:");
    struct events events = trial_random_events(&trial, &rng, 100, 10);
    int64_t last_ms = 0, known_ms;
    for (size_t i = 0; i < events.n; i++) {
        events.received_ms[i] = events.time_ms[i];
        last_ms = events.time_ms[i] > last_ms ? events.time_ms[i] : last_ms;
    }
    trial_append(&trial, &events);
    ASSERT_OK(log_known_until(trial.log, &known_ms, &err), &err);
    cr_assert_eq(known_ms, last_ms);
    events.received_ms[0] = last_ms + 5000;
    trial_append(&trial, &(struct events){ .n = 1, .received_ms = events.received_ms, .time_ms = events.time_ms,
                                           .identity = events.identity, .kind = events.kind });
    ASSERT_OK(log_known_until(trial.log, &known_ms, &err), &err);
    cr_assert_eq(known_ms, last_ms + 5000);
    trial_close(&trial);
}
