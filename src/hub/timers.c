/* timers.c - see timers.h. */
#include "hub/timers.h"

#include "base/memory.h"
#include "base/crash_point.h"
#include "store/sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 1024, RETRY_MS = 1000, PUT_OFF_MOST_MS = 60 * 60 * 1000, DOUBLINGS_MOST = 12 };

struct timers {
    struct scheduler  *scheduler;
    struct ingest     *ingest;
    struct alarm      *alarm;
    struct timer_kind  kinds[TIMER_KINDS_MOST];         /* [n_kinds] */
    _Atomic bool       is_held;
    size_t             n_kinds;
    /* Of the job at hand, on the writer's thread, and then of its answer. */
    int64_t            next_ms;         /* when the next is due after it */
    bool               has_failed, puts_off;
    const char        *failed_kind;
    struct timer       failed;          /* the timer that made it fail, which the next job puts off first; no data */
    struct arena      *arena;
    size_t             n_fired_now;
    pthread_mutex_t    mutex;           /* counts */
    struct timer_counts counts;
};

bool timer_put(struct timers *timers, struct store *store, const char *kind, const struct timer *timer,
               struct err *err)
{
    if (timer->data.length > TIMER_MOST_DATA_BYTES)
        return err_set(err, ERR_INVALID, "a timer of kind %s wants to keep %zu bytes; %d is the most", kind,
                       timer->data.length, TIMER_MOST_DATA_BYTES);
    if (!sql_timer_put(store, text_of(kind), timer->due_ms, timer->who, timer->data, err))
        return err_context(err, "putting a timer");
    alarm_by(timers->alarm, timer->due_ms);     /* too early, where the transaction does not come to be: no harm */
    return true;
}

bool timers_cancel(struct store *store, const char *kind, uint32_t who, struct err *err)
{
    return sql_timers_cancel(store, text_of(kind), who, err);
}

/* The first of a kind that are due; in the arena. */
static bool read_due(struct timers *timers, struct store *store, const char *kind, int64_t now_ms,
                     struct timer **ret_timers, size_t *ret_n, struct err *err)
{
    struct sql_timers_due row;
    enum step step;
    size_t n = 0;
    struct timer *due = ARENA_ARRAY(timers->arena, struct timer, AT_ONCE);
    if (!sql_timers_due(store, text_of(kind), now_ms, AT_ONCE, &row, err)) return false;
    while ((step = sql_timers_due_step(&row, err)) == STEP_ROW) {
        char *bytes = arena_alloc(timers->arena, row.data.length + 1, 1);
        memcpy(bytes, row.data.at, row.data.length);
        due[n++] = (struct timer){ .due_ms = row.due_ms, .who = (uint32_t)row.who, .n = row.n,
                                   .n_tries = (unsigned)row.n_tries, .data = { bytes, row.data.length } };
    }
    cursor_close(row.cursor);
    *ret_timers = due;
    *ret_n = n;
    return step == STEP_END;
}

/* *ret_is_wanted is false where one that fired just before has cancelled it. */
static bool take(struct store *store, const char *kind, const struct timer *timer, bool *ret_is_wanted,
                 struct err *err)
{
    int64_t n;
    if (!sql_timer_count(store, text_of(kind), timer->due_ms, timer->who, timer->n, &n, err)) return false;
    *ret_is_wanted = n > 0;
    return n == 0 || sql_timer_remove(store, text_of(kind), timer->due_ms, timer->who, timer->n, err);
}

static bool fire(struct timers *timers, struct store *store, const struct timer_kind *kind,
                 const struct timer *timer, struct err *err)
{
    bool is_wanted;
    if (!take(store, kind->name, timer, &is_wanted, err)) return false;
    if (!is_wanted) return true;
    crash_point();
    if (!kind->fire(kind->context, store, timer, ingest_received_ms(timers->ingest), err)) {
        timers->has_failed = true;
        timers->failed_kind = kind->name;
        timers->failed = *timer;
        return err_context(err, "a timer of kind %s", kind->name);
    }
    timers->n_fired_now++;
    return true;
}

/* The one that failed last waits for longer each time. */
static bool put_off(struct timers *timers, struct store *store, int64_t now_ms, struct err *err)
{
    unsigned doublings = timers->failed.n_tries < DOUBLINGS_MOST ? timers->failed.n_tries : DOUBLINGS_MOST;
    int64_t by_ms = (int64_t)RETRY_MS << doublings;
    if (by_ms > PUT_OFF_MOST_MS) by_ms = PUT_OFF_MOST_MS;
    return sql_timer_put_off(store, text_of(timers->failed_kind), timers->failed.due_ms, timers->failed.who,
                             timers->failed.n, now_ms + by_ms, err);
}

