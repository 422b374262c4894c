/* http.c - see http.h; beside http_library.c the only file that includes libmicrohttpd.
 *
 * One exchange is one request with its reply; it is made when the request line has come and freed when the answer
 * is sent or the connection is lost.  An exchange belongs to the thread of its connection, but for the time
 * between a handler's HANDLED_LATER (or a read of 0) and request_resume.  Which of the two comes first is settled
 * by one atomic:
 *
 *     RUNNING --handler returned: suspend--> SUSPENDED --request_resume: resume--> READY
 *     RUNNING --request_resume first--> READY (the connection is not suspended, or resumed at once) */
#include "server/http.h"
#include "server/clocks.h"

#include "server/tls.h"
#include "server/connections.h"
#include "server/framing.h"
#include "server/http_library.h"
#include "server/listen.h"
#include "server/proxy.h"
#include "base/memory.h"
#include "base/deadline.h"
#include "base/input.h"
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    POOL_BYTES = 16 * 1024,             /* of a connection: its request line and headers must fit */
    INACTIVE_SECONDS = 90,              /* no byte moved while we send, or read */
    MOST_DROPPED_BYTES = 16 << 20,      /* of a body that is too large: read on so that the client sees the answer */
    FIRST_BODY_BYTES = 4096,
    SPARE_FILES = 256                   /* for the store and the program itself */
};

enum { RUNNING, SUSPENDED, READY };

struct http {
    struct http_options options;
    struct MHD_Daemon  *daemon;
    struct connections *connections;
    char                address[LISTEN_ADDRESS_BYTES + 24];
    unsigned            port;
    int64_t             certificate_ends_ms;    /* INT64_MAX: there is none */
    uint32_t            id_prefix;
    int                 listener;       /* -1: none yet */
    pthread_t           acceptor;
    bool                has_acceptor;
    _Atomic uint32_t    n_ids;
    _Atomic size_t      body_bytes_held;
    _Atomic bool        is_draining;
    pthread_mutex_t     mutex;          /* n_busy */
    pthread_cond_t      none_busy;
    size_t              n_busy;         /* exchanges whose headers have come */
    char                library_says[256];
};

/* Why a request is refused before its handler sees it. */
enum fault { FAULT_NONE, FAULT_TOO_LARGE, FAULT_TOO_MUCH_AT_ONCE, FAULT_DAMAGED, FAULT_UNCERTAIN, FAULT_DRAINING };

struct exchange {
    struct request         request;     /* first: a handler's request is its exchange */
    struct reply           reply;
    struct http           *http;
    struct MHD_Connection *mhd;
    struct connection     *connection;
    bool                   has_headers, is_handled;
    enum fault             fault;
    char                  *body;
    size_t                 length, room, most_bytes;
    atomic_int             state;
    double                 began;
    char                   id[REQUEST_ID_BYTES];
};

static struct exchange *exchange_of(struct request *request) { return (struct exchange *)request; }

void request_resume(struct request *request)
{
    struct exchange *x = exchange_of(request);
    struct MHD_Connection *mhd = x->mhd;
    if (atomic_exchange(&x->state, READY) == SUSPENDED) MHD_resume_connection(mhd);
}

/* Sleeps until request_resume, unless that came already. */
static void suspend(struct exchange *x)
{
    int running = RUNNING;
    MHD_suspend_connection(x->mhd);
    if (!atomic_compare_exchange_strong(&x->state, &running, SUSPENDED)) MHD_resume_connection(x->mhd);
}

const char *request_header(const struct request *request, const char *name)
{
    const struct exchange *x = (const struct exchange *)request;
    return MHD_lookup_connection_value(x->mhd, MHD_HEADER_KIND, name);
}

/* ---- The body ---- */

