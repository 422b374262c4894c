/* measuring_internal.h - people of an experiment with what they did, for measuring.h. */
#ifndef ENGINE_MEASURING_INTERNAL_H
#define ENGINE_MEASURING_INTERNAL_H

#include "base/hash_map.h"
#include "learn/margins.h"
#include "engine/measuring.h"

enum { MEASURING_WEEKS = 12 };

struct exposed { uint32_t customer, first; uint8_t arm; int64_t at_ms; bool is_mixed; };

struct measuring {
    const struct assigning         *where;
    const struct design            *design;
    const struct measuring_options *options;
    struct arena   *arena;
    struct margins  margins;
    struct exposed *people;                     /* [n] the first exposure of each customer */
    size_t          n, n_mixed;
    struct hash_map person_of;                  /* identity -> number of the person, from 1 */
    uint32_t       *identities;                 /* [n_identities] of all of them, ascending */
    size_t          n_identities;
    double         *sum[DESIGN_METRICS_MOST], *count[DESIGN_METRICS_MOST];      /* [n] within the window */
    double         *before;                     /* [n] of the covariate */
    double *weeks; /* [n x MEASURING_WEEKS] the primary metric's, by week since exposure */
    const char    **stratum;                    /* [n] NULL: unknown */
    int64_t        *stratum_ms;                 /* [n] when it was said */
    size_t n_late; /* events that became known after an exposure and are dated before it */
};

/* Who was exposed, and all their identities.  Errors: ERR_REFUSED nobody was. */
bool measuring_people(struct measuring *m, struct err *err) MUST_CHECK;
/* What they did, from the log and the messages. */
bool measuring_deeds(struct measuring *m, struct err *err) MUST_CHECK;

#endif
