/* The writer when the disk fails, when it is full, and when the process ends at any instant: what was answered is
 * there once, what was not is there once after it is sent again. */
#include "base/crash_point.h"
#include "hub/dead_letter.h"
#include "hub/ingest_support.h"
#include "store/faulty_vfs.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

TestSuite(ingest_fault, .init = faulty_vfs_install);

enum { PER_REQUEST = 4, MOST_FAULTS = 300 };

/* Request number `request`: messages of new and of known people, with what each part of the writer has to do. */
static struct parcel request_of(size_t request)
{
    struct parcel parcel = parcel_new(PER_REQUEST);
    for (int i = 0; i < PER_REQUEST - 1; i++) {
        char user[32], id[32];
        snprintf(user, sizeof user, "user %zu", i == 0 ? 0 : request);
        snprintf(id, sizeof id, "m %zu %d", request, i);
        struct message *message = parcel_add(&parcel, user, id);
        message->quantity_milli = (int64_t)request;
        if (i == 1) message->anonymous_id = text_of(arena_format(parcel.arena, "browser %zu", request));
        if (i == 2) message->personal = text_of("{\"name\":\"Ada\"}");
    }
    parcel_refuse(&parcel, "{\"type\":\"track\"}", "there is no event in it");
    return parcel;
}

static bool write_nothing(struct store *store, void *context, struct err *err)
{
    (void)store, (void)context, (void)err;
    return true;
}

static uint64_t n_letters(struct fixture *fixture)
{
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store;
    struct dead_letter *letters;
    size_t n;
    uint64_t total;
    ASSERT_OK(store_open_beside(fixture->store, &store, &err), &err);
    ASSERT_OK(dead_letters_read(store, fixture->profiles, 0, arena, &letters, &n, &total, &err), &err);
    store_close(store);
    arena_free(arena);
    return total;
}

/* Every message of requests [0, n) is in the log exactly once and nothing else is. */
static void check_all(struct fixture *fixture, size_t n)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen seen = fixture_read(fixture, arena);
    uint8_t *found = ARENA_ARRAY(arena, uint8_t, n);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        for (size_t i = 0; i < seen.events[p].n; i++) {
            size_t request = (size_t)seen.events[p].quantity_milli[i];
            cr_assert_lt(request, n);
            found[request]++;
        }
    for (size_t r = 0; r < n; r++) cr_assert_eq(found[r], PER_REQUEST - 1, "request %zu is there %u times", r,
                                                found[r]);
    arena_free(arena);
}

static void try_every_fault(enum fault fault)
{
    static struct fixture fixture;
    bool needed_none = false;
    size_t n_requests = 0;
    fixture_open(&fixture, support_path("fault.holdfast"));
    for (unsigned nth = 1; !needed_none; nth += 1 + nth / 12, n_requests++) {
        cr_assert_lt(nth, MOST_FAULTS);
        struct parcel parcel = request_of(n_requests);
        size_t n_names = log_n_names(fixture.log, DICTIONARY_IDENTITY),
               n_links = identities_n_links(fixture.identities);
        uint64_t n_before = n_letters(&fixture);
        faulty_vfs_fail_at(nth, fault);
        struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
        needed_none = faulty_vfs_calls() < nth;
        faulty_vfs_fail_at(0, fault);
        if (outcome.err.code == ERR_NONE) {
            cr_assert_eq(outcome.n_accepted, PER_REQUEST - 1);
            continue;
        }
        cr_assert_eq(outcome.err.code, ERR_IO, "%s", outcome.err.text);
        cr_assert_eq(outcome.n_accepted, 0);
        cr_assert_eq(log_n_names(fixture.log, DICTIONARY_IDENTITY), n_names);
        cr_assert_eq(identities_n_links(fixture.identities), n_links);
        cr_assert_eq(n_letters(&fixture), n_before);
        parcel = request_of(n_requests);        /* there is room again: the client sends it again */
        outcome = fixture_put(&fixture, &parcel);
        cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
        cr_assert_eq(outcome.n_accepted, PER_REQUEST - 1);
        cr_assert_eq(outcome.n_repeated, 0);
    }
    check_all(&fixture, n_requests);
    fixture_reopen(&fixture);
    check_all(&fixture, n_requests);
    cr_assert_eq(identities_n_links(fixture.identities), n_requests);
    cr_assert_eq(n_letters(&fixture), n_requests);
    fixture_close(&fixture);
}

