/* refresh.c - what the refresh thread looks at, and when; see refresh.h.
 *
 * Each round: names that are outdated are read again; timers that are due; customers whose links changed;
 * customers with new events, a slice at a time; then a slice of the sweep if its time has come.  Then it
 * writes, and sleeps until the first of: a wake, a timer, the next slice of the sweep, the next write; the scheduler
 * wakes it for what is due by time.
 *
 * A pass of the sweep takes a window; a check looks ahead for two windows, and a window is never more than
 * twice as long as the one before.  So a customer is always checked again before the end of what was looked
 * ahead to. */
#include "live/refresh_internal.h"
#include "base/memory.h"
#include "base/deadline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW_MS = 10 * 60 * 1000, WINDOW_MOST_MS = 24 * 60 * 60 * 1000, SLACK_MS = 60 * 1000,
       BUSY_SHARE = 5,                  /* a pass may take one part in so many of one core */
       SLICE_IDENTITIES = 1024,         /* of the sweep, most of which may be no customers */
       MOST_MOVED = 1 << 20, TIMERS_A_ROUND = 256, SLICES_A_ROUND = 8,
       MOST_CHANGES_WAITING = 1 << 16, CHANGES_WAIT_MS = 100 };

static int64_t now_of(const struct refresh *refresh) { return scheduler_now_ms(refresh->options.scheduler); }

static int64_t busy_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t until_of(const struct refresh *refresh, int64_t now_ms)
{
    return now_ms + 2 * refresh->window_ms + SLACK_MS;
}

static void add_checked(struct refresh *refresh, size_t n, size_t n_timers, int64_t late_ms)
{
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_checked += n;
    refresh->counts.n_timers_fired += n_timers;
    if (n_timers) refresh->counts.timer_late_ms = late_ms;
    pthread_mutex_unlock(&refresh->mutex);
}

/* False: the features are others now, and nothing was looked at. */
static bool check(struct refresh *refresh, uint32_t identity, int64_t now_ms, int64_t at_ms,
                  enum segment_cause cause)
{
    const struct segment_source *source = segment_check_enter(refresh->options.check, NULL);
    source->lock(source->context);
    bool is_current = source->is_current(source->context);
    if (is_current)
        memberships_check(refresh->options.memberships, source, identity, now_ms, until_of(refresh, now_ms), at_ms,
                          cause);
    source->unlock(source->context);
    segment_check_leave(refresh->options.check);
    return is_current;
}

/* Customers get their scores, then their memberships, which may depend on the scores.  What could not be checked
 * will be by the pass that follows other features. */
static void look_at(struct refresh *refresh, const uint32_t *customers, size_t n, enum segment_cause cause,
                    bool is_told)
{
    int64_t now_ms = now_of(refresh);
    refresh_score(refresh, customers, n, now_ms, is_told);
    for (size_t i = 0; i < n; i++) (void)check(refresh, customers[i], now_ms, now_ms, cause);
    add_checked(refresh, n, 0, 0);
}

static void begin_pass(struct refresh *refresh, enum segment_cause cause, bool is_paced)
{
    int64_t now_ms = now_of(refresh);
    pthread_rwlock_rdlock(refresh->options.lock);
    size_t n = log_n_names(refresh->options.log, DICTIONARY_IDENTITY);
    pthread_rwlock_unlock(refresh->options.lock);
    refresh->pass = (struct pass){ .is_running = true, .is_paced = is_paced, .cause = cause, .n_identities = n,
                                   .version = memberships_version(refresh->options.memberships),
                                   .began_ms = now_ms };
}

static void end_pass(struct refresh *refresh)
{
    struct pass *pass = &refresh->pass;
    int64_t least_ms = refresh->options.window_ms ? refresh->options.window_ms : WINDOW_MS;
    int64_t window_ms = BUSY_SHARE * pass->busy_us / 1000, most_ms = 2 * refresh->window_ms;
    (void)segment_check_enter(refresh->options.check, NULL);
    memberships_passed(refresh->options.memberships, pass->version);
    segment_check_leave(refresh->options.check);
    pass->is_running = false;
    if (window_ms > WINDOW_MOST_MS) window_ms = WINDOW_MOST_MS;
    if (window_ms < least_ms) window_ms = least_ms;
    refresh->window_ms = window_ms < most_ms ? window_ms : most_ms;
    refresh->n_passes++;
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_passes = refresh->n_passes;
    refresh->counts.pass_ms = now_of(refresh) - pass->began_ms;
    refresh->counts.window_ms = refresh->window_ms;
    refresh->counts.swept_ms = pass->began_ms;
    pthread_mutex_unlock(&refresh->mutex);
}

