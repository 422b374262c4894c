/* http.h - the server of HTTP: requests come to one handler, answers go out, nobody can harm it: libmicrohttpd.
 *
 * A few threads wait for all connections (epoll); a handler must not block.  One whose answer has to wait, for a
 * commit say, returns HANDLED_LATER and the answer goes out when another thread calls request_resume.
 *
 * Before the handler: the body is read whole within its limit and unpacked if it is gzip, whatever the headers
 * say; what is too large, too slow or more than its share is refused.  A request line or headers that cannot be
 * read are answered by the library (400, 431, 505) with a page of HTML. */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "govern/access.h"
#include "server/http_parse.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route;
struct server;
struct scheduler;
struct service;

enum { REQUEST_ID_BYTES = 33, REPLY_HEADERS = 8 };

/* All of it lives until the answer is sent; what a handler allocates from arena, too. */
struct request {
    const char     *method;             /* "GET"; a HEAD comes as "GET", its answer goes out without body */
    struct text     path;               /* as sent, without query and without trailing slashes */
    struct text     query;              /* as sent, without '?'; request_query decodes */
    struct text     body;               /* unpacked; followed by a NUL that length does not count */
    const char     *id;                 /* of this request: in the answer's X-Request-Id and in the log */
    const char     *address;            /* of the client, behind trusted proxies: "203.0.113.7"; never to be logged or
                                         * stored in clear */
    int64_t         received_ms;        /* by the clock, when the headers had come */
    bool            is_secure;          /* over TLS, here or to a trusted proxy */
    const struct route *route;          /* NULL if there is none */
    struct text     params[REQUEST_PARAMS];     /* decoded, in the order of the route's path; request_param names them */
    struct access_grant grant;          /* who asks and what they may */
    const char     *field;              /* the member that request_json refused, for reply_error; or NULL */
    struct arena   *arena;              /* of this request */
    struct service *service;
    struct server  *server;
};

struct reply_header { const char *name, *value; };

/* What goes out; all pointers stay valid until it is sent (from the request's arena, or constant).
 * A handler gets it with status 200 and content type application/json. */
struct reply {
    int         status;
    const char *content_type;           /* NULL: without one */
    struct text body;
    struct reply_header headers[REPLY_HEADERS];
    size_t      n_headers;
    const char *why;                    /* for the log: the code of an error, or NULL; no personal data */
    /* An answer of unknown length (server-sent events): read writes at most room bytes and says how many; 0:
     * nothing now, call again after request_resume; -1: the end.  done is called once, when no read will follow.
     */
    ptrdiff_t (*read)(void *context, char *ret_bytes, size_t room);
    void      (*done)(void *context);
    void       *context;                /* of read and done; else the handler's own */
};

enum handling { HANDLED, HANDLED_LATER };

/* The answer to a request whose handler returned HANDLED_LATER is in its reply now; or an answer that is read has
 * more.  From any thread, once for each HANDLED_LATER; afterwards the request is no longer yours. */
void request_resume(struct request *request);

const char *request_header(const struct request *request, const char *name);    /* NULL; only before the handler returns */
struct text request_param(const struct request *request, const char *name);     /* of the path: "id" of {id} */
/* The first query parameter of this name, decoded, in the request's arena with a NUL; false if absent. */
bool request_query(struct request *request, const char *name, struct text *ret_value);
/* The same as a whole number.  Errors: ERR_INVALID not a number or outside least..most; names it. */
bool request_query_int(struct request *request, const char *name, int64_t least, int64_t most, int64_t otherwise,
                       int64_t *ret_value, struct err *err) MUST_CHECK;
/* Errors: ERR_INVALID a name in the query that the route's table does not list (says close ones). */
bool request_check_query(struct request *request, struct err *err) MUST_CHECK;
/* The body as a JSON object, the caller's to json_decref; an empty body is an empty object.
 * Errors: ERR_INVALID not JSON (says where), a member twice, not an object, or a member that the route's table does
 * not list: misspelt it would be ignored, and "segmnt" would mean everybody. */
bool request_json(struct request *request, json_t **ret_object, struct err *err) MUST_CHECK;

void reply_text(struct reply *reply, int status, const char *content_type, struct text body);
void reply_json_take(struct request *request, struct reply *reply, int status, json_t *json);   /* takes json */
/* {"code","message","field"} with the status of the error's code; field is the one at fault, or NULL: then it is what
 * request_json refused, if that is what happened.  Returns HANDLED,
 * so that a handler can end with it. */
enum handling reply_error(struct request *request, struct reply *reply, const struct err *err, const char *field);
/* The same with another status and code: 401 "unauthorized". */
void reply_refusal(struct request *request, struct reply *reply, int status, const char *code,
                   const char *message);
void reply_header(struct reply *reply, const char *name, const char *value);

/* The server. */
struct http_options {
    const char *listen;                 /* "127.0.0.1:8080", "[::1]:8080", ":8080" for all; port 0: any that is free */
    const char *cert_path, *key_path;   /* PEM; both or none */
    unsigned    n_threads;              /* 0: one a core */
    unsigned    most_connections;       /* 0: 16,384, or what the limit of open files leaves */
    unsigned    most_connections_of_address;    /* 0: 1,024; addresses of this machine and proxies have no limit */
    const struct proxies *proxies;      /* who is believed whom it speaks for (proxy.h) */
    unsigned    idle_seconds;           /* 0: 75 between requests; headers must come within the lesser of that
                                         * and 20 s, a body too, with a second more for each 1,000 bytes */
    size_t      most_body_bytes_held;   /* 0: 256 MiB of bodies that are being read, then 429 */
    int64_t   (*now_ms)(void *context);
    size_t    (*most_body_bytes)(void *context, struct request *request);       /* for this path; sets its route */
    enum handling (*handle)(void *context, struct request *request, struct reply *reply);
    /* Instead of handle, for a request that is refused before it. */
    void      (*refuse)(void *context, struct request *request, struct reply *reply, const struct err *err,
                        bool is_too_large);
    void      (*answering)(void *context, const struct request *request, const struct reply *reply);    /* about to */
    void      (*finished)(void *context, const struct request *request, const struct reply *reply, double seconds);
    struct scheduler *scheduler;
    void      (*tick)(void *context);   /* about once a second */
    void       *context;
    struct service *service;
    struct server  *server;
};

struct http;

/* Raises the limit of open files to what is allowed and listens.
 * Errors: ERR_INVALID an address, certificate or key that cannot be read (says which); ERR_BUSY the port is taken;
 * ERR_REFUSED the port may not be used; ERR_IO. */
bool http_start(const struct http_options *options, struct http **ret_http, struct err *err) MUST_CHECK;
const char *http_address(const struct http *http);      /* "http://127.0.0.1:8080" */
int64_t     http_certificate_ends_ms(const struct http *http);      /* INT64_MAX: there is none */
unsigned    http_connections(const struct http *http);
uint64_t    http_connections_late(const struct http *http);    /* shut down because they took too long, ever */

/* Accepts no more connections, answers further requests with 503, and waits until those under way are answered or
 * most_seconds have passed; true: all were.  request_resume must still come for each that waits. */
bool http_drain(struct http *http, double most_seconds);
void http_stop(struct http *http);      /* after http_drain; NULL is fine */

#endif
