/* Which messages are known: against a list, over generations, and from the log. */
#include "hub/dedupe.h"
#include "hub/event_build.h"
#include "support.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

Test(dedupe, what_was_put_is_known_and_what_was_taken_back_is_not)
{
    EACH_CASE(c, 20) {
        enum { N = 3000 };
        struct dedupe *dedupe;
        uint64_t messages[N];
        bool is_there[N] = { false };
        dedupe = dedupe_new(0);
        for (int i = 0; i < N; i++)     /* in few of the tables */
            messages[i] = rng_uint64(&c.rng) >> 1 << 1 & ~(UINT64_C(0xf) << 58);
        for (int step = 0; step < 3 * N; step++) {
            size_t i = rng_below(&c.rng, N);
            cr_assert_eq(dedupe_has(dedupe, messages[i]), is_there[i]);
            if (is_there[i]) dedupe_take_back(dedupe, messages[i]);
            else dedupe_put(dedupe, messages[i], 1);
            is_there[i] = !is_there[i];
        }
        for (int i = 0; i < N; i++) cr_assert_eq(dedupe_has(dedupe, messages[i]), is_there[i]);
        dedupe_free(dedupe);
    }
}

Test(dedupe, a_message_is_known_for_thirty_days_at_least_and_sixty_at_most)
{
    EACH_CASE(c, 50) {
        struct dedupe *dedupe;
        int64_t put_ms = support_between(&c.rng, 0, 200) * DAY_MS, now_ms = 0;
        dedupe = dedupe_new(0);
        for (uint64_t other = 2; now_ms < put_ms; other += 2) {
            dedupe_put(dedupe, other << 20, now_ms);
            now_ms += support_between(&c.rng, 0, 20 * DAY_MS);
        }
        put_ms = now_ms;
        dedupe_put(dedupe, 42, put_ms);
        for (uint64_t other = 4; now_ms - put_ms <= 90 * DAY_MS; other += 2) {
            now_ms += support_between(&c.rng, 0, 10 * DAY_MS);
            dedupe_put(dedupe, other << 30, now_ms);
            if (now_ms - put_ms < 30 * DAY_MS) cr_assert(dedupe_has(dedupe, 42));
        }
        cr_assert(!dedupe_has(dedupe, 42));
        dedupe_free(dedupe);
    }
}

Test(dedupe, the_recent_messages_of_a_log_are_known_and_their_lines_are_not_counted)
{
    enum { N = 500 };
    struct store *store;
    struct log *log;
    struct dedupe *dedupe;
    struct err err;
    int64_t received_ms[N], now_ms = 1000 * DAY_MS;
    uint32_t identity[N];
    uint16_t kind[N] = { 0 };
    uint64_t message[N];
    ASSERT_OK(store_open(":memory:", STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &log, &err), &err);
    for (int i = 0; i < N; i++) {
        char name[24];
        snprintf(name, sizeof name, "%d", i % 90);
        ASSERT_OK(log_intern(log, DICTIONARY_IDENTITY, text_of(name), &identity[i], &err), &err);
        received_ms[i] = now_ms - (N - i) * DAY_MS / 10;       /* 50 days */
        message[i] = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        if (i % 5) message[i] &= ~UINT64_C(1);
        else message[i] |= 1;
    }
    struct events events = { .n = N, .received_ms = received_ms, .time_ms = received_ms, .identity = identity,
                             .kind = kind, .message_hash = message };
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_append(log, &events, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    dedupe = dedupe_new(now_ms);
    ASSERT_OK(dedupe_load(dedupe, log, now_ms, 3, &err), &err);
    for (int i = 0; i < N; i++)
        cr_assert_eq(dedupe_has(dedupe, message[i]), i % 5 && received_ms[i] >= now_ms - DEDUPE_WINDOW_MS, "%d",
                     i);
    cr_assert_eq(dedupe_n(dedupe), 240);
    dedupe_free(dedupe);
    log_close(log);
    store_close(store);
}

Test(dedupe, messages_without_an_id_are_all_different_and_equal_ids_are_one)
{
    struct message message = { .raw = text_of("{}") }, with_id = { .message_id = text_of("m1"),
                                                                   .raw = text_of("{}") };
    cr_assert_neq(event_message_hash(&message, 5, 0), event_message_hash(&message, 5, 1));
    cr_assert_neq(event_message_hash(&message, 5, 0), event_message_hash(&message, 6, 0));
    cr_assert_eq(event_message_hash(&with_id, 5, 0), event_message_hash(&with_id, 6, 1));
    uint64_t hash = event_message_hash(&with_id, 5, 0);
    cr_assert_eq(hash & 1, 0);
    cr_assert_eq(event_line_hash(hash, 0) & 1, 1);
    cr_assert_neq(event_line_hash(hash, 0), event_line_hash(hash, 1));
}
