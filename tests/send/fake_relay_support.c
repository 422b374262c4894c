/* fake_relay_support.c - see fake_relay.h. */
#include "send/fake_relay.h"

#include "support.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct talk { struct fake_relay *relay; int socket; char in[FAKE_RELAY_BYTES]; size_t n; };

static void say(struct talk *talk, const char *line)
{
    if (send(talk->socket, line, strlen(line), MSG_NOSIGNAL) < 0) return;
}

/* More bytes; false: the other end went, or the test ends. */
static bool hear(struct talk *talk)
{
    struct pollfd ready = { .fd = talk->socket, .events = POLLIN };
    while (!talk->relay->is_stopping) {
        if (poll(&ready, 1, 20) != 1) continue;
        if (talk->n + 1 >= sizeof talk->in) return false;
        ssize_t got = recv(talk->socket, talk->in + talk->n, sizeof talk->in - 1 - talk->n, 0);
        if (got <= 0) return false;
        talk->n += (size_t)got;
        talk->in[talk->n] = '\0';
        return true;
    }
    return false;
}

static void drop_front(struct talk *talk, size_t n)
{
    memmove(talk->in, talk->in + n, talk->n - n + 1);
    talk->n -= n;
}

static bool line_of(struct talk *talk, char line[512])
{
    char *end;
    while (!(end = talk->n ? strstr(talk->in, "\r\n") : NULL))
        if (!hear(talk)) return false;
    snprintf(line, 512, "%.*s", (int)(end - talk->in), talk->in);
    drop_front(talk, (size_t)(end - talk->in) + 2);
    return true;
}

static void keep(struct talk *talk, const char *who, const char *whole)
{
    struct fake_relay *relay = talk->relay;
    pthread_mutex_lock(&relay->mutex);
    snprintf(relay->last, sizeof relay->last, "%s", whole);
    unsigned n = relay->n_taken;
    if (n < FAKE_RELAY_KEPT) snprintf(relay->taken_for[n], sizeof relay->taken_for[n], "%s", who);
    relay->n_taken++;
    pthread_mutex_unlock(&relay->mutex);
}

/* What there is of it is not kept but for its end: it may be long. */
static bool take_half(struct talk *talk, const char *who)
{
    static const char last[] = "\r\n.\r\n";
    if (!hear(talk)) return false;
    talk->relay->n_half++;
    poll(NULL, 0, 1000);
    while (talk->n < sizeof last - 1 || strcmp(talk->in + talk->n - (sizeof last - 1), last) != 0) {
        if (talk->n >= sizeof last - 1) drop_front(talk, talk->n - (sizeof last - 2));
        if (!hear(talk)) return false;
    }
    keep(talk, who, talk->in);
    talk->n = 0;
    say(talk, "250 ok\r\n");
    return true;
}

static bool take_data(struct talk *talk, const char *who)
{
    char *end;
    say(talk, "354 go on\r\n");
    if (strncmp(who, "half@", 5) == 0) return take_half(talk, who);
    if (strncmp(who, "cut@", 4) == 0) { (void)hear(talk); return false; }
    while (!(end = talk->n ? strstr(talk->in, "\r\n.\r\n") : NULL))
        if (!hear(talk)) return false;
    char *whole = strndup(talk->in, (size_t)(end - talk->in) + 2);
    drop_front(talk, (size_t)(end - talk->in) + 5);
    bool goes_on = strncmp(who, "drop@", 5) != 0;
    if (strncmp(who, "spam@", 5) == 0) say(talk, "554 5.7.1 this looks like spam\r\n");
    else keep(talk, who, whole);
    if (goes_on && strncmp(who, "spam@", 5) != 0) say(talk, "250 ok\r\n");
    free(whole);
    return goes_on;
}

static void talk_smtp(struct talk *talk)
{
    char line[512], who[64] = "";
    say(talk, "220 relay\r\n");
    while (line_of(talk, line)) {
        if (strncasecmp(line, "EHLO", 4) == 0) say(talk, "250-relay\r\n250 8BITMIME\r\n");
        else if (strncasecmp(line, "RCPT", 4) == 0) {
            const char *open = strchr(line, '<');
            snprintf(who, sizeof who, "%.*s", open ? (int)strcspn(open + 1, ">") : 0, open ? open + 1 : "");
            if (strncmp(who, "hang@", 5) == 0) { talk->relay->n_hung++; while (hear(talk)) talk->n = 0; return; }
            if (strncmp(who, "slow@", 5) == 0) poll(NULL, 0, 200);
            say(talk, strncmp(who, "later@", 6) == 0  ? "451 4.7.1 try later\r\n"
                      : strncmp(who, "full@", 5) == 0 ? "550 5.1.1 no such user here\r\n"
                                                      : "250 ok\r\n");
        } else if (strncasecmp(line, "DATA", 4) == 0) {
            if (!take_data(talk, who)) return;
        } else if (strncasecmp(line, "QUIT", 4) == 0) { say(talk, "221 bye\r\n"); return; }
        else say(talk, "250 ok\r\n");
    }
}

