/* mail_bench.c - e-mail through a relay on this machine: out of the outbox, each on the disk before it leaves,
 * beside a bare loop of libcurl that sends the same finished bytes; and what making and signing a message takes of
 * its sending, beside the signature alone, which is the floor: by RSA of 2048 bits it is thirty times that.
 * The relay is a process of its own.  Both are told by the clock, which knows of the disk and of whom else the
 * machine works for, and by the processor's time of this process. */
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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { N_MESSAGES = 3000, RUNS = 5, N_SIGNATURES = 300, LINE_ROOM = 1 << 16 };

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

static void take_all(void)
{
    for (int peer; (peer = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        int *mine = malloc(sizeof *mine);
        *mine = peer;
        pthread_create(&thread, NULL, talk, mine);
        pthread_detach(thread);
    }
}

/* A child, so that its time is nobody's of these; it ends with its parent. */
static int sink_start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0) exit(1);
    getsockname(listener, (struct sockaddr *)&address, &length);
    pid_t child = fork();
    if (child < 0) exit(1);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        take_all();
        _exit(0);
    }
    close(listener);
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

struct ours { struct service *service; const char *html; unsigned run; int n; };

static bool put_all(struct store *store, void *context, struct err *err)
{
    const struct ours *ours = context;
    for (int i = 0; i < ours->n; i++) {
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

/* Put while nothing leaves: that is the work of whoever wants them sent. */
static void put_ours(void *context)
{
    struct ours *ours = context;
    struct err err;
    outbox_hold(ours->service->outbox, true);
    ours->run++;
    bench_need(ingest_run(ours->service->ingest, put_all, ours, &err), &err);
}

static void send_ours(void *context)
{
    struct ours *ours = context;
    uint64_t wanted = sender_counts(ours->service->sender).n_sent + (uint64_t)ours->n;
    const struct timespec pause = { .tv_nsec = ours->n == 1 ? 20 * 1000 : 4 * 1000 * 1000 };
    outbox_hold(ours->service->outbox, false);
    while (sender_counts(ours->service->sender).n_sent < wanted) (void)nanosleep(&pause, NULL);
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

/* The signature alone, by either kind of key. */
static void sign(void *context)
{
    const struct signing_key *key = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text signature;
    struct err err;
    for (int i = 0; i < N_SIGNATURES; i++) {
        arena_reset(arena);
        bench_need(signing_sign(key, text_of("a header of DKIM"), arena, &signature, &err), &err);
    }
    arena_free(arena);
}

/* Microseconds of one by a new key that openssl makes so. */
static double signing_us(const char *how, const char *path, struct arena *arena)
{
    struct err err;
    struct signing_key *key;
    if (system(arena_format(arena, "openssl genpkey %s -out '%s' 2>/dev/null", how, path)) != 0) exit(1);
    bench_need(signing_key_read(path, &key, &err), &err);
    struct bench_took took = bench_took(RUNS, NULL, sign, key);
    signing_key_free(key);
    return 1e6 * took.cpu / N_SIGNATURES;
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
    char *html = arena_alloc(arena, 8001, 1);
    for (size_t i = 0; i < 8000; i++) html[i] = i % 80 == 79 ? '\n' : (char)('a' + i % 26);
    write_file(yaml,
               arena_format(arena,
                            "channels:\n  email: {kind: smtp, url: 'smtp://127.0.0.1:%d', tls: none, from: "
                            "'news@example.com', dkim: [{domain: example.com, selector: e, key_file: '%s/%s'}]}\n",
                            port, key_path[0] == '/' ? "" : getcwd(folder, sizeof folder), key_path));
    bench_need(secret_start(&err), &err);
    double rsa_us = signing_us("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", key_path, arena),
           ed25519_us = signing_us("-algorithm ed25519", key_path, arena);
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
    struct bench_took made = bench_took(RUNS, NULL, make, &making);
    struct loop loop = { .port = port, .bytes = making.bytes };
    struct bench_took bare = bench_took(RUNS, NULL, send_bare, &loop);
    struct service_options options = { .path = path,
                                       .clock = { clock_wall_ms, NULL },
                                       .now_seconds = clock_seconds,
                                       .n_threads = 2,
                                       .seed = 1,
                                       .is_sending = true,
                                       .settings_path = yaml };
    struct ours ours = { .html = html, .n = N_MESSAGES };
    bench_need(service_open(&options, &ours.service, &err), &err);
    struct bench_took sent = bench_took(RUNS, put_ours, send_ours, &ours);
    ours.n = 1;     /* alone, from its being let go to the relay's last answer */
    double alone = bench_median(60, put_ours, send_ours, &ours);
    service_close(ours.service);
    double us = 1e6 / N_MESSAGES;
    fprintf(stderr, "bench: %.0f messages/s of %zu bytes, the bare loop %.0f; one takes %.1f us of the processor, in "
                    "the bare loop %.1f; made and signed in %.1f, of which the signature %.1f; one by RSA of 2048 bits "
                    "takes %.1f; one alone is sent after %.0f us by the clock\n",
            N_MESSAGES / sent.wall, making.bytes.length, N_MESSAGES / bare.wall, us * sent.cpu, us * bare.cpu,
            us * made.cpu, ed25519_us, rsa_us, 1e6 * alone);
    bench_record(&(struct bench){ "e-mail out of the outbox", "s", sent.wall, bare.wall, "libcurl, bare loop", 0.5,
                                  "by the clock, making and signing too; each is on the disk before it leaves" });
    bench_record(&(struct bench){ "e-mail out of the outbox, processor", "us", us * (sent.cpu - made.cpu),
                                  us * bare.cpu, "libcurl, bare loop", 0.5,
                                  "of all our threads, without making the bytes, which the loop finds made" });
    bench_record(&(struct bench){ "making and signing a message", "us", us * made.cpu, 1e6 * alone,
                                  "the sending of that message", 10,
                                  "MIME and a signature by Ed25519, of the processor; sent alone, by the clock" });
    signing_key_free(dkim.key);
    arena_free(scratch);
    arena_free(arena);
    return 0;
}