Test(ingest_fault, a_full_disk_is_told_to_all_and_forgotten_when_there_is_room) { try_every_fault(FAULT_FULL); }
Test(ingest_fault, a_failing_disk_is_told_to_all_and_nothing_of_it_stays)       { try_every_fault(FAULT_WRITE); }

Test(ingest_fault, everybody_who_waits_hears_of_a_full_disk)
{
    enum { N = 20 };
    static struct fixture fixture;
    struct answer answers[N];
    struct err err;
    fixture_open(&fixture, support_path("full.holdfast"));
    faulty_vfs_fail_at(1, FAULT_FULL);
    for (size_t r = 0; r < N; r++) {
        struct parcel parcel = request_of(r);
        answer_init(&answers[r]);
        ASSERT_OK(ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came,
                             &answers[r], &err),
                  &err);
    }
    for (size_t r = 0; r < N; r++) {
        struct ingest_outcome outcome = answer_wait(&answers[r]);
        cr_assert_eq(outcome.err.code, ERR_IO);
        cr_assert(strstr(outcome.err.text, "no space left"), "%s", outcome.err.text);
    }
    faulty_vfs_fail_at(0, FAULT_FULL);
    for (size_t r = 0; r < N; r++) {
        struct parcel parcel = request_of(r);
        cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, PER_REQUEST - 1);
    }
    check_all(&fixture, N);
    fixture_close(&fixture);
}

Test(ingest_fault, when_the_disk_does_not_confirm_nothing_is_acknowledged_until_the_next_start)
{
    static struct fixture fixture;
    struct err err;
    fixture_open(&fixture, support_path("unconfirmed.holdfast"));
    struct parcel parcel = request_of(0);
    cr_assert_eq(fixture_put(&fixture, &parcel).n_accepted, PER_REQUEST - 1);
    faulty_vfs_fail_at(1, FAULT_SYNC);
    parcel = request_of(1);
    struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
    faulty_vfs_fail_at(0, FAULT_SYNC);
    cr_assert_eq(outcome.err.code, ERR_IO);
    cr_assert(strstr(outcome.err.text, "start the server again"), "%s", outcome.err.text);
    parcel = request_of(2);
    cr_assert_eq(fixture_put(&fixture, &parcel).err.code, ERR_IO);
    cr_assert_not(ingest_run(fixture.ingest, write_nothing, NULL, &err));
    cr_assert_eq(err.code, ERR_IO);
    fixture_reopen(&fixture);
    for (size_t r = 0; r < 3; r++) {
        parcel = request_of(r);
        outcome = fixture_put(&fixture, &parcel);
        cr_assert_eq(outcome.n_accepted + outcome.n_repeated, PER_REQUEST - 1, "%s", outcome.err.text);
    }
    check_all(&fixture, 3);
    fixture_close(&fixture);
}

/* ---- a power cut ---- */

static void count_found(struct fixture *fixture, uint8_t *found, size_t n)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen seen = fixture_read(fixture, arena);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        for (size_t i = 0; i < seen.events[p].n; i++) {
            cr_assert_lt((size_t)seen.events[p].quantity_milli[i], n);
            found[seen.events[p].quantity_milli[i]]++;
        }
    arena_free(arena);
}

/* What opens the personal fields lies beside the database. */
static void copy_key(const char *path, const char *to, struct arena *arena)
{
    size_t length;
    char *key = support_read(arena, arena_format(arena, "%s.key", path), &length);
    const char *copy = arena_format(arena, "%s.key", to);
    support_write(copy, key, length);
    cr_assert_eq(chmod(copy, S_IRUSR | S_IWUSR), 0);
}