static bool body_grow(struct exchange *x, size_t n)
{
    size_t room = x->room ? x->room : FIRST_BODY_BYTES;
    while (room < x->length + n + 1) room *= 2;
    if (room == x->room) return true;
    size_t more = room - x->room;
    if (atomic_fetch_add(&x->http->body_bytes_held, more) + more > x->http->options.most_body_bytes_held) {
        atomic_fetch_sub(&x->http->body_bytes_held, more);
        return false;
    }
    x->body = memory_grow(x->body, room, 1);
    x->room = room;
    return true;
}

static void body_drop(struct exchange *x)
{
    free(x->body);
    atomic_fetch_sub(&x->http->body_bytes_held, x->room);
    x->body = NULL;
    x->room = 0;
}

/* False: the client sends far more than we will ever look at. */
static bool body_take(struct exchange *x, const char *bytes, size_t n)
{
    connection_got_bytes(x->http->connections, x->connection, n);
    if (!x->fault && x->length + n > x->most_bytes) x->fault = FAULT_TOO_LARGE;
    if (!x->fault && !body_grow(x, n)) x->fault = FAULT_TOO_MUCH_AT_ONCE;
    if (x->fault) {
        body_drop(x);
        x->length += n;
        return x->length <= x->most_bytes + MOST_DROPPED_BYTES;
    }
    memcpy(x->body + x->length, bytes, n);
    x->length += n;
    x->body[x->length] = '\0';
    return true;
}

/* ---- One exchange ---- */

static void *exchange_new(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http *http = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct exchange *x = calloc(1, sizeof *x);
    if (!x || !info || !info->socket_context) { free(x); return NULL; }
    x->http = http;
    x->mhd = mhd;
    x->connection = info->socket_context;
    x->began = clock_seconds();
    snprintf(x->id, sizeof x->id, "%08x%08x", http->id_prefix, atomic_fetch_add(&http->n_ids, 1));
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    x->request = (struct request){ .id = x->id, .arena = arena, .address = x->connection->address,
                                   .is_secure = http->options.cert_path != NULL, .body = { "", 0 },
                                   .service = http->options.service, .server = http->options.server };
    target_split(text_of(arena_copy(arena, target)), &x->request.path, &x->request.query);
    connection_enter(http->connections, x->connection, CONNECTION_HEADERS);
    x->connection->exchange = x;
    return x;
}

static void exchange_free(struct exchange *x)
{
    x->connection->exchange = NULL;
    body_drop(x);
    arena_free(x->request.arena);
    free(x);
}

static ptrdiff_t read_reply(void *cls, uint64_t position, char *buffer, size_t room)
{
    struct exchange *x = cls;
    (void)position;
    atomic_store(&x->state, RUNNING);
    ptrdiff_t n = x->reply.read(x->reply.context, buffer, room);
    if (n < 0) return MHD_CONTENT_READER_END_OF_STREAM;
    if (n == 0) suspend(x);
    return n;
}

static void keep_body(void *cls) { (void)cls; }     /* it lives as long as the exchange */

static enum MHD_Result send_reply(struct exchange *x)
{
    struct reply *reply = &x->reply;
    struct MHD_Response *response;
    x->http->options.answering(x->http->options.context, &x->request, reply);
    union { const void *bytes; void *unqualified; } body = { .bytes = reply->body.at };    /* it is only read */
    if (reply->read)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 * 1024, read_reply, x, NULL);
    else
        response = MHD_create_response_from_buffer_with_free_callback_cls(reply->body.length, body.unqualified,
                                                                          keep_body, x);
    if (!response) return MHD_NO;
    bool ok = MHD_add_response_header(response, "X-Request-Id", x->id) == MHD_YES;
    if (reply->content_type)
        ok = ok && MHD_add_response_header(response, "Content-Type", reply->content_type) == MHD_YES;
    for (size_t i = 0; i < reply->n_headers; i++)
        ok = ok && MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) == MHD_YES;
    if (atomic_load(&x->http->is_draining))
        ok = ok && MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    enum MHD_Result queued = ok ? MHD_queue_response(x->mhd, (unsigned)reply->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return queued;
}

