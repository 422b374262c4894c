/* commit_fault_test.c - the one commit when the disk fails and when the process ends at any instant: of what a
 * request causes all is there or nothing.  Participants are asked from their table: who joins it is tried from
 * that day on. */
#include "base/crash_point.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "hub/ingest_support.h"
#include "live/live.h"
#include "live/refresh.h"
#include "store/faulty_vfs.h"
#include "store/sql.h"

#include <sys/wait.h>
#include <unistd.h>

TestSuite(commit_fault, .init = faulty_vfs_install, .timeout = 600);

enum { PATIENCE_MS = 120000, MOST_FAULTS = 400, CRASH_REQUESTS = 2 };

static _Atomic int64_t now_ms;
static int64_t now_of_test(void *context) { (void)context; return now_ms; }
static double seconds_of_test(void) { return 0; }

static struct service *open_service(const char *path)
{
    struct err err;
    struct service *service;
    if (now_ms == 0) now_ms = INT64_C(1790000000000);
    const struct service_options options = { .path = path, .clock = { now_of_test, NULL },
                                             .now_seconds = seconds_of_test, .n_threads = 1, .seed = 1 };
    ASSERT_OK(service_open(&options, &service, &err), &err);
    return service;
}

static const char *id_of(struct parcel *parcel, int nth, size_t request)
{
    return arena_format(parcel->arena, "m %d of %zu", nth, request);
}

/* Something for every participant: a new person under two ids, who orders and enters a segment by it; traits; a no
 * to being measured; a request of privacy; a message that is refused. */
static struct parcel request_of(size_t request)
{
    struct parcel parcel = parcel_new(5);
    const char *user = arena_format(parcel.arena, "user %zu", request);
    struct message *order = parcel_add(&parcel, user, id_of(&parcel, 1, request));
    order->type = MESSAGE_TRACK, order->kind = text_of("order"), order->amount_cents = 1000;
    order->time_ms = now_ms;
    struct message *identify = parcel_add(&parcel, user, id_of(&parcel, 2, request));
    identify->type = MESSAGE_IDENTIFY, identify->kind = text_of("traits");
    identify->anonymous_id = text_of(arena_format(parcel.arena, "browser %zu", request));
    identify->properties = text_of("{\"country\":\"DE\"}");
    struct message *consent = parcel_add(&parcel, arena_format(parcel.arena, "private %zu", request),
                                         id_of(&parcel, 3, request));
    consent->consent = text_of("{\"analytics\":false}");
    struct message *known = parcel_add(&parcel, "known", id_of(&parcel, 4, request));
    known->type = MESSAGE_TRACK, known->kind = text_of("order"), known->amount_cents = 500;
    known->time_ms = now_ms;
    struct message *ask = parcel_add(&parcel, user, "");
    ask->type = MESSAGE_EXPORT;
    parcel_refuse(&parcel, "{\"type\":\"track\"}", "there is no event in it");
    return parcel;
}

static struct ingest_outcome put(struct service *service, size_t request)
{
    struct err err;
    struct answer answer;
    struct parcel parcel = request_of(request);
    now_ms += 2000;
    answer_init(&answer);
    ASSERT_OK(
        ingest_put(service->ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came, &answer, &err),
        &err);
    return answer_wait(&answer);
}

static void define(struct service *service, const char *name, const char *expression)
{
    struct err err;
    int64_t id;
    struct segment_source *source =
        live_source_new(service->live, service->log, service->identities, &service->lock);
    const struct writer writer = ingest_writer(service->ingest);
    const struct segment_draft draft = { name, expression, NULL };
    ASSERT_OK(memberships_put(service->memberships, source, &writer, 0, &draft, now_ms, &id, NULL, &err), &err);
    live_source_free(source);
    refresh_wake(service->refresh);
}

/* Nothing is under way; clocks move so that what failed before is tried again. */
static void settle(struct service *service)
{
    now_ms += 2000;
    refresh_wake(service->refresh);
    cr_assert(refresh_settle(service->refresh, PATIENCE_MS));
    cr_assert(scheduler_settle(service->scheduler, PATIENCE_MS));
}

struct digests {
    const char *names[INGEST_PARTICIPANTS_MOST];
    uint64_t values[INGEST_PARTICIPANTS_MOST];
    size_t n;
};

static struct digests digests_of(struct service *service)
{
    struct err err;
    struct digests digests;
    ASSERT_OK(ingest_digests(service->ingest, digests.names, digests.values, &digests.n, &err), &err);
    return digests;
}

static void are_same(const struct digests *before, const struct digests *after, unsigned nth)
{
    for (size_t i = 0; i < before->n; i++)
        cr_assert_eq(before->values[i], after->values[i], "fault %u: %s is not as it was", nth, before->names[i]);
}

struct defining { struct service *service; const char *name, *trigger; };

static bool define_journey(struct store *store, void *context, struct err *err)
{
    const struct defining *d = context;
    struct journeys_changed changed;
    char yaml[256];
    snprintf(yaml, sizeof yaml, "journey: %s\ntrigger: %s\nsteps: [{id: wait, delay: 30d}]\n", d->name,
             d->trigger);
    return journeys_put(d->service->journeys, store, d->name, text_of(yaml), text_of("test"), false, &changed,
                        err);
}

/* Features that come with a first order, the segments that look at them, and journeys that begin by both. */
static struct service *begin(const char *path)
{
    struct err err;
    struct service *service = open_service(path);
    struct defining ordered = { service, "ordered", "{event: order}" },
                    bought = { service, "bought", "{segment: buyers}" };
    ASSERT_OK(ingest_run(service->ingest, define_journey, &ordered, &err), &err);
    ASSERT_OK(ingest_run(service->ingest, define_journey, &bought, &err), &err);
    cr_assert_eq(put(service, 9999).err.code, ERR_NONE);
    settle(service);
    define(service, "buyers", "order_count >= 1");
    define(service, "german", "country = 'DE'");
    settle(service);
    return service;
}

