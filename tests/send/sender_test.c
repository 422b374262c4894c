/* sender_test.c - what leaves by a relay or a web server that misbehaves, and what becomes of it. */
#include "hub/ingest_support.h"
#include "hub/outbox_sending.h"
#include "send/fake_relay.h"
#include "send/sender.h"
#include "customer/closed_address.h"

#include <poll.h>

enum { PATIENCE_MS = 120000 };

struct house {
    struct fixture          fixture;
    struct outbox       *outbox;
    struct reading_pool *readers;
    struct sender       *sender;
    struct fake_relay    relay;
    struct arena        *arena;
    char                 answer[64];
    uint32_t             ada;
};

static _Atomic int64_t shift_ms;        /* of the sender's clock */

static int64_t real_now(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t shifted_now(void *context) { return real_now(context) + shift_ms; }

static bool hear(void *context, struct store *store, const struct outbox_outcome *outcome, struct err *err)
{
    struct house *house = context;
    (void)store, (void)err;
    snprintf(house->answer, sizeof house->answer, "%.*s", (int)outcome->answer.length, outcome->answer.at);
    return true;
}

static _Atomic int64_t quiet_until_ms;          /* of everybody */

static bool quiet_until(void *context, struct store *store, uint32_t customer, struct text channel, struct text topic,
                        int64_t *ret_until_ms, struct err *err)
{
    (void)context, (void)store, (void)customer, (void)channel, (void)topic, (void)err;
    *ret_until_ms = quiet_until_ms;
    return true;
}

static void start_sender(struct house *house, const char *yaml)
{
    struct settings settings;
    struct err err;
    const char *path = support_path("holdfast.yaml");
    const char *port = arena_format(house->arena, "%d", house->relay.port), *at;
    char *text = arena_copy(house->arena, yaml);
    while ((at = strstr(text, "PORT")))
        text = arena_format(house->arena, "%.*s%s%s", (int)(at - text), text, port, at + strlen("PORT"));
    support_write(path, text, strlen(text));
    ASSERT_OK(settings_read(path, house->arena, &settings, &err), &err);
    house->outbox = outbox_new(house->fixture.profiles, house->fixture.scheduler);
    outbox_listen(house->outbox, hear, house);
    const struct sender_options options = {
        .outbox = house->outbox,
        .ingest = house->fixture.ingest,
        .readers = house->readers,
        .profiles = house->fixture.profiles,
        .consents = house->fixture.consents,
        .identities = house->fixture.identities,
        .log = house->fixture.log,
        .lock = &house->fixture.lock,
        .clock = { shifted_now, NULL },
        .quiet_until = quiet_until,
        .seed = 1,
    };
    ASSERT_OK(sender_start(&options, &settings, &house->sender, &err), &err);
}

static void open_house(struct house *house, bool is_web, const char *yaml)
{
    memset(house, 0, sizeof *house);
    house->arena = arena_new(ARENA_NO_LIMIT);
    fake_relay_start(&house->relay, is_web);
    house->fixture.now_ms = real_now(NULL) + 86400000;     /* of the scheduler: whatever waits is rung at once */
    fixture_open(&house->fixture, support_path("send.holdfast"));
    struct parcel parcel = parcel_new(1);
    parcel_add(&parcel, "ada", "first");
    (void)fixture_put(&house->fixture, &parcel);
    cr_assert(log_find(house->fixture.log, DICTIONARY_IDENTITY, text_of("ada"), &house->ada));
    house->readers = reading_pool_new(house->fixture.store, 4);
    start_sender(house, yaml);
}

static void close_house(struct house *house)
{
    scheduler_stop(house->fixture.scheduler);
    sender_stop(house->sender);
    outbox_free(house->outbox);
    reading_pool_free(house->readers);
    fixture_close(&house->fixture);
    fake_relay_stop(&house->relay);
    arena_free(house->arena);
}

struct putting { struct house *house; struct outbox_message message; int64_t id; };

static bool put_job(struct store *store, void *context, struct err *err)
{
    struct putting *job = context;
    return outbox_put(job->house->outbox, store, &job->message, real_now(NULL), &job->id, err);
}

static int64_t put(struct house *house, const char *channel, const char *address, const char *key)
{
    struct err err;
    struct putting job = { house,
                           { .key = text_of(key),
                             .channel = text_of(channel),
                             .topic = text_of("offers"),
                             .identity = house->ada,
                             .address = text_of(address),
                             .subject = text_of("Hello"),
                             .text = text_of("{\"id\":1}"),
                             .journey = text_of("j"),
                             .step = text_of("s"),
                             .html = text_of(""),
                             .language = text_of("") },
                           0 };
    ASSERT_OK(ingest_run(house->fixture.ingest, put_job, &job, &err), &err);
    return job.id;
}

static struct outbox_row row_of(struct house *house, int64_t id)
{
    struct err err;
    struct store *store;
    struct outbox_row row = { 0 };
    ASSERT_OK(reading_pool_take(house->readers, &store, &err), &err);
    ASSERT_OK(outbox_get(store, id, house->arena, &row, &err), &err);
    reading_pool_give(house->readers, store);
    return row;
}

/* Waits until the message has that status. */
static struct outbox_row await(struct house *house, int64_t id, const char *status)
{
    struct outbox_row row = { 0 };
    for (int64_t until_ms = real_now(NULL) + PATIENCE_MS; real_now(NULL) < until_ms; poll(NULL, 0, 5)) {
        row = row_of(house, id);
        if (strcmp(row.status, status) == 0) return row;
    }
    cr_assert(false, "message %lld is %s (%s) and not %s", (long long)id, row.status, row.reply, status);
    return row;
}

static void await_due(struct house *house, int64_t id, int64_t due_ms)
{
    for (int64_t until_ms = real_now(NULL) + PATIENCE_MS;
         row_of(house, id).due_ms != due_ms && real_now(NULL) < until_ms;)
        poll(NULL, 0, 5);
    cr_assert_eq(row_of(house, id).due_ms, due_ms);
}

static const char mail_yaml[] =
    "topics: {offers: {basis: interest}}\n"
    "channels:\n  email: {kind: smtp, url: 'smtp://127.0.0.1:PORT', tls: none, timeout: 5, "
    "from: 'Shop <news@example.com>', return_path: 'b+{token}@example.com'}\n";

Test(outbox_sending, each_answer_of_a_relay_is_told_from_the_others)
{
    static struct house house;
    struct err err;
    open_house(&house, false, mail_yaml);
    int64_t sent = put(&house, "email", "ada@a.example", "1"),
            later = put(&house, "email", "later@b.example", "2");
    int64_t full = put(&house, "email", "full@c.example", "3"), spam = put(&house, "email", "spam@d.example", "4");
    int64_t drop = put(&house, "email", "drop@e.example", "5"), cut = put(&house, "email", "cut@f.example", "6");
    int64_t wrong = put(&house, "email", "a@b>", "7");
    cr_assert_str_eq(await(&house, sent, "sent").reply, "250 ok");
    struct outbox_row row = await(&house, later, "retrying");
    cr_assert_str_eq(row.reply, "451 4.7.1 try later");
    cr_assert_geq(row.due_ms, real_now(NULL) + 15000);
    cr_assert_str_eq(await(&house, full, "dead").reply, "550 5.1.1 no such user here");
    cr_assert_str_eq(await(&house, spam, "dead").reply, "554 5.7.1 this looks like spam");
    await(&house, drop, "unknown");
    await(&house, cut, "unknown");
    cr_assert_str_eq(await(&house, wrong, "dead").rule, "no_address");
    cr_assert_eq(fake_relay_count(&house.relay, "drop@e.example"), 1, "what is in doubt is left");
    /* No such user: nothing more goes there, and nothing else is stopped. */
    int64_t again = put(&house, "email", "Full@C.example", "8"),
            other = put(&house, "email", "spam@d.example", "9");
    cr_assert_str_eq(await(&house, again, "cancelled").rule, "suppressed");
    await(&house, other, "dead");
    struct store *store;        /* not the writer's own, who may still be at it */
    bool is_closed = true;
    ASSERT_OK(reading_pool_take(house.readers, &store, &err), &err);
    ASSERT_OK(closed_address_find(store, profiles_vault(house.fixture.profiles), text_of("spam@d.example"), &is_closed,
                                  &err), &err);
    reading_pool_give(house.readers, store);
    cr_assert_not(is_closed);
    close_house(&house);
}

Test(outbox_sending, a_destination_that_hangs_holds_up_no_other)
{
    enum { N = 300 };
    static struct house house;
    open_house(&house, false, mail_yaml);
    int64_t last = 0;
    for (int i = 0; i < 40; i++) put(&house, "email", "hang@hang.example", arena_format(house.arena, "h%d", i));
    for (int i = 0; i < N; i++)
        last = put(&house, "email", arena_format(house.arena, "p%d@d%d.example", i, i % 7),
                   arena_format(house.arena, "k%d", i));
    await(&house, last, "sent");
    for (int64_t until_ms = real_now(NULL) + PATIENCE_MS; house.relay.n_taken < N && real_now(NULL) < until_ms;)
        poll(NULL, 0, 5);
    cr_assert_eq(house.relay.n_taken, N);
    cr_assert_leq(house.relay.n_hung, 40);
    close_house(&house);
}

/* Answers of one connection are not written down in the order of the messages. */
static void await_sent(struct house *house, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) await(house, ids[i], "sent");
}