/* why: of a damaged request, or one whose end is not certain. */
static void refuse(struct exchange *x, const char *why)
{
    struct err err;
    switch (x->fault) {
    case FAULT_DAMAGED:
    case FAULT_UNCERTAIN:
        err_set(&err, ERR_INVALID, "%s", why);
        break;
    case FAULT_TOO_LARGE:
        err_set(&err, ERR_INVALID, "the body is larger than the %zu bytes that are taken here", x->most_bytes);
        break;
    case FAULT_TOO_MUCH_AT_ONCE:
        err_set(&err, ERR_BUSY, "too much is being sent at once; try again in a second");
        break;
    case FAULT_DRAINING:
    case FAULT_NONE:
    default:
        err_set(&err, ERR_IO, "the server is stopping; try again in a few seconds");
    }
    x->http->options.refuse(x->http->options.context, &x->request, &x->reply, &err, x->fault == FAULT_TOO_LARGE);
}

/* What the headers say of where the request ends, and of whom it is from. */
struct heads { struct framing framing; const char *forwarded_for; struct arena *arena; };

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct heads *heads = cls;
    (void)kind;
    framing_header(&heads->framing, name, value ? value : "");
    if (value && strcasecmp(name, "X-Forwarded-For") == 0)     /* each proxy may add a line of its own */
        heads->forwarded_for = heads->forwarded_for
                                   ? arena_format(heads->arena, "%s,%s", heads->forwarded_for, value)
                                   : value;
    return MHD_YES;
}

static void find_client(struct exchange *x, const struct heads *heads)
{
    const struct proxies *proxies = x->http->options.proxies;
    const char *peer = x->request.address, *scheme = request_header(&x->request, "X-Forwarded-Proto");
    if (!proxies || !proxies_trust(proxies, peer)) return;
    x->request.address = proxies_client(proxies, peer, heads->forwarded_for, x->request.arena);
    if (scheme) x->request.is_secure = strcmp(scheme, "https") == 0;
}

/* The answer to a request whose end is not certain, past the library, which would go on reading behind it or, where it
 * has refused it too, answer twice; what has come is read, or the end of the connection would overtake the answer. */
static void answer_past(struct exchange *x, void *tls_session)
{
    struct reply *reply = &x->reply;
    int fd = x->connection->socket;
    char *head = arena_format(x->request.arena,
                              "HTTP/1.1 %d Bad Request\r\nX-Request-Id: %s\r\nContent-Type: %s\r\n"
                              "Content-Length: %zu\r\nConnection: close\r\n",
                              reply->status, x->id, reply->content_type, reply->body.length);
    for (size_t i = 0; i < reply->n_headers; i++)
        head = arena_format(x->request.arena, "%s%s: %s\r\n", head, reply->headers[i].name, reply->headers[i].value);
    head = arena_format(x->request.arena, "%s\r\n%.*s", head, (int)reply->body.length, reply->body.at);
    tls_send(fd, tls_session, head, strlen(head));
    char rest[4096];
    for (int i = 0; i < 16 && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++) { }
}

/* A Content-Length that is no number, which the library leaves to us when the connection is about to end
 * (http_library.h). */
static void refuse_length(struct exchange *x)
{
    x->reply = (struct reply){ .status = 400, .content_type = "application/json" };
    x->fault = FAULT_UNCERTAIN;
    refuse(x, "Content-Length is no number of bytes");
    if (!x->http->options.cert_path || tls_kept()) answer_past(x, tls_kept());
    http_library_answered();
}

