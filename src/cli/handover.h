/* handover.h - while a server holds the database, a command that writes is handed to it and prints what it
 * answers.
 *
 * Beside the database lies a socket, <database>.sock, that only who may open the database can open (mode 0600).
 * Over it go the words that were typed, and what stood on standard input as a file; the server runs the command as
 * if it had been typed there, with its own writer, and sends back what it printed and its status.  Whoever can
 * open the file may do everything; who it was is known from the system ("cli:ann"). */
#ifndef CLI_HANDOVER_H
#define CLI_HANDOVER_H

#include "cli/command.h"

/* ---- who asks ---- */

/* Whether somebody who holds the database of a command took it over: *ret_status is the command's.  Not where nobody
 * holds it, or the command only reads.  Errors: ERR_IO it was taken and no answer came. */
bool handover_ask(struct invocation *invocation, bool *ret_is_done, int *ret_status, struct err *err) MUST_CHECK;

/* "cli:ann", for the user with a number of the system. */
const char *handover_user(unsigned user_id, struct arena *arena);

/* ---- who does it ---- */

struct handover;

/* Takes commands over from now on; find tells a command by its name, NULL: there is none.
 * Errors: ERR_IO the socket cannot be made. */
bool handover_start(const char *database, struct service *service, const struct command *(*find)(const char *name),
                    struct handover **ret_handover, struct err *err) MUST_CHECK;
void handover_stop(struct handover *handover);      /* waits for those at work; NULL is fine */

#endif
