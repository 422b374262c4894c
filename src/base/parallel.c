/* parallel.c - an atomic counter hands out the items; see parallel.h. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>

enum { THREADS_MAX = 64 };

static _Thread_local const atomic_bool *stop_of_thread;

struct work {
    atomic_size_t next;
    size_t        n_items;
    void        (*job)(void *context, size_t item, unsigned thread);
    void         *context;
    const atomic_bool *stop;
};

struct worker { struct work *work; unsigned thread; pthread_t id; bool is_started; };

static void *work_until_done(void *argument)
{
    struct worker *worker = argument;
    struct work *work = worker->work;
    stop_of_thread = work->stop;
    for (size_t item; (item = atomic_fetch_add(&work->next, 1)) < work->n_items;)
        work->job(work->context, item, worker->thread);
    return NULL;
}

void parallel_for(unsigned n_threads, size_t n_items, void (*job)(void *context, size_t item, unsigned thread),
                  void *context)
{
    struct work work = { .n_items = n_items, .job = job, .context = context, .stop = stop_of_thread };
    struct worker workers[THREADS_MAX] = { 0 };
    if (n_threads > THREADS_MAX) n_threads = THREADS_MAX;
    if (n_threads > n_items) n_threads = (unsigned)n_items;
    for (unsigned i = 0; i < n_threads; i++) workers[i] = (struct worker){ .work = &work, .thread = i };
    for (unsigned i = 1; i < n_threads; i++)
        workers[i].is_started = pthread_create(&workers[i].id, NULL, work_until_done, &workers[i]) == 0;
    if (n_items > 0) work_until_done(&workers[0]);
    for (unsigned i = 1; i < n_threads; i++)
        if (workers[i].is_started) pthread_join(workers[i].id, NULL);
}

void parallel_give_way(void)
{
    enum { NICENESS = 10 };
    (void)setpriority(PRIO_PROCESS, 0, NICENESS);       /* of the thread alone, on Linux; else it is only slower */
}

void parallel_stop_by(const atomic_bool *stop) { stop_of_thread = stop; }
bool parallel_is_stopped(void)                 { return stop_of_thread && atomic_load(stop_of_thread); }

bool parallel_goes_on(struct err *err)
{
    return !parallel_is_stopped() ||
           err_set(err, ERR_BUSY, "it was stopped before it was done, and nothing of it is kept: ask for it again");
}

unsigned parallel_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
    int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}
