/* parallel.h - the same job over many independent items, on several threads.
 *
 * Each item writes only what belongs to it, so the result does not depend on
 * the number of threads or on who took which item. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include "base/err.h"

#include <stdatomic.h>
#include <stddef.h>

/* Calls job(context, item, thread) for item 0..n_items-1; thread is 0..n_threads-1 and owns
 * whatever scratch the caller keeps per thread.  Items are begun in their order, so one may wait for those before it.
 * Returns when all are done.  n_threads 1 runs in
 * the calling thread; a thread that cannot be started leaves its share to the others. */
void parallel_for(unsigned n_threads, size_t n_items, void (*job)(void *context, size_t item, unsigned thread),
                  void *context);

/* The calling thread, and what it starts from now on, gives way to others: for work that nobody waits for. */
void parallel_give_way(void);

/* From now on the calling thread, and what parallel_for starts for it, is told to give up once *stop is true, which
 * it then stays; NULL: never.  Work that takes long asks between its parts, and what is not whole then is nobody's. */
void parallel_stop_by(const atomic_bool *stop);
bool parallel_is_stopped(void);
bool parallel_goes_on(struct err *err) MUST_CHECK;      /* Errors: ERR_BUSY it is to give up. */

unsigned parallel_cores(void);      /* cores this process may use, at least 1, at most 64 */

#endif
