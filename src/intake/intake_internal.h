/* intake_internal.h - what the protocols' files share: a request while it is being read. */
#ifndef INTAKE_INTAKE_INTERNAL_H
#define INTAKE_INTAKE_INTERNAL_H

#include "base/json_read.h"
#include "intake/commerce.h"
#include "intake/flat.h"
#include "intake/intake.h"

struct body {
    const struct intake_request *request;
    struct arena  *arena;
    struct json    json;
    struct intake *intake;
    size_t         messages_room, refusals_room;

    /* The message being read: its value, its place in its list (-1: alone) and the list's name. */
    uint32_t       value;
    bool           is_any_size;     /* a platform's own messages may be larger than a client's */
    long           index;
    const char    *list;
    struct flat   *flat;
    const void    *context;     /* the protocol's own */
};

/* One file's way to read the whole of a request's JSON.  False: the request as such is refused. */
bool segment_read(struct body *body, struct err *err) MUST_CHECK;
bool customerio_read(struct body *body, struct err *err) MUST_CHECK;
bool posthog_read(struct body *body, struct err *err) MUST_CHECK;
bool stripe_read(struct body *body, struct err *err) MUST_CHECK;
bool shopify_read(struct body *body, struct err *err) MUST_CHECK;

/* Appends a message, zeroed but for empty texts, its time, and raw: the value being read. */
struct message *body_add(struct body *body);

/* Appends a refusal of the value being read; field is a member's name within it or NULL.  Returns false. */
bool body_refuse(struct body *body, const char *field, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same of a message that was read: the caller takes it out of the list. */
void body_refuse_message(struct body *body, const struct message *message, const char *reason);

/* Whether the value being read is an object, sound and not too large; refuses it where not. */
bool body_is_sound(struct body *body) MUST_CHECK;

/* Reads each item of a list that is sound; errors where there are too many. */
bool body_each(struct body *body, uint32_t list, const char *name, void (*read)(struct body *),
               struct err *err) MUST_CHECK;

/* Keeps what a batch says of all its messages: the members of the whole that are named and sound. */
void body_keep_envelope(struct body *body, const char *const *names);

/* Refuses the whole request: it is too large. */
bool body_too_large(struct body *body, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* An id from a string or a number, trimmed; empty where absent, null or empty.  False: it cannot be one
 * (refused). */
bool body_id(struct body *body, uint32_t value, const char *field, struct text *ret_id) MUST_CHECK;
/* The same of a text that is none of the JSON's: an id of the path. */
bool body_id_of_path(struct body *body, struct text text, const char *field, struct text *ret_id) MUST_CHECK;
/* Any text, as is; empty where it is no string or number. */
struct text body_text(struct body *body, uint32_t value);

/* Lower-cased, trimmed; empty where it is none. */
struct text body_email(struct body *body, uint32_t value);

/* Puts ids where they belong: one that is an e-mail address becomes email.  False: names nobody (refused). */
bool body_who(struct body *body, struct message *message, struct text user_id, struct text anonymous_id,
              const char *field) MUST_CHECK;
void body_previous(struct body *body, struct message *message, struct text previous_id, bool is_anonymous);

/* A time: ISO 8601 or a number of seconds or milliseconds since 1970.  False if it is none. */
bool body_time(struct body *body, uint32_t value, int64_t *ret_time_ms) MUST_CHECK;

/* When a message happened by our clock: sent said when it was sent, by the clock that said time (sent 0: no
 * correction).  Refuses what lies before 1971 or over a year after its arrival; what lies after its arrival by
 * less counts as then. */
bool body_happened(struct body *body, uint32_t time, const char *field, bool has_sent, int64_t sent_ms,
                   int64_t *ret_time_ms) MUST_CHECK;

/* A number that the order goes by elsewhere, kept with the event as a property, so that a file that comes later finds
 * it; none that is empty, long, or more than printable ASCII. */
void body_put_number(struct body *body, struct message *message, const char *name, struct text number);

/* Moves what flat holds into the message. */
void body_flat_end(struct body *body, struct message *message);

#endif