static void talk_http(struct talk *talk)
{
    for (unsigned n_before = 0;; n_before++) {
        char *end, id[64] = "", path[64] = "";
        while (!(end = talk->n ? strstr(talk->in, "\r\n\r\n") : NULL))
            if (!hear(talk)) return;
        const char *length = strcasestr(talk->in, "content-length:"),
                   *header = strcasestr(talk->in, "webhook-id:");
        size_t n = (size_t)(end - talk->in) + 4 + (length ? strtoul(length + 15, NULL, 10) : 0);
        while (talk->n < n)
            if (!hear(talk)) return;
        if (header) sscanf(header + 11, " %63[^\r]", id);
        sscanf(talk->in, "POST %63s", path);
        if (strcmp(path, "/hang") == 0) { talk->relay->n_hung++; while (hear(talk)) talk->n = 0; return; }
        keep(talk, id, talk->in);
        if (strcmp(path, "/drop") == 0 || (strcmp(path, "/second") == 0 && n_before > 0)) return;
        if (strcmp(path, "/slow") == 0) poll(NULL, 0, 400);
        drop_front(talk, n);
        time_t then = time(NULL) + 120;
        char dated[160];
        strftime(dated, sizeof dated,
                 "HTTP/1.1 429 Slow Down\r\nRetry-After: %a, %d %b %Y %H:%M:%S GMT\r\nContent-Length: 0\r\n\r\n",
                 gmtime_r(&then, &(struct tm){ 0 }));
        say(talk, strcmp(path, "/dated") == 0 ? dated
                  : strcmp(path, "/long") == 0
                      ? "HTTP/1.1 503 Busy\r\nRetry-After: 9223372036854775807\r\nContent-Length: 0\r\n\r\n"
                  : strcmp(path, "/later") == 0
                      ? "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
                  : strcmp(path, "/gone") == 0 ? "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
                  : strcmp(path, "/away") == 0
                      ? "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
                      : "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"tier\":\"gold\"}");
    }
}

static void *talk_one(void *context)
{
    struct talk *talk = context;
    if (talk->relay->is_web) talk_http(talk);
    else talk_smtp(talk);
    close(talk->socket);
    talk->relay->n_connections--;
    free(talk);
    return NULL;
}

static void *listen_on(void *context)
{
    struct fake_relay *relay = context;
    struct pollfd ready = { .fd = relay->listener, .events = POLLIN };
    while (!relay->is_stopping) {
        if (poll(&ready, 1, 20) != 1) continue;
        struct talk *talk = calloc(1, sizeof *talk);
        talk->relay = relay;
        talk->socket = accept(relay->listener, NULL, NULL);
        relay->n_connections++;
        pthread_t thread;
        pthread_create(&thread, NULL, talk_one, talk);
        pthread_detach(thread);
    }
    return NULL;
}

void fake_relay_start(struct fake_relay *relay, bool is_web)
{
    memset(relay, 0, sizeof *relay);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    relay->is_web = is_web;
    relay->listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(relay->listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(relay->listener, 64), 0);
    getsockname(relay->listener, (struct sockaddr *)&address, &length);
    relay->port = ntohs(address.sin_port);
    pthread_mutex_init(&relay->mutex, NULL);
    pthread_create(&relay->thread, NULL, listen_on, relay);
}

void fake_relay_stop(struct fake_relay *relay)
{
    relay->is_stopping = true;
    pthread_join(relay->thread, NULL);
    while (relay->n_connections > 0) poll(NULL, 0, 5);
    close(relay->listener);
}

size_t fake_relay_count(struct fake_relay *relay, const char *who)
{
    size_t n = 0;
    pthread_mutex_lock(&relay->mutex);
    for (unsigned i = 0; i < relay->n_taken && i < FAKE_RELAY_KEPT; i++)
        n += strcmp(relay->taken_for[i], who) == 0;
    pthread_mutex_unlock(&relay->mutex);
    return n;
}
