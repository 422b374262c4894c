/* service.c - see service.h. */
#include "engine/service.h"

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
#include "model/overview.h"
#include "engine/journeys.h"
#include "live/live.h"
#include "hub/reading_pool.h"
#include "live/refresh.h"
#include "send/sender.h"
#include "hub/stream.h"
#include "store/setting.h"

#include <stdlib.h>
#include <string.h>

/* Readers: for the workers, and then some, so that decisions never wait for a connection that a long answer has.
 */
enum { APPLY_SLICE = 256, READERS_MOST = 16, RETRY_MS = 1000 };

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

/* ---- parts in the commit (hub/participant.h) ---- */

static void touch_linked(struct service *service, const struct taken *taken)
{
    for (size_t i = 0; i < taken->n_links; i++) {
        const uint32_t ends[] = { taken->links[i].a, taken->links[i].b };
        (void)pthread_rwlock_wrlock(&service->lock);
        live_touch(service->live, ends[0]);
        live_touch(service->live, ends[1]);
        (void)pthread_rwlock_unlock(&service->lock);
        if (atomic_load(&service->is_refreshing)) refresh_touch(service->refresh, ends, 2);
    }
}

/* ---- as of when ---- */

/* Who reads or scores next does so as of then. */
static void take_as_of(struct service *service, const struct as_of *as_of)
{
    (void)pthread_rwlock_wrlock(&service->lock);
    service->as_of = *as_of;
    live_stand(service->live, as_of_stands(as_of), as_of->end_ms);
    (void)pthread_rwlock_unlock(&service->lock);
    service->instant_ms = as_of_instant_ms(as_of, 0);
    timers_hold(service->timers, as_of_is_still(as_of));
    outbox_hold(service->outbox, as_of_is_still(as_of));
}

struct as_of service_as_of(struct service *service)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct as_of as_of = service->as_of;
    (void)pthread_rwlock_unlock(&service->lock);
    return as_of;
}

int64_t service_instant_ms(struct service *service)
{
    int64_t instant_ms = service->instant_ms;
    return instant_ms ? instant_ms : clock_now_ms(&service->options.clock);
}

struct choosing { struct service *service; enum as_of_choice choice; struct as_of as_of; };

/* An import may have moved the end; a choice may have been made. */
static bool choose(struct store *store, void *context, struct err *err)
{
    struct choosing *choosing = context;
    struct service *service = choosing->service;
    return as_of_read(store, service->log, choosing->choice, clock_now_ms(&service->options.clock),
                      &choosing->as_of, err);
}

bool service_choose_as_of(struct service *service, enum as_of_choice choice, struct err *err)
{
    struct choosing choosing = { .service = service, .choice = choice };
    /* One after the other, or who was overtaken between the file and memory would put back what was before. */
    (void)pthread_mutex_lock(&service->choosing);
    struct as_of before = service_as_of(service);
    bool ok = ingest_run(service->ingest, choose, &choosing, err);
    if (ok) take_as_of(service, &choosing.as_of);
    (void)pthread_mutex_unlock(&service->choosing);
    if (!ok) return false;
    if (before.choice != choosing.as_of.choice || before.end_ms != choosing.as_of.end_ms)
        refresh_anew(service->refresh);
    return true;
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
}

/* States and memberships are of one room: what is folded is checked, and nobody else checks until it is committed.
 */
