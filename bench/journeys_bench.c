/* journeys_bench.c - people who enter a journey and messages that are put, taken and settled, beside the same rows
 * put by the same statements with nothing around them; and what ten journeys that match nobody cost. */
#include "bench.h"

#include "base/calendar.h"
#include "base/secret.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "hub/outbox_sending.h"
#include "server/clocks.h"
#include "store/sql.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 40000, ROUNDS = 5, EVENT_ROUNDS = 20, A_JOB = 500, A_TAKE = 500, BATCH = 200, TEXT_BYTES = 1500 };

static char words[TEXT_BYTES + 1];

struct run {
    struct service *service;
    struct store   *bare;       /* NULL: ours */
    size_t          n;
    const char     *key;        /* of messages: begins it */
};

static struct service *open_service(const char *path)
{
    struct err err;
    struct service *service;
    const struct service_options options = { .path = path, .clock = { clock_wall_ms, NULL },
                                             .now_seconds = clock_seconds, .n_threads = 2, .seed = 1 };
    bench_need(service_open(&options, &service, &err), &err);
    return service;
}

/* ---- taking in ---- */

struct wait { pthread_mutex_t mutex; pthread_cond_t came; size_t n_under_way; };

static void is_taken(void *context, const struct ingest_outcome *outcome)
{
    struct wait *wait = context;
    bench_need(outcome->err.code == ERR_NONE, &outcome->err);
    pthread_mutex_lock(&wait->mutex);
    wait->n_under_way--;
    pthread_cond_signal(&wait->came);
    pthread_mutex_unlock(&wait->mutex);
}

static void send_batch(struct service *service, struct wait *wait, size_t first, const char *round)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake = { .messages = ARENA_ARRAY(arena, struct message, BATCH), .n_messages = BATCH };
    for (size_t i = 0; i < BATCH; i++)
        ((struct message *)intake.messages)[i] = (struct message){
            .type = MESSAGE_TRACK,
            .user_id = text_of(arena_format(arena, "u%zu", first + i)),
            .message_id = text_of(arena_format(arena, "%s %zu", round, first + i)),
            .kind = text_of("page_view"),
            .time_ms = clock_wall_ms(NULL),
            .properties = text_of("{}"),
            .raw = text_of("{}"),
        };
    pthread_mutex_lock(&wait->mutex);
    while (wait->n_under_way >= 16) pthread_cond_wait(&wait->came, &wait->mutex);
    wait->n_under_way++;
    pthread_mutex_unlock(&wait->mutex);
    bench_need(ingest_put(service->ingest, arena, &intake, text_of("bench"), is_taken, wait, &err), &err);
}

/* Seconds for one event of each person. */
static double take_in(struct service *service, const char *round)
{
    struct wait wait = { .n_under_way = 0 };
    pthread_mutex_init(&wait.mutex, NULL);
    pthread_cond_init(&wait.came, NULL);
    double began = bench_seconds();
    for (size_t first = 0; first < PEOPLE; first += BATCH) send_batch(service, &wait, first, round);
    pthread_mutex_lock(&wait.mutex);
    while (wait.n_under_way > 0) pthread_cond_wait(&wait.came, &wait.mutex);
    pthread_mutex_unlock(&wait.mutex);
    return bench_seconds() - began;
}

/* ---- entering ---- */

static bool put_journey(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    struct journeys_changed changed;
    char yaml[256];
    snprintf(yaml, sizeof yaml, "journey: %s\ntrigger: %s\nagain: always\nsteps: [{id: settle, delay: 30d}]\n",
             run->key, strcmp(run->key, "enter") == 0 ? "{api: true}" : "{event: order, where: \"amount > 50\"}");
    return journeys_put(run->service->journeys, store, run->key, text_of(yaml), text_of("bench"), false, &changed,
                        err);
}

static bool enter_some(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    bool ok = true;
    for (size_t i = 0; ok && i < A_JOB; i++, run->n++) {
        int64_t entry, now_ms = clock_wall_ms(NULL);
        if (!run->bare) {
            ok = journeys_enter(run->service->journeys, store, "enter", (uint32_t)run->n + 1, NULL, &entry, err);
        } else {
            ok = sql_entry_put(store, 1, 1, (int64_t)run->n + 1, 0, now_ms, text_of(""), 0, &entry, err) &&
                 sql_timer_put(store, text_of("journey"), now_ms + 30 * MS_PER_DAY, entry, text_of(""), err);
        }
    }
    return ok;
}

/* Seconds for all in jobs of A_JOB: ours through the writer, the bare ones in transactions as long. */
static double each_job(struct run *run, bool (*job)(struct store *store, void *context, struct err *err))
{
    struct err err;
    double began = bench_seconds();
    for (run->n = 0; run->n < PEOPLE;) {
        if (run->bare)
            bench_need(store_begin(run->bare, &err) && job(run->bare, run, &err) && store_commit(run->bare, &err),
                       &err);
        else bench_need(ingest_run(run->service->ingest, job, run, &err), &err);
    }
    return bench_seconds() - began;
}

/* ---- messages ---- */