static bool next_of(struct store *store, const char *kind, int64_t *next_ms, struct err *err)
{
    struct sql_timer_next row;
    if (!sql_timer_next(store, text_of(kind), &row, err)) return false;
    enum step step = sql_timer_next_step(&row, err);
    bool is_any = step == STEP_ROW && row.due_ms.kind != VALUE_NULL;
    if (is_any && row.due_ms.i < *next_ms) *next_ms = row.due_ms.i;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool fire_due(struct store *store, void *context, struct err *err)
{
    struct timers *timers = context;
    int64_t now_ms = scheduler_now_ms(timers->scheduler), late_ms = 0;
    timers->has_failed = false, timers->n_fired_now = 0, timers->next_ms = NEVER_MS;
    if (timers->puts_off && !put_off(timers, store, now_ms, err)) return false;
    bool ok = true, is_held = timers->is_held;
    for (size_t k = 0; ok && k < timers->n_kinds; k++) {
        struct timer *due = NULL;
        size_t n = 0;
        if (is_held && !timers->kinds[k].is_always) continue;
        arena_reset(timers->arena);
        ok = read_due(timers, store, timers->kinds[k].name, now_ms, &due, &n, err);
        for (size_t i = 0; ok && i < n; i++) ok = fire(timers, store, &timers->kinds[k], &due[i], err);
        if (n > 0) late_ms = now_ms - due[n - 1].due_ms;
        ok = ok && next_of(store, timers->kinds[k].name, &timers->next_ms, err);
    }
    if (!ok || timers->n_fired_now == 0) return ok;
    pthread_mutex_lock(&timers->mutex);
    timers->counts.late_ms = late_ms;
    pthread_mutex_unlock(&timers->mutex);
    return true;
}

/* After a failure of a timer's own the others fire in the next job; after one of the disk all wait a second. */
static void have_fired(void *context, const struct err *result)
{
    struct timers *timers = context;
    bool ok = result->code == ERR_NONE, is_own = !ok && timers->has_failed;
    int64_t now_ms = scheduler_now_ms(timers->scheduler);
    pthread_mutex_lock(&timers->mutex);
    if (ok) timers->counts.n_fired += timers->n_fired_now;
    timers->counts.n_failed += is_own;
    pthread_mutex_unlock(&timers->mutex);
    if (ok || is_own) timers->puts_off = is_own;
    alarm_set(timers->alarm, ok ? timers->next_ms : is_own ? now_ms : now_ms + RETRY_MS);
}

static void ring(void *context)
{
    struct timers *timers = context;
    struct err err;
    if (!ingest_run_later(timers->ingest, fire_due, timers, have_fired, &err))
        alarm_set(timers->alarm, scheduler_now_ms(timers->scheduler) + RETRY_MS);
}

struct timers *timers_new(struct scheduler *scheduler)
{
    struct timers *timers = memory_new(1, sizeof *timers);
    timers->scheduler = scheduler;
    timers->arena = arena_new(ARENA_NO_LIMIT);
    pthread_mutex_init(&timers->mutex, NULL);
    timers->alarm = alarm_new(scheduler, "timers", ring, timers);
    return timers;
}

void timers_add(struct timers *timers, const struct timer_kind *kind)
{
    assert(timers->n_kinds < TIMER_KINDS_MOST);
    timers->kinds[timers->n_kinds++] = *kind;
}

void timers_start(struct timers *timers, struct ingest *ingest)
{
    timers->ingest = ingest;
    alarm_set(timers->alarm, scheduler_now_ms(timers->scheduler));
}

void timers_hold(struct timers *timers, bool is_held)
{
    timers->is_held = is_held;
    if (!is_held && timers->ingest) alarm_by(timers->alarm, scheduler_now_ms(timers->scheduler));
}

void timers_free(struct timers *timers)
{
    if (!timers) return;
    alarm_free(timers->alarm);
    arena_free(timers->arena);
    pthread_mutex_destroy(&timers->mutex);
    free(timers);
}

struct timer_counts timer_counts(struct timers *timers)
{
    pthread_mutex_lock(&timers->mutex);
    struct timer_counts counts = timers->counts;
    pthread_mutex_unlock(&timers->mutex);
    return counts;
}
