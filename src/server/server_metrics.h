/* server_metrics.h - what the server counts, as Prometheus reads it (text format 0.0.4). */
#ifndef SERVER_SERVER_METRICS_H
#define SERVER_SERVER_METRICS_H

#include "server/route.h"

struct quiet_pages;
struct server_metrics;
struct warehouse_serving;
struct workers;

struct server_metrics *server_metrics_new(void);
void            server_metrics_free(struct server_metrics *metrics);      /* NULL is fine */

/* One request was answered; route NULL: there was none.  Any thread. */
void server_metrics_count(struct server_metrics *metrics, const struct route *route, int status, double seconds);

/* What the page tells of. */
struct server_figures {
    const struct service        *service;
    const struct http           *http;
    struct workers              *workers;
    struct warehouse_serving    *warehouse;     /* NULL: there is none */
    const struct server_metrics *metrics;
    struct quiet_pages          *quiet_pages;
    uint64_t                     n_log_lines_lost, n_write_keys_in_browsers;
};

/* The page, in the arena. */
struct text server_metrics_text(const struct server_figures *figures, struct arena *arena);

#endif
