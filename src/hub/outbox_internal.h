/* outbox_internal.h - what the files of the outbox share. */
#ifndef HUB_OUTBOX_INTERNAL_H
#define HUB_OUTBOX_INTERNAL_H

#include "hub/outbox.h"

struct outbox {
    const struct profiles *profiles;
    struct scheduler      *scheduler;
    struct alarm          *alarm;       /* NULL: nobody sends */
    _Atomic bool           is_held;
    outbox_told           *told;
    void                  *told_context;
};

/* Whoever sends looks whether anything is due at that instant; any thread. */
void outbox_wake(struct outbox *outbox, int64_t at_ms);
bool outbox_tell(struct outbox *outbox, struct store *store, const struct outbox_outcome *outcome,
                 struct err *err) MUST_CHECK;


/* What it says and to whom under the key of whom it is for, in the arena. */
bool outbox_seal(const struct outbox *outbox, struct store *store, const struct outbox_message *message,
                 struct arena *arena, struct text *ret_sealed, struct err *err) MUST_CHECK;

#endif