static size_t count_sent(struct house *house, const int64_t *ids, size_t n)
{
    size_t n_sent = 0;
    for (size_t i = 0; i < n; i++) n_sent += strcmp(row_of(house, ids[i]).status, "sent") == 0;
    return n_sent;
}

Test(outbox_sending, a_new_sender_gives_a_domain_few_a_day_and_twice_as_many_the_next)
{
    enum { N = 8 };
    static struct house house;
    int64_t ids[N];
    shift_ms = 90000000 - real_now(NULL) % 86400000;    /* an hour after the next midnight, far from another */
    open_house(&house, false,
               "topics: {offers: {basis: interest}}\n"
               "channels:\n  email: {kind: smtp, url: 'smtp://127.0.0.1:PORT', tls: none, warm_up: 2, from: "
               "a@b.example}\n");
    for (int i = 0; i < N; i++)
        ids[i] = put(&house, "email", arena_format(house.arena, "p%d@w.example", i),
                     arena_format(house.arena, "w%d", i));
    int64_t other = put(&house, "email", "ada@x.example", "x");
    await(&house, other, "sent");
    await_sent(&house, ids, 2);
    cr_assert_eq(count_sent(&house, ids, N), 2);
    await_due(&house, ids[N - 1], (shifted_now(NULL) / 86400000 + 1) * 86400000);
    shift_ms += 86400000;
    await_sent(&house, ids, 6);
    cr_assert_eq(count_sent(&house, ids, N), 6);
    shift_ms += 86400000;
    await_sent(&house, ids, N);
    close_house(&house);
}

