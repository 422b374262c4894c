/* scheduler.c - see scheduler.h.  There are a dozen alarms, so the first is found by looking at all. */
#include "hub/scheduler.h"
#include "base/deadline.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* How long the thread sleeps at most while anything waits: the clock may be set, or run faster than time (a
 * test's). */
enum { LOOK_MS = 250 };

struct alarm {
    struct scheduler *scheduler;
    struct alarm     *next;
    const char       *name;
    void            (*ring)(void *context);
    void             *context;
    int64_t           at_ms;
    bool              is_at_work;       /* it rang, and was not set since */
};

struct scheduler {
    struct clock    clock;
    pthread_t       thread;
    pthread_mutex_t mutex;              /* guards what follows, and the alarms */
    pthread_cond_t  changed, settled;
    struct alarm   *first, *ringing;    /* ringing: the one whose function runs now */
    int64_t         seen_ms;            /* the clock at the last look */
    uint64_t        n_asked, n_settled; /* scheduler_settle */
    bool            is_stopping, is_joined;
};

/* What is due first, of those that are not at work: NULL, or *ret_at_ms is its instant. */
static struct alarm *first_alarm(const struct scheduler *scheduler, int64_t *ret_at_ms)
{
    struct alarm *first = NULL;
    for (struct alarm *alarm = scheduler->first; alarm; alarm = alarm->next)
        if (!alarm->is_at_work && alarm->at_ms != NEVER_MS && (!first || alarm->at_ms < first->at_ms))
            first = alarm;
    *ret_at_ms = first ? first->at_ms : NEVER_MS;
    return first;
}

static bool is_anybody_at_work(const struct scheduler *scheduler)
{
    for (const struct alarm *alarm = scheduler->first; alarm; alarm = alarm->next)
        if (alarm->is_at_work) return true;
    return false;
}

static void set_all_back(struct scheduler *scheduler, int64_t now_ms)
{
    for (struct alarm *alarm = scheduler->first; alarm; alarm = alarm->next)
        if (alarm->at_ms != NEVER_MS && alarm->at_ms > now_ms) alarm->at_ms = now_ms;
}

static void ring(struct scheduler *scheduler, struct alarm *alarm)
{
    alarm->at_ms = NEVER_MS;
    alarm->is_at_work = true;
    scheduler->ringing = alarm;
    pthread_mutex_unlock(&scheduler->mutex);
    alarm->ring(alarm->context);
    pthread_mutex_lock(&scheduler->mutex);
    scheduler->ringing = NULL;
    pthread_cond_broadcast(&scheduler->settled);
}

static void *watch(void *context)
{
    struct scheduler *scheduler = context;
    pthread_mutex_lock(&scheduler->mutex);
    while (!scheduler->is_stopping) {
        int64_t at_ms, now_ms = clock_now_ms(&scheduler->clock);
        uint64_t n_asked = scheduler->n_asked;
        if (now_ms < scheduler->seen_ms) set_all_back(scheduler, now_ms);
        scheduler->seen_ms = now_ms;
        struct alarm *alarm = first_alarm(scheduler, &at_ms);
        if (alarm && at_ms <= now_ms) {
            ring(scheduler, alarm);
            continue;
        }
        if (!is_anybody_at_work(scheduler) && scheduler->n_settled != n_asked) {
            scheduler->n_settled = n_asked;
            pthread_cond_broadcast(&scheduler->settled);
        }
        if (alarm) {
            const struct timespec until =
                deadline_after_ms(CLOCK_MONOTONIC, at_ms - now_ms < LOOK_MS ? at_ms - now_ms : LOOK_MS);
            (void)pthread_cond_clockwait(&scheduler->changed, &scheduler->mutex, CLOCK_MONOTONIC, &until);
        } else {
            pthread_cond_wait(&scheduler->changed, &scheduler->mutex);
        }
    }
    pthread_mutex_unlock(&scheduler->mutex);
    return NULL;
}

bool scheduler_start(const struct clock *clock, struct scheduler **ret_scheduler, struct err *err)
{
    struct scheduler *scheduler = memory_new(1, sizeof *scheduler);
    scheduler->clock = *clock;
    scheduler->seen_ms = INT64_MIN;
    pthread_mutex_init(&scheduler->mutex, NULL);
    pthread_cond_init(&scheduler->changed, NULL);
    pthread_cond_init(&scheduler->settled, NULL);
    if (pthread_create(&scheduler->thread, NULL, watch, scheduler) != 0) {
        scheduler->is_joined = true;
        scheduler_free(scheduler);
        return err_set(err, ERR_IO, "no thread can be started");
    }
    *ret_scheduler = scheduler;
    return true;
}

