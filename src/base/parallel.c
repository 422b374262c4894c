/* parallel.c - an atomic counter hands out the items; see parallel.h. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

enum { THREADS_MAX = 64 };

struct work {
    atomic_size_t next;
    size_t        n_items;
    void        (*job)(void *context, size_t item, unsigned thread);
    void         *context;
};

struct worker { struct work *work; unsigned thread; pthread_t id; bool is_started; };

static void *work_until_done(void *argument)
{
    struct worker *worker = argument;
    struct work *work = worker->work;
    for (size_t item; (item = atomic_fetch_add(&work->next, 1)) < work->n_items;)
        work->job(work->context, item, worker->thread);
    return NULL;
}

void parallel_for(unsigned n_threads, size_t n_items, void (*job)(void *context, size_t item, unsigned thread),
                  void *context)
{
    struct work work = { .n_items = n_items, .job = job, .context = context };
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

unsigned parallel_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
    int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}
