/* reading_pool.h - connections for reading, shared by many threads: each is used by one at a time. */
#ifndef HUB_READING_POOL_H
#define HUB_READING_POOL_H

#include "store/store.h"

struct reading_pool;

/* At most `most` connections, opened when first needed; the store must outlive the pool. */
struct reading_pool *reading_pool_new(const struct store *store, unsigned most);
void reading_pool_free(struct reading_pool *pool);      /* all were given back; NULL is fine */

/* Waits for one if all are taken.  Errors: those of store_open_beside. */
bool reading_pool_take(struct reading_pool *pool, struct store **ret_store, struct err *err) MUST_CHECK;
void reading_pool_give(struct reading_pool *pool, struct store *store);    /* NULL is fine */

#endif