static void try_every_fault(enum fault fault)
{
    struct service *service = begin(support_path("fault.holdfast"));
    struct digests first = digests_of(service), before, after;
    bool needed_none = false;
    for (unsigned nth = 1, request = 0; !needed_none; nth += 1 + nth / 10, request++) {
        cr_assert_lt(nth, MOST_FAULTS);
        settle(service);
        before = digests_of(service);
        faulty_vfs_fail_at(nth, fault);
        struct ingest_outcome outcome = put(service, request);
        needed_none = faulty_vfs_calls() < nth;
        faulty_vfs_fail_at(0, fault);
        if (outcome.err.code == ERR_NONE) continue;
        cr_assert_eq(outcome.err.code, ERR_IO, "%s", outcome.err.text);
        after = digests_of(service);
        are_same(&before, &after, nth);
        outcome = put(service, request);        /* there is room again: the client sends it again */
        cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
        cr_assert_eq(outcome.n_repeated, 0);
    }
    after = digests_of(service);
    for (size_t i = 0; i < first.n; i++)
        cr_assert_neq(first.values[i], after.values[i],
                      "nothing in request_of is for participant '%s': add what makes it work", first.names[i]);
    settle(service);
    before = digests_of(service);
    service_close(service);
    service = open_service(support_path("fault.holdfast"));
    settle(service);
    after = digests_of(service);
    for (size_t i = 0; i < before.n; i++)       /* states are those of other features */
        if (strcmp(before.names[i], "live") != 0)
            cr_assert_eq(before.values[i], after.values[i], "%s is another after a restart", before.names[i]);
    service_close(service);
}

Test(commit_fault, of_a_group_that_a_full_disk_refuses_nothing_stays_in_any_participant)
{
    try_every_fault(FAULT_FULL);
}
Test(commit_fault, of_a_group_that_a_failing_disk_breaks_nothing_stays_in_any_participant)
{
    try_every_fault(FAULT_WRITE);
}

/* ---- crashes ---- */

static _Noreturn void put_until_crash(const char *path, unsigned nth)
{
    struct service *service = begin(path);
    crash_at(nth);
    for (size_t r = 0; r < CRASH_REQUESTS; r++)
        if (put(service, r).err.code != ERR_NONE) _exit(1);
    crash_at(0);
    _exit(0);
}

/* Enterings of the first segment; is_own: by what people did. */
static size_t n_entered(struct store *store, bool is_own)
{
    struct sql_segment_event_after row;
    struct err err;
    size_t n = 0;
    ASSERT_OK(sql_segment_event_after(store, 0, 1000, &row, &err), &err);
    while (sql_segment_event_after_step(&row, &err) == STEP_ROW)
        n += row.segment == 1 && row.entered == 1 && (!is_own || text_equal(row.cause, text_of("events")));
    cursor_close(row.cursor);
    return n;
}

/* Who has entered the first journey, or the second. */
static size_t n_on_the_way(struct store *store, int64_t journey)
{
    struct sql_journey_counts row;
    struct err err;
    size_t n = 0;
    ASSERT_OK(sql_journey_counts(store, &row, &err), &err);
    while (sql_journey_counts_step(&row, &err) == STEP_ROW)
        if (row.journey == journey) n += (size_t)row.entered;
    cursor_close(row.cursor);
    return n;
}

/* People with an order, of the log. */
static size_t n_buyers(struct store *store)
{
    struct err err;
    struct log *log;
    struct log_reader *reader;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint32_t kind;
    size_t n = 0;
    ASSERT_OK(log_open(store, &log, &err), &err);
    cr_assert(log_find(log, DICTIONARY_KIND, text_of("order"), &kind));
    uint8_t *is_buyer = ARENA_ARRAY(arena, uint8_t, log_n_names(log, DICTIONARY_IDENTITY));
    ASSERT_OK(log_reader_open(log, &reader, &err), &err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct events events;
        ASSERT_OK(log_read(reader, p, LOG_ALL, arena, &events, &err), &err);
        for (size_t i = 0; i < events.n; i++)
            if (events.kind[i] == kind) n += is_buyer[events.identity[i]]++ == 0;
    }
    log_reader_close(reader);
    log_close(log);
    arena_free(arena);
    return n;
}

Test(commit_fault, whoever_has_an_order_is_in_the_segment_and_in_the_journeys_once_whatever_ends_the_process)
{
    bool reached_end = false;
    for (unsigned nth = 1; !reached_end; nth++) {
        char name[32];
        int status = 0;
        struct err err;
        struct store *store;
        snprintf(name, sizeof name, "crash%u.holdfast", nth);
        const char *path = support_path(name);
        cr_assert_lt(nth, MOST_FAULTS);
        pid_t child = fork();
        if (child == 0) put_until_crash(path, nth);
        waitpid(child, &status, 0);
        cr_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 99 || WEXITSTATUS(status) == 0), "status %d",
                  status);
        reached_end = WEXITSTATUS(status) == 0;
        ASSERT_OK(store_open(path, STORE_READ, &store, &err), &err);
        cr_assert_eq(n_entered(store, false), n_buyers(store), "crash point %u", nth);
        cr_assert_eq(n_on_the_way(store, 1), n_buyers(store), "crash point %u: by the event", nth);
        cr_assert_eq(n_on_the_way(store, 2), n_entered(store, true), "crash point %u: by the segment", nth);
        store_close(store);
    }
}
