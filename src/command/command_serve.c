/* command_serve.c - holdfast serve: takes events and answers questions until it is told to stop. */
#include "server/clocks.h"
#include "command/commands.h"
#include "cli/handover.h"
#include "cli/json_out.h"
#include "server/listen.h"
#include "server/proxy.h"
#include "server/serving.h"
#include "server/workers.h"
#include "base/calendar.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "govern/access.h"
#include "hub/ingest.h"
#include "job/jobs.h"

#include <glob.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

enum { PORT_STATUS = 8 };       /* the exit status where the port is taken or may not be used */

static const char new_database[] = "shop.holdfast";

struct first_secrets { char secret[ACCESS_KINDS][ACCESS_SECRET_BYTES]; int64_t now_ms; };

static bool make_first(struct store *store, void *context, struct err *err)
{
    struct first_secrets *first = context;
    int64_t id;
    bool ok = true;
    for (unsigned kind = 0; ok && kind < ACCESS_KINDS; kind++)
        ok = access_key_make(store, (enum access_kind)kind, text_of("first"),
                             kind == ACCESS_TOKEN ? ROLE_ADMIN : ROLE_NONE, first->now_ms, 0, first->secret[kind],
                             &id, err);
    return ok;
}

/* Makes a key of each kind and an administrator's token where there are none; *ret_were_made says so. */
static bool first_secrets(struct service *service, struct arena *arena, struct first_secrets *ret_first,
                          bool *ret_were_made, struct err *err)
{
    struct store *store;
    struct access_key *keys;
    struct access_person *people;
    size_t n_keys, n_people;
    ret_first->now_ms = clock_now_ms(&service->options.clock);
    if (!service_read(service, &store, err)) return false;
    bool ok =
        access_keys(store, arena, &keys, &n_keys, err) && access_people(store, arena, &people, &n_people, err);
    *ret_were_made = ok && n_keys == 0 && n_people == 0;
    service_read_done(service, store);
    if (!*ret_were_made) return ok;
    if (!ingest_run(service->ingest, make_first, ret_first, err) || !service_read(service, &store, err))
        return false;
    ok = access_load(service->access, store, err);
    service_read_done(service, store);
    return ok;
}

/* Clients refuse a certificate that has ended, and nobody looks at it before. */
static void warn_of_certificate(const struct server *server, int64_t now_ms)
{
    static const int64_t soon_ms = 14 * MS_PER_DAY;
    int64_t end_ms = http_certificate_ends_ms(server->http);
    char end[21];
    if (end_ms == INT64_MAX || end_ms - now_ms > soon_ms) return;
    calendar_format_ms(end_ms, end);
    fprintf(stderr, "holdfast serve: the certificate %s %s%s: get another one and start again\n",
            end_ms <= now_ms ? "ended on" : "ends on", end, end_ms <= now_ms ? ", so clients refuse it" : "");
}

static void print_start(const struct invocation *invocation, const struct server *server,
                        const struct first_secrets *first)
{
    const char *address = http_address(server->http), *path = server->options.path;
    if (invocation->is_json) {
        json_t *json = json_pack("{s:s, s:s}", "address", address, "database", path);
        for (unsigned kind = 0; kind < ACCESS_KINDS; kind++)
            json_object_set_new(json, access_kind_word((enum access_kind)kind),
                                first ? json_string(first->secret[kind]) : json_null());
        json_print_take(json);
    } else {
        printf("%s is served at %s\nOpen the address in a browser to look at it.\n", path, address);
        if (first)
            printf("page key, for web pages and apps, may only send:         %s\n"
                   "write key, for your servers, also imports, joins, erases: %s\n"
                   "token, to ask and administer:                            %s\n"
                   "All are shown this once: only their hashes are kept. holdfast access makes others.\n",
                   first->secret[ACCESS_PAGE_KEY], first->secret[ACCESS_WRITE_KEY], first->secret[ACCESS_TOKEN]);
    }
    fflush(stdout);
}

static bool serve_database(struct invocation *invocation, const char **ret_path, struct err *err)
{
    glob_t found;
    if (!flag_is_given(invocation, "db") && glob("*.holdfast", 0, NULL, &found) == GLOB_NOMATCH) {
        *ret_path = new_database;
        return true;
    }
    if (!flag_is_given(invocation, "db")) globfree(&found);
    return command_database(invocation, NULL, ret_path, err);
}

static bool serve_options(struct invocation *invocation, struct server_options *ret_options, struct err *err)
{
    struct server_options options = {
        .listen = flag_text(invocation, "listen", "127.0.0.1:8080"),
        .settings_path = flag_text(invocation, "settings", NULL),
        .campaigns = flag_text(invocation, "campaigns", NULL),
        .cert_path = flag_text(invocation, "tls-cert", NULL),
        .key_path = flag_text(invocation, "tls-key", NULL),
        .n_threads = invocation->n_threads,
        .is_quiet = flag_is_given(invocation, "quiet"),
        .seed = invocation->seed,
    };
    int64_t connections, of_address, idle, keep_from;
    struct proxies *proxies;
    const char *as_of = flag_text(invocation, "as-of", NULL);
    if (as_of && !as_of_choice_of(text_of(as_of), &options.as_of))
        return err_set(err, ERR_INVALID, "--as-of '%s': want now or last-event", as_of);
    if (!proxies_read(flag_text(invocation, "trusted-proxy", NULL), invocation->arena, &proxies, err) ||
        !serve_database(invocation, &options.path, err) ||
        !flag_int(invocation, "connections", 16, 1000000, 16384, &connections, err) ||
        !flag_int(invocation, "connections-per-address", 1, 1000000, 1024, &of_address, err) ||
        !flag_int(invocation, "idle", 1, 86400, 75, &idle, err) ||
        !flag_int(invocation, "keep-from", 0, INT64_MAX, WORKERS_LARGE_SHOP, &keep_from, err) ||
        !flag_double(invocation, "rate-per-key", 0, 1e9, 50000, &options.rate_of_key, err) ||
        !flag_double(invocation, "rate-per-address", 0, 1e9, 10000, &options.rate_of_address, err))
        return false;
    options.proxies = proxies;
    options.most_connections = (unsigned)connections;
    options.most_connections_of_address = (unsigned)of_address;
    options.idle_seconds = (unsigned)idle;
    options.large_shop = (size_t)keep_from;
    *ret_options = options;
    return true;
}