/* The headers have come: says how large the body may be, or answers at once where it must not even be sent. */
static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
    struct http *http = x->http;
    const char *expects = request_header(&x->request, "Expect");
    struct heads heads = { .arena = x->request.arena };
    x->has_headers = true;
    x->reply = (struct reply){ .status = 200, .content_type = "application/json" };
    x->request.method = strcmp(method, "HEAD") == 0 ? "GET" : arena_copy(x->request.arena, method);
    x->request.received_ms = http->options.now_ms(http->options.context);
    x->connection->n_requests++;
    pthread_mutex_lock(&http->mutex);
    http->n_busy++;
    pthread_mutex_unlock(&http->mutex);
    connection_enter(http->connections, x->connection, CONNECTION_BODY);
    x->most_bytes = http->options.most_body_bytes(http->options.context, &x->request);
    (void)MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, see_header, &heads);
    find_client(x, &heads);
    uint64_t body_bytes = heads.framing.body_bytes;
    const char *why = framing_fault(&heads.framing, strcmp(version, "HTTP/1.1") == 0);
    if (why) x->fault = FAULT_UNCERTAIN;
    else if (atomic_load(&http->is_draining)) x->fault = FAULT_DRAINING;
    else if (body_bytes > x->most_bytes) x->fault = FAULT_TOO_LARGE;
    if (!x->fault || (!why && !expects && body_bytes <= x->most_bytes + MOST_DROPPED_BYTES)) return MHD_YES;
    x->is_handled = true;
    refuse(x, why);
    if (!why) return send_reply(x);
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    answer_past(x, tls ? tls->tls_session : NULL);
    return MHD_NO;
}

static void unpack(struct exchange *x, struct err *err)
{
    bool is_too_large = false;
    if (input_gunzip(x->request.body, x->most_bytes, x->request.arena, &x->request.body, &is_too_large, err))
        return;
    x->fault = is_too_large ? FAULT_TOO_LARGE : FAULT_DAMAGED;
}

/* All of the request is there. */
static enum MHD_Result handle(struct exchange *x)
{
    struct http *http = x->http;
    x->is_handled = true;
    connection_enter(http->connections, x->connection, CONNECTION_OURS);
    struct err err = { 0 };
    if (x->body) x->request.body = (struct text){ x->body, x->length };
    if (!x->fault && input_is_gzip(x->request.body)) unpack(x, &err);
    if (x->fault) {
        refuse(x, err.text);
        return send_reply(x);
    }
    atomic_store(&x->state, RUNNING);
    if (http->options.handle(http->options.context, &x->request, &x->reply) == HANDLED) return send_reply(x);
    if (atomic_load(&x->state) == READY) return send_reply(x);
    suspend(x);
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *n_upload, void **context)
{
    struct exchange *x = *context;
    (void)cls, (void)mhd, (void)url;
    if (!x) return MHD_NO;
    if (!x->has_headers) return begin(x, method, version);
    if (*n_upload > 0) {
        bool may_go_on = body_take(x, upload, *n_upload);
        *n_upload = 0;
        return may_go_on ? MHD_YES : MHD_NO;
    }
    if (!x->is_handled) return handle(x);
    return atomic_load(&x->state) == READY ? send_reply(x) : MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode how)
{
    struct http *http = cls;
    struct exchange *x = *context;
    (void)mhd, (void)how;
    *context = NULL;
    if (!x) return;
    connection_enter(http->connections, x->connection, CONNECTION_IDLE);
    bool was_busy = x->has_headers;
    if (was_busy) {
        if (!x->is_handled) { x->reply.status = 499; x->reply.why = "left"; }
        http->options.finished(http->options.context, &x->request, &x->reply, clock_seconds() - x->began);
        if (x->reply.done) x->reply.done(x->reply.context);
    }
    exchange_free(x);
    if (!was_busy) return;
    pthread_mutex_lock(&http->mutex);
    if (--http->n_busy == 0) pthread_cond_broadcast(&http->none_busy);
    pthread_mutex_unlock(&http->mutex);
}

/* ---- The server ---- */

enum { ACCEPT_PAUSE_US = 10000 };

/* Takes connections as they come and deals them out to the library's threads.  When those take them from one socket
 * by themselves, whoever is awake takes all that are there, and one thread does the work of two. */
