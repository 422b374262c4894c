/* service.c - see service.h. */
#include "engine/service.h"

#include "base/secret.h"
#include "govern/access.h"
#include "hub/ingest.h"
#include "engine/learning.h"
#include "live/live.h"
#include "hub/privacy.h"
#include "hub/reading_pool.h"
#include "live/refresh.h"
#include "hub/stream.h"
#include "store/setting.h"

#include <stdlib.h>
#include <string.h>

/* Readers: for the workers, and then some, so that decisions never wait for a connection that a long answer has. */
enum { APPLY_SLICE = 256, READERS_MOST = 16 };

#define USUAL_HOLDOUT_SHARE 0.05

/* ---- settings of decisions ---- */

static bool load_settings(struct service *service, struct err *err)
{
    char *share = NULL, *salt = NULL, made[17];
    bool ok = setting_get(service->store, "holdout_share", &share, err) &&
              setting_get(service->store, "decision_salt", &salt, err);
    service->holdout_share = USUAL_HOLDOUT_SHARE;
    if (ok && share && (!text_double(text_of(share), '.', &service->holdout_share) || service->holdout_share < 0 ||
                        service->holdout_share > 1))
        ok = err_set(err, ERR_INVALID, "the setting holdout_share is '%s'; it should be a share from 0 to 1",
                     share);
    if (ok && salt) {
        service->decision_salt = strtoull(salt, NULL, 16);
    } else if (ok) {
        secret_random(&service->decision_salt, sizeof service->decision_salt);
        snprintf(made, sizeof made, "%016llx", (unsigned long long)service->decision_salt);
        ok = setting_put(service->store, "decision_salt", made, err);
    }
    free(share);
    free(salt);
    return ok;
}

/* ---- after each commit, on the writer's thread ---- */

static void tell_stream(struct service *service, const struct events *events)
{
    for (size_t i = 0; i < events->n && stream_has_readers(service->stream); i++) {
        (void)pthread_rwlock_rdlock(&service->lock);
        struct text who = log_name(service->log, DICTIONARY_IDENTITY,
                                   identities_customer(service->identities, events->identity[i]));
        struct text kind = log_name(service->log, DICTIONARY_KIND, events->kind[i]);
        json_t *json = json_pack("{s:s%, s:s%, s:I, s:I}", "customer", who.at, who.length, "kind", kind.at,
                                 kind.length, "time_ms", (json_int_t)events->time_ms[i], "received_ms",
                                 (json_int_t)events->received_ms[i]);
        (void)pthread_rwlock_unlock(&service->lock);
        if (json && events->amount_cents && events->amount_cents[i])
            json_object_set_new(json, "amount_cents", json_integer(events->amount_cents[i]));
        char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
        if (line) stream_put(service->stream, "event", text_of(line));
        free(line);
        json_decref(json);
    }
}

static void touch_linked(struct service *service, const struct committed *committed)
{
    for (size_t i = 0; i < committed->n_links; i++) {
        const uint32_t ends[] = { committed->links[i].a, committed->links[i].b };
        (void)pthread_rwlock_wrlock(&service->lock);
        live_touch(service->live, ends[0]);
        live_touch(service->live, ends[1]);
        (void)pthread_rwlock_unlock(&service->lock);
        if (atomic_load(&service->is_refreshing)) refresh_touch(service->refresh, ends, 2);
    }
}

/* A generated set that lacks what came since, or a new model: features anew. */
static void reload_if_wanted(struct service *service)
{
    struct err err;
    bool is_wanted = atomic_exchange(&service->is_reload_wanted, false);
    if (!is_wanted && !live_is_stale(service->live)) return;
    bool ok = live_reload(service->live, service->store, clock_now_ms(&service->options.clock),
                          service->options.n_threads, &service->lock, &err);
    service->reload_result = ok ? (struct err){ 0 } : err;
    if (ok && atomic_load(&service->is_refreshing)) refresh_wake(service->refresh);
}

