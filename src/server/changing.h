/* changing.h - what somebody changes over HTTP is written down with who it was: "http:ann", the name of the person, token
 * or key that asked (govern/audit.h). */
#ifndef SERVER_CHANGING_H
#define SERVER_CHANGING_H

#include "hub/writer.h"
#include "server/http.h"
#include "store/store.h"

/* "http:ann", in the request's arena. */
const char *change_who(const struct request *request);
/* "lead", constant; of a write key "none". */
const char *change_role(const struct request *request);

/* In the job that changes something, after it has.  what: "identity merge"; identity: whom it is about, 0 nobody. */
bool change_note(const struct request *request, struct store *store, const char *what, uint32_t identity,
                 struct err *err) MUST_CHECK;

/* For what has no job of its own: in one that does nothing else. */
bool change_note_alone(const struct request *request, const char *what, struct err *err) MUST_CHECK;

/* The server's writer, whose jobs note what they are.  Lives in the request's arena. */
struct writer change_writer(const struct request *request, const char *what);

#endif
