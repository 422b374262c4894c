/* server_metrics.h - what the server counts, as Prometheus reads it (text format 0.0.4). */
#ifndef SERVER_SERVER_METRICS_H
#define SERVER_SERVER_METRICS_H

#include "server/route.h"
#include "server/server.h"

struct server_metrics;

struct server_metrics *server_metrics_new(void);
void            server_metrics_free(struct server_metrics *metrics);      /* NULL is fine */

/* One request was answered; route NULL: there was none.  Any thread. */
void server_metrics_count(struct server_metrics *metrics, const struct route *route, int status, double seconds);

/* The page, in the arena. */
struct text server_metrics_text(const struct server *server, struct arena *arena);

#endif
