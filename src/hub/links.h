/* links.h - addresses of this server's own pages in messages: each carries whom and what it is about, and a mark
 * that only this database can make.
 *
 * A token says (kind, customer's identity, a text): of an unsubscribe link "channel/topic", of a confirmation a
 * topic, of a link its target, of a bounce's return path the message. */
#ifndef HUB_LINKS_H
#define HUB_LINKS_H

#include "base/arena.h"
#include "customer/vault.h"

enum link_kind { LINK_UNSUBSCRIBE, LINK_PREFERENCES, LINK_CONFIRM, LINK_CLICK, LINK_OPEN };

enum { LINK_TEXT_MOST_BYTES = 2000 };       /* browsers and mailboxes take no address much longer than its token */

struct link_token { uint32_t identity; int64_t message; struct text text; };

/* "{public_url}/u/{token}"; /p/, /c/, /l/, /o/ of the others.  In the arena. */
const char *link_url(const struct vault *vault, const char *public_url, enum link_kind kind,
                     const struct link_token *token, struct arena *arena);
/* False: no token of this kind that this database made.  In the arena. */
bool link_read(const struct vault *vault, enum link_kind kind, struct text token, struct arena *arena,
               struct link_token *ret_token);

/* Of an unsubscribe link's text. */
bool link_split(struct text text, struct arena *arena, const char **ret_channel, const char **ret_topic);

/* A message as a return path carries it: lower-case letters and digits, for local parts know no case. */
const char *link_bounce_token(const struct vault *vault, int64_t message, struct arena *arena);
bool        link_bounce_read(const struct vault *vault, struct text token, int64_t *ret_message);

#endif
