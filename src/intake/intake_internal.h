/* intake_internal.h - what the protocols' files share: a request while it is being read. */
#ifndef INTAKE_INTAKE_INTERNAL_H
#define INTAKE_INTAKE_INTERNAL_H

#include "base/json_read.h"
#include "intake/commerce.h"
#include "intake/flat.h"
#include "intake/intake.h"

struct reading {
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
bool segment_read(struct reading *reading, struct err *err) MUST_CHECK;
bool customerio_read(struct reading *reading, struct err *err) MUST_CHECK;
bool posthog_read(struct reading *reading, struct err *err) MUST_CHECK;
bool stripe_read(struct reading *reading, struct err *err) MUST_CHECK;
bool shopify_read(struct reading *reading, struct err *err) MUST_CHECK;

/* Appends a message, zeroed but for empty texts, its time, and raw: the value being read. */
struct message *reading_add(struct reading *reading);

/* Appends a refusal of the value being read; field is a member's name within it or NULL.  Returns false. */
bool reading_refuse(struct reading *reading, const char *field, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same of a message that was read: the caller takes it out of the list. */
void reading_refuse_message(struct reading *reading, const struct message *message, const char *reason);

/* Whether the value being read is an object, sound and not too large; refuses it where not. */
bool reading_is_sound(struct reading *reading) MUST_CHECK;

/* Reads each item of a list that is sound; errors where there are too many. */
bool reading_each(struct reading *reading, uint32_t list, const char *name, void (*read)(struct reading *),
                  struct err *err) MUST_CHECK;

/* Keeps what a batch says of all its messages: the members of the whole that are named and sound. */
void reading_keep_envelope(struct reading *reading, const char *const *names);

/* Refuses the whole request: it is too large. */
bool reading_too_large(struct reading *reading, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* An id from a string or a number, trimmed; empty where absent, null or empty.  False: it cannot be one
 * (refused). */
bool reading_id(struct reading *reading, uint32_t value, const char *field, struct text *ret_id) MUST_CHECK;
/* The same of a text that is none of the JSON's: an id of the path. */
bool reading_id_of_path(struct reading *reading, struct text text, const char *field,
                        struct text *ret_id) MUST_CHECK;
/* Any text, as is; empty where it is no string or number. */
struct text reading_text(struct reading *reading, uint32_t value);

/* Lower-cased, trimmed; empty where it is none. */
struct text reading_email(struct reading *reading, uint32_t value);
struct text email_lower(struct text email, struct arena *arena);

/* Puts ids where they belong: one that is an e-mail address becomes email.  False: names nobody (refused). */
bool reading_who(struct reading *reading, struct message *message, struct text user_id, struct text anonymous_id,
                 const char *field) MUST_CHECK;
void reading_previous(struct reading *reading, struct message *message, struct text previous_id,
                      bool is_anonymous);

/* A time: ISO 8601 or a number of seconds or milliseconds since 1970.  False if it is none. */
bool reading_time(struct reading *reading, uint32_t value, int64_t *ret_time_ms) MUST_CHECK;

/* When a message happened by our clock: sent said when it was sent, by the clock that said time (sent 0: no
 * correction).  Refuses what lies before 1971 or over a year after its arrival; what lies after its arrival by
 * less counts as then. */
bool reading_happened(struct reading *reading, uint32_t time, const char *field, bool has_sent, int64_t sent_ms,
                      int64_t *ret_time_ms) MUST_CHECK;

/* Moves what flat holds into the message. */
void reading_flat_end(struct reading *reading, struct message *message);

#endif
