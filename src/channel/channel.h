/* channel.h - a way by which messages leave: finished bytes and an address in; sent, refused, later or unknown
 * out.
 *
 * E-mail through a relay (smtp), SMS as Twilio takes them, webhooks signed as Standard Webhooks has it, files for
 * people who call or print.  A channel is what the settings say of it; a kind is one struct channel_ops. */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

#include "base/settings.h"
#include "channel/mime.h"
#include "channel/transfer.h"

enum channel_way { WAY_SMTP, WAY_TWILIO, WAY_WEBHOOK, WAY_FILE, WAYS };
enum file_format { FILE_CALLS, FILE_POST, FILE_AUDIENCE };

enum { CHANNEL_NETWORKS_MOST = 16, CHANNEL_KEYS_MOST = 4 };

/* Texts live in the arena that channels_read was given. */
struct channel {
    const char       *name;
    enum channel_way kind;
    const char       *url, *ca_file;
    const char       *user, *password;      /* of a relay; account and token of Twilio; NULL: none */
    const char       *secret;               /* a webhook's, "whsec_..." or any text; NULL: unsigned */
    struct mailbox    from;                 /* of e-mail; of SMS its number is from.email */
    const char       *return_path;          /* with {token}; NULL: from's address */
    const char       *unsubscribe;          /* where a mail says no, with {token}; NULL: by the link alone */
    bool              is_tls_required, is_doubt_retried;
    struct dkim_key   keys[CHANNEL_KEYS_MOST];
    size_t            n_keys;
    struct network    allowed[CHANNEL_NETWORKS_MOST];      /* private addresses that a webhook may lead to */
    size_t            n_allowed;
    const char       *path;                 /* of a file; {date} is the day */
    enum file_format  format;
    double            rate;                 /* messages a second; 0: no limit */
    double            rate_of_domain;       /* and to one recipient's domain */
    int64_t warm_up_a_day; /* a domain's messages on the first day, doubled each day; 0: no limit */
    unsigned          connections;          /* at a time; to one domain a quarter of them */
    int64_t           timeout_ms;
    double pause_above; /* share of bounces and complaints at which the channel stops; 0: never */
};

struct channels { struct channel *list; size_t n; };

/* The section `channels`; files that it names are read.
 * Errors: ERR_INVALID with its line: a kind that there is not, a key that the kind has not, a member that is
 * missing, a user without TLS; those of files. */
bool channels_read(const struct settings *settings, struct arena *arena, struct channels *ret_channels,
                   struct err *err) MUST_CHECK;
void channels_forget(struct channels *channels);        /* frees keys */
/* Whether a key of an e-mail channel is of the From's domain or one above it, as DMARC asks; false without keys.
 */
bool channel_is_aligned(const struct channel *channel);
const struct channel *channel_find(const struct channels *channels, struct text name); /* NULL: there is none */

/* What is to be sent; borrowed until it is delivered. */
struct consignment {
    const char *id;             /* "m_1": a webhook's receiver drops what it had before by it */
    const char *from, *to; /* bare, as address_email or address_number give them; "" where the kind has none */
    struct text bytes;          /* of MIME, of an SMS, of a webhook's body, of a file's row as JSON */
    const char *callback;       /* where Twilio tells what became of it, or NULL */
    int64_t     now_ms;
    void       *context;
};

enum delivery { DELIVERY_SENT, DELIVERY_REFUSED, DELIVERY_LATER, DELIVERY_UNKNOWN };
struct delivered {
    enum delivery delivery;
    char          reply[TRANSFER_REPLY_BYTES];
    char          provider_id[64];
    struct text   answer;               /* of a webhook; until the next carrier_wait */
    bool          is_address_closed;    /* nothing more is to be sent there: no such mailbox, or they said STOP */
    bool          is_of_relay;          /* whoever takes it is at fault: others fare no better now */
    int64_t       wait_ms;              /* until a next attempt, as asked for; 0: nothing was */
    void         *context;
};

struct channel_ops {
    const char *word;       /* "smtp" */
    /* What goes over the wire; in the arena.  NULL: nothing does, and deliver does it at once. */
    void (*prepare)(const struct channel *channel, const struct consignment *consignment, struct arena *arena,
                    struct transfer *ret_transfer);
    void (*judge)(const struct channel *channel, const struct transfer_result *result,
                  struct delivered *ret_delivered);
    void (*deliver)(const struct channel *channel, const struct consignment *consignment,
                    struct delivered *ret_delivered);
};
extern const struct channel_ops smtp_ops, twilio_ops, webhook_ops, file_ops;
const char *channel_way_word(enum channel_way kind);

/* Carries consignments of one channel, many at a time; of one thread but for carrier_wake. */
struct carrier;
bool   carrier_new(const struct channel *channel, struct carrier **ret_carrier, struct err *err) MUST_CHECK;
void   carrier_free(struct carrier *carrier);           /* NULL is fine */
bool   carrier_start(struct carrier *carrier, const struct consignment *consignment, struct err *err) MUST_CHECK;
size_t carrier_wait(struct carrier *carrier, int64_t timeout_ms, struct delivered *ret_delivered, size_t most);
void   carrier_wake(struct carrier *carrier);

/* The signature of a webhook (Standard Webhooks 1.0): "v1,<base64>"; of a callback of Twilio over url and a form's
 * n names and values, sorted by name: base64.  In the arena. */
const char *webhook_signature(const char *secret, const char *id, int64_t seconds, struct text body,
                              struct arena *arena);
struct form_field { struct text name, value; };
const char *twilio_signature(const char *token, const char *url, const struct form_field *fields, size_t n,
                             struct arena *arena);

#endif