/* The next customers of the pass, at most SLICE_CUSTOMERS. */
static size_t next_slice(struct refresh *refresh, uint32_t *ret_customers)
{
    struct pass *pass = &refresh->pass;
    size_t n = 0;
    pthread_rwlock_rdlock(refresh->options.lock);
    for (size_t i = 0; i < SLICE_IDENTITIES && n < SLICE_CUSTOMERS && pass->at < pass->n_identities; i++) {
        uint32_t identity = pass->at++;
        int64_t known_ms;
        if (identity != 0 && identities_customer(refresh->options.identities, identity) == identity &&
            live_known(refresh->options.live, identity, &known_ms))
            ret_customers[n++] = identity;
    }
    pthread_rwlock_unlock(refresh->options.lock);
    return n;
}

/* When the slice that is next should be looked at. */
static int64_t slice_due_ms(const struct refresh *refresh)
{
    const struct pass *pass = &refresh->pass;
    if (!pass->is_running || !pass->is_paced || pass->n_identities == 0) return pass->began_ms;
    return pass->began_ms + (int64_t)((double)pass->at / (double)pass->n_identities * (double)refresh->window_ms);
}

static void tell_share(struct refresh *refresh)
{
    const struct pass *pass = &refresh->pass;
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.pass_share =
        pass->at < pass->n_identities ? (double)pass->at / (double)pass->n_identities : 1;
    pthread_mutex_unlock(&refresh->mutex);
}

/* Begins the next pass when it is time, goes on with the one that is running.  *ret_due_ms: when to call again. */
static void sweep(struct refresh *refresh, int64_t now_ms, int64_t *ret_due_ms)
{
    struct pass *pass = &refresh->pass;
    uint32_t customers[SLICE_CUSTOMERS];
    if (now_ms < pass->began_ms) pass->began_ms = now_ms - refresh->window_ms;      /* the clock was set back */
    if ((!pass->is_running || pass->is_paced) && memberships_incomplete(refresh->options.memberships))
        begin_pass(refresh, CAUSE_DEFINITION, false);
    else if (!pass->is_running && now_ms >= pass->began_ms + refresh->window_ms)
        begin_pass(refresh, CAUSE_TIME, true);
    if (!pass->is_running) {
        *ret_due_ms = pass->began_ms + refresh->window_ms;
        return;
    }
    if (memberships_n_changes(refresh->options.memberships) >= MOST_CHANGES_WAITING) {
        *ret_due_ms = now_ms + CHANGES_WAIT_MS;     /* the disk may be full */
        return;
    }
    if (slice_due_ms(refresh) <= now_ms) {
        int64_t began_us = busy_us();
        size_t n = next_slice(refresh, customers);
        look_at(refresh, customers, n, pass->cause, false);
        pass->busy_us += busy_us() - began_us;
    }
    tell_share(refresh);
    if (pass->at >= pass->n_identities) end_pass(refresh);
    *ret_due_ms = pass->is_running ? slice_due_ms(refresh) : pass->began_ms + refresh->window_ms;
}

static void fire_timers(struct refresh *refresh)
{
    uint32_t identity;
    int64_t due_ms, now_ms = now_of(refresh);
    for (int i = 0; i < TIMERS_A_ROUND; i++) {
        if (!memberships_due(refresh->options.memberships, now_ms, &identity, &due_ms)) return;
        (void)check(refresh, identity, due_ms, due_ms, CAUSE_TIME);      /* late: as it was then */
        add_checked(refresh, 1, 1, now_ms - due_ms);
    }
}

static void look_at_moved(struct refresh *refresh)
{
    uint32_t moved[SLICE_CUSTOMERS];
    size_t n;
    do {
        pthread_mutex_lock(&refresh->mutex);
        n = refresh->n_moved < SLICE_CUSTOMERS ? refresh->n_moved : SLICE_CUSTOMERS;
        refresh->n_moved -= n;
        if (n > 0) memcpy(moved, refresh->moved + refresh->n_moved, n * sizeof *moved);
        pthread_mutex_unlock(&refresh->mutex);
        if (n > 0) look_at(refresh, moved, n, CAUSE_MERGE, true);
    } while (n == SLICE_CUSTOMERS);
}

