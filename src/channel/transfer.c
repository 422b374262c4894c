/* transfer.c - see transfer.h; the only file that includes libcurl. */
#include "channel/transfer.h"

#include "base/deadline.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATA_REPLY = 354, GOODBYE = 221, IDLE_MOST = 64, LATER_MS = 60000 };

/* A transfer on its way, or one that waits to be used again. */
struct run {
    CURL              *easy;
    struct curl_slist *list;            /* recipients, or headers */
    struct transfer    transfer;
    size_t             at;              /* how much of the body was read */
    bool               is_all_read, is_guard_hit, is_smtp, is_late;
    struct transfers  *transfers;
    int                socket;          /* of smtp, while it is spoken to; -1: it is not */
    int64_t            due_ms;          /* when that is cut off, by monotonic_ms */
    int                code;            /* of the last reply of smtp */
    char               reply[TRANSFER_REPLY_BYTES];
    char              *body;            /* [n_body] of http */
    size_t             n_body;
    struct run        *next, *previous;
};

struct transfers {
    CURLM      *multi;
    struct run *active;         /* on their way */
    struct run *told;           /* whose bodies were handed out last */
    struct run *idle;
    size_t      n, n_idle;
    int        *sockets;        /* [n_sockets] open ones */
    size_t      n_sockets, sockets_room;
    bool        is_silent;      /* the last relay did not answer in time */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode       started;
static void start_curl(void) { started = curl_global_init(CURL_GLOBAL_DEFAULT); }

bool transfers_new(unsigned most_connections, struct transfers **ret_transfers, struct err *err)
{
    (void)pthread_once(&once, start_curl);
    struct transfers *transfers = memory_new(1, sizeof *transfers);
    transfers->multi = started == CURLE_OK ? curl_multi_init() : NULL;
    if (!transfers->multi) {
        free(transfers);
        return err_set(err, ERR_IO, "libcurl cannot start");
    }
    (void)curl_multi_setopt(transfers->multi, CURLMOPT_MAXCONNECTS, (long)most_connections);
    *ret_transfers = transfers;
    return true;
}

/* ---- ending what libcurl would wait for ----
 *
 * Where a relay is silent libcurl takes its leave of it, and then waits for the answer, up to two minutes, with everything
 * else on its thread; and a mail that it is told to give up half-way it ends with a dot, as if it were whole.  So it never
 * finds out by itself that a relay is late: the socket is shut before, and it has nobody to speak to. */

static void keep_socket(struct transfers *transfers, int socket)
{
    if (transfers->n_sockets == transfers->sockets_room) {
        transfers->sockets_room = transfers->sockets_room ? 2 * transfers->sockets_room : 16;
        transfers->sockets = memory_grow(transfers->sockets, transfers->sockets_room, sizeof *transfers->sockets);
    }
    transfers->sockets[transfers->n_sockets++] = socket;
}

static int close_socket(void *context, curl_socket_t socket)
{
    struct transfers *transfers = context;
    size_t i = 0;
    while (i < transfers->n_sockets && transfers->sockets[i] != socket) i++;
    if (i < transfers->n_sockets) transfers->sockets[i] = transfers->sockets[--transfers->n_sockets];
    for (struct run *run = transfers->active; run; run = run->next)
        if (run->socket == socket) run->socket = -1;    /* its number may be another's soon */
    return close(socket);
}

/* An end of a connection as libcurl tells it: "::1" and 25. */
static bool is_end(const struct sockaddr_storage *address, const char *name, int port)
{
    char text[INET6_ADDRSTRLEN];
    const struct sockaddr_in *in = (const void *)address;
    const struct sockaddr_in6 *in6 = (const void *)address;
    bool is_6 = address->ss_family == AF_INET6;
    return ntohs(is_6 ? in6->sin6_port : in->sin_port) == port &&
           inet_ntop(address->ss_family, is_6 ? (const void *)&in6->sin6_addr : (const void *)&in->sin_addr, text,
                     sizeof text) &&
           strcmp(text, name) == 0;
}

/* A connection, new or used again, is about to be spoken to. */
static int take_connection(void *context, char *there, char *here, int port_there, int port_here)
{
    struct run *run = context;
    const struct transfers *transfers = run->transfers;
    for (size_t i = 0; i < transfers->n_sockets && run->socket < 0; i++) {
        struct sockaddr_storage near, far;
        socklen_t n_near = sizeof near, n_far = sizeof far;
        if (getsockname(transfers->sockets[i], (struct sockaddr *)&near, &n_near) == 0 &&
            getpeername(transfers->sockets[i], (struct sockaddr *)&far, &n_far) == 0 &&
            is_end(&near, here, port_here) && is_end(&far, there, port_there))
            run->socket = transfers->sockets[i];
    }
    return CURL_PREREQFUNC_OK;
}

static void cut(struct run *run)
{
    if (run->socket >= 0) (void)shutdown(run->socket, SHUT_RDWR);
    run->socket = -1;
}

static void cut_late(struct transfers *transfers)
{
    for (struct run *run = transfers->active; run; run = run->next) {
        if (run->socket < 0 || monotonic_ms() < run->due_ms) continue;
        run->is_late = transfers->is_silent = true;
        cut(run);
    }
}

/* The wait, or less where somebody is late before. */
static int64_t until_late(const struct transfers *transfers, int64_t timeout_ms)
{
    for (const struct run *run = transfers->active; run; run = run->next) {
        int64_t left_ms = run->due_ms - monotonic_ms();
        if (run->socket >= 0 && left_ms < timeout_ms) timeout_ms = left_ms > 0 ? left_ms : 0;
    }
    return timeout_ms;
}

static void free_all(struct transfers *transfers, struct run *runs, bool is_active)
{
    while (runs) {
        struct run *next = runs->next;
        if (is_active) (void)curl_multi_remove_handle(transfers->multi, runs->easy);
        curl_easy_cleanup(runs->easy);
        curl_slist_free_all(runs->list);
        free(runs->body);
        free(runs);
        runs = next;
    }
}

void transfers_free(struct transfers *transfers)
{
    if (!transfers) return;
    struct run *active = transfers->active;
    for (struct run *run = active; run; run = run->next) cut(run);
    transfers->active = NULL;
    free_all(transfers, active, true);
    free_all(transfers, transfers->told, false);
    free_all(transfers, transfers->idle, false);
    for (size_t i = 0; transfers->is_silent && i < transfers->n_sockets; i++)
        (void)shutdown(transfers->sockets[i], SHUT_RDWR);
    (void)curl_multi_cleanup(transfers->multi);
    free(transfers->sockets);
    free(transfers);
}

size_t transfers_n(const struct transfers *transfers) { return transfers->n; }
void   transfers_wake(struct transfers *transfers) { (void)curl_multi_wakeup(transfers->multi); }

/* ---- what libcurl calls ---- */

static size_t give_body(char *to, size_t size, size_t n, void *context)
{
    struct run *run = context;
    size_t left = run->transfer.body.length - run->at, most = size * n;
    if (left > most) left = most;
    if (left) memcpy(to, run->transfer.body.at + run->at, left);
    run->at += left;
    run->is_all_read |= left == 0 || run->at == run->transfer.body.length;
    return left;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *context)
{
    struct run *run = context;
    size_t length = size * n, room = TRANSFER_BODY_MOST - run->n_body, kept = length < room ? length : room;
    if (!run->is_smtp && run->transfer.take) {
        long code = 0;
        (void)curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &code);
        return run->transfer.take(run->transfer.context, (int)code, bytes, length) ? length : CURL_WRITEFUNC_ERROR;
    }
    if (run->is_smtp || kept == 0) return length;
    if (!run->body) run->body = memory_new(TRANSFER_BODY_MOST + 1, 1);
    memcpy(run->body + run->n_body, bytes, kept);
    run->n_body += kept;
    return length;
}

