/* server.h - what the running server has beside the service: limits, figures, its log. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "server/http.h"
#include "engine/service.h"
#include "govern/throttle.h"

#include <stdatomic.h>

#define SESSION_COOKIE "holdfast_session"

struct jobs;
struct quiet_pages;
struct server_metrics;
struct warehouse_serving;
struct workers;

struct server_options {
    const char *path;               /* of the database; made if absent */
    const char *settings_path, *campaigns;          /* as in service_options */
    const char *listen, *cert_path, *key_path;
    unsigned    n_threads, most_connections, most_connections_of_address, idle_seconds;
    const struct proxies *proxies;  /* who is believed whom it speaks for (proxy.h) */
    double      rate_of_key, rate_of_address;       /* requests a second; 0: no limit; burst is two seconds' worth */
    enum as_of_choice as_of;        /* service_options */
    size_t      large_shop;         /* from so many ids on answers may be kept (workers.h) */
    bool        is_quiet;           /* log failures of ours only */
    uint64_t    seed;
};

struct server {
    struct server_options options;
    struct service  *service;
    struct warehouse_serving *warehouse;        /* NULL: the settings name none */
    struct http *_Atomic http;      /* NULL until it listens; a request may come before that is known */
    struct server_metrics  *metrics;
    struct workers  *workers;       /* for routes that are slow */
    struct jobs     *_Atomic jobs;  /* commands it runs for people (job/jobs.h); NULL until they can be */
    struct throttle *of_key, *of_address;           /* requests; NULL: no limit */
    struct throttle *failures;                      /* wrong keys and tokens, by address */
    struct throttle *warnings;                      /* lines about one key, by its id */
    /* Passwords tried: by name from an address, by address, by name, by anybody. */
    struct throttle *logins, *login_addresses, *login_names, *all_logins;
    _Atomic bool     is_ready;
    _Atomic uint64_t n_log_lines_lost;
    struct quiet_pages *quiet_pages;                /* that ask where to send, and send nothing */
    _Atomic uint64_t n_write_keys_in_browsers;      /* requests with a server's key from a browser */
    _Atomic unsigned n_ticks, failing_ticks;        /* failing: to go until it is ready again, if nothing fails */
    _Atomic uint64_t n_failed;                      /* groups, at the last tick */
    unsigned         most_connections;              /* since memory was given back; of the thread that ticks */
};

/* A line on standard error: time, word, text.  Never waits: a reader that does not read loses lines. */
void server_log(struct server *server, const char *word, const char *form, ...) PRINTF_LIKE(3, 4);

#endif