/* At most so many that the timers are looked after in between; true: there may be more. */
static bool look_at_touched(struct refresh *refresh)
{
    uint32_t customers[SLICE_CUSTOMERS];
    for (int i = 0; i < SLICES_A_ROUND; i++) {
        pthread_rwlock_rdlock(refresh->options.lock);
        size_t n = live_touched(refresh->options.live, customers, SLICE_CUSTOMERS);
        pthread_rwlock_unlock(refresh->options.lock);
        if (n > 0) look_at(refresh, customers, n, CAUSE_EVENTS, true);
        if (n < SLICE_CUSTOMERS) return false;
    }
    return true;
}

/* After other features, or as of another instant, everybody is looked at. */
static void follow_features(struct refresh *refresh)
{
    uint64_t n_others;
    pthread_mutex_lock(&refresh->mutex);
    bool is_anew = refresh->is_anew;
    refresh->is_anew = false;
    pthread_mutex_unlock(&refresh->mutex);
    if (is_anew) begin_pass(refresh, CAUSE_TIME, false);
    (void)segment_check_enter(refresh->options.check, &n_others);
    segment_check_leave(refresh->options.check);
    if (n_others == refresh->n_others) return;
    bool is_first = refresh->n_others == 0;
    refresh->n_others = n_others;
    /* Scores alone need no hurry: each says when it was made. */
    begin_pass(refresh, is_first ? CAUSE_START : CAUSE_DEFINITION, !memberships_any(refresh->options.memberships));
}

/* The sweep has something to do now. */
static bool is_catching_up(const struct refresh *refresh, int64_t now_ms)
{
    const struct pass *pass = &refresh->pass;
    int64_t due_ms = pass->is_running ? slice_due_ms(refresh) : pass->began_ms + refresh->window_ms;
    return due_ms <= now_ms || memberships_incomplete(refresh->options.memberships);
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* One round; returns when the next is due at the latest. */
static int64_t round_of(struct refresh *refresh)
{
    int64_t sweep_ms;
    pthread_mutex_lock(&refresh->mutex);
    uint64_t n_asked = refresh->n_asked;
    int64_t woken_ms = refresh->woken_ms;
    refresh->woken_ms = INT64_MAX;
    refresh->is_awake = false;
    pthread_mutex_unlock(&refresh->mutex);

    follow_features(refresh);
    fire_timers(refresh);
    look_at_moved(refresh);
    bool is_more = look_at_touched(refresh);
    bool is_asked = n_asked != refresh->n_settled && !is_more;
    sweep(refresh, now_of(refresh), &sweep_ms);
    int64_t next_ms = refresh_write(refresh, now_of(refresh), is_asked);

    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.lag_ms = woken_ms == INT64_MAX ? 0 : now_of(refresh) - woken_ms;
    if (is_more) refresh->woken_ms = earlier(refresh->woken_ms, woken_ms);
    pthread_mutex_unlock(&refresh->mutex);
    if (is_asked && !is_catching_up(refresh, now_of(refresh)) && refresh_is_written(refresh)) {
        pthread_mutex_lock(&refresh->mutex);
        refresh->n_settled = n_asked;
        pthread_cond_broadcast(&refresh->changed);
        pthread_mutex_unlock(&refresh->mutex);
    }
    if (is_more) return 0;
    return earlier(earlier(next_ms, sweep_ms), memberships_next_ms(refresh->options.memberships));
}

/* Until due_ms by the service's clock, a wake, or the end; true: go on. */
static bool wait(struct refresh *refresh, int64_t due_ms)
{
    bool is_due = due_ms <= now_of(refresh);
    if (!is_due) alarm_set(refresh->alarm, due_ms);
    pthread_mutex_lock(&refresh->mutex);
    while (!is_due && !refresh->is_stopping && !refresh->is_awake)
        pthread_cond_wait(&refresh->changed, &refresh->mutex);
    bool is_going_on = !refresh->is_stopping;
    pthread_mutex_unlock(&refresh->mutex);
    return is_going_on;
}

static void ring(void *context)
{
    struct refresh *refresh = context;
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_awake = true;
    pthread_cond_broadcast(&refresh->changed);
    pthread_mutex_unlock(&refresh->mutex);
}

static void *run(void *context)
{
    struct refresh *refresh = context;
    while (wait(refresh, round_of(refresh))) { }
    refresh_write_rest(refresh);
    return NULL;
}

static void refresh_free(struct refresh *refresh)
{
    alarm_free(refresh->alarm);
    refresh_score_forget(refresh);
    free(refresh->moved);
    pthread_mutex_destroy(&refresh->mutex);
    pthread_cond_destroy(&refresh->changed);
    free(refresh);
}

bool refresh_start(const struct refresh_options *options, struct refresh **ret_refresh, struct err *err)
{
    struct refresh *refresh = memory_new(1, sizeof *refresh);
    *refresh = (struct refresh){ .options = *options, .writer = *options->writer,
                                 .woken_ms = INT64_MAX,
                                 .window_ms = options->window_ms ? options->window_ms : WINDOW_MS };
    refresh->counts.window_ms = refresh->window_ms;
    refresh->alarm = alarm_new(options->scheduler, "refresh", ring, refresh);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&refresh->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&refresh->mutex, NULL);
    if (pthread_create(&refresh->thread, NULL, run, refresh) != 0) {
        refresh_free(refresh);
        return err_set(err, ERR_IO, "no thread can be started");
    }
    *ret_refresh = refresh;
    return true;
}

