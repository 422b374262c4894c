/* opening.c - puts the parts of the service together, and asks them what concerns several; see service.h. */
#include "engine/service_internal.h"

#include "base/memory.h"
#include "base/secret.h"
#include "base/zones.h"
#include "decide/holdout.h"
#include "govern/access.h"
#include "govern/erasing.h"
#include "hub/ingest.h"
#include "hub/outbox.h"
#include "learn/bandits.h"
#include "learn/planned.h"
#include "engine/experiments.h"
#include "engine/learning.h"
#include "engine/recommend.h"
#include "engine/retaining.h"
#include "model/overview.h"
#include "engine/journeys.h"
#include "live/live.h"
#include "hub/reading_pool.h"
#include "live/refresh.h"
#include "live/renewal.h"
#include "send/sender.h"
#include "hub/stream.h"
#include "store/setting.h"

#include <stdlib.h>
#include <string.h>

/* Readers: for the workers, and then some, so that decisions never wait for a connection that a long answer has.
 */
enum { READERS_MOST = 16 };

/* ---- settings of decisions ---- */

/* The folder is remembered, so that commands find the same settings. */
static bool remember_campaigns(struct service *service, struct err *err)
{
    const char *campaigns = service->options.campaigns;
    if (!campaigns) return true;
    char *whole = realpath(campaigns, NULL);
    if (!whole) return err_set(err, ERR_MISSING, "%s: there is no such folder of campaigns", campaigns);
    bool ok = setting_put(service->store, SETTING_CAMPAIGNS, whole, err);
    free(whole);
    return ok;
}

static bool load_salt(struct service *service, struct err *err)
{
    char *salt = NULL, made[17];
    bool ok = setting_get(service->store, "decision_salt", &salt, err);
    if (ok && salt) {
        service->decision_salt = strtoull(salt, NULL, 16);
    } else if (ok) {
        secret_random(&service->decision_salt, sizeof service->decision_salt);
        snprintf(made, sizeof made, "%016llx", (unsigned long long)service->decision_salt);
        ok = setting_put(service->store, "decision_salt", made, err);
    }
    free(salt);
    return ok;
}

/* Exchanged whole, under the lock where somebody may look. */
static bool load_topics(struct service *service, const struct settings *settings, struct err *err)
{
    struct topics topics;
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *old = service->topics_arena;
    if (!topics_read(settings, arena, &topics, err)) {
        arena_free(arena);
        return false;
    }
    (void)pthread_rwlock_wrlock(&service->lock);
    for (size_t i = 0; i < topics.n; i++) {         /* the settings' own texts go after */
        struct topic *topic = &topics.list[i];
        topic->name = arena_copy(arena, topic->name), topic->title = arena_copy(arena, topic->title);
        topic->purpose = arena_copy(arena, topic->purpose);
    }
    service->topics = topics, service->topics_arena = arena;
    (void)pthread_rwlock_unlock(&service->lock);
    arena_free(old);
    return true;
}

/* What may change while it is served: all or nothing. */
static bool take_settings(struct service *service, struct store *store, const struct settings *settings,
                          struct err *err)
{
    double share;
    if (!holdout_share_read(store, settings, &share, err) || !load_topics(service, settings, err)) return false;
    service->holdout_share = share;
    return true;
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
    (void)pthread_mutex_init(&service->choosing, NULL), (void)pthread_mutex_init(&service->importing, NULL);
}

static bool open_state(struct service *service, struct arena *arena, struct settings *ret_settings,
                       struct err *err)
{
    const struct service_options *options = &service->options;
    return secret_start(err) && store_open(options->path, STORE_CREATE, &service->store, err) &&
           store_hold(service->store, "a server", err) &&
           log_open(service->store, &service->log, err) &&
           profiles_open(service->store, true, &service->profiles, err) &&
           identities_open(service->store, service->log, &service->identities, err) &&
           consents_open(service->store, service->log, service->identities, profiles_vault(service->profiles),
                         &service->consents, err) &&
           remember_campaigns(service, err) &&
           setting_file(service->store, options->settings_path, arena, ret_settings, err) &&
           take_settings(service, service->store, ret_settings, err) && load_salt(service, err) &&
           access_open(service->store, &options->clock, &service->access, err) &&
           as_of_read(service->store, service->log, options->as_of, service->started_ms, &service->as_of, err) &&
           live_open(service->store, service->log, service->identities, service->started_ms, options->n_threads,
                     &service->live, err) &&
           memberships_open(service->store, &service->memberships, err);
}

