/* audit.h - who changed what with their own hands: a row in the transaction of the change. */
#ifndef GOVERN_AUDIT_H
#define GOVERN_AUDIT_H

#include "store/store.h"

/* who: "cli:ann"; what: "identity merge"; identity: whom it is about, 0 nobody. */
bool audit_put(struct store *store, int64_t at_ms, const char *who, const char *what, uint32_t identity,
               struct err *err) MUST_CHECK;

#endif
