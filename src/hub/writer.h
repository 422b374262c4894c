/* writer.h - the one thread that may write to the store, as an argument.
 *
 * A job runs inside a transaction that its caller neither begins nor commits; if it fails, nothing of it
 * stays.  It changes the store, not what others keep in memory of it.  The ingest's writer thread is one (hub/ingest.h); a test's is a function that begins, runs
 * and commits at once. */
#ifndef HUB_WRITER_H
#define HUB_WRITER_H

#include "base/err.h"
#include "store/store.h"

struct writer {
    void *context;
    /* Waits until what the job wrote is durable.  Errors: the job's; those of a commit. */
    bool (*run)(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                void *job_context, struct err *err);
    /* Returns at once; done is called once, from another thread or this, with ERR_NONE if it is durable.
     * Errors: ERR_BUSY the queue is full: done will not be called. */
    bool (*run_later)(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                      void *job_context, void (*done)(void *job_context, const struct err *result),
                      struct err *err);
};

#endif
