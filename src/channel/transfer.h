/* transfer.h - bytes to a mail relay or a web server, many at a time, and what came back: libcurl.
 *
 * One thread starts transfers and waits; connections are kept and used again.  Nothing is followed elsewhere, and
 * no proxy of the environment is used. */
#ifndef CHANNEL_TRANSFER_H
#define CHANNEL_TRANSFER_H

#include "base/err.h"
#include "base/network.h"

#include <stdint.h>

struct transfers;

/* Texts are borrowed until the transfer has ended. */
struct transfer {
    const char *url;                    /* smtp, smtps, http or https */
    const char *user, *password;        /* NULL: none */
    const char *ca_file;                /* NULL: the system's */
    bool        is_tls_required;        /* of smtp: STARTTLS, or nothing is said */
    const char *mail_from, *mail_to;    /* of smtp, bare addresses */
    const char *const *headers;         /* [n_headers] of http: "Name: value" */
    size_t      n_headers;
    struct text body;
    bool        is_guarded;             /* private addresses are not connected to, but for those allowed */
    const struct network *allowed;      /* [n_allowed] */
    size_t      n_allowed;
    int64_t     timeout_ms, connect_timeout_ms;     /* timeout_ms 0: as long as something comes */
    int64_t     stall_ms;               /* ends when nothing moves for so long; 0: it may */
    bool        is_said_once;           /* of http: by a connection of its own, for where one that was used before closes
                                         * without an answer, libcurl says all of it again */
    /* Of http, gets what is answered as it comes, and result.body stays empty; false ends the transfer, as broken. */
    bool      (*take)(void *context, int code, const char *bytes, size_t n);
    void       *context;
};

enum transfer_end {
    TRANSFER_ANSWERED,          /* code and reply say what */
    TRANSFER_NOT_BEGUN,         /* no connection, or none that may be used: nothing was said */
    TRANSFER_GUARDED,           /* the address is private */
    TRANSFER_BROKEN,            /* it ended in the middle, and what was said was certainly not taken */
    TRANSFER_IN_DOUBT           /* all was said and nothing answered */
};

enum { TRANSFER_REPLY_BYTES = 512, TRANSFER_BODY_MOST = 64 * 1024, RETRY_AFTER_MOST_SECONDS = 24 * 3600 };

struct transfer_result {
    enum transfer_end end;
    int         code;                   /* of the last reply; 0: there was none */
    char        reply[TRANSFER_REPLY_BYTES];    /* its last line, or why there is none */
    struct text body;                   /* of http, cut at TRANSFER_BODY_MOST; until the next transfers_wait */
    int64_t     retry_after_seconds;    /* as the answer asks, a day at most; 0: it does not */
    bool        is_login;               /* user or password was refused */
    bool        is_of_relay;            /* the relay itself is at fault, not the address */
    void       *context;
};

/* Errors: ERR_IO libcurl cannot start. */
bool transfers_new(unsigned most_connections, struct transfers **ret_transfers, struct err *err) MUST_CHECK;
void transfers_free(struct transfers *transfers);       /* cuts off what is on its way; NULL is fine */

bool   transfers_start(struct transfers *transfers, const struct transfer *transfer, struct err *err) MUST_CHECK;
size_t transfers_n(const struct transfers *transfers);  /* that have not ended */

/* Waits until something has ended, somebody wakes it, or that long; results are [most]. */
size_t transfers_wait(struct transfers *transfers, int64_t timeout_ms, struct transfer_result *ret_results,
                      size_t most);
void   transfers_wake(struct transfers *transfers);     /* any thread */

#endif