struct privacy service_privacy(struct service *service, struct store *store)
{
    return (struct privacy){ .store = store,
                             .log = service->log,
                             .identities = service->identities,
                             .consents = service->consents,
                             .profiles = service->profiles,
                             .lock = &service->lock };
}

void service_forget(struct service *service)
{
    atomic_store(&service->is_reload_wanted, true);
    atomic_store(&service->is_scrub_wanted, true);
    atomic_store(&service->is_erasing, true);       /* the second pass, see privacy_work */
}

/* A reader that still looks at the past keeps its bytes: then the next commit or second tries again. */
static void scrub_if_wanted(struct service *service)
{
    struct err later;
    if (atomic_load(&service->is_scrub_wanted) && privacy_scrub(service->store, &later))
        atomic_store(&service->is_scrub_wanted, false);
}

static bool work_on_privacy(struct store *store, void *context, struct err *err)
{
    struct service *service = context;
    struct privacy privacy = service_privacy(service, store);
    size_t n, n_left;
    if (!privacy_work(&privacy, clock_now_ms(&service->options.clock), &n, &n_left, err)) return false;
    if (n > 0) service_forget(service);
    atomic_store(&service->is_erasing, n_left > 0);
    return true;
}

static bool do_nothing(struct store *store, void *context, struct err *err)
{
    (void)store, (void)context, (void)err;
    return true;
}

static void nothing_more(void *context, const struct err *result)
{
    (void)context, (void)result;
}

static void after_commit(void *context, const struct committed *committed)
{
    struct service *service = context;
    const struct events *events = committed->events;
    int64_t received_ms = ingest_received_ms(service->ingest);     /* never goes back, as a clock may */
    struct err ignored;
    for (size_t from = 0; events && from < events->n; from += APPLY_SLICE) {
        size_t to = from + APPLY_SLICE < events->n ? from + APPLY_SLICE : events->n;
        (void)pthread_rwlock_wrlock(&service->lock);
        live_apply(service->live, events, from, to, received_ms);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    touch_linked(service, committed);
    (void)pthread_rwlock_wrlock(&service->lock);
    live_due(service->live, received_ms);
    (void)pthread_rwlock_unlock(&service->lock);
    reload_if_wanted(service);
    scrub_if_wanted(service);
    if (events && events->n > 0) tell_stream(service, events);
    /* A full queue leaves the request waiting in its table: the next group or the next start takes it up. */
    if (committed->n_requests > 0)
        (void)!ingest_run_later(service->ingest, work_on_privacy, service, nothing_more, &ignored);
    if (atomic_load(&service->is_refreshing)) refresh_wake(service->refresh);
}

/* ---- opening and closing ---- */

static void init_lock(struct service *service)
{
    /* Writers first: many readers must not keep the one writer waiting. */
    pthread_rwlockattr_t attributes;
    (void)pthread_rwlockattr_init(&attributes);
    (void)pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(&service->lock, &attributes);
    (void)pthread_rwlockattr_destroy(&attributes);
}

static bool open_state(struct service *service, struct err *err)
{
    const struct service_options *options = &service->options;
    return secret_start(err) && store_open(options->path, STORE_CREATE, &service->store, err) &&
           store_hold(service->store, "a server", err) &&
           log_open(service->store, &service->log, err) &&
           profiles_open(service->store, true, &service->profiles, err) &&
           identities_open(service->store, service->log, &service->identities, err) &&
           consents_open(service->store, service->log, service->identities, profiles_vault(service->profiles),
                         &service->consents, err) &&
           load_settings(service, err) &&
           access_open(service->store, &options->clock, &service->access, err) &&
           live_open(service->store, service->log, service->identities, service->started_ms, options->n_threads,
                     &service->live, err) &&
           memberships_open(service->store, &service->memberships, err) &&
           reading_pool_new(service->store, READERS_MOST, &service->readers, err);
}

static bool start_threads(struct service *service, struct err *err)
{
    const struct ingest_options ingest = {
        .store = service->store,
        .log = service->log,
        .identities = service->identities,
        .consents = service->consents,
        .profiles = service->profiles,
        .lock = &service->lock,
        .clock = service->options.clock,
        .committed = after_commit,
        .context = service,
    };
    service->stream = stream_new((uint64_t)service->started_ms * 1024, 0);
    if (!ingest_start(&ingest, &service->ingest, err)) return false;
    const struct writer writer = ingest_writer(service->ingest);
    const struct refresh_options refresh = {
        .live = service->live,
        .log = service->log,
        .identities = service->identities,
        .memberships = service->memberships,
        .lock = &service->lock,
        .writer = &writer,
        .clock = &service->options.clock,
        .stream = service->stream,
    };
    if (!refresh_start(&refresh, &service->refresh, err)) return false;
    atomic_store(&service->is_refreshing, true);
    /* What a crash left waiting. */
    return ingest_run_later(service->ingest, work_on_privacy, service, nothing_more, err) &&
           learning_start(service, &service->learning, err);
}

bool service_open(const struct service_options *options, struct service **ret_service, struct err *err)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service) return err_set(err, ERR_IO, "out of memory");
    service->options = *options;
    service->started_ms = clock_now_ms(&options->clock);
    init_lock(service);
    if (!open_state(service, err) || !start_threads(service, err)) {
        service_close(service);
        return false;
    }
    *ret_service = service;
    return true;
}