/* Several requests on their way at once: whatever was answered when the power went is on the disk, each once. */
Test(ingest_fault, what_was_answered_is_there_after_a_power_cut)
{
    enum { ROUNDS = 12, AT_ONCE = 4, REQUESTS = ROUNDS * AT_ONCE };
    static struct fixture fixture, after;
    static struct answer answers[REQUESTS];
    struct err err;
    struct arena *arena = arena_new(1 << 16);
    const char *path = arena_copy(arena, support_path("power.holdfast"));
    const char *cut = arena_copy(arena, support_path("cut.holdfast"));
    faulty_vfs_keep_synced();
    fixture_open(&fixture, path);
    for (size_t round = 0; round < ROUNDS; round++) {
        uint8_t found[REQUESTS] = { 0 };
        for (size_t i = 0, r = round * AT_ONCE; i < AT_ONCE; i++, r++) {
            struct parcel parcel = request_of(r);
            answer_init(&answers[r]);
            ASSERT_OK(ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), answer_came,
                                 &answers[r], &err),
                      &err);
        }
        for (size_t i = 0; i < AT_ONCE; i++)
            cr_assert_eq(answer_wait(&answers[round * AT_ONCE + i]).err.code, ERR_NONE);
        faulty_vfs_cut_power(path, cut);
        copy_key(path, cut, arena);
        fixture_open(&after, cut);
        count_found(&after, found, REQUESTS);
        fixture_close(&after);
        for (size_t r = 0; r < REQUESTS; r++)
            cr_assert_eq(found[r], r < (round + 1) * AT_ONCE ? PER_REQUEST - 1 : 0, "round %zu, request %zu: %u",
                         round, r, found[r]);
    }
    fixture_close(&fixture);
    arena_free(arena);
}

/* ---- crashes ---- */

/* What parent and child share: which requests were answered. */
struct shared { _Atomic uint8_t is_answered[1 << 20]; };

static struct shared *share(void)
{
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(at != MAP_FAILED);
    return at;
}

enum { CRASH_REQUESTS = 3 };

static _Noreturn void put_until_crash(const char *path, unsigned nth, struct shared *shared)
{
    static struct fixture fixture;
    crash_at(nth);
    fixture_open(&fixture, path);
    for (size_t r = 0; r < CRASH_REQUESTS; r++) {
        struct parcel parcel = request_of(r);
        struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
        if (outcome.err.code != ERR_NONE) _exit(1);
        shared->is_answered[r] = 1;
    }
    fixture_close(&fixture);
    _exit(0);
}

Test(ingest_fault, a_crash_at_any_point_loses_nothing_that_was_answered)
{
    bool reached_end = false;
    for (unsigned nth = 1; !reached_end; nth++) {
        struct shared *shared = share();
        char name[32];
        static struct fixture fixture;
        int status = 0;
        cr_assert_lt(nth, MOST_FAULTS);
        snprintf(name, sizeof name, "crash%u.holdfast", nth);
        const char *path = support_path(name);
        pid_t child = fork();
        if (child == 0) put_until_crash(path, nth, shared);
        waitpid(child, &status, 0);
        cr_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 99 || WEXITSTATUS(status) == 0), "status %d",
                  status);
        reached_end = WEXITSTATUS(status) == 0;
        fixture_open(&fixture, path);
        for (size_t r = 0; r < CRASH_REQUESTS; r++) {
            struct parcel parcel = request_of(r);
            struct ingest_outcome outcome = fixture_put(&fixture, &parcel);
            cr_assert_eq(outcome.n_accepted + outcome.n_repeated, PER_REQUEST - 1);
            cr_assert(outcome.n_accepted == 0 || outcome.n_repeated == 0, "half of request %zu was kept", r);
            if (shared->is_answered[r]) cr_assert_eq(outcome.n_accepted, 0, "request %zu was answered and lost",
                                                     r);
        }
        check_all(&fixture, CRASH_REQUESTS);
        fixture_close(&fixture);
        munmap(shared, sizeof *shared);
    }
}

/* ---- kill -9 ---- */

enum { KILL_BATCH = 20, KILL_IN_FLIGHT = 8 };

