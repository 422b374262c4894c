/* outbox_sending.h - the outbox as a sender sees it: takes what is due, says what became of it.
 *
 * Everything but outbox_sender on the writer's thread, in the store's transaction (jobs of hub/ingest.h). */
#ifndef HUB_OUTBOX_SENDING_H
#define HUB_OUTBOX_SENDING_H

#include "hub/outbox.h"

/* ring is called whenever something may be due, from the scheduler's thread, and must not wait; later looks are
 * asked for by outbox_look_at.  Once, before the first message is put. */
void outbox_sender(struct outbox *outbox, void (*ring)(void *context), void *context);
void outbox_look_at(struct outbox *outbox, int64_t at_ms);     /* any thread; ends what the last ring began */

/* A message on its way; texts live in the arena it was taken into. */
struct outbox_parcel {
    int64_t     id, entry, queued_ms, destination;
    struct text key, journey, step, channel, topic;
    uint32_t    version, identity;
    unsigned    n_attempts;         /* this one too */
    struct text sealed_key, sealed; /* for outbox_unseal */
};

/* What is to happen to a message that is due. */
enum outbox_gate { GATE_SEND, GATE_WAIT, GATE_WAIT_ALL, GATE_CANCEL, GATE_DIE };
struct outbox_verdict {
    enum outbox_gate gate;
    int64_t          until_ms;      /* it waits, or all for its destination do; after now */
    const char      *rule;          /* of cancel and die */
};
typedef bool outbox_judge(void *context, struct store *store, const struct outbox_parcel *parcel,
                          struct outbox_verdict *ret_verdict, struct err *err);

/* Takes at most `most` that are due of a channel, oldest first, and writes them down as sending; what has expired
 * dies, what is stopped waits until it is lifted.  *ret_next_ms: when the next is due, NEVER_MS for none. */
struct outbox_take { const char *channel; int64_t now_ms; size_t most; outbox_judge *judge; void *context; };
bool outbox_take(struct outbox *outbox, struct store *store, const struct outbox_take *take, struct arena *arena,
                 struct outbox_parcel *ret_parcels, size_t *ret_n, int64_t *ret_next_ms,
                 struct err *err) MUST_CHECK;

/* What it says and to whom, in the arena; any thread.  False: the customer was erased, or the key file is another.
 */
struct outbox_content { struct text address, subject, text, html, language; };
bool outbox_unseal(const struct outbox *outbox, struct text sealed_key, struct text sealed, struct arena *arena,
                   struct outbox_content *ret_content);

/* A text with * for whatever looks like an address or a number, at most 500 bytes; in the arena. */
struct text outbox_without_addresses(struct text text, struct arena *arena);

/* What became of it.  reply loses whatever looks like an address. */
struct outbox_settled {
    enum outbox_status status;      /* sent, retrying (due_ms), unknown, dead */
    const char  *rule, *provider_id;    /* "" or NULL: none */
    int64_t      due_ms, at_ms;
    struct text  reply, answer;
};
bool outbox_settle(struct outbox *outbox, struct store *store, const struct outbox_parcel *parcel,
                   const struct outbox_settled *settled, struct err *err) MUST_CHECK;

/* What was taken and never tried waits again until due_ms, as if nobody had taken it. */
bool outbox_put_back(struct outbox *outbox, struct store *store, const struct outbox_parcel *parcel,
                     int64_t due_ms, struct text why, struct err *err) MUST_CHECK;

/* Once, before the first is taken: what was on its way when the last process ended is unknown, or waits again
 * where is_retried says so of its channel. */
typedef bool outbox_is_retried(void *context, const char *channel);
bool outbox_recover(struct outbox *outbox, struct store *store, int64_t now_ms, outbox_is_retried *is_retried,
                    void *context, size_t *ret_n_unknown, struct err *err) MUST_CHECK;

#endif