static bool start_ingest(struct service *service, struct err *err)
{
    const struct participant participants[] = {
        service_live_part(service),
        service_memberships_part(service),
        journeys_participant(service->journeys),
        erasing_participant(service->erasing),
        service_stream_part(service),
        service_refresh_part(service),
    };
    const struct ingest_options options = {
        .store = service->store,
        .log = service->log,
        .identities = service->identities,
        .consents = service->consents,
        .profiles = service->profiles,
        .lock = &service->lock,
        .clock = service->options.clock,
        .scheduler = service->scheduler,
        .participants = participants,
        .n_participants = sizeof participants / sizeof *participants,
    };
    return ingest_start(&options, &service->ingest, err);
}

static bool start_refresh(struct service *service, struct err *err)
{
    const struct writer writer = ingest_writer(service->ingest);
    const struct refresh_options options = {
        .live = service->live,
        .log = service->log,
        .identities = service->identities,
        .memberships = service->memberships,
        .check = service->check,
        .lock = &service->lock,
        .writer = &writer,
        .scheduler = service->scheduler,
        .stream = service->stream,
    };
    if (!refresh_start(&options, &service->refresh, err)) return false;
    atomic_store(&service->is_refreshing, true);
    return true;
}

static bool start_threads(struct service *service, const struct settings *settings, struct err *err)
{
    if (!scheduler_start(&service->options.clock, &service->scheduler, err)) return false;
    service->outbox = outbox_new(service->profiles, service->scheduler);
    service->stream = stream_new((uint64_t)service->started_ms * 1024, 0);
    service->zones = zones_new(ZONES_FOLDER);
    const struct segment_check_options check = {
        .live = service->live, .log = service->log, .identities = service->identities,
        .memberships = service->memberships, .lock = &service->lock, .stream = service->stream,
    };
    service->check = segment_check_new(&check);
    const struct renewal_options renewal = {
        .live = service->live, .store = service->store, .log = service->log, .lock = &service->lock,
        .clock = service->options.clock, .n_threads = service->options.n_threads,
    };
    service->renewal = renewal_new(&renewal);
    service->readers = reading_pool_new(service->store, READERS_MOST);
    service->later_events = alarm_new(service->scheduler, "later events", service_fold_later_events, service);
    service->timers = timers_new(service->scheduler);
    const struct erasing_options erasing = {
        .privacy = { service->store, service->log, service->identities, service->consents, service->profiles,
                     &service->lock, service_blanked, service },
        .scheduler = service->scheduler, .timers = service->timers,
    };
    service->erasing = erasing_new(&erasing);
    const struct timer_kind erasures = erasing_timer(service->erasing);
    timers_add(service->timers, &erasures);
    const struct as_of as_of = service->as_of;
    service_take_as_of(service, &as_of);
    if (!experiments_open(service, &service->experiments, err) ||
        !bandits_open(settings, service->readers, service->options.now_seconds, service->started_ms,
                      &service->bandits, err) ||
        !journeys_open(service, settings, &service->journeys, err))
        return false;
    journeys_add_timers(service->journeys, service->timers);
    if (!start_ingest(service, err) || !renewal_start(service->renewal, service->ingest, err) || !start_refresh(service, err) ||
        !erasing_start(service->erasing, service->ingest, err))
        return false;
    timers_start(service->timers, service->ingest);
    if (!journeys_start(service->journeys, err)) return false;
    if (live_next_due_ms(service->live) != NEVER_MS)
        alarm_by(service->later_events, live_next_due_ms(service->live));
    service->overview = overview_new();
    return recommend_open(service, &service->recommend, err) && experiments_start(service->experiments, err) &&
           (!service->options.is_retaining || retaining_start(service, settings, &service->retaining, err)) &&
           learning_start(service, &service->learning, err);
}

static bool may_send(void *context)
{
    struct as_of as_of = service_as_of(context);
    return !as_of_is_still(&as_of);
}

