/* outbox.h - messages that are to leave the house: each once, whatever is killed when.
 *
 * Whoever wants one puts it in the transaction of what causes it, under a key of its own: (journey, entry, step,
 * pass) or (plan, customer, action); putting the key again puts nothing.  A sender takes those that are due, which
 * are on the disk as "sending" before a socket is touched, and settles each when it knows.  What was on its way
 * when the process ended is "unknown", or sent again where the receiver can drop what it had before.
 *
 * Addresses and texts lie sealed under the customer's key (customer/profile.h) and are noise once the customer is
 * erased.  All but outbox_new and outbox_free: on the writer's thread, in the store's transaction. */
#ifndef HUB_OUTBOX_H
#define HUB_OUTBOX_H

#include "customer/profile.h"
#include "hub/scheduler.h"

enum outbox_status {
    OUTBOX_QUEUED, OUTBOX_SENDING, OUTBOX_SENT, OUTBOX_RETRYING, OUTBOX_UNKNOWN, OUTBOX_DEAD, OUTBOX_CANCELLED
};
const char *outbox_status_word(enum outbox_status status);     /* "queued" ... */
bool        outbox_status_find(const char *word, enum outbox_status *ret_status);

enum { OUTBOX_MOST_BYTES = 1 << 20, OUTBOX_KEY_MOST_BYTES = 400 };

/* All texts are UTF-8. */
struct outbox_message {
    struct text key;                /* of what is said once */
    struct text journey, step;      /* "" where there is none */
    uint32_t    version;            /* of the journey */
    int64_t     entry;              /* 0: none */
    uint32_t    identity;           /* the customer */
    struct text channel, topic;     /* of the settings; topic may be "" */
    int64_t     due_ms;             /* not before; 0: now */
    int64_t     expires_ms;         /* later it is dead by the rule too_old; 0: never */
    struct text address;            /* e-mail address or number; "" for a webhook or a file */
    struct text subject, text, html; /* of an e-mail; an SMS has text, a webhook text as its body, a file text: a
                                      * JSON object of its columns */
    struct text language;           /* "de", or "" */
};

struct outbox;

/* profiles is borrowed; scheduler NULL: nobody is woken. */
struct outbox *outbox_new(const struct profiles *profiles, struct scheduler *scheduler);
void           outbox_free(struct outbox *outbox);      /* NULL is fine */

/* Held: nothing leaves until it is let go; what is put waits.  Any thread. */
void outbox_hold(struct outbox *outbox, bool is_held);

/* *ret_id: of the message, or of the one put before under its key.
 * Errors: ERR_INVALID no key or channel, texts that are not UTF-8 or over OUTBOX_MOST_BYTES in all. */
bool outbox_put(struct outbox *outbox, struct store *store, const struct outbox_message *message, int64_t now_ms,
                int64_t *ret_id, struct err *err) MUST_CHECK;

/* What still waits is not sent: of an entry (a goal was reached), or to a customer, all of their identities, by a
 * channel on a topic, "" for any (they refused).  rule: why, a word of the journeys'.  None is fine. */
bool outbox_cancel_entry(struct store *store, struct text journey, int64_t entry, const char *rule,
                         struct err *err) MUST_CHECK;
bool outbox_cancel_customer(struct store *store, const uint32_t *identities, size_t n, const char *channel, const char *topic,
                            const char *rule, struct err *err) MUST_CHECK;

/* Sends one again that is dead, in doubt or was cancelled, from now_ms on.
 * Errors: ERR_MISSING there is no such message; ERR_REFUSED it was sent, or waits. */
bool outbox_send_again(struct outbox *outbox, struct store *store, int64_t id, int64_t now_ms,
                       struct err *err) MUST_CHECK;

/* ---- Who waits to hear what became of it ---- */

struct outbox_outcome {
    int64_t     id, at_ms, entry;
    struct text key, journey, step, channel, topic, rule, reply;
    struct text answer;             /* of a webhook: what came back; else "" */
    uint32_t    version, identity;
    enum outbox_status status;      /* sent, unknown, dead, cancelled, retrying */
};
/* Called in the transaction in which the outcome is written down: false undoes it, and it is tried again. */
typedef bool outbox_told(void *context, struct store *store, const struct outbox_outcome *outcome,
                         struct err *err);
void outbox_listen(struct outbox *outbox, outbox_told *told, void *context);     /* before anything is sent */

/* ---- What stops ---- */

/* "all", "journey:winback" or "channel:email": from the next that would be sent on nothing leaves for it, until it
 * is lifted.  Errors: ERR_INVALID another scope; of lifting ERR_MISSING it is not stopped. */
bool outbox_stop(struct store *store, struct text scope, int64_t now_ms, struct text who,
                 struct err *err) MUST_CHECK;
bool outbox_lift(struct outbox *outbox, struct store *store, struct text scope, int64_t now_ms,
                 struct err *err) MUST_CHECK;

/* What is stopped now, to be asked about many. */
enum { OUTBOX_STOPS_MOST = 64, OUTBOX_SCOPE_BYTES = 256 };
struct outbox_stopped { char scopes[OUTBOX_STOPS_MOST][OUTBOX_SCOPE_BYTES]; size_t n; bool is_all; };
bool outbox_read_stops(struct store *store, struct outbox_stopped *ret_stops, struct err *err) MUST_CHECK;
bool outbox_is_stopped(const struct outbox_stopped *stops, struct text channel, struct text journey);

/* ---- Reading; any connection ---- */

struct outbox_row {
    int64_t     id, entry, queued_ms, due_ms, sent_ms;      /* due_ms 0: waits for nothing; sent_ms 0: not sent */
    const char *key, *journey, *step, *channel, *topic, *status, *rule, *reply, *provider_id;
    uint32_t    version, identity;
    unsigned    n_attempts;
};
struct outbox_filter {
    const char *status, *journey, *channel;
    struct text identities;             /* a JSON list: to one of them (identities_list) */
    int64_t below;
    size_t most;
}; /* 0, NULL: any */
/* The newest first, in the arena. */
bool outbox_read(struct store *store, const struct outbox_filter *filter, struct arena *arena,
                 struct outbox_row **ret_rows, size_t *ret_n, struct err *err) MUST_CHECK;
/* Errors: ERR_MISSING. */
bool outbox_get(struct store *store, int64_t id, struct arena *arena, struct outbox_row *ret_row,
                struct err *err) MUST_CHECK;

/* By whom and since when, in the arena. */
struct outbox_stop_row { const char *scope, *who; int64_t since_ms; };
bool outbox_stops(struct store *store, struct arena *arena, struct outbox_stop_row **ret_rows, size_t *ret_n,
                  struct err *err) MUST_CHECK;

#endif
