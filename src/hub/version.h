/* version.h - an order that comes again with another content replaces what it was, as corrections in the log.
 *
 * What was said before is looked for among the customer's events, in the log and in the group that is being written. */
#ifndef HUB_VERSION_H
#define HUB_VERSION_H

#include "customer/identity.h"
#include "hub/event_build.h"

struct versions;        /* a reader of the log, opened when it is first needed; the writer's thread alone */

struct versions *versions_new(const struct log *log);
void             versions_free(struct versions *versions);      /* NULL is fine */

/* What was known of the order before.  as: VERSION_KNOWN it says what is in force, VERSION_OLDER a newer one is; then
 * nothing is added.  has_sale: a sale is in force, which was made then; what was not given back of it is left. */
struct version {
    enum { VERSION_NEW, VERSION_KNOWN, VERSION_OLDER } as;
    bool    has_sale;
    int64_t time_ms, left_cents;
};

/* Compares a message, a version of an order or one that tells of it by its number, with what is known of it, and adds
 * to the batch the corrections of sales that it replaces: of the same client, of another, of a file.  members: the
 * customer's identities.  Errors: those of log_read_identities, ERR_IO. */
bool versions_replace(struct versions *versions, const struct message *message, uint64_t message_hash,
                      const uint32_t *members, size_t n_members, uint16_t correction_kind, int64_t received_ms,
                      struct event_batch *batch, struct version *ret, struct err *err) MUST_CHECK;

#endif
