/* dedupe.c - see dedupe.h.  A generation is 256 tables by the upper bits of the hash, each growing by itself, so that
 * nobody waits while millions are moved; a slot is the hash alone, its place by the lower bits, of which the lowest says
 * nothing. */
#include "hub/dedupe.h"

#include "base/hash_map.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <stdlib.h>
#include <string.h>

enum { SHARDS = 256, SHARD_SHIFT = 56, THREADS_MOST = 64 };

static const struct hash_kind kind = { .bytes = sizeof(uint64_t), .home_shift = 1, .most_quarters = 3, .fewest = 16 };

struct dedupe {
    struct hash_slots newer[SHARDS], older[SHARDS];
    int64_t           newer_begun_ms;
};

static void shards_free(struct hash_slots *shards)
{
    for (int i = 0; i < SHARDS; i++) free(shards[i].slots);
    memset(shards, 0, SHARDS * sizeof *shards);
}

/* Where the message is, or the free slot where it belongs. */
static size_t find(const struct hash_slots *shard, uint64_t message)
{
    const uint64_t *slots = shard->slots;
    size_t at = hash_slots_home(shard, message, kind);
    while (slots[at] && slots[at] != message) at = hash_slots_next(shard, at);
    return at;
}

static void shard_put(struct hash_slots *shard, uint64_t message)
{
    hash_slots_reserve(shard, shard->n + 1, kind);
    uint64_t *slot = (uint64_t *)shard->slots + find(shard, message);
    shard->n += *slot == 0;
    *slot = message;
}

static bool shard_has(const struct hash_slots *shard, uint64_t message)
{
    return shard->n_slots && ((const uint64_t *)shard->slots)[find(shard, message)] != 0;
}

static void shard_remove(struct hash_slots *shard, uint64_t message)
{
    if (shard_has(shard, message)) hash_slots_remove(shard, find(shard, message), kind);
}

struct dedupe *dedupe_new(int64_t now_ms)
{
    struct dedupe *dedupe = memory_new(1, sizeof *dedupe);
    dedupe->newer_begun_ms = now_ms;
    return dedupe;
}

void dedupe_free(struct dedupe *dedupe)
{
    if (!dedupe) return;
    shards_free(dedupe->newer);
    shards_free(dedupe->older);
    free(dedupe);
}

bool dedupe_has(const struct dedupe *dedupe, uint64_t message)
{
    unsigned shard = (unsigned)(message >> SHARD_SHIFT);
    return shard_has(&dedupe->newer[shard], message) || shard_has(&dedupe->older[shard], message);
}

static void shard_expect(const struct hash_slots *shard, uint64_t message)
{
    if (shard->slots) __builtin_prefetch((const uint64_t *)shard->slots + hash_slots_home(shard, message, kind), 1);
}

void dedupe_expect(const struct dedupe *dedupe, uint64_t message)
{
    shard_expect(&dedupe->newer[message >> SHARD_SHIFT], message);
    shard_expect(&dedupe->older[message >> SHARD_SHIFT], message);
}

void dedupe_put(struct dedupe *dedupe, uint64_t message, int64_t received_ms)
{
    if (received_ms - dedupe->newer_begun_ms >= DEDUPE_WINDOW_MS) {
        shards_free(dedupe->older);
        if (received_ms - dedupe->newer_begun_ms < 2 * DEDUPE_WINDOW_MS)
            memcpy(dedupe->older, dedupe->newer, sizeof dedupe->older);
        else shards_free(dedupe->newer);
        memset(dedupe->newer, 0, sizeof dedupe->newer);
        dedupe->newer_begun_ms = received_ms;
    }
    shard_put(&dedupe->newer[message >> SHARD_SHIFT], message);
}

void dedupe_take_back(struct dedupe *dedupe, uint64_t message)
{
    shard_remove(&dedupe->newer[message >> SHARD_SHIFT], message);
}

size_t dedupe_n(const struct dedupe *dedupe)
{
    size_t n = 0;
    for (int i = 0; i < SHARDS; i++) n += dedupe->newer[i].n + dedupe->older[i].n;
    return n;
}

/* ---- loading ---- */

struct loading {
    struct dedupe     *dedupe;
    const struct log  *log;
    int64_t            since_ms;
    unsigned           n_threads;
    struct log_reader *readers[THREADS_MOST];
    uint64_t          *messages[LOG_PARTITIONS];
    size_t             n_messages[LOG_PARTITIONS];
    struct err         errs[THREADS_MOST];
};

static bool load_partition(struct loading *loading, unsigned partition, unsigned thread, struct err *err)
{
    struct events events;
    if (!loading->readers[thread] && !log_reader_open(loading->log, &loading->readers[thread], err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = log_read(loading->readers[thread], partition, LOG_RECEIVED | LOG_MESSAGE | LOG_REPLACED, arena, &events, err);
    uint64_t *messages = ok && events.n ? memory_new(events.n, sizeof *messages) : NULL;
    size_t n = 0;
    for (size_t i = 0; messages && i < events.n; i++)
        if (events.received_ms[i] >= loading->since_ms && events.message_hash[i] && !(events.message_hash[i] & 1))
            messages[n++] = events.message_hash[i];
    loading->messages[partition] = messages;
    loading->n_messages[partition] = n;
    arena_free(arena);
    return ok;
}

static void read_partition(void *context, size_t partition, unsigned thread)
{
    struct loading *loading = context;
    if (loading->errs[thread].code == ERR_NONE)
        (void)load_partition(loading, (unsigned)partition, thread, &loading->errs[thread]);     /* kept there */
}

/* Each item takes the tables that are its own by their number. */
static void fill_shards(void *context, size_t item, unsigned thread)
{
    struct loading *loading = context;
    (void)thread;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++)
        for (size_t i = 0; i < loading->n_messages[p]; i++) {
            uint64_t message = loading->messages[p][i];
            if ((message >> SHARD_SHIFT) % loading->n_threads != item) continue;
            shard_put(&loading->dedupe->older[message >> SHARD_SHIFT], message);
        }
}

bool dedupe_load(struct dedupe *dedupe, const struct log *log, int64_t now_ms, unsigned n_threads, struct err *err)
{
    struct loading *loading = memory_new(1, sizeof *loading);
    bool ok = true;
    loading->dedupe = dedupe, loading->log = log, loading->since_ms = now_ms - DEDUPE_WINDOW_MS;
    loading->n_threads = n_threads < 1 ? 1 : n_threads > THREADS_MOST ? THREADS_MOST : n_threads;
    parallel_for(loading->n_threads, LOG_PARTITIONS, read_partition, loading);
    parallel_for(loading->n_threads, loading->n_threads, fill_shards, loading);
    for (unsigned t = 0; t < loading->n_threads; t++) {
        if (ok && loading->errs[t].code != ERR_NONE) { *err = loading->errs[t]; ok = false; }
        log_reader_close(loading->readers[t]);
    }
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) free(loading->messages[p]);
    free(loading);
    return ok;
}

static uint64_t sum_of(const struct hash_slots *shards)
{
    uint64_t sum = 0;
    for (int i = 0; i < SHARDS; i++)
        for (size_t at = 0; at < shards[i].n_slots; at++) sum += ((const uint64_t *)shards[i].slots)[at];
    return sum;
}

uint64_t dedupe_digest(const struct dedupe *dedupe) { return sum_of(dedupe->newer) + sum_of(dedupe->older); }
