/* The refresh thread at work in the whole service: what customers do shows in their segments a moment later, what
 * time does shows at its instant, and both are there after a restart. */
#include "base/calendar.h"
#include "hub/ingest_support.h"
#include "live/live.h"
#include "live/refresh.h"
#include "engine/service.h"
#include "store/sql.h"

enum { SETTLE_MS = 20000 };

static _Atomic int64_t now_ms;

static int64_t now_of_test(void *context) { (void)context; return now_ms; }
static double seconds_of_test(void) { return 0; }

static struct service *open_service(void)
{
    struct err err;
    struct service *service;
    const struct service_options options = { .path = support_path("shop.holdfast"), .clock = { now_of_test, NULL },
                                             .now_seconds = seconds_of_test, .n_threads = 1, .seed = 1 };
    ASSERT_OK(service_open(&options, &service, &err), &err);
    return service;
}

static void settle(struct service *service)
{
    refresh_wake(service->refresh);
    cr_assert(refresh_settle(service->refresh, SETTLE_MS), "the refresh thread did not come to rest");
}

/* One message of a user, durable when it returns. */
static void put(struct service *service, const struct message *message)
{
    static unsigned n;
    struct err err;
    struct answer answer;
    char id[24];
    now_ms += 1000;
    snprintf(id, sizeof id, "m%u", n++);
    struct parcel parcel = parcel_new(1);
    struct message *added = parcel_add(&parcel, "x", id);
    struct text message_id = added->message_id, raw = added->raw;
    *added = *message;
    added->message_id = message_id, added->raw = raw, added->time_ms = now_ms;
    answer_init(&answer);
    ASSERT_OK(ingest_put(service->ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came, &answer,
                         &err), &err);
    struct ingest_outcome outcome = answer_wait(&answer);
    cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
    cr_assert_eq(outcome.n_accepted, 1);
}

static void order(struct service *service, const char *user)
{
    put(service, &(struct message){ .type = MESSAGE_TRACK, .user_id = text_of(user), .kind = text_of("order"),
                                    .amount_cents = 1000 });
}

static void identify(struct service *service, const char *user, const char *anonymous, const char *traits)
{
    put(service, &(struct message){ .type = MESSAGE_IDENTIFY, .user_id = text_of(user),
                                    .anonymous_id = text_of(anonymous), .kind = text_of("traits"),
                                    .properties = text_of(traits) });
}

static int64_t define(struct service *service, const char *name, const char *expression)
{
    struct err err;
    int64_t id;
    struct segment_source *source = live_source_new(service->live, service->log, service->identities,
                                                    &service->lock);
    const struct writer writer = ingest_writer(service->ingest);
    const struct segment_draft draft = { name, expression, NULL };
    ASSERT_OK(memberships_put(service->memberships, source, &writer, 0, &draft, now_ms, &id, NULL, &err), &err);
    live_source_free(source);
    refresh_wake(service->refresh);
    return id;
}

/* Since when the user is in the segment; 0: is not. */
static int64_t since(struct service *service, const char *user, int64_t segment)
{
    struct err err;
    uint32_t customer;
    struct segment_since of[8];
    ASSERT_OK(service_customer(service, text_of(user), &customer, &err), &err);
    size_t n = memberships_of(service->memberships, customer, of, 8);
    for (size_t i = 0; i < n; i++)
        if (of[i].segment == segment) return of[i].since_ms;
    return 0;
}

static void begin(void) { now_ms = INT64_C(1790000000000); }

