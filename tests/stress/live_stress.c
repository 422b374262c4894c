/* live_stress.c - one thread that commits, folds, links and reloads, others that read rows, traits and scores and
 * one that scores the touched, all under the one lock: for the thread sanitizer.  Every row read is checked
 * against what must hold of any instant.  live_stress [SECONDS]; says "passed" at its end. */
#include "base/calendar.h"
#include "base/rng.h"
#include "live/live.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IDENTITIES = 300, READERS = 3, GROUP_EVENTS = 60, ROOM = 4000 };

struct stress {
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct live       *live;
    pthread_rwlock_t   lock;
    _Atomic int64_t    now_ms;
    uint32_t           identity[IDENTITIES];
    uint16_t           kind[3];         /* order, visit, traits */
    _Atomic bool       is_over;
    _Atomic uint64_t   n_rows, n_scored;
};

static void need(bool done, const char *what, const struct err *err)
{
    if (done) return;
    fprintf(stderr, "live_stress: %s: %s\n", what, err ? err->text : "does not hold");
    exit(1);
}

static void write_group(struct stress *s, struct rng *rng)
{
    struct err err;
    int64_t received[GROUP_EVENTS], time[GROUP_EVENTS], cents[GROUP_EVENTS];
    uint32_t identity[GROUP_EVENTS], end[GROUP_EVENTS], n_bytes = 0;
    uint16_t kind[GROUP_EVENTS];
    uint64_t message[GROUP_EVENTS] = { 0 };
    char properties[GROUP_EVENTS * 40];
    s->now_ms += 1 + (int64_t)rng_below(rng, 1000);
    for (int i = 0; i < GROUP_EVENTS; i++) {
        received[i] = s->now_ms;
        time[i] = s->now_ms - (int64_t)rng_below(rng, 100000) + (rng_below(rng, 50) == 0 ? 50000 : 0);
        identity[i] = s->identity[rng_below(rng, IDENTITIES)];
        kind[i] = s->kind[rng_below(rng, 3)];
        cents[i] = kind[i] == s->kind[0] ? 100 : 0;
        if (kind[i] == s->kind[2])
            n_bytes += (uint32_t)snprintf(properties + n_bytes, 40, "{\"level\":%d}", (int)rng_below(rng, 9));
        end[i] = n_bytes;
    }
    const struct events events = { .n = GROUP_EVENTS, .received_ms = received, .time_ms = time,
                                   .identity = identity, .kind = kind, .amount_cents = cents,
                                   .message_hash = message,
                                   .properties_end = end, .properties_bytes = properties };
    need(store_begin(s->store, &err) && log_append(s->log, &events, &err) && store_commit(s->store, &err),
         "commit", &err);
    for (size_t from = 0; from < GROUP_EVENTS; from += 16) {
        pthread_rwlock_wrlock(&s->lock);
        live_apply(s->live, &events, from, from + 16 < GROUP_EVENTS ? from + 16 : GROUP_EVENTS, s->now_ms);
        pthread_rwlock_unlock(&s->lock);
    }
    pthread_rwlock_wrlock(&s->lock);
    live_due(s->live, s->now_ms);
    pthread_rwlock_unlock(&s->lock);
}

static void link_two(struct stress *s, struct rng *rng)
{
    struct err err;
    enum link_result result;
    const char *why;
    uint32_t a = s->identity[rng_below(rng, IDENTITIES)], b = s->identity[rng_below(rng, IDENTITIES)];
    need(store_begin(s->store, &err), "begin", &err);
    pthread_rwlock_wrlock(&s->lock);
    bool links = rng_below(rng, 2) == 0;
    bool ok = links ? identities_link(s->identities, s->store, a, b, LINK_MERGE, s->now_ms, &result, &why, &err)
                    : identities_unlink(s->identities, s->store, a, b, s->now_ms, &err);
    if (ok) live_touch(s->live, a), live_touch(s->live, b);
    pthread_rwlock_unlock(&s->lock);
    need(ok || (!links && err.code == ERR_MISSING), "link", &err);
    need(store_commit(s->store, &err), "commit", &err);
}

static void *write_all(void *context)
{
    struct stress *s = context;
    struct rng rng = rng_new(1);
    struct err err;
    for (int group = 0; !s->is_over; group++) {
        write_group(s, &rng);
        link_two(s, &rng);
        if (live_is_stale(s->live) || group % 50 == 49)
            need(live_reload(s->live, s->store, s->now_ms, 2, &s->lock, &err), "reload", &err);
    }
    return NULL;
}

