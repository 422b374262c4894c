/* participant.h - who has a part in the one commit: what an event causes is written with the event, or not at all.
 *
 * The writer (hub/ingest.h) asks each participant of a table in turn, and no participant knows another.  A new one is
 * a row of the table in engine/opening.c; the tests of crashes and of failing disks try every row. */
#ifndef HUB_PARTICIPANT_H
#define HUB_PARTICIPANT_H

#include "customer/identity.h"
#include "log/log.h"
#include "store/store.h"

/* What messages ask for that is no event; name "": everybody of the source. */
struct asked { bool is_erasure; struct text name, source; };

/* What one group holds; valid until its last participant has returned. */
struct taken {
    int64_t                   received_ms;      /* the group's instant; never goes back */
    const struct events      *events;           /* in the order of the log; none of a group of jobs */
    const struct link_change *links;            /* [n_links] made by messages */
    size_t                    n_links;
    const struct asked       *asked;            /* [n_asked] */
    size_t                    n_asked;
};

/* All on the writer's thread, without the lock, which a participant takes where readers could see something half
 * done.  Each but name and context may be NULL: there is nothing to do. */
struct participant {
    const char *name;

    /* In the group's transaction, when the group is known: writes what it causes.  False: nobody's part of the group
     * is to be.  What is changed in memory is changed back by undo. */
    bool      (*take)(void *context, struct store *store, const struct taken *taken, struct err *err);

    /* The transaction was rolled back, perhaps before take: what is in memory of the store is as before the group
     * again.  is_all: read everything again, since another process has written, or an earlier undo failed. */
    bool      (*undo)(void *context, bool is_all, struct err *err);

    /* The group is committed: others may hear of it. */
    void      (*committed)(void *context, const struct taken *taken);

    /* A number that is another one when what it keeps in memory of the store is: for tests, which compare it before a
     * group that fails and after, and before and after a restart. */
    uint64_t  (*digest)(void *context);
    void       *context;
};

#endif