static bool refuse_job(struct store *store, void *context, struct err *err)
{
    struct house *house = context;
    return consents_put(house->fixture.consents, store, text_of("ada"), text_of("{\"offers\": false}"), 5,
                        text_of("page"), text_of(""), err);
}

Test(outbox_sending, who_refused_after_it_was_put_is_not_written_to)
{
    static struct house house;
    struct err err;
    open_house(&house, false, mail_yaml);
    struct putting job = { &house,
                           { .key = text_of("k"),
                             .channel = text_of("email"),
                             .topic = text_of("offers"),
                             .identity = house.ada,
                             .address = text_of("ada@a.example"),
                             .text = text_of("x"),
                             .due_ms = real_now(NULL) + 3600000 },
                           0 };
    ASSERT_OK(ingest_run(house.fixture.ingest, put_job, &job, &err), &err);
    ASSERT_OK(ingest_run(house.fixture.ingest, refuse_job, &house, &err), &err);
    shift_ms = 3700000;
    (void)put(&house, "email", "bob@a.example", "k2");        /* wakes the lane, and is theirs too */
    cr_assert_str_eq(await(&house, job.id, "cancelled").rule, "consent");
    cr_assert_eq(house.relay.n_taken, 0);
    close_house(&house);
}

static bool stop_job(struct store *store, void *context, struct err *err)
{
    (void)context;
    return outbox_stop(store, text_of("all"), 1, text_of("me"), err);
}

static bool lift_job(struct store *store, void *context, struct err *err)
{
    struct house *house = context;
    return outbox_lift(house->outbox, store, text_of("all"), shifted_now(NULL), err);
}

