/* membership_internal.h - what the files of memberships share: membership.c checks customers,
 * membership_edit.c makes and lists segments, membership_preview.c counts before one is made. */
#ifndef LIVE_MEMBERSHIP_INTERNAL_H
#define LIVE_MEMBERSHIP_INTERNAL_H

#include "base/due_list.h"
#include "live/membership.h"

#include <pthread.h>

/* One segment as it is in force.  Its texts are on the heap. */
struct definition {
    int64_t            id, created_ms, version;
    char              *name, *expression, *description;
    struct expression *compiled;        /* NULL: not yet, or problem says why not; used by the checking thread */
    bool               moves;           /* it uses columns that change with time alone */
    char              *problem;         /* NULL, or why it cannot be evaluated */
    uint64_t           made_at;         /* memberships.version when it was made or changed last */
    bool               is_complete;
    struct instant_map since;           /* members */
};

/* All of it under the mutex, which is held for the time of one check at most.  editing is held, before the
 * mutex, while a segment is made, changed or removed: such changes come one after the other. */
struct memberships {
    pthread_mutex_t     mutex, editing;
    struct definition **definitions;    /* [n] by id ascending */
    size_t              n;
    uint64_t            version;
    struct due_list     due;
    struct segment_change *changes;     /* [n_changes] not taken yet */
    size_t              n_changes, room_changes;
};

struct definition *definition_of(struct memberships *memberships, int64_t id);      /* NULL; under the mutex */
void definition_forget(struct definition *definition);      /* what was compiled, and its problem */

#endif