void scheduler_stop(struct scheduler *scheduler)
{
    if (!scheduler || scheduler->is_joined) return;
    pthread_mutex_lock(&scheduler->mutex);
    scheduler->is_stopping = true;
    pthread_cond_signal(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->mutex);
    pthread_join(scheduler->thread, NULL);
    scheduler->is_joined = true;
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler) return;
    scheduler_stop(scheduler);
    pthread_cond_destroy(&scheduler->changed);
    pthread_cond_destroy(&scheduler->settled);
    pthread_mutex_destroy(&scheduler->mutex);
    free(scheduler);
}

int64_t scheduler_now_ms(const struct scheduler *scheduler) { return clock_now_ms(&scheduler->clock); }

struct alarm *alarm_new(struct scheduler *scheduler, const char *name, void (*ring_it)(void *context),
                        void *context)
{
    struct alarm *alarm = memory_new(1, sizeof *alarm);
    *alarm = (struct alarm){ .scheduler = scheduler, .name = name, .ring = ring_it, .context = context,
                             .at_ms = NEVER_MS };
    pthread_mutex_lock(&scheduler->mutex);
    alarm->next = scheduler->first;
    scheduler->first = alarm;
    pthread_mutex_unlock(&scheduler->mutex);
    return alarm;
}

void alarm_free(struct alarm *alarm)
{
    if (!alarm) return;
    struct scheduler *scheduler = alarm->scheduler;
    pthread_mutex_lock(&scheduler->mutex);
    while (scheduler->ringing == alarm) pthread_cond_wait(&scheduler->settled, &scheduler->mutex);
    struct alarm **at = &scheduler->first;
    while (*at != alarm) at = &(*at)->next;
    *at = alarm->next;
    pthread_cond_signal(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->mutex);
    free(alarm);
}

/* Wakes the thread only if it would sleep too long, or if somebody waits until all is done. */
static void set(struct alarm *alarm, int64_t at_ms)
{
    struct scheduler *scheduler = alarm->scheduler;
    int64_t first_ms;
    (void)first_alarm(scheduler, &first_ms);
    alarm->at_ms = at_ms;
    if (at_ms < first_ms || scheduler->n_asked != scheduler->n_settled) pthread_cond_signal(&scheduler->changed);
}

void alarm_set(struct alarm *alarm, int64_t at_ms)
{
    pthread_mutex_lock(&alarm->scheduler->mutex);
    bool was_at_work = alarm->is_at_work;
    alarm->is_at_work = false;
    /* What somebody asked for while it was at work stays asked for. */
    set(alarm, was_at_work && alarm->at_ms < at_ms ? alarm->at_ms : at_ms);
    pthread_mutex_unlock(&alarm->scheduler->mutex);
}

void alarm_by(struct alarm *alarm, int64_t at_ms)
{
    pthread_mutex_lock(&alarm->scheduler->mutex);
    if (at_ms < alarm->at_ms) set(alarm, at_ms);
    pthread_mutex_unlock(&alarm->scheduler->mutex);
}

int64_t alarm_at_ms(const struct alarm *alarm)
{
    pthread_mutex_lock(&alarm->scheduler->mutex);
    int64_t at_ms = alarm->at_ms;
    pthread_mutex_unlock(&alarm->scheduler->mutex);
    return at_ms;
}

bool scheduler_settle(struct scheduler *scheduler, int64_t timeout_ms)
{
    const struct timespec until = deadline_after_ms(CLOCK_MONOTONIC, timeout_ms);
    pthread_mutex_lock(&scheduler->mutex);
    uint64_t ticket = ++scheduler->n_asked;
    pthread_cond_signal(&scheduler->changed);
    int rc = 0;
    while (scheduler->n_settled < ticket && rc != ETIMEDOUT)
        rc = pthread_cond_clockwait(&scheduler->settled, &scheduler->mutex, CLOCK_MONOTONIC, &until);
    bool is_settled = scheduler->n_settled >= ticket;
    pthread_mutex_unlock(&scheduler->mutex);
    return is_settled;
}
