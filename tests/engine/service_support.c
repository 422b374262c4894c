/* service_support.c - see service_support.h. */
#include "engine/service_support.h"
#include "base/calendar.h"
#include "intake/intake.h"
#include "simulate/simulate.h"
#include "table/import.h"

#include <pthread.h>
#include <time.h>

static int64_t now_of_test(void *context) { return *(int64_t *)context; }
static double  seconds_of_test(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return 60 * ((double)now.tv_sec + (double)now.tv_nsec * 1e-9);     /* a search for settings ends soon */
}

struct answered {
    pthread_mutex_t       mutex;
    pthread_cond_t        changed;
    bool                  is_done;
    struct ingest_outcome outcome;
};

static void answer(void *context, const struct ingest_outcome *outcome)
{
    struct answered *answered = context;
    (void)pthread_mutex_lock(&answered->mutex);
    answered->outcome = *outcome;
    answered->is_done = true;
    (void)pthread_cond_signal(&answered->changed);
    (void)pthread_mutex_unlock(&answered->mutex);
}

struct ingest_outcome service_put(struct service *service, struct arena *arena, const struct intake *intake)
{
    struct err err;
    struct answered answered = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    ASSERT_OK(ingest_put(service->ingest, arena, intake, text_of("test"), answer, &answered, &err), &err);
    (void)pthread_mutex_lock(&answered.mutex);
    while (!answered.is_done) (void)pthread_cond_wait(&answered.changed, &answered.mutex);
    (void)pthread_mutex_unlock(&answered.mutex);
    return answered.outcome;
}

struct ingest_outcome service_send(struct service *service, const char *body)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake;
    struct err err;
    const struct intake_request request = {
        .protocol = PROTOCOL_SEGMENT, .type = "batch", .body = text_of(arena_copy(arena, body)),
        .received_ms = clock_now_ms(&service->options.clock),
    };
    ASSERT_OK(intake_read(&request, arena, &intake, &err), &err);
    return service_put(service, arena, &intake);
}

struct service *service_of_test(const char *path, int64_t *now_ms)
{
    struct err err;
    struct service *service;
    const struct service_options options = { .path = path, .clock = { now_of_test, now_ms },
                                             .now_seconds = seconds_of_test, .n_threads = 2, .seed = 1,
                                             .is_retaining = true };
    ASSERT_OK(service_open(&options, &service, &err), &err);
    return service;
}

enum { SHOP_DAYS = 400, SHOP_CUSTOMERS = 300 };

void service_import_file(const char *path, const char *file, int64_t now_ms)
{
    struct err err;
    struct store *store;
    struct log *log;
    struct import_result imported;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct import_options how = { .now_ms = now_ms };
    ASSERT_OK(store_open(path, STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &log, &err), &err);
    ASSERT_OK(import_file(store, log, file, &how, arena, NULL, &imported, &err), &err);
    log_close(log);
    store_close(store);
    arena_free(arena);
}

void service_import(const char *path, int64_t now_ms)
{
    struct err err;
    struct simulation *simulation;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *folder = arena_copy(arena, support_path("shop"));
    const struct simulate_options options = { .seed = 5, .n_customers = SHOP_CUSTOMERS, .n_days = SHOP_DAYS,
                                              .first_day = now_ms / MS_PER_DAY - SHOP_DAYS };
    ASSERT_OK(simulate(&options, NULL, &simulation, &err), &err);
    ASSERT_OK(simulation_write(simulation, folder, 0, &err), &err);
    simulation_free(simulation);
    service_import_file(path, arena_format(arena, "%s/events.csv", folder), now_ms);
    arena_free(arena);
}