static void *accept_all(void *argument)
{
    struct http *http = argument;
    while (!atomic_load(&http->is_draining)) {
        struct sockaddr_storage from = { 0 };
        socklen_t length = sizeof from;
        struct sockaddr *address = (struct sockaddr *)&from;
        int fd = accept4(http->listener, address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) (void)MHD_add_connection(http->daemon, fd, address, length);     /* else it has closed it */
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) usleep(ACCEPT_PAUSE_US);
    }
    return NULL;
}

static enum MHD_Result on_admit(void *cls, const struct sockaddr *address, socklen_t length)
{
    struct http *http = cls;
    char name[LISTEN_ADDRESS_BYTES];
    if (connections_admit(http->connections, address, length)) return MHD_YES;
    listen_name(address, length, name);
    return http->options.proxies && proxies_trust(http->options.proxies, name) ? MHD_YES : MHD_NO;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct connection *connection = *context;
        struct exchange *x = connection ? connection->exchange : NULL;
        if (x && http_library_left()) refuse_length(x);
        if (x) exchange_free(x);
        tls_end_kept();
        connection_leave(http->connections, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS),
                                   *fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!address || !fd) return;
    socklen_t length =
        address->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    *context = connection_join(http->connections, address->client_addr, length, fd->connect_fd);
}

/* What the library complains of may quote requests, so only what it said while starting is kept. */
static void on_library_says(void *cls, const char *form, va_list args)
{
    struct http *http = cls;
    if (http->daemon || *http->library_says) return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(http->library_says, sizeof http->library_says, form, args);
#pragma GCC diagnostic pop
}

static bool start_daemon(struct http *http, const char *cert, const char *key, struct err *err)
{
    const struct http_options *options = &http->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_USE_SUSPEND_RESUME |
                     MHD_USE_ERROR_LOG | (cert ? MHD_USE_TLS : 0);
    struct MHD_OptionItem items[] = {
        { MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->most_connections, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, INACTIVE_SECONDS, NULL },
        { MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)exchange_new, http },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, http },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, http },
        { options->n_threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)options->n_threads,
          NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    union { const char *text; void *pointer; } cert_item = { .text = cert }, key_item = { .text = key };
    struct MHD_OptionItem secure[] = {
        { cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, cert_item.pointer },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, key_item.pointer },
        { MHD_OPTION_END, 0, NULL },
    };
    http->daemon =
        MHD_start_daemon(flags, 0, on_admit, http, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_library_says,
                         http, MHD_OPTION_ARRAY, items, MHD_OPTION_ARRAY, secure, MHD_OPTION_END);
    if (http->daemon) return true;
    char *end = strpbrk(http->library_says, "\r\n");
    if (end) *end = '\0';
    if (!cert)
        return err_set(err, ERR_IO, "the server cannot start%s%s", *http->library_says ? ": " : "",
                       http->library_says);
    return err_set(err, ERR_INVALID,
                   "'%s' and '%s' are not a certificate and the private key that belongs to it, both in PEM: look at "
                   "them with openssl x509 -in FILE -text, openssl pkey -in FILE -check (%s)",
                   options->cert_path, options->key_path, http->library_says);
}

static void set_defaults(struct http_options *options)
{
    size_t files = listen_raise_files(), most = files > 2 * SPARE_FILES ? files - SPARE_FILES : files / 2;
    if (options->n_threads == 0) options->n_threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    if (options->most_connections == 0) options->most_connections = 16384;
    if (options->most_connections > most) options->most_connections = (unsigned)most;
    if (options->most_connections_of_address == 0) options->most_connections_of_address = 1024;
    if (options->idle_seconds == 0) options->idle_seconds = 75;
    if (options->most_body_bytes_held == 0) options->most_body_bytes_held = (size_t)256 << 20;
}