static bool start_sending(struct service *service, const struct settings *settings, struct err *err)
{
    if (!service->options.is_sending) return true;
    const struct sender_options options = {
        .outbox = service->outbox,
        .ingest = service->ingest,
        .readers = service->readers,
        .profiles = service->profiles,
        .consents = service->consents,
        .identities = service->identities,
        .log = service->log,
        .lock = &service->lock,
        .clock = service->options.clock,
        .seed = service->options.seed,
        .quiet_until = journeys_quiet_until,
        .may_send = may_send,
        .context = service,
    };
    return sender_start(&options, settings, &service->sender, err);
}

bool service_open(const struct service_options *options, struct service **ret_service, struct err *err)
{
    struct service *service = memory_new(1, sizeof *service);
    service->options = *options;
    service->started_ms = clock_now_ms(&options->clock);
    init_lock(service);
    struct settings settings;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = open_state(service, arena, &settings, err) && planned_any(service->store, &service->has_plan, err) &&
              start_threads(service, &settings, err) &&
              start_sending(service, &settings, err);
    arena_free(arena);
    if (!ok) {
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
        (void)!ingest_run(service->ingest, service_do_nothing, service, &ignored);
    refresh_stop(service->refresh);
}

void service_close(struct service *service)
{
    if (!service) return;
    scheduler_stop(service->scheduler);
    learning_stop(service->learning);
    experiments_stop(service->experiments);
    sender_stop(service->sender);
    stop_refreshing(service);
    renewal_stop(service->renewal);
    ingest_stop(service->ingest);
    renewal_free(service->renewal);
    recommend_close(service->recommend);
    overview_free(service->overview);
    timers_free(service->timers);
    journeys_close(service->journeys);
    experiments_close(service->experiments);
    bandits_close(service->bandits);
    retaining_free(service->retaining);
    erasing_free(service->erasing);
    outbox_free(service->outbox);
    alarm_free(service->later_events);
    scheduler_free(service->scheduler);
    reading_pool_free(service->readers);
    stream_free(service->stream);
    zones_free(service->zones);
    segment_check_free(service->check);
    memberships_close(service->memberships);
    live_close(service->live);
    access_close(service->access);
    consents_close(service->consents);
    identities_close(service->identities);
    profiles_close(service->profiles);
    log_close(service->log);
    store_close(service->store);
    arena_free(service->topics_arena);
    free(service->blanked);
    (void)pthread_rwlock_destroy(&service->lock);
    (void)pthread_mutex_destroy(&service->choosing), (void)pthread_mutex_destroy(&service->importing);
    free(service);
}

/* ---- what concerns several parts ---- */

bool service_reload(struct service *service, struct err *err)
{
    return renewal_run(service->renewal, err) && service_choose_as_of(service, AS_OF_UNDECIDED, NULL, err) &&
           recommend_reload(service->recommend, err);
}

bool service_reload_settings(struct service *service, struct err *err)
{
    struct settings settings;
    struct store *store;
    struct bandit_rule *rules;
    struct retention retention;
    size_t n;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = service_read(service, &store, err);
    if (ok) {
        ok = setting_file(store, service->options.settings_path, arena, &settings, err) &&
             bandit_rules_read(&settings, arena, &rules, &n, err) &&    /* before anything is taken */
             retention_read(&settings, &retention, err) &&
             take_settings(service, store, &settings, err) &&
             bandits_reload(service->bandits, &settings, err);
        service_read_done(service, store);
    }
    ok = ok && (!service->retaining || retaining_reload(service->retaining, &settings, err)) &&
         (!service->sender || sender_reload(service->sender, &settings, err));
    arena_free(arena);
    return ok;
}

static void tell_of_link(struct service *service, uint32_t a, uint32_t b)
{
    const uint32_t ends[] = { a, b };
    live_touch(service->live, a);
    live_touch(service->live, b);
    refresh_touch(service->refresh, ends, 2);
}

bool service_link(struct service *service, struct store *store, uint32_t a, uint32_t b, const char **ret_why,
                  struct err *err)
{
    enum link_result result = LINK_MADE;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = identities_link(service->identities, store, a, b, LINK_MANUAL, ingest_received_ms(service->ingest),
                              &result, ret_why, err);
    if (ok && result == LINK_MADE) tell_of_link(service, a, b);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && (result != LINK_MADE || journeys_merged(service->journeys, store, a, err));
}

bool service_unlink(struct service *service, struct store *store, uint32_t a, uint32_t b, struct err *err)
{
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok =
        identities_unlink(service->identities, store, a, b, ingest_received_ms(service->ingest), err);
    if (ok) tell_of_link(service, a, b);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok;
}