static bool fold_and_check(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct service *service = context;
    const struct events *events = taken->events;
    (void)segment_check_enter(service->check, NULL);
    service->is_in_check = true;
    (void)pthread_rwlock_wrlock(&service->lock);
    live_begin(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    for (size_t from = 0; from < events->n; from += APPLY_SLICE) {
        size_t to = from + APPLY_SLICE < events->n ? from + APPLY_SLICE : events->n;
        (void)pthread_rwlock_wrlock(&service->lock);
        live_apply(service->live, events, from, to, taken->received_ms);
        (void)pthread_rwlock_unlock(&service->lock);
    }
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = live_correct(service->live, events, taken->received_ms, err);
    live_due(service->live, taken->received_ms);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && segment_check_take(service->check, store, taken, err);
}

static void leave_check(struct service *service)
{
    if (service->is_in_check) segment_check_leave(service->check);
    service->is_in_check = false;
}

static bool unfold(void *context, bool is_all, struct err *err)
{
    struct service *service = context;
    if (service->is_in_check) segment_check_undo(service->check);
    (void)pthread_rwlock_wrlock(&service->lock);
    bool is_back = live_undo(service->live) && !is_all;
    (void)pthread_rwlock_unlock(&service->lock);
    bool ok = is_back || live_reload(service->live, service->store, clock_now_ms(&service->options.clock),
                                     service->options.n_threads, &service->lock, err);
    leave_check(service);
    return ok;
}

static void have_folded_group(void *context, const struct taken *taken)
{
    struct service *service = context;
    (void)pthread_rwlock_wrlock(&service->lock);
    live_end(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    segment_check_committed(service->check);
    leave_check(service);
    touch_linked(service, taken);
    int64_t due_ms = live_next_due_ms(service->live);       /* which only this thread changes */
    if (due_ms != NEVER_MS) alarm_by(service->later_events, due_ms);
    reload_if_wanted(service);
}

static uint64_t digest_live(void *context)
{
    struct service *service = context;
    return live_digest(service->live);
}

static uint64_t digest_memberships(void *context)
{
    return memberships_digest(((struct service *)context)->memberships);
}

static void tell_stream(void *context, const struct taken *taken)
{
    struct service *service = context;
    const struct events *events = taken->events;
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

static void wake_refresh(void *context, const struct taken *taken)
{
    struct service *service = context;
    (void)taken;
    if (atomic_load(&service->is_refreshing)) refresh_wake(service->refresh);
}

/* Of somebody erased nothing may stay in what is folded. */
static void fold_anew(void *context)
{
    struct service *service = context;
    atomic_store(&service->is_reload_wanted, true);
}

/* ---- what falls due ---- */

static bool do_nothing(struct store *store, void *context, struct err *err)
{
    (void)store, (void)context, (void)err;
    return true;
}

static void have_folded(void *context, const struct err *result)
{
    struct service *service = context;
    (void)pthread_rwlock_rdlock(&service->lock);
    int64_t due_ms = live_next_due_ms(service->live);
    (void)pthread_rwlock_unlock(&service->lock);
    int64_t now_ms = clock_now_ms(&service->options.clock);
    alarm_set(service->later_events, result->code == ERR_NONE || due_ms > now_ms ? due_ms : now_ms + RETRY_MS);
}

/* Events whose time has come are folded after the commit of any group, one of nothing too. */
static void fold_later_events(void *context)
{
    struct service *service = context;
    struct err busy;
    if (!ingest_run_later(service->ingest, do_nothing, service, have_folded, &busy)) have_folded(service, &busy);
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
        { .name = "live", .take = fold_and_check, .undo = unfold, .committed = have_folded_group,
          .digest = digest_live, .context = service },
        { .name = "memberships", .digest = digest_memberships, .context = service },
        journeys_participant(service->journeys),
        erasing_participant(service->erasing),
        { .name = "stream", .committed = tell_stream, .context = service },
        { .name = "refresh", .committed = wake_refresh, .context = service },
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
    service->readers = reading_pool_new(service->store, READERS_MOST);
    service->later_events = alarm_new(service->scheduler, "later events", fold_later_events, service);
    service->timers = timers_new(service->scheduler);
    const struct erasing_options erasing = {
        .privacy = { service->store, service->log, service->identities, service->consents, service->profiles,
                     &service->lock },
        .scheduler = service->scheduler, .timers = service->timers, .erased = fold_anew, .context = service,
    };
    service->erasing = erasing_new(&erasing);
    const struct timer_kind erasures = erasing_timer(service->erasing);
    timers_add(service->timers, &erasures);
    const struct as_of as_of = service->as_of;
    take_as_of(service, &as_of);
    if (!experiments_open(service, &service->experiments, err) ||
        !bandits_open(settings, service->readers, service->options.now_seconds, service->started_ms,
                      &service->bandits, err) ||
        !journeys_open(service, settings, &service->journeys, err))
        return false;
    journeys_add_timers(service->journeys, service->timers);
    if (!start_ingest(service, err) || !start_refresh(service, err) ||
        !erasing_start(service->erasing, service->ingest, err))
        return false;
    timers_start(service->timers, service->ingest);
    if (!journeys_start(service->journeys, err)) return false;
    if (live_next_due_ms(service->live) != NEVER_MS)
        alarm_by(service->later_events, live_next_due_ms(service->live));
    service->overview = overview_new();
    return recommend_open(service, &service->recommend, err) && experiments_start(service->experiments, err) &&
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
        (void)!ingest_run(service->ingest, do_nothing, service, &ignored);
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
    ingest_stop(service->ingest);
    recommend_close(service->recommend);
    overview_free(service->overview);
    timers_free(service->timers);
    journeys_close(service->journeys);
    experiments_close(service->experiments);
    bandits_close(service->bandits);
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
    (void)pthread_rwlock_destroy(&service->lock);
    (void)pthread_mutex_destroy(&service->choosing), (void)pthread_mutex_destroy(&service->importing);
    free(service);
}

/* ---- what others ask ---- */

bool service_reload(struct service *service, struct err *err)
{
    atomic_store(&service->is_reload_wanted, true);
    if (!ingest_run(service->ingest, do_nothing, service, err)) return false;
    if (service->reload_result.code == ERR_NONE)
        return service_choose_as_of(service, AS_OF_UNDECIDED, err) && recommend_reload(service->recommend, err);
    *err = service->reload_result;
    return false;
}

bool service_reload_settings(struct service *service, struct err *err)
{
    struct settings settings;
    struct store *store;
    struct bandit_rule *rules;
    size_t n;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = service_read(service, &store, err);
    if (ok) {
        ok = setting_file(store, service->options.settings_path, arena, &settings, err) &&
             bandit_rules_read(&settings, arena, &rules, &n, err) &&    /* before anything is taken */
             take_settings(service, store, &settings, err) &&
             bandits_reload(service->bandits, &settings, err);
        service_read_done(service, store);
    }
    ok = ok && (!service->sender || sender_reload(service->sender, &settings, err));
    arena_free(arena);
    return ok;
}

bool service_read(struct service *service, struct store **ret_store, struct err *err)
{
    return reading_pool_take(service->readers, ret_store, err);
}

void service_read_done(struct service *service, struct store *store)
{
    reading_pool_give(service->readers, store);
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

bool service_customer(struct service *service, struct text id, uint32_t *ret_customer, struct err *err)
{
    uint32_t identity = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = identity_find(service->log, id, profiles_key(service->profiles), &identity);
    if (is_known) *ret_customer = identities_customer(service->identities, identity);
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known ||
           err_set(err, ERR_MISSING,
                   "nobody is known by this id; a browser's id is written \"anonymous:<id>\", others as "
                   "they are, e-mail addresses too");
}
