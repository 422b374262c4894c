/* scheduler.h - the one owner of what falls due: who wants to be called when, by the clock that is given.
 *
 * Each participant has an alarm.  One thread waits for the first and rings it; ring must not wait for anything,
 * else all others would: it hands what is due to the writer (hub/ingest.h) or wakes a thread of its own.  While that
 * is at it the alarm is not rung again, until alarm_set says when next.
 *
 * Alarms may ring too early, never too late by more than a quarter of a second: a participant looks for itself
 * whether anything is due.  When the clock is set back, all who wait are rung at once, since what was a second away
 * may be a year away now, and each then says anew when it is due.
 *
 * A test moves its clock and calls scheduler_settle; nobody sleeps. */
#ifndef HUB_SCHEDULER_H
#define HUB_SCHEDULER_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>

struct scheduler;
struct alarm;

#define NEVER_MS INT64_MAX

bool scheduler_start(const struct clock *clock, struct scheduler **ret_scheduler, struct err *err) MUST_CHECK;
void scheduler_stop(struct scheduler *scheduler);       /* rings nobody any more; its alarms may still be set and freed */
void scheduler_free(struct scheduler *scheduler);       /* after the last alarm; NULL is fine */
int64_t scheduler_now_ms(const struct scheduler *scheduler);

/* An alarm that is not set.  name: for whoever looks at what waits; it outlives the alarm. */
struct alarm *alarm_new(struct scheduler *scheduler, const char *name, void (*ring)(void *context), void *context);
void          alarm_free(struct alarm *alarm);          /* it does not ring any more once this returns; NULL is fine */

/* At that instant, instead of an earlier setting; ends what the last ring began.  NEVER_MS: not set.  Any thread. */
void alarm_set(struct alarm *alarm, int64_t at_ms);
/* At that instant at the latest.  Any thread. */
void alarm_by(struct alarm *alarm, int64_t at_ms);
int64_t alarm_at_ms(const struct alarm *alarm);

/* Looks at the clock again and waits until nothing is due by it and nothing that rang is still at work.  False after
 * so long in real time. */
bool scheduler_settle(struct scheduler *scheduler, int64_t timeout_ms);

#endif