static void keep_reply(struct run *run, const char *line, size_t n)
{
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n')) n--;
    if (n >= sizeof run->reply) n = sizeof run->reply - 1;
    memcpy(run->reply, line, n);
    run->reply[n] = '\0';
}

/* A header field of http, or a line that a relay says. */
static size_t take_header(char *line, size_t size, size_t n, void *context)
{
    struct run *run = context;
    size_t length = size * n;
    if (run->is_smtp && length >= 3 && isdigit((unsigned char)line[0]) && isdigit((unsigned char)line[1]) &&
        isdigit((unsigned char)line[2])) {
        int code = 100 * (line[0] - '0') + 10 * (line[1] - '0') + line[2] - '0';
        if (run->code >= 400 && code == GOODBYE) return length;      /* after a refusal libcurl takes its leave */
        run->code = code;
        keep_reply(run, line, length);
    } else if (!run->is_smtp && length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        keep_reply(run, line, length);
    }
    return length;
}

/* Judged by the address that would be connected to, whatever name led there. */
static bool is_allowed_to(const struct run *run, const struct curl_sockaddr *address)
{
    struct network peer;
    if (!run->transfer.is_guarded) return true;
    if (address->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &address->addr, sizeof in);
        peer = network_of_bytes(&in.sin_addr, 4);
    } else if (address->family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &address->addr, sizeof in6);
        peer = network_of_bytes(&in6.sin6_addr, 16);
    } else return false;
    bool is_allowed = !network_is_private(&peer);
    for (size_t i = 0; !is_allowed && i < run->transfer.n_allowed; i++)
        is_allowed = network_holds(&run->transfer.allowed[i], &peer);
    return is_allowed;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct run *run = context;
    (void)purpose;
    if (!is_allowed_to(run, address)) {
        run->is_guard_hit = true;
        return CURL_SOCKET_BAD;
    }
    int opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened >= 0) keep_socket(run->transfers, opened);
    return opened;
}