/* Orders are of 1.00 each: whatever the instant, the sum is the count. */
static void check_row(const struct stress *s, const float *row)
{
    size_t count, sum;
    const struct feature_set *set = live_set(s->live);
    if (feature_find(set, "order_count", &count) && feature_find(set, "order_amount_sum", &sum))
        need(row[count] == row[sum], "the sum of the orders", NULL);
}

static void *read_all(void *context)
{
    struct stress *s = context;
    struct rng rng = rng_new(2);
    float row[ROOM];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    while (!s->is_over) {
        struct live_trait *traits;
        uint32_t identity = s->identity[rng_below(&rng, IDENTITIES)];
        pthread_rwlock_rdlock(&s->lock);
        if (live_set(s->live)) need(feature_set_size(live_set(s->live)) <= ROOM, "room for a row", NULL);
        if (live_row(s->live, identity, s->now_ms, row)) check_row(s, row);
        size_t n = live_traits(s->live, identity, arena, &traits);
        for (size_t i = 0; i < n; i++) need(traits[i].number >= 0 && traits[i].number < 9, "a trait", NULL);
        (void)live_value(s->live, identity);
        (void)live_n_customers(s->live);
        pthread_rwlock_unlock(&s->lock);
        arena_reset(arena);
        s->n_rows++;
    }
    arena_free(arena);
    return NULL;
}

static void *score_touched(void *context)
{
    struct stress *s = context;
    uint32_t customers[32];
    float row[ROOM];
    double sums[32];
    while (!s->is_over) {
        pthread_rwlock_rdlock(&s->lock);
        size_t n = live_touched(s->live, customers, 32);
        for (size_t i = 0; i < n; i++)
            sums[i] = live_row(s->live, customers[i], s->now_ms, row) ? (double)row[0] : 0;
        pthread_rwlock_unlock(&s->lock);
        pthread_rwlock_wrlock(&s->lock);
        for (size_t i = 0; i < n; i++)
            live_value_put(s->live, customers[i], &(struct live_value){ .value_cents = sums[i], .p_alive = sums[i],
                                                                        .valued_ms = s->now_ms, .stage = "new" });
        pthread_rwlock_unlock(&s->lock);
        s->n_scored += n;
        if (n == 0) nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    return NULL;
}

static void open_all(struct stress *s)
{
    static const char *const kinds[] = { "order", "visit", "traits" };
    struct err err;
    uint32_t kind;
    need(store_open(":memory:", STORE_CREATE, &s->store, &err), "open", &err);
    need(log_open(s->store, &s->log, &err), "open", &err);
    for (int i = 0; i < IDENTITIES; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        need(log_intern(s->log, DICTIONARY_IDENTITY, text_of(name), &s->identity[i], &err), "intern", &err);
    }
    for (int i = 0; i < 3; i++) {
        need(log_intern(s->log, DICTIONARY_KIND, text_of(kinds[i]), &kind, &err), "intern", &err);
        s->kind[i] = (uint16_t)kind;
    }
    s->now_ms = 19000 * MS_PER_DAY;
    need(identities_open(s->store, s->log, &s->identities, &err), "open", &err);
    need(live_open(s->store, s->log, s->identities, s->now_ms, 2, &s->live, &err), "open", &err);
}

int main(int n_arguments, char **arguments)
{
    struct stress s = { .is_over = false };
    pthread_t threads[READERS + 2];
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&s.lock, &attributes);
    open_all(&s);
    pthread_create(&threads[0], NULL, write_all, &s);
    pthread_create(&threads[1], NULL, score_touched, &s);
    for (int i = 0; i < READERS; i++) pthread_create(&threads[2 + i], NULL, read_all, &s);
    nanosleep(&(struct timespec){ .tv_sec = n_arguments > 1 ? strtol(arguments[1], NULL, 10) : 5 }, NULL);
    s.is_over = true;
    for (int i = 0; i < READERS + 2; i++) pthread_join(threads[i], NULL);
    printf("passed: %llu events folded, %llu rows read, %llu customers scored, %llu reloads\n",
           (unsigned long long)live_n_events(s.live), (unsigned long long)s.n_rows, (unsigned long long)s.n_scored,
           (unsigned long long)live_generation(s.live) - 1);
    live_close(s.live);
    identities_close(s.identities);
    log_close(s.log);
    store_close(s.store);
    pthread_rwlock_destroy(&s.lock);
    pthread_rwlockattr_destroy(&attributes);
    return 0;
}
