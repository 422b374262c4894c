/* segment_source.h - the names that a segment's condition may use, and their values for one customer.
 *
 * Features of the live set (numbers); scores: the answer to each question that has a model, by its name, such as
 * churn or spend ("churn" even before any has), value_12m_cents and p_alive (numbers), rfm_group, cluster, stage
 * and customer_id, the id that stands for all of theirs (texts); traits (numbers or texts).  A name that is a
 * feature and a trait is the trait if the feature is made of it, else the feature; a score comes before a trait.
 * A column without a name cannot be used.  One source is used by one thread at a time.
 */
#ifndef LIVE_SEGMENT_SOURCE_H
#define LIVE_SEGMENT_SOURCE_H

#include "condition/expression.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* All callbacks are called between lock and unlock. */
struct segment_source {
    void                           *context;
    const struct expression_column *columns;            /* [n_columns] */
    size_t                          n_columns;
    size_t                          n_moving;           /* columns before this one change with time alone */
    void     (*lock)(void *context);                    /* for reading, for microseconds */
    void     (*unlock)(void *context);
    size_t   (*n_identities)(void *context);            /* customers are some of 0 .. n_identities - 1 */
    bool     (*is_current)(void *context);              /* false: make another, the features are others now */
    uint32_t (*customer_of)(void *context, uint32_t identity);
    /* The raw identities of a customer, ascending; until unlock. */
    const uint32_t *(*members_of)(void *context, uint32_t customer, size_t *ret_n);
    /* Makes a customer at an instant the one that value speaks of; false: nothing is known of them.  An
     * instant to come is fine: as if nothing happened until then. */
    bool     (*begin)(void *context, uint32_t customer, int64_t as_of_ms);
    struct expression_value (*value)(void *context, size_t column);     /* texts until unlock */
    /* begin will be called of these soon: what is known of them may be fetched. */
    void     (*expect)(void *context, const uint32_t *identities, size_t n);
    /* From now on value is asked of these columns only, which makes begin as much faster as they are few. */
    void     (*narrow)(void *context, const uint32_t *columns, size_t n);
};

struct live;
struct log;
struct identities;

/* A source over what is live, with the names there are now.
 * lock: the service's, taken for reading here and not held by the caller. */
struct segment_source *live_source_new(const struct live *live, const struct log *log,
                                       const struct identities *identities, pthread_rwlock_t *lock);
/* Another with the names of one, for another thread; it goes before that one does. */
struct segment_source *live_source_beside(const struct segment_source *source);
void                   live_source_free(struct segment_source *source);     /* NULL is fine */

/* Whether another source would have more names.  Takes the lock. */
bool live_source_is_stale(const struct segment_source *source);

#endif
