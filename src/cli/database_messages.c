/* database_messages.c - a file of clients' messages into a database, by the writer of live ones; see database.h.
 */
#include "cli/database.h"

#include "engine/message_file.h"
#include "engine/service.h"
#include "govern/audit.h"
#include "hub/ingest.h"
#include "live/live.h"
#include "server/clocks.h"
#include "table/import_record.h"

struct keeping { const struct invocation *invocation; const struct import_result *result; };

static bool keep_record(struct store *store, void *context, struct err *err)
{
    const struct keeping *keeping = context;
    return import_record_put(store, keeping->result, NULL, 0, err) &&
           audit_put(store, clock_wall_ms(NULL), keeping->invocation->who, keeping->invocation->command->name, 0,
                     err);
}

/* Beside the writer, whose connection is its own. */
static bool read_n_events(struct service *service, uint64_t *ret_n, struct err *err)
{
    struct log_totals totals = { 0 };
    struct store *store;
    struct log *log = NULL;
    if (!service_read(service, &store, err)) return false;
    bool ok = log_open(store, &log, err) && log_totals(log, &totals, err);
    log_close(log);
    service_read_done(service, store);
    *ret_n = totals.n_events;
    return ok;
}

static bool take(struct invocation *invocation, struct service *service, const struct input *input,
                 enum protocol protocol, struct import_result *result, struct err *err)
{
    struct message_file_counts counts;
    uint64_t before, after;
    struct keeping keeping = { invocation, result };
    if (!read_n_events(service, &before, err) ||
        !message_file_take(service, input, protocol, text_of(result->source), clock_wall_ms(NULL),
                           invocation->progress, &counts, err) ||
        !read_n_events(service, &after, err))
        return false;
    result->rows = counts.n_messages;
    result->accepted = counts.n_accepted + counts.n_suppressed;
    result->repeated = counts.n_repeated;
    result->rejected = counts.n_refused;
    result->events = after - before;
    (void)pthread_rwlock_rdlock(&service->lock);
    result->customers = live_n_customers(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    if (counts.first_ms <= counts.last_ms) result->first_ms = counts.first_ms, result->last_ms = counts.last_ms;
    return ingest_run(service->ingest, keep_record, &keeping, err);
}

static bool reopen(struct database *database, struct service *service, struct err *err)
{
    bool ok = service ? store_open_beside(service->store, &database->store, err)
                      : store_open(database->path, STORE_WRITE, &database->store, err);
    return ok && log_open(database->store, &database->log, err);
}

bool database_import_messages(struct invocation *invocation, struct database *database,
                              const struct import_options *import, enum protocol protocol,
                              struct import_result *ret_result, struct err *err)
{
    const struct input *input = import->input;
    const char *name = import->name ? import->name : import_source_name(input_name(input));
    const struct service_options options = { .path = database->path,
                                             .clock = { clock_wall_ms, NULL },
                                             .now_seconds = clock_seconds,
                                             .n_threads = invocation->n_threads,
                                             .seed = invocation->seed };
    struct service *own = NULL;
    struct import_result result = { .source = arena_copy(invocation->arena, name),
                                    .shape = SHAPE_EVENTS,
                                    .dialect = "JSON, taken by the rules of live messages",
                                    .format =
                                        protocol == PROTOCOL_SEGMENT ? "Segment's messages" : "PostHog's events",
                                    .currency = "" };
    if (import->is_looked) {
        *ret_result = result;
        return true;
    }
    database_close(database);
    if (!database->service && !service_open(&options, &own, err)) return false;
    bool ok = take(invocation, own ? own : database->service, input, protocol, &result, err);
    service_close(own);
    if (!ok || !reopen(database, database->service, err)) return false;
    *ret_result = result;
    return true;
}
