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

enum version { VERSION_NEW, VERSION_KNOWN, VERSION_OLDER };

/* Compares a message, a version of an order, with what is known of it, and adds to the batch the corrections of sales
 * that it replaces.  members: the customer's identities.  *ret: VERSION_KNOWN it says what is in force, VERSION_OLDER a
 * newer one is; then nothing is added.  Errors: those of log_read_identities, ERR_IO. */
bool versions_replace(struct versions *versions, const struct message *message, uint64_t message_hash,
                      const uint32_t *members, size_t n_members, uint16_t correction_kind, int64_t received_ms,
                      struct event_batch *batch, enum version *ret, struct err *err) MUST_CHECK;

#endif
