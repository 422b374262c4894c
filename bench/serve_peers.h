/* serve_peers.h - what takes the same events in on the same machine.
 *
 * Neither does what the server does: it answers when the events are on disk, known by their message ids, and
 * folded into their customers' features.
 *   SQLite      a row an event, the message id its primary key, an index by customer, one synchronised commit for
 *               100 rows; called in the process, without HTTP and without reading JSON
 *   ClickHouse  100 rows an INSERT over HTTP as JSONEachRow, into a MergeTree ordered by customer and time;
 *               answers before the rows are synchronised to disk, and keeps what is sent twice */
#ifndef BENCH_SERVE_PEERS_H
#define BENCH_SERVE_PEERS_H

struct serve_peer { const char *name; double seconds_per_event, p99_ms; };     /* NaN: not measured */

struct serve_peer serve_peer_sqlite(double seconds);
struct serve_peer serve_peer_clickhouse(double seconds);        /* says on standard error what is missing */

#endif
