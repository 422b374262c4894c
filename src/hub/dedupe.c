/* dedupe.c - see dedupe.h.  A generation is 256 open tables by the upper bits of the hash, each at most 3/4 full
 * and growing by itself; within a table the place is by the lower bits, of which the lowest says nothing.
 *
 * Not on base/hash_map.h: of five million messages that holds 54 bytes each where this holds 14, and its longest put,
 * while everybody waits for the writer, takes 300 ms where this takes 0.5. */
#include "hub/dedupe.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdlib.h>
#include <string.h>

enum { SHARDS = 256, SHARD_SHIFT = 56, FIRST_SLOTS = 16, THREADS_MOST = 64 };

struct shard { uint64_t *slots; size_t n, n_slots; };       /* 0: free; n_slots a power of two */

struct dedupe {
    struct shard newer[SHARDS], older[SHARDS];
    int64_t      newer_begun_ms;
};

static void shards_free(struct shard *shards)
{
    for (int i = 0; i < SHARDS; i++) free(shards[i].slots);
    memset(shards, 0, SHARDS * sizeof *shards);
}

/* Where the message is, or the free slot where it belongs. */
static size_t find(const struct shard *shard, uint64_t message)
{
    size_t mask = shard->n_slots - 1, at = message >> 1 & mask;
    while (shard->slots[at] && shard->slots[at] != message) at = (at + 1) & mask;
    return at;
}

static void shard_grow(struct shard *shard, size_t n_slots)
{
    struct shard larger = { memory_new(n_slots, sizeof *larger.slots), shard->n, n_slots };
    for (size_t i = 0; i < shard->n_slots; i++)
        if (shard->slots[i]) larger.slots[find(&larger, shard->slots[i])] = shard->slots[i];
    free(shard->slots);
    *shard = larger;
}

static void shard_put(struct shard *shard, uint64_t message)
{
    if (4 * (shard->n + 1) > 3 * shard->n_slots)
        shard_grow(shard, shard->n_slots ? 2 * shard->n_slots : FIRST_SLOTS);
    size_t at = find(shard, message);
    shard->n += shard->slots[at] == 0;
    shard->slots[at] = message;
}

static bool shard_has(const struct shard *shard, uint64_t message)
{
    return shard->n_slots && shard->slots[find(shard, message)] != 0;
}

/* Empties the message's slot and moves back what stands behind it, so that each is found from its own place on. */
static void shard_remove(struct shard *shard, uint64_t message)
{
    if (!shard_has(shard, message)) return;
    size_t mask = shard->n_slots - 1, hole = find(shard, message);
    for (size_t at = (hole + 1) & mask; shard->slots[at]; at = (at + 1) & mask) {
        size_t home = shard->slots[at] >> 1 & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        shard->slots[hole] = shard->slots[at];
        hole = at;
    }
    shard->slots[hole] = 0;
    shard->n--;
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

static void shard_expect(const struct shard *shard, uint64_t message)
{
    if (shard->slots) __builtin_prefetch(&shard->slots[message >> 1 & (shard->n_slots - 1)], 1);
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

static uint64_t sum_of(const struct shard *shards)
{
    uint64_t sum = 0;
    for (int i = 0; i < SHARDS; i++)
        for (size_t at = 0; at < shards[i].n_slots; at++) sum += shards[i].slots[at];
    return sum;
}

uint64_t dedupe_digest(const struct dedupe *dedupe) { return sum_of(dedupe->newer) + sum_of(dedupe->older); }