/* ---- starting ---- */

static struct run *run_take(struct transfers *transfers)
{
    struct run *run = transfers->idle;
    if (run) {
        transfers->idle = run->next;
        transfers->n_idle--;
    } else {
        run = memory_new(1, sizeof *run);
        run->easy = curl_easy_init();
        if (!run->easy) { free(run); return NULL; }
    }
    return run;
}

/* What libcurl is told of the time of a relay, which it is not to find out about; 0: there is no end. */
static int64_t later(int64_t timeout_ms) { return timeout_ms ? timeout_ms + LATER_MS : 0; }

static void set_common(struct run *run)
{
    const struct transfer *t = &run->transfer;
    CURL *easy = run->easy;
    curl_easy_reset(easy);      /* connections stay */
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)run);
    (void)curl_easy_setopt(easy, CURLOPT_URL, t->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, run->is_smtp ? "smtp,smtps" : "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(run->is_smtp ? later(t->timeout_ms) : t->timeout_ms));
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_timeout_ms);
    if (t->stall_ms) (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    if (t->stall_ms) (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((t->stall_ms + 999) / 1000));
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, (void *)run);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, (void *)run->transfers);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)run);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)run);
    (void)curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    (void)curl_easy_setopt(easy, CURLOPT_READDATA, (void *)run);
    if (t->ca_file) (void)curl_easy_setopt(easy, CURLOPT_CAINFO, t->ca_file);
    if (t->user) (void)curl_easy_setopt(easy, CURLOPT_USERNAME, t->user);
    if (t->password) (void)curl_easy_setopt(easy, CURLOPT_PASSWORD, t->password);
}

