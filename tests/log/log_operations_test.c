/* log_operations_test.c - whatever is asked of the log is asked of the place that keeps its events. */
#include "log/log_operations.h"
#include "log/log_support.h"

/* A watch in front of the embedded place: counts, and fails where it is told to. */
static struct { size_t n_written, n_read, n_others; bool fails; } watch;

static bool refuse(struct err *err) { return err_set(err, ERR_IO, "the place is away"); }

static bool watched_append(struct log *log, const struct events *events, struct err *err)
{
    watch.n_written++;
    return watch.fails ? refuse(err) : log_embedded.append(log, events, err);
}

static bool watched_append_partition(struct log *log, unsigned partition, const struct events *events,
                                     struct err *err)
{
    watch.n_written++;
    return watch.fails ? refuse(err) : log_embedded.append_partition(log, partition, events, err);
}

static bool watched_blank(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n, struct err *err)
{
    watch.n_others++;
    return log_embedded.blank(log, identities, n, ret_n, err);
}

static bool watched_compact(struct log *log, struct err *err)
{
    watch.n_others++;
    return log_embedded.compact(log, err);
}

static bool watched_totals(const struct log *log, struct log_totals *ret_totals, struct err *err)
{
    watch.n_others++;
    return log_embedded.totals(log, ret_totals, err);
}

static bool watched_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
                         struct events *ret_events, struct err *err)
{
    watch.n_read++;
    return watch.fails ? refuse(err) : log_embedded.read(reader, partition, columns, arena, ret_events, err);
}

static bool watched_read_identities(struct log_reader *reader, const uint32_t *identities, size_t n,
                                    unsigned columns, struct arena *arena, struct events *ret_events,
                                    struct err *err)
{
    watch.n_read++;
    return log_embedded.read_identities(reader, identities, n, columns, arena, ret_events, err);
}

static bool watched_read_after(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns,
                               struct arena *arena, struct events *ret_events, uint64_t *ret_sequence,
                               struct err *err)
{
    watch.n_read++;
    return log_embedded.read_after(reader, sequence, most, columns, arena, ret_events, ret_sequence, err);
}

static const struct log_operations watched = {
    .name = "watched",
    .append = watched_append,
    .append_partition = watched_append_partition,
    .blank = watched_blank,
    .compact = watched_compact,
    .totals = watched_totals,
    .read = watched_read,
    .read_identities = watched_read_identities,
    .read_after = watched_read_after,
};

Test(log_operations, a_place_put_in_front_is_asked_for_all_that_is_written_and_read)
{
    struct rng rng = rng_new(3);
    struct trial trial = trial_open(":memory:");
    struct trial_follower follower = { 0 };
    struct log_totals totals;
    struct err err;
    uint64_t n_blanked;
    log_keep_by(trial.log, &watched);
    struct events events = trial_random_events(&trial, &rng, 300, 20);
    trial_append(&trial, &events);
    cr_assert_eq(watch.n_written, 1);
    struct events more = trial_random_events(&trial, &rng, 200, 20);
    trial_append_by_partition(&trial, &more);
    cr_assert_gt(watch.n_written, 1);
    trial_check(&trial, LOG_ALL);
    cr_assert_eq(watch.n_read, LOG_PARTITIONS, "each partition is read once: %zu", watch.n_read);
    const uint32_t some[] = { 1, 2 };
    trial_check_identities(&trial, some, 2, LOG_ALL);
    cr_assert_eq(watch.n_read, LOG_PARTITIONS + 1);
    trial_check_arrivals(&trial, &follower, 1000);
    cr_assert_gt(watch.n_read, LOG_PARTITIONS + 1);
    ASSERT_OK(log_compact(trial.log, &err), &err);
    ASSERT_OK(log_totals(trial.log, &totals, &err), &err);
    ASSERT_OK(store_begin(trial.store, &err) && log_blank(trial.log, some, 2, &n_blanked, &err) &&
                  store_commit(trial.store, &err),
              &err);
    cr_assert_eq(watch.n_others, 3);
    cr_assert_eq(totals.n_events, 500);
    trial_close(&trial);
}

Test(log_operations, a_place_that_refuses_is_heard_by_whoever_asked)
{
    struct rng rng = rng_new(4);
    struct trial trial = trial_open(":memory:");
    struct log_reader *reader;
    struct events events = trial_random_events(&trial, &rng, 30, 5), read;
    struct err err;
    trial_append(&trial, &events);
    log_keep_by(trial.log, &watched);
    watch.fails = true;
    ASSERT_OK(store_begin(trial.store, &err), &err);
    ASSERT_FAILS(log_append(trial.log, &events, &err), &err, ERR_IO, "the place is away");
    ASSERT_FAILS(log_append_partition(trial.log, 0, &events, &err), &err, ERR_IO, "the place is away");
    store_rollback(trial.store);
    ASSERT_OK(log_reload(trial.log, &err), &err);
    ASSERT_OK(log_reader_open(trial.log, &reader, &err), &err);
    ASSERT_FAILS(log_read(reader, 0, LOG_ALL, trial.arena, &read, &err), &err, ERR_IO, "the place is away");
    log_reader_close(reader);
    watch.fails = false;
    trial_check(&trial, LOG_ALL);
    trial_close(&trial);
}
