/* scheduler_test.c - who is rung when; the test moves the clock. */
#include "hub/scheduler.h"
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PATIENCE_MS = 120000 };

static _Atomic int64_t now_ms;
static int64_t now_of_test(void *context) { (void)context; return now_ms; }

static struct scheduler *begin(void)
{
    struct err err;
    struct scheduler *scheduler;
    const struct clock clock = { now_of_test, NULL };
    now_ms = 1000000;
    ASSERT_OK(scheduler_start(&clock, &scheduler, &err), &err);
    return scheduler;
}

/* Notes when it was rung, and sets the alarm anew, every_ms later; 0: not. */
struct bell { struct alarm *alarm; int64_t every_ms; _Atomic unsigned n; _Atomic int64_t rung_ms; };

static void ring(void *context)
{
    struct bell *bell = context;
    bell->n++;
    bell->rung_ms = now_ms;
    alarm_set(bell->alarm, bell->every_ms ? now_ms + bell->every_ms : NEVER_MS);
}

Test(scheduler, an_alarm_rings_once_when_its_instant_has_come)
{
    struct scheduler *scheduler = begin();
    struct bell first = { 0 }, second = { 0 }, never = { 0 };
    first.alarm = alarm_new(scheduler, "first", ring, &first);
    second.alarm = alarm_new(scheduler, "second", ring, &second);
    never.alarm = alarm_new(scheduler, "never", ring, &never);
    alarm_set(second.alarm, now_ms + 200);
    alarm_set(first.alarm, now_ms + 100);
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert(first.n == 0 && second.n == 0);
    now_ms += 99;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(first.n, 0, "a millisecond early");
    now_ms += 1;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert(first.n == 1 && second.n == 0);
    now_ms += 1000;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert(first.n == 1 && second.n == 1 && never.n == 0);
    cr_assert_eq(alarm_at_ms(first.alarm), NEVER_MS);
    alarm_free(first.alarm), alarm_free(second.alarm), alarm_free(never.alarm);
    scheduler_free(scheduler);
}

Test(scheduler, the_earlier_of_two_wishes_counts_and_a_setting_replaces_both)
{
    struct scheduler *scheduler = begin();
    struct bell bell = { 0 };
    bell.alarm = alarm_new(scheduler, "bell", ring, &bell);
    alarm_by(bell.alarm, now_ms + 500);
    alarm_by(bell.alarm, now_ms + 900);
    cr_assert_eq(alarm_at_ms(bell.alarm), now_ms + 500);
    alarm_by(bell.alarm, now_ms + 300);
    cr_assert_eq(alarm_at_ms(bell.alarm), now_ms + 300);
    alarm_set(bell.alarm, now_ms + 900);
    now_ms += 899;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(bell.n, 0);
    alarm_free(bell.alarm);
    scheduler_free(scheduler);
}

/* Hands its work to a thread that the test is: it is at work until the test says. */
struct slow { struct alarm *alarm; _Atomic unsigned n; };
static void begin_work(void *context) { ((struct slow *)context)->n++; }

Test(scheduler, nobody_is_late_because_another_is_at_work_and_who_is_at_work_is_not_rung_again)
{
    struct scheduler *scheduler = begin();
    struct slow slow = { 0 };
    struct bell bell = { .every_ms = 10 };
    slow.alarm = alarm_new(scheduler, "slow", begin_work, &slow);
    bell.alarm = alarm_new(scheduler, "bell", ring, &bell);
    alarm_set(slow.alarm, now_ms);
    alarm_set(bell.alarm, now_ms + 10);
    while (slow.n == 0) (void)scheduler_settle(scheduler, 1);
    for (unsigned round = 1; round <= 3; round++) {
        alarm_by(slow.alarm, now_ms);           /* asked for again meanwhile */
        now_ms += 10;
        while (bell.n < round) (void)scheduler_settle(scheduler, 1);
        cr_assert_eq(bell.rung_ms, now_ms);
        cr_assert_eq(slow.n, 1);
    }
    cr_assert_not(scheduler_settle(scheduler, 1), "somebody is at work");
    alarm_set(slow.alarm, NEVER_MS);            /* done; what was asked for meanwhile follows */
    while (slow.n < 2) (void)scheduler_settle(scheduler, 1);
    alarm_set(slow.alarm, NEVER_MS);
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(slow.n, 2);
    alarm_free(slow.alarm), alarm_free(bell.alarm);
    scheduler_free(scheduler);
}

Test(scheduler, a_clock_that_jumps_a_year_ahead_and_back_stops_nobody)
{
    static const int64_t year_ms = INT64_C(365) * 24 * 3600 * 1000;
    struct scheduler *scheduler = begin();
    struct bell bell = { .every_ms = 1000 };
    bell.alarm = alarm_new(scheduler, "bell", ring, &bell);
    alarm_set(bell.alarm, now_ms + 1000);
    now_ms += year_ms;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(bell.n, 1);
    now_ms -= year_ms;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(bell.n, 2, "a year ahead is no second away any more");
    cr_assert_eq(alarm_at_ms(bell.alarm), now_ms + 1000);
    now_ms += 1000;
    cr_assert(scheduler_settle(scheduler, PATIENCE_MS));
    cr_assert_eq(bell.n, 3);
    alarm_free(bell.alarm);
    scheduler_free(scheduler);
}

Test(scheduler, who_is_gone_or_stopped_is_not_rung)
{
    struct scheduler *scheduler = begin();
    struct bell gone = { 0 }, stopped = { 0 };
    gone.alarm = alarm_new(scheduler, "gone", ring, &gone);
    stopped.alarm = alarm_new(scheduler, "stopped", ring, &stopped);
    alarm_set(gone.alarm, now_ms + 10);
    alarm_set(stopped.alarm, now_ms + 10);
    alarm_free(gone.alarm);
    scheduler_stop(scheduler);
    now_ms += 10;
    alarm_set(stopped.alarm, now_ms);
    alarm_free(stopped.alarm);
    scheduler_free(scheduler);
    cr_assert(gone.n == 0 && stopped.n == 0);
}
