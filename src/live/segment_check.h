/* segment_check.h - what moves customers in and out of segments, one at a time: the writer for what events cause, in the
 * events' own commit, and the refresh thread for what time, scores and definitions cause.
 *
 * Whoever checks has entered; both use one source of names, which is made anew when there are more.  Changes are made in
 * memory and put on the list of memberships (membership.h); every commit writes the list as it then is, so that the
 * table gets them in the order they were made in.  The writer stays from before the events are folded until they are
 * committed or undone: nobody else looks at what may never have been. */
#ifndef LIVE_SEGMENT_CHECK_H
#define LIVE_SEGMENT_CHECK_H

#include "hub/participant.h"
#include "live/membership.h"

#include <pthread.h>

struct live;
struct segment_check;
struct stream;

struct segment_check_options {
    struct live             *live;
    const struct log        *log;
    const struct identities *identities;
    struct memberships      *memberships;
    pthread_rwlock_t        *lock;          /* the service's */
    struct stream           *stream;        /* gets each change when it is committed ("segment"); NULL: nobody is told */
};

struct segment_check *segment_check_new(const struct segment_check_options *options);
void                  segment_check_free(struct segment_check *check);      /* NULL is fine */

/* Until it leaves nobody else checks.  The source is current, but for features that change meanwhile.
 * *ret_n_others: how often the features have become others; NULL is fine.  Takes the service's lock. */
const struct segment_source *segment_check_enter(struct segment_check *check, uint64_t *ret_n_others);
void                         segment_check_leave(struct segment_check *check);

/* The writer, which has entered since before it folded: memberships of customers with events of the group, then all
 * changes there are, into the group's transaction. */
bool segment_check_take(struct segment_check *check, struct store *store, const struct taken *taken,
                        struct err *err) MUST_CHECK;
void segment_check_undo(struct segment_check *check);           /* as if the group had never been */
void segment_check_committed(struct segment_check *check);

uint64_t segment_check_n_changes(struct segment_check *check);  /* committed since the start */

#endif
