/* http_library.c - see http_library.h. */
#include "server/http_library.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static _Thread_local unsigned n_waits;      /* of this thread, for the check */
static _Thread_local unsigned n_left;       /* requests whose answer is left to us */

bool http_library_left(void)     { return n_left > 0; }
void http_library_answered(void) { n_left -= n_left > 0; }

/* The library asks for 128 events at once, and when it gets just as many it waits for more, for as long as nothing
 * comes, before it looks at those: 128 clients of one thread that all send at the same time would wait for a 129th.
 * By this it never gets as many as it asks for. */
int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms)
{
    n_waits++;
    return epoll_pwait(epoll, events, most > 1 ? most - 1 : most, timeout_ms, NULL);
}

static bool is_of_length(const char *page, size_t n)
{
    static const char about[] = "value for <b>Content-Length</b>";
    return memmem(page, n, about, strlen(about)) != NULL;
}

static void keep_bytes(void *bytes) { (void)bytes; }

static const char no_request[] = "{\"code\":\"invalid\",\"message\":\"this is no request of HTTP\",\"field\":null}";

/* What is no request of HTTP the library refuses itself, with a page that it gives to this: every error is one of
 * ours instead. */
struct MHD_Response *MHD_create_response_from_buffer(size_t n, void *bytes, enum MHD_ResponseMemoryMode mode)
{
    static const struct { const char *page, *error; } errors[] = {
        { "<html><head><title>Request too big",
          "{\"code\":\"invalid\",\"message\":\"the address and the headers of a request have at most 16 KB\","
          "\"field\":null}" },
        { "<html><head><title>Requested HTTP version",
          "{\"code\":\"invalid\",\"message\":\"only HTTP/1.1 and HTTP/1.0 are spoken here\",\"field\":null}" },
        { "<html><head><title>Internal server error",
          "{\"code\":\"io\",\"message\":\"the server could not answer this request\",\"field\":null}" },
        { "<html><head><title>", no_request },
    };
    struct text body = { bytes, n };
    assert(mode == MHD_RESPMEM_PERSISTENT);
    if (n > 0 && is_of_length(bytes, n)) {
        n_left++;
        return NULL;
    }
    for (size_t i = 0; n > 0 && i < sizeof errors / sizeof *errors; i++) {
        size_t length = strlen(errors[i].page);
        if (n < length || memcmp(bytes, errors[i].page, length) != 0) continue;
        body = text_of(errors[i].error);
        break;
    }
    bool is_error = body.at != bytes;
    union { const void *bytes; void *unqualified; } unread = { .bytes = body.at };      /* it is only read */
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls(body.length, unread.unqualified, keep_bytes, NULL);
    if (response && is_error) (void)MHD_add_response_header(response, "Content-Type", "application/json");
    return response;
}

/* ---- The check ---- */

static enum MHD_Result refuse_all(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *n_upload, void **context)
{
    (void)cls, (void)mhd, (void)url, (void)method, (void)version, (void)upload, (void)n_upload, (void)context;
    return MHD_NO;
}

/* What the library answers, on its end of a socket pair, to a question; "" nothing. */
static bool ask(struct MHD_Daemon *daemon, const char *question, char *ret_answer, size_t room, struct err *err)
{
    const struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int pair[2];
    size_t n = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return err_set(err, ERR_IO, "no socket can be made: %s", strerror(errno));
    if (write(pair[1], question, strlen(question)) == (ssize_t)strlen(question) &&
        MHD_add_connection(daemon, pair[0], (const struct sockaddr *)&from, sizeof from) == MHD_YES)
        for (int i = 0; i < 20 && MHD_run(daemon) == MHD_YES; i++) {
            ssize_t got = recv(pair[1], ret_answer + n, room - 1 - n, MSG_DONTWAIT);
            if (got > 0) n += (size_t)got;
        }
    ret_answer[n] = '\0';
    close(pair[1]);     /* the library closes its end */
    return true;
}

bool http_library_check(struct err *err)
{
    static const char bad_length[] = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n{}";
    char answer[2048], left[2048];
    unsigned waited = n_waits;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, refuse_all, NULL, MHD_OPTION_END);
    if (!daemon) return err_set(err, ERR_IO, "libmicrohttpd %s cannot start", MHD_get_version());
    bool ok = ask(daemon, "this is not HTTP\r\n\r\n", answer, sizeof answer, err) &&
              ask(daemon, bad_length, left, sizeof left, err);
    MHD_stop_daemon(daemon);
    if (!ok) return false;
    http_library_answered();
    bool waits = n_waits != waited, answers = strstr(answer, no_request) != NULL, leaves = !*left;
    return (waits && answers && leaves) ||
           err_set(err, ERR_IO,
                   "libmicrohttpd %s does not %s as this program needs it to: use the one of Debian 12 (0.9.75)",
                   MHD_get_version(), !waits ? "wait" : !answers ? "answer" : "refuse a bad Content-Length");
}