Test(refresh, events_and_time_move_customers_and_a_restart_keeps_them)
{
    begin();
    struct service *service = open_service();
    identify(service, "ann", "", "{\"country\": \"DE\", \"age\": 42}");
    identify(service, "bob", "", "{\"country\": \"FR\", \"age\": 17}");
    order(service, "ann");
    order(service, "ann");
    order(service, "ann");
    int64_t german = define(service, "german", "country = 'DE' and age >= 18");
    int64_t quiet = define(service, "quiet", "order_recency_days > 30");
    int64_t order_ms = now_ms;
    settle(service);
    cr_assert(since(service, "ann", german) == now_ms && !since(service, "bob", german));
    cr_assert(!since(service, "ann", quiet));

    now_ms += 20 * MS_PER_DAY;
    identify(service, "bob", "", "{\"country\": \"DE\", \"age\": 18}");
    settle(service);
    cr_assert_eq(since(service, "bob", german), now_ms);
    cr_assert_eq(since(service, "ann", german), order_ms);
    service_close(service);

    service = open_service();
    settle(service);
    cr_assert_eq(since(service, "ann", german), order_ms, "the member is since when it was before");
    for (int64_t left_ms = 10 * MS_PER_DAY - 60000; left_ms > 0; left_ms -= left_ms < 600000 ? left_ms : 599000) {
        if (left_ms > 3600000) left_ms = 3600000;
        now_ms = order_ms + 30 * MS_PER_DAY - left_ms;
        settle(service);
    }
    cr_assert(!since(service, "ann", quiet));
    now_ms = order_ms + 30 * MS_PER_DAY + 1000;
    settle(service);
    int64_t entered_ms = since(service, "ann", quiet);
    cr_assert(entered_ms > order_ms + 30 * MS_PER_DAY - 1000 && entered_ms < order_ms + 30 * MS_PER_DAY + 1000,
              "%lld ms off", (long long)(entered_ms - order_ms - 30 * MS_PER_DAY));
    order(service, "ann");
    settle(service);
    cr_assert(!since(service, "ann", quiet));
    service_close(service);
}

/* As the server asks: one source a thread, each narrowed to what the condition names. */
Test(refresh, a_preview_by_several_threads_is_what_the_segment_then_has)
{
    static const char *const conditions[] = {
        "order_count >= 3", "order_recency_days < 1 and order_count_7d between 2 and 4 or country = 'AT'",
        "order_gap_mean_days < 1 or age > 40", "customer_id like 'user 1%'", "churn is null", "1",
    };
    begin();
    struct service *service = open_service();
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct clock clock = { now_of_test, NULL };
    char user[24], name[24];
    struct err err;
    for (int i = 0; i < 150; i++) {
        snprintf(user, sizeof user, "user %d", i);
        if (i % 3) identify(service, user, "", i % 2 ? "{\"country\": \"AT\", \"age\": 40}" : "{\"age\": 41}");
        for (int n = 0; n < i % 5; n++) order(service, user);
        if (i % 50 == 0) now_ms += MS_PER_DAY;
    }
    settle(service);
    for (size_t c = 0; c < sizeof conditions / sizeof *conditions; c++) {
        struct segment_preview before, preview;
        for (unsigned n = 1; n <= 4; n++) {
            struct segment_source *sources[4];
            sources[0] = live_source_new(service->live, service->log, service->identities, &service->lock);
            for (unsigned i = 1; i < n; i++) sources[i] = live_source_beside(sources[0]);
            ASSERT_OK(memberships_preview(service->memberships, sources, n, conditions[c], &clock, 60000, arena, &preview, &err),
                      &err);
            for (unsigned i = n; i-- > 0;) live_source_free(sources[i]);
            cr_assert(preview.is_exact);
            if (n > 1) {
                cr_assert(preview.n_members == before.n_members && preview.n_seen == before.n_seen &&
                          preview.n_sample == before.n_sample && preview.n_absent == before.n_absent);
                cr_assert_arr_eq(preview.sample, before.sample, before.n_sample * sizeof *before.sample);
            }
            before = preview;
        }
        snprintf(name, sizeof name, "segment %zu", c);
        int64_t id = define(service, name, conditions[c]);
        settle(service);
        struct segment segment;
        ASSERT_OK(memberships_get(service->memberships, id, arena, &segment, &err), &err);
        cr_assert(segment.is_complete);
        cr_assert_eq(segment.n_members, preview.n_members, "%s: %zu in it, %zu foretold", conditions[c],
                     segment.n_members, preview.n_members);
    }
    arena_free(arena);
    service_close(service);
}

Test(refresh, joined_customers_are_one_and_a_removed_link_parts_them)
{
    begin();
    struct service *service = open_service();
    put(service, &(struct message){ .type = MESSAGE_TRACK, .anonymous_id = text_of("a1"), .kind = text_of("order"),
                                    .amount_cents = 1000 });
    order(service, "ann");
    int64_t buyers = define(service, "buyers", "order_count >= 2");
    settle(service);
    cr_assert(!since(service, "ann", buyers));
    identify(service, "ann", "a1", "{\"country\": \"DE\"}");
    settle(service);
    cr_assert(since(service, "ann", buyers));
    cr_assert(since(service, "anonymous:a1", buyers), "both names are one customer");
    struct segment segment;
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(memberships_get(service->memberships, buyers, arena, &segment, &err), &err);
    cr_assert_eq(segment.n_members, 1);
    arena_free(arena);
    service_close(service);
}

