/* reading_pool.c - see reading_pool.h. */
#include "hub/reading_pool.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

struct reading_pool {
    const struct store *store;
    pthread_mutex_t     mutex;
    pthread_cond_t      given;
    unsigned            most, n_open, n_idle;
    struct store       *idle[];         /* [most] */
};

struct reading_pool *reading_pool_new(const struct store *store, unsigned most)
{
    struct reading_pool *pool = memory_new(1, sizeof *pool + most * sizeof pool->idle[0]);
    pool->store = store;
    pool->most = most;
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_cond_init(&pool->given, NULL);
    return pool;
}

void reading_pool_free(struct reading_pool *pool)
{
    if (!pool) return;
    for (unsigned i = 0; i < pool->n_idle; i++) store_close(pool->idle[i]);
    (void)pthread_cond_destroy(&pool->given);
    (void)pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

bool reading_pool_take(struct reading_pool *pool, struct store **ret_store, struct err *err)
{
    struct store *store = NULL;
    (void)pthread_mutex_lock(&pool->mutex);
    while (pool->n_idle == 0 && pool->n_open == pool->most) (void)pthread_cond_wait(&pool->given, &pool->mutex);
    if (pool->n_idle > 0) store = pool->idle[--pool->n_idle];
    else pool->n_open++;
    (void)pthread_mutex_unlock(&pool->mutex);
    if (!store && !store_open_beside(pool->store, &store, err)) {
        (void)pthread_mutex_lock(&pool->mutex);
        pool->n_open--;
        (void)pthread_cond_signal(&pool->given);
        (void)pthread_mutex_unlock(&pool->mutex);
        return false;
    }
    *ret_store = store;
    return true;
}

void reading_pool_give(struct reading_pool *pool, struct store *store)
{
    if (!store) return;
    (void)pthread_mutex_lock(&pool->mutex);
    pool->idle[pool->n_idle++] = store;
    (void)pthread_cond_signal(&pool->given);
    (void)pthread_mutex_unlock(&pool->mutex);
}
