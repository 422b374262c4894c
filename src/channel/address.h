/* address.h - e-mail addresses and telephone numbers, fit for a wire: checked before anything is sent to one. */
#ifndef CHANNEL_ADDRESS_H
#define CHANNEL_ADDRESS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* An e-mail address as SMTP takes it: the local part as it is, the domain in ASCII (IDNA 2008, RFC 5891).  In the
 * arena. Errors: ERR_INVALID it is none: no or several @, a part that is empty or too long, blanks, control
 * characters, quotes or brackets, letters outside ASCII before the @, a domain that is none. */
bool address_email(struct text address, struct arena *arena, const char **ret_email, struct err *err) MUST_CHECK;
/* What stands behind the @ of an address that address_email gave. */
const char *address_domain(const char *email);

/* A number in E.164: + and 7 to 15 digits; blanks, dots, hyphens and brackets between them do not matter.  In the
 * arena. Errors: ERR_INVALID it is none, or does not begin with + or 00. */
bool address_number(struct text number, struct arena *arena, const char **ret_number, struct err *err) MUST_CHECK;

/* "Käse & Co <news@example.com>" or a bare address as its two parts; name may be "".  In the arena.
 * Errors: ERR_INVALID no such form, or those of address_email. */
struct mailbox { const char *name, *email; };
bool address_mailbox(struct text text, struct arena *arena, struct mailbox *ret_mailbox,
                     struct err *err) MUST_CHECK;

#endif
