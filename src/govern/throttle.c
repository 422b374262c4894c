/* throttle.c - see throttle.h.  A name may be in one of WAYS places of its row; rows are locked in groups. */
#include "govern/throttle.h"

#include "base/memory.h"
#include "base/hash.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { ROWS = 4096, WAYS = 4, LOCKS = 64 };

struct bucket { uint64_t name; double tokens, at_seconds; };    /* name 0: empty */

struct throttle {
    double          rate, burst;
    uint64_t        seed;
    pthread_mutex_t locks[LOCKS];       /* of row r: r % LOCKS */
    struct bucket   rows[ROWS][WAYS];
};

struct throttle *throttle_new(double rate, double burst, uint64_t seed)
{
    struct throttle *throttle = memory_new(1, sizeof *throttle);
    throttle->rate = rate;
    throttle->burst = burst;
    throttle->seed = seed;
    for (size_t i = 0; i < LOCKS; i++) pthread_mutex_init(&throttle->locks[i], NULL);
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    if (!throttle) return;
    for (size_t i = 0; i < LOCKS; i++) pthread_mutex_destroy(&throttle->locks[i]);
    free(throttle);
}

static double tokens_now(const struct throttle *throttle, const struct bucket *bucket, double now_seconds)
{
    if (bucket->name == 0) return throttle->burst;
    double passed = now_seconds - bucket->at_seconds;
    return fmin(throttle->burst, bucket->tokens + (passed > 0 ? passed : 0) * throttle->rate);
}

/* The name's bucket, filled up to now; in the place of the fullest if it has none. */
static struct bucket *bucket_of(struct throttle *throttle, uint64_t row, uint64_t name, double now_seconds)
{
    struct bucket *buckets = throttle->rows[row], *fullest = buckets;
    for (size_t i = 0; i < WAYS; i++) {
        struct bucket *bucket = &buckets[i];
        bucket->tokens = tokens_now(throttle, bucket, now_seconds);
        bucket->at_seconds = now_seconds;
        if (bucket->name == name) return bucket;
        if (bucket->tokens > fullest->tokens) fullest = bucket;
    }
    *fullest = (struct bucket){ name, throttle->burst, now_seconds };
    return fullest;
}

bool throttle_take(struct throttle *throttle, struct text name, double now_seconds, unsigned *ret_wait_seconds)
{
    if (!throttle) return true;
    uint64_t hash = hash_bytes(name.at, name.length, throttle->seed), row = hash % ROWS;
    pthread_mutex_lock(&throttle->locks[row % LOCKS]);
    struct bucket *bucket = bucket_of(throttle, row, hash ? hash : 1, now_seconds);
    double missing = 1 - bucket->tokens;
    if (missing <= 0) bucket->tokens--;
    pthread_mutex_unlock(&throttle->locks[row % LOCKS]);
    if (missing <= 0) return true;
    double wait = ceil(missing / throttle->rate);
    *ret_wait_seconds = wait < 1 ? 1 : wait > 3600 ? 3600 : (unsigned)wait;
    return false;
}