void refresh_stop(struct refresh *refresh)
{
    if (!refresh) return;
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_stopping = true;
    pthread_cond_broadcast(&refresh->changed);
    pthread_mutex_unlock(&refresh->mutex);
    pthread_join(refresh->thread, NULL);
    refresh_free(refresh);
}

void refresh_wake(struct refresh *refresh)
{
    int64_t now_ms = now_of(refresh);
    pthread_mutex_lock(&refresh->mutex);
    refresh->woken_ms = earlier(refresh->woken_ms, now_ms);
    if (!refresh->is_awake) pthread_cond_broadcast(&refresh->changed);
    refresh->is_awake = true;
    pthread_mutex_unlock(&refresh->mutex);
}

void refresh_anew(struct refresh *refresh)
{
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_anew = true;
    pthread_mutex_unlock(&refresh->mutex);
    refresh_wake(refresh);
}

void refresh_touch(struct refresh *refresh, const uint32_t *identities, size_t n)
{
    pthread_mutex_lock(&refresh->mutex);
    if (refresh->n_moved + n > refresh->room_moved) {
        size_t room = 2 * (refresh->n_moved + n);
        uint32_t *moved = memory_grow(refresh->moved, room, sizeof *moved);
        refresh->moved = moved, refresh->room_moved = room;
    }
    /* Beyond so many the sweep finds them: identities hand over their memberships whenever they are looked at. */
    if (refresh->n_moved + n <= MOST_MOVED) {
        if (n > 0) memcpy(refresh->moved + refresh->n_moved, identities, n * sizeof *identities);
        refresh->n_moved += n;
    }
    pthread_mutex_unlock(&refresh->mutex);
    refresh_wake(refresh);
}

bool refresh_settle(struct refresh *refresh, int64_t timeout_ms)
{
    const struct timespec until = deadline_after_ms(CLOCK_MONOTONIC, timeout_ms);
    pthread_mutex_lock(&refresh->mutex);
    uint64_t ticket = ++refresh->n_asked;
    refresh->is_awake = true;
    pthread_cond_broadcast(&refresh->changed);
    int rc = 0;
    while (refresh->n_settled < ticket && rc == 0)
        rc = pthread_cond_timedwait(&refresh->changed, &refresh->mutex, &until);
    bool is_settled = refresh->n_settled >= ticket;
    pthread_mutex_unlock(&refresh->mutex);
    return is_settled;
}

struct refresh_counts refresh_counts(struct refresh *refresh)
{
    pthread_mutex_lock(&refresh->mutex);
    struct refresh_counts counts = refresh->counts;
    counts.n_waiting = refresh->n_moved;
    counts.n_changes = segment_check_n_changes(refresh->options.check);
    int64_t woken_ms = refresh->woken_ms;
    pthread_mutex_unlock(&refresh->mutex);
    int64_t now_ms = now_of(refresh);
    if (woken_ms < now_ms && now_ms - woken_ms > counts.lag_ms) counts.lag_ms = now_ms - woken_ms;
    return counts;
}
