/* intake.h - what clients send, in the protocols that they already speak, as messages.
 *
 * A bad message never costs the request: it becomes a refusal that says why.  The whole request is refused
 * only where its JSON cannot be read, or where it is too large.
 *
 * Sources: Segment's HTTP Tracking API and e-commerce spec v2; Customer.io's Track API v1; PostHog's capture API;
 * Stripe's and Shopify's webhooks. */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json_read.h"
#include "intake/message.h"

/* type, from the path:
 * SEGMENT     "identify" "track" "page" "screen" "group" "alias", their first letters, "batch" "b" "import";
 *             NULL: in the body.  A body in base64 (the pixel's) is read too.
 * CUSTOMERIO  "customers" (PUT) "customers/delete" "customers/events" "customers/devices"
 *             "customers/devices/delete" "customers/suppress" "customers/unsuppress", each with path_id;
 *             "events" "merge_customers"
 * POSTHOG     not used: one event, a list of events, or {"batch": [...]}
 * STRIPE      not used; SHOPIFY: not used, see topic */
enum protocol { PROTOCOL_SEGMENT, PROTOCOL_CUSTOMERIO, PROTOCOL_POSTHOG, PROTOCOL_STRIPE, PROTOCOL_SHOPIFY,
                PROTOCOLS };

const char *protocol_word(enum protocol protocol);      /* "segment", "customerio" ... */
bool        protocol_find(const char *word, enum protocol *ret_protocol);

enum {
    INTAKE_MOST_EVENT_BYTES = 32 * 1024,
    INTAKE_MOST_EVENTS = 2500,
    /* Segment says 500 KB a batch, and its clients keep to 480 KB; RudderStack's clients may send 4,000 KB.
     * Nobody gains from refusing what can be read, so the larger is the limit. */
    INTAKE_MOST_BODY_BYTES = 4 * 1024 * 1024
};

struct intake_request {
    enum protocol protocol;
    const char   *type;                 /* see above; NULL none */
    struct text   path_id;              /* Customer.io: {id} of the path, percent signs undone; "" none */
    struct text   device_id;            /* Customer.io: {device_id} of the path; "" none */
    const char   *topic;                /* Shopify: X-Shopify-Topic, "orders/create"; NULL none */
    struct text   delivery_id;          /* Shopify: X-Shopify-Event-Id, else X-Shopify-Webhook-Id; "" none */
    struct text   body;                 /* unpacked */
    const struct json *json;            /* intake_json of it; NULL: it was not read yet */
    struct text   envelope;             /* body is one message of a batch that said this of all of them, a
                                         * JSON object; "" none */
    int64_t       received_ms;
    bool          is_import;            /* history: times are taken as they are */
    bool          is_archive;           /* history that somebody kept: it was received when they say they had it
                                         * (Segment's receivedAt), else when it happened */
    bool          is_page;              /* sent by a page, as anybody can: messages that join two customers by name,
                                         * suppress or erase are refused, and an alias joins as an identify does */
    size_t        most_body_bytes;      /* 0: INTAKE_MOST_BODY_BYTES */
};

/* raw is one message; intake_read takes it again with the request that intake has, but for the body (a type
 * "batch" takes a single message too).  field: "batch[3].event", or NULL where no member is at fault. */
struct refusal { struct text raw; const char *reason, *field; };

struct intake {
    struct intake_request request;      /* as given, without json, and with a batch's envelope */
    struct message *messages;           /* [n_messages] in the order sent */
    size_t          n_messages;
    struct refusal *refusals;           /* [n_refusals] */
    size_t          n_refusals;
    bool            is_too_large;       /* also set where intake_read fails for this reason */
};

/* Reads a request.  Texts of *ret are in the arena or in the body, which both must outlive it.
 * Errors: ERR_INVALID the body is not JSON (with the byte where it stops being that), not an object or list, or
 * too large or too many (is_too_large); *ret is then empty but for is_too_large. */
bool intake_read(const struct intake_request *request, struct arena *arena, struct intake *ret_intake,
                 struct err *err) MUST_CHECK;

/* The body alone, as JSON or as base64 of it, in the arena or where it is: for its key, before anything is taken.
 * Errors: ERR_INVALID it is not JSON (with the byte where it stops being that). */
bool intake_json(struct text body, struct arena *arena, struct json *ret_json, struct err *err) MUST_CHECK;

/* The write key that a body carries: "writeKey" or "api_key" of the whole or of the first of its messages that has
 * one.  False: none. */
bool intake_write_key(const struct json *json, struct arena *arena, struct text *ret_key);

/* Whether a webhook's sender knows the secret.  Stripe's header carries its own time, which may differ from
 * ours by 300 s.  Errors: ERR_REFUSED says what does not match. */
bool intake_stripe_signed(struct text body, struct text header, struct text secret, int64_t now_ms,
                          struct err *err) MUST_CHECK;
bool intake_shopify_signed(struct text body, struct text header, struct text secret, struct err *err) MUST_CHECK;

#endif