/* After one more pass of the writer nobody is on the way to tell the refresh thread anything. */
static void stop_refreshing(struct service *service)
{
    struct err ignored;
    if (atomic_exchange(&service->is_refreshing, false))
        (void)!ingest_run(service->ingest, do_nothing, service, &ignored);
    refresh_stop(service->refresh);
}

void service_close(struct service *service)
{
    if (!service) return;
    learning_stop(service->learning);
    stop_refreshing(service);
    ingest_stop(service->ingest);
    reading_pool_free(service->readers);
    stream_free(service->stream);
    memberships_close(service->memberships);
    live_close(service->live);
    access_close(service->access);
    consents_close(service->consents);
    identities_close(service->identities);
    profiles_close(service->profiles);
    log_close(service->log);
    store_close(service->store);
    (void)pthread_rwlock_destroy(&service->lock);
    free(service);
}

/* ---- what others ask ---- */

bool service_reload(struct service *service, struct err *err)
{
    atomic_store(&service->is_reload_wanted, true);
    if (!ingest_run(service->ingest, do_nothing, service, err)) return false;
    if (service->reload_result.code == ERR_NONE) return true;
    *err = service->reload_result;
    return false;
}

void service_tick(struct service *service)
{
    struct err ignored;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_due = live_next_due_ms(service->live) <= clock_now_ms(&service->options.clock) ||
                  atomic_load(&service->is_scrub_wanted);
    (void)pthread_rwlock_unlock(&service->lock);
    if (atomic_load(&service->is_erasing))
        (void)!ingest_run_later(service->ingest, work_on_privacy, service, nothing_more, &ignored);
    /* A full queue brings a commit anyway. */
    if (is_due) (void)!ingest_run_later(service->ingest, do_nothing, service, nothing_more, &ignored);
}

bool service_read(struct service *service, struct store **ret_store, struct err *err)
{
    return reading_pool_take(service->readers, ret_store, err);
}

void service_read_done(struct service *service, struct store *store)
{
    reading_pool_give(service->readers, store);
}

bool service_customer(struct service *service, struct text id, uint32_t *ret_customer, struct err *err)
{
    uint32_t identity = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = log_find(service->log, DICTIONARY_IDENTITY, id, &identity) && identity != 0;
    if (is_known) *ret_customer = identities_customer(service->identities, identity);
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known || err_set(err, ERR_MISSING,
                               "nobody is known by this id; ids that are not user ids are written "
                               "\"anonymous:<id>\"");
}