Test(outbox_sending, what_waited_through_a_stop_keeps_the_quiet_hours_that_have_begun_meanwhile)
{
    static struct house house;
    struct err err;
    open_house(&house, false, mail_yaml);
    ASSERT_OK(ingest_run(house.fixture.ingest, stop_job, &house, &err), &err);
    int64_t id = put(&house, "email", "ada@a.example", "k");
    shift_ms = 3600000;
    quiet_until_ms = shifted_now(NULL) + 3600000;
    ASSERT_OK(ingest_run(house.fixture.ingest, lift_job, &house, &err), &err);
    await_due(&house, id, quiet_until_ms);
    cr_assert_eq(house.relay.n_taken, 0);
    shift_ms += 3700000;
    quiet_until_ms = 0;
    (void)put(&house, "email", "bob@a.example", "k2");        /* wakes the lane */
    (void)await(&house, id, "sent");
    close_house(&house);
}

static const char web_yaml[] =
    "channels:\n  crm: {kind: webhook, url: 'http://127.0.0.1:PORT/in', allow_private: ['127.0.0.1/32'], timeout: "
    "60}\n"
    "  later: {kind: webhook, url: 'http://127.0.0.1:PORT/later', allow_private: ['127.0.0.0/8']}\n"
    "  dated: {kind: webhook, url: 'http://127.0.0.1:PORT/dated', allow_private: ['127.0.0.0/8']}\n"
    "  long: {kind: webhook, url: 'http://127.0.0.1:PORT/long', allow_private: ['127.0.0.0/8']}\n"
    "  gone: {kind: webhook, url: 'http://127.0.0.1:PORT/gone', allow_private: ['127.0.0.0/8']}\n"
    "  away: {kind: webhook, url: 'http://127.0.0.1:PORT/away', allow_private: ['127.0.0.0/8']}\n"
    "  drop: {kind: webhook, url: 'http://127.0.0.1:PORT/drop', allow_private: ['127.0.0.0/8']}\n"
    "  inside: {kind: webhook, url: 'http://127.0.0.1:PORT/in'}\n"
    "  mapped: {kind: webhook, url: 'http://[::ffff:127.0.0.1]:PORT/in'}\n"
    "  number: {kind: webhook, url: 'http://2130706433:PORT/in'}\n"
    "  cloud: {kind: webhook, url: 'http://169.254.169.254/latest'}\n";

Test(outbox_sending, webhooks_are_answered_and_lead_into_no_private_network)
{
    static struct house house;
    open_house(&house, true, web_yaml);
    int64_t sent = put(&house, "crm", "", "1"), later = put(&house, "later", "", "2"),
            gone = put(&house, "gone", "", "3");
    int64_t away = put(&house, "away", "", "4"), drop = put(&house, "drop", "", "5");
    await(&house, sent, "sent");
    struct outbox_row row = await(&house, later, "retrying");
    cr_assert_geq(row.due_ms, real_now(NULL) + 100000, "Retry-After is kept");
    row = await(&house, put(&house, "dated", "", "8"), "retrying");
    cr_assert(row.due_ms >= real_now(NULL) + 100000 && row.due_ms <= real_now(NULL) + 130000, "and as a date");
    row = await(&house, put(&house, "long", "", "9"), "retrying");
    cr_assert(row.due_ms > real_now(NULL) && row.due_ms <= real_now(NULL) + 25 * 3600000LL, "a day at most");
    await(&house, gone, "dead");
    await(&house, away, "dead");
    await(&house, drop, "retrying");
    unsigned n_taken = house.relay.n_taken;
    static const char *const guarded[] = { "inside", "mapped", "number", "cloud" };
    for (size_t i = 0; i < 4; i++) {
        int64_t id = put(&house, guarded[i], "", guarded[i]);
        row = await(&house, id, "dead");
        cr_assert(strstr(row.reply, "private"), "%s: %s", guarded[i], row.reply);
    }
    cr_assert_eq(house.relay.n_taken, n_taken);
    sent = put(&house, "crm", "", "6");
    await(&house, sent, "sent");
    cr_assert_str_eq(house.answer, "{\"tier\":\"gold\"}");
    close_house(&house);
}

/* Else libcurl says it again by itself: the far side may have taken it before it closed. */
Test(outbox_sending, what_is_not_to_come_twice_goes_by_a_connection_of_its_own)
{
    static struct house house;
    open_house(&house, true,
               "channels:\n  once: {kind: webhook, url: 'http://127.0.0.1:PORT/second', in_doubt: leave, connections: 1, "
               "allow_private: ['127.0.0.0/8']}\n");
    for (int i = 0; i < 3; i++) await(&house, put(&house, "once", "", arena_format(house.arena, "%d", i)), "sent");
    cr_assert_eq(house.relay.n_taken, 3);
    close_house(&house);
}
