/* mail_bench.c - e-mail through a relay on this machine: out of the outbox, each on the disk before it leaves,
 * beside a bare loop of libcurl that sends the same finished bytes; and what making and signing a message takes of
 * that. */
#include "bench.h"

#include "base/secret.h"
#include "channel/mime.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "hub/outbox.h"
#include "send/sender.h"
#include "server/clocks.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { N_MESSAGES = 3000, LINE_ROOM = 1 << 16 };

/* ---- a relay that takes everything ---- */

static int listener;

static void say(int to, const char *line) { (void)!send(to, line, strlen(line), MSG_NOSIGNAL); }

static void *talk(void *context)
{
    int peer = *(int *)context;
    static _Thread_local char in[LINE_ROOM];
    size_t n = 0;
    bool is_data = false;
    free(context);
    say(peer, "220 sink\r\n");
    for (ssize_t got; (got = recv(peer, in + n, sizeof in - 1 - n, 0)) > 0;) {
        n += (size_t)got;
        in[n] = '\0';
        for (char *end; (end = strstr(in, is_data ? "\r\n.\r\n" : "\r\n"));) {
            size_t length = (size_t)(end - in) + (is_data ? 5 : 2);
            bool is_begin = !is_data && strncasecmp(in, "DATA", 4) == 0;
            say(peer, is_begin ? "354 go on\r\n" : "250 ok\r\n");
            is_data = is_begin;
            memmove(in, in + length, n - length + 1);
            n -= length;
        }
    }
    close(peer);
    return NULL;
}

static void *take_all(void *context)
{
    (void)context;
    for (int peer; (peer = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        int *mine = malloc(sizeof *mine);
        *mine = peer;
        pthread_create(&thread, NULL, talk, mine);
        pthread_detach(thread);
    }
    return NULL;
}

static int sink_start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0) exit(1);
    getsockname(listener, (struct sockaddr *)&address, &length);
    pthread_create(&thread, NULL, take_all, NULL);
    return ntohs(address.sin_port);
}

/* ---- the bare loop ---- */

struct loop { int port; struct text bytes; size_t at; };

static size_t give(char *to, size_t size, size_t n, void *context)
{
    struct loop *loop = context;
    size_t left = loop->bytes.length - loop->at, most = size * n;
    if (left > most) left = most;
    memcpy(to, loop->bytes.at + loop->at, left);
    loop->at += left;
    return left;
}

static void send_bare(void *context)
{
    struct loop *loop = context;
    CURL *easy = curl_easy_init();
    struct curl_slist *to = curl_slist_append(NULL, "ada@example.net");
    char url[64];
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d", loop->port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "news@example.com");
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, loop);
    for (int i = 0; i < N_MESSAGES; i++) {
        loop->at = 0;
        if (curl_easy_perform(easy) != CURLE_OK) {
            fprintf(stderr, "mail_bench: the bare loop failed\n");
            exit(1);
        }
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(easy);
}

/* ---- ours ---- */

struct ours { struct service *service; const char *html; unsigned run; };

static bool put_all(struct store *store, void *context, struct err *err)
{
    const struct ours *ours = context;
    for (int i = 0; i < N_MESSAGES; i++) {
        char key[32];
        int64_t id;
        snprintf(key, sizeof key, "%u %d", ours->run, i);
        const struct outbox_message message = { .key = text_of(key),
                                                .channel = text_of("email"),
                                                .address = text_of("ada@example.net"),
                                                .subject = text_of("Hello"),
                                                .text = text_of(ours->html),
                                                .html = text_of(ours->html) };
        if (!outbox_put(ours->service->outbox, store, &message, clock_wall_ms(NULL), &id, err)) return false;
    }
    return true;
}

static void send_ours(void *context)
{
    struct ours *ours = context;
    struct err err;
    uint64_t wanted = sender_counts(ours->service->sender).n_sent + N_MESSAGES;
    ours->run++;
    bench_need(ingest_run(ours->service->ingest, put_all, ours, &err), &err);
    while (sender_counts(ours->service->sender).n_sent < wanted) poll(NULL, 0, 1);
}

struct making { struct mail mail; struct text bytes; struct arena *arena; };

static void make(void *context)
{
    struct making *making = context;
    struct err err;
    for (int i = 0; i < N_MESSAGES; i++) {
        arena_reset(making->arena);
        bench_need(mime_write(&making->mail, making->arena, &making->bytes, &err), &err);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) { perror(path); exit(1); }
}

int main(void)
{
    struct err err;
    char folder[4096];
    int port = sink_start();
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *scratch = arena_new(ARENA_NO_LIMIT);
    const char *path = arena_copy(arena, bench_fresh_path("mail.holdfast"));
    const char *key_path = arena_copy(arena, bench_fresh_path("mail.pem"));
    const char *yaml = arena_copy(arena, bench_fresh_path("mail.yaml"));
    if (system(arena_format(arena, "openssl genpkey -algorithm ed25519 -out '%s'", key_path)) != 0) return 1;
    char *html = arena_alloc(arena, 8001, 1);
    for (size_t i = 0; i < 8000; i++) html[i] = i % 80 == 79 ? '\n' : (char)('a' + i % 26);
    write_file(yaml,
               arena_format(arena,
                            "channels:\n  email: {kind: smtp, url: 'smtp://127.0.0.1:%d', tls: none, from: "
                            "'news@example.com', dkim: [{domain: example.com, selector: e, key_file: '%s/%s'}]}\n",
                            port, key_path[0] == '/' ? "" : getcwd(folder, sizeof folder), key_path));
    bench_need(secret_start(&err), &err);
    struct dkim_key dkim = { .domain = "example.com", .selector = "e" };
    bench_need(signing_key_read(key_path, &dkim.key, &err), &err);
    struct making making = { .arena = scratch,
                             .mail = { .from = { "Shop", "news@example.com" },
                                       .to = "ada@example.net",
                                       .subject = text_of("Hello"),
                                       .text = text_of(html),
                                       .html = text_of(html),
                                       .message_id = "m_1@example.com",
                                       .keys = &dkim,
                                       .n_keys = 1 } };
    double made = bench_median(3, NULL, make, &making) / N_MESSAGES;
    struct loop loop = { .port = port, .bytes = making.bytes };
    double bare = bench_median(3, NULL, send_bare, &loop);
    struct service_options options = { .path = path,
                                       .clock = { clock_wall_ms, NULL },
                                       .now_seconds = clock_seconds,
                                       .n_threads = 2,
                                       .seed = 1,
                                       .is_sending = true,
                                       .settings_path = yaml };
    struct ours ours = { .html = html };
    bench_need(service_open(&options, &ours.service, &err), &err);
    double sent = bench_median(3, NULL, send_ours, &ours);
    service_close(ours.service);
    fprintf(stderr, "bench: %.0f messages/s of %zu bytes, the bare loop %.0f; made and signed in %.1f us\n",
            N_MESSAGES / sent, making.bytes.length, N_MESSAGES / bare, 1e6 * made);
    bench_record(&(struct bench){ "e-mail out of the outbox", "s", sent, bare, "libcurl, bare loop", 0.5,
                                  "each is on the disk as sending before it leaves" });
    bench_record(&(struct bench){ "making and signing a message", "us", 1e6 * made, 1e6 * bare / N_MESSAGES,
                                  "its sending", 10, NULL });
    signing_key_free(dkim.key);
    arena_free(scratch);
    arena_free(arena);
    return 0;
}
