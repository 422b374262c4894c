/* returned.h - what comes back of mail that was sent: bounces (RFC 3464), complaints (RFC 5965) and mails that
 * unsubscribe (RFC 2369), read. */
#ifndef CHANNEL_RETURNED_H
#define CHANNEL_RETURNED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum returned_kind {
    RETURNED_DELAYED,       /* it is tried on */
    RETURNED_HARD,          /* there is no such mailbox */
    RETURNED_SOFT,          /* refused for another reason: full, policy, too large */
    RETURNED_COMPLAINT,     /* whoever got it called it unwanted */
    RETURNED_UNSUBSCRIBE    /* a mail that says no: to the address of List-Unsubscribe, with that for its subject */
};
const char *returned_word(enum returned_kind kind);     /* "hard" ... */

/* Texts are in the arena; "" where it does not say. */
struct returned {
    enum returned_kind kind;
    const char *address;        /* whose mailbox it is */
    const char *status;         /* "5.1.1" */
    const char *diagnostic;     /* what the relay said */
    const char *message_id;     /* of what was sent, without brackets */
    const char *recipient;      /* to which address the report came: the return path */
};

/* Errors: ERR_INVALID it is of none of these kinds (says what is missing). */
bool returned_read(struct text bytes, struct arena *arena, struct returned *ret_returned, struct err *err) MUST_CHECK;

#endif
