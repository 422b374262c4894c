/* bulk.h - much at once, written into a database that holds next to nothing.
 *
 * Between the two, outside a transaction both, pages go into the file itself, not through the -wal file, which writes each
 * of them twice.  As durable and as safe; but while a transaction lasts nobody else can read the database either
 * (ERR_BUSY).  Where somebody reads it already, and in memory, nothing changes. */
#ifndef STORE_BULK_H
#define STORE_BULK_H

struct store;

void bulk_begin(struct store *store);
void bulk_end(struct store *store);

#endif
