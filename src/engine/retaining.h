/* retaining.h - how long is kept what names people, by section retention of the settings; what is older goes by itself.
 *
 *   retention:
 *     customers: 36m        # nobody heard of for so long is erased, as if they had asked for it
 *     messages: 12m         # texts and addresses of messages; that one was sent, when and by what stays
 *     rejects: 90d          # messages that were refused, as they were sent
 *
 * What is not named is kept.  Once a day, at three o'clock UTC, and the first time not before a day has passed since
 * the setting was first seen as it is, so that a mistake can be seen on the page before it is carried out.  That day
 * begins anew where the clock is back from a leap; where it is more than ten days past what was due, for it leapt or no
 * server ran, as many days pass before anything goes, at most thirty.  Nothing goes while time stands at the last event (as_of.h). */
#ifndef ENGINE_RETAINING_H
#define ENGINE_RETAINING_H

#include "base/settings.h"

#include <stdint.h>

struct retaining;
struct service;
struct store;

struct retention { int64_t customers_days, messages_days, rejects_days; };      /* 0: kept */

/* Errors: ERR_INVALID another key, no span, or one too short (customers 30 days, the others 1). */
bool retention_read(const struct settings *settings, struct retention *ret_retention, struct err *err) MUST_CHECK;

struct retaining_status {
    struct retention rule;
    int64_t          next_ms;       /* 0: never, nothing is to go */
    int64_t          last_ms;       /* when it was last seen to; 0: not yet */
    int64_t          n_customers, n_messages, n_rejects;        /* that went then */
    int64_t          put_off_ms;    /* when it was last put off, for the clock stood elsewhere; 0: never */
    int64_t          due_customers, due_messages, due_rejects;  /* that will go at next_ms, as things are */
};

/* After the scheduler and the ingest; settings as they are.  Errors: those of retention_read and of the store. */
bool retaining_start(struct service *service, const struct settings *settings, struct retaining **ret_retaining,
                     struct err *err) MUST_CHECK;
void retaining_free(struct retaining *retaining);       /* after the ingest has stopped; NULL is fine */
/* The settings are another now.  Any thread but the writer's.  Errors: as above, and the rule stays as it was. */
bool retaining_reload(struct retaining *retaining, const struct settings *settings, struct err *err) MUST_CHECK;

/* store: a connection for reading.  Any thread. */
bool retaining_status(struct retaining *retaining, struct store *store, struct retaining_status *ret_status,
                      struct err *err) MUST_CHECK;

#endif
