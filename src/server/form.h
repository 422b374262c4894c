/* form.h - the body of a request that a browser or a provider sends as a form: names and values. */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include "base/arena.h"
#include "channel/channel.h"

/* application/x-www-form-urlencoded into fields [most], decoded, in the arena; what cannot be decoded is left out,
 * and so is what does not fit.  Returns how many there are. */
size_t form_read(struct text body, struct arena *arena, struct form_field *fields, size_t most);
/* The first of a name; "": there is none. */
struct text form_find(const struct form_field *fields, size_t n, const char *name);

#endif
