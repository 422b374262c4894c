/* warehouse_serving.c - see warehouse_serving.h. */
#include "server/warehouse_serving.h"

#include "base/memory.h"
#include "hub/ingest.h"
#include "warehouse/person_there.h"
#include "store/setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>

struct warehouse_serving {
    struct service *service;
    struct arena *arena;
    struct warehouse_settings settings;
    struct shipping_source source;
    struct shipping *shipping;
};

static bool read_settings(struct warehouse_serving *serving, bool *ret_is_there, struct err *err)
{
    struct service *service = serving->service;
    struct settings settings = { 0 };
    struct store *store;
    if (!service_read(service, &store, err)) return false;
    bool ok = setting_file(store, service->options.settings_path, serving->arena, &settings, err);
    service_read_done(service, store);
    *ret_is_there = ok && settings_section(&settings, "warehouse");
    return ok && (!*ret_is_there || warehouse_settings_read(&settings, serving->arena, &serving->settings, err));
}

bool warehouse_serving_start(struct service *service, struct warehouse_serving **ret_serving, struct err *err)
{
    struct warehouse_serving *serving = memory_new(1, sizeof *serving);
    bool is_there = false;
    *ret_serving = NULL;
    serving->service = service;
    serving->arena = arena_new(ARENA_NO_LIMIT);
    bool ok = read_settings(serving, &is_there, err);
    if (ok && is_there) {
        serving->source = (struct shipping_source){
            .settings = &serving->settings,
            .store = service->store,
            .log = service->log,
            .identities = service->identities,
            .lock = &service->lock,
            .names = { serving->settings.is_plain, profiles_key(service->profiles) },
            .writer = ingest_writer(service->ingest),
            .clock = service->options.clock,
        };
        ok = shipping_start(&serving->source, &serving->shipping, err);
    }
    if (ok && is_there)
        *ret_serving = serving;
    else
        warehouse_serving_stop(serving);
    return ok || err_context(err, "the warehouse");
}

void warehouse_serving_stop(struct warehouse_serving *serving)
{
    if (!serving) return;
    shipping_stop(serving->shipping);
    arena_free(serving->arena);
    free(serving);
}

bool warehouse_serving_status(struct warehouse_serving *serving, bool is_quick, struct arena *arena,
                              struct warehouse_status *ret_status, struct err *err)
{
    struct store *store;
    if (!serving) return err_set(err, ERR_MISSING, "the settings name no warehouse; one machine needs none");
    if (!service_read(serving->service, &store, err)) return false;
    bool ok = warehouse_status_read(&serving->source, store, is_quick, arena, ret_status, err);
    service_read_done(serving->service, store);
    return ok;
}

json_t *warehouse_serving_person(struct warehouse_serving *serving, uint32_t identity)
{
    uint32_t members[IDENTITY_MEMBERS_MOST];
    if (!serving) return NULL;
    struct service *service = serving->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n =
        identities_members_at(service->identities, identity, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    (void)pthread_rwlock_unlock(&service->lock);
    return person_there(&serving->settings, members, n);
}

/* ---- figures ---- */

static void print_each(FILE *out, const struct warehouse_status *status, const char *name, const char *type,
                       const char *help, int64_t (*figure)(const struct shard_status *))
{
    fprintf(out, "# HELP holdfast_warehouse_%s %s\n# TYPE holdfast_warehouse_%s %s\n", name, help, name, type);
    for (size_t s = 0; s < status->n; s++)
        fprintf(out, "holdfast_warehouse_%s{shard=\"%zu\"} %" PRId64 "\n", name, s + 1,
                figure(&status->shards[s]));
}

static int64_t behind_rows(const struct shard_status *shard) { return shard->behind_rows; }
static int64_t behind_seconds(const struct shard_status *shard) { return shard->behind_seconds; }
static int64_t links_behind(const struct shard_status *shard) { return shard->links_behind; }
static int64_t owed(const struct shard_status *shard) { return shard->n_owed; }
static int64_t retries(const struct shard_status *shard) { return shard->n_retries; }
static int64_t bytes(const struct shard_status *shard) { return shard->n_bytes; }
static int64_t is_failing(const struct shard_status *shard) { return shard->error != NULL; }

/* Whether what waits would fill the disk before a day has passed, if it goes on growing as it has. */
static bool is_disk_short(const struct warehouse_serving *serving, const struct warehouse_status *status)
{
    struct statvfs disk;
    int64_t seconds = 1;
    if (status->spool_events == 0 || statvfs(serving->service->options.path, &disk) != 0) return false;
    for (size_t s = 0; s < status->n; s++)
        if (status->shards[s].behind_seconds > seconds) seconds = status->shards[s].behind_seconds;
    double free_bytes = (double)disk.f_bavail * (double)disk.f_frsize;
    return (double)status->spool_bytes / (double)seconds * 86400 > free_bytes;
}

void warehouse_serving_print(struct warehouse_serving *serving, FILE *out)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct warehouse_status status;
    struct err ignored;
    if (serving && warehouse_serving_status(serving, true, arena, &status, &ignored)) {
        print_each(out, &status, "behind_rows", "gauge", "Events that the shard has not got yet.", behind_rows);
        print_each(out, &status, "behind_seconds", "gauge", "Age of the oldest of them.", behind_seconds);
        print_each(out, &status, "retries_total", "counter", "Batches that went more than once.", retries);
        print_each(out, &status, "bytes_total", "counter", "Bytes that were sent.", bytes);
        print_each(out, &status, "links_behind", "gauge", "Links between ids that the shard has not got yet.",
                   links_behind);
        print_each(out, &status, "erasures_owed", "gauge", "People who were erased here, and not there yet.", owed);
        print_each(out, &status, "failing", "gauge", "1: the last try went wrong.", is_failing);
        fprintf(out,
                "# HELP holdfast_warehouse_disk_short 1: what waits would fill the disk within a day.\n"
                "# TYPE holdfast_warehouse_disk_short gauge\nholdfast_warehouse_disk_short %d\n",
                is_disk_short(serving, &status));
    }
    arena_free(arena);
}