static void set_smtp(struct run *run)
{
    const struct transfer *t = &run->transfer;
    run->list = curl_slist_append(NULL, t->mail_to);
    (void)curl_easy_setopt(run->easy, CURLOPT_PREREQFUNCTION, take_connection);
    (void)curl_easy_setopt(run->easy, CURLOPT_PREREQDATA, (void *)run);
    (void)curl_easy_setopt(run->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(later(t->timeout_ms) / 1000));
    (void)curl_easy_setopt(run->easy, CURLOPT_USE_SSL,
                           (long)(t->is_tls_required ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    (void)curl_easy_setopt(run->easy, CURLOPT_MAIL_FROM, t->mail_from);
    (void)curl_easy_setopt(run->easy, CURLOPT_MAIL_RCPT, run->list);
    (void)curl_easy_setopt(run->easy, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(run->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->body.length);
}

static void set_http(struct run *run)
{
    const struct transfer *t = &run->transfer;
    run->list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < t->n_headers; i++) run->list = curl_slist_append(run->list, t->headers[i]);
    (void)curl_easy_setopt(run->easy, CURLOPT_HTTPHEADER, run->list);
    (void)curl_easy_setopt(run->easy, CURLOPT_FRESH_CONNECT, (long)t->is_said_once);
    (void)curl_easy_setopt(run->easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(run->easy, CURLOPT_POSTFIELDS, t->body.at);
    (void)curl_easy_setopt(run->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.length);
    (void)curl_easy_setopt(run->easy, CURLOPT_USERAGENT, "holdfast");
}

bool transfers_start(struct transfers *transfers, const struct transfer *transfer, struct err *err)
{
    struct run *run = run_take(transfers);
    if (!run) return err_set(err, ERR_IO, "libcurl has no memory");
    CURL *easy = run->easy;
    char *body = run->body;
    *run = (struct run){ .easy = easy, .body = body, .transfer = *transfer, .transfers = transfers, .socket = -1 };
    run->is_smtp = strncasecmp(transfer->url, "smtp", 4) == 0;
    run->due_ms = transfer->timeout_ms ? monotonic_ms() + transfer->timeout_ms : INT64_MAX;
    set_common(run);
    if (run->is_smtp) set_smtp(run);
    else set_http(run);
    if (curl_multi_add_handle(transfers->multi, easy) != CURLM_OK) {
        run->next = NULL;
        free_all(transfers, run, false);
        return err_set(err, ERR_IO, "libcurl cannot begin a transfer");
    }
    run->next = transfers->active;
    if (run->next) run->next->previous = run;
    transfers->active = run;
    transfers->n++;
    return true;
}

/* ---- ending ---- */

/* Of smtp: after 354 and the final dot silence is doubt; before, nothing was taken.  A refusal in between is an
 * answer, whatever libcurl calls it. */
static enum transfer_end end_of_smtp(const struct run *run, CURLcode code)
{
    if (code == CURLE_OK) return TRANSFER_ANSWERED;
    if (code == CURLE_USE_SSL_FAILED) return TRANSFER_NOT_BEGUN;
    if (run->code >= 400) return TRANSFER_ANSWERED;
    if (run->code == DATA_REPLY) return run->is_all_read ? TRANSFER_IN_DOUBT : TRANSFER_BROKEN;
    return run->code == 0 ? TRANSFER_NOT_BEGUN : TRANSFER_BROKEN;
}

static enum transfer_end end_of_http(const struct run *run, CURLcode code)
{
    long n_sent = 0;
    if (code == CURLE_OK) return TRANSFER_ANSWERED;
    (void)curl_easy_getinfo(run->easy, CURLINFO_REQUEST_SIZE, &n_sent);
    return n_sent > 0 ? TRANSFER_IN_DOUBT : TRANSFER_NOT_BEGUN;
}

/* Retry-After, which is a number of seconds or a date. */
static int64_t retry_after_seconds(const struct run *run)
{
    curl_off_t seconds = 0;
    if (run->is_smtp || curl_easy_getinfo(run->easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds < 0) return 0;
    return seconds > RETRY_AFTER_MOST_SECONDS ? RETRY_AFTER_MOST_SECONDS : seconds;
}

static struct transfer_result result_of(struct run *run, CURLcode code)
{
    struct transfer_result result = { .context = run->transfer.context,
                                      .retry_after_seconds = retry_after_seconds(run) };
    if (run->is_late && code != CURLE_OK) code = CURLE_OPERATION_TIMEDOUT;
    long http_code = 0;
    (void)curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &http_code);
    result.code = run->is_smtp ? run->code : (int)http_code;
    result.end = run->is_guard_hit && code != CURLE_OK && result.code == 0 ? TRANSFER_GUARDED
                 : run->is_smtp                                             ? end_of_smtp(run, code)
                                                                            : end_of_http(run, code);
    result.is_login = code == CURLE_LOGIN_DENIED;
    result.is_of_relay = result.end == TRANSFER_NOT_BEGUN || result.end == TRANSFER_IN_DOUBT ||
                         result.end == TRANSFER_BROKEN || result.is_login || result.code == 421;
    if (result.end == TRANSFER_ANSWERED)
        snprintf(result.reply, sizeof result.reply, "%s", run->reply);
    else if (result.end == TRANSFER_GUARDED)
        snprintf(result.reply, sizeof result.reply, "its address is private, and allow_private does not list it");
    else
        snprintf(result.reply, sizeof result.reply, "%.200s%s%.250s", curl_easy_strerror(code),
                 *run->reply ? " after: " : "", run->reply);
    if (!run->is_smtp && run->n_body > 0) result.body = (struct text){ run->body, run->n_body };
    else result.body = (struct text){ "", 0 };
    return result;
}

static void unlink_run(struct transfers *transfers, struct run *run)
{
    if (run->previous) run->previous->next = run->next;
    else transfers->active = run->next;
    if (run->next) run->next->previous = run->previous;
    run->previous = NULL;
    transfers->n--;
}

static void rest_told(struct transfers *transfers)
{
    while (transfers->told) {
        struct run *run = transfers->told;
        transfers->told = run->next;
        curl_slist_free_all(run->list);
        run->list = NULL;
        run->next = NULL;
        if (transfers->n_idle >= IDLE_MOST) { free_all(transfers, run, false); continue; }
        run->next = transfers->idle;
        transfers->idle = run;
        transfers->n_idle++;
    }
}

size_t transfers_wait(struct transfers *transfers, int64_t timeout_ms, struct transfer_result *ret_results,
                      size_t most)
{
    int n_running, n_left;
    size_t n = 0;
    rest_told(transfers);
    cut_late(transfers);
    (void)curl_multi_perform(transfers->multi, &n_running);
    for (int pass = 0; pass < 2; pass++) {
        CURLMsg *ended;
        while (n < most && (ended = curl_multi_info_read(transfers->multi, &n_left))) {
            struct run *run;
            CURLcode code = ended->data.result;
            CURL *easy = ended->easy_handle;
            (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&run);
            ret_results[n] = result_of(run, code);
            if (ret_results[n++].end == TRANSFER_ANSWERED) transfers->is_silent = false;
            (void)curl_multi_remove_handle(transfers->multi, easy);
            unlink_run(transfers, run);
            run->next = transfers->told;
            transfers->told = run;
        }
        if (n > 0 || pass == 1) break;
        (void)curl_multi_poll(transfers->multi, NULL, 0, (int)until_late(transfers, timeout_ms), NULL);
        cut_late(transfers);
        (void)curl_multi_perform(transfers->multi, &n_running);
    }
    return n;
}
