/* returning.h - what a bounce, a complaint or a provider's callback changes: the address is closed, the log hears
 * of it, and too many of them stop the channel. */
#ifndef ENGINE_RETURNING_H
#define ENGINE_RETURNING_H

#include "channel/returned.h"
#include "engine/service.h"

#include <jansson.h>

/* Takes in a report as it came (message/rfc822).  A hard bounce and a complaint close the address they are about:
 * of the message that it carries a mark of, else, the mark being lost, the one that the report names. *ret_json:
 * {"kind","message","address_closed","channel_stopped","status","diagnostic"}, the caller's. On the writer's
 * thread, in the store's transaction.  Errors: ERR_INVALID no such report; ERR_MISSING it is about nothing that
 * was sent from here. */
bool returning_take(struct service *service, struct store *store, struct text bytes, int64_t now_ms,
                    struct arena *arena, json_t **ret_json, struct err *err) MUST_CHECK;

/* What a provider of SMS says of a message of its own id: "delivered", "undelivered", "failed" ...; error its
 * code, 0: none. */
bool returning_status(struct service *service, struct store *store, struct text provider_id, struct text status,
                      int64_t error, int64_t now_ms, struct arena *arena, struct err *err) MUST_CHECK;

/* Somebody answered STOP (is_stop) or START by SMS. */
bool returning_word(struct service *service, struct store *store, const char *channel, struct text number,
                    bool is_stop, int64_t now_ms, struct arena *arena, struct err *err) MUST_CHECK;

#endif