/* Kills this process, as the system does it, some time from now. */
static void kill_later(uint64_t us)
{
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
    struct itimerspec when = { .it_value = { .tv_sec = (time_t)(us / 1000000),
                                             .tv_nsec = (long)(us % 1000000) * 1000 } };
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &when, NULL) != 0) abort();
}

struct sending { struct shared *shared; size_t request; struct answer answer; };

static void note_answer(void *context, const struct ingest_outcome *outcome)
{
    struct sending *sending = context;
    if (outcome->err.code == ERR_NONE) sending->shared->is_answered[sending->request] = 1;
    answer_came(&sending->answer, outcome);
}

static struct parcel batch_of(size_t request)
{
    struct parcel parcel = parcel_new(KILL_BATCH);
    for (size_t i = 0; i < KILL_BATCH; i++) {
        char user[32], id[32];
        snprintf(user, sizeof user, "user %zu", (request * KILL_BATCH + i) % 977);
        snprintf(id, sizeof id, "m %zu %zu", request, i);
        parcel_add(&parcel, user, id)->quantity_milli = (int64_t)(request * KILL_BATCH + i);
    }
    return parcel;
}

/* A client that sends again what was not answered, several requests at once, until it is killed or all is done. */
static _Noreturn void send_until_killed(const char *path, size_t n_requests, uint64_t us, struct shared *shared)
{
    static struct fixture fixture;
    struct sending sending[KILL_IN_FLIGHT] = { { 0 } };
    struct err err;
    kill_later(us);
    fixture_open(&fixture, path);
    for (size_t r = 0, slot = 0; r < n_requests; r++) {
        if (shared->is_answered[r]) continue;
        struct sending *mine = &sending[slot++ % KILL_IN_FLIGHT];
        if (mine->shared && answer_wait(&mine->answer).err.code != ERR_NONE) _exit(1);
        mine->shared = shared, mine->request = r;
        answer_init(&mine->answer);
        struct parcel parcel = batch_of(r);
        if (!ingest_put(fixture.ingest, parcel.arena, &parcel.intake, text_of("test"), note_answer, mine, &err))
            _exit(2);
    }
    fixture_close(&fixture);
    _exit(0);
}

static void check_each_once(const char *path, size_t n_events)
{
    static struct fixture fixture;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint8_t *found = ARENA_ARRAY(arena, uint8_t, n_events);
    fixture_open(&fixture, path);
    struct seen seen = fixture_read(&fixture, arena);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        for (size_t i = 0; i < seen.events[p].n; i++) {
            cr_assert_lt((size_t)seen.events[p].quantity_milli[i], n_events);
            cr_assert_eq(found[seen.events[p].quantity_milli[i]]++, 0, "event %lld is there twice",
                         (long long)seen.events[p].quantity_milli[i]);
        }
    cr_assert_eq(seen.n, n_events, "%zu of %zu events are there", seen.n, n_events);
    fixture_close(&fixture);
    arena_free(arena);
}

/* HOLDFAST_KILL_EVENTS=1000000 is the long run. */
Test(ingest_fault, every_answered_event_is_there_once_however_often_the_process_is_killed)
{
    const char *wanted = getenv("HOLDFAST_KILL_EVENTS"), *path = support_path("kill.holdfast");
    size_t n_events = wanted ? strtoul(wanted, NULL, 10) : 4000, n_requests = n_events / KILL_BATCH;
    unsigned n_kills = 0;
    int status = -1;
    struct rng rng = rng_new(support_first_case().seed);
    struct shared *shared = share();
    cr_assert(n_requests > 0 && n_requests < sizeof *shared);
    while (status != 0) {
        pid_t child = fork();
        uint64_t us = 5000 + rng_below(&rng, n_events > 100000 ? 4000000 : 200000);
        if (n_kills >= 12) us += 600000000;      /* at last it may finish */
        if (child == 0) send_until_killed(path, n_requests, us, shared);
        waitpid(child, &status, 0);
        cr_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0, "status %d",
                  status);
        n_kills += WIFSIGNALED(status);
    }
    check_each_once(path, n_requests * KILL_BATCH);
    munmap(shared, sizeof *shared);
}
