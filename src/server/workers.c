/* workers.c - see workers.h.  Waiting requests are in the order they came; a thread takes the first whose route has
 * not its share of the threads already.  They give way to those of events and decisions when cores are short. */
#include "server/workers.h"

#include "server/route.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_OF_ROUTE = WORKERS_THREADS / 2, WAITING_OF_ROUTE = WORKERS_WAITING_MOST / 2 };

struct work {
    struct request *request;
    struct reply   *reply;
    enum handling (*handle)(struct request *request, struct reply *reply);
};

struct workers {
    pthread_mutex_t     mutex;
    pthread_cond_t      changed;        /* something came, or may run now, or the end */
    struct work         waiting[WORKERS_WAITING_MOST];      /* [n_waiting] oldest first */
    size_t              n_waiting, n_threads, n_begun;
    const struct route *running[WORKERS_THREADS];           /* by thread; NULL: none */
    bool                is_stopping;
    pthread_t           threads[WORKERS_THREADS];
};

static size_t n_running(const struct workers *workers, const struct route *route)
{
    size_t n = 0;
    for (size_t i = 0; i < WORKERS_THREADS; i++) n += workers->running[i] == route;
    return n;
}

/* Takes the first that may run; with the mutex. */
static bool take_first(struct workers *workers, struct work *ret_work)
{
    for (size_t i = 0; i < workers->n_waiting; i++) {
        if (n_running(workers, workers->waiting[i].request->route) >= THREADS_OF_ROUTE) continue;
        *ret_work = workers->waiting[i];
        workers->n_waiting--;
        memmove(workers->waiting + i, workers->waiting + i + 1,
                (workers->n_waiting - i) * sizeof workers->waiting[0]);
        return true;
    }
    return false;
}

static void *work(void *context)
{
    struct workers *workers = context;
    struct work work;
    parallel_give_way();
    pthread_mutex_lock(&workers->mutex);
    const struct route **mine = &workers->running[workers->n_begun++];
    for (;;) {
        while (!take_first(workers, &work)) {
            if (workers->is_stopping && workers->n_waiting == 0) {
                pthread_mutex_unlock(&workers->mutex);
                return NULL;
            }
            pthread_cond_wait(&workers->changed, &workers->mutex);
        }
        *mine = work.request->route;
        pthread_mutex_unlock(&workers->mutex);
        if (work.handle(work.request, work.reply) == HANDLED) request_resume(work.request);
        pthread_mutex_lock(&workers->mutex);
        *mine = NULL;
        pthread_cond_broadcast(&workers->changed);
    }
}

bool workers_start(struct workers **ret_workers, struct err *err)
{
    struct workers *workers = memory_new(1, sizeof *workers);
    pthread_mutex_init(&workers->mutex, NULL);
    pthread_cond_init(&workers->changed, NULL);
    while (workers->n_threads < WORKERS_THREADS &&
           pthread_create(&workers->threads[workers->n_threads], NULL, work, workers) == 0)
        workers->n_threads++;
    if (workers->n_threads < WORKERS_THREADS) {
        workers_stop(workers);
        return err_set(err, ERR_IO, "no more threads");
    }
    *ret_workers = workers;
    return true;
}

enum handling workers_take(struct workers *workers, struct request *request, struct reply *reply,
                           enum handling (*handle)(struct request *request, struct reply *reply))
{
    struct err err;
    size_t n_of_route = 0;
    pthread_mutex_lock(&workers->mutex);
    for (size_t i = 0; i < workers->n_waiting; i++)
        n_of_route += workers->waiting[i].request->route == request->route;
    bool has_room = workers->n_waiting < WORKERS_WAITING_MOST && n_of_route < WAITING_OF_ROUTE;
    if (has_room) {
        workers->waiting[workers->n_waiting++] = (struct work){ request, reply, handle };
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->mutex);
    if (has_room) return HANDLED_LATER;
    err_set(&err, ERR_BUSY, "too many ask for something that takes long; try again in a second");
    return reply_error(request, reply, &err, NULL);
}

size_t workers_n_waiting(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    size_t n = workers->n_waiting;
    pthread_mutex_unlock(&workers->mutex);
    return n;
}

void workers_stop(struct workers *workers)
{
    if (!workers) return;
    pthread_mutex_lock(&workers->mutex);
    workers->is_stopping = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->mutex);
    for (size_t i = 0; i < workers->n_threads; i++) pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}