Test(refresh, a_trait_that_is_not_always_a_number_is_a_text)
{
    begin();
    struct service *service = open_service();
    identify(service, "ann", "", "{\"zip\": \"10115\", \"is_vip\": true}");
    int64_t berlin = define(service, "berlin", "zip = '10115'"), vips = define(service, "vips", "is_vip");
    settle(service);
    cr_assert(since(service, "ann", berlin) && since(service, "ann", vips));
    identify(service, "bob", "", "{\"zip\": \"01067\", \"is_vip\": false}");
    int64_t dresden = define(service, "dresden", "zip like '01%'");
    settle(service);
    cr_assert(since(service, "ann", berlin) && !since(service, "bob", berlin));
    cr_assert(since(service, "bob", dresden) && !since(service, "ann", dresden));
    cr_assert(!since(service, "bob", vips));
    service_close(service);
}

Test(refresh, it_counts_what_it_did)
{
    begin();
    struct service *service = open_service();
    order(service, "ann");
    (void)define(service, "all", "1");
    settle(service);
    struct refresh_counts counts = refresh_counts(service->refresh);
    cr_assert(counts.n_checked > 0 && counts.n_changes > 0 && counts.n_write_failures == 0);
    cr_assert_eq(counts.n_waiting, 0);
    service_close(service);
}

/* A writer that has no room for what comes along, and takes what is waited for. */
struct full_writer {
    struct writer   real;
    pthread_mutex_t mutex;
    pthread_cond_t  changed;
    unsigned        n_refused, n_written;
};

static bool full_later(void *context, bool (*job)(struct store *, void *, struct err *), void *job_context,
                       void (*done)(void *, const struct err *), struct err *err)
{
    struct full_writer *writer = context;
    (void)job, (void)job_context, (void)done;
    pthread_mutex_lock(&writer->mutex);
    writer->n_refused++;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->mutex);
    return err_set(err, ERR_BUSY, "the queue is full");
}

static bool full_run(void *context, bool (*job)(struct store *, void *, struct err *), void *job_context,
                     struct err *err)
{
    struct full_writer *writer = context;
    writer->n_written++;
    return writer->real.run(writer->real.context, job, job_context, err);
}

static size_t n_segment_events(struct store *store)
{
    struct sql_segment_event_after row;
    struct err err;
    size_t n = 0;
    ASSERT_OK(sql_segment_event_after(store, 0, 1000, &row, &err), &err);
    while (sql_segment_event_after_step(&row, &err) == STEP_ROW) n++;
    cursor_close(row.cursor);
    return n;
}

/* The clock stands still, so that neither a second try nor a sweep comes: nothing but the end makes it write. */
Test(refresh, when_it_stops_what_waits_is_written_and_no_window_is_waited_for)
{
    begin();
    struct service *service = open_service();
    struct refresh *refresh;
    struct err err;
    order(service, "ann");
    settle(service);
    atomic_store(&service->is_refreshing, false);
    refresh_stop(service->refresh);
    service->refresh = NULL;
    struct full_writer full = { .real = ingest_writer(service->ingest), .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER };
    const struct writer writer = { &full, full_run, full_later }, real = ingest_writer(service->ingest);
    struct segment_source *source = live_source_new(service->live, service->log, service->identities,
                                                    &service->lock);
    const struct segment_draft draft = { "all", "1", NULL };
    int64_t id;
    ASSERT_OK(memberships_put(service->memberships, source, &real, 0, &draft, now_ms, &id, NULL, &err), &err);
    live_source_free(source);
    const struct refresh_options options = { .live = service->live, .log = service->log,
                                             .identities = service->identities, .memberships = service->memberships,
                                             .check = service->check,
                                             .lock = &service->lock, .writer = &writer,
                                             .scheduler = service->scheduler };
    ASSERT_OK(refresh_start(&options, &refresh, &err), &err);
    pthread_mutex_lock(&full.mutex);
    while (full.n_refused == 0) pthread_cond_wait(&full.changed, &full.mutex);
    pthread_mutex_unlock(&full.mutex);
    cr_assert_eq(n_segment_events(service->store), 0);
    refresh_stop(refresh);
    cr_assert_geq(full.n_written, 1);
    cr_assert_eq(n_segment_events(service->store), 1, "ann's entering is in the table");
    service_close(service);
}
