/* mime.h - an e-mail as bytes: RFC 5322 lines, RFC 2045-2047 encodings, a signature of RFC 6376 for each key.
 *
 * Pure: the same message gives the same bytes.  Text and HTML are UTF-8 with lines ended by \n or \r\n; both are
 * sent as lines ended by CRLF. */
#ifndef CHANNEL_MIME_H
#define CHANNEL_MIME_H

#include "channel/address.h"
#include "channel/signing.h"

struct dkim_key { const char *domain, *selector; struct signing_key *key; };

struct mail {
    struct mailbox from;
    const char    *to;              /* as address_email gives it */
    struct text    subject, text, html;     /* html "": text alone */
    const char    *message_id;      /* "m_1.abc@example.com", without brackets */
    const char    *unsubscribe;     /* an https URL for one click (RFC 8058), or NULL */
    const char    *unsubscribe_mail;        /* an address for it, or NULL */
    const char    *feedback_id;     /* "winback:holdfast" by which receivers report, or NULL */
    int64_t        sent_ms;
    const struct dkim_key *keys;    /* [n_keys] */
    size_t         n_keys;
};

enum { MIME_SUBJECT_MOST_BYTES = 1000 };

/* In the arena.  Errors: ERR_INVALID a subject with a control character or over MIME_SUBJECT_MOST_BYTES; bytes
 * that are not UTF-8, or hold NUL; nothing to say; ERR_IO libcrypto would not sign. */
bool mime_write(const struct mail *mail, struct arena *arena, struct text *ret_bytes, struct err *err) MUST_CHECK;

/* The header fields of a signature over finished bytes, "DKIM-Signature: ...\r\n", to stand in front of them. */
bool dkim_sign(const struct dkim_key *key, struct text bytes, int64_t sent_ms, struct arena *arena,
               struct text *ret_header, struct err *err) MUST_CHECK;

/* What DNS must say of a key: the name and the text of a TXT record. */
const char *dkim_record_name(const struct dkim_key *key, struct arena *arena);
const char *dkim_record_text(const struct dkim_key *key, struct arena *arena);

#endif
