/* shipping.c - all shippers at once, each on its thread; see shipping.h. */
#include "warehouse/shipper_internal.h"

#include "base/deadline.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAUSE_MS = 1000, PAUSE_MOST_MS = 15000 };

struct runner {
    struct shipping *shipping;
    struct shipper *shipper;
    pthread_t thread;
    bool is_running;
};

struct shipping {
    struct runner *runners; /* [n] */
    size_t n;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    atomic_bool is_stopping;
};

/* False when it is time to stop. */
static bool rest(struct shipping *shipping, int64_t ms)
{
    const struct timespec until = deadline_after_ms(CLOCK_REALTIME, ms);
    (void)pthread_mutex_lock(&shipping->lock);
    while (ms > 0 && !shipping->is_stopping &&
           pthread_cond_timedwait(&shipping->stopping, &shipping->lock, &until) != ETIMEDOUT)
        continue;
    bool goes_on = !shipping->is_stopping;
    (void)pthread_mutex_unlock(&shipping->lock);
    return goes_on;
}

/* What went wrong is kept where everybody can see it, once. */
static void keep_error(struct shipper *shipper, const struct err *why)
{
    struct shipper_state next = shipper->state;
    struct err ignored;
    if (strcmp(next.error, why->text) == 0) return;
    snprintf(next.error, sizeof next.error, "%.590s", why->text);
    if (!shipper_keep(shipper, &next, &ignored)) return; /* the next error tells it again */
}

static void *run(void *context)
{
    struct runner *runner = context;
    int64_t pause_ms = 0;
    parallel_give_way();
    while (rest(runner->shipping, pause_ms)) {
        bool is_done = false;
        struct err err;
        if (shipper_ship(runner->shipper, &is_done, &err)) {
            pause_ms = runner->shipper->n_rows <= SHIPPING_FEW_ROWS ? PAUSE_MS : 0;
            continue;
        }
        keep_error(runner->shipper, &err);
        pause_ms = pause_ms < PAUSE_MS ? PAUSE_MS : 2 * pause_ms < PAUSE_MOST_MS ? 2 * pause_ms : PAUSE_MOST_MS;
    }
    return NULL;
}

bool shipping_start(const struct shipping_source *source, struct shipping **ret_shipping, struct err *err)
{
    struct shipping *shipping = memory_new(1, sizeof *shipping);
    bool ok = true;
    shipping->n = source->settings->n_shards;
    shipping->runners = memory_new(shipping->n, sizeof *shipping->runners);
    (void)pthread_mutex_init(&shipping->lock, NULL);
    (void)pthread_cond_init(&shipping->stopping, NULL);
    for (size_t s = 0; ok && s < shipping->n; s++) {
        shipping->runners[s].shipping = shipping;
        ok = shipper_open(source, s, &shipping->runners[s].shipper, err);
        if (ok) shard_stop_with(shipping->runners[s].shipper->shard, &shipping->is_stopping);
    }
    for (size_t s = 0; ok && s < shipping->n; s++) {
        struct runner *runner = &shipping->runners[s];
        runner->is_running = pthread_create(&runner->thread, NULL, run, runner) == 0;
        if (!runner->is_running) ok = err_set(err, ERR_IO, "no thread can be started to ship by");
    }
    if (ok)
        *ret_shipping = shipping;
    else
        shipping_stop(shipping);
    return ok;
}

void shipping_stop(struct shipping *shipping)
{
    if (!shipping) return;
    (void)pthread_mutex_lock(&shipping->lock);
    shipping->is_stopping = true;
    (void)pthread_cond_broadcast(&shipping->stopping);
    (void)pthread_mutex_unlock(&shipping->lock);
    for (size_t s = 0; s < shipping->n; s++) {
        if (shipping->runners[s].is_running) (void)pthread_join(shipping->runners[s].thread, NULL);
        shipper_close(shipping->runners[s].shipper);
    }
    (void)pthread_cond_destroy(&shipping->stopping);
    (void)pthread_mutex_destroy(&shipping->lock);
    free(shipping->runners);
    free(shipping);
}
