/* serve_checks.c - see serve_checks.h. */
#include "serve_checks.h"
#include "load.h"

#include "hub/event_build.h"
#include "base/hash_map.h"
#include "log/log.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_uint n_passed, n_failed;

bool serve_check(bool is_fine, const char *sentence, ...)
{
    if (is_fine) {
        n_passed++;
        return true;
    }
    char text[2048];
    va_list args;
    va_start(args, sentence);
    vsnprintf(text, sizeof text, sentence, args);
    va_end(args);
    n_failed++;
    printf("FAILED: %s\n", text);
    fflush(stdout);
    return false;
}

unsigned serve_n_passed(void) { return n_passed; }
unsigned serve_n_failed(void) { return n_failed; }

/* Puts the messages of the log into the set; events that are lines of a message have odd hashes. */
static bool read_messages(const struct log *log, struct hash_map *set, uint64_t *ret_n,
                          uint64_t *ret_n_repeated, struct err *err)
{
    struct log_reader *reader;
    struct log_totals totals;
    if (!log_totals(log, &totals, err) || !log_reader_open(log, &reader, err)) return false;
    hash_map_clear(set, (size_t)totals.n_events);
    bool ok = true;
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct arena *work = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, partition, LOG_MESSAGE, work, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) {
            if (events.message_hash[i] & 1) continue;
            ++*ret_n;
            *ret_n_repeated += (*hash_map_put(set, events.message_hash[i]))++ > 0;
        }
        arena_free(work);
    }
    log_reader_close(reader);
    return ok;
}

static uint64_t hash_of(uint32_t run, uint64_t number)
{
    char id[LOAD_MESSAGE_ID_BYTES];
    load_message_id(run, number, id);
    const struct message message = { .message_id = text_of(id) };
    return event_message_hash(&message, 0, 0);
}

void serve_verify_log(const char *database, uint32_t run, const struct serve_messages *sent, size_t n_sent)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct hash_map set = { 0 };
    struct store *store = NULL;
    struct log *log = NULL;
    struct err err;
    uint64_t n = 0, n_repeated = 0, n_wanted = 0, n_missing = 0, first_missing = 0;
    bool ok = store_open(database, STORE_READ, &store, &err) && log_open(store, &log, &err) &&
              read_messages(log, &set, &n, &n_repeated, &err);
    if (serve_check(ok, "the log is read: %s", ok ? "" : err.text)) {
        for (size_t s = 0; s < n_sent; s++) {
            n_wanted += sent[s].end - sent[s].first;
            for (uint64_t number = sent[s].first; number < sent[s].end; number++)
                if (!hash_map_find(&set, hash_of(run, number)) && n_missing++ == 0) first_missing = number;
        }
        serve_check(n_missing == 0, "every acknowledged message is in the log: %llu are not, the first is %llu",
                    (unsigned long long)n_missing, (unsigned long long)first_missing);
        serve_check(n_repeated == 0, "none is there twice: %llu are", (unsigned long long)n_repeated);
        serve_check(n == n_wanted && n > 0, "the log has the %llu messages sent, not %llu",
                    (unsigned long long)n_wanted, (unsigned long long)n);
        printf("%llu messages acknowledged, each in the log once\n", (unsigned long long)n);
    }
    log_close(log);
    store_close(store);
    hash_map_free(&set);
    arena_free(arena);
}

const char *serve_basic(struct arena *arena, const char *write_key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *plain = arena_format(arena, "%s:", write_key), *text = arena_alloc(arena, 2 * strlen(plain) + 16, 1);
    size_t n = strlen(plain), at = 0;
    memcpy(text, "Basic ", 6), at = 6;
    for (size_t i = 0; i < n; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < n ? (unsigned char)plain[i + k] : 0);
        for (size_t k = 0; k < 4; k++) text[at++] = i + k <= n ? letters[bits >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

struct serve_listener { pthread_t thread; unsigned port; char request[512]; size_t n_bytes; };

static void *listen_on(void *context)
{
    struct serve_listener *listener = context;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)listener->port) };
    char bytes[8192];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, listener->request, strlen(listener->request), MSG_NOSIGNAL) > 0)
        while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0) listener->n_bytes += (size_t)n;
    if (fd >= 0) close(fd);
    return NULL;
}

struct serve_listener *serve_listen(unsigned port, const char *bearer)
{
    struct serve_listener *listener = calloc(1, sizeof *listener);
    listener->port = port;
    snprintf(listener->request, sizeof listener->request,
             "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\n\r\n", bearer);
    if (pthread_create(&listener->thread, NULL, listen_on, listener) != 0) abort();
    return listener;
}

size_t serve_listen_end(struct serve_listener *listener)
{
    pthread_join(listener->thread, NULL);
    size_t n = listener->n_bytes;
    free(listener);
    return n;
}
