/* sender_fault_test.c - the process ends at every instant between a message's putting and its settling: what was
 * put is taken by the relay once, or is in doubt; nobody gets it twice. */
#include "base/calendar.h"
#include "base/crash_point.h"
#include "hub/ingest_support.h"
#include "send/fake_relay.h"
#include "send/sender.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(sender_fault, .timeout = 120);

enum { MESSAGES = 3, TRIALS_MOST = 200, PATIENCE_MS = 120000 };

/* How far the trials have come, told across processes: what is put here was acknowledged. */
struct told { bool is_put[TRIALS_MOST][MESSAGES]; };

static int64_t real_now(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The database with a sender, as a server has them. */
struct house {
    struct fixture       fixture;
    struct arena        *arena;
    struct outbox       *outbox;
    struct reading_pool *readers;
    struct sender       *sender;
};

static void open_house(struct house *house, const char *path, int port)
{
    struct settings settings;
    struct err err;
    house->arena = arena_new(ARENA_NO_LIMIT);
    const char *yaml = arena_format(
        house->arena, "topics: {offers: {basis: interest}}\nchannels:\n  email: {kind: smtp, "
                      "url: 'smtp://127.0.0.1:%d', tls: none, from: 'Shop <news@example.com>'}\n", port);
    const char *name = support_path("fault.yaml");
    support_write(name, yaml, strlen(yaml));
    ASSERT_OK(settings_read(name, house->arena, &settings, &err), &err);
    house->fixture.now_ms = real_now(NULL) + MS_PER_DAY;       /* of the scheduler: whatever waits is rung at once */
    fixture_open(&house->fixture, path);
    house->outbox = outbox_new(house->fixture.profiles, house->fixture.scheduler);
    house->readers = reading_pool_new(house->fixture.store, 4);
    const struct sender_options options = {
        .outbox = house->outbox, .ingest = house->fixture.ingest, .readers = house->readers,
        .profiles = house->fixture.profiles, .consents = house->fixture.consents, .identities = house->fixture.identities,
        .log = house->fixture.log, .lock = &house->fixture.lock, .clock = { real_now, NULL }, .seed = 1,
    };
    ASSERT_OK(sender_start(&options, &settings, &house->sender, &err), &err);
}

struct putting { struct house *house; const char *address; };

static bool put_job(struct store *store, void *context, struct err *err)
{
    const struct putting *job = context;
    int64_t id;
    const struct outbox_message message = {
        .key = text_of(job->address), .journey = text_of("j"), .step = text_of("s"), .channel = text_of("email"),
        .topic = text_of("offers"), .identity = 1, .address = text_of(job->address), .subject = text_of("Hello"),
        .text = text_of("Hello"), .html = text_of(""), .language = text_of("") };
    return outbox_put(job->house->outbox, store, &message, real_now(NULL), &id, err);
}

static size_t n_with(struct house *house, const char *status)
{
    struct store *store;
    struct outbox_row *rows;
    struct err err;
    size_t n;
    const struct outbox_filter filter = { .status = status, .most = TRIALS_MOST * MESSAGES };
    ASSERT_OK(reading_pool_take(house->readers, &store, &err), &err);
    ASSERT_OK(outbox_read(store, &filter, house->arena, &rows, &n, &err), &err);
    reading_pool_give(house->readers, store);
    return n;
}

static const char *address_of(struct arena *arena, unsigned trial, unsigned m)
{
    return arena_format(arena, "t%u.%u@example.org", trial, m);
}

/* One life of a server: puts messages, waits until none is under way. */
static _Noreturn void live(const char *path, int port, struct told *told, unsigned trial, unsigned nth)
{
    static struct house house;
    struct err err;
    open_house(&house, path, port);
    if (trial == 0) {
        struct parcel parcel = parcel_new(1);
        parcel_add(&parcel, "ada", "first");
        (void)fixture_put(&house.fixture, &parcel);
    }
    crash_at(nth);
    for (unsigned m = 0; nth && m < MESSAGES; m++) {
        struct putting job = { &house, address_of(house.arena, trial, m) };
        if (!ingest_run(house.fixture.ingest, put_job, &job, &err)) _exit(1);
        told->is_put[trial][m] = true;
    }
    for (int64_t until_ms = real_now(NULL) + PATIENCE_MS; real_now(NULL) < until_ms; poll(NULL, 0, 2))
        if (n_with(&house, "queued") + n_with(&house, "sending") + n_with(&house, "retrying") == 0) _exit(0);
    _exit(2);
}

/* ---- lives, each a process ---- */

struct order { int port; unsigned trial, nth; };
struct midwife { int orders, statuses; pid_t pid; };

/* Begins lives in a process of one thread: what is forked while the relay's threads allocate waits for ever for a
 * lock of the sanitizer's. */
static void midwife_start(struct midwife *midwife, const char *path, struct told *told)
{
    int orders[2], statuses[2];
    struct order order;
    cr_assert(pipe(orders) == 0 && pipe(statuses) == 0);
    midwife->pid = fork();
    cr_assert_geq(midwife->pid, 0);
    if (midwife->pid == 0) {
        close(orders[1]);
        while (read(orders[0], &order, sizeof order) == sizeof order) {
            int status = 0;
            pid_t child = fork();
            if (child == 0) live(path, order.port, told, order.trial, order.nth);
            waitpid(child, &status, 0);
            status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            if (write(statuses[1], &status, sizeof status) != sizeof status) break;
        }
        _exit(0);
    }
    close(orders[0]), close(statuses[1]);
    midwife->orders = orders[1], midwife->statuses = statuses[0];
}

static int live_once(const struct midwife *midwife, int port, unsigned trial, unsigned nth)
{
    const struct order order = { port, trial, nth };
    int status = -1;
    cr_assert_eq(write(midwife->orders, &order, sizeof order), (ssize_t)sizeof order);
    cr_assert_eq(read(midwife->statuses, &status, sizeof status), (ssize_t)sizeof status);
    return status;
}

static void midwife_stop(struct midwife *midwife)
{
    close(midwife->orders), close(midwife->statuses);
    waitpid(midwife->pid, NULL, 0);
}

/* The next life of the same database sends what the one before left. */
Test(sender_fault, a_message_is_sent_once_or_is_in_doubt_wherever_the_process_ends)
{
    static struct fake_relay relay;
    struct told *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const char *path = support_path("fault.holdfast");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_sent = 0, n_doubted = 0, n_put = 0;
    unsigned trial = 0;
    int status = 99;
    cr_assert_neq(told, MAP_FAILED);
    struct midwife midwife;
    midwife_start(&midwife, path, told);
    fake_relay_start(&relay, false);
    for (unsigned nth = 1; status == 99; nth += 1 + nth / 10, trial++) {
        cr_assert_lt(trial, (unsigned)TRIALS_MOST - 1);
        status = live_once(&midwife, relay.port, trial, nth);
    }
    cr_assert_eq(status, 0, "the last ended with %d", status);
    cr_assert_gt(trial, 20u);
    cr_assert_eq(live_once(&midwife, relay.port, trial, 0), 0);
    midwife_stop(&midwife);
    for (unsigned t = 0; t < trial; t++)
        for (unsigned m = 0; m < MESSAGES; m++) {
            size_t n = fake_relay_count(&relay, address_of(arena, t, m));
            cr_expect_leq(n, 1, "message %u of trial %u was sent %zu times", m, t, n);
            n_sent += n;
            n_put += told->is_put[t][m];
            n_doubted += told->is_put[t][m] && n == 0;
        }
    static struct house house;
    open_house(&house, path, relay.port);
    size_t n_unknown = n_with(&house, "unknown");
    fprintf(stderr, "%zu put in %u lives, %zu sent, 0 twice, %zu unknown\n", n_put, trial, n_sent, n_unknown);
    cr_expect_leq(n_doubted, n_unknown, "what was acknowledged is neither sent nor in doubt");
    sender_stop(house.sender);
    scheduler_stop(house.fixture.scheduler);
    outbox_free(house.outbox);
    reading_pool_free(house.readers);
    fixture_close(&house.fixture);
    fake_relay_stop(&relay);
    arena_free(house.arena);
    arena_free(arena);
}
