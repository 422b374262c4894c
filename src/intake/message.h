/* message.h - one thing that a client said about one customer, whatever protocol it spoke.
 *
 * Personal members are apart from the others: properties may be kept in clear, personal may not.
 * Texts are UTF-8 without control characters where they are ids or names; they live as long as the
 * request's body and the arena given to intake_read. */
#ifndef INTAKE_MESSAGE_H
#define INTAKE_MESSAGE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_type {
    MESSAGE_TRACK, MESSAGE_PAGE, MESSAGE_SCREEN, MESSAGE_IDENTIFY, MESSAGE_GROUP,
    MESSAGE_ALIAS,          /* previous is the same person as the one named */
    MESSAGE_MERGE,          /* the same, asked for by name: two known ids are one */
    MESSAGE_SUPPRESS, MESSAGE_UNSUPPRESS,       /* take nothing of this person from now on; take it again */
    MESSAGE_ERASE, MESSAGE_EXPORT,              /* the person asked for it, by way of a shop's platform */
    MESSAGE_TYPES
};

struct message_line { struct text item; int64_t amount_cents, quantity_milli; };

enum {
    MESSAGE_MOST_ID_BYTES = 256,
    MESSAGE_MOST_MESSAGE_ID_CHARACTERS = 100,
    MESSAGE_MOST_PROPERTIES_BYTES = 8192,
    MESSAGE_MOST_ORDERS = 3
};

struct message {
    enum message_type type;

    /* Who: at least one is not empty.  An id that is an e-mail address is never in user_id, anonymous_id or
     * previous_id: it stands in email, lower-cased.  A GROUP may name nobody.  email_is_id: the sender named
     * the person by it, and did not only mention it as a trait. */
    struct text user_id, anonymous_id, email;
    bool        email_is_id;
    bool        is_everybody;               /* ERASE: all customers of the source (a shop that left); no id then */

    struct text previous_id;                /* ALIAS, MERGE: the other id, else previous_email */
    bool        previous_is_anonymous;
    bool        is_of_page;                 /* intake.h: it may not join two customers who have user ids */
    struct text previous_email;
    struct text group_id;                   /* of GROUP; else "", for context's is "context.groupId" */

    struct text message_id;                 /* equal for the same message sent again; "" none */
    bool        is_version;                 /* message_id names an order, which may come again with another content: */
    int64_t     version_ms;                 /* ... the newest version replaces the others; 0: not said how new it is */
    bool        is_update;                  /* an order as it is now: it happened when it was first told of */
    bool        is_of_all;                  /* a refund of which nobody says how much: what is left of its order */
    struct text orders[MESSAGE_MOST_ORDERS];    /* numbers that the order, or what is refunded, goes by elsewhere too: */
    size_t      n_orders;                       /* ... in files, with other clients; the same number is the same order */
    struct text kind;       /* "order", "refund", "page", "screen", "traits" or the event's own name */
    int64_t     time_ms;                    /* when it happened by our clock, <= received_ms */
    int64_t     received_ms;                /* of history: when whoever kept it had it; 0: it is received now */
    int64_t     amount_cents, quantity_milli;       /* of a refund negative; quantity 0: not said */
    struct text item, currency;             /* currency in capitals, "EUR"; "" not said */
    const struct message_line *lines;       /* [n_lines] of an order or refund */
    size_t      n_lines;

    /* Flat JSON objects; "" where there is no member.  Members of members are named "a.b"; a list of plain
     * values is one text, joined by commas; other lists are left out.  "integrations.X" true or false: whether X
     * may have the message, "All" for all that are not named.  Web addresses lose their query; texts over
     * 1,024 bytes are cut, and members past MESSAGE_MOST_PROPERTIES_BYTES are left out. */
    struct text properties;                 /* IDENTIFY, GROUP: the traits; else also "context.locale" and such */
    struct text personal;                   /* e-mail, phone, names, addresses, birthday, ip, device token ... */
    struct text consent;                    /* purpose -> true or false */

    struct text raw;                        /* the message as sent: intake_read takes it again, see intake.h */
};

/* "ada@example.com": an id of this form is personal. */
bool message_is_email(struct text id);

#endif
