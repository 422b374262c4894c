/* segment_bench.c - what segments cost: a million customers looked at for ten segments, now and ahead, as the
 * sweep does once in a window; and one condition for one row. */
#include "bench.h"
#include "log_fill.h"

#include "base/calendar.h"
#include "base/parallel.h"
#include "live/live.h"
#include "live/membership.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEGMENTS = 10, AHEAD_MS = 20 * 60 * 1000, ROWS = 1000000 };

static const char *const conditions[SEGMENTS] = {
    "order_recency_days > 30", "order_recency_days <= 7", "order_count >= 5", "page_view_count_30d >= 1",
    "page_view_recency_days > 14 and order_count >= 1", "order_amount_sum between 100 and 1000",
    "page_view_trend < 0.5 and order_count >= 3", "page_view_count > 10 and order_count = 0",
    "order_recency_days > 60 and churn is null", "order_recency_days > 90 or order_count is null",
};

struct job {
    struct store          *store;
    struct log            *log;
    struct identities     *identities;
    struct live           *live;
    struct memberships    *memberships;
    struct segment_source *source;
    pthread_rwlock_t       lock;
    int64_t                now_ms;
    size_t                 n_checked;
};

static bool run(void *context, bool (*write)(struct store *, void *, struct err *), void *write_context,
                struct err *err)
{
    struct job *job = context;
    return store_begin(job->store, err) && write(job->store, write_context, err) && store_commit(job->store, err);
}

static void open_all(struct job *job, const char *path)
{
    struct err err;
    bench_need(store_open(path, STORE_CREATE, &job->store, &err), &err);
    bench_need(log_open(job->store, &job->log, &err), &err);
    log_fill(job->store, job->log, 2);
    bench_need(identities_open(job->store, job->log, &job->identities, &err), &err);
    bench_need(live_open(job->store, job->log, job->identities, job->now_ms, parallel_cores(), &job->live, &err),
               &err);
    bench_need(memberships_open(job->store, &job->memberships, &err), &err);
    pthread_rwlock_init(&job->lock, NULL);
    job->source = live_source_new(job->live, job->log, job->identities, &job->lock);
}

static void define(struct job *job)
{
    const struct writer writer = { .context = job, .run = run };
    for (int i = 0; i < SEGMENTS; i++) {
        struct err err;
        int64_t id;
        char name[24];
        snprintf(name, sizeof name, "segment %d", i);
        const struct segment_draft draft = { name, conditions[i], NULL };
        bench_need(memberships_put(job->memberships, job->source, &writer, 0, &draft, job->now_ms, &id, NULL,
                                   &err), &err);
    }
}

static void sweep(void *context)
{
    struct job *job = context;
    struct segment_source *source = job->source;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct segment_change *changes;
    size_t n = log_n_names(job->log, DICTIONARY_IDENTITY);
    job->n_checked = n - 1;
    for (uint32_t i = 1; i < n; i++) {
        source->lock(source->context);
        memberships_check(job->memberships, source, i, job->now_ms, job->now_ms + AHEAD_MS, job->now_ms,
                          CAUSE_TIME);
        source->unlock(source->context);
    }
    memberships_take_changes(job->memberships, memberships_n_changes(job->memberships), arena, &changes);
    arena_free(arena);
}

static int64_t at_that_day(void *context) { return ((struct job *)context)->now_ms; }

static void preview(void *context)
{
    struct job *job = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct clock clock = { .now_ms = at_that_day, .context = job };
    struct segment_preview result;
    struct err err;
    struct segment_source *sources[2] = { job->source, live_source_beside(job->source) };
    bench_need(memberships_preview(job->memberships, sources, 2, "order_recency_days > 60 and order_count >= 2", &clock,
                                   600000, arena, &result, &err), &err);
    job->n_checked = result.n_customers;
    live_source_free(sources[1]);
    arena_free(arena);
}

static struct expression_value a_number(void *context, size_t column)
{
    return (struct expression_value){ .kind = EXPRESSION_IS_NUMBER,
                                      .number = *(double *)context + (double)column };
}

static void evaluate(void *context)
{
    struct expression *expression = context;
    struct err err;
    bool is_true;
    for (int i = 0; i < ROWS; i++) {
        double number = i % 100;
        bench_need(expression_holds(expression, a_number, &number, &is_true, &err), &err);
    }
}

static void record(const char *name, const char *unit, double ours, double budget, const char *note)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = budget, .peer = "the budget",
                                  .budget = isnan(budget) ? 0 : 1, .note = note });
}

int main(void)
{
    static const struct expression_column columns[] = {
        { "recency", EXPRESSION_NUMBER }, { "churn", EXPRESSION_NUMBER }, { "value", EXPRESSION_NUMBER },
    };
    struct job job = { .now_ms = calendar_day((struct civil){ 2024, 1, 1 }) * MS_PER_DAY };
    struct expression *expression;
    struct err err;
    char note[120];
    open_all(&job, bench_fresh_path("segment.holdfast"));
    define(&job);
    double first = bench_median(1, NULL, sweep, &job), again = bench_median(3, NULL, sweep, &job);
    snprintf(note, sizeof note, "%zu customers x %d segments, now and %d minutes ahead; one thread", job.n_checked,
             SEGMENTS, AHEAD_MS / 60000);
    record("segments: everybody looked at anew", "s", first, (double)NAN, note);
    record("segments: a sweep", "s", again, 600, note);
    record("segments: one customer in a sweep", "us", 1e6 * again / (double)job.n_checked, (double)NAN, NULL);
    struct bench_took size = bench_took(3, NULL, preview, &job);
    snprintf(note, sizeof note, "%zu customers, %.2f s of processor time", job.n_checked, size.cpu);
    record("segments: a condition's exact size", "s", size.wall, 3, note);
    bench_need(expression_compile_columns("churn > 0.6 and value > 100 and recency in (1, 2, 3, 5, 8)", columns, 3,
                                          false, &expression, &err), &err);
    record("a condition for one row", "us", 1e6 * bench_median(3, NULL, evaluate, expression) / ROWS, 2, NULL);
    expression_free(expression);
    live_source_free(job.source);
    memberships_close(job.memberships);
    live_close(job.live);
    identities_close(job.identities);
    log_close(job.log);
    store_close(job.store);
    bench_fresh_path("segment.holdfast");
    return 0;
}