/* What grows large is mapped, so that growing moves pages and copies nothing while others wait; the rest of the heap
 * is kept rather than given back and faulted in again with every group. */
static void tune_heap(void)
{
    enum { MAPPED_FROM_BYTES = 1 << 20, KEPT_BYTES = 64 << 20 };
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

/* SIGHUP: settings, journeys and templates anew; a folder that is wrong changes nothing. */
static void reload(struct server *server)
{
    struct err err;
    size_t n;
    const char *campaigns = server->options.campaigns;
    if (service_reload_settings(server->service, &err)) server_log(server, "settings", "read anew");
    else server_log(server, "settings", "stay as they were: %s", err.text);
    if (!campaigns) return;
    if (journeys_load_folder(server->service->journeys, campaigns, &n, &err))
        server_log(server, "journeys", "%zu of %s are in force", n, campaigns);
    else server_log(server, "journeys", "stay as they were: %s", err.text);
}

/* Signals come to this thread only: the others are started while they are blocked. */
static bool run_serve(struct invocation *invocation, struct err *err)
{
    struct server_options options;
    struct server *server;
    struct first_secrets first;
    bool were_made;
    sigset_t stops;
    int signal_number;
    if (!serve_options(invocation, &options, err) || !clock_set_rate(err)) return false;
    if (!listen_check(options.listen, err)) {       /* before the database is read, which may take a while */
        invocation->failure_status = err->code == ERR_INVALID ? 0 : PORT_STATUS;
        return false;
    }
    tune_heap();
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!serving_start(&options, &server, err)) return false;
    struct handover *handover = NULL;
    struct err no_handover;
    bool ok = first_secrets(server->service, invocation->arena, &first, &were_made, err);
    if (ok && !handover_start(options.path, server->service, command_find, &handover, &no_handover))
        fprintf(stderr, "holdfast serve: commands that write are refused meanwhile: %s\n", no_handover.text);
    if (ok) {
        server->jobs = jobs_new(server->service, command_find);
        warn_of_certificate(server, first.now_ms);
        print_start(invocation, server, were_made ? &first : NULL);
        while (sigwait(&stops, &signal_number) == 0 && signal_number == SIGHUP) {
            reload(server);
            service_act(server->service);
        }
        if (!options.is_quiet) server_log(server, "stop", "answering what has come, then closing");
    }
    handover_stop(handover);
    struct jobs *jobs = server->jobs;
    jobs_end(jobs);
    serving_stop(server);
    jobs_free(jobs);
    return ok;
}

static const struct flag flags[] = {
    { "listen", "ADDRESS",
      "host:port (else 127.0.0.1:8080); :8080 for all addresses, port 0 for any that is free" },
    { "campaigns", "DIR", "settings, journeys and templates: DIR/holdfast.yaml, DIR/journeys, DIR/templates" },
    { "tls-cert", "FILE", "certificate chain in PEM: serve over TLS" },
    { "tls-key", "FILE", "its private key in PEM" },
    { "as-of", "now|last-event",
      "of a history that has ended: time goes on from today, or stands at its last event and nothing is sent" },
    { "trusted-proxy", "ADDRESS,...",
      "proxies, as addresses or networks, whose X-Forwarded-For and X-Forwarded-Proto are believed" },
    { "connections", "N", "at most so many at a time (else 16384)" },
    { "connections-per-address", "N",
      "at most so many from one address (else 1024); this machine's have no limit" },
    { "idle", "SECONDS", "close a connection that is silent so long (else 75)" },
    { "keep-from", "IDS", "from so many ids on, answers that take long may be up to 15 minutes old (else 50000)" },
    { "rate-per-key", "N", "requests a second with one key or token (else 50000; 0: no limit)" },
    { "rate-per-address", "N", "requests a second from one address (else 10000; 0: no limit)" },
    { 0 },
};

const struct command command_serve = {
    .name = "serve",
    .arguments = "",
    .summary = "take events over HTTP as they happen, and answer what to do now",
    .details = "Speaks what the clients of Segment, RudderStack, Customer.io and PostHog speak: only the host "
               "changes.  In a\n"
               "folder without a database it makes shop.holdfast.  The first start prints a page key, a write key "
               "and an\n"
               "administrator's token, once.  SIGTERM or Ctrl-C: what has come is answered, then it stops.\n"
               "Exit status 8: the port is taken, or may not be used.",
    .example = "holdfast serve --listen 127.0.0.1:8080",
    .flags = flags,
    .run = run_serve,
};