static bool put_some(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    bool ok = true;
    for (size_t i = 0; ok && i < A_JOB; i++, run->n++) {
        char key[64];
        int64_t id, now_ms = clock_wall_ms(NULL);
        snprintf(key, sizeof key, "journey:winback:%zu:mail:1", run->n);
        const struct outbox_message message = {
            .key = text_of(key), .journey = text_of("winback"), .step = text_of("mail"), .version = 1,
            .identity = (uint32_t)run->n % 1000 + 1, .channel = text_of("email"), .topic = text_of("offers"),
            .address = text_of("ada@example.net"), .subject = text_of("Hello"), .text = text_of(words),
            .html = text_of(""), .language = text_of("") };
        ok = run->bare ? sql_message_put(store, message.key, message.identity, message.journey, 1, 0,
                                         message.step, message.channel, message.topic, 1, now_ms, now_ms, 0, &id,
                                         err) &&
                             sql_message_content_put(store, id, message.text, err)
                       : outbox_put(run->service->outbox, store, &message, now_ms, &id, err);
    }
    return ok;
}

static bool take_some(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    static struct outbox_parcel parcels[A_TAKE];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = A_TAKE;
    int64_t next_ms;
    const struct outbox_take take = { .channel = "email", .now_ms = clock_wall_ms(NULL), .most = A_TAKE };
    bool ok = run->bare || outbox_take(run->service->outbox, store, &take, arena, parcels, &n, &next_ms, err);
    for (size_t i = 0; run->bare && ok && i < n; i++)
        ok = sql_message_sending(store, (int64_t)(run->n + i) + 1, err);
    run->n += n;
    arena_free(arena);
    return ok;
}

static bool settle_some(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    bool ok = true;
    for (size_t i = 0; ok && i < A_JOB; i++, run->n++) {
        int64_t id = (int64_t)run->n + 1, now_ms = clock_wall_ms(NULL);
        const struct outbox_parcel parcel = { .id = id, .key = text_of(""), .journey = text_of("winback"),
                                              .step = text_of("mail"), .channel = text_of("email"),
                                              .topic = text_of("offers") };
        const struct outbox_settled settled = { .status = OUTBOX_SENT, .at_ms = now_ms, .reply = text_of("250 ok"),
                                                .answer = text_of("") };
        ok = run->bare ? sql_message_settle(store, id, text_of("sent"), text_of(""), value_null(), now_ms,
                                            text_of("250 ok"), text_of(""), err)
                       : outbox_settle(run->service->outbox, store, &parcel, &settled, err);
    }
    return ok;
}

static double three_writes(struct run *run)
{
    return each_job(run, put_some) + each_job(run, take_some) + each_job(run, settle_some);
}

/* The quickest of some rounds, ours and theirs in turn, for the machine may be busy with something else. */
struct best { double ours, theirs; };
static void keep_best(struct best *best, double ours, double theirs)
{
    if (best->ours == 0 || ours < best->ours) best->ours = ours;
    if (best->theirs == 0 || theirs < best->theirs) best->theirs = theirs;
}

static void record(const char *name, struct best best, double budget, const char *peer, const char *note)
{
    bench_record(&(struct bench){ name, "us", 1e6 * best.ours / PEOPLE, 1e6 * best.theirs / PEOPLE, peer, budget,
                                  note });
}

/* Entries and messages on databases that are new. */
static void compare_rows(struct best *entries, struct best *messages)
{
    struct err err;
    struct run ours = { .service = open_service(bench_fresh_path("journeys.holdfast")), .key = "enter" };
    struct run bare = { .bare = NULL };
    bench_need(store_open(bench_fresh_path("bare.holdfast"), STORE_CREATE, &bare.bare, &err), &err);
    (void)take_in(ours.service, "people");
    bench_need(ingest_run(ours.service->ingest, put_journey, &ours, &err), &err);
    keep_best(entries, each_job(&ours, enter_some), each_job(&bare, enter_some));
    keep_best(messages, three_writes(&ours), three_writes(&bare));
    service_close(ours.service);
    store_close(bare.bare);
}

static void compare_taking_in(struct best *events)
{
    struct err err;
    struct run with = { .service = open_service(bench_fresh_path("with.holdfast")) };
    struct service *without = open_service(bench_fresh_path("without.holdfast"));
    (void)take_in(with.service, "warm");
    (void)take_in(without, "warm");
    for (int j = 0; j < 10; j++) {
        char name[8];
        snprintf(name, sizeof name, "j%d", j);
        with.key = name;
        bench_need(ingest_run(with.service->ingest, put_journey, &with, &err), &err);
    }
    for (int round = 0; round < EVENT_ROUNDS; round++) {
        char name[16];
        snprintf(name, sizeof name, "round %d", round);
        keep_best(events, take_in(with.service, name), take_in(without, name));
    }
    service_close(with.service);
    service_close(without);
}

int main(void)
{
    struct err err;
    struct best entries = { 0 }, messages = { 0 }, events = { 0 };
    memset(words, 'x', TEXT_BYTES);
    bench_need(secret_start(&err), &err);
    for (int round = 0; round < ROUNDS; round++) compare_rows(&entries, &messages);
    compare_taking_in(&events);
    record("entering a journey", entries, 0.5, "the rows, plain SQLite",
           "asks who may, walks to the first wait, says why");
    record("a message put, taken and settled", messages, 0.5, "the rows, plain SQLite",
           "sealed under the customer's key");
    record("an event, with ten journeys that match nobody", events, 0.9, "without journeys", NULL);
    return 0;
}
