/* Transfers: what libcurl does not tell of a relay that is silent, or of a mail that is given up. */
#include "channel/transfer.h"

#include "send/fake_relay.h"
#include "support.h"

#include <poll.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void start(struct transfers *transfers, struct transfer transfer)
{
    struct err err;
    if (!transfer.connect_timeout_ms) transfer.connect_timeout_ms = 60000;
    ASSERT_OK(transfers_start(transfers, &transfer, &err), &err);
}

static void start_mail(struct transfers *transfers, const char *url, const char *to, struct text body,
                       int64_t timeout_ms)
{
    start(transfers, (struct transfer){ .url = url, .mail_from = "shop@example.com", .mail_to = to, .body = body,
                                        .timeout_ms = timeout_ms });
}

/* Of all that run: the end of each mail, and how often it was so. */
static void end_all(struct transfers *transfers, unsigned n_of[TRANSFER_IN_DOUBT + 1])
{
    struct transfer_result results[16];
    while (transfers_n(transfers) > 0) {
        size_t n = transfers_wait(transfers, 100, results, 16);
        for (size_t i = 0; i < n; i++) {
            n_of[results[i].end]++;
            if (results[i].end != TRANSFER_ANSWERED)
                cr_assert(strncmp(results[i].reply, "Timeout was reached", 19) == 0, "%s", results[i].reply);
        }
    }
}

static bool dawdle(void *context, int code, const char *bytes, size_t n)
{
    (void)context, (void)code, (void)bytes, (void)n;
    poll(NULL, 0, 800);
    return true;
}

/* Beside them another holds the thread until they are late, which libcurl then finds out in the middle of its work. */
Test(transfer, relays_that_are_silent_are_left_when_their_time_is_over_and_not_waited_for_once_more)
{
    enum { N = 6 };
    static struct fake_relay relay, web;
    fake_relay_start(&relay, false);
    fake_relay_start(&web, true);
    struct arena *arena = arena_new(1 << 20);
    const char *mail_url = arena_format(arena, "smtp://127.0.0.1:%d", relay.port),
               *web_url = arena_format(arena, "http://127.0.0.1:%d/slow", web.port);
    struct transfers *transfers;
    struct err err;
    unsigned n_of[TRANSFER_IN_DOUBT + 1] = { 0 };
    ASSERT_OK(transfers_new(16, &transfers, &err), &err);
    double began = seconds_now();
    start(transfers, (struct transfer){ .url = web_url, .take = dawdle, .timeout_ms = 60000 });
    for (int i = 0; i < N; i++) start_mail(transfers, mail_url, "hang@a.example", text_of("a\r\n"), 700);
    end_all(transfers, n_of);
    transfers_free(transfers);
    cr_assert_lt(seconds_now() - began, 60, "libcurl waits two minutes for who does not answer its leave");
    cr_assert_eq(n_of[TRANSFER_ANSWERED], 1);
    cr_assert_eq(n_of[TRANSFER_BROKEN] + n_of[TRANSFER_NOT_BEGUN], N);
    fake_relay_stop(&relay);
    fake_relay_stop(&web);
    arena_free(arena);
}

Test(transfer, a_mail_that_is_given_up_in_the_middle_is_no_whole_one)
{
    enum { LONG = 16 << 20 };
    static struct fake_relay relay;
    fake_relay_start(&relay, false);
    struct arena *arena = arena_new(LONG + (1 << 20));
    const char *url = arena_format(arena, "smtp://127.0.0.1:%d", relay.port);
    char *body = ARENA_ARRAY(arena, char, LONG);
    for (size_t i = 0; i < LONG; i++) body[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
    struct transfers *transfers;
    struct transfer_result results[4];
    struct err err;
    ASSERT_OK(transfers_new(4, &transfers, &err), &err);
    start_mail(transfers, url, "half@a.example", (struct text){ body, LONG }, 60000);
    for (double end = seconds_now() + 120; relay.n_half == 0 && seconds_now() < end;)
        cr_assert_eq(transfers_wait(transfers, 5, results, 4), 0);
    cr_assert_eq(relay.n_half, 1);
    transfers_free(transfers);
    for (double end = seconds_now() + 120; relay.n_connections > 0 && seconds_now() < end;) poll(NULL, 0, 5);
    cr_assert_eq(relay.n_connections, 0);
    cr_assert_eq(relay.n_taken, 0, "the relay would send half of it");
    fake_relay_stop(&relay);
    arena_free(arena);
}