static bool open_all(struct http *http, struct arena *arena, struct err *err)
{
    const struct http_options *options = &http->options;
    char host[LISTEN_ADDRESS_BYTES], *cert = NULL, *key = NULL;
    if (!options->cert_path != !options->key_path)
        return err_set(err, ERR_INVALID, "--tls-cert and --tls-key go together");
    if (options->cert_path && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return err_set(err, ERR_INVALID, "this libmicrohttpd was built without TLS");
    if (options->cert_path && (!tls_read_pem(options->cert_path, arena, &cert, err) ||
                               !tls_read_pem(options->key_path, arena, &key, err)))
        return false;
    if (!http_library_check(err)) return false;
    int64_t idle_ms = (int64_t)options->idle_seconds * 1000, headers_ms = idle_ms < 20000 ? idle_ms : 20000;
    const struct connections_options watched = {
        .most_of_address = options->most_connections_of_address,
        .idle_ms = idle_ms,
        .headers_ms = headers_ms,
        .body_ms = headers_ms,
        .body_bytes_per_ms = 1,
        .scheduler = options->scheduler,
        .tick = options->tick,
        .context = options->context,
    };
    if (cert) http->certificate_ends_ms = tls_ends_ms(cert);
    http->connections = connections_start(&watched);
    if (!listen_open(options->listen, &http->listener, host, &http->port, err)) return false;
    snprintf(http->address, sizeof http->address, "%s://%s:%u", cert ? "https" : "http", host, http->port);
    if (!start_daemon(http, cert, key, err)) return false;
    http->has_acceptor = pthread_create(&http->acceptor, NULL, accept_all, http) == 0;
    return http->has_acceptor || err_set(err, ERR_IO, "no more threads");
}

bool http_start(const struct http_options *options, struct http **ret_http, struct err *err)
{
    struct http *http = memory_new(1, sizeof *http);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    http->options = *options;
    set_defaults(&http->options);
    http->listener = -1;
    http->certificate_ends_ms = INT64_MAX;
    secret_random(&http->id_prefix, sizeof http->id_prefix);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&http->mutex, NULL);
    pthread_cond_init(&http->none_busy, &monotonic);
    pthread_condattr_destroy(&monotonic);
    bool ok = open_all(http, arena, err);
    arena_free(arena);
    if (ok) *ret_http = http;
    else http_stop(http);
    return ok;
}

const char *http_address(const struct http *http)     { return http->address; }
int64_t     http_certificate_ends_ms(const struct http *http) { return http->certificate_ends_ms; }
unsigned    http_connections(const struct http *http) { return http ? connections_n(http->connections) : 0; }
uint64_t    http_connections_late(const struct http *http) { return http ? connections_n_late(http->connections) : 0; }

/* Accepts no more. */
static void stop_accepting(struct http *http)
{
    atomic_store(&http->is_draining, true);
    if (http->listener >= 0) shutdown(http->listener, SHUT_RDWR);       /* wakes whoever accepts */
    if (http->has_acceptor) pthread_join(http->acceptor, NULL);
    http->has_acceptor = false;
}

bool http_drain(struct http *http, double most_seconds)
{
    stop_accepting(http);
    const struct timespec until = deadline_after_ms(CLOCK_MONOTONIC, (int64_t)(1000 * most_seconds));
    pthread_mutex_lock(&http->mutex);
    while (http->n_busy > 0 && pthread_cond_timedwait(&http->none_busy, &http->mutex, &until) == 0) { }
    bool is_done = http->n_busy == 0;
    pthread_mutex_unlock(&http->mutex);
    return is_done;
}

void http_stop(struct http *http)
{
    if (!http) return;
    stop_accepting(http);
    connections_stop(http->connections);
    if (http->daemon) MHD_stop_daemon(http->daemon);
    if (http->listener >= 0) close(http->listener);
    connections_free(http->connections);
    pthread_cond_destroy(&http->none_busy);
    pthread_mutex_destroy(&http->mutex);
    free(http);
}
