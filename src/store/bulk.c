/* bulk.c - see bulk.h. */
#include "store/bulk.h"

#include "store/store_internal.h"

static bool run(struct store *store, const char *sql)
{
    store_use(store);
    bool ok = sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
    store_use_no_more(store);
    return ok;
}

/* Pages that are new are in no journal: where there were next to none before, each is written once.  EXTRA syncs the
 * folder too, so that the journal that the commit removes does not come back. */
void bulk_begin(struct store *store)
{
    store->is_bulk = !store->is_memory && run(store, "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = DELETE");
    if (!store->is_bulk) bulk_end(store);
}

bool store_begin_bulk(struct store *store)
{
    if (run(store, "BEGIN EXCLUSIVE")) return true;
    bulk_end(store);
    return false;
}

/* Whoever opens the database next does the same. */
void bulk_end(struct store *store)
{
    store->is_bulk = false;
    if (!store->is_memory) (void)run(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
}
