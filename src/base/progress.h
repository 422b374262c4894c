/* progress.h - how work below the commands says how far it is, without printing.
 *
 * Whoever starts a piece of work passes a progress, or NULL for silence. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    /* step is what a person would call it ("reading orders.csv"), unit what is counted ("rows").
     * total 0 means unknown.  May be called often, and from one thread at a time. */
    void (*report)(struct progress *progress, const char *step, uint64_t done, uint64_t total, const char *unit);
};

static inline void progress_report(struct progress *progress, const char *step, uint64_t done, uint64_t total,
                                   const char *unit)
{
    if (progress) progress->report(progress, step, done, total, unit);
}

#endif
